"""Read tables from text: any sign between cells, with or without a header."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median_high
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from geodata.csvtext import BrokenRow, Sheet, shorten
from geodata.errors import FileError
from geodata.formats.blocks import cut_large
from geodata.formats.encoding import read_utf8
from geodata.formats.header import first_record, numbered
from geodata.formats.limits import Cancel, Progress
from geodata.formats.table import RawTable, as_large, unique_names

_SIGNS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEP_LINE: Final = re.compile(rb"sep=(.)\r?\n")  # What Excel writes to itself as the first line.
_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n?|\n|$)")
_SAMPLE_BYTES: Final = 1 << 18
_SAMPLE_LINES: Final = 40
_USUAL_SHARE: Final = 0.5
_TITLE_CELLS: Final = 2
_LEAST_ROWS: Final = 3  # A title, names, a record.
_BLOCK_BYTES: Final = 1 << 26


def read_text(
    path: Path,
    name: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> RawTable:
    """Read a table of text.

    Parameters
    ----------
    name
        What to call the file in messages.
    encoding, delimiter
        To be used instead of what the content shows.
    progress, cancel
        Told how much was read, and asked whether to go on.

    Raises
    ------
    FileError
        When there is no table in it.
    CancelledError
        When `cancel` says so.
    """
    from geodata.formats.detection import layout_without_header

    text = read_utf8(path, name, encoding=encoding)
    body, first_line = text.data, 1
    asked = _SEP_LINE.match(body)
    if asked:
        body, first_line, delimiter = body[asked.end() :], 2, delimiter or asked[1].decode("latin-1")
    sign = delimiter or _delimiter(body)
    above = _lines_above(body, sign)
    if above:
        body, first_line = _below(body, above), first_line + above
    top = list(_top_rows(body, sign))
    if not top:
        msg = f"{name} is empty; it needs a line that names the columns and a line for each record"
        raise FileError(msg)
    bare = layout_without_header(top) is not None or bool(first_record(top))
    columns = tuple(numbered(len(top[0]))) if bare else None
    plain = columns if sign == "\t" else None
    sheet = _cut_plain(body, plain) if plain else _cut(body, sign, name, columns, progress, cancel)
    names, more = unique_names(sheet.header, name)
    cells = as_large(sheet.cells.rename_columns(names))
    notes = text.notes + more
    if above:
        notes += (f"the header was found on line {first_line}; what stands above it was not read",)
    detail = {"encoding": text.encoding, "delimiter": sign}
    return RawTable(
        name=name,
        container="TSV" if sign == "\t" else "CSV",
        cells=cells,
        rows=sheet.lines + (first_line - 1),
        broken=tuple(_moved(row, first_line - 1) for row in sheet.broken),
        broken_text=_whole_lines(body, [row.line for row in sheet.broken], first_line - 1),
        notes=notes + ((f"cells are separated by {_SIGNS.get(sign, repr(sign))}",) if sign != "," else ()),
        detail=detail,
    )


def _cut(
    body: bytes,
    sign: str,
    name: str,
    columns: tuple[str, ...] | None,
    progress: Progress | None,
    cancel: Cancel | None,
) -> Sheet:
    try:
        return cut_large(body, sign, columns=columns, progress=progress, cancel=cancel)
    except FileError as error:
        msg = f"{name}: {error}"
        raise FileError(msg) from error


def _moved(row: BrokenRow, by: int) -> BrokenRow:
    return BrokenRow(row.line + by, row.value, row.code, row.reason, row.fix) if by else row


def _top_rows(body: bytes, sign: str) -> Iterator[list[str]]:
    text = body[:_SAMPLE_BYTES].decode("utf-8", errors="replace")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield row
            if rows.line_num >= _SAMPLE_LINES:
                return
    except csv.Error:
        return


def _lines_above(body: bytes, sign: str) -> int:
    """Count the lines above the table: its title, its source; two cells or a third of those of later rows at most."""
    text = body[:_SAMPLE_BYTES].decode("utf-8", errors="replace")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    filled: list[tuple[int, int]] = []  # lines above each row that holds anything, and its cells that do
    above = 0
    try:
        for row in itertools.islice(rows, _SAMPLE_LINES):
            if cells := sum(1 for cell in row if cell.strip()):
                filled.append((above, cells))
            above = rows.line_num
    except csv.Error:
        return 0
    if len(filled) < _LEAST_ROWS:
        return 0
    usual = median_high(cells for _, cells in filled[len(filled) // 2 :])
    first = next(place for place, (_, cells) in enumerate(filled) if cells > min(usual / 3, _TITLE_CELLS))
    return filled[first][0] if first else 0


def _below(body: bytes, lines: int) -> bytes:
    """Return the text below its first lines."""
    end = 0
    for found in itertools.islice(_LINE.finditer(body), lines):
        end = found.end()
    return body[end:]


def _delimiter(body: bytes) -> str:
    """Return the sign that cuts the first lines into rows of the same number of cells, two or more.

    That of the first row counts most; where a title stands there, that of most rows.
    """
    scores: dict[str, tuple[bool, float, int]] = {}
    for sign in _SIGNS:
        widths = [len(row) for row in _top_rows(body, sign)] or [0]
        width = widths[0] if widths[0] > 1 else Counter(widths).most_common(1)[0][0]
        share = round(widths.count(width) / len(widths), 1)
        if width > 1:
            scores[sign] = (widths[0] > 1 and share >= _USUAL_SHARE, share, width)
    return max(scores, key=lambda sign: scores[sign], default=",")


def _cut_plain(body: bytes, columns: tuple[str, ...]) -> Sheet:
    """Cut rows of tabs in which a quote is a letter like any other, as in GDELT's files."""
    width = len(columns)
    good: list[bytes] = []
    lines: list[int] = []
    broken: list[BrokenRow] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if line.count(b"\t") + 1 == width:
            good.append(line)
            lines.append(number)
        elif line.strip():
            found = line.count(b"\t") + 1
            reason = f"the row has {found} cells, the table has {width}"
            shown = shorten(line.decode("utf-8", errors="replace"))
            broken.append(BrokenRow(number, shown, "ragged_row", reason, "add or remove cells, which tabs separate"))
    names = [f"c{position}" for position in range(width)]
    cells = arrow_csv.read_csv(
        pa.py_buffer(b"\n".join(good) + b"\n"),
        read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    ) if good else pa.table({name: pa.array([], pa.string()) for name in names})  # fmt: skip
    return Sheet(columns, cells, np.array(lines, dtype=np.int64), tuple(broken))


def _whole_lines(body: bytes, wanted: list[int], shift: int) -> dict[int, str]:
    """Return the broken lines as the file has them."""
    if not wanted:
        return {}
    missing, found = set(wanted), {}
    last = max(missing)
    for number, line in enumerate(_lines(body), start=1):
        if number in missing:
            found[number + shift] = line.decode("utf-8", errors="replace").rstrip("\r\n")
        if number == last:
            break
    return found


def _lines(body: bytes) -> Iterator[bytes]:
    if body.count(b"\r") == body.count(b"\r\n"):
        return iter(io.BytesIO(body))  # Ten times as fast as the pattern, but it knows no other end of a line than LF.
    return (found[0] for found in _LINE.finditer(body))
