"""Propose records of different datasets that may be one event, with the reasons; nothing is ever merged here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz

from geodata.dates import parse_dates
from geodata.errors import FileError
from geodata.incident import EVENT_TYPES
from geodata.provenance import FILE_COLUMN

MAX_DAYS: Final = 1
MAX_KM: Final = 25.0
MAX_RECORDS: Final = 300_000
_CELL_DEGREES: Final = 0.5  # More than 25 km everywhere south of 60 degrees north.
_EARTH_KM: Final = 6371.0
_ACTORS: Final = ("attributed_to", "claimed_by")
_NUMBERS: Final = ("killed", "wounded")
_LONG_SPAN_DAYS: Final = 31
_COMPARED: Final = ("id", "place", "event_type", *_ACTORS, *_NUMBERS)
#: Pairs that are looked at; two whole years of a war, hundreds of events a day in one town, have more than that.
MAX_PAIRS: Final = 500_000


@dataclass(frozen=True, slots=True)
class Likely:
    """Name two records that may be one event; `score` is 0 to 1, each reason a sentence for a person."""

    one: str
    two: str
    score: float
    reasons: tuple[str, ...]
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """Hold what records are compared by."""

    cells: dict[str, list[str]]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    place: NDArray[np.object_]

    def row(self, row: int) -> dict[str, str]:
        """Return the compared cells of one record."""
        return {name: cells[row] for name, cells in self.cells.items()}


def likely_duplicates(
    one: pd.DataFrame,
    two: pd.DataFrame,
    *,
    one_placed: pd.DataFrame | None = None,
    two_placed: pd.DataFrame | None = None,
    least: float = 0.5,
) -> tuple[Likely, ...]:
    """Compare the records of two datasets that are close in time and space.

    Parameters
    ----------
    one_placed, two_placed
        Placements with `longitude` and `latitude` (degrees, EPSG:4326) of the same index; a record without coordinates
        of its own is compared by them, and otherwise by the name of its place.
    least
        Pairs below this score are left out.

    Raises
    ------
    FileError
        When so many records are close to each other that a list of pairs would help nobody.
    """
    left, right = _side(one, one_placed), _side(two, two_placed)
    found = []
    for a, b in _pairs(left, right):
        likely = _compare(left, right, a, b)
        if likely is not None and likely.score >= least:
            found.append(likely)
    return tuple(sorted(found, key=lambda pair: (-pair.score, pair.one, pair.two)))


def duplicates_within(records: pd.DataFrame) -> tuple[Likely, ...]:
    """Compare the datasets of one import with each other, told apart by the column `file`."""
    if FILE_COLUMN not in records.columns or len(records) > MAX_RECORDS:
        return ()
    groups = [group.reset_index(drop=True) for _, group in records.groupby(FILE_COLUMN, sort=False)]
    found = [pair for at, one in enumerate(groups) for two in groups[at + 1 :] for pair in likely_duplicates(one, two)]
    return tuple(sorted(found, key=lambda pair: -pair.score))


def _side(frame: pd.DataFrame, placed: pd.DataFrame | None) -> _Side:
    start, end = parse_dates(frame["date_start"]), parse_dates(frame["date_end"])
    last = np.where(np.isnat(end.last), start.last, end.last)
    points = [_degrees(frame[name]) for name in ("latitude", "longitude")]
    if placed is not None:
        for values, name in zip(points, ("latitude", "longitude"), strict=True):
            values[np.isnan(values)] = placed[name].to_numpy(dtype=np.float64)[np.isnan(values)]
    place = frame["place"].str.casefold().str.strip().to_numpy(dtype=object)
    days = [_numbers(values) for values in (start.first, last)]
    return _Side({name: frame[name].tolist() for name in _COMPARED}, days[0], days[1], points[0], points[1], place)


def _degrees(cells: pd.Series[str]) -> NDArray[np.float64]:
    return pd.to_numeric(cells.where(cells != "", "nan"), errors="coerce").to_numpy(dtype=np.float64, copy=True)


def _numbers(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return np.where(np.isnat(days), np.iinfo(np.int64).max // 4, days.astype("datetime64[D]").astype(np.int64))


def _pairs(left: _Side, right: _Side) -> list[tuple[int, int]]:
    """Return pairs that share a day, one more or less, and a cell of half a degree or a name of a place."""
    keys: dict[tuple[int, object], list[int]] = {}
    for row in range(len(right.first)):
        for day in _days(right, row):
            for where in _spots(right, row, 0):
                keys.setdefault((day, where), []).append(row)
    found: set[tuple[int, int]] = set()
    for row in range(len(left.first)):
        for day in _days(left, row, MAX_DAYS):
            for where in _spots(left, row, 1):
                found.update((row, other) for other in keys.get((day, where), ()))
        if len(found) > MAX_PAIRS:
            msg = f"more than {MAX_PAIRS:,} pairs of records are close in time and place; compare a shorter time"
            raise FileError(msg)
    return sorted(found)


def _days(side: _Side, row: int, more: int = 0) -> range:
    first, last = int(side.first[row]), int(side.last[row])
    # A record known by its year only is close to everything in that year: no reason to propose it.
    return range(first - more, last + more + 1) if 0 <= last - first <= _LONG_SPAN_DAYS else range(0)


def _spots(side: _Side, row: int, around: int) -> list[object]:
    spots: list[object] = [side.place[row]] if side.place[row] else []
    if not np.isnan(side.lat[row]) and not np.isnan(side.lon[row]):
        y, x = int(side.lat[row] // _CELL_DEGREES), int(side.lon[row] // _CELL_DEGREES)
        spots += [(y + dy, x + dx) for dy in range(-around, around + 1) for dx in range(-around, around + 1)]
    return spots


def _compare(left: _Side, right: _Side, a: int, b: int) -> Likely | None:
    one, two = left.row(a), right.row(b)
    reasons: list[str] = []
    against: list[str] = []
    score = 0.0
    apart = max(int(right.first[b]) - int(left.last[a]), int(left.first[a]) - int(right.last[b]), 0)
    reasons.append("the same day" if not apart else f"{apart} day apart")
    score += 0.3 if not apart else 0.15
    km = _kilometres(left, a, right, b)
    same_name = bool(left.place[a]) and left.place[a] == right.place[b]
    if km > MAX_KM and not same_name:
        return None
    if same_name:
        reasons.append(f"the same place, {one['place']}")
        score += 0.25
    elif km <= MAX_KM:
        reasons.append(f"{km:.0f} km apart" if km >= 1 else "the same point")
        score += 0.25 * (1 - km / MAX_KM / 2)
    score += _types(one, two, reasons, against) + _actors(one, two, reasons) + _figures(one, two, reasons, against)
    return Likely(one["id"], two["id"], round(min(max(score, 0.0), 1.0), 2), tuple(reasons), tuple(against))


def _kilometres(left: _Side, a: int, right: _Side, b: int) -> float:
    lat1, lon1, lat2, lon2 = (np.radians(v) for v in (left.lat[a], left.lon[a], right.lat[b], right.lon[b]))
    inner = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    distance = float(2 * _EARTH_KM * np.arcsin(np.sqrt(inner)))
    return float("inf") if np.isnan(distance) else distance


def _types(one: Mapping[str, str], two: Mapping[str, str], reasons: list[str], against: list[str]) -> float:
    kinds = {one["event_type"], two["event_type"]}
    if len(kinds) == 1 and kinds != {"other"}:
        reasons.append(f"the same type, {_named(one)}")
        return 0.2
    if "other" in kinds:
        return 0.0
    against.append(f"other types: {_named(one)} and {_named(two)}")
    return -0.2


def _named(record: Mapping[str, str]) -> str:
    kind = EVENT_TYPES.get(record["event_type"])
    return kind.label.lower() if kind else record["event_type"]


def _actors(one: Mapping[str, str], two: Mapping[str, str], reasons: list[str]) -> float:
    names = [
        {part.strip() for column in _ACTORS for part in row[column].split(";") if part.strip()} for row in (one, two)
    ]
    best = max(((fuzz.token_set_ratio(a, b), a) for a in names[0] for b in names[1]), default=(0, ""))
    if best[0] < 85:
        return 0.0
    reasons.append(f"the same actor, {best[1]}")
    return 0.15


def _figures(one: Mapping[str, str], two: Mapping[str, str], reasons: list[str], against: list[str]) -> float:
    score = 0.0
    for name in _NUMBERS:
        if one[name] and one[name] == two[name]:
            reasons.append(f"{one[name]} {name} in both")
            score += 0.05 if one[name] == "0" else 0.1
        elif one[name] and two[name]:
            against.append(f"{name} {one[name]} and {two[name]}")
            score -= 0.05
    return score
