"""Records to marks and legend, in the shapes, colours and sizes of `symbols.py`.

Both pens, the Leaflet layer and the matplotlib snapshot, draw the same plain `Drawing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.badges import MOST_MOVED, clear_of_symbols
from dashboard.grouping import point_groups, runs, seen_area
from dashboard.symbols import DRAWN_AS, POINTS, SHAPE_ORDER, colours, size_px, zone_radii_m
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
        return size_px(self.count)


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
    window; `expired` counts threats whose term had run out at the end of the time shown.
    """

    marks: tuple[Mark, ...]
    margin: tuple[Mark, ...]
    categories: tuple[Category, ...]
    shapes: tuple[KeyEntry, ...]
    precisions: tuple[KeyEntry, ...]
    density: tuple[tuple[float, float, float, float, float], ...]
    colour_by: str
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
    grouped = _points(store, tallies, zoom, potential=False)
    single = _areas(store, tallies, zoom)
    areas = [mark for mark in single if mark.drawn_as == "area"] + _points(store, tallies, zoom, potential=True)
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
        pointed=np.isin(store.spots.precision, POINTS),
    )


def _expired(store: Store, answer: Answer) -> npt.NDArray[np.int64]:
    """Count for each spot the threats shown whose stated term had run out at the end of the time shown."""
    columns, rows = store.columns, answer.rows
    day = end_of_time(store, answer.selection)
    over = store.with_term[columns.term_day[store.with_term] < day]
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


def _points(store: Store, tallies: _Tallies, zoom: float | None, *, potential: bool) -> list[Mark]:
    """Make the marks of places that are points, grouped where their symbols would cover each other."""
    spots = store.spots
    members = np.flatnonzero((tallies.n > 0) & tallies.pointed & (spots.potential == potential))
    if zoom is None or not len(members):
        return _marks(store, tallies, members, np.arange(len(members)))
    least_px = CROWDED_ZONE_PX if potential and len(members) > MOST_MOVED else 0.0
    group = point_groups(spots.longitude[members], spots.latitude[members], tallies.n[members], zoom, least_px=least_px)
    order, starts = runs(group)
    return _marks(store, tallies, members[order], starts)


def _areas(store: Store, tallies: _Tallies, zoom: float | None) -> list[Mark]:
    """Make the marks of areas, the small ones within their governorate where many crowd, and the margin's badges."""
    spots = store.spots
    members = np.flatnonzero((tallies.n > 0) & ~tallies.pointed)
    if zoom is None or len(members) <= MOST_MOVED:
        return _marks(store, tallies, members, np.arange(len(members)))
    group: dict[tuple[str, bool], int] = {}
    numbers = []
    for spot in members.tolist():
        on_map = DRAWN_AS[spots.precision[spot]] == "area"
        key = seen_area(str(spots.area_id[spot]), zoom) if on_map else f"{spot}"
        numbers.append(group.setdefault((key, bool(spots.potential[spot])), len(group)))
    order, starts = runs(np.array(numbers))
    return _marks(store, tallies, members[order], starts, areas=[key for key, _ in group])


def _marks(
    store: Store,
    tallies: _Tallies,
    members: npt.NDArray[np.intp],
    starts: npt.NDArray[np.intp],
    areas: Sequence[str] = (),
) -> list[Mark]:
    """Make one symbol for each run of places that begins at `starts`, at the mean of its places weighted by records.

    `areas` names for each run of several areas the one in which they are counted.
    """
    if not len(members):
        return []
    spots, n = store.spots, tallies.n[members]

    def total(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.add.reduceat(values, starts, axis=0)

    count, types = total(n), total(tallies.type[members])
    centre = np.stack([total(axis[members] * n) / count for axis in (spots.longitude, spots.latitude)], axis=1)
    radius, counts = _radii(store, members, starts, centre).tolist(), count.tolist()
    names = [values[0] for values in store.coded["type"].combinations]
    shapes = np.where((types > 0).sum(axis=1) == 1, types.argmax(axis=1), -1).tolist()
    possible = (total((tallies.possible + tallies.in_force)[members]) == count).tolist()
    low = (total(tallies.low[members]) == count).tolist()
    expired = (total(tallies.expired[members]) == count).tolist()
    parts = _parts(total(tallies.category[members]))
    places, ends = members.tolist(), [*starts[1:].tolist(), len(members)]
    marks = []
    for g, (start, end) in enumerate(zip(starts.tolist(), ends, strict=True)):
        head, potential = places[start], bool(spots.potential[places[start]])
        place = _place_of(spots, head, end - start, areas[g] if areas else "")
        longitude, latitude = place.anchor or centre[g].tolist()
        marks.append(
            Mark(
                spots=tuple(places[start:end]),
                longitude=longitude,
                latitude=latitude,
                precision=place.precision,
                drawn_as=place.drawn_as,
                radius_m=radius[g],
                area_id=place.area_id,
                name=place.name,
                count=counts[g],
                parts=parts[g],
                shape=names[shapes[g]] if shapes[g] >= 0 else "",
                possible=possible[g],
                low_confidence=low[g],
                potential=potential,
                expired=expired[g],
                centre=(longitude, latitude),
                reach=spots.reach[head] if potential else (),
            )
        )
    return marks


class _Place(NamedTuple):
    """What a mark stands at; `anchor` is where a badge for several areas belongs."""

    precision: str
    drawn_as: str
    area_id: str
    name: str
    anchor: tuple[float, float] | None = None


def _place_of(spots: Spots, head: int, n: int, area_id: str) -> _Place:
    """Describe one place, several points, or the area in which several areas are counted; `head` is their first."""
    potential = bool(spots.potential[head])
    if n == 1:
        precision = str(spots.precision[head])
        drawn_as = "zone" if potential and precision in POINTS else DRAWN_AS[precision]
        if area_id in ("", spots.area_id[head]) or drawn_as != "area":
            return _Place(precision, drawn_as, str(spots.area_id[head]), str(spots.name[head]))
    if area_id:
        area = load_boundaries().area(area_id)
        return _Place("", "area", area_id, area.name, area.anchor_lonlat)
    return _Place("", "zone" if potential else "group", "", f"{n} places")


def _radii(
    store: Store, members: npt.NDArray[np.intp], starts: npt.NDArray[np.intp], centre: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Radius in metres of what each mark stands for: of its place, of a zone that holds all of its places, else 0."""
    spots, n = store.spots, np.diff([*starts, len(members)])
    alone = np.where(spots.potential[members], zone_radii_m(spots.radius_m[members]), spots.radius_m[members])
    radius = np.where(n == 1, alone[starts], 0.0)
    if (several := spots.potential[members[starts]] & (n > 1)).any():
        within = np.repeat(several, n)  # the places of those marks alone: geodesics take a microsecond each
        there = members[within]
        around = np.repeat(centre[several], n[several], axis=0)
        far = covering_m(around, np.stack([spots.longitude[there], spots.latitude[there]], axis=1), alone[within])
        radius[several] = np.maximum.reduceat(far, np.cumsum([0, *n[several][:-1]]))
    return radius


def _parts(counts: npt.NDArray[np.int64]) -> list[tuple[tuple[int, int], ...]]:
    """List each mark's (category, records) from most to least."""
    mark, category = np.nonzero(counts)
    n = counts[mark, category]
    order = np.lexsort((-n, mark))  # stable: equal numbers stay in the order of the categories
    pairs = list(zip(category[order].tolist(), n[order].tolist(), strict=True))
    ends = np.searchsorted(mark, np.arange(1, len(counts) + 1)).tolist()
    return [tuple(pairs[start:end]) for start, end in pairwise([0, *ends])]


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
