"""Read tables from text: any sign between cells, with or without a header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
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
    detail = {"encoding": text.encoding, "delimiter": sign}
    return RawTable(
        name=name,
        container="TSV" if sign == "\t" else "CSV",
        cells=cells,
        rows=sheet.lines + (first_line - 1),
        broken=tuple(_moved(row, first_line - 1) for row in sheet.broken),
        broken_text=_whole_lines(body, [row.line for row in sheet.broken], first_line - 1),
        notes=text.notes + more + ((f"cells are separated by {_SIGNS.get(sign, repr(sign))}",) if sign != "," else ()),
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


def _delimiter(body: bytes) -> str:
    """Return the sign that cuts the first lines into rows of the same number of cells, two or more."""
    best, best_score = ",", (0.0, 0)
    for sign in _SIGNS:
        widths = [len(row) for row in _top_rows(body, sign)]
        if not widths or widths[0] < 2:
            continue
        score = (round(widths.count(widths[0]) / len(widths), 1), widths[0])
        if score > best_score:
            best, best_score = sign, score
    return best


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
