"""Records to marks and legend, in the shapes, colours and sizes of `symbols.py`.

Both pens, the Leaflet layer and the matplotlib snapshot, draw the same plain `Drawing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.badges import clear_of_symbols
from dashboard.grouping import MOST_AREAS, point_groups, runs, seen_area
from dashboard.marks import Mark, Marks
from dashboard.symbols import DRAWN_AS, POINTS, SHAPE_ORDER, colours, zone_radii_m
from dashboard.view import COLOUR_BY, View
from geodata.answer import Answer
from geodata.boundaries import load_boundaries
from geodata.columns import Spots
from geodata.density import density
from geodata.incident import EVENT_TYPES, PRECISIONS
from geodata.reach import covering_m
from geodata.selection import Selection
from geodata.store import Store, day_number

#: Radius in pixels by which zones are grouped where they crowd: each of them is drawn as a wide circle.
CROWDED_ZONE_PX = 96.0


@dataclass(frozen=True, slots=True)
class Category:
    """One colour of the legend and how many of the drawn records have it."""

    value: str
    label: str
    colour: str
    count: int


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A line of the legend's second and third part: a symbol or a precision class with the records drawn so."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Drawing:
    """What is drawn, and the legend made from it. Symbols `in_margin` are badges beside the map, not symbols on it.

    `density` cells are (west, south, east, north, records); `possible` counts records that only might fall into the
    window; `expired` counts threats whose term had run out at the end of the time shown.
    """

    on_map: Marks
    in_margin: Marks
    categories: tuple[Category, ...]
    shapes: tuple[KeyEntry, ...]
    precisions: tuple[KeyEntry, ...]
    density: tuple[tuple[float, float, float, float, float], ...]
    colour_by: str
    possible: int
    shown: int
    in_force: int = 0
    expired: int = 0

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """The symbols on the map, one by one."""
        return self.on_map.one_by_one()

    @cached_property
    def margin(self) -> tuple[Mark, ...]:
        """The badges beside the map, one by one."""
        return self.in_margin.one_by_one()

    @property
    def legend_title(self) -> str:
        """Say what the colours stand for."""
        return f"Colour: {COLOUR_BY[self.colour_by]}"

    @property
    def is_grouped(self) -> bool:
        """Tell whether some symbol stands for several places."""
        return bool((self.on_map.drawn_as == "group").any())

    @property
    def signs(self) -> tuple[str, ...]:
        """Name the signs of threats and capabilities that are drawn, as in `SIGN_WORDS`."""
        found = {
            "zone": self.on_map.potential.any(),
            "reach": any(self.in_margin.reach.tolist()),
            "expired": self.on_map.expired.any() or self.in_margin.expired.any(),
        }
        return tuple(sign for sign, drawn in found.items() if drawn)

    def rows(self, store: Store, answer: Answer) -> set[int]:
        """Rows of every record that a mark or badge stands for."""
        drawn = np.zeros(len(store.spots), dtype=bool)
        for marks in (self.on_map, self.in_margin):
            drawn[marks.members] = True
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
    grouped = _points(store, tallies, zoom, potential=False)
    single = _areas(store, tallies, zoom)
    areas = Marks.joined(
        [single.take(np.flatnonzero(single.drawn_as == "area")), _points(store, tallies, zoom, potential=True)]
    )
    types = store.coded["type"]
    return Drawing(
        on_map=Marks.joined([areas if zoom is None else clear_of_symbols(areas, grouped, zoom), grouped]),
        in_margin=single.take(np.flatnonzero(single.drawn_as == "margin")),
        categories=_legend(palette, tallies.category.sum(axis=0)),
        shapes=_shape_key(types.values, tallies.type.sum(axis=0)),
        precisions=_precision_key(store, tallies),
        density=density(store, tallies.n) if "density" in view.context else (),
        colour_by=answer.by,
        possible=int(tallies.possible.sum()),
        in_force=int(tallies.in_force.sum()),
        expired=int(tallies.expired.sum()),
        shown=int(tallies.n.sum()),
    )


@dataclass(frozen=True, slots=True)
class _Tallies:
    """Records per spot: in all, by category, by type, that only might belong, of low confidence, in force, expired.

    `pointed` tells which spots are points; the others are areas, or badges in the margin.
    """

    n: npt.NDArray[Any]
    category: npt.NDArray[Any]
    type: npt.NDArray[Any]
    possible: npt.NDArray[Any]
    low: npt.NDArray[Any]
    in_force: npt.NDArray[Any]
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
        pointed=np.array([code in POINTS for code in PRECISIONS])[store.precision_of_spots],
    )


def _expired(store: Store, answer: Answer) -> npt.NDArray[np.int64]:
    """Count for each spot the threats shown whose stated term had run out at the end of the time shown."""
    day = end_of_time(store, answer.selection)
    over = store.with_term[store.columns.term_day[store.with_term] < day]
    spot = store.spot[over[answer.verdicts.passes(over)]]
    return np.bincount(spot[spot >= 0], minlength=len(store.spots))


def end_of_time(store: Store, selection: Selection) -> int:
    """Day number from which a map looks back: the window's end or that of the records, or what was known by then."""
    extent = store.extent
    last = selection.window.last if selection.window else date.max
    if last == date.max and extent:
        last = extent.last
    return day_number(min(last, selection.known_on or last))


def _points(store: Store, tallies: _Tallies, zoom: float | None, *, potential: bool) -> Marks:
    """Make the marks of places that are points, grouped where their symbols would cover each other."""
    spots = store.spots
    members = np.flatnonzero((tallies.n > 0) & tallies.pointed & (spots.potential == potential))
    if zoom is None or not len(members):
        return _marks(store, tallies, members, np.arange(len(members)))
    least_px = CROWDED_ZONE_PX if potential and len(members) > MOST_AREAS else 0.0
    group = point_groups(spots.longitude[members], spots.latitude[members], tallies.n[members], zoom, least_px=least_px)
    order, starts = runs(group)
    return _marks(store, tallies, members[order], starts)


def _areas(store: Store, tallies: _Tallies, zoom: float | None) -> Marks:
    """Make the marks of areas, the small ones within their governorate where many crowd, and the margin's badges."""
    spots = store.spots
    members = np.flatnonzero((tallies.n > 0) & ~tallies.pointed)
    if zoom is None or len(members) <= MOST_AREAS:
        return _marks(store, tallies, members, np.arange(len(members)))
    counted_in, names = _counted_in(spots, zoom)
    found, numbers = np.unique(counted_in[members], return_inverse=True)
    order, starts = runs(numbers)
    return _marks(store, tallies, members[order], starts, areas=[names[number] for number in found.tolist()])


@lru_cache(maxsize=16)
def _counted_in(spots: Spots, zoom: float) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Find in which area each place is counted at a zoom: their numbers, and the names; a badge stands for itself."""
    numbers: dict[tuple[str, bool], int] = {}
    counted_in = []
    columns = (column.tolist() for column in (spots.precision, spots.area_id, spots.potential))
    for spot, (precision, area_id, potential) in enumerate(zip(*columns, strict=True)):
        name = seen_area(area_id, zoom) if DRAWN_AS[precision] == "area" else f"{spot}"
        counted_in.append(numbers.setdefault((name, potential), len(numbers)))
    return np.array(counted_in), [name for name, _ in numbers]


def _marks(
    store: Store,
    tallies: _Tallies,
    members: npt.NDArray[np.intp],
    starts: npt.NDArray[np.intp],
    areas: Sequence[str] = (),
) -> Marks:
    """Make one symbol for each run of places that begins at `starts`, at the mean of its places weighted by records.

    `areas` names for each run of several areas the one in which they are counted.
    """
    spots, n, head = store.spots, tallies.n[members], members[starts]
    n_spots = np.diff(starts, append=len(members))

    def total(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.add.reduceat(values, starts, axis=0) if len(starts) else values

    count, found = total(n), total(tallies.type[members]) > 0
    middle = np.stack([total(axis[members] * n) / count for axis in (spots.longitude, spots.latitude)], axis=1)
    radius_m = _radii(store, members, starts, n_spots, middle)
    ground = _ground(spots, head, n_spots, tallies.pointed[head])
    _count_above(ground, n_spots, areas, middle)
    names = np.array([*(values[0] for values in store.coded["type"].combinations), ""], dtype=object)
    return Marks(
        members=members,
        n_spots=n_spots,
        longitude=middle[:, 0],
        latitude=middle[:, 1],
        radius_m=radius_m,
        count=count,
        tally=total(tallies.category[members]),
        shape=names[np.where(found.sum(axis=1) == 1, found @ np.arange(found.shape[1]), -1)],
        possible=total((tallies.possible + tallies.in_force)[members]) == count,
        low_confidence=total(tallies.low[members]) == count,
        potential=spots.potential[head],
        expired=total(tallies.expired[members]) == count,
        middle=middle,
        reach=np.where(spots.potential[head], spots.reach[head], _NO_REACH),
        **ground,
    )


#: The empty tuple as an element: numpy would take it for an empty array.
_NO_REACH = np.empty(1, dtype=object)
_NO_REACH[0] = ()

Texts = npt.NDArray[np.object_]


def _ground(
    spots: Spots, head: npt.NDArray[np.intp], n_spots: npt.NDArray[np.intp], pointed: npt.NDArray[np.bool_]
) -> dict[str, Texts]:
    """Say what each symbol stands at: its place, or several; `head` is the first, `pointed` when that is a point."""
    precision, potential, several = spots.precision[head], spots.potential[head], n_spots > 1
    drawn_as = np.array([DRAWN_AS[code] for code in precision.tolist()], dtype=object)
    drawn_as[several] = "group"
    drawn_as[potential & (pointed | several)] = "zone"
    area_id, name = spots.area_id[head], spots.name[head]
    precision[several] = area_id[several] = ""
    name[several] = [f"{n} places" for n in n_spots[several].tolist()]
    return {"precision": precision, "drawn_as": drawn_as, "area_id": area_id, "name": name}


def _count_above(
    ground: dict[str, Texts], n_spots: npt.NDArray[np.intp], areas: Sequence[str], middle: npt.NDArray[np.float64]
) -> None:
    """Let symbols of areas that are counted in another one stand at that one, in its middle."""
    for at, area_id in enumerate(areas):
        if n_spots[at] == 1 and (ground["drawn_as"][at] != "area" or ground["area_id"][at] == area_id):
            continue
        area = load_boundaries().area(area_id)
        middle[at] = area.anchor_lonlat
        for column, value in (("precision", ""), ("drawn_as", "area"), ("area_id", area_id), ("name", area.name)):
            ground[column][at] = value


def _radii(
    store: Store,
    members: npt.NDArray[np.intp],
    starts: npt.NDArray[np.intp],
    n_spots: npt.NDArray[np.intp],
    middle: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Radius in metres of what each mark stands for: of its place, of a zone that holds all of its places, else 0."""
    spots = store.spots
    alone = np.where(spots.potential[members], zone_radii_m(spots.radius_m[members]), spots.radius_m[members])
    radius = np.where(n_spots == 1, alone[starts], 0.0)
    if (several := spots.potential[members[starts]] & (n_spots > 1)).any():
        within = np.repeat(several, n_spots)
        there = members[within]
        places = np.stack([spots.longitude[there], spots.latitude[there]], axis=1)
        begin = np.cumsum([0, *n_spots[several][:-1]])
        radius[several] = covering_m(middle[several], places, alone[within], begin)
    return radius


def _legend(palette: Sequence[tuple[str, str, str]], counts: npt.NDArray[np.int64]) -> tuple[Category, ...]:
    return tuple(
        Category(value, label, colour, int(n)) for (value, label, colour), n in zip(palette, counts, strict=True)
    )


def _shape_key(values: Sequence[str], counts: npt.NDArray[np.int64]) -> tuple[KeyEntry, ...]:
    number = dict(zip(values, counts.tolist(), strict=True))
    return tuple(KeyEntry(code, EVENT_TYPES[code].label, number[code]) for code in SHAPE_ORDER if number.get(code))


def _precision_key(store: Store, tallies: _Tallies) -> tuple[KeyEntry, ...]:
    number = np.bincount(store.precision_of_spots, weights=tallies.n, minlength=len(PRECISIONS)).astype(int).tolist()
    return tuple(
        KeyEntry(code, precision.label, n) for (code, precision), n in zip(PRECISIONS.items(), number, strict=True) if n
    )
