"""The map's frame: what it is sent with every run is small, and what it fetches once is whole and in order."""

from __future__ import annotations

import json

import pytest

from dashboard.settings import STATIC_FOLDER
from dashboard.webmap import prepare_folium, script_bundle


@pytest.fixture(scope="module", autouse=True)
def own_links() -> None:
    prepare_folium()


def test_the_frame_fetches_all_scripts_at_once_in_the_order_in_which_they_build_on_each_other() -> None:
    from dashboard.map_frame import MAP_SCRIPT_URL, constant_arguments, folium_parts, map_script

    sent = constant_arguments()
    [address] = sent["js_links"]
    assert address.startswith(f"{MAP_SCRIPT_URL}?v=")
    vendor = STATIC_FOLDER / "vendor"
    parts = [
        (vendor / "leaflet" / "leaflet.js").read_bytes(),
        script_bundle(),
        (vendor / "layers-tree" / "L.Control.Layers.Tree.js").read_bytes(),
        json.dumps(folium_parts()["header"]).encode(),
        folium_parts()["script"].encode(),
    ]
    places = [map_script().find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_what_never_varies_is_not_sent_with_every_move() -> None:
    from dashboard.map_frame import constant_arguments

    assert len(json.dumps(constant_arguments())) < 500
