"""One wording of a place, open in the Places view: where it stands, and the four ways to decide it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from dashboard.place_deciding import (
    ASKED,
    BY,
    CANDIDATES,
    CLICKED,
    DONE,
    LEFT,
    NAME_BOX,
    POINT_AT,
    PRECISION_BOX,
    PROBLEM,
    TEXT_BOX,
    TYPED,
    WAY_BOX,
    WAYS,
    WHY_BOX,
    decide,
    undo,
)
from dashboard.place_online import by_service
from dashboard.words import plain
from geodata.boundaries import load_boundaries
from geodata.bulk_geocode import area_name
from geodata.coordinates import read_coordinates, write_coordinates
from geodata.decisions import POINT, UNPLACED
from geodata.incident import PRECISIONS
from geodata.making import shared_geocoder
from geodata.online import switched_on
from geodata.place_checks import check_point
from geodata.place_review import PlaceGroup, candidates_for
from geodata.placement import Candidate, Flag

#: How exactly a person can say a point is known; anything coarser is an area, and a candidate stands for it.
POINT_PRECISIONS = ("site", "town", "near")


def show_wording(group: PlaceGroup) -> None:
    """Draw one wording with its records, its doubts and what can be decided about it."""
    records = "1 record" if group.records == 1 else f"{group.records:,} records"
    st.subheader(plain(group.place) or "(empty)", anchor=False)
    st.caption(f"{records} · {'stated: ' + plain(group.stated) if group.stated else 'nothing is stated around it'}")
    if st.session_state.get(PROBLEM):
        st.error(plain(st.session_state[PROBLEM]), icon=":material/error:")
    elif st.session_state.get(DONE):
        st.success(plain(st.session_state[DONE]), icon=":material/check:")
    _standing(group)
    _who_and_why()
    ways = (*WAYS, ASKED) if switched_on() else WAYS
    way = st.segmented_control("How to decide", ways, key=WAY_BOX, required=True, label_visibility="collapsed")
    if way == ASKED:
        by_service(group, _place_here)
    else:
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
            on_click=undo,
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
    st.button("Leave it unplaced", key="places_leave", type="primary", on_click=decide, args=(group, UNPLACED))


def _decide_candidate(group: PlaceGroup, candidate: Candidate) -> None:
    decide(group, candidate.id)


def _decide_fix(group: PlaceGroup, flag: Flag) -> None:
    decide(group, POINT, longitude=flag.longitude, latitude=flag.latitude, precision="site")


def _decide_point(group: PlaceGroup, point: tuple[float, float], precision: str) -> None:
    decide(group, POINT, longitude=point[0], latitude=point[1], precision=precision)
