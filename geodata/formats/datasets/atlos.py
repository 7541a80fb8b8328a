"""Atlos: the CSV of incidents, with the attributes of the project that wrote it.

Source: Atlos' own export (`export_controller.ex`): slug, project, inserted_at, updated_at, latitude, longitude, its
core attributes, the project's own by their labels, and source_1, source_2, ...; and its bulk import of description and
sensitive. Attributes of a project ride along under their labels.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from geodata.formats.daytext import read_day
from geodata.formats.profile import DATE_ORDER, Profile, Rule, coded, copy
from geodata.formats.wording import source, sources

SOURCES: Final = tuple(f"source_{number}" for number in range(1, 21))
COLUMNS: Final = (
    "slug", "project", "inserted_at", "updated_at", "latitude", "longitude", "status", "description", "sensitive",
    "date",
    "type", "geolocation_resolution", "more_info", "tags", "assignments", "restrictions", "source_1", "source_2",
)  # fmt: skip
#: Atlos' geolocation resolution (table d7 of the field's crosswalk).
PRECISIONS: Final = MappingProxyType({"Exact": "site", "Vicinity": "site", "Locality": "town"})
#: Atlos' workflow is about its own incident, not about ours: nothing becomes reviewed by it.
STATUS_NOTES: Final = MappingProxyType({"canceled": "Atlos: cancelled", "cancelled": "Atlos: cancelled"})


def _days(day: str, order: str) -> tuple[str, str, str, str]:
    if not day.strip():
        return "", "", "", ""
    read = read_day(day, order or None)
    return read.start, read.end, read.clock, read.note


def _cited(*addresses: str) -> tuple[str]:
    return (sources(*(source(address, via="Atlos") for address in addresses)),)


ATLOS: Final = Profile(
    code="atlos",
    title="Atlos",
    columns=COLUMNS,
    signature=frozenset({"status", "description", "sensitive"}),
    rules=(
        copy("id", "slug"),
        Rule(("date_start", "date_end", "time_local", "notes"), ("date", DATE_ORDER), _days),
        Rule(("event_type", "weapon"), ("type",), lambda text: ("other", text)),
        copy("place"),
        Rule(("notes",), ("status",), lambda text: (STATUS_NOTES.get(text.strip().casefold(), ""),)),
        coded("location_precision", "geolocation_resolution", PRECISIONS),
        copy("summary", "description"),
        Rule(("sources",), SOURCES, _cited),
    ),
    old_names=MappingProxyType(
        {
            "incident_id": "slug", "id": "slug", "date_of_event": "date", "incident_date": "date", "lat": "latitude",
            "lon": "longitude", "location": "place", "location_name": "place", "incident_type": "type",
        }
    ),
    dates=("date",),
    constants=MappingProxyType({"event_type": "other"}),
    said=("Atlos: an incident's status in Atlos is kept in its own column and reviews nothing here",),
    traps=(
        "A project's own attributes ride along under their labels.",
        "The status is about the work on Atlos and reviews no record here; a cancelled incident is said in `notes`.",
        "Up to twenty columns `source_1`, `source_2`, ... are read as sources.",
    ),
)  # fmt: skip
