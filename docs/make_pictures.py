"""Make the pictures of the README and the docs from the running tool: `python docs/make_pictures.py`."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser_setup import chromium  # the tests' own way to a browser

PICTURES = Path(__file__).parent / "pictures"
READY = '.leaflet-container[data-ready="true"][data-basemap="true"]'
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served():
    port = free_port()
    program = Path(sys.executable).with_name("incidents")
    process = subprocess.Popen([program, "serve", "--port", str(port)], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    deadline = monotonic() + 60
    while monotonic() < deadline:
        with suppress(OSError):
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
            break
        sleep(0.2)
    try:
        yield url
    finally:
        process.terminate()
        process.wait()


def picture(page: Page, url: str, query: str, name: str) -> None:
    page.goto(f"{url}/?{query}")
    frame = page.frame_locator('iframe[title="streamlit_folium.st_folium"]')
    frame.locator(READY).wait_for(timeout=30_000)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1500, "height": 940}, locale="en-GB", timezone_id="UTC")
        picture(page, url, "", "dashboard")
        picture(page, url, "from=2021-06-01&to=2021-08-31&map=44.2,33.0,8", "precision")
        picture(page, url, "type=drone_attack&type=rocket_attack&colour=claimed&from=2021-06-01", "claimants")
        browser.close()


if __name__ == "__main__":
    main()
