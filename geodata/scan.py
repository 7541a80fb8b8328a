"""One pass over the records that answers everything a selection asks: the predicate, in one place.

Compiled by numba, because the page asks a dozen counts at once: numpy needs a pass over the records for each of them
(170 ms at a million records), this needs one (docs/design.md, "Scale", has the measurements).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Day number that stands for "no usable date"; days count from 1970-01-01.
NO_DAY = np.iinfo(np.int32).max

#: Positions in `Found.hidden` after those of the dimensions.
SEARCH, LAYER, UNPLACED, NOT_YET_KNOWN, CORRECTED = range(5)
REASONS = 5

#: Records from which on a pass is shared by two threads: handing over costs about 0.1 ms, 10,000 records' time.
PARALLEL_FROM = 200_000

_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="scan")

#: Positions in `Found.sums`, for all records and for attacks or harm.
EVENTS_LOW, EVENTS_HIGH, EVENTS_OPEN, LEFT_OUT, ATTACKS, ATTACKS_LOW, ATTACKS_HIGH, ATTACKS_OPEN, ATTACKS_LEFT_OUT = (
    range(9)
)
HARM_LOW, HARM_BEST, HARM_HIGH, HARM_OPEN, HARM_KNOWN, HARM_WITHOUT_BEST, HARM_UNKNOWN = range(7)


@dataclass(frozen=True, slots=True)
class Packed:
    """The records' columns as the scan reads them, sorted by first day.

    Attributes
    ----------
    codes
        (records, dimensions): the code of each record's cell, in the order of the dimensions.
    offsets
        Where each dimension's codes begin in the flat tables `allow` and `facets`; its last element is their length.
    bins
        (records, 2): tempo bin of the first and the last day; -1 without a date.
    quantities
        (records, 9): low, best and high of events, killed and wounded, NaN where unknown.
    opened
        (records, 3): whether the same are open above.
    longest, longest_term
        Days from the first to the last day of the record that lasts longest, and of the threat with the longest term.
    term_day
        Last day on which a threat is in force; the last day itself for everything else.
    known_day
        First day on which each record could be known.
    replaced_day
        First day on which a correction of the record was known; `NO_DAY` when there is none.
    """

    first_day: Array
    last_day: Array
    codes: Array
    offsets: Array
    spot: Array
    bins: Array
    counted: Array
    attack: Array
    low_confidence: Array
    quantities: Array
    opened: Array
    longest: int
    longest_term: int
    term_day: Array
    known_day: Array
    replaced_day: Array


@dataclass(frozen=True, slots=True)
class Question:
    """A selection as the scan reads it.

    Attributes
    ----------
    first, last
        Day numbers of the window; `windowed` is False for all time.
    allow
        Flat table by offset and code: 1 where the dimension's filter lets the code through.
    active
        Positions of the dimensions that filter, in their order.
    found
        One byte per record: 1 where the search found it; empty when there is no search.
    shown_types
        One byte per code of the type dimension: 1 where its layer is on.
    type_at, colour_at
        Positions of the type dimension and of the one that colours.
    known
        Day number on which a record must have been known, and no correction of it; below `NO_DAY`.
    in_force
        Whether a threat touches the window until its term ends, and not only when it was announced.
    """

    first: int
    last: int
    windowed: bool
    allow: Array
    active: Array
    found: Array
    shown_types: Array
    type_at: int
    colour_at: int
    known: int
    in_force: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What one pass finds.

    Attributes
    ----------
    hidden
        Hidden records inside the window, each put down to the first thing that hides it: dimensions first, then
        `SEARCH` and so on.
    facets
        Flat table by offset and code: records placed that pass all but this dimension's own filter.
    tempo
        (bins, colours): records that pass all but the window and fall wholly into the bin.
    edges
        Differences of the number of records that may fall into each bin.
    by_spot
        (spots, 4): records shown, of them those that only may lie in the window, those of low confidence, and threats
        announced before the window that are still in force.
    colours, types
        (spots, codes): records shown by colour category and by type.
    rows, unplaced
        Rows shown, and rows that match but have no place.
    sums, harm
        See the positions above; `harm` is (2, 7) for killed and wounded.
    """

    hidden: Array
    facets: Array
    tempo: Array
    edges: Array
    by_spot: Array
    colours: Array
    types: Array
    rows: Array
    unplaced: Array
    sums: Array
    harm: Array


def scan(packed: Packed, question: Question, *, n_bins: int, n_spots: int, tempo: bool) -> Found:
    """Put a question to the records.

    Parameters
    ----------
    tempo
        Count the tempo bins too, which needs every record; without them only the records near the window are read.
    """
    low, high = (0, len(packed.first_day)) if tempo or not question.windowed else _near(packed, question)
    shape = _Shape.of(packed, question, n_bins, n_spots)
    if high - low < PARALLEL_FROM:
        parts = [_part(packed, question, shape, low, high, tempo)]
    else:
        middle = (low + high) // 2
        other = _pool.submit(_part, packed, question, shape, middle, high, tempo)
        parts = [_part(packed, question, shape, low, middle, tempo), other.result()]
    return _joined(parts)


def count_outside(packed: Packed, question: Question) -> tuple[int, int]:
    """Count records without a date, and dated ones that the window does not touch."""
    if not question.windowed:
        return 0, 0
    dated = int(np.searchsorted(packed.first_day, NO_DAY))
    low, high = _near(packed, question)
    ends = packed.term_day if question.in_force else packed.last_day
    inside = int((ends[low:high] >= question.first).sum())
    return len(packed.first_day) - dated, dated - inside


def _near(packed: Packed, question: Question) -> tuple[int, int]:
    """Rows among which all that touch the window are: none lasts longer than the longest."""
    longest = packed.longest_term if question.in_force else packed.longest
    low = np.searchsorted(packed.first_day, question.first - longest)
    return int(low), int(np.searchsorted(packed.first_day, question.last, side="right"))


@dataclass(frozen=True, slots=True)
class _Shape:
    """Sizes of the tables a pass fills."""

    hidden: int
    facets: int
    bins: int
    spots: int
    types: int
    colours: int

    @classmethod
    def of(cls, packed: Packed, question: Question, n_bins: int, n_spots: int) -> _Shape:
        widths = np.diff(packed.offsets)
        types, colours = int(widths[question.type_at]), int(widths[question.colour_at])
        return cls(len(widths) + REASONS, int(packed.offsets[-1]), n_bins, n_spots, types, colours)


def _part(packed: Packed, question: Question, shape: _Shape, low: int, high: int, tempo: bool) -> Found:
    """Scan some rows into tables of their own."""
    found = Found(
        hidden=np.zeros(shape.hidden, dtype=np.int64),
        facets=np.zeros(shape.facets, dtype=np.int64),
        tempo=np.zeros((shape.bins, shape.colours), dtype=np.int64),
        edges=np.zeros(shape.bins + 1, dtype=np.int64),
        by_spot=np.zeros((shape.spots, 4), dtype=np.int64),
        colours=np.zeros((shape.spots, shape.colours), dtype=np.int64),
        types=np.zeros((shape.spots, shape.types), dtype=np.int64),
        rows=np.empty(high - low, dtype=np.int32),
        unplaced=np.empty(high - low, dtype=np.int32),
        sums=np.zeros(9, dtype=np.float64),
        harm=np.zeros((2, 7), dtype=np.float64),
    )
    n_rows, n_unplaced = _pass(
        low, high, tempo,
        packed.first_day, packed.last_day, packed.codes, packed.offsets, packed.spot, packed.bins, packed.counted,
        packed.attack, packed.low_confidence, packed.quantities, packed.opened, question.first, question.last,
        question.windowed, question.allow, question.active, question.found, question.shown_types, question.type_at,
        question.colour_at, found.hidden, found.facets, found.tempo, found.edges, found.by_spot, found.colours,
        found.types, found.rows, found.unplaced, found.sums, found.harm, packed.term_day, packed.known_day,
        question.known, question.in_force, packed.replaced_day,
    )  # fmt: skip
    return replace(found, rows=found.rows[:n_rows], unplaced=found.unplaced[:n_unplaced])


def _joined(parts: list[Found]) -> Found:
    """Add up the tables of consecutive parts and put their rows one after the other."""
    lists = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "unplaced")}
    tables = {
        field.name: sum(getattr(part, field.name) for part in parts)
        for field in fields(Found)
        if field.name not in lists
    }
    return Found(**tables, **lists)


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _pass(  # type: ignore[no-untyped-def]  # numba infers the types
    start, stop, tempo_wanted,
    first_day, last_day, codes, offsets, spot, bins, counted, attack, low_confidence, quantities, opened,
    first, last, windowed, allow, active, found, shown_types, type_at, colour_at,
    hidden, facets, tempo, edges, by_spot, colours, types, rows, unplaced, sums, harm, term_day, known_day,
    known, in_force, replaced_day,
):  # fmt: skip
    n_dimensions = codes.shape[1]
    searching, layered = len(found) > 0, (shown_types == 0).any()
    n_rows = n_unplaced = 0
    for i in range(start, stop):
        dated = first_day[i] != NO_DAY
        ends = term_day[i] if in_force else last_day[i]
        in_window = not windowed or (dated and first_day[i] <= last and ends >= first)
        if not in_window and not tempo_wanted:
            continue
        # Which of the things that can hide a record do so: how many, and which comes first.
        failed, reason, only = 0, -1, -1
        if known_day[i] > known:
            failed, reason = 1, n_dimensions + NOT_YET_KNOWN
        elif replaced_day[i] <= known:
            failed, reason = 1, n_dimensions + CORRECTED
        for d in active:
            if allow[offsets[d] + codes[i, d]] == 0:
                failed += 1
                only = d
                if reason < 0:
                    reason = d
        if searching and found[i] == 0:
            failed += 1
            only = -1
            if reason < 0:
                reason = n_dimensions + SEARCH
        if layered and shown_types[codes[i, type_at]] == 0:
            failed += 1
            only = -1
            if reason < 0:
                reason = n_dimensions + LAYER
        if in_window and failed:
            hidden[reason] += 1
        placed = spot[i] >= 0
        if not placed:
            if in_window and failed == 0:
                hidden[n_dimensions + UNPLACED] += 1
                unplaced[n_unplaced] = i
                n_unplaced += 1
            continue
        if tempo_wanted and failed == 0 and dated:
            a, b = bins[i, 0], bins[i, 1]
            if a == b:
                tempo[a, codes[i, colour_at]] += 1
            else:
                edges[a] += 1
                edges[b + 1] -= 1
        if not in_window:
            continue
        if failed == 1 and only >= 0:
            facets[offsets[only] + codes[i, only]] += 1
        if failed:
            continue
        for d in range(n_dimensions):
            facets[offsets[d] + codes[i, d]] += 1
        s = spot[i]
        rows[n_rows] = i
        n_rows += 1
        by_spot[s, 0] += 1
        if windowed and last_day[i] < first:
            by_spot[s, 3] += 1
        elif windowed and (first_day[i] < first or last_day[i] > last):
            by_spot[s, 1] += 1
        if low_confidence[i]:
            by_spot[s, 2] += 1
        colours[s, codes[i, colour_at]] += 1
        types[s, codes[i, type_at]] += 1
        if attack[i]:
            sums[ATTACKS] += 1
        if not counted[i]:
            sums[LEFT_OUT] += 1
            if attack[i]:
                sums[ATTACKS_LEFT_OUT] += 1
            continue
        sums[EVENTS_LOW] += quantities[i, 0]
        sums[EVENTS_HIGH] += quantities[i, 2]
        sums[EVENTS_OPEN] += opened[i, 0]
        if attack[i]:
            sums[ATTACKS_LOW] += quantities[i, 0]
            sums[ATTACKS_HIGH] += quantities[i, 2]
            sums[ATTACKS_OPEN] += opened[i, 0]
        for h in range(2):
            low, best, high = quantities[i, 3 + 3 * h], quantities[i, 4 + 3 * h], quantities[i, 5 + 3 * h]
            if np.isnan(high):
                harm[h, HARM_UNKNOWN] += 1
                continue
            harm[h, HARM_KNOWN] += 1
            harm[h, HARM_LOW] += low
            harm[h, HARM_HIGH] += high
            harm[h, HARM_OPEN] += opened[i, 1 + h]
            if np.isnan(best):
                harm[h, HARM_WITHOUT_BEST] += 1
                best = low
            harm[h, HARM_BEST] += best
    return n_rows, n_unplaced
