"""Read the sheets of XLSX and ODS workbooks: values, never formulas, macros or links."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from openpyxl.utils.exceptions import InvalidFileException

from geodata.errors import FileError
from geodata.formats.cells import text_of
from geodata.formats.header import first_record, numbered
from geodata.formats.limits import MAX_COLUMNS, MAX_PACKAGE_BYTES, MAX_SHEET_ROWS, check_archive
from geodata.formats.worker import Found

_MERGED: Final = re.compile(rb'<mergeCell[^>]*\sref="([A-Z0-9:]{1,20})"')
_ZEROS: Final = re.compile(r"0{2,20}")
#: Column for cells that stand beside the table, further right than its first rows reach.
BESIDE: Final = "cells beside the table"
_SEARCHED_ROWS: Final = 20
_LARGE_SHEET_BYTES: Final = 10 << 20
_ZERO_FORMAT: Final = re.compile(rb'formatCode="0{2,20}"')
_CHUNK: Final = 1 << 20
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

#: What openpyxl raises at styles and drawings that are not quite as it expects; the cells can be read for all that.
_MISUNDERSTOOD: Final = (InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError)

Rows = Iterator[tuple[int, list[str]]]


def read_xlsx(path: Path, name: str, options: Mapping[str, Any]) -> Iterator[Found]:
    """Read one sheet of an XLSX workbook: the one asked for, or the one that holds most."""
    import openpyxl

    with zipfile.ZipFile(path) as archive:
        entries = check_archive(archive, name, limit=MAX_PACKAGE_BYTES)
        notes = ["macros are not read"] if any("vbaProject" in entry.filename for entry in entries) else []
        _refuse_declarations(archive, entries, name)
        if _is_large(archive, entries):
            yield _read_large(path, name, options, notes)
            return
        try:
            book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
        except _MISUNDERSTOOD:
            yield _read_large(path, name, options, notes)
            return
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        chosen = _choose({title: _filled(_xlsx_rows(sheet)) for title, sheet in sheets.items()}, options, name, notes)
        merged = _merged_cells(archive, getattr(sheets[chosen], "_worksheet_path", ""))
    if merged:
        notes.append(_merged_note(", ".join(merged[:10])))
    yield _sheet("XLSX", chosen, _xlsx_rows(sheets[chosen]), name, notes)


def _is_large(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> bool:
    """Tell whether the faster reader is wanted: twenty times as fast, it does not know number formats of zeros."""
    large = max((entry.file_size for entry in entries), default=0) > _LARGE_SHEET_BYTES
    styles = archive.read("xl/styles.xml") if "xl/styles.xml" in archive.namelist() else b""
    return large and not _ZERO_FORMAT.search(styles)


def _read_large(path: Path, name: str, options: Mapping[str, Any], notes: list[str]) -> Found:
    from python_calamine import CalamineError, CalamineWorkbook

    def rows(title: str) -> Rows:
        for number, row in enumerate(book.get_sheet_by_name(title).to_python(skip_empty_area=False), start=1):
            yield number, [text_of(value) for value in row]

    try:
        book = CalamineWorkbook.from_path(str(path))
        chosen = _choose({title: _filled(rows(title)) for title in book.sheet_names}, options, name, notes)
        merged = book.get_sheet_by_name(chosen).merged_cell_ranges or []
    except CalamineError as error:
        msg = f"{name} cannot be read as a workbook ({error}); save it as CSV and read that file"
        raise FileError(msg) from error
    if merged:
        notes.append(_merged_note(f"{len(merged)} of them"))
    return _sheet("XLSX", chosen, rows(chosen), name, notes)


def _refuse_declarations(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse a workbook with a declaration in any part: without one there are no entities, whatever parses it."""
    for entry in entries:
        if not entry.filename.endswith((".xml", ".rels", ".vml")):
            continue
        with archive.open(entry) as file:
            tail = b""
            while chunk := file.read(_CHUNK):
                # A part in UTF-16 would hide the words; Excel writes UTF-8.
                if b"<!DOCTYPE" in tail + chunk or b"<!ENTITY" in tail + chunk or b"\x00" in chunk:
                    msg = (
                        f"{name} declares a document type or entities, which a workbook does not need; it was not read"
                    )
                    raise FileError(msg)
                tail = chunk[-10:]


def _xlsx_rows(sheet: Any) -> Rows:
    """Yield rows as far as they are filled, whatever size the sheet claims to have."""
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_row=MAX_SHEET_ROWS), start=1):
        yield number, [_xlsx_text(cell) for cell in row]


def _xlsx_text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    # A number format of zeros is how a sheet keeps the zeros in front of an id.
    if isinstance(value, int) and not isinstance(value, bool) and _ZEROS.fullmatch(cell.number_format or ""):
        return f"{value:0{len(cell.number_format)}d}"
    return text_of(value)


def _merged_note(which: str) -> str:
    """Say what merging hides: whether a value holds for all its rows or is a heading, only its author knows."""
    return (
        f"merged cells hold their value in the first of them only: {which}; the others are read as empty, "
        "unmerge and fill them in the workbook where the value holds for all"
    )


def _merged_cells(archive: zipfile.ZipFile, part: str) -> list[str]:
    if part not in archive.namelist():
        return []
    found: list[str] = []
    with archive.open(part) as file:
        tail = b""
        while chunk := file.read(_CHUNK):
            found += [text.decode() for text in _MERGED.findall(tail + chunk)]
            tail = chunk[-100:] if not chunk.rstrip().endswith(b">") else b""
    return list(dict.fromkeys(found))


def _filled(rows: Rows) -> int:
    """Count the filled cells at the top of a sheet."""
    filled = 0
    for number, row in rows:
        filled += sum(1 for cell in row if cell)
        if number >= _SEARCHED_ROWS * 10:
            break
    return filled


def _choose(filled: Mapping[str, int], options: Mapping[str, Any], name: str, notes: list[str]) -> str:
    asked = options.get("sheet")
    if asked and asked not in filled:
        msg = f"{name} has no sheet {str(asked)[:80]!r}; it has {', '.join(map(repr, filled))}"
        raise FileError(msg)
    if not filled or not any(filled.values()):
        msg = f"{name} has no sheet with anything in it"
        raise FileError(msg)
    chosen = str(asked or max(filled, key=lambda title: filled[title]))
    others = [title for title, cells in filled.items() if title != chosen and cells]
    if others:
        notes.append(f"sheet {chosen!r} was read; not read: {', '.join(map(repr, others[:20]))}")
    return chosen


def _sheet(container: str, title: str, rows: Rows, name: str, notes: list[str]) -> Found:
    """Take the first row that is filled like the ones below it as the header."""
    top: list[tuple[int, list[str]]] = []
    for number, row in rows:
        top.append((number, row))
        if len(top) >= _SEARCHED_ROWS:
            break
    most = max((sum(1 for cell in row if cell) for _, row in top), default=0)
    at = next(place for place, (_, row) in enumerate(top) if sum(1 for cell in row if cell) * 2 >= most and any(row))
    width = max(len(_trimmed(row)) for _, row in top[at:])
    header = [*top[at][1], *[""] * width][:width]
    if any(any(row) for _, row in top[:at]):
        notes.append(f"the header was found in row {top[at][0]}; what stands above it was not read")
    bare = bool(first_record([row for _, row in top[at:]]))
    columns = numbered(width) if bare else [text or f"column {place}" for place, text in enumerate(header, start=1)]

    def below() -> Rows:
        yield from top[at if bare else at + 1 :]
        yield from rows

    cells = _fitted(below(), len(columns), name)
    detail = {"sheet": title}
    return Found(container, [*columns, BESIDE], cells, title=title, notes=notes, detail=detail, unused=BESIDE)


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row


def _fitted(rows: Rows, width: int, name: str) -> Rows:
    """Yield rows of the table's width and one cell more, for what stands beside the table; no empty rows."""
    for number, row in rows:
        cells = _trimmed(row)
        if len(cells) > max(width, MAX_COLUMNS):
            msg = f"{name} has a cell in column {len(cells):,}, row {number:,}, far outside its table; delete it"
            raise FileError(msg)
        if cells:
            beside = "; ".join(cell for cell in cells[width:] if cell)
            yield number, [*cells[:width], *[""] * (width - len(cells)), beside]


def read_ods(path: Path, name: str, options: Mapping[str, Any]) -> Iterator[Found]:
    """Read one sheet of an ODS workbook: the one asked for, or the one that holds most."""
    import defusedxml.common
    import defusedxml.ElementTree

    with zipfile.ZipFile(path) as archive:
        check_archive(archive, name, limit=MAX_PACKAGE_BYTES)
        if "content.xml" not in archive.namelist():
            msg = f"{name} is no workbook: it holds no content.xml"
            raise FileError(msg)
        try:
            root: Element = defusedxml.ElementTree.fromstring(archive.read("content.xml"), forbid_dtd=True)
        except (defusedxml.common.DefusedXmlException, ParseError) as error:
            msg = f"{name} is not well-formed, or declares entities; it was not read"
            raise FileError(msg) from error
    notes: list[str] = []
    sheets = {str(table.get(f"{_TABLE}name")): table for table in root.iter(f"{_TABLE}table")}
    chosen = _choose({title: _filled(_ods_rows(table, name)) for title, table in sheets.items()}, options, name, notes)
    merged = sum(1 for cell in sheets[chosen].iter(f"{_TABLE}table-cell") if _spans(cell))
    if merged:
        notes.append(_merged_note(f"{merged} of them"))
    yield _sheet("ODS", chosen, _ods_rows(sheets[chosen], name), name, notes)


def _spans(cell: Element) -> bool:
    return any(cell.get(f"{_TABLE}number-{what}-spanned", "1") != "1" for what in ("columns", "rows"))


def _ods_rows(table: Element, name: str) -> Rows:
    number = 0
    for row in table.iter(f"{_TABLE}table-row"):
        repeated = _repeat(row, "rows")
        cells = _trimmed(_ods_cells(row, name))
        # A sheet ends in one row that is repeated to the last one there is.
        for _ in range(min(repeated, MAX_SHEET_ROWS - number) if cells else 0):
            number += 1
            yield number, cells
        number += 0 if cells else repeated


def _repeat(element: Element, what: str) -> int:
    written = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(written) if written.isdigit() and len(written) < 9 else 1


def _ods_cells(row: Element, name: str) -> list[str]:
    cells: list[str] = []
    empty = 0
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        text, times = _ods_text(cell), _repeat(cell, "columns")
        if not text:
            empty += times
            continue
        if len(cells) + empty + times > MAX_COLUMNS:
            msg = f"{name} has cells beyond column {MAX_COLUMNS:,}; delete what is not needed"
            raise FileError(msg)
        cells += [""] * empty + [text] * times
        empty = 0
    return cells


def _ods_text(cell: Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind == "date":
        return str(cell.get(f"{_OFFICE}date-value", "")).removesuffix("T00:00:00")
    if kind in {"float", "percentage", "currency"}:
        value = cell.get(f"{_OFFICE}value", "")
        shown = "".join("".join(part.itertext()) for part in cell.iter(f"{_TEXT}p"))
        return shown if shown.isdigit() and shown.startswith("0") else value
    if kind == "boolean":
        return str(cell.get(f"{_OFFICE}boolean-value", ""))
    return "\n".join("".join(part.itertext()) for part in cell.iter(f"{_TEXT}p"))
