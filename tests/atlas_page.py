"""The page as a reader drives it: acts, then waits for the map's own signal, never for the clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from dashboard.drawing import draw
from dashboard.session import slider_range
from dashboard.view import View
from dashboard.words import counts_sentence
from geodata.answer import Answer
from geodata.store import Store

MAP_FRAME = "iframe[title$='.st_folium']"

# The page's own mark of a run is no sign of rest: it still says that nothing runs when the map has been painted. What
# each run tells the map is the drawing that goes with its panels, and it does so after headline, filters and timeline.
MARK_FOLLOWED = """(map) => {
    if (map.dataset.followed) return;
    const { line, state, onDrawing } = incidentAtlas;
    const heard = line.expect;
    let expected = state.drawing.key;
    const mark = () => (map.dataset.followed = String(state.drawing.key === expected));
    line.expect = (key) => { expected = key; mark(); heard(key); };
    onDrawing(mark);
}"""


# A list closes when the page scrolls, and the page hears of a scroll with the next frame only.
SCROLL_TO = """(box) => {
    box.scrollIntoView({ block: 'center' });
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@dataclass
class Atlas:
    """One open page and the records it should show."""

    page: Page
    store: Store

    @classmethod
    def open(cls, page: Page, url: str, store: Store, query: str = "") -> Atlas:
        """Open an address and wait until the map has been painted on its ground, with its legend."""
        page.goto(f"{url}/?{query}" if query else url)
        atlas = cls(page, store)
        expect(atlas.frame.locator(".atlas-legend-head")).to_be_visible()  # comes with the first marks
        expect(atlas.map).to_have_attribute("data-ready", "true")
        expect(atlas.map).to_have_attribute("data-basemap", "true")
        atlas.rest()
        return atlas

    @property
    def frame(self) -> FrameLocator:
        """The map's frame."""
        return self.page.frame_locator(MAP_FRAME)

    @property
    def map(self) -> Locator:
        """The map's container, which carries the readiness signals."""
        return self.frame.locator(".leaflet-container")

    @property
    def drawer(self) -> Locator:
        """The drawer that shows lists and records."""
        return self.frame.locator(".atlas-drawer")

    def widget(self, key: str) -> Locator:
        """A control of the page by the key it has in the code."""
        return self.page.locator(f".st-key-{key}")

    def view_text(self) -> str:
        """The view that is painted, as its address says it."""
        return self.map.get_attribute("data-view") or ""

    def shown(self) -> int:
        """How many records the map says it shows."""
        return int(self.map.get_attribute("data-shown") or -1)

    def window(self) -> tuple[str, str]:
        """First and last day as typed in the timeline."""
        timeline = self.widget("timeline")
        return timeline.locator(".from").input_value(), timeline.locator(".to").input_value()

    def answer(self) -> Answer:
        """What the records say to the view that is painted."""
        view, problems = View.from_query(self.view_text())
        assert problems == ()
        return self.store.ask(view.selection)

    def change(self, act: Callable[[], Any], *, to: str = "") -> Answer:
        """Do something that changes the view; wait until the new one is painted; hold that everything agrees.

        Give in `to` what the new view must hold when the way there has several steps.
        """
        if to:
            self.rest()
            act()
            expect(self.map).to_have_attribute("data-view", re.compile(re.escape(to)))
            self.rest()
        else:
            self.move_on(act)
        return self.agrees()

    def move_on(self, act: Callable[[], Any]) -> None:
        """Do something that changes the view and wait until another is painted and the panels have followed."""
        self.rest()  # so that marks are in place before anything changes
        before = self.view_text()
        act()
        expect(self.map).not_to_have_attribute("data-view", before)
        self.rest()

    def rest(self) -> None:
        """Wait until the panels have followed the map, which is painted first."""
        self.map.evaluate(MARK_FOLLOWED)
        expect(self.map).to_have_attribute("data-followed", "true")
        expect(self.page.locator("body")).not_to_have_attribute("data-behind", "true")
        expect(self.page.locator(".stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def agrees(self) -> Answer:
        """Hold that counts, map, headline, timeline and address say the same as the records do."""
        self.rest()
        view, _ = View.from_query(self.view_text())
        answer = self.store.ask(view.selection)
        drawing = draw(self.store, answer, view, zoom=round(self.place()[2], 2))
        expect(self.page.get_by_text(counts_sentence(answer.counts), exact=True)).to_be_visible()
        window = view.selection.window or slider_range(self.store)
        expect(self.widget("timeline").locator(".from")).to_have_value(window.first.isoformat())
        expect(self.widget("timeline").locator(".to")).to_have_value(window.last.isoformat())
        expect(self.map).to_have_attribute("data-shown", str(answer.counts.shown))
        expect(self.map).to_have_attribute("data-marks", str(len(drawing.marks) + len(drawing.margin)))
        address, _ = View.from_query(self.page.evaluate("() => location.search"))
        assert replace(address, place=None, record="") == replace(view, place=None, record="")
        return answer

    def place(self) -> tuple[float, float, float]:
        """Longitude, latitude and zoom of the map."""
        found = self.map.evaluate(
            "() => { const map = incidentAtlas.state.map, c = map.getCenter(); return [c.lng, c.lat, map.getZoom()]; }"
        )
        return tuple(found)

    def click_mark(self, spot: int) -> None:
        """Click the symbol that stands for one place alone, where it is painted."""
        x, y = self.map.evaluate(
            """(map, spot) => {
                const alone = ({ mark }) => mark[0] === spot && mark[9] === 1;
                const drawn = incidentAtlas.markLayer.drawn.find(alone);
                const at = incidentAtlas.state.map.layerPointToContainerPoint([drawn.x, drawn.y]);
                return [at.x, at.y];
            }""",
            spot,
        )
        self.map.click(position={"x": x, "y": y})

    def choose(self, key: str, text: str) -> None:
        """Pick an option of a filter with many options, by typing."""
        self.rest()  # options carry live counts: those of the last answer must be there before one is chosen
        expect(self.page.locator(".facets[aria-busy]")).to_have_count(0)  # filters above that grow move the list away
        box = self.widget(key).get_by_role("combobox")
        box.evaluate(SCROLL_TO)
        box.fill(text)
        self.page.get_by_role("listbox").get_by_role("option").first.click()
        self.page.keyboard.press("Escape")  # the box may be drawn anew by the answer that has just come

    def set_window(self, first: str, last: str) -> Answer:
        """Type both ends of the window as whole days."""
        return self.change(lambda: self.type_days(first, last), to=f"from={first}&to={last}")

    def type_days(self, first: str, last: str) -> None:
        """Type both ends of the window as a reader would, the second right after the first."""
        timeline = self.widget("timeline")
        timeline.locator(".from").fill(first)
        timeline.locator(".to").fill(last)
        timeline.locator(".to").press("Enter")

    def pick_colour(self, label: str) -> None:
        """Choose what the colours stand for."""
        self.widget("colour").get_by_role("combobox").click()
        self.page.get_by_role("listbox").get_by_role("option", name=label, exact=True).click()

    def open_tree(self) -> None:
        """Unfold the layer tree."""
        # By force: the button gives way to the tree as soon as the pointer arrives.
        self.frame.locator(".leaflet-control-layers-toggle").hover(force=True)

    def layer(self, name: str) -> Locator:
        """A switch of the layer tree."""
        return self.frame.locator(".leaflet-layerstree-header-label", has_text=name).locator("input").first
