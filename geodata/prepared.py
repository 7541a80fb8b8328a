"""A large file, read and placed once: kept as Parquet beside its source and used until the source changes."""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

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
from geodata.totals import Ranges

#: Raised whenever the files below or the way records are placed or coded change: older ones are made anew.
FORMAT = 6

#: Records from which on a file is prepared; fewer are read and placed in under two seconds each time.
PREPARED_FROM = 50_000

RANGES = ("events", "killed", "wounded")
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
        columns = _columns(pq.read_table(folder / "columns.parquet"), about["combinations"])
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
    for name in RANGES:
        ranges = columns.events if name == "events" else columns.harm[name]
        arrays |= {f"{name}_{part}": getattr(ranges, part) for part in ("low", "best", "high", "open_above")}
    pq.write_table(pa.table(arrays), folder / "columns.parquet", compression="zstd", row_group_size=1 << 20)
    about = {
        "key": key,
        "read": store.read,
        "rejected": [row.to_json() for row in rejected],
        "notes": notes,
        "combinations": {name: coded.combinations for name, coded in columns.coded.items()},
    }
    (folder / "about.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


def _columns(table: pa.Table, combinations: dict[str, list[list[str]]]) -> Columns:
    def array(name: str) -> npt.NDArray[Any]:
        cells: npt.NDArray[Any] = table.column(name).to_numpy()
        return cells

    ranges = {
        name: Ranges(*(array(f"{name}_{part}") for part in ("low", "best", "high", "open_above"))) for name in RANGES
    }
    return Columns(
        first_day=array("first_day"),
        last_day=array("last_day"),
        term_day=array("term_day"),
        known_day=array("known_day"),
        replaced_day=array("replaced_day"),
        place=array("place"),
        coded={name: coded_from(array(f"code_{name}"), cells) for name, cells in combinations.items()},
        counted=array("counted"),
        events=ranges["events"],
        harm={name: ranges[name] for name in ("killed", "wounded")},
    )
