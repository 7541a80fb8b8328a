"""The map's frame: what it is sent with every run is small, and what it fetches once is whole and in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.settings import STATIC_FOLDER
from dashboard.webmap import base_map_parts, basemap, kept, script_bundle
from geodata.user_data import HOME_VARIABLE


def test_the_frame_fetches_all_scripts_at_once_in_the_order_in_which_they_build_on_each_other() -> None:
    from dashboard.map_frame import MAP_SCRIPT_URL, constant_arguments, map_script

    sent = constant_arguments()
    [address] = sent["js_links"]
    assert address.startswith(f"{MAP_SCRIPT_URL}?v=")
    vendor = STATIC_FOLDER / "vendor"
    parts = [
        (vendor / "leaflet" / "leaflet.js").read_bytes(),
        script_bundle(),
        (vendor / "layers-tree" / "L.Control.Layers.Tree.js").read_bytes(),
        json.dumps(base_map_parts()["header"]).encode(),
        base_map_parts()["script"].encode(),
    ]
    places = [map_script().find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_what_never_varies_is_not_sent_with_every_move() -> None:
    from dashboard.map_frame import constant_arguments

    assert len(json.dumps(constant_arguments())) < 500


class TestKept:
    """What folium makes of the base map is kept between starts."""

    @pytest.fixture(autouse=True)
    def _own_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
        monkeypatch.setattr(basemap, "render_parts", self.rendered)
        self.renderings = 0

    def rendered(self) -> dict[str, Any]:
        self.renderings += 1
        return dict.fromkeys(kept.PARTS, f"rendering {self.renderings}")

    def start(self) -> str:
        """Ask as a new process would, and name the rendering that comes."""
        return str(kept.base_map_parts.__wrapped__()["html"])

    def test_a_second_start_renders_nothing(self) -> None:
        assert (self.start(), self.start()) == ("rendering 1", "rendering 1")

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"html": "half"}'])
    def test_a_damaged_file_is_made_anew(self, content: bytes, tmp_path: Path) -> None:
        self.start()
        [file] = (tmp_path / "cache").iterdir()
        file.write_bytes(content)
        assert (self.start(), self.start()) == ("rendering 2", "rendering 2")

    def test_another_version_renders_its_own_and_leaves_one_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.start()
        monkeypatch.setattr(kept, "version", lambda name: f"a newer {name}")
        assert (self.start(), self.start()) == ("rendering 2", "rendering 2")
        assert len(list((tmp_path / "cache").iterdir())) == 1

    def test_a_folder_that_cannot_be_written_costs_only_time(self, tmp_path: Path) -> None:
        (tmp_path / "cache").write_text("a file stands in the way")
        assert (self.start(), self.start()) == ("rendering 1", "rendering 2")


def test_what_is_kept_is_what_st_folium_sends() -> None:
    made = base_map_parts()
    assert made == basemap.render_parts()
    assert made.keys() == kept.PARTS
