"""Read JSON: lists of objects wherever they stand, and GeoJSON with its geometries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from geodata.errors import FileError
from geodata.formats.cells import Written, columns_of, flat, to_json
from geodata.formats.encoding import read_utf8
from geodata.formats.geometry import Place, Projection, place_of
from geodata.formats.worker import Found

#: Names under which a file keeps its list, tried first; otherwise the longest list of objects is taken.
_LISTS: Final = ("venues", "events", "incidents", "features", "data", "results", "items", "records")
_EPSG: Final = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[0-9.]*:)?(\d{4,6})", re.IGNORECASE)


def read_json(path: Path, name: str, options: Mapping[str, Any]) -> Iterator[Found]:
    """Read a JSON or GeoJSON file, or one with an object on each line."""
    text = read_utf8(path, name).data.decode("utf-8", errors="replace")
    content = _parsed(text, name)
    if isinstance(content, Mapping) and content.get("type") in {"FeatureCollection", "Feature"}:
        yield _features(content, name)
        return
    yield _objects(content, name, str(options.get("list") or ""))


def _parsed(text: str, name: str) -> Any:
    try:
        return _loads(text)
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and lines[0].lstrip().startswith("{"):
            try:
                return [_loads(line) for line in lines]
            except ValueError:
                pass
        msg = f"{name} is not JSON: {error}; open it where it was made and save it again"
        raise FileError(msg) from error


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=Written, parse_int=Written, parse_constant=lambda _: None)


def _objects(content: Any, name: str, wanted: str) -> Found:
    place, items, others = _longest_list(content, wanted)
    if not items:
        msg = f"{name} holds no list of records; a list of objects is needed, such as [{{...}}, {{...}}]"
        raise FileError(msg)
    rows = [flat(item) if isinstance(item, Mapping) else {"value": to_json(item)} for item in items]
    columns = columns_of(rows)
    notes = [f"the list {place!r} of the file was read"] if place else []
    if others:
        notes.append(f"not read: {', '.join(others)[:300]}")
    numbered = ((number, [row.get(column, "") for column in columns]) for number, row in enumerate(rows, start=1))
    return Found("JSON", columns, numbered, unit="item", notes=notes)


def _longest_list(content: Any, wanted: str) -> tuple[str, list[Any], list[str]]:
    """Return the list of records, the path to it, and what else the file holds beside it."""
    if isinstance(content, list):
        return "", content, []
    if not isinstance(content, Mapping):
        return "", [], []
    found: dict[str, list[Any]] = {}
    _lists_in(content, "", found)
    if wanted in found:
        chosen = wanted
    else:
        known = [path for name in _LISTS for path in found if path.rpartition(".")[2] == name]
        chosen = known[0] if known else max(found, key=lambda path: len(found[path]), default="")
    if not chosen:
        single = all(not isinstance(value, Mapping) for value in content.values())
        return "", [content] if content and single else [], []
    others = [str(key) for key in content if chosen.split(".")[0] != key]
    return chosen, found[chosen], others


def _lists_in(content: Mapping[str, Any], path: str, found: dict[str, list[Any]]) -> None:
    for key, value in content.items():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            found[here] = value
        elif isinstance(value, Mapping) and here.count(".") < 3:
            _lists_in(value, here, found)


def _features(content: Mapping[str, Any], name: str) -> Found:
    features = content.get("features") if content["type"] == "FeatureCollection" else [content]
    if not isinstance(features, list) or not features:
        msg = f"{name} is GeoJSON without features; nothing can be read from it"
        raise FileError(msg)
    projection = Projection.of(_crs(content, name), name)
    rows, geometries = [], []
    for feature in features:
        feature = feature if isinstance(feature, Mapping) else {}
        properties = feature.get("properties")
        row = flat(properties) if isinstance(properties, Mapping) else {}
        if feature.get("id") is not None and "id" not in row:
            row = {"id": str(feature["id"]), **row}
        rows.append(row)
        geometries.append(place_of(feature.get("geometry")))
    columns, cells, notes = with_places(rows, geometries, projection)
    return Found("GeoJSON", columns, cells, unit="feature", notes=[*projection.notes, *notes], detail=projection.detail)


def with_places(
    rows: list[dict[str, str]], places: list[Place], projection: Projection
) -> tuple[list[str], Iterator[tuple[int, list[str]]], list[str]]:
    """Add the columns of coordinates and geometry to rows."""
    columns = columns_of(rows)
    # A file's own columns of these names keep them: what a feature says wins over where it is drawn.
    north, east = (f"{axis} (geometry)" if axis in columns else axis for axis in ("latitude", "longitude"))
    drawn = any(place.shape for place in places)
    added = [north, east, *(["geometry"] if drawn and "geometry" not in columns else [])]
    degrees = projection.degrees(places)
    shapes = sum(1 for place in places if place.shape)
    notes = [f"{shapes:,} lines or areas are placed by a point inside them"] if shapes else []
    missing = sum(1 for place in places if not place.known)
    if missing:
        notes.append(f"{missing:,} features have no geometry that can be read")

    def cells() -> Iterator[tuple[int, list[str]]]:
        for number, (row, place, (lat, lon)) in enumerate(zip(rows, places, degrees, strict=True), start=1):
            extra = [lat, lon, place.shape][: len(added)]
            yield number, [row.get(column, "") for column in columns] + extra

    return columns + added, cells(), notes


def _crs(content: Mapping[str, Any], name: str) -> str:
    """Return the coordinate system that an old GeoJSON file names; RFC 7946 knows WGS 84 only."""
    named = content.get("crs")
    if not isinstance(named, Mapping):
        return ""
    properties = named.get("properties")
    text = str(properties.get("name", "")) if isinstance(properties, Mapping) else ""
    if not text or "CRS84" in text.upper():
        return ""
    found = _EPSG.fullmatch(text.strip())
    if found is None:
        msg = f"{name} names the coordinate system {text[:80]!r}, which is not known; save it in WGS 84 (EPSG:4326)"
        raise FileError(msg)
    return f"EPSG:{found[1]}"
