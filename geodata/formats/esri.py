"""Turn the features that Esri's servers and programs write as JSON into those of GeoJSON."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Final

#: Codes from here on are Esri's own; those below are EPSG's.
_FIRST_OWN_CODE: Final = 32_768
_KEYS: Final = frozenset({"attributes", "geometry"})


def is_esri(item: Any) -> bool:
    """Tell whether an item is a feature of Esri: `attributes`, mostly a `geometry`, and nothing else."""
    return isinstance(item, dict) and isinstance(item.get("attributes"), dict) and item.keys() <= _KEYS


def as_feature(item: Any) -> Any:
    """Return a feature of Esri as one of GeoJSON, in the coordinates it has; anything else as it is."""
    if not is_esri(item):
        return item
    return {"type": "Feature", "properties": item["attributes"], "geometry": _geometry(item.get("geometry"))}


def reference_of(item: Mapping[str, Any]) -> str | None:
    """Return the coordinate system that a feature names for itself, empty where it names none; None without a shape."""
    geometry = item.get("geometry")
    if not isinstance(geometry, dict):
        return None
    found = geometry.get("spatialReference")
    return code_of(found) if isinstance(found, dict) else ""


def code_of(reference: Mapping[str, Any]) -> str:
    """Return the coordinate system that a `spatialReference` names, as a code or as its definition."""
    for key in ("latestWkid", "wkid"):
        number = str(reference.get(key) or "")
        if number.isascii() and number.isdigit():
            return f"{'EPSG' if int(number) < _FIRST_OWN_CODE else 'ESRI'}:{number}"
    return str(reference.get("wkt") or "")


def _geometry(shape: Any) -> dict[str, Any] | None:
    if not isinstance(shape, dict):
        return None
    if "x" in shape and "y" in shape:
        return {"type": "Point", "coordinates": [shape["x"], shape["y"]]}
    for key, kind in (("points", "MultiPoint"), ("paths", "MultiLineString")):
        if isinstance(shape.get(key), list):
            return {"type": kind, "coordinates": [_flat(part) for part in shape[key]]}
    rings = shape.get("rings")
    return {"type": "MultiPolygon", "coordinates": _polygons(rings)} if isinstance(rings, list) else None


def _flat(part: Any) -> Any:
    """Return positions without the height and the measure behind longitude and latitude."""
    if not isinstance(part, list):
        return part
    return [_flat(item) for item in part] if part and isinstance(part[0], list) else part[:2]


def _polygons(rings: list[Any]) -> list[list[Any]]:
    """Put each hole, which runs against the clock, to the outline before it."""
    polygons: list[list[Any]] = []
    for ring in map(_flat, rings):
        if polygons and not _clockwise(ring):
            polygons[-1].append(ring)
        else:
            polygons.append([ring])
    return polygons


def _clockwise(ring: Any) -> bool:
    try:
        points = [(float(x), float(y)) for x, y in ring]
    except (TypeError, ValueError):
        return True
    return sum((x2 - x1) * (y2 + y1) for (x1, y1), (x2, y2) in itertools.pairwise(points)) >= 0
