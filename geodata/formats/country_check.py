"""Compare coordinates with the country that the same row states: one of the two is wrong, nobody knows which."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geodata.boundaries import Boundaries, load_boundaries
from geodata.country_names import country_id
from geodata.formats.places import SWAPPED

#: A town on a border may lie on the wrong side of a line that is drawn to about a kilometre.
_BORDER_DEGREES: Final = 5_000 / 111_320
#: Events at sea are coded to the coast's country: within about 200 nautical miles of it they are no disagreement.
_SEA_DEGREES: Final = 3.5
_STEPS: Final = ((0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))


def disagreements(latitude: pd.Series[str], longitude: pd.Series[str], country: pd.Series[str]) -> dict[int, str]:
    """Return what is wrong with latitude, longitude (decimal degrees) and country, for the rows where something is.

    It is `SWAPPED` where swapping the two numbers explains it. A country that the map does not know by name says
    nothing about a point.
    """
    boundaries = load_boundaries()
    codes, names = pd.factorize(country)
    stated = np.array([country_id(name) for name in names.tolist()] or [""], dtype=object)[codes]
    lat, lon = (pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64) for cells in (latitude, longitude))
    asked = np.flatnonzero((stated != "") & ~np.isnan(lat) & ~np.isnan(lon))
    held = boundaries.locate(lon[asked], lat[asked])[0]
    differing = np.flatnonzero(held != stated[asked])
    rows = asked[differing].tolist()
    triples = list(zip(lat[rows].tolist(), lon[rows].tolist(), stated[rows], held[differing].tolist(), strict=True))
    judged = {triple: _disagreement(*triple, boundaries) for triple in set(triples)}
    return {row: judged[triple] for row, triple in zip(rows, triples, strict=True) if judged[triple]}


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
