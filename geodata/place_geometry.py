"""Work out points that a text describes: so far from a place, between two, in the south of an area, on a border."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import shapely
from pyproj import Geod

from geodata.boundaries import Boundaries

WGS84 = Geod(ellps="WGS84")

#: Every so many metres a corridor is asked in which governorate it runs.
_STEP_M = 2_000.0


def offset(longitude: float, latitude: float, bearing: float, metres: float) -> tuple[float, float]:
    """Give the point so many metres from another on the WGS 84 ellipsoid, as longitude, latitude."""
    east, north, _ = WGS84.fwd(longitude, latitude, bearing, metres)
    return round(float(east), 6), round(float(north), 6)


def corridor(
    start: tuple[float, float], end: tuple[float, float], governorates: frozenset[str], boundaries: Boundaries
) -> tuple[float, float, float] | None:
    """Give the middle of the way between two points and the radius that covers it, as longitude, latitude, metres.

    When governorates are stated, only the part of the straight line inside them counts; None when no part is.
    """
    length = WGS84.line_length((start[0], end[0]), (start[1], end[1]))
    count = max(2, min(500, int(length / _STEP_M)))
    inner = WGS84.npts(*start, *end, count)
    points = np.array([start, *inner, end])
    if governorates:
        _, held, _ = boundaries.locate(points[:, 0], points[:, 1])
        points = points[np.isin(held, list(governorates))]
        if not len(points):
            return None
    middle = points[len(points) // 2]
    _, _, distances = WGS84.inv(
        np.full(len(points), middle[0]), np.full(len(points), middle[1]), points[:, 0], points[:, 1]
    )
    return round(float(middle[0]), 6), round(float(middle[1]), 6), round(float(distances.max()), -2)


@lru_cache(maxsize=256)
def part_of_area(area_id: str, bearing: float, boundaries: Boundaries) -> tuple[float, float, float]:
    """Give a point well inside one part of an area and the radius that covers the part.

    A part is what lies on that side of the area's middle by a tenth of its extent or more; without a bearing
    ("central Iraq") it is the middle itself.

    Returns
    -------
    longitude, latitude, radius_m
    """
    area = boundaries.area(area_id)
    west, south, east, north = area.geometry.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    if math.isnan(bearing):
        box = shapely.box(*(middle_x - (east - west) / 4, middle_y - (north - south) / 4),
                          *(middle_x + (east - west) / 4, middle_y + (north - south) / 4))  # fmt: skip
    else:
        sideways, upward = round(math.sin(math.radians(bearing)), 3), round(math.cos(math.radians(bearing)), 3)
        box = shapely.box(
            middle_x + (east - west) * 0.05 if sideways > 0 else west,
            middle_y + (north - south) * 0.05 if upward > 0 else south,
            middle_x - (east - west) * 0.05 if sideways < 0 else east,
            middle_y - (north - south) * 0.05 if upward < 0 else north,
        )
    shape = shapely.intersection(area.geometry, box)
    shape = area.geometry if shape.is_empty else shape
    point = shape.point_on_surface() if not shape.contains(shape.centroid) else shape.centroid
    return float(round(point.x, 4)), float(round(point.y, 4)), covering_radius_m(point.x, point.y, shape)


@lru_cache(maxsize=64)
def shared_border(first: str, second: str, boundaries: Boundaries) -> tuple[float, float, float] | None:
    """Give the middle of the border two areas share and the radius that covers it; None when they do not touch."""
    line = shapely.intersection(boundaries.area(first).geometry.boundary, boundaries.area(second).geometry.buffer(0.02))
    if line.is_empty:
        return None
    point = shapely.Point(shapely.get_coordinates(shapely.shortest_line(line, line.centroid))[0])
    return float(round(point.x, 4)), float(round(point.y, 4)), covering_radius_m(point.x, point.y, line)


def covering_radius_m(longitude: float, latitude: float, shape: shapely.Geometry) -> float:
    """Give the distance from a point to the farthest corner of a shape, in metres, rounded to 100."""
    corners = shapely.get_coordinates(shape)
    _, _, distances = WGS84.inv(
        np.full(len(corners), longitude), np.full(len(corners), latitude), corners[:, 0], corners[:, 1]
    )
    return round(float(distances.max()), -2)
