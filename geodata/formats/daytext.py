"""Read days as other people write them, and say so when a day can be read in two ways.

What comes out is the project's own spelling: ISO 8601 cut to what is known, with an end where only a span is known.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from geodata.errors import RowError

#: Orders of day and month in a column of dates with two numbers below 13.
DAY_FIRST: Final = "day-first"
MONTH_FIRST: Final = "month-first"
ORDERS: Final = (DAY_FIRST, MONTH_FIRST)

WAY_OUT: Final = "write 2021, 2021-07 or 2021-07-29, or leave the cell empty"
AMBIGUOUS: Final = (
    "day and month of the date could be swapped and nothing in the column tells which is which: year kept"
)
SERIAL_NOTE: Final = "date read from a spreadsheet's day number"
EPOCH_NOTE: Final = "date read from seconds since 1970 (UTC)"
UTC_DAY: Final = "the day is that of UTC, the local day may be another; the time of day stands in the file's own column"
HIJRI_NOTE: Final = "date converted from the Islamic calendar by its tabular form, which may be a day off"

_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_ISO: Final = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?", re.ASCII)
_CLOCK: Final = re.compile(
    r"[T ]\s*(\d{1,2}:\d{2})(?::\d{2}(?:[.,]\d+)?)?\s*([AaPp][Mm])?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$", re.ASCII
)
_PACKED: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\d{6})?", re.ASCII)
_NUMBERS: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})", re.ASCII)
_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[./-](\d{4})", re.ASCII)
_DAY_NAME_YEAR: Final = re.compile(
    r"(?:[^\W\d]+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[ \-/.]+([^\d,]+?)[ \-/.,]+(\d{4}|\d{2})"
)
_NAME_DAY_YEAR: Final = re.compile(r"([^\d,]+?)[ \-.]+(\d{1,2})(?:st|nd|rd|th)?,?[ \-]+(\d{4})")
_NAME_YEAR: Final = re.compile(r"([^\d,]+?)[ \-.,]+(\d{4})")
_EPOCH: Final = re.compile(r"(\d{9,10}|\d{13})(?:\.0+)?", re.ASCII)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
# Days 20000 to 60000 of a spreadsheet are 1954 to 2064.
_SERIAL_DAYS: Final = range(20_000, 60_000)
_SERIAL_START: Final = date(1899, 12, 30)
_HIJRI_YEARS: Final = range(1300, 1500)  # 1882 to 2077; no year of the common era that a record could mean.
_HIJRI_EPOCH: Final = 227_014  # 16 July 622 (Julian) as a day of `date.toordinal`, tabular calendar, type II.

_ENGLISH: Final = [name.casefold() for name in calendar.month_name]
# Levant and Iraq; Gulf and Egypt.
_ARABIC: Final = {
    "كانون الثاني": 1, "شباط": 2, "آذار": 3, "اذار": 3, "نيسان": 4, "أيار": 5, "ايار": 5, "حزيران": 6, "تموز": 7,
    "آب": 8, "اب": 8, "أيلول": 9, "ايلول": 9, "تشرين الأول": 10, "تشرين الاول": 10, "تشرين الثاني": 11,
    "كانون الأول": 12, "كانون الاول": 12, "يناير": 1, "فبراير": 2, "مارس": 3, "أبريل": 4, "ابريل": 4, "مايو": 5,
    "يونيو": 6, "يوليو": 7, "أغسطس": 8, "اغسطس": 8, "سبتمبر": 9, "أكتوبر": 10, "اكتوبر": 10, "نوفمبر": 11,
    "ديسمبر": 12,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayText:
    """Hold a date as the record writes it: first and last day, the time of day as written, and what to know of it.

    A moment that was written with an offset is given in UTC, `clock` with a Z behind it: `geodata.instants` turns it
    into the event's own zone.
    """

    start: str
    end: str = ""
    clock: str = ""
    note: str = ""


def western_digits(text: str) -> str:
    """Return `text` with Arabic-Indic and Persian digits as the ones of ASCII."""
    return text.translate(_DIGITS)


def read_day(text: str, order: str | None = None) -> DayText:
    """Read one date.

    Parameters
    ----------
    order
        `DAY_FIRST` or `MONTH_FIRST` for dates such as 03/04/2021; None cuts such a date to its year and says so.

    Raises
    ------
    RowError
        When `text` is no date, or one that is not in the calendar.
    """
    bare = western_digits(text).strip()
    clock = _CLOCK.search(bare)
    said = "".join(part or "" for part in clock.groups()[:2]) if clock else ""
    if clock:
        bare = bare[: clock.start()].strip()
    try:
        found = _written(bare, order) or _counted(bare)
    except (ValueError, OverflowError, calendar.IllegalMonthError) as error:
        msg = f"{text[:80]!r} is not in the calendar; {WAY_OUT}"
        raise RowError(msg) from error
    if found is None:
        msg = f"{text[:80]!r} is not a date; {WAY_OUT}"
        raise RowError(msg)
    # Midnight is how programs write a day without a time.
    if not clock or _is_midnight(said):
        return found
    if not clock[3] or len(found.start) != 10 or found.end:
        return DayText(found.start, found.end, said + (clock[3] or ""), found.note)
    moment = _in_utc(found.start, said, clock[3])
    return DayText(moment.date().isoformat(), clock=f"{moment:%H:%M}Z", note=found.note)


def _is_midnight(clock: str) -> bool:
    return clock in {"00:00", "0:00", "12:00AM", "12:00am"}


def _in_utc(day: str, clock: str, offset: str) -> datetime:
    """Return the moment of a day and a time of day that were written with an offset."""
    pattern = "%I:%M%p" if clock[-1] in "Mm" else "%H:%M"
    zone = "+0000" if offset in {"Z", "UTC"} else offset
    try:
        return datetime.strptime(f"{day} {clock} {zone}", f"%Y-%m-%d {pattern} %z").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f"{f'{clock} {offset}'!r} is no time of day; write 21:30, or leave it out"
        raise RowError(msg) from error


def _written(bare: str, order: str | None) -> DayText | None:
    packed = _PACKED.fullmatch(bare)
    if packed:
        return DayText(_iso(int(packed[1]), int(packed[2]), int(packed[3])))
    iso = _ISO.fullmatch(bare)
    if iso:
        return _partial(*(int(part) if part else 0 for part in iso.groups()))
    numbers = _NUMBERS.fullmatch(bare)
    if numbers:
        return _two_numbers(int(numbers[1]), int(numbers[2]), _year(numbers[3]), order)
    month = _MONTH_YEAR.fullmatch(bare)
    if month:
        return DayText(_iso(int(month[2]), int(month[1])))
    return _with_month_name(bare)


def _with_month_name(bare: str) -> DayText | None:
    for pattern, day, name, year in ((_DAY_NAME_YEAR, 1, 2, 3), (_NAME_DAY_YEAR, 2, 1, 3), (_NAME_YEAR, 0, 1, 2)):
        found = pattern.fullmatch(bare)
        month = _month(found[name]) if found else 0
        if found and month:
            return DayText(_iso(_year(found[year]), month, int(found[day]) if day else 0))
    return None


def _month(name: str) -> int:
    folded = " ".join(name.casefold().split()).rstrip(".")
    if folded in _ARABIC:
        return _ARABIC[folded]
    matches = [n for n, known in enumerate(_ENGLISH) if n and len(folded) >= 3 and known.startswith(folded)]
    return 9 if folded == "sept" else (matches[0] if len(matches) == 1 else 0)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text) if int(text) < 70 else 1900 + int(text)


def _iso(year: int, month: int = 0, day: int = 0) -> str:
    if day:
        return date(year, month, day).isoformat()
    if month:
        date(year, month, 1)
        return f"{year:04d}-{month:02d}"
    return f"{year:04d}"


def _partial(year: int, month: int, day: int) -> DayText:
    if year in _HIJRI_YEARS:
        return _from_hijri(year, month, day)
    if not 1800 <= year <= 2200:
        msg = f"the year {year} is outside 1800 to 2200"
        raise ValueError(msg)
    return DayText(_iso(year, month, day))


def _two_numbers(one: int, two: int, year: int, order: str | None) -> DayText:
    if year in _HIJRI_YEARS:
        return _from_hijri(year, two, one)
    if one == two or one > 12 or two > 12:
        day, month = (two, one) if two > 12 else (one, two)
        return DayText(_iso(year, month, day))
    if order is None:
        return DayText(f"{year:04d}", note=AMBIGUOUS)
    day, month = (one, two) if order == DAY_FIRST else (two, one)
    return DayText(_iso(year, month, day))


def _counted(bare: str) -> DayText | None:
    """Read days that are numbers: seconds or milliseconds since 1970, days of a spreadsheet."""
    epoch = _EPOCH.fullmatch(bare)
    if epoch:
        seconds = int(epoch[1]) / (1000 if len(epoch[1]) == 13 else 1)
        moment = datetime.fromtimestamp(seconds, UTC)
        clock = "" if f"{moment:%H:%M}" == "00:00" else f"{moment:%H:%M}Z"
        return DayText(moment.date().isoformat(), clock=clock, note=EPOCH_NOTE)
    serial = _SERIAL.fullmatch(bare)
    if serial and int(serial[1]) in _SERIAL_DAYS:
        return DayText((_SERIAL_START + timedelta(days=int(serial[1]))).isoformat(), note=SERIAL_NOTE)
    return None


def _from_hijri(year: int, month: int, day: int) -> DayText:
    """Convert by the tabular Islamic calendar (Reingold and Dershowitz, Calendrical Calculations)."""
    if not (0 <= month <= 12 and 0 <= day <= 30):
        msg = "no such day in the Islamic calendar"
        raise ValueError(msg)
    first = _hijri_ordinal(year, month or 1, day or 1)
    if day:
        last = first
    else:
        after = (year, month + 1) if month and month < 12 else (year + 1, 1)
        last = _hijri_ordinal(*after, 1) - 1
    start, end = date.fromordinal(first - 1), date.fromordinal(last + 1)
    return DayText(start.isoformat(), end.isoformat(), note=HIJRI_NOTE)


def _hijri_ordinal(year: int, month: int, day: int) -> int:
    return day + 29 * (month - 1) + month // 2 + (year - 1) * 354 + (3 + 11 * year) // 30 + _HIJRI_EPOCH


def column_order(cells: Iterable[str]) -> tuple[str | None, str]:
    """Decide day-first or month-first from all cells of a column, with the evidence.

    Returns
    -------
    tuple
        The order, None when the cells do not say or contradict each other; and the sentence to show, empty when no
        cell depends on it.
    """
    day_first = month_first = unclear = 0
    proof = {DAY_FIRST: "", MONTH_FIRST: ""}
    for cell in cells:
        found = _NUMBERS.match(western_digits(cell).strip())
        if found is None:
            continue
        one, two = int(found[1]), int(found[2])
        if one > 12 >= two:
            day_first, proof[DAY_FIRST] = day_first + 1, cell
        elif two > 12 >= one:
            month_first, proof[MONTH_FIRST] = month_first + 1, cell
        elif one != two:
            unclear += 1
    if not unclear:
        return None, ""
    if bool(day_first) != bool(month_first):
        order = DAY_FIRST if day_first else MONTH_FIRST
        return order, f"dates read {order}: {proof[order][:40]!r} leaves no other reading"
    if day_first:
        return None, (
            f"the column holds dates of both kinds ({proof[DAY_FIRST][:40]!r} and {proof[MONTH_FIRST][:40]!r}); "
            f"{unclear:,} that could be either are cut to their year"
        )
    return None, f"{unclear:,} dates could be read day-first or month-first and the column does not tell; say which"
