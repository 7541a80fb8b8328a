"""folium after ``offline.install``: no foreign address, no text executed, ordinary maps unchanged."""

from __future__ import annotations

import ast
import hashlib
import inspect
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import branca.element
import folium
import folium.map
import pytest
from branca.element import Element, Figure, Link
from folium.plugins import Fullscreen, MousePosition, TreeLayerControl

from dashboard.webmap import offline

# Each leaves a mark when it is executed, breaks the page when it is parsed, or disappears when it is a comment.
HOSTILE = [
    "{{ 'exec' ~ 'uted' }}",
    "{{ 1/0 }}",
    "{% if %}",
    "{# gone #}",
    "{{ cycler.__init__.__globals__.os.getcwd() }}",
    "20 {{units}} of {%",
]


@pytest.fixture(autouse=True)
def _offline() -> None:
    offline.install()


def ordinary_map() -> folium.Map:
    ground = folium.Map(location=(33.3, 44.4), tiles=None, control_scale=True)
    group = folium.FeatureGroup(name="Pins").add_to(ground)
    folium.Marker((33.3, 44.4), tooltip="Baghdad", popup="A town\r\nwith two lines\n").add_to(group)
    folium.CircleMarker((36.2, 44.0), radius=4, popup=folium.Popup("Erbil", parse_html=True)).add_to(group)
    TreeLayerControl(overlay_tree=[{"label": "Pins", "layer": group}]).add_to(ground)
    Fullscreen().add_to(ground)
    MousePosition().add_to(ground)
    return ground


SINKS: dict[str, Callable[[folium.Map, str], object]] = {
    "tooltip": lambda ground, text: folium.Marker((0, 0), tooltip=text).add_to(ground),
    "popup": lambda ground, text: folium.Marker((0, 0), popup=text).add_to(ground),
    "escaped popup": lambda ground, text: folium.Marker((0, 0), popup=folium.Popup(text, parse_html=True)).add_to(
        ground
    ),
    "lazy popup": lambda ground, text: folium.Marker((0, 0), popup=folium.Popup(text, lazy=True)).add_to(ground),
    "drawn icon": lambda ground, text: folium.Marker((0, 0), icon=folium.DivIcon(html=text)).add_to(ground),
    "layer name": lambda ground, text: [
        folium.FeatureGroup(name=text).add_to(ground),
        folium.LayerControl().add_to(ground),
    ],
    "property": lambda ground, text: folium.GeoJson(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"a": text}}
            ],
        },
        tooltip=folium.GeoJsonTooltip(["a"]),
    ).add_to(ground),
    "pin title": lambda ground, text: folium.Marker((0, 0), title=text).add_to(ground),
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("sink", SINKS)
def test_text_is_never_executed_as_a_template(sink: str, text: str) -> None:
    ground = folium.Map(tiles=None)
    SINKS[sink](ground, text)
    page = ground.get_root().render()
    # Quotes may have become entities or escapes on the way; braces must all have come through.
    for mark in ("{{", "{%", "{#"):
        assert (mark in page) == (mark in text)
    assert "executed" not in page


def drawn() -> tuple[list[str], str, str]:
    """Return what folium makes of the map, without the links, which are meant to change."""
    numbers = itertools.count()
    Element._generate_id = classmethod(lambda _cls: f"{next(numbers):032x}")
    root = ordinary_map().get_root()
    assert isinstance(root, Figure)
    root.render()
    header = [child.render() for child in root.header._children.values() if not isinstance(child, Link)]
    return header, root.html.render(), root.script.render()


def print_whether_a_map_stays_the_same() -> None:
    before = drawn()
    offline.install()
    print(before == drawn(), len(before[2]) > 3000)


def test_an_ordinary_map_comes_out_as_before() -> None:
    # In a process of its own, because folium is changed for a whole process.
    code = "import test_offline; test_offline.print_whether_a_map_stays_the_same()"
    assert run_here(code) == "True True\n"


def run_here(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_classes_in_use_load_only_from_here() -> None:
    for kind in (folium.Map, Fullscreen, MousePosition, TreeLayerControl):
        links = [url for _, url in (*kind.default_js, *kind.default_css)]
        assert all(url.startswith("/assets/vendor/") for url in links)


def foreign_links() -> dict[str, list[str]]:
    """Name the classes of folium that ask for files we do not have, or for another host, and what they ask for."""
    links = {
        kind.__name__: [url for _, url in (*kind.default_js, *kind.default_css)]
        for kind in offline.classes_with_links()
    }
    foreign = {
        name: [url for url in urls if url.startswith((offline.BLOCKED, "http:", "https:", "//"))]
        for name, urls in links.items()
    }
    return {name: urls for name, urls in foreign.items() if urls}


def test_a_class_without_its_files_is_blocked_and_named() -> None:
    unusable = foreign_links()
    assert {"Geocoder", "MiniMap", "HeatMap", "TimestampedGeoJson"} <= set(unusable)
    assert not {"Map", "Fullscreen", "MousePosition", "TreeLayerControl"} & set(unusable)
    assert all(url.startswith("blocked:") for urls in unusable.values() for url in urls)


def test_every_address_that_is_replaced_is_one_that_folium_asks_for() -> None:
    # Before the change, which the whole of this process has already gone through.
    code = """
import test_offline
from dashboard.webmap import offline
asked = {url for urls in test_offline.foreign_links().values() for url in urls}
print(sorted(set(offline.replacements()) - asked))
"""
    assert run_here(code) == "[]\n"


def test_a_whole_page_names_no_other_host() -> None:
    page = ordinary_map().get_root().render()
    assert "https://" not in page.replace("https://leafletjs.com", "")
    assert "http://" not in page


def test_installing_again_changes_nothing() -> None:
    before = list(folium.Map.default_js), branca.element.MacroElement.render
    offline.install()
    assert (list(folium.Map.default_js), branca.element.MacroElement.render) == before


def test_a_missing_file_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "replacements", lambda: {"https://example.org/x.js": "nowhere/x.js"})
    with pytest.raises(offline.OfflineError, match=r"nowhere/x\.js.*make setup"):
        offline.install()


def test_a_folium_that_executes_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # Literal made a template again, as an upgrade might.
    monkeypatch.setattr(offline, "Literal", Element)
    with pytest.raises(offline.OfflineError, match="executes text as a template"):
        offline.install()


def test_an_element_outside_a_figure_is_refused() -> None:
    with pytest.raises(offline.OfflineError, match="add it to a map first"):
        offline.DefaultIconPath().render()


def test_a_literal_keeps_its_text() -> None:
    figure = Figure()
    figure.html.add_child(offline.Literal("{{ 1 }}\r\n{% x\n"))
    assert "{{ 1 }}\n{% x" in figure.render()


@pytest.mark.parametrize(
    ("kind", "sha256"),
    [
        (branca.element.MacroElement, "0f7fce5585fb8dec"),
        (folium.map.Popup, "60d8cf6f7e8489a5"),
    ],
)
def test_what_we_replace_is_still_what_we_read(kind: type, sha256: str) -> None:
    """When this fails after an upgrade: read the new ``render``, bring ours in line, then write the new hash."""
    source = inspect.getsource(sys.modules[kind.__module__])
    body = next(
        node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    render = next(node for node in body.body if isinstance(node, ast.FunctionDef) and node.name == "render")
    assert hashlib.sha256(str(ast.get_source_segment(source, render)).encode()).hexdigest()[:16] == sha256
