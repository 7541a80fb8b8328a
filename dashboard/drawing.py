"""Records to marks and legend, in the shapes, colours and sizes of `symbols.py`.

Both pens, the Leaflet layer and the matplotlib snapshot, draw the same plain `Drawing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.badges import clear_of_symbols
from dashboard.grouping import overlapping
from dashboard.symbols import DRAWN_AS, POINTS, SHAPE_ORDER, colours, sizes_px, zone_radii_m
from dashboard.view import COLOUR_BY, View
from geodata.cells import grid_cells, mercator_px
from geodata.density import density
from geodata.incident import EVENT_TYPES, PRECISIONS
from geodata.reach import covering_m
from geodata.selection import Selection
from geodata.store import Answer, Store, day_number

#: Above this many places, symbols are grouped by screen cells instead of by overlap: 800 marks are 25 kB on the wire.
MOST_MARKS = 800


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
        `pin`, `disc`, `ring`, `area`, `margin`, `group` for several places, or `zone` for an area around what is
        threatened.
    parts
        (category index, records) from most to least; `count` is their sum.
    shape
        The event type all records share, or "" for a mix.
    possible
        True when all of them only might fall into the window, or are threats announced before it and still in force;
        `low_confidence` likewise.
    potential
        True for threats and capabilities, which never share a mark with what happened.
    expired
        True when the term of all its threats had run out at the end of the time shown: it is drawn faded.
    centre
        Middle of the zone or area; longitude and latitude are where the sign itself stands.
    reach
        Ids of the areas said to be in reach, whose outlines are drawn.
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
    potential: bool = False
    expired: bool = False
    centre: tuple[float, float] = (0.0, 0.0)
    reach: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name it beside the map, where its shape is not seen: a threat is told from what happened."""
        if not self.potential:
            return self.name
        what = {"threat": "threat", "capability": "reach"}.get(self.shape, "threats and reach")
        return f"{self.name} ({what})"

    @property
    def size_px(self) -> float:
        """Radius of the symbol in screen pixels at 96 dpi."""
        return float(sizes_px(np.array([self.count]))[0])


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
    window; `gridded` says that places were grouped by screen cells because there are more than `MOST_MARKS`;
    `expired` counts threats whose term had run out at the end of the time shown.
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
    expired: int = 0

    @property
    def legend_title(self) -> str:
        """Say what the colours stand for."""
        return f"Colour: {COLOUR_BY[self.colour_by]}"

    @property
    def is_grouped(self) -> bool:
        """Tell whether some symbol stands for several places."""
        return any(mark.drawn_as == "group" for mark in self.marks)

    @property
    def signs(self) -> tuple[str, ...]:
        """Name the signs of threats and capabilities that are drawn, as in `SIGN_WORDS`."""
        found = {
            "zone": any(mark.potential for mark in self.marks),
            "reach": any(mark.reach for mark in self.margin),
            "expired": any(mark.expired for mark in (*self.marks, *self.margin)),
        }
        return tuple(sign for sign, drawn in found.items() if drawn)

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
    apart = np.flatnonzero((tallies.n > 0) & ~tallies.pointed)
    single = _marks(store, tallies, apart, np.arange(len(apart)))
    grouped, gridded = _points(store, tallies, zoom, potential=False)
    zones, _ = _points(store, tallies, zoom, potential=True)
    areas = [*(mark for mark in single if mark.drawn_as == "area"), *zones]
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
        expired=int(tallies.expired.sum()),
        shown=len(answer.rows),
    )


@dataclass(frozen=True, slots=True)
class _Tallies:
    """Records per spot: in all, by category, by type, that only might belong, of low confidence, in force, expired.

    `pointed` tells which spots are points; the others are areas, or badges in the margin.
    """

    n: npt.NDArray[np.int64]
    category: npt.NDArray[np.int64]
    type: npt.NDArray[np.int64]
    possible: npt.NDArray[np.int64]
    low: npt.NDArray[np.int64]
    in_force: npt.NDArray[np.int64]
    expired: npt.NDArray[np.int64]
    pointed: npt.NDArray[np.bool_]


def _tally(store: Store, answer: Answer) -> _Tallies:
    n, possible, low, in_force = answer.by_spot.T
    return _Tallies(
        n=n,
        category=answer.colours,
        type=answer.types,
        possible=possible,
        low=low,
        in_force=in_force,
        expired=_expired(store, answer),
        pointed=np.isin(store.spots.precision, POINTS),
    )


def _expired(store: Store, answer: Answer) -> npt.NDArray[np.int64]:
    """Count for each spot the threats shown whose stated term had run out at the end of the time shown."""
    columns, rows = store.columns, answer.rows
    day = end_of_time(store, answer.selection)
    over = np.flatnonzero((columns.term_day > columns.last_day) & (columns.term_day < day))
    at = np.searchsorted(rows, over)
    shown = over[at < len(rows)][rows[at[at < len(rows)]] == over[at < len(rows)]]
    return np.bincount(store.spot[shown], minlength=len(store.spots))


def end_of_time(store: Store, selection: Selection) -> int:
    """Day number from which a map looks back: the window's end or that of the records, or what was known by then."""
    extent = store.extent
    last = selection.window.last if selection.window else date.max
    if last == date.max and extent:
        last = extent.last
    return day_number(min(last, selection.known_on or last))


def _points(store: Store, tallies: _Tallies, zoom: float | None, *, potential: bool) -> tuple[list[Mark], bool]:
    """Make the marks of places that are points, grouped where their symbols would cover each other."""
    members = np.flatnonzero((tallies.n > 0) & tallies.pointed & (store.spots.potential == potential))
    if zoom is None or not len(members):
        return _marks(store, tallies, members, np.arange(len(members))), False
    x, y = mercator_px(store.spots.longitude[members], store.spots.latitude[members], zoom)
    gridded = len(members) > MOST_MARKS
    group = grid_cells(x, y) if gridded else overlapping(x, y, tallies.n[members])
    order = np.argsort(group, kind="stable")
    return _marks(store, tallies, members[order], np.flatnonzero(np.diff(group[order], prepend=-1))), gridded


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
    low, expired = total(tallies.low[members]) == count, total(tallies.expired[members]) == count
    centre = np.stack([longitude, latitude], axis=1)
    radius = _radii(store, members, starts, centre)
    alike, kind = (types > 0).sum(axis=1) == 1, types.argmax(axis=1)
    names = [values[0] for values in store.coded["type"].combinations]
    marks = []
    for g, places in enumerate(np.split(members, starts[1:])):
        head, alone = int(places[0]), len(places) == 1
        precision, potential = str(spots.precision[head]) if alone else "", bool(spots.potential[head])
        marks.append(
            Mark(
                spots=tuple(places.tolist()),
                longitude=float(longitude[g]),
                latitude=float(latitude[g]),
                precision=precision,
                drawn_as=_drawn_as(precision, potential=potential),
                radius_m=float(radius[g]),
                area_id=str(spots.area_id[head]) if alone else "",
                name=str(spots.name[head]) if alone else f"{len(places)} places",
                count=int(count[g]),
                parts=_parts(category[g]),
                shape=names[kind[g]] if alike[g] else "",
                possible=bool(possible[g]),
                low_confidence=bool(low[g]),
                potential=potential,
                expired=bool(expired[g]),
                centre=(float(longitude[g]), float(latitude[g])),
                reach=spots.reach[head] if potential else (),
            )
        )
    return marks


def _drawn_as(precision: str, *, potential: bool) -> str:
    """Say how a mark is drawn; several places have no precision of their own."""
    if potential and precision in ("", *POINTS):
        return "zone"
    return DRAWN_AS[precision] if precision else "group"


def _radii(
    store: Store, members: npt.NDArray[np.intp], starts: npt.NDArray[np.intp], centre: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Radius in metres of what each mark stands for: of its place, of a zone that holds all of its places, else 0."""
    spots, n = store.spots, np.diff([*starts, len(members)])
    alone = np.where(spots.potential[members], zone_radii_m(spots.radius_m[members]), spots.radius_m[members])
    radius = np.where(n == 1, alone[starts], 0.0)
    if (several := spots.potential[members[starts]] & (n > 1)).any():
        around = np.repeat(centre, n, axis=0)
        far = covering_m(around, np.stack([spots.longitude[members], spots.latitude[members]], axis=1), alone)
        radius[several] = np.maximum.reduceat(far, starts)[several]
    return radius


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
