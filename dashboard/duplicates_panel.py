"""Records of different datasets that may be one event: proposed with reasons, decided by a person, undone at will."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.imported import library
from dashboard.record import date_text
from dashboard.words import plain
from geodata.current import current_dataset
from geodata.dataset import Part
from geodata.errors import FileError
from geodata.formats import Likely, likely_duplicates
from geodata.formats.duplicates import MAX_KM, MAX_RECORDS
from geodata.incident import COLUMN_NAMES
from geodata.same_events import DIFFERENT, SAME, Ref, SameEvent

#: Records up to which pairs are looked for without being asked.
AT_ONCE: Final = 20_000
_PAGE_PAIRS: Final = 5
_OPEN: Final = "duplicates_asked"
_HELD: Final = "duplicates_found"

#: Two records of two datasets with what speaks for their being one event.
Pair = tuple[Ref, Ref, Likely]


def show() -> None:
    """Draw the pairs that nobody has looked at, and below them what was decided."""
    parts = current_dataset().parts
    if len(parts) < 2:
        return
    st.markdown("**Likely the same event**")
    size = sum(len(part.store) for part in parts)
    if size > MAX_RECORDS:
        st.caption(f"{size:,} records are too many to compare pair by pair; the limit is {MAX_RECORDS:,}.")
        return
    if size > AT_ONCE and not st.session_state.get(_OPEN):
        st.button(f"Compare {size:,} records", key="duplicates_ask", on_click=_ask)
        return
    try:
        found = _found(parts)
    except FileError as error:
        st.warning(plain(str(error)))
        return
    decided = {kept.pair: kept for kept in library().same_events}
    _proposed([pair for pair in found if frozenset(pair[:2]) not in decided], parts)
    _decided(list(decided.values()))


def _ask() -> None:
    st.session_state[_OPEN] = True


def _found(parts: tuple[Part, ...]) -> list[Pair]:
    """Compare the datasets two by two, once for each state of them."""
    state = tuple((part.name, part.sha256) for part in parts)
    held = st.session_state.get(_HELD)
    if held is None or held[0] != state:
        with st.spinner("Comparing records"):
            pairs = [found for one, two in combinations(parts, 2) for found in _between(one, two)]
        held = (state, sorted(pairs, key=lambda pair: -pair[2].score))
        st.session_state[_HELD] = held
    found: list[Pair] = held[1]
    return found


def _between(one: Part, two: Part) -> list[Pair]:
    sides = [_side(part) for part in (one, two)]
    found = likely_duplicates(sides[0][0], sides[1][0], one_placed=sides[0][1], two_placed=sides[1][1])
    return [((one.name, likely.one), (two.name, likely.two), likely) for likely in found]


def _side(part: Part) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the records of a dataset, and where they lie; an area is no point to measure from."""
    rows = np.arange(len(part.store))
    placed = part.store.placements_at(rows)
    points = placed[["longitude", "latitude"]].where(placed["area_id"] == "")
    return part.store.records.take(rows, COLUMN_NAMES), points


def _proposed(found: list[Pair], parts: tuple[Part, ...]) -> None:
    st.caption(
        f"{len(found):,} pairs of records of different datasets are at most a day and {MAX_KM:.0f} km apart and alike. "
        "Nothing is merged: of one event both records stay on the map, linked, and one of them is left out of the sums."
    )
    pages = -(-len(found) // _PAGE_PAIRS)
    page = st.pagination(pages, key="duplicates_page") if pages > 1 else 1
    for number, pair in enumerate(found[(page - 1) * _PAGE_PAIRS : page * _PAGE_PAIRS]):
        with st.container(border=True, key=f"pair_{number}"):
            _pair(pair, number, {part.name: part for part in parts})


def _pair(pair: Pair, number: int, parts: dict[str, Part]) -> None:
    one, other, likely = pair
    against = f" Against it: {', '.join(likely.against)}." if likely.against else ""
    reasons = ", ".join(likely.reasons)  # a name keeps its capitals
    st.markdown(plain(f"{reasons[:1].upper()}{reasons[1:]}.{against} Score {likely.score:.2f}."))
    for column, ref in zip(st.columns(2), (one, other), strict=True):
        column.markdown(_record(ref, parts[ref[0]]))
    with st.container(horizontal=True):
        st.button("Same event, count the left", key=f"left_{number}", on_click=_decide, args=(one, other, SAME))
        st.button("Same event, count the right", key=f"right_{number}", on_click=_decide, args=(other, one, SAME))
        st.button("Not the same", key=f"different_{number}", on_click=_decide, args=(one, other, DIFFERENT))


def _record(ref: Ref, part: Part) -> str:
    record = part.store.records.row(part.store.find_row(ref[1]))
    harm = ", ".join(f"{record[name]} {name}" for name in ("killed", "wounded") if record[name])
    who = ", ".join(filter(None, (record["attributed_to"], record["claimed_by"])))
    lines = [f"**{plain(ref[0])}**, {plain(ref[1])}, line {record['line']}"]
    lines += [
        plain(text) for text in (f"{date_text(record)}, {record['place']}", who, harm, record["summary"][:300]) if text
    ]
    return "  \n".join(lines)


def _decide(one: Ref, other: Ref, verdict: str) -> None:
    library().same_events.decide(one, other, verdict)
    library().changed()


def _decided(kept: list[SameEvent]) -> None:
    if not kept:
        return
    with st.expander(f"Decided: {len(kept):,}", key="duplicates_decided"):
        for number, pair in enumerate(sorted(kept, key=lambda one: one.on, reverse=True)):
            left, right = st.columns([6, 1], vertical_alignment="center")
            names = f"{pair.dataset}, {pair.id} and {pair.other_dataset}, {pair.other_id}"
            told = f"one event, the first is counted: {names}" if pair.verdict == SAME else f"not the same: {names}"
            left.markdown(plain(f"{pair.on[:10]}: {told}"))
            right.button("Undo", key=f"undo_pair_{number}", on_click=_undo, args=(pair,), width="stretch")


def _undo(pair: SameEvent) -> None:
    library().same_events.undo(pair.counted, pair.left_out)
    library().changed()
