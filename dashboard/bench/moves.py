"""Actions of a reader, each measured from the release of the pointer to the painted change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from dashboard.bench.chromium import Painted, Tab
from geodata.errors import ServiceError

SLIDER: Final = "[data-testid=stSlider]"
#: Streamlit hides the real input in a dot of one pixel inside the handle.
HANDLE: Final = f"{SLIDER} div:has(> div > input[type=range])"

#: Where the right-hand end of the window is let go, as shares of the track: 60 to 90 % of the records stay.
STOPS: Final = (0.72, 0.88, 0.64, 0.81, 0.9, 0.68, 0.77, 0.6, 0.85, 0.74)


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of repeated moves in milliseconds."""

    times_ms: tuple[float, ...]
    missed: int

    @property
    def p50(self) -> float:
        """Median."""
        return float(np.percentile(self.times_ms, 50)) if self.times_ms else float("nan")

    @property
    def p95(self) -> float:
        """95th percentile."""
        return float(np.percentile(self.times_ms, 95)) if self.times_ms else float("nan")


def timing(painted: list[Painted | None]) -> Timing:
    """Sum up measured actions; those that painted nothing in time are counted as missed."""
    done = [one for one in painted if one is not None]
    return Timing(tuple(one.last for one in done), len(painted) - len(done))


def wait_for_map(tab: Tab, *, limit_s: float = 120) -> None:
    """Wait until our map has painted its drawing."""
    frame = tab.page.frame_locator("iframe[title*=st_folium]")
    frame.locator(".leaflet-container[data-ready=true]").wait_for(timeout=limit_s * 1_000)


def wait_for_page(tab: Tab, *, limit_s: float = 120) -> None:
    """Wait until the map is painted and all that stands around it has come: the table comes last, with its scripts."""
    wait_for_map(tab, limit_s=limit_s)
    for part in (SLIDER, ".st-key-filter_governorate", ".st-key-table canvas"):
        tab.page.locator(part).first.wait_for(timeout=limit_s * 1_000)
    tab.page.wait_for_load_state("networkidle")


def slide(tab: Tab, share: float) -> None:
    """Drag the right-hand end of the time slider to a share of its track, and let go."""
    handle = tab.page.locator(HANDLE).last
    box, track = handle.bounding_box(), tab.page.locator(f"{SLIDER} [role=group]").first.bounding_box()
    if box is None or track is None:
        msg = "The time slider is not on the page."
        raise ServiceError(msg)
    mouse, y = tab.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, y)
    mouse.down()
    mouse.move(track["x"] + track["width"] * share, y, steps=3)
    mouse.up()


def slider_moves(tabs: dict[str, Tab], n: int) -> dict[str, Timing]:
    """Move the sliders of several pages in turn, so that all meet the same state of the machine."""
    found: dict[str, list[Painted | None]] = {name: [] for name in tabs}
    for move in range(n + 2):
        for name, tab in tabs.items():
            tab.page.bring_to_front()
            share = STOPS[move % len(STOPS)]
            painted = tab.measure(lambda tab=tab, share=share: slide(tab, share))  # type: ignore[misc]
            if move >= 2:  # the first moves fill caches
                found[name].append(painted)
    return {name: timing(times) for name, times in found.items()}
