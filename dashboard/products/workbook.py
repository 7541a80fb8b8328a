"""The records shown as a workbook: records, codebook and what must be known of them; no cell runs as a formula."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from dashboard.products.archive import repack
from dashboard.products.content import Words
from dashboard.products.recipe import Recipe
from dashboard.products.table import about, cell_value, codebook, records_table
from geodata.answer import Answer
from geodata.dataset import Dataset
from geodata.plain_text import for_xml

#: Longest text of one cell (Excel specifications and limits).
LONGEST_CELL = 32_767

HEAD = Font(bold=True, color="FFFFFF")
HEAD_FILL = PatternFill("solid", fgColor="4D463C")
WRAPPED = Alignment(wrap_text=True, vertical="top")


def workbook_bytes(
    dataset: Dataset, answer: Answer, words: Words, recipe: Recipe, coordinates: str = "decimal"
) -> bytes:
    """Write a workbook of three sheets: Records, Codebook, About; points as text in the format chosen."""
    book = Workbook(write_only=True)
    table = records_table(dataset, answer, coordinates)
    records = _sheet(book, "Records", list(map(str, table.columns)), [18] * len(table.columns))
    for row in table.itertuples(index=False):
        records.append([_cell(records, cell_value(value)) for value in row])
    listed = _sheet(book, "Codebook", ["column", "meaning", "codes"], [24, 70, 90])
    for entry in codebook():
        listed.append([_cell(listed, text, wrap=True) for text in (entry.column, entry.meaning, entry.values)])
    told = _sheet(book, "About", ["matter", "what to know"], [24, 130])
    for matter, text in about(words, recipe):
        told.append([_cell(told, matter), _cell(told, text, wrap=True)])
    made = datetime.fromisoformat(str(recipe.options["produced"]))
    properties = book.properties
    properties.creator, properties.title, properties.keywords = "Incident Atlas", words.title, recipe.to_json()
    properties.created = made
    out = io.BytesIO()
    book.save(out)
    return repack(out.getvalue(), day=str(recipe.options["produced"]))


def _sheet(book: Workbook, name: str, columns: list[str], widths: list[int]) -> Any:
    sheet: Any = book.create_sheet(name)
    sheet.freeze_panes = "B2"
    for index, width in enumerate(widths):
        sheet.column_dimensions[_letters(index)].width = width
    head = []
    for column in columns:
        cell = _cell(sheet, column)
        cell.font, cell.fill = HEAD, HEAD_FILL
        head.append(cell)
    sheet.append(head)
    return sheet


def _cell(sheet: Any, value: str | float | None, *, wrap: bool = False) -> Any:
    if isinstance(value, str):
        value = for_xml(value)[:LONGEST_CELL]
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # text stays text: "=1+1" is what a record says, not a sum
    if wrap:
        cell.alignment = WRAPPED
    return cell


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
