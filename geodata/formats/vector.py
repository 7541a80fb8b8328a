"""Read map files through GDAL, and Parquet through Arrow, in the child process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from geodata.errors import FileError
from geodata.formats.cells import text_of
from geodata.formats.geometry import Place, Projection
from geodata.formats.limits import MAX_COLUMNS, MAX_TEXT_BYTES, refuse_size
from geodata.formats.placing import with_places
from geodata.formats.worker import Found

_WKB: Final = "wkb_geometry"


def read_vector(path: Path, name: str, options: Mapping[str, Any]) -> Iterator[Found]:
    """Read one layer of a GeoPackage, a Shapefile or a FlatGeobuf file: the one asked for, or the first."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError
    from pyogrio.raw import read_arrow

    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(path)]
        layer, notes = _layer(layers, options, name)
        meta, table = read_arrow(path, layer=layer)
    except (DataLayerError, DataSourceError, FieldError, GeometryError, pa.ArrowInvalid) as error:
        msg = f"{name} cannot be read: {_cause(error, path)}; open it in a map program and save it again"
        raise FileError(msg) from error
    geometry = str(meta.get("geometry_name") or _WKB)
    geometry = next((column for column in (geometry, _WKB) if column in table.column_names), "")
    if not meta.get("crs"):
        notes.append("the file names no coordinate system; its coordinates are taken for WGS 84 degrees")
    yield _found(
        str(options.get("container") or "map file"), table, geometry, str(meta.get("crs") or ""), name, notes, layer
    )


def _cause(error: Exception, path: Path) -> str:
    """Return what the library says of a file, without its own calls, the name we gave the file, and its advice."""
    said = str(error).splitlines()[0].removeprefix(f"'{path}' ").rpartition(") failed: ")[2]
    return said.partition("; ")[0].rstrip(". ")[:200]


def _layer(layers: list[str], options: Mapping[str, Any], name: str) -> tuple[str, list[str]]:
    asked = options.get("layer")
    if not layers:
        msg = f"{name} cannot be read: there is no layer in it; open it in a map program and save it again"
        raise FileError(msg)
    if asked and asked not in layers:
        msg = f"{name} has no layer {str(asked)[:80]!r}; it has {', '.join(map(repr, layers))}"
        raise FileError(msg)
    chosen = str(asked or layers[0])
    others = [layer for layer in layers if layer != chosen]
    return chosen, [f"layer {chosen!r} was read; not read: {', '.join(map(repr, others[:20]))}"] if others else []


def _found(container: str, table: Any, geometry: str, crs: str, name: str, notes: list[str], title: str = "") -> Found:
    projection = Projection.of(crs, name)
    places = _places(table.column(geometry)) if geometry else []
    columns = [column for column in table.column_names if column != geometry]
    rows = _rows(table, columns)
    if not places:
        cells = ((number, [row[column] for column in columns]) for number, row in enumerate(rows, start=1))
        return Found(container, columns, cells, unit="row", title=title, notes=notes)
    names, placed, more = with_places(rows, places, projection)
    detail = projection.detail | ({"layer": title} if title else {})
    return Found(container, names, placed, "feature", title, [*notes, *projection.notes, *more], detail)


def _rows(table: Any, columns: list[str]) -> list[dict[str, str]]:
    texts = {column: [text_of(value) for value in table.column(column).to_pylist()] for column in columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*texts.values(), strict=True)] or [
        {} for _ in range(table.num_rows)
    ]


def _places(column: Any) -> list[Place]:
    import shapely

    shapes = shapely.from_wkb(
        column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy(),
        on_invalid="ignore",
    )
    places = []
    for shape in shapes:
        if shape is None or shape.is_empty:
            places.append(Place())
            continue
        point = shape if shape.geom_type == "Point" else shape.representative_point()
        text = "" if shape.geom_type == "Point" else shapely.to_wkt(shape, rounding_precision=6)
        places.append(Place(_plain(point.x), _plain(point.y), text))
    return places


def _plain(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")


def read_parquet(path: Path, name: str, _: Mapping[str, Any]) -> Iterator[Found]:
    """Read a Parquet or GeoParquet file."""
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(path)
        size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
        refuse_size(size, MAX_TEXT_BYTES, f"{name}, unpacked,")
        if file.metadata.num_columns > MAX_COLUMNS:
            msg = f"{name} has {file.metadata.num_columns:,} columns, more than the {MAX_COLUMNS:,} that are read"
            raise FileError(msg)
        geo = _geo(file.schema_arrow.metadata or {})
        if not geo:
            columns = list(file.schema_arrow.names)
            yield Found("Parquet", columns, _parquet_rows(file), unit="row")
            return
        table = file.read()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        msg = f"{name} cannot be read as Parquet: {str(error).splitlines()[0][:200]}; write it again, or save it as CSV"
        raise FileError(msg) from error
    column = str(geo.get("primary_column") or "geometry")
    described = (geo.get("columns") or {}).get(column) or {}
    if column not in table.column_names or described.get("encoding", "WKB") != "WKB":
        msg = f"{name} keeps its geometry as {described.get('encoding')!r}; write it again with the encoding WKB"
        raise FileError(msg)
    crs = described.get("crs")
    yield _found("GeoParquet", table, column, json.dumps(crs) if crs else "", name, [])


def _parquet_rows(file: Any) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for batch in file.iter_batches(batch_size=20_000):
        columns = [[text_of(value) for value in column.to_pylist()] for column in batch.columns]
        for row in zip(*columns, strict=True):
            number += 1
            yield number, list(row)


def _geo(metadata: Mapping[bytes, bytes]) -> Mapping[str, Any]:
    try:
        geo = json.loads(metadata.get(b"geo", b"{}"))
    except ValueError:
        return {}
    return geo if isinstance(geo, dict) else {}
