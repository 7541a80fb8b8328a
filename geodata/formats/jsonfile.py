"""Read JSON: lists of objects wherever they stand, and GeoJSON with its geometries.

A file is walked through twice: first to find the list of records and its columns, then to read it. Neither holds more
than a few thousand records at a time.
"""

from __future__ import annotations

import itertools
import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from geodata.csvtext import BrokenRow
from geodata.errors import FileError
from geodata.formats.cells import Written, flat, names_of, text_of, to_json
from geodata.formats.encoding import read_utf8
from geodata.formats.esri import as_feature, code_of, is_esri, reference_of
from geodata.formats.geometry import Place, Projection, place_of
from geodata.formats.jsonlines import is_lines, line_texts, read_lines
from geodata.formats.jsonstream import SOURCES, JsonStream, walk
from geodata.formats.limits import MAX_COLUMNS, MAX_ITEMS
from geodata.formats.placing import place_columns, place_notes, placed_rows
from geodata.formats.worker import Found

#: Names under which a file keeps its list, tried first; otherwise the longest list of objects is taken.
_LISTS: Final = ("venues", "events", "incidents", "features", "data", "results", "items", "records")
_EPSG: Final = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[0-9.]*:)?(\d{4,6})", re.IGNORECASE)
_CRS_NAME: Final = "crs.properties.name"
_ESRI_CRS: Final = "spatialReference."
_MAX_LISTS: Final = 10_000
_MAX_SOURCES: Final = 200_000
_MAX_SAID: Final = 10_000
_BATCH: Final = 5_000
_DECODER: Final = json.JSONDecoder(parse_float=Written, parse_int=Written, parse_constant=lambda _: None, strict=False)


@dataclass(slots=True)
class _List:
    """Hold what is known of one list: its items, and the columns they have."""

    items: int = 0
    objects_only: bool = True
    features: bool = False
    drawn: bool = False
    columns: dict[str, None] = field(default_factory=dict)

    def add(self, item: Any) -> None:
        """Take note of one item."""
        self.items += 1
        self.objects_only = self.objects_only and (item is None or isinstance(item, dict))
        if _is_feature(item):
            self.features = True
            self.drawn = self.drawn or _is_drawn(item.get("geometry"))
        if len(self.columns) <= MAX_COLUMNS:
            self.columns.update(dict.fromkeys(_columns(item)))


@dataclass(slots=True)
class _Survey:
    """Hold what stands in a file, found by walking through it once.

    `numbers` are the lines of the records of a file that has one on each line, `references` the coordinate systems that
    features of Esri name.
    """

    data: bytes
    name: str
    by_line: bool = False
    numbers: array[int] = field(default_factory=lambda: array("q"))
    broken: list[BrokenRow] = field(default_factory=list)
    esri: bool = False
    references: set[str | None] = field(default_factory=set)
    lists: dict[str, _List] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)

    def take(self) -> None:
        """Walk through the file."""
        for path, value, listed in self._walk(first=True):
            if not listed:
                self.said[path] = value
                self._refuse(len(self.said), _MAX_SAID, "values outside of lists")
                continue
            if is_esri(value):
                self.esri = True
                self.references.add(reference_of(value))
            found = self.lists.setdefault(path, _List())
            found.add(as_feature(value))
            if path.rpartition(".")[2] == SOURCES and isinstance(value, dict) and "id" in value:
                self.sources[str(value["id"])] = value
            self._refuse(found.items, MAX_ITEMS, "records in a list")
            self._refuse(len(found.columns), MAX_COLUMNS, "columns")
            self._refuse(len(self.lists), _MAX_LISTS, "lists")
            self._refuse(len(self.sources), _MAX_SOURCES, "sources in a table of sources")

    def _walk(self, *, first: bool = False) -> Iterator[tuple[str, Any, bool]]:
        """Walk through the file; the `first` time the lines are noted that hold records, and those that are broken."""
        if not self.by_line:
            yield from walk(self.data, self.name, _DECODER)
            return
        for line, value in read_lines(self.data, _DECODER):
            broken = isinstance(value, BrokenRow)
            if first and broken:
                self.broken.append(value)
            elif first:
                self.numbers.append(line)
            if not broken:
                yield "", value, True

    def numbered(self, rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        """Give rows the number of their line, in a file that has a record on each."""
        return ((self.numbers[n - 1], row) for n, row in rows) if self.by_line else rows

    def _refuse(self, size: int, limit: int, what: str) -> None:
        if size > limit:
            msg = f"{self.name} has more than the {limit:,} {what} that are read of a JSON file; save it as CSV"
            raise FileError(msg)

    def choose(self, wanted: str) -> str | None:
        """Return the path of the list of records; None when there is none."""
        if "" in self.lists:
            return ""
        if self.said.get("type") == "FeatureCollection":
            return "features"
        found = {path: seen for path, seen in self.lists.items() if seen.objects_only}
        if wanted in found:
            return wanted
        for name in _LISTS:
            for path in found:
                if path.rpartition(".")[2] == name:
                    return path
        others = {path: seen for path, seen in found.items() if path.rpartition(".")[2] != SOURCES} or found
        return max(others, key=lambda path: others[path].items, default=None)

    def items(self, chosen: str) -> Iterator[Any]:
        """Yield the items of a list."""
        return (as_feature(value) for path, value, listed in self._walk() if listed and path == chosen)

    def single(self) -> Any:
        """Return the one record that the file is, or nothing."""
        content = JsonStream(self.data, self.name, _DECODER).value()
        if not isinstance(content, dict) or not content:
            return None
        alone = self.said.get("type") == "Feature" or not any(isinstance(value, dict) for value in content.values())
        return content if alone else None


def read_json(path: Path, name: str, options: Mapping[str, Any]) -> Iterator[Found]:
    """Read a JSON or GeoJSON file, or one with an object on each line."""
    data = read_utf8(path, name).data
    survey = _Survey(data, name, is_lines(data, name))
    survey.take()
    kind = survey.said.get("type")
    if kind == "FeatureCollection" and "features" not in survey.lists:
        msg = f"{name} is GeoJSON without features; nothing can be read from it"
        raise FileError(msg)
    chosen = None if kind == "Feature" else survey.choose(str(options.get("list") or ""))
    if chosen is not None:
        found = _found(survey, survey.lists[chosen], survey.items(chosen), chosen)
        found.rows, found.broken = survey.numbered(found.rows), survey.broken
        found.broken_text = line_texts(data, survey.broken)
        found.unit = "line" if survey.by_line else found.unit
        yield found
        return
    record = survey.single()
    if record is None:
        msg = f"{name} holds no list of records; a list of objects is needed, such as [{{...}}, {{...}}]"
        raise FileError(msg)
    only = _List()
    only.add(record)
    yield _found(survey, only, iter([record]), "")


def _found(survey: _Survey, seen: _List, items: Iterator[Any], chosen: str) -> Found:
    notes: list[str] = []
    sources = survey.sources if chosen.rpartition(".")[2] != SOURCES else {}
    rows = _joined(items, sources, notes) if sources else items
    if seen.features:
        projection = Projection.of(_crs(survey), survey.name)
        added = place_columns([*seen.columns], drawn=seen.drawn)
        cells = _placed(rows, [*seen.columns], projection, len(added), notes)
        notes += projection.notes
        kind = "Esri JSON" if survey.esri else "GeoJSON"
        return Found(kind, [*seen.columns, *added], cells, "feature", notes=notes, detail=projection.detail)
    if chosen:
        notes.append(f"the list {chosen!r} of the file was read")
    read = {chosen.split(".")[0], *([SOURCES] if sources else [])}
    others = dict.fromkeys(path.split(".")[0] for path in (*survey.lists, *survey.said) if chosen and path)
    left = [name for name in others if name not in read]
    if left:
        notes.append(f"not read: {', '.join(left)[:300]}")
    columns = [*seen.columns]
    cells = ((n, [row.get(column, "") for column in columns]) for n, row in enumerate(map(_row, rows), start=1))
    return Found("JSON", columns, cells, unit="item", notes=notes)


def _row(item: Any) -> dict[str, str]:
    """Return the cells of an item; nothing for an item that is nothing."""
    if _is_feature(item):
        properties = item.get("properties")
        row = flat(properties) if isinstance(properties, dict) else {}
        return {"id": text_of(item["id"]), **row} if item.get("id") is not None and "id" not in row else row
    if isinstance(item, dict):
        return flat(item)
    return {} if item is None else {"value": to_json(item)}


def _columns(item: Any) -> Iterable[str]:
    """Return the columns that `_row` gives an item, without their cells."""
    if not isinstance(item, dict):
        return _row(item)
    if not _is_feature(item):
        return names_of(item)
    properties = item.get("properties")
    named = names_of(properties) if isinstance(properties, dict) else ()
    return itertools.chain(("id",), named) if item.get("id") is not None else named


def _is_feature(item: Any) -> bool:
    return isinstance(item, dict) and (item.get("type") == "Feature" or ("properties" in item and "geometry" in item))


def _is_drawn(geometry: Any) -> bool:
    return isinstance(geometry, dict) and geometry.get("type") != "Point"


def _placed(
    items: Iterable[Any], columns: list[str], projection: Projection, added: int, notes: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield features a few thousand at a time, and say at the end what they are."""
    number = shapes = missing = 0
    features = iter(items)
    while batch := list(itertools.islice(features, _BATCH)):
        places = [place_of(item.get("geometry")) if isinstance(item, dict) else Place() for item in batch]
        shapes += sum(1 for place in places if place.shape)
        missing += sum(1 for place in places if not place.known)
        for row in placed_rows(columns, map(_row, batch), places, projection, added):
            number += 1
            yield number, row
    notes += place_notes(shapes, missing)


def _joined(items: Iterator[Any], table: Mapping[str, Any], notes: list[str]) -> Iterator[Any]:
    """Put the sources of the file's own table in the place of the names by which records point to them."""
    joined, unknown = 0, set[str]()
    for item in items:
        holder = item.get("properties") if _is_feature(item) else item
        named = holder.get(SOURCES) if isinstance(holder, dict) else None
        if named:
            keys = named if isinstance(named, list) else [named]
            found = [table.get(str(key), key) if isinstance(key, str) else key for key in keys]
            unknown.update(key for key in found if isinstance(key, str) and "://" not in key)
            joined += any(key is not source for key, source in zip(keys, found, strict=True))
            holder[SOURCES] = found
        yield item
    notes.append(f"sources joined from the file's own table of {len(table):,} to {joined:,} records")
    if unknown:
        shown = ", ".join(sorted(unknown)[:5])[:200]
        notes.append(f"{len(unknown):,} sources are named that the file's table does not hold: {shown}")


def _crs(survey: _Survey) -> str:
    """Return the coordinate system that Esri or an old GeoJSON file names; RFC 7946 knows WGS 84 only."""
    if survey.esri:
        return _esri_crs(survey)
    text = survey.said.get(_CRS_NAME)
    if not isinstance(text, str) or not text or "CRS84" in text.upper():
        return ""
    found = _EPSG.fullmatch(text.strip())
    if found is None:
        named = f"{survey.name} names the coordinate system {text[:80]!r}"
        msg = f"{named}, which is not known; save it in WGS 84 (EPSG:4326)"
        raise FileError(msg)
    return f"EPSG:{found[1]}"


def _esri_crs(survey: _Survey) -> str:
    """Return the coordinate system of features of Esri: their own, else that of the file."""
    said = survey.said.items()
    own = code_of({key.removeprefix(_ESRI_CRS): value for key, value in said if key.startswith(_ESRI_CRS)})
    named = {code or own for code in survey.references if code is not None}
    if len(named) > 1:
        shown = ", ".join(sorted(code[:40] or "none" for code in named)[:5])
        msg = f"{survey.name} holds features in several coordinate systems ({shown}); save it in WGS 84 (EPSG:4326)"
        raise FileError(msg)
    return next(iter(named), own)
