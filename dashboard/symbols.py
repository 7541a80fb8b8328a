"""Shapes, colours, sizes and signs of what is drawn: chosen here, and by every pen and legend taken from here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from geodata.answer import Tempo
from geodata.selection import DIMENSION
from geodata.store import Store

#: Okabe and Ito's colour-blind-safe hues (https://jfly.uni-koeln.de/color/), each at a lightness of its own, so that a
#: page copied without colour still tells the mix of a pile: in their palette four of them are one and the same grey.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, OCHRE, BLACK = (
    "#004e93", "#db8400", "#007d5c", "#b43a05", "#b5619a", "#5fb2e6", "#a38600", "#2f2f2f",
)  # fmt: skip
GREY = "#8d8a85"

#: Nothing recorded: lighter than every colour that says something.
FAINT = "#cdc7bb"
ACTOR_COLOURS = (VERMILION, BLUE, ORANGE, PURPLE, SKY, GREEN, OCHRE)

TYPE_COLOURS: Mapping[str, str] = {
    "rocket_attack": VERMILION,
    "drone_attack": PURPLE,
    "missile_attack": BLACK,
    "mortar_attack": OCHRE,
    "ied_attack": ORANGE,
    "small_arms_attack": "#7a4b2b",
    "airstrike": BLUE,
    "arrest": "#4f6fae",
    "threat": GREEN,
    "capability": "#5b8f3a",
    "statement": SKY,
    "meeting": "#54747b",
    "protest": "#9a7fb5",
    "other": GREY,
}
CONFIDENCE_COLOURS = {"high": BLUE, "medium": ORANGE, "low": VERMILION}
PRECISION_COLOURS = {
    "site": "#08306b", "town": "#2171b5", "near": "#6baed6", "district": OCHRE,
    "governorate": ORANGE, "region": VERMILION, "country": BLACK,
}  # fmt: skip

Point = tuple[float, float]


def _regular(corners: int, turn_deg: float = 0.0, radius: float = 1.0) -> list[Point]:
    """Corners of a regular polygon on a circle, first corner up; x to the right, y down."""
    angles = [math.radians(turn_deg - 90 + 360 * k / corners) for k in range(corners)]
    return [(round(radius * math.cos(a), 3), round(radius * math.sin(a), 3)) for a in angles]


def _star(points: int, inner: float) -> list[Point]:
    outer, middle = _regular(points), _regular(points, 180 / points, inner)
    return [corner for pair in zip(outer, middle, strict=True) for corner in pair]


#: Outline of each event type's symbol in a circle of radius 1, x right, y down. Shape repeats what colour says.
SHAPES: Mapping[str, list[Point]] = {
    "rocket_attack": [(0, -1.1), (1, 0.8), (-1, 0.8)],
    "drone_attack": _star(4, 0.42),
    "missile_attack": [(0, -1.2), (0.62, 0), (0, 1.2), (-0.62, 0)],
    "mortar_attack": [(0, 1.1), (1, -0.8), (-1, -0.8)],
    "ied_attack": _star(8, 0.62),
    "small_arms_attack": [(-0.38, -1), (0.38, -1), (0.38, -0.38), (1, -0.38), (1, 0.38), (0.38, 0.38), (0.38, 1),
                          (-0.38, 1), (-0.38, 0.38), (-1, 0.38), (-1, -0.38), (-0.38, -0.38)],
    "airstrike": _regular(5, 180),
    "arrest": _regular(6),
    "threat": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.45), (0, 1.15), (-0.9, 0.45)],
    "capability": [(-1, 0.75), (-0.55, -0.75), (0.55, -0.75), (1, 0.75)],
    "statement": [(-1, -0.75), (1, -0.75), (1, 0.5), (-0.15, 0.5), (-0.6, 1.05), (-0.6, 0.5), (-1, 0.5)],
    "meeting": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    "protest": [(-0.75, -1), (1, -0.55), (-0.45, -0.05), (-0.45, 1.05), (-0.75, 1.05)],
    "other": _regular(12),
}  # fmt: skip
SHAPE_ORDER = tuple(SHAPES)

#: Radius in metres of the area drawn around what was threatened where its place is known more exactly: a convention
#: that is stated on every legend, chosen so that the area is never taken for the point of an attack.
ZONE_RADIUS_M = 10_000.0

#: Least radius in screen pixels of such an area: it must be seen around the symbols of what happened there.
ZONE_LEAST_PX = 24.0

#: Greatest radius in screen pixels at which a zone of several places is hatched: wider, it says no more than that they
#: lie somewhere in it, and hatching would cover half a map.
MOST_HATCHED_PX = 160.0

#: What the signs of threats and capabilities mean; page, products and single files use these words.
SIGN_WORDS: Mapping[str, str] = {
    "zone": f"Dashed area: a threat, no attack ({ZONE_RADIUS_M / 1000:.0f} km or more around the place)",
    "reach": "Dash-dot outline: said to be in reach, no attack",
    "expired": "Faded: the term of the threat had run out",
}

#: How each precision is drawn: a pin, a disc of the town's extent, a ring, a hatched area, or a badge in the margin.
DRAWN_AS: Mapping[str, str] = {
    "site": "pin", "town": "disc", "near": "ring", "district": "area",
    "governorate": "area", "region": "margin", "country": "margin",
}  # fmt: skip

#: Precisions of places that are points on the map.
POINTS = tuple(precision for precision, drawn in DRAWN_AS.items() if drawn in ("pin", "disc", "ring"))


def zone_radii_m(radii_m: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Radius in metres of the zones around what is threatened at places known to within `radii_m`."""
    return np.maximum(radii_m, ZONE_RADIUS_M)


def sizes_px(counts: npt.NDArray[np.int64] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Radius in screen pixels for a number of records; the area grows with the number, up to what a map can carry."""
    return np.where(counts == 1, 7.5, np.minimum(9 + 2.2 * np.sqrt(counts), 26))


@lru_cache(maxsize=65_536)
def size_px(count: int) -> float:
    """Radius in screen pixels for one number of records."""
    return float(sizes_px(np.array([count]))[0])


def colours(store: Store, colour_by: str) -> list[tuple[str, str, str]]:
    """Value, label and colour of every category: one per distinct cell of the column, so that counts add up.

    A record with two claimants is a category of its own. A value keeps its colour whatever is selected: actors get
    theirs by their count in the whole dataset, the rest and all mixtures share grey.
    """
    coded = store.coded[colour_by]
    fixed = {"type": TYPE_COLOURS, "confidence": CONFIDENCE_COLOURS, "precision": PRECISION_COLOURS}.get(colour_by)
    if fixed is None:
        totals = store.totals[colour_by]
        ranked = sorted((value for value in coded.values if value), key=lambda value: (-totals[value], value))
        fixed = dict(zip(ranked, ACTOR_COLOURS, strict=False))
    label_of = DIMENSION[colour_by].label_of
    fixed = {"": FAINT, **fixed}
    return [
        (
            "; ".join(values),
            " and ".join(label_of(value, store.names) for value in values),
            fixed.get("; ".join(values), GREY),
        )
        for values in coded.combinations
    ]


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of the tempo chart: its label and its records in each bin; `value` is "" for several or none."""

    value: str
    label: str
    colour: str
    counts: npt.NDArray[np.int64]

    @property
    def total(self) -> int:
        """Records wholly inside one bin."""
        return int(self.counts.sum())


def tempo_series(store: Store, tempo: Tempo) -> list[Series]:
    """Stack the tempo in the colours of the map, from the bottom: types in their order, else the most frequent first.

    What shares the grey of the map is one series, and what has nothing recorded stands on top.
    """
    found = [
        Series(*entry, tempo.counts[:, column])
        for column, entry in enumerate(colours(store, tempo.by))
        if tempo.counts[:, column].any()
    ]
    if tempo.by == "type":
        return sorted(found, key=lambda one: SHAPE_ORDER.index(one.value))
    rest = [one for one in found if one.colour == GREY and one.value]
    named = [one for one in found if one.colour != GREY and one.value]
    shared = np.sum([one.counts for one in rest], axis=0)
    other = [Series("", "other or several", GREY, shared)] if rest else []
    return [*sorted(named, key=lambda one: -one.total), *other, *(one for one in found if not one.value)]
