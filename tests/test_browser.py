"""The page in a real browser: what is drawn, before and after everything a reader can do."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from atlas_page import MAP_FRAME, Atlas
from conftest import OpenPage, Server, Traffic
from playwright.sync_api import Page, expect
from small_store import ids, spot_of

from dashboard.campaigns import CAMPAIGNS
from dashboard.session import slider_range
from dashboard.view import COLOUR_BY, HOME
from geodata.boundaries import LAYERS
from geodata.dataset import load_dataset
from geodata.selection import DIMENSIONS
from geodata.store import Store

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def store() -> Store:
    return load_dataset(PROJECT / "incidents.csv").store


@pytest.fixture(scope="module")
def whole(store: Store) -> int:
    """Count the records that have a place: what is shown when nothing is asked."""
    return int((spot_of(store) >= 0).sum())


@pytest.fixture
def atlas(served: Server, page: Page, store: Store) -> Atlas:
    return Atlas.open(page, served.url, store)


def numbers_of(text: str) -> int:
    return int(re.sub(r"\D", "", text))


# --- the first page -------------------------------------------------------------------------------------------------


def test_the_page_shows_every_record_and_a_legend_that_adds_up(atlas: Atlas, store: Store, whole: int) -> None:
    answer = atlas.agrees()
    assert answer.counts.shown == atlas.shown() == whole
    assert atlas.view_text() == ""
    tables = atlas.frame.locator(".atlas-legend table").all()
    assert len(tables) == 2, "types, and how exactly their places are known"
    for table in tables:
        cells = table.locator(".atlas-count").all_inner_texts()
        assert sum(numbers_of(cell) for cell in cells) == whole
    badges = atlas.frame.locator(".atlas-badge b").all_inner_texts()
    countries = [n for n in answer.rows if store.spots.precision[spot_of(store)[n]] in ("region", "country")]
    assert sum(numbers_of(text) for text in badges) == len(countries) > 0


def test_what_is_sent_ahead_to_the_map_is_fetched_once(atlas: Atlas, traffic: Traffic) -> None:
    assert atlas.shown()
    parts = ("/assets/basemap/", "/assets/base-map.js", "/api/drawing-kit")
    fetched = [url for url in traffic.requests if any(part in url for part in parts)]
    assert len(fetched) == len(set(fetched)) == 2 + len(LAYERS)


# --- time -----------------------------------------------------------------------------------------------------------


def test_time_moves_by_slider_typed_dates_presets_and_steps(atlas: Atlas, store: Store, whole: int) -> None:
    timeline = atlas.widget("timeline")

    start = atlas.widget("window").get_by_role("slider").first
    start.focus()
    first = atlas.change(lambda: start.press("PageUp"))
    assert first.counts.hidden.get("outside the window", 0) > 0
    assert atlas.shown() < whole

    typed = atlas.change(lambda: atlas.type_days("2021-07", "2021-08"), to="from=2021-07-01&to=2021-08-31")
    assert 0 < typed.counts.shown < first.counts.shown

    for days in (30, 90):
        window = atlas.change(timeline.get_by_role("button", name=f"{days} days").click).selection.window
        assert window is not None
        assert (window.last - window.first).days + 1 == days

    before = atlas.window()
    atlas.change(timeline.get_by_role("button", name="One step back").click)
    assert atlas.window() < before
    atlas.change(timeline.get_by_role("button", name="One step on").click)
    assert atlas.window() == before

    timeline.locator(".mode").select_option("cumulative")
    atlas.change(timeline.get_by_role("button", name="One step on").click)
    assert atlas.window()[0] == before[0]
    assert atlas.window()[1] > before[1]

    atlas.change(timeline.get_by_role("button", name="All").click)
    assert (atlas.view_text(), atlas.shown()) == ("", whole)

    timeline.locator(".from").fill("2021-13")
    timeline.locator(".from").press("Enter")
    expect(timeline.locator(".from")).to_have_attribute("aria-invalid", "true")
    # What is asked for next starts from the whole time: the 13th month has moved nothing.
    asked = atlas.change(timeline.get_by_role("button", name="30 days").click).selection.window
    assert asked is not None
    assert asked.last == slider_range(store).last


def test_play_moves_the_window_on_and_pause_stops_it_at_once(atlas: Atlas) -> None:
    timeline = atlas.widget("timeline")
    atlas.set_window("2021-01-01", "2021-01-28")
    timeline.locator(".pace").select_option("100")
    timeline.locator(".unit").select_option("day")  # by weeks the year would be over before a busy machine has looked
    timeline.get_by_role("button", name="Play").click()
    pause = timeline.get_by_role("button", name="Pause")
    expect(pause).to_be_visible()
    seen = [atlas.window()]
    for _ in range(3):
        expect(timeline.locator(".from")).not_to_have_value(seen[-1][0])
        seen.append(atlas.window())
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]
    pause.click()
    expect(timeline.get_by_role("button", name="Play")).to_be_visible()
    # Two answers of the server to something else: whatever play had still asked for would have come before them.
    stopped = [
        atlas.change(lambda colour=colour: pick_colour(atlas, colour), to=f"colour={colour}").selection.window
        for colour in ("claimed", "target")
    ]
    assert stopped[0] == stopped[1]


def pick_colour(atlas: Atlas, name: str) -> None:
    atlas.pick_colour(COLOUR_BY[name].capitalize())


# --- filters --------------------------------------------------------------------------------------------------------


def test_every_filter_shows_exactly_the_number_on_its_option(atlas: Atlas, store: Store) -> None:
    clear = atlas.widget("clear").get_by_role("button")
    expect(clear).to_be_disabled()
    more = atlas.widget("more_filters").locator("summary")
    more.click()
    for dimension in DIMENSIONS:
        if dimension.name == "dataset":
            continue  # drawn where several files are open
        if not atlas.widget(f"filter_{dimension.name}").count():
            more.click()  # folded: by the reader, or by an answer that crossed the click that unfolded it
        expect(atlas.widget(f"filter_{dimension.name}")).to_be_visible()
        facets = atlas.answer().facets[dimension.name]
        value = max((value for value in facets if value), key=lambda value: facets[value])
        label = dimension.label_of(value, store.names)
        widget = atlas.widget(f"filter_{dimension.name}")
        if widget.get_by_role("combobox").count():
            choose = partial(atlas.choose, f"filter_{dimension.name}", label)
        else:
            choose = widget.get_by_role("button").filter(has_text=f"{label} {facets[value]}").first.click
        answer = atlas.change(choose)
        assert answer.counts.shown == facets[value] > 0
        assert answer.selection.filters == {dimension.name: {value}}
        atlas.move_on(clear.click)
        assert atlas.view_text() == ""
    expect(clear).to_be_disabled()

    # A filter stays on when its control is folded away.
    atlas.change(atlas.widget("filter_status").get_by_role("button").first.click)
    kept = atlas.answer().selection.filters
    more.click()
    expect(atlas.widget("filter_status")).to_have_count(0)
    expect(atlas.page.get_by_text("1 of these is on.")).to_be_visible()
    assert atlas.set_window("2021-01-01", "2021-06-30").selection.filters == kept


def test_filters_narrow_each_other_and_each_option_keeps_its_promise(atlas: Atlas) -> None:
    rockets = atlas.widget("filter_type").get_by_role("button").filter(has_text="Rocket attack")
    atlas.change(rockets.click)
    embassy = atlas.widget("filter_target").get_by_role("button").filter(has_text="Embassy")
    promised = atlas.answer().facets["target"]["embassy"]
    expect(embassy.locator("strong")).to_have_text(str(promised))
    assert atlas.change(embassy.click).counts.shown == promised
    atlas.set_window("2021-01-01", "2021-12-01")
    atlas.change(atlas.widget("clear").get_by_role("button").click)
    assert atlas.view_text().startswith("from=2021-01-01"), "clearing keeps the window"


def test_search_finds_in_arabic_and_in_any_spelling(atlas: Atlas, whole: int) -> None:
    box = atlas.widget("search").get_by_role("textbox")

    def search(text: str) -> None:
        box.fill(text)
        box.press("Enter")

    for word in ("Kataib", "بغداد"):
        answer = atlas.change(lambda word=word: search(word))
        assert 0 < answer.counts.shown < whole
        assert answer.selection.search == word
        expect(atlas.page.get_by_text(f"mentioning “{word}”")).to_be_visible()
    nothing = atlas.change(lambda: search("no such word anywhere"))
    assert nothing.counts.shown == 0
    expect(atlas.page.get_by_text("No record matches. Widen the time window or clear a filter.")).to_be_visible()
    expect(atlas.frame.get_by_text("Nothing is drawn: no record matches.")).to_be_visible()
    atlas.change(atlas.widget("clear").get_by_role("button").click)
    assert atlas.shown() == whole


def test_named_views_set_filters_and_map_and_clear_goes_back(atlas: Atlas, whole: int) -> None:
    for campaign in CAMPAIGNS:
        answer = atlas.change(atlas.widget(f"campaign_{campaign.key}").get_by_role("button").click)
        assert answer.selection == campaign.view.selection
        assert atlas.place() == pytest.approx(campaign.view.place, abs=0.2)
    atlas.change(atlas.widget("clear").get_by_role("button").click)
    assert (atlas.view_text(), atlas.shown()) == ("", whole)


# --- the map --------------------------------------------------------------------------------------------------------


def test_a_layer_switched_off_is_counted_and_stays_off(atlas: Atlas, whole: int) -> None:
    before = atlas.answer().facets["type"]["rocket_attack"]
    atlas.open_tree()
    off = atlas.change(atlas.layer("Rocket attacks").uncheck)
    assert off.counts.hidden["map layer off"] == before
    assert atlas.shown() == whole - before
    atlas.change(lambda: pick_colour(atlas, "target"))
    atlas.set_window("2021-01-01", "2021-12-01")
    atlas.open_tree()
    expect(atlas.layer("Rocket attacks")).not_to_be_checked()
    expect(atlas.layer("Drone attacks")).to_be_checked()
    assert "off=rocket_attack" in atlas.view_text()
    on = atlas.change(atlas.layer("Rocket attacks").check)
    assert "map layer off" not in on.counts.hidden


def test_colours_follow_the_choice_and_the_legend_says_which(atlas: Atlas, whole: int) -> None:
    head = atlas.frame.locator(".atlas-legend-head")
    for name, words in COLOUR_BY.items():
        if name == "type":
            continue
        atlas.change(lambda name=name: pick_colour(atlas, name))
        expect(head).to_contain_text(f"Colour: {words}")
        cells = atlas.frame.locator(".atlas-legend table").first.locator(".atlas-count").all_inner_texts()
        assert sum(numbers_of(cell) for cell in cells) == whole


def test_a_mark_opens_its_list_and_a_record_with_everything_known(served: Server, page: Page, store: Store) -> None:
    atlas = Atlas.open(page, served.url, store, "map=44.24,33.52,14&governorate=IQ.baghdad")
    rows = atlas.answer().rows
    spot = spot_of(store)[store.find_row("20191000-1")]
    expected = ids(store, rows[spot_of(store)[rows] == spot])
    assert len(expected) > 1
    atlas.click_mark(int(spot))
    expect(atlas.drawer).to_be_visible()
    expect(atlas.drawer.locator("h3")).to_have_text(f"Camp Taji: {len(expected)} records")
    lines = atlas.drawer.locator(".atlas-list button")
    expect(lines).to_have_count(len(expected))
    lines.first.click()
    expect(atlas.drawer).to_have_attribute("data-record", expected[0])
    text = atlas.drawer.inner_text()
    for words in (
        "What and when",
        "Where, and how exactly",
        "Claimed by",
        "Denied by",
        "Assessed to",
        "Proof",
        "Sources",
    ):
        assert words.lower() in text.lower()
    atlas.drawer.get_by_role("button", name="Back to the list").click()
    expect(lines).to_have_count(len(expected))
    lines.first.click()
    page.wait_for_function("() => location.search.includes('record=20191000-1')")
    page.keyboard.press("Escape")
    expect(atlas.drawer).to_be_hidden()
    page.wait_for_function("() => !location.search.includes('record=')")


def test_a_row_of_the_table_opens_its_record(atlas: Atlas, store: Store) -> None:
    atlas.set_window("2021-07-29", "2021-07-29")
    first = ids(store, atlas.answer().rows)[0]
    table = atlas.page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 18, "y": 52})  # the box before the first row, under the header of 35 pixels
    expect(atlas.drawer).to_have_attribute("data-record", first)
    expect(atlas.drawer).to_be_visible()


def test_the_place_of_a_record_is_seen_beside_it(served: Server, page: Page, store: Store) -> None:
    # South of Hilla: at the zoom of the first page it would lie under the record.
    atlas = Atlas.open(page, served.url, store, "record=20210325-5")
    expect(atlas.drawer).to_have_attribute("data-record", "20210325-5")
    spot = store.spots
    at = int(spot_of(store)[store.find_row("20210325-5")])
    page.wait_for_function(
        """([frame, place]) => {
            const { incidentAtlas } = document.querySelector(frame).contentWindow, { map } = incidentAtlas.state;
            const { x, y } = map.latLngToContainerPoint(place), size = map.getSize();
            const free = size.x - map.getContainer().querySelector(".atlas-drawer").offsetWidth;
            return x > 0 && x < free && y > 0 && y < size.y;
        }""",
        arg=[MAP_FRAME, [float(spot.latitude[at]), float(spot.longitude[at])]],
    )
    still = atlas.place()
    atlas.drawer.get_by_role("button", name="Close").click()
    expect(atlas.drawer).to_be_hidden()
    assert atlas.place() == pytest.approx(still), "closing a record moves nothing"


def test_a_link_shows_somebody_else_the_same(atlas: Atlas, open_page: OpenPage, store: Store) -> None:
    atlas.change(atlas.widget("campaign_erbil").get_by_role("button").click)
    atlas.set_window("2020-06-01", "2021-12-01")
    atlas.change(lambda: pick_colour(atlas, "claimed"))
    atlas.open_tree()
    atlas.change(atlas.layer("Density").check)
    url, query = atlas.page.url.split("?", 1)
    other = Atlas.open(open_page(), url.rstrip("/"), store, query)
    other.agrees()
    for name in ("data-view", "data-shown", "data-marks"):
        assert other.map.get_attribute(name) == atlas.map.get_attribute(name)
    assert other.place() == pytest.approx(atlas.place(), abs=0.01)
    assert other.window() == atlas.window()


def test_the_map_is_never_rebuilt_and_keeps_its_place(atlas: Atlas) -> None:
    # Somewhere a reader has gone to, with a sign that a new frame would not have.
    atlas.map.evaluate(
        "() => { incidentAtlas.state.map.setView([34.4, 43.1], 7.2, { animate: false }); window.stamp = 1; }"
    )
    expect(atlas.map).to_have_attribute("data-zoom", "7.2")
    place = atlas.place()
    timeline = atlas.widget("timeline")
    pill: Callable[[int], Any] = lambda n: atlas.widget("filter_type").get_by_role("button").nth(n).click()  # noqa: E731
    step = timeline.get_by_role("button", name="One step back").click
    changes: list[Callable[[], Any]] = [lambda: atlas.set_window("2021-05-01", "2021-08-31")]
    for number in range(5):
        changes += [
            step,
            lambda number=number: pill(number),
            lambda number=number: pick_colour(atlas, list(COLOUR_BY)[1 + number]),
            step,
            atlas.widget("clear").get_by_role("button").click,
            timeline.get_by_role("button", name="90 days" if number % 2 else "30 days").click,
        ]
    for change in changes:
        atlas.move_on(change)
    assert len(changes) > 30
    atlas.agrees()
    assert atlas.map.evaluate("() => window.stamp") == 1
    assert atlas.page.locator(MAP_FRAME).count() == 1
    assert atlas.place() == pytest.approx(place, abs=1e-6)


def test_a_map_dragged_far_is_painted_to_its_edges_and_at_rest_no_further(atlas: Atlas) -> None:
    reach = """() => {
        const { map } = incidentAtlas.state, corner = map.containerPointToLayerPoint([0, 0]);
        const seen = L.bounds(corner, corner.add(map.getSize())), found = [];
        map.eachLayer((layer) => layer instanceof L.Renderer && found.push(layer._bounds.contains(seen)));
        const { width, height } = incidentAtlas.markLayer._container, size = map.getSize();
        return { filled: found, share: (width * height) / (size.x * size.y * devicePixelRatio ** 2) };
    }"""
    box = atlas.map.bounding_box()
    assert box
    left, middle = box["x"] + 30, box["y"] + box["height"] / 2
    atlas.page.mouse.move(left, middle)
    assert atlas.map.evaluate(reach)["share"] == pytest.approx(1, abs=0.01)
    atlas.page.mouse.down()
    atlas.page.mouse.move(left + box["width"] * 0.8, middle, steps=6)  # further than is painted around it
    moving = atlas.map.evaluate(reach)
    assert len(moving["filled"]) == 3, "the ground, its names and the symbols"
    assert all(moving["filled"])
    assert moving["share"] == pytest.approx(2.25, abs=0.02)
    atlas.page.mouse.up()
    expect(atlas.page).to_have_url(re.compile(r"[?&]map="))
    atlas.agrees()


def test_a_map_moved_a_little_is_not_painted_again(atlas: Atlas) -> None:
    atlas.map.evaluate(
        """() => {
            const { prototype } = CanvasRenderingContext2D, { clearRect } = prototype;
            prototype.clearRect = function (...box) {
                if (this.canvas.closest(".leaflet-map-pane")) window.cleared += 1;
                return clearRect.apply(this, box);
            };
            const { map } = incidentAtlas.state;
            map.on("dragstart", () => (window.cleared = 0));
            map.on("moveend", () => (map.getContainer().dataset.rests = "true"));
        }"""
    )
    box = atlas.map.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    atlas.page.mouse.move(box["x"] + 30, middle)
    atlas.page.mouse.down()
    atlas.page.mouse.move(box["x"] + 130, middle + 20, steps=5)
    atlas.page.mouse.up()
    expect(atlas.map).to_have_attribute("data-rests", "true")
    assert atlas.map.evaluate("() => window.cleared") == 0
    atlas.agrees()


def test_symbols_are_asked_for_while_the_map_is_on_its_way_to_another_zoom(atlas: Atlas) -> None:
    atlas.map.evaluate(
        """() => {
            performance.clearResourceTimings();
            incidentAtlas.state.map.on("zoomend", () => (window.arrived = performance.now()));
        }"""
    )
    before = atlas.map.get_attribute("data-zoom")
    atlas.frame.locator(".leaflet-control-zoom-in").click()
    expect(atlas.map).not_to_have_attribute("data-zoom", str(before))
    asked = atlas.map.evaluate(
        """() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/drawing?"))
            .map(({ startTime }) => startTime < window.arrived)"""
    )
    assert asked == [True], "once, before the map has arrived"
    atlas.agrees()


def test_names_stand_beside_symbols_and_never_half_under_them(atlas: Atlas) -> None:
    for zoom_in in (False, True):
        if zoom_in:
            before = atlas.map.get_attribute("data-zoom")
            atlas.frame.locator(".leaflet-control-zoom-in").click()
            expect(atlas.map).not_to_have_attribute("data-zoom", str(before))
        names, hidden, twice = atlas.map.evaluate(
            """() => {
                const { placed } = incidentAtlas.names.layer;
                const symbols = incidentAtlas.markLayer.standing();
                const reaches = ({ x, y, r }, [left, top, right, bottom]) =>
                    Math.hypot(x - Math.max(left, Math.min(right, x)), y - Math.max(top, Math.min(bottom, y))) < r;
                const over = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
                return [
                    placed.map(({ label }) => label.name),
                    placed.filter(({ at, box }) => !at && symbols.some((symbol) => reaches(symbol, box))).length,
                    placed.filter((one) => placed.some((other) => other !== one && over(one.box, other.box))).length,
                ];
            }"""
        )
        assert {"Baghdad", "Erbil", "Basra"} & set(names), "towns with records are named where there is room"
        assert len(names) > 20
        assert (hidden, twice) == (0, 0)


def test_two_readers_do_not_see_each_others_choices(
    atlas: Atlas, open_page: OpenPage, store: Store, whole: int
) -> None:
    other = Atlas.open(open_page(), atlas.page.url.split("?")[0].rstrip("/"), store)
    other.change(other.widget("campaign_syria").get_by_role("button").click)
    atlas.change(lambda: pick_colour(atlas, "target"))
    assert atlas.shown() == whole
    assert atlas.place() == pytest.approx(HOME, abs=0.05)
    assert other.shown() < 10


# --- what goes wrong ------------------------------------------------------------------------------------------------


def test_a_record_that_does_not_exist_is_told_in_the_drawer(
    served: Server, page: Page, store: Store, traffic: Traffic
) -> None:
    traffic.expect(r"404 \(Not Found\)")
    atlas = Atlas.open(page, served.url, store, "record=no-such-record")
    expect(atlas.drawer.locator("h3")).to_have_text("This could not be opened")
    expect(atlas.drawer).to_contain_text("No record has the id 'no-such-record'")
    atlas.agrees()


def test_an_address_that_cannot_be_read_whole_says_so_and_shows_the_rest(
    served: Server, page: Page, store: Store
) -> None:
    query = "type=rocket_attack&type=rockets&from=soon&claimed=Nobody&colour=sky&map=here&zoo=1"
    page.goto(f"{served.url}/?{query}")
    atlas = Atlas(page, store)
    expect(atlas.map).to_have_attribute("data-view", "type=rocket_attack")
    for words in ("'rockets'", "'soon'", "'Nobody'", "'sky'", "'here'", "'zoo'"):
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    atlas.agrees()


def test_the_program_writes_its_address_and_no_traces(served: Server) -> None:
    assert served.url in served.said
    for word in ("Traceback", "Stack (most recent call", "Warning", "external IP"):
        assert word not in served.said
