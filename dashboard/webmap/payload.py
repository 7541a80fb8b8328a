"""A drawing as the browser takes it: numbers and labels, deflated."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.drawing import Drawing
from dashboard.marks import Marks
from dashboard.symbols import DRAWN_AS, SHAPE_ORDER, SIGN_WORDS
from dashboard.view import TYPE_LAYERS, View
from geodata.cells import WORLD_PX
from geodata.incident import POTENTIAL_TYPES
from geodata.release import SENTENCE

#: Codes of `DRAWN_AS` values on the wire; static/js/marks.js reads them.
KINDS: Mapping[str, int] = {"pin": 0, "disc": 1, "ring": 2, "area": 3, "margin": 4, "group": 5, "zone": 6}
POSSIBLE, LOW_CONFIDENCE, POTENTIAL, EXPIRED = 1, 2, 4, 8

#: Characters of the key before a packed drawing.
KEY_LENGTH = 8

#: A drawing of 500 symbols: 12.9 kB in 0.5 ms; level 6 makes 12.6 kB in 1.5 ms.
_DEFLATE_LEVEL = 4

#: Decimals of a degree in which positions are written at most: a metre.
MOST_DECIMALS = 5

#: Records up to which a mark's categories are told exactly; above, they are shares of this number.
MOST_WEIGHT = 60


def drawing_payload(drawing: Drawing, view: View, *, zoom: float | None = None) -> dict[str, Any]:
    """Write a drawing as plain values; marks stand in columns, which static/js/atlas.js turns to rows again."""
    used = [index for index, category in enumerate(drawing.categories) if category.count]
    shape_of = {value: index for index, value in enumerate(SHAPE_ORDER)}
    return {
        "shown": drawing.shown,
        "step": step_deg(zoom),
        "marks": _columns(drawing.on_map, used, step_deg(zoom)),
        "margin": _columns(drawing.in_margin, used, step_deg(zoom)),
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
        "layers": layers_on(view),
        "query": view.without_place().to_query(),
        "open": view.record,
    }


def layers_on(view: View) -> list[str]:
    """Keys of the layers that are on, as the layer tree knows them."""
    off = view.selection.hidden_types
    types = [layer.key for layer in TYPE_LAYERS if not off.issuperset(layer.types)]
    return types + sorted(view.context)


def pack(payload: Mapping[str, Any]) -> bytes:
    """Pack a payload for static/js/atlas.js: a key that names its content, then the content as deflated JSON."""
    content = zlib.compress(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(), _DEFLATE_LEVEL)
    return f"{zlib.crc32(content):0{KEY_LENGTH}x}".encode() + content


def key_of(packed: bytes) -> str:
    """Give the key that names a packed drawing."""
    return packed[:KEY_LENGTH].decode("ascii")


def step_deg(zoom: float | None) -> float:
    """Degrees in which positions are counted: at most an eighth of a pixel at the zoom that they are drawn for."""
    if zoom is None:
        return float(10**-MOST_DECIMALS)
    return float(10 ** -min(MOST_DECIMALS, max(2, math.ceil(math.log10(8 * WORLD_PX * 2**zoom / 360)))))


def _columns(marks: Marks, used: Sequence[int], step: float) -> dict[str, list[Any]]:
    """Write marks column by column, which packs to half the bytes of writing them one by one.

    `weights` has a list for each category used: the records of each mark, in small whole numbers (`_weights`).
    """
    return {
        "spot": marks.first_spot.tolist(),
        "longitude": _whole(marks.longitude / step),
        "latitude": _whole(marks.latitude / step),
        "kind": [KINDS[drawn_as] for drawn_as in marks.drawn_as.tolist()],
        "radius": _whole(marks.radius_m),
        "shape": [SHAPE_ORDER.index(shape) if shape else 0 for shape in marks.shape.tolist()],
        "flags": _flags(marks),
        "ground": _ground(marks, step),
        "size": np.round(marks.size_px, 1).tolist(),
        "places": marks.n_spots.tolist(),
        "count": marks.count.tolist(),
        "weights": _weights(marks.tally[:, used]).T.tolist(),
    }


def _whole(values: npt.NDArray[np.float64]) -> list[int]:
    rounded: list[int] = np.rint(values).astype(np.int64).tolist()
    return rounded


def _weights(found: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Share out each mark's ring among the categories used: records, or sixtieths of them where there are more.

    A sixtieth of the widest ring is 2.7 pixels long; no category that occurs gets less than one.
    """
    total = found.sum(axis=1, keepdims=True)
    shares = np.maximum(np.round(found * MOST_WEIGHT / np.maximum(total, 1)), found > 0).astype(np.int64)
    return np.where(total > MOST_WEIGHT, shares, found)


def _flags(marks: Marks) -> list[int]:
    columns = (marks.possible, marks.low_confidence, marks.potential, marks.expired)
    bits = np.array([POSSIBLE, LOW_CONFIDENCE, POTENTIAL, EXPIRED])
    flags: list[int] = (bits @ np.array(columns)).tolist()
    return flags


def _ground(marks: Marks, step: float) -> list[str | list[Any] | int]:
    """Say what is drawn on the ground: an area by its id, a zone by its middle, a reach by the ids of its areas."""
    middle = np.round(marks.middle, round(-math.log10(step))).tolist()
    return [
        middle[at] if drawn_as == "zone" else list(reach) or area_id or 0
        for at, (drawn_as, reach, area_id) in enumerate(
            zip(marks.drawn_as.tolist(), marks.reach.tolist(), marks.area_id.tolist(), strict=True)
        )
    ]


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
