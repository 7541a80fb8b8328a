"""One reader's choices, between the widgets' state and a `View`."""

from __future__ import annotations

import math
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dashboard.view import CONTEXT_LAYERS, View, hidden_types
from dashboard.webmap import layers_on
from geodata.selection import DIMENSION, DIMENSIONS, Selection, Window
from geodata.store import Store, day_number, day_of

State = MutableMapping[str | int, Any]  # what Streamlit keys its session state by

#: Key under which each filter's widget keeps its values.
FILTER_KEYS = {dimension.name: f"filter_{dimension.name}" for dimension in DIMENSIONS}
LAYERS_KEY, WINDOW_KEY, SEARCH_KEY, COLOUR_KEY = "layers_on", "window", "search", "colour"
RECORD_KEY, GOTO_KEY, PAGE_KEY = "record", "goto", "table_page"
PUBLIC_KEY, COORDINATES_KEY = "public_release", "coordinates"
KNOWN_KEY, IN_FORCE_KEY = "known_on", "threats_in_force"
READER_KEY, PLACE_KEY = "reader", "place"
WHOLE_KEY = "whole_span"
IMPORTED_KEY = "data_show"


#: Days between which one can ask what was known.
FIRST_KNOWN, LAST_KNOWN = date(1900, 1, 1), date(2100, 12, 31)


def slider_range(store: Store) -> Window:
    """Days the time slider spans; two at least, because a slider needs a length."""
    extent = store.span or Window(date(2021, 1, 1), date(2021, 12, 31))
    return extent if extent.first < extent.last else Window(extent.first, extent.last + timedelta(days=1))


def put_view(state: State, store: Store, view: View) -> tuple[str, ...]:
    """Set every widget to a view; a window beyond the records is cut to the slider's range.

    Returns
    -------
    problems
        One sentence for each part of the view that these records or the layer tree cannot show.
    """
    problems: list[str] = []
    state[WINDOW_KEY] = _cut_window(store, view.selection.window, problems)
    for name, key in FILTER_KEYS.items():
        values = store.coded[name].values
        wanted = view.selection.filters.get(name, frozenset())
        state[key] = [value for value in values if value in wanted]
        problems += [
            f"{DIMENSION[name].label}: no record here has {DIMENSION[name].label_of(value)!r}; it was left out."
            for value in sorted(wanted.difference(values))
        ]
    state[SEARCH_KEY] = view.selection.search
    state[KNOWN_KEY] = _cut_day(view.selection.known_on, problems)
    state[IN_FORCE_KEY] = view.selection.in_force
    state[COLOUR_KEY] = view.colour_by
    state[LAYERS_KEY] = layers_on(view)
    for code in sorted(view.selection.hidden_types - hidden_types(state[LAYERS_KEY])):
        problems.append(f"{DIMENSION['type'].label_of(code)}: its map layer shows other types too and was left on.")
    state[RECORD_KEY] = view.record
    state[PUBLIC_KEY] = view.public
    state[COORDINATES_KEY] = view.coordinates
    state[PAGE_KEY] = 1
    return tuple(problems)


def drop_unknown(state: State, store: Store) -> None:
    """Drop filter values that no record has any more since places were decided; a list cannot hold what it lacks."""
    for name, key in FILTER_KEYS.items():
        if DIMENSION[name].labels:
            continue  # a closed vocabulary keeps what is asked, or "only what I would brief" could show everything
        values = set(store.coded[name].values)
        if not values.issuperset(state.get(key) or ()):
            state[key] = [value for value in state[key] if value in values]


def hold(state: State, key: str, value: object) -> None:
    """Set a widget to a value it does not have: each value that is set is sent, and undoes what is chosen meanwhile."""
    if key not in state or state[key] != value:
        state[key] = value


def follow_span(state: State, store: Store) -> None:
    """Follow records that came or went: a window over all of them stays one, another is cut to the slider's range."""
    whole = slider_range(store)
    before, now = state.get(WHOLE_KEY), (whole.first, whole.last)
    state[WHOLE_KEY] = now
    if before is None or before == now:
        return
    state[WINDOW_KEY] = now if state[WINDOW_KEY] == before else _cut_window(store, Window(*state[WINDOW_KEY]), [])


def _cut_day(day: date | None, problems: list[str]) -> date | None:
    if day is None or FIRST_KNOWN <= day <= LAST_KNOWN:
        return day
    problems.append(f"known={day.isoformat()} lies outside {FIRST_KNOWN.year} to {LAST_KNOWN.year} and was left out.")
    return None


def _cut_window(store: Store, window: Window | None, problems: list[str]) -> tuple[date, date]:
    whole = slider_range(store)
    if window is None:
        return whole.first, whole.last
    first, last = max(window.first, whole.first), min(window.last, whole.last)
    if first <= last:
        return first, last
    problems.append(f"No record can lie {window.sentence()}; the window was left out.")
    return whole.first, whole.last


def view_of(state: State, store: Store) -> View:
    """Gather the widgets' values to a view; the whole range counts as no window, so that undated records show."""
    window = _window_within(slider_range(store), *state[WINDOW_KEY])
    on = state[LAYERS_KEY]
    return View(
        selection=Selection(
            window=window,
            filters={name: frozenset(state.get(key) or ()) for name, key in FILTER_KEYS.items()},
            search=state.get(SEARCH_KEY) or "",
            hidden_types=hidden_types(on),
            known_on=state.get(KNOWN_KEY) or None,
            in_force=bool(state.get(IN_FORCE_KEY)),
        ),
        colour_by=state.get(COLOUR_KEY) or "type",
        context=frozenset(layer.key for layer in CONTEXT_LAYERS if layer.key in on),
        record=state.get(RECORD_KEY) or "",
        public=bool(state.get(PUBLIC_KEY)),
        coordinates=state.get(COORDINATES_KEY) or "decimal",
    )


def _window_within(whole: Window, first: date, last: date) -> Window | None:
    return None if (first, last) == (whole.first, whole.last) else Window(first, last)


def read_window(asked: object, extent: Window) -> tuple[date, date] | None:
    """Check a window that a browser sent: two day numbers, put in order and cut to the extent; None for another."""
    if not (isinstance(asked, (list, tuple)) and len(asked) == 2 and all(map(_is_number, asked))):
        return None
    low, high = day_number(extent.first), day_number(extent.last)
    first, last = sorted(min(max(int(day), low), high) for day in asked)
    return day_of(first), day_of(last)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def changed_view(view: View, store: Store, change: Mapping[str, Any]) -> View | None:
    """Change a view as a control reports it ahead of the page; None for what is no change of a view.

    Parameters
    ----------
    change
        `window` with two day numbers, `filter` with a dimension and the values that are on, `search` with its words,
        `in_force` with true or false, or `clear` with true.
    """
    whole, asked = slider_range(store), view.selection
    match change:
        case {"window": days} if read := read_window(days, whole):
            asked = replace(asked, window=_window_within(whole, *read))
        case {"filter": [str(name), [*values]]} if name in FILTER_KEYS and all(isinstance(v, str) for v in values):
            asked = asked.with_filter(name, values)
        case {"search": str(words)}:
            asked = replace(asked, search=words)
        case {"in_force": bool(on)}:
            asked = replace(asked, in_force=on)
        case {"clear": True}:
            asked = _without_filters(asked)
        case _:
            return None
    return replace(view, selection=asked)


def clear_filters(state: State, store: Store) -> None:
    """Drop every filter, the search and switched-off layers; the window, colours and map stay."""
    view = view_of(state, store)
    put_view(state, store, replace(view, selection=_without_filters(view.selection)))


def _without_filters(asked: Selection) -> Selection:
    return Selection(window=asked.window)
