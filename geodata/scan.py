"""The predicate, in one place, and what is shown and counted by it.

In two passes, because the map is drawn from the first and sent before the second is begun (docs/design.md, "Scale", has
the measurements). The loops themselves are compiled; `scan_loops.py` hands them what they read and write.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from geodata.scan_loops import (
    HARM_SUMS,
    IN_FORCE,
    NO_DAY,
    PASSES,
    PERHAPS,
    REASONS,
    SUMS,
    WHOLLY,
    ColumnsTable,
    CountedTable,
    QuestionTable,
    ShownTable,
    VerdictsTable,
    count_rows,
    judge_rows,
    place_rows,
    show_rows,
)

Array = npt.NDArray[Any]

#: Records from which on a pass is shared by two threads: handing over costs about 0.1 ms, 10,000 records' time.
PARALLEL_FROM = 200_000

#: Ways to lie in the window, each without and with low confidence, that make up a column of `Shown.by_spot`.
_SHARES = np.array([[1, way == PERHAPS, low, way == IN_FORCE] for way in range(4) for low in (0, 1)], dtype=np.int32)

_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="scan")


@dataclass(frozen=True, slots=True)
class Packed:
    """The records' columns as the scan reads them, sorted by first day.

    Attributes
    ----------
    table
        All columns, for the compiled loops.
    first_day, last_day, term_day
        Three of them once more: the first narrows the rows that are scanned.
    widths
        Codes of each dimension.
    type_at
        Position of the type among the dimensions.
    longest, longest_term
        Days from the first to the last day of the record that lasts longest, and of the threat with the longest term.
    known_from, known_until
        Days between which every record is known and none is corrected: the first counts, the last does not.
    """

    table: ColumnsTable
    first_day: Array
    last_day: Array
    term_day: Array
    widths: Array
    type_at: int
    longest: int
    longest_term: int
    known_from: int
    known_until: int


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
    colour_at
        Position of the dimension that colours.
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
    colour_at: int
    known: int
    in_force: bool

    def table(self) -> QuestionTable:
        """Write it for the compiled loops."""
        return QuestionTable(
            first=self.first,
            last=self.last,
            in_force=self.in_force,
            known=self.known,
            allow=self.allow,
            active=self.active,
            n_active=len(self.active),
            found=self.found if len(self.found) else None,
            shown_types=None if self.shown_types.all() else self.shown_types,
            colour_at=self.colour_at,
        )


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the predicate says of some rows, one element per row from `low` on.

    Attributes
    ----------
    inside
        0 for a record outside the window, else `WHOLLY`, `PERHAPS` or `IN_FORCE`.
    reason
        Position in `Counted.hidden` of the first thing that hides the record; `PASSES` where nothing does.
    only
        Dimension that alone hides the record; `PASSES` where none does alone.
    """

    low: int
    inside: Array
    reason: Array
    only: Array

    def passing(self, among: Array | None = None) -> Array:
        """List the rows that nothing hides, in order; of those only that a mask of all records marks."""
        passes = (self.inside != 0) & (self.reason == PASSES)
        if among is not None:
            passes &= among[self.low : self.low + len(passes)]
        rows = np.flatnonzero(passes).astype(np.int32)
        rows += self.low
        return rows

    def passes(self, rows: Array) -> Array:
        """Tell for some rows whether nothing hides them."""
        at = rows - self.low
        judged = (at >= 0) & (at < len(self.inside))
        at = at[judged]
        found = np.zeros(len(rows), dtype=bool)
        found[judged] = (self.inside[at] != 0) & (self.reason[at] == PASSES)
        return found

    def table(self, start: int, stop: int) -> VerdictsTable:
        """Write those of some rows for the compiled loops; rows count from the first record."""
        rows = slice(start - self.low, stop - self.low)
        return VerdictsTable(inside=self.inside[rows], reason=self.reason[rows], only=self.only[rows])


@dataclass(frozen=True, slots=True)
class Shown:
    """What is drawn.

    Attributes
    ----------
    ways
        (spots, 8): records shown by how they lie in the window, each way without and with those of low confidence.
    colours, types
        (spots, codes): records shown by colour category and by type.
    """

    ways: Array
    colours: Array
    types: Array

    def by_spot(self) -> Array:
        """(spots, 4): records shown, those that may lie outside the window, of low confidence, threats in force."""
        return self.ways @ _SHARES


@dataclass(frozen=True, slots=True)
class Counted:
    """What the panels beside the map say.

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
    sums, harm
        See the positions above; `harm` is (2, 7) for killed and wounded.
    """

    hidden: Array
    facets: Array
    tempo: Array
    edges: Array
    sums: Array
    harm: Array


def judge(packed: Packed, question: Question, *, tempo: bool) -> Verdicts:
    """Apply the predicate.

    Parameters
    ----------
    tempo
        Judge every record, as the tempo chart needs; else only those near the window.
    """
    low, high = (0, len(packed.first_day)) if tempo or not question.windowed else _near(packed, question)
    n = high - low
    verdicts = Verdicts(low, np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(n, np.uint8))
    _in_two(verdicts, functools.partial(_judge_part, packed, question, verdicts))
    return verdicts


def find_shown(packed: Packed, question: Question, verdicts: Verdicts, *, n_spots: int) -> Shown:
    """Count the records to show by place."""
    return _joined(_in_two(verdicts, functools.partial(_shown_part, packed, question, verdicts, n_spots)))


def count(packed: Packed, question: Question, verdicts: Verdicts, *, n_bins: int) -> Counted:
    """Count what is shown, and what is hidden by reason; and the tempo, unless `n_bins` is 0."""
    return _joined(_in_two(verdicts, functools.partial(_counted_part, packed, question, verdicts, n_bins)))


def count_outside(packed: Packed, question: Question) -> tuple[int, int]:
    """Count records without a date, and dated ones that the window does not touch."""
    if not question.windowed:
        return 0, 0
    dated = _rows_before(packed, NO_DAY)
    low, high = _near(packed, question)
    ends = packed.term_day if question.in_force else packed.last_day
    inside = int((ends[low:high] >= question.first).sum())
    return len(packed.first_day) - dated, dated - inside


def _near(packed: Packed, question: Question) -> tuple[int, int]:
    """Rows among which all that touch the window are: none lasts longer than the longest."""
    longest = packed.longest_term if question.in_force else packed.longest
    return _rows_before(packed, question.first - longest), _rows_before(packed, question.last + 1)


def _rows_before(packed: Packed, day: int) -> int:
    """Count the rows that begin before a day; of the column's own type, or numpy copies the column (2 ms a million)."""
    return int(np.searchsorted(packed.first_day, np.asarray(day, dtype=packed.first_day.dtype)))


Part = TypeVar("Part")


def _in_two(verdicts: Verdicts, scan: Callable[[int, int], Part]) -> list[Part]:
    """Scan the rows of some verdicts, from `PARALLEL_FROM` on in two halves at a time."""
    start, n = verdicts.low, len(verdicts.inside)
    if n < PARALLEL_FROM:
        return [scan(start, start + n)]
    other = _pool.submit(scan, start + n // 2, start + n)
    return [scan(start, start + n // 2), other.result()]


def _joined(parts: list[Part]) -> Part:
    """Add up the tables of parts."""
    if len(parts) == 1:
        return parts[0]
    names = [field.name for field in fields(parts[0])]  # type: ignore[arg-type]  # of Shown or Counted
    return type(parts[0])(**{name: sum(getattr(part, name) for part in parts) for name in names})


def _judge_part(packed: Packed, question: Question, verdicts: Verdicts, start: int, stop: int) -> None:
    rows, asked = slice(start - verdicts.low, stop - verdicts.low), question.table()
    if question.windowed:
        place_rows(packed.table, asked, start, stop, verdicts.inside[rows])
    else:
        verdicts.inside[rows] = WHOLLY
    if _hides_nothing(packed, question):
        verdicts.reason[rows] = verdicts.only[rows] = PASSES
    else:
        judge_rows(packed.table, asked, start, stop, verdicts.table(start, stop))


def _hides_nothing(packed: Packed, question: Question) -> bool:
    """Tell whether the window alone decides, as it does on most moves of the slider."""
    known = packed.known_from <= question.known < packed.known_until
    return known and not len(question.active) and not len(question.found) and bool(question.shown_types.all())


def _shown_part(packed: Packed, question: Question, verdicts: Verdicts, n_spots: int, start: int, stop: int) -> Shown:
    ways = np.zeros((n_spots, 8), dtype=np.int32)  # small tables stay in the processor's cache
    colours = np.zeros((n_spots, packed.widths[question.colour_at]), dtype=np.int32)
    by_type = question.colour_at == packed.type_at
    types = colours if by_type else np.zeros((n_spots, packed.widths[packed.type_at]), dtype=np.int32)
    shown = ShownTable(by_spot=ways, colours=colours, types=None if by_type else types)
    show_rows(packed.table, question.table(), start, stop, verdicts.table(start, stop), shown)
    return Shown(ways, colours, types)


def _counted_part(
    packed: Packed, question: Question, verdicts: Verdicts, n_bins: int, start: int, stop: int
) -> Counted:
    part = Counted(
        hidden=np.zeros(len(packed.widths) + REASONS, dtype=np.int64),
        facets=np.zeros(packed.widths.sum(), dtype=np.int64),
        tempo=np.zeros((n_bins, packed.widths[question.colour_at]), dtype=np.int64),
        edges=np.zeros(n_bins + 1, dtype=np.int64),
        sums=np.zeros(SUMS, dtype=np.float64),
        harm=np.zeros((2, HARM_SUMS), dtype=np.float64),
    )
    counted = CountedTable(
        hidden=part.hidden,
        facets=part.facets,
        tempo=part.tempo if n_bins else None,
        edges=part.edges,
        sums=part.sums,
        killed=part.harm[0],
        wounded=part.harm[1],
    )
    count_rows(packed.table, question.table(), start, stop, verdicts.table(start, stop), counted)
    return part
