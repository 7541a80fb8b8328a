"""Where each symbol stands: symbols that would hide each other move apart, a line leads back to the place."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.drawing import Mark
from dashboard.snapshot.frame import Frame
from dashboard.snapshot.ground import area_on_paper
from dashboard.snapshot.marks import GROUP_RING_PX, Placed
from geodata.boundaries import load_boundaries

#: Farthest a symbol moves from its place, in its own radii; beyond, the line would be longer than the eye follows.
FARTHEST_RADII = 6.0

#: Above this many symbols nothing moves: the map would turn to lines. The screen groups from 2,000 on as well.
MOST_MOVED = 700

ROUNDS = 160


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
    for mark, at_x, at_y, inside in zip(marks, x.tolist(), y.tolist(), frame.holds(x, y), strict=True):
        point = (at_x, at_y) if inside else _visible_part(frame, mark)
        if point is None:
            beyond.append(mark)
            continue
        r = mark.size_px * px
        lift = r + 4 * px if mark.drawn_as == "pin" else 0.0
        placed.append(Placed(mark, point[0], point[1], point[0], point[1] + lift, r))
    return placed, beyond


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
    """Move symbols apart until none overlaps another, a taken box or the frame's edge; changes `placed` in place.

    A plain relaxation: overlapping neighbours push each other along the line between them, and every symbol is drawn
    back to its place a little, so that a symbol that needs not move does not.
    """
    if not placed:
        return
    at = np.array([(p.at_x, p.at_y) for p in placed])
    home = at.copy()
    r = np.array([_reach(p) for p in placed]) + 0.8 * px
    if len(placed) <= MOST_MOVED:
        near = _near_pairs(home, r)
        for round_ in range(ROUNDS):
            pull = 0.04 * max(0.0, 1 - round_ / (0.7 * ROUNDS))
            at += (home - at) * pull
            if not _push_apart(at, r, near) and pull == 0.0:
                break
            _push_out(at, r, taken)
            _keep_near(at, home, r)
            _keep_inside(at, r, frame)
    _keep_inside(at, r, frame)
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


def _push_apart(at: npt.NDArray[np.float64], r: npt.NDArray[np.float64], near: npt.NDArray[np.intp]) -> bool:
    one, two = near
    apart = at[two] - at[one]
    distance = np.hypot(*apart.T)
    over = r[one] + r[two] - distance
    hit = over > 0.01
    if not hit.any():
        return False
    one, two, apart, distance, over = one[hit], two[hit], apart[hit], distance[hit], over[hit]
    # Two symbols on the very same point part in a direction of their own, always the same.
    angle = 2.399963 * (one + 1)  # golden angle: neighbours in the list get different directions
    same = distance < 1e-6
    unit = np.where(
        same[:, None], np.stack([np.cos(angle), np.sin(angle)], axis=1), apart / np.maximum(distance, 1e-6)[:, None]
    )
    push = unit * (over / 2 * 0.9)[:, None]
    np.add.at(at, one, -push)
    np.add.at(at, two, push)
    return True


def _push_out(
    at: npt.NDArray[np.float64], r: npt.NDArray[np.float64], taken: Sequence[tuple[float, float, float, float]]
) -> None:
    """Move symbols out of boxes that hold text, by the shortest way."""
    for west, south, east, north in taken:
        x, y = at.T
        ways = np.stack([x + r - west, east - x + r, y + r - south, north - y + r])
        inside = (ways > 0).all(axis=0)
        if not inside.any():
            continue
        way = ways[:, inside].argmin(axis=0)
        step = ways[:, inside].min(axis=0)
        moves = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])[way] * step[:, None]
        at[inside] += moves


def _keep_near(at: npt.NDArray[np.float64], home: npt.NDArray[np.float64], r: npt.NDArray[np.float64]) -> None:
    away = at - home
    distance = np.hypot(*away.T)
    far = distance > FARTHEST_RADII * r
    at[far] = home[far] + away[far] * (FARTHEST_RADII * r[far] / distance[far])[:, None]


def _keep_inside(at: npt.NDArray[np.float64], r: npt.NDArray[np.float64], frame: Frame) -> None:
    at[:, 0] = np.clip(at[:, 0], r + 1, frame.width - r - 1)
    at[:, 1] = np.clip(at[:, 1], r + 1, frame.height - r - 1)


def overlap_share(placed: Sequence[Placed]) -> float:
    """Share of symbols that still overlap another, for the tests and the linter."""
    if len(placed) < 2:
        return 0.0
    at = np.array([(p.at_x, p.at_y) for p in placed])
    r = np.array([p.r for p in placed])
    one, two = _near_pairs(at, r)
    hit = np.hypot(*(at[two] - at[one]).T) < 0.92 * (r[one] + r[two])
    return len(set(one[hit].tolist()) | set(two[hit].tolist())) / len(placed)


def boxes_of(placed: Sequence[Placed], px: float) -> list[tuple[float, float, float, float]]:
    """Boxes of the symbols, that names must leave free."""
    return [(p.at_x - r, p.at_y - r, p.at_x + r, p.at_y + r) for p in placed for r in [p.r + px]]


def stem_boxes(placed: Sequence[Placed], px: float) -> list[tuple[float, float, float, float]]:
    """Boxes along the lines from symbols to their places, that all names but a capital's leave free."""
    return [box for p in placed if p.mark.drawn_as == "pin" or p.moved for box in _stem_boxes(p, px)]


def _stem_boxes(p: Placed, px: float) -> list[tuple[float, float, float, float]]:
    steps = max(1, math.ceil(math.hypot(p.at_x - p.x, p.at_y - p.y) / (6 * px)))
    points = [(p.x + (p.at_x - p.x) * k / steps, p.y + (p.at_y - p.y) * k / steps) for k in range(steps + 1)]
    return [(x - 1.6 * px, y - 1.6 * px, x + 1.6 * px, y + 1.6 * px) for x, y in points]
