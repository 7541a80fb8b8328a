"""From a file to a store: read, place, code; a large file is kept prepared beside its source."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata import prepared
from geodata.assemble import build_store, place_records
from geodata.boundaries import load_boundaries
from geodata.decided import place_again, place_texts, with_decisions
from geodata.decisions import Decisions, decisions_path
from geodata.errors import FileError
from geodata.gazetteer import load_gazetteer
from geodata.geocoder import Geocoder
from geodata.reader import Reading, Rejected, read_incidents
from geodata.store import Store

if TYPE_CHECKING:
    from geodata.formats.files import Imported

Progress = Callable[[str, float], None]

GAZETTEER_FILE = Path(__file__).parent / "data" / "gazetteer.parquet"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One loaded file: its store, its rejected rows, and the hashes that name its content in products."""

    path: Path
    store: Store
    rejected: tuple[Rejected, ...]
    read: int
    notes: tuple[str, ...]
    sha256: str
    undecided: Store | None = None  # the same records, placed by the geocoder alone; None where nothing was decided
    decisions_sha256: str = ""  # of the decisions about places; "" where nothing was decided

    def report(self) -> dict[str, Any]:
        """Say what became of every row: read = kept + rejected, kept = placed + not placed."""
        store = self.store
        lost = np.flatnonzero(store.spot < 0)
        reasons = store.placements_at(lost)["reason"]
        unplaced = zip(store.records.column("id", lost), store.records.column("place", lost), reasons, strict=True)
        return {
            "read": self.read,
            "kept": len(store),
            "rejected": [
                {"line": row.line, "column": row.column, "value": row.value, "reason": row.reason, "fix": row.fix}
                for row in self.rejected
            ],
            "placed": len(store) - len(lost),
            "not_placed": [{"id": i, "place": place, "reason": reason} for i, place, reason in unplaced],
            "notes": list(self.notes),
        }


#: Environment variable that names the file of incidents; the launcher sets it for the page's process.
DATA_VARIABLE = "INCIDENTS_DATA"


def use_data(path: Path) -> None:
    """Choose the file of incidents of this process, before anything asks for it."""
    os.environ[DATA_VARIABLE] = str(path.resolve())


def data_path() -> Path:
    """Give the chosen file of incidents, or the one shipped with the project."""
    chosen = os.environ.get(DATA_VARIABLE)
    if chosen:
        return Path(chosen)
    beside = Path(__file__).parent.parent / "incidents.csv"
    return beside if beside.exists() else Path(__file__).parent / "data" / "incidents.csv"


def current_dataset() -> Dataset:
    """Give this process's dataset; it is loaded once, shared by every session, and follows the decisions file."""
    return _live(data_path()).dataset()


def current_decisions() -> Decisions:
    """Give the decisions about places that lie beside this process's records."""
    return _live(data_path()).decisions


@lru_cache(maxsize=1)
def _live(path: Path) -> LiveDataset:
    return LiveDataset(path)


class LiveDataset:
    """A dataset that is placed again when the decisions beside its file change, by this program or another.

    Parameters
    ----------
    path
        The file of incidents; it is read once.
    """

    def __init__(self, path: Path) -> None:
        self.decisions = Decisions(decisions_path(path))
        self._undecided = _load_undecided(path, _tell_nobody)
        self._lock = Lock()
        self._seen: tuple[int, ...] | None = None
        self._dataset: Dataset | None = None

    def dataset(self) -> Dataset:
        """Give the dataset as the decisions file says now; looking costs one question to the file system.

        Raises
        ------
        FileError
            When the file has become something else than a decisions file.
        """
        with self._lock:
            now = _version_of(decisions_path(self._undecided.path))
            if self._dataset is None or now != self._seen:
                self.decisions.reload()
                self._dataset = _decided(self._undecided, self.decisions)
                self._seen = now
            return self._dataset


def _version_of(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _decided(dataset: Dataset, decisions: Decisions) -> Dataset:
    """Lay decisions over a dataset that was placed by the geocoder alone."""
    if not len(decisions) or decisions.path is None:
        return dataset
    geocoder = with_decisions(shared_geocoder(), decisions)
    store = place_again(dataset.store, place_texts(dataset.store), geocoder)
    note = f"Decisions about places kept in {decisions.path.name}: {len(decisions):,}."
    return replace(
        dataset,
        store=store,
        notes=(*dataset.notes, note),
        undecided=dataset.store,
        decisions_sha256=decisions.sha256(),
    )


@cache
def load_facilities() -> list[dict[str, Any]]:
    """List the facilities that have a point: id, name, kind, longitude, latitude (degrees, EPSG:4326)."""
    with (Path(__file__).parent / "data" / "facilities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "kind": row["kind"],
            "longitude": float(row["longitude"]),
            "latitude": float(row["latitude"]),
            "verified": row["verified"] == "yes",
        }
        for row in rows
        if row["kind"] != "town"
    ]


@cache
def shared_geocoder() -> Geocoder:
    """Give the geocoder of this process; it is read-only."""
    return Geocoder(load_gazetteer(), load_boundaries())


def load_dataset(path: Path, *, progress: Progress | None = None) -> Dataset:
    """Read a file of incidents, place every record, with the decisions beside it, and make it ready to be asked.

    Parameters
    ----------
    progress
        Told what is being done and the share that is done (0-1), for files that take longer than a second.

    Raises
    ------
    FileError
        When the file as a whole, or its decisions file, cannot be read.
    """
    return _decided(_load_undecided(path, progress or _tell_nobody), Decisions(decisions_path(path)))


def _load_undecided(path: Path, tell: Progress) -> Dataset:
    """Read and place a file as the geocoder alone would; this is what is kept prepared."""
    sha256 = _sha256(path)
    key = f"{prepared.FORMAT}:{sha256}:{_sha256(GAZETTEER_FILE)}"
    ready = prepared.load(path, key)
    if ready is None:
        tell("reading", 0.0)
        reading = _read(path)
        tell("placing", 0.4)
        placements = place_records(reading.records, shared_geocoder())
        tell("coding", 0.55)
        store = build_store(reading, placements, load_boundaries())
        if len(store) < prepared.PREPARED_FROM:
            return Dataset(path, store, reading.rejected, reading.read, reading.notes, sha256)
        tell("keeping", 0.85)
        prepared.save(path, key, store, rejected=reading.rejected, notes=reading.notes)
        ready = prepared.load(path, key) or prepared.Prepared(store, reading.rejected, reading.read, reading.notes)
    tell("ready", 1.0)
    return Dataset(path, ready.store, ready.rejected, ready.read, ready.notes, sha256)


def _read(path: Path) -> Reading:
    """Read our own layout; a file in another is read by the profile of a dataset that it is recognised as."""
    try:
        return read_incidents(path)
    except FileError as not_ours:
        imported = _recognised(path)
        if imported is None:
            raise
        told = f"Read as {imported.profile}: {'; '.join(imported.evidence)} ({not_ours})"
        return replace(imported.reading, notes=(told, *imported.reading.notes))


def _recognised(path: Path) -> Imported | None:
    """Read a file of another layout, when it is one that is known; an unknown table needs a person's mapping."""
    from geodata.formats import import_file
    from geodata.formats.detection import UNKNOWN

    try:
        imported = import_file(path)
    except FileError:
        return None
    return None if imported.profile == UNKNOWN else imported


def _tell_nobody(what: str, share: float) -> None:
    del what, share


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"{path.name!r} cannot be read ({error.strerror}): check the path and the rights to the file."
        raise FileError(msg) from error
