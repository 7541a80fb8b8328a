"""Filters with live counts: one component for all of them, whose options are sent once and afterwards named.

Streamlit's pills and lists are rebuilt option by option with every count that changes, and what is chosen in them
cannot be told to the map ahead of the page (docs/design.md, "The short way to the map" and "Ahead of the page").
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import streamlit as st

from dashboard.component_files import component_version, loader
from geodata.plain_text import without_turns
from geodata.selection import DIMENSION, NOT_RECORDED
from geodata.store import Store

Chosen = Callable[[str, list[str]], None]
Options = dict[str, list[str]]

#: Filters with many options, which are found by typing; the options of all others are in sight.
LISTS = frozenset({"dataset", "claimed", "assessed", "parent", "denied", "country", "governorate"})


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
    """Draw filters with their options; what a reader chooses is handed to `on_choice` before the next run.

    Parameters
    ----------
    counts
        Dimension -> value -> records that choosing it would show; the dimensions are drawn in this order.
    chosen
        Dimension -> values that are on.
    on_choice
        Called with a dimension and the values that are to be on.
    """
    held_key = f"{key}_form"

    def take() -> None:
        asked = getattr(st.session_state[key], "choice", None)
        read = _read_choice(asked, counts)
        if read:
            on_choice(*read)

    def send_again() -> None:
        st.session_state.pop(held_key, None)

    options = {name: _options(store, name, chosen[name]) for name in counts}
    form = _form(store, options)
    name_of_form = f"{zlib.crc32(json.dumps(form).encode()):08x}"
    held = st.session_state.get(held_key) == name_of_form
    st.session_state[held_key] = name_of_form
    _component()(
        key=key,
        data={
            "version": component_version("facets"),
            "form": name_of_form,
            "formed": None if held else form,
            "counts": [_written(of_name.get(value, 0) for value in options[name]) for name, of_name in counts.items()],
            "chosen": [list(chosen[name]) for name in counts],
        },
        on_choice_change=take,
        on_missed_change=send_again,
        height="content",
    )


def _form(store: Store, options: Options) -> list[dict[str, Any]]:
    """Write what stays the same while only counts change: each filter with its options and their labels."""
    return [
        {
            "name": name,
            "label": DIMENSION[name].label,
            "list": name in LISTS,
            "options": [[value, without_turns(DIMENSION[name].label_of(value, store.names))] for value in values],
        }
        for name, values in options.items()
    ]


def _options(store: Store, name: str, chosen: Iterable[str]) -> list[str]:
    """List a dimension's values: a list the most frequent first, the others as their vocabulary lists them.

    What is chosen stays in sight even where no record has it. A place that is not known is not on the map.
    """
    if name in LISTS:
        totals = store.totals[name]
        return sorted(
            {*store.coded[name].values, *chosen},
            key=lambda value: (value == NOT_RECORDED, -totals.get(value, 0), value),
        )
    labels = DIMENSION[name].labels
    known = {*store.coded[name].values, *chosen} - {"unknown"}
    return [value for value in labels if value in known] + sorted(known - set(labels))


def _written(counts: Iterable[int]) -> str:
    """Write counts to the base of 36: they are most of what a move sends here, some 250 of them."""
    return " ".join(np.base_repr(n, 36) for n in counts)


def _read_choice(asked: object, counts: Mapping[str, object]) -> tuple[str, list[str]] | None:
    """Check what the browser sent: a dimension that is drawn, and a list of values."""
    if not (isinstance(asked, (list, tuple)) and len(asked) == 2 and asked[0] in counts and isinstance(asked[1], list)):
        return None
    return asked[0], [str(value) for value in asked[1]]
