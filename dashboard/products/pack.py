"""The briefing pack: cover map, tempo, comparison of two periods, table with sources, methods and caveats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from matplotlib.figure import Figure

from dashboard.drawing import draw
from dashboard.products.content import shown_extent, span_text
from dashboard.products.job import Job
from dashboard.products.layout import Plan, blank_page, lay_out, points_per_px
from dashboard.products.page import stamp_text
from dashboard.products.table_pages import methods_pages, table_pages
from dashboard.products.tempo import dates_on, draw_tempo
from dashboard.products.typeset import Block, balanced, heading, paragraph, set_column
from dashboard.snapshot import draw_map, drawing_in, frame_for
from dashboard.snapshot.ink import INK, LINE, QUIET, Sheet
from dashboard.snapshot.marks import symbol
from dashboard.symbols import SHAPES, TYPE_COLOURS, Series, tempo_series
from dashboard.view import COLOUR_BY
from dashboard.words import counted
from geodata.answer import Answer, Tempo
from geodata.incident import EVENT_TYPES, POTENTIAL_TYPES
from geodata.selection import Window, long_date

#: Height around a tempo chart in units of the page: numbers of dates above it, months and the key of its colours below.
TEMPO_ROOM = 112


def pack_pages(job: Job) -> Iterator[Figure]:
    """Draw the pages of the briefing pack one after the other."""
    yield lay_out(job.store, job.answer, job.view, job.words, job.options, _stamp(job)).figure
    yield tempo_page(job)
    comparison = comparison_page(job)
    if comparison:
        yield comparison
    yield from table_pages(job, _stamp(job))
    yield from methods_pages(job, _stamp(job))


def _stamp(job: Job) -> str:
    return stamp_text(job.options, job.recipe)


def titled(job: Job, title: str) -> Job:
    """Give a job whose pages carry another title and no takeaway."""
    return replace(job, words=replace(job.words, title=title), options=replace(job.options, takeaway=""))


def tempo_page(job: Job) -> Figure:
    """Draw the tempo chart with its key dates numbered and told below."""
    tempo = job.answer.tempo
    series = tempo_series(job.store, tempo)
    page = titled(job, f"Tempo: incidents by {tempo.unit}, in the colours of {COLOUR_BY[tempo.by]}")
    figure, sheet, plan, (bottom, top) = blank_page(page.words, page.options, _stamp(job))
    u = plan.unit
    columns, gap = 3, 14 * u
    width = (plan.inner - (columns - 1) * gap) / columns
    filled, words_height = balanced(_tempo_words(job, tempo, u), width, columns)
    chart_height = max(0.4 * (top - bottom), top - bottom - words_height - TEMPO_ROOM * u)
    chart_bottom = top - chart_height - 34 * u
    box = (plan.margin + 20 * u, chart_bottom, plan.inner - 22 * u, chart_height)
    with sheet.tagged("Figure", f"Chart of incidents by {tempo.unit}; the key dates it numbers follow as text"):
        draw_tempo(sheet, box, tempo, series, job.answer.selection.window, 6.5 * u)
    y = _series_key(sheet, plan, series, chart_bottom - 26 * u)
    for k, column in enumerate(filled):
        set_column(sheet, column, plan.margin + k * (width + gap), y, width)
    return figure


def _tempo_words(job: Job, tempo: Tempo, u: float) -> list[Block]:
    """Tell the key dates of a chart, and what its bars count."""
    dates = enumerate(dates_on(tempo), start=1)
    note = (
        "A bar counts incidents that fall wholly into it; the outline above it those whose date is a range or half "
        "known and that may fall into it."
    )
    if job.answer.selection.window:
        note += " All filters but the window are applied; the shaded days are the window."
    return [
        heading("Key dates", 8 * u),
        *(paragraph(f"{long_date(key.day)}: {key.title}", 7 * u, lead=f"{n}.") for n, key in dates),
        paragraph(note, 7 * u, colour=QUIET),
    ]


def _series_key(sheet: Sheet, plan: Plan, series: Sequence[Series], y: float) -> float:
    u = plan.unit
    x = plan.margin
    for one in series:
        text = f"{one.label} {one.total:,}"
        width = 14 * u + len(text) * 3.9 * u
        if x + width > plan.width - plan.margin:
            x, y = plan.margin, y - 12 * u
        _key(sheet, one, x + 4 * u, y + 2.4 * u, 3.6 * u)
        sheet.text(x + 11 * u, y, text, 7 * u)
        x += width
    return y - 16 * u


def _key(sheet: Sheet, one: Series, x: float, y: float, r: float) -> None:
    if one.value in SHAPES:
        hollow = one.value in POTENTIAL_TYPES
        sheet.strokes([symbol(one.value, one.colour, x, y, r, r / 7.5, hollow=hollow, low=False)])
    else:
        sheet.box(x - r, y - r, 2 * r, 2 * r, face=one.colour, edge=INK, line=0.4)


def periods(answer: Answer, extent: Window | None) -> tuple[Window, Window] | None:
    """Give the period shown and the one of the same length before it; without a window, the two halves of the time."""
    window = answer.selection.window
    if window and window.first != date.min and window.last != date.max:
        days = (window.last - window.first).days + 1
        return Window(window.first - timedelta(days), window.first - timedelta(1)), window
    if extent is None or extent.first == extent.last:
        return None
    middle = extent.first + (extent.last - extent.first) // 2
    return Window(extent.first, middle), Window(middle + timedelta(1), extent.last)


def comparison_page(job: Job) -> Figure | None:
    """Draw two periods beside each other in the same frame, with their counts and the change."""
    found = periods(job.answer, shown_extent(job.store, job.answer.rows))
    if found is None:
        return None
    answers = [job.store.ask(replace(job.view.selection, window=window), by=job.view.colour_by) for window in found]
    page = titled(job, "Comparison of two periods")
    figure, sheet, plan, (bottom, top) = blank_page(page.words, page.options, _stamp(job))
    u, gap = plan.unit, 14 * plan.unit
    size = ((plan.inner - gap) / 2, 0.56 * (top - bottom))
    whole = replace(job.view.selection, window=Window(found[0].first, found[1].last))
    both = draw(job.store, job.store.ask(whole), replace(job.view, colour_by="type"))
    frame = frame_for(both, job.view, size, points_per_px(u))
    for k, (window, answer) in enumerate(zip(found, answers, strict=True)):
        left = plan.margin + k * (size[0] + gap)
        sheet.text(left, top - 9 * u, span_text(window.first, window.last), 9 * u, bold=True)
        sheet.text(left + size[0], top - 9 * u, counted(answer.counts.shown, "record"), 8 * u, colour=QUIET, ha="right")
        view = replace(job.view, selection=answer.selection)
        drawing = drawing_in(frame, job.store, answer, view, points_per_px(u))
        box = (left, top - 14 * u - size[1], *size)
        draw_map(figure, box, frame, drawing, view, px=points_per_px(u), local_names=False, grid=job.options.grid)
    _change_table(sheet, plan, top - 30 * u - size[1], bottom, answers)
    return figure


def _change_table(sheet: Sheet, plan: Plan, top: float, bottom: float, answers: Sequence[Answer]) -> None:
    """Set counts by type of both periods, and the change in records; no percentages of small numbers."""
    u = plan.unit

    per_type = [_by_type(answer) for answer in answers]
    codes = [code for code in EVENT_TYPES if per_type[0].get(code) or per_type[1].get(code)]
    lines = [(EVENT_TYPES[c].label, per_type[0].get(c, 0), per_type[1].get(c, 0), c) for c in codes]
    lines.append(("All records shown", answers[0].counts.shown, answers[1].counts.shown, ""))
    row = min(13 * u, (top - bottom - 14 * u) / (len(lines) + 1))
    size, x = min(7.5 * u, row * 0.62), plan.margin
    at = [x + 14 * u, x + 190 * u, x + 260 * u, x + 330 * u]
    for column, head in zip(at, ("Type", "First period", "Second period", "Change"), strict=True):
        sheet.text(column, top, head, size, bold=True, colour=QUIET, ha="left" if column == at[0] else "right")
    for index, (label, before, after, code) in enumerate(lines, start=1):
        y = top - index * row
        sheet.lines([np.array([(x, y - row * 0.32), (at[3], y - row * 0.32)])], LINE, 0.5)
        if code:
            at_y, r, hollow = y + size * 0.35, size * 0.5, code in POTENTIAL_TYPES
            sheet.strokes([symbol(code, TYPE_COLOURS[code], x + 5 * u, at_y, r, 0.5 * u, hollow=hollow, low=False)])
        sheet.text(at[0], y, label, size, bold=not code)
        for column, value in zip(at[1:], (f"{before:,}", f"{after:,}", _change(after - before)), strict=True):
            sheet.text(column, y, value, size, bold=not code, ha="right")
    note = (
        "Both maps have the same frame, scale and filters. A record whose date is a range or half known counts in "
        "every period it may fall into, so the two can add up to more than the whole. Fewer records can mean fewer "
        "incidents or less reporting."
    )
    left = at[3] + 30 * u
    set_column(sheet, [paragraph(note, 7 * u, colour=QUIET)], left, top + 6 * u, plan.width - plan.margin - left)


def _change(n: int) -> str:
    """Write a difference with its sign; the minus is a minus and not a hyphen."""
    return f"+{n:,}" if n > 0 else f"−{-n:,}" if n < 0 else "0"


def _by_type(answer: Answer) -> dict[str, int]:
    facets = answer.facets["type"]
    wanted = answer.selection.filters.get("type")
    return {code: n for code, n in facets.items() if not wanted or code in wanted}
