"""The tempo chart above the time slider: a histogram with key dates, typed dates, presets, steps and play."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.component_files import component_version, loader
from dashboard.session import read_window
from dashboard.symbols import tempo_series
from geodata.answer import Tempo
from geodata.selection import Window
from geodata.store import Store, day_number

STATIC = Path(__file__).parent / "static"
KEY = "timeline"

#: Where the session keeps the name of the chart that its browser holds.
HELD_KEY = "timeline_chart"


@cache
def _component() -> Callable[..., Any]:
    """Register the component; its script, page and style are fetched once by address, not sent with every run."""
    component: Callable[..., Any] = st.components.v2.component(
        "atlas_timeline",
        html=(STATIC / "timeline_root.html").read_text(encoding="utf-8"),
        js=loader("timeline"),
    )
    return component


def timeline(
    store: Store, tempo: Tempo, window: tuple[date, date], extent: Window, *, on_window: Callable[[date, date], None]
) -> None:
    """Draw the timeline; a new window, from whichever of its controls, is handed to `on_window` before the next run."""

    def take() -> None:
        asked = getattr(st.session_state[KEY], "window", None)
        read = read_window(asked, extent)
        if read:
            on_window(*read)

    def send_again() -> None:
        st.session_state.pop(HELD_KEY, None)

    chart = _chart(store, tempo, extent)
    name = f"{zlib.crc32(json.dumps(chart).encode()):08x}"
    held = st.session_state.get(HELD_KEY) == name
    st.session_state[HELD_KEY] = name
    _component()(
        key=KEY,
        data={
            "version": component_version("timeline"),
            "chart": name,
            "charted": None if held else chart,
            "window": [day_number(window[0]), day_number(window[1])],
        },
        on_window_change=take,
        on_missed_change=send_again,
        height="content",
    )


def _chart(store: Store, tempo: Tempo, extent: Window) -> dict[str, Any]:
    """Write the histogram; it stays the same while only the window moves, and is then not sent again."""
    return {
        "unit": tempo.unit,
        "starts": tempo.starts.tolist(),
        "series": [
            {"label": one.label, "colour": one.colour, "counts": one.counts.tolist()}
            for one in tempo_series(store, tempo)
        ],
        "possible": tempo.possible.tolist(),
        "first": day_number(extent.first),
        "last": day_number(extent.last),
    }
