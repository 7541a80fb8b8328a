"""Events and harm of records, and what their sums say: ranges stay ranges, unknown is never 0.

The adding itself is part of the scan (`scan_loops.py`). Records that count what other records hold (`counting` in
`UNCOUNTED`) are left out of every sum, and the sum says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.coding import Codes, distinct_rows, smallest
from geodata.dates import parse_dates
from geodata.incident import UNCOUNTED

Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class EventTotal:
    """Hold how many events some records stand for; `open_above` when a record says "at least"."""

    records: int
    low: int
    high: int
    open_above: bool
    left_out: int

    def __str__(self) -> str:
        return f"{_records(self.records)}, {_span(self.low, self.high, self.open_above, 'event')}{self._left_out()}"

    def _left_out(self) -> str:
        if not self.left_out:
            return ""
        many = self.left_out != 1
        verbs = ("repeat", "add") if many else ("repeats", "adds")
        return f"; {self.left_out:,} of the records {verbs[0]} events of others and {verbs[1]} none"


@dataclass(frozen=True, slots=True)
class HarmTotal:
    """Hold a sum of killed or wounded: lowest, best and highest figure, and how many records say nothing.

    `best` adds the best figures, and the lowest of the `without_best` records that have a range but no best figure, so
    that it always lies between the other two.
    """

    low: int
    best: int
    high: int
    open_above: bool
    known: int
    without_best: int
    unknown: int

    def __str__(self) -> str:
        if not self.known:
            return f"not known ({_records(self.unknown)})"
        single = self.low == self.best == self.high and not self.open_above and not self.without_best
        parts = [f"{self.low:,}" if single else f"{_range(self.low, self.high, self.open_above)} (best {self.best:,})"]
        if self.without_best:
            parts.append(f"{_records(self.without_best)} without a best figure")
        if self.unknown:
            parts.append(f"{_records(self.unknown)} unknown")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Hold one quantity per record: lowest and highest figure, best figure (NaN: none), open above or not."""

    low: Floats
    best: Floats
    high: Floats
    open_above: Mask


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold one quantity per record as codes: most records share their figures with many others.

    `distinct` holds each distinct (low, best, high, open above) once; its columns are those of `c/scan.h`.
    """

    codes: Codes
    distinct: Floats

    @classmethod
    def of(cls, ranges: Ranges) -> Figures:
        """Code the ranges of records."""
        columns = (ranges.low, ranges.best, ranges.high, ranges.open_above)
        codes, first = distinct_rows([pd.Series(column) for column in columns])
        distinct = np.stack([column[first].astype(np.float64) for column in columns], axis=1)
        return cls(smallest(codes, len(distinct)), distinct)

    def at(self, rows: NDArray[np.intp]) -> Figures:
        """Return the figures of some records."""
        return Figures(self.codes[rows], self.distinct)

    @classmethod
    def joined(cls, parts: Sequence[Figures]) -> Figures:
        """Put the figures of several tables one below the other."""
        starts = np.cumsum([0, *(len(part.distinct) for part in parts)])
        codes = np.concatenate(
            [part.codes.astype(np.int64) + start for part, start in zip(parts, starts, strict=False)]
        )
        return cls(smallest(codes, int(starts[-1])), np.concatenate([part.distinct for part in parts]))


def _range(low: int, high: int, open_above: bool) -> str:
    text = f"{low:,}" if low == high else f"{low:,}-{high:,}"
    return f"{text} or more" if open_above else text


def _span(low: int, high: int, open_above: bool, noun: str) -> str:
    plural = "" if (low, high) == (1, 1) else "s"
    return f"at least {low:,} {noun}{plural}" if open_above else f"{_range(low, high, open_above=False)} {noun}{plural}"


def _records(count: int) -> str:
    return f"{count:,} record{'s' if count != 1 else ''}"


def _numbers(cells: pd.Series[str]) -> Floats:
    positions, distinct = pd.factorize(cells)
    values = [float(text) if text.isascii() and text.isdigit() else np.nan for text in distinct.tolist()]
    return np.array(values or [np.nan], dtype=np.float64)[positions]


def counted(frame: pd.DataFrame) -> Mask:
    """Tell for each record whether its events are added to sums."""
    return ~frame["counting"].isin(UNCOUNTED).to_numpy(dtype=bool)


def event_ranges(frame: pd.DataFrame) -> Ranges:
    """Return for each record how many events it stands for: one, unless it says otherwise."""
    low, high = _numbers(frame["events_min"]), _numbers(frame["events_max"])
    open_above = ~np.isnan(low) & np.isnan(high)
    low = np.where(np.isnan(low), np.where(high == 0, 0.0, 1.0), low)
    high = np.where(np.isnan(high), low, high)
    return Ranges(low, np.where(open_above, np.nan, high), high, open_above)


def harm_ranges(frame: pd.DataFrame, stem: str) -> Ranges:
    """Return for each record the lowest, best and highest figure of `killed` or `wounded`; all NaN where unknown."""
    least, best, most = (_numbers(frame[name]) for name in (f"{stem}_min", stem, f"{stem}_max"))
    unknown = np.isnan(least) & np.isnan(best) & np.isnan(most)
    open_above = ~np.isnan(least) & np.isnan(most)
    # With an upper figure alone, 0 is the only floor that is certain.
    low = np.where(~np.isnan(least), least, np.where(~np.isnan(best), best, np.where(unknown, np.nan, 0.0)))
    high = np.where(np.isnan(most), np.fmax(best, least), most)
    return Ranges(low, best, high, open_above)


def known_from(frame: pd.DataFrame) -> NDArray[np.datetime64]:
    """Return the first day each record could be known: when first reported, else its last day; NaT: always.

    A partial date counts from its last day: what was reported "in June" was known for certain on 30 June.
    """
    reported, end, start = (parse_dates(frame[name]).last for name in ("first_reported", "date_end", "date_start"))
    day = np.where(np.isnat(end), start, end)
    return np.where(np.isnat(reported), day, reported)


def known_on(frame: pd.DataFrame, day: np.datetime64) -> Mask:
    """Tell for each record whether it could be known on a day."""
    first = known_from(frame)
    return np.isnat(first) | (first <= day)
