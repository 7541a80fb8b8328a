"""The map pen: one constant base map and one layer of ours. The only room that imports folium.

The base map's script never varies, because st_folium takes its identity from it: a change would build a new frame and
lose the reader's place. All that varies travels in one feature group with one call, as base64 text.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, ClassVar

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.plugins import Fullscreen, TreeLayerControl
from folium.template import Template

from dashboard.drawing import SHAPE_ORDER, SHAPES, Drawing
from dashboard.view import HOME, LAYERS, Layer, View
from dashboard.webmap.payload import drawing_payload, encode

STATIC = Path(__file__).parent.parent / "static"
SCRIPTS = ("atlas", "basemap", "marks", "legend", "record")


def _address(part: str, name: str) -> str:
    """Address of one of our own files, with its content's hash so that a new version is never mistaken for the old."""
    digest = hashlib.sha256((STATIC / part / name).read_bytes()).hexdigest()[:10]
    return f"/assets/{part}/{name}?v={digest}"


class Atlas(JSCSSMixin, MacroElement):
    """Start our scripts on the map; constant for one version of the code."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        incidentAtlas.start({{ this._parent.get_name() }}, {{ this.home|tojson }});
        incidentAtlas.basemap.start({{ this._parent.get_name() }});
        incidentAtlas.legend.start({{ this._parent.get_name() }}, {{ this.symbols|tojson }});
        incidentAtlas.record.start({{ this._parent.get_name() }});
        incidentAtlas.marks.start({{ this._parent.get_name() }}, {{ this.symbols|tojson }});
        {% endmacro %}
        """
    )
    default_js: ClassVar = [(name, _address("js", f"{name}.js")) for name in SCRIPTS]
    default_css: ClassVar = [("atlas", _address("css", "atlas.css"))]

    def __init__(self) -> None:
        super().__init__()
        self._name = "Atlas"
        self.home = list(HOME)
        self.symbols = [SHAPES[code] for code in SHAPE_ORDER]


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


class Show(MacroElement):
    """Hand one drawing to the map; the only part that varies."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        incidentAtlas.show("{{ this.payload }}");
        {% endmacro %}
        """
    )

    def __init__(self, payload: str) -> None:
        super().__init__()
        self._name = "Show"
        self.payload = payload


def base_map() -> folium.Map:
    """Build the constant base map: no tiles, our ground, the layer tree, full screen, scale and coordinates."""
    longitude, latitude, zoom = HOME
    made = folium.Map(
        location=(latitude, longitude),
        zoom_start=zoom,
        tiles=None,
        control_scale=True,
        zoom_control="topright",
        zoom_snap=0.2,
        zoom_delta=0.6,
        wheel_px_per_zoom_level=90,
        min_zoom=4,
        max_zoom=17,
        max_bounds=True,
        min_lat=8,
        max_lat=46,
        min_lon=18,
        max_lon=72,
        attribution_control=False,
    )
    Fullscreen(position="topright", title="Fill the screen", title_cancel="Leave full screen").add_to(made)
    groups = {layer.key: _group(layer, made) for layer in LAYERS}
    Atlas().add_to(made)
    TreeLayerControl(overlay_tree=_tree(groups), collapsed=True, position="topright", space_symbol="").add_to(made)
    return made


def _group(layer: Layer, made: folium.Map) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=layer.label, show=layer.on, control=False)
    LayerSwitch(layer.key).add_to(group)
    return group.add_to(made)


def _tree(groups: dict[str, folium.FeatureGroup]) -> list[dict[str, Any]]:
    branches: dict[str, list[dict[str, Any]]] = {}
    for layer in LAYERS:
        branches.setdefault(layer.group, []).append({"label": layer.label, "layer": groups[layer.key]})
    return [
        children[0] if len(children) == 1 else {"label": name, "select_all_checkbox": True, "children": children}
        for name, children in branches.items()
    ]


def drawing_group(
    drawing: Drawing,
    view: View,
    *,
    reader: str,
    zoom: float,
    goto: tuple[float, float, float, int] | None = None,
) -> folium.FeatureGroup:
    """Wrap a drawing for `st_folium(feature_group_to_add=...)`.

    Parameters
    ----------
    reader
        Random name of this reader's session, by which the map tells the server its zoom.
    zoom
        Zoom for which the drawing was grouped.
    goto
        Longitude, latitude, zoom and a running number: the map moves there once for each new number.
    """
    group = folium.FeatureGroup(control=False)
    Show(encode({**drawing_payload(drawing, view), "reader": reader, "zoom": zoom, "goto": goto})).add_to(group)
    return group
