"""Records and placements to a store: sorted by day, coded, with the text kept for reading by row."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.boundaries import Boundaries
from geodata.coding import Mask, code_cells, distinct_rows, one_value
from geodata.columns import Columns, Spots
from geodata.gazetteer import load_gazetteer
from geodata.incident import POTENTIAL_TYPES
from geodata.placement import reach_ids
from geodata.record_table import RecordTable
from geodata.store import Store

#: What makes two placements one spot on the map.
SPOT_COLUMNS = ("longitude", "latitude", "precision", "area_id", "radius_m")


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
