"""Several datasets as one store: every record keeps its own dataset, file and row, and no id stands for two records.

Datasets are read and placed each by itself; joining them only puts their columns one below the other, so that adding a
small file to a large one costs seconds, not minutes. Nothing is merged: two records that a person says are of one
event both stay, and one of them is left out of the sums.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.assemble import assemble
from geodata.boundaries import load_boundaries
from geodata.coding import join_coded, one_value
from geodata.formats.importing import FILE_COLUMN
from geodata.incident import COLUMN_NAMES, SEPARATOR
from geodata.record_table import SEARCH_COLUMN, RecordTable, compact
from geodata.same_events import SAME, SameEvent
from geodata.store import Columns, Store
from geodata.totals import Ranges

#: Columns that say where a record came from; a column of a file that has such a name is called `name (in the file)`.
DATASET_COLUMN: Final = "dataset"
FILE_ID_COLUMN: Final = "id in its dataset"
_LINE: Final = "line"
_PART: Final = "part"
_COLUMN_RANGES: Final = ("low", "best", "high", "open_above")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the datasets to join.

    Attributes
    ----------
    file
        What its records come from; empty when they are of several files and their column `file` says which.
    """

    name: str
    file: str
    store: Store


def join_stores(members: Sequence[Member], decided: Sequence[SameEvent] = ()) -> Store:
    """Join datasets; an id that an earlier one uses gets its dataset's name in front.

    Parameters
    ----------
    decided
        Pairs that a person looked at; the record of a `same` pair that is not counted is left out of every sum.
    """
    ids = _ids(members)
    tables = [_table(member, own) for member, own in zip(members, ids, strict=True)]
    whole = pa.concat_tables(_alike(tables))
    columns = _columns(members)
    whole, counted = _same_events(whole, columns.counted, members, ids, decided)
    order = np.argsort(columns.first_day, kind="stable")
    columns = _in_order(replace(columns, counted=counted), order)
    return assemble(
        RecordTable(compact(whole.take(pa.array(order)))),
        columns,
        pd.concat([member.store.places for member in members], ignore_index=True),
        load_boundaries(),
        read=sum(member.store.read for member in members),
        rejected=sum(member.store.rejected for member in members),
    )


def _ids(members: Sequence[Member]) -> list[list[str]]:
    """Give every record an id of its own."""
    taken: set[str] = set()
    found = []
    for member in members:
        own = [str(one) for one in member.store.records.column("id")]
        prefix = re.sub(r"[^A-Za-z0-9]+", "-", member.name).strip("-") or "dataset"
        if not taken.isdisjoint(own):
            within = set(own)
            own = [_free(f"{prefix}-{one}", taken | within) if one in taken else one for one in own]
        taken.update(own)
        found.append(own)
    return found


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _table(member: Member, ids: list[str]) -> pa.Table:
    """Give the text of a dataset with its provenance, under its new ids."""
    records = member.store.records
    columns = {name: records.arrow(name) for name in (*records.names, SEARCH_COLUMN)}
    ours = (DATASET_COLUMN, FILE_ID_COLUMN, *([FILE_COLUMN] if member.file else []))
    for name in ours:
        if name in columns:
            columns[f"{name} (in the file)"] = columns.pop(name)
    if member.file:
        columns[FILE_COLUMN] = _repeated(member.file, len(records))
    columns[DATASET_COLUMN] = _repeated(member.name, len(records))
    before = columns["id"].to_pylist()
    if before != ids:
        renamed = {old: new for old, new in zip(before, ids, strict=True) if old != new}
        columns["id"] = pa.chunked_array([pa.array(ids, pa.large_string())])
        shown = [old if old in renamed else "" for old in before]
        columns[FILE_ID_COLUMN] = pa.chunked_array([pa.array(shown, pa.large_string())])
        links = [_renamed_links(cell, renamed) for cell in columns["links"].to_pylist()]
        columns["links"] = pa.chunked_array([pa.array(links, pa.large_string())])
    return pa.table({name: _text(name, cells) for name, cells in columns.items()})


def _text(name: str, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.cast(pa.int64() if name == _LINE else pa.large_string())


def _renamed_links(cell: str, renamed: Mapping[str, str]) -> str:
    parts = [part.partition(":") for part in cell.split(SEPARATOR)] if cell else []
    return SEPARATOR.join(f"{relation}{sign}{renamed.get(target, target)}" for relation, sign, target in parts)


def _alike(tables: Sequence[pa.Table]) -> list[pa.Table]:
    """Give every table the columns of all: ours first, provenance, then the files' own; a missing cell is empty."""
    every = dict.fromkeys(name for table in tables for name in table.column_names)
    last = [name for name in (_LINE, SEARCH_COLUMN) if name in every]
    first = [*COLUMN_NAMES, DATASET_COLUMN, FILE_COLUMN]
    wanted = [*first, *(name for name in every if name not in (*first, *last)), *last]
    return [
        pa.table(
            {name: table.column(name) if name in table.column_names else _repeated("", len(table)) for name in wanted}
        )
        for table in tables
    ]


def _repeated(text: str, size: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([text] * size, pa.large_string())])


def _columns(members: Sequence[Member]) -> Columns:
    """Put the coded columns one below the other, the places of each dataset behind those of the one before."""
    stores = [member.store for member in members]
    starts = np.cumsum([0, *(len(store.places) for store in stores)])[:-1]
    parts = [store.columns for store in stores]
    shared = [name for name in parts[0].coded if name != DATASET_COLUMN]
    coded = {name: join_coded([part.coded[name] for part in parts]) for name in shared}
    coded[DATASET_COLUMN] = join_coded([one_value(len(member.store), member.name) for member in members])

    def below(name: str) -> npt.NDArray[np.int32]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Columns(
        first_day=below("first_day"),
        last_day=below("last_day"),
        term_day=below("term_day"),
        known_day=below("known_day"),
        replaced_day=below("replaced_day"),
        place=np.concatenate([part.place + start for part, start in zip(parts, starts, strict=True)]).astype(np.int32),
        coded=coded,
        counted=np.concatenate([part.counted for part in parts]),
        events=_ranges([part.events for part in parts]),
        harm={name: _ranges([part.harm[name] for part in parts]) for name in ("killed", "wounded")},
    )


def _ranges(parts: Sequence[Ranges]) -> Ranges:
    return Ranges(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMN_RANGES))


def _in_order(columns: Columns, order: npt.NDArray[np.intp]) -> Columns:
    return Columns(
        first_day=columns.first_day[order],
        last_day=columns.last_day[order],
        term_day=columns.term_day[order],
        known_day=columns.known_day[order],
        replaced_day=columns.replaced_day[order],
        place=columns.place[order],
        coded={name: coded.at(order) for name, coded in columns.coded.items()},
        counted=columns.counted[order],
        events=columns.events.at(order),
        harm={name: ranges.at(order) for name, ranges in columns.harm.items()},
    )


def _same_events(
    table: pa.Table,
    counted: npt.NDArray[np.bool_],
    members: Sequence[Member],
    ids: Sequence[Sequence[str]],
    decided: Sequence[SameEvent],
) -> tuple[pa.Table, npt.NDArray[np.bool_]]:
    """Link the records of one event to each other, and leave the one that is not counted out of the sums."""
    row_of: dict[tuple[str, str], int] = {}
    start = 0
    for member in members:
        own = member.store.records.column("id")
        row_of |= {(member.name, str(one)): start + row for row, one in enumerate(own)} if decided else {}
        start += len(own)
    names = [one for own in ids for one in own] if decided else []
    links: dict[int, list[str]] = {}
    parts: dict[int, str] = {}
    for pair in decided:
        kept, left = row_of.get(pair.counted), row_of.get(pair.left_out)
        if pair.verdict != SAME or kept is None or left is None:
            continue
        links.setdefault(kept, []).append(f"same_event:{names[left]}")
        links.setdefault(left, []).append(f"same_event:{names[kept]}")
        parts[left] = _PART
    if not links:
        return table, counted
    written = {row: SEPARATOR.join([*filter(None, [table.column("links")[row].as_py()]), *more])
               for row, more in links.items()}  # fmt: skip
    table = _patched(_patched(table, "links", written), "counting", parts)
    left_out = counted.copy()
    left_out[list(parts)] = False
    return table, left_out


def _patched(table: pa.Table, name: str, texts: Mapping[int, str]) -> pa.Table:
    mask = np.zeros(len(table), dtype=bool)
    mask[list(texts)] = True
    fresh = pa.array([texts[row] for row in sorted(texts)], pa.large_string())
    cells = pc.replace_with_mask(table.column(name).combine_chunks(), pa.array(mask), fresh)
    return table.set_column(table.column_names.index(name), name, cells)
