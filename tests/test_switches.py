"""The switches that say how records are known, in a real browser: what is drawn before, and what after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from atlas_page import Atlas
from conftest import OpenPage, Server
from playwright.sync_api import Page, expect
from small_store import ids

from dashboard.drawing import draw
from dashboard.notes import actor_note
from dashboard.panels import table_frame, with_colours
from dashboard.symbols import colours, tempo_series
from dashboard.view import COLOUR_BY, View
from dashboard.webmap import drawing_payload
from geodata.briefing import Floor
from geodata.dataset import Dataset, load_dataset
from geodata.incident import PRECISIONS
from geodata.release import GRID_DEG, middle, public_form
from geodata.selection import Selection
from geodata.store import Store
from geodata.wording import check_wording

PROJECT = Path(__file__).parents[1]

#: Marks on the wire (dashboard/webmap/payload.py): longitude, latitude, kind, flags.
LON, LAT, KIND, FLAGS = 1, 2, 3, 6
AREA, ZONE, POTENTIAL, EXPIRED = 3, 6, 4, 8


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset(PROJECT / "incidents.csv")


@pytest.fixture(scope="module")
def store(dataset: Dataset) -> Store:
    return dataset.store


@pytest.fixture
def atlas(served: Server, page: Page, store: Store) -> Atlas:
    return Atlas.open(page, served.url, store)


def drawn(atlas: Atlas) -> dict[str, Any]:
    """Read what the map has painted: marks, margin, categories, signs."""
    painted: dict[str, Any] = atlas.map.evaluate("() => incidentAtlas.state.drawing")
    return painted


def legend_rows(atlas: Atlas) -> dict[str, int]:
    """Read the legend's first table: label and number."""
    rows = atlas.frame.locator(".atlas-legend table").first.locator("tr")
    cells = [row.split("\t") for row in rows.all_inner_texts()]
    return {label.strip(): int(number.replace(",", "")) for *_, label, number in cells}


def missing_in_tempo(atlas: Atlas, wanted: set[str]) -> list[str]:
    """Give the colours that the tempo chart, which is painted after the panels, does not come to show."""
    missing: list[str] = (
        atlas.widget("timeline")
        .locator("canvas")
        .evaluate(
            """async (canvas, wanted) => {
            const hex = (data, i) => "#" + [0, 1, 2].map((k) => data[i + k].toString(16).padStart(2, "0")).join("");
            const missing = () => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                const seen = new Set();
                for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.add(hex(data, i));
                return wanted.filter((colour) => !seen.has(colour));
            };
            const end = performance.now() + 20000;
            while (missing().length && performance.now() < end) await new Promise(requestAnimationFrame);
            return missing();
        }""",
            sorted(wanted),
        )
    )
    return missing


@contextmanager
def slow_machine(page: Page) -> Iterator[None]:
    """Let the page's scripts run at a twentieth of this machine's speed."""
    browser = page.context.new_cdp_session(page)
    browser.send("Emulation.setCPUThrottlingRate", {"rate": 20})
    yield
    browser.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    browser.detach()


@pytest.mark.parametrize("name", ["claimed", "assessed", "parent", "target"])
def test_the_table_says_of_each_record_what_colours_it(store: Store, name: str) -> None:
    answer = store.ask(Selection(), by=name)
    frame = with_colours(table_frame(store, answer.rows), store, answer.rows, name)
    column = frame.columns[list(frame.columns).index("Type") + 1]
    assert column == COLOUR_BY[name].capitalize()
    labels = [label for _, label, _ in colours(store, name)]
    assert frame[column].value_counts().to_dict() == {
        label: n for label, n in zip(labels, answer.colours.sum(axis=0).tolist(), strict=True) if n
    }


def expected_drawing(atlas: Atlas) -> dict[str, Any]:
    """Draw in Python what the map should show at its zoom."""
    view, _ = View.from_query(atlas.view_text())
    answer = atlas.store.ask(view.selection, by=view.colour_by)
    zoom = round(atlas.place()[2], 2)
    made = drawing_payload(draw(atlas.store, answer, view, zoom=zoom), view, zoom=zoom)
    return {**made, **{part: rows_of(made[part], made["step"]) for part in ("marks", "margin")}}


def rows_of(columns: dict[str, list[Any]], step: float) -> list[list[Any]]:
    """Turn the columns of marks to rows, as the map does: fields, then category and weight from most to least."""
    *fields, weights = columns.values()
    marks = [list(mark) for mark in zip(*fields, strict=True)]
    for at, mark in enumerate(marks):
        mark[1:3] = (steps * step for steps in mark[1:3])
        parts = [(category, of_marks[at]) for category, of_marks in enumerate(weights) if of_marks[at]]
        mark += [number for part in sorted(parts, key=lambda part: -part[1]) for number in part]
    return marks


def test_claimant_assessed_and_parent_colour_map_legend_tempo_and_table_each_in_its_own_way(
    atlas: Atlas, store: Store
) -> None:
    before = drawn(atlas)
    seen = [before["categories"]]
    for name in ("claimed", "assessed", "parent"):
        atlas.change(lambda name=name: atlas.pick_colour(COLOUR_BY[name].capitalize()), to=f"colour={name}")
        painted = drawn(atlas)
        expected = expected_drawing(atlas)
        assert {key: painted[key] for key in ("marks", "margin", "categories")} == {
            key: expected[key] for key in ("marks", "margin", "categories")
        }
        assert painted["categories"] not in seen, "another switch, another legend"
        seen.append(painted["categories"])

        counted = {entry["label"]: entry["count"] for entry in painted["categories"]}
        assert legend_rows(atlas) == counted
        assert sum(counted.values()) == before["shown"], "nobody is lost between claimed and assessed"
        palette = {label: colour for _, label, colour in colours(store, name)}
        assert all(palette[entry["label"]] == entry["colour"] for entry in painted["categories"])
        dated = {one.colour for one in tempo_series(store, store.ask(Selection(), by=name).tempo)}
        assert dated
        assert missing_in_tempo(atlas, dated) == [], "the tempo is stacked in the legend's colours"
        note = actor_note(store, store.ask(Selection(), by=name))
        assert note
        expect(atlas.page.get_by_text(note, exact=True)).to_be_visible()
    atlas.change(lambda: atlas.pick_colour("Incident type"))
    assert drawn(atlas)["marks"] == before["marks"]
    expect(atlas.page.get_by_text(note, exact=True)).to_have_count(0)


def test_the_brief_preset_leaves_what_is_checked_well_sourced_and_closely_placed(atlas: Atlas, store: Store) -> None:
    before = drawn(atlas)
    button = atlas.widget("brief").get_by_role("button")
    answer = atlas.change(button.click)
    after = drawn(atlas)
    assert 0 < after["shown"] < before["shown"]
    records = store.records.take(answer.rows, ("status",))
    assert set(records["status"]) <= set(Floor().statuses)
    floor = PRECISIONS[Floor().precision].rank
    spots = store.spot[answer.rows]
    assert all(PRECISIONS[str(precision)].rank <= floor for precision in store.spots.precision[spots])
    assert not after["margin"], "nothing known only to a country is briefed"
    atlas.change(button.click)
    assert drawn(atlas)["marks"] == before["marks"]

    # A looser rule shows more. Streamlit closes a popover that opens slowly; the page keeps it open.
    draft = atlas.page.locator(".st-key-floor_status").get_by_role("button", name="Draft")
    with slow_machine(atlas.page):
        atlas.page.get_by_role("button", name="tune icon").click()
        expect(draft).to_be_visible()
    draft.click()
    atlas.page.keyboard.press("Escape")
    atlas.move_on(button.click)
    assert drawn(atlas)["shown"] > after["shown"]


def type_day(atlas: Atlas, digits: str) -> None:
    """Type a day into the date field, whose parts take one digit after the other; it is taken when left."""
    atlas.widget("known_on").get_by_role("spinbutton").first.click()
    atlas.page.keyboard.type(digits)
    atlas.page.get_by_text("records shown").first.click()


def test_as_known_on_shows_only_what_could_be_known_then(atlas: Atlas, store: Store) -> None:
    before = drawn(atlas)
    threats = [mark for mark in before["marks"] if mark[KIND] == ZONE]
    answer = atlas.change(partial(type_day, atlas, "20210809"), to="known=2021-08-09")
    assert answer.counts.hidden["not yet known on 9 August 2021"] > 0
    assert "20210728-2" not in ids(store, answer.rows), "the threat against Erbil was first told on 10 August"
    after = drawn(atlas)
    assert after["shown"] == answer.counts.shown < before["shown"]
    assert len([mark for mark in after["marks"] if mark[KIND] == ZONE]) < len(threats)
    expect(atlas.page.get_by_text("as known on 9 August 2021")).to_be_visible()


def test_threats_are_zones_apart_from_attacks_and_fade_after_their_term(
    served: Server, page: Page, store: Store
) -> None:
    query = "type=threat&type=drone_attack&from=2021-06-01&to=2021-12-31&map=44.1,36.3,8"
    atlas = Atlas.open(page, served.url, store, query)
    zones = [mark for mark in drawn(atlas)["marks"] if mark[KIND] == ZONE]
    assert {mark[FLAGS] & POTENTIAL for mark in drawn(atlas)["marks"] if mark[KIND] != ZONE} == {0}
    assert len(zones) == 3
    assert not any(mark[FLAGS] & EXPIRED for mark in zones)
    legend = atlas.frame.locator(".atlas-legend")
    expect(legend).to_contain_text("a threat, no attack")
    assert "had run out" not in legend.inner_text()

    atlas.set_window("2021-06-01", "2022-01-01")
    faded = [mark for mark in drawn(atlas)["marks"] if mark[KIND] == ZONE and mark[FLAGS] & EXPIRED]
    assert len(faded) == 2, "Erbil and Harir; the threat at Baghdad names no end"
    expect(legend).to_contain_text("Faded: the term of the threat had run out")

    alpha = atlas.map.evaluate(
        """(map) => {
            const layer = incidentAtlas.markLayer;
            const sign = layer.drawn.find(({ mark }) => mark[6] & 8);
            const scale = layer._container.width / layer._bounds.getSize().x;
            const at = [(sign.x - layer._bounds.min.x) * scale, (sign.y - layer._bounds.min.y) * scale];
            return layer._ctx.getImageData(Math.round(at[0]), Math.round(at[1]), 1, 1).data[3];
        }"""
    )
    assert 0 < alpha < 200, "the sign itself is painted, and faded"


def test_blurred_places_lie_on_the_grid_the_same_for_everybody_and_the_legend_says_so(
    atlas: Atlas, open_page: OpenPage, served: Server, dataset: Dataset
) -> None:
    before = drawn(atlas)
    atlas.move_on(atlas.widget("public_release").locator("label").click)
    after = drawn(atlas)
    assert after["shown"] == before["shown"]
    assert "grid" in after["release"]
    assert before["release"] == ""
    expect(atlas.frame.locator(".atlas-legend")).to_contain_text(f"snapped to a grid of {GRID_DEG}°")

    public = Atlas(atlas.page, public_form(dataset).store)
    assert after["marks"] == expected_drawing(public)["marks"]
    single = [mark for mark in after["marks"] if mark[9] == 1 and mark[KIND] not in (AREA, ZONE)]
    assert single
    for mark in single:
        assert [mark[LON], mark[LAT]] == pytest.approx(middle(np.array([mark[LON], mark[LAT]])).tolist(), abs=1e-4)

    other = Atlas.open(open_page(), served.url, public.store, "public=1")
    assert drawn(other)["marks"] == after["marks"]
    atlas.move_on(atlas.widget("public_release").locator("label").click)
    assert drawn(atlas)["marks"] == before["marks"]


def test_unclear_wording_is_marked_in_the_record_with_its_way_out(atlas: Atlas, store: Store) -> None:
    summaries = store.records.column("summary", np.arange(len(store)))
    row = next(row for row, text in enumerate(summaries) if len(check_wording(str(text))) == 1)
    [found] = check_wording(str(summaries[row]))
    atlas.map.evaluate("(map, id) => incidentAtlas.record.openRecord(id)", ids(store, [row])[0])
    mark = atlas.drawer.locator(".atlas-unclear")
    expect(mark).to_have_text(found.text)
    expect(mark).to_have_attribute("title", found.reason)
    expect(atlas.drawer.locator(".atlas-summary")).to_have_text(str(summaries[row]))


def test_denials_are_a_filter_and_are_told_with_the_record(atlas: Atlas, store: Store) -> None:
    before = drawn(atlas)
    atlas.widget("more_filters").locator("summary").click()
    expect(atlas.widget("filter_denied")).to_be_visible()
    answer = atlas.change(lambda: atlas.choose("filter_denied", "Hezbollah"))
    after = drawn(atlas)
    assert 0 < after["shown"] == answer.counts.shown < before["shown"]
    [wanted] = answer.selection.filters["denied"]
    denied = store.records.column("denied_by", answer.rows)
    assert all("Hezbollah" in cell for cell in denied)
    assert store.coded["denied"].totals()[wanted] == len(denied)
    expect(atlas.page.get_by_text(re.compile("denied by Kata'ib Hezbollah")).first).to_be_visible()
    atlas.map.evaluate("(map, id) => incidentAtlas.record.openRecord(id)", ids(store, answer.rows)[0])
    expect(atlas.drawer).to_contain_text("Denied by")
    expect(atlas.drawer).to_contain_text("Hezbollah")
