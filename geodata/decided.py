"""People's decisions about places, applied to a store: only the places they are about are placed again.

A store is always made from what the geocoder alone says and kept so; decisions are laid over it. Undoing one therefore
gives back exactly what was there before, and a large file that is kept prepared need not be prepared again.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.assemble import assemble
from geodata.boundaries import Boundaries
from geodata.decisions import Decisions, Key, decision_key
from geodata.geocoder import Geocoder
from geodata.making import PLACE_COLUMNS
from geodata.place_checks import centre_points, check_point
from geodata.place_match import Context
from geodata.placement import Flag
from geodata.search_text import search_texts
from geodata.store import Store

#: What a decision is about.
TEXT_COLUMNS = ("place", "site", "admin1", "country")

SOURCE_METHOD = "source coordinates"


@dataclass(frozen=True, slots=True)
class PlaceTexts:
    """What the records say of each distinct place of a store, in the order of `Store.places`.

    Attributes
    ----------
    cells
        The columns `PLACE_COLUMNS` as written in the first record of each place.
    wordings
        Place, site, admin1 and country of each.
    keys
        Under which a decision about each place is kept.
    records
        How many records each place has.
    """

    cells: pd.DataFrame
    wordings: tuple[tuple[str, str, str, str], ...]
    keys: tuple[Key, ...]
    records: npt.NDArray[np.int64]

    def rows_of(self, wanted: Iterable[Key]) -> npt.NDArray[np.intp]:
        """Give the numbers of the places that some decisions are about."""
        among = set(wanted)
        return np.flatnonzero([key in among for key in self.keys])


@lru_cache(maxsize=1)
def place_texts(store: Store) -> PlaceTexts:
    """Gather what the records say of each distinct place; ask for the undecided store, which lasts."""
    _, first = np.unique(store.columns.place, return_index=True)
    cells = store.records.take(first, PLACE_COLUMNS)
    wordings = tuple(zip(*(cells[name].tolist() for name in TEXT_COLUMNS), strict=True))
    keys = tuple(decision_key(*wording) for wording in wordings)
    return PlaceTexts(cells, wordings, keys, np.bincount(store.columns.place, minlength=len(store.places)))


def with_decisions(geocoder: Geocoder, decisions: Decisions) -> Geocoder:
    """Give a geocoder that knows decisions and shares everything else with another."""
    made = copy(geocoder)
    made.decisions = decisions
    return made


def place_again(store: Store, texts: PlaceTexts, geocoder: Geocoder) -> Store:
    """Lay a geocoder's decisions over a store that was placed without any.

    A source's own coordinates stay, unless something about them is suspicious: then the person who looked wins.
    """
    rows = texts.rows_of(decision.key for decision in geocoder.decisions)
    given = store.places["method"].to_numpy() == SOURCE_METHOD
    doubted = source_flags(store, texts, geocoder) if given[rows].any() else {}
    rows = np.array([row for row in rows if not given[row] or row in doubted], dtype=np.intp)
    if not len(rows):
        return store
    placed = geocoder.geocode_table(texts.cells.iloc[rows][list(TEXT_COLUMNS)])
    places = pd.concat([store.places.drop(store.places.index[rows]), placed.set_axis(store.places.index[rows])])
    places = places.sort_index()
    of_records = np.flatnonzero(np.isin(store.columns.place, rows))
    found = search_texts(store.records.rows_table(of_records), store.columns.place[of_records], places)
    return assemble(
        store.records.with_search_texts(of_records, found),
        store.columns,
        places,
        geocoder.boundaries,
        read=store.read,
        rejected=store.rejected,
    )


def source_flags(store: Store, texts: PlaceTexts, geocoder: Geocoder) -> dict[int, tuple[Flag, ...]]:
    """Give what is suspicious about the coordinates that the sources themselves give, by number of the place."""
    boundaries, flags = geocoder.boundaries, {}
    given = store.places.loc[store.places["method"].to_numpy() == SOURCE_METHOD]
    given = given[["longitude", "latitude", "country_id", "admin1_id"]].reset_index(names="row")
    stated = texts.cells.iloc[given["row"].to_numpy()].reset_index(drop=True)
    for (admin1, country), members in stated.groupby(["admin1", "country"], sort=False).groups.items():
        context = geocoder.context(admin1, country)
        points = given.iloc[np.asarray(members)]
        for row, longitude, latitude in points.loc[
            _doubtful(points, context, boundaries), ["row", "longitude", "latitude"]
        ].itertuples(index=False):
            found = check_point(
                longitude, latitude, boundaries, governorates=context.governorates, countries=context.countries
            )
            if found:
                flags[int(row)] = found
    return flags


def _doubtful(points: pd.DataFrame, context: Context, boundaries: Boundaries) -> npt.NDArray[np.bool_]:
    """Tell which points `check_point` can have something to say about; it takes 0.7 ms each, this takes none."""
    country, governorate = points["country_id"].to_numpy(), points["admin1_id"].to_numpy()
    longitude, latitude = points["longitude"].to_numpy(), points["latitude"].to_numpy()
    wrong = country == ""
    if context.governorates:
        wrong |= ~np.isin(governorate, sorted(context.governorates))
    elif context.countries:
        wrong |= ~np.isin(country, sorted(context.countries))
    half_degrees = (longitude * 2 % 1 == 0) & (latitude * 2 % 1 == 0)
    centres = pd.MultiIndex.from_tuples(list(centre_points(boundaries)))
    tell_tale = pd.MultiIndex.from_arrays([latitude.round(4), longitude.round(4)]).isin(centres)
    doubtful: npt.NDArray[np.bool_] = wrong | half_degrees | tell_tale
    return doubtful
