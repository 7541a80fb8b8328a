"""What a person should look at: wordings of places that are not found, not clear or suspicious, and those decided."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from geodata.bulk_geocode import area_name
from geodata.decided import SOURCE_METHOD, PlaceTexts, source_flags
from geodata.decisions import Decision, Decisions, Key
from geodata.geocoder import Geocoder
from geodata.place_match import SAME_PLACE_M, distance_m
from geodata.placement import Candidate, Flag
from geodata.store import Store

UNPLACED, AMBIGUOUS, FLAGGED, AROUND, DECIDED = "unplaced", "ambiguous", "flagged", "around", "decided"

#: What a place can be listed for, in the order in which it should be looked at: code -> (label, meaning).
STATES: Mapping[str, tuple[str, str]] = {
    UNPLACED: ("Unplaced", "No place was found; these records are not on the map."),
    AMBIGUOUS: ("Ambiguous", "Several places are called so, or the name was only found written almost like it."),
    FLAGGED: ("Flagged", "Something about the coordinates cannot be right, or a decision does not apply."),
    AROUND: ("Surroundings", "The place itself was not found; what lies around it stands in for it."),
    DECIDED: ("Decided", "A person decided; undo it to see what the geocoder says."),
}

DECISION_METHOD = "decision"

#: What a placement tells a person.
_TOLD = ("method", "reason", "place_name", "why")

#: Ways of matching after which a person should look, and why.
_UNSURE = {"fuzzy": AMBIGUOUS, "fallback": AROUND, "part of text": AROUND}

#: Ways of matching that name one entry; others of the same name may fit as well.
_NAMED = ("exact", "normalised", "skeleton")

#: Scores this close say nothing about which place is meant.
CLOSE_SCORE = 0.05

#: Most wordings whose candidates are compared, the most frequent first; each takes about 1 ms once.
MOST_COMPARED = 5_000

#: Most candidates offered for one wording: more do not fit beside a map, and the right one is never further down.
MOST_CANDIDATES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceGroup:
    """One wording of a place with what is stated around it; one decision serves all its records.

    Attributes
    ----------
    key
        Under which a decision about it is kept.
    records
        How many records are worded so.
    state
        A code of `STATES`.
    placed_at, why
        Where it lies now ("" nowhere), and the proof or the reason.
    """

    key: Key
    place: str
    site: str
    admin1: str
    country: str
    records: int
    state: str
    placed_at: str
    why: str
    flags: tuple[Flag, ...]
    decision: Decision | None

    @property
    def stated(self) -> str:
        """What is stated around the place."""
        return ", ".join(filter(None, (self.site, self.admin1, self.country)))


def review(store: Store, texts: PlaceTexts, geocoder: Geocoder, decisions: Decisions) -> tuple[PlaceGroup, ...]:
    """List the wordings a person should look at, and those a person has decided; most pressing and frequent first.

    Parameters
    ----------
    geocoder
        The shared one, which knows no decisions.
    decisions
        Those laid over the store.
    """
    doubted = source_flags(store, texts, geocoder)
    decided = {decision.key for decision in decisions}
    unsure = store.places["method"].isin([*_UNSURE, "coordinates", ""]).to_numpy()
    named = store.places["method"].isin(_NAMED).to_numpy()
    compared = set(np.argsort(-texts.records * named, kind="stable")[:MOST_COMPARED][: int(named.sum())].tolist())
    columns = {name: store.places[name].tolist() for name in _TOLD}  # a row of a frame costs a thousand times a cell
    records: Counter[Key] = Counter()
    groups: dict[Key, PlaceGroup] = {}
    for row, key in enumerate(texts.keys):
        records[key] += int(texts.records[row])
        doubts = doubted.get(row, ())
        if key not in decided and (unsure[row] or row in compared):
            doubts += _doubts(geocoder, *texts.wordings[row], compare=row in compared)
        if unsure[row] or doubts or key in decided:
            placed = {name: str(cells[row]) for name, cells in columns.items()}
            group = _looked_at(placed, texts, row, decisions, doubts)
            if group and (key not in groups or _rank(group.state) < _rank(groups[key].state)):
                groups[key] = group
    listed = [replace(group, records=records[key]) for key, group in groups.items()]
    return tuple(sorted(listed, key=lambda group: (_rank(group.state), -group.records, group.place)))


def _looked_at(
    placed: Mapping[str, str], texts: PlaceTexts, row: int, decisions: Decisions, flags: tuple[Flag, ...]
) -> PlaceGroup | None:
    """Say what a person should look at in one distinct place; None when there is nothing."""
    place, site, admin1, country = texts.wordings[row]
    decision = decisions.get(place, site, admin1, country)
    if decision and placed["method"] != DECISION_METHOD:
        flags += (_idle(decision, placed["method"]),)
    state = _state(placed["method"], bool(placed["reason"]), flags)
    if not state:
        return None
    return PlaceGroup(
        key=texts.keys[row],
        place=place,
        site=site,
        admin1=admin1,
        country=country,
        records=0,
        state=state,
        placed_at=placed["place_name"],
        why=placed["reason"] or placed["why"],
        flags=flags,
        decision=decision,
    )


@lru_cache(maxsize=4 * MOST_COMPARED)
def _doubts(geocoder: Geocoder, place: str, site: str, admin1: str, country: str, *, compare: bool) -> tuple[Flag, ...]:
    """Give an answer's own flags, and one when other places of its kind fit the wording as well and lie elsewhere."""
    answer = geocoder.geocode(place, site=site, admin1=admin1, country=country, candidates=compare)
    rivals = [
        one
        for one in answer.candidates
        if one.id != answer.place_id
        and one.precision == answer.precision
        and one.score >= answer.score - CLOSE_SCORE
        and distance_m(answer.longitude, answer.latitude, one.longitude, one.latitude) > SAME_PLACE_M
    ]
    if not rivals:
        return answer.flags
    areas = (area_name(one.admin1_id or one.country_id, geocoder.boundaries) for one in rivals)
    names = "; ".join(f"{one.name} ({area})" for one, area in zip(rivals, areas, strict=True))
    fit = "Another place fits" if len(rivals) == 1 else f"{len(rivals)} other places fit"
    return (
        *answer.flags,
        Flag(AMBIGUOUS, f"{fit} as well: {names}.", "Choose the one that is meant."),
    )


def _state(method: str, unplaced: bool, flags: tuple[Flag, ...]) -> str:
    if method == DECISION_METHOD:
        return DECIDED
    if unplaced:
        return UNPLACED
    codes = {flag.code for flag in flags}
    if codes - {AMBIGUOUS}:
        return FLAGGED
    return AMBIGUOUS if codes else _UNSURE.get(method, "")


def _idle(decision: Decision, method: str) -> Flag:
    """Say why a decision is kept and does not apply."""
    because = (
        "the source's own coordinates are sound and win"
        if method == SOURCE_METHOD
        else f"{decision.choice!r} is in no gazetteer in use"
    )
    return Flag(
        "idle_decision",
        f"{decision.by} decided on {decision.on[:10]}, and it does not apply: {because}.",
        "Decide again, or undo it.",
    )


def _rank(state: str) -> int:
    return list(STATES).index(state)


def candidates_for(geocoder: Geocoder, group: PlaceGroup) -> tuple[Candidate, ...]:
    """Rank what the wording could mean, each with its reason, whatever was decided."""
    return _candidates(geocoder, group.place, group.site, group.admin1, group.country)


@lru_cache(maxsize=64)
def _candidates(geocoder: Geocoder, place: str, site: str, admin1: str, country: str) -> tuple[Candidate, ...]:
    found = geocoder.geocode(place, site=site, admin1=admin1, country=country).candidates
    return tuple(one for one in found if not math.isnan(one.longitude))[:MOST_CANDIDATES]
