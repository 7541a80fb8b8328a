"""The preset "only what I would brief": one click sets the filters of the floor, and the floor can be moved."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import streamlit as st

from dashboard.session import FILTER_KEYS, PAGE_KEY
from dashboard.words import plain
from geodata.answer import Answer
from geodata.briefing import Floor
from geodata.incident import PRECISIONS, STATUSES
from geodata.selection import GRADE_LABELS, NOT_RECORDED, ORIGIN_LABELS
from geodata.sources import grade_reaches
from geodata.store import Store

#: Filters that the floor sets; all others stay as the reader left them.
FLOOR_FILTERS = ("status", "grade", "precision", "origins")

#: Names of the floor's own widgets in the session state.
STATUS_KEY, GRADE_KEY, PRECISION_KEY, ORIGINS_KEY = "floor_status", "floor_grade", "floor_precision", "floor_origins"

GRADES = tuple(grade for grade in GRADE_LABELS if grade != NOT_RECORDED)
COUNTED_ORIGINS = tuple(code for code in ORIGIN_LABELS if code != NOT_RECORDED)


def floor_filters(floor: Floor) -> dict[str, frozenset[str]]:
    """Write a floor as filters: they let through exactly the records that reach it."""
    rank = PRECISIONS[floor.precision].rank
    origins = COUNTED_ORIGINS[max(0, floor.origins - 1) :] if floor.origins > 1 else ()
    return {
        "status": frozenset(floor.statuses),
        "grade": frozenset(grade for grade in GRADES if grade_reaches(grade, floor.grade)),
        "precision": frozenset(code for code, precision in PRECISIONS.items() if precision.rank <= rank),
        "origins": frozenset(origins),
    }


def floor_choice(store: Store, floor: Floor) -> dict[str, frozenset[str]]:
    """Give the floor's filters without values that no record here has; all of them where none has any."""
    wanted = floor_filters(floor)
    return {name: values.intersection(store.coded[name].values) or values for name, values in wanted.items()}


def brief_preset(store: Store, answer: Answer) -> None:
    """Draw the button and, behind it, the rule it follows."""
    floor = _floor(st.session_state)
    wanted = floor_choice(store, floor)
    on = all(answer.selection.filters.get(name, frozenset()) == values for name, values in wanted.items())
    left, right = st.columns([5, 1.2], gap="small")
    with left:
        st.button(
            "Only what I would brief",
            key="brief",
            help=f"Shows {plain(floor.sentence())}.",
            on_click=put_floor,
            args=(st.session_state, {} if on else wanted),
            type="primary" if on else "secondary",
            width="stretch",
        )
    with right, st.popover("", icon=":material/tune:", help="Change the rule", width="stretch"):
        _rule(floor)


def put_floor(state: MutableMapping[Any, Any], wanted: Mapping[str, frozenset[str]]) -> None:
    """Set the floor's filters; those that are not given are cleared."""
    for name in FLOOR_FILTERS:
        state[FILTER_KEYS[name]] = sorted(wanted.get(name, ()))
    state[PAGE_KEY] = 1


def _floor(state: MutableMapping[Any, Any]) -> Floor:
    own = Floor()
    return Floor(
        statuses=tuple(state.get(STATUS_KEY) or own.statuses),
        grade=state.get(GRADE_KEY) or own.grade,
        precision=state.get(PRECISION_KEY) or own.precision,
        origins=state.get(ORIGINS_KEY) or own.origins,
    )


def _rule(floor: Floor) -> None:
    st.caption(f"Shows {plain(floor.sentence())}.")
    st.pills(
        "Review status",
        list(STATUSES),
        selection_mode="multi",
        default=list(floor.statuses),
        key=STATUS_KEY,
        format_func=lambda code: STATUSES[code].label,
    )
    st.selectbox("A source graded", GRADES, index=GRADES.index(floor.grade), key=GRADE_KEY)
    coarse = [code for code in PRECISIONS if code != "unknown"]
    st.selectbox(
        "Place known to",
        coarse,
        index=coarse.index(floor.precision),
        key=PRECISION_KEY,
        format_func=lambda code: PRECISIONS[code].label,
    )
    st.number_input("Fewest origins", 1, 3, floor.origins, key=ORIGINS_KEY)
