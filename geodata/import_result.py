"""What an import leaves in a folder: records, refused rows as a list and in their own layout, and its report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geodata.formats.table import RawTable
from geodata.reader import Reading, Rejected

RECORDS_FILE: Final = "records.parquet"
_REPORT_FILE: Final = "report.json"
_REFUSED_FILE: Final = "refused.json"
_HEADS_FILE: Final = "heads.json"
_HEAD_ROWS: Final = 200


def write_result(folder: Path, reading: Reading) -> str:
    """Write records and refused rows; gives the hash of the records as written."""
    table = pa.Table.from_pandas(reading.records, preserve_index=False)
    pq.write_table(table, folder / RECORDS_FILE, compression="zstd")
    kept = {"refused": [row.to_json() for row in reading.rejected], "notes": reading.notes}
    _write_json(folder / _REFUSED_FILE, kept)
    with (folder / RECORDS_FILE).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Write what became of the files; a folder with a report holds a whole import."""
    _write_json(folder / _REPORT_FILE, report)


def read_result(folder: Path) -> Reading:
    """Read records and refused rows back."""
    records = read_records(folder)
    kept = json.loads((folder / _REFUSED_FILE).read_text(encoding="utf-8"))
    rejected = tuple(map(Rejected.from_json, kept["refused"]))
    return Reading(records, rejected, len(records) + len(rejected), tuple(kept["notes"]))


def read_refused(folder: Path) -> tuple[Rejected, ...]:
    """Read the refused rows alone."""
    kept = json.loads((folder / _REFUSED_FILE).read_text(encoding="utf-8"))
    return tuple(map(Rejected.from_json, kept["refused"]))


def read_records(folder: Path) -> pd.DataFrame:
    """Read the records alone."""
    return pd.read_parquet(folder / RECORDS_FILE)


def read_report(folder: Path) -> dict[str, Any]:
    """Read the report, nothing when there is none."""
    try:
        found: dict[str, Any] = json.loads((folder / _REPORT_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def write_head(folder: Path, raw: RawTable) -> None:
    """Write the first rows of one more table as the file has them, for a person who chooses its columns."""
    told = _told_heads(folder)
    pq.write_table(raw.cells.slice(0, _HEAD_ROWS), folder / f"head-{len(told)}.parquet")
    rows = [int(row) for row in raw.rows[:_HEAD_ROWS]]
    told.append({"name": raw.name, "container": raw.container, "rows": rows, "unit": raw.unit,
                 "detail": dict(raw.detail)})  # fmt: skip
    _write_json(folder / _HEADS_FILE, told)


def read_heads(folder: Path) -> list[RawTable]:
    """Read the first rows of each table back."""
    return [
        RawTable(
            one["name"],
            one["container"],
            pq.read_table(folder / f"head-{number}.parquet"),
            np.array(one["rows"], dtype=np.int64),
            one["unit"],
            detail=one["detail"],
        )
        for number, one in enumerate(_told_heads(folder))
    ]


def _told_heads(folder: Path) -> list[dict[str, Any]]:
    try:
        told: list[dict[str, Any]] = json.loads((folder / _HEADS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return told


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
