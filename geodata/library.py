"""The datasets a person imported: kept in the user's data folder, listed, taken to a newer version and back, removed.

Each is a folder with one folder for each version; the newest version is the one in use, and undoing it gives back the
one before. Every change renews a small stamp, so that a running server notices with one question to the file system.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from geodata.errors import FileError
from geodata.import_result import RECORDS_FILE
from geodata.same_events import SameEvents
from geodata.user_data import user_data_folder

_ABOUT: Final = "about.json"
_STAMP: Final = "stamp"
_NAME_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a dataset.

    Attributes
    ----------
    number
        Name of its folder, counted from 1.
    added
        When (UTC, ISO 8601).
    change
        What it changed, in one sentence.
    files
        Names of the files it was read from.
    title, evidence
        What they were read as, and what speaks for that.
    read, rejected
        Rows of the files, and those of them that were refused.
    sha256
        Of its records, as kept.
    """

    number: int
    added: str
    change: str
    files: tuple[str, ...]
    title: str
    evidence: tuple[str, ...]
    read: int
    rejected: int
    sha256: str


@dataclass(frozen=True, slots=True)
class KeptDataset:
    """One imported dataset; the last version is the one in use.

    Attributes
    ----------
    folder
        Where it is kept.
    name
        How a person called it; no two have the same name.
    profile
        Code of the dataset it was recognised as.
    credit
        Line to print on products.
    """

    folder: Path
    name: str
    profile: str
    credit: str
    versions: tuple[Version, ...] = field(default_factory=tuple)

    @property
    def now(self) -> Version:
        """The version in use."""
        return self.versions[-1]

    @property
    def version_folder(self) -> Path:
        """Where the version in use is kept."""
        return self.folder / str(self.now.number)

    @property
    def records_path(self) -> Path:
        """The records of the version in use."""
        return self.version_folder / RECORDS_FILE

    @property
    def refused(self) -> tuple[Path, ...]:
        """Refused rows of the version in use, in the layout of their files."""
        return tuple(sorted(self.version_folder.glob("rejected-*.csv")))


class Library:
    """The imported datasets of one user.

    Parameters
    ----------
    folder
        Where they are kept; in the user's data folder when left out.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or user_data_folder() / "datasets"
        self.same_events = SameEvents(self.folder / "same-events.csv")

    def stamp(self) -> tuple[int, ...]:
        """Give what changes whenever anything here does."""
        try:
            found = (self.folder / _STAMP).stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_ino

    def datasets(self) -> tuple[KeptDataset, ...]:
        """List the datasets, in the order in which they were added; what is damaged is left out."""
        found = [self._read(path.parent) for path in self.folder.glob(f"*/{_ABOUT}")]
        return tuple(sorted((one for one in found if one), key=lambda one: (one.versions[0].added, one.name)))

    def damaged(self) -> tuple[str, ...]:
        """Name the folders that look like a dataset but cannot be read."""
        return tuple(
            sorted(path.parent.name for path in self.folder.glob(f"*/{_ABOUT}") if not self._read(path.parent))
        )

    def get(self, name: str) -> KeptDataset:
        """Give the dataset of a name.

        Raises
        ------
        FileError
            When there is none; the message lists those there are.
        """
        kept = {one.name: one for one in self.datasets()}
        if name not in kept:
            msg = f"No imported dataset is called {name!r}; there are: {', '.join(kept) or 'none'}."
            raise FileError(msg)
        return kept[name]

    def free_name(self, wanted: str, taken: tuple[str, ...] = ()) -> str:
        """Give a name that no dataset has yet."""
        used = {one.name for one in self.datasets()} | set(taken)
        plain = " ".join("".join(letter for letter in wanted if letter.isprintable()).split())[:_NAME_CHARACTERS]
        name, number = plain or "dataset", 2
        while name in used:
            name, number = f"{plain or 'dataset'} ({number})", number + 1
        return name

    def add(self, result: Path, version: Version, *, name: str, profile: str, credit: str = "") -> KeptDataset:
        """Keep what an import left in a folder as a dataset of its own; the folder is moved here."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "dataset"
        folder = self.folder / f"{slug}-{uuid4().hex[:6]}"
        folder.mkdir(parents=True)
        shutil.move(result, folder / "1")
        kept = KeptDataset(folder, self.free_name(name), profile, credit, (replace(version, number=1),))
        self._write(kept)
        return kept

    def add_version(self, name: str, result: Path, version: Version) -> KeptDataset:
        """Keep what was taken over of a newer file as the next version; the folder is moved here."""
        kept = self.get(name)
        number = kept.now.number + 1
        shutil.move(result, kept.folder / str(number))
        made = replace(kept, versions=(*kept.versions, replace(version, number=number)))
        self._write(made)
        return made

    def undo_version(self, name: str) -> KeptDataset:
        """Go back to the version before the one in use.

        Raises
        ------
        FileError
            When there is none before it.
        """
        kept = self.get(name)
        if len(kept.versions) == 1:
            msg = f"{name!r} has no earlier version; remove the dataset to be without it."
            raise FileError(msg)
        made = replace(kept, versions=kept.versions[:-1])
        self._write(made)
        shutil.rmtree(kept.version_folder, ignore_errors=True)
        return made

    def credit(self, name: str, credit: str) -> None:
        """Say what line to print on products that show the dataset."""
        self._write(replace(self.get(name), credit=" ".join(credit.split())[:300]))

    def remove(self, name: str) -> None:
        """Remove a dataset with all its versions; decisions about its records stay, should it come back."""
        kept = self.get(name)
        (kept.folder / _ABOUT).unlink()
        shutil.rmtree(kept.folder, ignore_errors=True)
        self.changed()

    def changed(self) -> None:
        """Tell whoever watches the stamp."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f".{_STAMP}.{uuid4().hex[:8]}"
        fresh.write_text(uuid4().hex, encoding="ascii")
        fresh.replace(self.folder / _STAMP)

    def _read(self, folder: Path) -> KeptDataset | None:
        try:
            about: Mapping[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
            versions = tuple(_version(one) for one in about["versions"])
            kept = KeptDataset(folder, about["name"], about["profile"], about["credit"], versions)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return kept if versions and kept.records_path.exists() else None

    def _write(self, kept: KeptDataset) -> None:
        about = {
            "name": kept.name,
            "profile": kept.profile,
            "credit": kept.credit,
            "versions": [asdict(version) for version in kept.versions],
        }
        part = kept.folder / f".{_ABOUT}.part"
        part.write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(kept.folder / _ABOUT)
        self.changed()


def _version(about: Mapping[str, Any]) -> Version:
    return Version(**{**about, "files": tuple(about["files"]), "evidence": tuple(about["evidence"])})


def now() -> str:
    """Give the present time as versions write it (UTC, ISO 8601)."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
