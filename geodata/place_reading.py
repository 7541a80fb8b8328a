"""Give a phrase its place: one phrase in, one answer with its proof out, or None."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from geodata import place_geometry
from geodata.place_choice import PlaceChooser
from geodata.place_match import QUARTER_KIND, SAME_PLACE_M, Context, Match, distance_m, facility_core
from geodata.place_names import ARTICLES, plain, starts_a_name
from geodata.place_text import (
    AT,
    BETWEEN,
    BORDER,
    DISTRICT,
    FACILITY,
    GOVERNORATE,
    NEAR,
    OFFSET,
    PART,
    TOWN,
    VILLAGE,
    Phrase,
    PlaceText,
    Term,
)
from geodata.placement import Answer, Flag

#: Metres around a place that "near", "north of" or "the road of" it cover when the text gives no distance.
NEAR_RADIUS_M, ROAD_RADIUS_M = 25_000.0, 30_000.0
#: Metres around a town that cover an unknown village of which the text only says that it is by that town.
AROUND_TOWN_RADIUS_M = 30_000.0
#: Metres from the middle of a town within which its quarters lie.
QUARTER_REACH_M = 20_000.0
#: Metres around a named site that "near" covers.
NEAR_SITE_RADIUS_M = 5_000.0
#: A text that says farther than this from a place is misread, or mistaken: the ring would tell nothing.
LONGEST_OFFSET_M = 500_000.0
#: A corridor that needs a wider ring than this tells no more than its governorate does, and is a region otherwise.
WIDEST_CORRIDOR_M = 70_000.0

#: A town of so many people is recognised in a part of a text even when no governorate is stated.
CITY_PEOPLE = 50_000

_AREAS = {DISTRICT, GOVERNORATE, "country"}
#: Words that put an unknown name inside a town rather than in the province of the same name.
_URBAN = frozenset(
    plain(
        "street square bridge mosque hospital university school hotel ministry parliament headquarters hq office "
        "market palace hall church neighborhood neighbourhood quarter building shrine cemetery stadium court bank "
        "restaurant mall police station club home house residence checkpoint "
        "شارع ساحة جامع مستشفى جامعة فندق وزارة سوق حي"
    ).split()
)

#: Words of what stands in a city: where nothing else is said, in the chief city of the stated governorate. A street's
#: name says nothing ("Tall Abyad Street" is in Raqqa), a quarter's may hold that of its town.
_STREETS = frozenset(plain("street square roundabout شارع ساحة دوار").split())
_QUARTERS = frozenset(plain("neighbourhood neighborhood quarter حي").split())
#: How many times more people a governorate's chief city has than its second.
_CHIEF_FACTOR = 3


def _half_a_name(words: list[str], start: int, length: int) -> bool:
    """Tell whether a run of words is torn from a longer name: "Halab" of "Kafr Halab", "Tall" of "Tall Bardayah"."""
    before = start - 1 if start > 1 and plain(words[start - 1]) in ARTICLES else start
    torn = before > 0 and starts_a_name(words[before - 1])
    return torn or (length == 1 and starts_a_name(words[start]))


class PhraseReader:
    """Resolve phrases with a chooser."""

    def __init__(self, chooser: PlaceChooser) -> None:
        self._chooser = chooser
        self.matcher = chooser.matcher
        self.gazetteer = chooser.gazetteer
        self.boundaries = chooser.boundaries

    def site(self, parsed: PlaceText, context: Context) -> Answer | None:
        """Find the named facility of a record; a town counts too, an area does not."""
        for phrase in parsed.phrases:
            if phrase.relation != AT:
                continue
            term = replace(phrase.terms[0], hint=phrase.terms[0].hint or FACILITY)
            match, _ = self._chooser.choose(self.matcher.find(term, context, literal=True), term, context)
            if match and self.matcher.kind_class(match.row) in {FACILITY, TOWN}:
                answer = self._chooser.answer(match, term, context)
                return replace(answer, why=f"The record names the site: {answer.why}")
        return None

    def around_site(self, answer: Answer, parsed: PlaceText) -> Answer:
        """Widen a named site to its surroundings when the place is worded "near" or "so far from" it."""
        wording = parsed.phrases[0].relation if len(parsed.phrases) == 1 else ""
        if len(parsed.phrases) > 1 and parsed.phrases[0].literal:
            wording = parsed.phrases[1].relation
        if wording not in {NEAR, OFFSET} or answer.precision != "site":
            return answer
        distance = parsed.phrases[1].distance_m if wording == OFFSET else math.nan
        radius = NEAR_SITE_RADIUS_M if math.isnan(distance) else max(NEAR_SITE_RADIUS_M, distance * 1.3)
        why = f"The place is worded as near it, not at it. {answer.why}"
        return replace(answer, precision="near", radius_m=max(answer.radius_m, radius), why=why)

    def phrase(self, phrase: Phrase, context: Context) -> Answer | None:
        """Find the place of one phrase."""
        if phrase.relation == BETWEEN:
            return self._between(phrase, context)
        if phrase.relation == BORDER:
            return self._border(phrase, context)
        term = phrase.terms[0]
        match, flags = self._chooser.choose(self.matcher.find(term, context, literal=phrase.literal), term, context)
        if match is None:
            return self._ambiguous(flags, term, context) if flags and not phrase.literal else None
        if math.isnan(self.gazetteer.longitude[match.row]):  # a country outside the map: known by name only
            return None
        answer = replace(self._chooser.answer(match, term, context), flags=flags)
        # A town of which only the base is known lies by it; "Green Village" is a base itself.
        called_after = answer.precision == "site" and term.hint in {TOWN, VILLAGE} and not phrase.literal
        if phrase.relation == NEAR or called_after:
            return self._near(answer, phrase)
        if phrase.relation == OFFSET:
            return self._offset(answer, phrase, context)
        if phrase.relation == PART:
            return self._part(answer, phrase)
        return answer

    def with_others_named(self, answer: Answer, parsed: PlaceText, context: Context) -> Answer:
        """Flag an answer when the text names another place beside it, far from it: "Mosul and Tikrit"."""
        if answer.precision not in {"site", "town"}:
            return answer
        for phrase in parsed.several:
            other = self.phrase(phrase, context)
            if other is None or other.precision not in {"site", "town"}:
                continue
            if distance_m(answer.longitude, answer.latitude, other.longitude, other.latitude) > SAME_PLACE_M:
                flag = Flag(
                    "ambiguous",
                    f"The text names {answer.place_name} and {other.place_name}; only the first is shown.",
                    "Make a record for each place, or choose one of them.",
                )
                return replace(answer, flags=(*answer.flags, flag))
        return answer

    def quarter_elsewhere(self, answer: Answer, parsed: PlaceText, context: Context) -> bool:
        """Tell whether a quarter was found that is not in the town the text names: "Ashrafiyah, Afrin"."""
        if answer.place_kind != QUARTER_KIND:
            return False
        for phrase in parsed.containers:
            town = self.phrase(replace(phrase, literal=True), context) if phrase.relation == AT else None
            if town and town.precision == TOWN and town.place_kind != QUARTER_KIND:
                away = distance_m(answer.longitude, answer.latitude, town.longitude, town.latitude)
                return away > QUARTER_REACH_M
        return False

    def around(self, parsed: PlaceText, context: Context) -> Answer | None:
        """Fall back to what the text says lies around the place, closest first."""
        for phrase in parsed.containers:
            answer = self.phrase(replace(phrase, literal=True) if phrase.relation == AT else phrase, context)
            if answer is None or answer.precision == "country":
                continue
            if answer.precision in {"town", "site"} and phrase.relation == AT:
                answer = self._inside_town(answer, parsed, phrase.terms[0], context)
            why = (
                f"“{parsed.text}” itself is not in the gazetteer; the text places it by what is around it. {answer.why}"
            )
            return replace(answer, why=why, method="fallback", score=min(answer.score, 0.6))
        return None

    def part_of_text(self, parsed: PlaceText, context: Context) -> Answer | None:
        """Look for the longest run of words that names a place inside what is stated; the place is near it."""
        if not context.stated:
            return None
        for phrase in parsed.phrases[:1]:
            words = phrase.terms[0].text.split()[:12]
            hint = VILLAGE if phrase.terms[0].hint == VILLAGE else ""
            for length in range(len(words) - 1, 0, -1):
                for start in range(len(words) - length + 1):
                    term = Term(" ".join(words[start : start + length]), hint)
                    if len(plain(term.text)) < 4 or _half_a_name(words, start, length):
                        continue
                    match, _ = self._chooser.choose(self.matcher.find(term, context, literal=True), term, context)
                    if match is None or not self._speaks_alone(match.row, context):
                        continue
                    answer = self._near(self._chooser.answer(match, term, context), phrase)
                    why = f"Only a part of “{parsed.text}” is in the gazetteer. {answer.why}"
                    return replace(answer, method="part of text", score=0.5, why=why)
        return None

    def street(self, parsed: PlaceText, context: Context) -> Answer | None:
        """Place an unknown street of which only the governorate is known around the chief city there."""
        return self._in_chief_city(parsed, context) if set(plain(parsed.text).split()) & _STREETS else None

    def quarter(self, parsed: PlaceText, context: Context) -> Answer | None:
        """Do the same for an unknown quarter."""
        return self._in_chief_city(parsed, context) if set(plain(parsed.text).split()) & _QUARTERS else None

    def _in_chief_city(self, parsed: PlaceText, context: Context) -> Answer | None:
        if parsed.containers or len(context.governorates) != 1:
            return None
        row = self._chief_city_of(next(iter(context.governorates)))
        if row is None:
            return None
        term = Term(parsed.text, TOWN)
        answer = self._chooser.answer(Match(row, "normalised", 0.5), term, context)
        why = (
            f"“{parsed.text}” itself is not in the gazetteer; a quarter or street that states no town is in the "
            f"chief city of the governorate in nine of ten cases, here {answer.place_name}."
        )
        radius = max(answer.radius_m, NEAR_RADIUS_M)
        return replace(answer, precision="near", radius_m=radius, method="fallback", score=0.5, why=why)

    @lru_cache(maxsize=128)  # noqa: B019 - a reader lives as long as its geocoder, which lives as long as its process
    def _chief_city_of(self, governorate: str) -> int | None:
        """Give the row of the city that stands out in a governorate, None where two compete."""
        held = [row for row, area in enumerate(self.gazetteer.column("admin1")) if area == governorate]
        towns = sorted(
            (row for row in held if self.gazetteer.column("kind")[row] == "town"),
            key=lambda row: -int(self.gazetteer.population[row]),
        )
        people = [int(self.gazetteer.population[row]) for row in towns[:2]] + [0, 0]
        return towns[0] if people[0] >= max(CITY_PEOPLE, _CHIEF_FACTOR * people[1]) else None

    def _speaks_alone(self, row: int, context: Context) -> bool:
        """Tell whether a place found in a part of a text is worth an answer; in a whole country only cities are."""
        if self.matcher.kind_class(row) == "country":
            return False
        return bool(context.governorates) or self.gazetteer.population[row] >= CITY_PEOPLE

    def _ambiguous(self, flags: tuple[Flag, ...], term: Term, context: Context) -> Answer | None:
        """Answer with the stated area when a name is ambiguous inside it; without one the next reading is tried."""
        held = context.governorates or context.countries
        if len(held) != 1:
            return None
        answer = self._chooser.stated_area(
            next(iter(held)), flags[0].message.rstrip("."), self._chooser.area_name(next(iter(held)))
        )
        return replace(answer, flags=flags, matched_text=term.text)

    def _near(self, answer: Answer, phrase: Phrase) -> Answer:
        """Widen an answer from "at" to "around"; an area stays the area."""
        if answer.precision in _AREAS:
            return answer
        radius = max(answer.radius_m, ROAD_RADIUS_M if phrase.road else NEAR_RADIUS_M)
        said = "on a road by" if phrase.road else "around"
        return replace(
            answer,
            precision="near",
            radius_m=radius,
            why=f"The text says {said} it: {answer.why}",
            score=round(answer.score * 0.95, 3),
        )

    def _offset(self, answer: Answer, phrase: Phrase, context: Context) -> Answer | None:
        """Go the distance; without a direction, or out of the stated governorate, widen the ring instead."""
        if answer.precision in _AREAS:
            return answer
        if phrase.distance_m > LONGEST_OFFSET_M:
            return None
        kilometres = f"{round(phrase.distance_m / 1000, 1):g} km"
        ring = replace(
            answer,
            precision="near",
            radius_m=max(answer.radius_m, phrase.distance_m * 1.3),
            why=f"The text says {kilometres} from it, in no usable direction: {answer.why}",
        )
        if math.isnan(phrase.bearing):
            return ring
        east, north = place_geometry.offset(answer.longitude, answer.latitude, phrase.bearing, phrase.distance_m)
        countries, governorates, districts = self.boundaries.locate([east], [north])
        if context.governorates and governorates[0] not in context.governorates:
            return ring
        return replace(
            answer,
            place_id="",
            place_name=f"{kilometres} from {answer.place_name}",
            place_kind="computed point",
            longitude=east,
            latitude=north,
            country_id=str(countries[0]),
            admin1_id=str(governorates[0]),
            admin2_id=str(districts[0]),
            precision="near",
            radius_m=max(5_000.0, phrase.distance_m * 0.4),
            method="computed",
            score=round(answer.score * 0.95, 3),
            why=f"{kilometres} at {phrase.bearing:.0f}° from {answer.place_name}, on the ellipsoid: {answer.why}",
        )

    def _part(self, answer: Answer, phrase: Phrase) -> Answer:
        """Make a region of a part of a country ("southern Iraq"); a part of anything smaller is that itself."""
        if answer.precision != "country" or answer.area_id not in self.boundaries:
            return answer
        east, north, radius = place_geometry.part_of_area(answer.area_id, phrase.bearing, self.boundaries)
        return replace(
            answer,
            place_id="",
            place_name=f"part of {answer.place_name}",
            place_kind="part of a country",
            longitude=east,
            latitude=north,
            precision="region",
            radius_m=radius,
            admin1_id="",
            method="computed",
            why=f"The text names a part of {answer.place_name} that has no drawn outline.",
        )

    def _border(self, phrase: Phrase, context: Context) -> Answer | None:
        ids = []
        for term in phrase.terms:
            matches = self.matcher.find(replace(term, hint="country"), Context())
            ids += [self.gazetteer.column("country")[match.row] for match in matches[:1]
                    if self.matcher.kind_class(match.row) == "country"]  # fmt: skip
        line = place_geometry.shared_border(ids[0], ids[1], self.boundaries) if len(set(ids)) == 2 else None
        if line is None or len(context.governorates) == 1:
            return None
        home = next((area for area in ids if area in context.countries), ids[0])
        east, north, radius = line
        return Answer(
            place_name=f"border of {self._chooser.area_name(ids[0])} and {self._chooser.area_name(ids[1])}",
            place_kind="border",
            longitude=east,
            latitude=north,
            precision="region",
            radius_m=radius,
            area_id=home,
            country_id=home,
            method="computed",
            score=0.7,
            matched_text=" - ".join(term.text for term in phrase.terms),
            why="The text names the border of two countries; the point is the middle of the line they share.",
        )

    def _between(self, phrase: Phrase, context: Context) -> Answer | None:
        """Lay a corridor between two places, as far as it runs inside the stated governorate."""
        anywhere = Context(context.countries)
        ends = []
        for term in phrase.terms:
            match, _ = self._chooser.choose(self.matcher.find(term, context), term)
            if match is None:
                match, _ = self._chooser.choose(self.matcher.find(term, anywhere, literal=True), term)
            if match is not None:
                ends.append(self._chooser.answer(match, term, context))
        if not ends:
            return None
        if len(ends) == 1 or any(end.precision in _AREAS for end in ends):
            return self._along(ends, phrase, context)
        points = [(end.longitude, end.latitude) for end in ends]
        way = place_geometry.corridor(points[0], points[1], context.governorates, self.boundaries)
        wide = way is None or way[2] > WIDEST_CORRIDOR_M
        held = self._along(ends, phrase, context) if wide else None
        if held or way is None:
            return held
        countries, governorates, districts = self.boundaries.locate([way[0]], [way[1]])
        names = f"{ends[0].place_name} and {ends[1].place_name}"
        inside = ", as far as it runs in the stated governorate" if context.governorates else ""
        return Answer(
            place_name=f"between {names}",
            place_kind="corridor",
            longitude=way[0],
            latitude=way[1],
            precision="region" if wide else "near",
            radius_m=way[2] + 5_000.0,
            country_id=str(countries[0]),
            admin1_id=str(governorates[0]),
            admin2_id=str(districts[0]),
            method="computed",
            score=round(min(end.score for end in ends) * 0.9, 3),
            matched_text=" - ".join(term.text for term in phrase.terms),
            why=f"The middle of the straight line between {names}{inside}; the ring covers the line.",
        )

    def _along(self, ends: list[Answer], phrase: Phrase, context: Context) -> Answer | None:
        """Answer for a corridor too long or to an area: the stated governorate, a shared one, or near one end."""
        shared = {end.admin1_id for end in ends}
        if len(context.governorates) == 1:
            shared = set(context.governorates)
        text = " - ".join(term.text for term in phrase.terms)
        if len(shared) == 1 and "" not in shared and (len(ends) > 1 or ends[0].precision in _AREAS):
            why = f"“{text}” runs between areas, or too far for one point"
            return replace(self._chooser.stated_area(shared.pop(), why, text), matched_text=text)
        if len(ends) == 1 and (not context.governorates or ends[0].admin1_id in context.governorates):
            return self._near(ends[0], phrase)
        return None

    def _inside_town(self, answer: Answer, parsed: PlaceText, term: Term, context: Context) -> Answer:
        """Decide what "X, Town" means when X is unknown: in the town, or anywhere in the province of the same name."""
        words = set(plain(parsed.phrases[0].terms[0].text).split()) if parsed.phrases else set()
        if words & _URBAN or facility_core(term.text)[1]:
            return answer
        province = [match for match in self.matcher.find(replace(term, hint=GOVERNORATE), context)
                    if self.matcher.kind_class(match.row) == GOVERNORATE]  # fmt: skip
        if province:
            return self._chooser.answer(province[0], term, context)
        return replace(answer, precision="near", radius_m=max(answer.radius_m, AROUND_TOWN_RADIUS_M))
