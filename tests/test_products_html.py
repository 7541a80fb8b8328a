"""The one-file HTML, opened from disk with the network cut: it shows, counts, filters and opens like the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from small_store import row, small_dataset

from dashboard.products.export import product_bytes
from dashboard.products.options import PageOptions
from dashboard.products.verify import read_recipe
from dashboard.view import View
from geodata.dataset import Dataset

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
    page.wait_for_selector("#map[data-ready=true]")
    yield page, asked
    context.close()
    assert errors == []


def shown(page: Page) -> int:
    return int(page.get_attribute("#map", "data-shown") or -1)


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
        assert shown(page) == 6
        assert page.inner_text("#counts") == "6 of 8 records shown · 1 not placed · 1 rejected"
        assert page.inner_text("#marking-top") == "TLP:GREEN"
        assert page.locator("#table tbody tr").count() == 6
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert page.title().startswith("Iraq")

    def test_time_types_and_search_change_the_map_and_the_sums(self, opened: tuple[Page, list[str]]) -> None:
        page, _ = opened
        page.fill("#from", "2021-08-01")
        page.dispatch_event("#from", "change")
        assert shown_soon(page, 3)
        assert page.inner_text("#counts").startswith(
            "3 of 8 records shown · 1 no usable date · 2 outside the window · 1 not placed"
        )
        page.click("#whole")
        assert shown_soon(page, 6)
        page.get_by_label("Threat").uncheck()
        assert shown_soon(page, 5)
        page.fill("#search", "ERBIL")
        assert shown_soon(page, 1)

    def test_play_moves_the_window(self, opened: tuple[Page, list[str]]) -> None:
        page, _ = opened
        before = page.inner_text("#window")
        page.click("#play")
        page.wait_for_function("before => document.getElementById('window').textContent !== before", arg=before)
        page.click("#play")
        assert page.inner_text("#play") == "Play"

    def test_a_record_opens_as_text(self, opened: tuple[Page, list[str]]) -> None:
        page, _ = opened
        page.locator("#table button", has_text="a1").click()
        drawer = page.locator(".atlas-drawer")
        drawer.wait_for()
        assert HOSTILE in drawer.inner_text()
        assert page.title() != "taken"
        assert drawer.locator("a[href='https://one.example/a']").count() == 1


def shown_soon(page: Page, n: int) -> bool:
    page.wait_for_function("n => document.getElementById('map').dataset.shown === String(n)", arg=n)
    return shown(page) == n
