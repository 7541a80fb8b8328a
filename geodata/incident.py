"""Define the incident record: its columns in file order, and the vocabularies its coded cells are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geodata.vocabulary import (
    ADMIRALTY_ITEM,
    ADMIRALTY_SOURCE,
    CONFIDENCES,
    COUNTINGS,
    EVENT_GROUPS,
    EVENT_TYPES,
    LIKELIHOODS,
    LINK_RELATIONS,
    POTENTIAL_TYPES,
    PRECISIONS,
    STATUSES,
    TARGET_TYPES,
    TERMS,
    UNCOUNTED,
    VOCABULARIES,
    Code,
    EventType,
    Precision,
    Vocabulary,
)

__all__ = [
    "ADMIRALTY_ITEM",
    "ADMIRALTY_SOURCE",
    "ATTACK_TYPES",
    "COLUMNS",
    "COLUMN_NAMES",
    "CONFIDENCES",
    "COUNTINGS",
    "DEFAULT_TIME_ZONE",
    "EVENT_GROUPS",
    "EVENT_TYPES",
    "LIKELIHOODS",
    "LINK_RELATIONS",
    "POTENTIAL_TYPES",
    "PRECISIONS",
    "REQUIRED_COLUMNS",
    "SCHEMA_VERSION",
    "SEPARATOR",
    "STATUSES",
    "TARGET_TYPES",
    "TERMS",
    "UNCOUNTED",
    "VOCABULARIES",
    "Code",
    "Column",
    "EventType",
    "Precision",
    "Vocabulary",
]

SCHEMA_VERSION: Final = "1"
SEPARATOR: Final = "; "
DEFAULT_TIME_ZONE: Final = "Asia/Baghdad"


@dataclass(frozen=True, slots=True)
class Column:
    """Describe one column of the record.

    `kind` decides how a cell is checked: `text`, `id`, `code` (closed vocabulary), `date` (partial date), `count`
    (whole number, 0 or more), `latitude`, `longitude`, `list` (values joined by "; "), `links`, `sources`.
    """

    name: str
    meaning: str
    kind: str
    example: str
    required: bool = False


COLUMNS: Final[tuple[Column, ...]] = (
    Column("id", "Stable name of the record, never used again for another.", "id", "20210729-1", required=True),
    Column("status", "How far the record has been checked; empty means draft.", "code", "reviewed"),
    Column(
        "date_start",
        "First day it may have happened, cut to what is known: year, month or day. Empty: no usable date.",
        "date",
        "2021-07-29",
        required=True,
    ),
    Column("date_end", "Last day, when it lasted or when the day is known only as a range.", "date", "2021-08-01"),
    Column("time_local", "Time of day as reported, in the event's own zone.", "text", "01:45-02:00"),
    Column("time_zone", "Zone of `time_local`; empty means Asia/Baghdad.", "text", "Asia/Damascus"),
    Column(
        "first_reported",
        "Day from which the record could be known; empty means from its last day on.",
        "date",
        "2021-08-10",
    ),
    Column("event_type", "What happened.", "code", "rocket_attack", required=True),
    Column("weapon", "Weapon as reported.", "text", "rocket (Katyusha)"),
    Column("munitions", "How many rockets, drones or devices were used.", "count", "2"),
    Column("events_min", "Fewest events the record stands for; empty means one.", "count", "3"),
    Column(
        "events_max",
        "Most events it stands for; empty with `events_min` set means no upper bound is known.",
        "count",
        "6",
    ),
    Column("counting", "Whether its events are added to sums; empty means counted.", "code", "count_only"),
    Column(
        "place", "Place as reported: what the geocoder reads.", "text", "US Embassy, Green Zone, Baghdad", required=True
    ),
    Column(
        "site", "Facility the place belongs to, by its name in the list of facilities.", "text", "US Embassy Baghdad"
    ),
    Column("admin1", "Governorate or province.", "text", "Baghdad"),
    Column("country", 'Country, or several joined by "; ".', "list", "Iraq"),
    Column("latitude", "Only where a source itself gives it: decimal degrees north, WGS 84.", "latitude", "25.0333"),
    Column("longitude", "Only where a source itself gives it: decimal degrees east, WGS 84.", "longitude", "57.4833"),
    Column("location_precision", "How exact those coordinates are.", "code", "near"),
    Column("target", "Whom or what it was aimed at, as reported.", "text", "US Embassy Baghdad"),
    Column("target_type", "Kind of target.", "code", "embassy"),
    Column(
        "claimed_by", "Actors that said they did it; for threats and statements, who spoke.", "list", "Ashab al-Kahf"
    ),
    Column(
        "claim_note",
        "How the claim was made, by whom it is reported, what is doubted about it.",
        "text",
        "per later reporting",
    ),
    Column("denied_by", "Actors that said they did not do it, or that it did not happen.", "list", "Kata'ib Hezbollah"),
    Column("denial_note", "What exactly was denied, and whom the denier blamed.", "text", "both blamed the US"),
    Column("attributed_to", "Actors assessed by somebody else to have done it.", "list", "Iran-backed militias"),
    Column("attribution_basis", "On whose word.", "text", "Think-tank assessment"),
    Column("attribution_note", "Wording and limits of the attribution.", "text", "the source says alleged"),
    Column("likelihood", "How surely, in ICD 203's terms, and only where the source uses one.", "code", "likely"),
    Column("killed_min", "Fewest killed by any account; unknown is empty, never 0.", "count", "3"),
    Column("killed", "Best figure for killed; unknown is empty, never 0.", "count", "5"),
    Column("killed_max", "Most killed by any account.", "count", "9"),
    Column("wounded_min", "Fewest wounded by any account; unknown is empty, never 0.", "count", "12"),
    Column("wounded", "Best figure for wounded; unknown is empty, never 0.", "count", "12"),
    Column("wounded_max", "Most wounded by any account.", "count", "15"),
    Column("intercepted", "How many of the munitions were stopped.", "count", "1"),
    Column("condition", "For a threat: under which condition it was to be carried out.", "text", "if US forces stay"),
    Column("expires", "For a threat: last day of its term.", "date", "2021-12-31"),
    Column("summary", "What the sources say, in one or two sentences.", "text", "Two rockets fell near the embassy."),
    Column(
        "sources",
        'Sources joined by "; ", each an address with fields after " | ".',
        "sources",
        "https://example.org/a | grade=C3",
    ),
    Column("confidence", "How good the evidence is.", "code", "high"),
    Column("links", 'Related records joined by "; ", each as relation:id.', "links", "response:20210729-1"),
    Column(
        "reviewed_against", "Text a reviewed record was checked against.", "text", "Lawlor and Carl, 10 August 2021"
    ),
    Column(
        "notes", "What a reader of the record must know beyond the above.", "text", "Day inferred from the page's date."
    ),
    Column("schema", "Version of this table the row was written for; empty means the current one.", "text", "1"),
)

COLUMN_NAMES: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS)
REQUIRED_COLUMNS: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS if column.required)
ATTACK_TYPES: Final[tuple[str, ...]] = tuple(code for code, kind in EVENT_TYPES.items() if kind.group == "attack")
