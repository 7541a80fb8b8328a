"""Filters with counts: options sent once, lists walked with the keyboard and told to the map ahead of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from atlas_page import Atlas
from conftest import Server
from playwright.sync_api import Page, WebSocket, expect
from small_store import row, small_store

from dashboard import facets as filters
from dashboard.view import View
from geodata.dataset import load_dataset
from geodata.store import Store

KH = "Kata'ib Hezbollah"


@pytest.fixture(scope="module")
def three() -> Store:
    return small_store(
        [
            row("a", "2021-06-02", claimed_by="Seraya"),
            row("b", "2021-07-03", claimed_by="Ashab"),
            row("c", "2021-08-04", claimed_by="Ashab", event_type="threat"),
        ]
    )


class Drawn:
    """What the component is given, run after run, and what its browser says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
        self.store = store
        self.state: dict[str, Any] = {}
        self.chosen: dict[str, list[str]] = {"type": [], "claimed": []}
        self.said: dict[str, Any] = {}
        monkeypatch.setattr("streamlit.session_state", self.state)
        monkeypatch.setattr(filters, "_component", lambda: lambda **given: self.said.update(given))

    def run(self) -> dict[str, Any]:
        counts = self.store.ask(View().selection).facets
        filters.facets(
            self.store, {name: counts[name] for name in self.chosen}, self.chosen, key="f", on_choice=self.take
        )
        data: dict[str, Any] = self.said["data"]
        return data

    def take(self, name: str, values: list[str]) -> None:
        self.chosen[name] = values

    def choose(self, choice: object) -> None:
        self.state["f"] = type("Value", (), {"choice": choice})
        self.said["on_choice_change"]()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, three: Store) -> Drawn:
    return Drawn(monkeypatch, three)


def test_the_options_are_sent_once_and_then_only_named(drawn: Drawn) -> None:
    first = drawn.run()
    switches, found_by_typing = first["formed"]
    assert (switches["list"], found_by_typing["list"]) == (False, True)
    # In a list the most frequent stands first, and what nobody claimed last.
    assert found_by_typing["options"] == [["Ashab", "Ashab"], ["Seraya", "Seraya"]]
    assert first["counts"][1] == "2 1"

    drawn.choose(["claimed", ["Ashab"]])
    again = drawn.run()
    assert again["formed"] is None
    assert (again["form"], again["chosen"]) == (first["form"], [[], ["Ashab"]])

    drawn.said["on_missed_change"]()
    assert drawn.run()["formed"] == first["formed"]


def test_a_value_that_no_record_has_any_more_stays_in_sight_while_it_is_on(drawn: Drawn) -> None:
    before = drawn.run()["form"]
    drawn.chosen["claimed"] = ["Gone"]
    data = drawn.run()
    assert data["form"] != before
    assert data["formed"][1]["options"][-1] == ["Gone", "Gone"]
    assert data["counts"][1] == "2 1 0"


@pytest.mark.parametrize("choice", [None, "claimed", ["claimed"], ["claimed", "Ashab"], ["target", ["embassy"]]])
def test_what_is_no_choice_changes_nothing(drawn: Drawn, choice: object) -> None:
    drawn.run()
    drawn.choose(choice)
    assert drawn.chosen == {"type": [], "claimed": []}


@pytest.fixture(scope="module")
def store() -> Store:
    return load_dataset(Path(__file__).parents[1] / "incidents.csv").store


def test_a_list_is_walked_with_the_keyboard_and_told_to_the_map_first(served: Server, page: Page, store: Store) -> None:
    said: list[str] = []

    def listen(socket: WebSocket) -> None:
        kind = "map" if "/api/live" in socket.url else "page"
        socket.on("framesent", lambda sent: said.append("painted" if "painted" in str(sent) else kind))

    page.on("websocket", listen)
    atlas = Atlas.open(page, served.url, store)
    widget = atlas.widget("filter_claimed")
    field = widget.get_by_role("combobox", name="Claimed by")
    options = page.get_by_role("listbox", name="Claimed by").get_by_role("option")
    chips = widget.get_by_role("listitem")
    counts = atlas.answer().facets["claimed"]

    # Closed until asked for; then every option with the number it would show, the most frequent first.
    expect(options).to_have_count(0)
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    most = next(value for value in sorted(counts, key=lambda value: (value == "", -counts[value], value)))
    expect(options).to_have_count(len(store.coded["claimed"].values))
    expect(options.first).to_have_text(f"{most} {counts[most]}")
    expect(options.first).to_have_id(field.get_attribute("aria-activedescendant") or "no option is marked")

    # Letters reach the field and not Streamlit's short cuts; case and marks do not count.
    field.press_sequentially("hézBOLLAH")
    expect(options.first).to_have_text(f"{KH} {counts[KH]}")
    atlas.rest()
    said.clear()
    atlas.change(lambda: field.press("Enter"))
    assert said[:3] == ["map", "painted", "page"]
    assert atlas.view_text() == "claimed=Kata%27ib+Hezbollah"
    expect(chips).to_have_text([f"{KH} {counts[KH]}×"])
    expect(field).to_have_value("")

    # The list stays open: what is on is marked, and a second choice adds to the first.
    expect(options.filter(has_text=KH)).to_have_attribute("aria-selected", "true")
    both = {KH, most}
    assert atlas.change(options.first.click).selection.filters["claimed"] == both
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_be_focused()

    # Dropped by key, the last first, and by its chip.
    assert atlas.change(lambda: field.press("Backspace")).selection.filters["claimed"] == {KH}
    assert not atlas.change(widget.get_by_role("button", name=f"Drop {KH}").click).selection.filters
    expect(chips).to_have_count(0)
    expect(field).to_be_focused()

    # Leaving the field closes the list and forgets what was typed.
    field.press_sequentially("zzz")
    expect(page.get_by_text("No such option.")).to_be_visible()
    field.press("Tab")
    expect(field).to_have_value("")
    expect(field).to_have_attribute("aria-expanded", "false")
