"""What this process shows now: its files and the imported datasets, as decided, shared by every session."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

from geodata.data_files import data_paths
from geodata.dataset import (
    Dataset,
    Progress,
    join_parts,
    lay_decisions_over,
    load_kept,
    load_undecided,
    part_of,
    tell_nobody,
)
from geodata.decisions import Decisions, decisions_path
from geodata.errors import AtlasError
from geodata.library import Library


def current_dataset() -> Dataset:
    """Give what this process shows: its files and the imported datasets, as decided now.

    Raises
    ------
    FileError
        When one of the files, or the decisions file, cannot be read.
    """
    return _live().dataset()


def current_decisions() -> Decisions:
    """Give the decisions about places that lie beside this process's records."""
    return _live().decisions


def wait_until_read(limit_s: float) -> bool:
    """Wait while another thread reads the files, and tell whether none does any more; `reading_step` says how far."""
    if not _reading.acquire(timeout=limit_s):
        return False
    _reading.release()
    return True


def reading_step() -> tuple[str, float]:
    """Tell what is being done with the files, and the share that is done (0-1)."""
    return _step


#: Held while the files are read: several sessions may ask at once.
_reading = Lock()
_step = ("reading", 0.0)


def _live() -> LiveDataset:
    with _reading:
        return _read(data_paths())


@lru_cache(maxsize=1)
def _read(paths: tuple[Path, ...]) -> LiveDataset:
    return LiveDataset(paths, Library(), _keep_step)


def _keep_step(what: str, share: float) -> None:
    global _step  # one process reads one set of files
    _step = (what, share)


class LiveDataset:
    """What is loaded, made anew when a dataset is imported or decisions change, by this program or another.

    Parameters
    ----------
    paths
        The files of incidents; each is read once. The decisions about places lie beside the first.
    library
        The imported datasets.
    tell
        Told what is being done with each file and the share of it that is done (0-1).
    """

    def __init__(self, paths: Sequence[Path], library: Library, tell: Progress = tell_nobody) -> None:
        self.decisions = Decisions(decisions_path(paths[0]))
        self._library = library
        self._opened = [load_undecided(path, tell) for path in paths]
        self._kept: dict[Path, Dataset] = {}
        self._lock = Lock()
        self._joined: tuple[tuple[int, ...], Dataset] | None = None
        self._seen: tuple[int, ...] | None = None
        self._dataset: Dataset | None = None

    def dataset(self) -> Dataset:
        """Give the dataset as it is now; looking costs two questions to the file system.

        Raises
        ------
        FileError
            When the file of decisions has become something else.
        """
        with self._lock:
            stamp = self._library.stamp()
            now = (*_version_of(self.decisions.path), *stamp)
            if self._dataset is None or now != self._seen:
                self.decisions.reload()
                if self._joined is None or self._joined[0] != stamp:
                    had_one = self._joined is not None
                    self._joined = (stamp, self._together())
                    if had_one:
                        gc.collect()  # a store holds itself through its cache of words: only this lets go of the last
                self._dataset = lay_decisions_over(self._joined[1], self.decisions)
                self._seen = now
            return self._dataset

    def _together(self) -> Dataset:
        """Join the files and the imported datasets; one that cannot be read is named and left out."""
        parts = [part_of(dataset) for dataset in self._opened]
        notes = [note for dataset in self._opened for note in dataset.notes]
        loaded: dict[Path, Dataset] = {}
        for kept in self._library.datasets():
            path = kept.records_path
            try:
                loaded[path] = self._kept.get(path) or load_kept(kept)
            except (AtlasError, OSError, ValueError) as error:
                notes.append(
                    f"The imported dataset {kept.name!r} cannot be read ({error}): remove it and import it again."
                )
                continue
            parts.append(part_of(loaded[path], kept))
        self._kept = loaded
        return join_parts(self._opened[0], parts, notes, tuple(self._library.same_events))


def _version_of(path: Path | None) -> tuple[int, ...]:
    try:
        found = path.stat() if path else None
    except OSError:
        found = None
    if found is None:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
