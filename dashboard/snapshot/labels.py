"""Names on the map: towns, waters, governorates and countries, placed so that none hides a symbol or another name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.frame import Frame
from dashboard.snapshot.ground import shapes_on
from dashboard.snapshot.ink import INK, Sheet, Stroke, Text, circle, rgba
from dashboard.snapshot.marks import Placed
from geodata.boundaries import basemap_layer

TOWN, TOWN_DOT, WATER_NAME, AREA_NAME, HALO = "#4d463c", "#6f675b", "#5f8596", "#9a9080", "#f6f4ee"
COUNTRY_NAME = "#8b8171"

#: A country or governorate that fills this share of the frame needs no name: the title says where we are.
FILLS = 0.8

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """Look of one class of names; sizes in screen pixels."""

    size: float
    colour: str
    bold: bool = False
    dot: float = 0.0
    spaced: bool = False


def town_style(kind: str, rank: int) -> Style:
    """Style of a town by its weight, as on the screen (static/js/basemap.js)."""
    if kind == "capital":
        return Style(13, TOWN, bold=True, dot=2.3)
    size = 12.0 if rank <= 5 else 11.0 if rank <= 7 else 10.0
    return Style(size, TOWN, dot=1.6)


def capital_boxes(frame: Frame, px: float) -> list[Box]:
    """Boxes right of the capitals, for their names: symbols make room, because a map without its capital misleads."""
    names = basemap_layer("labels")
    capitals = names[names["kind"] == "capital"]
    boxes = []
    for name, point in zip(capitals["name"], capitals.geometry, strict=True):
        x, y = (float(v) for v in frame.to_paper(point.x, point.y))
        size = 13 * px
        width = text_width(str(name), size, True)
        if frame.holds(x, y, 2.0) and x + width + 6 * px < frame.width:
            boxes.append((x - 3 * px, y - size * 0.7, x + width + 6 * px, y + size * 0.6))
    return boxes


class NamePen:
    """Place names greedily, the weightiest first; a name without a free place is left out.

    Parameters
    ----------
    taken
        Boxes that must stay free: symbols and badges.
    stems
        Boxes that only capitals may cover.
    aside_px
        How much farther beside its dot a town's name may stand where a symbol covers the dot; not at all when 0.
    """

    def __init__(
        self,
        sheet: Sheet,
        frame: Frame,
        px: float,
        taken: Sequence[Box],
        stems: Sequence[Box] = (),
        *,
        aside_px: float = 0.0,
    ) -> None:
        self._aside = aside_px * px
        self.sheet, self.frame, self.px = sheet, frame, px
        self._taken = np.array(taken, dtype=float).reshape(-1, 4)
        self._stems = np.array(stems, dtype=float).reshape(-1, 4)
        self.written: list[tuple[str, Box]] = []
        self._haloed: list[Text] = []
        self._plain: list[Text] = []

    def write_all(self, *, governorates: bool, local_names: bool, named: Sequence[Placed] = ()) -> None:
        """Write every class of names in order of weight; after the capitals those of the places in `named`."""
        names = basemap_layer("labels")
        zoom = self.frame.web_zoom + 0.5
        shown = names[(names["rank"] <= zoom)].sort_values(["rank", "id"], kind="stable")
        x, y = self.frame.to_paper(shown.geometry.x.to_numpy(), shown.geometry.y.to_numpy())
        inside = self.frame.holds(x, y, 2.0)
        rows = [
            (row, float(a), float(b))
            for row, a, b, ok in zip(shown.to_dict("records"), x, y, inside, strict=True)
            if ok
        ]
        towns = [entry for entry in rows if entry[0]["kind"] in ("capital", "town")]
        self._dots(towns)
        for row, at_x, at_y in [entry for entry in towns if entry[0]["kind"] == "capital"]:
            self._town(row, at_x, at_y, local_names)
        self._taken = np.vstack([self._taken, self._stems])
        told = [p for p in named if self._marked_place(p)]
        self._countries()
        for row, at_x, at_y in [entry for entry in towns if entry[0]["kind"] == "town"]:
            if not any(_is_town(p, at_x, at_y, self.px) for p in told):
                self._town(row, at_x, at_y, local_names)
        for row, at_x, at_y in [entry for entry in rows if entry[0]["kind"] not in ("capital", "town")]:
            self._water(row, at_x, at_y)
        if governorates:
            self._areas("governorates", 9.5, AREA_NAME, spaced=False)
        self.sheet.write(self._plain)
        self.sheet.halos(self._haloed, HALO, 2.2 * self.px)
        self.sheet.write(self._haloed)

    def _dots(self, towns: Sequence[tuple[dict[str, Any], float, float]]) -> None:
        dots = [
            Stroke(circle(x, y, town_style(row["kind"], row["rank"]).dot * self.px), rgba(TOWN_DOT), rgba(HALO), 0.5)
            for row, x, y in towns
        ]
        self.sheet.strokes(dots)

    def _town(self, row: dict[str, Any], x: float, y: float, local_names: bool) -> None:
        style = town_style(row["kind"], row["rank"])
        local = str(row["name_local"] or "") if local_names and row["rank"] <= self.frame.web_zoom - 0.2 else ""
        name = str(row["name"])
        if not (local and local != name and self._beside([name, local], x, y, style)):
            self._beside([name], x, y, style)

    def _marked_place(self, p: Placed) -> bool:
        """Name the one place that a symbol stands at, in the ink of the symbols; tell whether it is named now."""
        mark = p.mark
        if mark.drawn_as not in ("pin", "disc", "ring") or not mark.name:
            return False
        if any(mark.name == text for text, _ in self.written):
            return False
        text = f"near {mark.name}" if mark.precision == "near" else mark.name
        style = Style(11.0, INK, bold=True, dot=p.r / self.px + 2.0)
        return self._beside([text], p.at_x, p.at_y, style)

    def _beside(self, lines: Sequence[str], x: float, y: float, style: Style) -> bool:
        """Try the places around a dot in the cartographers' order: right, then left, then above and below."""
        size = style.size * self.px
        width = max(text_width(line, size, style.bold) for line in lines)
        height = size * (0.74 + 1.12 * (len(lines) - 1))
        gap = (style.dot + 2.2) * self.px
        places = _places_around(x, y, width, height, gap)
        if self._aside:
            places += _places_around(x, y, width, height, gap + self._aside)
        for left, bottom, ha in places:
            box = (left - 1, bottom - 0.22 * size, left + width + 1, bottom + height + 1)
            if self._free(box):
                self._take(lines[0], box)
                anchor = {"left": left, "right": left + width, "center": left + width / 2}[ha]
                for k, line in enumerate(lines):
                    up = bottom + (len(lines) - 1 - k) * 1.12 * size
                    self._haloed.append(Text(anchor, up, line, size, style.bold, style.colour, ha))
                return True
        return False

    def _water(self, row: dict[str, Any], x: float, y: float) -> None:
        size = (13 if row["kind"] == "sea" else 9.5) * self.px
        text = str(row["name"])
        # Clockwise from the east in the data; matplotlib turns anticlockwise. Names never stand on their head.
        angle = (-float(row["angle"]) + 90) % 180 - 90
        self._centred(text, x, y, size, WATER_NAME, angle=angle)

    def _countries(self) -> None:
        self._areas("countries", 15, COUNTRY_NAME, spaced=True)

    def _areas(self, name: str, size_px: float, colour: str, *, spaced: bool) -> None:
        layer = basemap_layer(name)
        names = dict(zip(layer["id"], layer["name"], strict=True))
        ranks = dict(zip(layer["id"], layer["rank"], strict=True))
        ids, shapes = shapes_on(self.frame, name)
        frame_area = self.frame.width * self.frame.height
        for area_id, shape in sorted(zip(ids, shapes, strict=True), key=lambda pair: (-pair[1].area, pair[0])):
            seen = shapely.clip_by_rect(shape, 3, 3, self.frame.width - 3, self.frame.height - 3)
            if not (0.01 if spaced else 0.002) * frame_area < seen.area < FILLS * frame_area:
                continue
            if not spaced and ranks[area_id] > self.frame.web_zoom + 0.6:
                continue
            size = size_px * self.px * (1.0 if seen.area > 0.05 * frame_area else 0.8)
            text = names[area_id].upper()
            for x, y in _inner_points(seen):
                if self._centred(text, x, y, size, colour, spaced=spaced, within=seen):
                    break

    def _centred(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        colour: str,
        *,
        angle: float = 0.0,
        spaced: bool = False,
        within: Any = None,
    ) -> bool:
        shown = "\u2009".join(text) if spaced else text  # thin spaces: capitals of an area's name stand apart
        width = text_width(shown, size)
        turned = np.radians(abs(angle))
        half_w = width / 2 * np.cos(turned) + size / 2 * np.sin(turned)
        half_h = width / 2 * np.sin(turned) + size * 0.45 * np.cos(turned)
        pad = 2 * self.px
        box = (x - half_w - pad, y - half_h - pad, x + half_w + pad, y + half_h + pad)
        if not self._free(box):
            return False
        if within is not None and shapely.intersection(shapely.box(*box), within).area < 0.8 * 4 * half_w * half_h:
            return False
        self._take(text, box)
        down = 0.36 * size
        at = (x + down * np.sin(np.radians(angle)), y - down * np.cos(np.radians(angle)))
        self._plain.append(Text(float(at[0]), float(at[1]), shown, size, False, colour, "center", angle))
        return True

    def _free(self, box: Box) -> bool:
        west, south, east, north = box
        if west < 2 or south < 2 or east > self.frame.width - 2 or north > self.frame.height - 2:
            return False
        t = self._taken
        hit = (t[:, 0] < east) & (t[:, 2] > west) & (t[:, 1] < north) & (t[:, 3] > south)
        return not hit.any()

    def _take(self, text: str, box: Box) -> None:
        self._taken = np.vstack([self._taken, box])
        self.written.append((text, box))


def _is_town(p: Placed, x: float, y: float, px: float) -> bool:
    """Tell whether a symbol stands for the town whose dot is at a point: it has been named."""
    return p.mark.precision == "town" and math.hypot(p.x - x, p.y - y) < p.r + 4 * px


def _places_around(x: float, y: float, width: float, height: float, gap: float) -> list[tuple[float, float, str]]:
    """Left edge, lower edge and alignment of a name in each place around a dot, the best first."""
    middle = y - height / 2
    return [
        (x + gap, middle, "left"),
        (x + gap * 0.8, y + gap * 0.4, "left"),
        (x + gap * 0.8, y - gap * 0.4 - height, "left"),
        (x - gap - width, middle, "right"),
        (x - gap * 0.8 - width, y + gap * 0.4, "right"),
        (x - gap * 0.8 - width, y - gap * 0.4 - height, "right"),
        (x - width / 2, y + gap, "center"),
        (x - width / 2, y - gap - height, "center"),
    ]


def _inner_points(shape: Any) -> list[tuple[float, float]]:
    """Candidate centres for an area's name: its widest spot, then a coarse grid from the middle outwards."""
    best = max(shapely.get_parts(shape), key=lambda part: part.area)
    pole = shapely.maximum_inscribed_circle(best, tolerance=4.0)
    middle = shapely.get_coordinates(pole)[0]
    west, south, east, north = best.bounds
    x, y = np.meshgrid(np.linspace(west, east, 11)[1:-1], np.linspace(south, north, 11)[1:-1])
    points = np.column_stack([x.ravel(), y.ravel()])
    order = np.argsort(np.hypot(*(points - middle).T), kind="stable")
    return [(float(middle[0]), float(middle[1])), *((float(a), float(b)) for a, b in points[order])]
