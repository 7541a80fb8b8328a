"""Import files in a process of their own, so that the page stays usable and an import can be stopped at any moment.

The request comes on standard input; what is being done stands in a small file that the page looks at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from geodata.dataset import Progress, prepare_result
from geodata.errors import AtlasError
from geodata.fetched import fetch
from geodata.formats.containers import Options
from geodata.formats.files import Imported, import_files
from geodata.formats.importing import Choices, TableImport
from geodata.formats.mapping import ColumnMapping
from geodata.formats.report import table_report, write_refused
from geodata.import_result import write_head, write_report, write_result
from geodata.provenance import FILE_COLUMN
from geodata.reader import Reading

PROGRESS_FILE: Final = "progress.json"
ERROR_FILE: Final = "error.json"
_KEPT_FILE: Final = "kept.json"
_READING_ALONE: Final = "reading alone"
#: Refused rows of a table that the report lists.
MOST_LISTED: Final = 500
#: The page comes first: whoever reads it notices, whoever waits for an import hardly does.
_NICENESS: Final = 10
_SECONDS_BETWEEN: Final = 0.2
#: How much of the whole work reading is; the rest is placing the records and coding them.
_READING: Final = 0.6
#: Files from this size on are read in a process that ends before placing begins: what reading took is given back whole
#: then, while one process keeps most of it. Starting another takes about a second, which small files are spared.
_READ_APART_BYTES: Final = 32 << 20


def main() -> None:
    """Answer one request; a file that cannot be read is answered with one sentence."""
    request = json.loads(sys.stdin.buffer.read())
    out = Path(request["out"])
    try:
        _answer(request, out)
    except (AtlasError, OSError) as error:
        (out / ERROR_FILE).write_text(json.dumps({"error": str(error)}, ensure_ascii=False), encoding="utf-8")


def _answer(request: dict[str, Any], out: Path) -> None:
    tell, paths = _teller(out), [Path(path) for path in request["paths"]]
    choices = choices_of(request["choices"])
    if request.get(_READING_ALONE):
        (out / _KEPT_FILE).write_text(json.dumps(_read(paths, out, choices, tell)), encoding="utf-8")
        return
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    if request["address"] and not paths[0].exists():
        fetch(request["address"], paths[0], request["hosts"], progress=lambda doing, _: tell(doing, 0.0))
    if _size(paths) < _READ_APART_BYTES:
        run_import(paths, out, choices, tell)
    elif kept := _read_apart(request, out):
        _make_ready(out, *kept, tell)


def run_import(paths: list[Path], out: Path, choices: Choices, tell: Progress) -> None:
    """Read files, keep what became of every row in a folder, and make the records ready to be shown.

    Raises
    ------
    FileError
        When nothing can be read; the first rows are kept nevertheless, so that a person can say what they are.
    """
    _make_ready(out, *_read(paths, out, choices, tell), tell)


def _read_apart(request: dict[str, Any], out: Path) -> tuple[str, dict[str, Any]] | None:
    """Read files in a process that answers the same request as far as that; nothing when it could not: it said why."""
    asked = json.dumps({**request, _READING_ALONE: True}).encode()
    subprocess.run([sys.executable, "-P", "-m", "geodata.import_work"], input=asked, check=False)
    try:
        sha256, report = json.loads((out / _KEPT_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return sha256, report


def _read(paths: list[Path], out: Path, choices: Choices, tell: Progress) -> tuple[str, dict[str, Any]]:
    """Keep what became of every row in a folder; gives the hash of the records, and the report."""
    choices = replace(choices, seen=lambda raw: write_head(out, raw))
    imported = import_files(paths, choices=choices, progress=lambda doing, part: tell(doing, _READING * part))
    write_refused(imported, out)
    return write_result(out, with_file(imported)), report_of(imported)


def _make_ready(out: Path, sha256: str, report: Mapping[str, Any], tell: Progress) -> None:
    """Place and code the records that were kept, and write the report: with it the import is whole."""
    placed = prepare_result(out, sha256, progress=lambda doing, part: tell(doing, _READING + (1 - _READING) * part))
    write_report(out, {**report, "sha256": sha256, "placed": placed})


def _size(paths: list[Path]) -> int:
    """Add up the bytes of files, and of those in folders."""
    files = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
    return sum(file.stat().st_size for file in files)


def with_file(imported: Imported) -> Reading:
    """Give the records with the file that each came from, also when there is only one."""
    if len(imported.tables) > 1:
        return imported.reading
    (table,) = imported.tables
    records = imported.reading.records.rename(columns={FILE_COLUMN: f"{FILE_COLUMN} ({table.title})"})
    return replace(imported.reading, records=records.assign(**{FILE_COLUMN: table.name}))


def report_of(imported: Imported) -> dict[str, Any]:
    """Say what became of the files; of many refused rows the first are listed, the others stand in their own file."""
    return {
        "profile": imported.profile,
        "title": " and ".join(dict.fromkeys(table.title for table in imported.tables)),
        "evidence": list(imported.evidence),
        "read": imported.reading.read,
        "kept": len(imported.reading.records),
        "rejected": len(imported.reading.rejected),
        "questions": list(imported.questions),
        "tables": [_table(table) for table in imported.tables],
        "failed": [{"file": opened.name, "error": opened.error} for opened in imported.failed],
    }


def _table(table: TableImport) -> dict[str, Any]:
    told = table_report(table)
    order = table.mapping.order if table.mapping else None
    return {**told, "rejected": told["rejected"][:MOST_LISTED], "refused": len(told["rejected"]), "order": order}


def choices_of(asked: Mapping[str, Any]) -> Choices:
    """Read what a person chose from a request."""
    mapping = asked.get("mapping")
    chosen = None
    if mapping:
        columns = MappingProxyType(dict(mapping["columns"]))
        chosen = ColumnMapping(columns, order=mapping["order"], name=mapping.get("name", ""))
    return Choices(
        profile=asked.get("profile"),
        dates=asked.get("dates"),
        mapping=chosen,
        container=Options(sheet=asked.get("sheet")),
    )


def _teller(out: Path) -> Progress:
    told, last = 0.0, ""

    def tell(doing: str, share: float) -> None:
        nonlocal told, last
        # A new step is told at once: the next word of it may be a minute away.
        if doing == last and time.monotonic() - told < _SECONDS_BETWEEN and share < 1:
            return
        told, last = time.monotonic(), doing
        part = out / f".{PROGRESS_FILE}.part"
        part.write_text(json.dumps({"doing": doing, "share": share}), encoding="utf-8")
        part.replace(out / PROGRESS_FILE)

    return tell


if __name__ == "__main__":
    main()
