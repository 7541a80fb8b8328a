"""Only what one would brief: checked, well enough sourced, and known closely enough where."""

import pytest
from small_store import ids, row, small_store

from dashboard.brief import floor_choice
from geodata.briefing import Floor
from geodata.selection import Selection

STORE = small_store(
    [
        row("good", status="reviewed", sources="https://a.org | grade=B2"),
        row("one good source of two", status="released", sources="https://a.org | grade=F6; https://b.org | grade=C3"),
        row("poor item", status="reviewed", sources="https://a.org | grade=A4"),
        row("draft", status="draft", sources="https://a.org | grade=A1"),
        row("no status", status="", sources="https://a.org | grade=A1"),
        row("no grade", status="reviewed", sources="https://a.org"),
        row("coarse", status="reviewed", sources="https://a.org | grade=B2", place="anbar"),
        row("not placed", status="reviewed", sources="https://a.org | grade=B2", place="nowhere"),
    ]
)


def briefed(floor: Floor) -> set[str]:
    return set(ids(STORE, STORE.ask(Selection(filters=floor_choice(STORE, floor))).rows))


def test_a_record_must_be_checked_well_sourced_and_closely_placed() -> None:
    assert briefed(Floor()) == {"good", "one good source of two"}


def test_the_floor_can_be_moved() -> None:
    assert briefed(Floor(statuses=("draft",), grade="A1")) == {"draft", "no status"}
    assert briefed(Floor(grade="F6")) == {"good", "one good source of two", "poor item"}
    assert briefed(Floor(precision="country")) == {"good", "one good source of two", "coarse"}
    assert briefed(Floor(origins=2)) == {"one good source of two"}


def test_the_floor_says_what_it_is() -> None:
    assert Floor().sentence() == (
        "reviewed or released, a source graded C3 or better, place known to district or better"
    )
    assert "at least 2 origins" in Floor(origins=2).sentence()


@pytest.mark.parametrize("wrong", [{"statuses": ("final",)}, {"grade": "Z3"}, {"grade": "C"}, {"precision": "street"}])
def test_a_floor_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a floor needs"):
        Floor(**wrong)  # type: ignore[arg-type]
