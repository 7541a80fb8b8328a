"""Where each symbol stands: symbols that would hide each other move apart, a line leads back to the place."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.marks import Mark
from dashboard.snapshot.frame import Frame
from dashboard.snapshot.ground import area_on_paper
from dashboard.snapshot.marks import GROUP_RING_PX, Placed
from dashboard.symbol_loops import relax
from geodata.boundaries import load_boundaries

#: Farthest a symbol moves from its place, in its own radii; beyond, the line would be longer than the eye follows.
FARTHEST_RADII = 6.0

#: Above this many symbols nothing moves: the map would turn to lines. The screen groups from 2,000 on as well.
MOST_MOVED = 700

ROUNDS = 160

#: Share of the map that the badges of areas may cover, and the least part of their size that they shrink to.
MOST_BADGES, SMALLEST_BADGE = 0.08, 0.5


def place_marks(frame: Frame, marks: Sequence[Mark], px: float) -> tuple[list[Placed], list[Mark]]:
    """Put marks on the paper.

    Returns
    -------
    placed
        Marks whose place, or a part of whose area, lies in the frame.
    beyond
        The others: told beside the map, never dropped.
    """
    if not marks:
        return [], []
    x, y = frame.to_paper([m.longitude for m in marks], [m.latitude for m in marks])
    placed, beyond = [], []
    smaller = _badge_scale(frame, marks, px)
    for mark, at_x, at_y, inside in zip(marks, x.tolist(), y.tolist(), frame.holds(x, y), strict=True):
        point = (at_x, at_y) if inside else _visible_part(frame, mark)
        if point is None:
            beyond.append(mark)
            continue
        r = mark.size_px * px * (smaller if mark.has_badge else 1.0)
        lift = r + 4 * px if mark.drawn_as == "pin" else 0.0
        placed.append(Placed(mark, point[0], point[1], point[0], point[1] + lift, r))
    return placed, beyond


def _badge_scale(frame: Frame, marks: Sequence[Mark], px: float) -> float:
    """Make badges smaller where areas crowd: full ones would be moved out of the areas whose number they carry."""
    covered = sum((2 * mark.size_px * px) ** 2 for mark in marks if mark.has_badge)
    return max(SMALLEST_BADGE, min(1.0, math.sqrt(MOST_BADGES * frame.width * frame.height / max(covered, 1.0))))


def _visible_part(frame: Frame, mark: Mark) -> tuple[float, float] | None:
    """Find a point for the sign of an area of which only a part lies in the frame, or of a zone whose middle does."""
    if mark.drawn_as == "zone":
        x, y = frame.to_paper([mark.centre[0]], [mark.centre[1]])
        return (float(x[0]), float(y[0])) if frame.holds(x, y)[0] else None
    if mark.drawn_as != "area":
        return None
    shape = area_on_paper(frame, load_boundaries().area(mark.area_id).geometry)
    seen = shapely.clip_by_rect(shape, 0, 0, frame.width, frame.height)
    if seen.is_empty or seen.area < 0.002 * frame.width * frame.height:
        return None
    point = shapely.point_on_surface(seen)
    return float(point.x), float(point.y)


def spread(
    placed: list[Placed], frame: Frame, px: float, taken: Sequence[tuple[float, float, float, float]] = ()
) -> None:
    """Move symbols apart until none overlaps another, a taken box or the frame's edge; changes `placed` in place."""
    if not placed:
        return
    at = np.array([(p.at_x, p.at_y) for p in placed])
    r = np.array([_reach(p) for p in placed]) + 0.8 * px
    if len(placed) <= MOST_MOVED:
        boxes = np.array(taken, dtype=float).reshape(-1, 4)
        at = relax(
            at, r, _near_pairs(at, r), boxes,
            width=frame.width, height=frame.height, rounds=ROUNDS, farthest_radii=FARTHEST_RADII,
        )  # fmt: skip
    low = r + 1
    at = np.clip(at, low[:, None], np.array([frame.width, frame.height]) - low[:, None])
    for p, (x, y) in zip(placed, at.tolist(), strict=True):
        p.at_x, p.at_y = x, y


def _reach(p: Placed) -> float:
    if p.mark.drawn_as == "group":
        return p.r * (1 + GROUP_RING_PX / p.mark.size_px)
    return p.r * (1.16 if p.mark.drawn_as in ("area", "zone") or p.mark.count == 1 else 1.0)


def _near_pairs(home: npt.NDArray[np.float64], r: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    points = np.asarray(shapely.points(home), dtype=object)
    reach = float(r.max()) * (2 + FARTHEST_RADII)
    pairs = shapely.STRtree(points).query(points, predicate="dwithin", distance=reach)
    near: npt.NDArray[np.intp] = pairs[:, pairs[0] < pairs[1]]
    return near


def boxes_of(placed: Sequence[Placed], px: float) -> list[tuple[float, float, float, float]]:
    """Boxes of the symbols, that names must leave free."""
    reach = [(p.at_x, p.at_y, p.r + (1 + GROUP_RING_PX * (p.mark.drawn_as == "group")) * px) for p in placed]
    return [(x - r, y - r, x + r, y + r) for x, y, r in reach]


def stem_boxes(placed: Sequence[Placed], px: float) -> list[tuple[float, float, float, float]]:
    """Boxes along the lines from symbols to their places, that all names but a capital's leave free."""
    return [box for p in placed if p.mark.drawn_as == "pin" or p.moved for box in _stem_boxes(p, px)]


def _stem_boxes(p: Placed, px: float) -> list[tuple[float, float, float, float]]:
    steps = max(1, math.ceil(math.hypot(p.at_x - p.x, p.at_y - p.y) / (6 * px)))
    points = [(p.x + (p.at_x - p.x) * k / steps, p.y + (p.at_y - p.y) * k / steps) for k in range(steps + 1)]
    return [(x - 1.6 * px, y - 1.6 * px, x + 1.6 * px, y + 1.6 * px) for x, y in points]
