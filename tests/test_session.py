"""A reader's choices: a view put into the widgets comes out again, and what cannot be shown is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import row, small_store

from dashboard import viewport
from dashboard.campaigns import CAMPAIGNS
from dashboard.session import clear_filters, put_view, slider_range, view_of
from dashboard.view import COLOUR_BY, CONTEXT_LAYERS, TYPE_LAYERS, View
from geodata.selection import Selection, Window
from geodata.store import Store

ROWS = (
    row("a", "2021-07-01", claimed_by="X; Y", event_type="rocket_attack"),
    row("b", "2021-07-15", "erbil", event_type="threat", confidence="low"),
    row("c", "2021-07-31", "anbar", event_type="meeting", killed="1"),
    row("d", "", "iraq", event_type="capability"),
)
WHOLE = Window(date(2021, 7, 1), date(2021, 7, 31))
STORE = small_store(ROWS)


def put_and_take(view: View, store: Store = STORE) -> tuple[View, tuple[str, ...]]:
    state: dict[str | int, Any] = {}
    problems = put_view(state, store, view)
    return view_of(state, store), problems


@st.composite
def showable_views(draw: st.DrawFn) -> View:
    days = st.dates(WHOLE.first, WHOLE.last)
    asked = draw(st.none() | st.tuples(days, days))
    window = Window(min(asked), max(asked)) if asked else None
    layers_off = draw(st.lists(st.sampled_from(TYPE_LAYERS), max_size=3))
    return View(
        selection=Selection(
            window=None if window == WHOLE else window,
            filters={
                name: draw(st.frozensets(st.sampled_from(coded.values), max_size=2))
                for name, coded in STORE.coded.items()
            },
            search=draw(st.sampled_from(["", "erbil"])),
            hidden_types=frozenset(code for layer in layers_off for code in layer.types),
        ),
        colour_by=draw(st.sampled_from(list(COLOUR_BY))),
        context=draw(st.frozensets(st.sampled_from([layer.key for layer in CONTEXT_LAYERS]))),
        record=draw(st.sampled_from(["", "a", "no such"])),
    )


@settings(deadline=None)
@given(showable_views())
def test_a_view_comes_out_of_the_widgets_as_it_was_put_in(view: View) -> None:
    assert put_and_take(view) == (view, ())


@pytest.mark.parametrize(
    ("query", "left", "told"),
    [
        ("from=2015-01-01&to=2015-12-31", Selection(), "between 1 January 2015 and 31 December 2015"),
        ("claimed=Nobody", Selection(), "Claimed by: no record here has 'Nobody'"),
        ("type=airstrike", Selection(), "Type: no record here has 'Airstrike'"),
        ("off=threat", Selection(), "Threat: its map layer shows other types too"),
        (
            "claimed=Nobody&claimed=X",
            Selection(filters={"claimed": frozenset("X")}),
            "Claimed by: no record here has 'Nobody'",
        ),
    ],
)
def test_what_these_records_cannot_show_is_left_out_and_told(query: str, left: Selection, told: str) -> None:
    view, understood = View.from_query(query)
    assert understood == ()
    taken, problems = put_and_take(view)
    assert taken.selection == left
    assert len(problems) == 1
    assert told in problems[0]


def test_a_window_that_reaches_beyond_the_records_is_cut() -> None:
    wide = View(selection=Selection(window=Window(date(2021, 7, 20), date(2030, 1, 1))))
    assert put_and_take(wide)[0].selection.window == Window(date(2021, 7, 20), WHOLE.last)


def test_the_whole_range_is_no_window_so_that_undated_records_show() -> None:
    taken, _ = put_and_take(View(selection=Selection(window=WHOLE)))
    assert taken.selection.window is None
    assert STORE.ask(taken.selection).counts.shown == 4


def test_a_slider_has_a_length_even_for_one_day_or_none() -> None:
    for rows in ([row("a")], [row("a", "")], []):
        whole = slider_range(small_store(rows))
        assert whole.first < whole.last


def test_clearing_keeps_the_window_the_colours_and_the_context() -> None:
    state: dict[str | int, Any] = {}
    view = View(
        selection=Selection(
            window=Window(date(2021, 7, 2), date(2021, 7, 20)),
            filters={"type": frozenset({"threat"})},
            search="erbil",
            hidden_types=frozenset({"meeting"}),
        ),
        colour_by="claimed",
        context=frozenset({"density"}),
    )
    put_view(state, STORE, view)
    clear_filters(state, STORE)
    assert view_of(state, STORE) == replace(view, selection=Selection(window=view.selection.window))


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.key)
def test_a_named_view_shows_records_of_the_shipped_file(campaign: Any) -> None:
    from geodata.current import current_dataset

    store = current_dataset().store
    taken, problems = put_and_take(campaign.view, store)
    assert problems == ()
    assert taken.selection == campaign.view.selection
    assert store.ask(taken.selection).counts.shown >= 3


def test_the_map_of_each_reader_is_kept_apart_and_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewport, "MOST_READERS", 2)
    monkeypatch.setattr(viewport, "_places", type(viewport._places)())
    for number, name in enumerate(("one", "two", "one", "three")):
        viewport.remember_place(name, (44.0, 33.0, float(number)))
    zooms = [viewport.place_of(name, (0.0, 0.0, -1.0))[2] for name in ("one", "two", "three", "four")]
    assert zooms == [2.0, -1.0, 3.0, -1.0]
