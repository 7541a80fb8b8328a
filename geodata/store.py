"""Where records live and are asked.

The one predicate: a `Selection` becomes the question of `scan.py` here and nowhere else; map, table, counts, charts and
exports all use the `Answer`. Columns are small integers sorted by day; every question is a filter and a count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.actors import fold_name
from geodata.coding import Coded, Mask
from geodata.incident import ATTACK_TYPES
from geodata.record_table import RecordTable
from geodata.scan import (
    ATTACKS,
    ATTACKS_HIGH,
    ATTACKS_LEFT_OUT,
    ATTACKS_LOW,
    ATTACKS_OPEN,
    EVENTS_HIGH,
    EVENTS_LOW,
    EVENTS_OPEN,
    LEFT_OUT,
    NO_DAY,
    Counted,
    Packed,
    Question,
    Verdicts,
    count,
    count_outside,
    find_shown,
    judge,
)
from geodata.selection import DIMENSION, DIMENSIONS, Selection, Window, long_date
from geodata.totals import EventTotal, HarmTotal, Ranges

Rows = npt.NDArray[np.intp]
Days = npt.NDArray[np.int32]
Table = npt.NDArray[Any]

#: Tempo charts kept, one for each set of filters asked for; 25 kB each.
MOST_TEMPOS = 256

#: A selection without its window, and the dimension that colours.
TempoKey = tuple[Selection, str]

#: Reasons in the order in which a hidden record is put down to one of them: each is counted once.
NO_DATE = "no usable date"
OUTSIDE_WINDOW = "outside the window"
NOT_YET_KNOWN = "not yet known on"  # the day follows
CORRECTED = "replaced by a correction"
SEARCH = "not found by the search"
LAYER_OFF = "map layer off"
NOT_PLACED = "not placed"
REASON_ORDER = (
    NO_DATE,
    OUTSIDE_WINDOW,
    NOT_YET_KNOWN,
    CORRECTED,
    *(dimension.reason for dimension in DIMENSIONS),
    SEARCH,
    LAYER_OFF,
    NOT_PLACED,
)


#: Days by which the term of a threat may lengthen the time on offer.
MOST_TERM_DAYS = 366


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
    Threats and capabilities (`potential`) have spots of their own, so that they never share a mark with what happened;
    `reach` holds the ids of the areas that a capability known to no single place is said to reach.
    """

    longitude: npt.NDArray[np.float64]
    latitude: npt.NDArray[np.float64]
    radius_m: npt.NDArray[np.float64]
    precision: npt.NDArray[np.object_]
    area_id: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    potential: Mask
    reach: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.longitude)


@dataclass(frozen=True, slots=True)
class Columns:
    """The coded columns of all kept records, sorted by first day; undated records stand at the end.

    Attributes
    ----------
    first_day, last_day
        Day numbers between which the incident happened; `NO_DAY` when the date is unknown.
    term_day
        Last day on which a threat is in force; the last day itself for everything else.
    known_day
        First day on which the record could be known; the lowest number when that is not said.
    replaced_day
        First day on which a correction of the record was known; `NO_DAY` when there is none.
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
    term_day: Days
    known_day: Days
    replaced_day: Days
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
    """Incidents per time bin, by the dimension that colours, for the selection without its window.

    Attributes
    ----------
    unit
        `day`, `week` (from Monday) or `month`.
    starts
        Day number at which each bin starts.
    by
        The dimension that colours.
    cells
        Values that each column of `counts` stands for.
    counts
        (bins, cells): incidents that fall wholly inside the bin.
    possible
        Per bin: incidents whose date is an interval or half known and that may fall into it.
    """

    unit: str
    starts: Days
    by: str
    cells: tuple[tuple[str, ...], ...]
    counts: npt.NDArray[np.int64]
    possible: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Panels:
    """What the panels beside the map say, from one pass."""

    counts: Counts
    facets: Mapping[str, Mapping[str, int]]
    tempo: Tempo


@dataclass(frozen=True)
class Answer:
    """What the store says to a selection: what is shown at once, what is counted when first asked for.

    The map is drawn and sent from the first part while the second is still being counted.

    Attributes
    ----------
    rows, unplaced
        Rows shown, and rows that match but have no place.
    by_spot
        (spots, 4): records shown, of them those that only may lie in the window, those of low confidence, and threats
        announced before the window that are still in force.
    colours, types
        (spots, codes): records shown by the dimension `by` and by type.
    panels
        Counts what the panels say, in one pass.
    """

    selection: Selection
    by: str
    rows: Rows
    unplaced: Rows
    by_spot: Table
    colours: Table
    types: Table
    panels: Callable[[], Panels]

    @cached_property
    def _panels(self) -> Panels:
        return self.panels()

    def count(self) -> None:
        """Count now what would be counted when first asked for."""
        _ = self._panels

    @property
    def counts(self) -> Counts:
        """The honest sums of what is shown and hidden."""
        return self._panels.counts

    @property
    def facets(self) -> Mapping[str, Mapping[str, int]]:
        """Dimension -> value -> records that choosing it would show."""
        return self._panels.facets

    @property
    def tempo(self) -> Tempo:
        """Incidents per time bin of the selection without its window."""
        return self._panels.tempo

    @property
    def matching(self) -> Rows:
        """Rows that match, with a place or without."""
        return np.sort(np.concatenate([self.rows, self.unplaced]))


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
        self._packed = self._pack()
        self._tempos: dict[TempoKey, Tempo] = {}
        self._find_word = lru_cache(maxsize=64)(self._search_word)

    def _pack(self) -> Packed:
        """Lay the columns out as the scan reads them; the coded columns become views of the packed ones."""
        columns, coded = self.columns, list(self.coded.values())
        widest = max(len(column.combinations) for column in coded)
        codes = np.empty((len(self), len(coded)), dtype=np.uint16 if widest <= 2**16 else np.uint32, order="F")
        for at, column in enumerate(coded):
            codes[:, at] = column.codes
        self.coded = {name: replace(column, codes=codes[:, at]) for at, (name, column) in enumerate(self.coded.items())}
        ranges = (columns.events, columns.harm["killed"], columns.harm["wounded"])
        quantities = np.stack([part for r in ranges for part in (r.low, r.best, r.high)], axis=1)
        return Packed(
            first_day=columns.first_day,
            last_day=columns.last_day,
            codes=codes,
            offsets=np.cumsum([0, *(len(column.combinations) for column in coded)]),
            spot=self.spot,
            bins=self._bins_of_days(),
            counted=columns.counted.astype(np.uint8),
            attack=self.coded["type"].passes(frozenset(ATTACK_TYPES)).astype(np.uint8),
            low_confidence=self.coded["confidence"].passes(frozenset({"low"})).astype(np.uint8),
            quantities=quantities.astype(np.float32),
            opened=np.stack([r.open_above for r in ranges], axis=1).astype(np.uint8),
            longest=int((columns.last_day - columns.first_day).max(initial=0)),
            longest_term=int((columns.term_day - columns.first_day).max(initial=0)),
            term_day=columns.term_day,
            known_day=columns.known_day,
            replaced_day=columns.replaced_day,
        )

    def _bins_of_days(self) -> npt.NDArray[np.int16]:
        """Tempo bin of each record's first and last day; -1 without a date."""
        starts = self.bins[1]
        days = np.stack([self.columns.first_day, self.columns.last_day], axis=1)
        bins = np.searchsorted(starts, days, side="right") - 1
        return np.where(days == NO_DAY, -1, bins).astype(np.int16)

    def __len__(self) -> int:
        return len(self.columns.first_day)

    @cached_property
    def extent(self) -> Window | None:
        """First and last day on which any record may have happened; None when no record has a date."""
        dated = self.columns.first_day != NO_DAY
        if not dated.any():
            return None
        return Window(day_of(self.columns.first_day[dated].min()), day_of(self.columns.last_day[dated].max()))

    @cached_property
    def with_term(self) -> Rows:
        """Rows of the threats that stay in force after their last day."""
        return np.flatnonzero(self.columns.term_day > self.columns.last_day)

    @cached_property
    def span(self) -> Window | None:
        """Days that a window may hold: the extent, and on to the day after the last term of a threat, where it fades.

        At most `MOST_TERM_DAYS` are added, so that a term without end does not flatten the records.
        """
        ends = self.columns.term_day[self.columns.first_day != NO_DAY]
        if self.extent is None or not len(ends):
            return self.extent
        last = day_number(self.extent.last)
        beyond = int(ends.max()) + 1 if ends.max() > last else last
        return Window(self.extent.first, day_of(min(beyond, last + MOST_TERM_DAYS)))

    @cached_property
    def totals(self) -> Mapping[str, Mapping[str, int]]:
        """Records of each value of each dimension in the whole dataset, by which lists are ordered."""
        return {name: coded.totals() for name, coded in self.coded.items()}

    def find_row(self, record_id: str) -> int:
        """Give the row of a record id, or -1."""
        return self.records.find("id", record_id)

    def placements_at(self, rows: Rows) -> pd.DataFrame:
        """Read where some records were placed, in the order given."""
        return self.places.iloc[self.columns.place[rows]].reset_index(drop=True)

    def ask(self, selection: Selection, *, by: str = "type") -> Answer:
        """Answer a selection: rows shown, exact counts by reason, facets, tempo, and counts per spot.

        Parameters
        ----------
        by
            Dimension by which the records of each spot are counted, for colouring.

        Returns
        -------
        answer
            `rows` are drawn on the map; `unplaced` match but have no place.
        """
        question = self._question(selection, by)
        rest = replace(selection, window=None, in_force=False)  # the tempo does not depend on the window
        tempo = self._tempos.get((rest, by))
        verdicts = judge(self._packed, question, tempo=tempo is None)
        shown = find_shown(self._packed, question, verdicts, n_spots=len(self.spots))
        return Answer(
            selection=selection,
            by=by,
            rows=shown.rows,
            unplaced=shown.unplaced,
            by_spot=shown.by_spot,
            colours=shown.colours,
            types=shown.types,
            panels=lambda: self._panels(question, verdicts, len(shown.rows), tempo or (rest, by)),
        )

    def _panels(self, question: Question, verdicts: Verdicts, shown: int, tempo: Tempo | TempoKey) -> Panels:
        """Count what is shown and hidden; the tempo is the one that is known, or counted for a selection."""
        n_bins = 0 if isinstance(tempo, Tempo) else len(self.bins[1])
        counted = count(self._packed, question, verdicts, n_bins=n_bins)
        return Panels(
            counts=self._counts(counted, question, shown),
            facets=self._facets(counted),
            tempo=tempo if isinstance(tempo, Tempo) else self._keep_tempo(*tempo, counted),
        )

    def _keep_tempo(self, rest: Selection, by: str, counted: Counted) -> Tempo:
        tempo = Tempo(*self.bins, by, self.coded[by].combinations, counted.tempo, np.cumsum(counted.edges[:-1]))
        if len(self._tempos) >= MOST_TEMPOS:
            self._tempos.clear()
        self._tempos[rest, by] = tempo
        return tempo

    def _question(self, selection: Selection, by: str) -> Question:
        """Write a selection as look-up tables; touching the window is enough for an interval or half-known date."""
        names = list(DIMENSION)
        allow = np.ones(int(self._packed.offsets[-1]), dtype=np.uint8)
        for name, wanted in selection.filters.items():
            at = names.index(name)
            allow[self._packed.offsets[at] : self._packed.offsets[at + 1]] = self.coded[name].has_any(wanted)
        types = self.coded["type"]
        window = selection.window
        return Question(
            first=day_number(window.first) if window else 0,
            last=day_number(window.last) if window else 0,
            windowed=window is not None,
            allow=allow,
            active=np.array([names.index(name) for name in selection.filters], dtype=np.int64),
            found=self.find_text(selection.search).view(np.uint8) if selection.search else np.zeros(0, dtype=np.uint8),
            shown_types=types.has_any(frozenset(types.values) - selection.hidden_types).astype(np.uint8),
            type_at=names.index("type"),
            colour_at=names.index(by),
            known=day_number(selection.known_on) if selection.known_on else int(NO_DAY) - 1,
            in_force=selection.in_force,
        )

    def find_text(self, search: str) -> Mask:
        """Tell which records mention every word of the search, in any spelling the names are known by."""
        words = fold_name(search).split()
        found = np.full(len(self), bool(words))  # signs alone are in no name: nothing is found, not everything
        for word in words:
            found &= np.unpackbits(self._find_word(word), count=len(self)).view(bool)
        return found

    def _search_word(self, word: str) -> npt.NDArray[np.uint8]:
        return np.packbits(self.records.mentions(word))

    def _facets(self, counted: Counted) -> dict[str, Mapping[str, int]]:
        """Count each option as if its own filter were off, so that the number says what choosing it would show."""
        offsets = self._packed.offsets
        return {
            name: coded.per_value(counted.facets[offsets[at] : offsets[at + 1]])
            for at, (name, coded) in enumerate(self.coded.items())
        }

    def _counts(self, counted: Counted, question: Question, shown: int) -> Counts:
        after = (SEARCH, LAYER_OFF, NOT_PLACED, NOT_YET_KNOWN, CORRECTED)
        reasons = [*(dimension.reason for dimension in DIMENSIONS), *after]
        hidden = dict(zip(reasons, counted.hidden, strict=True))
        hidden[NO_DATE], hidden[OUTSIDE_WINDOW] = count_outside(self._packed, question)
        sums = [int(number) for number in counted.sums]
        killed, wounded = (_harm_total(row) for row in counted.harm)
        return Counts(
            read=self.read,
            rejected=self.rejected,
            shown=shown,
            hidden={_said(reason, question): int(hidden[reason]) for reason in REASON_ORDER if hidden[reason]},
            events=EventTotal(shown, sums[EVENTS_LOW], sums[EVENTS_HIGH], sums[EVENTS_OPEN] > 0, sums[LEFT_OUT]),
            attacks=EventTotal(
                sums[ATTACKS], sums[ATTACKS_LOW], sums[ATTACKS_HIGH], sums[ATTACKS_OPEN] > 0, sums[ATTACKS_LEFT_OUT]
            ),
            killed=killed,
            wounded=wounded,
        )

    @cached_property
    def bins(self) -> tuple[str, Days]:
        """Unit and bin starts of the tempo chart: the finest unit that needs at most 200 bins."""
        if self.extent is None:
            return "month", np.array([], dtype=np.int32)
        return tempo_bins(self.extent)


def _said(reason: str, question: Question) -> str:
    return f"{reason} {long_date(day_of(question.known))}" if reason == NOT_YET_KNOWN else reason


def _harm_total(sums: npt.NDArray[np.float64]) -> HarmTotal:
    low, best, high, opened, known, without_best, unknown = (int(number) for number in sums)
    return HarmTotal(low, best, high, opened > 0, known, without_best, unknown)


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
