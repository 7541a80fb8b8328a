"""The predicate and the counts as compiled loops (`c/scan.c`): what they read, what they write, and how to call them.

Structures and numbers have the names and the order of `c/scan.h`, which says what each holds. Every loop runs over the
rows from `start` to `stop`, lets other threads run meanwhile, and writes one verdict per row from the first element of
what it is given.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_int32, c_int64
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from geodata.compiled import Layout, Structure, address, fields_of, load_library

#: Day number that stands for "no usable date"; days count from 1970-01-01.
NO_DAY = np.iinfo(np.int32).max

#: Positions in `Counted.hidden` after those of the dimensions.
SEARCH, LAYER, UNPLACED, NOT_YET_KNOWN, CORRECTED = range(5)
REASONS = 5

#: What stands in `Verdicts`: how a record lies in the window, and that nothing hides it.
WHOLLY, PERHAPS, IN_FORCE = 1, 2, 3
PASSES = 255

#: Positions in `Counted.sums`, for all records and for attacks or harm.
EVENTS_LOW, EVENTS_HIGH, EVENTS_OPEN, LEFT_OUT, ATTACKS, ATTACKS_LOW, ATTACKS_HIGH, ATTACKS_OPEN, ATTACKS_LEFT_OUT = (
    range(9)
)
SUMS = 9
HARM_LOW, HARM_BEST, HARM_HIGH, HARM_OPEN, HARM_KNOWN, HARM_WITHOUT_BEST, HARM_UNKNOWN = range(7)
HARM_SUMS = 7


class CodesTable(Structure):
    """Columns of codes in one array, one column behind the other."""

    layout: ClassVar[Layout] = (("codes", Any), ("width", c_int64), ("step", c_int64))
    _fields_ = fields_of(layout)

    def __init__(self, codes: npt.NDArray[np.unsignedinteger[Any]]) -> None:
        """Take (rows, columns) in Fortran's order."""
        super().__init__(codes=codes.T, width=codes.itemsize, step=len(codes))


class ColumnsTable(Structure):
    """All records, sorted by first day."""

    layout: ClassVar[Layout] = (
        ("first_day", np.int32),
        ("last_day", np.int32),
        ("term_day", np.int32),
        ("known_day", np.int32),
        ("replaced_day", np.int32),
        ("spot", np.int32),
        ("counted", np.uint8),
        ("codes", CodesTable),
        ("n_dimensions", c_int64),
        ("offsets", np.int64),
        ("type_at", c_int64),
        ("confidence_at", c_int64),
        ("attack", np.uint8),
        ("low_confidence", np.uint8),
        ("figures", CodesTable),
        ("events", np.float64),
        ("killed", np.float64),
        ("wounded", np.float64),
        ("bin_of_day", np.int16),
        ("day_0", c_int64),
    )
    _fields_ = fields_of(layout)


class QuestionTable(Structure):
    """A selection."""

    layout: ClassVar[Layout] = (
        ("first", c_int32),
        ("last", c_int32),
        ("in_force", c_int32),
        ("known", c_int32),
        ("allow", np.uint8),
        ("active", np.int64),
        ("n_active", c_int64),
        ("found", np.uint8),
        ("shown_types", np.uint8),
        ("colour_at", c_int64),
    )
    _fields_ = fields_of(layout)


class VerdictsTable(Structure):
    """What the predicate says of the rows scanned."""

    layout: ClassVar[Layout] = (("inside", np.uint8), ("reason", np.uint8), ("only", np.uint8))
    _fields_ = fields_of(layout)


class ShownTable(Structure):
    """What is drawn."""

    layout: ClassVar[Layout] = (
        ("by_spot", np.int32),
        ("colours", np.int32),
        ("types", np.int32),
    )
    _fields_ = fields_of(layout)


class CountedTable(Structure):
    """What is counted."""

    layout: ClassVar[Layout] = (
        ("hidden", np.int64),
        ("facets", np.int64),
        ("tempo", np.int64),
        ("edges", np.int64),
        ("sums", np.float64),
        ("killed", np.float64),
        ("wounded", np.float64),
    )
    _fields_ = fields_of(layout)


_loops = load_library(Path(__file__).parent / "c" / "scan.c")
for _loop in (_loops.place_rows, _loops.judge_rows, _loops.show_rows, _loops.count_rows):
    _loop.restype = None


def place_rows(columns: ColumnsTable, asked: QuestionTable, start: int, stop: int, inside: npt.NDArray[Any]) -> None:
    """Write how each row lies in the window."""
    first = ctypes.c_void_p(address(inside, np.uint8))
    _loops.place_rows(byref(columns), byref(asked), c_int64(start), c_int64(stop), first)


def judge_rows(columns: ColumnsTable, asked: QuestionTable, start: int, stop: int, said: VerdictsTable) -> None:
    """Write for each row the first thing that hides it, and the dimension that alone does."""
    _loops.judge_rows(byref(columns), byref(asked), c_int64(start), c_int64(stop), byref(said))


def show_rows(
    columns: ColumnsTable, asked: QuestionTable, start: int, stop: int, said: VerdictsTable, shown: ShownTable
) -> None:
    """List the rows shown and count them by place."""
    _loops.show_rows(byref(columns), byref(asked), c_int64(start), c_int64(stop), byref(said), byref(shown))


def count_rows(
    columns: ColumnsTable, asked: QuestionTable, start: int, stop: int, said: VerdictsTable, counted: CountedTable
) -> None:
    """Add up what is shown and hidden, the options of each dimension, the tempo and the sums."""
    _loops.count_rows(byref(columns), byref(asked), c_int64(start), c_int64(stop), byref(said), byref(counted))
