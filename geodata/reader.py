"""Read a file of incident records: good rows in, bad rows listed by line, nothing dropped in silence."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.csvtext import BrokenRow, Sheet, cut, shorten
from geodata.errors import FileError
from geodata.incident import COLUMN_NAMES, REQUIRED_COLUMNS
from geodata.validation import Check, Problem, check_table

MAX_FILE_BYTES: Final = 1 << 31  # Offsets of a text column are 32-bit numbers.
_HEADER_BYTES: Final = 1 << 16  # Enough for a header of a thousand columns.
_DELIMITERS: Final = {";": "semicolons", "\t": "tabs"}
_MAGIC: Final = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)
_SAVE_AS: Final = "save it as CSV UTF-8 and read that file"

_SPOILT: Final = {
    "\x00": ("nul", "the cell holds a NUL byte", "delete it"),
    "\ufffd": ("not_utf8", "the cell holds bytes that are not UTF-8", _SAVE_AS),
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """Name a row that was not kept: where it stands, which cell is wrong, why, and what would help.

    `code` is the stable name of the reason; `others` are further problems of the same row.
    """

    line: int
    column: str
    value: str
    reason: str
    fix: str
    code: str = ""
    others: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return every problem of the row, the first one first."""
        return (Problem(self.column, self.value, self.code, self.reason, self.fix), *self.others)

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain values, as `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Rejected:
        """Read what `to_json` gave."""
        return cls(**{**kept, "others": tuple(Problem(**other) for other in kept["others"])})


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what a file gave: `read == len(records) + len(rejected)` always.

    Attributes
    ----------
    records
        Text cells exactly as written, except that known misspellings of codes, dates and counts are put right (and
        named in `notes`); one column per name of `COLUMNS`, then unknown columns, then `line` (int, 1-based).
    rejected
        Rows that were not kept, in file order.
    read
        Rows of the file that hold anything.
    notes
        What a person should know: misspellings put right, empty rows skipped, unknown columns.
    """

    records: pd.DataFrame
    rejected: tuple[Rejected, ...]
    read: int
    notes: tuple[str, ...]


def read_incidents(path: str | os.PathLike[str]) -> Reading:
    """Read the records of a CSV file.

    Raises
    ------
    FileError
        When nothing can be read: no such file, no text, no header, a required column missing, or the file changed
        while it was read. The file itself is never changed.
    """
    return read_records(_whole_file(Path(path)), name=Path(path).name)


def read_records(data: bytes, *, name: str = "the file") -> Reading:
    """Read the records of a CSV file that is already in memory, such as an upload.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        What to call it in messages.

    Raises
    ------
    FileError
        When nothing can be read from it.
    """
    _refuse_binary(data, name)
    data, signs = _as_utf8(data, name)
    delimiter, notes = _delimiter(data)
    try:
        sheet = cut(data, delimiter=delimiter)
    except FileError as error:
        msg = f"{name}: {error}"
        raise FileError(msg) from error
    names, more = _column_names(sheet.header, name)
    frame, lines, empty = _frame(sheet, names)
    notes += more
    if empty:
        notes += (f"{empty:,} empty row{'s' if empty != 1 else ''} skipped",)
    check = check_table(frame, lines)
    _refuse_cells(check, signs)
    return _reading(check, sheet.broken, notes)


def _whole_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            before = _state(file)
            if not stat.S_ISREG(before.st_mode):
                msg = f"{path.name!r} is not a regular file; give a CSV file"
                raise FileError(msg)
            if before.st_size > MAX_FILE_BYTES:
                msg = f"{path.name!r} holds {before.st_size:,} bytes, more than {MAX_FILE_BYTES:,}; split it by year"
                raise FileError(msg)
            data = file.read(before.st_size + 1)
            after = _state(file)
    except (OSError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        msg = f"{path.name!r} cannot be read: {reason}; check the name and who may read it"
        raise FileError(msg) from error
    if len(data) != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        msg = f"{path.name!r} changed while it was read; nothing was taken from it, read it again when it is complete"
        raise FileError(msg)
    return data


def _state(file: BinaryIO) -> os.stat_result:
    return os.fstat(file.fileno())


def _refuse_binary(data: bytes, name: str) -> None:
    if not data.strip(b" \t\r\n\xef\xbb\xbf"):
        msg = f"{name} is empty; it needs a header line with at least {', '.join(REQUIRED_COLUMNS)}"
        raise FileError(msg)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        msg = f"{name} is UTF-16 text, not UTF-8; {_SAVE_AS}"
        raise FileError(msg)
    for magic, what in _MAGIC:
        if data.startswith(magic):
            msg = f"{name} is {what}, not a CSV file; {_SAVE_AS}"
            raise FileError(msg)
    # A stray NUL spoils its row; many of them, or one in the header, mean that this is no text at all.
    if b"\x00" in data.split(b"\n", 1)[0] or data.count(b"\x00") > max(16, len(data) // 1000):
        msg = f"{name} holds binary data (NUL bytes), not text; {_SAVE_AS}"
        raise FileError(msg)
    conflict = data.find(b"\n<<<<<<< ")
    if conflict >= 0:
        line = data.count(b"\n", 0, conflict) + 2
        msg = f"{name} holds an unresolved git conflict on line {line}; resolve it first, then read the file again"
        raise FileError(msg)


def _as_utf8(data: bytes, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Return UTF-8 without its byte order mark, and the signs that spoil a cell and occur in it."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    nul = ("\x00",) if b"\x00" in data else ()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
    else:
        return data, nul
    lines = text.splitlines()
    spoilt = [number for number, line in enumerate(lines, start=1) if "\ufffd" in line]
    if spoilt[0] == 1 or len(spoilt) * 2 > len(lines):
        msg = f"{name} is not UTF-8 text (first seen on line {spoilt[0]}); {_SAVE_AS}"
        raise FileError(msg)
    return text.encode("utf-8"), (*nul, "\ufffd")


def _delimiter(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the sign between cells: the comma, or what the header shows when there is no comma in it."""
    header = data[:_HEADER_BYTES].decode("utf-8", errors="ignore").lstrip().partition("\n")[0]
    if "," not in header and all(column in header for column in REQUIRED_COLUMNS):
        for sign, called in _DELIMITERS.items():
            if sign in header:
                return sign, (f"cells are separated by {called}",)
    return ",", ()


def _column_names(header: tuple[str, ...], name: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the header with known columns under their own names."""
    names, notes = [], []
    for position, written in enumerate(header, start=1):
        folded = "_".join(written.strip().lower().replace("_", " ").split())
        column = folded if folded in COLUMN_NAMES else written.strip()
        if column != written:
            notes.append(f"column {shorten(written)!r} read as {shorten(column)!r}")
        if not column:
            column = f"column {position}"
            notes.append(f"the {position}th column has no name; called {column!r}")
        elif column == "line":
            column = "line (file)"
            notes.append("the file's own column 'line' is called 'line (file)'")
        if column in names:
            msg = f"{name}: the column {shorten(column)!r} appears twice in the header; rename or delete one of them"
            raise FileError(msg)
        names.append(column)
    missing = [column for column in REQUIRED_COLUMNS if column not in names]
    if missing:
        msg = (
            f"{name} has no column {' and no column '.join(missing)}; "
            f"the header must name at least {', '.join(REQUIRED_COLUMNS)}, and it names {shorten(', '.join(names))}"
        )
        raise FileError(msg)
    unknown = [column for column in names if column not in COLUMN_NAMES]
    if unknown:
        notes.append(f"unknown columns kept as they are: {shorten(', '.join(unknown))}")
    return names, tuple(notes)


def _frame(sheet: Sheet, names: list[str]) -> tuple[pd.DataFrame, NDArray[np.int64], int]:
    """Return the cells in the order of the record's columns, without rows that hold nothing."""
    cells = sheet.cells.rename_columns(names).to_pandas()
    lines = sheet.lines
    empty = np.ones(len(cells), dtype=bool)
    for column in names:
        if not empty.any():
            break
        empty &= (cells[column] == "").to_numpy()
    if empty.any():
        cells, lines = cells[~empty].reset_index(drop=True), lines[~empty]
    blank = pd.array([""], dtype="str").take(np.zeros(len(cells), dtype=np.intp))
    known = {name: cells[name] if name in names else pd.Series(blank) for name in COLUMN_NAMES}
    unknown = {name: cells[name] for name in names if name not in COLUMN_NAMES}
    return pd.DataFrame(known | unknown), lines, int(empty.sum())


def _refuse_cells(check: Check, signs: Iterable[str]) -> None:
    """Refuse rows with a cell that holds one of `signs`."""
    for sign in signs:
        code, reason, fix = _SPOILT[sign]
        for column in check.frame.columns:
            cells = check.frame[column]
            found = cells.str.contains(sign, regex=False).to_numpy(dtype=bool)
            for row in np.flatnonzero(found).tolist():
                check.problems[row].insert(0, Problem(str(column), shorten(str(cells.iat[row])), code, reason, fix))


def _reading(check: Check, broken: Iterable[BrokenRow], notes: tuple[str, ...]) -> Reading:
    rejected = [Rejected(row.line, "", row.value, row.reason, row.fix, row.code) for row in broken]
    for row, problems in check.problems.items():
        first, *others = problems
        rejected.append(
            Rejected(
                int(check.lines[row]), first.column, first.value, first.reason, first.fix, first.code, tuple(others)
            )
        )
    rejected.sort(key=lambda item: item.line)
    frame, lines = check.frame, check.lines
    if check.problems:
        kept = np.ones(len(frame), dtype=bool)
        kept[list(check.problems)] = False
        frame, lines = frame[kept].reset_index(drop=True), lines[kept]
    frame["line"] = lines
    flags = tuple(f"times in {times:,} records: {text}" for text, times in sorted(check.flags.items()))
    return Reading(frame, tuple(rejected), len(frame) + len(rejected), notes + check.notes() + flags)
