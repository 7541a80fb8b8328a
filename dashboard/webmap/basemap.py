"""The map pen: one constant base map and one layer of ours. The only room that imports folium.

The base map's script never varies, because st_folium takes its identity from it: a change would build a new frame and
lose the reader's place. All that varies travels in one feature group with one call, as base64 text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.plugins import Fullscreen, TreeLayerControl
from folium.template import Template

from dashboard.drawing import Drawing
from dashboard.view import HOME, LAYERS, Layer, View
from dashboard.webmap.payload import drawing_payload, key_of, pack

STATIC = Path(__file__).parent.parent / "static"
SCRIPTS = (
    "element",
    "atlas",
    "typeface",
    "line",
    "basemap",
    "names",
    "areas",
    "marks",
    "legend",
    "record",
    "relations",
    "places",
)


#: Where our scripts are served, as one.
SCRIPT_URL = "/assets/atlas.js"


@cache
def script_bundle() -> bytes:
    """Join our scripts: st_folium loads scripts one after the other, each for 30 to 50 ms of the first paint."""
    files = [STATIC / "vendor" / "fflate" / "fflate.js", *(STATIC / "js" / f"{name}.js" for name in SCRIPTS)]
    return b"\n".join(file.read_bytes() for file in files)


def _versioned(address: str, content: bytes) -> str:
    """Add the content's hash to an address, so that a new version is never mistaken for the old."""
    return f"{address}?v={hashlib.sha256(content).hexdigest()[:10]}"


#: Zooms between which the ground is worth looking at: the whole box fills a screen; a town is a screen wide.
LEAST_ZOOM, MOST_ZOOM = 5, 17


class Atlas(JSCSSMixin, MacroElement):
    """Start our scripts on the map; constant for one version of the code."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        incidentAtlas.start({{ this._parent.get_name() }}, {{ this.home|tojson }});
        {% endmacro %}
        """
    )
    default_js = [  # noqa: RUF012 - as folium declares it
        ("atlas", _versioned(SCRIPT_URL, script_bundle()))
    ]
    default_css = [  # noqa: RUF012 - as folium declares it
        ("atlas", _versioned("/assets/css/atlas.css", (STATIC / "css" / "atlas.css").read_bytes()))
    ]

    def __init__(self) -> None:
        super().__init__()
        self._name = "Atlas"
        self.home = list(HOME)


class LayerSwitch(MacroElement):
    """Tell our scripts which layer group stands for which key of the layer tree."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        incidentAtlas.registerLayer({{ this.key|tojson }}, {{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, key: str) -> None:
        super().__init__()
        self._name = "LayerSwitch"
        self.key = key


def base_map() -> folium.Map:
    """Build the constant base map: no tiles, our ground, the layer tree, full screen, scale and coordinates."""
    longitude, latitude, zoom = HOME
    made = folium.Map(
        location=(latitude, longitude),
        zoom_start=int(zoom),  # static/js/atlas.js sets the broken one
        tiles=None,
        control_scale=True,
        zoom_control="topright",
        zoom_snap=0.2,
        zoom_delta=0.6,
        wheel_px_per_zoom_level=90,
        max_bounds=True,  # records may lie anywhere: what is counted as shown must be within reach
        min_lat=-80,
        max_lat=80,
        min_lon=-180,
        max_lon=180,
        attribution_control=False,
    )
    # folium hands its min_zoom and max_zoom to tile layers only, and this map has none.
    made.options.update(minZoom=LEAST_ZOOM, maxZoom=MOST_ZOOM)
    Fullscreen(position="topright", title="Fill the screen", title_cancel="Leave full screen").add_to(made)
    groups = {layer.key: _group(layer, made) for layer in LAYERS}
    Atlas().add_to(made)
    TreeLayerControl(overlay_tree=_tree(groups), collapsed=True, position="topright", space_symbol="").add_to(made)
    return made


def _group(layer: Layer, made: folium.Map) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=layer.label, show=layer.on, control=False)
    LayerSwitch(layer.key).add_to(group)
    group.add_to(made)
    return group


def _tree(groups: dict[str, folium.FeatureGroup]) -> list[dict[str, Any]]:
    branches: dict[str, list[dict[str, Any]]] = {}
    for layer in LAYERS:
        branches.setdefault(layer.group, []).append({"label": layer.label, "layer": groups[layer.key]})
    return [
        children[0] if len(children) == 1 else {"label": name, "select_all_checkbox": True, "children": children}
        for name, children in branches.items()
    ]


def links(element: Any) -> tuple[list[str], list[str]]:
    """List the scripts and the styles that an element and its parts load, each once, in the order of the parts."""
    parts = [part for part in _parts(element) if isinstance(part, JSCSSMixin)]
    scripts = dict.fromkeys(url for part in parts for _, url in part.default_js)
    return list(scripts), list(dict.fromkeys(url for part in parts for _, url in part.default_css))


def _parts(element: Any) -> Iterator[Any]:
    yield element
    for child in element._children.values():
        yield from _parts(child)


def pack_drawing(
    drawing: Drawing,
    view: View,
    *,
    reader: str,
    zoom: float,
    goto: tuple[float, float, float, int] | None = None,
    placed: int = 0,
    places: Mapping[str, Any] | None = None,
) -> bytes:
    """Pack all that the map of a reader needs to show a drawing.

    Parameters
    ----------
    reader
        Random name of this reader's session, by which the map tells the server its zoom.
    zoom
        Zoom for which the drawing was grouped.
    goto
        Longitude, latitude, zoom and a running number: the map moves there once for each new number.
    placed
        Raised whenever records were placed again, so that the map asks anew what lies where.
    places
        What the Places view shows (`places_view.map_part`).
    """
    extra = {"reader": reader, "zoom": zoom, "goto": goto, "placed": placed, "places": places}
    return pack({**drawing_payload(drawing, view, zoom=zoom), **extra})


def show_call(packed: bytes) -> str:
    """Write the call that hands a drawing to the map.

    Base64 because folium renders templates twice and st_folium evaluates the result: in this alphabet no text of a
    record can become a template, a script or markup (see docs/design.md, "Records are data").
    """
    return f'incidentAtlas.show("{base64.b64encode(packed).decode("ascii")}");\n'


def expect_call(packed: bytes) -> str:
    """Write the call that tells the map which drawing was handed to it over its own line (`dashboard.live`)."""
    return f'incidentAtlas.expect("{key_of(packed)}");\n'
