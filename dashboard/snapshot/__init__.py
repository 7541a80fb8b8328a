"""The picture pen: a `Drawing` on paper with matplotlib, without pyplot's state and without a browser."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from dashboard.drawing import Drawing, draw
from dashboard.marks import Mark, Marks
from dashboard.snapshot.frame import LONE_SURROUNDINGS_M, SURROUNDINGS_M, Frame, frame_around, frame_at
from dashboard.snapshot.ground import draw_ground
from dashboard.snapshot.ink import INK, Sheet
from dashboard.snapshot.labels import NamePen, capital_boxes
from dashboard.snapshot.marks import MarkPen, Placed, draw_facilities
from dashboard.snapshot.spread import boxes_of, place_marks, spread, stem_boxes
from dashboard.view import HOME, View
from geodata.answer import Answer
from geodata.boundaries import BOX_WSEN, load_boundaries
from geodata.dataset import load_facilities
from geodata.reach import GEOD
from geodata.store import Store

__all__ = [
    "Frame",
    "Snapshot",
    "compose",
    "draw_empty_map",
    "draw_map",
    "draw_marks_alone",
    "drawing_in",
    "frame_for",
    "marks_apart",
]

#: A map that holds this share of the records in less than half of the ground leaves the rest to a note.
SHARE_INSIDE = 0.96

#: Zoom levels by which the picture groups later than the screen: it spreads symbols that overlap less than that.
FINER_ZOOM = 1.0

#: Share of the map that symbols may cover before places are grouped further: with more, they cannot be moved apart.
MOST_COVERED = 0.35

#: By what factor one zoom level of coarser grouping lowers that share, measured on a million seeded records.
COVER_PER_ZOOM = 2.4

#: Zoom levels by which the picture groups earlier than the screen at most: beyond, areas are what fills the map.
COARSEST_ZOOM = -2.0

#: How far beside its town a film's name may stand: past the symbol of a town that stands on the town itself.
ASIDE_PX = 11.0

#: Places of a map that are named beside their symbols; more of them would leave no room for the towns around.
MOST_NAMED = 12

#: Metres of a degree of latitude, to within one percent anywhere: enough to keep a circle inside its frame.
METRES_PER_DEGREE = 111_000.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a picture shows.

    Attributes
    ----------
    placed
        Marks on the map.
    margin
        Marks known only to a region or country: badges beside the map.
    beyond
        Marks outside the frame: counted beside the map.
    facilities
        How many facilities are drawn.
    names
        Names written on the ground.
    grid
        Grid drawn, `graticule` or `mgrs`.
    signs
        Signs of threats and capabilities that can be seen, as in `SIGN_WORDS`.
    """

    frame: Frame
    placed: tuple[Placed, ...]
    margin: tuple[Mark, ...]
    beyond: tuple[Mark, ...]
    facilities: int
    names: tuple[str, ...]
    signs: tuple[str, ...] = ()
    grid: str = "graticule"

    def rows(self, store: Store, answer: Answer) -> set[int]:
        """Rows of every record the picture accounts for: on the map, in its margin or beyond its frame."""
        marks = [*(p.mark for p in self.placed), *self.margin, *self.beyond]
        drawn = np.zeros(len(store.spots), dtype=bool)
        for mark in marks:
            drawn[list(mark.spots)] = True
        return set(answer.rows[drawn[store.spot[answer.rows]]].tolist())

    @property
    def moved(self) -> int:
        """How many symbols stand beside their place."""
        return sum((p.moved and p.mark.drawn_as not in ("pin", "zone")) or _leans(p) for p in self.placed)


def _leans(p: Placed) -> bool:
    return p.mark.drawn_as == "pin" and abs(p.at_x - p.x) > 1.0


def compose(
    store: Store, answer: Answer, view: View, size: tuple[float, float], px: float = 0.75
) -> tuple[Frame, Drawing]:
    """Choose the frame and make the drawing for it: places closer together than their symbols become one.

    Parameters
    ----------
    size
        Width and height of the map in points.
    px
        Points of paper that stand for one pixel of the screen; 0.75 is true size.
    """
    frame = frame_for(draw(store, answer, view), view, size, px)
    return frame, drawing_in(frame, store, answer, view, px)


def drawing_in(frame: Frame, store: Store, answer: Answer, view: View, px: float = 0.75) -> Drawing:
    """Make the drawing for a frame that is already chosen, as for maps side by side or the frames of a film.

    The paper can move symbols apart, so it needs to group half as far as the screen does; where there are too many to
    be moved apart, it groups further.
    """
    true_zoom, finer = frame.web_zoom + math.log2(0.75 / px), FINER_ZOOM
    while True:
        drawing = draw(store, answer, view, zoom=true_zoom + finer)
        excess = _covered(frame, drawing, px) / MOST_COVERED
        if excess <= 1.0 or finer <= COARSEST_ZOOM:
            return drawing
        finer = max(finer - math.ceil(2 * math.log(excess, COVER_PER_ZOOM)) / 2, COARSEST_ZOOM)


def _covered(frame: Frame, drawing: Drawing, px: float) -> float:
    """Give the share of the map that the symbols in the frame take, each with the square around it."""
    x, y = frame.to_paper(drawing.on_map.longitude, drawing.on_map.latitude)
    sides = 2 * px * drawing.on_map.size_px
    return float((sides**2)[frame.holds(x, y)].sum()) / (frame.width * frame.height)


def frame_for(drawing: Drawing, view: View, size: tuple[float, float], px: float = 0.75) -> Frame:
    """Choose the frame: the view's own place, or what holds all marks on mapped ground."""
    if view.place:
        return frame_at(view.place, size)
    longitude, latitude, records = _on_mapped_ground(_outline(drawing))
    if not len(longitude):
        return frame_at(HOME, size)
    pad = 34 * px
    padding = (pad, pad, pad, pad + 10 * px)
    least_m = LONE_SURROUNDINGS_M if len(drawing.on_map) == 1 else SURROUNDINGS_M
    whole = frame_around(longitude, latitude, size, padding=padding, least_m=least_m)
    inner = _inner(longitude, latitude, records)
    tight = frame_around(longitude[inner], latitude[inner], size, padding=padding, least_m=least_m)
    if tight.ground_m_per_pt > 0.7 * whole.ground_m_per_pt:
        return whole
    # Far places that happen to lie at the edge of the tight frame belong into it, with their whole symbol.
    for _ in range(4):
        near = inner | tight.holds(*tight.to_paper(longitude, latitude), -pad)
        if near.sum() == inner.sum():
            break
        inner = near
        tight = frame_around(longitude[inner], latitude[inner], size, padding=padding, least_m=least_m)
    return tight


def _on_mapped_ground(outline: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Leave out what no land can be drawn below, if there is anything else.

    A statement made overseas is told beside the map; on it, the map would be an ocean.
    """
    longitude, latitude, records = outline
    west, south, east, north = BOX_WSEN
    mapped = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
    return (longitude[mapped], latitude[mapped], records[mapped]) if mapped.any() else outline


def _outline(drawing: Drawing) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corner points of all that is drawn, and the records each stands for.

    Read from the columns: a drawing that groups nothing has thousands of symbols, too many to make objects of.
    """
    marks = drawing.on_map
    areas, zones = marks.drawn_as == "area", marks.drawn_as == "zone"
    extents = (marks.drawn_as == "disc") | (marks.drawn_as == "ring")
    points = ~(areas | zones | extents)
    corners = np.vstack(
        [
            _area_corners(marks.take(np.flatnonzero(areas))),
            _extent_ends(marks.take(np.flatnonzero(extents))),
            np.column_stack([marks.longitude, marks.latitude, marks.count])[points],
            _zone_ends(np.column_stack([marks.middle, marks.radius_m, marks.count])[zones]),
        ]
    )
    longitude, latitude, records = corners.T
    return longitude, latitude, records


def _area_corners(areas: Marks) -> np.ndarray:
    """Corners of the box around each area."""
    corners = [
        (x, y, n)
        for area_id, n in zip(areas.area_id.tolist(), areas.count.tolist(), strict=True)
        for west, south, east, north in [_bounds(area_id)]
        for x, y in ((west, south), (east, north), (west, north), (east, south))
    ]
    return np.array(corners, dtype=float).reshape(-1, 3)


def _extent_ends(extents: Marks) -> np.ndarray:
    """Western, eastern, southern and northern end of each disc or ring; each end stands for a fourth of its records."""
    x, y, quarter = extents.longitude, extents.latitude, extents.count / 4
    high = extents.radius_m / METRES_PER_DEGREE
    wide = high / np.maximum(np.cos(np.radians(y)), 0.05)
    ends = ((x - wide, y), (x + wide, y), (x, y - high), (x, y + high))
    return np.vstack([np.column_stack([east, north, quarter]) for east, north in ends])


@lru_cache(maxsize=4_096)
def _bounds(area_id: str) -> tuple[float, float, float, float]:
    west, south, east, north = load_boundaries().area(area_id).geometry.bounds
    return west, south, east, north


def _zone_ends(zones: np.ndarray) -> np.ndarray:
    """Northern, eastern, southern and western end of each zone (longitude, latitude, metres, records)."""
    longitude, latitude, radius_m, n = np.repeat(zones, 4, axis=0).T
    east, north, _ = GEOD.fwd(longitude, latitude, np.tile([0.0, 90.0, 180.0, 270.0], len(zones)), radius_m)
    return np.stack([longitude + (np.asarray(east) - longitude + 180.0) % 360.0 - 180.0, north, n], axis=1)


def _inner(longitude: np.ndarray, latitude: np.ndarray, records: np.ndarray) -> np.ndarray:
    """Leave out far single records: those beyond the middle 96 percent of the records, counted along each axis."""
    keep = np.ones(len(longitude), dtype=bool)
    for values in (longitude, latitude):
        order = np.argsort(values, kind="stable")
        rank = np.cumsum(records[order]) - records[order] / 2
        tail = (1 - SHARE_INSIDE) / 2 * records.sum()
        keep[order] &= (rank >= tail) & (rank <= records.sum() - tail)
    return keep if keep.any() else np.ones(len(longitude), dtype=bool)


def draw_map(
    figure: Figure,
    box: tuple[float, float, float, float],
    frame: Frame,
    drawing: Drawing,
    view: View,
    *,
    px: float = 0.75,
    reserved: Sequence[tuple[float, float, float, float]] = (),
    local_names: bool = True,
    grid: str = "graticule",
    alt: str = "Map",
) -> Snapshot:
    """Draw ground, marks and names into a rectangle of a figure.

    Parameters
    ----------
    box
        Left, bottom, width, height of the map in points from the figure's lower left.
    px
        Points of paper that stand for one pixel of the screen.
    reserved
        Boxes (west, south, east, north in points of the map) that symbols and names leave free.
    local_names
        Whether great towns are also named in their own script.
    grid
        `graticule` or `mgrs`.
    alt
        What the map shows, for those who cannot see it.
    """
    sheet = Sheet(figure, box)
    with sheet.tagged("Figure", alt):
        return _draw_map(sheet, frame, drawing, view, px, reserved, local_names=local_names, grid=grid)


def _draw_map(
    sheet: Sheet,
    frame: Frame,
    drawing: Drawing,
    view: View,
    px: float,
    reserved: Sequence[tuple[float, float, float, float]],
    *,
    local_names: bool,
    grid: str,
) -> Snapshot:
    context = view.context
    draw_ground(sheet, frame, governorates="governorates" in context, districts="districts" in context, grid=grid)
    placed, beyond = place_marks(frame, drawing.marks, px)
    spread(placed, frame, px, [*reserved, *capital_boxes(frame, px)])
    facilities = _facilities_on(frame) if "facilities" in context else []
    pen = MarkPen(sheet, frame, drawing, px)
    outlines = pen.reaches()
    pen.areas([p for p in placed if p.mark.drawn_as == "area"])
    pen.zones(placed)
    pen.density()
    squares = [(x - 4 * px, y - 4 * px, x + 4 * px, y + 4 * px) for x, y in facilities]
    soft = [*stem_boxes(placed, px), *squares]
    names = NamePen(sheet, frame, px, [*reserved, *boxes_of(placed, px)], soft)
    few = placed if len(placed) <= MOST_NAMED and not view.public else []
    names.write_all(governorates="governorates" in context, local_names=local_names, named=few)
    draw_facilities(sheet, facilities, px)
    pen.extents(placed)
    pen.marks(placed)
    sheet.box(0, 0, frame.width, frame.height, edge=INK, line=1.6)
    written = tuple(text for text, _ in names.written)
    signs = tuple(sign for sign in drawing.signs if outlines or sign != "reach")
    return Snapshot(frame, tuple(placed), drawing.margin, tuple(beyond), len(facilities), written, signs, grid)


def draw_empty_map(
    figure: Figure,
    box: tuple[float, float, float, float],
    frame: Frame,
    view: View,
    px: float,
    *,
    grid: str,
    moving: Sequence[Placed] = (),
) -> None:
    """Draw ground and names alone: what stands still in a film, clear of all symbols that will ever move above it."""
    sheet, context = Sheet(figure, box), view.context
    draw_ground(sheet, frame, governorates="governorates" in context, districts="districts" in context, grid=grid)
    names = NamePen(sheet, frame, px, [], boxes_of(moving, px), aside_px=ASIDE_PX if moving else 0.0)
    names.write_all(governorates="governorates" in context, local_names=False)
    draw_facilities(sheet, _facilities_on(frame) if "facilities" in context else [], px)
    sheet.box(0, 0, frame.width, frame.height, edge=INK, line=1.6)


def marks_apart(frame: Frame, drawing: Drawing, px: float) -> tuple[list[Placed], list[Mark]]:
    """Put the marks of one frame of a film on the paper, moved apart; return also those that lie beyond it."""
    placed, beyond = place_marks(frame, drawing.marks, px)
    spread(placed, frame, px, capital_boxes(frame, px))
    return placed, beyond


def draw_marks_alone(
    figure: Figure,
    box: tuple[float, float, float, float],
    frame: Frame,
    drawing: Drawing,
    placed: Sequence[Placed],
    px: float,
) -> None:
    """Draw the marks without ground or names: what moves in a film."""
    pen = MarkPen(Sheet(figure, box), frame, drawing, px)
    pen.reaches()
    pen.areas([p for p in placed if p.mark.drawn_as == "area"])
    pen.zones(placed)
    pen.density()
    pen.extents(placed)
    pen.marks(placed)


def _facilities_on(frame: Frame) -> list[tuple[float, float]]:
    facilities = load_facilities()
    x, y = frame.to_paper([f["longitude"] for f in facilities], [f["latitude"] for f in facilities])
    inside = frame.holds(x, y, 2.0)
    return [(float(a), float(b)) for a, b, ok in zip(x, y, inside, strict=True) if ok]
