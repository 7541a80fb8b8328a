"""The map pen: a constant Folium base map and one layer of ours."""

from dashboard.webmap.basemap import base_map, links, script_bundle, show_call
from dashboard.webmap.offline import install as prepare_folium
from dashboard.webmap.payload import drawing_payload, encode, layers_on

__all__ = [
    "base_map",
    "drawing_payload",
    "encode",
    "layers_on",
    "links",
    "prepare_folium",
    "script_bundle",
    "show_call",
]
