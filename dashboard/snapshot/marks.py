"""Marks as the browser draws them (static/js/marks.js), in points: pins, discs, rings, hatched areas and piles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.path import Path
from shapely.geometry.base import BaseGeometry

from dashboard.drawing import Category, Drawing
from dashboard.marks import Mark
from dashboard.snapshot.fonts import text_outline
from dashboard.snapshot.frame import Frame
from dashboard.snapshot.ground import area_on_paper, area_path
from dashboard.snapshot.ink import INK, PAPER, Rgba, Sheet, Stroke, circle, polygon, rgba, rounded_box, wedge
from dashboard.symbols import MOST_HATCHED_PX, SHAPE_ORDER, SHAPES, ZONE_LEAST_PX
from geodata.boundaries import load_boundaries

#: Distance of the hatching's lines: the diagonal of the browser's 8 px tile.
HATCH_PX = 8 / math.sqrt(2)

#: Gap of the second ring around a symbol of several places, as in marks.js.
GROUP_RING_PX = 3.2

#: Hole of a pile's ring, in shares of its radius, and the gap between two parts of its mix, half way across the ring:
#: parts of like lightness stay apart without colour. A part never gives more than this share of itself to the gaps.
HOLE, DIVIDER_PX, MOST_DIVIDED = 0.66, 1.3, 1 / 3

#: Opacities of marks.js.
HATCH_ALPHA, OUTLINE_ALPHA, DISC_ALPHA, RING_ALPHA, EXTENT_ALPHA, FADED = 0.42, 0.75, 0.2, 0.07, 0.8, 0.4

#: Above this many numbers they are drawn as outlines, not as text: 1,000 texts take 0.4 s, 1,000 outlines 0.03 s.
MOST_TEXTS = 120


@dataclass(slots=True)
class Placed:
    """One mark on the paper: where its place lies, where its symbol stands, and the symbol's radius, in points."""

    mark: Mark
    x: float
    y: float
    at_x: float
    at_y: float
    r: float

    @property
    def moved(self) -> bool:
        """Tell whether the symbol stands away from its place, so that it does not hide another."""
        return math.hypot(self.at_x - self.x, self.at_y - self.y) > 1.0


def symbol(shape: str, colour: str, x: float, y: float, r: float, px: float, *, hollow: bool, low: bool) -> Stroke:
    """One record's symbol: hollow where its date only might fit, dashed where confidence is low."""
    corners = SHAPES[shape or SHAPE_ORDER[0]]
    return Stroke(
        polygon(corners, x, y, r),
        rgba(PAPER) if hollow else rgba(colour),
        rgba(colour if hollow else INK),
        (2.0 if hollow else 1.2) * px,
        (2 * px, 1.6 * px) if low else (),
    )


def pile(parts: Sequence[tuple[str, int]], x: float, y: float, r: float, px: float) -> list[Stroke]:
    """Several records at one place: a ring that shows their mix. The number comes on top."""
    ring = _divided(parts, x, y, r, px) if len(parts) > 1 else [Stroke(circle(x, y, r), rgba(parts[0][0]))]
    return [*ring, Stroke(circle(x, y, r), None, rgba(INK), px), Stroke(circle(x, y, r * HOLE), rgba(PAPER))]


def _divided(parts: Sequence[tuple[str, int]], x: float, y: float, r: float, px: float) -> list[Stroke]:
    """Draw the parts of a mix clockwise from the top, with gaps between them."""
    total = sum(n for _, n in parts)
    gap = math.degrees(DIVIDER_PX * px / (r * (1 + HOLE) / 2))
    strokes, turned = [Stroke(circle(x, y, r), rgba(PAPER))], 0.0
    for colour, n in parts:
        part = 360 * n / total
        half = min(gap, part * MOST_DIVIDED) / 2
        strokes.append(Stroke(wedge(x, y, r, turned + half, turned + part - half), rgba(colour)))
        turned += part
    return strokes


def group_ring(x: float, y: float, r: float, px: float) -> Stroke:
    """Draw the second ring of a symbol that stands for several places."""
    return Stroke(circle(x, y, r + GROUP_RING_PX * px), rgba(PAPER, 0.75), rgba(INK), px)


def badge(colour: str, x: float, y: float, r: float, px: float, *, potential: bool = False) -> Stroke:
    """Draw the square that carries an area's number; dashed for threats and capabilities."""
    dash = (4 * px, 2.5 * px) if potential else ()
    return Stroke(rounded_box(x, y, r * 0.82, 3 * px), rgba(PAPER), rgba(colour), 2.2 * px, dash)


def hatched(
    path: Path,
    shape: BaseGeometry,
    colour: str,
    px: float,
    *,
    potential: bool = False,
    offset: bool = False,
) -> list[Stroke]:
    """Hatch and outline an area: solid where something happened, falling and dashed where it is threatened."""
    lines = hatch_path(shape, HATCH_PX * px, offset, falling=potential)
    dash = (7 * px, 4 * px) if potential else ()
    return [
        Stroke(lines, None, rgba(colour, HATCH_ALPHA), 1.3 * px),
        Stroke(path, None, rgba(colour, OUTLINE_ALPHA), (1.6 if potential else 1.2) * px, dash),
    ]


def reach_outline(path: Path, colour: str, px: float) -> Stroke:
    """Outline an area that is said to be in reach."""
    return Stroke(path, None, rgba(colour), 2.2 * px, (9 * px, 4 * px, 2 * px, 4 * px))


def faded(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Draw the same in a fraction of its opacity: the term of the threat had run out."""

    def thin(colour: Rgba | None) -> Rgba | None:
        return colour and (*colour[:3], colour[3] * FADED)

    return [replace(stroke, face=thin(stroke.face), edge=thin(stroke.edge)) for stroke in strokes]


def pin_foot(x: float, y: float, head_x: float, head_y: float, px: float) -> list[Stroke]:
    """Draw the stem from a pin's head to its place, and the dot there."""
    return [
        Stroke(Path([(head_x, head_y), (x, y)]), None, rgba(INK), 1.6 * px),
        Stroke(circle(x, y, 1.8 * px), rgba(INK)),
    ]


def extent(kind: str, colour: str, x: float, y: float, r: float, px: float) -> Stroke:
    """How far the true point may lie: a town's disc, a dashed ring around a place."""
    disc = kind == "disc"
    return Stroke(
        circle(x, y, r),
        rgba(colour, DISC_ALPHA if disc else RING_ALPHA),
        rgba(colour, EXTENT_ALPHA),
        (0.8 if disc else 1.4) * px,
        () if disc else (5 * px, 4 * px),
    )


def number_size(text: str, r: float, px: float) -> float:
    """Size of a pile's number in points, as in `drawNumber` of marks.js."""
    return max(9 * px, min(13 * px, 2.7 * r / max(1.6, len(text))))


def number_text(n: int) -> str:
    """Write a pile's number; thousands as k from ten thousand on."""
    return f"{round(n / 1000)}k" if n >= 10_000 else str(n)


def draw_facilities(sheet: Sheet, places: Sequence[tuple[float, float]], px: float) -> None:
    """Draw facilities, (x, y) on the sheet, as small squares."""
    sheet.strokes([Stroke(rounded_box(x, y, 3 * px, 0.2), rgba(PAPER), rgba(INK), 1.2 * px) for x, y in places])


class MarkPen:
    """Draw a drawing's marks on a sheet; `px` is the points of paper that stand for one pixel of the screen."""

    def __init__(self, sheet: Sheet, frame: Frame, drawing: Drawing, px: float) -> None:
        self.sheet, self.frame, self.drawing, self.px = sheet, frame, drawing, px

    def areas(self, placed: Sequence[Placed]) -> None:
        """Hatch the areas, largest first, so that a district stays visible on its governorate."""
        strokes: list[Stroke] = []
        shapes = [(p, area_on_paper(self.frame, load_boundaries().area(p.mark.area_id).geometry)) for p in placed]
        for p, shape in sorted(shapes, key=lambda pair: -float(pair[1].area)):
            mark, district = p.mark, p.mark.precision == "district"
            made = hatched(
                area_path(shape), shape, self._colour(mark), self.px, potential=mark.potential, offset=district
            )
            strokes += faded(made) if mark.expired else made
        self.sheet.strokes(strokes)

    def reaches(self) -> int:
        """Outline the countries that capabilities are said to reach; return how many outlines the frame holds."""
        boundaries, strokes, seen = load_boundaries(), [], 0
        frame = shapely.box(0, 0, self.frame.width, self.frame.height)
        for mark in self.drawing.margin:
            for area in mark.reach:
                shape = area_on_paper(self.frame, boundaries.area(area).geometry)
                strokes.append(reach_outline(area_path(shape), self._colour(mark), self.px))
                seen += bool(shapely.intersects(shapely.boundary(shape), frame))
        self.sheet.strokes(strokes)
        return seen

    def zones(self, placed: Sequence[Placed]) -> None:
        """Draw the areas around what is threatened; a line leads to a sign that stands away from the edge."""
        strokes: list[Stroke] = []
        for p in placed:
            if p.mark.drawn_as == "zone":
                made = self._zone(p)
                strokes += faded(made) if p.mark.expired else made
        self.sheet.strokes(strokes)

    def _zone(self, p: Placed) -> list[Stroke]:
        colour, (longitude, latitude) = self._colour(p.mark), p.mark.centre
        x, y = (float(value[0]) for value in self.frame.to_paper([longitude], [latitude]))
        r = max(p.mark.radius_m / self.frame.ground_m_per_pt, ZONE_LEAST_PX * self.px)
        away = math.hypot(p.at_x - x, p.at_y - y)
        edge = (x + (p.at_x - x) * r / away, y + (p.at_y - y) * r / away) if away else (x, y)
        line = [Stroke(Path([edge, (p.at_x, p.at_y)]), None, rgba(colour), self.px)] if away > r + self.px else []
        seen = shapely.clip_by_rect(shapely.Point(x, y).buffer(r), 0, 0, self.frame.width, self.frame.height)
        hatching, outline = hatched(circle(x, y, r), seen, colour, self.px, potential=True)
        is_wide = len(p.mark.spots) > 1 and r > MOST_HATCHED_PX * self.px
        return [*line, outline] if is_wide else [*line, hatching, outline]

    def density(self) -> None:
        """Shade the grid cells; one flat picture in a PDF, because thin seams would show between vector cells."""
        cells = self.drawing.density
        if not cells:
            return
        most = max(cell[4] for cell in cells)
        west, south, east, north, weight = np.array(cells).T
        x, y = self.frame.to_paper(np.stack([west, east, east, west]), np.stack([south, south, north, north]))
        strokes = []
        for k, value in enumerate(weight):
            corners = [*zip(x[:, k], y[:, k], strict=True), (x[0, k], y[0, k])]
            shade = (150 / 255, 40 / 255, 20 / 255, 0.1 + 0.55 * math.sqrt(value / most))
            strokes.append(Stroke(Path(corners, closed=True), shade))
        self.sheet.strokes(strokes, rasterized=True, antialiased=False)

    def extents(self, placed: Sequence[Placed]) -> None:
        """Draw discs and rings at their places."""
        strokes = []
        for p in placed:
            if p.mark.drawn_as in ("disc", "ring"):
                r = max(p.mark.radius_m / self.frame.ground_m_per_pt, p.r + 3.5 * self.px)
                strokes.append(extent(p.mark.drawn_as, self._colour(p.mark), p.x, p.y, r, self.px))
        self.sheet.strokes(strokes)

    def marks(self, placed: Sequence[Placed]) -> None:
        """Draw feet and lines to moved symbols first, then the symbols from large to small with their numbers."""
        strokes: list[Stroke] = []
        for p in placed:
            if p.mark.drawn_as == "pin":
                strokes += pin_foot(p.x, p.y, p.at_x, p.at_y, self.px)
            elif p.moved and p.mark.drawn_as != "zone":
                strokes += pin_foot(p.x, p.y, p.at_x, p.at_y, 0.6 * self.px)
        ranked = sorted(placed, key=lambda p: -p.r)
        numbers = {id(p): self._number(p) for p in ranked if _has_number(p.mark)}
        as_text = len(numbers) <= MOST_TEXTS
        for p in ranked:
            strokes += faded(self._symbol(p)) if p.mark.expired else self._symbol(p)
            if id(p) in numbers and not as_text:
                strokes.append(number_stroke(*numbers[id(p)]))
        self.sheet.strokes(strokes)
        for x, y, text, size in numbers.values() if as_text else ():
            self.sheet.text(x, y - 0.36 * size, text, size, bold=True, ha="center")

    def _symbol(self, p: Placed) -> list[Stroke]:
        mark, n = p.mark, p.mark.count
        if mark.has_badge:
            return [badge(self._colour(mark), p.at_x, p.at_y, p.r, self.px, potential=mark.potential)]
        if n == 1:
            return [
                symbol(
                    mark.shape,
                    self._colour(mark),
                    p.at_x,
                    p.at_y,
                    p.r,
                    self.px,
                    hollow=mark.possible or mark.potential,
                    low=mark.low_confidence,
                )
            ]
        ring = pile([(self._category(c).colour, k) for c, k in mark.parts], p.at_x, p.at_y, p.r, self.px)
        return [group_ring(p.at_x, p.at_y, p.r, self.px), *ring] if mark.drawn_as == "group" else ring

    def _number(self, p: Placed) -> tuple[float, float, str, float]:
        """Give the place, text and size of a symbol's number."""
        room = p.r * (0.82 * 0.95 if p.mark.drawn_as in ("area", "zone") else HOLE)
        text = number_text(p.mark.count)
        return p.at_x, p.at_y, text, number_size(text, room, self.px)

    def _category(self, index: int) -> Category:
        return self.drawing.categories[index]

    def _colour(self, mark: Mark) -> str:
        return self._category(mark.parts[0][0]).colour


def _has_number(mark: Mark) -> bool:
    return mark.count > 1 or mark.drawn_as == "area"


def number_stroke(x: float, y: float, text: str, size: float) -> Stroke:
    """One number as a filled outline, centred."""
    outline, middle = _centred_number(text)
    k = size / 100
    return Stroke(
        Path((np.asarray(outline.vertices, dtype=float) - middle) * k + (x, y), outline.codes, readonly=True), rgba(INK)
    )


@lru_cache(maxsize=4_096)
def _centred_number(text: str) -> tuple[Path, npt.NDArray[np.float64]]:
    outline = text_outline(text, True)
    box = outline.get_extents()
    return outline, np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2])


def hatch_path(shape: BaseGeometry, spacing: float, offset: bool = False, *, falling: bool = False) -> Path:
    """Diagonal lines inside a shape; `offset` puts them between those of the shape around it, `falling` turns them.

    Of two turned axes one runs along the lines, the other numbers them. Each edge of the shape crosses the lines whose
    numbers lie between its ends, and a line's crossings, in order, are where it enters and leaves the shape.
    """
    mirror = np.array([1.0, -1.0 if falling else 1.0])
    corners, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    x, y = (corners * mirror).T
    step, first = spacing * math.sqrt(2), 0.5 if offset else 0.0
    along, number = x + y, (y - x) / step - first
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    low = np.ceil(np.minimum(number[edge], number[edge + 1]))
    crossed = (np.ceil(np.maximum(number[edge], number[edge + 1])) - low).astype(int)
    edge = np.repeat(edge, crossed)
    line = np.repeat(low, crossed) + np.arange(len(edge)) - np.repeat(np.cumsum(crossed) - crossed, crossed)
    share = (line - number[edge]) / (number[edge + 1] - number[edge])
    at = along[edge] + share * (along[edge + 1] - along[edge])
    order = np.lexsort((at, line))
    at, across = at[order], (line[order] + first) * step
    points = np.stack([(at - across) / 2, (at + across) / 2], axis=1) * mirror
    return Path(points, np.tile(np.array([Path.MOVETO, Path.LINETO], dtype=np.uint8), len(points) // 2), readonly=True)
