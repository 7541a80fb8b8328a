"""What a store is made of: the columns of its records, and the places they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.coding import Coded, Mask
from geodata.totals import Figures

Days = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """The distinct places of the records: what one mark on the map stands for.

    Each array has one element per spot; longitude and latitude in degrees, EPSG:4326; `radius_m` is the radius within
    which the true point is expected. `area_id` is set where the place is an area, and the area is drawn, not the point.
    Threats and capabilities (`potential`) have spots of their own, so that they never share a mark with what happened;
    `reach` holds the ids of the areas that a capability known to no single place is said to reach.
    """

    longitude: npt.NDArray[np.float64]
    latitude: npt.NDArray[np.float64]
    radius_m: npt.NDArray[np.float64]
    precision: npt.NDArray[np.object_]
    area_id: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    potential: Mask
    reach: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.longitude)


@dataclass(frozen=True, slots=True)
class Columns:
    """The coded columns of all kept records, sorted by first day; undated records stand at the end.

    Attributes
    ----------
    first_day, last_day
        Day numbers between which the incident happened; `NO_DAY` when the date is unknown.
    term_day
        Last day on which a threat is in force; the last day itself for everything else.
    known_day
        First day on which the record could be known; the lowest number when that is not said.
    replaced_day
        First day on which a correction of the record was known; `NO_DAY` when there is none.
    place
        Index into the store's `places`.
    coded
        One coded column per dimension that stands in the record itself.
    counted
        False where the record repeats others ("count only") and is left out of sums.
    events
        How many events each record stands for.
    harm
        `killed` and `wounded`; unknown is NaN, never 0.
    """

    first_day: Days
    last_day: Days
    term_day: Days
    known_day: Days
    replaced_day: Days
    place: npt.NDArray[np.int32]
    coded: Mapping[str, Coded]
    counted: Mask
    events: Figures
    harm: Mapping[str, Figures]
