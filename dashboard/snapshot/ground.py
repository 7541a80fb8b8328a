"""The ground of the map: land, water, borders and the graticule, cut to the frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.path import Path

from dashboard.snapshot.frame import Frame
from dashboard.snapshot.ink import Sheet, Stroke, rgba
from geodata.boundaries import basemap_layer

Floats = npt.NDArray[np.float64]

#: The same inks as on the screen (dashboard/static/js/basemap.js).
LAND, FOREIGN, WATER, SHORE, RIVER = "#f1eee6", "#e9e5da", "#c9d8de", "#9fb6bf", "#a9c4cf"
BORDER, GOVERNORATE, DISTRICT, DISPUTED = "#7d7568", "#b9b0a0", "#d3cbbd", "#8a6d5a"
GRATICULE = "#8fa0a6"
HOME_COUNTRIES = frozenset({"IQ", "SY"})

#: Points beyond the frame to which shapes are drawn, so that their outline does not run along its edge.
BLEED_PT = 12.0

#: Steps of the graticule in degrees: whole parts of a degree that are round in minutes.
STEPS_DEG = (1 / 60, 2 / 60, 5 / 60, 10 / 60, 15 / 60, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True)
class GridLine:
    """One meridian or parallel on the paper, with its label and where it leaves the frame."""

    axis: str
    degrees: float
    label: str
    line: Floats
    edge: float


def draw_ground(sheet: Sheet, frame: Frame, *, governorates: bool, districts: bool, graticule: bool = True) -> None:
    """Draw water, land, lakes, rivers and boundaries; disputed lines are dashed."""
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
    if graticule:
        sheet.lines([grid.line for grid in grid_lines(frame)], GRATICULE, 0.3, alpha=0.75)
    coasts = [Stroke(area_path(shape), None, rgba(BORDER), 0.85) for shape in shapes]
    sheet.strokes(coasts)
    # A disputed line may run where a plain border does: paper first, dashes on top.
    disputed = _lines_of(shapes_on(frame, "disputed")[1])
    sheet.lines(disputed, LAND, 1.6)
    sheet.lines(disputed, DISPUTED, 1.0, dash=(3.6, 2.6))


def area_on_paper(frame: Frame, geometry: Any) -> Any:
    """Project an area to points and cut it to the frame with some bleed."""
    projected = _project(frame, np.array([geometry], dtype=object))
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
    # A tenth of a point is a third of a dot at 300 dpi; finer detail only makes the file longer.
    projected = shapely.simplify(_project(frame, near[kept]), 0.1, preserve_topology=False)
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
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = []
    for part in shapely.orient_polygons(np.array(polygons, dtype=object)) if polygons else ():
        for ring in (part.exterior, *part.interiors):
            corners = shapely.get_coordinates(ring)
            codes = np.full(len(corners), Path.LINETO, dtype=np.uint8)
            codes[0], codes[-1] = Path.MOVETO, Path.CLOSEPOLY
            rings.append(Path(corners, codes))
    return Path.make_compound_path(*rings) if rings else Path(np.zeros((0, 2)))


def _lines_of(shapes: Any) -> list[Floats]:
    parts = shapely.get_parts(np.array(list(shapes), dtype=object)) if len(shapes) else ()
    return [shapely.get_coordinates(part) for part in parts if not part.is_empty]


@lru_cache(maxsize=24)
def grid_lines(frame: Frame) -> tuple[GridLine, ...]:
    """Meridians and parallels at a round step that gives each axis at least two labels."""
    west, south, east, north = frame.bbox_wsen
    made: list[GridLine] = []
    for axis, low, high, length in (("x", west, east, frame.width), ("y", south, north, frame.height)):
        wanted = max(3.0, length / 110)
        steps = [step for step in STEPS_DEG if (high - low) / step >= wanted] or [STEPS_DEG[0]]
        for step in reversed(steps):  # the roundest step that leaves two labels on the edge
            lines = [
                _grid_line(frame, axis, k * step, step)
                for k in range(math.floor(low / step), math.ceil(high / step) + 1)
            ]
            on_edge = [line for line in lines if line is not None]
            if sum(not math.isnan(line.edge) for line in on_edge) >= 2:
                made += on_edge
                break
    return tuple(made)


def _grid_line(frame: Frame, axis: str, degrees: float, step: float) -> GridLine | None:
    west, south, east, north = frame.bbox_wsen
    if axis == "x":
        along = np.linspace(south - 0.5, north + 0.5, 61)
        x, y = frame.to_paper(np.full_like(along, degrees), along)
    else:
        along = np.linspace(west - 0.5, east + 0.5, 61)
        x, y = frame.to_paper(along, np.full_like(along, degrees))
    cut = shapely.clip_by_rect(shapely.linestrings(x, y), 0, 0, frame.width, frame.height)
    points = shapely.get_coordinates(cut)
    if len(points) < 2:
        return None
    # Meridians are labelled where they leave the lower edge, parallels where they leave the left one.
    at, other = (0, 1) if axis == "x" else (1, 0)
    end = points[np.argmin(points[:, other])]
    edge = float(end[at]) if end[other] < 0.5 else math.nan
    return GridLine(axis, degrees, _grid_label(degrees, step, "EW" if axis == "x" else "NS"), points, edge)


def _grid_label(degrees: float, step: float, letters: str) -> str:
    letter = letters[0] if degrees >= 0 else letters[1]
    minutes = round(abs(degrees) * 60)
    if step >= 1:
        return f"{minutes // 60}°{letter}"
    return f"{minutes // 60}°{minutes % 60:02d}′{letter}"
