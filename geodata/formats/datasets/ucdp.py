"""UCDP Georeferenced Event Dataset: with and without a header line, and with the names of older versions.

Sources: UCDP GED codebook; headers of two independent public readers, one of which notes releases without a header.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from geodata.formats.daytext import read_day
from geodata.formats.profile import (
    DAY_PATTERN,
    DEGREES_PATTERN,
    YEAR_PATTERN,
    Layout,
    Profile,
    Rule,
    coded,
    copy,
    layout_of,
)
from geodata.formats.wording import best_figure, listed, one_sentence, source, sources

COLUMNS: Final = (
    "id",
    "relid",
    "year",
    "active_year",
    "code_status",
    "type_of_violence",
    "conflict_dset_id",
    "conflict_new_id",
    "conflict_name",
    "dyad_dset_id",
    "dyad_new_id",
    "dyad_name",
    "side_a_dset_id",
    "side_a_new_id",
    "side_a",
    "side_b_dset_id",
    "side_b_new_id",
    "side_b",
    "number_of_sources",
    "source_article",
    "source_office",
    "source_date",
    "source_headline",
    "source_original",
    "where_prec",
    "where_coordinates",
    "where_description",
    "adm_1",
    "adm_2",
    "latitude",
    "longitude",
    "geom_wkt",
    "priogrid_gid",
    "country",
    "country_id",
    "region",
    "event_clarity",
    "date_prec",
    "date_start",
    "date_end",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best",
    "high",
    "low",
    "gwnoa",
    "gwnob",
)
COLUMNS_OLD: Final = (
    "id",
    "relid",
    "year",
    "active_year",
    "type_of_violence",
    "conflict_dset_id",
    "conflict_name",
    "dyad_dset_id",
    "dyad_name",
    "side_a_dset_id",
    "side_a",
    "side_b_dset_id",
    "side_b",
    "number_of_sources",
    "source_article",
    "source_office",
    "source_date",
    "source_headline",
    "source_original",
    "where_prec",
    "where_coordinates",
    "adm_1",
    "adm_2",
    "latitude",
    "longitude",
    "geom_wkt",
    "priogrid_gid",
    "country",
    "country_id",
    "region",
    "event_clarity",
    "date_prec",
    "date_start",
    "date_end",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best_est",
    "high_est",
    "low_est",
)

#: where_prec: 1 exact, 2 within 25 km, 3 second order, 4 first order, 5 line or part of a country, 6 country,
#: 7 international waters or airspace.
PRECISIONS: Final = MappingProxyType(
    {"1": "town", "2": "near", "3": "district", "4": "governorate", "5": "region", "6": "country", "7": "country"}
)
VIOLENCE: Final = MappingProxyType({"1": "state-based conflict", "2": "non-state conflict", "3": "one-sided violence"})
CONTRADICTION_NOTE: Final = (
    "the source's low, best and high figures contradict each other: only the best figure is taken"
)
SIDES_NOTE: Final = "both parties as coded by UCDP; side A and side B are not attacker and target"
ONE_SIDED_NOTE: Final = "as coded by UCDP"


def _days(start: str, end: str) -> tuple[str, str, str]:
    first, last = (read_day(text).start if text.strip() else "" for text in (start, end))
    return first or last, last if first and last != first else "", ""


def _deaths(low: str, best: str, high: str) -> tuple[str, str, str, str]:
    figures = [best_figure(text) for text in (low, best, high)]
    known = [int(figure) for figure in figures if figure]
    if known != sorted(known):
        return "", figures[1], "", CONTRADICTION_NOTE
    return figures[0], figures[1], figures[2], ""


def _parties(violence: str, one: str, two: str) -> tuple[str, str, str, str]:
    if violence.strip() == "3":  # One-sided: side A is the perpetrator, side B are civilians (codebook).
        return listed(one), "UCDP coding" if one else "", ONE_SIDED_NOTE if one else "", two
    return listed(one, two), "UCDP coding" if one or two else "", SIDES_NOTE if one or two else "", ""


def _place(coordinates: str, description: str) -> tuple[str]:
    return (coordinates or description,)


def _sources(articles: str, originals: str, number: str) -> tuple[str]:
    cited = [source(part.strip().strip('"'), via="UCDP") for part in articles.split(";")]
    return (sources(*cited) or source(originals, via="UCDP", cited=number),)


def _layout(columns: tuple[str, ...], title: str) -> Layout:
    return layout_of(
        columns, title, id=r"\d+", year=YEAR_PATTERN, type_of_violence="[123]", where_prec="[1-7]",
        latitude=DEGREES_PATTERN, longitude=DEGREES_PATTERN, date_start=DAY_PATTERN,
    )  # fmt: skip


def _rules(best: str, high: str, low: str) -> tuple[Rule, ...]:
    return (
        copy("id"),
        Rule(("date_start", "date_end", "notes"), ("date_start", "date_end"), _days),
        Rule(
            ("event_type", "weapon"),
            ("type_of_violence",),
            lambda code: ("other", VIOLENCE.get(code.strip(), code)),
            VIOLENCE,
        ),
        Rule(
            ("attributed_to", "attribution_basis", "attribution_note", "target"),
            ("type_of_violence", "side_a", "side_b"),
            _parties,
        ),
        Rule(("place",), ("where_coordinates", "where_description"), _place),
        copy("admin1", "adm_1"),
        copy("country"),
        coded("location_precision", "where_prec", PRECISIONS),
        Rule(("killed_min", "killed", "killed_max", "notes"), (low, best, high), _deaths),
        Rule(("summary",), ("source_headline", "where_description"), lambda *texts: (one_sentence(*texts),)),
        Rule(("sources",), ("source_article", "source_original", "number_of_sources"), _sources),
    )


SAID: Final = (
    "UCDP: a side is a party as UCDP coded it, never a claim; events have no type of weapon and are all 'other'",
)
TRAPS: Final = (
    "Some releases have no header line: 49 or 44 columns with a year, coordinates and dates in their places tell them.",
    "`low`, `best` and `high` can contradict each other: then only the best is taken, and it is flagged.",
    "Events have no weapon: every one is `other`, and the type of violence stands in `weapon`.",
    (
        "Side A and side B are parties of a conflict, not attacker and target; in one-sided violence side A is held "
        "responsible and side B is the target."
    ),
    "`date_prec` says how exactly the days are known; `date_start` and `date_end` already span that, and are taken.",
)

UCDP: Final = Profile(
    code="ucdp-ged",
    title="UCDP GED",
    columns=COLUMNS,
    signature=frozenset({"type_of_violence", "where_prec", "side_a", "date_prec", "best"}),
    rules=_rules("best", "high", "low"),
    layouts=(_layout(COLUMNS, "UCDP GED"),),
    said=SAID,
    traps=TRAPS,
)
UCDP_OLD: Final = Profile(
    code="ucdp-ged-old",
    title="UCDP GED, older versions",
    columns=COLUMNS_OLD,
    signature=frozenset({"type_of_violence", "where_prec", "side_a", "date_prec", "best_est"}),
    rules=_rules("best_est", "high_est", "low_est"),
    layouts=(_layout(COLUMNS_OLD, "older UCDP GED"),),
    said=SAID,
    traps=TRAPS,
)
