"""Everything known of one record, as titled sections; used by the page, the routes and the products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboard.words import kilometres
from geodata.actors import ACTOR_RELATIONS, load_actors
from geodata.answer import NOT_PLACED
from geodata.coordinates import write_coordinates
from geodata.dates import parse_date
from geodata.incident import COLUMN_NAMES as KNOWN_COLUMNS
from geodata.incident import (
    CONFIDENCES,
    COUNTINGS,
    DEFAULT_TIME_ZONE,
    EVENT_TYPES,
    LIKELIHOODS,
    PRECISIONS,
    STATUSES,
    TARGET_TYPES,
)
from geodata.provenance import DATASET_COLUMN, FILE_COLUMN, FILE_ID_COLUMN
from geodata.record_table import Rows
from geodata.sources import Source, grade_label, origins_sentence, parse_sources
from geodata.store import Store
from geodata.wording import check_wording

Item = dict[str, Any]

#: Columns that say where a record of several datasets came from.
_PROVENANCE = frozenset({DATASET_COLUMN, FILE_COLUMN, FILE_ID_COLUMN})


def describe(store: Store, row: int, coordinates: str = "decimal") -> dict[str, Any]:
    """Describe one record for a reader: title, summary and sections of labelled values; nothing in it is markup.

    `marks` lists what the wording of the summary leaves unclear, as start, end and reason.

    Parameters
    ----------
    coordinates
        How its point is written; a key of `geodata.coordinates.FORMATS`.
    """
    return describe_rows(store, np.array([row]), coordinates)[0]


def describe_rows(store: Store, rows: Rows, coordinates: str = "decimal") -> list[dict[str, Any]]:
    """Describe several records as `describe` does one; their text is read at once."""
    records = store.records.take(rows).to_dict("records")
    placements = store.placements_at(rows).to_dict("records")
    return [
        _described({str(name): str(cell) for name, cell in record.items()}, placement, coordinates)
        for record, placement in zip(records, placements, strict=True)
    ]


def _described(record: dict[str, str], placement: Mapping[Any, Any], coordinates: str) -> dict[str, Any]:
    kind = EVENT_TYPES[record["event_type"]]
    own = {*KNOWN_COLUMNS, "line", *(_PROVENANCE if record.get(DATASET_COLUMN) else ())}
    sections = [
        _section("What and when", _what(record)),
        _section("Where, and how exactly", _where(record, placement, coordinates)),
        _section("Who", _who(record)),
        _section("Harm", _harm(record)),
        _section("Threat", [_item("Condition", record["condition"]), _item("Expires", record["expires"])]),
        _section("Evidence", _evidence(record)),
        _section(
            "Other columns of the file",
            [_item(c, v) for c, v in record.items() if c not in own],
        ),
    ]
    return {
        "id": record["id"],
        "title": f"{kind.label}, {date_text(record)}",
        "summary": record["summary"],
        "marks": _marks(record["summary"]),
        "sections": [section for section in sections if section],
    }


def date_text(record: Mapping[Any, Any]) -> str:
    """Write the date as exactly as it is known: `2021-07-29`, `2021-07-29 to 2021-08-01`, `2021-07`, or `no date`."""
    start, end = str(record["date_start"]), str(record["date_end"])
    if not start:
        return "no date"
    return f"{start} to {end}" if end and end != start else start


def range_text(low: str, best: str, high: str) -> str:
    """Write a count as `3-9 (best 5)`, `at least 3 (best 5)`, `at most 9`, `5`; empty when nothing is reported."""
    if low and low == high:
        return low
    span = f"{low}-{high}" if low and high else f"at least {low}" if low else f"at most {high}" if high else ""
    if span and best:
        return f"{span} (best {best})"
    return span or best


def _marks(text: str) -> list[list[int | str]]:
    return [[found.start, found.end, found.reason] for found in check_wording(text)]


def _section(title: str, items: list[Item | None]) -> dict[str, Any] | None:
    kept = [item for item in items if item]
    return {"title": title, "items": kept} if kept else None


def _item(label: str, text: str, kind: str = "") -> Item | None:
    return {"label": label, "text": text, "kind": kind} if text else None


def _what(record: dict[str, str]) -> list[Item | None]:
    events = range_text(record["events_min"], "", record["events_max"])
    if record["events_min"] and not record["events_max"]:
        events = f"at least {record['events_min']}"
    zone = record["time_zone"] or DEFAULT_TIME_ZONE
    return [
        _item("Type", EVENT_TYPES[record["event_type"]].label),
        _item("Date", date_text(record)),
        _item("First reported", record["first_reported"] or _taken_as_known(record)),
        _item("Local time", f"{record['time_local']} ({zone})" if record["time_local"] else ""),
        _item("Events", events),
        _item("Counting", COUNTINGS[record["counting"]].label if record["counting"] else ""),
        _item("Weapon", record["weapon"]),
        _item("Munitions", record["munitions"]),
        _item("Intercepted", record["intercepted"]),
        _item("Target", record["target"]),
        _item("Target type", TARGET_TYPES[record["target_type"]].label if record["target_type"] else ""),
    ]


def _taken_as_known(record: dict[str, str]) -> str:
    """Say from when a record without a date of first report counts as known."""
    end = record["date_end"] or record["date_start"]
    return f"not recorded; taken as known from {parse_date(end).last}" if end else "not recorded; taken as always known"


def _where(record: dict[str, str], placement: Mapping[Any, Any], coordinates: str) -> list[Item | None]:
    stated = [record["site"], record["admin1"], record["country"]]
    items = [_item("As reported", record["place"]), _item("Stated", ", ".join(part for part in stated if part))]
    if pd.isna(placement["longitude"]):
        return [*items, _item("Placed", f"{NOT_PLACED}: {placement['reason']}", "strong")]
    precision = PRECISIONS[placement["precision"]]
    placed = f"{placement['place_name']}\nknown to: {precision.label.lower()}"
    if not placement["area_id"]:
        at = _point(placement["longitude"], placement["latitude"], coordinates)
        placed += f", within {kilometres(placement['radius_m'])} of {at}"
    matched = f"“{placement['matched_text']}”" + (f" matched {placement['place_id']}" if placement["place_id"] else "")
    proof = f"{placement['why']}\n{matched} ({placement['method']}, score {placement['score']:.2f})"
    return [*items, _item("Placed at", placed, "strong"), _item("Proof", proof)]


def _point(longitude: float, latitude: float, coordinates: str) -> str:
    """Write a point as the reader chose; decimal degrees with their hemispheres."""
    if coordinates == "decimal":
        return f"{_degrees(latitude, 'N', 'S')}, {_degrees(longitude, 'E', 'W')}"
    return write_coordinates(longitude, latitude, coordinates)


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.4f} {negative if value < 0 else positive}"


def _who(record: dict[str, str]) -> list[Item | None]:
    likelihood = LIKELIHOODS[record["likelihood"]].label.lower() if record["likelihood"] else ""
    return [
        _item(
            "Claimed by",
            _with_note(record["claimed_by"] or "nobody, as far as recorded", record["claim_note"]),
            "strong",
        ),
        _item("Denied by", record["denied_by"] or "nobody, as far as recorded", "strong"),
        _item("Denial, and whom it blames", record["denial_note"]),
        _item(
            "Assessed to", _with_note(record["attributed_to"] or "not assessed", record["attribution_note"]), "strong"
        ),
        _item("Who stood above", _parents(record)),
        _item("On whose word", record["attribution_basis"]),
        _item("Likelihood", likelihood),
    ]


def _parents(record: dict[str, str]) -> str:
    """Say to whom each assessed actor was subordinate on that day, step by step, since when and on what grounds."""
    actors = load_actors()
    on = parse_date(record["date_start"]).first if record["date_start"] else None
    lines = []
    for _, actor_id in actors.resolve_cell(record["attributed_to"]):
        for link in actors.chain(actor_id, on):
            names = actors.actor(link.actor).name, ACTOR_RELATIONS[link.relation], actors.actor(link.parent).name
            days = f" ({link.days})" if link.days else ""
            lines.append(f"{' '.join(names)}{days}: {link.grounds}")
    return "\n".join(dict.fromkeys(lines))


def _with_note(text: str, note: str) -> str:
    return f"{text}\n{note}" if note else text


def _harm(record: dict[str, str]) -> list[Item | None]:
    def reported(name: str) -> str:
        return range_text(record[f"{name}_min"], record[name], record[f"{name}_max"]) or "not reported"

    return [_item("Killed", reported("killed")), _item("Wounded", reported("wounded"))]


def _evidence(record: dict[str, str]) -> list[Item | None]:
    sources = parse_sources(record["sources"])
    return [
        _item("Review", STATUSES[record["status"] or "draft"].label),
        _item("Confidence", CONFIDENCES[record["confidence"]].label if record["confidence"] else ""),
        _item("Checked against", record["reviewed_against"]),
        {"label": "Sources", "text": _sources_text(sources), "links": _sources(sources)} if sources else None,
        {"label": "Related", "text": record["links"], "links": _related(record["links"])} if record["links"] else None,
        _item("Notes", record["notes"]),
        _item("Read from", _origin(record)),
    ]


def _origin(record: dict[str, str]) -> str:
    """Say which dataset, file and row a record came from, when several are shown together."""
    if not record.get(DATASET_COLUMN):
        return ""
    file = record.get("file", "")
    row = f"row {record['line']}" + (f", id {record[FILE_ID_COLUMN]} there" if record.get(FILE_ID_COLUMN) else "")
    dataset = record[DATASET_COLUMN]
    return ", ".join(filter(None, (dataset, file if file != dataset else "", row)))


def _sources_text(sources: tuple[Source, ...]) -> str:
    """Count sources and origins; a date of access that none has is said once, for all of them."""
    return origins_sentence(sources) + ("" if any(one.accessed for one in sources) else "; access date not recorded")


def _sources(sources: tuple[Source, ...]) -> list[dict[str, str]]:
    """One line per source: a link for plain http and https addresses, else the address as text."""
    return [{"text": source.shown, "href": source.link, "note": _source_note(source)} for source in sources]


def _source_note(source: Source) -> str:
    """Say who published what and when, how it is graded, what it goes back to, and where a copy is kept."""
    said = {
        "by ": source.author,
        "published ": source.published,
        "part: ": source.part,
        "accessed ": source.accessed,
        f"{source.grade}: ": grade_label(source.grade),
        "goes back to ": source.origin,
        "copy: ": source.archive,
        "SHA-256 ": source.sha256,
    }
    title = " - ".join(filter(None, (source.title, source.publisher_told)))
    return " · ".join(filter(None, [title, *(f"{words}{value}" for words, value in said.items() if value)]))


def _related(cell: str) -> list[dict[str, str]]:
    lines = []
    for part in cell.split("; "):
        relation, _, target = part.partition(":")
        lines.append(
            {
                "text": target or relation,
                "record": target or relation,
                "note": relation.replace("_", " ") if target else "",
            }
        )
    return lines
