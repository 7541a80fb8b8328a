"""The Places view: wordings of places a person should look at, and the four ways to decide one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.words import plain
from geodata.boundaries import load_boundaries
from geodata.bulk_geocode import area_name
from geodata.coordinates import read_coordinates, write_coordinates
from geodata.dataset import Dataset, current_dataset, current_decisions, shared_geocoder
from geodata.decided import place_texts
from geodata.decisions import POINT, UNPLACED, Decision, Key
from geodata.errors import AtlasError
from geodata.incident import PRECISIONS
from geodata.place_checks import check_point
from geodata.place_review import STATES, PlaceGroup, candidates_for, review
from geodata.placement import Candidate, Flag
from geodata.store import Store

#: Name of the view's tab.
TAB = "Places"

CANDIDATES, TYPED, CLICKED, LEFT = "Choose a candidate", "Type coordinates", "Click the map", "Leave unplaced"
WAYS = (CANDIDATES, TYPED, CLICKED, LEFT)

#: How exactly a person can say a point is known; anything coarser is an area, and a candidate stands for it.
POINT_PRECISIONS = ("site", "town", "near")

#: Candidates with this share of the best score are brought into sight; the others are mere suggestions.
LIKELY_SHARE = 0.6

#: Height of a line of the list.
ROW_PIXELS = 34

#: Most wordings one list shows; the rest are counted. Nobody decides more in one sitting.
MOST_LISTED = 500

# Session state. What a widget holds is dropped when the widget is not drawn, so what must last has a key of its own.
CHOICE, NUMBER, LISTED, ROUND, POINT_AT, BY, PROBLEM, DONE = (
    f"places_{name}" for name in ("choice", "number", "listed", "round", "point", "decider", "problem", "done")
)
NAME_BOX, WHY_BOX, TEXT_BOX, WAY_BOX, STATE_BOX, PRECISION_BOX = (
    f"places_{name}" for name in ("by", "why", "text", "way", "state", "precision")
)


# --- what is listed -------------------------------------------------------------------------------------------------


def groups_of(dataset: Dataset) -> Mapping[Key, PlaceGroup]:
    """List the wordings of a dataset that a person should look at, by the key of their decision."""
    return _groups(dataset.store, dataset.undecided or dataset.store, current_decisions().version)


@lru_cache(maxsize=2)
def _groups(store: Store, undecided: Store, version: int) -> Mapping[Key, PlaceGroup]:
    """Review once for each state of the decisions."""
    del version
    found = review(store, place_texts(undecided), shared_geocoder(), current_decisions())
    return {group.key: group for group in found}


def can_show(dataset: Dataset) -> bool:
    """Tell whether these are the records as they are; a form for public release does not say where things happened."""
    return dataset.store is current_dataset().store


def chosen_group(dataset: Dataset) -> PlaceGroup | None:
    """Give the wording that is open, None when none is or it needs no look any more."""
    choice = st.session_state.get(CHOICE)
    return groups_of(dataset).get(choice) if choice else None


def is_open() -> bool:
    """Tell whether the reader has the view's tab open."""
    return bool(st.session_state.get("below") == TAB)


# --- what the map shows of it ---------------------------------------------------------------------------------------


def map_part(dataset: Dataset) -> dict[str, Any] | None:
    """Give the map the candidates of the open wording by number, and say whether a click on it is asked for."""
    group = chosen_group(dataset) if is_open() and can_show(dataset) else None
    if group is None:
        return None
    found = candidates_for(shared_geocoder(), group)
    likely = max((one.score for one in found), default=0) * LIKELY_SHARE
    point = st.session_state.get(POINT_AT)
    return {
        "number": st.session_state.get(NUMBER, 1),
        "candidates": [
            [round(one.longitude, 5), round(one.latitude, 5), one.name, int(one.score >= likely)] for one in found
        ],
        "point": [round(part, 5) for part in point] if point else None,
        "picking": st.session_state.get(WAY_BOX) == CLICKED,
    }


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
                _detail(group)


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
    _open(listed[rows[0]] if rows and rows[0] < len(listed) else None)


def _open(key: Key | None) -> None:
    """Open a wording; its candidates are brought into sight once."""
    st.session_state[CHOICE] = key
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    _start_anew()


def _start_anew() -> None:
    state = st.session_state
    state[POINT_AT], state[PROBLEM], state[DONE] = None, "", ""
    state[WHY_BOX] = state[TEXT_BOX] = ""
    state[WAY_BOX] = CANDIDATES


def _nothing_open() -> None:
    with st.container(border=True, key="places_empty"):
        st.markdown("**Choose a line of the list**")
        st.markdown(
            "What it could mean is then shown here and as numbered marks on the map. Choose one, type coordinates in "
            "any format, click the map, or leave the place off the map: with your name, and why."
        )
        st.caption(f"Decisions are kept in `{_file_name()}`, beside the records, one line each.")


def _file_name() -> str:
    path = current_decisions().path
    return path.name if path else ""


def _detail(group: PlaceGroup) -> None:
    records = "1 record" if group.records == 1 else f"{group.records:,} records"
    st.subheader(plain(group.place) or "(empty)", anchor=False)
    st.caption(f"{records} · {'stated: ' + plain(group.stated) if group.stated else 'nothing is stated around it'}")
    if st.session_state.get(PROBLEM):
        st.error(plain(st.session_state[PROBLEM]), icon=":material/error:")
    elif st.session_state.get(DONE):
        st.success(plain(st.session_state[DONE]), icon=":material/check:")
    _standing(group)
    _who_and_why()
    way = st.segmented_control("How to decide", WAYS, key=WAY_BOX, required=True, label_visibility="collapsed")
    {CANDIDATES: _by_candidate, TYPED: _by_text, CLICKED: _by_click, LEFT: _by_leaving}[way or CANDIDATES](group)


def _standing(group: PlaceGroup) -> None:
    """Say where the place stands now, what is suspicious, and what was decided."""
    where = f"Now at **{plain(group.placed_at)}**. " if group.placed_at else "Now **not placed**. "
    st.markdown(where + plain(group.why))
    for number, flag in enumerate(group.flags):
        st.warning(plain(f"{flag.message} {flag.fix}"), icon=":material/flag:")
        if not math.isnan(flag.longitude):
            st.button("Use the proposed point", key=f"places_fix_{number}", on_click=_decide_fix, args=(group, flag))
    if group.decision:
        st.button(
            f"Undo the decision of {plain(group.decision.by)}",
            key="places_undo",
            icon=":material/undo:",
            on_click=_undo,
            args=(group, group.decision),
        )


def _who_and_why() -> None:
    state = st.session_state
    state.setdefault(NAME_BOX, state.get(BY, ""))
    left, right = st.columns([1, 2])
    left.text_input("Your name", key=NAME_BOX, placeholder="Name or initials", max_chars=80)
    right.text_input("Why", key=WHY_BOX, placeholder="What shows it", max_chars=400)
    state[BY] = state[NAME_BOX]


def _by_candidate(group: PlaceGroup) -> None:
    found = candidates_for(shared_geocoder(), group)
    if not found:
        st.info("The gazetteer has nothing like it. Type coordinates, click the map, or leave it unplaced.")
        return
    with st.container(height=330 if len(found) > 4 else "content", border=False, key="places_candidates"):
        for number, one in enumerate(found, start=1):
            text, button = st.columns([4.2, 1], vertical_alignment="center")
            text.markdown(f"**{number}** · {plain(candidate_text(one))}  \n:small[:gray[{plain(one.why)}]]")
            button.button(
                "Choose",
                key=f"places_candidate_{number}",
                on_click=_decide_candidate,
                args=(group, one),
                width="stretch",
            )


def candidate_text(candidate: Candidate) -> str:
    """Name a candidate, its kind and where it lies."""
    boundaries = load_boundaries()
    areas = [area_name(area_id, boundaries) for area_id in (candidate.admin1_id, candidate.country_id) if area_id]
    where = ", ".join(name for name in areas if name != candidate.name)
    parts = (candidate.name, candidate.kind.replace("_", " "), where, f"score {candidate.score:.2f}")
    return " · ".join(filter(None, parts))


def _by_text(group: PlaceGroup) -> None:
    text = st.text_input(
        "Coordinates",
        key=TEXT_BOX,
        placeholder="33.3406, 44.4009 · 33°20′26″N 44°24′03″E · 38SMB4425589229 · Plus Code",
        max_chars=120,
    )
    found = read_coordinates(text) if text else None
    if text and found is None:
        st.warning("This is no point in a format that is known: decimal degrees, degrees and minutes, UTM, MGRS.")
    _place_here(group, (found.longitude, found.latitude) if found else None, found.notes if found else ())


def _by_click(group: PlaceGroup) -> None:
    st.caption("Click the place on the map above; click again to correct it.")
    _place_here(group, st.session_state.get(POINT_AT))


def _place_here(group: PlaceGroup, point: tuple[float, float] | None, notes: Sequence[str] = ()) -> None:
    """Show a point as it was understood, with what is suspicious about it, and offer to place the records there."""
    if point:
        st.markdown(f"**{plain(write_coordinates(*point))}** · {plain(write_coordinates(*point, 'mgrs'))}")
        for note in notes:
            st.caption(f"{plain(note[:1].upper() + note[1:])}: read as latitude, then longitude.")
        doubts = " ".join(flag.message for flag in point_flags(group, point))
        if doubts:
            st.warning(plain(doubts))
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    precision = left.selectbox(
        "Known to",
        POINT_PRECISIONS,
        key=PRECISION_BOX,
        format_func=lambda code: PRECISIONS[code].label,
        help="\n\n".join(f"**{PRECISIONS[code].label}**: {PRECISIONS[code].definition}" for code in POINT_PRECISIONS),
    )
    right.button(
        "Place it here",
        key="places_here",
        type="primary",
        disabled=point is None,
        on_click=_decide_point,
        args=(group, point, precision),
        width="stretch",
    )


def point_flags(group: PlaceGroup, point: tuple[float, float]) -> tuple[Flag, ...]:
    """Check a point a person gives against what is stated around the place."""
    geocoder = shared_geocoder()
    context = geocoder.context(group.admin1, group.country)
    return check_point(*point, geocoder.boundaries, governorates=context.governorates, countries=context.countries)


def _by_leaving(group: PlaceGroup) -> None:
    st.markdown("The records stay in the table and in the counts, are listed as not placed, and say by whom and why.")
    st.button("Leave it unplaced", key="places_leave", type="primary", on_click=_decide, args=(group, UNPLACED))


# --- deciding -------------------------------------------------------------------------------------------------------


def _decide_candidate(group: PlaceGroup, candidate: Candidate) -> None:
    _decide(group, candidate.id)


def _decide_fix(group: PlaceGroup, flag: Flag) -> None:
    _decide(group, POINT, longitude=flag.longitude, latitude=flag.latitude, precision="site")


def _decide_point(group: PlaceGroup, point: tuple[float, float], precision: str) -> None:
    _decide(group, POINT, longitude=point[0], latitude=point[1], precision=precision)


def _decide(group: PlaceGroup, choice: str, **point: Any) -> None:
    """Keep a decision; what was typed stays when that fails."""
    state = st.session_state
    decisions = current_decisions()
    try:
        decisions.choose(
            group.place,
            choice,
            by=state.get(BY, ""),
            why=state.get(WHY_BOX, ""),
            site=group.site,
            admin1=group.admin1,
            country=group.country,
            **point,
        )
    except (AtlasError, ValueError) as error:
        _failed(str(error))
    except OSError as error:
        decisions.reload()
        _failed(_unwritable(error))
    else:
        _done(group, "Kept in")


def _undo(group: PlaceGroup, decision: Decision) -> None:
    decisions = current_decisions()
    try:
        decisions.undo(decision.place, decision.site, decision.admin1, decision.country)
    except AtlasError as error:
        _failed(str(error))
    except OSError as error:
        decisions.reload()
        _failed(_unwritable(error))
    else:
        _done(group, "Undone in")


def _unwritable(error: OSError) -> str:
    return (
        f"{_file_name()} could not be written ({error.strerror or 'the system refused'}), so nothing was decided. "
        "What you typed is still here: make the folder of the records writable and press again."
    )


def _failed(problem: str) -> None:
    st.session_state[PROBLEM], st.session_state[DONE] = problem, ""


def _done(group: PlaceGroup, how: str) -> None:
    """Say what became of it; the list starts anew, because its lines have moved."""
    state = st.session_state
    now = groups_of(current_dataset()).get(group.key)
    _start_anew()
    where = f"placed at {now.placed_at}" if now and now.placed_at else "not placed" if now else "placed"
    records = "1 record is" if group.records == 1 else f"{group.records:,} records are"
    state[DONE] = f"{how} {_file_name()}: {records} {where} now."
    state[ROUND] = state.get(ROUND, 0) + 1
