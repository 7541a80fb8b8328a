"""What a person decided about two records that may be one event: the same, counted once, or not the same.

The decisions stand in a small CSV, one line for each pair, so that they survive a restart and a newer version of either
dataset. Nothing is merged by them: both records stay, linked to each other.
"""

from __future__ import annotations

import csv
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from geodata.errors import FileError

SAME, DIFFERENT = "same", "different"

#: A record by the name of its dataset and its id there.
Ref = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SameEvent:
    """One decision about two records.

    Attributes
    ----------
    dataset, id
        The first record; of a pair that is the same, the one that is counted.
    other_dataset, other_id
        The second record; of a pair that is the same, the one left out of the sums.
    verdict
        `same` or `different`.
    on
        When it was decided (UTC, ISO 8601).
    """

    dataset: str
    id: str
    other_dataset: str
    other_id: str
    verdict: str
    on: str

    @property
    def counted(self) -> Ref:
        """The record that stands in the sums."""
        return self.dataset, self.id

    @property
    def left_out(self) -> Ref:
        """The record that the sums leave out when the two are the same."""
        return self.other_dataset, self.other_id

    @property
    def pair(self) -> frozenset[Ref]:
        """The two records, in no order."""
        return frozenset({self.counted, self.left_out})


_COLUMNS: Final = tuple(field.name for field in fields(SameEvent))


class SameEvents:
    """The decisions kept in one file; safe to share between threads.

    Parameters
    ----------
    path
        The file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[SameEvent]:
        return iter(self._read())

    def about(self, one: Ref, other: Ref) -> SameEvent | None:
        """Give the decision about two records, None when there is none."""
        return next((kept for kept in self._read() if kept.pair == {one, other}), None)

    def decide(self, counted: Ref, other: Ref, verdict: str) -> SameEvent:
        """Keep a decision; an earlier one about the same two records is replaced.

        Raises
        ------
        ValueError
            When the verdict is neither `same` nor `different`.
        """
        if verdict not in (SAME, DIFFERENT):
            msg = f"{verdict!r} is no verdict about two records: say {SAME!r} or {DIFFERENT!r}."
            raise ValueError(msg)
        made = SameEvent(*counted, *other, verdict, datetime.now(UTC).isoformat(timespec="seconds"))
        with self._lock:
            self._write([*(kept for kept in self._read() if kept.pair != made.pair), made])
        return made

    def undo(self, one: Ref, other: Ref) -> None:
        """Forget the decision about two records."""
        with self._lock:
            self._write([kept for kept in self._read() if kept.pair != {one, other}])

    def _read(self) -> list[SameEvent]:
        try:
            with self.path.open(encoding="utf-8", newline="") as stream:
                reader = csv.DictReader(stream)
                return [SameEvent(*(row[name] for name in _COLUMNS)) for row in reader]
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
            msg = f"{self.path.name!r} cannot be read ({error}): move it away; the pairs are then proposed again."
            raise FileError(msg) from error

    def _write(self, kept: list[SameEvent]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(astuple(one) for one in kept)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        part.write_text(text.getvalue(), encoding="utf-8", newline="")
        part.replace(self.path)
