"""The accuracy table: it can be read off, and it counts what it says."""

import pandas as pd
import pytest

from geodata.errors import FileError
from geodata.geocoder import Geocoder
from geodata.place_bench import DEVELOPMENT_SET, judge, places_report, read_development_set, timing_rows


def test_the_report_has_its_tables_and_every_text_is_counted_once() -> None:
    report = places_report(timings=False)
    texts = len(read_development_set())
    for title in ("All", "By kind of place", "By way of writing", "By method"):
        assert sum(int(row["texts"]) for row in report[title]) == texts


def test_a_wrong_governorate_is_noticed() -> None:
    frame = pd.DataFrame(
        [["Ramadi", "", "Anbar", "Iraq", 33.42, 43.31], ["Qwertz", "", "Anbar", "Iraq", 33.42, 43.31]],
        columns=["place", "site", "admin1", "country", "latitude", "longitude"],
    )
    judged = judge(frame, Geocoder())
    assert list(judged["wrong_governorate"]) == [False, False]
    assert judged["error_km"][0] < 1


def test_every_line_of_the_development_set_says_where_it_is_from() -> None:
    frame = read_development_set()
    assert (frame["source"] != "").all()
    assert len(frame) > 1_000


def test_without_a_checkout_the_report_says_so() -> None:
    with pytest.raises(FileError, match="part of a checkout"):
        read_development_set(DEVELOPMENT_SET.with_name("missing.csv"))


def test_small_timings_are_given_in_seconds() -> None:
    rows = timing_rows(texts=200, rows=2_000)
    assert [row["seconds"] >= 0 for row in rows] == [True, True, True]  # type: ignore[operator]
