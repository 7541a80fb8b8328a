"""Where the sign of an area stands: inside it, or on the edge of a zone, and clear of the symbols of places."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely

from dashboard.marks import Marks
from dashboard.symbol_loops import clearest
from dashboard.symbols import ZONE_LEAST_PX
from geodata.boundaries import load_boundaries
from geodata.cells import WORLD_PX, mercator_px, metres_per_px

#: Places tried per area: a 9 x 9 grid over its box leaves 30 to 50 inside a compact shape.
GRID = 9

#: Areas whose badge is moved, those with most records first; with more, no arrangement is clear.
MOST_MOVED = 200

#: Clear space in pixels beyond which a place is as good as any other, so that the area's own centre wins.
ENOUGH_PX = 14.0

#: Distances in pixels from the edge of a zone, and directions, in which its sign may stand; south is tried first.
ZONE_STEPS_PX, ZONE_TURNS = (0.0, 14.0, 28.0), 12

Points = npt.NDArray[np.float64]


def clear_of_symbols(areas: Marks, symbols: Marks, zoom: float) -> Marks:
    """Move each area's sign to the point of the area that is clear of symbols and of the signs placed before.

    Parameters
    ----------
    areas, symbols
        Marks drawn as areas or zones, and all others on the map.
    zoom
        Web map zoom, by which pixels are counted.
    """
    ranked = areas.take(np.argsort(-areas.count, kind="stable"))
    moving = ranked.take(np.arange(min(MOST_MOVED, len(ranked))))
    if not len(moving):
        return ranked
    edges = iter(_on_edges(moving, zoom))
    candidates = [
        next(edges) if drawn_as == "zone" else inside_area(area_id)
        for drawn_as, area_id in zip(moving.drawn_as.tolist(), moving.area_id.tolist(), strict=True)
    ]
    lonlat = np.concatenate(candidates)
    taken = np.zeros((len(symbols) + len(moving), 3))
    taken[: len(symbols)] = np.stack([*mercator_px(symbols.longitude, symbols.latitude, zoom), symbols.size_px], axis=1)
    ends = np.cumsum([len(one) for one in candidates])
    x, y = mercator_px(lonlat[:, 0], lonlat[:, 1], zoom)
    best = clearest(x, y, ends, moving.size_px, taken, len(symbols), enough_px=ENOUGH_PX)
    return Marks.joined([moving.standing(lonlat[best]), ranked.take(np.arange(len(moving), len(ranked)))])


#: Unit steps east and south of the directions in which a zone's sign may stand.
_TURNS = np.linspace(0.0, 2 * np.pi, ZONE_TURNS, endpoint=False)
_EAST, _SOUTH = np.tile(np.sin(_TURNS), len(ZONE_STEPS_PX)), np.tile(np.cos(_TURNS), len(ZONE_STEPS_PX))
_OUT_PX = np.repeat(np.array(ZONE_STEPS_PX), ZONE_TURNS)


def _on_edges(marks: Marks, zoom: float) -> npt.NDArray[np.float64]:
    """Points on the edge of each zone among marks and outside it as (longitude, latitude), by distance."""
    zones = marks.drawn_as == "zone"
    longitude, latitude = marks.middle[zones].T[:, :, None]
    out = np.maximum(marks.radius_m[zones, None] / metres_per_px(latitude, zoom), ZONE_LEAST_PX) + _OUT_PX
    degrees_per_px = 360.0 / (WORLD_PX * 2.0**zoom)
    east = out * _EAST * degrees_per_px
    south = out * _SOUTH * degrees_per_px * np.cos(np.radians(latitude))
    return np.stack([longitude + east, np.clip(latitude - south, -85.0, 85.0)], axis=2)


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
