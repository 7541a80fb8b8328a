"""Bring geometries of any coordinate system to a point in degrees, and say what was done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from geodata.errors import FileError
from geodata.formats.cells import Written, to_json

_POINT_DEPTH: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Hold a point in the file's own coordinates: as written, and its shape as JSON when it is more than a point."""

    x: str = ""
    y: str = ""
    shape: str = ""

    @property
    def known(self) -> bool:
        """Tell whether there is a point."""
        return bool(self.x and self.y)


def place_of(geometry: Any) -> Place:
    """Return the point that stands for a GeoJSON geometry: itself, or one inside a line or an area."""
    if not isinstance(geometry, Mapping):
        return Place()
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point" and isinstance(coordinates, Sequence) and len(coordinates) >= 2:
        x, y = coordinates[0], coordinates[1]
        if isinstance(x, Written) and isinstance(y, Written):
            return Place(str(x), str(y))
        return Place()
    point = _inside(geometry)
    return Place(*point, shape=to_json(geometry)) if point else Place(shape=to_json(geometry))


def _inside(geometry: Mapping[str, Any]) -> tuple[str, str] | None:
    import shapely

    numbers = _numbers(geometry, 0)
    if numbers is None:
        return None
    try:
        point = shapely.geometry.shape(numbers).representative_point()
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        return None
    if point.is_empty or not (math.isfinite(point.x) and math.isfinite(point.y)):
        return None
    return f"{point.x:.6f}", f"{point.y:.6f}"


def _numbers(value: Any, depth: int) -> Any:
    """Return the geometry with floats for written numbers; None when something in it is no number."""
    if isinstance(value, Mapping):
        return {
            key: _numbers(item, depth + 1) if key in {"coordinates", "geometries"} else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_numbers(item, depth + 1) for item in value]
    return float(value) if isinstance(value, Written) else math.nan if value is None else value


@dataclass(slots=True)
class Projection:
    """Turn coordinates of a file into degrees north and east, WGS 84."""

    crs: str
    notes: list[str] = field(default_factory=list)
    detail: dict[str, str] = field(default_factory=dict)
    _change: Any = None

    @classmethod
    def of(cls, crs: str, name: str) -> Projection:
        """Prepare for a coordinate system given by its code or its definition; empty is WGS 84.

        Raises
        ------
        FileError
            When the definition cannot be read.
        """
        import pyproj

        if not crs:
            return cls("", detail={"crs": "WGS 84 (EPSG:4326)"})
        try:
            named = pyproj.CRS.from_user_input(crs)
            change = None if _is_wgs84(named) else pyproj.Transformer.from_crs(named, 4326, always_xy=True)
        except pyproj.exceptions.ProjError as error:
            msg = f"{name} is in a coordinate system that cannot be read ({crs[:80]!r}); save it in WGS 84 (EPSG:4326)"
            raise FileError(msg) from error
        label = f"{named.name} ({':'.join(named.to_authority() or ('no', 'code'))})"
        notes = [f"coordinates turned from {label} into WGS 84 degrees"] if change is not None else []
        return cls(crs, notes, {"crs": label}, change)

    def degrees(self, places: list[Place]) -> list[tuple[str, str]]:
        """Return latitude and longitude as text; empty where there is none or none on earth."""
        if self._change is None:
            return [(place.y, place.x) if place.known else ("", "") for place in places]
        known = [index for index, place in enumerate(places) if place.known]
        x = [_float(places[index].x) for index in known]
        y = [_float(places[index].y) for index in known]
        lon, lat = self._change.transform(x, y) if known else ([], [])
        answer = [("", "")] * len(places)
        for index, north, east in zip(known, lat, lon, strict=True):
            if math.isfinite(north) and math.isfinite(east):
                answer[index] = (f"{north:.6f}", f"{east:.6f}")
        return answer


def _is_wgs84(named: Any) -> bool:
    # CRS84 and WGS 84 differ in the order of axes only; files give longitude first in both.
    return bool(named.is_geographic and named.to_authority() in {("EPSG", "4326"), ("OGC", "CRS84")})


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
