"""Read places out of other people's gazetteer files, row by row, whatever their size."""

from __future__ import annotations

import contextlib
import csv
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from geodata.errors import FileError
from geodata.gazetteer import TOWN_RADIUS_M

Row = dict[str, Any]
#: A place or None for a row that is left out, and the bytes read so far.
Step = tuple[Row | None, int]

GEONAMES, GNS, OCHA, CSV = "geonames", "gns", "ocha", "csv"

#: GeoNames and GNS feature designations that are a compound, with their kind; all other spots count as a village.
_SITES: Final[Mapping[str, str]] = {
    "AIRB": "airbase", "AIRP": "airport", "AIRF": "airfield", "AIRH": "airfield", "MILB": "base", "INSM": "base",
    "CMP": "camp", "CMPRF": "camp", "DAM": "dam", "DAMQ": "dam", "PRN": "prison", "OILR": "oil_field",
    "OILF": "oil_field", "OILP": "oil_field", "PS": "dam", "MSQE": "shrine", "SHRN": "shrine",
    "PSTB": "border_crossing", "CSTM": "border_crossing",
}  # fmt: skip
_GEONAMES_COLUMNS: Final = 19

_CSV_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "place", "name_en", "english", "fullname", "full_name", "site"),
    "latitude": ("latitude", "lat", "y", "lat_dd", "y_coord", "point_y", "latitude_y", "center_lat"),
    "longitude": ("longitude", "lon", "long", "lng", "x", "long_dd", "x_coord", "point_x", "longitude_x", "center_lon"),
    "variants": ("variants", "alternate_names", "alternatenames", "aliases", "other_names", "name_ar", "arabic"),
    "id": ("id", "pcode", "code", "uid"),
    "kind": ("kind", "type", "class"),
    "country": ("country_code", "iso2", "cc"),
    "radius_m": ("radius_m",),
}


def detect_format(path: Path, mapping: Mapping[str, str] | None = None) -> str:
    """Recognise a gazetteer file by its first line.

    Raises
    ------
    FileError
        When it is none of the known formats.
    """
    if mapping:
        return CSV
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return OCHA
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline(20_000)
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path.name!r} cannot be read as text in UTF-8 ({error}): give a GeoNames, GNS, OCHA or csv file."
        raise FileError(msg) from error
    cells = first.rstrip("\r\n").split("\t")
    if len(cells) == _GEONAMES_COLUMNS and cells[0].isdigit():
        return GEONAMES
    header = [cell.strip().lower() for cell in next(csv.reader([first], delimiter=_delimiter(first)), [])]
    if "ufi" in header:
        return GNS
    if any(cell.startswith(("admin1pcode", "adm1_pcode", "admin2pcode", "adm2_pcode")) for cell in header):
        return OCHA
    if _guess(header).keys() >= {"name", "latitude", "longitude"}:
        return CSV
    msg = (
        f"{path.name!r} is no GeoNames dump, GNS file or OCHA table, and has no columns name, latitude, "
        f"longitude (found: {', '.join(header[:12]) or 'nothing'}): give a mapping of the columns."
    )
    raise FileError(msg)


def _delimiter(header: str) -> str:
    """Tell what parts the cells of a table: the sign its first line has most of."""
    return max(",;\t", key=header.count)


def read_places(path: Path, file_format: str, mapping: Mapping[str, str] | None = None) -> Iterator[Step]:
    """Go through a file's places.

    Raises
    ------
    FileError
        When the file cannot be read in that format.
    """
    readers = {GEONAMES: _read_geonames, GNS: _read_gns, OCHA: _read_ocha}
    try:
        if file_format == CSV:
            yield from _read_csv(path, mapping)
        elif file_format in readers:
            yield from readers[file_format](path)
        else:
            msg = f"{file_format!r} is no gazetteer format; choose geonames, gns, ocha or csv."
            raise FileError(msg)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path.name!r} cannot be read as {file_format} ({error}): check the file."
        raise FileError(msg) from error


def _read_geonames(path: Path) -> Iterator[Step]:
    done = 0
    with path.open("rb") as stream:
        for raw in stream:
            done += len(raw)
            cells = raw.decode("utf-8-sig").rstrip("\r\n").split("\t")
            if len(cells) != _GEONAMES_COLUMNS:
                yield None, done
                continue
            kind = _kind(cells[6], cells[7])
            point = _point(cells[4], cells[5])
            if kind is None or point is None or not cells[1]:
                yield None, done
                continue
            names = [cells[2], *cells[3].split(",")]
            population = int(cells[14]) if cells[14].isdigit() else 0
            yield {**kind, **point, "id": cells[0], "name": cells[1], "names": _clean(names), "country": cells[8],
                   "population": population}, done  # fmt: skip


def _kind(feature_class: str, designation: str) -> Row | None:
    """Give kind, precision and radius of a GeoNames or GNS feature; None for what no incident is reported "at"."""
    if designation in _SITES:
        return {"kind": _SITES[designation], "precision": "site", "radius_m": 2_500.0}
    if feature_class == "P":
        return {
            "kind": "town" if designation.startswith(("PPLA", "PPLC")) else "village",
            "precision": "town",
            "radius_m": TOWN_RADIUS_M,
        }
    if feature_class == "S":
        return {"kind": "village", "precision": "town", "radius_m": TOWN_RADIUS_M}
    if feature_class in {"T", "L"}:
        return {"kind": "landscape", "precision": "near", "radius_m": 20_000.0}
    return None  # A: areas come from the boundaries; H, R, U, V: lines and surfaces, no places


def _point(latitude: str, longitude: str) -> Row | None:
    try:
        north, east = float(latitude.replace(",", ".")), float(longitude.replace(",", "."))
    except (AttributeError, ValueError):
        return None
    if not (abs(north) <= 90 and abs(east) <= 180) or (north, east) == (0.0, 0.0) or math.isnan(north + east):
        return None
    return {"latitude": north, "longitude": east}


def _clean(names: list[str]) -> list[str]:
    return [name for name in map(str.strip, names) if 1 < len(name) <= 120 and "://" not in name]


def _read_gns(path: Path) -> Iterator[Step]:
    """Read a GNS file, old layout or new: one row per name, the rows of one feature (`ufi`) merged into one place."""
    places: dict[str, Row] = {}
    done = 0
    csv.field_size_limit(min(sys.maxsize, 10_000_000))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = [cell.strip().lower() for cell in stream.readline().rstrip("\r\n").split("\t")]
        at = {name: header.index(name) for name in header}
        column = {
            "latitude": _first(at, "lat_dd", "lat"),
            "longitude": _first(at, "long_dd", "long"),
            "name": _first(at, "full_name", "full_name_ro", "full_name_nd_ro"),
            "class": _first(at, "fc"),
            "designation": _first(at, "desig_cd", "dsg"),
            "country": _first(at, "cc_ft", "cc1"),
        }
        if min(column["latitude"], column["longitude"], column["name"]) < 0 or "ufi" not in at:
            msg = f"{path.name!r} is no GNS file: the columns ufi, lat, long and full_name are needed."
            raise FileError(msg)
        for line in stream:
            done += len(line.encode())
            cells = line.rstrip("\r\n").split("\t")
            step = _gns_row(cells, column, places, cells[at["ufi"]] if at["ufi"] < len(cells) else "")
            if not step:
                yield None, done
    yield from ((place, done) for place in places.values())


def _first(at: Mapping[str, int], *names: str) -> int:
    return next((at[name] for name in names if name in at), -1)


def _gns_row(cells: list[str], column: Mapping[str, int], places: dict[str, Row], ufi: str) -> bool:
    """Add one name to its place; False when the row is left out."""
    if len(cells) <= max(column.values()) or not ufi:
        return False
    name = cells[column["name"]].strip()
    known = places.get(ufi)
    if known is not None:
        known["names"] += _clean([name])
        return True
    point = _point(cells[column["latitude"]], cells[column["longitude"]])
    kind = _kind(cells[column["class"]], cells[column["designation"]])
    if point is None or kind is None or not name:
        return False
    places[ufi] = {**kind, **point, "id": ufi, "name": name, "names": _clean([name]), "country": ""}
    return True


def _read_ocha(path: Path) -> Iterator[Step]:
    """Read an OCHA p-code table: the deepest level that has names and points, in every sheet."""
    for header, rows in _sheets(path):
        lower = [str(cell or "").strip().lower() for cell in header]
        latitude, longitude = _index(lower, _CSV_NAMES["latitude"]), _index(lower, _CSV_NAMES["longitude"])
        deepest = _deepest_level(lower)
        if latitude < 0 or longitude < 0 or deepest is None:
            continue
        names, code = deepest
        for cells in rows:
            texts = [str(cell).strip() if cell is not None else "" for cell in cells] + [""] * len(lower)
            found = [texts[place] for place in names if texts[place]]
            point = _point(texts[latitude], texts[longitude])
            if not found or point is None:
                yield None, 0
                continue
            identity = texts[code] if code >= 0 and texts[code] else f"{found[0]}-{point['latitude']:.4f}"
            yield {**point, "id": identity, "name": found[0], "names": found, "country": identity[:2].upper()}, 0


def _deepest_level(header: list[str]) -> tuple[list[int], int] | None:
    """Find the name columns (English first) and the code column of the deepest administrative level."""
    for level in range(5, 0, -1):
        prefixes = (
            f"admin{level}name",
            f"adm{level}_",
            f"admin{level}_",
            f"admin{level}refname",
            f"admin{level}altname",
        )
        names = [place for place, cell in enumerate(header)
                 if cell.startswith(prefixes) and "pcode" not in cell and "date" not in cell]  # fmt: skip
        code = _index(header, (f"admin{level}pcode", f"adm{level}_pcode", f"admin{level}_pcode"))
        if names:
            return sorted(names, key=lambda place: not header[place].endswith("en")), code
    return None


def _index(header: list[str], names: tuple[str, ...]) -> int:
    return next((header.index(name) for name in names if name in header), -1)


def _sheets(path: Path) -> Iterator[tuple[list[Any], Iterator[Any]]]:
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            book = load_workbook(path, read_only=True, data_only=True)
        except (InvalidFileException, KeyError, ValueError, OSError) as error:
            msg = f"{path.name!r} is no workbook ({error}): save it as xlsx or csv again."
            raise FileError(msg) from error
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True)
            header = next(rows, None)
            if header:
                yield list(header), rows
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        line = stream.readline()
        sign = _delimiter(line)
        if line:
            yield next(csv.reader([line], delimiter=sign)), csv.reader(stream, delimiter=sign)


def _guess(header: list[str]) -> dict[str, str]:
    """Match our names to a csv's columns by their usual names."""
    found = {}
    for ours, names in _CSV_NAMES.items():
        theirs = next((name for name in names if name in header), None)
        if theirs is not None:
            found[ours] = theirs
    return found


def _read_csv(path: Path, mapping: Mapping[str, str] | None) -> Iterator[Step]:
    done = 0
    with path.open(encoding="utf-8-sig", newline="") as stream:
        sign = _delimiter(stream.readline())
        stream.seek(0)
        reader = csv.DictReader(stream, delimiter=sign)
        header = list(reader.fieldnames or ())
        lower = {cell.strip().lower(): cell for cell in header}
        columns = {ours: lower[theirs] for ours, theirs in _guess(list(lower)).items()}
        columns.update(mapping or {})
        missing = [f"{ours} -> {theirs}" for ours, theirs in columns.items() if theirs not in header]
        missing += [name for name in ("name", "latitude", "longitude") if name not in columns]
        if missing:
            msg = f"{path.name!r} lacks {', '.join(missing)}; its columns are {', '.join(header)}: correct the mapping."
            raise FileError(msg)
        for number, cells in enumerate(reader, start=1):
            done += sum(len(cell or "") for cell in cells.values() if isinstance(cell, str)) + len(header)
            yield _csv_row(cells, columns, number), done


def _csv_row(cells: Mapping[str, str | None], columns: Mapping[str, str], number: int) -> Row | None:
    texts = {ours: (cells.get(theirs) or "").strip() for ours, theirs in columns.items()}
    point = _point(texts["latitude"], texts["longitude"])
    if point is None or not texts["name"]:
        return None
    kind = texts.get("kind") or "town"
    row: Row = {**point, "id": texts.get("id") or str(number), "name": texts["name"], "kind": kind,
                "names": _clean(texts.get("variants", "").split(";")),
                "country": texts.get("country", "").upper()[:2]}  # fmt: skip
    if kind in set(_SITES.values()):
        row |= {"precision": "site", "radius_m": 2_500.0}
    with contextlib.suppress(ValueError):
        row["radius_m"] = max(100.0, float(texts.get("radius_m", "")))
    return row
