"""Measure the one-file HTML: its size, how soon it is painted, and its frames while the slider is dragged."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dashboard.bench.chromium import VIEWPORT, start_browser
from dashboard.bench.seeded import make_incidents
from dashboard.products.export import ordered
from dashboard.products.options import PageOptions
from dashboard.products.single_file import html_bytes
from dashboard.view import View
from geodata.dataset import load_dataset

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Records of the files that are measured.
SIZES: Final = (10_000, 1_000_000)

#: A page without WebGL: its one canvas is drawn by the processor, as on a machine without a graphics card.
FLAGS: Final = ("--no-sandbox", "--disable-gpu")

#: Steps of one drag of the slider's handle, over most of its length and back.
STEPS: Final = 120

#: Time from one frame to the next while the handle is dragged.
_FRAMES: Final = """() => {
  window.__frames = [];
  let before = performance.now();
  const next = (now) => {
    window.__frames.push(now - before);
    before = now;
    window.__timer = requestAnimationFrame(next);
  };
  window.__timer = requestAnimationFrame(next);
}"""


def html_report(*, records: tuple[int, ...] = SIZES, folder: Path | None = None) -> list[dict[str, Any]]:
    """Give one row per number of records: bytes, time to the first picture, and frames while sliding.

    Parameters
    ----------
    folder
        Where made records are kept; the folder for temporary files when left out.
    """
    with tempfile.TemporaryDirectory() as made, start_browser(FLAGS) as browser:
        return [_row(browser, n, Path(made) / f"{n}.html", folder) for n in records]


def _row(browser: Browser, n: int, out: Path, folder: Path | None) -> dict[str, Any]:
    dataset = load_dataset(make_incidents(n, folder=folder))
    # Made-up records need not pass the linter.
    out.write_bytes(html_bytes(ordered(dataset, View(), ".html", PageOptions(produced="2026-01-02"), strict=False)))
    return {"product": f"html opened, {n:,} records", "bytes": float(out.stat().st_size), **opened(browser, out)}


def opened(browser: Browser, file: Path) -> dict[str, Any]:
    """Open a file from disk with the network cut, drag its slider, and give what was measured in milliseconds."""
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB", timezone_id="UTC", offline=True)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_selector("#map[data-ready=true]", timeout=60_000)
        painted = float(page.evaluate("() => Number(document.getElementById('map').dataset.painted)"))
        page.wait_for_selector("#map[data-texts=true][data-settled=true]", timeout=60_000)
        frames = _drag(page)
    finally:
        context.close()
    ordered = sorted(frames)
    return {
        "painted_ms": round(painted),
        "frames": len(frames),
        "frame_ms_median": round(statistics.median(frames), 1),
        "frame_ms_p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
        "frames_per_s": round(1_000 / statistics.mean(frames), 1),
    }


def _drag(page: Page) -> list[float]:
    """Drag the last day's handle to the left and back, and list the times between frames."""
    box = page.locator("#slide-to").bounding_box()
    assert box is not None  # noqa: S101  the slider is on the page
    right, middle = box["x"] + box["width"] - 8, box["y"] + box["height"] / 2
    page.mouse.move(right, middle)
    page.mouse.down()
    page.evaluate(_FRAMES)
    for step in range(2 * STEPS + 1):
        share = 1 - abs(step - STEPS) / STEPS  # 0 at both ends, 1 in the middle
        page.mouse.move(right - 0.8 * share * box["width"], middle)
    frames = page.evaluate("() => { cancelAnimationFrame(window.__timer); return window.__frames; }")
    page.mouse.up()
    return [float(frame) for frame in frames[1:]]
