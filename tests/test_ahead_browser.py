"""The map ahead of the page in a real browser: it follows a held handle and fast play, and the page catches up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from atlas_page import Atlas
from conftest import Server
from playwright.sync_api import Locator, Page, WebSocket, expect

from dashboard.words import counts_sentence
from geodata.dataset import load_dataset
from geodata.store import Store

#: The page waits 150 ms for its map at most; a busy machine may need longer for a paint, and has it here.
PATIENT = "const wait = setTimeout; window.setTimeout = (act, ms) => wait(act, ms === 150 ? 3e4 : ms);"


@pytest.fixture(scope="module")
def store() -> Store:
    return load_dataset(Path(__file__).parents[1] / "incidents.csv").store


@pytest.fixture
def atlas(served: Server, page: Page, store: Store) -> Atlas:
    return Atlas.open(page, served.url, store, "from=2021-01-01&to=2021-12-31")


def behind(atlas: Atlas) -> Locator:
    return atlas.page.locator("body[data-behind]")


def hold_end_at(atlas: Atlas, share: float) -> None:
    """Take the right-hand handle of the time slider to a share of its track, and keep it."""
    slider = atlas.widget("window")
    handle = slider.locator("input[type=range]").last.locator("xpath=../..").bounding_box()
    track = slider.get_by_role("group").bounding_box()
    assert handle
    assert track
    mouse, y = atlas.page.mouse, handle["y"] + handle["height"] / 2
    mouse.move(handle["x"] + handle["width"] / 2, y)
    mouse.down()
    for pull in range(500):  # a short pull is not followed: it takes its time
        mouse.move(track["x"] + track["width"] * (share - 0.01 * (pull % 2)), y, steps=2)
        if behind(atlas).count():
            return
    pytest.fail("the map did not follow a handle that was moved 500 times")


def test_the_map_follows_a_held_handle_and_the_page_follows_when_it_is_let_go(atlas: Atlas) -> None:
    whole = atlas.answer().counts
    before = atlas.view_text()
    hold_end_at(atlas, 0.6)
    expect(atlas.map).not_to_have_attribute("data-view", before)
    expect(atlas.page.get_by_text(counts_sentence(whole), exact=True)).to_be_visible()  # of the view before, and faint
    expect(behind(atlas)).to_have_count(1)
    expect(atlas.widget("heading")).to_have_css("opacity", "0.45")
    assert atlas.shown() < whole.shown
    expect(atlas.widget("timeline").locator(".to")).not_to_have_value("2021-12-31")

    atlas.page.mouse.up()
    expect(behind(atlas)).to_have_count(0)
    expect(atlas.widget("heading")).to_have_css("opacity", "1")
    assert atlas.agrees().counts.shown < whole.shown


def test_fast_play_moves_the_map_alone_and_the_page_stops_where_it_stops(atlas: Atlas) -> None:
    timeline = atlas.widget("timeline")
    atlas.set_window("2021-01-01", "2021-01-28")
    counted = counts_sentence(atlas.answer().counts)
    timeline.locator(".pace").select_option("100")
    timeline.locator(".unit").select_option("day")  # the year lasts for half a minute
    timeline.get_by_role("button", name="Play").click()
    for _ in range(3):
        expect(atlas.map).not_to_have_attribute("data-view", atlas.view_text())
    expect(atlas.page.get_by_text(counted, exact=True)).to_be_visible()
    expect(behind(atlas)).to_have_count(1)

    expect(timeline.locator(".from")).not_to_have_value(re.compile("2021-01"))  # longer than a map waits for its page
    assert not atlas.view_text().startswith("from=2021-01"), "the page must not turn the map back"

    timeline.get_by_role("button", name="Pause").click()
    atlas.rest()
    answer = atlas.agrees()
    window = answer.selection.window
    assert window
    assert atlas.window() == (window.first.isoformat(), window.last.isoformat())
    assert window.first.isoformat() > "2021-01-01"


def test_a_switch_is_drawn_by_the_map_before_the_page_has_followed(atlas: Atlas) -> None:
    atlas.page.evaluate(
        """() => {
            const ask = window.atlasAhead;
            const counts = () => document.querySelector(".st-key-heading strong").textContent;
            const before = counts();
            window.told = new Promise((resolve) => {
                window.atlasAhead = async (change) => {
                    await ask(change);
                    resolve({ change, same: counts() === before });
                };
            });
        }"""
    )
    atlas.widget("filter_type").get_by_role("button").first.click()
    told = atlas.page.evaluate("() => window.told")
    assert told["change"]["filter"][0] == "type"
    assert told["same"], "the map is drawn while the counts are still those of the view before"
    atlas.rest()
    assert atlas.agrees().selection.filters


def test_the_page_reports_what_is_chosen_once_the_map_has_painted_it(served: Server, page: Page, store: Store) -> None:
    said: list[str] = []

    def listen(socket: WebSocket) -> None:
        kind = "map" if "/api/live" in socket.url else "page"
        socket.on("framesent", lambda sent: said.append("painted" if "painted" in str(sent) else kind))

    page.on("websocket", listen)
    page.add_init_script(PATIENT)
    atlas = Atlas.open(page, served.url, store, "from=2021-01-01&to=2021-12-31")
    atlas.rest()
    search = atlas.widget("search").get_by_role("textbox")
    last = atlas.widget("window").locator("input[type=range]").last
    search.fill("Baghdad")
    for act in (
        lambda: search.press("Enter"),
        lambda: last.press("ArrowLeft"),
        lambda: atlas.widget("threats_in_force").locator("label").click(),
        lambda: atlas.widget("filter_type").get_by_role("button").first.click(),
        lambda: atlas.widget("clear").get_by_role("button").click(),
    ):
        atlas.rest()
        said.clear()
        atlas.change(act)
        assert said[:3] == ["map", "painted", "page"]


def test_a_move_sends_nothing_large_again_that_has_not_changed(served: Server, page: Page, store: Store) -> None:
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        if "/api/live" not in socket.url:
            socket.on("framereceived", lambda got: sizes.append(len(got)))

    page.on("websocket", listen)
    atlas = Atlas.open(page, served.url, store, "from=2021-01-01&to=2021-12-31")
    first, last = (atlas.widget("window").locator("input[type=range]").nth(i) for i in (0, 1))
    sizes.clear()
    atlas.change(lambda: last.press("PageDown"))
    assert max(sizes) < 4_000, "the table's rows are the same: oldest first"
    assert sum(sizes) < 16_000
    sizes.clear()
    atlas.change(lambda: first.press("PageUp"))
    assert max(sizes) > 4_000, "other rows come"
    sizes.clear()
    atlas.change(lambda: first.press("PageDown"))
    assert max(sizes) < 4_000, "the rows before are still there"


def test_the_maps_frame_is_on_its_way_before_what_stands_around_it(served: Server, page: Page, store: Store) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    Atlas.open(page, served.url, store).rest()
    frame, panel = (
        next(at for at, url in enumerate(asked) if part in url) for part in ("/assets/base-map.js", "/js/facets.js")
    )
    assert frame < panel
