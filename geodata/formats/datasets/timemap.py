"""TimeMap events, as JSON with nested sources or as the CSV in which Bellingcat publishes them.

Source: TimeMap's own schemas (`eventSchema.js`, `sourceSchema.js`). Dates are month first: M/D/YYYY.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from geodata.formats.datasets.nested import nested_sources, words
from geodata.formats.daytext import MONTH_FIRST, read_day
from geodata.formats.profile import DATE_ORDER, Profile, Rule, copy
from geodata.formats.wording import listed, one_sentence

COLUMNS: Final = (
    "civId",
    "description",
    "date",
    "time",
    "time_precision",
    "location",
    "latitude",
    "longitude",
    "type",
    "category",
    "associations",
    "sources",
    "comments",
    "graphic",
)
#: Words of type, category or associations that name one kind of event.
TYPES: Final = MappingProxyType(
    {
        "rocket attack": "rocket_attack", "rocket": "rocket_attack", "drone attack": "drone_attack",
        "missile attack": "missile_attack", "mortar": "mortar_attack", "airstrike": "airstrike",
        "air strike": "airstrike",
        "ied": "ied_attack", "protest": "protest", "arrest": "arrest",
    }
)  # fmt: skip


def _days(day: str, clock: str, order: str) -> tuple[str, str, str, str]:
    if not day.strip():
        return "", "", clock, ""
    read = read_day(day, order or None)
    return read.start, read.end, clock or read.clock, read.note


def _type(kind: str, category: str, associations: str) -> tuple[str, str]:
    named = [text for text in (kind, category, *words(associations)) if text.strip()]
    found = {TYPES[text.strip().casefold()] for text in named if text.strip().casefold() in TYPES}
    return (found.pop() if len(found) == 1 else "other"), listed(*named)


TIMEMAP: Final = Profile(
    code="timemap",
    title="TimeMap / Bellingcat",
    columns=COLUMNS,
    signature=frozenset({"date", "latitude", "longitude", "location", "description", "sources"}),
    rules=(
        copy("id", "civId"),
        Rule(("date_start", "date_end", "time_local", "notes"), ("date", "time", DATE_ORDER), _days),
        Rule(("event_type", "weapon"), ("type", "category", "associations"), _type, TYPES),
        copy("place", "location"),
        Rule(("summary",), ("description", "comments"), lambda *texts: (one_sentence(*texts),)),
        Rule(("sources",), ("sources",), lambda cell: (nested_sources(cell, "TimeMap"),)),
    ),
    old_names=MappingProxyType({"civid": "civId", "id": "civId", "datetime": "date"}),
    dates=("date",),
    order=MONTH_FIRST,
    constants=MappingProxyType({"event_type": "other"}),
    said=("TimeMap: associations are labels, not actors; none of them is read as who did it",),
    traps=(
        (
            "JSON with nested sources, or CSV. Sources that records name by their id are joined from the file's own "
            "table `sources`; those it does not hold stay names and are counted. Addresses are taken from inside."
        ),
        "Days are written month first unless the column proves otherwise.",
        "Associations are labels of a project, not actors.",
        "There is no code of place precision: it is left empty.",
    ),
)
