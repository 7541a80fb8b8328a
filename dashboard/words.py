"""Sentences the page and the products share."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pyarrow.compute as pc

from geodata.answer import Answer, Counts
from geodata.coding import Mask
from geodata.scan_loops import NO_DAY
from geodata.store import Store

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&@])")


#: What begins a link, an icon or an emoji: Streamlit makes them out after all escapes. A word joiner behind it, which
#: takes no room, leaves it text.
_MADE_OUT = re.compile(r":(?=//|[a-z0-9+/_-]+:)|(?<=\w)@(?=\w)|www(?=\.)", re.IGNORECASE)


def plain(text: str) -> str:
    """Escape a record's text for a place that reads Markdown: it shows as written and fetches nothing."""
    return _MARKDOWN.sub(r"\\\1", _MADE_OUT.sub("\\g<0>\u2060", text))


def kilometres(metres: float) -> str:
    """Write a distance with at most one decimal, and none where it would be a zero that claims to be known: `3 km`."""
    return f"{round(metres / 1000, 1):g} km"


def counted(n: int, one: str, more: str = "") -> str:
    """Write a number with its noun in the singular or the plural: `1 record`, `2,000 records`."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"


def counts_sentence(counts: Counts) -> str:
    """Say where every record read has gone; the numbers add up."""
    parts = [f"{counts.shown:,} of {counts.read:,} records shown"]
    parts += [f"{n:,} {reason}" for reason, n in counts.hidden.items()]
    parts.append(f"{counts.rejected:,} rejected")
    return " · ".join(parts)


def events_sentence(counts: Counts) -> str:
    """Say how many attacks and events the records shown stand for, and what is left out of the sums."""
    if not counts.shown:
        return "No record matches."
    attacks = str(counts.attacks).replace("event", "attack", 1)
    return f"Attacks: {attacks} · Killed: {counts.killed} · Wounded: {counts.wounded}"


def possible_sentence(answer: Answer, possible: int) -> str:
    """Say how many of the records shown only might fall into the window, and how many are threats still in force."""
    if answer.selection.window is None:
        return ""
    in_force = int(answer.by_spot[:, 3].sum())
    parts = []
    if possible:
        parts.append(f"{possible:,} of them only may fall into the window: their date is a range or half known.")
    if in_force:
        verb = "are threats" if in_force > 1 else "is a threat"
        parts.append(f"{in_force:,} of them {verb} announced before the window whose term still runs.")
    return " ".join(parts)


def known_sentence(store: Store, answer: Answer) -> str:
    """Say how many of the records shown have no date of first report, where the map is asked for as known on a day."""
    if not (answer.selection.known_on and len(answer.rows)):
        return ""
    rows = answer.rows[_unreported(store)[answer.rows]]
    if not len(rows):
        return ""
    undated = int((store.columns.last_day[rows] == NO_DAY).sum())
    verb, whose = ("has", "its") if len(rows) == 1 else ("have", "their")
    always = f", {undated:,} without a day as always known" if undated else ""
    return (
        f"{len(rows):,} of {len(answer.rows):,} records shown {verb} no date of first report: taken as known from "
        f"{whose} last day{always}."
    )


@lru_cache(maxsize=4)
def _unreported(store: Store) -> Mask:
    """Tell which records do not say when they were first reported."""
    cells = store.records.arrow("first_reported").combine_chunks()
    return np.asarray(pc.equal(cells, "").to_numpy(zero_copy_only=False), dtype=bool)
