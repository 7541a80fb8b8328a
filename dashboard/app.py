"""The page: load, controls, results, downloads. Streamlit runs this file anew for each reader."""

from __future__ import annotations

import functools
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import panels, places_view, quality
from dashboard.brief import brief_preset
from dashboard.campaigns import CAMPAIGNS, Campaign
from dashboard.desk import Drawn, Sheet, desk_of
from dashboard.drawing import Drawing
from dashboard.facets import LISTS, facets
from dashboard.live import hang_up, wait_until_painted
from dashboard.map_frame import show_frame
from dashboard.notes import actor_note
from dashboard.session import (
    COLOUR_KEY,
    FILTER_KEYS,
    GOTO_KEY,
    IMPORTED_KEY,
    LAYERS_KEY,
    PAGE_KEY,
    PLACE_KEY,
    PUBLIC_KEY,
    READER_KEY,
    RECORD_KEY,
    SEARCH_KEY,
    WINDOW_KEY,
    clear_filters,
    drop_unknown,
    follow_span,
    put_view,
    slider_range,
    view_of,
)
from dashboard.timeline import timeline
from dashboard.view import COLOUR_BY, HOME, View
from dashboard.viewport import Place, place_of, remember_place
from dashboard.webmap import expect_call, key_of, show_call
from dashboard.words import counts_sentence, events_sentence, known_sentence, plain, possible_sentence
from geodata.answer import Answer
from geodata.current import current_dataset, current_decisions, reading_step, wait_until_read
from geodata.data_files import data_path
from geodata.dataset import Dataset
from geodata.errors import AtlasError
from geodata.release import released
from geodata.store import Store

STATIC = Path(__file__).parent / "static"

#: Seconds between two looks at how far the records are read.
READING_STEP_S = 0.4

#: Height of the map's frame in pixels before the style sheet lets it fill the window.
MAP_HEIGHT_PX = 620

#: Longest time in seconds for which the panels wait for the map to be painted.
MAP_FIRST_S = 0.15

#: And for the first one of a session, which has its frame to load; a browser that shows none gets the rest then.
FIRST_MAP_S = 2.5

#: Filters in sight at once; the others open on demand.
FIRST_FILTERS = ("type", "target", "precision", "confidence", "claimed", "assessed", "governorate")

#: Names of the map and of the tabs below it in the session state.
MAP_KEY, BELOW_KEY = "map", "below"


def main() -> None:
    """Draw the page, or one clear message when the records cannot be read."""
    st.set_page_config(page_title="Incident Atlas", layout="wide", initial_sidebar_state="collapsed")
    st.html(STATIC / "css" / "page.css")
    wait_for_records(st.empty())
    board()


def wait_for_records(place: DeltaGenerator) -> None:
    """Show how far the records are read; a large file takes half a minute the first time."""
    while not wait_until_read(READING_STEP_S):
        what, share = reading_step()
        name = plain(data_path().name)
        place.progress(share, text=f"Incident Atlas reads {name}: {what}… What it finds is kept beside the file.")
    place.empty()


def start_session(store: Store) -> bool:
    """Set the widgets from the address bar, once per session; True then."""
    state = st.session_state
    if WINDOW_KEY in state:
        return False
    pairs = [(key, value) for key in st.query_params for value in st.query_params.get_all(key)]
    view, problems = View.from_query(pairs)
    state["address_problems"] = problems + put_view(state, store, view)
    state[READER_KEY] = secrets.token_urlsafe(9)
    state[PLACE_KEY] = view.place or HOME
    return True


@st.fragment
def board() -> None:
    """Everything that follows a choice; a fragment, because it answers 12 ms sooner than the whole page."""
    began = time.monotonic()
    try:
        dataset = current_dataset()
    except AtlasError as error:
        st.title("Incident Atlas")
        st.error(plain(str(error)))
        return
    first = start_session(dataset.store)
    dataset = released(dataset, public=st.session_state.get(PUBLIC_KEY, False))
    store = dataset.store
    drop_unknown(st.session_state, store)
    follow_span(st.session_state, store)
    go_to_imported(dataset)
    view = view_of(st.session_state, store)
    drawn, show = send_drawing(dataset, view, began=began)
    answer = drawn.answer
    answer.count()
    # The first panel would keep the browser from painting the map.
    wait_until_painted(st.session_state[READER_KEY], key_of(drawn.packed), limit_s=MAP_FIRST_S)
    controls, results = st.columns([1, 4.4], gap="medium")
    with results:
        top, times = st.container(key="heading"), st.container(key="times")
        show_frame(show, key=MAP_KEY, height_px=MAP_HEIGHT_PX, on_change=take_from_map)
    if first:  # the scripts of table and lists would come before the frame's
        wait_until_painted(st.session_state[READER_KEY], key_of(drawn.packed), limit_s=FIRST_MAP_S, joining=True)
    with controls:
        filters(store, answer, several=len(dataset.parts) > 1)
    with top:
        heading(dataset, answer, view, drawn.drawing)
    with times:
        time_controls(store, answer)
    with results:
        below_map(dataset, answer, view)


def heading(dataset: Dataset, answer: Answer, view: View, drawing: Drawing) -> None:
    """Name the product, say what is shown, and count honestly."""
    left, right = st.columns([6, 1], vertical_alignment="bottom")
    with left:
        st.markdown(f"**{counts_sentence(answer.counts)}**", width="stretch")
        sentence = answer.selection.sentence(store_names(dataset))
        st.caption(
            " ".join(
                filter(
                    None,
                    (
                        plain(sentence),
                        possible_sentence(answer, drawing.possible),
                        known_sentence(dataset.store, answer),
                        plain(events_sentence(answer.counts)),
                    ),
                )
            )
        )
        st.caption(plain(actor_note(dataset.store, answer)))
    with right:
        st.button("Add data", key="add_data", icon=":material/add:", on_click=open_data, width="stretch")
        panels.exports(dataset, answer, view)
    for problem in st.session_state.get("address_problems", ()):
        st.warning(plain(problem))


def open_data() -> None:
    """Open the Data tab."""
    from dashboard import import_panel

    st.session_state[BELOW_KEY] = import_panel.TAB


def store_names(dataset: Dataset) -> dict[str, str]:
    """Labels of values known only to the loaded records."""
    return dict(dataset.store.names)


def time_controls(store: Store, answer: Answer) -> None:
    """Draw the histogram with its buttons, and the time slider below it."""
    whole = slider_range(store)
    timeline(store, answer.tempo, st.session_state[WINDOW_KEY], whole, on_window=set_window)
    st.slider(
        "Time window",
        min_value=whole.first,
        max_value=whole.last,
        format="D MMM YYYY",
        key=WINDOW_KEY,
        label_visibility="collapsed",
    )


def set_window(first: date, last: date) -> None:
    """Take a window from the timeline's buttons, typed dates or play."""
    st.session_state[WINDOW_KEY] = (first, last)
    st.session_state[PAGE_KEY] = 1


def send_drawing(dataset: Dataset, view: View, *, began: float) -> tuple[Drawn, str]:
    """Draw and hand the drawing to the reader's map; give the call by which the page's own way tells the map of it."""
    state = st.session_state
    reader = state[READER_KEY]
    sheet = Sheet(
        reader=reader,
        goto=state.get(GOTO_KEY),
        placed=current_decisions().version,
        places=places_view.map_part(dataset),
    )
    zoom = place_of(reader, state[PLACE_KEY])[2]
    drawn, sent = desk_of(reader).draw(dataset.store, sheet, view, zoom, began=began)
    return drawn, expect_call(drawn.packed) if sent else show_call(drawn.packed)


def take_from_map() -> None:
    """Take the layer tree's state from the map, and a click when the Places view asks for one."""
    value: Any = st.session_state.get(MAP_KEY)
    if isinstance(value, dict) and value.get("missed"):
        hang_up(st.session_state[READER_KEY])
    if isinstance(value, dict) and isinstance(value.get("layers"), list):
        st.session_state[LAYERS_KEY] = [str(key) for key in value["layers"]]
        places_view.take_point(value)


def filters(store: Store, answer: Answer, *, several: bool) -> None:
    """Draw the left column: named views, search, colour, and filters with live counts."""
    st.markdown("### Incident Atlas")
    for campaign in CAMPAIGNS:
        st.button(
            campaign.label,
            help=campaign.meaning,
            key=f"campaign_{campaign.key}",
            on_click=open_campaign,
            args=(store, campaign),
            width="stretch",
        )
    st.button(
        "Clear filters",
        key="clear",
        on_click=functools.partial(clear_filters, st.session_state, store),
        disabled=not answer.selection.is_filtered,
        type="tertiary",
        icon=":material/close:",
    )
    st.text_input(
        "Search", key=SEARCH_KEY, placeholder="Place, group, words", help="Latin or Arabic; every word must occur."
    )
    panels.time_filters()
    panels.release_switch()
    st.selectbox("Colour by", list(COLOUR_BY), key=COLOUR_KEY, format_func=lambda name: COLOUR_BY[name].capitalize())
    panels.coordinate_choice()
    brief_preset(store, answer)
    first = (*(("dataset",) if several else ()), *FIRST_FILTERS)
    draw_filters(store, answer, sorted(first, key=LISTS.__contains__), key="facets")
    hidden = [name for name in FILTER_KEYS if name not in (*FIRST_FILTERS, "dataset")]
    on = sum(name in answer.selection.filters for name in hidden)
    # The label never varies: Streamlit takes another label for another box, and folds it under the reader's hand.
    more = st.expander("More filters", key="more_filters", on_change="rerun")
    if more.open:
        with more:
            draw_filters(store, answer, sorted(hidden, key=lambda name: name not in LISTS), key="more_facets")
    elif on:
        st.caption(f"{on} of these {'is' if on == 1 else 'are'} on.")


def draw_filters(store: Store, answer: Answer, names: Sequence[str], *, key: str) -> None:
    """Draw filters with the counts of what each option would show."""
    facets(
        store,
        {name: answer.facets[name] for name in names},
        {name: st.session_state.get(FILTER_KEYS[name]) or [] for name in names},
        key=key,
        on_choice=set_filter,
    )


def set_filter(name: str, values: list[str]) -> None:
    """Take the options a reader has switched on."""
    st.session_state[FILTER_KEYS[name]] = values


def open_campaign(store: Store, campaign: Campaign) -> None:
    """Show a named view: its filters and its part of the map, over the whole time."""
    st.session_state["address_problems"] = put_view(st.session_state, store, campaign.view)
    go_to(campaign.view.place)


def go_to(place: Place | None) -> None:
    """Ask the map to move, once."""
    if place:
        remember_place(st.session_state[READER_KEY], place)
        count = (st.session_state.get(GOTO_KEY) or (0, 0, 0, 0))[3]
        st.session_state[GOTO_KEY] = (*place, count + 1)


def go_to_imported(dataset: Dataset) -> None:
    """Move the map to a dataset that was just imported."""
    name = st.session_state.pop(IMPORTED_KEY, None)
    if name:
        from dashboard.imported import place_for

        go_to(place_for(dataset, name))


def below_map(dataset: Dataset, answer: Answer, view: View) -> None:
    """Draw what stands below the map; only the open tab is worked out."""
    from dashboard import import_panel  # not above: the first map does not wait for what reads files

    tabs: dict[str, Callable[[], None]] = {
        "Table": lambda: take_choice(panels.table(dataset.store, answer, view.coordinates)),
        "Brief": lambda: show_brief(dataset, view),
        "Not on the map": lambda: panels.not_on_the_map(dataset, answer),
        quality.TAB: lambda: quality.show(dataset.store, answer.selection),
        places_view.TAB: lambda: places_view.show(dataset),
        import_panel.TAB: lambda: import_panel.show(dataset),
        "Reading this map": panels.reading_key,
    }
    for tab, draw_tab in zip(st.tabs(list(tabs), key=BELOW_KEY, on_change="rerun"), tabs.values(), strict=True):
        if tab.open:
            with tab:
                draw_tab()


def show_brief(dataset: Dataset, view: View) -> None:
    """Draw the Brief tab for the part of the map on screen; its makers load when it is first opened (0.8 s)."""
    from dashboard.brief_panel import brief

    place = place_of(st.session_state[READER_KEY], st.session_state[PLACE_KEY])
    brief(dataset, replace(view, place=place))


def take_choice(chosen: str) -> None:
    """Open the record chosen in the table on the map, once for each choice."""
    if chosen and chosen != st.session_state.get("table_choice"):
        st.session_state["table_choice"] = chosen
        st.session_state[RECORD_KEY] = chosen
        st.rerun(scope="fragment")


main()
