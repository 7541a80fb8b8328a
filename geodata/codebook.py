"""Write the codebook: what each column and each code of a record means, from the same lists the reader checks with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from geodata.actors import ACTOR_KINDS, ACTOR_RELATIONS
from geodata.incident import (
    ADMIRALTY_ITEM,
    ADMIRALTY_SOURCE,
    COLUMNS,
    EVENT_GROUPS,
    EVENT_TYPES,
    LINK_RELATIONS,
    PRECISIONS,
    SCHEMA_VERSION,
    TERMS,
    VOCABULARIES,
    Code,
)

_INTRODUCTION = """\
# Codebook

Schema version {version}. Generated from `geodata/incident.py`; `tests/test_codebook.py` fails when the two differ.

A file of incidents is CSV in UTF-8, one row per record, with a header line. Columns may stand in any order; columns
that are not listed here ride along untouched. A cell that is empty says "not known", never 0 and never "no".
Several values in one cell are joined by a semicolon and a space.
"""

_RULES = """\
## Rules

**Dates.** `2021`, `2021-07` and `2021-07-29` mean what they say: somewhere in that year, that month, that day. A
record with `date_start` and `date_end` lasted that long or happened somewhere in between. No other spelling is guessed,
because 03/04/2021 is two days. `first_reported` is the earliest dated publication among the sources.

**Counts of events.** A record stands for one event unless `events_min` and `events_max` say otherwise. "At least three"
is `events_min` 3 with `events_max` empty: no upper bound is known. `counting` keeps sums honest: an aggregate whose
events have records of their own (`count_only`) and a second part of one event (`part`) are shown, listed and left out
of every sum; an aggregate none of whose events is recorded (`count_alone`) is added.

**Harm.** `killed` is the best figure. With `killed_min` and `killed_max` empty it is exact. "At least 25" is
`killed_min` 25, `killed` 25, `killed_max` empty: 25 is the best figure there is, and no upper bound is known. Where
accounts differ, min and max are the lowest and the highest figure of any account, and `killed` stays empty when none of
them is better than the others. The same holds for `wounded`.

**Claims, denials, attributions.** `claimed_by`, `denied_by` and `attributed_to` hold names from the list of actors and
nothing else; how it was said stands in `claim_note`, `denial_note` and `attribution_note`. For a threat, a statement or
a capability, `claimed_by` is the actor that spoke, and `attributed_to` the actor somebody else reports to have done so.

**Likelihood.** Filled only where a source uses one of ICD 203's seven terms for who did it. "Suspected", "alleged",
"believed" and "most likely" (which compares alternatives) are not among them and stay in `attribution_note`.

**Place.** `place` is what the source says and what the geocoder reads. `latitude` and `longitude` are filled only where
a source itself gives a position; it wins over the geocoder.

**Sources.** `address | field=value | field=value`, several joined by "; ". Fields: `title`, `author`, `publisher`,
`published`, `accessed`, `part` (the passage), `grade` (Admiralty, such as `C3`), `origin` (what the source goes back
to: sources of one origin count as one), `archive`, `sha256`. A semicolon or a bar inside a value is written `%3B` or
`%7C`. Grades in `incidents.csv` are a first draft: the letter by publisher, the digit from the record's confidence
(high 2, medium 3, low 6).

**Status.** Everything in `incidents.csv` is a draft except the records that state what the report of 10 August 2021
states, which were checked against its text (`reviewed_against`).
"""


def codebook() -> str:
    """Return the codebook as Markdown."""
    parts = [_INTRODUCTION.format(version=SCHEMA_VERSION), "## Columns\n", column_table(), _RULES, "## Codes\n"]
    parts.append(_table("`event_type`", ("code", "label", "group", "meaning"), _event_rows()))
    parts.append(_table("`location_precision`", ("code", "label", "usual error", "meaning"), _precision_rows()))
    for name, vocabulary in VOCABULARIES.items():
        if name not in {"event_type", "location_precision"}:
            parts.append(_code_table(f"`{name}`", vocabulary.codes))
    parts.append(_code_table("Relations in `links`", LINK_RELATIONS))
    parts.append(_code_table("Admiralty grade, first sign: the source", ADMIRALTY_SOURCE))
    parts.append(_code_table("Admiralty grade, second sign: the item", ADMIRALTY_ITEM))
    parts.append("## Spellings that are read as a code\n\n" + _fix_list())
    parts.append(_table("Kinds of actors", ("code", "label"), ACTOR_KINDS.items(), level=2))
    parts.append(_table("Relations between actors", ("code", "label"), ACTOR_RELATIONS.items(), level=2))
    parts.append(_table("Terms", ("term", "meaning"), TERMS.items(), level=2))
    return "\n".join(parts)


def column_table() -> str:
    """Return the table of columns as Markdown, for the README and the codebook."""
    rows = [
        (f"`{column.name}`" + (" (required)" if column.required else ""), column.kind, column.meaning, column.example)
        for column in COLUMNS
    ]
    return _rows(("column", "kind", "meaning", "example"), rows)


def _event_rows() -> Iterable[tuple[str, ...]]:
    for kind in EVENT_TYPES.values():
        yield f"`{kind.code}`", kind.label, EVENT_GROUPS[kind.group], kind.definition


def _precision_rows() -> Iterable[tuple[str, ...]]:
    for precision in PRECISIONS.values():
        error = "an area" if precision.radius_m is None else f"{precision.radius_m:,.0f} m"
        yield f"`{precision.code}`", precision.label, error, precision.definition


def _code_table(title: str, codes: Mapping[str, Code]) -> str:
    return _table(title, ("code", "label", "meaning"), ((f"`{c.code}`", c.label, c.definition) for c in codes.values()))


def _fix_list() -> str:
    lines = []
    for name, vocabulary in VOCABULARIES.items():
        pairs = ", ".join(f"{wrong} → {right}" for wrong, right in sorted(vocabulary.fixable.items()))
        lines.append(f"- `{name}`: {pairs}")
    return "\n".join(lines) + "\n"


def _table(title: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, level: int = 3) -> str:
    return f"{'#' * level} {title}\n\n{_rows(header, rows)}"


def _rows(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)
