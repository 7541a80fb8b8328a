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

from rapidfuzz import fuzz, process

from geodata.gazetteer import Gazetteer
from geodata.place_names import (
    distinctive,
    has_relative_ending,
    is_arabic,
    key,
    normalise,
    plain,
    skeleton,
    skeleton_of_sound,
    sound,
    sound_of_key,
)
from geodata.place_text import DISTRICT, FACILITY, GOVERNORATE, QUARTER, TOWN, Term

EXACT, NORMALISED, SKELETON, FUZZY = "exact", "normalised", "skeleton", "fuzzy"
SCORES = {EXACT: 1.0, NORMALISED: 0.97, SKELETON: 0.85}

# The thresholds below were set on 10,000 places of public conflict data (docs/places.md, "Accuracy"): an answer below
# them was wrong more often than one in three.
#: Least similarity (0-100) of the sounds of a fuzzy hit inside a stated governorate, and inside a stated country.
FUZZY_IN_GOVERNORATE, FUZZY_IN_COUNTRY = 91.0, 96.0
#: Least similarity of the sounds of two names with the same consonants, inside a stated governorate and country.
#: Names of two consonants have to pass the stricter one: "Qayyara" and "Akra" share theirs; and so have two Arabic
#: spellings, which differ by more than taste when they differ at all.
LIKE_IN_GOVERNORATE, LIKE_IN_COUNTRY = 80.0, 86.0
#: Least similarity of the letters of two names of one script whose consonants agree.
LETTERS_ALIKE, LETTERS_ALIKE_IN_COUNTRY = 70.0, 75.0
#: Fewest consonants that may speak for a name alone: across two scripts inside a stated governorate, of one script
#: inside a stated country, and across two scripts there.
BONES_ACROSS_IN_GOVERNORATE, BONES_IN_COUNTRY, BONES_ACROSS_IN_COUNTRY = 3, 4, 5
#: A fuzzy comparison of shorter names says nothing: "Ana" and "Ain" are 67 % alike.
FUZZY_LETTERS = 5
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
        self._pools: dict[str, _Pool] = {}

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
        if literal and term.hint == TOWN:  # "Damascus City" is also a name of the governorate, but not meant as one
            found = [match for match in found if self.kind_class(match.row) not in {GOVERNORATE, "country"}]
        if term.hint == QUARTER:
            return [match for match in found if self._kind[match.row] == "neighbourhood"]
        if not found and not literal and context.stated:
            found = (
                self._facility_by_core(term, context)
                or self._facility_by_skeleton(term, context)
                or self._by_skeleton(term, context)
                or self._by_likeness(term, context)
            )
        ranked = self._ranked(found, term)
        if ranked and context.stated and self._is_bare_facility(ranked[0], term):
            return self._towns_of(ranked[0], term, context) + ranked
        return ranked

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
        wanted = sound(term.text)
        if len(wanted) < 4:
            return []
        hits: list[Match] = []
        for country in sorted(context.countries or {"IQ", "SY"}):
            pool = self._pool(country)
            best = process.extract(wanted, pool.sounds, scorer=fuzz.ratio, score_cutoff=75, limit=limit * 3)
            hits += [Match(pool.rows[index], FUZZY, round(score / 100 * 0.6, 3)) for _, score, index in best]
        unique = {match.row: match for match in sorted(hits, key=lambda match: match.score)}
        return sorted(unique.values(), key=lambda match: -match.score)[:limit]

    def _spelt(self, term: Term, context: Context) -> list[Match]:
        wanted = key(term.text)
        rows = [row for row in self.gazetteer.find(wanted) if self.inside(row, context)] if wanted else []
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
        return [row for (name, _), rows in self._facilities.items() if name == core for row in rows]

    def _facility_by_core(self, term: Term, context: Context) -> list[Match]:
        """Find the one facility that bears the whole text as its own name: "Ain al-Asad", where no town is called so."""
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
        bones, wanted = skeleton(term.text), sound(term.text)
        if len(bones) < 2:
            return []
        hits: dict[int, float] = {}
        for area in self._areas_of(context):
            pool = self._pool(area)
            for index in pool.by_skeleton.get(bones, ()):
                row = pool.rows[index]
                if not self.inside(row, context):
                    continue
                alike = fuzz.ratio(wanted, pool.sounds[index])
                if self._alike_enough(term, pool, index, alike, len(bones), bool(context.governorates)):
                    hits[row] = max(hits.get(row, 0.0), alike)
        return [Match(row, SKELETON, round(0.75 + alike / 1000, 3)) for row, alike in hits.items()]

    @staticmethod
    def _alike_enough(term: Term, pool: _Pool, index: int, alike: float, bones: int, in_governorate: bool) -> bool:
        """Tell whether two names with the same consonants are alike enough to be one."""
        arabic = is_arabic(term.text)
        if arabic != pool.arabic[index]:  # short vowels are missing on one side: the consonants carry it alone
            if arabic and pool.rows[index] in pool.with_arabic:
                return False  # its own Arabic names say more than a Latin spelling does
            return bones >= (BONES_ACROSS_IN_GOVERNORATE if in_governorate else BONES_ACROSS_IN_COUNTRY)
        if not in_governorate and bones < (BONES_ACROSS_IN_COUNTRY if arabic else BONES_IN_COUNTRY):
            return False
        if has_relative_ending(term.text) != has_relative_ending(pool.keys[index]):
            return False
        strict = not in_governorate or bones <= 2 or arabic
        letters = LETTERS_ALIKE if in_governorate else LETTERS_ALIKE_IN_COUNTRY
        return (
            alike >= (LIKE_IN_COUNTRY if strict else LIKE_IN_GOVERNORATE)
            and fuzz.ratio(key(term.text), pool.keys[index]) >= letters
        )

    def _by_likeness(self, term: Term, context: Context) -> list[Match]:
        wanted = sound(term.text)
        if len(wanted) < FUZZY_LETTERS or is_arabic(term.text):
            return []
        if not context.governorates and len(skeleton(term.text)) < BONES_IN_COUNTRY:
            return []
        least = FUZZY_IN_GOVERNORATE if context.governorates else FUZZY_IN_COUNTRY
        nisba = has_relative_ending(term.text)
        hits: dict[int, float] = {}
        for area in self._areas_of(context):
            pool = self._pool(area)
            for _, score, index in process.extract(
                wanted, pool.sounds, scorer=fuzz.ratio, score_cutoff=least, limit=12
            ):
                row = pool.rows[index]
                if has_relative_ending(pool.keys[index]) == nisba and (
                    fuzz.ratio(distinctive(wanted), distinctive(pool.sounds[index])) >= least - 8
                ):
                    hits[row] = max(hits.get(row, 0.0), score)
        if not hits:
            return []
        best = max(hits.values())
        kept = {row: score for row, score in hits.items() if score >= best - 3}
        return [Match(row, FUZZY, round(score / 100 * 0.8, 3)) for row, score in kept.items()]

    def _areas_of(self, context: Context) -> list[str]:
        return sorted(context.governorates or context.countries)

    def _pool(self, area_id: str) -> _Pool:
        pool = self._pools.get(area_id)
        if pool is None:
            pool = self._pools[area_id] = _Pool(*self.gazetteer.keys_inside(area_id))
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
    DISTRICT: [DISTRICT, TOWN, GOVERNORATE, FACILITY, "country"],
    GOVERNORATE: [GOVERNORATE, DISTRICT, TOWN, FACILITY, "country"],
    "country": ["country", GOVERNORATE, TOWN, DISTRICT, FACILITY],
}


class _Pool:
    """The names inside one area as sounds and consonants; made at the first question about that area."""

    def __init__(self, rows: list[int], keys: list[str]) -> None:
        self.rows = rows
        self.keys = keys
        self.sounds = [sound_of_key(text) for text in keys]
        self.arabic = [is_arabic(text) for text in keys]
        self.with_arabic = {row for row, arabic in zip(rows, self.arabic, strict=True) if arabic}
        self.by_skeleton: dict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(self.sounds):
            self.by_skeleton[skeleton_of_sound(text)].append(index)
