"""The tab "Data quality": how well the records shown are known; each bar sets or clears its filter."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.session import FILTER_KEYS, PAGE_KEY
from geodata.quality import MEASURED, Quality, quality
from geodata.selection import Selection
from geodata.store import Store

STATIC = Path(__file__).parent / "static"
TAB = "Data quality"
KEY = "quality"


@cache
def _component() -> Callable[..., Any]:
    component: Callable[..., Any] = st.components.v2.component(
        "atlas_quality",
        html=(STATIC / "quality.html").read_text(encoding="utf-8"),
        css=(STATIC / "css" / "quality.css").read_text(encoding="utf-8"),
        js=(STATIC / "js" / "quality.js").read_text(encoding="utf-8"),
    )
    return component


def show(store: Store, selection: Selection) -> None:
    """Draw the panel of what a selection shows."""

    def take() -> None:
        toggle(st.session_state, store, getattr(st.session_state[KEY], "bar", None))

    found = quality(store, selection)
    st.caption(
        "Shares of the records shown, each group as if its own filter were off; the columns are "
        f"{'years' if found.periods and len(found.periods[0]) == 4 else 'months'}. A click on a bar sets its filter, "
        "another clears it. Records with several missing fields count under each."
    )
    _component()(key=KEY, data=panel_data(found), on_bar_change=take, height="content")


def panel_data(found: Quality) -> dict[str, Any]:
    """Write the measures as the browser takes them: labels, counts and columns, no text of a record."""
    return {
        "periods": list(found.periods),
        "measures": [
            {
                "name": measure.name,
                "label": measure.label,
                "total": measure.total,
                "bars": [
                    {
                        "value": share.value,
                        "label": share.label,
                        "count": share.count,
                        "columns": list(share.per_period),
                        "chosen": share.value in measure.chosen,
                    }
                    for share in measure.shares
                ],
            }
            for measure in found.measures
        ],
    }


def toggle(state: MutableMapping[Any, Any], store: Store, asked: object) -> None:
    """Set or clear the filter of a bar; what no bar stands for is left alone."""
    if not (isinstance(asked, (list, tuple)) and len(asked) == 2 and all(isinstance(part, str) for part in asked)):
        return
    name, value = asked
    if name not in MEASURED or value not in store.coded[name].values:
        return
    key = FILTER_KEYS[name]
    chosen = list(state.get(key) or ())
    state[key] = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
    state[PAGE_KEY] = 1
