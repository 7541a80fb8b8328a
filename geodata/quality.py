"""How well the records shown are known: shares by precision, grade, origins, status and missing fields, per month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.record_table import Rows
from geodata.scan_loops import NO_DAY
from geodata.selection import DIMENSION, Selection
from geodata.store import Store, day_number

#: Dimensions that say how well a record is known, in the order of the panel.
MEASURED = ("precision", "grade", "origins", "status", "missing")

#: Months up to which each has a column of its own; longer records are cut into years.
MOST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Share:
    """How many records have a value, in all and in each period; a record with two values counts under both."""

    value: str
    label: str
    count: int
    per_period: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One dimension's shares among `total` records: those shown when this dimension does not filter."""

    name: str
    label: str
    total: int
    shares: tuple[Share, ...]
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class Quality:
    """All measures, and the periods that their columns stand for: first days as `2021-07`, or years as `2021`."""

    periods: tuple[str, ...]
    measures: tuple[Measure, ...]


def quality(store: Store, selection: Selection) -> Quality:
    """Measure what a selection shows; each dimension is measured as if its own filter were off."""
    periods, starts = _periods(store)
    own = store.ask(selection).rows
    measures = []
    for name in MEASURED:
        chosen = selection.filters.get(name, frozenset())
        rows = store.ask(selection.with_filter(name, [])).rows if chosen else own
        measures.append(Measure(name, DIMENSION[name].label, len(rows), _shares(store, name, rows, starts), chosen))
    return Quality(periods, tuple(measures))


def _shares(store: Store, name: str, rows: Rows, starts: npt.NDArray[np.int32]) -> tuple[Share, ...]:
    coded = store.coded[name]
    codes = coded.codes[rows].astype(np.int64)
    days = store.columns.first_day[rows]
    period = np.searchsorted(starts, days, side="right") - 1
    dated = (days != NO_DAY) & (period >= 0)
    n_cells, n_periods = len(coded.combinations), len(starts)
    flat = np.bincount(codes[dated] * n_periods + period[dated], minlength=n_cells * n_periods)
    per_value = coded.holds.T.astype(np.int64) @ flat.reshape(n_cells, n_periods)
    counts = coded.per_value(np.bincount(codes, minlength=n_cells))
    order = {value: at for at, value in enumerate(DIMENSION[name].labels)}
    found = [
        Share(value, DIMENSION[name].label_of(value), counts[value], tuple(per_value[at].tolist()))
        for at, value in enumerate(coded.values)
        if counts[value]
    ]
    return tuple(sorted(found, key=lambda share: (order.get(share.value, len(order)), share.value)))


def _periods(store: Store) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    """Months of the dataset, or its years when there are too many months."""
    if store.extent is None:
        return (), np.array([], dtype=np.int32)
    months = np.arange(np.datetime64(store.extent.first, "M"), np.datetime64(store.extent.last, "M") + 1)
    unit = "M" if len(months) <= MOST_MONTHS else "Y"
    starts = np.unique(months.astype(f"datetime64[{unit}]"))
    days = np.array([day_number(start) for start in starts.astype("datetime64[D]").tolist()], dtype=np.int32)
    return tuple(str(start) for start in starts), days
