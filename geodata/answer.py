"""What a store says to a selection: what is shown, what is hidden and why, and how it is spread over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.columns import Days
from geodata.record_table import Rows
from geodata.scan import Verdicts
from geodata.selection import DIMENSIONS, Selection
from geodata.totals import EventTotal, HarmTotal

Table = npt.NDArray[Any]

#: Reasons in the order in which a hidden record is put down to one of them: each is counted once.
NO_DATE = "no usable date"
OUTSIDE_WINDOW = "outside the window"
NOT_YET_KNOWN = "not yet known on"  # the day follows
CORRECTED = "replaced by a correction"
SEARCH = "not found by the search"
LAYER_OFF = "map layer off"
NOT_PLACED = "not placed"
REASON_ORDER = (
    NO_DATE,
    OUTSIDE_WINDOW,
    NOT_YET_KNOWN,
    CORRECTED,
    *(dimension.reason for dimension in DIMENSIONS),
    SEARCH,
    LAYER_OFF,
    NOT_PLACED,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The honest sums: read = rejected + shown + every hidden reason."""

    read: int
    rejected: int
    shown: int
    hidden: Mapping[str, int]
    events: EventTotal
    attacks: EventTotal
    killed: HarmTotal
    wounded: HarmTotal

    @property
    def kept(self) -> int:
        """Records that were read and not rejected."""
        return self.read - self.rejected


@dataclass(frozen=True, slots=True)
class Tempo:
    """Incidents per time bin, by the dimension that colours, for the selection without its window.

    Attributes
    ----------
    unit
        `day`, `week` (from Monday) or `month`.
    starts
        Day number at which each bin starts.
    by
        The dimension that colours.
    cells
        Values that each column of `counts` stands for.
    counts
        (bins, cells): incidents that fall wholly inside the bin.
    possible
        Per bin: incidents whose date is an interval or half known and that may fall into it.
    """

    unit: str
    starts: Days
    by: str
    cells: tuple[tuple[str, ...], ...]
    counts: npt.NDArray[np.int64]
    possible: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Panels:
    """What the panels beside the map say, from one pass."""

    counts: Counts
    facets: Mapping[str, Mapping[str, int]]
    tempo: Tempo


@dataclass(frozen=True)
class Answer:
    """What the store says to a selection: what is shown at once, what is counted when first asked for.

    The map is drawn and sent from the first part while the second is still being counted.

    Attributes
    ----------
    verdicts
        What the predicate says of the records.
    spot
        Place of each record on the map, below 0 for one without.
    by_spot
        (spots, 4): records shown, of them those that only may lie in the window, those of low confidence, and threats
        announced before the window that are still in force.
    colours, types
        (spots, codes): records shown by the dimension `by` and by type.
    panels
        Counts what the panels say, in one pass.
    """

    selection: Selection
    by: str
    verdicts: Verdicts
    spot: npt.NDArray[np.int32]
    by_spot: Table
    colours: Table
    types: Table
    panels: Callable[[], Panels]

    @cached_property
    def _panels(self) -> Panels:
        return self.panels()

    def count(self) -> None:
        """Count now what would be counted when first asked for."""
        _ = self._panels

    @property
    def counts(self) -> Counts:
        """The honest sums of what is shown and hidden."""
        return self._panels.counts

    @property
    def facets(self) -> Mapping[str, Mapping[str, int]]:
        """Dimension -> value -> records that choosing it would show."""
        return self._panels.facets

    @property
    def tempo(self) -> Tempo:
        """Incidents per time bin of the selection without its window."""
        return self._panels.tempo

    @property
    def matching(self) -> Rows:
        """Rows that match, with a place or without."""
        return self.verdicts.passing()

    @cached_property
    def rows(self) -> Rows:
        """Rows that match and have a place; the map is drawn without this list."""
        return self.verdicts.passing(self.spot >= 0)

    @property
    def unplaced(self) -> Rows:
        """Rows that match but have no place."""
        return self.verdicts.passing(self.spot < 0)
