"""A large file, read and placed once: kept as Parquet beside its source and used until the source changes."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geodata.assemble import assemble
from geodata.boundaries import load_boundaries
from geodata.coding import coded_from
from geodata.columns import Columns
from geodata.reader import Rejected
from geodata.record_table import RecordTable
from geodata.store import Store
from geodata.totals import Figures

#: Raised whenever the files below or the way records are placed or coded change: older ones are made anew.
FORMAT = 7

#: Records from which on a file is prepared; fewer are read and placed in under two seconds each time.
PREPARED_FROM = 50_000

FIGURES = ("events", "killed", "wounded")
FIGURE_COLUMNS = ("low", "best", "high", "open_above")
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a prepared folder gives back."""

    store: Store
    rejected: tuple[Rejected, ...]
    read: int
    notes: tuple[str, ...]


def folder_of(source: Path) -> Path:
    """Name the folder beside a source that holds its prepared form."""
    return source.with_name(source.name + ".atlas")


def save(source: Path, key: str, store: Store, *, rejected: tuple[Rejected, ...], notes: tuple[str, ...]) -> bool:
    """Write the prepared form beside the source, whole or not at all; a folder that cannot be written is no error."""
    folder = folder_of(source)
    fresh = folder.with_name(f"{folder.name}.{uuid4().hex[:8]}")
    try:
        fresh.mkdir()
        _write(fresh, key, store, rejected, notes)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)
    except OSError as error:
        LOG.warning(
            "%s could not be prepared beside its file (%s); it will be read again next time.", source.name, error
        )
        shutil.rmtree(fresh, ignore_errors=True)
        return False
    return True


def load(source: Path, key: str) -> Prepared | None:
    """Read the prepared form when there is one for this very content; None otherwise."""
    folder = folder_of(source)
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        if about["key"] != key:
            return None
        places = pd.read_parquet(folder / "places.parquet")
        figures = pq.read_table(folder / "figures.parquet")
        columns = _columns(pq.read_table(folder / "columns.parquet"), about["combinations"], figures)
        records = RecordTable(folder / "records.parquet")
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return None
    rejected = tuple(map(Rejected.from_json, about["rejected"]))
    store = assemble(records, columns, places, load_boundaries(), read=about["read"], rejected=len(rejected))
    return Prepared(store, rejected, about["read"], tuple(about["notes"]))


def _write(folder: Path, key: str, store: Store, rejected: tuple[Rejected, ...], notes: tuple[str, ...]) -> None:
    store.records.write(folder / "records.parquet")
    store.places.to_parquet(folder / "places.parquet")
    columns = store.columns
    arrays: dict[str, npt.NDArray[Any]] = {
        "first_day": columns.first_day,
        "last_day": columns.last_day,
        "term_day": columns.term_day,
        "known_day": columns.known_day,
        "replaced_day": columns.replaced_day,
        "place": columns.place,
        "counted": columns.counted,
        **{f"code_{name}": coded.codes for name, coded in columns.coded.items()},
    }
    figures = {"events": columns.events, **columns.harm}
    arrays |= {f"figure_{name}": figures[name].codes for name in FIGURES}
    pq.write_table(pa.table(arrays), folder / "columns.parquet", compression="zstd", row_group_size=1 << 20)
    pq.write_table(_distinct_table(figures), folder / "figures.parquet", compression="zstd")
    about = {
        "key": key,
        "read": store.read,
        "rejected": [row.to_json() for row in rejected],
        "notes": notes,
        "combinations": {name: coded.combinations for name, coded in columns.coded.items()},
    }
    (folder / "about.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


def _distinct_table(figures: Mapping[str, Figures]) -> pa.Table:
    """Put the distinct figures of all quantities one below the other; `of` says whose each row is."""
    rows = np.concatenate([figures[name].distinct for name in FIGURES])
    of = np.repeat(np.arange(len(FIGURES), dtype=np.int8), [len(figures[name].distinct) for name in FIGURES])
    return pa.table({"of": of, **dict(zip(FIGURE_COLUMNS, rows.T, strict=True))})


def _columns(table: pa.Table, combinations: dict[str, list[list[str]]], distinct: pa.Table) -> Columns:
    def array(name: str) -> npt.NDArray[Any]:
        cells: npt.NDArray[Any] = table.column(name).to_numpy()
        return cells

    rows, of = np.stack([distinct.column(name).to_numpy() for name in FIGURE_COLUMNS], axis=1), distinct.column("of")
    figures = {name: Figures(array(f"figure_{name}"), rows[of.to_numpy() == at]) for at, name in enumerate(FIGURES)}
    return Columns(
        first_day=array("first_day"),
        last_day=array("last_day"),
        term_day=array("term_day"),
        known_day=array("known_day"),
        replaced_day=array("replaced_day"),
        place=array("place"),
        coded={name: coded_from(array(f"code_{name}"), cells) for name, cells in combinations.items()},
        counted=array("counted"),
        events=figures["events"],
        harm={name: figures[name] for name in ("killed", "wounded")},
    )
