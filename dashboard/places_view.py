"""The Places view: wordings of places a person should look at, and what the map shows of the open one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.place_deciding import (
    ASKED,
    CLICKED,
    HITS,
    LISTED,
    NUMBER,
    POINT_AT,
    ROUND,
    STATE_BOX,
    WAY_BOX,
    chosen_group,
    file_name,
    groups_of,
    open_wording,
)
from dashboard.place_wording import show_wording
from dashboard.words import plain
from geodata.current import current_dataset
from geodata.dataset import Dataset
from geodata.decisions import Key
from geodata.making import shared_geocoder
from geodata.place_review import STATES, PlaceGroup, candidates_for

#: Name of the view's tab.
TAB = "Places"

#: Candidates with this share of the best score are brought into sight; the others are mere suggestions.
LIKELY_SHARE = 0.6

#: Height of a line of the list.
ROW_PIXELS = 34

#: Most wordings one list shows; the rest are counted. Nobody decides more in one sitting.
MOST_LISTED = 500


# --- what is listed -------------------------------------------------------------------------------------------------


def can_show(dataset: Dataset) -> bool:
    """Tell whether these are the records as they are; a form for public release does not say where things happened."""
    return dataset.store is current_dataset().store


def is_open() -> bool:
    """Tell whether the reader has the view's tab open."""
    return bool(st.session_state.get("below") == TAB)


# --- what the map shows of it ---------------------------------------------------------------------------------------


def map_part(dataset: Dataset) -> dict[str, Any] | None:
    """Give the map the candidates of the open wording by number, and say whether a click on it is asked for."""
    group = chosen_group(dataset) if is_open() and can_show(dataset) else None
    if group is None:
        return None
    way, point = st.session_state.get(WAY_BOX), st.session_state.get(POINT_AT)
    return {
        "number": st.session_state.get(NUMBER, 1),
        "candidates": _proposed() if way == ASKED else _candidates(group),
        "point": [round(part, 5) for part in point] if point else None,
        "picking": way == CLICKED,
    }


def _candidates(group: PlaceGroup) -> list[list[Any]]:
    found = candidates_for(shared_geocoder(), group)
    likely = max((one.score for one in found), default=0) * LIKELY_SHARE
    return [_mark(one.longitude, one.latitude, one.name, likely=one.score >= likely) for one in found]


def _proposed() -> list[list[Any]]:
    """Give what the online service proposes, in place of the gazetteer's candidates."""
    return [_mark(hit.longitude, hit.latitude, hit.name, likely=True) for hit in st.session_state.get(HITS) or ()]


def _mark(longitude: float, latitude: float, name: str, *, likely: bool) -> list[Any]:
    return [round(longitude, 5), round(latitude, 5), name, int(likely)]


def take_point(value: Mapping[str, Any]) -> None:
    """Take a click on the map, if it was asked for."""
    point = value.get("point")
    if not is_open() or st.session_state.get(WAY_BOX) != CLICKED or not isinstance(point, list) or len(point) != 2:
        return
    longitude, latitude = (float(part) for part in point)
    st.session_state[POINT_AT] = ((longitude + 180) % 360 - 180, latitude)


# --- the view -------------------------------------------------------------------------------------------------------


def show(dataset: Dataset) -> None:
    """Draw the list of wordings, and beside it the one that is open."""
    if not can_show(dataset):
        st.info("Places as reported are left out of a public release: switch it off to look at them and decide.")
        return
    groups = groups_of(dataset)
    with st.container(key="places"):
        if not groups:
            st.info("Every place was found, none is ambiguous, and nothing about them is suspicious.")
            return
        left, right = st.columns([1.25, 1], gap="medium")
        with left:
            _list(groups)
        with right:
            group = chosen_group(dataset)
            if group is None:
                _nothing_open()
            else:
                show_wording(group)


def _list(groups: Mapping[Key, PlaceGroup]) -> None:
    counts = {code: sum(group.state == code for group in groups.values()) for code in STATES}
    wanted = st.pills(
        "Listed for",
        [code for code in STATES if counts[code]],
        selection_mode="multi",
        key=STATE_BOX,
        format_func=lambda code: f"{STATES[code][0]} **{counts[code]:,}**",
        help="\n\n".join(f"**{label}**: {plain(meaning)}" for label, meaning in STATES.values()),
        label_visibility="collapsed",
    )
    shown = [group for group in groups.values() if not wanted or group.state in wanted]
    listed = shown[:MOST_LISTED]
    st.session_state[LISTED] = tuple(group.key for group in listed)
    st.dataframe(
        list_frame(listed),
        hide_index=True,
        height=min(11, 1 + max(1, len(listed))) * ROW_PIXELS + 4,
        row_height=ROW_PIXELS,
        key=f"places_list_{st.session_state.get(ROUND, 0)}",
        on_select=_take_choice,
        selection_mode="single-row",
        column_config={
            "Place as reported": st.column_config.TextColumn(width="medium"),
            "Records": st.column_config.NumberColumn(width=70),
            "Stated around it": st.column_config.TextColumn(width=150),
            "Listed for": st.column_config.TextColumn(width=105),
            "Why": st.column_config.TextColumn(width="large"),
        },
    )
    cut = f" The first {len(listed):,} of {len(shown):,} are listed." if len(listed) < len(shown) else ""
    st.caption(f"All records of the file, whatever the filters. One decision serves all records of a line.{cut}")


def list_frame(groups: Sequence[PlaceGroup]) -> pd.DataFrame:
    """Write the list as a reader compares it."""
    return pd.DataFrame(
        {
            "Place as reported": [group.place or "(empty)" for group in groups],
            "Records": [group.records for group in groups],
            "Stated around it": [group.stated for group in groups],
            "Listed for": [STATES[group.state][0] for group in groups],
            "Why": [" ".join([*(flag.message for flag in group.flags), group.why]) for group in groups],
        }
    )


def _take_choice() -> None:
    """Open the wording of the line that was chosen; what was typed for another is dropped, the name stays."""
    state = st.session_state
    event = state.get(f"places_list_{state.get(ROUND, 0)}")
    rows = event["selection"]["rows"] if event else []
    listed = state.get(LISTED, ())
    open_wording(listed[rows[0]] if rows and rows[0] < len(listed) else None)


def _nothing_open() -> None:
    with st.container(border=True, key="places_empty"):
        st.markdown("**Choose a line of the list**")
        st.markdown(
            "What it could mean is then shown here and as numbered marks on the map. Choose one, type coordinates in "
            "any format, click the map, or leave the place off the map: with your name, and why."
        )
        st.caption(f"Decisions are kept in `{file_name()}`, beside the records, one line each.")
