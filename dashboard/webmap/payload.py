"""A drawing as the browser takes it: numbers and labels in one deflated base64 text.

Base64 because folium renders templates twice and st_folium evaluates the result: in this alphabet no text of a record
can become a template, a script or markup (see docs/design.md, "Records are data").
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from dashboard.drawing import Drawing, Mark
from dashboard.symbols import DRAWN_AS, SHAPE_ORDER, SIGN_WORDS
from dashboard.view import TYPE_LAYERS, View
from geodata.incident import POTENTIAL_TYPES
from geodata.release import SENTENCE

#: Codes of `DRAWN_AS` values on the wire; static/js/marks.js reads them.
KINDS: Mapping[str, int] = {"pin": 0, "disc": 1, "ring": 2, "area": 3, "margin": 4, "group": 5, "zone": 6}
POSSIBLE, LOW_CONFIDENCE, POTENTIAL, EXPIRED = 1, 2, 4, 8


def drawing_payload(drawing: Drawing, view: View) -> dict[str, Any]:
    """Write a drawing as plain values; every mark is a flat list, positions as in static/js/marks.js."""
    used = [index for index, category in enumerate(drawing.categories) if category.count]
    wire = {index: position for position, index in enumerate(used)}
    shape_of = {value: index for index, value in enumerate(SHAPE_ORDER)}
    return {
        "shown": drawing.shown,
        "marks": [_mark(mark, wire) for mark in drawing.marks],
        "margin": [_mark(mark, wire) for mark in drawing.margin],
        "marginNames": [mark.label for mark in drawing.margin],
        "density": [[round(edge, 4) for edge in cell] for cell in drawing.density],
        "categories": [
            {
                "label": c.label,
                "colour": c.colour,
                "count": c.count,
                "shape": shape_of.get(c.value, 0),
                "potential": c.value in POTENTIAL_TYPES,
            }
            for c in (drawing.categories[index] for index in used)
        ],
        "shapes": [
            {"label": s.label, "count": s.count, "shape": shape_of[s.value], "potential": s.value in POTENTIAL_TYPES}
            for s in drawing.shapes
        ],
        "signs": [[sign, SIGN_WORDS[sign]] for sign in drawing.signs],
        "precisions": [{"label": p.label, "count": p.count, "drawnAs": DRAWN_AS[p.value]} for p in drawing.precisions],
        "possible": drawing.possible,
        "inForce": drawing.in_force,
        "release": SENTENCE if view.public else "",
        "legendTitle": drawing.legend_title,
        "colourBy": drawing.colour_by,
        "grouped": drawing.is_grouped,
        "gridded": drawing.gridded,
        "layers": layers_on(view),
        "query": view.without_place().to_query(),
        "open": view.record,
    }


def layers_on(view: View) -> list[str]:
    """Keys of the layers that are on, as the layer tree knows them."""
    off = view.selection.hidden_types
    types = [layer.key for layer in TYPE_LAYERS if not off.issuperset(layer.types)]
    return types + sorted(view.context)


def encode(payload: Mapping[str, Any]) -> str:
    """Pack a payload for static/js/atlas.js `show`."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), level=1)).decode("ascii")


def _ground(mark: Mark) -> str | list[Any]:
    """Say what is drawn on the ground: an area by its id, a zone by its middle, a reach by the ids of its areas."""
    if mark.drawn_as == "zone":
        return [round(degrees, 5) for degrees in mark.centre]
    return list(mark.reach) or mark.area_id


def _mark(mark: Mark, wire: Mapping[int, int]) -> list[Any]:
    flags = (POSSIBLE if mark.possible else 0) | (LOW_CONFIDENCE if mark.low_confidence else 0)
    flags |= (POTENTIAL if mark.potential else 0) | (EXPIRED if mark.expired else 0)
    shape = SHAPE_ORDER.index(mark.shape) if mark.shape else 0
    head = [
        mark.spots[0],
        round(mark.longitude, 5),
        round(mark.latitude, 5),
        KINDS[mark.drawn_as],
        round(mark.radius_m),
    ]
    tail = [number for category, n in mark.parts for number in (wire[category], n)]
    return [*head, shape, flags, _ground(mark), round(mark.size_px, 1), len(mark.spots), *tail]
