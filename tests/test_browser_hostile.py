"""Text that could be taken for code, and a file without a usable record, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from atlas_page import Atlas
from conftest import Start
from playwright.sync_api import Page, expect
from small_store import csv_file, row, spot_of

from dashboard.view import COLOUR_BY
from geodata.dataset import load_dataset

HOSTILE = (
    "{{7*7}}{% if x %}{# gone #}${7*7}`${alert(1)}`<img src=x onerror=alert(1)><script>alert(2)</script>"
    "\"'></textarea>&lt;b&gt; *bold* [a](javascript:alert(3)) :red[x] $e^x$"
)
FREE_TEXT = (
    "time_local", "weapon", "target", "claim_note", "denial_note", "attribution_basis", "attribution_note",
    "condition", "summary", "reviewed_against", "notes",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = dict.fromkeys(FREE_TEXT, HOSTILE)
    actors = dict.fromkeys(("claimed_by", "denied_by", "attributed_to"), HOSTILE)
    where = {"latitude": "33.3", "longitude": "44.4", "location_precision": "site"}
    rows = [
        {
            **row("evil-1", "2021-07-29", HOSTILE, sources=f"javascript:alert(4) | title={HOSTILE}"),
            **text,
            **actors,
            **where,
        },
        {**row("evil-2", "2021-07-30", HOSTILE, event_type="drone_attack"), **text, **actors, **where},
        row("lost", "2021-07-30", HOSTILE, summary=HOSTILE),
        row("bad", HOSTILE),
    ]
    return csv_file(tmp_path_factory.mktemp("hostile") / "hostile.csv", rows)


def test_hostile_text_stays_text_everywhere_a_reader_meets_it(serve: Start, page: Page, hostile_file: Path) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    server = serve("--data", hostile_file)
    store = load_dataset(hostile_file).store
    assert len(store) == 3
    atlas = Atlas.open(page, server.url, store, "map=44.4,33.3,9")
    assert atlas.agrees().counts.shown == 2

    # The list of the place and both records.
    spot = int(spot_of(store)[store.find_row("evil-1")])
    atlas.click_mark(spot)
    expect(atlas.drawer.locator(".atlas-list button")).to_have_count(2)
    expect(atlas.drawer.locator(".atlas-list p").first).to_have_text(HOSTILE)
    atlas.drawer.locator(".atlas-list button").first.click()
    expect(atlas.drawer).to_have_attribute("data-record", "evil-1")
    told = atlas.drawer.locator("dd").all_text_contents()
    # The summary stands above the sections; three actors and the place as reported stand in them.
    assert sum(text.count(HOSTILE) for text in told) >= len(FREE_TEXT) - 1 + 4
    expect(atlas.drawer.locator(".atlas-summary")).to_have_text(HOSTILE)
    assert atlas.drawer.locator("img, script, textarea").count() == 0
    assert atlas.drawer.locator("a").count() == 0, "javascript: is no link"

    # Legend and filters by a hostile actor, in the sentence, the headline and the address.
    atlas.change(lambda: atlas.pick_colour(COLOUR_BY["claimed"].capitalize()))
    expect(atlas.frame.locator(".atlas-legend td", has_text="onerror").first).to_contain_text("{{7*7}}")
    actor = next(value for value in store.coded["claimed"].values if "onerror" in value)
    atlas.change(lambda: atlas.choose("filter_claimed", "{{7*7}}"))
    assert atlas.answer().selection.filters["claimed"] == {actor}
    expect(page.get_by_text("claimed by " + actor).first).to_be_visible()
    search = atlas.widget("search").get_by_role("textbox")
    search.fill("<img src=x onerror=alert(5)> {{7*7}}")
    atlas.change(lambda: search.press("Enter"))

    # Rows that are not on the map.
    page.get_by_role("tab", name="Not on the map").click()
    expect(page.get_by_text("1 of 4 rows of the file were rejected")).to_be_visible()

    assert dialogs == []
    assert page.locator("img[src='x']").count() == atlas.frame.locator("img[src='x']").count() == 0
    assert "49" not in atlas.frame.locator(".atlas-legend").inner_text()
    assert "Traceback" not in server.said


def test_a_file_without_a_usable_record_opens_and_says_so(serve: Start, page: Page, tmp_path: Path) -> None:
    file = csv_file(tmp_path / "none.csv", [row("bad", "soon")])
    server = serve("--data", file)
    atlas = Atlas.open(page, server.url, load_dataset(file).store)
    assert atlas.agrees().counts.read == 1
    assert atlas.shown() == 0
    expect(page.get_by_text("0 of 1 records shown · 1 rejected")).to_be_visible()
