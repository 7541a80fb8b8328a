"""The fifth way to decide a place, when the page was started with it: ask a named service what it proposes."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.place_deciding import HITS, NUMBER, POINT_AT, PRECISION_BOX, PROBLEM, WHY_BOX
from dashboard.words import plain
from geodata.coordinates import write_coordinates
from geodata.errors import ServiceError
from geodata.online import OnlineGeocoder, OnlineHit, place_query, switched_on
from geodata.place_review import PlaceGroup

#: Key of the list of proposals.
HIT_BOX = "places_hit"

Point = tuple[float, float]


def by_service(group: PlaceGroup, place_here: Callable[[PlaceGroup, Point | None], None]) -> None:
    """Say what would leave and to whom, ask when the reader presses, and offer what comes back."""
    service = switched_on()
    if service is None:
        return
    query = place_query(group.place or group.site, group.admin1, group.country)
    told = service.notice() if service.outgoing([query]) else "Asked before: the answer is kept on this machine."
    st.caption(plain(f"{told} The text is: {query}"))
    st.button(f"Ask {plain(service.host)}", key="places_ask", on_click=_ask, args=(service, query))
    hits: tuple[OnlineHit, ...] | None = st.session_state.get(HITS)
    if hits is None:
        return
    if not hits:
        st.info(f"{plain(service.host)} proposes nothing for it.")
        return
    st.radio(
        "Proposals",
        range(len(hits)),
        index=None,
        key=HIT_BOX,
        format_func=lambda at: f"**{at + 1}** · {plain(hits[at].name)} ({plain(hits[at].kind)})",
        captions=[plain(write_coordinates(hit.longitude, hit.latitude)) for hit in hits],
        on_change=_take_hit,
        args=(service.host,),
        label_visibility="collapsed",
    )
    st.caption(plain("; ".join(dict.fromkeys(hit.credit for hit in hits))))
    place_here(group, st.session_state.get(POINT_AT))


def _ask(service: OnlineGeocoder, query: str) -> None:
    state = st.session_state
    state[POINT_AT], state[PROBLEM], state[HITS] = None, "", None
    try:
        state[HITS] = service.find(query)
        state[NUMBER] = state.get(NUMBER, 0) + 1  # the map brings the proposals into sight
    except ServiceError as error:
        state[PROBLEM] = str(error)


def _take_hit(host: str) -> None:
    """Put a proposal on the map; who proposed it stands in the reason unless the reader gave another."""
    state = st.session_state
    hit: OnlineHit = state[HITS][state[HIT_BOX]]
    state[POINT_AT] = (hit.longitude, hit.latitude)
    state[PRECISION_BOX] = "town"  # what a service's point stands for is not known; the reader may know better
    if not state.get(WHY_BOX) or state[WHY_BOX].startswith("Proposed by "):
        state[WHY_BOX] = f"Proposed by {host}: {hit.name} ({hit.credit})"[:400]
