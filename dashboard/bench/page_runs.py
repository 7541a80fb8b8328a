"""Measure our own page beyond the slider: filters, the map's own moves, play, memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboard.bench.chromium import Painted, Tab, open_tab
from dashboard.bench.moves import STOPS, slide, timing, wait_for_map, wait_for_page
from dashboard.bench.servers import Server
from geodata.selection import DIMENSIONS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame

#: Streamlit marks a widget with its key; ours are named after the dimension they filter.
WIDGET: Final = ".st-key-filter_{name}"
MAP: Final = "window.incidentAtlas.state.map"


def filter_times(tab: Tab, *, clicks: int) -> dict[str, float]:
    """Measure each filter widget in sight: choosing an option and dropping it again; medians in milliseconds."""
    from playwright.sync_api import Error

    found: dict[str, float] = {}
    for dimension in DIMENSIONS:
        widget = tab.page.locator(WIDGET.format(name=dimension.name)).first
        if not widget.count():
            continue
        choose = _click_pill if widget.locator("button").count() > 1 else _choose_from_list
        painted: list[Painted | None] = []
        for turn in range(clicks):
            try:
                painted += choose(tab, dimension.name, turn)
            except Error:  # the widget did not answer in time
                painted.append(None)
                tab.page.keyboard.press("Escape")
        found[dimension.name] = timing(painted).p50
    return found


def _click_pill(tab: Tab, name: str, turn: int) -> list[Painted | None]:
    pills = tab.page.locator(WIDGET.format(name=name)).locator("button")
    pill = pills.nth(turn % pills.count())
    pill.scroll_into_view_if_needed()
    return [tab.measure(lambda: pill.click(timeout=5_000), limit_ms=5_000) for _ in ("choose", "drop")]


def _choose_from_list(tab: Tab, name: str, turn: int) -> list[Painted | None]:
    field = tab.page.locator(WIDGET.format(name=name)).locator("input").first
    field.scroll_into_view_if_needed()
    field.click(timeout=5_000)
    option = tab.page.locator("[role=option]").nth(turn)
    option.wait_for(timeout=5_000)
    chosen = tab.measure(lambda: option.click(timeout=5_000), limit_ms=5_000)
    tab.page.keyboard.press("Escape")
    field.focus()
    tab.page.keyboard.press("Backspace")  # drops the last choice
    tab.page.wait_for_timeout(600)
    return [chosen]


def map_frame(tab: Tab) -> Frame:
    """Give the frame in which our map lives."""
    for frame in tab.page.frames:
        if "st_folium" in frame.url:
            return frame
    return tab.page.main_frame


def _map_centre(tab: Tab) -> tuple[float, float]:
    box = tab.page.locator("iframe[title*=st_folium]").first.bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
    return box["x"] + box["width"] * 0.4, box["y"] + min(box["height"], 500) * 0.5


def pan_and_zoom(tab: Tab, *, times: int) -> dict[str, float]:
    """Measure what follows the end of a pan or zoom until the map is complete; the zoom's animation is not counted.

    Also the frame rate while dragging: 95 of 100 frames are at least that fast.
    """
    tab.page.evaluate("() => window.scrollTo(0, 0)")
    frame = map_frame(tab)
    frame.evaluate(
        f"() => {{ {MAP}.on('moveend zoomend', () => {{"
        " window.top.__bench.released = performance.timeOrigin + performance.now(); }); }"
    )
    pans, zooms = [], []
    for turn in range(times):
        pans.append(tab.measure(lambda turn=turn: _drag(tab, 160 if turn % 2 else -160), limit_ms=4_000))  # type: ignore[misc]
        key = "+" if turn % 2 == 0 else "-"
        zooms.append(tab.measure(lambda key=key: _press_zoom(tab, key), quiet_ms=700, limit_ms=6_000))  # type: ignore[misc]
    return {"pan_ms": timing(pans).p50, "zoom_ms": timing(zooms).p50, "drag_fps_p95": _drag_fps(tab)}


def _drag(tab: Tab, by_px: int) -> None:
    x, y = _map_centre(tab)
    mouse = tab.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + by_px, y + by_px / 3, steps=8)
    tab.page.wait_for_timeout(150)  # a rest before letting go: no coasting
    mouse.up()


def _press_zoom(tab: Tab, key: str) -> None:
    frame = map_frame(tab)
    frame.locator(f".leaflet-control-zoom-{'in' if key == '+' else 'out'}").click(timeout=5_000)
    tab.page.wait_for_timeout(300)  # Leaflet's animation takes 250 ms


def _drag_fps(tab: Tab) -> float:
    frame = map_frame(tab)
    frame.evaluate(
        "() => { window.__frames = []; const note = (at) => { window.__frames.push(at); requestAnimationFrame(note); };"
        " requestAnimationFrame(note); }"
    )
    x, y = _map_centre(tab)
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    frame.evaluate("() => { window.__frames.length = 0; }")
    for step in range(60):
        tab.page.mouse.move(x + 100 * np.sin(step / 6), y + 60 * np.cos(step / 6))
    at = np.array(frame.evaluate("() => window.__frames"))
    tab.page.mouse.up()
    return float(1_000 / np.percentile(np.diff(at), 95)) if len(at) > 2 else float("nan")


def play(tab: Tab, *, seconds: float) -> dict[str, float]:
    """Play ten steps a second: share of steps dropped, and how long painting goes on after stop was pressed."""
    page = tab.page
    page.locator("select.pace").select_option("100")
    page.locator("select.unit").select_option("day")
    page.locator("[data-days='30']").click()
    page.wait_for_timeout(800)
    page.locator("button.play").click()
    page.wait_for_timeout(1_500)  # back to the first day
    page.evaluate("() => window.__bench.arm()")
    page.wait_for_timeout(seconds * 1_000)
    painted = int(tab.number("window.__bench.paints.length"))
    page.evaluate("() => window.__bench.arm()")
    page.locator("button.play").click()
    after = page.evaluate("() => window.__bench.settle(400, 3000)")
    return {
        "play_dropped_share": max(0.0, 1 - painted / (seconds * 10)),
        "play_stop_ms": float(after["last"]) if after else 0.0,
    }


def endurance(tab: Tab, server: Server, *, changes: int) -> dict[str, float]:
    """Change the window and a filter many times: growth of the browser's heap and the server's memory, remounts."""
    session = tab.context.new_cdp_session(tab.page)

    def heap() -> float:
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"])

    place = f"() => {{ const m = {MAP}; return [m.getCenter().lat, m.getCenter().lng, m.getZoom()]; }}"
    _change(tab, 0, 10)
    before, memory, frames = heap(), server.rss_mb(), tab.number("window.__bench.frames")
    stood = map_frame(tab).evaluate(place)
    _change(tab, 10, changes)
    return {
        "heap_growth": heap() / before - 1,
        "server_growth_mb": server.rss_mb() - memory,
        "remounts": tab.number("window.__bench.frames") - frames,
        "map_moved": float(map_frame(tab).evaluate(place) != stood),
    }


def _change(tab: Tab, start: int, count: int) -> None:
    pills = tab.page.locator(WIDGET.format(name="type")).locator("button")
    for turn in range(start, start + count):
        if turn % 5 == 4:
            tab.measure(lambda turn=turn: pills.nth(turn % 3).click(), quiet_ms=60)  # type: ignore[misc]
        else:
            tab.measure(lambda turn=turn: slide(tab, STOPS[turn % len(STOPS)]), quiet_ms=60)  # type: ignore[misc]


def memory(browser: Browser, server: Server, empty: Server, *, sessions: int = 4) -> dict[str, float]:
    """Server memory above an empty page's server, and what each further session adds."""
    before = server.rss_mb()
    with ExitStack() as stack:
        for _ in range(sessions):
            tab = stack.enter_context(open_tab(browser, server.url))
            wait_for_page(tab)
        added = server.rss_mb() - before
    return {"server_rss_over_empty_mb": before - empty.rss_mb(), "second_session_mb": added / sessions}


def first_paint_s(browser: Browser, start: Callable[[], Server]) -> tuple[float, Server]:
    """Start the server and open the page in a browser that is there: seconds from the command to the painted map."""
    with open_tab(browser, "about:blank") as tab:
        server = start()
        tab.page.goto(server.url, wait_until="commit")
        wait_for_map(tab)
        painted_ago_s = time.time() - tab.number("window.__bench.ready") / 1_000
        return time.monotonic() - painted_ago_s - server.started, server
