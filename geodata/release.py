"""Records for public release: every point snapped to a fixed grid, and no cell of a record that says it more exactly.

The grid has its lines at whole tenths of a degree whatever is selected, so that two releases cannot be laid over each
other to find a place: the same place always gives the same point, the middle of its square.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from weakref import WeakSet

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.assemble import assemble
from geodata.boundaries import load_boundaries
from geodata.dataset import Dataset
from geodata.incident import COLUMN_NAMES, PRECISIONS
from geodata.reach import GEOD
from geodata.store import Store

#: Edge of a square in degrees; about 11 km north-south and 9 km east-west in Iraq.
GRID_DEG = 0.1

#: Columns of a record that may give its place away; other texts stay as they are and must be read before a release.
WITHHELD = frozenset({"place", "site", "latitude", "longitude", "location_precision"})

#: Columns beyond the record table in which a file may carry a handling marking; they are never withheld.
MARKING_COLUMNS = ("tlp", "marking", "handling", "classification")

SENTENCE = (
    f"Public release: points are snapped to a grid of {GRID_DEG}° (about 11 km); places as reported are left out. "
    "Summaries and targets are as written."
)

_public: WeakSet[Store] = WeakSet()


def public_form(dataset: Dataset) -> Dataset:
    """Give a dataset with its points snapped and its place cells withheld; what is public already stays as it is."""
    if dataset.store in _public:
        return dataset
    return replace(dataset, store=_public_store(dataset.store), notes=(*dataset.notes, SENTENCE))


def released(dataset: Dataset, *, public: bool) -> Dataset:
    """Give a dataset as it may be shown: in its public form, or as it is."""
    return public_form(dataset) if public else dataset


@lru_cache(maxsize=1)
def _public_store(store: Store) -> Store:
    made = assemble(
        store.records.without(WITHHELD | foreign_columns(store)),
        store.columns,
        snapped(store.places),
        load_boundaries(),
        read=store.read,
        rejected=store.rejected,
    )
    _public.add(made)
    return made


def foreign_columns(store: Store) -> frozenset[str]:
    """Name the columns of the file that the record table does not define: they may say anything, a point as well."""
    known = {*COLUMN_NAMES, "line"}
    return frozenset(n for n in store.records.names if n not in known and n.lower() not in MARKING_COLUMNS)


def snapped(places: pd.DataFrame) -> pd.DataFrame:
    """Snap the points of placements; areas, countries and what has no place stay as they are.

    The radius grows by the farthest a point of the square can lie from its middle, and nothing stays more exact than
    "near".
    """
    made = places.copy()
    coarse = places["precision"].isin(["region", "country"])
    points = (places["longitude"].notna() & (places["area_id"] == "") & ~coarse).to_numpy()
    longitude, latitude = (middle(places.loc[points, name].to_numpy(np.float64)) for name in ("longitude", "latitude"))
    made.loc[points, "longitude"], made.loc[points, "latitude"] = longitude, latitude
    made.loc[points, "radius_m"] = places.loc[points, "radius_m"].to_numpy(np.float64) + half_diagonal_m(latitude)
    exact = points & places["precision"].map(lambda code: PRECISIONS[code].rank < PRECISIONS["near"].rank).to_numpy(
        bool
    )
    made.loc[exact, "precision"] = "near"
    made.loc[points, "place_name"] = [_area_name(row) for row in places.loc[points, "admin1_id"]]
    made.loc[points, ["place_id", "place_kind", "matched_text", "admin2_id"]] = ""
    made.loc[points, "method"] = "public release"
    made.loc[points, "why"] = f"Snapped to the middle of a square of {GRID_DEG}° for public release."
    return made


def middle(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the middle of the grid's interval that each number lies in; a middle stays where it is."""
    per_degree = round(1 / GRID_DEG)
    return (np.floor(np.round(degrees * per_degree, 9)) + 0.5) / per_degree


def half_diagonal_m(latitude: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give how far the corners of a square lie from its middle, in metres; the nearer to the equator, the farther."""
    half = np.full(len(latitude), GRID_DEG / 2)
    nearer = np.maximum(np.abs(latitude) - half, 0.0)
    _, _, distance = GEOD.inv(np.zeros(len(latitude)), np.abs(latitude), half, nearer)
    return np.ceil(np.asarray(distance, dtype=np.float64))


def _area_name(area_id: str) -> str:
    boundaries = load_boundaries()
    return f"{boundaries.area(area_id).name} (snapped)" if area_id in boundaries else "A snapped place"
