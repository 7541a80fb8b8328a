"""Records and placements to a store: sorted by day, coded, with the text kept for reading by row."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geodata.boundaries import Boundaries
from geodata.coding import Mask, code_cells, distinct_rows, one_value
from geodata.columns import Columns, Days, Spots
from geodata.corrections import replaced_from
from geodata.dates import parse_dates
from geodata.dimensions import record_dimensions
from geodata.gazetteer import load_gazetteer
from geodata.geocoder import Geocoder
from geodata.incident import POTENTIAL_TYPES
from geodata.placement import reach_ids
from geodata.record_table import SEARCH_COLUMN, RecordTable, compact
from geodata.scan_loops import NO_DAY
from geodata.search_text import search_texts
from geodata.store import Store
from geodata.totals import Figures, counted, event_ranges, harm_ranges, known_from

#: Columns that decide where a record is placed.
PLACE_COLUMNS = ("place", "site", "admin1", "country", "latitude", "longitude", "location_precision")

#: What makes two placements one spot on the map.
SPOT_COLUMNS = ("longitude", "latitude", "precision", "area_id", "radius_m")


@dataclass(frozen=True, slots=True)
class Placements:
    """Where records were placed: `places` holds each distinct answer once, `codes` the answer of each record."""

    codes: npt.NDArray[np.int32]
    places: pd.DataFrame

    @classmethod
    def per_record(cls, frame: pd.DataFrame) -> Placements:
        """Take a table with one answer per record."""
        return cls(np.arange(len(frame), dtype=np.int32), frame.reset_index(drop=True))


def place_records(records: pd.DataFrame, geocoder: Geocoder) -> Placements:
    """Place records, each distinct combination of place texts and coordinates once."""
    codes, first = distinct_rows([records[name] for name in PLACE_COLUMNS])
    places = geocoder.geocode_table(records[list(PLACE_COLUMNS)].iloc[first].reset_index(drop=True))
    return Placements(codes.astype(np.int32), places)


def sort_records(records: pd.DataFrame, placements: Placements) -> tuple[Columns, pa.Table]:
    """Code records and their placements (same order), and put them in the store's; `records` is emptied on the way."""
    first, last = _days(records)
    known = _known_days(records)
    order = np.lexsort((records["id"].to_numpy(dtype=object).astype(str), first))
    columns = Columns(
        first_day=first[order],
        last_day=last[order],
        term_day=_term_days(records, last)[order],
        known_day=known[order],
        replaced_day=replaced_from(records["id"], records["links"], known, NO_DAY)[order],
        place=placements.codes[order],
        coded={name: column.at(order) for name, column in record_dimensions(records).items()},
        counted=counted(records)[order],
        events=Figures.of(event_ranges(records)).at(order),
        harm={name: Figures.of(harm_ranges(records, name)).at(order) for name in ("killed", "wounded")},
    )
    return columns, compact(records, order)


def store_sorted(
    columns: Columns, table: pa.Table, places: pd.DataFrame, boundaries: Boundaries, *, read: int, rejected: int
) -> Store:
    """Make sorted records ready to be asked."""
    table = table.append_column(SEARCH_COLUMN, search_texts(table, columns.place, places))
    return assemble(RecordTable(table), columns, places, boundaries, read=read, rejected=rejected)


def assemble(
    records: RecordTable, columns: Columns, places: pd.DataFrame, boundaries: Boundaries, *, read: int, rejected: int
) -> Store:
    """Add what follows from the places: spots, areas and their names; records that are not joined are one dataset."""
    if "dataset" not in columns.coded:
        columns = replace(columns, coded={**columns.coded, "dataset": one_value(len(columns.place))})
    of_place, spots = _spots(places)
    spot, spots = _apart(of_place[columns.place], columns.coded["type"].passes(POTENTIAL_TYPES), spots)
    by_place = {
        "country": code_cells(places["country_id"]),
        "governorate": code_cells(places["admin1_id"]),
        "precision": code_cells(places["precision"]),
    }
    return Store(
        records=records,
        columns=columns,
        by_place=by_place,
        places=places,
        spot=spot,
        spots=spots,
        names=_area_names([*by_place["country"].values, *by_place["governorate"].values], boundaries),
        read=read,
        rejected=rejected,
    )


def _days(records: pd.DataFrame) -> tuple[Days, Days]:
    """First and last possible day of each record, `NO_DAY` where it has no usable date."""
    start, end = parse_dates(records["date_start"]), parse_dates(records["date_end"])
    last = np.where(np.isnat(end.last), start.last, end.last)
    return _day_numbers(start.first), _day_numbers(np.where(np.isnat(start.first), start.first, last))


def _term_days(records: pd.DataFrame, last: Days) -> Days:
    """Last day on which each threat is in force: until its term ends, and never before its announcement."""
    ends = _day_numbers(parse_dates(records["expires"]).last)
    has_term = (records["event_type"] == "threat").to_numpy() & (ends != NO_DAY) & (last != NO_DAY)
    return np.where(has_term, np.maximum(last, ends), last).astype(np.int32)


def _known_days(records: pd.DataFrame) -> Days:
    """First day on which each record could be known; what gives no day was always known."""
    known = _day_numbers(known_from(records))
    return np.where(known == NO_DAY, np.iinfo(np.int32).min, known).astype(np.int32)


def _day_numbers(days: npt.NDArray[np.datetime64]) -> Days:
    numbers = days.astype("datetime64[D]").astype(np.int64)
    return np.where(np.isnat(days), NO_DAY, numbers).astype(np.int32)


def _spots(places: pd.DataFrame) -> tuple[npt.NDArray[np.int32], Spots]:
    """Tell the distinct points and areas apart; gives each place the number of its spot, -1 for none."""
    placed = places["longitude"].notna().to_numpy()
    found = places.loc[placed]
    of_place = np.full(len(places), -1, dtype=np.int32)
    first = np.array([], dtype=np.intp)
    if placed.any():
        of_place[placed], first = distinct_rows([found[name] for name in SPOT_COLUMNS])
    distinct = found.iloc[first]
    return of_place, Spots(
        longitude=distinct["longitude"].to_numpy(dtype=np.float64),
        latitude=distinct["latitude"].to_numpy(dtype=np.float64),
        radius_m=distinct["radius_m"].to_numpy(dtype=np.float64),
        precision=distinct["precision"].to_numpy(dtype=object),
        area_id=distinct["area_id"].to_numpy(dtype=object),
        name=distinct["place_name"].to_numpy(dtype=object),
        potential=np.zeros(len(distinct), dtype=bool),
        reach=_reaches(distinct["place_id"]),
    )


def _apart(spot: npt.NDArray[np.int32], potential: Mask, spots: Spots) -> tuple[npt.NDArray[np.int32], Spots]:
    """Give threats and capabilities spots of their own, behind those of what happened."""
    moved = potential & (spot >= 0)
    old, new = np.unique(spot[moved], return_inverse=True)
    own = spot.copy()
    own[moved] = len(spots) + new
    columns = {field.name: getattr(spots, field.name) for field in fields(spots)}
    grown = {name: np.concatenate([values, values[old]]) for name, values in columns.items()}
    grown["potential"][len(spots) :] = True
    return own, Spots(**grown)


def _reaches(place_ids: pd.Series[str]) -> npt.NDArray[np.object_]:
    codes, ids = pd.factorize(place_ids)
    found = np.empty(len(ids), dtype=object)
    found[:] = [reach_ids(cell) for cell in ids.tolist()]
    return found[codes]


def _area_names(area_ids: list[str], boundaries: Boundaries) -> dict[str, str]:
    """Name the areas that appear; a country beyond the drawn map keeps the name the gazetteer has for it."""
    return {area_id: _area_name(area_id, boundaries) for area_id in filter(None, area_ids)}


def _area_name(area_id: str, boundaries: Boundaries) -> str:
    if area_id in boundaries:
        return boundaries.area(area_id).name
    entry = load_gazetteer().by_id(f"area:{area_id}")  # 33 MB, which few datasets need once they are placed
    return entry.name if entry else area_id
