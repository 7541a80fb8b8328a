"""Read one untrusted container with limits on memory, time and network; the program of the child process.

It reads a request from standard input, writes each table as an Arrow file beside `answer.json`, and imports only what
the container needs.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geodata.errors import FileError
from geodata.formats.limits import refuse_large_table, too_much_memory

if TYPE_CHECKING:
    from geodata.csvtext import BrokenRow

_NEW_NETWORK_AND_USER: Final = 0x4000_0000 | 0x1000_0000  # CLONE_NEWNET | CLONE_NEWUSER of Linux
_BATCH_ROWS: Final = 20_000


@dataclass(slots=True)
class Found:
    """Hold one table that a container gave; `rows` yields the number of each row and its cells as text.

    `unused` names a column that is dropped when nothing stands in it; `broken` are rows that could not be cut into
    cells, `broken_text` holds them whole, by their number.
    """

    container: str
    columns: list[str]
    rows: Iterator[tuple[int, list[str]]]
    unit: str = "row"
    title: str = ""
    notes: list[str] = field(default_factory=list)
    detail: dict[str, str] = field(default_factory=dict)
    unused: str = ""
    broken: list[BrokenRow] = field(default_factory=list)
    broken_text: dict[int, str] = field(default_factory=dict)


Reader = Callable[[Path, str, Mapping[str, Any]], Iterator[Found]]


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.read())
    _limit(int(request["seconds"]), int(request["memory"]))
    out = Path(request["out"])
    try:
        answer: dict[str, Any] = {"tables": _read(request, out)}
    except FileError as error:
        answer = {"error": str(error)}
    except (MemoryError, ImportError):
        # A module that finds no room for itself says that it cannot be imported.
        answer = {"error": too_much_memory(request["name"], int(request["memory"]))}
    except RecursionError:
        answer = {"error": f"{request['name']} is nested deeper than any table; it was not read"}
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        answer = {"error": f"{request['name']} cannot be read: {said}; open it where it was made and save it again"}
    (out / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _limit(seconds: int, memory: int) -> None:
    """Hold this process to its limits; where the system has none, the parent's clock remains."""
    # Its own network with no way out of it; best effort, because some systems do not allow it.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK_AND_USER)
    try:
        import resource
    except ImportError:
        return
    # Not RLIMIT_AS: that counts what libraries reserve and never use, and the code of libraries itself.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _reader(kind: str) -> Reader:
    """Import a reader by the name of its container."""
    if kind in {"xlsx", "ods"}:
        from geodata.formats import workbook

        return workbook.read_xlsx if kind == "xlsx" else workbook.read_ods
    if kind == "json":
        from geodata.formats.jsonfile import read_json

        return read_json
    if kind == "kml":
        from geodata.formats.kml import read_kml

        return read_kml
    from geodata.formats import vector

    return vector.read_parquet if kind == "parquet" else vector.read_vector


def _read(request: Mapping[str, Any], out: Path) -> list[dict[str, Any]]:
    tables = []
    reader, path, name = _reader(request["kind"]), Path(request["path"]), request["name"]
    packed, written = path.stat().st_size, 0

    def count(size: int) -> None:
        nonlocal written
        written += size
        refuse_large_table(written, packed, name)

    for number, found in enumerate(reader(path, name, request["options"])):
        file = f"{number}.arrow"
        _write(found, out / file, name, count)
        tables.append(
            {"file": file, "container": found.container, "unit": found.unit, "title": found.title,
             "notes": found.notes, "detail": found.detail, "unused": found.unused,
             "broken": [astuple(row) for row in found.broken], "broken_text": found.broken_text}
        )  # fmt: skip
    return tables


def _write(found: Found, path: Path, name: str, count: Callable[[int], None]) -> None:
    import pyarrow as pa

    from geodata.formats.table import unique_names

    names, notes = unique_names(found.columns, name)
    found.notes += notes
    row_column = next(text for text in ("row", "row ", "row  ") if text not in names)
    schema = pa.schema([(row_column, pa.int64()), *((column, pa.large_string()) for column in names)])
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in _batches(found.rows):
            numbers = pa.array([number for number, _ in batch], pa.int64())
            cells = [_texts([row[place] for _, row in batch]) for place in range(len(names))]
            table = pa.record_batch([numbers, *cells], schema=schema)
            count(table.nbytes)
            writer.write_batch(table)


def _texts(cells: list[str]) -> Any:
    import pyarrow as pa

    try:
        return pa.array(cells, pa.large_string())
    except (UnicodeEncodeError, pa.ArrowInvalid):  # Half of a surrogate pair, from an escape in a JSON file.
        return pa.array([text.encode("utf-8", errors="replace").decode() for text in cells], pa.large_string())


def _batches(rows: Iterator[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    batch: list[tuple[int, list[str]]] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= _BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


if __name__ == "__main__":
    main()
