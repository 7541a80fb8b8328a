"""Cut large text tables fast also when they are irregular: only the blocks that need it are looked at line by line.

`geodata.csvtext.cut` is fast when each line is a row, and careful otherwise; careful is too slow and too large for a
million rows in which a few cells hold line breaks. Here a large file is halved until the irregular part is small.
"""

from __future__ import annotations

import csv
import re
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from geodata.csvtext import BrokenRow, Sheet, count_lines, cut

LARGE_BYTES: Final = 16 << 20
BLOCK_BYTES: Final = 8 << 20
CAREFUL_BYTES: Final = 64 << 10  # Below this a block is cut line by line; ten to a hundred rows of any known dataset.
_ARROW_BLOCK: Final = 1 << 26
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n?|\n|\Z)")
_TRIED_BREAKS: Final = 200

_Part = tuple[pa.Table, NDArray[np.int64], tuple[BrokenRow, ...]]


def cut_large(body: bytes, sign: str, *, large: int = LARGE_BYTES, block: int = BLOCK_BYTES) -> Sheet:
    """Cut UTF-8 text below its header line, as `cut` does.

    Raises
    ------
    FileError
        When there is no header line to read.
    """
    if len(body) < large:
        return cut(body, delimiter=sign)
    start, header_lines = _header_end(body, sign)
    header = cut(body[:start], delimiter=sign).header
    width = len(header)
    whole = _regular(pa.py_buffer(body).slice(start), count_lines(body) - header_lines, width, sign)
    if whole is not None:
        return Sheet(header, whole[0], whole[1] + header_lines, ())
    parts: list[_Part] = []
    line = header_lines + 1
    while start < len(body):
        end = _break(body, start, start + block, width, sign)
        data = body[start:end]
        parts += _cut_block(data, line, width, sign)
        start, line = end, line + count_lines(data)
    if not parts:
        return cut(body, delimiter=sign)
    cells = pa.concat_tables([part[0] for part in parts])
    lines = np.concatenate([part[1] for part in parts])
    return Sheet(header, cells, lines, tuple(row for part in parts for row in part[2]))


def _header_end(body: bytes, sign: str) -> tuple[int, int]:
    """Return where the first line that holds anything ends, and how many lines there are down to it."""
    start = lines = 0
    blank = f" \t\r\n{sign}".encode()
    while start < len(body):
        found = _LINE.match(body, start)
        end = found.end() if found else len(body)
        filled = body[start:end].strip(blank)
        start, lines = end, lines + 1
        if filled:
            break
    return start, lines


def _cut_block(data: bytes, line: int, width: int, sign: str) -> list[_Part]:
    """Cut a block that begins on line `line`, halving it while it is irregular."""
    found = _regular(pa.py_buffer(data), count_lines(data), width, sign)
    if found is not None:
        return [(found[0], found[1] + line - 1, ())]
    middle = _break(data, 0, len(data) // 2, width, sign)
    if len(data) > CAREFUL_BYTES and middle < len(data):
        second = line + count_lines(data[:middle])
        return [*_cut_block(data[:middle], line, width, sign), *_cut_block(data[middle:], second, width, sign)]
    names = sign.join(_names(width)).encode()
    sheet = cut(names + b"\n" + data, delimiter=sign)
    broken = tuple(BrokenRow(row.line - 2 + line, row.value, row.code, row.reason, row.fix) for row in sheet.broken)
    return [(sheet.cells, sheet.lines - 2 + line, broken)]


def _break(body: bytes, start: int, wanted: int, width: int, sign: str) -> int:
    """Return the end of a line at or after `wanted` at which a row ends as well.

    The surest is a line that is a whole row by itself; otherwise one at which no quote is open since `start`.
    """
    if wanted >= len(body):
        return len(body)
    position = _line_end(body, wanted)
    quotes = body.count(b'"', start, position)
    even = 0
    for _ in range(_TRIED_BREAKS):
        after = _line_end(body, position)
        if after >= len(body):
            return len(body)
        line = body[position:after]
        quotes += line.count(b'"')
        if _whole_row(line, width, sign):
            return after
        even = even or (after if quotes % 2 == 0 else 0)
        position = after
    return even or position


def _whole_row(line: bytes, width: int, sign: str) -> bool:
    if line.count(b'"') % 2:
        return False
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    return len(next(csv.reader([text], delimiter=sign), [])) == width


def _line_end(body: bytes, start: int) -> int:
    found = _LINE.match(body, start)
    return found.end() if found else len(body)


def _names(width: int) -> list[str]:
    return [f"c{position}" for position in range(width)]


def _regular(data: pa.Buffer, height: int, width: int, sign: str) -> tuple[pa.Table, NDArray[np.int64]] | None:
    """Cut a block whose rows all have the width of the header; return None when a quote may have swallowed a row."""
    names = _names(width)
    try:
        cells = arrow_csv.read_csv(
            data,
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_ARROW_BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=sign, newlines_in_values=True, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if cells.num_rows == height:
        return cells, np.arange(1, height + 1, dtype=np.int64)
    breaks = np.zeros(cells.num_rows, dtype=np.int64)
    for column in cells.columns:
        inside = pc.count_substring_regex(column, r"\r\n|\r|\n").to_numpy()
        rows = np.flatnonzero(inside)
        if rows.size:
            breaks += inside
            # A quote that swallows a row end takes in as many signs as a row has: such a cell is looked at by line.
            signs = pc.count_substring(column.take(pa.array(rows)), sign).to_numpy()
            if (signs >= width - 1).any():
                return None
    if int(breaks.sum()) + cells.num_rows != height:
        return None
    return cells, np.cumsum(breaks + 1) - breaks
