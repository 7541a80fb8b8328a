"""The map pen: one constant base map and one layer of ours. The only room that imports folium.

The base map's script never varies, because st_folium takes its identity from it: a change would build a new frame and
lose the reader's place. All that varies travels in one feature group with one call, as base64 text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.plugins import Fullscreen, TreeLayerControl
from folium.template import Template

from dashboard.view import HOME, LAYERS, Layer
from dashboard.webmap.offline import install
from dashboard.webmap.scripts import SCRIPT_URL, STATIC, script_bundle


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


def render_parts() -> dict[str, Any]:
    """Give what st_folium makes of the base map, in the order in which it works it out (0.27.4, `st_folium`)."""
    import streamlit_folium as frame  # not above: it declares a component, and tests draw maps without Streamlit

    install()
    made: Any = base_map()  # folium's own methods carry no types
    made.get_root().render()
    made.render()
    html, header = frame._get_html(made), frame._get_header(made)
    scripts, styles = links(made)
    return {
        "html": html,
        "header": _short(header),
        "script": _short(frame._get_map_string(made)),
        "id": frame.get_full_id(made),
        "js_links": scripts,
        "css_links": styles,
    }


def _short(text: str) -> str:
    """Drop the indentation folium's templates leave: a third of what goes over the wire with every move."""
    return re.sub(r"\s*\n\s*", "\n", text)
