"""Read coordinates as other people write them; leave out, and say so, what stands for no place on earth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geodata.formats.daytext import western_digits

_REGULAR: Final = r"^[+-]?\d{1,3}(?:\.\d*)?$"
_EXPONENT: Final = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_SEXAGESIMAL: Final = re.compile(
    r"([NSEW])?\s*(\d{1,3})\s*[°d:]\s*(?:(\d{1,2}(?:\.\d+)?)\s*['′’m:]?\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”s]|'')?\s*)?)?"
    r"([NSEW])?",
    re.ASCII | re.IGNORECASE,
)

NO_DEGREES: Final = "coordinates of the file left out: they are no degrees"
HALF: Final = "coordinates of the file left out: only one of the two is given"
NULL_ISLAND: Final = "coordinates of the file left out: 0, 0 stands for nothing known"
SWAPPED: Final = "coordinates of the file left out: latitude and longitude look swapped"
OUTSIDE: Final = "coordinates of the file left out: outside -90 to 90 and -180 to 180 degrees"
PROJECTED: Final = "coordinates of the file left out: they are metres of a map projection that the file does not name"
FULL_CIRCLE: Final = "longitude put right: the column counts from 0 to 360 degrees"
RESPELLED: Final = "coordinates of the file read as decimal degrees"


@dataclass(frozen=True, slots=True)
class Placed:
    """Hold latitude and longitude as text in decimal degrees, WGS 84, empty where there is none; and what was done."""

    latitude: pd.Series[str]
    longitude: pd.Series[str]
    note: pd.Series[str]


def clean_coordinates(north: pd.Series[str], east: pd.Series[str]) -> Placed:
    """Check two columns of coordinates.

    Cells that are degrees already stay exactly as written.
    """
    texts, numbers, respelled = {}, {}, np.zeros(len(north), dtype=bool)
    for name, cells in (("north", north), ("east", east)):
        texts[name], numbers[name], changed = _degrees(cells)
        respelled |= changed
    lat, lon = numbers["north"], numbers["east"]
    full_circle = _counts_full_circle(lon)
    if full_circle.any():
        lon = np.where(full_circle, lon - 360.0, lon)
        texts["east"] = _replaced(texts["east"], full_circle, [_plain(value) for value in lon[full_circle].tolist()])
    note = np.full(len(north), "", dtype=object)
    note[respelled] = RESPELLED
    note[full_circle] = FULL_CIRCLE
    left_out = np.zeros(len(north), dtype=bool)
    for reason, rows in _faults(north, east, lat, lon):
        note[rows] = reason
        left_out |= rows
    if left_out.any():
        texts = {name: cells.where(~left_out, "") for name, cells in texts.items()}
    return Placed(texts["north"], texts["east"], pd.Series(note, dtype="str"))


def _replaced(cells: pd.Series[str], rows: NDArray[np.bool_], texts: list[str]) -> pd.Series[str]:
    changed = cells.to_numpy(dtype=object, copy=True)
    changed[rows] = texts
    return pd.Series(changed, dtype="str")


def _faults(
    north: pd.Series[str], east: pd.Series[str], lat: NDArray[np.float64], lon: NDArray[np.float64]
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Name what is wrong, the most telling reason last: a later one replaces an earlier one."""
    no_north, no_east = (cells.str.strip() == "" for cells in (north, east))
    outside = ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180)) & ~np.isnan(lat) & ~np.isnan(lon)
    return [
        (OUTSIDE, outside),
        (SWAPPED, outside & (np.abs(lon) <= 90) & (np.abs(lat) <= 180)),
        (PROJECTED, outside & ((np.abs(lat) > 1000) | (np.abs(lon) > 1000))),
        (NULL_ISLAND, (lat == 0) & (lon == 0)),
        (NO_DEGREES, (np.isnan(lat) & ~no_north.to_numpy()) | (np.isnan(lon) & ~no_east.to_numpy())),
        (HALF, (no_north ^ no_east).to_numpy()),
    ]


def _counts_full_circle(lon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark longitudes above 180 when the whole column runs from 0 to 360."""
    known = lon[~np.isnan(lon)]
    if known.size and known.min() >= 0 and 180 < known.max() <= 360:
        return lon > 180
    return np.zeros(len(lon), dtype=bool)


def _degrees(cells: pd.Series[str]) -> tuple[pd.Series[str], NDArray[np.float64], NDArray[np.bool_]]:
    """Return cells as decimal degrees, their numbers (NaN where there is none), and which were written otherwise."""
    bare = cells.str.strip()
    found = pc.match_substring_regex(pa.array(bare, pa.large_string()), _REGULAR)
    regular = np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)
    odd = ~regular & (bare != "").to_numpy()
    if odd.any():
        codes, distinct = pd.factorize(bare[odd])
        read = [_read_odd(str(text)) for text in distinct]
        bare = _replaced(bare, odd, [read[code] for code in codes.tolist()])
    numbers = pd.to_numeric(bare.where(bare != "", "nan"), errors="coerce").to_numpy(dtype=np.float64)
    numbers = np.where(np.isinf(numbers), np.nan, numbers)
    return bare, numbers, odd & ~np.isnan(numbers)


def _read_odd(text: str) -> str:
    """Return decimal degrees for a spelling with a comma, an exponent, other digits, or minutes and seconds."""
    bare = western_digits(text).strip().replace("−", "-").replace("٫", ".")
    if re.fullmatch(r"[+-]?\d{1,3},\d+", bare):
        bare = bare.replace(",", ".")
    bare = bare.removesuffix("°").strip()
    if _EXPONENT.fullmatch(bare):
        return _plain(float(bare)) if "e" in bare.lower() else bare
    found = _SEXAGESIMAL.fullmatch(bare)
    if found is None:
        return "not degrees"
    sign = -1.0 if (found[1] or found[5] or "N").upper() in "SW" else 1.0
    minutes, seconds = float(found[3] or 0), float(found[4] or 0)
    if minutes >= 60 or seconds >= 60:
        return "not degrees"
    return _plain(round(sign * (int(found[2]) + minutes / 60 + seconds / 3600), 6))


def _plain(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".") if abs(value) < 1e9 else "not degrees"
