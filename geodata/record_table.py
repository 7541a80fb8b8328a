"""The text of all records, by row: in memory while there are few, from a prepared Parquet file when there are many."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Positions of records in the order of their store.
Rows = npt.NDArray[np.signedinteger[Any]]

#: Rows of one row group of the Parquet file: a page of the table lies in one or two, each read in about 3 ms.
GROUP_ROWS = 4_096

#: Column of the folded text that searches look through; it never leaves the store.
SEARCH_COLUMN = "~search"


class RecordTable:
    """Text cells of the records in the store's order, read by row.

    Parameters
    ----------
    source
        The table itself, or the path of a Parquet file with `GROUP_ROWS` rows in each row group.
    """

    def __init__(self, source: pa.Table | Path) -> None:
        self._source: Any = source if isinstance(source, pa.Table) else pq.ParquetFile(source)
        self._in_memory = isinstance(source, pa.Table)
        self._withheld: frozenset[str] = frozenset()
        self._patch: tuple[pa.Array, pa.Array] | None = None  # texts that replace some search texts, and where
        self._lock = Lock()  # one reader at a time: a Parquet file's reader is not made for threads
        schema = self._source.schema if self._in_memory else self._source.schema_arrow
        self.names: tuple[str, ...] = tuple(name for name in schema.names if name != SEARCH_COLUMN)
        self._length: int = len(self._source) if self._in_memory else self._source.metadata.num_rows

    def __len__(self) -> int:
        return self._length

    def take(self, rows: Rows, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read some rows, in the order given, as text; all columns when none are named."""
        wanted = list(columns or self.names)
        found = self._take(np.asarray(rows, dtype=np.int64), wanted)
        return pd.DataFrame({name: _plain(found.column(name)) for name in wanted})

    def row(self, row: int) -> dict[str, str]:
        """Read one record."""
        found = self._take(np.array([row]), list(self.names))
        return {name: str(found.column(name)[0].as_py()) for name in self.names}

    def column(self, name: str, rows: Rows | None = None) -> npt.NDArray[np.object_]:
        """Read one column as text, of all records or of some."""
        if rows is not None and len(rows) < GROUP_ROWS:
            return _plain(self._take(np.asarray(rows, dtype=np.int64), [name]).column(name))
        whole = _plain(self.arrow(name))
        return whole if rows is None else whole[rows]

    def arrow(self, name: str) -> pa.ChunkedArray:
        """Give one whole column as Arrow has it."""
        if name in self._withheld:
            return pa.chunked_array([pa.array([""] * len(self), type=pa.string())])
        column = self._whole(name)
        if self._patch is None or name != SEARCH_COLUMN:
            return column
        texts, at = self._patch
        return pc.coalesce(texts.take(at).cast(column.type), column)

    def _whole(self, name: str) -> pa.ChunkedArray:
        if self._in_memory:
            return self._source.column(name)
        with self._lock:
            return self._source.read(columns=[name]).column(name)

    def mentions(self, word: str) -> npt.NDArray[np.bool_]:
        """Tell which records have a folded word in their search text."""
        found: npt.NDArray[np.bool_] = pc.match_substring(self.arrow(SEARCH_COLUMN), word).to_numpy()
        return found

    def without(self, columns: frozenset[str]) -> RecordTable:
        """Give the same records with some columns empty, for readers who must not see them."""
        made = copy(self)
        made._withheld = self._withheld | columns
        return made

    def with_search_texts(self, rows: Rows, texts: pa.ChunkedArray) -> RecordTable:
        """Give the same records with other search texts in some rows; the file stays as it is."""
        made = copy(self)
        at = np.full(len(self), -1, dtype=np.int64)
        at[rows] = np.arange(len(rows))
        made._patch = (texts, pa.array(at, mask=at < 0))
        return made

    def rows_table(self, rows: Rows, columns: Sequence[str] | None = None) -> pa.Table:
        """Read some rows as Arrow has them; all columns when none are named."""
        return self._take(np.asarray(rows, dtype=np.int64), list(self.names if columns is None else columns))

    def find(self, name: str, value: str) -> int:
        """Give the first row whose cell equals a value, or -1."""
        column = self.arrow(name)
        return int(pc.index(column, pa.scalar(value, type=_value_type(column))).as_py())

    def write(self, path: Path) -> None:
        """Write the table as a Parquet file that can be read by row."""
        table = self._source if self._in_memory else self._source.read()
        pq.write_table(table, path, compression="zstd", row_group_size=GROUP_ROWS)

    def _take(self, rows: npt.NDArray[np.int64], columns: list[str]) -> pa.Table:
        table = self._take_all(rows, columns)
        for at, name in enumerate(columns):
            if name in self._withheld:
                table = table.set_column(at, name, pa.array([""] * len(table), type=pa.string()))
        return table

    def _take_all(self, rows: npt.NDArray[np.int64], columns: list[str]) -> pa.Table:
        if self._in_memory:
            return self._source.select(columns).take(pa.array(rows))
        order = np.argsort(rows, kind="stable")
        groups, starts = np.unique(rows[order] // GROUP_ROWS, return_index=True)
        # Group by group: 500 rows of a place lie in a hundred groups, whose 400,000 rows would take 90 MB at once.
        parts = [
            self._read_group(int(group), columns).take(pa.array(part % GROUP_ROWS))
            for group, part in zip(groups, np.split(rows[order], starts[1:]), strict=True)
        ]
        found = pa.concat_tables(parts).unify_dictionaries() if parts else self._read_group(0, columns).slice(0, 0)
        return found.take(pa.array(np.argsort(order)))

    def _read_group(self, group: int, columns: list[str]) -> pa.Table:
        with self._lock:
            return self._source.read_row_group(group, columns=columns)


def _value_type(column: pa.ChunkedArray) -> pa.DataType:
    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def _plain(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    cells: npt.NDArray[np.object_] = column.to_numpy(zero_copy_only=False)
    return cells


def compact(records: pd.DataFrame, order: Rows) -> pa.Table:
    """Give the rows in an order, and store repeated cells once: columns with few distinct values become dictionaries.

    Each column is taken out of `records` and given back, so that no second copy of all of them is held.
    """
    rows, made = pa.array(order), {}
    for name in [str(name) for name in records.columns]:
        # In one piece first: take() would make it so itself, while it holds the pieces.
        column = _compact(_chunked(records.pop(name))).combine_chunks()
        made[name] = column.take(rows)
        del column
        pa.default_memory_pool().release_unused()
    return pa.table(made)


def _chunked(cells: pd.Series) -> pa.ChunkedArray:
    column = pa.array(cells)
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def _compact(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    sample = column.slice(0, 20_000)
    if len(sample) == 0 or pc.count_distinct(sample).as_py() > len(sample) // 4:
        return column
    return pc.dictionary_encode(column).unify_dictionaries()
