"""The map pen: a constant Folium base map and one layer of ours."""

from dashboard.webmap.kept import base_map_parts
from dashboard.webmap.payload import drawing_payload, expect_call, key_of, layers_on, pack_drawing, show_call
from dashboard.webmap.scripts import SCRIPT_URL, script_bundle

__all__ = [
    "SCRIPT_URL",
    "base_map_parts",
    "drawing_payload",
    "expect_call",
    "key_of",
    "layers_on",
    "pack_drawing",
    "script_bundle",
    "show_call",
]
