"""Records to marks and legend: the only place where shapes, colours and sizes are chosen.

Both pens, the Leaflet layer and the matplotlib snapshot, draw the same plain `Drawing`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.view import COLOUR_BY, View
from geodata.density import density
from geodata.incident import EVENT_TYPES, PRECISIONS
from geodata.selection import DIMENSION
from geodata.store import Answer, Rows, Store

#: Above this many places in view, marks give way to grid cells; 2,000 canvas marks draw in 1.5 ms.
MOST_MARKS = 2_000

#: Okabe and Ito's colour-blind-safe palette (https://jfly.uni-koeln.de/color/), yellow darkened to hold on a light map.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, OCHRE, BLACK = (
    "#0072b2", "#d98200", "#00845f", "#c8460a", "#a8558a", "#3d9fd6", "#a88a00", "#3b3b3b",
)  # fmt: skip
GREY = "#8d8a85"
ACTOR_COLOURS = (VERMILION, BLUE, GREEN, PURPLE, ORANGE, SKY, OCHRE)

TYPE_COLOURS: Mapping[str, str] = {
    "rocket_attack": VERMILION,
    "drone_attack": PURPLE,
    "missile_attack": BLACK,
    "mortar_attack": OCHRE,
    "ied_attack": ORANGE,
    "small_arms_attack": "#7a4b2b",
    "airstrike": BLUE,
    "arrest": "#4f6fae",
    "threat": GREEN,
    "capability": "#5b8f3a",
    "statement": SKY,
    "meeting": "#5f7f86",
    "protest": "#9a7fb5",
    "other": GREY,
}
CONFIDENCE_COLOURS = {"high": BLUE, "medium": ORANGE, "low": VERMILION}
PRECISION_COLOURS = {
    "site": "#08306b", "town": "#2171b5", "near": "#6baed6", "district": OCHRE,
    "governorate": ORANGE, "region": VERMILION, "country": BLACK,
}  # fmt: skip

Point = tuple[float, float]


def _regular(corners: int, turn_deg: float = 0.0, radius: float = 1.0) -> list[Point]:
    """Corners of a regular polygon on a circle, first corner up; x to the right, y down."""
    angles = [math.radians(turn_deg - 90 + 360 * k / corners) for k in range(corners)]
    return [(round(radius * math.cos(a), 3), round(radius * math.sin(a), 3)) for a in angles]


def _star(points: int, inner: float) -> list[Point]:
    outer, middle = _regular(points), _regular(points, 180 / points, inner)
    return [corner for pair in zip(outer, middle, strict=True) for corner in pair]


#: Outline of each event type's symbol in a circle of radius 1, x right, y down. Shape repeats what colour says.
SHAPES: Mapping[str, list[Point]] = {
    "rocket_attack": [(0, -1.1), (1, 0.8), (-1, 0.8)],
    "drone_attack": _star(4, 0.42),
    "missile_attack": [(0, -1.2), (0.62, 0), (0, 1.2), (-0.62, 0)],
    "mortar_attack": [(0, 1.1), (1, -0.8), (-1, -0.8)],
    "ied_attack": _star(8, 0.62),
    "small_arms_attack": [(-0.38, -1), (0.38, -1), (0.38, -0.38), (1, -0.38), (1, 0.38), (0.38, 0.38), (0.38, 1),
                          (-0.38, 1), (-0.38, 0.38), (-1, 0.38), (-1, -0.38), (-0.38, -0.38)],
    "airstrike": _regular(5, 180),
    "arrest": _regular(6),
    "threat": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.45), (0, 1.15), (-0.9, 0.45)],
    "capability": [(-1, 0.75), (-0.55, -0.75), (0.55, -0.75), (1, 0.75)],
    "statement": [(-1, -0.75), (1, -0.75), (1, 0.5), (-0.15, 0.5), (-0.6, 1.05), (-0.6, 0.5), (-1, 0.5)],
    "meeting": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    "protest": [(-0.75, -1), (1, -0.55), (-0.45, -0.05), (-0.45, 1.05), (-0.75, 1.05)],
    "other": _regular(12),
}  # fmt: skip
SHAPE_ORDER = tuple(SHAPES)

#: How each precision is drawn: a pin, a disc of the town's extent, a ring, a hatched area, or a badge in the margin.
DRAWN_AS: Mapping[str, str] = {
    "site": "pin", "town": "disc", "near": "ring", "district": "area",
    "governorate": "area", "region": "margin", "country": "margin",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Category:
    """One colour of the legend and how many of the drawn records have it."""

    value: str
    label: str
    colour: str
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One place with the records there. Longitude and latitude in degrees, EPSG:4326.

    `parts` are (category index, records) from most to least; `shape` is the event type all share, or "" for a mix.
    """

    spot: int
    longitude: float
    latitude: float
    precision: str
    drawn_as: str
    radius_m: float
    area_id: str
    name: str
    rows: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]
    shape: str
    possible: bool
    low_confidence: bool

    @property
    def size_px(self) -> float:
        """Radius of the symbol in screen pixels at 96 dpi; area grows with the count, so twice the marks look twice."""
        return 7.5 if len(self.rows) == 1 else min(9 + 2.2 * math.sqrt(len(self.rows)), 26)


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid cell of the grouped map: centre, records in it, and its mix of categories."""

    longitude: float
    latitude: float
    count: int
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A line of the legend's second and third part: a symbol or a precision class with the records drawn so."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, and the legend made from it. `margin` marks are badges beside the map, not symbols on it.

    `density` cells are (west, south, east, north, records); `possible` counts records that only might fall into the
    window.
    """

    marks: tuple[Mark, ...]
    margin: tuple[Mark, ...]
    cells: tuple[Cell, ...]
    categories: tuple[Category, ...]
    shapes: tuple[KeyEntry, ...]
    precisions: tuple[KeyEntry, ...]
    density: tuple[tuple[float, float, float, float, float], ...]
    colour_by: str
    grouped: bool
    possible: int

    @property
    def legend_title(self) -> str:
        """Say what the colours stand for."""
        return f"Colour: {COLOUR_BY[self.colour_by]}"

    def rows(self) -> set[int]:
        """Rows of every record drawn, on the map or in its margin."""
        return {row for mark in (*self.marks, *self.margin) for row in mark.rows}


def draw(store: Store, answer: Answer, view: View) -> Drawing:
    """Turn an answer into marks, margin badges and a legend.

    Each mark is one place at one precision; several records at it make a pile that opens as a list.
    """
    rows = answer.rows
    palette = colours(store, view.colour_by)
    category, type_codes = _codes(store, view.colour_by, rows), _codes(store, "type", rows)
    marks = _marks(store, answer, category, type_codes)
    on_map = tuple(mark for mark in marks if mark.drawn_as != "margin")
    margin = tuple(mark for mark in marks if mark.drawn_as == "margin")
    return Drawing(
        marks=on_map,
        margin=margin,
        cells=(),
        categories=_legend(palette, np.bincount(category, minlength=len(palette))),
        shapes=_key(
            store.columns.coded["type"].values, type_codes, {c: k.label for c, k in EVENT_TYPES.items()}, SHAPE_ORDER
        ),
        precisions=_precision_key(marks),
        density=density(store, rows) if "density" in view.context else (),
        colour_by=view.colour_by,
        grouped=False,
        possible=int(store.uncertain(rows, answer.selection.window).sum()),
    )


def colours(store: Store, colour_by: str) -> list[tuple[str, str, str]]:
    """Value, label and colour of every category: one per distinct cell of the column, so that counts add up.

    A record with two claimants is a category of its own. A value keeps its colour whatever is selected: actors get
    theirs by their count in the whole dataset, the rest and all mixtures share grey.
    """
    coded = store.columns.coded[colour_by]
    fixed = {"type": TYPE_COLOURS, "confidence": CONFIDENCE_COLOURS, "precision": PRECISION_COLOURS}.get(colour_by)
    if fixed is None:
        totals = coded.counts(None)
        ranked = sorted((value for value in coded.values if value), key=lambda value: (-totals[value], value))
        fixed = dict(zip(ranked, ACTOR_COLOURS, strict=False))
    label_of = DIMENSION[colour_by].label_of
    return [
        (
            "; ".join(values),
            " and ".join(label_of(value, store.names) for value in values),
            fixed.get("; ".join(values), GREY),
        )
        for values in coded.combinations
    ]


def _codes(store: Store, dimension: str, rows: Rows) -> npt.NDArray[np.int64]:
    return store.columns.coded[dimension].codes[rows].astype(np.int64)


def _marks(
    store: Store, answer: Answer, category: npt.NDArray[np.int64], type_codes: npt.NDArray[np.int64]
) -> list[Mark]:
    rows = answer.rows
    if not len(rows):
        return []
    possible = store.uncertain(rows, answer.selection.window)
    low = store.columns.coded["confidence"].passes(frozenset({"low"}))[rows]
    type_names = store.columns.coded["type"].values
    spots = store.columns.spot[rows]
    order = np.argsort(spots, kind="stable")
    starts = np.flatnonzero(np.diff(spots[order], prepend=-1))
    marks = []
    for members in np.split(order, starts[1:]):
        kinds = set(type_codes[members].tolist())
        marks.append(
            _mark(
                store,
                int(spots[members[0]]),
                rows=tuple(rows[members].tolist()),
                parts=_parts(category[members]),
                shape=type_names[kinds.pop()] if len(kinds) == 1 else "",
                possible=bool(possible[members].all()),
                low_confidence=bool(low[members].all()),
            )
        )
    return marks


def _mark(store: Store, spot: int, **what: object) -> Mark:
    spots = store.spots
    precision = str(spots.precision[spot])
    return Mark(
        spot=spot,
        longitude=float(spots.longitude[spot]),
        latitude=float(spots.latitude[spot]),
        precision=precision,
        drawn_as=DRAWN_AS[precision],
        radius_m=float(spots.radius_m[spot]),
        area_id=str(spots.area_id[spot]),
        name=str(spots.name[spot]),
        **what,  # type: ignore[arg-type]  # the caller's keywords are Mark's own
    )


def _parts(category: npt.NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    values, counts = np.unique(category, return_counts=True)
    return tuple(sorted(zip(values.tolist(), counts.tolist(), strict=True), key=lambda part: (-part[1], part[0])))


def _legend(palette: Sequence[tuple[str, str, str]], counts: npt.NDArray[np.int64]) -> tuple[Category, ...]:
    return tuple(
        Category(value, label, colour, int(n)) for (value, label, colour), n in zip(palette, counts, strict=True)
    )


def _key(
    values: Sequence[str], codes: npt.NDArray[np.int64], labels: Mapping[str, str], order: Sequence[str]
) -> tuple[KeyEntry, ...]:
    counts = dict(zip(values, np.bincount(codes, minlength=len(values)).tolist(), strict=True))
    return tuple(KeyEntry(value, labels[value], counts[value]) for value in order if counts.get(value))


def _precision_key(marks: Sequence[Mark]) -> tuple[KeyEntry, ...]:
    counts: dict[str, int] = {}
    for mark in marks:
        counts[mark.precision] = counts.get(mark.precision, 0) + len(mark.rows)
    return tuple(
        KeyEntry(code, precision.label, counts[code]) for code, precision in PRECISIONS.items() if counts.get(code)
    )
