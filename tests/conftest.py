"""What the tests share: no network, the program as a user starts it, and a browser that reports what it sees."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import browser_setup
import network
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

PROJECT = Path(__file__).parents[1]
START_SECONDS = 60

# A busy machine, and what is loaded or compiled when first used, say nothing about the behaviour a test is named for.
settings.register_profile("atlas", deadline=None)
settings.load_profile("atlas")
expect.set_options(timeout=40_000)

CHROMIUM_FLAGS = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name leads anywhere but here, whatever the page or the browser itself asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--open-network", action="store_true", help="let the tests reach other machines")


def pytest_configure(config: pytest.Config) -> None:
    # A person's own gazetteers, profiles and imported datasets have no part in a test, nor a test in theirs.
    config.stash[home] = tempfile.TemporaryDirectory(prefix="atlas-home-", ignore_cleanup_errors=True)
    os.environ["INCIDENT_ATLAS_HOME"] = config.stash[home].name
    if not config.getoption("--open-network"):
        network.cut()


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process, as the `incidents` program does."""
    from dashboard.cli import main

    def run_one(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["incidents", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run_one


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[home].cleanup()


def pytest_report_header(config: pytest.Config) -> str:
    return "network: open" if config.getoption("--open-network") else "network: cut"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked_for_bench = "bench" in config.getoption("markexpr")
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
            # One browser and one server at a time: two would share two cores and measure each other.
            item.add_marker(pytest.mark.xdist_group("browser"))
        if item.get_closest_marker("bench") and not asked_for_bench:
            item.add_marker(pytest.mark.skip(reason="a measurement; run by 'make bench'"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[failed] = report.failed
    return report


failed = pytest.StashKey[bool]()
home = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()


# --- the program ----------------------------------------------------------------------------------------------------


@dataclass
class Server:
    """A running program that serves pages."""

    url: str
    process: subprocess.Popen[bytes]
    output: Path
    network_log: Path

    @property
    def said(self) -> str:
        """What it wrote to standard output and standard error."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End it and complain if it tried to reach another machine."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        attempts = self.network_log.read_text(encoding="utf-8")
        assert not attempts, f"the server tried to leave the machine:\n{attempts}"


Start = Callable[..., Server]


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start any command that serves pages: ``start_server([program, ..., "{port}"])`` waits until it answers."""
    running: list[Server] = []

    def start(command: list[str], *, cwd: Path = PROJECT, env: dict[str, str] | None = None) -> Server:
        port = free_port()
        folder = tmp_path_factory.mktemp("server")
        log = folder / "network.log"
        log.touch()
        cut = {"PYTHONPATH": str(PROJECT / "tests" / "cut"), "INCIDENTS_NETWORK_LOG": str(log)}
        output = folder / "output.txt"
        with output.open("wb") as out:
            process = subprocess.Popen(
                [part.replace("{port}", str(port)) for part in command],
                cwd=cwd,
                env={**os.environ, **cut, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        server = Server(f"http://127.0.0.1:{port}", process, output, log)
        running.append(server)
        wait_until_it_answers(server, port)
        return server

    yield start
    problems = []
    for server in running:
        try:
            server.stop()
        except AssertionError as problem:
            problems.append(str(problem))
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="session")
def serve(start_server: Start) -> Start:
    """Start ``incidents serve`` with more options: ``serve("--data", path)``; it ends with the test run."""
    program = Path(sys.executable).with_name("incidents")

    def start(*options: str | Path, cwd: Path = PROJECT) -> Server:
        return start_server([str(program), "serve", "--port", "{port}", *map(str, options)], cwd=cwd)

    return start


@pytest.fixture(scope="session")
def served(serve: Start) -> Server:
    """Serve the project's own records."""
    return serve()


def free_port() -> int:
    """Return a port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(server: Server, port: int) -> None:
    """Poll Streamlit's health page; raise with the program's output if it ends first or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        code = server.process.poll()
        assert code is None, f"the server ended with code {code} before it answered:\n{server.said}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    server.process.kill()
    pytest.fail(f"the server did not answer within {START_SECONDS} s:\n{server.said}")


# --- the browser ----------------------------------------------------------------------------------------------------


@dataclass
class Traffic:
    """Everything the browser asked for and complained about while a test ran."""

    requests: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Declare complaints that this test provokes on purpose."""
        self.expected.append(re.compile(pattern))

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page and frame of a context."""
        context.on("request", lambda request: self.note(request.url))
        context.on("console", lambda message: self.complain(message.type, f"{message.text} at {message.location}"))
        context.on("weberror", lambda error: self.complain("error", f"uncaught: {error.error}"))

    def note(self, url: str) -> None:
        """Note one request."""
        self.requests.append(url)
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in ("127.0.0.1", "localhost"):
            self.foreign.append(url)

    def complain(self, kind: str, text: str) -> None:
        """Note one console message, if it is an error."""
        if kind == "error":
            self.errors.append(text)

    @property
    def problems(self) -> list[str]:
        """What no test should cause: requests to other hosts, and errors nobody declared."""
        undeclared = [e for e in self.errors if not any(pattern.search(e) for pattern in self.expected)]
        return [f"asked another host: {url}" for url in self.foreign] + undeclared


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one headless Chromium for the whole run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_setup.chromium(), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def traffic() -> Traffic:
    """Let a test look at what the browser asked for."""
    return Traffic()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, traffic: Traffic, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Open pages that share nothing with each other, like two people's browsers; all are watched."""
    contexts: list[BrowserContext] = []

    def open_one(**options: object) -> Page:
        defaults = {
            "locale": "en-GB",
            "timezone_id": "UTC",
            "viewport": {"width": 1400, "height": 900},
            "reduced_motion": "reduce",
        }
        context = browser.new_context(**{**defaults, **options})
        context.set_default_timeout(40_000)
        traffic.watch(context)
        contexts.append(context)
        return context.new_page()

    yield open_one
    if request.node.stash.get(failed, False):
        keep_pictures(contexts, request.node.name)
    for context in contexts:
        context.close()
    assert not traffic.problems, "the browser complained:\n" + "\n".join(traffic.problems)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Open one watched page; the test fails on a foreign request, a console error or an uncaught exception."""
    return open_page()


def keep_pictures(contexts: list[BrowserContext], name: str) -> None:
    """Keep what was on the screen when a test failed."""
    folder = PROJECT / "output" / "failed"
    folder.mkdir(parents=True, exist_ok=True)
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages):
        page.screenshot(path=folder / f"{re.sub(r'[^a-zA-Z0-9_-]+', '-', name)}-{number}.png")
