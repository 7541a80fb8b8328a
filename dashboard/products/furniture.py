"""What surrounds a map: scale bar, north arrow, graticule labels, the locator and the handling marking."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure
from matplotlib.path import Path

from dashboard.snapshot import Frame
from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.frame import frame_around
from dashboard.snapshot.grid import grid_lines
from dashboard.snapshot.ground import BORDER, FOREIGN, HOME_COUNTRIES, LAND, WATER, area_path, shapes_on
from dashboard.snapshot.ink import ACCENT, INK, PAPER, QUIET, Sheet, Stroke, rgba

#: Round lengths of a scale bar, times powers of ten.
ROUND = (1.0, 2.0, 5.0)

#: The locator shows the Gulf and the Levant, or all the base map knows when the map itself is as wide as that.
LOCATOR_DEG = (33.0, 22.0, 59.0, 40.5)
WIDE_LOCATOR_DEG = (26.0, 13.0, 64.5, 42.5)


#: Colours of TLP 2.0 markings on black (FIRST, Traffic Light Protocol 2.0, August 2022).
TLP_COLOURS = {
    "TLP:RED": "#ff2b2b", "TLP:AMBER": "#ffc000", "TLP:AMBER+STRICT": "#ffc000", "TLP:GREEN": "#33ff00",
    "TLP:CLEAR": "#ffffff",
}  # fmt: skip


def marking_box(sheet: Sheet, right: float, y: float, marking: str, size: float) -> None:
    """Write the handling marking to the left of a point, as TLP 2.0 asks; other markings in a plain frame."""
    pad, width = size / 2, text_width(marking, size, True)
    colour = TLP_COLOURS.get(marking)
    face = "#000000" if colour else PAPER
    sheet.box(right - width - 2 * pad, y - pad * 0.6, width + 2 * pad, size + pad, face=face, edge=INK)
    sheet.text(right - pad, y + size * 0.12, marking, size, bold=True, ha="right", colour=colour or INK)


def scale_bar_km(frame: Frame, longest_pt: float) -> float:
    """Choose the longest round length in kilometres that fits."""
    longest = longest_pt * frame.ground_m_per_pt / 1000
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in ROUND if step * power <= longest)


def scale_bar(sheet: Sheet, x: float, y: float, frame: Frame, longest_pt: float, size: float) -> None:
    """Draw the scale bar; its length is measured on the ellipsoid at the map's centre."""
    km = scale_bar_km(frame, longest_pt)
    length = km * 1000 / frame.ground_m_per_pt
    for k in range(4):
        sheet.box(x + k * length / 4, y, length / 4, size * 0.42, face=INK if k % 2 == 0 else PAPER, edge=INK, line=0.5)
    for at, label in ((0.0, "0"), (0.5, f"{km / 2:g}"), (1.0, f"{km:g} km")):
        ha = "left" if at == 0 else "center"
        shift = 0.0 if at < 1 else (text_width(label, size) - text_width(f"{km:g}", size)) / 2
        sheet.text(x + at * length + shift, y + size * 0.75, label, size, ha=ha)


def fraction_text(frame: Frame) -> str:
    """Write the representative fraction at the map's centre to three figures."""
    denominator = frame.scale_denominator
    step = 10.0 ** (math.floor(math.log10(denominator)) - 2)
    return f"1 : {round(denominator / step) * step:,.0f}"


def north_arrow(sheet: Sheet, x: float, y: float, size: float) -> None:
    """Draw a small arrow: north is up at the map's centre, where the projection's meridian runs."""
    tip, notch = (x, y + size), (x, y + size * 0.24)
    left, right = (x - size * 0.32, y), (x + size * 0.32, y)
    sheet.strokes(
        [
            Stroke(Path([tip, left, notch, tip], closed=True), rgba(INK), rgba(INK), 0.4),
            Stroke(Path([tip, right, notch, tip], closed=True), rgba(PAPER), rgba(INK), 0.4),
        ]
    )
    sheet.text(x, y + size * 1.12, "N", size * 0.55, bold=True, ha="center")


def grid_labels(sheet: Sheet, frame: Frame, left: float, bottom: float, size: float, grid: str) -> int:
    """Write the grid's labels below and left of the map and return how many."""
    written = 0
    last = {"x": -1e9, "y": -1e9}
    ticks = []
    for line in sorted(grid_lines(frame, grid), key=lambda line: (line.axis, line.edge)):
        room = text_width(line.label, size) * 1.3
        if math.isnan(line.edge) or line.edge - last[line.axis] < room:
            continue
        extent = frame.width if line.axis == "x" else frame.height
        if not room / 2 <= line.edge <= extent - room / 2:
            continue
        last[line.axis] = line.edge
        written += 1
        if line.axis == "x":
            at, end = (left + line.edge, bottom), (left + line.edge, bottom - size * 0.3)
            sheet.text(at[0], bottom - size * 1.25, line.label, size, colour=QUIET, ha="center")
        else:
            at, end = (left, bottom + line.edge), (left - size * 0.3, bottom + line.edge)
            sheet.text(left - size * 0.6, at[1], line.label, size, colour=QUIET, ha="center", angle=90)
        ticks += [np.array([at, end])] if line.tick else []
    sheet.lines(ticks, QUIET, 0.5)
    return written


def locator(figure: Figure, box: tuple[float, float, float, float], frame: Frame) -> None:
    """Draw the region small, with the map's extent outlined."""
    shown = frame.bbox_wsen
    is_wide = shown[2] - shown[0] > 0.5 * (LOCATOR_DEG[2] - LOCATOR_DEG[0])
    west, south, east, north = WIDE_LOCATOR_DEG if is_wide else LOCATOR_DEG
    around = frame_around(
        np.array([west, east]), np.array([south, north]), (box[2], box[3]), padding=(-1.0, -1.0, -1.0, -1.0)
    )
    sheet = Sheet(figure, box, zorder=2)
    with sheet.tagged("Figure", "Where the map lies in the region"):
        _draw_locator(sheet, around, frame)


def _draw_locator(sheet: Sheet, around: Frame, frame: Frame) -> None:
    sheet.box(0, 0, around.width, around.height, face=WATER)
    ids, shapes = shapes_on(around, "countries")
    sheet.strokes([
        Stroke(area_path(shape), rgba(LAND if area_id in HOME_COUNTRIES else FOREIGN), rgba(BORDER), 0.3)
        for area_id, shape in zip(ids, shapes, strict=True)
    ])  # fmt: skip
    t = np.linspace(0, 1, 9)
    x = np.concatenate([t, np.ones(9), t[::-1], np.zeros(9)]) * frame.width
    y = np.concatenate([np.zeros(9), t, np.ones(9), t[::-1]]) * frame.height
    outline = np.column_stack(around.to_paper(*frame.to_ground(x, y)))
    # A small map's extent would be a dot: it is drawn at least this wide.
    middle, least = outline.mean(axis=0), 5.0
    spread = np.ptp(outline, axis=0)
    outline = middle + (outline - middle) * max(1.0, least / max(float(spread.max()), 1e-6))
    sheet.strokes([Stroke(Path([*outline, outline[0]], closed=True), rgba(ACCENT, 0.18), rgba(ACCENT), 1.0)])
    sheet.box(0, 0, around.width, around.height, edge=INK, line=1.0)
