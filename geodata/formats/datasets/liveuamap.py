"""Liveuamap-like JSON: points of news with one source each, read as ungraded reports.

The layout is not documented; it is known from public readers of the page's list `venues`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from geodata.formats.daytext import read_day
from geodata.formats.profile import Profile, Rule, copy
from geodata.formats.wording import source, sources

COLUMNS: Final = (
    "id",
    "name",
    "description",
    "lat",
    "lng",
    "timestamp",
    "cat_id",
    "color",
    "picture",
    "source",
    "link",
)
REPORT_NOTE: Final = "the day is that of the report in UTC, not of the event"


def _days(moment: str) -> tuple[str, str, str]:
    day = read_day(moment).start if moment.strip() else ""
    return day, day, REPORT_NOTE if day else ""


LIVEUAMAP: Final = Profile(
    code="liveuamap",
    title="Liveuamap-like JSON",
    columns=COLUMNS,
    signature=frozenset({"name", "lat", "lng", "cat_id"}),
    rules=(
        copy("id"),
        Rule(("date_start", "first_reported", "notes"), ("timestamp",), _days),
        Rule(("event_type", "weapon"), ("cat_id",), lambda code: ("other", f"category {code}" if code else "")),
        Rule(("summary",), ("name", "description"), lambda name, text: (text or name,)),
        Rule(
            ("sources",),
            ("source", "link"),
            lambda name, link: (sources(source(name or link, grade="F6", via="Liveuamap")),),
        ),
    ),
    old_names=MappingProxyType({"time": "timestamp", "udescription": "description", "catid": "cat_id"}),
    coordinates=("lat", "lng"),
    constants=MappingProxyType({"event_type": "other", "confidence": "low"}),
    said=("Liveuamap: each point is one report: grade F6, precision not known; no place is read from its text",),
    traps=(
        "The layout is not documented by its makers: a list of points, usually `venues`.",
        "The time is that of the report, not of the event: it is the day of both, for want of another.",
        (
            "A point is where the report was put; how exactly is not known, and its category is a number "
            "without a meaning "
            "that is published."
        ),
    ),
)
