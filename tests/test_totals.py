"""Sums that say no more than is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_store import Row, row, small_store

from geodata.answer import Counts
from geodata.selection import Selection
from geodata.totals import harm_ranges, known_on


def counts(rows: list[Row]) -> Counts:
    return small_store(rows).ask(Selection()).counts


def events(low: str = "", high: str = "", counting: str = "") -> Row:
    return row(f"{low} {high} {counting}", events_min=low, events_max=high, counting=counting)


def harm(least: str = "", best: str = "", most: str = "", counting: str = "") -> Row:
    return row(f"{least} {best} {most}", killed_min=least, killed=best, killed_max=most, counting=counting)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([events()], "1 record, 1 event"),
        ([events(), events("3")], "2 records, at least 4 events"),
        ([events("6", "6", "count_alone"), events("1", "2", "counted")], "2 records, 7-8 events"),
        (
            [events(), events("10", "10", "count_only"), events("", "", "part")],
            "3 records, 1 event; 2 of the records repeat events of others and add none",
        ),
        ([], "0 records, 0 events"),
    ],
)
def test_events_are_counted_as_ranges_and_overlaps_are_left_out(rows: list[Row], sentence: str) -> None:
    assert str(counts(rows).events) == sentence


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([harm("", "2"), harm("", "0")], "2"),
        ([harm("3", "5", "9"), harm(), harm()], "3-9 (best 5), 2 records unknown"),
        ([harm("25", "25")], "25 or more (best 25)"),
        ([harm("", "", "26")], "0-26 (best 0), 1 record without a best figure"),
        ([harm()], "not known (1 record)"),
        ([harm("", "5", "", "count_only"), harm("", "1")], "1"),
    ],
)
def test_harm_is_a_range_and_unknown_is_never_zero(rows: list[Row], sentence: str) -> None:
    assert str(counts(rows).killed) == sentence


figure = st.none() | st.integers(0, 50)


@given(st.lists(st.tuples(figure, figure, figure), max_size=20))
def test_ranges_never_invert(figures: list[tuple[int | None, int | None, int | None]]) -> None:
    rows = []
    for three in figures:
        ordered = iter(sorted(number for number in three if number is not None))
        rows.append(harm(*("" if number is None else str(next(ordered)) for number in three)))
    ranges = harm_ranges(pd.DataFrame(rows, columns=list(harm())), "killed")
    known = ~np.isnan(ranges.high)
    assert (ranges.low[known] <= ranges.high[known]).all()
    assert known.sum() == sum(any(number is not None for number in three) for three in figures)


def test_a_record_is_known_from_its_first_report_else_from_its_last_day() -> None:
    frame = pd.DataFrame(
        {
            "first_reported": ["2021-08-10", "", "2021-06", ""],
            "date_start": ["2021-07-29", "2021-07-29", "2021-05-11", ""],
            "date_end": ["2021-08-01", "2021-08-01", "", ""],
        },
        dtype="str",
    )
    assert known_on(frame, np.datetime64("2021-06-29")).tolist() == [False, False, False, True]
    assert known_on(frame, np.datetime64("2021-08-01")).tolist() == [False, True, True, True]
    assert known_on(frame, np.datetime64("2021-08-10")).tolist() == [True, True, True, True]
