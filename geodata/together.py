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

from geodata.assemble import assemble
from geodata.boundaries import load_boundaries
from geodata.coding import join_coded, one_value
from geodata.columns import Columns
from geodata.incident import COLUMN_NAMES, SEPARATOR
from geodata.joined_records import JoinedRecords, Source
from geodata.provenance import DATASET_COLUMN, FILE_COLUMN, FILE_ID_COLUMN
from geodata.record_table import SEARCH_COLUMN
from geodata.same_events import SAME, SameEvent
from geodata.store import Store
from geodata.totals import Figures

#: Columns that say where a record came from; a column of a file that has such a name is called `name (in the file)`.
#: Cells that say something else than the dataset they are of: column -> row -> text.
Cells = dict[str, dict[int, str]]

_LINE: Final = "line"
_PART: Final = "part"


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
    before = [[str(one) for one in member.store.records.column("id")] for member in members]
    ids = _ids(members, before)
    cells = [_other_cells(member, old, new) for member, old, new in zip(members, before, ids, strict=True)]
    left_out = _same_events(members, before, ids, cells, decided)
    columns = _columns(members)
    counted = columns.counted.copy()
    counted[left_out] = False
    order = np.argsort(columns.first_day, kind="stable")
    sources = [_source(member, own) for member, own in zip(members, cells, strict=True)]
    return assemble(
        JoinedRecords(sources, _names(sources), order),
        _in_order(replace(columns, counted=counted), order),
        pd.concat([member.store.places for member in members], ignore_index=True),
        load_boundaries(),
        read=sum(member.store.read for member in members),
        rejected=sum(member.store.rejected for member in members),
    )


def _ids(members: Sequence[Member], before: Sequence[list[str]]) -> list[list[str]]:
    """Give every record an id of its own."""
    taken: set[str] = set()
    found = []
    for member, own in zip(members, before, strict=True):
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


def _other_cells(member: Member, before: list[str], ids: list[str]) -> Cells:
    """Say what cells of a dataset become when some of its records have another id: the ids, and links to them."""
    if before == ids:
        return {}
    rows = [row for row, (old, new) in enumerate(zip(before, ids, strict=True)) if old != new]
    renamed = {before[row]: ids[row] for row in rows}
    links = enumerate(member.store.records.column("links"))
    return {
        "id": {row: ids[row] for row in rows},
        FILE_ID_COLUMN: {row: before[row] for row in rows},
        "links": {row: _renamed_links(str(cell), renamed) for row, cell in links if cell},
    }


def _renamed_links(cell: str, renamed: Mapping[str, str]) -> str:
    parts = [part.partition(":") for part in cell.split(SEPARATOR)]
    return SEPARATOR.join(f"{relation}{sign}{renamed.get(target, target)}" for relation, sign, target in parts)


def _source(member: Member, cells: Cells) -> Source:
    """Give the text of a dataset with its provenance."""
    ours = {DATASET_COLUMN, FILE_ID_COLUMN, *([FILE_COLUMN] if member.file else [])}
    records = member.store.records
    names = {f"{name} (in the file)" if name in ours else name: name for name in (*records.names, SEARCH_COLUMN)}
    constants = {DATASET_COLUMN: member.name} | ({FILE_COLUMN: member.file} if member.file else {})
    return Source(records, names, constants, cells)


def _names(sources: Sequence[Source]) -> list[str]:
    """Name the columns of all: ours first, provenance, then the files' own."""
    every = dict.fromkeys(name for source in sources for name in (*source.names, *source.cells))
    first = [*COLUMN_NAMES, DATASET_COLUMN, FILE_COLUMN]
    last = [name for name in (_LINE, SEARCH_COLUMN) if name in every]
    return [*first, *(name for name in every if name not in (*first, *last)), *last]


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
        events=Figures.joined([part.events for part in parts]),
        harm={name: Figures.joined([part.harm[name] for part in parts]) for name in ("killed", "wounded")},
    )


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
        harm={name: figures.at(order) for name, figures in columns.harm.items()},
    )


def _same_events(
    members: Sequence[Member],
    before: Sequence[Sequence[str]],
    ids: Sequence[Sequence[str]],
    cells: Sequence[Cells],
    decided: Sequence[SameEvent],
) -> list[int]:
    """Link the records of one event to each other in `cells`; gives the rows, one dataset below the other, left out."""
    row_of = {
        (member.name, name): (number, row)
        for number, (member, own) in enumerate(zip(members, before, strict=True))
        for row, name in enumerate(own if decided else ())
    }
    starts = np.cumsum([0, *(len(own) for own in before)])
    left_out = []
    for pair in decided:
        kept, left = row_of.get(pair.counted), row_of.get(pair.left_out)
        if pair.verdict != SAME or kept is None or left is None:
            continue
        for (number, row), (other, other_row) in ((kept, left), (left, kept)):
            links = cells[number].setdefault("links", {})
            written = links.get(row) or str(members[number].store.records.row(row)["links"])
            links[row] = SEPARATOR.join([*filter(None, [written]), f"same_event:{ids[other][other_row]}"])
        cells[left[0]].setdefault("counting", {})[left[1]] = _PART
        left_out.append(int(starts[left[0]]) + left[1])
    return left_out
