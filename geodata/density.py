"""Records per grid cell, spread as widely as their place is uncertain: a governorate never piles on its capital."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely

from geodata.boundaries import load_boundaries
from geodata.columns import Spots
from geodata.store import Store

#: Edge of a density cell in degrees: about 11 km north-south, the scale at which districts differ.
CELL_DEG = 0.1

#: Length of one degree of latitude in metres on the mean sphere (IUGG mean radius 6,371,008.8 m).
METRES_PER_DEGREE = 111_195.0

Cell = tuple[float, float, float, float, float]


def density(store: Store, counts: npt.NDArray[np.int64]) -> tuple[Cell, ...]:
    """Sum the records of each grid cell as (west, south, east, north, records), in degrees.

    `counts` are the records of each spot. Records known only to a region or country are left out: they have no place
    on the map.
    """
    weights: dict[tuple[int, int], float] = {}
    for spot in np.flatnonzero(counts).tolist():
        cells = cells_of(store.spots, spot)
        for cell in cells:
            weights[cell] = weights.get(cell, 0.0) + counts[spot] / len(cells)
    return tuple(
        (x * CELL_DEG, y * CELL_DEG, (x + 1) * CELL_DEG, (y + 1) * CELL_DEG, round(weight, 6))
        for (x, y), weight in sorted(weights.items())
    )


def cells_of(spots: Spots, spot: int) -> tuple[tuple[int, int], ...]:
    """Give the grid cells, east and north in steps of `CELL_DEG`, over which the records of a spot are spread."""
    precision = spots.precision[spot]
    if precision in ("region", "country"):
        return ()
    if spots.area_id[spot]:
        return _cells_in_area(str(spots.area_id[spot]))
    return _cells_in_circle(float(spots.longitude[spot]), float(spots.latitude[spot]), float(spots.radius_m[spot]))


@lru_cache(maxsize=4_096)
def _cells_in_area(area_id: str) -> tuple[tuple[int, int], ...]:
    shape = load_boundaries().area(area_id).geometry
    x, y = _grid(shape.bounds)
    inside = shapely.contains_xy(shape, (x + 0.5) * CELL_DEG, (y + 0.5) * CELL_DEG)
    anchor = shapely.point_on_surface(shape)
    return _pairs(x[inside], y[inside]) or ((_index(anchor.x), _index(anchor.y)),)


@lru_cache(maxsize=65_536)
def _cells_in_circle(longitude: float, latitude: float, radius_m: float) -> tuple[tuple[int, int], ...]:
    reach = radius_m / METRES_PER_DEGREE
    wide = reach / max(np.cos(np.radians(latitude)), 0.01)
    x, y = _grid((longitude - wide, latitude - reach, longitude + wide, latitude + reach))
    east, north = ((x + 0.5) * CELL_DEG - longitude) / wide, ((y + 0.5) * CELL_DEG - latitude) / reach
    inside = east**2 + north**2 <= 1
    return _pairs(x[inside], y[inside]) or ((_index(longitude), _index(latitude)),)


def _grid(bbox_wsen: tuple[float, float, float, float]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    west, south, east, north = (_index(edge) for edge in bbox_wsen)
    x, y = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
    return x.ravel(), y.ravel()


def _pairs(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def _index(degrees: float) -> int:
    return int(np.floor(degrees / CELL_DEG))
