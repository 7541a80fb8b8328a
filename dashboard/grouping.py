"""Which records stand together: symbols that would cover each other at a zoom, and areas too small to be seen there."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from dashboard.symbols import sizes_px
from geodata.boundaries import load_boundaries
from geodata.cells import grid_cells, mercator_px

#: Symbols closer than this share of their two radii are grouped: 1 is touching.
LEAST_GAP = 0.85

#: Above this many places, those of one screen cell are grouped before the symbols are: each pair is compared.
MOST_COMPARED = 800

#: Narrowest side in pixels of an area that carries a badge of its own; smaller ones stand with the area above them.
LEAST_AREA_PX = 44.0

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
    if len(x) <= MOST_COMPARED:
        return overlapping(x, y, weight, least_px=least_px)
    cell = grid_cells(x, y)
    n = np.bincount(cell, weights=weight)
    at_x, at_y = np.bincount(cell, weights=x * weight) / n, np.bincount(cell, weights=y * weight) / n
    return overlapping(at_x, at_y, n.astype(np.int64), least_px=least_px)[cell]


def overlapping(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], weight: Numbers, *, least_px: float = 0.0
) -> Numbers:
    """Group symbols (pixels) until none covers more than a sixth of another's reach; a group stands at its mean.

    Groups grow as they gather records and may then touch the next, so the passes are repeated until nothing changes;
    each pass joins at least two, and five are the most seen on real maps.

    Returns
    -------
    group
        Group number of each symbol, 0 for the first.
    """
    group = np.arange(len(x))
    while True:
        n = np.bincount(group, weights=weight)
        at_x, at_y = np.bincount(group, weights=x * weight) / n, np.bincount(group, weights=y * weight) / n
        joined = _join_pass(at_x, at_y, np.maximum(sizes_px(n), least_px), np.lexsort((at_y, at_x, -n)))
        if joined.max(initial=-1) + 1 == len(n):
            return group
        group = joined[group]


@numba.njit(cache=True)
def _join_pass(x, y, radius, order):  # type: ignore[no-untyped-def]  # numba infers the types
    """Join each symbol to the nearest larger one that it overlaps; `order` has the largest first."""
    group = np.full(len(x), -1, dtype=np.int64)
    heads = np.empty(len(x), dtype=np.int64)
    n_heads = 0
    for index in order:
        nearest, least = -1, LEAST_GAP**2
        for k in range(n_heads):
            head = heads[k]
            east, south, reach = x[head] - x[index], y[head] - y[index], radius[head] + radius[index]
            gap = (east * east + south * south) / (reach * reach)
            if gap < least:
                nearest, least = k, gap
        if nearest < 0:
            nearest = n_heads
            heads[n_heads] = index
            n_heads += 1
        group[index] = nearest
    return group


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
