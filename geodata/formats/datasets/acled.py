"""ACLED: current exports (31 columns, since 20 March 2023) and those before.

Sources: ACLED Codebook; the header of ACLED's own R package acledR (`R/data.R`). Actor order is not direction
(codebook, "Actors"): where two sides fight, both are named as parties and neither as the target.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.formats.daytext import DAY_FIRST, read_day
from geodata.formats.profile import (
    DATE_ORDER,
    DAY_PATTERN,
    DEGREES_PATTERN,
    YEAR_PATTERN,
    Layout,
    Profile,
    Rule,
    Texts,
    blank,
    coded,
    copy,
    layout_of,
)
from geodata.formats.wording import WEAPON_WORDS, best_figure, listed, source, sources

COLUMNS: Final = (
    "event_id_cnty",
    "event_date",
    "year",
    "time_precision",
    "disorder_type",
    "event_type",
    "sub_event_type",
    "actor1",
    "assoc_actor_1",
    "inter1",
    "actor2",
    "assoc_actor_2",
    "inter2",
    "interaction",
    "civilian_targeting",
    "iso",
    "region",
    "country",
    "admin1",
    "admin2",
    "admin3",
    "location",
    "latitude",
    "longitude",
    "geo_precision",
    "source",
    "source_scale",
    "notes",
    "fatalities",
    "tags",
    "timestamp",
)
COLUMNS_BEFORE_2023: Final = (
    "data_id",
    "iso",
    "event_id_cnty",
    "event_id_no_cnty",
    "event_date",
    "year",
    "time_precision",
    "event_type",
    "sub_event_type",
    "actor1",
    "assoc_actor_1",
    "inter1",
    "actor2",
    "assoc_actor_2",
    "inter2",
    "interaction",
    "region",
    "country",
    "admin1",
    "admin2",
    "admin3",
    "location",
    "latitude",
    "longitude",
    "geo_precision",
    "source",
    "source_scale",
    "notes",
    "fatalities",
    "timestamp",
    "iso3",
)

#: Codes of sub_event_type that say enough; all others are `other` and named in `weapon`. Two depend on more, below.
TYPES: Final = MappingProxyType(
    {
        "remote explosive/landmine/ied": "ied_attack",
        "peaceful protest": "protest",
        "protest with intervention": "protest",
        "excessive force against protesters": "protest",
        "violent demonstration": "protest",
        "arrests": "arrest",
    }
)
SHELLING: Final = "shelling/artillery/missile attack"
AIR: Final = "air/drone strike"
#: Kinds of actor (inter1), as number or as text: states fly aircraft, armed groups fly drones.
STATES: Final = frozenset({"1", "8", "state forces", "external/other forces"})
ARMED_GROUPS: Final = frozenset(
    {"2", "3", "4", "rebel group", "rebel groups", "political militia", "political militias", "identity militia",
     "identity militias"}
)  # fmt: skip
#: Codes of geo_precision: 1 town, 2 part of a small region around a town, 3 region or natural feature.
PRECISIONS: Final = MappingProxyType({"1": "town", "2": "near", "3": "governorate"})

WORD_NOTE: Final = (
    "event type read from a word in ACLED's notes; ACLED itself does not tell rockets, mortars and missiles apart"
)
AIR_NOTE: Final = "air or drone strike told apart by the kind of the first actor (inter1)"
WEEK_NOTE: Final = "ACLED knows the week only: three days either side of the date it names"
ORDER_NOTE: Final = "as coded by ACLED from its sources; the order of actors is not direction"
SIDES_NOTE: Final = "both parties as coded by ACLED; the order of actors is not direction"
NOBODY_NOTE: Final = "ACLED codes the actor as unidentified"


def _days(day: str, precision: str, order: str) -> tuple[str, str, str]:
    if not day.strip():
        return "", "", ""
    read = read_day(day, order or None)
    if precision.strip() == "3" and len(read.start) == 10:
        return read.start[:7], "", read.note
    if precision.strip() == "2" and len(read.start) == 10:
        middle = date.fromisoformat(read.start)
        return (middle - timedelta(days=3)).isoformat(), (middle + timedelta(days=3)).isoformat(), WEEK_NOTE
    return read.start, read.end, read.note


def _type(event: str, sub_event: str, kind: str, word: str) -> tuple[str, str, str]:
    folded, kind = sub_event.strip().casefold(), kind.strip().casefold()
    if folded == SHELLING and word:
        return word, sub_event, WORD_NOTE
    if folded == AIR and kind in STATES | ARMED_GROUPS:
        return ("airstrike" if kind in STATES else "drone_attack"), sub_event, AIR_NOTE
    if event.strip().casefold() == "protests":
        return "protest", sub_event, ""
    return TYPES.get(folded, "other"), sub_event or event, ""


def _actors(event: str, one: str, two: str) -> tuple[str, str, str, str]:
    """Return who is held to have acted, on whose word, the limits of that, and at whom it was aimed."""
    fought = event.strip().casefold() == "battles"
    named = [actor for actor in ((one, two) if fought else (one,)) if actor and not _nobody(actor)]
    note = (SIDES_NOTE if fought else ORDER_NOTE) if named else (NOBODY_NOTE if one else "")
    target = "" if fought else " ".join(two.split())
    return listed(*named), "ACLED coding" if one or two else "", note, target


def _nobody(actor: str) -> bool:
    return actor.casefold().startswith(("unidentified", "unknown"))


def _killed(fatalities: str) -> tuple[str]:
    # Codebook, "Fatalities": 0 stands for none and for none reported, so it is not carried over as a known zero.
    figure = best_figure(fatalities)
    return ("" if figure == "0" else figure,)


def _sources(names: str, scale: str) -> tuple[str]:
    return (sources(*(source(name, via="ACLED", scale=scale) for name in names.split(";"))),)


def _weapon_word(cells: Callable[[str], Texts]) -> Texts:
    """Name the weapon that the notes of a row of shelling speak of; empty when they speak of none or of several."""
    sub_event = cells("sub_event_type")
    rows = np.flatnonzero((sub_event.str.strip().str.casefold() == SHELLING).to_numpy())
    if not rows.size:
        return blank(len(sub_event))
    notes = pa.array(cells("notes").iloc[rows], pa.large_string())
    found = np.full(rows.size, "", dtype=object)
    for code, pattern in WEAPON_WORDS:
        holds = pc.match_substring_regex(notes, pattern).to_numpy(zero_copy_only=False).astype(bool)
        found[holds] = np.where(found[holds] == "", code, "several")
    found[found == "several"] = ""
    words = np.full(len(sub_event), "", dtype=object)
    words[rows] = found
    return pd.Series(words, dtype="str")


RULES: Final = (
    copy("id", "event_id_cnty"),
    Rule(("date_start", "date_end", "notes"), ("event_date", "time_precision", DATE_ORDER), _days),
    Rule(("event_type", "weapon", "notes"), ("event_type", "sub_event_type", "inter1", "weapon word"), _type, TYPES),
    Rule(
        ("attributed_to", "attribution_basis", "attribution_note", "target"),
        ("event_type", "actor1", "actor2"),
        _actors,
    ),
    copy("place", "location"),
    copy("admin1"),
    copy("country"),
    coded("location_precision", "geo_precision", PRECISIONS),
    Rule(("killed",), ("fatalities",), _killed),
    copy("summary", "notes"),
    Rule(("sources",), ("source", "source_scale"), _sources),
)
SAID: Final = (
    "ACLED: fatalities of 0 are read as not known, because ACLED writes 0 both for none and for none reported",
    "ACLED: an actor is whom ACLED's sources hold responsible, never a claim; the order of actors is not direction",
    "ACLED: only some kinds of event have a type of their own here; the others are 'other' and named in 'weapon'",
)
TRAPS: Final = (
    (
        "`event_date` is written 2021-07-29, 29 July 2021 or 29-07-2021; days come before months unless the "
        "column proves otherwise."
    ),
    "`time_precision` 2 is a week: three days either side of the date. 3 is the month: the day is left out.",
    (
        "`inter1` is a number in older files and words in newer ones. An air or drone strike by a state is an "
        "`airstrike`, by an armed group a `drone_attack`; each says so in `notes`."
    ),
    (
        "Shelling, artillery and missiles are one code. The type is taken from the notes where they name one "
        "weapon only, which is flagged; otherwise it stays `other`."
    ),
    (
        "In battles both actors are parties and neither is the target: the order of actors is not direction. An actor "
        "called unidentified is no attribution."
    ),
    "`fatalities` 0 stands for none and for none reported: it is read as not known.",
    "`source` is a list with semicolons. Headings in capitals and `SOURCE SCALE` with a space are the same columns.",
    (
        "A file without a header line is told by its 31 columns with an id, a day, a year, coordinates and codes of "
        "precision in their places."
    ),
    "`geo_precision` 3 is a region, also a natural feature: how exactly it is known is the governorate.",
)


def _layout(columns: tuple[str, ...], title: str) -> Layout:
    return layout_of(
        columns, title, event_id_cnty=r"[A-Z]{3}\d+", event_date=DAY_PATTERN, year=YEAR_PATTERN, time_precision="[123]",
        latitude=DEGREES_PATTERN, longitude=DEGREES_PATTERN, geo_precision="[123]",
    )  # fmt: skip


ACLED: Final = Profile(
    code="acled",
    title="ACLED",
    columns=COLUMNS,
    signature=frozenset({"event_id_cnty", "event_date", "sub_event_type", "geo_precision"}),
    rules=RULES,
    layouts=(_layout(COLUMNS, "ACLED"),),
    dates=("event_date",),
    order=DAY_FIRST,
    derived=MappingProxyType({"weapon word": _weapon_word}),
    said=SAID,
    traps=TRAPS,
)
ACLED_BEFORE_2023: Final = Profile(
    code="acled-before-2023",
    title="ACLED before 2023",
    columns=COLUMNS_BEFORE_2023,
    signature=frozenset({"event_id_cnty", "event_date", "sub_event_type", "geo_precision", "event_id_no_cnty"}),
    rules=RULES,
    layouts=(_layout(COLUMNS_BEFORE_2023, "ACLED before 2023"),),
    dates=("event_date",),
    order=DAY_FIRST,
    derived=MappingProxyType({"weapon word": _weapon_word}),
    said=SAID,
    traps=TRAPS,
)
