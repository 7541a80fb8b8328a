"""Read dates that are cut to what is known: a year, a month or a day, and never more than was written."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import RowError

# ISO 8601 calendar dates at reduced precision; no other spelling is guessed, because 03/04/2021 is two days.
_ISO: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_WAY_OUT: Final = "write 2021, 2021-07 or 2021-07-29 (ISO 8601), or leave the cell empty"

_DAY_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """Hold a date as exactly as it was written: first and last possible day, and `day`, `month` or `year`."""

    first: date
    last: date
    precision: str

    @property
    def text(self) -> str:
        """Return the date as it was written: `2021`, `2021-07` or `2021-07-29`."""
        return self.first.isoformat()[: {"year": 4, "month": 7}.get(self.precision)]


@dataclass(frozen=True, slots=True)
class DateColumn:
    """Hold a column of partial dates as arrays, one entry per cell.

    `first` and `last` are `datetime64[D]` (NaT where the cell is empty or bad), `precision` is `day`, `month`, `year`
    or empty, `bad` marks cells that hold something which is no date.
    """

    first: NDArray[np.datetime64]
    last: NDArray[np.datetime64]
    precision: NDArray[np.object_]
    bad: NDArray[np.bool_]


def parse_date(text: str) -> PartialDate:
    """Read one partial date.

    Raises
    ------
    RowError
        When `text` is not a year, month or day that exists; the message shows the way out.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        msg = f"{text!r} is not a date; {date_advice(text)}"
        raise RowError(msg)
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        if year is not None and month is None:
            return PartialDate(date(year, 1, 1), date(year, 12, 31), "year")
        if year is not None and month is not None and day is None:
            return PartialDate(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month")
        whole = date.fromisoformat(text)
    except (ValueError, calendar.IllegalMonthError) as error:
        msg = f"{text!r} is not in the calendar; {_WAY_OUT}"
        raise RowError(msg) from error
    return PartialDate(whole, whole, "day")


def date_advice(text: str) -> str:
    """Return the way out for a cell that is no date, with both readings when day and month could be swapped."""
    found = _DAY_MONTH_YEAR.fullmatch(text.strip())
    if found is None:
        return _WAY_OUT
    one, two, year = int(found[1]), int(found[2]), int(found[3])
    readings = [
        f"{year:04d}-{month:02d}-{day:02d}" for day, month in {(one, two), (two, one)} if _exists(year, month, day)
    ]
    return f"write {' or '.join(sorted(readings))}" if readings else _WAY_OUT


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1] if year else False


def parse_dates(column: pd.Series[str]) -> DateColumn:
    """Read a whole column of partial dates; each distinct value is parsed once.

    Parameters
    ----------
    column
        Text cells; the empty string means unknown.
    """
    codes, distinct = pd.factorize(column.to_numpy(dtype=object))
    firsts = np.full(len(distinct), np.datetime64("NaT"), dtype="datetime64[D]")
    lasts = firsts.copy()
    precisions = np.full(len(distinct), "", dtype=object)
    bad = np.zeros(len(distinct), dtype=bool)
    for position, text in enumerate(distinct):
        if text == "":
            continue
        try:
            parsed = parse_date(text)
        except RowError:
            bad[position] = True
            continue
        firsts[position], lasts[position] = np.datetime64(parsed.first), np.datetime64(parsed.last)
        precisions[position] = parsed.precision
    return DateColumn(firsts[codes], lasts[codes], precisions[codes], bad[codes])
