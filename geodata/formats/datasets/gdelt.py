"""GDELT events, versions 1.0 and 2.0: rows that a machine coded from news, read as ungraded leads.

Sources: GDELT Event Codebook V2.0 (19 February 2015) and V1.03; CAMEO codebook 1.1b3. The files have no header line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Final

from geodata.formats.daytext import read_day
from geodata.formats.profile import Layout, Profile, Rule, coded, copy
from geodata.formats.wording import listed, source

_ACTOR: Final = (
    "Actor{n}Code Actor{n}Name Actor{n}CountryCode Actor{n}KnownGroupCode Actor{n}EthnicCode Actor{n}Religion1Code "
    "Actor{n}Religion2Code Actor{n}Type1Code Actor{n}Type2Code Actor{n}Type3Code"
)
_PLACE: Final = (
    "{p}Geo_Type {p}Geo_FullName {p}Geo_CountryCode {p}Geo_ADM1Code {p}Geo_ADM2Code {p}Geo_Lat {p}Geo_Long "
    "{p}Geo_FeatureID"
)
_MIDDLE: Final = (
    "IsRootEvent EventCode EventBaseCode EventRootCode QuadClass GoldsteinScale NumMentions NumSources NumArticles "
    "AvgTone"
)


def _columns(place: str, last: str) -> tuple[str, ...]:
    actors = " ".join(_ACTOR.format(n=number) for number in (1, 2))
    places = " ".join(place.format(p=prefix) for prefix in ("Actor1", "Actor2", "Action"))
    return tuple(f"GLOBALEVENTID SQLDATE MonthYear Year FractionDate {actors} {_MIDDLE} {places} {last}".split())


COLUMNS_2: Final = _columns(_PLACE, "DATEADDED SOURCEURL")
COLUMNS_1: Final = _columns(_PLACE.replace("{p}Geo_ADM2Code ", ""), "DATEADDED SOURCEURL")

#: CAMEO codes, the longest match wins. Force without a named weapon stays `other`.
TYPES: Final = MappingProxyType(
    {
        "01": "statement", "02": "statement", "03": "statement", "04": "meeting", "10": "statement", "11": "statement",
        "12": "statement", "13": "threat", "14": "protest", "173": "arrest", "1833": "ied_attack",
        "193": "small_arms_attack", "195": "airstrike", "1952": "airstrike",
    }
)  # fmt: skip
#: ActionGeo_Type: 1 country, 2 US state, 3 US city, 4 world city, 5 world state.
PRECISIONS: Final = MappingProxyType({"1": "country", "2": "governorate", "3": "town", "4": "town", "5": "governorate"})
LEAD_NOTE: Final = "machine-coded lead from GDELT, not checked by anybody; left out of sums"
_DAY: Final = re.compile(r"(19|20)\d{6}")


def _day(text: str) -> tuple[str]:
    return (read_day(text).start if text.strip() else "",)


def _type(code: str) -> tuple[str, str]:
    bare = code.strip()
    found = next((TYPES[bare[:length]] for length in (4, 3, 2) if bare[:length] in TYPES), "other")
    return found, f"CAMEO {bare}" if bare else ""


def _actor(one: str) -> tuple[str, str, str]:
    return listed(one), "GDELT machine coding" if one else "", "first actor as a machine read it" if one else ""


def _place(full: str) -> tuple[str, str]:
    parts = [part.strip() for part in full.split(",")]
    return full, parts[-1] if full else ""


def _fits(columns: tuple[str, ...]) -> Callable[[Sequence[str]], bool]:
    date_place = columns.index("SQLDATE")

    def fits(row: Sequence[str]) -> bool:
        return row[0].strip().isdigit() and bool(_DAY.fullmatch(row[date_place].strip())) and row[3].strip().isdigit()

    return fits


RULES: Final = (
    copy("id", "GLOBALEVENTID"),
    Rule(("date_start",), ("SQLDATE",), _day),
    Rule(("first_reported",), ("DATEADDED",), lambda text: _day(text[:8])),
    Rule(("event_type", "weapon"), ("EventCode",), _type, TYPES),
    Rule(("attributed_to", "attribution_basis", "attribution_note"), ("Actor1Name",), _actor),
    copy("target", "Actor2Name"),
    Rule(("place", "country"), ("ActionGeo_FullName",), _place),
    coded("location_precision", "ActionGeo_Type", PRECISIONS),
    Rule(("sources",), ("SOURCEURL",), lambda address: (source(address, grade="F6", via="GDELT"),)),
)


def _profile(code: str, title: str, columns: tuple[str, ...], layouts: tuple[Layout, ...]) -> Profile:
    return Profile(
        code=code,
        title=title,
        columns=columns,
        signature=frozenset({"GLOBALEVENTID", "SQLDATE", "EventCode", "ActionGeo_Lat"}),
        rules=RULES,
        old_names=MappingProxyType({name.casefold(): name for name in columns}),
        layouts=layouts,
        coordinates=("ActionGeo_Lat", "ActionGeo_Long"),
        constants=MappingProxyType({"confidence": "low", "counting": "count_only", "notes": LEAD_NOTE}),
        said=("GDELT: every row is a machine-coded lead: confidence low, grade F6, left out of sums",),
        traps=(
            (
                "The files have no header line: they are told by 61 columns (2.0), 58 or 57 (1.0) between "
                "tabs, of which the first two are a number and a day. A quote is a letter like any other."
            ),
            "Rows are coded by a machine from news: confidence low, grade F6, `count_only`, so that no sum holds them.",
            "One event in the world can be many rows, and one row many articles (`NumArticles`).",
            "The longest code that matches decides: 1833 before 18. Force without a named weapon stays `other`.",
            "`Actor1` is whom a machine took for the first actor, kept as an attribution by GDELT and nobody else.",
        ),
    )


GDELT_2: Final = _profile(
    "gdelt-2",
    "GDELT 2.0 events",
    COLUMNS_2,
    (Layout(COLUMNS_2, _fits(COLUMNS_2), "61 columns that begin with a number and a day, as GDELT 2.0 events do"),),
)
GDELT_1: Final = _profile(
    "gdelt-1",
    "GDELT 1.0 events",
    COLUMNS_1,
    (
        Layout(COLUMNS_1, _fits(COLUMNS_1), "58 columns that begin with a number and a day, as GDELT 1.0 events do"),
        Layout(
            COLUMNS_1[:-1], _fits(COLUMNS_1), "57 columns that begin with a number and a day, as GDELT 1.0 events do"
        ),
    ),
)
