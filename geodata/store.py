"""Where records live and are asked.

The one predicate: a `Selection` becomes masks here and nowhere else; map, table, counts, charts and exports all use
the `Answer`. Columns are small integers sorted by day, so that every question is a filter and a count over arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from geodata.actors import fold_name
from geodata.coding import Coded, Mask
from geodata.incident import ATTACK_TYPES
from geodata.record_table import SEARCH_COLUMN, RecordTable
from geodata.selection import DIMENSION, Selection, Window
from geodata.totals import EventTotal, HarmTotal, Ranges, add_events, add_harm

Rows = npt.NDArray[np.intp]
Days = npt.NDArray[np.int32]

#: Day number that stands for "no usable date"; days count from 1970-01-01.
NO_DAY = np.iinfo(np.int32).max

#: Reasons in the order in which a hidden record is put down to one of them: each is counted once.
NO_DATE = "no usable date"
OUTSIDE_WINDOW = "outside the window"
SEARCH = "not found by the search"
LAYER_OFF = "map layer off"
NOT_PLACED = "not placed"


def day_number(day: date) -> int:
    """Count days from 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def day_of(number: int) -> date:
    """Turn a day number back to a date."""
    return date.fromordinal(int(number) + date(1970, 1, 1).toordinal())


@dataclass(frozen=True, slots=True)
class Spots:
    """The distinct places of the records: what one mark on the map stands for.

    Each array has one element per spot; longitude and latitude in degrees, EPSG:4326; `radius_m` is the radius within
    which the true point is expected. `area_id` is set where the place is an area, and the area is drawn, not the point.
    """

    longitude: npt.NDArray[np.float64]
    latitude: npt.NDArray[np.float64]
    radius_m: npt.NDArray[np.float64]
    precision: npt.NDArray[np.object_]
    area_id: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.longitude)


@dataclass(frozen=True, slots=True)
class Columns:
    """The coded columns of all kept records, sorted by first day; undated records stand at the end.

    Attributes
    ----------
    first_day, last_day
        Day numbers between which the incident happened; `NO_DAY` when the date is unknown.
    place
        Index into the store's `places`.
    coded
        One coded column per dimension that stands in the record itself.
    counted
        False where the record repeats others ("count only") and is left out of sums.
    events
        How many events each record stands for.
    harm
        `killed` and `wounded`; unknown is NaN, never 0.
    """

    first_day: Days
    last_day: Days
    place: npt.NDArray[np.int32]
    coded: Mapping[str, Coded]
    counted: Mask
    events: Ranges
    harm: Mapping[str, Ranges]


@dataclass(frozen=True, slots=True)
class Counts:
    """The honest sums: read = rejected + shown + every hidden reason."""

    read: int
    rejected: int
    shown: int
    hidden: Mapping[str, int]
    events: EventTotal
    attacks: EventTotal
    killed: HarmTotal
    wounded: HarmTotal

    @property
    def kept(self) -> int:
        """Records that were read and not rejected."""
        return self.read - self.rejected


@dataclass(frozen=True, slots=True)
class Tempo:
    """Incidents per time bin, by event type, for the selection without its window.

    Attributes
    ----------
    unit
        `day`, `week` (from Monday) or `month`.
    starts
        Day number at which each bin starts.
    types
        Event type of each column of `counts`.
    counts
        (bins, types): incidents that fall wholly inside the bin.
    possible
        Per bin: incidents whose date is an interval or half known and that may fall into it.
    """

    unit: str
    starts: Days
    types: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    possible: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the store says to a selection; all parts come from the same masks."""

    selection: Selection
    rows: Rows
    matching: Rows
    counts: Counts
    facets: Mapping[str, Mapping[str, int]]
    tempo: Tempo


class Store:
    """All kept records of one dataset, read-only and shared by every session."""

    def __init__(
        self,
        *,
        records: RecordTable,
        columns: Columns,
        by_place: Mapping[str, Coded],
        places: pd.DataFrame,
        spot: npt.NDArray[np.int32],
        spots: Spots,
        names: Mapping[str, str],
        read: int,
        rejected: int,
    ) -> None:
        self.records = records
        self.columns = columns
        self.places = places
        self.spot = spot
        self.spots = spots
        self.names = names
        self.read = read
        self.rejected = rejected
        found = {**columns.coded, **{name: coded.at(columns.place) for name, coded in by_place.items()}}
        self.coded: Mapping[str, Coded] = {name: found[name] for name in DIMENSION}
        self._find_word = lru_cache(maxsize=64)(self._search_word)

    def __len__(self) -> int:
        return len(self.columns.first_day)

    @cached_property
    def extent(self) -> Window | None:
        """First and last day on which any record may have happened; None when no record has a date."""
        dated = self.columns.first_day != NO_DAY
        if not dated.any():
            return None
        return Window(day_of(self.columns.first_day[dated].min()), day_of(self.columns.last_day[dated].max()))

    def find_row(self, record_id: str) -> int:
        """Give the row of a record id, or -1."""
        return self.records.find("id", record_id)

    def placements_at(self, rows: Rows) -> pd.DataFrame:
        """Read where some records were placed, in the order given."""
        return self.places.iloc[self.columns.place[rows]].reset_index(drop=True)

    def ask(self, selection: Selection) -> Answer:
        """Answer a selection: rows shown, exact counts by reason, facets and tempo.

        Returns
        -------
        answer
            `rows` are drawn on the map; `matching` adds those that match but have no place.
        """
        window = self._window_masks(selection.window)
        filters = self._filter_masks(selection)
        hidden, matching = self._put_down_to_reasons(window, filters)
        placed = self.spot >= 0
        rows = np.flatnonzero(matching & placed)
        hidden[NOT_PLACED] = int(matching.sum()) - len(rows)
        return Answer(
            selection=selection,
            rows=rows,
            matching=np.flatnonzero(matching),
            counts=self._counts(rows, hidden),
            facets=self._facets(window, filters, placed),
            tempo=self._tempo(_all_of([placed, *filters.values()])),
        )

    def _window_masks(self, window: Window | None) -> dict[str, Mask]:
        """Touching the window is enough: an interval or half-known date appears in every window it may fall into."""
        if window is None:
            return {}
        dated = self.columns.first_day != NO_DAY
        first, last = day_number(window.first), day_number(window.last)
        return {NO_DATE: dated, OUTSIDE_WINDOW: (self.columns.first_day <= last) & (self.columns.last_day >= first)}

    def _filter_masks(self, selection: Selection) -> dict[str, Mask]:
        """One mask per active filter, keyed by dimension name, then search and layers."""
        masks = {name: self.coded[name].passes(wanted) for name, wanted in selection.filters.items()}
        if selection.search:
            masks[SEARCH] = self.find_text(selection.search)
        if selection.hidden_types:
            types = self.coded["type"]
            masks[LAYER_OFF] = types.passes(frozenset(types.values) - selection.hidden_types)
        return masks

    def find_text(self, search: str) -> Mask:
        """Tell which records mention every word of the search, in any spelling the names are known by."""
        words = fold_name(search).split()
        found = np.full(len(self), bool(words))  # signs alone are in no name: nothing is found, not everything
        for word in words:
            found &= np.unpackbits(self._find_word(word), count=len(self)).view(bool)
        return found

    def _search_word(self, word: str) -> npt.NDArray[np.uint8]:
        found = pc.match_substring(self.records.arrow(SEARCH_COLUMN), word)
        return np.packbits(found.to_numpy(zero_copy_only=False))

    def _put_down_to_reasons(
        self, window: Mapping[str, Mask], filters: Mapping[str, Mask]
    ) -> tuple[dict[str, int], Mask]:
        left = np.ones(len(self), dtype=bool)
        hidden: dict[str, int] = {}
        for name, mask in {**window, **filters}.items():
            remaining = left & mask
            hidden[DIMENSION[name].reason if name in DIMENSION else name] = int(left.sum()) - int(remaining.sum())
            left = remaining
        return hidden, left

    def _facets(
        self, window: Mapping[str, Mask], filters: Mapping[str, Mask], placed: Mask
    ) -> dict[str, Mapping[str, int]]:
        """Count each option as if its own filter were off, so that the number says what choosing it would show."""
        everything = np.flatnonzero(_all_of([placed, *window.values(), *filters.values()]))
        facets: dict[str, Mapping[str, int]] = {}
        for name, coded in self.coded.items():
            rows = everything
            if name in filters:
                others = [mask for other, mask in filters.items() if other != name]
                rows = np.flatnonzero(_all_of([placed, *window.values(), *others]))
            facets[name] = coded.counts(rows)
        return facets

    def _counts(self, rows: Rows, hidden: Mapping[str, int]) -> Counts:
        columns = self.columns
        added, events = columns.counted[rows], columns.events.at(rows)
        attack = self._is_attack[rows]
        return Counts(
            read=self.read,
            rejected=self.rejected,
            shown=len(rows),
            hidden={reason: n for reason, n in hidden.items() if n},
            events=add_events(events, added),
            attacks=add_events(events.at(np.flatnonzero(attack)), added[attack]),
            killed=add_harm(columns.harm["killed"].at(rows), added),
            wounded=add_harm(columns.harm["wounded"].at(rows), added),
        )

    @cached_property
    def _is_attack(self) -> Mask:
        return self.coded["type"].passes(frozenset(ATTACK_TYPES))

    @cached_property
    def bins(self) -> tuple[str, Days]:
        """Unit and bin starts of the tempo chart: the finest unit that needs at most 200 bins."""
        if self.extent is None:
            return "month", np.array([], dtype=np.int32)
        return tempo_bins(self.extent)

    def _tempo(self, mask: Mask) -> Tempo:
        unit, starts = self.bins
        types = self.coded["type"]
        rows = np.flatnonzero(mask & (self.columns.first_day != NO_DAY))
        first = np.searchsorted(starts, self.columns.first_day[rows], side="right") - 1
        last = np.searchsorted(starts, self.columns.last_day[rows], side="right") - 1
        sure = first == last
        n_types = len(types.values)
        type_codes = types.first_value_codes()[types.codes[rows[sure]]]
        counts = np.bincount(first[sure] * n_types + type_codes, minlength=len(starts) * n_types)
        edges = np.bincount(first[~sure], minlength=len(starts) + 1) - np.bincount(
            last[~sure] + 1, minlength=len(starts) + 1
        )
        return Tempo(unit, starts, types.values, counts.reshape(len(starts), n_types), np.cumsum(edges[: len(starts)]))

    def uncertain(self, rows: Rows, window: Window | None) -> Mask:
        """Tell which of the rows only might fall into the window: their interval reaches beyond it."""
        if window is None:
            return np.zeros(len(rows), dtype=bool)
        first, last = self.columns.first_day[rows], self.columns.last_day[rows]
        return (first < day_number(window.first)) | (last > day_number(window.last))


def tempo_bins(extent: Window, most: int = 200) -> tuple[str, Days]:
    """Cut an extent into days, weeks from Monday, or calendar months; the finest unit within `most` bins wins."""
    first, last = day_number(extent.first), day_number(extent.last)
    if last - first < most:
        return "day", np.arange(first, last + 1, dtype=np.int32)
    monday = first - (first + 3) % 7  # 1970-01-01 was a Thursday
    if (last - monday) // 7 < most:
        return "week", np.arange(monday, last + 1, 7, dtype=np.int32)
    months = np.arange(np.datetime64(extent.first, "M"), np.datetime64(extent.last, "M") + 1)
    return "month", months.astype("datetime64[D]").astype(np.int32)


def _all_of(masks: list[Mask]) -> Mask:
    result = masks[0].copy()
    for mask in masks[1:]:
        result &= mask
    return result
