"""A few records written beside a test, placed by hand: no file, no geocoder, counts that can be read off."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.boundaries import load_boundaries
from geodata.dataset import Dataset
from geodata.incident import COLUMN_NAMES, PRECISIONS
from geodata.making import Placements, sort_records, store_sorted
from geodata.placement import ANSWER_COLUMNS, Answer
from geodata.store import Store

Row = dict[str, str]


def point(name: str, longitude: float, latitude: float, precision: str, governorate: str, place_id: str = "") -> Answer:
    """Answer with a point: degrees, EPSG:4326."""
    return Answer(
        place_id=place_id,
        place_name=name,
        place_kind="base",
        longitude=longitude,
        latitude=latitude,
        precision=precision,
        radius_m=PRECISIONS[precision].radius_m or 0.0,
        country_id=governorate.partition(".")[0],
        admin1_id=governorate,
        method="exact",
        score=1.0,
        matched_text=name,
        why=f"“{name}” is the name of it.",
    )


def area(name: str, area_id: str, precision: str) -> Answer:
    """Answer with an area of the boundaries."""
    longitude, latitude = load_boundaries().area(area_id).anchor_lonlat
    parts = area_id.split(".")
    return Answer(
        place_id=f"area:{area_id}",
        place_name=name,
        place_kind=precision,
        longitude=longitude,
        latitude=latitude,
        precision=precision,
        radius_m=100_000.0,
        area_id=area_id,
        country_id=parts[0],
        admin1_id=".".join(parts[:2]) if len(parts) > 1 else "",
        admin2_id=area_id if len(parts) > 2 else "",
        method="exact",
        score=1.0,
        matched_text=name,
        why=f"“{name}” is the name of it.",
    )


#: Where a record of these tests may lie: by name, one of every way to be drawn, and nowhere.
PLACES: Mapping[str, Answer] = {
    "embassy": point("US Embassy Baghdad", 44.3870, 33.3000, "site", "IQ.baghdad", "fac:us-embassy-baghdad"),
    "airport": point("Baghdad Airport", 44.2340, 33.2620, "site", "IQ.baghdad"),
    "erbil": point("Erbil", 44.0090, 36.1900, "town", "IQ.erbil", "gn:95446"),
    "harir": point("Harir", 44.3510, 36.5510, "town", "IQ.erbil"),
    "near taji": point("Taji", 44.2600, 33.5200, "near", "IQ.baghdad"),
    "tanf": point("At Tanf", 38.6170, 33.5080, "site", "SY.homs"),
    "musayyib": area("Musayyib", "IQ.babil.musayyib", "district"),
    "baghdad governorate": area("Baghdad", "IQ.baghdad", "governorate"),
    "anbar": area("Anbar", "IQ.anbar", "governorate"),
    "iraq": area("Iraq", "IQ", "country"),
    "part of syria": area("part of Syria", "SY", "region"),
    "nowhere": Answer(reason="no place is given"),
}


def row(record_id: str, day: str = "2021-07-29", place: str = "embassy", **cells: str) -> Row:
    """Write one record: a rocket attack at the embassy on 29 July 2021, unless told otherwise."""
    given = {"id": record_id, "date_start": day, "event_type": "rocket_attack", "place": place, **cells}
    return {name: given.get(name, "") for name in COLUMN_NAMES}


def small_store(rows: Iterable[Row], *, rejected: int = 0, places: Mapping[str, Answer] = PLACES) -> Store:
    """Build a store of some rows; each lies where `places` has its `place`."""
    listed = list(rows)
    names = dict.fromkeys([*COLUMN_NAMES, *(name for one in listed for name in one)])
    records = pd.DataFrame(listed, columns=list(names), dtype="str")
    records["line"] = range(2, len(listed) + 2)
    placements = pd.DataFrame([places[one["place"]].as_row() for one in listed], columns=list(ANSWER_COLUMNS))
    for column in ("longitude", "latitude", "radius_m", "score"):
        placements[column] = placements[column].astype("float64")
    columns, table = sort_records(records, Placements.per_record(placements))
    return store_sorted(columns, table, placements, load_boundaries(), read=len(listed) + rejected, rejected=rejected)


def small_dataset(rows: Iterable[Row], *, rejected: int = 0) -> Dataset:
    """Wrap a small store as the dataset of a file that does not exist."""
    store = small_store(rows, rejected=rejected)
    return Dataset(Path("small.csv"), store, (), len(store) + rejected, (), "0" * 64)


def csv_file(path: Path, rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMN_NAMES) -> Path:
    """Write rows as a CSV file for the program itself to read and place."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), restval="", extrasaction="raise")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def ids(store: Store, rows: Iterable[int]) -> list[str]:
    """Name records by their ids."""
    return [str(name) for name in store.records.column("id", np.array(list(rows), dtype=np.intp))]


def spot_of(store: Store) -> npt.NDArray[np.int32]:
    """Give each record the number of its spot, -1 for none."""
    return store.spot
