"""Cut the bytes of a CSV file into text cells, each row with its true line number, and name the rows that break.

Nothing is interpreted here: `NA`, `null`, `007` and `FALSE` stay text. A regular file is cut by pyarrow; a file whose
quotes do not pair up is cut again, line by line, so that one stray quote costs one row and not the rest of the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from geodata.errors import FileError

_BLOCK_BYTES: Final = 1 << 26  # A row must fit into one block; 64 MB is far above the longest cell that is kept.
_MARK: Final = b"\xef\xbb\xbf"
_LINE_END: Final = re.compile(rb"\r\n?|\n")
_SHOWN_CHARACTERS: Final = 200
_MAX_TALL_ROWS: Final = 100_000  # Above this, going through all lines is as fast as going through these rows.
_MAX_HEADER_LINES: Final = 20
_MAX_ROW_LINES: Final = 2_000  # A cell of more lines than this is a quote that was never closed.
#: pyarrow's usual pool keeps the room that a column leaves when it is cut to its length: half as much again.
CELLS_POOL: Final = (
    pa.jemalloc_memory_pool() if "jemalloc" in pa.supported_memory_backends() else pa.default_memory_pool()
)
# Python's csv module refuses fields of more than 131,072 characters by default; the limit for a cell is checked later,
# by name, so that the row is listed and not the whole file lost.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """Name a row that cannot be cut into the cells of the header."""

    line: int
    value: str
    code: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold the cells of a file as text, the line on which each row starts (1-based), and the rows that broke."""

    header: tuple[str, ...]
    cells: pa.Table
    lines: NDArray[np.int64]
    broken: tuple[BrokenRow, ...]


@dataclass(frozen=True, slots=True)
class _Sieved:
    """Hold the rows that can be cut, as they stand in the file, each with its line; and the rows that cannot."""

    rows: list[str]
    lines: list[int]
    broken: list[BrokenRow]


def shorten(value: str) -> str:
    """Return `value` as it can be shown in a list of problems: at most 200 characters, the rest counted."""
    if len(value) <= _SHOWN_CHARACTERS:
        return value
    return f"{value[:_SHOWN_CHARACTERS]}… ({len(value):,} characters)"


def count_lines(text: bytes) -> int:
    r"""Return how many physical lines `text` has, whether they end in \n, \r\n or \r."""
    if not text:
        return 0
    breaks = text.count(b"\n")
    if b"\r" in text:
        breaks += text.count(b"\r") - text.count(b"\r\n")
    return breaks + (not text.endswith((b"\n", b"\r")))


def _ends_open(data: bytes) -> bool:
    """Tell whether a quote may be open where a text ends: pyarrow closes it, and half a row would pass for a whole one.

    Rows of several lines are looked at one by one in `_starts`.
    """
    end = len(data) - len(data[-8:]) + len(data[-8:].rstrip(b"\r\n"))
    start = max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end)) + 1
    return data.count(b'"', start, end) % 2 == 1


def cut(data: bytes, *, delimiter: str = ",") -> Sheet:
    """Cut UTF-8 `data` (without a byte order mark) into cells below its header line.

    Raises
    ------
    FileError
        When there is no header line to read.
    """
    header, header_lines, body_start = header_of(data, delimiter)
    body = pa.py_buffer(data).slice(body_start)
    height = count_lines(data) - header_lines
    cells = None if _ends_open(data) else _arrow(body, len(header), delimiter)
    # One row per physical line: every line number is certain. Cells with line breaks are looked at one by one; a stray
    # quote or a row of another width sends the cutter through all lines.
    if cells is not None and cells.num_rows == height:
        return Sheet(header, cells, np.arange(height, dtype=np.int64) + header_lines + 1, ())
    if cells is not None:
        starts = _starts(cells, data[body_start:], height, delimiter)
        if starts is not None:
            return Sheet(header, cells, starts + header_lines + 1, ())
    return cut_by_line(data[body_start:], header, header_lines + 1, delimiter=delimiter)


def cut_by_line(body: bytes, header: tuple[str, ...], first_line: int, *, delimiter: str = ",") -> Sheet:
    """Cut rows that begin on line `first_line`, line by line: slower, but one stray quote costs one row only."""
    physical = list(io.StringIO(body.decode("utf-8"), newline=""))
    sieved = _sieve(physical, first_line, len(header), delimiter)
    cells = _arrow(pa.py_buffer("".join(sieved.rows).encode("utf-8")), len(header), delimiter)
    if cells is None or cells.num_rows != len(sieved.lines):
        # An empty line is one empty cell where the table has one column.
        rows = [next(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter), []) or [""] for row in sieved.rows]
        cells = _table(rows, len(header))
    return Sheet(header, cells, np.array(sieved.lines, dtype=np.int64), tuple(sieved.broken))


def header_of(data: bytes, delimiter: str) -> tuple[tuple[str, ...], int, int]:
    """Return the names of the first row that holds any, how many lines it takes with those above, and its end.

    Raises
    ------
    FileError
        When there is none.
    """
    start = lines = 0
    while start < len(data):
        stop = _line_end(data, start)
        line = data[start:stop].decode("utf-8").strip("\r\n")
        if line.strip(f" \t{delimiter}"):
            tall = _tall_header(data, start, delimiter) if line.count('"') % 2 else None
            names, height, end = tall or (next(csv.reader([line], delimiter=delimiter)), 1, stop)
            return tuple(names), lines + height, end
        start, lines = stop, lines + 1
    msg = "the file has no header line; the first line must name the columns, such as id,date_start,place"
    raise FileError(msg)


def _tall_header(data: bytes, start: int, delimiter: str) -> tuple[list[str], int, int] | None:
    """Read names that hold line breaks, as spreadsheets write them; None when the quote is a stray one."""
    end = start
    for height in range(1, _MAX_HEADER_LINES + 1):
        end = _line_end(data, end)
        text = data[start:end].decode("utf-8").rstrip("\r\n")
        if text.count('"') % 2 == 0:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            try:
                return next(rows), height, end
            except csv.Error:
                return None
    return None


def _line_end(data: bytes, start: int) -> int:
    end = _LINE_END.search(data, start)
    return end.end() if end else len(data)


def _names(width: int) -> list[str]:
    return [f"c{position}" for position in range(width)]


def _table(rows: Sequence[Sequence[str]], width: int) -> pa.Table:
    columns: Iterable[Sequence[str]] = zip(*rows, strict=True) if rows else ([] for _ in range(width))
    arrays = (pa.array(list(column), pa.string()) for column in columns)
    return pa.table(dict(zip(_names(width), arrays, strict=True)))


def _arrow(body: pa.Buffer, width: int, delimiter: str) -> pa.Table | None:
    """Cut a regular body; return None when a row has another width or a quote is left open."""
    if not body.size:
        return _table([], width)
    if body.slice(0, min(body.size, len(_MARK))).to_pybytes() == _MARK:
        body = pa.py_buffer(_MARK + body.to_pybytes())  # pyarrow takes a mark at the start for the file's own.
    names = _names(width)
    try:
        return arrow_csv.read_csv(
            body,
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
            memory_pool=CELLS_POOL,
        )
    except pa.ArrowInvalid:
        return None


def _starts(cells: pa.Table, body: bytes, height: int, delimiter: str) -> NDArray[np.int64] | None:
    """Return on which line of the body (0 the first) each row starts; None when a row of several lines is in doubt."""
    if body.count(b"\r") != body.count(b"\r\n"):
        return None
    heights = np.ones(cells.num_rows, dtype=np.int64)
    for column in cells.itercolumns():
        heights += pc.count_substring(column, "\n").to_numpy()
    if heights.sum() != height:
        return None
    starts = np.cumsum(heights) - heights
    tall = np.flatnonzero(heights > 1)
    if len(tall) > _MAX_TALL_ROWS:
        return None
    ends = np.concatenate(([0], np.flatnonzero(np.frombuffer(body, np.uint8) == ord("\n")) + 1, [len(body)]))
    for row in tall.tolist():
        text = body[ends[starts[row]] : ends[starts[row] + heights[row]]].decode("utf-8")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            found = len(next(reader))
        except csv.Error:
            return None
        if found != cells.num_columns or reader.line_num != heights[row]:
            return None
    return starts


def _sieve(physical: Sequence[str], first_line: int, width: int, delimiter: str) -> _Sieved:
    """Go through the lines, going on at the next line after a row that does not close."""
    sieved = _Sieved([], [], [])
    position = 0
    while position < len(physical):
        text, height = physical[position], 1
        bare = text.rstrip("\r\n")
        if '"' in text:
            found, height = _quoted(physical, position, delimiter)
            if height > 1 and found != width:
                found = 0  # The next quote, lines below, belongs to another row.
        else:
            found = bare.count(delimiter) + 1
        line = first_line + position
        if found == width:
            sieved.rows.append("".join(physical[position : position + height]) if height > 1 else text)
            sieved.lines.append(line)
        elif bare:
            height = 1
            sieved.broken.append(_ragged(line, bare, found, width) if found else _unclosed(line, bare))
        position += height
    return sieved


def _quoted(physical: Sequence[str], position: int, delimiter: str) -> tuple[int, int]:
    """Read the row that starts at `position`; return its number of cells (0: not closed) and of lines."""
    text = physical[position]
    if text.count('"') % 2 == 0:
        # Quotes pair up within the line. Not strict: spreadsheets write a quote in the middle of a cell.
        return len(next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter))), 1
    stop = min(len(physical), position + _MAX_ROW_LINES)
    reader = csv.reader((physical[line] for line in range(position, stop)), delimiter=delimiter, strict=True)
    try:
        return len(next(reader)), reader.line_num
    except csv.Error:
        return 0, 1


def _unclosed(line: int, text: str) -> BrokenRow:
    return BrokenRow(
        line,
        shorten(text),
        "unclosed_quote",
        "a double quote in this line is not closed where its cell ends",
        'close the cell with ", and write a double quote inside a cell as ""',
    )


def _ragged(line: int, text: str, found: int, expected: int) -> BrokenRow:
    more = "more" if found > expected else "fewer"
    fix = (
        'put a cell that holds a comma into "double quotes"'
        if found > expected
        else "add the missing cells, or delete the row if it was cut off"
    )
    reason = f"the row has {found} cells, {more} than the {expected} of the header"
    return BrokenRow(line, shorten(text), "ragged_row", reason, fix)
