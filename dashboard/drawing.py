"""Records to marks and legend: the only place where shapes, colours and sizes are chosen.

Both pens, the Leaflet layer and the matplotlib snapshot, draw the same plain `Drawing`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.badges import clear_of_symbols
from dashboard.view import COLOUR_BY, View
from geodata.cells import grid_cells, mercator_px
from geodata.density import density
from geodata.incident import EVENT_TYPES, PRECISIONS
from geodata.selection import DIMENSION
from geodata.store import Answer, Store

#: Above this many places, symbols are grouped by screen cells instead of by overlap: 800 marks are 25 kB on the wire.
MOST_MARKS = 800

#: Symbols closer than this share of their two radii are grouped: 1 is touching.
LEAST_GAP = 0.85

#: Okabe and Ito's colour-blind-safe palette (https://jfly.uni-koeln.de/color/), yellow darkened to hold on a light map.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, OCHRE, BLACK = (
    "#0072b2", "#d98200", "#00845f", "#c8460a", "#a8558a", "#3d9fd6", "#a88a00", "#3b3b3b",
)  # fmt: skip
GREY = "#8d8a85"

#: Nothing recorded: lighter than every colour that says something.
FAINT = "#cdc7bb"
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
    """One symbol and the records it stands for. Longitude and latitude in degrees, EPSG:4326.

    Attributes
    ----------
    spots
        Indices of the places it stands for: one, or several whose symbols would overlap at this zoom.
    drawn_as
        `pin`, `disc`, `ring`, `area`, `margin`, or `group` for several places.
    parts
        (category index, records) from most to least; `count` is their sum.
    shape
        The event type all records share, or "" for a mix.
    possible
        True when all of them only might fall into the window, or are threats announced before it and still in force;
        `low_confidence` likewise.
    """

    spots: tuple[int, ...]
    longitude: float
    latitude: float
    precision: str
    drawn_as: str
    radius_m: float
    area_id: str
    name: str
    count: int
    parts: tuple[tuple[int, int], ...]
    shape: str
    possible: bool
    low_confidence: bool

    @property
    def size_px(self) -> float:
        """Radius of the symbol in screen pixels at 96 dpi."""
        return float(sizes_px(np.array([self.count]))[0])


def sizes_px(counts: npt.NDArray[np.int64] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Radius in screen pixels for a number of records; the area grows with the number, up to what a map can carry."""
    return np.where(counts == 1, 7.5, np.minimum(9 + 2.2 * np.sqrt(counts), 26))


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
    window; `gridded` says that places were grouped by screen cells because there are more than `MOST_MARKS`.
    """

    marks: tuple[Mark, ...]
    margin: tuple[Mark, ...]
    categories: tuple[Category, ...]
    shapes: tuple[KeyEntry, ...]
    precisions: tuple[KeyEntry, ...]
    density: tuple[tuple[float, float, float, float, float], ...]
    colour_by: str
    gridded: bool
    possible: int
    shown: int
    in_force: int = 0

    @property
    def legend_title(self) -> str:
        """Say what the colours stand for."""
        return f"Colour: {COLOUR_BY[self.colour_by]}"

    @property
    def is_grouped(self) -> bool:
        """Tell whether some symbol stands for several places."""
        return any(len(mark.spots) > 1 for mark in self.marks)

    def rows(self, store: Store, answer: Answer) -> set[int]:
        """Rows of every record that a mark or badge stands for."""
        drawn = np.zeros(len(store.spots), dtype=bool)
        for mark in (*self.marks, *self.margin):
            drawn[list(mark.spots)] = True
        return set(answer.rows[drawn[store.spot[answer.rows]]].tolist())


def draw(store: Store, answer: Answer, view: View, *, zoom: float | None = None) -> Drawing:
    """Turn an answer into marks, margin badges and a legend.

    Parameters
    ----------
    zoom
        Web map zoom (256 px for the world at 0) at which symbols that would overlap are grouped; None groups none.
    """
    palette = colours(store, answer.by)
    tallies = _tally(store, answer)
    apart = np.flatnonzero(tallies.apart | tallies.areal)
    single = _marks(store, tallies, apart, np.arange(len(apart)))
    grouped, gridded = _points(store, tallies, zoom)
    areas = [mark for mark in single if mark.drawn_as == "area"]
    marks = (*(areas if zoom is None else clear_of_symbols(areas, grouped, zoom)), *grouped)
    types = store.coded["type"]
    return Drawing(
        marks=marks,
        margin=tuple(mark for mark in single if mark.drawn_as == "margin"),
        categories=_legend(palette, tallies.category.sum(axis=0)),
        shapes=_shape_key(types.values, tallies.type.sum(axis=0)),
        precisions=_precision_key(store, tallies),
        density=density(store, tallies.n) if "density" in view.context else (),
        colour_by=answer.by,
        gridded=gridded,
        possible=int(tallies.possible.sum()),
        in_force=int(tallies.in_force.sum()),
        shown=len(answer.rows),
    )


def colours(store: Store, colour_by: str) -> list[tuple[str, str, str]]:
    """Value, label and colour of every category: one per distinct cell of the column, so that counts add up.

    A record with two claimants is a category of its own. A value keeps its colour whatever is selected: actors get
    theirs by their count in the whole dataset, the rest and all mixtures share grey.
    """
    coded = store.coded[colour_by]
    fixed = {"type": TYPE_COLOURS, "confidence": CONFIDENCE_COLOURS, "precision": PRECISION_COLOURS}.get(colour_by)
    if fixed is None:
        totals = store.totals[colour_by]
        ranked = sorted((value for value in coded.values if value), key=lambda value: (-totals[value], value))
        fixed = dict(zip(ranked, ACTOR_COLOURS, strict=False))
    label_of = DIMENSION[colour_by].label_of
    fixed = {"": FAINT, **fixed}
    return [
        (
            "; ".join(values),
            " and ".join(label_of(value, store.names) for value in values),
            fixed.get("; ".join(values), GREY),
        )
        for values in coded.combinations
    ]


@dataclass(frozen=True, slots=True)
class _Tallies:
    """Records per spot: in all, by category, by type, that only might belong, of low confidence, or still in force."""

    n: npt.NDArray[np.int64]
    category: npt.NDArray[np.int64]
    type: npt.NDArray[np.int64]
    possible: npt.NDArray[np.int64]
    low: npt.NDArray[np.int64]
    in_force: npt.NDArray[np.int64]
    apart: npt.NDArray[np.bool_]
    areal: npt.NDArray[np.bool_]


def _tally(store: Store, answer: Answer) -> _Tallies:
    n, possible, low, in_force = answer.by_spot.T
    drawn_as = np.array([DRAWN_AS[precision] for precision in store.spots.precision], dtype=object)
    return _Tallies(
        n=n,
        category=answer.colours,
        type=answer.types,
        possible=possible,
        low=low,
        in_force=in_force,
        apart=(n > 0) & (drawn_as == "margin"),
        areal=(n > 0) & (drawn_as == "area"),
    )


def _points(store: Store, tallies: _Tallies, zoom: float | None) -> tuple[list[Mark], bool]:
    """Make the marks of places that are points, grouped where their symbols would cover each other."""
    members = np.flatnonzero((tallies.n > 0) & ~tallies.apart & ~tallies.areal)
    if zoom is None or not len(members):
        return _marks(store, tallies, members, np.arange(len(members))), False
    x, y = mercator_px(store.spots.longitude[members], store.spots.latitude[members], zoom)
    gridded = len(members) > MOST_MARKS
    group = grid_cells(x, y) if gridded else overlapping(x, y, tallies.n[members])
    order = np.argsort(group, kind="stable")
    return _marks(store, tallies, members[order], np.flatnonzero(np.diff(group[order], prepend=-1))), gridded


def overlapping(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], weight: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Group symbols (pixels) until none covers more than a sixth of another's reach; a group stands at its mean.

    Groups grow as they gather records and may then touch the next, so the passes are repeated until nothing changes;
    each pass joins at least two, and five are the most seen on real maps.

    Returns
    -------
    group
        Group number of each symbol, 0 for the first.
    """
    group = np.arange(len(x))
    while True:
        n = np.bincount(group, weights=weight)
        at_x, at_y = np.bincount(group, weights=x * weight) / n, np.bincount(group, weights=y * weight) / n
        joined = _join_pass(at_x, at_y, n)
        if joined.max() + 1 == len(n):
            return group
        group = joined[group]


def _join_pass(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], weight: npt.NDArray[Any]
) -> npt.NDArray[np.int64]:
    """Join each symbol to the nearest larger one that it overlaps; the largest come first."""
    radius = sizes_px(weight)
    group = np.full(len(x), -1, dtype=np.int64)
    heads: list[int] = []
    for index in np.lexsort((y, x, -weight)):
        gaps = np.hypot(x[heads] - x[index], y[heads] - y[index]) / (radius[heads] + radius[index])
        nearest = int(gaps.argmin()) if heads else -1
        if heads and gaps[nearest] < LEAST_GAP:
            group[index] = nearest
        else:
            group[index] = len(heads)
            heads.append(int(index))
    return group


def _marks(store: Store, tallies: _Tallies, members: npt.NDArray[np.intp], starts: npt.NDArray[np.intp]) -> list[Mark]:
    """Make one symbol for each run of places that begins at `starts`, at the mean of its places weighted by records."""
    if not len(members):
        return []
    spots = store.spots
    n = tallies.n[members]

    def total(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.add.reduceat(values, starts, axis=0)

    count, category, types = total(n), total(tallies.category[members]), total(tallies.type[members])
    longitude, latitude = total(spots.longitude[members] * n) / count, total(spots.latitude[members] * n) / count
    possible = total((tallies.possible + tallies.in_force)[members]) == count
    low = total(tallies.low[members]) == count
    alike, kind = (types > 0).sum(axis=1) == 1, types.argmax(axis=1)
    names = [values[0] for values in store.coded["type"].combinations]
    marks = []
    for g, places in enumerate(np.split(members, starts[1:])):
        head, alone = int(places[0]), len(places) == 1
        precision = str(spots.precision[head]) if alone else ""
        marks.append(
            Mark(
                spots=tuple(places.tolist()),
                longitude=float(longitude[g]),
                latitude=float(latitude[g]),
                precision=precision,
                drawn_as=DRAWN_AS[precision] if alone else "group",
                radius_m=float(spots.radius_m[head]) if alone else 0.0,
                area_id=str(spots.area_id[head]) if alone else "",
                name=str(spots.name[head]) if alone else f"{len(places)} places",
                count=int(count[g]),
                parts=_parts(category[g]),
                shape=names[kind[g]] if alike[g] else "",
                possible=bool(possible[g]),
                low_confidence=bool(low[g]),
            )
        )
    return marks


def _parts(counts: npt.NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    found = np.flatnonzero(counts)
    return tuple(sorted(zip(found.tolist(), counts[found].tolist(), strict=True), key=lambda part: (-part[1], part[0])))


def _legend(palette: Sequence[tuple[str, str, str]], counts: npt.NDArray[np.int64]) -> tuple[Category, ...]:
    return tuple(
        Category(value, label, colour, int(n)) for (value, label, colour), n in zip(palette, counts, strict=True)
    )


def _shape_key(values: Sequence[str], counts: npt.NDArray[np.int64]) -> tuple[KeyEntry, ...]:
    number = dict(zip(values, counts.tolist(), strict=True))
    return tuple(KeyEntry(code, EVENT_TYPES[code].label, number[code]) for code in SHAPE_ORDER if number.get(code))


def _precision_key(store: Store, tallies: _Tallies) -> tuple[KeyEntry, ...]:
    number = {code: int(tallies.n[store.spots.precision == code].sum()) for code in PRECISIONS}
    return tuple(
        KeyEntry(code, precision.label, number[code]) for code, precision in PRECISIONS.items() if number[code]
    )
