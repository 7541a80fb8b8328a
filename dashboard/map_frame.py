"""The map's frame on the page: st_folium's own component, fed with a base map that is rendered once and kept.

st_folium renders the base map three times on each run and reads the result with regular expressions: 15 ms of a move,
for text that never varies. A test holds what is kept equal to what st_folium sends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution
from typing import Any
from urllib.parse import urlsplit

import streamlit.components.v1 as components

from dashboard.live import first_shown
from dashboard.settings import ASSETS_URL, STATIC_FOLDER
from dashboard.webmap import SCRIPT_URL, base_map_parts, script_bundle
from geodata.boundaries import LAYERS

#: Where the frame's scripts are served, as one: they never vary, and are fetched once instead of sent with every move.
MAP_SCRIPT_URL = f"{ASSETS_URL}/base-map.js"


#: st_folium's own component, declared without importing st_folium, which imports folium (`webmap.kept`).
_component = components.declare_component(
    "st_folium", path=str(distribution("streamlit-folium").locate_file("streamlit_folium/frontend/build"))
)


@cache
def map_script() -> bytes:
    """Join all scripts of the frame, which st_folium would load one after the other, and folium's own of the base map.

    That one is a function which puts folium's styles into the page, makes the map and gives it back.
    """
    parts = base_map_parts()
    made = (
        f"window.atlasBaseMap = () => {{"
        f'document.head.insertAdjacentHTML("beforeend", {json.dumps(parts["header"])});\n'
        f"{parts['script']}\nreturn {parts['id']};\n}};\n"
    )
    return b"\n;\n".join([*map(_linked, parts["js_links"]), made.encode()])


def _linked(address: str) -> bytes:
    """Read a script of our own server."""
    path = urlsplit(address).path
    return script_bundle() if path == SCRIPT_URL else (STATIC_FOLDER / path.removeprefix(f"{ASSETS_URL}/")).read_bytes()


@cache
def constant_arguments() -> dict[str, Any]:
    """Give what the frame is sent on every run besides the drawing: the base map, its scripts by address."""
    parts = base_map_parts()
    address = f"{MAP_SCRIPT_URL}?v={hashlib.sha256(map_script()).hexdigest()[:10]}"
    return {**parts, "header": "", "script": f"var {parts['id']} = atlasBaseMap();", "js_links": [address]}


@cache
def preloads() -> str:
    """Write the Link header of the frame's page: what its scripts will ask for, one after the other's answer."""
    [script] = constant_arguments()["js_links"]
    asked = (*(f"{ASSETS_URL}/basemap/{name}.geojson" for name in LAYERS), "/api/drawing-kit")
    links = [f"<{script}>; rel=preload; as=script"]
    return ", ".join(links + [f"<{address}>; rel=preload; as=fetch; crossorigin=anonymous" for address in asked])


def show_frame(show: str, *, key: str, height_px: int, on_change: Callable[[], None]) -> None:
    """Put the map on the page, or hand it a new drawing when it is there already.

    Parameters
    ----------
    show
        The call that hands over the drawing (`webmap.show_call`); the only part that varies.
    on_change
        Called when the reader switches layers; the new value then stands in the session state under `key`.
    """
    _component(
        **constant_arguments(),
        key=key,
        height=height_px,
        width=None,
        returned_objects=[],
        default={},
        zoom=None,
        center=None,
        feature_group=show,
        return_on_hover=False,
        layer_control=None,
        pixelated=False,
        wrap_longitude=False,
        on_change=on_change,
    )
    first_shown.set()
