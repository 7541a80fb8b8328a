"""The map's frame: a projection chosen for the extent, and where each place falls on the paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]

#: Size in CSS pixels of the page's map that a centre and a zoom were chosen on (dashboard/app.py, a laptop's window).
SCREEN_PX = (1_100.0, 620.0)

#: Metres per pixel of a web map at zoom 0 on the equator: 2 pi 6378137 / 256 (EPSG:3857).
WEB_METRES_PER_PX = 156_543.03392

#: Below this width a Transverse Mercator on the centre differs from true scale by less than 0.02 percent.
WIDE_M = 500_000.0

#: Narrowest map in metres: closer in, the base map's 1:10m lines would promise more than they know.
NARROWEST_M = 16_000.0

#: Least width of a map that chooses its own frame: surroundings are what tells where a place is. Around a single one
#: nothing has to be told apart, and names of towns are farther away in the desert.
SURROUNDINGS_M, LONE_SURROUNDINGS_M = 60_000.0, 180_000.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A map's rectangle on paper and the ground below it.

    Attributes
    ----------
    width, height
        Size in points.
    crs
        PROJ text of the projection.
    projection
        The projection in words, as printed on the product.
    west_m, south_m
        Projected coordinates of the lower left corner, metres.
    metres_per_pt
        Projected metres per point of paper.
    """

    width: float
    height: float
    crs: str
    projection: str
    west_m: float
    south_m: float
    metres_per_pt: float

    def to_paper(self, longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Project longitude, latitude (degrees, EPSG:4326) to points right and up from the lower left corner."""
        x, y = _transformer(self.crs).transform(
            np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        )
        return (np.asarray(x) - self.west_m) / self.metres_per_pt, (np.asarray(y) - self.south_m) / self.metres_per_pt

    def to_ground(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Turn points on the paper back to longitude, latitude (degrees, EPSG:4326)."""
        longitude, latitude = _transformer(self.crs).transform(
            np.asarray(x, dtype=np.float64) * self.metres_per_pt + self.west_m,
            np.asarray(y, dtype=np.float64) * self.metres_per_pt + self.south_m,
            direction="INVERSE",
        )
        return np.asarray(longitude), np.asarray(latitude)

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the frame's centre, degrees."""
        longitude, latitude = self.to_ground(self.width / 2, self.height / 2)
        return float(longitude), float(latitude)

    @property
    def ground_m_per_pt(self) -> float:
        """True metres on the ground per point of paper, east-west at the map's centre: what the scale bar shows.

        Measured on the WGS 84 ellipsoid (Karney 2013, as in PROJ's geodesics), not taken from the projection.
        """
        step = min(36.0, self.width / 4)
        x = np.array([self.width / 2 - step, self.width / 2 + step])
        longitude, latitude = self.to_ground(x, np.full(2, self.height / 2))
        _, _, metres = _geod().inv(longitude[0], latitude[0], longitude[1], latitude[1])
        return float(metres) / (2 * step)

    @property
    def scale_denominator(self) -> float:
        """Denominator of the representative fraction at the map's centre."""
        return self.ground_m_per_pt / (0.0254 / 72)

    @property
    def web_zoom(self) -> float:
        """Zoom level of a web map of the same scale at 96 pixels an inch; labels are ranked by it."""
        metres_per_px = self.ground_m_per_pt * 0.75
        return math.log2(WEB_METRES_PER_PX * math.cos(math.radians(self.centre[1])) / metres_per_px)

    @property
    def bbox_wsen(self) -> Box:
        """West, south, east, north of the ground below the frame, degrees."""
        t = np.linspace(0, 1, 17)
        zero, one = np.zeros_like(t), np.ones_like(t)
        x = np.concatenate([t, t, zero, one]) * self.width
        y = np.concatenate([zero, one, t, t]) * self.height
        longitude, latitude = self.to_ground(x, y)
        return float(longitude.min()), float(latitude.min()), float(longitude.max()), float(latitude.max())

    def holds(self, x: npt.ArrayLike, y: npt.ArrayLike, inset: float = 0.0) -> npt.NDArray[np.bool_]:
        """Tell which points of the paper lie in the frame, `inset` points inside its edge."""
        east, north = np.asarray(x), np.asarray(y)
        inside: npt.NDArray[np.bool_] = (
            (east >= inset) & (east <= self.width - inset) & (north >= inset) & (north <= self.height - inset)
        )
        return inside


def frame_at(place: tuple[float, float, float], size: tuple[float, float]) -> Frame:
    """Make the frame for a map centre and zoom: what the page's map showed, and more where the paper is wider."""
    longitude, latitude, zoom = place
    metres_per_px = WEB_METRES_PER_PX * math.cos(math.radians(latitude)) / 2**zoom
    ground_m = [max(px * metres_per_px, NARROWEST_M) for px in SCREEN_PX]
    metres_per_pt = max(ground_m[0] / size[0], ground_m[1] / size[1])
    reach = np.degrees(np.array(size) * metres_per_pt / 2 / 6_371_000.0)
    wide = reach[0] / max(math.cos(math.radians(latitude)), 0.05)
    crs, words = choose_projection((longitude - wide, latitude - reach[1], longitude + wide, latitude + reach[1]))
    x, y = _transformer(crs).transform(longitude, latitude)
    return Frame(
        size[0],
        size[1],
        crs,
        words,
        x - size[0] / 2 * metres_per_pt,
        y - size[1] / 2 * metres_per_pt,
        metres_per_pt,
    )


def place_of(frame: Frame) -> tuple[float, float, float]:
    """Give the centre and zoom at which `frame_at` shows the ground of a frame."""
    longitude, latitude = frame.centre
    metres_per_px = frame.metres_per_pt / max(SCREEN_PX[0] / frame.width, SCREEN_PX[1] / frame.height)
    return longitude, latitude, math.log2(WEB_METRES_PER_PX * math.cos(math.radians(latitude)) / metres_per_px)


def frame_around(
    longitude: Floats,
    latitude: Floats,
    size: tuple[float, float],
    *,
    padding: tuple[float, float, float, float],
    least_m: float = SURROUNDINGS_M,
) -> Frame:
    """Make the frame that shows all places, at least `least_m` wide.

    `padding` in points (left, bottom, right, top) keeps symbols inside.
    """
    box = (float(longitude.min()), float(latitude.min()), float(longitude.max()), float(latitude.max()))
    crs, words = choose_projection(box)
    x, y = _transformer(crs).transform(longitude, latitude)
    left, bottom, right, top = padding
    room = size[0] - left - right, size[1] - bottom - top
    span = float(np.ptp(x)), float(np.ptp(y))
    metres_per_pt = max(span[0] / room[0], span[1] / room[1], least_m / size[0])
    spare = room[0] - span[0] / metres_per_pt, room[1] - span[1] / metres_per_pt
    west_m = float(np.min(x)) - (left + spare[0] / 2) * metres_per_pt
    south_m = float(np.min(y)) - (bottom + spare[1] / 2) * metres_per_pt
    return Frame(size[0], size[1], crs, words, west_m, south_m, metres_per_pt)


def choose_projection(bbox_wsen: Box) -> tuple[str, str]:
    """Choose a conformal projection for an extent: its PROJ text and its name in words.

    Wide and middling extents get Lambert's conformal conic with standard parallels a sixth inside the north and south
    edge (Snyder, Map Projections: A Working Manual, 1987, p. 105); tall or small ones Transverse Mercator on their
    centre.
    """
    west, south, east, north = bbox_wsen
    longitude, latitude = round((west + east) / 2, 1), round((south + north) / 2, 1)
    width_m = math.radians(east - west) * math.cos(math.radians(latitude)) * 6_371_000
    height_m = math.radians(north - south) * 6_371_000
    if max(width_m, height_m) < WIDE_M or height_m > 1.6 * width_m:
        crs = f"+proj=tmerc +lat_0={latitude} +lon_0={longitude} +k=1 +ellps=WGS84 +units=m +no_defs"
        return crs, f"Transverse Mercator, central meridian {_degrees(longitude, 'EW')}, WGS 84"
    sixth = (north - south) / 6
    low, high = round(south + sixth, 1), round(north - sixth, 1)
    if low == high:
        high = round(low + 0.2, 1)
    crs = f"+proj=lcc +lat_1={low} +lat_2={high} +lat_0={latitude} +lon_0={longitude} +ellps=WGS84 +units=m +no_defs"
    parallels = f"{_degrees(low, 'NS')} and {_degrees(high, 'NS')}"
    return crs, (
        f"Lambert conformal conic, standard parallels {parallels}, central meridian {_degrees(longitude, 'EW')}, WGS 84"
    )


def _degrees(value: float, letters: str) -> str:
    return f"{abs(value):g}° {letters[0] if value >= 0 else letters[1]}"


@lru_cache(maxsize=64)
def _transformer(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True)


@lru_cache(maxsize=1)
def _geod() -> pyproj.Geod:
    return pyproj.Geod(ellps="WGS84")
