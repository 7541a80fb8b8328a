"""Read untrusted containers in a child process with limits, so that a hostile file costs its own reader and no more.

A two-row workbook of 3 kB can ask for gigabytes, or end the whole process from native code; no exception handler helps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from geodata.csvtext import BrokenRow
from geodata.errors import FileError
from geodata.formats.limits import Cancel, child_memory, child_seconds, stop_if, too_much_memory
from geodata.formats.table import RawTable

_POLL_SECONDS: Final = 0.05
_ERROR_BYTES: Final = 100_000
#: GDAL drivers that ask other hosts or read what a file points to.
_SKIPPED_DRIVERS: Final = (
    "AMIGOCLOUD CARTO EEDA ELASTICSEARCH HTTP NGW OAPIF OGCAPI PLSCENES WFS CSW OGR_VRT VRT GDALG PGDUMP GML GMLAS "
    "GeoRSS LIBKML KML XLSX ODS PDF"
)


def read_in_child(
    kind: str, path: Path, name: str, options: Mapping[str, Any] | None = None, *, cancel: Cancel | None = None
) -> list[RawTable]:
    """Read the tables of a container.

    Parameters
    ----------
    kind
        A reader of `geodata.formats.worker`: `xlsx`, `ods`, `json`, `kml`, `vector`, `parquet`.
    path
        A file of this machine whose name was made by us, or resolved.
    name
        What to call the file in messages.

    Raises
    ------
    FileError
        When it cannot be read, or asks for more memory or time than is given to a file.
    """
    with tempfile.TemporaryDirectory(prefix="atlas-") as folder:
        out = Path(folder)
        size = path.stat().st_size
        request = {"kind": kind, "path": str(path), "name": name, "out": folder, "options": dict(options or {}),
                   "seconds": child_seconds(size), "memory": child_memory(size)}  # fmt: skip
        answer = _run(request, out, name, cancel)
        if "error" in answer:
            raise FileError(str(answer["error"]))
        return [_table(out, found, name) for found in answer["tables"]]


def _run(request: Mapping[str, Any], folder: Path, name: str, cancel: Cancel | None) -> dict[str, Any]:
    errors = folder / "errors.txt"
    with errors.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "geodata.formats.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=sink,
            env=_environment(),
            cwd=folder,
        )
        try:
            if process.stdin is not None:
                process.stdin.write(json.dumps(request).encode())
                process.stdin.close()
            _wait(process, 2 * request["seconds"], name, cancel)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    answer = folder / "answer.json"
    if process.returncode != 0 or not answer.exists():
        raise FileError(_why(process.returncode, errors, request))
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def _wait(process: subprocess.Popen[bytes], seconds: int, name: str, cancel: Cancel | None) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        stop_if(cancel)
        if time.monotonic() > deadline:
            msg = f"{name} was not read within {seconds} seconds and was given up; save it as CSV, or split it"
            raise FileError(msg)
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _environment() -> dict[str, str]:
    kept = {
        key: value for key, value in os.environ.items() if key in {"PATH", "PYTHONPATH", "LANG", "TMPDIR", "SYSTEMROOT"}
    }
    # One thread, and no allocator that reserves a gigabyte beforehand: the limit on memory counts what is reserved.
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS"), "1")
    single["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    quiet = {"PROJ_NETWORK": "OFF", "OGR_SKIP": _SKIPPED_DRIVERS.replace(" ", ","), "GDAL_SKIP": "HTTP,WMS,WMTS,VRT",
             "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}", "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "1"}  # fmt: skip
    return kept | single | quiet | {"INCIDENTS_NETWORK_LOG": os.environ.get("INCIDENTS_NETWORK_LOG", "")}


def _why(code: int, errors: Path, request: Mapping[str, Any]) -> str:
    name, seconds = request["name"], request["seconds"]
    said = errors.read_bytes()[-_ERROR_BYTES:].decode("utf-8", errors="replace")
    if code in (-24, -9) and "MemoryError" not in said:
        return f"{name} took more than {seconds} seconds of work and was given up; save it as CSV, or split it"
    if code < 0 or "MemoryError" in said or "bad_alloc" in said or "malloc" in said:
        return too_much_memory(name, request["memory"])
    last = said.strip().splitlines()[-1][:200] if said.strip() else f"code {code}"
    return f"{name} cannot be read: {last}; save it as CSV and read that file"


def _table(folder: Path, found: Mapping[str, Any], name: str) -> RawTable:
    with pa.OSFile(str(folder / found["file"]), "rb") as file:
        cells = pa.ipc.open_file(file).read_all()
    rows = np.asarray(cells.column(0).to_numpy(), dtype=np.int64)
    if found["unused"] and not any(cells.column(found["unused"]).unique().to_pylist()):
        cells = cells.drop_columns([found["unused"]])
    return RawTable(
        name=f"{name} » {found['title']}" if found["title"] else name,
        container=found["container"],
        cells=cells.remove_column(0),
        rows=rows,
        unit=found["unit"],
        broken=tuple(BrokenRow(*row) for row in found["broken"]),
        broken_text={int(number): text for number, text in found["broken_text"].items()},
        notes=tuple(found["notes"]),
        detail=found["detail"],
    )
