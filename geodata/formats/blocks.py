"""Cut large text tables fast also when they are irregular: only the blocks that need it are looked at line by line.

`geodata.csvtext.cut` is fast when each line is a row, and careful otherwise; careful is too slow and too large for a
million rows in which a few cells hold line breaks. Here a large file is cut block by block, two blocks at a time.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from geodata.csvtext import CELLS_POOL, BrokenRow, Sheet, count_lines, cut, cut_by_line, header_of
from geodata.formats.limits import Cancel, Progress, stop_if

LARGE_BYTES: Final = 16 << 20
#: Small enough that few blocks of a spoilt file hold a stray quote, large enough that a block costs more than its call.
BLOCK_BYTES: Final = 1 << 19
#: Each block keeps a piece of each column: pieces of a few letters would cost more than what stands in them.
_BYTES_A_COLUMN: Final = 1 << 10
_WORKERS: Final = 2  # pyarrow lets go of Python's lock while it cuts; more at a time would only hold more memory.
_ARROW_BLOCK: Final = 1 << 26
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n?|\n|\Z)")
_TRIED_BREAKS: Final = 200


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold the rows of one block; its lines are counted from 1, and it has `height` of them."""

    cells: pa.Table
    lines: NDArray[np.int64]
    broken: tuple[BrokenRow, ...]
    height: int


def cut_large(
    body: bytes,
    sign: str,
    *,
    columns: tuple[str, ...] | None = None,
    large: int = LARGE_BYTES,
    block: int = BLOCK_BYTES,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Sheet:
    """Cut UTF-8 text below its header line, as `cut` does.

    Parameters
    ----------
    columns
        Names of the columns, of a text without a header line.
    large, block
        Bytes from which on a text is cut in blocks, and bytes of a block.
    progress, cancel
        Told how much of the text was cut, and asked whether to go on, after each block.

    Raises
    ------
    FileError
        When there is no header line to read.
    CancelledError
        When `cancel` says so.
    """
    if len(body) < large:
        return cut(body, delimiter=sign) if columns is None else _cut_below(columns, body, sign)
    header, header_lines, start = (columns, 0, 0) if columns else header_of(body, sign)
    parts: list[_Part] = []
    for end, part in _parts(body, start, header, sign, max(block, _BYTES_A_COLUMN * len(header))):
        stop_if(cancel)
        if progress is not None:
            progress("reading", end / len(body))
        parts.append(part)
    return _joined(header, parts, header_lines) if parts else cut(body, delimiter=sign)


def _cut_below(columns: tuple[str, ...], body: bytes, sign: str) -> Sheet:
    """Cut a text without a header line."""
    header = io.StringIO(newline="")
    csv.writer(header, delimiter=sign, lineterminator="\n").writerow(columns)
    sheet = cut(header.getvalue().encode() + body, delimiter=sign)
    broken = tuple(replace(row, line=row.line - 1) for row in sheet.broken)
    return Sheet(columns, sheet.cells, sheet.lines - 1, broken)


def _parts(body: bytes, start: int, header: tuple[str, ...], sign: str, block: int) -> Iterator[tuple[int, _Part]]:
    """Yield the blocks in their order, each with the place in `body` where it ends."""
    waiting: deque[tuple[int, Future[_Part]]] = deque()
    with ThreadPoolExecutor(_WORKERS) as pool:
        while start < len(body) or waiting:
            while start < len(body) and len(waiting) <= _WORKERS:
                end = _break(body, start, start + block, len(header), sign)
                waiting.append((end, pool.submit(_cut_block, body[start:end], header, sign)))
                start = end
            end, part = waiting.popleft()
            yield end, part.result()


def _joined(header: tuple[str, ...], parts: list[_Part], above: int) -> Sheet:
    """Put blocks together that begin below `above` lines."""
    lines: list[NDArray[np.int64]] = []
    broken: list[BrokenRow] = []
    for part in parts:
        lines.append(part.lines + above)
        broken += (BrokenRow(row.line + above, row.value, row.code, row.reason, row.fix) for row in part.broken)
        above += part.height
    return Sheet(header, pa.concat_tables([part.cells for part in parts]), np.concatenate(lines), tuple(broken))


def _cut_block(data: bytes, header: tuple[str, ...], sign: str) -> _Part:
    """Cut one block at once if it is regular, and line by line if it is not."""
    height = count_lines(data)
    found = _regular(data, height, len(header), sign)
    if found is not None:
        return _Part(*found, (), height)
    sheet = cut_by_line(data, header, 1, delimiter=sign)
    cells = sheet.cells.cast(pa.schema([(name, pa.large_string()) for name in sheet.cells.column_names]))
    return _Part(cells, sheet.lines, sheet.broken, height)


def _break(body: bytes, start: int, wanted: int, width: int, sign: str) -> int:
    """Return the end of a line at or after `wanted` at which a row ends as well.

    The surest is a line that is a whole row by itself and at which no quote is open since `start`. A stray quote in
    the block leaves none; then it is a whole row without quotes, any whole row, or a line at which no quote is open.
    """
    if wanted >= len(body):
        return len(body)
    position = _line_end(body, wanted)
    quotes = body.count(b'"', start, position)
    second: list[tuple[int, int]] = []
    for _ in range(_TRIED_BREAKS):
        after = _line_end(body, position)
        if after >= len(body):
            return len(body)
        line = body[position:after]
        quotes += line.count(b'"')
        whole = _whole_row(line, width, sign)
        if whole and quotes % 2 == 0:
            return after
        if whole or quotes % 2 == 0:
            second.append((2 if not whole else 0 if b'"' not in line else 1, after))
        position = after
    return min(second, default=(0, position))[1]


def _whole_row(line: bytes, width: int, sign: str) -> bool:
    if line.count(b'"') % 2:
        return False
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    return len(next(csv.reader([text], delimiter=sign), [])) == width


def _line_end(body: bytes, start: int) -> int:
    found = _LINE.match(body, start)
    return found.end() if found else len(body)


def _counter(data: bytes) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    """Return what counts line breaks in cells: the plain search, several times as fast, unless a CR stands alone."""
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return lambda column: pc.count_substring_regex(column, r"\r\n|\r|\n")
    return lambda column: pc.count_substring(column, "\n")


def _regular(data: bytes, height: int, width: int, sign: str) -> tuple[pa.Table, NDArray[np.int64]] | None:
    """Cut a block whose rows all have the width of the header; return None when a quote may have swallowed a row."""
    if data.count(b'"') % 2:
        return None  # pyarrow closes a quote that is open at the end.
    names = [f"c{position}" for position in range(width)]
    try:
        cells = arrow_csv.read_csv(
            pa.py_buffer(data),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_ARROW_BLOCK, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=sign, newlines_in_values=True, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False, check_utf8=False
            ),
            memory_pool=CELLS_POOL,
        )
    except pa.ArrowInvalid:
        return None
    if cells.num_rows == height:
        return cells, np.arange(1, height + 1, dtype=np.int64)
    count = _counter(data)
    breaks = np.zeros(cells.num_rows, dtype=np.int64)
    for column in cells.columns:
        inside = count(column).to_numpy()
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
