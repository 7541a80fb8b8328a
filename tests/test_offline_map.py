"""An ordinary folium map in a real browser: drawn, from our own server only, nothing executed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from conftest import OpenPage, Server, Start, Traffic
from playwright.sync_api import FrameLocator, Page, expect

PLAIN_MAP = Path(__file__).parent / "plain_map"


@pytest.fixture(scope="module")
def plain_map(start_server: Start, tmp_path_factory: pytest.TempPathFactory) -> Server:
    # In an empty folder: the options must be right without the checkout's .streamlit/config.toml.
    empty = tmp_path_factory.mktemp("elsewhere")
    return start_server([sys.executable, str(PLAIN_MAP / "serve.py"), "{port}"], cwd=empty)


def unfold_the_tree(ground: FrameLocator) -> None:
    # By force: the button gives way to the tree as soon as the pointer arrives, which looks like a missed target.
    ground.locator(".leaflet-control-layers-toggle").hover(force=True)


def test_the_map_and_its_controls_are_drawn_without_another_host(
    plain_map: Server, page: Page, traffic: Traffic
) -> None:
    page.goto(plain_map.url)
    ground = page.frame_locator("iframe[title='streamlit_folium.st_folium']")
    expect(ground.locator(".leaflet-container")).to_be_visible()
    expect(ground.locator(".leaflet-control-layers-toggle")).to_be_visible()
    expect(ground.locator(".leaflet-control-scale-line").first).to_be_visible()
    unfold_the_tree(ground)
    expect(ground.get_by_text("Pins")).to_be_visible()

    icon = re.compile(r"/assets/vendor/fullscreen/icon-fullscreen\.svg\"\)$")
    expect(ground.locator(".fullscreen-icon")).to_have_css("background-image", icon)
    pin = ground.locator("img.leaflet-marker-icon").first
    expect(pin).to_have_js_property("naturalWidth", 25)  # Leaflet's own picture of a pin was loaded

    ground.locator(".leaflet-container").hover(position={"x": 300, "y": 200})
    expect(ground.locator(".leaflet-control-mouseposition")).to_have_text(re.compile(r"\d+\.\d+ : \d+\.\d+"))

    pin.hover()
    expect(ground.locator(".leaflet-tooltip")).to_have_text("{{ 'exec' ~ 'uted' }}")
    pin.click()
    expect(ground.locator(".leaflet-popup-content")).to_have_text("Baghdad")
    assert any("/assets/vendor/leaflet/leaflet.js" in url for url in traffic.requests)
    assert traffic.foreign == []


def test_the_layer_tree_switches_a_layer(plain_map: Server, page: Page) -> None:
    page.goto(plain_map.url)
    ground = page.frame_locator("iframe[title='streamlit_folium.st_folium']")
    pins = ground.locator(".leaflet-marker-pane > *")
    expect(pins).to_have_count(2)
    unfold_the_tree(ground)
    ground.locator(".leaflet-control-layers-selector").first.uncheck()
    expect(pins).to_have_count(0)


def test_the_map_fills_the_screen(plain_map: Server, page: Page) -> None:
    page.goto(plain_map.url)
    ground = page.frame_locator("iframe[title='streamlit_folium.st_folium']")
    ground.locator(".fullscreen-icon").click()
    expect(ground.locator(".fullscreen-icon.leaflet-fullscreen-on")).to_be_visible()


def test_arabic_letters_come_from_our_own_font(plain_map: Server, page: Page, traffic: Traffic) -> None:
    page.goto(plain_map.url)
    expect(page.get_by_role("heading", name="بغداد")).to_be_visible()
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert any("NotoSansArabic-Bold.ttf" in url for url in traffic.requests)


@pytest.mark.parametrize(("scheme", "background"), [("light", "rgb(251, 250, 247)"), ("dark", "rgb(29, 32, 35)")])
def test_the_page_follows_the_readers_light_or_dark(
    plain_map: Server, open_page: OpenPage, scheme: str, background: str
) -> None:
    page = open_page(color_scheme=scheme)
    page.goto(plain_map.url)
    expect(page.locator(".stApp")).to_have_css("background-color", background)
