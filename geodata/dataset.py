"""From a file to a store: read, place, code; a large file is kept prepared beside its source."""

from __future__ import annotations

import csv
import gc
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata import prepared
from geodata.actors import DATA
from geodata.decisions import Decisions, decisions_path
from geodata.errors import FileError
from geodata.import_result import RECORDS_FILE, read_result
from geodata.library import KeptDataset, Library
from geodata.reader import Reading, Rejected
from geodata.same_events import SameEvent
from geodata.store import Store
from geodata.user_data import IMPORTED
from geodata.user_gazetteers import gazetteers_sha256

if TYPE_CHECKING:
    pass

Progress = Callable[[str, float], None]

#: Files that decide where records are placed and who stands above whom: a prepared file was made with them.
KNOWLEDGE_FILES = tuple(
    DATA / name
    for name in (
        "gazetteer.parquet", "actors.csv", "actor_links.csv", "boundaries/countries.parquet",
        "boundaries/governorates.parquet", "boundaries/districts.parquet",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One of the files or imported datasets that a dataset is made of.

    Attributes
    ----------
    name
        Value of the dimension `dataset` for its records.
    kept_as
        Its name among the imported datasets; empty for a file that was opened as it is.
    title, credit
        What it was read as, and the line to print on products.
    """

    name: str
    kept_as: str
    title: str
    credit: str
    store: Store
    rejected: tuple[Rejected, ...]
    sha256: str

    @property
    def read(self) -> int:
        """Rows of its files."""
        return len(self.store) + len(self.rejected)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is loaded: its store, its rejected rows, and the hashes that name its content in products.

    `parts` names the files and imported datasets it is made of when there are several.
    """

    path: Path
    store: Store
    rejected: tuple[Rejected, ...]
    read: int
    notes: tuple[str, ...]
    sha256: str
    undecided: Store | None = None  # the same records, placed by the geocoder alone; None where nothing was decided
    decisions_sha256: str = ""  # of the decisions about places; "" where nothing was decided
    parts: tuple[Part, ...] = ()
    gazetteers_sha256: str = ""  # of the user's gazetteers it was placed with; "" without any

    @property
    def label(self) -> str:
        """Name what is loaded, in products and their recipes."""
        return " + ".join(part.name for part in self.parts) or self.path.name

    def report(self) -> dict[str, Any]:
        """Say what became of every row: read = kept + rejected, kept = placed + not placed."""
        store = self.store
        lost = np.flatnonzero(store.spot < 0)
        reasons = store.placements_at(lost)["reason"]
        unplaced = zip(store.records.column("id", lost), store.records.column("place", lost), reasons, strict=True)
        return {
            "read": self.read,
            "kept": len(store),
            "rejected": [row.to_json() for row in self.rejected],
            "placed": len(store) - len(lost),
            "not_placed": [{"id": i, "place": place, "reason": reason} for i, place, reason in unplaced],
            "notes": list(self.notes),
        }


#: How far making a dataset ready is when all that is left is to keep it.
_CODED = 0.85


def load_datasets(paths: Sequence[Path]) -> Dataset:
    """Read several files of incidents as one dataset, with the decisions beside the first.

    A path such as `imported:NAME` is an imported dataset; what was decided about pairs of records holds then.

    Raises
    ------
    FileError
        When one of them, or the decisions file, cannot be read.
    """
    library = Library()
    kept = [library.get(str(path).removeprefix(IMPORTED)) if str(path).startswith(IMPORTED) else None for path in paths]
    opened = [
        load_kept(imported) if imported else load_undecided(path, tell_nobody)
        for path, imported in zip(paths, kept, strict=True)
    ]
    notes = [note for dataset in opened for note in dataset.notes]
    parts = [part_of(dataset, imported) for dataset, imported in zip(opened, kept, strict=True)]
    pairs = tuple(library.same_events) if any(kept) else ()
    return lay_decisions_over(join_parts(opened[0], parts, notes, pairs), Decisions(decisions_path(paths[0])))


def part_of(dataset: Dataset, kept: KeptDataset | None = None) -> Part:
    """Make a file, or an imported dataset, part of a dataset."""
    if kept is None:
        return Part(dataset.path.name, "", "incident file", "", dataset.store, dataset.rejected, dataset.sha256)
    return Part(kept.name, kept.name, kept.now.title, kept.credit, dataset.store, dataset.rejected, dataset.sha256)


def join_parts(first: Dataset, parts: list[Part], notes: list[str], decided: Sequence[SameEvent] = ()) -> Dataset:
    """Join datasets, with what was decided about pairs of records; the first gives its path."""
    if len(parts) == 1:
        return replace(first, notes=tuple(notes))
    taken: set[str] = set()
    for number, part in enumerate(parts):
        name, again = part.name, 2
        while name in taken:
            name, again = f"{part.name} ({again})", again + 1
        taken.add(name)
        parts[number] = replace(part, name=name)
    from geodata.together import Member, join_stores

    store = join_stores([Member(part.name, "" if part.kept_as else part.name, part.store) for part in parts], decided)
    told = "".join(f"{part.name}\n{part.sha256}\n" for part in parts) + repr(list(decided))
    return Dataset(
        path=first.path,
        store=store,
        rejected=tuple(row for part in parts for row in part.rejected),
        read=store.read,
        notes=tuple(dict.fromkeys(notes)),
        sha256=hashlib.sha256(told.encode()).hexdigest(),
        parts=tuple(parts),
        gazetteers_sha256=first.gazetteers_sha256,
    )


def lay_decisions_over(dataset: Dataset, decisions: Decisions) -> Dataset:
    """Lay decisions over a dataset that was placed by the geocoder alone."""
    if not len(decisions) or decisions.path is None:
        return dataset
    from geodata.decided import place_again, place_texts, with_decisions
    from geodata.making import shared_geocoder

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
    return lay_decisions_over(load_undecided(path, progress or tell_nobody), Decisions(decisions_path(path)))


def load_undecided(path: Path, tell: Progress) -> Dataset:
    """Read and place a file as the geocoder alone would; this is what is kept prepared."""
    sha256 = _sha256(path)
    return _ready(path, sha256, partial(_read_file, path), tell, keep_from=prepared.PREPARED_FROM)


def load_kept(kept: KeptDataset) -> Dataset:
    """Load an imported dataset as the geocoder alone places it; it is kept prepared whatever its size."""
    return load_result(kept.version_folder, kept.now.sha256)


def load_result(folder: Path, sha256: str) -> Dataset:
    """Load what an import left in a folder, and keep it prepared there."""
    return _ready(folder / RECORDS_FILE, sha256, partial(read_result, folder), tell_nobody, keep_from=0)


def prepare_result(folder: Path, sha256: str, *, progress: Progress | None = None) -> int:
    """Place and code what an import left in a folder, keep it prepared there, and count the records with a place."""
    from geodata.making import make

    path, tell = folder / RECORDS_FILE, progress or tell_nobody
    made = make(partial(read_result, folder), tell)
    tell("keeping", _CODED)
    _keep(path, _key(sha256, gazetteers_sha256()), made)
    tell("ready", 1.0)
    return int((made.store.spot >= 0).sum())


def _ready(path: Path, sha256: str, read: Callable[[], Reading], tell: Progress, *, keep_from: int) -> Dataset:
    """Give records ready to be asked: from what is kept prepared, or read, placed and coded now."""
    gazetteers = gazetteers_sha256()
    key = _key(sha256, gazetteers)
    ready = prepared.load(path, key)
    if ready is None:
        # Not above: reading and placing take a fifth of a second to import, and prepared records need neither.
        from geodata.making import make

        ready = make(read, tell)
        if len(ready.store) < keep_from:
            return _loaded(path, ready, sha256, gazetteers)
        tell("keeping", _CODED)
        if _keep(path, key, ready):
            del ready
            gc.collect()  # a store holds itself through its cache of words
            ready = prepared.load(path, key) or make(read, tell)
    tell("ready", 1.0)
    return _loaded(path, ready, sha256, gazetteers)


def _read_file(path: Path) -> Reading:
    from geodata.making import read_file

    return read_file(path)


def _key(sha256: str, gazetteers: str) -> str:
    """Name a content and all that decides where its records are placed."""
    return ":".join([str(prepared.FORMAT), sha256, *map(_sha256, KNOWLEDGE_FILES), *filter(None, [gazetteers])])


def _keep(path: Path, key: str, made: prepared.Prepared) -> bool:
    return prepared.save(path, key, made.store, rejected=made.rejected, notes=made.notes)


def _loaded(path: Path, ready: prepared.Prepared, sha256: str, gazetteers: str) -> Dataset:
    return Dataset(path, ready.store, ready.rejected, ready.read, ready.notes, sha256, gazetteers_sha256=gazetteers)


def tell_nobody(what: str, share: float) -> None:
    """Take what is told of progress where nobody waits for it."""
    del what, share


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"{path.name!r} cannot be read ({error.strerror}): check the path and the rights to the file."
        raise FileError(msg) from error
