"""Keep what a person decided about a place: which entry or point is meant, who said so, when and why.

The decisions stand in a small CSV beside the records, one line for each text, sorted, so that a change is one changed
line in git. They hold for every record with the same place, site, governorate and country, also after the records are
imported again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from geodata.errors import FileError
from geodata.place_names import plain

#: A choice that is no gazetteer id: the point given with it, or no place at all.
POINT, UNPLACED = "point", "unplaced"

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision.

    Attributes
    ----------
    place, site, admin1, country
        The texts it is about, as written in the records.
    choice
        A gazetteer id, `point` or `unplaced`.
    longitude, latitude
        Of a point, decimal degrees, EPSG:4326; NaN otherwise.
    precision
        How exactly the point is known; a code of `PRECISIONS`, "" to take the entry's.
    by, on, why
        Who decided, when (UTC, ISO 8601), and the reason given.
    """

    place: str
    site: str = ""
    admin1: str = ""
    country: str = ""
    choice: str
    longitude: float = math.nan
    latitude: float = math.nan
    precision: str = ""
    by: str
    on: str
    why: str = ""

    @property
    def key(self) -> Key:
        """Give what makes two texts one: case, spaces and marks do not count."""
        return decision_key(self.place, self.site, self.admin1, self.country)


_COLUMNS: Final = tuple(field.name for field in fields(Decision))


def decision_key(place: str, site: str, admin1: str, country: str) -> Key:
    """Give the key under which a decision about these texts is kept."""
    return plain(place), plain(site), plain(admin1), plain(country)


def decisions_path(records: Path) -> Path:
    """Give the place of the decisions file of a records file: `incidents.csv` -> `incidents.places.csv`."""
    return records.with_name(f"{records.stem}.places.csv")


class Decisions:
    """The decisions of one records file; safe to share between threads.

    Parameters
    ----------
    path
        The file; it need not exist yet. None keeps decisions in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._kept: dict[Key, Decision] = {}
        self.version = 0
        self.reload()

    def reload(self) -> None:
        """Read the file again, for when git or another program changed it.

        Raises
        ------
        FileError
            When it is not a decisions file; nothing is changed then.
        """
        kept = {}
        if self.path is not None and self.path.exists():
            kept = {decision.key: decision for decision in _read(self.path)}
        with self._lock:
            self._kept = kept
            self.version += 1

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Decision]:
        return iter(sorted(self._kept.values(), key=lambda decision: decision.key))

    def get(self, place: str, site: str = "", admin1: str = "", country: str = "") -> Decision | None:
        """Give the decision about these texts, None when there is none."""
        if not self._kept:
            return None
        return self._kept.get(decision_key(place, site, admin1, country))

    def sha256(self) -> str:
        """Name the decisions by their content, whatever the line ends of their file; "" when there are none."""
        if not self._kept:
            return ""
        return hashlib.sha256(_text(list(self)).encode()).hexdigest()

    def choose(
        self,
        place: str,
        choice: str,
        *,
        by: str,
        site: str = "",
        admin1: str = "",
        country: str = "",
        why: str = "",
        longitude: float = math.nan,
        latitude: float = math.nan,
        precision: str = "",
        on: str = "",
    ) -> Decision:
        """Keep a decision and write the file; an earlier one about the same texts is replaced.

        Parameters
        ----------
        choice
            A gazetteer id, `point` (then longitude and latitude are needed) or `unplaced`.
        by
            Who decides; must not be empty.

        Raises
        ------
        ValueError
            When nobody is named, or a point has no valid coordinates.
        """
        if not by.strip():
            msg = "A decision needs to say who took it: give a name or initials."
            raise ValueError(msg)
        if choice == POINT and not _valid(longitude, latitude):
            msg = (
                f"{latitude!r}, {longitude!r} is no point: give latitude -90 to 90 and longitude -180 to 180, not 0, 0."
            )
            raise ValueError(msg)
        decision = Decision(
            place=place,
            site=site,
            admin1=admin1,
            country=country,
            choice=choice,
            longitude=round(longitude, 6),
            latitude=round(latitude, 6),
            precision=precision or ("site" if choice == POINT else ""),
            by=by.strip(),
            on=on or datetime.now(UTC).isoformat(timespec="seconds"),
            why=" ".join(why.split()),
        )
        self._change({decision.key: decision})
        return decision

    def undo(self, place: str, site: str = "", admin1: str = "", country: str = "") -> Decision | None:
        """Forget the decision about these texts and write the file; gives back what was forgotten."""
        key = decision_key(place, site, admin1, country)
        forgotten = self._kept.get(key)
        if forgotten is not None:
            self._change({key: None})
        return forgotten

    def _change(self, changes: dict[Key, Decision | None]) -> None:
        """Apply changes to the newest state of the file, so that another program's decisions stay.

        The file first: where it cannot be written, what is known here stays what it says.
        """
        with self._lock:
            before = self._kept
            if self.path is not None and self.path.exists():
                before = {decision.key: decision for decision in _read(self.path)}
            after = {key: decision for key, decision in {**before, **changes}.items() if decision is not None}
            if self.path is not None:
                _write(self.path, sorted(after.values(), key=lambda decision: decision.key))
            self._kept = after
            self.version += 1


def _valid(longitude: float, latitude: float) -> bool:
    return abs(latitude) <= 90 and abs(longitude) <= 180 and (longitude, latitude) != (0, 0)


def _read(path: Path) -> list[Decision]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if not set(_COLUMNS) <= set(reader.fieldnames or ()):
                msg = f"{path.name!r} is not a decisions file: its columns must be {', '.join(_COLUMNS)}."
                raise FileError(msg)
            return [_decision(row, path, number) for number, row in enumerate(reader, start=2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path.name!r} cannot be read as a decisions file ({error}); restore it from version control."
        raise FileError(msg) from error


def _decision(row: dict[str, str], path: Path, line: int) -> Decision:
    try:
        numbers: dict[str, Any] = {name: float(row[name] or "nan") for name in ("longitude", "latitude")}
    except (TypeError, ValueError) as error:
        msg = f"{path.name!r}, line {line}: {error}; longitude and latitude must be numbers or empty."
        raise FileError(msg) from error
    texts: dict[str, Any] = {name: row[name] or "" for name in _COLUMNS if name not in numbers}
    return Decision(**texts, **numbers)


def _write(path: Path, decisions: list[Decision]) -> None:
    """Write all at once: the old file stays whole until the new one is on the disk."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8", newline="") as stream:
        stream.write(_text(decisions))
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _text(decisions: list[Decision]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for decision in decisions:
        values = [getattr(decision, name) for name in _COLUMNS]
        writer.writerow(["" if isinstance(value, float) and math.isnan(value) else value for value in values])
    return text.getvalue()
