"""Drive a real Chromium: find it, open pages with the probe, take one measured action at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from geodata.errors import ServiceError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route, WebSocket

PROBE: Final = Path(__file__).with_name("probe.js")
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: No sandbox, because containers have none to give; WebGL in software, for the peers that need it.
FLAGS: Final = ("--no-sandbox", "--enable-unsafe-swiftshader")
VIEWPORT: Final = {"width": 1400, "height": 900}

#: Nothing painted for this long: the change is complete.
QUIET_MS: Final = 250


@dataclass(frozen=True, slots=True)
class Painted:
    """What one action took, in milliseconds from the release of the pointer to the committed frame.

    `first` is the first change of the watched part, `last` the one after which nothing more came.
    """

    first: float
    last: float


@dataclass(slots=True)
class Traffic:
    """Bytes a page has moved since it was last set to zero."""

    websocket: int = 0
    http: int = 0

    def reset(self) -> None:
        """Start to count anew."""
        self.websocket = self.http = 0


@dataclass(slots=True)
class Tab:
    """One open page, with its probe and its traffic."""

    page: Page
    context: BrowserContext
    traffic: Traffic = field(default_factory=Traffic)

    def watch(self, selector: str) -> None:
        """Choose the part of the page whose changes count."""
        self.page.evaluate("selector => { window.__bench.watched = selector; }", selector)

    def measure(
        self, action: Callable[[], None], *, quiet_ms: float = QUIET_MS, limit_ms: float = 20_000
    ) -> Painted | None:
        """Do something and wait until its change is painted; None when nothing was painted in time."""
        self.page.evaluate("() => window.__bench.arm()")
        action()
        found = self.page.evaluate("([quiet, limit]) => window.__bench.settle(quiet, limit)", [quiet_ms, limit_ms])
        return Painted(**found) if found else None

    def number(self, expression: str) -> float:
        """Evaluate a number in the page."""
        return float(self.page.evaluate(expression))


@contextmanager
def start_browser(flags: Sequence[str] = FLAGS) -> Iterator[Browser]:
    """Start a headless Chromium.

    Parameters
    ----------
    flags
        Switches of its command line.

    Raises
    ------
    ServiceError
        When Playwright or a Chromium is missing.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        msg = "Measuring drives a browser through Playwright, which is not installed; run 'make setup' in a checkout."
        raise ServiceError(msg) from error
    with sync_playwright() as playwright:
        path = _executable(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=path, args=list(flags))
        try:
            yield browser
        finally:
            browser.close()


def _executable(playwrights: str) -> str:
    """Look where the tests look: the one that is named, one on PATH, Playwright's own."""
    found = [os.environ.get("INCIDENTS_CHROMIUM"), *map(shutil.which, NAMES), playwrights]
    for path in found:
        if path and Path(path).exists():
            return path
    msg = "No Chromium was found; install one, or set INCIDENTS_CHROMIUM to the path of one."
    raise ServiceError(msg)


@contextmanager
def open_tab(
    browser: Browser, url: str, *, watched: str = ".leaflet-container", answer: Callable[[Route], None] | None = None
) -> Iterator[Tab]:
    """Open a page that shares nothing with others.

    Parameters
    ----------
    watched
        Selector of the part of the page whose changes count.
    answer
        Answers requests to other hosts; without it they go unanswered, since our page makes none.
    """
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB", timezone_id="UTC")  # type: ignore[arg-type]
    context.add_init_script(path=PROBE)
    if answer:
        context.route(lambda asked: urlsplit(asked).hostname not in ("127.0.0.1", None), answer)
    page = context.new_page()
    tab = Tab(page, context)
    page.on("websocket", lambda socket: _count_frames(socket, tab.traffic))
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: _count_http(event, tab.traffic))
    try:
        page.goto(url, wait_until="commit")
        page.wait_for_function("() => window.__bench")
        tab.watch(watched)
        yield tab
    finally:
        context.close()


def _count_frames(socket: WebSocket, traffic: Traffic) -> None:
    def count(payload: str | bytes) -> None:
        traffic.websocket += len(payload)

    socket.on("framereceived", count)
    socket.on("framesent", count)


def _count_http(event: dict[str, Any], traffic: Traffic) -> None:
    traffic.http += int(event.get("encodedDataLength", 0))
