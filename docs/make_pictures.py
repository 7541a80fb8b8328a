"""Make the pictures of the README and the docs from the running tool: `python docs/make_pictures.py`."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

from PIL import Image
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser_setup import chromium  # the tests' own way to a browser

PICTURES = Path(__file__).parent / "pictures"
READY = '.leaflet-container[data-ready="true"][data-basemap="true"]'

#: Each way to draw a place: the view that shows it, and the corner of the map that is cut out, in pixels from its
#: upper left; None cuts out the middle.
SIGNS = {
    "site": ("precision=site&map=42.44,33.79,9.2", None),
    "town": ("precision=town&map=44.93,31.99,9.2", None),
    "near": ("precision=near&map=46.0,31.15,8.6", None),
    "district": ("precision=district&map=44.05,33.5,8.0", None),
    "governorate": ("precision=governorate&map=45.1,32.0,7.4", None),
    "country": ("precision=country&precision=region", (0, 0)),
    "threat": ("type=threat&type=drone_attack&map=44.15,36.35,8.6", None),
    "reach": ("type=capability&map=41.0,31.0,5.0", (0, 0)),
}
SIGN_SIZE = (560, 340)
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
    for part in (".st-key-timeline button", ".st-key-filter_governorate", ".st-key-table canvas"):  # these come last
        page.locator(part).first.wait_for(timeout=30_000)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")


def sign(page: Page, url: str, name: str) -> None:
    """Cut one sign out of the map, without what lies over it, in few colours."""
    query, corner = SIGNS[name]
    page.goto(f"{url}/?{query}")
    frame = page.frame_locator('iframe[title="streamlit_folium.st_folium"]')
    box = frame.locator(READY)
    box.wait_for(timeout=30_000)
    page.wait_for_load_state("networkidle")
    frame.locator("body").evaluate(
        "body => body.querySelectorAll('.leaflet-right, .leaflet-bottom').forEach((part) => { part.hidden = true; })"
    )
    at, (width, height) = box.bounding_box(), SIGN_SIZE
    assert at
    left, top = corner or ((at["width"] - width) / 2, (at["height"] - height) / 2)
    picture = page.screenshot(clip={"x": at["x"] + left, "y": at["y"] + top, "width": width, "height": height})
    few = Image.open(BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(PICTURES / f"precision-{name}.png", optimize=True)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1500, "height": 940}, locale="en-GB", timezone_id="UTC")
        picture(page, url, "", "dashboard")
        picture(page, url, "from=2021-06-01&to=2021-08-31&map=44.2,33.0,8", "precision")
        picture(page, url, "type=drone_attack&type=rocket_attack&colour=claimed&from=2021-06-01", "claimants")
        sharp = browser.new_page(
            viewport={"width": 1500, "height": 1000}, device_scale_factor=2, locale="en-GB", timezone_id="UTC"
        )
        for name in SIGNS:
            sign(sharp, url, name)
        browser.close()


if __name__ == "__main__":
    main()
