"""The ground of the map: land, water, borders and the graticule, cut to the frame."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.path import Path

from dashboard.snapshot.frame import Frame
from dashboard.snapshot.grid import grid_lines
from dashboard.snapshot.ink import Sheet, Stroke, rgba
from geodata.boundaries import BOX_WSEN, basemap_layer

Floats = npt.NDArray[np.float64]

#: The same inks as on the screen (dashboard/static/js/basemap.js).
LAND, FOREIGN, WATER, SHORE, RIVER = "#f1eee6", "#e9e5da", "#c9d8de", "#9fb6bf", "#a9c4cf"
BORDER, GOVERNORATE, DISTRICT, DISPUTED = "#7d7568", "#b9b0a0", "#d3cbbd", "#8a6d5a"
GRATICULE = "#8fa0a6"
UNMAPPED, UNMAPPED_TEXT = "#dedcd8", "not mapped"
HOME_COUNTRIES = frozenset({"IQ", "SY"})

#: Points beyond the frame to which shapes are drawn, so that their outline does not run along its edge.
BLEED_PT = 12.0

#: Detail of shapes in points: a third of a dot at 300 dpi; finer detail only makes the file longer.
FINEST_PT = 0.1

#: Shapely's number for a polygon.
POLYGON = shapely.GeometryType.POLYGON

#: Length of a piece of an edge of the mapped box in degrees: a parallel is drawn bent.
EDGE_STEP_DEG = 0.5


def draw_ground(sheet: Sheet, frame: Frame, *, governorates: bool, districts: bool, grid: str = "graticule") -> None:
    """Draw water, land, lakes, rivers, boundaries and one of the grids of `grid.py`; disputed lines are dashed."""
    sheet.box(0, 0, frame.width, frame.height, face=WATER)
    ids, shapes = shapes_on(frame, "countries")
    land = [
        Stroke(area_path(shape), rgba(LAND if area_id in HOME_COUNTRIES else FOREIGN), rgba(FOREIGN), 0.3)
        for area_id, shape in zip(ids, shapes, strict=True)
    ]
    sheet.strokes(land)
    sheet.strokes([Stroke(area_path(s), rgba(WATER), rgba(SHORE), 0.4) for s in shapes_on(frame, "lakes")[1]])
    names = _river_names()
    rivers_ids, rivers = shapes_on(frame, "rivers")
    for great in (False, True):
        chosen = [s for i, s in zip(rivers_ids, rivers, strict=True) if bool(names[i]) is great]
        sheet.lines(_lines_of(chosen), RIVER, 1.1 if great else 0.6)
    if districts:
        sheet.lines(_lines_of(_edges_on(frame, "districts")), DISTRICT, 0.5, dash=(1.6, 1.4))
    if governorates:
        sheet.lines(_lines_of(_edges_on(frame, "governorates")), GOVERNORATE, 0.6)
    _draw_unmapped(sheet, frame)
    # A square's name stands between two lines and has none of its own.
    grid_drawn = [line.line for line in grid_lines(frame, grid) if len(line.line)]
    sheet.lines(grid_drawn, GRATICULE, 0.3, alpha=0.75)
    coasts = [Stroke(area_path(shape), None, rgba(BORDER), 0.85) for shape in shapes]
    sheet.strokes(coasts)
    # A disputed line may run where a plain border does: paper first, dashes on top.
    disputed = _lines_of(shapes_on(frame, "disputed")[1])
    sheet.lines(disputed, LAND, 1.6)
    sheet.lines(disputed, DISPUTED, 1.0, dash=(3.6, 2.6))


def _draw_unmapped(sheet: Sheet, frame: Frame) -> None:
    """Cover what lies beyond the mapped box: it would look like open sea."""
    west, south, east, north = frame.bbox_wsen
    beyond = shapely.difference(shapely.box(west - 1, south - 1, east + 1, north + 1), shapely.box(*BOX_WSEN))
    _, pieces = _cut(frame, np.array([""], dtype=object), np.array([shapely.segmentize(beyond, EDGE_STEP_DEG)]))
    sheet.strokes([Stroke(area_path(piece), rgba(UNMAPPED)) for piece in pieces])
    for part in shapely.get_parts(np.array(pieces, dtype=object)) if pieces else ():
        x, y = shapely.maximum_inscribed_circle(part).coords[0]
        sheet.text(x, y, UNMAPPED_TEXT, 7.0, colour=BORDER, ha="center")


def area_on_paper(frame: Frame, geometry: Any) -> Any:
    """Project an area to points and cut it to the frame with some bleed."""
    projected = shapely.simplify(_project(frame, np.array([geometry], dtype=object)), FINEST_PT)
    return shapely.clip_by_rect(projected, *_bleed_box(frame))[0]


@lru_cache(maxsize=24)
def shapes_on(frame: Frame, name: str) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Ids and shapes, in points, of a base layer's features that touch the frame."""
    layer = basemap_layer(name)
    return _cut(frame, layer["id"].to_numpy(dtype=object), layer.geometry.to_numpy())


@lru_cache(maxsize=8)
def _edges_on(frame: Frame, name: str) -> tuple[Any, ...]:
    return _cut(frame, np.array([""], dtype=object), np.array([_edges(name)], dtype=object))[1]


@cache
def _edges(name: str) -> Any:
    """All boundaries of a layer, each stretch once: two neighbours' dashes would fill each other's gaps."""
    return shapely.line_merge(shapely.union_all(shapely.boundary(basemap_layer(name).geometry.to_numpy())))


@cache
def _river_names() -> dict[str, str]:
    rivers = basemap_layer("rivers")
    return dict(zip(rivers["id"], rivers["name"].fillna(""), strict=True))


def _cut(frame: Frame, ids: Any, geometries: Any) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    west, south, east, north = frame.bbox_wsen
    margin = 0.02 * max(east - west, north - south)
    near = shapely.clip_by_rect(geometries, west - margin, south - margin, east + margin, north + margin)
    kept = ~shapely.is_empty(near)
    projected = shapely.simplify(_project(frame, near[kept]), FINEST_PT, preserve_topology=False)
    cut = shapely.clip_by_rect(projected, *_bleed_box(frame))
    shown = ~shapely.is_empty(cut)
    return tuple(ids[kept][shown].tolist()), tuple(cut[shown].tolist())


def _project(frame: Frame, geometries: Any) -> Any:
    def to_paper(coordinates: Floats) -> Floats:
        return np.column_stack(frame.to_paper(coordinates[:, 0], coordinates[:, 1]))

    return shapely.transform(geometries, to_paper)


def _bleed_box(frame: Frame) -> tuple[float, float, float, float]:
    return -BLEED_PT, -BLEED_PT, frame.width + BLEED_PT, frame.height + BLEED_PT


def area_path(shape: Any) -> Path:
    """Turn a polygon or multipolygon to one path whose holes stay open."""
    parts = shapely.get_parts(shape)
    rings = shapely.get_rings(shapely.orient_polygons(parts[shapely.get_type_id(parts) == POLYGON]))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(corners), Path.LINETO, dtype=np.uint8)
    turns = np.flatnonzero(np.diff(ring, prepend=-1))
    codes[turns], codes[np.append(turns[1:], len(corners))[: len(turns)] - 1] = Path.MOVETO, Path.CLOSEPOLY
    return Path(corners, codes)


def _lines_of(shapes: Any) -> list[Floats]:
    parts = shapely.get_parts(np.array(list(shapes), dtype=object)) if len(shapes) else ()
    return [shapely.get_coordinates(part) for part in parts if not part.is_empty]
