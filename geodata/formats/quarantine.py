"""Give a file back as it came: all of it, or the rows that were refused, each with its reason, to be repaired."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa

from geodata.reader import Rejected

if TYPE_CHECKING:
    from geodata.formats.importing import TableImport

#: Columns added to refused rows; an import leaves columns that begin like this out again.
PREFIX: Final = "rejected: "
LINE: Final = PREFIX + "line"
REASON: Final = PREFIX + "reason"
#: The whole text of a row that could not be cut into cells.
TEXT: Final = PREFIX + "text"
ADDED: Final = (LINE, PREFIX + "column", PREFIX + "value", REASON, PREFIX + "fix", TEXT)
_BATCH: Final = 10_000


def cells_as_in_file(table: TableImport, records: pd.DataFrame) -> pa.Table:
    """Return records under the columns of their file, as the file had them."""
    return pa.table({name: pa.array(records[column], pa.large_string()) for name, column in table.layout})


def original_rows(table: TableImport) -> pd.DataFrame:
    """Return the kept records in the layout of their file: every column, in its order, under its name."""
    records = table.reading.records
    return pd.DataFrame({name: records[column] for name, column in table.layout})


def write_original(table: TableImport, path: Path) -> int:
    """Write the kept records in the layout of their file as CSV; returns their number."""
    rows = original_rows(table)
    write_csv(path, list(rows.columns), _rows(rows), delimiter=_sign(table))
    return len(rows)


def write_quarantine(table: TableImport, path: Path) -> int:
    """Write the refused rows in the layout of their file, with where, why and what would help; returns their number.

    The reasons stand in columns at the end that an import leaves out, so the repaired file can be dropped in as it is.
    """
    reasons = {row.line: row for row in table.reading.rejected}
    rows: list[tuple[int, list[str]]] = []
    columns = list(table.repair.column_names)
    for line, row in zip(table.repair_lines.tolist(), table.repair.to_pylist(), strict=True):
        rows.append((line, [str(row[name]) for name in columns] + _added(reasons.get(line), "")))
    for line, text in table.broken_text.items():
        cells = first_cells(text, len(columns), _sign(table))
        rows.append((line, cells + _added(reasons.get(line), text)))
    rows.sort(key=lambda item: item[0])
    write_csv(path, [*columns, *ADDED], (row for _, row in rows), delimiter=_sign(table))
    return len(rows)


def _sign(table: TableImport) -> str:
    return table.detail.get("delimiter", ",")


def _added(row: Rejected | None, text: str) -> list[str]:
    return (
        ["", "", "", "", "", text] if row is None else [str(row.line), row.column, row.value, row.reason, row.fix, text]
    )


def first_cells(text: str, width: int, sign: str) -> list[str]:
    """Return the cells of a broken line as far as they can be told; its whole text stands in the last column."""
    if text.count('"') % 2 or text.lstrip().startswith(("{", "[")):
        return [""] * width
    cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=sign), [])
    return [*cells[:width], *[""] * (width - len(cells))]


def _rows(frame: pd.DataFrame) -> Iterable[Sequence[str]]:
    for start in range(0, len(frame), _BATCH):
        part = frame.iloc[start : start + _BATCH]
        yield from zip(*(part[name].tolist() for name in part.columns), strict=True)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str = ",") -> None:
    """Write a CSV file whole or not at all: beside its place first, then moved there."""
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)  # There only when it was not finished: a full disk, Ctrl-C.


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV file as text, for a download."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
