"""Who may read a product: what the profiles internal, partner and public leave out, and the words that say so."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache

from dashboard.products.content import value_counts
from dashboard.products.options import PageOptions
from dashboard.view import View
from geodata.answer import Answer
from geodata.dataset import Dataset
from geodata.errors import QueryError
from geodata.incident import STATUSES
from geodata.release import SENTENCE, foreign_columns, released
from geodata.store import Store

#: Columns written for the desk itself: what to mind while working on a record.
DESK_COLUMNS = frozenset({"notes", "reviewed_against"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What readers of one kind are shown.

    Attributes
    ----------
    statuses
        Review states of the records they may see; an empty state counts as draft.
    desk
        Whether they see the desk's notes and columns that the record table does not define.
    exact
        Whether places stand where they are known to be and the contact is named, or places stand on the public grid.
    """

    name: str
    statuses: frozenset[str]
    desk: bool
    exact: bool


PROFILE: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("internal", frozenset(STATUSES), desk=True, exact=True),
        Profile("partner", frozenset({"reviewed", "released"}), desk=False, exact=True),
        Profile("public", frozenset({"released"}), desk=False, exact=False),
    )
}


@dataclass(frozen=True, slots=True)
class Redacted:
    """An order as its readers may see it.

    Attributes
    ----------
    left_out
        Records of the view that the profile leaves out, by review state.
    note
        What was left out and coarsened, in words for the product; "" when nothing was.
    """

    dataset: Dataset
    view: View
    left_out: Mapping[str, int]
    note: str


def redacted(dataset: Dataset, view: View, profile_name: str) -> Redacted:
    """Leave out what the readers of a profile must not see.

    Raises
    ------
    QueryError
        When the view asks only for records that the profile does not show.
    """
    profile = PROFILE[profile_name]
    public = view.public or not profile.exact
    shown = released(dataset, public=public)
    withheld: frozenset[str] = frozenset()
    left_out: dict[str, int] = {}
    if profile_name != "internal":
        asked = dataset.store.ask(view.selection, by=view.colour_by)
        left_out = {state: n for state, n in _states(dataset.store, asked).items() if state not in profile.statuses}
        selection = view.selection.with_filter("status", _statuses(view, profile))
        view = replace(view, selection=selection)
    if not profile.desk:
        withheld = DESK_COLUMNS | foreign_columns(shown.store)
        shown = replace(shown, store=_without(shown.store, withheld))
    note = _note(profile, left_out, public=public, named=sorted(withheld & set(shown.store.records.names)))
    return Redacted(shown, replace(view, public=public), left_out, note)


def redacted_options(options: PageOptions) -> PageOptions:
    """Leave the contact out of a product for the public: it would stand on the page and in the recipe."""
    return options if PROFILE[options.profile].exact else replace(options, contact="")


def _states(store: Store, answer: Answer) -> dict[str, int]:
    """Count the records of an answer by review state."""
    states: dict[str, int] = {}
    for value, n in value_counts(store, "status", answer.rows).items():
        if n:
            states[value or "draft"] = states.get(value or "draft", 0) + n
    return states


def _statuses(view: View, profile: Profile) -> frozenset[str]:
    asked = view.selection.filters.get("status")
    if asked is None:
        return profile.statuses
    if not asked & profile.statuses:
        shown = " and ".join(sorted(profile.statuses))
        msg = (
            f"A {profile.name} product shows {shown} records only, the view asks for "
            f"{', '.join(sorted(value or 'draft' for value in asked))}; remove the filter or choose another profile."
        )
        raise QueryError(msg)
    return asked & profile.statuses


@lru_cache(maxsize=4)
def _without(store: Store, columns: frozenset[str]) -> Store:
    """Give the same store with some columns empty; everything coded from them stays, as counts and filters need it."""
    made = copy(store)
    made.records = store.records.without(columns)
    return made


def _note(profile: Profile, left_out: Mapping[str, int], *, public: bool, named: list[str]) -> str:
    parts = []
    if profile.name != "internal":
        told = " and ".join(f"{left_out[state]:,} {state}" for state in STATUSES if left_out.get(state))
        shown = " and ".join(state for state in STATUSES if state in profile.statuses)
        parts.append(
            f"{profile.name.capitalize()} edition: only {shown} records; {told or 'no'} record"
            f"{'' if sum(left_out.values()) == 1 else 's'} of the selection left out."
        )
    if named:
        parts.append(f"Fields left out: {', '.join(named)}.")
    if public:
        parts.append(SENTENCE)
    return " ".join(parts)
