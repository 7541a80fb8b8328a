"""Styles of the GeoPackage's layers for QGIS: types have the colours and nearest signs of every other product."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

import pandas as pd

from dashboard.symbols import SHAPE_ORDER, TYPE_COLOURS
from geodata.incident import EVENT_TYPES, POTENTIAL_TYPES

#: Table in which QGIS looks for the styles of a GeoPackage's layers.
TABLE: Final = "layer_styles"

#: The simple marker of QGIS that comes nearest to each type's symbol.
MARKERS: Final[Mapping[str, tuple[str, int]]] = {
    "rocket_attack": ("triangle", 0), "drone_attack": ("diamond_star", 0), "missile_attack": ("diamond", 0),
    "mortar_attack": ("triangle", 180), "ied_attack": ("asterisk_fill", 0), "small_arms_attack": ("cross_fill", 0),
    "airstrike": ("pentagon", 180), "arrest": ("hexagon", 0), "threat": ("shield", 0), "capability": ("trapezoid", 0),
    "statement": ("square_with_corners", 0), "meeting": ("square", 0), "protest": ("filled_arrowhead", 0),
    "other": ("circle", 0),
}  # fmt: skip

#: Opacity of an area's fill, 0 to 255: the map below must stay readable where areas lie on each other.
AREA_ALPHA: Final = 56


def layer_styles(layers: Mapping[str, str]) -> pd.DataFrame:
    """Give the rows of the style table.

    Parameters
    ----------
    layers
        Layer -> kind of its symbols, `marker` or `fill`.
    """
    return pd.DataFrame(
        [
            {
                "f_table_catalog": "",
                "f_table_schema": "",
                "f_table_name": name,
                "f_geometry_column": "geom",
                "styleName": name,
                "styleQML": style_qml(kind),
                "styleSLD": "",
                "useAsDefault": True,
                "description": "Incident types as on the map",
                "owner": "",
                "ui": "",
            }
            for name, kind in layers.items()
        ]
    )


def style_qml(kind: str) -> str:
    """Write a style that sorts records by event type; what only threatens or may reach is an outline."""
    categories = "".join(
        f'<category render="true" symbol="{at}" value="{code}" label="{escape(EVENT_TYPES[code].label)}"/>'
        for at, code in enumerate(SHAPE_ORDER)
    )
    symbols = "".join(_symbol(kind, at, code) for at, code in enumerate(SHAPE_ORDER))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28" styleCategories="Symbology">'
        '<renderer-v2 type="categorizedSymbol" attr="event_type" symbollevels="0" enableorderby="0" forceraster="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


def _symbol(kind: str, at: int, code: str) -> str:
    red, green, blue = (int(TYPE_COLOURS[code][k : k + 2], 16) for k in (1, 3, 5))
    full = 255 if kind == "marker" else AREA_ALPHA
    shown = 0 if code in POTENTIAL_TYPES else full
    outline = (red, green, blue) if kind == "fill" or not shown else (44, 41, 36)
    options = {
        "color": f"{red},{green},{blue},{shown}",
        "outline_color": ",".join(map(str, (*outline, 255))),
        "outline_style": "dash" if code in POTENTIAL_TYPES else "solid",
        "outline_width": "0.4",
        "outline_width_unit": "MM",
        "style": "solid",
    }
    if kind == "marker":
        name, angle = MARKERS[code]
        options |= {"name": name, "angle": str(angle), "size": "3.2", "size_unit": "MM"}
    told = "".join(f'<Option type="QString" name="{name}" value="{value}"/>' for name, value in options.items())
    layer = "SimpleMarker" if kind == "marker" else "SimpleFill"
    return (
        f'<symbol type="{kind}" name="{at}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" pass="0" enabled="1" locked="0"><Option type="Map">{told}</Option></layer></symbol>'
    )
