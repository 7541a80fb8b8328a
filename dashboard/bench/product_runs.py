"""Measure how long each finished product takes, beside what others draw of the same points."""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import shapely

from dashboard.bench.chromium import start_browser
from dashboard.bench.html_runs import SIZES, html_report
from dashboard.bench.seeded import cache_folder, make_incidents
from dashboard.products.export import FORMATS
from dashboard.products.film import film_windows
from dashboard.products.job import Job, job_for
from dashboard.products.layout import lay_out_map
from dashboard.products.options import PageOptions
from dashboard.products.page import dated, png_bytes
from dashboard.snapshot.ink import drawing_settings
from dashboard.view import View
from geodata.boundaries import basemap_layer
from geodata.data_files import data_path
from geodata.dataset import Dataset, load_dataset
from geodata.errors import AtlasError
from geodata.selection import Window

#: Records of the large file.
MANY: Final = 1_000_000

#: A4 landscape in points, and the resolution of a print.
A4_PT, DPI = (841.9, 595.3), 300

#: Frames of the film that is measured.
FRAMES: Final = 60

#: Products of few records; the larger tables and files hold each record and grow with them.
SMALL: Final = tuple(FORMATS)

#: Products of a million records in view.
LARGE: Final = (".pdf", ".png", ".svg")

Row = dict[str, str | float]


def products_report(
    *, data: Path | None = None, times: int = 3, quick: bool = False, say: Callable[[str], None] = lambda _: None
) -> list[Row]:
    """Give rows for the shipped records, for a million seeded ones, and for the tools beside us.

    Parameters
    ----------
    data
        A file to measure instead of the shipped records.
    times
        Repetitions of each step after the first.
    quick
        One repetition, a tenth of the seeded records, a film of a tenth of the frames, and nothing of other tools.
    say
        Told of each step that begins and of each figure.
    """
    many, frames, times = (MANY // 10, FRAMES // 10, 1) if quick else (MANY, FRAMES, times)
    rows = []
    for row in _rows(data, many, frames, times, others=not quick, say=say):
        rows.append(row)
        say(f"  {' '.join(f'{name}={value}' for name, value in row.items() if name != 'product')}")
    return rows


def _rows(
    data: Path | None, many: int, frames: int, times: int, *, others: bool, say: Callable[[str], None]
) -> Iterator[Row]:
    """Measure step by step."""

    def timed(what: str, make: Callable[[], bytes], times: int = times) -> Row:
        say(what)
        return _timed(what, make, times)

    few = load_dataset(data or data_path())
    for ending in SMALL:
        yield timed(f"{ending[1:]}, {len(few.store):,} records", _writer(few, ending))
    say(f"records: {many:,} seeded ones are made and loaded")
    large = load_dataset(make_incidents(many, folder=cache_folder()))
    for ending in LARGE:
        yield timed(f"page as {ending[1:]}, {many:,} records", _writer(large, ending))
    for kind in ("pdf", "png"):
        yield timed(f"map alone as {kind}, {many:,} records", _map_alone(large, kind))
    yield timed(f"film of {frames} frames, {many:,} records", _film(large, frames), 0)
    if others:
        for kind in ("pdf", "png"):
            yield timed(f"geopandas .plot as {kind}, {many:,} points", _plotted(large, kind), 0)
        say(f"Chromium screenshot, {len(few.store):,} records")
        yield _beside_browser(few, times)
    for size in (SIZES[0], many):
        say(f"html opened, {size:,} records")
        yield from html_report(records=(size,), folder=cache_folder())


def _timed(what: str, make: Callable[[], bytes], times: int) -> Row:
    """Time a thing once, and, when it is repeated, the median of the repetitions: seconds, and those of its thread."""
    seconds, busy, size = [], [], 0
    for _ in range(times + 1):
        began, worked = time.perf_counter(), time.thread_time()
        size = len(make())
        seconds.append(time.perf_counter() - began)
        busy.append(time.thread_time() - worked)
    again = slice(1, None) if times else slice(None)
    return {
        "product": what,
        "first_s": round(seconds[0], 3),
        "again_s": round(statistics.median(seconds[again]), 3),
        "cpu_s": round(statistics.median(busy[again]), 3),
        "bytes": float(size),
    }


def _job(dataset: Dataset, view: View, kind: str, **choices: str) -> Job:
    return job_for(dataset, view, dated(PageOptions(**choices)), kind)  # type: ignore[arg-type]  # only texts are given


def _writer(dataset: Dataset, ending: str) -> Callable[[], bytes]:
    return lambda: FORMATS[ending].write(_job(dataset, View(), ending[1:]))


def _film(dataset: Dataset, frames: int) -> Callable[[], bytes]:
    """Write a film by day whose window gives as many frames as are wanted."""
    days = film_windows(_job(dataset, View(), "gif", step="month"))
    first = days[len(days) // 2].first
    window = Window(first, first.fromordinal(first.toordinal() + frames - 1))
    view = View(selection=replace(View().selection, window=window))
    return lambda: FORMATS[".gif"].write(_job(dataset, view, "gif", step="day"))


def _map_alone(dataset: Dataset, kind: str) -> Callable[[], bytes]:
    """Draw what the other tools draw: the map without the page around it."""

    def draw() -> bytes:
        view, out = View(), io.BytesIO()
        with drawing_settings():
            answer = dataset.store.ask(view.selection, by=view.colour_by)
            figure, _, _ = lay_out_map(dataset.store, answer, view, A4_PT)
            if kind == "png":
                return png_bytes(figure, DPI, {})
            _save(figure, kind, out)
        return out.getvalue()

    return draw


def _plotted(dataset: Dataset, kind: str) -> Callable[[], bytes]:
    """Draw each record as a point of a GeoDataFrame over the same countries; the table is made beforehand."""
    spots, rows = dataset.store.spots, dataset.store.spot[dataset.store.spot >= 0]
    points = gpd.GeoDataFrame(geometry=shapely.points(spots.longitude[rows], spots.latitude[rows]), crs=4326)
    ground = basemap_layer("countries")

    def draw() -> bytes:
        out = io.BytesIO()
        size = (A4_PT[0] / 72, A4_PT[1] / 72)
        axes = ground.plot(color="#e9e5da", edgecolor="#7d7568", figsize=size)
        points.plot(ax=axes, markersize=4)
        _save(axes.figure, kind, out)
        return out.getvalue()

    return draw


def _save(figure: Any, kind: str, out: io.BytesIO) -> None:
    coding: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if kind == "png" else {}
    figure.savefig(out, format=kind, dpi=DPI, **coding)


def _beside_browser(dataset: Dataset, times: int) -> Row:
    try:
        return _screenshot(dataset, times)
    except AtlasError as error:
        return {"product": "Chromium screenshot", "why": str(error)[:120]}


def _screenshot(dataset: Dataset, times: int) -> Row:
    """Take a picture of the map in one file in a browser, at the pixels of an A4 print."""
    with tempfile.TemporaryDirectory() as folder, start_browser() as browser:
        page_file = Path(folder) / "map.html"
        page_file.write_bytes(_writer(dataset, ".html")())
        scale = DPI / 96
        width, height = (round(points * 96 / 72) for points in A4_PT)
        context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
        page = context.new_page()
        page.goto(page_file.as_uri())
        page.wait_for_function("document.querySelector('canvas') !== null")
        row = _timed(f"Chromium screenshot, {len(dataset.store):,} records", page.screenshot, times)
        context.close()
    return row
