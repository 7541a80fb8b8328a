"""Where the sign of an area stands: inside it, or on the edge of a zone, and clear of the symbols of places."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.symbols import ZONE_LEAST_PX
from geodata.boundaries import load_boundaries
from geodata.cells import WORLD_PX, mercator_px, metres_per_px

if TYPE_CHECKING:
    from dashboard.drawing import Mark

#: Places tried per area: a 9 x 9 grid over its box leaves 30 to 50 inside a compact shape.
GRID = 9

#: Areas whose badge is moved, those with most records first; with more, no arrangement is clear and each costs 0.1 ms.
MOST_MOVED = 60

#: Clear space in pixels beyond which a place is as good as any other, so that the area's own centre wins.
ENOUGH_PX = 14.0

#: Distances in pixels from the edge of a zone, and directions, in which its sign may stand; south is tried first.
ZONE_STEPS_PX, ZONE_TURNS = (0.0, 14.0, 28.0), 12

Points = npt.NDArray[np.float64]


def clear_of_symbols(areas: list[Mark], symbols: list[Mark], zoom: float) -> list[Mark]:
    """Move each area's sign to the point of the area that is clear of symbols and of the signs placed before.

    Parameters
    ----------
    areas, symbols
        Marks drawn as areas or zones, and all others on the map.
    zoom
        Web map zoom, by which pixels are counted.
    """
    where = np.array([(mark.longitude, mark.latitude, mark.size_px) for mark in symbols]).reshape(-1, 3)
    x, y = mercator_px(where[:, 0], where[:, 1], zoom)
    taken = np.stack([x, y, where[:, 2]], axis=1)
    ranked = sorted(areas, key=lambda mark: -mark.count)
    moved = []
    for mark in ranked[:MOST_MOVED]:
        candidates = _on_edge(mark, zoom) if mark.drawn_as == "zone" else inside_area(mark.area_id)
        x, y = mercator_px(candidates[:, 0], candidates[:, 1], zoom)
        best = int(np.argmax(_merit(x, y, mark.size_px, taken)))
        taken = np.vstack([taken, [x[best], y[best], mark.size_px]])
        moved.append(replace(mark, longitude=float(candidates[best, 0]), latitude=float(candidates[best, 1])))
    return moved + ranked[MOST_MOVED:]


def _merit(x: Points, y: Points, size_px: float, taken: Points) -> Points:
    """Clear pixels around each candidate, capped; the anchor comes first and wins among equals."""
    reach = ENOUGH_PX + size_px + taken[:, 2].max(initial=0.0)
    near = (taken[:, 0] > x.min() - reach) & (taken[:, 0] < x.max() + reach)
    near &= (taken[:, 1] > y.min() - reach) & (taken[:, 1] < y.max() + reach)
    taken = taken[near]
    if not len(taken):
        return np.zeros(len(x))
    gaps = np.hypot(x[:, None] - taken[:, 0], y[:, None] - taken[:, 1]) - taken[:, 2] - size_px
    clear: Points = np.minimum(gaps.min(axis=1), ENOUGH_PX)
    return clear


def _on_edge(mark: Mark, zoom: float) -> Points:
    """Points on the edge of a zone and outside it as (longitude, latitude), by distance."""
    longitude, latitude = mark.centre
    edge = max(mark.radius_m / metres_per_px(latitude, zoom), ZONE_LEAST_PX)
    turns = np.linspace(0.0, 2 * np.pi, ZONE_TURNS, endpoint=False)
    out = np.repeat(edge + np.array(ZONE_STEPS_PX), ZONE_TURNS)
    degrees_per_px = 360.0 / (WORLD_PX * 2.0**zoom)
    east = out * np.sin(np.tile(turns, len(ZONE_STEPS_PX))) * degrees_per_px
    south = out * np.cos(np.tile(turns, len(ZONE_STEPS_PX))) * degrees_per_px * np.cos(np.radians(latitude))
    return np.stack([longitude + east, np.clip(latitude - south, -85.0, 85.0)], axis=1)


@lru_cache(maxsize=2_048)
def inside_area(area_id: str) -> Points:
    """Points inside an area as (longitude, latitude): its anchor first, then a grid that keeps off the border."""
    area = load_boundaries().area(area_id)
    west, south, east, north = area.geometry.bounds
    step = min(east - west, north - south) / (GRID + 1)
    x, y = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
    inner = area.geometry.buffer(-step / 3)
    inside = shapely.contains_xy(inner, x.ravel(), y.ravel())
    grid = np.stack([x.ravel()[inside], y.ravel()[inside]], axis=1)
    order = np.argsort(np.hypot(*(grid - np.array(area.anchor_lonlat)).T), kind="stable")
    return np.vstack([np.array([area.anchor_lonlat]), grid[order]])
