"""Tell whether the first line of a table names its columns or is a record already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from geodata.errors import RowError
from geodata.formats.column_names import NAMES
from geodata.formats.daytext import read_day, western_digits

_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
_YEAR: Final = re.compile(r"(?:19|20)\d{2}", re.ASCII)
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
#: Rows below the first that are compared with it.
_COMPARED: Final = 20
_MOSTLY: Final = 0.8
#: So many known names make a header of a line, whatever else stands in it.
_ENOUGH_NAMES: Final = 2


def numbered(width: int) -> list[str]:
    """Return names for the columns of a table that has none."""
    return [f"column {number}" for number in range(1, width + 1)]


def is_numbered(columns: Sequence[str]) -> bool:
    """Tell whether the columns have the names that `numbered` gives."""
    return list(columns) == numbered(len(columns))


def first_record(top: Sequence[Sequence[str]]) -> str:
    """Return the cell that shows the first line to be a record; empty when the line names the columns.

    A name stands above a column of days, numbers or addresses and is none of them; a record is like those below it.
    """
    first = [cell.strip() for cell in top[0]]
    if _known_names(first) >= _ENOUGH_NAMES or first == [str(number) for number in range(len(first))]:
        return ""
    alike, unlike = [], 0
    for place, cell in enumerate(first):
        kind = _kind(cell)
        below = [row[place].strip() for row in top[1 : 1 + _COMPARED] if len(row) > place and row[place].strip()]
        usual = _usual(below) if below else kind
        # A table of years side by side has years for names.
        if kind and kind == usual and not _YEAR.fullmatch(cell):
            alike.append(cell)
        unlike += bool(cell and usual and not kind)
    return alike[0] if len(alike) > unlike else ""


def _known_names(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if "_".join(cell.replace("-", " ").replace("_", " ").casefold().split()) in _known())


@cache
def _known() -> frozenset[str]:
    return frozenset(name for names in NAMES.values() for name in names)


def _kind(cell: str) -> str:
    if _ADDRESS.match(cell):
        return "address"
    if _NUMBER.fullmatch(western_digits(cell)):
        return "number"
    try:
        read_day(cell)
    except RowError:
        return ""
    return "day"


def _usual(cells: Sequence[str]) -> str:
    """Return the kind of nearly all cells, empty when they are of none or of several."""
    kinds = [_kind(cell) for cell in cells]
    most = max(set(kinds), key=kinds.count)
    return most if kinds.count(most) >= _MOSTLY * len(kinds) else ""
