"""Dates cut to what is known."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.dates import PartialDate, date_advice, parse_date, parse_dates
from geodata.errors import RowError


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "year"),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29), "month"),
        ("2021-07-29", date(2021, 7, 29), date(2021, 7, 29), "day"),
    ],
)
def test_a_date_is_read_as_exactly_as_it_is_written(text: str, first: date, last: date, precision: str) -> None:
    assert parse_date(text) == PartialDate(first, last, precision)


@pytest.mark.parametrize(
    "text", ["", "2021-13", "2021-02-29", "21-07-29", "2021-7-9", "29 July 2021", "0000", "2021-07-29T10:00", "٢٠٢١"]
)
def test_anything_else_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(RowError, match="ISO 8601"):
        parse_date(text)


def test_a_date_with_two_readings_is_not_guessed() -> None:
    assert date_advice("03/04/2021") == "write 2021-03-04 or 2021-04-03"
    assert date_advice("31.12.2021") == "write 2021-12-31"


def test_a_column_is_read_at_once_and_empty_is_not_bad() -> None:
    column = parse_dates(pd.Series(["2021", "", "2021-07-29", "soon", "2021"]))
    assert column.bad.tolist() == [False, False, False, True, False]
    assert column.precision.tolist() == ["year", "", "day", "", "year"]
    assert str(column.first[0]) == "2021-01-01"
    assert str(column.last[4]) == "2021-12-31"
    assert pd.isna(column.first[1])


@given(st.dates())
def test_every_day_survives_the_way_through_text(day: date) -> None:
    parsed = parse_date(day.isoformat())
    assert (parsed.first, parsed.last, parsed.precision) == (day, day, "day")


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parsed = parse_date(text)
    except RowError:
        return
    assert parsed.first <= parsed.last
