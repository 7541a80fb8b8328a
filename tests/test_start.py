"""The program as a user starts it: how soon the page is there."""

from __future__ import annotations

import time

import pytest
from conftest import Start
from playwright.sync_api import Page, expect

FIRST_PAGE_SECONDS = 5.0


@pytest.mark.bench
def test_the_page_is_shown_soon_after_the_start(serve: Start, page: Page) -> None:
    started = time.monotonic()
    server = serve()
    answered = time.monotonic() - started
    page.goto(server.url)
    expect(page.get_by_text("Incident Atlas").first).to_be_visible(timeout=20_000)
    shown = time.monotonic() - started
    ground = page.frame_locator("iframe[title$='.st_folium']")
    ground.locator("[data-ready]").first.wait_for(state="attached")
    painted = time.monotonic() - started
    print(f"\nserver answers after {answered:.1f} s, page shown after {shown:.1f} s, map painted after {painted:.1f} s")
    assert shown < FIRST_PAGE_SECONDS
