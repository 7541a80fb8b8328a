"""The tempo of incidents as a chart: stacked in the colours of the map, key dates marked, possible ones hollow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.path import Path as Outline

from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.ink import ACCENT, INK, LINE, QUIET, Sheet, Stroke, rgba
from dashboard.symbols import Series
from geodata.answer import Tempo
from geodata.key_dates import KeyDate, key_dates
from geodata.selection import Window, long_date
from geodata.store import day_number, day_of

#: Gap between two parts of a bar in points: types of like lightness stay apart without colour.
DIVIDER_PT = 0.5


def draw_tempo(
    sheet: Sheet,
    box: tuple[float, float, float, float],
    tempo: Tempo,
    series: Sequence[Series],
    window: Window | None,
    size: float,
) -> None:
    """Draw the chart into a box (left, bottom, width, height in points), with the dates of `dates_on` numbered."""
    left, bottom, width, height = box
    if not len(tempo.starts):
        sheet.text(left, bottom + height / 2, "No dated record.", size)
        return
    first, last = int(tempo.starts[0]), _end(tempo)
    most = max(1, int((tempo.counts.sum(axis=1) + tempo.possible).max()))

    def x_of(day: float) -> float:
        return left + (day - first) / max(last - first, 1) * width

    scale = height / (most * 1.08)
    _grid(sheet, box, most, scale, size)
    if window:
        low, high = (min(max(day_number(d), first), last) for d in (window.first, window.last))
        sheet.box(x_of(low), bottom, x_of(high + 1) - x_of(low), height, face=ACCENT, alpha=0.07)
    _bars(sheet, tempo, series, bottom, scale, [x_of(day) for day in (*tempo.starts.tolist(), last)])
    sheet.lines([np.array([(left, bottom), (left + width, bottom)])], INK, 0.8)
    _months(sheet, x_of, first, last, bottom, size)
    _mark_dates(sheet, dates_on(tempo), x_of, bottom, height, size)


def dates_on(tempo: Tempo) -> list[KeyDate]:
    """Give the key dates that lie on a chart, in the order of their numbers."""
    if not len(tempo.starts):
        return []
    first, last = int(tempo.starts[0]), _end(tempo)
    return [key for key in key_dates() if first <= day_number(key.day) <= last]


def _end(tempo: Tempo) -> int:
    step = int(np.median(np.diff(tempo.starts))) if len(tempo.starts) > 1 else 1
    return int(tempo.starts[-1]) + step


def _grid(sheet: Sheet, box: tuple[float, float, float, float], most: int, scale: float, size: float) -> None:
    left, bottom, width, _ = box
    step = max(1, round(most / 4))
    for value in range(0, most + 1, step):
        y = bottom + value * scale
        sheet.lines([np.array([(left, y), (left + width, y)])], LINE, 0.5)
        sheet.text(left - 4, y - 0.35 * size, f"{value:,}", size, colour=QUIET, ha="right")


def _bars(
    sheet: Sheet, tempo: Tempo, series: Sequence[Series], bottom: float, scale: float, edges: Sequence[float]
) -> None:
    strokes = []
    for index in range(len(tempo.starts)):
        west, east = edges[index] + 0.3, max(edges[index + 1] - 0.3, edges[index] + 0.6)
        y = bottom
        for one in series:
            n = int(one.counts[index])
            if n:
                gap = min(DIVIDER_PT, n * scale / 3) if y > bottom else 0.0
                strokes.append(Stroke(_bar(west, y + gap, east, y + n * scale), rgba(one.colour)))
                y += n * scale
        n = int(tempo.possible[index])
        if n:
            strokes.append(Stroke(_bar(west, y, east, y + n * scale), None, rgba(QUIET), 0.5))
    sheet.strokes(strokes)


def _bar(west: float, south: float, east: float, north: float) -> Outline:
    return Outline([(west, south), (east, south), (east, north), (west, north), (west, south)], closed=True)


def _months(sheet: Sheet, x_of: Callable[[float], float], first: int, last: int, bottom: float, size: float) -> None:
    months = np.arange(np.datetime64(day_of(first), "M"), np.datetime64(day_of(last), "M") + 1)
    right = -1e9
    for month in months:
        day = int(month.astype("datetime64[D]").astype(int))
        if not first <= day <= last:
            continue
        _, name, year = long_date(day_of(day)).split(" ")
        label = f"{name[:3]} {year}" if name == "January" or right < -1e8 else name[:3]
        x = x_of(day)
        sheet.lines([np.array([(x, bottom), (x, bottom - 3)])], QUIET, 0.5)
        if x >= right and x + text_width(label, size) <= x_of(last):
            sheet.text(x + 1.5, bottom - 1.25 * size, label, size, colour=QUIET)
            right = x + text_width(label, size) + size


def _mark_dates(
    sheet: Sheet, shown: Sequence[KeyDate], x_of: Callable[[float], float], bottom: float, height: float, size: float
) -> None:
    taken: list[tuple[float, int]] = []
    for number, key in enumerate(shown, start=1):
        x = x_of(day_number(key.day))
        sheet.lines([np.array([(x, bottom), (x, bottom + height)])], ACCENT, 0.6, dash=(2.0, 2.0))
        row = next(row for row in range(20) if all(abs(x - other) > 1.7 * size or row != r for other, r in taken))
        taken.append((x, row))
        sheet.text(
            x, bottom + height + size * (0.3 + 1.1 * row), str(number), size, bold=True, colour=ACCENT, ha="center"
        )
