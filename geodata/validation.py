"""Check the cells of a whole table at once: every problem with its row, column, value, reason and way out.

Distinct values are judged once, so that a million rows cost little more than their distinct spellings. A cell that is
a known misspelling is put right and said so; everything else that does not fit is refused by name.
"""

from __future__ import annotations

import difflib
import itertools
import re
import zoneinfo
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geodata.csvtext import shorten
from geodata.dates import date_advice, parse_date, parse_dates
from geodata.errors import RowError
from geodata.incident import COLUMNS, VOCABULARIES, Vocabulary
from geodata.instants import INSTANT, localise

MAX_CELL_CHARACTERS: Final = 100_000

_MAX_GUESSES: Final = 200

_COUNT: Final = re.compile(r"\d{1,9}", re.ASCII)
_WHOLE_FLOAT: Final = re.compile(r"(\d{1,9})\.0+", re.ASCII)  # What a spreadsheet or pandas makes of a whole number.
_RANGE: Final = re.compile(r"(\d{1,9})\s*(?:-|–|to)\s*(\d{1,9})", re.ASCII)
_FLOOR: Final = re.compile(r"(?:at least|min\.?|>=?)\s*(\d{1,9})|(\d{1,9})\s*\+", re.ASCII | re.IGNORECASE)
_DEGREES: Final = r"^[+-]?\d{1,3}(?:\.\d*)?$"
_MIDNIGHT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?Z?", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{4})[/.](\d{2})[/.](\d{2})", re.ASCII)
_SPAN: Final = re.compile(r"(\d{4}(?:-\d{2}){0,2})\s*/\s*(\d{4}(?:-\d{2}){0,2})", re.ASCII)
# Also letters that cannot be seen or turn text around: two ids must not look alike.
_UNSAFE_ID: Final = r"[\x00-\x1f\x7f;\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]|^\s|\s$"

_RANGES: Final = (
    ("events_min", "events_max"),
    ("killed_min", "killed"),
    ("killed", "killed_max"),
    ("killed_min", "killed_max"),
    ("wounded_min", "wounded"),
    ("wounded", "wounded_max"),
    ("wounded_min", "wounded_max"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Name what is wrong with one cell; `code` is stable, for programs; `reason` and `fix` are for people."""

    column: str
    value: str
    code: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Say what a cell is read as, or why it is refused."""

    text: str
    problem: Problem | None = None


@dataclass(slots=True)
class Check:
    """Hold a table while it is checked: problems per row position, what was put right, sentences added to `notes`."""

    frame: pd.DataFrame
    lines: NDArray[np.int64]
    problems: dict[int, list[Problem]] = field(default_factory=lambda: defaultdict(list))
    fixed: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)

    def refuse(self, rows: NDArray[np.bool_], make: Callable[..., Problem], *columns: str) -> None:
        """Add a problem to each row that is marked; `make` is given the row's cells of `columns`, once per spelling."""
        marked = np.flatnonzero(rows)
        if not marked.size:
            return
        # Taken at once: to fetch them cell by cell takes seconds when a whole file is wrong.
        cells = zip(*(self.frame[name].take(marked).tolist() for name in columns), strict=True)
        made: dict[tuple[str, ...], Problem] = {}
        for row, texts in zip(marked.tolist(), cells if columns else itertools.repeat(()), strict=False):
            if texts not in made:
                made[texts] = make(*texts)
            self.problems[row].append(made[texts])

    def judge(self, column: str, judge: Callable[[str], _Verdict]) -> None:
        """Judge each distinct cell of a column, put misspellings right, refuse the rest."""
        positions, distinct = pd.factorize(self.frame[column])
        verdicts = [judge(text) if text else _Verdict("") for text in distinct.tolist()]
        bad = np.array([verdict.problem is not None for verdict in verdicts], dtype=bool)
        changed = [index for index, text in enumerate(distinct) if not bad[index] and verdicts[index].text != text]
        if bad.any():
            problems = [verdict.problem for verdict in verdicts]
            for row in np.flatnonzero(bad[positions]).tolist():
                problem = problems[positions[row]]
                if problem is not None:
                    self.problems[row].append(problem)
        if changed:
            sizes = np.bincount(positions, minlength=len(distinct))
            for index in changed:
                self.fixed[(column, distinct[index], verdicts[index].text)] += int(sizes[index])
            texts = pd.array([verdict.text for verdict in verdicts], dtype="str")
            self.frame[column] = texts.take(positions)

    def notes(self) -> tuple[str, ...]:
        """Say what was put right, one sentence per spelling."""
        return tuple(
            f"{column}: {shorten(old)!r} read as {new!r} in {times:,} row{'s' if times != 1 else ''}"
            for (column, old, new), times in sorted(self.fixed.items())
        )


def check_table(frame: pd.DataFrame, lines: NDArray[np.int64]) -> Check:
    """Check every known column of `frame`, whose cells are text; return the table put right, with its problems.

    Parameters
    ----------
    frame
        Text cells under the known column names; unknown columns are only checked for length.
    lines
        Line of the file on which each row starts, for messages.
    """
    check = Check(frame.copy(deep=False), lines)
    _lengths(check)
    _ids(check)
    for column in COLUMNS:
        if column.kind == "code":
            check.judge(column.name, _code_judge(VOCABULARIES[column.name], required=column.required))
        elif column.kind == "date":
            check.judge(column.name, _date_judge(column.name))
        elif column.kind == "count":
            check.judge(column.name, _count_judge(column.name))
    _required_code(check, "event_type")
    _zones(check)
    _instants(check)
    _date_order(check)
    _range_order(check)
    _coordinates(check)
    return check


def _matches(cells: pd.Series[str], pattern: str) -> NDArray[np.bool_]:
    """Search each cell; pyarrow's own matcher, because pandas' goes cell by cell through Python."""
    found = pc.match_substring_regex(pa.array(cells, pa.large_string()), pattern)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _lengths(check: Check) -> None:
    for name in check.frame.columns:
        lengths = check.frame[name].str.len().to_numpy()
        if lengths.size and lengths.max() > MAX_CELL_CHARACTERS:
            check.refuse(lengths > MAX_CELL_CHARACTERS, _too_long(name), name)


def _too_long(name: str) -> Callable[[str], Problem]:
    reason = f"the cell is longer than {MAX_CELL_CHARACTERS:,} characters"
    fix = "shorten it, or look for a double quote that was never closed"
    return lambda text: Problem(name, shorten(text), "cell_too_long", reason, fix)


def _ids(check: Check) -> None:
    ids = check.frame["id"]
    empty = (ids == "").to_numpy()
    unsafe = _matches(ids, _UNSAFE_ID)
    again = ids.duplicated().to_numpy() & ~empty
    fix = "give the row an id of its own, such as its date and a number: 20210729-1"
    check.refuse(empty, lambda: Problem("id", "", "missing_id", "the record has no id", fix))
    reason = "an id holds no semicolon, no control or invisible characters, and no space at its ends"
    check.refuse(unsafe, lambda text: Problem("id", shorten(text), "bad_id", reason, fix), "id")
    if again.any():
        repeated = ids[again]
        first = check.frame.loc[ids.isin(set(repeated)) & ~again, "id"]
        line_of = dict(zip(first, check.lines[first.index].tolist(), strict=True))
        check.refuse(again, lambda text: _duplicate(text, line_of), "id")


def _duplicate(name: str, line_of: dict[str, int]) -> Problem:
    reason = f"the id is already used on line {line_of[name]}"
    return Problem("id", shorten(name), "duplicate_id", reason, "give one of the two rows another id, or delete one")


def _code_judge(vocabulary: Vocabulary, *, required: bool) -> Callable[[str], _Verdict]:
    guesses = itertools.count()

    def judge(text: str) -> _Verdict:
        code = vocabulary.read(text)
        if code is not None:
            return _Verdict(code)
        # A guess costs as much as a thousand other checks; a column with more wrong words is another column.
        wanted = next(guesses) < _MAX_GUESSES
        near = difflib.get_close_matches(vocabulary.fold(shorten(text)), vocabulary.codes, n=1) if wanted else []
        guess = f"did you mean {near[0]}? " if near else ""
        empty = "" if required else ", or leave the cell empty"
        reason = f"{shorten(text)!r} is not a known {vocabulary.column}"
        fix = f"{guess}use one of {', '.join(vocabulary.codes)}{empty}"
        return _Verdict(text, Problem(vocabulary.column, shorten(text), "unknown_code", reason, fix))

    return judge


def _required_code(check: Check, column: str) -> None:
    empty = (check.frame[column] == "").to_numpy()
    fix = f"use one of {', '.join(VOCABULARIES[column].codes)}"
    check.refuse(empty, lambda: Problem(column, "", "missing_code", f"the record has no {column}", fix))


def _date_judge(column: str) -> Callable[[str], _Verdict]:
    def judge(text: str) -> _Verdict:
        bare = text.strip()
        midnight, slashed = _MIDNIGHT.fullmatch(bare), _SLASHED.fullmatch(bare)
        if midnight is not None:
            bare = midnight[1]
        elif slashed is not None:
            bare = "-".join(slashed.groups())
        try:
            parse_date(bare)
        except RowError:
            return _Verdict(text, _bad_date(column, text))
        return _Verdict(bare)

    return judge


def _bad_date(column: str, text: str) -> Problem:
    span = _SPAN.fullmatch(text.strip())
    fix = f"put {span[1]} in date_start and {span[2]} in date_end" if span else date_advice(shorten(text))
    return Problem(column, shorten(text), "bad_date", f"{shorten(text)!r} is not a date", fix)


def _count_judge(column: str) -> Callable[[str], _Verdict]:
    def judge(text: str) -> _Verdict:
        bare = text.strip()
        if _COUNT.fullmatch(bare):
            return _Verdict(bare)
        whole = _WHOLE_FLOAT.fullmatch(bare)
        if whole is not None:
            return _Verdict(whole[1])
        reason = f"{shorten(text)!r} is not a whole number of 0 or more"
        return _Verdict(text, Problem(column, shorten(text), "bad_number", reason, _count_advice(column, bare)))

    return judge


def _count_advice(column: str, text: str) -> str:
    stem = column.removesuffix("_min").removesuffix("_max")
    ranged = stem in {"killed", "wounded", "events"}
    span, floor = _RANGE.fullmatch(text), _FLOOR.fullmatch(text)
    if ranged and span is not None:
        return f"put {span[1]} in {stem}_min and {span[2]} in {stem}_max"
    if ranged and floor is not None:
        return f"put {floor[1] or floor[2]} in {stem}_min"
    return "write digits only, such as 3; leave the cell empty when the number is not known"


@cache
def _known_zones() -> frozenset[str]:
    """Return the time zones of this machine; none where it has no zone data, and then nothing can be refused."""
    return frozenset(zoneinfo.available_timezones())


def _zones(check: Check) -> None:
    known = _known_zones()

    def judge(text: str) -> _Verdict:
        bare = text.strip()
        if bare in known or not known:
            return _Verdict(bare)
        fix = "use a name such as Asia/Baghdad or Asia/Damascus, or leave the cell empty for Asia/Baghdad"
        reason = f"{shorten(text)!r} is not a time zone"
        return _Verdict(text, Problem("time_zone", shorten(text), "unknown_zone", reason, fix))

    check.judge("time_zone", judge)


_TIMED: Final = ("date_start", "date_end", "time_local", "time_zone", "notes", "country", "latitude", "longitude")


def _instants(check: Check) -> None:
    """Turn times with an offset into the zone of their event; what was given stays in `notes`."""
    rows = np.flatnonzero(_matches(check.frame["time_local"], INSTANT))
    rows = rows[[row not in check.problems for row in rows.tolist()]]
    if not rows.size:
        return
    cells = {name: check.frame[name].to_numpy(dtype=object, copy=True) for name in _TIMED}
    for row in rows.tolist():
        start, end, clock, zone, notes, *where = (str(cells[name][row]) for name in _TIMED)
        local = localise(start, clock, zone, *where)
        check.flags[local.said] += 1
        said = f"time given as {f'{start} {clock}'.strip()}: {local.said}"
        moved = local.day if end == start else end
        for name, text in zip(_TIMED, (local.day, moved, local.clock, local.zone, notes), strict=False):
            cells[name][row] = text
        cells["notes"][row] = f"{notes}; {said}" if notes else said
    for name in _TIMED[:5]:
        check.frame[name] = pd.Series(cells[name], dtype="str")


def _date_order(check: Check) -> None:
    start, end = parse_dates(check.frame["date_start"]), parse_dates(check.frame["date_end"])
    ends = check.frame["date_end"]
    check.refuse(end.last < start.first, _reversed, "date_start", "date_end")  # False where one of them is not known.
    headless = (check.frame["date_start"] == "").to_numpy() & (ends != "").to_numpy()
    check.refuse(
        headless,
        lambda: Problem(
            "date_start", "", "missing_start", "there is a date_end but no date_start", "write the first day, as known"
        ),
    )


def _reversed(start: str, end: str) -> Problem:
    reason = f"date_end {end} lies before date_start {start}"
    return Problem("date_end", end, "reversed_dates", reason, "swap the two, or leave date_end empty")


def _numbers(cells: pd.Series[str]) -> NDArray[np.float64]:
    positions, distinct = pd.factorize(cells)
    values = [float(text) if _COUNT.fullmatch(text) else np.nan for text in distinct.tolist()]
    return np.array(values or [np.nan], dtype=np.float64)[positions]


def _range_order(check: Check) -> None:
    numbers = {name: _numbers(check.frame[name]) for pair in _RANGES for name in pair}
    for low, high in _RANGES:
        inverted = numbers[low] > numbers[high]
        if inverted.any():
            check.refuse(inverted, _inverted(low, high), low, high)


def _inverted(low: str, high: str) -> Callable[[str, str], Problem]:
    def make(least: str, most: str) -> Problem:
        reason = f"{low} {least} is more than {high} {most}"
        return Problem(low, least, "inverted_range", reason, "swap the two, or correct the one that is wrong")

    return make


def _coordinates(check: Check) -> None:
    values = {}
    for name, limit in (("latitude", 90.0), ("longitude", 180.0)):
        cells = check.frame[name].str.strip()
        check.frame[name] = cells
        regular = _matches(cells, _DEGREES)
        degrees = pd.to_numeric(cells.where(regular), errors="coerce").to_numpy(dtype=np.float64)
        filled = (cells != "").to_numpy()
        check.refuse(filled & ~(np.abs(degrees) <= limit), _bad_degrees(name, limit), name)
        values[name] = (filled, degrees)
    (has_lat, lat), (has_lon, lon) = values["latitude"], values["longitude"]
    fix = "give both, or leave both empty"
    check.refuse(
        has_lat & ~has_lon,
        lambda: Problem("longitude", "", "half_point", "there is a latitude but no longitude", fix),
    )
    check.refuse(
        has_lon & ~has_lat, lambda: Problem("latitude", "", "half_point", "there is a longitude but no latitude", fix)
    )
    reason = "0, 0 is a point in the sea off Ghana that stands for nothing known in most files"
    check.refuse(
        (lat == 0) & (lon == 0),
        lambda: Problem("latitude", "0", "null_island", reason, "leave both empty when the place is not known"),
    )


def _bad_degrees(name: str, limit: float) -> Callable[[str], Problem]:
    reason = f"a {name} is a number of degrees between -{limit:.0f} and {limit:.0f}"
    fix = "write decimal degrees with a point, such as 33.2990; check that the two columns are not swapped"
    return lambda text: Problem(name, shorten(text), "bad_coordinate", reason, fix)
