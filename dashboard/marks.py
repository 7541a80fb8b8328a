"""The symbols of a map: one by one, as they are read, and column by column, as they are made and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.symbols import size_px, sizes_px


@dataclass(frozen=True, slots=True)
class Mark:
    """One symbol and the records it stands for. Longitude and latitude in degrees, EPSG:4326.

    Attributes
    ----------
    spots
        Indices of the places it stands for: one, or several whose symbols would overlap at this zoom.
    drawn_as
        `pin`, `disc`, `ring`, `area`, `margin`, `group` for several places, or `zone` for an area around what is
        threatened.
    parts
        (category index, records) from most to least; `count` is their sum.
    shape
        The event type all records share, or "" for a mix.
    possible
        True when all of them only might fall into the window, or are threats announced before it and still in force;
        `low_confidence` likewise.
    potential
        True for threats and capabilities, which never share a mark with what happened.
    expired
        True when the term of all its threats had run out at the end of the time shown: it is drawn faded.
    centre
        Middle of the zone or area; longitude and latitude are where the sign itself stands.
    reach
        Ids of the areas said to be in reach, whose outlines are drawn.
    """

    spots: tuple[int, ...]
    longitude: float
    latitude: float
    precision: str
    drawn_as: str
    radius_m: float
    area_id: str
    name: str
    count: int
    parts: tuple[tuple[int, int], ...]
    shape: str
    possible: bool
    low_confidence: bool
    potential: bool = False
    expired: bool = False
    centre: tuple[float, float] = (0.0, 0.0)
    reach: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name it beside the map, where its shape is not seen: a threat is told from what happened."""
        if not self.potential:
            return self.name
        what = {"threat": "threat", "capability": "reach"}.get(self.shape, "threats and reach")
        return f"{self.name} ({what})"

    @property
    def has_badge(self) -> bool:
        """Tell whether its number stands in the square badge of an area."""
        return self.drawn_as == "area" or (self.drawn_as == "zone" and self.count > 1)

    @property
    def size_px(self) -> float:
        """Radius of the symbol in screen pixels at 96 dpi."""
        return size_px(self.count)


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Symbols column by column: hundreds of objects for each move of a slider take longer than all else in a drawing.

    Each column has one element per symbol and means what the attribute of `Mark` means, but for these.

    Attributes
    ----------
    members, n_spots
        Indices of the places, those of one symbol after those of the one before, and how many each symbol has.
    tally
        Records by symbol and category.
    middle
        Longitude and latitude of `Mark.centre`, one row per symbol.
    """

    members: npt.NDArray[np.intp]
    n_spots: npt.NDArray[np.intp]
    longitude: npt.NDArray[np.float64]
    latitude: npt.NDArray[np.float64]
    precision: npt.NDArray[np.object_]
    drawn_as: npt.NDArray[np.object_]
    radius_m: npt.NDArray[np.float64]
    area_id: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    count: npt.NDArray[np.int64]
    tally: npt.NDArray[np.int64]
    shape: npt.NDArray[np.object_]
    possible: npt.NDArray[np.bool_]
    low_confidence: npt.NDArray[np.bool_]
    potential: npt.NDArray[np.bool_]
    expired: npt.NDArray[np.bool_]
    middle: npt.NDArray[np.float64]
    reach: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.count)

    @classmethod
    def joined(cls, several: Sequence[Marks]) -> Marks:
        """Put symbols behind each other."""
        return cls(*(np.concatenate([getattr(one, column.name) for one in several]) for column in fields(cls)))

    def take(self, order: npt.NDArray[Any]) -> Marks:
        """Give the symbols at these positions, in this order."""
        ends = np.cumsum(self.n_spots)
        n = self.n_spots[order]
        first = np.repeat(ends[order] - n - np.cumsum(n) + n, n)  # from the position here to the position there
        picked = {column.name: getattr(self, column.name)[order] for column in fields(self)[1:]}
        return Marks(self.members[first + np.arange(n.sum())], **picked)

    def standing(self, lonlat: npt.NDArray[np.float64]) -> Marks:
        """Give the same symbols at other places, (longitude, latitude) in degrees."""
        return replace(self, longitude=lonlat[:, 0], latitude=lonlat[:, 1])

    @property
    def first_spot(self) -> npt.NDArray[np.intp]:
        """Index of each symbol's first place, which names it."""
        first: npt.NDArray[np.intp] = np.cumsum(self.n_spots) - self.n_spots
        return self.members[first]

    @property
    def size_px(self) -> npt.NDArray[np.float64]:
        """Radius of each symbol in screen pixels at 96 dpi."""
        return sizes_px(self.count)

    def one_by_one(self) -> tuple[Mark, ...]:
        """Write each symbol as an object."""
        ends = np.cumsum(self.n_spots)
        spots = [tuple(self.members[end - n : end].tolist()) for end, n in zip(ends, self.n_spots, strict=True)]
        plain = [getattr(self, name).tolist() for name in _BEFORE_PARTS]
        after = [getattr(self, name).tolist() for name in _AFTER_PARTS]
        middle = map(tuple, self.middle.tolist())
        return tuple(map(Mark, spots, *plain, _parts(self.tally), *after, middle, self.reach.tolist()))


_BEFORE_PARTS = ("longitude", "latitude", "precision", "drawn_as", "radius_m", "area_id", "name", "count")
_AFTER_PARTS = ("shape", "possible", "low_confidence", "potential", "expired")


def _parts(tally: npt.NDArray[np.int64]) -> list[tuple[tuple[int, int], ...]]:
    """List each symbol's (category, records) from most to least; equal numbers stay in the order of the categories."""
    order = np.argsort(-tally, axis=1, kind="stable")
    pairs = zip(order.tolist(), np.take_along_axis(tally, order, axis=1).tolist(), (tally > 0).sum(axis=1), strict=True)
    return [tuple(zip(categories[:n], counts[:n], strict=True)) for categories, counts, n in pairs]
