"""Our own table, of any version of its schema, in any container; and the layout in which the records were collected."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from geodata.errors import RowError
from geodata.formats.profile import Profile, Rule, copy
from geodata.formats.wording import source, sources
from geodata.incident import COLUMN_NAMES, REQUIRED_COLUMNS, VOCABULARIES

OWN: Final = Profile(
    code="own",
    title="Incident Atlas",
    columns=COLUMN_NAMES,
    signature=frozenset(REQUIRED_COLUMNS),
    rules=tuple(copy(name) for name in COLUMN_NAMES),
    coordinates=None,
    checked_as_is=True,
    traps=(
        "Any version of the schema, in any container: columns may be missing or in any order, further ones ride along.",
        "Cells are checked as they stand; nothing is put right for another dataset's habits. See `docs/codebook.md`.",
    ),
)

_KEPT: Final = (
    "id", "time_local", "event_type", "weapon", "munitions", "place", "site", "admin1", "country", "latitude",
    "longitude", "location_precision", "target", "claimed_by", "attributed_to", "attribution_basis", "denied_by",
    "killed", "wounded", "intercepted", "summary", "confidence",
)  # fmt: skip


def _days(text: str) -> tuple[str, str]:
    start, _, end = text.partition("/")
    return start.strip(), end.strip()


def _target_type(text: str) -> tuple[str]:
    code = VOCABULARIES["target_type"].read(text) if text.strip() else ""
    if code is None:
        msg = f"{text[:80]!r} is not a known target_type; use one of {', '.join(VOCABULARIES['target_type'].codes)}"
        raise RowError(msg)
    return (code,)


OWN_RESEARCH: Final = Profile(
    code="own-research",
    title="Incident Atlas, layout before version 1",
    columns=(*_KEPT, "date", "date_precision", "target_type", "source_1", "source_2", "source_3"),
    signature=frozenset({"id", "date", "date_precision", "event_type", "place", "source_1"}),
    rules=(
        *(copy(name) for name in _KEPT),
        Rule(("date_start", "date_end"), ("date",), _days),
        Rule(("target_type",), ("target_type",), _target_type),
        Rule(("sources",), ("source_1", "source_2", "source_3"), lambda *texts: (sources(*map(source, texts)),)),
    ),
    old_names=MappingProxyType({}),
    coordinates=None,
    checked_as_is=True,
)
