"""Shares that add up, and bars that are filters."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from random_records import random_rows, random_selections
from small_store import Row, row, small_store

from dashboard.quality import panel_data, toggle
from dashboard.session import FILTER_KEYS
from geodata.quality import MEASURED, MOST_MONTHS, quality
from geodata.selection import Selection, Window

ROWS = (
    row("a", "2021-06-30", "embassy", sources="https://a.org | grade=B2", status="reviewed"),
    row("b", "2021-07-01", "erbil", sources="https://a.org; https://b.org"),
    row("c", "2021-07", "embassy"),
    row("d", "", "iraq"),
    row("e", place="nowhere"),
)


def test_shares_are_counted_in_all_and_by_month() -> None:
    found = quality(small_store(ROWS), Selection())
    assert found.periods == ("2021-06", "2021-07")
    precision, grade, origins, status, missing = found.measures
    assert {s.value: (s.count, s.per_period) for s in precision.shares} == {
        "site": (2, (1, 1)),
        "town": (1, (0, 1)),
        "country": (1, (0, 0)),
    }
    assert {s.value: s.count for s in grade.shares} == {"B2": 1, "": 3}
    assert {s.label: s.count for s in origins.shares} == {"One origin": 1, "Two origins": 1, "No source": 2}
    assert {s.value: s.count for s in status.shares} == {"draft": 3, "reviewed": 1}
    assert {s.value: s.count for s in missing.shares}["day"] == 2
    assert precision.total == 4


@settings(max_examples=30)
@given(random_rows(), random_selections())
def test_a_bar_shows_exactly_its_number_when_it_is_chosen(rows: tuple[Row, ...], selection: Selection) -> None:
    store = small_store(rows)
    for measure in quality(store, selection).measures:
        assert measure.total == store.ask(selection.with_filter(measure.name, [])).counts.shown
        for share in measure.shares:
            chosen = store.ask(selection.with_filter(measure.name, [share.value]))
            assert chosen.counts.shown == share.count
            assert sum(share.per_period) <= share.count
        if measure.name in ("status", "precision", "origins"):  # one value each: the shares are a whole
            assert sum(share.count for share in measure.shares) == measure.total


def test_a_click_sets_the_filter_and_another_clears_it() -> None:
    store = small_store(ROWS)
    state: dict[Any, Any] = {}
    toggle(state, store, ["grade", "B2"])
    assert state[FILTER_KEYS["grade"]] == ["B2"]
    shown = quality(store, Selection(filters={"grade": frozenset({"B2"})}))
    assert [bar["chosen"] for bar in panel_data(shown)["measures"][1]["bars"]] == [True, False]
    toggle(state, store, ["grade", "B2"])
    assert state[FILTER_KEYS["grade"]] == []


@pytest.mark.parametrize("asked", [None, [], ["grade"], ["grade", 3], ["weather", "x"], ["grade", "A1"], "grade"])
def test_what_no_bar_stands_for_is_left_alone(asked: object) -> None:
    state: dict[Any, Any] = {}
    toggle(state, small_store(ROWS), asked)
    assert not any(state.get(FILTER_KEYS[name]) for name in MEASURED)


def test_long_records_are_cut_into_years_and_none_into_nothing() -> None:
    store = small_store([row("old", "1990-05"), row("new", "2021-07-01")])
    periods = quality(store, Selection(window=Window(date(2020, 1, 1), date(2022, 1, 1)))).periods
    assert (periods[0], periods[-1], len(periods)) == ("1990", "2021", 32)
    assert len(periods) < MOST_MONTHS
    assert quality(small_store([]), Selection()).periods == ()
