"""Tell what a file is by its first bytes, unpack archives within limits, and read every table in it."""

from __future__ import annotations

import gzip
import os
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from lzma import LZMAError
from pathlib import Path
from typing import Any, Final

from geodata.errors import AtlasError, FileError
from geodata.formats.child import read_in_child
from geodata.formats.limits import (
    MAX_FILES,
    MAX_PACKAGE_BYTES,
    MAX_TEXT_BYTES,
    Cancel,
    Progress,
    check_archive,
    refuse_growth,
    refuse_size,
    stop_if,
)
from geodata.formats.table import RawTable
from geodata.formats.text import read_text

_HEAD_BYTES: Final = 4096
_CHUNK: Final = 1 << 20
_JSON: Final = re.compile(rb'\{\s*["}]|\[\s*(?:\{\s*["}]|\])')
#: How a web page, a saved table of one, or XML begins; a column may be called `<b>`.
_MARKUP: Final = re.compile(rb"<(?:\?xml|!--|html|head|meta|body|table|svg|gpx|rss)\b", re.IGNORECASE)
#: What the library raises where the lengths and places in an archive are wrong.
_BROKEN_ZIP: Final = (
    zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, OSError, struct.error, OverflowError, LZMAError,
)  # fmt: skip
_MAX_DEPTH: Final = 2  # A gz inside a zip; nothing honest is packed deeper.
_SHAPE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SKIPPED_NAMES: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
#: Endings of files with a table in them; in a folder or an archive the others are named and left out.
_TABLE_ENDINGS: Final = (
    ".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm", ".ods", ".json", ".geojson", ".jsonl", ".ndjson", ".kml", ".kmz",
    ".gpkg", ".fgb", ".parquet", ".geoparquet", ".gz", ".zip", ".shp",
)  # fmt: skip
_NAMED_SKIPPED: Final = 50
_REFUSED: Final = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save it as .xlsx or CSV"),
    (b"%PDF", "a PDF", "take the table out of it and save that as CSV"),
    (b"\x89PNG", "a picture", "type the table off"),
    (b"\xff\xd8\xff", "a picture", "type the table off"),
    (b"\x1f\x9d", "a compress archive", "unpack it first"),
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"{\\rtf", "a text document", "take the table out of it and save that as CSV"),
    (b"MZ", "a program", "it was not read"),
    (b"\x7fELF", "a program", "it was not read"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """Say what a person chose: sheet, layer, list of a JSON file, encoding, sign between cells; and whom to ask."""

    sheet: str | None = None
    layer: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    cancel: Cancel | None = None
    progress: Progress | None = None

    def of_container(self) -> dict[str, Any]:
        """Return the choices a container knows."""
        return {"sheet": self.sheet, "layer": self.layer}


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold what one file gave: its tables, or why there are none; `skipped` when it was not even tried."""

    name: str
    tables: list[RawTable] = field(default_factory=list)
    error: str = ""
    skipped: bool = False


def open_path(path: Path, options: Options) -> Iterator[Opened]:
    """Read the tables of a file, an archive or a folder, one file after the other.

    Raises
    ------
    FileError
        When a single file cannot be read; a file among several is answered with its error instead.
    """
    if path.is_dir():
        yield from _folder(path, options)
        return
    yield from _file(path, path.name, options, 0)


def _folder(path: Path, options: Options) -> Iterator[Opened]:
    # A shapefile's other parts are read with it.
    found = sorted(file for file in path.rglob("*") if file.is_file() or file.is_symlink())
    names = {file: str(file.relative_to(path)) for file in found}
    wanted = [file for file in found if not file.is_symlink() and _is_table(names[file])]
    if len(wanted) > MAX_FILES:
        msg = f"{path.name} holds {len(wanted):,} files, more than {MAX_FILES:,}; read them in parts"
        raise FileError(msg)
    if not wanted:
        msg = (
            f"{path.name} holds no file that can be read; it may hold CSV, XLSX, ODS, JSON, GeoJSON, KML, GPKG, Parquet"
        )
        raise FileError(msg)
    for file in wanted:
        yield from _guarded(file, names[file], options, 0)
    yield from _skipped([names[file] for file in found], {names[file] for file in wanted}, "")


def _is_table(name: str) -> bool:
    lower = name.lower()
    hidden = lower.rpartition("/")[2].startswith(".") or any(part.lower() in lower for part in _SKIPPED_NAMES)
    return lower.endswith(_TABLE_ENDINGS) and not hidden


def _skipped(names: list[str], wanted: set[str], prefix: str) -> Iterator[Opened]:
    """Name the files among several that were not tried; the parts of a Shapefile are read with it."""
    maps = {name[:-4].lower() for name in wanted if name.lower().endswith(".shp")}
    left = [name for name in names if name not in wanted and name.rpartition(".")[0].lower() not in maps]
    for name in left[:_NAMED_SKIPPED]:
        ending = Path(name).suffix or "no ending"
        why = (
            f"its ending ({ending[:20]}) is that of no table" if not _is_table(name) else "it is a link to another file"
        )
        yield Opened(prefix + name[:200], error=f"{prefix}{name[:200]} was skipped: {why}", skipped=True)
    if len(left) > _NAMED_SKIPPED:
        more = f"{prefix}{len(left) - _NAMED_SKIPPED:,} more files"
        yield Opened(more, error=f"{more} were skipped: they are no tables", skipped=True)


def _guarded(path: Path, name: str, options: Options, depth: int) -> Iterator[Opened]:
    """Read one of several files: its failure is its own."""
    stop_if(options.cancel)
    try:
        yield from _file(path, name, options, depth)
    except FileError as error:
        yield Opened(name, error=str(error))


def _file(path: Path, name: str, options: Options, depth: int) -> Iterator[Opened]:
    size, head = _look(path, name)
    lower = name.lower()
    if head.startswith(b"\x1f\x8b"):
        yield from _gzip(path, name, options, depth, size)
    elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _zip(path, name, options, depth)
    elif lower.endswith(".shp"):
        yield Opened(name, _shape([path.with_suffix(part) for part in _SHAPE_PARTS], name, options))
    else:
        kind, container = _kind(head, lower, name)
        if kind == "text":
            refuse_size(size, MAX_TEXT_BYTES, name)
            yield Opened(name, [_text(path, name, options)])
            return
        refuse_size(size, MAX_TEXT_BYTES if kind == "parquet" else MAX_PACKAGE_BYTES, name)
        yield Opened(name, _in_child(kind, path, name, options, container))


def _look(path: Path, name: str) -> tuple[int, bytes]:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                msg = f"{name} is not a regular file; give a file or a folder"
                raise FileError(msg)
            return status.st_size, file.read(_HEAD_BYTES)
    except (OSError, ValueError) as error:
        if isinstance(error, AtlasError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        msg = f"{name} cannot be read: {reason}; check the name and who may read it"
        raise FileError(msg) from error


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe without a writer would be waited for without end."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _kind(head: bytes, lower: str, name: str) -> tuple[str, str]:
    """Return the reader for a file by its first bytes; its ending only tells kinds of text apart."""
    for magic, what, way_out in _REFUSED:
        if head.startswith(magic):
            msg = f"{name} is {what}, not a table; {way_out}"
            raise FileError(msg)
    if head.startswith(b"SQLite format 3"):
        return "vector", "GeoPackage"
    if head.startswith(b"fgb"):
        return "vector", "FlatGeobuf"
    if head.startswith(b"PAR1"):
        return "parquet", "Parquet"
    if (
        lower.endswith((".parquet", ".geoparquet", ".gpkg", ".fgb", ".xlsx", ".xlsm", ".ods", ".kmz"))
        and b"\x00" in head
    ):
        msg = f"{name} is not what its ending says; save it again, or as CSV"
        raise FileError(msg)
    start = _plain(head).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        if b"<!DOCTYPE" in start.upper():
            msg = f"{name} declares a document type, which a map file does not need; it was not read"
            raise FileError(msg)
        if b"<kml" in start or lower.endswith(".kml"):
            return "kml", "KML"
        if _MARKUP.match(start) or lower.endswith((".xml", ".html", ".htm", ".gml", ".gpx", ".svg")):
            msg = f"{name} is XML or a web page, not a table; open it in a spreadsheet and save the table as CSV"
            raise FileError(msg)
    json_ending = lower.endswith((".json", ".geojson", ".jsonl", ".ndjson"))
    if _JSON.match(start) or (json_ending and not _names_columns(start)):
        return "json", "JSON"
    return "text", "CSV"


def _plain(head: bytes) -> bytes:
    """Return the first bytes as UTF-8 where a mark says that they are UTF-16."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return head.decode("utf-16", errors="ignore").encode(errors="ignore") if wide else head


def _names_columns(start: bytes) -> bool:
    """Tell whether a text begins with names of columns, whatever its ending says."""
    first = start.partition(b"\n")[0]
    return start[:1].isalpha() and any(first.count(sign) for sign in (b",", b";", b"\t", b"|"))


def _text(path: Path, name: str, options: Options) -> RawTable:
    return read_text(
        path, name, encoding=options.encoding, delimiter=options.delimiter, progress=options.progress,
        cancel=options.cancel,
    )  # fmt: skip


def _in_child(kind: str, path: Path, name: str, options: Options, container: str) -> list[RawTable]:
    with tempfile.TemporaryDirectory(prefix="atlas-") as folder:
        # GDAL reads meaning into names; the name it gets is ours.
        link = Path(folder) / {"GeoPackage": "map.gpkg", "FlatGeobuf": "map.fgb"}.get(container, "file")
        link.symlink_to(path.resolve())
        return read_in_child(kind, link, name, options.of_container() | {"container": container}, cancel=options.cancel)


def _gzip(path: Path, name: str, options: Options, depth: int, size: int) -> Iterator[Opened]:
    _refuse_depth(depth, name)
    inner = name[:-3] if name.lower().endswith(".gz") else name
    with tempfile.TemporaryDirectory(prefix="atlas-") as folder:
        unpacked = Path(folder) / "unpacked"
        written = 0
        try:
            with gzip.open(path, "rb") as source, unpacked.open("wb") as target:
                while chunk := source.read(_CHUNK):
                    stop_if(options.cancel)
                    written += len(chunk)
                    refuse_growth(written, size, name)
                    target.write(chunk)
        except (OSError, EOFError, zlib.error) as error:
            msg = f"{name} is a broken gzip archive ({error}); fetch it again"
            raise FileError(msg) from error
        yield from _file(unpacked, inner, options, depth + 1)


def _refuse_depth(depth: int, name: str) -> None:
    if depth >= _MAX_DEPTH:
        msg = f"{name} is an archive inside archives; unpack it first"
        raise FileError(msg)


def _zip(path: Path, name: str, options: Options, depth: int) -> Iterator[Opened]:
    _refuse_depth(depth, name)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = check_archive(archive, name, limit=MAX_TEXT_BYTES)
            names = {entry.filename for entry in entries}
            kind = _package(names)
            if kind is None:
                yield from _members(archive, entries, name, options, depth)
                return
    except _BROKEN_ZIP as error:
        msg = f"{name} is a broken ZIP archive ({error}); fetch it again"
        raise FileError(msg) from error
    refuse_size(path.stat().st_size, MAX_PACKAGE_BYTES, name)
    yield Opened(name, _in_child(*kind[:1], path, name, options, kind[1]))


def _package(names: set[str]) -> tuple[str, str] | None:
    """Tell formats that are ZIP archives themselves from archives of files."""
    if "[Content_Types].xml" in names:
        return "xlsx", "XLSX"
    if "content.xml" in names and "mimetype" in names:
        return "ods", "ODS"
    kml = {name for name in names if name.lower().endswith(".kml")}
    others = any(_is_table(name) for name in names - kml)
    return ("kml", "KMZ") if len(kml) == 1 and not others else None


def _members(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], name: str, options: Options, depth: int
) -> Iterator[Opened]:
    shown = [entry for entry in entries if not any(part in entry.filename for part in _SKIPPED_NAMES)]
    wanted = [entry for entry in shown if _is_table(entry.filename)] or shown
    if not wanted:
        msg = f"{name} is an archive without a file in it"
        raise FileError(msg)
    for entry in wanted:
        called = (
            f"{name} » {entry.filename[:200]}" if len(wanted) > 1 else f"{name} » {Path(entry.filename).name[:200]}"
        )
        with tempfile.TemporaryDirectory(prefix="atlas-") as folder:
            try:
                if entry.filename.lower().endswith(".shp"):
                    yield Opened(called, _zipped_shape(archive, entry, Path(folder), called, options))
                    continue
                unpacked = _unpack(archive, entry, Path(folder) / "unpacked", called, options)
                yield from _file(unpacked, called, options, depth + 1)
            except FileError as error:
                if len(wanted) == 1:
                    raise
                yield Opened(called, error=str(error))
    yield from _skipped([entry.filename for entry in entries], {entry.filename for entry in wanted}, f"{name} » ")


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, name: str, options: Options) -> Path:
    written = 0
    try:
        with archive.open(entry) as source, target.open("wb") as file:
            while chunk := source.read(_CHUNK):
                stop_if(options.cancel)
                written += len(chunk)
                refuse_growth(written, entry.compress_size, name)
                file.write(chunk)
    except _BROKEN_ZIP as error:
        msg = f"{name} cannot be unpacked ({error}); fetch it again"
        raise FileError(msg) from error
    return target


def _zipped_shape(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, name: str, options: Options
) -> list[RawTable]:
    by_name: Mapping[str, zipfile.ZipInfo] = {item.filename.lower(): item for item in archive.infolist()}
    stem = entry.filename[:-4].lower()
    parts = []
    for ending in _SHAPE_PARTS:
        part = by_name.get(stem + ending)
        if part is not None:
            parts.append(_unpack(archive, part, folder / f"map{ending}", name, options))
    return _shape(parts, name, options)


def _shape(parts: list[Path], name: str, options: Options) -> list[RawTable]:
    """Read a Shapefile from its parts, under a name of ours."""
    with tempfile.TemporaryDirectory(prefix="atlas-") as folder:
        for part in parts:
            if part.exists():
                refuse_size(part.stat().st_size, MAX_PACKAGE_BYTES, name)
                (Path(folder) / f"map{part.suffix.lower()}").symlink_to(part.resolve())
        target = Path(folder) / "map.shp"
        if not (Path(folder) / "map.shx").exists():
            msg = f"{name} is a part of a Shapefile; its .shx and .dbf must lie beside it, or in the same ZIP archive"
            raise FileError(msg)
        asked = options.of_container() | {"container": "Shapefile", "layer": None}
        return read_in_child("vector", target, name, asked, cancel=options.cancel)
