"""The map pen: a constant Folium base map and one layer of ours."""

from dashboard.webmap.basemap import (
    SCRIPT_URL,
    base_map,
    expect_call,
    links,
    pack_drawing,
    script_bundle,
    show_call,
)
from dashboard.webmap.offline import install as prepare_folium
from dashboard.webmap.payload import drawing_payload, key_of, layers_on

__all__ = [
    "SCRIPT_URL",
    "base_map",
    "drawing_payload",
    "expect_call",
    "key_of",
    "layers_on",
    "links",
    "pack_drawing",
    "prepare_folium",
    "script_bundle",
    "show_call",
]
