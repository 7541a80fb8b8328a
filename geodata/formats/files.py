"""Read one file or many as one set of records, each with its provenance, no id twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from geodata.fetched import without_secrets
from geodata.formats.address import is_address, local_copy
from geodata.formats.containers import Opened, Options
from geodata.formats.detection import UNKNOWN, Guess
from geodata.formats.importing import Choices, Flag, TableImport, import_tables
from geodata.formats.limits import Cancel, Progress
from geodata.formats.mapping import ColumnMapping
from geodata.formats.quarantine import cells_as_in_file
from geodata.incident import COLUMN_NAMES
from geodata.provenance import FILE_COLUMN
from geodata.reader import Reading, Rejected


@dataclass(frozen=True, slots=True)
class Imported:
    """Hold the records of one or more tables, ready for everything that reads records.

    Attributes
    ----------
    reading
        All records; with more than one table they have a column `file` that says where each came from.
    tables
        One report for each table, with its own counts: they add up to those of `reading`.
    failed
        Files among several that could not be read, each with its error.
    profile, evidence, alternatives
        Of the first table; `mixed` when the tables are of several datasets.
    """

    reading: Reading
    tables: tuple[TableImport, ...]
    failed: tuple[Opened, ...]
    profile: str
    evidence: tuple[str, ...]
    alternatives: tuple[Guess, ...]
    notes: tuple[str, ...]
    flags: tuple[Flag, ...]
    unmapped: tuple[str, ...]
    questions: tuple[str, ...]


def import_file(
    path: str | Path,
    *,
    profile: str | None = None,
    mapping: ColumnMapping | None = None,
    dates: str | None = None,
    sheet: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    profiles_folder: Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Imported:
    """Read a file, an archive or a folder, whatever it is.

    Parameters
    ----------
    profile
        Code of a dataset to read it as, instead of what its columns show.
    mapping
        Columns chosen by hand for a table of no known dataset.
    dates
        `day-first` or `month-first`, for dates that can be read both ways.
    sheet, layer, encoding, delimiter
        Choices for workbooks, map files and text.
    profiles_folder
        Where profiles are kept; the person's own folder when left out.
    progress
        Called with what is being done and how far it is, 0 to 1.
    cancel
        Asked from time to time; True ends the import with `CancelledError`.

    Raises
    ------
    FileError
        When nothing can be read; the message says what was expected and the way out.
    """
    options = Options(sheet, layer, encoding, delimiter, cancel)
    choices = Choices(profile, dates, mapping, profiles_folder, options)
    tables, failed = import_tables(Path(path), choices, progress=progress, cancel=cancel)
    return merge(tables, failed)


def import_files(
    paths: Iterable[str | Path],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Imported:
    """Read several files as one set of records.

    Parameters
    ----------
    paths
        Files, folders, archives; and addresses of hosts that are switched on.

    Raises
    ------
    FileError
        When one of them cannot be read at all.
    QueryError
        When an address is on no host that is switched on.
    ServiceError
        When a host does not answer.
    """
    tables: list[TableImport] = []
    failed: list[Opened] = []
    wanted = list(paths)
    for number, path in enumerate(wanted):
        share = share_of(progress, number, len(wanted))
        found, broken = _tables_of(path, choices or Choices(), share, cancel)
        tables += found
        failed += broken
    return merge(tables, failed)


def _tables_of(
    path: str | Path, choices: Choices, progress: Progress | None, cancel: Cancel | None
) -> tuple[list[TableImport], list[Opened]]:
    """Read one file, folder or address."""
    if not is_address(path):
        return import_tables(Path(path), choices, progress=progress, cancel=cancel)
    with local_copy(str(path), choices.hosts, cancel=cancel) as copy:
        tables, failed = import_tables(copy, choices, progress=progress, cancel=cancel)
    said = f"fetched from {without_secrets(str(path))}"
    return [replace(table, notes=(*table.notes, said)) for table in tables], failed


def share_of(progress: Progress | None, number: int, files: int) -> Progress | None:
    """Return what tells the progress of one of several files as a part of all of them."""
    if progress is None:
        return None
    return lambda doing, part: progress(doing, (number + part) / files)


def merge(tables: list[TableImport], failed: Iterable[Opened] = ()) -> Imported:
    """Join tables; a record whose id an earlier one has is rejected, or renamed when it is of another dataset."""
    if len(tables) > 1:
        tables = _without_repeats(tables)
    codes = list(dict.fromkeys(table.profile for table in tables))
    first = tables[0]
    return Imported(
        reading=first.reading if len(tables) == 1 else _joined(tables),
        tables=tuple(tables),
        failed=tuple(failed),
        profile=codes[0] if len(codes) == 1 else "mixed",
        evidence=first.evidence,
        alternatives=first.alternatives,
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
        flags=tuple(flag for table in tables for flag in table.flags),
        unmapped=tuple(dict.fromkeys(name for table in tables for name in table.unmapped)),
        questions=tuple(dict.fromkeys(question for table in tables for question in table.questions)),
    )


def _joined(tables: list[TableImport]) -> Reading:
    frames = []
    for table in tables:
        frame = table.reading.records.copy(deep=False)
        if FILE_COLUMN in frame.columns:
            frame = frame.rename(columns={FILE_COLUMN: f"{FILE_COLUMN} ({table.title})"})
        frame[FILE_COLUMN] = pd.array([table.name], dtype="str").take(np.zeros(len(frame), dtype=np.intp))
        frames.append(frame)
    joined = pd.concat(frames, ignore_index=True)
    own = [*COLUMN_NAMES]
    others = [name for name in joined.columns if name not in own and name != "line"]
    joined = joined[[*own, *others, "line"]]
    joined[others] = joined[others].fillna("")
    rejected = tuple(row for table in tables for row in table.reading.rejected)
    read = sum(table.reading.read for table in tables)
    return Reading(joined, rejected, read, tuple(note for table in tables for note in table.reading.notes))


def _without_repeats(tables: list[TableImport]) -> list[TableImport]:
    seen: dict[tuple[object, str], TableImport] = {}
    taken: set[str] = set()
    kept = []
    for table in tables:
        dataset = _dataset(table)
        ids = table.reading.records["id"].tolist()
        earlier = {name: seen[dataset, name] for name in ids if (dataset, name) in seen}
        table = _refused(table, np.array([name in earlier for name in ids], dtype=bool), earlier)
        ids = table.reading.records["id"].tolist()
        seen |= {(dataset, name): table for name in ids}
        table = _renamed(table, np.array([name in taken for name in ids], dtype=bool), taken)
        taken.update(table.reading.records["id"].tolist())
        kept.append(table)
    return kept


def _dataset(table: TableImport) -> object:
    """Return what makes an id name one thing in two files: a known dataset, else the same columns."""
    return table.profile if table.profile != UNKNOWN else frozenset(name for name, _ in table.layout)


def _refused(table: TableImport, rows: np.ndarray, seen: dict[str, TableImport]) -> TableImport:
    if not rows.any():
        return table
    records = table.reading.records
    bad = records[rows]
    column = next((name for name, ours in table.layout if ours == "id"), "id")
    rejected = [
        Rejected(int(line), column, name, f"the id is already used in {seen[name].name}",
                 "leave one of the two files out, or give the row another id", "duplicate_id")
        for name, line in zip(bad["id"], bad["line"], strict=True)
    ]  # fmt: skip
    everything = sorted([*table.reading.rejected, *rejected], key=lambda row: row.line)
    reading = Reading(records[~rows].reset_index(drop=True), tuple(everything), table.reading.read, table.reading.notes)
    repair = pa.concat_tables([table.repair, cells_as_in_file(table, bad)])
    lines = np.concatenate([table.repair_lines, bad["line"].to_numpy(dtype=np.int64)])
    return replace(table, reading=reading, repair=repair, repair_lines=lines)


def _renamed(table: TableImport, rows: np.ndarray, taken: set[str]) -> TableImport:
    """Give records of another dataset an id of their own, and keep the dataset's id beside it."""
    if not rows.any():
        return table
    ids = table.reading.records["id"][rows].tolist()
    numbered = (f"{table.profile}-{number}-" for number in itertools.count(2))
    prefixes = itertools.chain([f"{table.profile}-"], numbered)
    used = {*taken, *table.reading.records["id"][~rows]}
    prefix = next(one for one in prefixes if not any(one + name in used for name in ids))
    records = table.reading.records.copy(deep=False)
    source = next((name for name, ours in table.layout if ours == "id"), "")
    layout = table.layout
    if source:
        kept = f"{source} ({table.title})"
        records[kept] = records["id"]
        layout = tuple((name, kept if ours == "id" else ours) for name, ours in layout)
    records["id"] = records["id"].where(~rows, prefix + records["id"])
    note = f"{int(rows.sum()):,} ids are also used in another dataset; here they begin with {prefix!r}"
    records = records[[*(name for name in records.columns if name != "line"), "line"]]
    reading = Reading(records, table.reading.rejected, table.reading.read, (*table.reading.notes, note))
    return replace(table, reading=reading, layout=layout, notes=(*table.notes, note))
