"""From a file to a store: read, place, code."""

from __future__ import annotations

import csv
import hashlib
import os
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.actors import fold_name, load_actors
from geodata.boundaries import Boundaries, load_boundaries
from geodata.coding import Coded, code_cells
from geodata.dates import parse_dates
from geodata.gazetteer import load_gazetteer
from geodata.geocoder import Geocoder
from geodata.incident import SEPARATOR
from geodata.reader import Reading, Rejected, read_incidents
from geodata.store import NO_DAY, Columns, Days, Spots, Store
from geodata.totals import counted, event_ranges, harm_ranges

#: Columns whose words the search looks through; names found by the geocoder and actor variants are added.
SEARCHED = (
    "id",
    "place",
    "site",
    "admin1",
    "target",
    "weapon",
    "claimed_by",
    "denied_by",
    "attributed_to",
    "summary",
    "notes",
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One loaded file: its store, its rejected rows, and the hash that names its content in products."""

    path: Path
    store: Store
    rejected: tuple[Rejected, ...]
    read: int
    notes: tuple[str, ...]
    sha256: str

    def report(self) -> dict[str, Any]:
        """Say what became of every row: read = kept + rejected, kept = placed + not placed."""
        records, placements = self.store.records, self.store.placements
        lost = placements["longitude"].isna().to_numpy()
        reasons = placements["reason"].to_numpy()[lost]
        unplaced = zip(records["id"].to_numpy()[lost], records["place"].to_numpy()[lost], reasons, strict=True)
        return {
            "read": self.read,
            "kept": len(records),
            "rejected": [
                {"line": row.line, "column": row.column, "value": row.value, "reason": row.reason, "fix": row.fix}
                for row in self.rejected
            ],
            "placed": int((~lost).sum()),
            "not_placed": [{"id": i, "place": place, "reason": reason} for i, place, reason in unplaced],
            "notes": list(self.notes),
        }


#: Environment variable that names the file of incidents; the launcher sets it for the page's process.
DATA_VARIABLE = "INCIDENTS_DATA"


def use_data(path: Path) -> None:
    """Choose the file of incidents of this process, before anything asks for it."""
    os.environ[DATA_VARIABLE] = str(path.resolve())


def data_path() -> Path:
    """Give the chosen file of incidents, or the one shipped with the project."""
    chosen = os.environ.get(DATA_VARIABLE)
    if chosen:
        return Path(chosen)
    beside = Path(__file__).parent.parent / "incidents.csv"
    return beside if beside.exists() else Path(__file__).parent / "data" / "incidents.csv"


def current_dataset() -> Dataset:
    """Give this process's dataset; it is loaded once and shared by every session."""
    return _loaded(data_path())


@lru_cache(maxsize=1)
def _loaded(path: Path) -> Dataset:
    return load_dataset(path)


@cache
def load_facilities() -> list[dict[str, Any]]:
    """List the facilities that have a point: id, name, kind, longitude, latitude (degrees, EPSG:4326)."""
    with (Path(__file__).parent / "data" / "facilities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "kind": row["kind"],
            "longitude": float(row["longitude"]),
            "latitude": float(row["latitude"]),
            "verified": row["verified"] == "yes",
        }
        for row in rows
        if row["kind"] != "town"
    ]


@cache
def shared_geocoder() -> Geocoder:
    """Give the geocoder of this process; it is read-only."""
    return Geocoder(load_gazetteer(), load_boundaries())


def load_dataset(path: Path) -> Dataset:
    """Read a file of incidents, place every record and make it ready to be asked.

    Raises
    ------
    FileError
        When the file as a whole cannot be read.
    """
    reading = read_incidents(path)
    placements = shared_geocoder().geocode_table(reading.records)
    return Dataset(
        path=path,
        store=build_store(reading, placements, load_boundaries()),
        rejected=reading.rejected,
        read=reading.read,
        notes=reading.notes,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def build_store(reading: Reading, placements: pd.DataFrame, boundaries: Boundaries) -> Store:
    """Code records and placements (same index) into a store, sorted by first day."""
    first, last = _days(reading.records)
    order = np.lexsort((reading.records["id"].to_numpy(dtype=object).astype(str), first))
    records = reading.records.iloc[order].reset_index(drop=True)
    placements = placements.iloc[order].reset_index(drop=True)
    spot, spots = _spots(placements)
    coded = _coded(records, placements)
    columns = Columns(
        first_day=first[order],
        last_day=last[order],
        spot=spot,
        coded=coded,
        counted=counted(records),
        events=event_ranges(records),
        harm={name: harm_ranges(records, name) for name in ("killed", "wounded")},
    )
    return Store(
        records=records,
        placements=placements,
        columns=columns,
        spots=spots,
        texts=_search_texts(records, placements),
        names=_area_names(coded, boundaries),
        read=reading.read,
        rejected=len(reading.rejected),
    )


def _days(records: pd.DataFrame) -> tuple[Days, Days]:
    """First and last possible day of each record, `NO_DAY` where it has no usable date."""
    start, end = parse_dates(records["date_start"]), parse_dates(records["date_end"])
    last = np.where(np.isnat(end.last), start.last, end.last)
    return _day_numbers(start.first), _day_numbers(np.where(np.isnat(start.first), start.first, last))


def _day_numbers(days: npt.NDArray[np.datetime64]) -> Days:
    numbers = days.astype("datetime64[D]").astype(np.int64)
    return np.where(np.isnat(days), NO_DAY, numbers).astype(np.int32)


def _spots(placements: pd.DataFrame) -> tuple[npt.NDArray[np.int32], Spots]:
    placed = placements["longitude"].notna().to_numpy()
    keys = ["longitude", "latitude", "precision", "area_id", "radius_m"]
    found = placements.loc[placed]
    distinct = found.drop_duplicates(keys)
    numbered = distinct[keys].assign(_spot=np.arange(len(distinct), dtype=np.int32))
    spot = np.full(len(placements), -1, dtype=np.int32)
    spot[placed] = found[keys].merge(numbered, on=keys, how="left")["_spot"].to_numpy()
    return spot, Spots(
        longitude=distinct["longitude"].to_numpy(dtype=np.float64),
        latitude=distinct["latitude"].to_numpy(dtype=np.float64),
        radius_m=distinct["radius_m"].to_numpy(dtype=np.float64),
        precision=distinct["precision"].to_numpy(dtype=object),
        area_id=distinct["area_id"].to_numpy(dtype=object),
        name=distinct["place_name"].to_numpy(dtype=object),
    )


def _coded(records: pd.DataFrame, placements: pd.DataFrame) -> dict[str, Coded]:
    return {
        "type": code_cells(records["event_type"]),
        "claimed": code_cells(records["claimed_by"], SEPARATOR.strip()),
        "assessed": code_cells(records["attributed_to"], SEPARATOR.strip()),
        "denied": code_cells(records["denied_by"], SEPARATOR.strip()),
        "target": code_cells(records["target_type"]),
        "country": code_cells(placements["country_id"]),
        "governorate": code_cells(placements["admin1_id"]),
        "precision": code_cells(placements["precision"]),
        "confidence": code_cells(records["confidence"]),
        "status": code_cells(records["status"].where(records["status"] != "", "draft")),
        "casualties": _casualties(records),
    }


def _casualties(records: pd.DataFrame) -> Coded:
    """Say whether people were killed or wounded; "none" only where a source reports both as none."""
    killed, wounded = harm_ranges(records, "killed"), harm_ranges(records, "wounded")
    labels = np.where(np.isnan(killed.high) | np.isnan(wounded.high), "", "none").astype(object)
    labels[wounded.high > 0] = "wounded"
    labels[killed.high > 0] = "killed"
    labels[(killed.high > 0) & (wounded.high > 0)] = "killed;wounded"
    return code_cells(pd.Series(labels), ";")


def _area_names(coded: dict[str, Coded], boundaries: Boundaries) -> dict[str, str]:
    """Name the areas that appear; a country beyond the drawn map keeps the name the gazetteer has for it."""
    areas = [value for name in ("country", "governorate") for value in coded[name].values if value]
    gazetteer = load_gazetteer()
    names = {}
    for area_id in areas:
        entry = None if area_id in boundaries else gazetteer.by_id(f"area:{area_id}")
        names[area_id] = entry.name if entry else boundaries.area(area_id).name if area_id in boundaries else area_id
    return names


def _search_texts(records: pd.DataFrame, placements: pd.DataFrame) -> npt.NDArray[np.object_]:
    """One folded text per record: what it says, and every name its place and its actors are known by."""
    actors, gazetteer = load_actors(), load_gazetteer()
    variants = {actor.id: " ".join((actor.name, *actor.variants)) for actor in actors}
    named = _side_by_side(records[["claimed_by", "denied_by", "attributed_to"]], SEPARATOR)
    known = {cell: " ".join(variants.get(i, "") for _, i in actors.resolve_cell(cell)) for cell in named.unique()}
    places = {place_id: " ".join(gazetteer.names(place_id)) for place_id in placements["place_id"].unique() if place_id}
    searched = records[list(SEARCHED)].assign(
        _place=placements["place_name"],
        _place_names=placements["place_id"].map(lambda place_id: places.get(place_id, "")),
        _actor_names=named.map(known),
    )
    joined = _side_by_side(searched, " ")
    folded = {text: fold_name(text) for text in joined.unique()}
    return joined.map(folded).to_numpy(dtype=object)


def _side_by_side(frame: pd.DataFrame, separator: str) -> pd.Series[str]:
    """Join the columns row by row; no rows give an empty column, where `agg` would give a frame."""
    return frame.iloc[:, 0].str.cat(frame.iloc[:, 1:], sep=separator)
