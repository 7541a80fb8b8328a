"""Compare coordinates with the country that the same row states: one of the two is wrong, nobody knows which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from geodata.boundaries import Boundaries, load_boundaries
from geodata.country_names import country_id
from geodata.formats.places import SWAPPED

#: A town on a border may lie on the wrong side of a line that is drawn to about a kilometre.
_BORDER_DEGREES: Final = 5_000 / 111_320
#: Events at sea are coded to the coast's country: within about 200 nautical miles of it they are no disagreement.
_SEA_DEGREES: Final = 3.5
_STEPS: Final = ((0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))


def disagreements(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return for each latitude, longitude (decimal degrees) and country what is wrong with the three of them.

    It is `SWAPPED` where swapping the two numbers explains it. A country that the map does not know by name says
    nothing about a point.
    """
    boundaries = load_boundaries()
    stated = np.array([country_id(country) if lat and lon else "" for lat, lon, country in rows])
    notes = [""] * len(rows)
    asked = np.flatnonzero(stated != "")
    if not asked.size:
        return notes
    lat, lon = (np.array([float(rows[row][axis]) for row in asked.tolist()]) for axis in (0, 1))
    held = boundaries.locate(lon, lat)[0].astype(str)
    for place in np.flatnonzero(held != stated[asked]).tolist():
        row = int(asked[place])
        notes[row] = _disagreement(float(lat[place]), float(lon[place]), str(stated[row]), held[place], boundaries)
    return notes


def _disagreement(lat: float, lon: float, stated: str, held: str, boundaries: Boundaries) -> str:
    if _near(lat, lon, stated, boundaries) or (not held and _at_sea(lat, lon, stated, boundaries)):
        return ""
    if _near(lon, lat, stated, boundaries):
        return SWAPPED
    where = boundaries.area(held).name if held else "no country of the map"
    return f"coordinates lie in {where}, the file states {boundaries.area(stated).name}: one of the two is wrong"


def _near(lat: float, lon: float, country: str, boundaries: Boundaries) -> bool:
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        return False
    lons, lats = ([at + step[axis] * _BORDER_DEGREES for step in _STEPS] for axis, at in ((0, lon), (1, lat)))
    return country in boundaries.locate(lons, lats)[0].tolist()


def _at_sea(lat: float, lon: float, country: str, boundaries: Boundaries) -> bool:
    west, south, east, north = boundaries.area(country).geometry.bounds
    return west - _SEA_DEGREES <= lon <= east + _SEA_DEGREES and south - _SEA_DEGREES <= lat <= north + _SEA_DEGREES
