"""Imports under way: files taken in, read in another process, watched, stopped, and kept until a person decides."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import uuid4

from geodata.fetched import allowed_hosts, check_address, file_name
from geodata.formats.table import RawTable
from geodata.import_result import read_heads, read_report
from geodata.import_work import ERROR_FILE, PROGRESS_FILE

#: Parts of a Shapefile, which are one file to a person.
SHAPE_ENDINGS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"
_NAME_CHARACTERS: Final = 120
_CHUNK: Final = 1 << 20
_OLD_SECONDS: Final = 24 * 3600
_STOP_SECONDS: Final = 5


class Incoming(Protocol):
    """A file that comes in: a name nobody vouches for, and bytes."""

    name: str

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes."""
        ...


@dataclass(slots=True)
class ImportJob:
    """One import: the files it reads, and where what it leaves will stand.

    Attributes
    ----------
    folder
        Holds `files`, and `result` once the work has begun.
    name
        What a person calls it.
    address
        Where the file is fetched from, if it is.
    asked
        What the person chose so far: profile, dates, mapping.
    attempts
        How often it was begun.
    """

    folder: Path
    name: str
    paths: tuple[Path, ...]
    address: str = ""
    key: str = field(default_factory=lambda: uuid4().hex[:12])
    asked: dict[str, Any] = field(default_factory=dict)
    attempts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _stopped: bool = False

    @property
    def result(self) -> Path:
        """The folder of what the import leaves."""
        return self.folder / "result"

    @property
    def unpacked(self) -> Path:
        """Where the work keeps what it unpacks: ended half-way, it cannot remove that itself."""
        return self.folder / "unpacked"

    def start(self, **asked: Any) -> None:
        """Begin, or begin anew with other choices; what an earlier attempt left is gone."""
        self.stop()
        shutil.rmtree(self.result, ignore_errors=True)
        self.result.mkdir(parents=True)
        self.unpacked.mkdir(exist_ok=True)
        self.asked, self._stopped = asked, False
        self.attempts += 1
        request = {"paths": [str(path) for path in self.paths], "out": str(self.result), "choices": asked}
        request |= {"address": self.address, "hosts": allowed_hosts()}
        # What it writes for people who look for a fault stays in the folder: nothing of a file reaches the terminal.
        with (self.folder / "errors.txt").open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "geodata.import_work"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": _with_project(), "TMPDIR": str(self.unpacked)},
            )
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(request).encode())
            self._process.stdin.close()

    @property
    def state(self) -> str:
        """Say how far it is: running, done, failed or stopped."""
        if self._stopped:
            return STOPPED
        if self._process is not None and self._process.poll() is None:
            return RUNNING
        return DONE if read_report(self.result) else FAILED

    def progress(self) -> tuple[str, float]:
        """Say what is being done, and the share that is done (0-1)."""
        try:
            told = json.loads((self.result / PROGRESS_FILE).read_text(encoding="utf-8"))
            return str(told["doing"]), min(max(float(told["share"]), 0.0), 1.0)
        except (OSError, ValueError, KeyError):
            return "starting", 0.0

    def report(self) -> Mapping[str, Any]:
        """Say what became of the files; nothing before it is done."""
        return read_report(self.result)

    def error(self) -> str:
        """Say in one sentence why it failed."""
        try:
            return str(json.loads((self.result / ERROR_FILE).read_text(encoding="utf-8"))["error"])
        except (OSError, ValueError, KeyError):
            return "The import ended before it was complete: the files may need more memory than this machine has."

    def heads(self) -> list[RawTable]:
        """Give the first rows of each table, as the file has them."""
        return read_heads(self.result)

    def stop(self) -> None:
        """End the work, if any is under way; the files stay, to be read again or discarded."""
        if self._process is None or self._process.poll() is not None:
            return
        self._stopped = True
        _end(self._process)
        shutil.rmtree(self.unpacked, ignore_errors=True)

    def discard(self) -> None:
        """Stop, and forget the files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _with_project() -> str:
    """Let the other process find this package also when it is not installed."""
    project = str(Path(__file__).parents[1])
    return os.pathsep.join(filter(None, [project, os.environ.get("PYTHONPATH", "")]))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with the children that read containers for it."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)


class ImportJobs:
    """The imports under way in this process, shared by all its readers.

    Parameters
    ----------
    folder
        Where files that come in are kept until a person decides; what was left there for a day is removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._jobs: dict[str, ImportJob] = {}
        self._lock = threading.Lock()

    def take_in(self, files: Iterable[Incoming]) -> list[ImportJob]:
        """Keep files and begin to read each; the parts of a Shapefile are read as one."""
        self._tidy()
        made = []
        for name, members in _together(list(files)):
            folder = self.folder / uuid4().hex
            (folder / "files").mkdir(parents=True)
            paths = [_keep(file, folder / "files") for file in members]
            first = next((path for path in paths if path.suffix.lower() == ".shp"), paths[0])
            job = ImportJob(folder, name, (first,))
            job.start()
            made.append(job)
        with self._lock:
            self._jobs |= {job.key: job for job in made}
        return made

    def take_path(self, path: Path) -> ImportJob:
        """Begin to read a file or a folder where it lies; it stays there."""
        job = ImportJob(self.folder / uuid4().hex, safe_name(path.name), (path,))
        job.start()
        with self._lock:
            self._jobs[job.key] = job
        return job

    def take_address(self, address: str) -> ImportJob:
        """Begin to fetch a file from a host that was switched on, and to read it.

        Raises
        ------
        QueryError
            When the address is not one that may be asked.
        """
        check_address(address, allowed_hosts())
        folder, name = self.folder / uuid4().hex, safe_name(file_name(address))
        (folder / "files").mkdir(parents=True)
        job = ImportJob(folder, name, (folder / "files" / name,), address)
        job.start()
        with self._lock:
            self._jobs[job.key] = job
        return job

    def all(self) -> tuple[ImportJob, ...]:
        """List the imports, in the order in which they came."""
        with self._lock:
            return tuple(self._jobs.values())

    def get(self, key: str) -> ImportJob | None:
        """Give one import, None when it was decided meanwhile."""
        return self._jobs.get(key)

    def drop(self, job: ImportJob) -> None:
        """Forget an import and its files."""
        with self._lock:
            self._jobs.pop(job.key, None)
        job.discard()

    def _tidy(self) -> None:
        mine = {job.folder for job in self.all()}
        for folder in self.folder.glob("*") if self.folder.is_dir() else []:
            with suppress(OSError):
                if folder not in mine and time.time() - folder.stat().st_mtime > _OLD_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


def _together(files: list[Incoming]) -> list[tuple[str, list[Incoming]]]:
    """Group the parts of Shapefiles by their name; every other file stands alone."""
    shapes = {Path(file.name).stem for file in files if file.name.lower().endswith(".shp")}
    grouped: dict[str, list[Incoming]] = {}
    found: list[tuple[str, list[Incoming]]] = []
    for file in files:
        stem = Path(file.name).stem
        if stem in shapes and file.name.lower().endswith(SHAPE_ENDINGS):
            if stem not in grouped:
                grouped[stem] = []
                found.append((safe_name(f"{stem}.shp"), grouped[stem]))
            grouped[stem].append(file)
        else:
            found.append((safe_name(file.name), [file]))
    return found


def safe_name(name: str) -> str:
    """Give a file name that stays in its folder and shows as what it is: no path, no control or direction marks."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip(". ")
    stem, dot, ending = shown.rpartition(".")
    if len(shown) > _NAME_CHARACTERS:
        shown = f"{stem[: _NAME_CHARACTERS - 12]}{dot}{ending[:11]}"
    return shown or "file"


def _keep(file: Incoming, folder: Path) -> Path:
    path = folder / safe_name(file.name)
    with path.open("xb") as target:
        while chunk := file.read(_CHUNK):
            target.write(chunk)
    return path
