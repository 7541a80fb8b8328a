"""Read placemarks of KML and KMZ with a parser that refuses every declaration and follows no reference."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from geodata.errors import FileError
from geodata.formats.geometry import Place, Projection
from geodata.formats.limits import MAX_PACKAGE_BYTES, check_archive
from geodata.formats.placing import with_places
from geodata.formats.worker import Found

_TEXTS: Final = {"name": "name", "description": "description", "address": "address", "phoneNumber": "phone"}
_TIMES: Final = {"when": "when", "begin": "begin", "end": "end"}


def read_kml(path: Path, name: str, _: Mapping[str, Any]) -> Iterator[Found]:
    """Read the placemarks of a KML file, or of the first one in a KMZ."""
    data = path.read_bytes()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            inside = [
                entry
                for entry in check_archive(archive, name, limit=MAX_PACKAGE_BYTES)
                if entry.filename.lower().endswith(".kml")
            ]
            if not inside:
                msg = f"{name} holds no KML file"
                raise FileError(msg)
            data = archive.read(inside[0])
    root = _root(data, name)
    rows, places = [], []
    for mark in (element for element in root.iter() if _local(element) == "Placemark"):
        rows.append(_row(mark))
        places.append(_place(mark))
    if not rows:
        msg = f"{name} holds no placemarks"
        raise FileError(msg)
    notes = []
    if any(_local(element) == "NetworkLink" for element in root.iter()):
        notes.append("links to other files are not followed")
    projection = Projection.of("", name)
    columns, cells, more = with_places(rows, places, projection)
    yield Found("KML", columns, cells, unit="feature", notes=notes + more, detail=projection.detail)


def _root(data: bytes, name: str) -> Element:
    import defusedxml.common
    import defusedxml.ElementTree

    try:
        root: Element = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except defusedxml.common.DefusedXmlException as error:
        msg = f"{name} declares a document type or entities, which a map file does not need; it was not read"
        raise FileError(msg) from error
    except ParseError as error:
        msg = f"{name} is not well-formed XML: {error}; open it where it was made and save it again"
        raise FileError(msg) from error
    return root


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]  # A comment's tag is a function.


def _row(mark: Element) -> dict[str, str]:
    row: dict[str, str] = {}
    if mark.get("id"):
        row["id"] = str(mark.get("id"))
    for element in mark.iter():
        local, text = _local(element), (element.text or "").strip()
        if local in _TEXTS or local in _TIMES:
            row.setdefault(_TEXTS.get(local) or _TIMES[local], text)
        elif local == "Data":
            value = next((child.text or "" for child in element if _local(child) == "value"), "")
            row.setdefault(str(element.get("name") or "data"), value.strip())
        elif local == "SimpleData":
            row.setdefault(str(element.get("name") or "data"), text)
    return row


def _place(mark: Element) -> Place:
    """Return a point as written; of a line or an area the middle of its corners, with the corners kept."""
    lists = [element.text or "" for element in mark.iter() if _local(element) == "coordinates"]
    corners = [corner.split(",") for text in lists for corner in text.split()]
    corners = [corner for corner in corners if len(corner) >= 2]
    if not corners:
        return Place()
    if len(corners) == 1:
        return Place(corners[0][0], corners[0][1])
    try:
        x = [float(corner[0]) for corner in corners]
        y = [float(corner[1]) for corner in corners]
    except ValueError:
        return Place(shape="; ".join(lists))
    return Place(f"{sum(x) / len(x):.6f}", f"{sum(y) / len(y):.6f}", shape=" ".join(" ".join(lists).split()))
