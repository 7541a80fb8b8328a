"""Where records live and are asked.

The one predicate: a `Selection` becomes the question of `scan.py` here and nowhere else; map, table, counts, charts and
exports all use the `Answer`. Columns are small integers sorted by day; every question is a filter and a count.
What a store is made of is in `columns.py`, what it says in `answer.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.actors import fold_name
from geodata.answer import (
    CORRECTED,
    LAYER_OFF,
    NO_DATE,
    NOT_PLACED,
    NOT_YET_KNOWN,
    OUTSIDE_WINDOW,
    REASON_ORDER,
    SEARCH,
    Answer,
    Counts,
    Panels,
    Tempo,
)
from geodata.coding import Coded, Mask
from geodata.columns import Columns, Days, Spots
from geodata.incident import PRECISIONS
from geodata.packing import pack
from geodata.record_table import RecordTable, Rows
from geodata.scan import Counted, Question, Verdicts, count, count_outside, find_shown, judge
from geodata.scan_loops import (
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
)
from geodata.selection import DIMENSION, DIMENSIONS, Selection, Window, long_date
from geodata.totals import EventTotal, HarmTotal

#: Tempo charts kept, one for each set of filters asked for; 25 kB each.
MOST_TEMPOS = 256

#: A selection without its window, and the dimension that colours.
TempoKey = tuple[Selection, str]

#: Days by which the term of a threat may lengthen the time on offer.
MOST_TERM_DAYS = 366


def day_number(day: date) -> int:
    """Count days from 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def day_of(number: int) -> date:
    """Turn a day number back to a date."""
    return date.fromordinal(int(number) + date(1970, 1, 1).toordinal())


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
        self._packed, self.columns, self.coded = pack(
            columns, {name: found[name] for name in DIMENSION}, spot, bin_starts=self.bins[1]
        )
        self._tempos: dict[TempoKey, Tempo] = {}
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

    @cached_property
    def precision_of_spots(self) -> npt.NDArray[np.intp]:
        """Position in `PRECISIONS` of each spot's precision."""
        position = {code: at for at, code in enumerate(PRECISIONS)}
        return np.array([position[code] for code in self.spots.precision], dtype=np.intp)

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
        """
        question = self._question(selection, by)
        rest = replace(selection, window=None, in_force=False)  # the tempo does not depend on the window
        tempo = self._tempos.get((rest, by))
        verdicts = judge(self._packed, question, tempo=tempo is None)
        shown = find_shown(self._packed, question, verdicts, n_spots=len(self.spots))
        by_spot = shown.by_spot()
        return Answer(
            selection=selection,
            by=by,
            verdicts=verdicts,
            spot=self.spot,
            by_spot=by_spot,
            colours=shown.colours,
            types=shown.types,
            panels=lambda: self._panels(question, verdicts, int(by_spot[:, 0].sum()), tempo or (rest, by)),
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
        allow = [
            coded.has_any(selection.filters[name])
            if name in selection.filters
            else np.ones(len(coded.combinations), bool)
            for name, coded in self.coded.items()
        ]
        types = self.coded["type"]
        window = selection.window
        return Question(
            first=day_number(window.first) if window else 0,
            last=day_number(window.last) if window else 0,
            windowed=window is not None,
            allow=np.concatenate(allow).view(np.uint8),
            active=np.array([names.index(name) for name in selection.filters], dtype=np.int64),
            found=self.find_text(selection.search).view(np.uint8) if selection.search else np.zeros(0, dtype=np.uint8),
            shown_types=types.has_any(frozenset(types.values) - selection.hidden_types).view(np.uint8),
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
        facets = np.split(counted.facets, np.cumsum(self._packed.widths)[:-1])
        return {
            name: coded.per_value(of_codes) for (name, coded), of_codes in zip(self.coded.items(), facets, strict=True)
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
