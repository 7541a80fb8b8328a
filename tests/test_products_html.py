"""The one-file HTML, opened from disk with the network cut: it shows, counts, filters and opens like the page."""

from __future__ import annotations

import base64
import json
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from small_store import PLACES, ids, row, small_dataset

from dashboard.drawing import draw
from dashboard.marks import Mark
from dashboard.products.export import ordered, product_bytes
from dashboard.products.options import PageOptions
from dashboard.products.single_file import html_bytes
from dashboard.products.verify import read_recipe
from dashboard.symbols import SHAPE_ORDER
from dashboard.view import View
from dashboard.webmap.payload import KINDS
from geodata.dataset import Dataset
from geodata.density import density
from geodata.incident import EVENT_TYPES
from geodata.selection import Selection
from geodata.store import day_number

SOURCE = "https://one.example/a | grade=B2"
HOSTILE = "</script><script>document.title='taken'</script> {{ 7*7 }} <img src=x onerror=alert(1)>"


def some_records() -> Dataset:
    return small_dataset(
        [
            row("a1", sources=SOURCE, summary=HOSTILE),
            row("a2", sources=SOURCE, event_type="threat", day="2021-07-02"),
            row("b", sources=SOURCE, place="erbil", event_type="drone_attack", day="2021-08-20"),
            row("c", sources=SOURCE, place="anbar", day="2021-09"),
            row("d", sources=SOURCE, place="iraq", event_type="statement", day="2021-09-03"),
            row("e", sources=SOURCE, place="tanf", day=""),
            row("f", place="nowhere", sources=SOURCE),
        ],
        rejected=1,
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("html") / "map.html"
    choices = PageOptions(
        produced="2026-01-02", marking="TLP:GREEN", takeaway="It goes on.", overrides={"unplaced": "x", "rejected": "x"}
    )
    path.write_bytes(product_bytes(some_records(), View(), ".html", choices)[0])
    return path


@pytest.fixture
def opened(browser: Browser, written: Path) -> Iterator[tuple[Page, list[str]]]:
    # A context of its own: the shared one takes a file on disk for another host.
    context = browser.new_context(offline=True, locale="en-GB", timezone_id="Asia/Tokyo")
    asked: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.goto(written.as_uri())
    page.wait_for_selector("#map[data-texts=true][data-settled=true]")
    yield page, asked
    context.close()
    assert errors == []


def shows(page: Page, n: int) -> None:
    """Hold that the map comes to show so many records."""
    expect(page.locator("#map")).to_have_attribute("data-shown", str(n))


def test_the_file_has_a_policy_that_reaches_nowhere(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src" not in policy[1]
    assert HOSTILE not in text
    assert read_recipe(written).format == "html"
    assert not re.findall(r"<(?:script|link|img|iframe|object|embed)\b[^>]*\b(?:src|href|data)=", text)


class TestInTheBrowser:
    def test_it_shows_every_record_and_asks_for_nothing(self, opened: tuple[Page, list[str]]) -> None:
        page, asked = opened
        shows(page, 6)
        expect(page.locator("#counts")).to_have_text("6 of 8 records shown · 1 not placed · 1 rejected")
        expect(page.locator("#marking-top")).to_have_text("TLP:GREEN")
        expect(page.locator("#table tbody tr")).to_have_count(7)
        expect(page.locator("#table tbody tr").last).to_contain_text("(not placed)")
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert page.title().startswith("Iraq")

    def test_time_types_and_search_change_the_map_and_the_sums(self, opened: tuple[Page, list[str]]) -> None:
        page, _ = opened
        page.fill("#from", "2021-08-01")
        page.dispatch_event("#from", "change")
        shows(page, 3)
        expect(page.locator("#counts")).to_contain_text(
            "3 of 8 records shown · 1 no usable date · 3 outside the window · 1 rejected"
        )
        page.click("#whole")
        shows(page, 6)
        page.fill("#search", "ERBIL")
        shows(page, 1)
        page.fill("#search", "arbil")
        shows(page, 1)  # by another spelling of the place's name
        page.click("#clear")
        shows(page, 6)

    def test_play_moves_the_window(self, opened: tuple[Page, list[str]]) -> None:
        page, _ = opened
        before = page.inner_text("#window")
        page.click("#play")
        expect(page.locator("#window")).not_to_have_text(before)
        page.click("#play")
        expect(page.locator("#play")).to_have_text("Play")

    def test_filters_colours_and_density_work_by_hand(self, opened: tuple[Page, list[str]]) -> None:
        page, _ = opened
        page.locator("[data-filter=type] summary").click()
        choice = page.locator("[data-filter=type][data-counted] label", has_text="Drone attack")
        expect(choice.locator(".sa-n")).to_have_text("1")
        choice.locator("input").check()
        shows(page, 1)
        expect(page.locator("#asked")).to_have_text("Only: type Drone attack.")
        expect(page.locator("#counts")).to_contain_text("6 other types")
        page.keyboard.press("Escape")  # the open list lies over the button
        page.click("#clear")
        shows(page, 6)
        page.get_by_label("Colour by").select_option("claimed")
        expect(page.locator(".atlas-legend-head")).to_have_text("Colour: claimant")
        expect(page.locator("#caveat")).to_contain_text("a claim is not evidence")
        page.get_by_label("Density").check()
        expect(page.locator(".atlas-legend .atlas-note", has_text="Red squares")).to_be_visible()
        store = some_records().store
        answer = store.ask(Selection())
        cells = {(round(west, 1), round(south, 1)): n for west, south, _, _, n in density(store, answer.by_spot[:, 0])}
        drawn = page.evaluate("incidentAtlas.state.drawing.density")
        assert {(round(west, 1), round(south, 1)): round(n, 6) for west, south, _, _, n in drawn} == cells

    def test_a_record_opens_as_text(self, opened: tuple[Page, list[str]]) -> None:
        page, _ = opened
        page.locator("#table button", has_text="a1").click()
        drawer = page.locator(".atlas-drawer")
        expect(drawer).to_contain_text(HOSTILE)
        expect(drawer.locator("a[href='https://one.example/a']")).to_have_count(1)
        assert page.title() != "taken"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    draw_from = random.Random(7)
    kinds, actors, places = list(EVENT_TYPES), ["Ashab al-Kahf", "Houthis", "", "Unheard Of"], list(PLACES)
    return small_dataset(
        row(
            f"r{n}",
            day=draw_from.choice(["", "2021-06", f"2021-0{draw_from.randint(5, 9)}-{draw_from.randint(10, 28)}"]),
            place=draw_from.choice(places),
            event_type=draw_from.choice(kinds),
            claimed_by=draw_from.choice(actors),
            confidence=draw_from.choice(["", "low", "high"]),
            sources=SOURCE,
        )
        for n in range(250)
    )


@pytest.fixture(scope="module")
def page(browser: Browser, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path = tmp_path_factory.mktemp("html") / "map.html"
    choices = PageOptions(produced="2026-01-02", overrides={"unplaced": "x"})
    path.write_bytes(product_bytes(dataset, View(), ".html", choices)[0])
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("#map[data-texts=true][data-settled=true]")
    yield page
    context.close()


class TestAsOnTheScreen:
    """What the file draws with its own script is what the page draws, mark for mark and number for number."""

    @pytest.mark.parametrize(
        "query",
        [
            "", "from=2021-06-10&to=2021-08-01", "claimed=Houthis&colour=claimed", "precision=site&precision=town",
            "from=2021-07-01&to=2021-07-02&confidence=low&colour=precision", "governorate=IQ.baghdad&type=arrest",
            "q=erbil", "type=threat&type=capability&from=2021-05-20&to=2021-08-30", "claimed=-&country=IQ",
        ],
    )  # fmt: skip
    def test_a_question_has_the_same_marks_and_counts(self, page: Page, dataset: Dataset, query: str) -> None:
        view, problems = View.from_query(query)
        assert not problems
        drawn = page.evaluate(ASK, _question(view))
        answer = dataset.store.ask(view.selection, by=view.colour_by)
        drawing = draw(dataset.store, answer, view, zoom=page.evaluate("incidentAtlas.state.map.getZoom()"))
        assert drawn["shown"] == len(answer.rows)
        assert dict(drawn["hidden"]) == dict(answer.counts.hidden)
        assert dict(drawn["categories"]) == {c.label or "not recorded": c.count for c in drawing.categories if c.count}
        assert dict(drawn["precisions"]) == {p.value: p.count for p in drawing.precisions}
        assert sorted(map(_drawn, drawn["marks"])) == sorted(map(_look, drawing.marks))
        assert sorted(map(_drawn, drawn["margin"])) == sorted(map(_look, drawing.margin))
        assert sorted(drawn["marginNames"]) == sorted(mark.label for mark in drawing.margin)
        assert sorted(drawn["ids"]) == sorted(ids(dataset.store, answer.matching))


def _question(view: View) -> dict[str, Any]:
    window = view.selection.window
    return {
        "filters": {name: sorted(values) for name, values in view.selection.filters.items()},
        "window": [day_number(window.first), day_number(window.last)] if window else None,
        "search": view.selection.search,
        "colour": view.colour_by,
    }


def _look(mark: Mark) -> tuple[Any, ...]:
    """How a mark looks and what it stands for; the sign of an area may stand wherever it is clear of others."""
    signed = mark.drawn_as in ("area", "zone")
    where = () if signed else (round(mark.longitude, 3), round(mark.latitude, 3))
    shape = SHAPE_ORDER.index(mark.shape) if mark.shape else 0
    flags = sum((mark.possible, 2 * mark.low_confidence, 4 * mark.potential, 8 * mark.expired))
    parts = sorted(n for _, n in mark.parts)
    return (KINDS[mark.drawn_as], *where, shape, flags, round(mark.size_px, 1), len(mark.spots), mark.count, parts)


def _drawn(mark: list[Any]) -> tuple[Any, ...]:
    """The same of a mark as the file's script packs it for static/js/marks.js."""
    _, longitude, latitude, kind, _, shape, flags, _, size, places, count, *parts = mark
    where = () if kind in (KINDS["area"], KINDS["zone"]) else (round(longitude, 3), round(latitude, 3))
    return (kind, *where, shape, flags, round(size, 1), places, count, sorted(parts[1::2]))


#: Put a view's question to the file, draw, and give what it draws.
ASK = """view => {
  const { ask, state, lineOf } = incidentAtlas;
  const { data } = state;
  ask.change((question) => {
    question.filters.clear();
    for (const [name, values] of Object.entries(view.filters))
      question.filters.set(name, new Set(values.map((value) => data.dimension[name].codes.indexOf(value))));
    [question.first, question.last] = view.window || [data.first, data.last];
    question.words = incidentAtlas.fold(view.search).split(" ").filter(Boolean);
    question.colourBy = view.colour;
  });
  ask.now();
  const { drawing } = state;
  const counted = (entries, key) => entries.filter((entry) => entry.count).map((entry) => [entry[key], entry.count]);
  return {
    ...drawing,
    hidden: ask.hiddenCounts(),
    categories: counted(drawing.categories, "label"),
    precisions: counted(drawing.precisions, "code"),
    ids: ask.listed(0, Infinity).map((row) => lineOf(row).id),
  };
}"""


def test_a_file_without_room_for_texts_says_so_and_still_shows_every_record(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.products.single_file.MOST_BYTES", 0)
    path = tmp_path / "map.html"
    path.write_bytes(html_bytes(ordered(some_records(), View(), ".html", PageOptions(), strict=False)))
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("#map[data-texts=true][data-settled=true]")
    shows(page, 6)
    expect(page.locator("#carried")).to_contain_text("Every one of the 7 records is drawn, counted and filtered")
    page.locator("#table button", has_text="record 1").first.click()
    page.locator(".atlas-drawer", has_text="The text of this record is not in this file").wait_for()
    context.close()


def decoded(path: Path) -> str:
    """Everything a file carries, unpacked: what a curious reader could find in it."""
    text = path.read_text(encoding="utf-8")
    parts = re.findall(r'<script type="text/plain" id="(\w+)">(.*?)</script>', text, re.DOTALL)
    plain = [inflated(pack).decode() for name, packs in parts if name != "columns" for pack in packs.split()[:1]]
    texts = [inflated(pack).decode() for name, packs in parts if name == "texts" for pack in packs.split()]
    return "\n".join([text, *plain, *texts])


def inflated(pack: str) -> bytes:
    return zlib.decompress(base64.b64decode(pack), -15)


def test_a_public_file_holds_no_draft_no_note_no_contact_and_no_exact_place(tmp_path: Path) -> None:
    dataset = small_dataset(
        [
            row("open", status="released", notes="ask the liaison", sources=SOURCE, claimed_by="Houthis"),
            row("secret", status="draft", summary="a draft of ours", claimed_by="Nobody Yet", sources=SOURCE),
            row("seen", status="reviewed", summary="reviewed only", place="harir", sources=SOURCE),
        ]
    )
    found = {}
    for profile in ("internal", "public"):
        path = tmp_path / f"{profile}.html"
        choices = PageOptions(produced="2026-01-02", profile=profile, contact="desk@one.example")
        path.write_bytes(html_bytes(ordered(dataset, View(), ".html", choices, strict=False)))
        found[profile] = decoded(path)
    held = ("secret", "a draft of ours", "reviewed only", "Nobody Yet", "ask the liaison", "desk@one.example")
    assert [text for text in held if text not in found["internal"]] == []
    assert [text for text in held if text in found["public"]] == []
    head = json.loads(inflated(re.findall(r'id="data">([^<]*)<', (tmp_path / "public.html").read_text())[0]))
    places = {
        name: least for name, width, least, _ in head["columns"] if name in ("longitude", "latitude") and not width
    }
    assert places == {"longitude": 4435000, "latitude": 3335000}, "the middle of the square, in steps of 0.00001°"
