"""Which records stand together: symbols that would cover each other at a zoom, and areas too small to be seen there."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.symbol_loops import join_symbols
from dashboard.symbols import sizes_px
from geodata.boundaries import load_boundaries
from geodata.cells import grid_cells, mercator_px

#: Symbols closer than this share of their two radii are grouped: 1 is touching.
LEAST_GAP = 0.85

#: Above this many places, those of one screen cell are grouped before the symbols are: each pair is compared.
MOST_COMPARED = 800

#: More symbols than `LEAST_CROWD`, and more than `MOST_IN_SQUARE` on average in squares of `CROWD_PX`, are a crowd:
#: each is given a radius of `ROOM_PX` at least when they are compared, and what lies between them is seen.
LEAST_CROWD, MOST_IN_SQUARE, CROWD_PX, ROOM_PX = 120, 2.0, 128.0, 40.0

#: Areas, or zones, above which they crowd: small ones are counted in the area above them, or with the next.
MOST_AREAS = 60

#: Narrowest side in pixels of an area that carries a badge of its own where areas crowd.
LEAST_AREA_PX = 72.0

Numbers = npt.NDArray[np.int64]


def point_groups(
    longitude: npt.NDArray[np.float64],
    latitude: npt.NDArray[np.float64],
    weight: Numbers,
    zoom: float,
    *,
    least_px: float = 0.0,
) -> Numbers:
    """Give each place (degrees, EPSG:4326) the number of the symbol it stands in at a web map zoom.

    `least_px` is the radius that every symbol is given at least when they are compared.
    """
    x, y = mercator_px(longitude, latitude, zoom)
    first = np.arange(len(x)) if len(x) <= MOST_COMPARED else grid_cells(x, y)
    group = overlapping(first, x, y, weight, least_px=least_px)
    return overlapping(group, x, y, weight, least_px=ROOM_PX) if _crowded(group, x, y) else group


def _crowded(group: Numbers, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> bool:
    """Tell whether the squares in which symbols stand hold more of them than can be told apart."""
    n = int(group.max(initial=-1)) + 1
    squares = np.unique(np.floor(x / CROWD_PX) * 2.0**22 + np.floor(y / CROWD_PX))
    return n > max(LEAST_CROWD, MOST_IN_SQUARE * len(squares))


def overlapping(
    group: Numbers,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    weight: Numbers,
    *,
    least_px: float = 0.0,
) -> Numbers:
    """Group symbols (pixels) until none covers more than a sixth of another's reach; a group stands at its mean.

    Groups grow as they gather records and may then touch the next, so the passes are repeated until nothing changes;
    each pass joins at least two, and five are the most seen on real maps.

    Parameters
    ----------
    group
        The group in which each place stands to begin with, 0 for the first.

    Returns
    -------
    group
        Group number of each place, 0 for the first.
    """
    while True:
        n = np.bincount(group, weights=weight)
        at_x, at_y = np.bincount(group, weights=x * weight) / n, np.bincount(group, weights=y * weight) / n
        radius, order = np.maximum(sizes_px(n), least_px), np.lexsort((at_y, at_x, -n))
        joined = join_symbols(at_x, at_y, radius, order, least_gap=LEAST_GAP)
        if joined.max(initial=-1) + 1 == len(n):
            return group
        group = joined[group]


@lru_cache(maxsize=65_536)
def seen_area(area_id: str, zoom: float) -> str:
    """Name the area in which the records of an area are counted at a web map zoom: itself, or the one above it.

    From a district that is too small one climbs to its governorate, and never to the country, which says much less.
    """
    boundaries = load_boundaries()
    if area_id not in boundaries or boundaries.area(area_id).level != "district":
        return area_id
    area = boundaries.area(area_id)
    west, south, east, north = area.geometry.bounds
    x, y = mercator_px(np.array([west, east]), np.array([south, north]), zoom)
    return area_id if min(abs(x[1] - x[0]), abs(y[1] - y[0])) >= LEAST_AREA_PX else area.parent


def runs(group: npt.NDArray[Any]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Sort members by their group: the order, and where each group's run begins in it."""
    order = np.argsort(group, kind="stable")
    return order, np.flatnonzero(np.diff(group[order], prepend=-1))
