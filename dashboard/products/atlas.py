"""The atlas: an overview, then one page per governorate, month or week, with one order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from matplotlib.figure import Figure

from dashboard.drawing import draw
from dashboard.products.content import shown_extent, words_for
from dashboard.products.job import Job
from dashboard.products.layout import lay_out
from dashboard.products.page import stamp_text
from dashboard.snapshot.frame import SCREEN_PX, WEB_METRES_PER_PX, place_of
from dashboard.view import View
from geodata.boundaries import load_boundaries
from geodata.errors import QueryError
from geodata.selection import Selection, Window

BY = ("governorate", "month", "week")

#: Pages of one atlas; more is a wrong choice of step, not a product.
MOST_PAGES = 120


def atlas_pages(job: Job, by: str = "governorate") -> Iterator[Figure]:
    """Draw the overview and the pages of an atlas; a part without records has no page.

    Raises
    ------
    QueryError
        When `by` is not one of `BY`, or gives too many pages.
    """
    views = list(atlas_views(job, by))
    if len(views) > MOST_PAGES:
        msg = f"An atlas by {by} would have {len(views)} pages, at most {MOST_PAGES} are drawn; narrow the window."
        raise QueryError(msg)
    stamp = stamp_text(job.options, job.recipe)
    overview = lay_out(job.store, job.answer, job.view, job.words, job.options, stamp)
    yield overview.figure
    if by != "governorate" and not job.view.place:  # times are compared on the same ground
        views = [replace(view, place=place_of(overview.snapshot.frame)) for view in views]
    plain = replace(job.options, title="", takeaway="")
    for number, view in enumerate(views, start=1):
        answer = job.store.ask(view.selection, by=view.colour_by)
        words = replace(
            words_for(job.dataset, answer, draw(job.store, answer, view), view),
            overrides=job.words.overrides,
            redaction=f"Of the whole atlas: {job.words.redaction}" if job.words.redaction else "",
        )
        yield lay_out(job.store, answer, view, words, plain, f"{stamp}  ·  sheet {number} of {len(views)}").figure


def atlas_views(job: Job, by: str) -> Iterator[View]:
    """Narrow the view to each part that has records."""
    if by == "governorate":
        yield from _by_governorate(job)
    elif by in ("month", "week"):
        for window in _windows(job, by):
            selection = replace(job.view.selection, window=window)
            if job.store.ask(selection).counts.shown:
                yield replace(job.view, selection=selection)
    else:
        msg = f"An atlas is not made by {by!r}; expected one of {', '.join(BY)}."
        raise QueryError(msg)


def _by_governorate(job: Job) -> Iterator[View]:
    coded = job.store.coded["governorate"]
    counts = coded.per_value(np.bincount(coded.codes[job.answer.rows], minlength=len(coded.combinations)))
    ranked = sorted((area for area, n in counts.items() if area and n), key=lambda area: (-counts[area], area))
    for area in ranked:
        selection = job.view.selection.with_filter("governorate", [area])
        yield replace(job.view, selection=selection, place=_place_of(area))


def _place_of(area_id: str) -> tuple[float, float, float]:
    """Centre and zoom at which the whole area is in the frame."""
    west, south, east, north = load_boundaries().area(area_id).geometry.bounds
    latitude = (south + north) / 2
    metres = (
        math.radians(east - west) * 6_371_000 * math.cos(math.radians(latitude)) / SCREEN_PX[0],
        math.radians(north - south) * 6_371_000 / SCREEN_PX[1],
    )
    zoom = math.log2(WEB_METRES_PER_PX * math.cos(math.radians(latitude)) / (1.12 * max(metres)))
    return round((west + east) / 2, 4), round(latitude, 4), round(min(zoom, 12.0), 2)


def _windows(job: Job, by: str) -> Iterator[Window]:
    extent = shown_extent(job.store, job.answer.rows)
    window = _finite(job.view.selection, extent)
    if window is None:
        return
    first = window.first.replace(day=1) if by == "month" else window.first - timedelta(window.first.weekday())
    while first <= window.last:
        following = _next_month(first) if by == "month" else first + timedelta(7)
        yield Window(max(first, window.first), min(following - timedelta(1), window.last))
        first = following


def _finite(selection: Selection, extent: Window | None) -> Window | None:
    if extent is None or selection.window is None:
        return extent
    return Window(max(selection.window.first, extent.first), max(min(selection.window.last, extent.last), extent.first))


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(4)).replace(day=1)
