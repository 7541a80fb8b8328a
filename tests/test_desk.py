"""Each reader's map: drawn ahead of the page for what a control reports, never turned back by a run that is late."""

from __future__ import annotations

import gc
import json
import time
import weakref
import zlib
from datetime import date
from typing import Any

import pytest
from small_store import row, small_store

from dashboard import desk as desks
from dashboard.desk import Desk, Sheet
from dashboard.session import FILTER_KEYS, IN_FORCE_KEY, SEARCH_KEY, clear_filters, put_view, view_of
from dashboard.view import View
from dashboard.viewport import remember_place
from dashboard.webmap.payload import KEY_LENGTH
from geodata.selection import Selection, Window
from geodata.store import Store, day_number

SHEET = Sheet("anna")
JULY = [day_number(date(2021, 7, 1)), day_number(date(2021, 7, 31))]
IN_JULY = View(selection=Selection(window=Window(date(2021, 7, 1), date(2021, 7, 31))))


@pytest.fixture
def store() -> Store:
    return small_store(
        [row("a", "2021-06-02"), row("b", "2021-07-03", place="erbil"), row("c", "2021-08-04", event_type="threat")]
    )


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries of the drawings that the map was handed."""
    queries: list[str] = []

    def deliver(reader: str, packed: bytes) -> bool:
        assert reader == SHEET.reader
        queries.append(json.loads(zlib.decompress(packed[KEY_LENGTH:]))["query"])
        return True

    monkeypatch.setattr(desks, "deliver", deliver)
    return queries


def run_page(desk: Desk, store: Store, view: View, *, began: float | None = None) -> Any:
    return desk.draw(store, SHEET, view, 6.0, began=time.monotonic() if began is None else began)[0]


def test_the_map_is_drawn_for_a_change_before_the_page_runs_and_the_run_takes_it_over(
    store: Store, handed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    run_page(desk, store, View())
    remember_place(SHEET.reader, (0.0, 0.0, 6.0))
    desk.turn({"window": JULY})
    desk.draw_ahead()
    assert handed[-1] == IN_JULY.to_query()

    monkeypatch.setattr(desks, "make_drawing", None)  # what was drawn is not drawn again
    assert run_page(desk, store, IN_JULY).drawing.shown == 1


def test_changes_add_up_until_the_page_follows(store: Store, handed: list[str]) -> None:
    desk = Desk()
    run_page(desk, store, View())
    desk.turn({"filter": ["type", ["threat"]]})
    desk.turn({"window": [JULY[0], JULY[1] + 9]})
    desk.draw_ahead()
    assert View.from_query(handed[-1])[0].selection == Selection(
        window=Window(date(2021, 7, 1), date(2021, 8, 4)), filters={"type": frozenset({"threat"})}
    )
    desk.turn({"filter": ["type", []]})
    desk.turn({"window": [0, 1e9]})
    desk.draw_ahead()
    assert handed[-1] == "", "all days are no window"


def test_search_threats_in_force_and_clearing_are_drawn_as_the_page_shows_them(store: Store, handed: list[str]) -> None:
    desk, state = Desk(), dict[str | int, Any]()
    put_view(state, store, IN_JULY)
    run_page(desk, store, view_of(state, store))
    for change, key, value in (
        ({"search": " erbil "}, SEARCH_KEY, " erbil "),
        ({"in_force": True}, IN_FORCE_KEY, True),
        ({"filter": ["type", ["threat"]]}, FILTER_KEYS["type"], ["threat"]),
    ):
        desk.turn(change)
        desk.draw_ahead()
        state[key] = value
        assert handed[-1] == view_of(state, store).to_query()
    desk.turn({"clear": True})
    desk.draw_ahead()
    clear_filters(state, store)
    assert handed[-1] == view_of(state, store).to_query() == IN_JULY.to_query()


def test_a_run_that_began_before_a_later_change_does_not_turn_the_map_back(store: Store, handed: list[str]) -> None:
    desk = Desk()
    run_page(desk, store, View())
    began = time.monotonic()
    desk.turn({"window": JULY})
    desk.draw_ahead()
    assert run_page(desk, store, View(), began=began).view == View(), "its own panels show what they were asked"
    assert handed[-1] == IN_JULY.to_query()

    run_page(desk, store, View())
    assert handed[-1] == "", "a run that began later knows of everything"


@pytest.mark.parametrize(
    "change",
    [{}, {"window": [1]}, {"window": ["a", "b"]}, {"window": [float("nan"), 1]}, {"filter": "type"},
     {"filter": ["no such", ["x"]]}, {"filter": ["type", "threat"]}, {"filter": ["type", [1]]}, {"filter": None},
     {"search": 1}, {"search": None}, {"in_force": "yes"}, {"in_force": 1}, {"clear": False}, {"clear": None}],
)  # fmt: skip
def test_what_is_no_change_changes_nothing(store: Store, handed: list[str], change: dict[str, Any]) -> None:
    desk = Desk()
    run_page(desk, store, IN_JULY)
    desk.turn(change)
    desk.draw_ahead()
    assert set(handed) == {IN_JULY.to_query()}


def test_a_reader_without_a_page_has_nothing_drawn(handed: list[str]) -> None:
    Desk().draw_ahead()
    desks.turn("nobody", {"window": JULY})
    desks.draw_ahead("nobody")
    assert handed == []


def test_a_reader_who_is_away_keeps_no_records_loaded(handed: list[str]) -> None:
    desk, made = Desk(), small_store([row("a")])
    run_page(desk, made, View())
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None
    desk.turn({"window": JULY})
    desk.draw_ahead()
    assert handed == [""]
