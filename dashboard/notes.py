"""Notes below the counts that say why numbers are what they are."""

from __future__ import annotations

import numpy as np

from dashboard.view import COLOUR_BY
from geodata.answer import Answer
from geodata.store import Store

#: Dimensions that name actors; they are never merged, because claiming, denying and being assessed are not the same.
ACTOR_DIMENSIONS = ("claimed", "assessed", "parent")

_WHOSE = {
    "claimed": "Only what was said by the actors themselves.",
    "assessed": "Only what somebody else assessed; claims are not mixed in.",
    "parent": "Each assessed actor stands under the highest body below a state to which it was subordinate on that day "
    "(as a front, an affiliate, under command or as a part), and else for itself; claims are not mixed in.",
}


def actor_note(store: Store, answer: Answer) -> str:
    """Say why the totals by actor are not the number of records, when actors colour the map; "" otherwise."""
    if answer.by not in ACTOR_DIMENSIONS or not len(answer.rows):
        return ""
    cells = store.coded[answer.by].combinations
    shown = answer.colours.sum(axis=0)
    nobody = int(sum(shown[at] for at, cell in enumerate(cells) if cell == ("",)))
    several = int(sum(shown[at] for at, cell in enumerate(cells) if len(cell) > 1))
    named = int(np.sum(shown)) - nobody
    parts = [f"By {COLOUR_BY[answer.by]}: {named:,} of {named + nobody:,} records name one, {nobody:,} do not."]
    if several:
        parts.append(f"{several:,} {'name' if several > 1 else 'names'} several and count under each.")
    return " ".join([*parts, _WHOSE[answer.by]])
