"""Find a Chromium for the tests, or install one; print where it is.

In this order: the one named by ``INCIDENTS_CHROMIUM``, one on PATH, Playwright's own, a download of Playwright's own,
Debian's package when we are root. Whatever is found must start, because an installed browser can lack its libraries.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@cache
def chromium() -> str:
    """Return the path of a Chromium that starts, installing one if there is none."""
    named = os.environ.get("INCIDENTS_CHROMIUM", "")
    if named:
        if starts(named):
            return named
        raise SystemExit(f"INCIDENTS_CHROMIUM is {named!r}, and no browser starts there. Unset it or correct it.")
    for look in (on_path, playwrights, playwrights_download, debians):
        if found := look():
            return found
    raise SystemExit(
        "The browser tests need a Chromium and none could be found or installed. Install one (on Debian: "
        "'apt-get install chromium'), or set INCIDENTS_CHROMIUM to the path of one."
    )


def on_path() -> str:
    """Return the first browser on PATH that starts, or ''."""
    return next((path for name in NAMES if (path := shutil.which(name)) and starts(path)), "")


def playwrights() -> str:
    """Return the browser that Playwright downloaded earlier, or ''."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if starts(path) else ""


def playwrights_download() -> str:
    """Let Playwright download its browser; return its path, or '' when its server cannot be reached."""
    say("downloading Playwright's Chromium")
    if not run([sys.executable, "-m", "playwright", "install", "chromium"], timeout=600):
        return ""
    return playwrights()


def debians() -> str:
    """Install Debian's package when this is Debian and we are root; return its path, or ''."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return ""
    say("installing Debian's Chromium")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run(["apt-get", "update"], timeout=600)
    run(["apt-get", "install", "--yes", "--no-install-recommends", "chromium"], timeout=1200)
    return on_path()


def starts(path: str) -> bool:
    """Return whether the program at a path starts and prints its version."""
    return bool(path) and Path(path).exists() and run([path, "--version"], timeout=60)


def run(command: list[str], *, timeout: float) -> bool:
    """Run a command, keeping standard output free for our answer; return whether it succeeded."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{command[0]}: {error}")
        return False
    if done.returncode:
        say(f"{' '.join(command)} ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-500:]}")
    return done.returncode == 0


def say(text: str) -> None:
    """Report progress where it cannot be mistaken for the answer."""
    print(f"browser setup: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(chromium())
