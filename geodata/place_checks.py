"""Look for coordinates that cannot be right, and propose a fix; nothing is ever fixed silently."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, cast

import pandas as pd

from geodata.boundaries import BOX_WSEN, Boundaries
from geodata.placement import Flag

#: Country points that data sets hand out instead of a place; 4 decimals. Iraq and Syria, as in dr5hn's and Google's
#: country tables and in the CIA World Factbook.
_COUNTRY_POINTS: Final = {
    (33.2232, 43.6793): "IQ",
    (33.0, 44.0): "IQ",
    (34.8021, 38.9968): "SY",
    (35.0, 38.0): "SY",
}

#: A point stated in an area but this close outside it is not flagged: the shipped lines are simplified to about 200 m.
TOLERANCE_M: Final = 2_000.0


def check_point(
    longitude: float,
    latitude: float,
    boundaries: Boundaries,
    *,
    governorates: Iterable[str] = (),
    countries: Iterable[str] = (),
) -> tuple[Flag, ...]:
    """List what is suspicious about a point, the gravest first.

    Parameters
    ----------
    longitude, latitude
        Decimal degrees, EPSG:4326.
    governorates, countries
        Boundary ids that are stated; a point outside them is flagged.
    """
    if longitude == 0 and latitude == 0:
        return (
            Flag(
                "zero", "The point is 0, 0, in the sea off Africa: it stands for “unknown”.", "Remove the coordinates."
            ),
        )
    if abs(latitude) > 90 or abs(longitude) > 180:
        swapped = _if_held(latitude, longitude, boundaries, governorates, countries)
        message = f"{latitude:g}, {longitude:g} is no latitude and longitude."
        return (
            _proposal("out_of_range", message, swapped)
            or Flag("out_of_range", message, "Correct or remove the coordinates."),
        )
    wrong = _wrong_area(longitude, latitude, boundaries, frozenset(governorates), frozenset(countries))
    return tuple(filter(None, (wrong, _tell_tale(longitude, latitude, boundaries), _rounded(longitude, latitude))))


def _wrong_area(
    longitude: float, latitude: float, boundaries: Boundaries, governorates: frozenset[str], countries: frozenset[str]
) -> Flag | None:
    if _held(longitude, latitude, boundaries, governorates, countries):
        return None
    held = boundaries.locate([longitude], [latitude])
    where = held[1][0] or held[0][0]
    tries = (
        ("swapped", "Latitude and longitude are swapped", (latitude, longitude)),
        ("sign", "A minus sign is missing or too much", (-longitude, latitude)),
        ("sign", "A minus sign is missing or too much", (longitude, -latitude)),
        ("sign", "A minus sign is missing or too much", (-longitude, -latitude)),
    )
    for code, words, (east, north) in tries:
        if abs(north) <= 90 and _held(east, north, boundaries, governorates, countries):
            return _proposal(
                code, f"{words}: {latitude:g}, {longitude:g} lies {_place(where, boundaries)}.", (east, north)
            )
    stated = _names(governorates or countries, boundaries)
    if not where:
        inside_box = BOX_WSEN[0] <= longitude <= BOX_WSEN[2] and BOX_WSEN[1] <= latitude <= BOX_WSEN[3]
        if not inside_box and not stated:
            return Flag("outside_map", f"{latitude:g}, {longitude:g} lies outside the map.", "Check the coordinates.")
        return Flag("sea", f"{latitude:g}, {longitude:g} lies on the sea or outside the map.", "Check the coordinates.")
    code = "outside_governorate" if governorates else "outside_country"
    return Flag(
        code, f"The point lies {_place(where, boundaries)}, not in {stated} as stated.", "Correct the one or the other."
    )


def _held(
    longitude: float, latitude: float, boundaries: Boundaries, governorates: frozenset[str], countries: frozenset[str]
) -> bool:
    """Tell whether a point lies in what is stated, or, when nothing is stated, on any land of the map."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return False
    reach = TOLERANCE_M / 111_320
    ring = [(0.0, 0.0), (reach, 0.0), (-reach, 0.0), (0.0, reach), (0.0, -reach)]
    points = ring if governorates or countries else ring[:1]
    held = boundaries.locate([longitude + east for east, _ in points], [latitude + north for _, north in points])
    if governorates:
        return any(area in governorates for area in held[1])
    return any(area in countries if countries else area for area in held[0])


def _if_held(
    longitude: float,
    latitude: float,
    boundaries: Boundaries,
    governorates: Iterable[str],
    countries: Iterable[str],
) -> tuple[float, float] | None:
    found = _held(longitude, latitude, boundaries, frozenset(governorates), frozenset(countries))
    return (longitude, latitude) if found else None


def _proposal(code: str, message: str, point: tuple[float, float] | None) -> Flag | None:
    if point is None:
        return None
    return Flag(code, message, f"Use {point[1]:g}, {point[0]:g}.", point[0], point[1])


def _tell_tale(longitude: float, latitude: float, boundaries: Boundaries) -> Flag | None:
    area_id = centre_points(boundaries).get((round(latitude, 4), round(longitude, 4)))
    if area_id is None:
        return None
    name = boundaries.area(area_id).name
    return Flag(
        "centroid",
        f"The point is the centre of {name} to 4 decimals: a source that only knew {name} wrote it.",
        f"Treat it as the whole of {name}.",
    )


@lru_cache(maxsize=4)
def centre_points(boundaries: Boundaries) -> dict[tuple[float, float], str]:
    """Give the centres of countries and governorates, latitude and longitude to 4 decimals, and the area of each."""
    centres = dict(_COUNTRY_POINTS)
    for area in (*boundaries.areas("governorate"), *boundaries.areas("country")):
        west, south, east, north = area.geometry.bounds
        middle = area.geometry.centroid
        for east_, north_ in (area.anchor_lonlat, (middle.x, middle.y), ((west + east) / 2, (south + north) / 2)):
            centres[round(north_, 4), round(east_, 4)] = area.id
    return centres


def _rounded(longitude: float, latitude: float) -> Flag | None:
    if all(math.isclose(value * 2, round(value * 2), abs_tol=1e-9) for value in (longitude, latitude)):
        message = f"{latitude:g}, {longitude:g} is rounded to half a degree, about 50 km."
        return Flag("rounded", message, "Look the place up, or lower the precision.")
    return None


def _place(area_id: str, boundaries: Boundaries) -> str:
    return f"in {boundaries.area(area_id).name}" if area_id else "in no country of the map"


def _names(area_ids: Iterable[str], boundaries: Boundaries) -> str:
    return ", ".join(boundaries.area(area_id).name for area_id in sorted(area_ids) if area_id in boundaries)


def check_table(frame: pd.DataFrame, boundaries: Boundaries) -> pd.DataFrame:
    """Check every row that has coordinates; each distinct point and statement once.

    Parameters
    ----------
    frame
        Columns `longitude, latitude` (numbers, NaN where none) and, where known, `admin1_id, country_id`.

    Returns
    -------
    pandas.DataFrame
        One row per flag: `row` (label in the input's index), `code, message, fix, longitude, latitude` (of the fix).
    """
    names = ["longitude", "latitude", *(name for name in ("admin1_id", "country_id") if name in frame)]
    given = frame[names].dropna(subset=["longitude", "latitude"])
    rows = []
    for values, members in given.groupby(names, dropna=False, sort=False).groups.items():
        point = dict(zip(names, cast("tuple[Any, ...]", values), strict=True))
        stated = {name: [point[f"{key}_id"]] if point.get(f"{key}_id") else [] for name, key in
                  (("governorates", "admin1"), ("countries", "country"))}  # fmt: skip
        flags = check_point(float(point["longitude"]), float(point["latitude"]), boundaries, **stated)
        rows += [(row, f.code, f.message, f.fix, f.longitude, f.latitude) for row in members for f in flags]
    return pd.DataFrame(rows, columns=["row", "code", "message", "fix", "longitude", "latitude"])
