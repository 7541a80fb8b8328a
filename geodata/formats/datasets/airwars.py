"""Airwars-like JSON: incidents of civilian harm as Airwars' site publishes them, with or without the `acf` level."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from geodata.formats.datasets.nested import inside, items, words
from geodata.formats.daytext import read_day
from geodata.formats.profile import DATE_ORDER, Profile, Rule, Texts, combine, copy, spread
from geodata.formats.wording import listed, people, source, sources

COLUMNS: Final = (
    "id", "link", "title.rendered", "unique_reference_code", "incident_date", "incident_date_type", "location_name",
    "region", "governorate", "country", "latitude", "longitude", "geolocations", "strike_type", "belligerents",
    "civilian_harm_status", "killed_injured_civilian_non_combatants.killed_min",
    "killed_injured_civilian_non_combatants.killed_max", "killed_injured_civilian_non_combatants.injured_min",
    "killed_injured_civilian_non_combatants.injured_max", "sources", "description",
)  # fmt: skip
_HARM: Final = "killed_injured_civilian_non_combatants."
#: Beginnings of geolocation_accuracy; the first that fits is taken.
PRECISIONS: Final = (
    ("exact", "site"), ("within_100", "site"), ("within_1", "town"), ("nearby", "near"), ("street", "town"),
    ("neighbour", "town"), ("town", "town"), ("city", "town"), ("village", "town"), ("subdistrict", "district"),
    ("district", "district"), ("province", "governorate"), ("governorate", "governorate"),
)  # fmt: skip
CIVILIANS_NOTE: Final = "numbers are of civilians only"


def _primary(cell: str) -> dict[str, Any]:
    """Return the place that the source marks as its primary one, or its only one."""
    places = [place for place in items(cell) if isinstance(place, dict)] if cell.startswith(("[", "{")) else []
    marked = [place for place in places if place.get("primary_coordinate") in (True, "true", "1", 1)]
    return (marked or (places if len(places) == 1 else [{}]))[0]


def _coordinate(name: str) -> Callable[[Callable[[str], Texts]], Texts]:
    def derive(cells: Callable[[str], Texts]) -> Texts:
        codes, combinations = combine([cells(name), cells("geolocations")])
        found = [own or str(_primary(places).get(name, "") or "") for own, places in combinations]
        return spread(found, np.asarray(codes))

    return derive


def _precision(places: str) -> tuple[str]:
    accuracy = str(_primary(places).get("geolocation_accuracy", "")).casefold().replace(" ", "_")
    return (next((code for start, code in PRECISIONS if accuracy.startswith(start)), ""),)


def _days(day: str, order: str) -> tuple[str, str, str]:
    if not day.strip():
        return "", "", ""
    read = read_day(day, order or None)
    return read.start, read.end, read.note


def _numbers(low: str, high: str) -> tuple[str, str, str]:
    least, most = people(low), people(high)
    fewest, greatest = least[1] or least[0], most[1] or most[2]
    if fewest and greatest and int(fewest) > int(greatest):
        return fewest, "", "the source's smallest and largest numbers contradict each other: only the smallest is taken"
    return fewest, greatest, CIVILIANS_NOTE if fewest or greatest else ""


def _type(kinds: str) -> tuple[str, str]:
    named = words(kinds)
    only_air = len(named) == 1 and named[0].casefold() in {"airstrike", "declared airstrike", "likely airstrike"}
    return "airstrike" if only_air else "other", listed(*named)


def _who(belligerents: str, status: str) -> tuple[str, str, str]:
    named, graded = words(belligerents), words(status)
    grade = [text for text in graded if not text.isdigit()]
    note = f"harm graded {', '.join(grade)} by Airwars" if grade else "as assessed by Airwars"
    return listed(*named), "Airwars assessment" if named else "", note if named or grade else ""


def _summary(title: str, description: str) -> tuple[str]:
    text = inside(description)
    return ((text if isinstance(text, str) else "") or title,)


AIRWARS: Final = Profile(
    code="airwars",
    title="Airwars-like JSON",
    columns=COLUMNS,
    signature=frozenset({"unique_reference_code", "incident_date"}),
    rules=(
        copy("id", "unique_reference_code"),
        Rule(("date_start", "date_end", "notes"), ("incident_date", DATE_ORDER), _days),
        Rule(("event_type", "weapon"), ("strike_type",), _type),
        Rule(("place",), ("location_name", "region"), lambda name, region: (name or region,)),
        copy("admin1", "governorate"),
        copy("country"),
        Rule(("location_precision",), ("geolocations",), _precision, MappingProxyType(dict(PRECISIONS))),
        Rule(
            ("attributed_to", "attribution_basis", "attribution_note"), ("belligerents", "civilian_harm_status"), _who
        ),
        Rule(("killed_min", "killed_max", "notes"), (f"{_HARM}killed_min", f"{_HARM}killed_max"), _numbers),
        Rule(("wounded_min", "wounded_max", "notes"), (f"{_HARM}injured_min", f"{_HARM}injured_max"), _numbers),
        Rule(("summary",), ("title.rendered", "description"), _summary),
        Rule(("sources",), ("link",), lambda link: (sources(source(link, via="Airwars")),)),
    ),
    old_names=MappingProxyType(
        {f"acf.{name}": name for name in COLUMNS}
        | {"belligerent": "belligerents", "acf.belligerent": "belligerents", "code": "unique_reference_code"}
    ),
    coordinates=("point latitude", "point longitude"),
    derived=MappingProxyType({"point latitude": _coordinate("latitude"), "point longitude": _coordinate("longitude")}),
    dates=("incident_date",),
    constants=MappingProxyType({"event_type": "other"}),
    said=("Airwars: who did it is Airwars' assessment; numbers are of civilians only",),
    traps=(
        "The fields stand at the top or one level deeper, in `acf`.",
        "Of several places the one marked as primary is taken; without a mark and with several, none.",
        "Numbers are of civilians only, and a least and a most: no best figure is made of them.",
        "Who did it is Airwars' assessment, with its grade of harm in `attribution_note`.",
        "Only a strike that is nothing but an airstrike is an `airstrike`; everything else is `other`.",
    ),
)
