"""Answer the command line: what became of every row of a file, and what changed between two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.coding import distinct_rows
from geodata.errors import FileError
from geodata.formats.difference import compare
from geodata.formats.duplicates import duplicates_within
from geodata.formats.files import Imported, import_files, share_of
from geodata.formats.importing import Choices, TableImport
from geodata.formats.limits import Cancel, Progress
from geodata.formats.quarantine import write_csv, write_quarantine
from geodata.reader import Rejected

#: Places records; the columns are those of `Geocoder.geocode_table`.
Geocode = Callable[[pd.DataFrame], pd.DataFrame]
_LISTED_PAIRS = 1_000
#: What the geocoder looks at, as far as a file has it.
_PLACE_COLUMNS = (
    "place", "site", "admin1", "admin2", "country", "latitude", "longitude", "location_precision",
)  # fmt: skip


def import_report(
    paths: Iterable[str | Path],
    *,
    choices: Choices | None = None,
    geocode: Geocode | None = None,
    place: bool = True,
    out: Path | None = None,
    quarantine: Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> dict[str, Any]:
    """Read files and say what became of every row.

    Parameters
    ----------
    geocode
        Places the records; this project's own geocoder when left out.
    place
        False skips placing, and the report has no `placed`.
    out
        Where to write the records in our layout.
    quarantine
        Folder for the refused rows of each table, in its own layout with reasons.

    Raises
    ------
    FileError
        When nothing can be read.
    """
    imported = import_files(paths, choices=choices, progress=progress, cancel=cancel)
    report = _summary(imported)
    if place:
        report |= _placed(report, imported, geocode)
    if out is not None:
        report["out"] = str(out)
        report["written"] = write_records(imported, out)
    if quarantine is not None:
        report["quarantine"] = write_refused(imported, quarantine)
    return report


def _summary(imported: Imported) -> dict[str, Any]:
    try:
        pairs, too_many = duplicates_within(imported.reading.records), ""
    except FileError as error:
        pairs, too_many = (), str(error)
    return {
        "profile": imported.profile,
        "evidence": list(imported.evidence),
        "alternatives": [_guess(guess) for guess in imported.alternatives],
        "read": imported.reading.read,
        "kept": len(imported.reading.records),
        "rejected": len(imported.reading.rejected),
        "questions": list(imported.questions),
        "files": [table_report(table) for table in imported.tables]
        + [{"file": opened.name, "error": opened.error} for opened in imported.failed],
        "likely_duplicates": [
            {"one": p.one, "two": p.two, "score": p.score, "reasons": list(p.reasons), "against": list(p.against)}
            for p in pairs[:_LISTED_PAIRS]
        ],
        "likely_duplicates_found": len(pairs),
        "likely_duplicates_note": too_many,
    }


def _guess(guess: Any) -> dict[str, Any]:
    return {"profile": guess.code, "title": guess.title, "score": guess.score, "evidence": guess.evidence}


def table_report(table: TableImport) -> dict[str, Any]:
    """Say what became of one table: what it was read as and why, every refused row, what rides along."""
    return {
        "file": table.name,
        "container": table.container,
        "unit": table.unit,
        **table.detail,
        "profile": table.profile,
        "title": table.title,
        "evidence": list(table.evidence),
        "alternatives": [_guess(guess) for guess in table.alternatives],
        "read": table.reading.read,
        "kept": len(table.reading.records),
        "rejected": [refused(row, table) for row in table.reading.rejected],
        "flags": [{"text": flag.text, "records": flag.records} for flag in table.flags],
        "unmapped": list(table.unmapped),
        "carried": list(table.carried),
        "mapping": {ours: list(sources) for ours, sources in table.taken.items()},
        "questions": list(table.questions),
        "notes": list(table.notes),
    }


def refused(row: Rejected, table: TableImport) -> dict[str, Any]:
    """Name a refused row with its file, its place in it, the cell, the reason and the way out."""
    return {
        "file": table.name,
        table.unit: row.line,
        "line": row.line,
        "column": row.column,
        "value": row.value,
        "reason": row.reason,
        "fix": row.fix,
        "code": row.code,
        "others": [asdict(problem) for problem in row.others],
    }


def _placed(report: dict[str, Any], imported: Imported, geocode: Geocode | None) -> dict[str, Any]:
    if geocode is None:
        from geodata.making import shared_geocoder

        geocode = shared_geocoder().geocode_table
    records = imported.reading.records
    # Each distinct wording once: the answers of a million records are not wanted here, only how many have one.
    columns = [name for name in _PLACE_COLUMNS if name in records]
    codes, first = distinct_rows([records[name] for name in columns])
    placements = geocode(records[columns].iloc[first].reset_index(drop=True))
    lost = placements["longitude"].isna().to_numpy()
    reasons: Counter[str] = Counter()
    for reason, times in zip(placements["reason"], np.bincount(codes, minlength=len(first)).tolist(), strict=True):
        reasons[str(reason)] += times
    del reasons[""]
    _place_files(report, imported, lost[codes])
    return {
        "placed": int((~lost[codes]).sum()),
        "not_placed": int(lost[codes].sum()),
        "not_placed_reasons": dict(reasons.most_common(50)),
    }


def _place_files(report: dict[str, Any], imported: Imported, lost: NDArray[np.bool_]) -> None:
    """Say for each file how many of its records have a place; they stand one file after the other."""
    start = 0
    for told, table in zip(report["files"], imported.tables, strict=False):
        here = lost[start : start + len(table.reading.records)]
        start += len(here)
        told |= {"placed": int((~here).sum()), "not_placed": int(here.sum())}


def write_records(imported: Imported, out: Path) -> int:
    """Write records in our layout, the columns of their files after ours; returns their number."""
    records = imported.reading.records
    columns = [name for name in records.columns if name != "line"]
    write_csv(out, columns, _rows(records, columns))
    return len(records)


def _rows(records: pd.DataFrame, columns: list[str]) -> Iterable[tuple[str, ...]]:
    for start in range(0, len(records), 10_000):
        part = records.iloc[start : start + 10_000]
        yield from zip(*(part[name].tolist() for name in columns), strict=True)


def write_refused(imported: Imported, folder: Path) -> list[str]:
    """Write the refused rows of each table that has some; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, table in enumerate(imported.tables, start=1):
        if table.reading.rejected:
            file = folder / f"rejected-{number}.csv"
            write_quarantine(table, file)
            written.append(str(file))
    return written


def diff_report(
    old: str | Path, new: str | Path, *, choices: Choices | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Compare two versions of a dataset, whatever their containers.

    Parameters
    ----------
    progress
        Told how much of both files was read, 0 to 1.

    Raises
    ------
    FileError
        When one of them cannot be read.
    """
    before, after = (
        import_files([path], choices=choices, progress=share_of(progress, number, 2))
        for number, path in enumerate((old, new))
    )
    found = compare(before.reading.records, after.reading.records)
    return {
        "old": {
            "file": str(old),
            "profile": before.profile,
            "records": found.old,
            "rejected": len(before.reading.rejected),
        },
        "new": {
            "file": str(new),
            "profile": after.profile,
            "records": found.new,
            "rejected": len(after.reading.rejected),
        },
        "summary": found.sentence(),
        "new_records": list(found.added),
        "withdrawn": list(found.withdrawn),
        "changed": _by_record(found.changes),
        "same": found.same,
        "columns_added": list(found.columns_added),
        "columns_withdrawn": list(found.columns_withdrawn),
    }


def _by_record(changes: Iterable[Any]) -> list[dict[str, Any]]:
    grouped: dict[str, list[dict[str, str]]] = {}
    for change in changes:
        grouped.setdefault(change.id, []).append({"column": change.column, "old": change.old, "new": change.new})
    return [{"id": name, "fields": fields} for name, fields in grouped.items()]
