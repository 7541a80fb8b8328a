"""Filters with few options, all in sight with their counts: one component for all of them.

Streamlit's pills are rebuilt option by option with every count that changes: 45 of them kept the browser busy for
longer than the map (docs/design.md, "The short way to the map").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import streamlit as st

from dashboard.component_files import component_version, loader
from geodata.selection import DIMENSION
from geodata.store import Store

Chosen = Callable[[str, list[str]], None]


@cache
def _component() -> Callable[..., Any]:
    component: Callable[..., Any] = st.components.v2.component(
        "atlas_facets", html='<div class="facets" aria-busy="true"></div>', js=loader("facets")
    )
    return component


def facets(
    store: Store,
    counts: Mapping[str, Mapping[str, int]],
    chosen: Mapping[str, Sequence[str]],
    *,
    key: str,
    on_choice: Chosen,
) -> None:
    """Draw filters with all their options; what a reader chooses is handed to `on_choice` before the next run.

    Parameters
    ----------
    counts
        Dimension -> value -> records that choosing it would show; the dimensions are drawn in this order.
    chosen
        Dimension -> values that are on.
    on_choice
        Called with a dimension and the values that are to be on.
    """

    def take() -> None:
        asked = getattr(st.session_state[key], "choice", None)
        read = _read_choice(asked, counts)
        if read:
            on_choice(*read)

    _component()(
        key=key,
        data={
            "version": component_version("facets"),
            "groups": [
                {
                    "name": name,
                    "label": DIMENSION[name].label,
                    "options": [
                        [value, DIMENSION[name].label_of(value, store.names), of_name.get(value, 0)]
                        for value in _options(store, name, chosen[name])
                    ],
                    "chosen": list(chosen[name]),
                }
                for name, of_name in counts.items()
            ],
        },
        on_choice_change=take,
        height="content",
    )


def _options(store: Store, name: str, chosen: Sequence[str]) -> list[str]:
    """List a dimension's values; what is chosen stays in sight even where no record has it.

    A place that is not known is not on the map.
    """
    labels = DIMENSION[name].labels
    known = {*store.coded[name].values, *chosen} - {"unknown"}
    return [value for value in labels if value in known] + sorted(known - set(labels))


def _read_choice(asked: object, counts: Mapping[str, object]) -> tuple[str, list[str]] | None:
    """Check what the browser sent: a dimension that is drawn, and a list of values."""
    if not (isinstance(asked, (list, tuple)) and len(asked) == 2 and asked[0] in counts and isinstance(asked[1], list)):
        return None
    return asked[0], [str(value) for value in asked[1]]
