"""Sums that say no more than is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.totals import event_total, harm_ranges, harm_total, known_on

EVENTS = ("events_min", "events_max", "counting")


def events(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(EVENTS), dtype="str")


def harm(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["killed_min", "killed", "killed_max", "counting"], dtype="str")


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (events(("", "", "")), "1 record, 1 event"),
        (events(("", "", ""), ("3", "", "")), "2 records, at least 4 events"),
        (events(("6", "6", "count_alone"), ("1", "2", "counted")), "2 records, 7-8 events"),
        (
            events(("", "", ""), ("10", "10", "count_only"), ("", "", "part")),
            "3 records, 1 event; 2 of the records repeat events of others and add none",
        ),
        (events(), "0 records, 0 events"),
    ],
)
def test_events_are_counted_as_ranges_and_overlaps_are_left_out(frame: pd.DataFrame, sentence: str) -> None:
    assert str(event_total(frame)) == sentence


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (harm(("", "2", "", ""), ("", "0", "", "")), "2"),
        (harm(("3", "5", "9", ""), ("", "", "", ""), ("", "", "", "")), "3-9 (best 5), 2 records unknown"),
        (harm(("25", "25", "", "")), "25 or more (best 25)"),
        (harm(("", "", "26", "")), "0-26 (best 0), 1 record without a best figure"),
        (harm(("", "", "", "")), "not known (1 record)"),
        (harm(("", "5", "", "count_only"), ("", "1", "", "")), "1"),
    ],
)
def test_harm_is_a_range_and_unknown_is_never_zero(frame: pd.DataFrame, sentence: str) -> None:
    assert str(harm_total(frame, "killed")) == sentence


figure = st.none() | st.integers(0, 50)


@given(st.lists(st.tuples(figure, figure, figure), max_size=20))
def test_ranges_never_invert(rows: list[tuple[int | None, int | None, int | None]]) -> None:
    cells = []
    for row in rows:
        given_figures = iter(sorted(number for number in row if number is not None))
        ordered = tuple("" if number is None else str(next(given_figures)) for number in row)
        cells.append((*ordered, ""))
    frame = harm(*cells)
    ranges, total = harm_ranges(frame, "killed"), harm_total(frame, "killed")
    known = ~np.isnan(ranges.high)
    assert (ranges.low[known] <= ranges.high[known]).all()
    assert total.low <= total.best <= total.high
    assert total.known + total.unknown == len(rows)


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
