"""Distances, bearings and reach on the ellipsoid WGS 84, by pyproj's geodesics (Karney 2013); never on a flat map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from geodata.errors import QueryError

GEOD: Final = Geod(ellps="WGS84")

#: Corners of a reach ring. Between two of them the ring is at most 1 - cos(pi / 240) = 0.009 % too near.
RING_CORNERS: Final = 240

#: Farthest reach, in kilometres: half-way round the earth a ring is a point again.
MOST_REACH_KM: Final = 5_000.0

#: Eight points of the compass, from north clockwise.
_POINTS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True, slots=True)
class Nearby:
    """Say how far a place lies from a point and in which direction; the bearing counts from true north, clockwise."""

    index: int
    distance_m: float
    bearing_deg: float

    @property
    def compass(self) -> str:
        """Return the nearest of the eight points of the compass."""
        return _POINTS[round(self.bearing_deg / 45) % 8]


def nearby(
    longitude: float, latitude: float, places: Sequence[tuple[float, float]], *, within_m: float
) -> tuple[Nearby, ...]:
    """List the places within a distance of a point, the nearest first.

    Parameters
    ----------
    longitude, latitude
        The point, in degrees, EPSG:4326.
    places
        Longitude and latitude of each place.
    """
    if not places:
        return ()
    lon, lat = np.array(places, dtype=np.float64).T
    here = np.full(len(places), longitude), np.full(len(places), latitude)
    bearing, _, distance = GEOD.inv(*here, lon, lat)
    found = [
        Nearby(int(index), float(distance[index]), float(bearing[index]) % 360.0)
        for index in np.argsort(distance, kind="stable")
        if distance[index] <= within_m
    ]
    return tuple(found)


def covering_m(
    centres: npt.NDArray[np.float64],
    places: npt.NDArray[np.float64],
    radii_m: npt.NDArray[np.float64],
    starts: npt.NDArray[np.intp],
) -> npt.NDArray[np.float64]:
    """Return the radius in metres of the circle around each centre that holds the circles around its places.

    Parameters
    ----------
    centres
        Longitude and latitude of each circle's centre in degrees, (n, 2).
    places, radii_m
        Those of all places, each centre's after those of the one before, (m, 2), and the circles around them.
    starts
        Where the places of each centre begin.
    """
    around = np.repeat(centres, np.diff(starts, append=len(places)), axis=0)
    near = _on_sphere_m(around, places)
    least = np.maximum.reduceat(near * (1 - _SPHERE_ERROR) + radii_m, starts)
    outer = near * (1 + _SPHERE_ERROR) + radii_m >= np.repeat(least, np.diff(starts, append=len(places)))
    far = np.zeros(len(places))  # a geodesic takes a microsecond: only for places that may be the farthest
    far[outer] = np.asarray(GEOD.inv(*around[outer].T, *places[outer].T)[2]) + radii_m[outer]
    return np.maximum.reduceat(far, starts)


#: Most that a distance on the sphere is off the geodesic, as a share of it.
_SPHERE_ERROR: Final = 0.006
_MEAN_RADIUS_M: Final = 6_371_008.8  # (2a + b) / 3 of WGS 84


def _on_sphere_m(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Distance in metres of each pair of points on a sphere (haversine; Sinnott, Sky and Telescope 68, 1984, 159)."""
    east, north = np.radians(other - one).T
    level = np.cos(np.radians(one[:, 1])) * np.cos(np.radians(other[:, 1]))
    half = np.sin(north / 2) ** 2 + level * np.sin(east / 2) ** 2
    distance: npt.NDArray[np.float64] = 2 * _MEAN_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return distance


def reach_ring(longitude: float, latitude: float, radius_m: float) -> list[tuple[float, float]]:
    """Return the closed ring of points at one distance, as (longitude, latitude) in degrees, without jumps at 180."""
    turns = np.linspace(0.0, 360.0, RING_CORNERS, endpoint=False)
    n = len(turns)
    lon, lat, _ = GEOD.fwd(np.full(n, longitude), np.full(n, latitude), turns, np.full(n, radius_m))
    whole = longitude + (np.asarray(lon) - longitude + 180.0) % 360.0 - 180.0
    ring = list(zip(whole.tolist(), np.asarray(lat).tolist(), strict=True))
    return [*ring, ring[0]]


def reach_feature(longitude: float, latitude: float, radius_km: float) -> dict[str, Any]:
    """Write a reach as a GeoJSON feature.

    Raises
    ------
    QueryError
        When the point or the distance is none that a ring can be drawn for.
    """
    if not (
        math.isfinite(radius_km)
        and 0 < radius_km <= MOST_REACH_KM
        and -180 <= longitude <= 180
        and -85 <= latitude <= 85
    ):
        msg = (
            f"A reach of {radius_km!r} km around {longitude!r}, {latitude!r} cannot be drawn; expected degrees and a "
            f"distance from 0 to {MOST_REACH_KM:,.0f} km."
        )
        raise QueryError(msg)
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [reach_ring(longitude, latitude, radius_km * 1000)]},
        "properties": {"longitude": longitude, "latitude": latitude, "radius_km": radius_km},
    }
