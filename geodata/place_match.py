"""Find the gazetteer entries a name can mean, and say how it was recognised.

Four ways, tried in this order: the name as written, the name normalised, its consonants (Arabic and Latin spellings
meet there), and a fuzzy comparison. The last two only ever look inside the governorate or country that is stated:
unchecked fuzzy hits were wrong by a median of 190 km (docs/places.md).
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache

from geodata.gazetteer import Gazetteer
from geodata.place_names import key, normalise, plain, skeleton, sound
from geodata.place_pool import BONES_ACROSS_IN_GOVERNORATE, FUZZY_LETTERS, FUZZY_SPREAD, NamePool
from geodata.place_text import DISTRICT, FACILITY, GOVERNORATE, QUARTER, TOWN, VILLAGE, Term

EXACT, NORMALISED, SKELETON, FUZZY = "exact", "normalised", "skeleton", "fuzzy"
SCORES = {EXACT: 1.0, NORMALISED: 0.97, SKELETON: 0.85}
#: Least likeness (0-100) of a name that is suggested to a person.
SUGGESTED_ALIKE = 75.0

#: Entries this close to one another are one place under two entries, not an ambiguity.
SAME_PLACE_M = 25_000.0

_EARTH_RADIUS_M = 6_371_008.8

#: Words that make a name that of a facility -> the sort of facility, under which its other wordings are sought too.
_FACILITY_WORDS = {
    **dict.fromkeys(
        ("airbase", "air base", "airport", "international airport", "airfield", "base", "camp", "garrison", "outpost",
         "fob", "military base", "military airport", "air station", "aerodrome", "barracks", "compound",
         "military airbase", "army air field", "army airfield", "forward operating base", "cob", "qaeda",
         "قاعده", "قاعدة", "مطار", "معسكر"), "base"),
    **dict.fromkeys(("embassy", "سفاره", "السفاره"), "embassy"),
    **dict.fromkeys(("consulate", "consulate general", "قنصليه"), "consulate"),
    **dict.fromkeys(("border crossing", "crossing", "border post", "port of entry", "border gate", "معبر", "منفذ"),
                    "crossing"),
    **dict.fromkeys(("oil field", "gas field", "oilfield", "gas plant", "field", "fields", "plant", "refinery", "حقل"),
                    "field"),
}  # fmt: skip
_FACILITY_PATTERN = re.compile(
    r"(?<!\S)(?:" + "|".join(sorted(map(re.escape, _FACILITY_WORDS), key=len, reverse=True)) + r")(?!\S)"
)
_FACILITY_KINDS = {
    "airport": "base", "airbase": "base", "airfield": "base", "base": "base", "embassy": "embassy",
    "consulate": "consulate",     "border_crossing": "crossing", "oil_field": "field",
}  # fmt: skip
_EMPTY_WORDS = re.compile(
    r"(?<!\S)(?:military|army|the|us|u s|american|coalition|iraqi|syrian|iranian|russian|turkish|international"
    r"|(?:ال)?(?:جويه|دولي|عسكري|حدودي))(?!\S)"
)

#: The kind of a gazetteer entry that is a part of a town.
QUARTER_KIND = "neighbourhood"
#: One Arabic ending that Latin letters write in two ways: Zakah is Zakat.
_TA_MARBUTA = {"ah": "at", "at": "ah"}


@dataclass(frozen=True, slots=True)
class Context:
    """What is stated around a name: only places inside it can be meant. Empty means nothing is stated."""

    countries: frozenset[str] = frozenset()
    governorates: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()

    @property
    def stated(self) -> bool:
        """Tell whether anything is stated."""
        return bool(self.countries or self.governorates)


@dataclass(frozen=True, slots=True)
class Match:
    """One gazetteer row a name can mean."""

    row: int
    method: str
    score: float


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Measure the distance of two points on a sphere, in metres (within 0.5 % of the ellipsoid's)."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((p2 - p1) / 2) ** 2 + math.cos(p1) * math.cos(p2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


@lru_cache(maxsize=32_768)
def facility_core(text: str) -> tuple[str, str]:
    """Split a facility's name into what is its own and the sort of facility: "Taji Air Base" -> ("taji", "base").

    The sort is "" when no word says it.
    """
    words = plain(text)
    found = _FACILITY_PATTERN.search(words)
    if not found:
        return key(text), ""
    rest = _FACILITY_PATTERN.sub(" ", words)
    core = key(_EMPTY_WORDS.sub(" ", rest)) or ("us" if {"us", "american"} & set(rest.split()) else key(words))
    return core, _FACILITY_WORDS[found[0]]


class Matcher:
    """Look names up in a gazetteer.

    Parameters
    ----------
    gazetteer
        The places.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._country, self._admin1 = gazetteer.column("country"), gazetteer.column("admin1")
        self._admin2 = gazetteer.column("admin2")
        self._kind, self._precision = gazetteer.column("kind"), gazetteer.column("precision")
        self._name, self._id = gazetteer.column("name"), gazetteer.column("id")
        self._pools: dict[str, NamePool] = {}

    def inside(self, row: int, context: Context) -> bool:
        """Tell whether a row agrees with what is stated."""
        if self._kind[row] == "sea":  # a sea has no governorate; a port's governorate is stated for what happens off it
            return True
        if context.governorates:
            return self._admin1[row] in context.governorates
        return not context.countries or self._country[row] in context.countries

    def find(self, term: Term, context: Context, *, literal: bool = False) -> list[Match]:
        """List what a name can mean inside what is stated, best first.

        Parameters
        ----------
        literal
            Only the name as written or normalised counts.
        """
        found = self._spelt(term, context)
        if literal and term.hint in {TOWN, VILLAGE}:  # "Damascus City" is a name of the governorate, but not meant so
            found = [match for match in found if self.kind_class(match.row) not in {GOVERNORATE, "country"}]
        if term.hint == QUARTER:
            return [match for match in found if self._kind[match.row] == QUARTER_KIND]
        found = self._of_kind(found, term)
        if not found and not literal and context.stated:
            found = (
                self._facility_by_core(term, context)
                or self._facility_by_skeleton(term, context)
                or self._by_skeleton(term, context)
                or self._by_likeness(term, context)
            )
        ranked = self._ranked(self._of_kind(found, term), term)
        if ranked and context.stated and self._is_bare_facility(ranked[0], term):
            return self._towns_of(ranked[0], term, context) + ranked
        return ranked

    def _of_kind(self, found: list[Match], term: Term) -> list[Match]:
        """Leave quarters of cities out when the text speaks of a village."""
        return [match for match in found if term.hint != VILLAGE or self._kind[match.row] != QUARTER_KIND]

    def _is_bare_facility(self, match: Match, term: Term) -> bool:
        """Tell whether only a facility was found though no word of the text says base, airport, field..."""
        if self.kind_class(match.row) != FACILITY or term.hint == FACILITY:
            return False
        return self._kind[match.row] in _FACILITY_KINDS and not facility_core(term.text)[1]

    def _towns_of(self, match: Match, term: Term, context: Context) -> list[Match]:
        """List the towns a facility may be called after: "Shaddadi" alone is the town Ash Shaddadah, not its base."""
        east, north = self.gazetteer.longitude, self.gazetteer.latitude
        return [
            other
            for other in self._by_skeleton(term, context)
            if self.kind_class(other.row) == TOWN
            and distance_m(
                float(east[match.row]), float(north[match.row]), float(east[other.row]), float(north[other.row])
            )
            < SAME_PLACE_M
        ]

    def anywhere(self, term: Term) -> list[Match]:
        """List what a name can mean with nothing stated; for candidates that contradict a statement."""
        return self._ranked(self._spelt(term, Context()), term)

    def suggestions(self, term: Term, context: Context, limit: int = 5) -> list[Match]:
        """List names that merely look alike, as suggestions for a person."""
        if len(sound(term.text)) < 4:
            return []
        hits = [
            Match(row, FUZZY, round(alike / 100 * 0.6, 3))
            for country in sorted(context.countries or {"IQ", "SY"})
            for row, alike in self._pool(country).look_alikes(term.text, SUGGESTED_ALIKE, limit * 3)
        ]
        unique = {match.row: match for match in sorted(hits, key=lambda match: match.score)}
        return sorted(unique.values(), key=lambda match: -match.score)[:limit]

    def _spelt(self, term: Term, context: Context) -> list[Match]:
        wanted = key(term.text)
        rows = [row for row in self.gazetteer.find(wanted) if self.inside(row, context)] if wanted else []
        if not rows and context.stated and wanted[-2:] in _TA_MARBUTA:
            other = wanted[:-2] + _TA_MARBUTA[wanted[-2:]]
            rows = [row for row in self.gazetteer.find(other) if self.inside(row, context)]
        core, sort = facility_core(term.text)
        if sort or term.hint == FACILITY:
            rows += [row for row in self._facilities.get((core, sort), ()) if self.inside(row, context)]
            if term.hint == FACILITY and not rows:
                rows += [row for row in self._facility_rows(core) if self.inside(row, context)]
        written = plain(term.text)
        return [
            Match(row, method, SCORES[method])
            for row in dict.fromkeys(rows)
            for method in [EXACT if plain(self._name[row]) == written else NORMALISED]
        ]

    def _facility_rows(self, core: str) -> list[int]:
        return self._facilities_by_core.get(core, [])

    def _facility_by_core(self, term: Term, context: Context) -> list[Match]:
        """Find the one facility that bears the whole text as its own name: "Ain al-Asad", where no town does."""
        core, sort = facility_core(term.text)
        if sort or len(core) < FUZZY_LETTERS:
            return []
        rows = {row for row in self._facility_rows(core) if self.inside(row, context)}
        return [Match(row, NORMALISED, SCORES[NORMALISED]) for row in rows] if len(rows) == 1 else []

    def _facility_by_skeleton(self, term: Term, context: Context) -> list[Match]:
        """Find facilities of the sort a text names whose own name has the same consonants: "Qwaris Airbase"."""
        core, sort = facility_core(term.text)
        bones = skeleton(core)
        if not sort or not context.governorates or len(bones) < BONES_ACROSS_IN_GOVERNORATE:
            return []
        rows = self._facility_skeletons.get((bones, sort), ())
        return [Match(row, SKELETON, SCORES[SKELETON]) for row in rows if self.inside(row, context)]

    def _by_skeleton(self, term: Term, context: Context) -> list[Match]:
        hits = [pool.with_same_consonants(term.text) for pool in self._pools_of(context)]
        return [
            Match(row, SKELETON, round(0.75 + alike / 1000, 3))
            for row, alike in _best_of(hits).items()
            if self.inside(row, context)
        ]

    def _by_likeness(self, term: Term, context: Context) -> list[Match]:
        hits = _best_of([pool.written_alike(term.text) for pool in self._pools_of(context)])
        least = max(hits.values(), default=0.0) - FUZZY_SPREAD
        return [Match(row, FUZZY, round(alike / 100 * 0.8, 3)) for row, alike in hits.items() if alike >= least]

    def _pools_of(self, context: Context) -> list[NamePool]:
        return [self._pool(area) for area in sorted(context.governorates or context.countries)]

    def _pool(self, area_id: str) -> NamePool:
        """Give the names inside an area; made at the first question about it."""
        pool = self._pools.get(area_id)
        if pool is None:
            rows, keys = self.gazetteer.keys_inside(area_id)
            pool = self._pools[area_id] = NamePool(rows, keys, in_governorate="." in area_id)
        return pool

    def _ranked(self, matches: list[Match], term: Term) -> list[Match]:
        """Order matches: right kind, better method, main name before variant, more people, earlier in the file."""
        towns = {self._admin1[match.row] for match in matches if self.kind_class(match.row) == TOWN}
        return sorted(matches, key=lambda match: self._rank(match, term, towns))

    def _rank(self, match: Match, term: Term, towns: set[str]) -> tuple[float, ...]:
        row = match.row
        main_name = normalise(self._name[row]) == normalise(term.text)
        return (
            self.kind_rank(row, term, towns),
            -match.score if match.method in {SKELETON, FUZZY} else 0.0,
            0.0 if main_name else 1.0,
            -float(self.gazetteer.population[row]),
            float(row),
        )

    def kind_rank(self, row: int, term: Term, towns: set[str] | frozenset[str] = frozenset()) -> int:
        """Give the order in which kinds of place are meant by a name of this wording; 0 comes first.

        A bare name that no town of the governorate bears ("Anbar", "Babil") means the governorate; one that a town
        bears too ("Basra") means the town.
        """
        kind = self.kind_class(row)
        order = _ORDERS.get(term.hint or (FACILITY if facility_core(term.text)[1] else ""), _ORDERS[""])
        if not term.hint and kind == GOVERNORATE and self._admin1[row] not in towns:
            return 0
        return order.index(kind) + 1

    def kind_class(self, row: int) -> str:
        """Sort an entry's kind into facility, town, district, governorate or country."""
        precision = self._precision[row]
        if precision == "site":
            return FACILITY
        return precision if precision in {DISTRICT, GOVERNORATE, "country"} else TOWN

    @cached_property
    def _facilities(self) -> dict[tuple[str, str], list[int]]:
        """Index facilities by the core of each of their names and their sort."""
        index: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, precision in enumerate(self._precision):
            if precision != "site":
                continue
            for name in self.gazetteer.names(self._id[row]):
                core, sort = facility_core(name)
                for known in {
                    sort or _FACILITY_KINDS.get(self._kind[row], ""),
                    _FACILITY_KINDS.get(self._kind[row], ""),
                }:
                    if row not in index[core, known]:
                        index[core, known].append(row)
        return dict(index)

    @cached_property
    def _facilities_by_core(self) -> dict[str, list[int]]:
        """Index facilities by the core of their names alone."""
        index: dict[str, list[int]] = defaultdict(list)
        for (core, _), rows in self._facilities.items():
            index[core] += rows
        return dict(index)

    @cached_property
    def _facility_skeletons(self) -> dict[tuple[str, str], list[int]]:
        """Index facilities by the consonants of the core of their names and their sort."""
        index: dict[tuple[str, str], list[int]] = defaultdict(list)
        for (name, sort), rows in self._facilities.items():
            index[skeleton(name), sort] += rows
        return dict(index)


_ORDERS = {
    "": ["country", TOWN, GOVERNORATE, FACILITY, DISTRICT],
    FACILITY: [FACILITY, TOWN, DISTRICT, GOVERNORATE, "country"],
    TOWN: [TOWN, DISTRICT, FACILITY, GOVERNORATE, "country"],
    VILLAGE: [TOWN, DISTRICT, FACILITY, GOVERNORATE, "country"],
    DISTRICT: [DISTRICT, TOWN, GOVERNORATE, FACILITY, "country"],
    GOVERNORATE: [GOVERNORATE, DISTRICT, TOWN, FACILITY, "country"],
    "country": ["country", GOVERNORATE, TOWN, DISTRICT, FACILITY],
}


def _best_of(hits: list[dict[int, float]]) -> dict[int, float]:
    """Join hits of several areas; of two hits of one row the better counts."""
    best: dict[int, float] = {}
    for row, alike in (hit for found in hits for hit in found.items()):
        best[row] = max(best.get(row, 0.0), alike)
    return best
