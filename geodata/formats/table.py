"""Hold a table as its file has it: text cells under the file's own column names, each row with its number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geodata.csvtext import BrokenRow
from geodata.errors import FileError
from geodata.formats.limits import MAX_COLUMNS

#: Detail of a table: the file has no header line, so that its columns were numbered or named by a profile.
NO_HEADER: Final = "no header"


@dataclass(frozen=True, slots=True)
class RawTable:
    """Hold one table of a file.

    Attributes
    ----------
    name
        What to call it in messages: the file, and what in it.
    container
        Kind of file: `CSV`, `XLSX`, `GeoJSON`, ...
    cells
        Text columns (`large_string`, no nulls) under the file's own names, made unique.
    rows
        Number of each row: the line of a text file, the row of a sheet, the place of a feature, from 1.
    unit
        What `rows` counts: `line`, `row`, `feature`, `item`.
    broken
        Rows that could not be cut into cells; `broken_text` holds them whole, by their number.
    detail
        Encoding, sign between cells, sheet, layer, coordinate system: what a person should be shown.
    """

    name: str
    container: str
    cells: pa.Table
    rows: NDArray[np.int64]
    unit: str = "line"
    broken: tuple[BrokenRow, ...] = ()
    broken_text: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the file."""
        return tuple(self.cells.column_names)

    def sample(self, rows: int = 50) -> list[dict[str, str]]:
        """Return the first rows as dictionaries."""
        return list(self.cells.slice(0, rows).to_pylist())

    def named(self, columns: Sequence[str], *notes: str) -> RawTable:
        """Return the same cells under other names."""
        return replace(self, cells=self.cells.rename_columns(list(columns)), notes=(*self.notes, *notes))


def unique_names(header: Iterable[str], name: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the header with every column named once, and what was changed.

    Raises
    ------
    FileError
        When there are more columns than are read.
    """
    written = [column.strip().lstrip("\ufeff").replace("\x00", "") for column in header]
    if len(written) > MAX_COLUMNS:
        found = f"{len(written):,} columns, more than the {MAX_COLUMNS:,} that are read"
        msg = f"{name} has {found}; delete what is not needed"
        raise FileError(msg)
    names: list[str] = []
    taken: set[str] = set()
    notes = []
    for position, column in enumerate(written, start=1):
        wanted = column or f"column {position}"
        chosen, number = wanted, 2
        while chosen in taken:
            chosen, number = f"{wanted} ({number})", number + 1
        if chosen != column:
            notes.append(f"column {position} of the file, {column[:80]!r}, is called {chosen[:80]!r}")
        names.append(chosen)
        taken.add(chosen)
    return names, tuple(notes[:20])


def as_large(cells: pa.Table) -> pa.Table:
    """Return the table with 64-bit offsets, so that columns of more than 2 GB hold together."""
    if all(kind == pa.large_string() for kind in cells.schema.types):
        return cells
    return cells.cast(pa.schema([(name, pa.large_string()) for name in cells.column_names]))
