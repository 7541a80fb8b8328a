"""What is open in the Places view, and deciding it: the state of the page and the decisions file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import streamlit as st

from geodata.current import current_dataset, current_decisions
from geodata.dataset import Dataset
from geodata.decided import place_texts
from geodata.decisions import Decision, Key
from geodata.errors import AtlasError
from geodata.making import shared_geocoder
from geodata.place_review import PlaceGroup, review
from geodata.store import Store

CANDIDATES, TYPED, CLICKED, LEFT = "Choose a candidate", "Type coordinates", "Click the map", "Leave unplaced"
ASKED = "Ask online"
WAYS = (CANDIDATES, TYPED, CLICKED, LEFT)

# Session state. What a widget holds is dropped when the widget is not drawn, so what must last has a key of its own.
CHOICE, NUMBER, LISTED, ROUND, POINT_AT, HITS, BY, PROBLEM, DONE = (
    f"places_{name}" for name in ("choice", "number", "listed", "round", "point", "hits", "decider", "problem", "done")
)
NAME_BOX, WHY_BOX, TEXT_BOX, WAY_BOX, STATE_BOX, PRECISION_BOX = (
    f"places_{name}" for name in ("by", "why", "text", "way", "state", "precision")
)


def groups_of(dataset: Dataset) -> Mapping[Key, PlaceGroup]:
    """List the wordings of a dataset that a person should look at, by the key of their decision."""
    return _groups(dataset.store, dataset.undecided or dataset.store, current_decisions().version)


@lru_cache(maxsize=2)
def _groups(store: Store, undecided: Store, version: int) -> Mapping[Key, PlaceGroup]:
    """Review once for each state of the decisions."""
    del version
    found = review(store, place_texts(undecided), shared_geocoder(), current_decisions())
    return {group.key: group for group in found}


def chosen_group(dataset: Dataset) -> PlaceGroup | None:
    """Give the wording that is open, None when none is or it needs no look any more."""
    choice = st.session_state.get(CHOICE)
    return groups_of(dataset).get(choice) if choice else None


def open_wording(key: Key | None) -> None:
    """Open a wording; its candidates are brought into sight once."""
    st.session_state[CHOICE] = key
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    start_anew()


def start_anew() -> None:
    """Drop what was typed and clicked; the name stays."""
    state = st.session_state
    state[POINT_AT], state[HITS], state[PROBLEM], state[DONE] = None, None, "", ""
    state[WHY_BOX] = state[TEXT_BOX] = ""
    state[WAY_BOX] = CANDIDATES


def file_name() -> str:
    """Name the file that keeps the decisions."""
    path = current_decisions().path
    return path.name if path else ""


def decide(group: PlaceGroup, choice: str, **point: Any) -> None:
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


def undo(group: PlaceGroup, decision: Decision) -> None:
    """Take a decision out of the file."""
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
        f"{file_name()} could not be written ({error.strerror or 'the system refused'}), so nothing was decided. "
        "What you typed is still here: make the folder of the records writable and press again."
    )


def _failed(problem: str) -> None:
    st.session_state[PROBLEM], st.session_state[DONE] = problem, ""


def _done(group: PlaceGroup, how: str) -> None:
    """Say what became of it; the list starts anew, because its lines have moved."""
    state = st.session_state
    now = groups_of(current_dataset()).get(group.key)
    start_anew()
    where = f"placed at {now.placed_at}" if now and now.placed_at else "not placed" if now else "placed"
    records = "1 record is" if group.records == 1 else f"{group.records:,} records are"
    state[DONE] = f"{how} {file_name()}: {records} {where} now."
    state[ROUND] = state.get(ROUND, 0) + 1
