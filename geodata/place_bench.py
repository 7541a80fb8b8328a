"""Measure the geocoder: how much it answers, how right it is, whether its radii hold, and how fast it is.

`incidents bench places` prints these tables; docs/places.md quotes them. The development set is
`tests/data/places_dev.csv`: texts with the truth beside them, from the records' research and from public knowledge.
It is not what the figures of the project are judged by.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.coordinates import POINT_PRECISIONS
from geodata.errors import FileError
from geodata.gazetteer import GAZETTEER_FILE, read_gazetteer
from geodata.geocoder import Geocoder
from geodata.place_geometry import WGS84

#: The development set of a checkout; an installed package does not carry it.
DEVELOPMENT_SET: Final = Path(__file__).parent.parent / "tests" / "data" / "places_dev.csv"

#: Distances at which an answer counts as right, in kilometres.
WITHIN_KM: Final = (3, 5, 10, 25, 50)

Row = dict[str, str | int | float]


def read_development_set(path: Path = DEVELOPMENT_SET) -> pd.DataFrame:
    """Read texts with their truth: `place, site, admin1, country, latitude, longitude, kind, style, source`.

    Raises
    ------
    FileError
        When the file is not there, as in an installed package.
    """
    if not path.exists():
        msg = f"The development set {path.name!r} is part of a checkout, not of the package: run this in a checkout."
        raise FileError(msg)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.astype({"latitude": float, "longitude": float})


def judge(frame: pd.DataFrame, geocoder: Geocoder) -> pd.DataFrame:
    """Geocode texts without their coordinates and set the answers beside the truth.

    Returns
    -------
    pandas.DataFrame
        The input, the geocoder's columns with the prefix `got_`, `error_km`, and `wrong_governorate` (one was stated
        and the answer lies in another).
    """
    answers = geocoder.geocode_table(frame[["place", "site", "admin1", "country"]])
    judged = frame.join(answers.add_prefix("got_"))
    judged["error_km"] = _error_km(judged)
    stated = [geocoder.context(a, c).governorates for a, c in zip(frame["admin1"], frame["country"], strict=True)]
    judged["wrong_governorate"] = [
        bool(held) and bool(got) and got not in held for held, got in zip(stated, judged["got_admin1_id"], strict=True)
    ]
    return judged


def _error_km(judged: pd.DataFrame) -> npt.NDArray[np.float64]:
    columns = [judged[name].to_numpy(float) for name in ("longitude", "latitude", "got_longitude", "got_latitude")]
    error = np.full(len(judged), np.nan)
    known = ~np.isnan(columns[2])
    if known.any():
        error[known] = WGS84.inv(*(column[known] for column in columns))[2] / 1000
    return error


def accuracy_rows(judged: pd.DataFrame, by: str) -> list[Row]:
    """Count, for each value of a column: texts, answers, answers that are a point, and of those how many are right."""
    rows: list[Row] = []
    for value, group in judged.groupby(by, sort=True):
        points = group[group["got_precision"].isin(POINT_PRECISIONS)]
        row: Row = {
            by.removeprefix("got_"): str(value),
            "texts": len(group),
            "answered": int((group["got_reason"] == "").sum()),
        }
        row["points"] = len(points)
        for distance in WITHIN_KM:
            share = float((points["error_km"] <= distance).mean()) if len(points) else float("nan")
            row[f"within {distance} km"] = round(share, 3)
        row["wrong governorate"] = int(group["wrong_governorate"].sum())
        rows.append(row)
    return rows


def promise_rows(judged: pd.DataFrame) -> list[Row]:
    """Tell for each precision class which share of the truths lies inside the radius the answers state."""
    rows: list[Row] = []
    for precision, group in judged[judged["got_reason"] == ""].groupby("got_precision"):
        inside = group["error_km"] * 1000 <= group["got_radius_m"]
        rows.append(
            {
                "precision": str(precision),
                "answers": len(group),
                "inside the radius": round(float(inside.mean()), 3),
                "median radius km": round(float(group["got_radius_m"].median()) / 1000, 1),
            }
        )
    return rows


def timing_rows(texts: int = 5_000, rows: int = 1_000_000) -> list[Row]:
    """Time loading the gazetteer, geocoding distinct texts, and giving many rows their place, in seconds."""
    started = time.perf_counter()
    gazetteer = read_gazetteer([GAZETTEER_FILE])
    timings: list[Row] = [{"what": "load the gazetteer", "seconds": round(time.perf_counter() - started, 3)}]
    frame = _texts(texts)
    geocoder = Geocoder(gazetteer)
    started = time.perf_counter()
    geocoder.geocode_table(frame)
    timings.append({"what": f"{len(frame):,} distinct places", "seconds": round(time.perf_counter() - started, 3)})
    many = frame.take(np.random.default_rng(0).integers(0, len(frame), rows)).reset_index(drop=True)
    geocoder = Geocoder(gazetteer)
    started = time.perf_counter()
    geocoder.geocode_table(many)
    what = f"{rows:,} rows with {len(frame):,} distinct places"
    timings.append({"what": what, "seconds": round(time.perf_counter() - started, 3)})
    return timings


_PATTERNS: Final = ("{}", "near {}", "{} city", "12 km north of {}", "{} road", "unknown village, {}", "{}ah", "Al-{}")


def _texts(count: int) -> pd.DataFrame:
    """Make distinct texts of every sort from the gazetteer's spellings, most with a governorate stated."""
    gazetteer = read_gazetteer([GAZETTEER_FILE])
    random = np.random.default_rng(1)
    places = [row for row, country in enumerate(gazetteer.column("country")) if country in {"IQ", "SY", "IR", "TR"}]
    admin1, names = gazetteer.column("admin1"), gazetteer.column("name")
    distinct: dict[tuple[str, str, str], None] = {}
    while len(distinct) < count:
        row = int(random.choice(places))
        spellings = gazetteer.names(gazetteer.column("id")[row]) or (names[row],)
        text = _PATTERNS[int(random.integers(len(_PATTERNS)))].format(spellings[int(random.integers(len(spellings)))])
        area = gazetteer.by_id(f"area:{admin1[row]}") if random.random() < 0.8 else None
        distinct[text, area.name if area else "", gazetteer.column("country")[row]] = None
    return pd.DataFrame(list(distinct), columns=["place", "admin1", "country"])


def places_report(*, timings: bool = True, geocoder: Geocoder | None = None) -> Mapping[str, list[Row]]:
    """Give all tables of `incidents bench places`: title -> rows, each row a column name -> value."""
    judged = judge(read_development_set(), geocoder or Geocoder())
    judged["all"] = "all texts"
    report = {
        "All": accuracy_rows(judged, "all"),
        "By kind of place": accuracy_rows(judged, "kind"),
        "By way of writing": accuracy_rows(judged, "style"),
        "By method": accuracy_rows(judged, "got_method"),
        "By precision of the answer": accuracy_rows(judged, "got_precision"),
        "Is the truth inside the stated radius?": promise_rows(judged),
    }
    if timings:
        report["Time"] = timing_rows()
    return report
