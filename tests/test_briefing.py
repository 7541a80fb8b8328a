"""Only what one would brief."""

import pandas as pd
import pytest

from geodata.briefing import Floor, briefable, origin_counts

RECORDS = pd.DataFrame(
    [
        ("reviewed", "https://a.org | grade=B2"),
        ("released", "https://a.org | grade=F6; https://b.org | grade=C3"),
        ("reviewed", "https://a.org | grade=A4"),
        ("draft", "https://a.org | grade=A1"),
        ("", "https://a.org | grade=A1"),
        ("reviewed", "https://a.org"),
    ],
    columns=["status", "sources"],
    dtype="str",
)


def test_a_record_must_be_checked_well_sourced_and_closely_placed() -> None:
    precisions = pd.Series(["site", "district", "site", "site", "site", "site"])
    assert briefable(RECORDS, precisions).tolist() == [True, True, False, False, False, False]
    coarse = pd.Series(["country", "governorate", "site", "site", "site", ""])
    assert not briefable(RECORDS, coarse).any()


def test_the_floor_can_be_moved_and_says_what_it_is() -> None:
    floor = Floor(statuses=("draft", "reviewed"), grade="F6", precision="country", origins=1)
    precisions = pd.Series(["country"] * 5 + [""])
    assert briefable(RECORDS, precisions, floor).tolist() == [True, False, True, True, True, False]
    assert Floor().sentence() == (
        "reviewed or released, a source graded C3 or better, place known to district or better"
    )
    assert "at least 2 origins" in Floor(origins=2).sentence()


def test_origins_count_once() -> None:
    cells = pd.Series(["", "https://a.org/1; https://www.a.org/2", "https://a.org; https://b.org"])
    assert origin_counts(cells).tolist() == [0, 1, 2]


@pytest.mark.parametrize("wrong", [{"statuses": ("final",)}, {"grade": "Z3"}, {"grade": "C"}, {"precision": "street"}])
def test_a_floor_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a floor needs"):
        Floor(**wrong)  # type: ignore[arg-type]


def test_no_records_pass_nothing() -> None:
    assert briefable(RECORDS.iloc[:0], pd.Series([], dtype="str")).tolist() == []
