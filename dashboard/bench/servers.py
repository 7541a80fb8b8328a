"""Start a program that serves a page, wait until it answers, and read how much memory it holds."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dashboard.settings import STREAMLIT_OPTIONS
from geodata.errors import ServiceError

PEERS: Final = Path(__file__).parent / "peers"

#: Options of a plain Streamlit page that make it comparable: no file watcher, and the garbage collection that
#: Streamlit runs after every script run switched off for all pages alike.
_PLAIN_OPTIONS: Final = (
    "browser.gatherUsageStats",
    "server.headless",
    "server.address",
    "server.fileWatcherType",
    "client.toolbarMode",
    "runner.postScriptGC",
)


@dataclass(frozen=True, slots=True)
class Server:
    """A running program that serves pages.

    Attributes
    ----------
    started
        Clock of `time.monotonic` when the program was started.
    answered
        The same clock when it first answered.
    """

    url: str
    process: subprocess.Popen[bytes]
    started: float
    answered: float

    def rss_mb(self) -> float:
        """Memory the program holds now, in megabytes of 1,000,000 bytes."""
        return _rss_mb(self.process.pid)


def _rss_mb(pid: int) -> float:
    """Read the resident memory in Linux' account of a process; nan on systems that keep none."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmRSS:")), float("nan"))


@contextmanager
def serve_atlas(data: Path, *, limit_s: float) -> Iterator[Server]:
    """Start `incidents serve` on a file of incidents."""
    command = [sys.executable, "-c", "from dashboard.cli import main; main()", "serve", "--data", str(data)]
    with _running([*command, "--port", "{port}"], limit_s=limit_s) as server:
        yield server


@contextmanager
def serve_page(script: str, *, data: Path | None = None, limit_s: float = 60) -> Iterator[Server]:
    """Start one of the plain Streamlit pages beside this file."""
    options = [f"--{name}={_option(name)}" for name in _PLAIN_OPTIONS]
    command = [sys.executable, "-m", "streamlit", "run", str(PEERS / script), "--server.port={port}", *options]
    environment = {"INCIDENTS_BENCH_POINTS": str(data)} if data else {}
    with _running(command, environment=environment, limit_s=limit_s) as server:
        yield server


def _option(name: str) -> str:
    value = STREAMLIT_OPTIONS[name]
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _running(command: list[str], *, limit_s: float, environment: dict[str, str] | None = None) -> Iterator[Server]:
    port = _free_port()
    # A folder of its own, so that no settings of the folder we were started in are read.
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        started = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  our own interpreter and our own scripts
            [part.replace("{port}", str(port)) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            answered = _wait(process, port, limit_s)
            if answered is None:
                output.seek(0)
                said = output.read().decode(errors="replace").strip()[-800:]
                msg = f"The page did not answer within {limit_s:.0f} s (exit code {process.poll()}). It said: {said!r}"
                raise ServiceError(msg)
            yield Server(f"http://127.0.0.1:{port}", process, started, answered)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, limit_s: float) -> float | None:
    """Poll Streamlit's health page; the clock when it answered, None when the program ended or stayed silent."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return time.monotonic()
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    return None
