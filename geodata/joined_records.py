"""The text of several datasets' records as one table: read where it lies, never copied together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geodata.record_table import GROUP_ROWS, SEARCH_COLUMN, RecordTable

_LINE = "line"


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset's text, with what the joined table says differently.

    Attributes
    ----------
    names
        Column of the joined table -> column of this dataset.
    constants
        Columns in which all its records say the same.
    cells
        Cells that say something else than the dataset: column -> row -> text.
    """

    records: RecordTable
    names: Mapping[str, str]
    constants: Mapping[str, str]
    cells: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def take(self, rows: npt.NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        """Read some rows under the names of the joined table; what the dataset does not have is empty."""
        wanted = [self.names[name] for name in columns if name in self.names]
        found = self.records.rows_table(rows, list(dict.fromkeys(wanted)))
        return pa.table({name: self._filled(name, found, rows) for name in columns})

    def _filled(self, name: str, found: pa.Table, rows: npt.NDArray[np.int64]) -> pa.ChunkedArray:
        cells = _text(name, found.column(self.names[name])) if name in self.names else self._constant(name, len(rows))
        other = self.cells.get(name)
        if not other:
            return cells
        written = [other.get(row, cell) for row, cell in zip(rows.tolist(), cells.to_pylist(), strict=True)]
        return pa.chunked_array([pa.array(written, pa.large_string())])

    def whole(self, name: str) -> pa.ChunkedArray:
        """Read one whole column."""
        if name not in self.names:
            cells = self._constant(name, len(self.records))
        else:
            cells = _text(name, self.records.arrow(self.names[name]))
        other = self.cells.get(name)
        if not other:
            return cells
        rows = sorted(other)
        mask = np.zeros(len(cells), dtype=bool)
        mask[rows] = True
        fresh = pa.array([other[row] for row in rows], pa.large_string())
        return pa.chunked_array([pc.replace_with_mask(cells.combine_chunks(), pa.array(mask), fresh)])

    def _constant(self, name: str, size: int) -> pa.ChunkedArray:
        return pa.chunked_array([pa.repeat(pa.scalar(self.constants.get(name, ""), pa.large_string()), size)])


def _text(name: str, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.cast(pa.int64() if name == _LINE else pa.large_string())


class JoinedRecords(RecordTable):
    """Records of several datasets in the order of their days.

    Parameters
    ----------
    sources
        The datasets.
    names
        Columns of the joined table, in their order.
    order
        For each row of the joined table the row in the datasets, one below the other.
    """

    def __init__(self, sources: Sequence[Source], names: Sequence[str], order: npt.NDArray[np.intp]) -> None:
        super().__init__(pa.table({name: pa.array([], pa.large_string()) for name in names}))
        self._sources = tuple(sources)
        self._starts = np.cumsum([0, *(len(source.records) for source in sources)])
        self._order = order
        self._place = np.argsort(order, kind="stable")
        self._length = len(order)

    def find(self, name: str, value: str) -> int:
        """Give the first row whose cell equals a value, or -1; each dataset is asked for itself."""
        found = [-1]
        for source, start in zip(self._sources, self._starts, strict=False):
            other = source.cells.get(name, {})
            rows = [row for row, cell in other.items() if cell == value]
            row = source.records.find(source.names[name], value) if name in source.names else -1
            rows += [row] if row >= 0 and row not in other else []
            found += [int(self._place[start + row]) for row in rows]
        return min((row for row in found if row >= 0), default=-1)

    def mentions(self, word: str) -> npt.NDArray[np.bool_]:
        """Tell which records have a folded word in their search text."""
        masks = [source.records.mentions(word) for source in self._sources]
        found: npt.NDArray[np.bool_] = np.concatenate(masks)[self._order]
        if self._patch is not None:
            texts, at = self._patch
            rows = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
            held = pc.match_substring(texts, word).to_numpy(zero_copy_only=False)
            found[rows] = held[at.take(pa.array(rows)).to_numpy()]
        return found

    def write(self, path: Path) -> None:
        """Write the table as a Parquet file that can be read by row, a group of rows at a time."""
        columns = [*self.names, SEARCH_COLUMN]
        with pq.ParquetWriter(path, self._take_all(np.arange(0), columns).schema, compression="zstd") as writer:
            for start in range(0, len(self), GROUP_ROWS):
                writer.write_table(self._take_all(np.arange(start, min(start + GROUP_ROWS, len(self))), columns))

    def _whole(self, name: str) -> pa.ChunkedArray:
        chunks = [chunk for source in self._sources for chunk in source.whole(name).chunks]
        return pa.chunked_array(chunks).take(pa.array(self._order))

    def _take_all(self, rows: npt.NDArray[np.int64], columns: list[str]) -> pa.Table:
        below = self._order[rows]
        which = np.searchsorted(self._starts, below, side="right") - 1
        parts: list[pa.Table] = []
        places: list[npt.NDArray[np.intp]] = []
        for number, source in enumerate(self._sources):
            here = np.flatnonzero(which == number)
            if len(here) or not parts:
                parts.append(source.take(below[here] - self._starts[number], columns))
                places.append(here)
        return pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(places), kind="stable")))
