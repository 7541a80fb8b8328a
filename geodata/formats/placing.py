"""Put the coordinates of geometries beside the columns of their table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from geodata.formats.cells import columns_of
from geodata.formats.geometry import Place, Projection


def place_columns(columns: Sequence[str], *, drawn: bool) -> list[str]:
    """Return the columns to be added: latitude, longitude, and the geometry where some are `drawn` as lines or areas.

    A file's own columns of these names keep them: what a feature says wins over where it is drawn.
    """
    north, east = (f"{axis} (geometry)" if axis in columns else axis for axis in ("latitude", "longitude"))
    return [north, east, *(["geometry"] if drawn and "geometry" not in columns else [])]


def placed_rows(
    columns: Sequence[str], rows: Iterable[dict[str, str]], places: list[Place], projection: Projection, added: int
) -> Iterator[list[str]]:
    """Yield the cells of each row with those of the first `added` columns of its place behind them."""
    for row, place, (lat, lon) in zip(rows, places, projection.degrees(places), strict=True):
        yield [row.get(column, "") for column in columns] + [lat, lon, place.shape][:added]


def place_notes(shapes: int, missing: int) -> list[str]:
    """Say how many features are more than a point, and how many have none that can be read."""
    drawn = "1 line or area is placed by a point inside it" if shapes == 1 else ""
    notes = [drawn or f"{shapes:,} lines or areas are placed by a point inside them"] if shapes else []
    lost = "1 feature has" if missing == 1 else f"{missing:,} features have"
    return notes + ([f"{lost} no geometry that can be read"] if missing else [])


def with_places(
    rows: list[dict[str, str]], places: list[Place], projection: Projection
) -> tuple[list[str], Iterator[tuple[int, list[str]]], list[str]]:
    """Return the columns of rows with those of their places, the numbered rows, and what to know of the places."""
    columns = columns_of(rows)
    shapes = sum(1 for place in places if place.shape)
    added = place_columns(columns, drawn=shapes > 0)
    cells = enumerate(placed_rows(columns, rows, places, projection, len(added)), start=1)
    return columns + added, cells, place_notes(shapes, sum(1 for place in places if not place.known))
