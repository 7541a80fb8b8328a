"""What the Data tab does: imports under way, datasets that are kept, newer versions; nothing here draws."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from dashboard.session import FILTER_KEYS
from dashboard.viewport import Place
from geodata.current import current_dataset
from geodata.dataset import Dataset, load_result
from geodata.formats import accept, compare
from geodata.formats.difference import Difference
from geodata.import_jobs import ImportJob, ImportJobs
from geodata.import_result import RECORDS_FILE, read_records, read_refused, write_report, write_result
from geodata.library import KeptDataset, Library, Version, now
from geodata.mended import are_of, mended_rows, still_refused, with_the_others, write_still_refused
from geodata.reader import Reading
from geodata.store import Store
from geodata.user_data import user_data_folder

#: Session state: what to tell the reader once, of what was just done.
SAID: Final = "data_said"

#: A file is taken for a newer version of a dataset when it has this share of the dataset's ids, and when these are this
#: share of its own: numbers such as 1 to 100 are ids of many files.
_SAME_SHARE: Final = 0.5
_SAME_SHARE_OF_NEW: Final = 0.1

#: Share of the records that lie outside the part of the map shown for them, on each side: one stray point is no frame.
_ASIDE: Final = 0.02
_FRAME_PIXELS: Final = (900, 480)
_TILE_PIXELS: Final = 256
_ZOOMS: Final = (3.0, 11.0)


@cache
def library() -> Library:
    """Give the imported datasets of this user."""
    return Library()


@cache
def jobs() -> ImportJobs:
    """Give the imports under way in this process; every reader of the server sees the same ones."""
    return ImportJobs(user_data_folder() / "incoming")


def inbox() -> Path:
    """Give the folder for files that are too large to upload."""
    return user_data_folder() / "inbox"


def waiting_files() -> tuple[Path, ...]:
    """List what lies in the inbox, except what is hidden or leads elsewhere."""
    found = inbox().iterdir() if inbox().is_dir() else ()
    return tuple(sorted(path for path in found if not path.name.startswith(".") and not path.is_symlink()))


# --- a dataset of its own -------------------------------------------------------------------------------------------


def keep_job(job: ImportJob, name: str) -> KeptDataset:
    """Keep what an import read as a dataset of its own, which is shown from now on."""
    report = job.report()
    taken = tuple(part.name for part in current_dataset().parts) or (current_dataset().label,)
    kept = library().add(
        job.result,
        version_of(report, "imported"),
        name=library().free_name(name or job.name, taken),
        profile=report["profile"],
        credit=credit_of(report),
    )
    jobs().drop(job)
    return kept


def version_of(report: Mapping[str, Any], change: str) -> Version:
    """Describe a version by the report of its import."""
    return Version(
        number=0,
        added=now(),
        change=change,
        files=tuple(table["file"] for table in report["tables"]),
        title=report["title"],
        evidence=tuple(report["evidence"]),
        read=report["read"],
        rejected=report["rejected"],
        sha256=report["sha256"],
    )


def credit_of(report: Mapping[str, Any]) -> str:
    """Propose a line of credit: what the files are, and their names."""
    return f"{report['title']}: {', '.join(table['file'] for table in report['tables'])}"[:300]


# --- a newer version ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Older:
    """A kept dataset that has records of the same ids as an import: how many, and how many each has in all.

    `mended`: the import is rows that the dataset refused.
    """

    kept: KeptDataset
    common: int
    old: int
    new: int
    mended: bool = False

    @property
    def likely(self) -> bool:
        """Tell whether the import is proposed as a newer version of it."""
        return self.mended or self.common >= max(_SAME_SHARE * self.old, _SAME_SHARE_OF_NEW * self.new)


def older_versions(job: ImportJob) -> list[Older]:
    """List the kept datasets that an import may be a newer version of, the best first."""
    new = _ids(job.result / RECORDS_FILE, job.report()["sha256"])
    found = []
    for kept in library().datasets():
        old = _ids(kept.records_path, kept.now.sha256)
        common, mended = len(old & new), bool(mended_of(kept, job))
        if common or mended:
            found.append(Older(kept, common, len(old), len(new), mended))
    return sorted(found, key=lambda one: (not one.mended, -one.common / max(one.old, 1)))


def mended_of(kept: KeptDataset, job: ImportJob) -> frozenset[int]:
    """Give the lines of the rows that an import brings back to a dataset of one file which refused them; else none.

    A mended row with the id of a record is none: which of the two is meant is for a person to say.
    """
    rows, report = mended_rows(job.report()), job.report()
    if not rows or kept.profile != report["profile"] or len(kept.now.files) != 1:
        return frozenset()
    common = _ids(kept.records_path, kept.now.sha256) & _ids(job.result / RECORDS_FILE, report["sha256"])
    return rows if not common and are_of(rows, kept.version_folder) else frozenset()


def newer_records(kept: KeptDataset, job: ImportJob) -> pd.DataFrame:
    """Give the records that a dataset would have after an import: mended rows withdraw nothing."""
    records = read_records(job.result)
    return with_the_others(read_records(kept.version_folder), records) if mended_of(kept, job) else records


@lru_cache(maxsize=8)
def _ids(path: Path, sha256: str) -> frozenset[str]:
    """Read the ids once for each content."""
    del sha256
    return frozenset(pq.read_table(path, columns=["id"]).column("id").to_pylist())


def difference(kept: KeptDataset, job: ImportJob) -> Difference:
    """Compare an import with the version in use, record by record and field by field."""
    return compare(read_records(kept.version_folder), newer_records(kept, job))


def take_over(kept: KeptDataset, job: ImportJob, found: Difference, ids: Iterable[str]) -> KeptDataset:
    """Make the next version of a dataset: the records in use, with the differences of some records taken over."""
    wanted = list(ids)
    records = accept(read_records(kept.version_folder), newer_records(kept, job), found, ids=wanted)
    mended = mended_of(kept, job)
    left = still_refused(kept.version_folder, mended) if mended else ()
    rejected = (*left, *read_refused(job.result))
    report = dict(job.report())
    reading = Reading(records, rejected, len(records) + len(rejected), ())
    made = job.folder / "next"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    sha256 = write_result(made, reading)
    load_result(made, sha256)
    for file in job.result.glob("rejected-*.csv"):
        shutil.copy(file, made)
    if left:
        write_still_refused(kept.refused, mended, made)
    report |= {"read": reading.read, "rejected": len(rejected), "kept": len(records), "sha256": sha256}
    write_report(made, report)
    change = f"{len(wanted):,} of {len(differing(found)):,} differing records taken over from {job.name}"
    version = version_of(report, change)
    version = replace(version, files=tuple(dict.fromkeys([*kept.now.files, *version.files])))
    next_version = library().add_version(kept.name, made, version)
    jobs().drop(job)
    return next_version


def differing(found: Difference) -> tuple[str, ...]:
    """List the ids of all records that differ: changed, new, withdrawn."""
    return (*found.changed_ids, *found.added, *found.withdrawn)


# --- what is switched on --------------------------------------------------------------------------------------------


def switched_on(state: MutableMapping[Any, Any], names: Iterable[str]) -> set[str]:
    """Say which datasets a reader has on; no filter is all of them."""
    chosen = set(state.get(FILTER_KEYS["dataset"]) or ())
    return chosen & set(names) if chosen else set(names)


def switch(state: MutableMapping[Any, Any], names: list[str], name: str, *, on: bool) -> None:
    """Switch a dataset on or off for one reader; all on is no filter, and the last one stays on."""
    shown = switched_on(state, names)
    shown = shown | {name} if on else shown - {name}
    if shown:
        state[FILTER_KEYS["dataset"]] = [] if shown == set(names) else [one for one in names if one in shown]


def place_for(dataset: Dataset, name: str) -> Place | None:
    """Give the part of the map that holds nearly all records of one dataset; None when none of them is placed."""
    part = next((one for one in dataset.parts if one.kept_as == name), None)
    return None if part is None else place_of_records(part.store)


def place_of_records(store: Store) -> Place | None:
    """Give the part of the map that holds nearly all records of a store."""
    spots = store.spot[store.spot >= 0]
    if not len(spots):
        return None
    west, east = np.quantile(store.spots.longitude[spots], [_ASIDE, 1 - _ASIDE])
    south, north = np.quantile(store.spots.latitude[spots], [_ASIDE, 1 - _ASIDE])
    across = 360 * _FRAME_PIXELS[0] / _TILE_PIXELS / max(east - west, 1e-6)
    down = 170 * _FRAME_PIXELS[1] / _TILE_PIXELS / max(north - south, 1e-6)
    zoom = min(max(math.log2(min(across, down)), _ZOOMS[0]), _ZOOMS[1])
    return float((west + east) / 2), float((south + north) / 2), round(zoom, 1)
