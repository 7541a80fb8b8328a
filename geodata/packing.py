"""The columns of a store laid out as the scan reads them, each held once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geodata.coding import Coded, Codes
from geodata.columns import Columns, Days
from geodata.incident import ATTACK_TYPES
from geodata.scan import Packed
from geodata.scan_loops import NO_DAY, CodesTable, ColumnsTable
from geodata.totals import Figures


def pack(
    columns: Columns, coded: Mapping[str, Coded], spot: npt.NDArray[np.int32], *, bin_starts: Days
) -> tuple[Packed, Columns, dict[str, Coded]]:
    """Lay out the columns, one of codes for each dimension, and the place of each record on the map.

    Parameters
    ----------
    bin_starts
        First day of each bin of the tempo chart.

    Returns
    -------
    packed
        What the scan reads.
    columns, coded
        What was given, as views of the same memory.
    """
    codes = _side_by_side([column.codes for column in coded.values()])
    coded = {name: replace(column, codes=codes[:, at]) for at, (name, column) in enumerate(coded.items())}
    figures = (columns.events, columns.harm["killed"], columns.harm["wounded"])
    figure_codes = _side_by_side([figure.codes for figure in figures])
    events, killed, wounded = (Figures(figure_codes[:, at], figure.distinct) for at, figure in enumerate(figures))
    columns = replace(
        columns,
        # Without a term of a threat it is the same column twice.
        term_day=_same(columns.last_day, columns.term_day),
        coded={name: coded[name] for name in columns.coded},
        events=events,
        harm={"killed": killed, "wounded": wounded},
    )
    names, widths = list(coded), np.array([len(column.combinations) for column in coded.values()])
    bin_of_day, day_0 = _bins_of_days(columns, bin_starts)
    table = ColumnsTable(
        first_day=columns.first_day,
        last_day=columns.last_day,
        term_day=columns.term_day,
        known_day=columns.known_day,
        replaced_day=columns.replaced_day,
        spot=spot,
        counted=columns.counted.view(np.uint8),
        codes=CodesTable(codes),
        n_dimensions=len(names),
        offsets=np.cumsum([0, *widths]),
        type_at=names.index("type"),
        confidence_at=names.index("confidence"),
        attack=coded["type"].has_any(frozenset(ATTACK_TYPES)).view(np.uint8),
        low_confidence=coded["confidence"].has_any(frozenset({"low"})).view(np.uint8),
        figures=CodesTable(figure_codes),
        events=events.distinct,
        killed=killed.distinct,
        wounded=wounded.distinct,
        bin_of_day=bin_of_day,
        day_0=day_0,
    )
    packed = Packed(
        table=table,
        first_day=columns.first_day,
        last_day=columns.last_day,
        term_day=columns.term_day,
        widths=widths,
        type_at=names.index("type"),
        longest=int((columns.last_day - columns.first_day).max(initial=0)),
        longest_term=int((columns.term_day - columns.first_day).max(initial=0)),
        known_from=int(columns.known_day.max(initial=np.iinfo(np.int32).min)),
        known_until=int(columns.replaced_day.min(initial=NO_DAY)),
    )
    return packed, columns, coded


def _side_by_side(columns: list[Codes]) -> Codes:
    """Put columns of codes into one array, of the widest's kind: a byte in most datasets."""
    made = np.empty((len(columns[0]), len(columns)), dtype=np.result_type(*columns), order="F")
    for at, column in enumerate(columns):
        made[:, at] = column
    return made


def _same(one: Days, other: Days) -> Days:
    return one if np.array_equal(one, other) else other


def _bins_of_days(columns: Columns, starts: Days) -> tuple[npt.NDArray[np.int16], int]:
    """Give the tempo bin of each day from the first to the last on which anything happened, and that first day."""
    dated = columns.first_day != NO_DAY
    if not dated.any():
        return np.zeros(0, dtype=np.int16), 0
    both = np.stack(
        [columns.first_day[dated], columns.last_day[dated]]
    )  # no end is before every beginning, but C trusts
    first, last = int(both.min()), int(both.max())
    bins = np.searchsorted(starts, np.arange(first, last + 1, dtype=np.int32), side="right") - 1
    return np.maximum(bins, 0).astype(np.int16), first
