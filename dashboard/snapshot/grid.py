"""The lines with labels around a map: degrees, or the squares of the Military Grid Reference System (MGRS)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import mgrs
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from dashboard.snapshot.frame import Frame

Floats = npt.NDArray[np.float64]

#: Steps of the graticule in degrees: whole parts of a degree that are round in minutes.
STEPS_DEG = (1 / 60, 2 / 60, 5 / 60, 10 / 60, 15 / 60, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True)
class GridLine:
    """One line of a grid on the paper, with its label and where it leaves the frame.

    Attributes
    ----------
    axis
        "x" when the label stands below the map, "y" when it stands left of it.
    edge
        Where on that edge, in points; NaN when the line leaves the frame elsewhere.
    tick
        Whether the line itself ends there; a square's name stands between two lines.
    """

    axis: str
    label: str
    line: Floats
    edge: float
    tick: bool = True


#: Edges of MGRS squares in metres, each with the digits that name a line in its label.
SQUARES_M = ((100_000, 0), (10_000, 1), (1_000, 2))

#: Width of a UTM zone in degrees. The wider zones of Norway and Svalbard are outside our base map.
ZONE_DEG = 6


@lru_cache(maxsize=24)
def grid_lines(frame: Frame, kind: str = "graticule") -> tuple[GridLine, ...]:
    """Give the lines of a grid: `graticule` or `mgrs`."""
    return _mgrs_lines(frame) if kind == "mgrs" else _graticule(frame)


def _graticule(frame: Frame) -> tuple[GridLine, ...]:
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
    return GridLine(axis, _grid_label(degrees, step, "EW" if axis == "x" else "NS"), points, edge)


def _grid_label(degrees: float, step: float, letters: str) -> str:
    letter = letters[0] if degrees >= 0 else letters[1]
    minutes = round(abs(degrees) * 60)
    if step >= 1:
        return f"{minutes // 60}°{letter}"
    return f"{minutes // 60}°{minutes % 60:02d}′{letter}"


def grid_note(frame: Frame, kind: str) -> str:
    """Say which grid is drawn, for the projection note; nothing for degrees, which say it themselves."""
    if kind != "mgrs":
        return ""
    west, south, east, north = frame.bbox_wsen
    zones = sorted({_zone_band(lon, lat) for lon in np.linspace(west, east, 9) for lat in np.linspace(south, north, 9)})
    step, _ = _square(frame)
    return f"grid: MGRS, squares of {step // 1000} km, zone{'s' if len(zones) > 1 else ''} {', '.join(zones)}, WGS 84"


def _zone_band(longitude: float, latitude: float) -> str:
    name: str = _mgrs().toMGRS(latitude, longitude, MGRSPrecision=0)
    return name[:-2]


def _square(frame: Frame) -> tuple[int, int]:
    """Choose the largest squares of which two labels stand on each edge."""
    shorter_m = min(frame.width, frame.height) * frame.ground_m_per_pt
    return next((s for s in SQUARES_M if shorter_m / s[0] >= 3), SQUARES_M[-1])


def _mgrs_lines(frame: Frame) -> tuple[GridLine, ...]:
    """Lines of the squares in each UTM zone, and the names of squares, or of lines, along two edges of the frame."""
    west, _, east, _ = frame.bbox_wsen
    step, digits = _square(frame)
    made: list[GridLine] = []
    for zone in range(math.floor((west + 180) / ZONE_DEG), math.floor((east + 180) / ZONE_DEG) + 1):
        made += _zone_lines(frame, zone, step, digits)
    if not digits:
        made += [*_square_names(frame, "x"), *_square_names(frame, "y")]
    return tuple(made)


def _zone_lines(frame: Frame, zone: int, step: int, digits: int) -> Iterator[GridLine]:
    """Lines of one zone, numbered from 0 at 180 degrees west, cut at its meridians; and the western one of these."""
    west, south, east, north = frame.bbox_wsen
    low, high = (zone * ZONE_DEG - 180.0, (zone + 1) * ZONE_DEG - 180.0)
    utm = _utm(zone + 1, south >= 0)
    longitudes, latitudes = np.meshgrid([max(low, west), min(high, east)], np.linspace(south, north, 9))
    x, y = utm.transform(longitudes, latitudes)
    spans = {"x": (float(x.min()), float(x.max())), "y": (float(y.min()), float(y.max()))}
    for axis, (first, last) in spans.items():
        other = np.linspace(*spans["y" if axis == "x" else "x"], 181)
        for k in range(math.floor(first / step), math.ceil(last / step) + 1):
            along = np.full_like(other, k * step)
            lon, lat = utm.transform(*((along, other) if axis == "x" else (other, along)), direction="INVERSE")
            inside = (lon >= low) & (lon <= high)
            if inside.sum() > 1:
                yield from _cut_line(frame, axis, lon[inside], lat[inside], digits)
    edge = np.linspace(south, north, 61)
    yield from _cut_line(frame, "x", np.full_like(edge, low), edge, 0)


def _cut_line(frame: Frame, axis: str, longitude: Floats, latitude: Floats, digits: int) -> Iterator[GridLine]:
    x, y = frame.to_paper(longitude, latitude)
    points = shapely.get_coordinates(shapely.clip_by_rect(shapely.linestrings(x, y), 0, 0, frame.width, frame.height))
    if len(points) < 2:
        return
    at, other = (0, 1) if axis == "x" else (1, 0)
    end = points[np.argmin(points[:, other])]
    named = digits > 0 and end[other] < 0.5
    label = _line_name(frame, axis, (float(end[0]), float(end[1])), digits) if named else ""
    yield GridLine(axis, label, points, float(end[at]) if named else math.nan)


def _line_name(frame: Frame, axis: str, end: tuple[float, float], digits: int) -> str:
    """Name a line by the square above and right of its end: its letters and the digits of the line."""
    inward = 0.4  # points: on the line itself rounding would choose the square
    longitude, latitude = frame.to_ground(end[0] + inward, end[1] + inward)
    name: str = _mgrs().toMGRS(float(latitude), float(longitude), MGRSPrecision=digits)
    letters, numbers = name[: -2 * digits][-2:], name[-2 * digits :]
    return f"{letters} {numbers[:digits] if axis == 'x' else numbers[digits:]}"


def _square_names(frame: Frame, axis: str) -> Iterator[GridLine]:
    """Name the squares of 100 km along an edge, each in the middle of its stretch."""
    length = frame.width if axis == "x" else frame.height
    at = np.arange(0.5, length, 1.0)
    inner = np.full_like(at, 0.5)
    longitude, latitude = frame.to_ground(*((at, inner) if axis == "x" else (inner, at)))
    names = [
        _mgrs().toMGRS(float(lat), float(lon), MGRSPrecision=0) for lon, lat in zip(longitude, latitude, strict=True)
    ]
    start = 0
    for k in range(1, len(names) + 1):
        if k == len(names) or names[k] != names[start]:
            label = f"{names[start][:-2]} {names[start][-2:]}"
            yield GridLine(axis, label, np.zeros((0, 2)), float(at[start] + at[k - 1]) / 2, tick=False)
            start = k


@cache
def _mgrs() -> mgrs.MGRS:
    return mgrs.MGRS()


@lru_cache(maxsize=16)
def _utm(zone: int, north: bool) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{(32_600 if north else 32_700) + zone}", always_xy=True)
