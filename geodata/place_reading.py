"""Give a phrase its place: one phrase in, one answer with its proof out, or None."""

from __future__ import annotations

import math
from dataclasses import replace

from geodata import place_geometry
from geodata.boundaries import Boundaries
from geodata.errors import FileError
from geodata.place_match import EXACT, FUZZY, SAME_PLACE_M, SKELETON, Context, Match, Matcher, distance_m, facility_core
from geodata.place_names import plain
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
    Phrase,
    PlaceText,
    Term,
)
from geodata.placement import Answer, Candidate, Flag

#: Metres around a place that "near", "north of" or "the road of" it cover when the text gives no distance.
NEAR_RADIUS_M, ROAD_RADIUS_M = 15_000.0, 25_000.0
#: Metres around a named site that "near" covers.
NEAR_SITE_RADIUS_M = 5_000.0
#: A corridor that needs a wider ring than this tells no more than its governorate does.
WIDEST_CORRIDOR_M = 70_000.0
#: A town of this many people, and this many times more than its namesakes, is meant when nothing else decides.
CLEAR_POPULATION, CLEAR_FACTOR = 10_000, 5
#: Where no country is stated these are looked in first; the records are about them.
HOME = frozenset({"IQ", "SY"})

_AREAS = {DISTRICT, GOVERNORATE, "country"}
#: Words that put an unknown name inside a town rather than in the province of the same name.
_URBAN = frozenset(
    [
        "street",
        "square",
        "bridge",
        "mosque",
        "hospital",
        "university",
        "school",
        "hotel",
        "ministry",
        "parliament",
        "headquarters",
        "hq",
        "office",
        "market",
        "palace",
        "hall",
        "church",
        "neighborhood",
        "neighbourhood",
        "quarter",
        "building",
        "shrine",
        "cemetery",
        "stadium",
        "court",
        "bank",
        "restaurant",
        "mall",
        "police",
        "station",
        "club",
        "home",
        "house",
        "residence",
        "checkpoint",
        "شارع",
        "ساحة",
        "جامع",
        "مستشفى",
        "جامعة",
        "فندق",
        "وزارة",
        "سوق",
        "حي",
    ]
)


class PhraseReader:
    """Resolve phrases with a matcher and the boundaries."""

    def __init__(self, matcher: Matcher, boundaries: Boundaries) -> None:
        self.matcher = matcher
        self.gazetteer = matcher.gazetteer
        self.boundaries = boundaries

    def site(self, parsed: PlaceText, context: Context) -> Answer | None:
        """Find the named facility of a record; a town counts too, an area does not."""
        for phrase in parsed.phrases:
            if phrase.relation != AT:
                continue
            term = replace(phrase.terms[0], hint=phrase.terms[0].hint or FACILITY)
            match, _ = self._choose(self.matcher.find(term, context, literal=True), term)
            if match and self.matcher.kind_class(match.row) in {FACILITY, TOWN}:
                answer = self._answer(match, term, context)
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

    def gazetteer_name(self, place_id: str) -> str:
        """Give the name of a place by its id."""
        entry = self.gazetteer.by_id(place_id)
        return entry.name if entry else place_id

    def phrase(self, phrase: Phrase, context: Context) -> Answer | None:
        """Find the place of one phrase."""
        if phrase.relation == BETWEEN:
            return self._between(phrase, context)
        if phrase.relation == BORDER:
            return self._border(phrase, context)
        term = phrase.terms[0]
        match, flags = self._choose(self.matcher.find(term, context, literal=phrase.literal), term)
        if match is None:
            return self._ambiguous(flags, term, context) if flags and not phrase.literal else None
        if math.isnan(self.gazetteer.longitude[match.row]):  # a country outside the map: known by name only
            return None
        answer = replace(self._answer(match, term, context), flags=flags)
        if phrase.relation == NEAR:
            return self._near(answer, phrase)
        if phrase.relation == OFFSET:
            return self._offset(answer, phrase, context)
        if phrase.relation == PART:
            return self._part(answer, phrase)
        return answer

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
            for length in range(len(words) - 1, 0, -1):
                for start in range(len(words) - length + 1):
                    term = Term(" ".join(words[start : start + length]))
                    if len(plain(term.text)) < 4:
                        continue
                    match, _ = self._choose(self.matcher.find(term, context, literal=True), term)
                    if match is None or self.matcher.kind_class(match.row) == "country":
                        continue
                    answer = self._near(self._answer(match, term, context), phrase)
                    why = f"Only a part of “{parsed.text}” is in the gazetteer. {answer.why}"
                    return replace(answer, method="part of text", score=0.5, why=why)
        return None

    def entry(self, place_id: str) -> Answer | None:
        """Answer with one gazetteer entry as it is."""
        row = self.gazetteer.row(place_id)
        return None if row is None else self._answer(Match(row, "exact", 1.0), Term(place_id), Context())

    def stated_area(self, area_id: str, because: str, stated: str) -> Answer:
        """Answer with an area that is stated beside the text."""
        row = self.gazetteer.by_id(f"area:{area_id}")
        if row is None:  # a user gazetteer alone, or one built from other boundaries
            msg = f"The gazetteer lacks the area {area_id!r}: build it again from the boundaries in use."
            raise FileError(msg)
        return Answer(
            place_id=row.id,
            place_name=row.name,
            place_kind=row.kind,
            longitude=row.longitude,
            latitude=row.latitude,
            precision=row.precision,
            radius_m=row.radius_m,
            area_id=area_id,
            country_id=row.country,
            admin1_id=row.admin1,
            admin2_id=row.admin2,
            method="fallback",
            score=0.4,
            matched_text=stated,
            why=f"{because}; the record states “{stated}”, so the answer is the {row.kind} {row.name} as a whole.",
        )

    def add_candidate(self, ranked: dict[str, Candidate], match: Match, why: str) -> None:
        """Add a match to a ranking; the better of two mentions stays."""
        entry = self.gazetteer.entry(match.row)
        known = ranked.get(entry.id)
        if known is None or known.score < match.score:
            ranked[entry.id] = Candidate(
                entry.id, entry.name, entry.kind, entry.longitude, entry.latitude, entry.precision, entry.country,
                entry.admin1, entry.admin2, match.score, f"{match.method}: {why}",
            )  # fmt: skip

    def _choose(self, matches: list[Match], term: Term) -> tuple[Match | None, tuple[Flag, ...]]:
        """Take the first match unless another of its kind is as good and somewhere else; then flag the ambiguity."""
        if not matches:
            return None, ()
        kind = self.matcher.kind_class(matches[0].row)
        same = [match for match in matches if self.matcher.kind_class(match.row) == kind]
        if same[0].method in {SKELETON, FUZZY}:  # the most alike; only then do people count
            same = [match for match in same if match.score >= same[0].score - 0.01]
        same = self._clear(same)
        rivals = [match for match in same[1:] if self._distance(same[0], match) > SAME_PLACE_M]
        if not rivals:
            return same[0], ()
        names = "; ".join(self._label(match.row) for match in [same[0], *rivals][:4])
        flag = Flag(
            "ambiguous",
            f"{len(rivals) + 1} places are called “{term.text}”: {names}.",
            "State the governorate, or choose one of the candidates.",
        )
        return None, (flag,)

    def _clear(self, same: list[Match]) -> list[Match]:
        """Drop namesakes that a far larger town, a town before a quarter, or the records' countries leave behind."""
        gazetteer = self.gazetteer
        people = sorted(same, key=lambda match: -int(gazetteer.population[match.row]))
        first = int(gazetteer.population[people[0].row])
        others = [match for match in people[1:] if self._distance(people[0], match) > SAME_PLACE_M]
        if first >= CLEAR_POPULATION and all(first >= CLEAR_FACTOR * int(gazetteer.population[m.row]) for m in others):
            return [people[0]]
        kinds = {gazetteer.column("kind")[match.row] for match in same}
        chief = next((kind for kind in ("town", "village") if kind in kinds), "")
        same = [match for match in same if not chief or gazetteer.column("kind")[match.row] == chief]
        named = [match for match in same if match.method == EXACT] or same
        home = [match for match in named if gazetteer.column("country")[match.row] in HOME]
        return home or named

    def _distance(self, first: Match, second: Match) -> float:
        east, north = self.gazetteer.longitude, self.gazetteer.latitude
        return distance_m(
            float(east[first.row]), float(north[first.row]), float(east[second.row]), float(north[second.row])
        )

    def _label(self, row: int) -> str:
        entry = self.gazetteer.entry(row)
        return f"{entry.name} ({entry.kind}, {self.area_name(entry.admin1 or entry.country)})"

    def area_name(self, area_id: str) -> str:
        """Give the name of a boundary id, the id itself when there is no such area."""
        return self.boundaries.area(area_id).name if area_id in self.boundaries else area_id

    def _answer(self, match: Match, term: Term, context: Context) -> Answer:
        entry = self.gazetteer.entry(match.row)
        radius = entry.radius_m * (1.5 if match.method in {SKELETON, FUZZY} and entry.precision == "town" else 1.0)
        return Answer(
            place_id=entry.id,
            place_name=entry.name,
            place_kind=entry.kind,
            longitude=entry.longitude,
            latitude=entry.latitude,
            precision=entry.precision,
            radius_m=radius,
            area_id=entry.area_id,
            country_id=entry.country,
            admin1_id=entry.admin1,
            admin2_id=entry.admin2,
            method=match.method,
            score=match.score,
            matched_text=term.text,
            why=self._why(match, term, context),
        )

    def _why(self, match: Match, term: Term, context: Context) -> str:
        entry = self.gazetteer.entry(match.row)
        how = {
            "exact": "is the name of",
            "normalised": "is a spelling of",
            SKELETON: "has the same consonants as",
            FUZZY: "is written almost like",
        }[match.method]
        where = self.area_name(entry.admin1 or entry.country)
        if context.governorates:
            held = f"in {where}, the stated governorate"
        elif context.countries:
            held = f"in {where}, inside the stated country"
        else:
            held = f"in {where}; no governorate or country is stated"
        return f"“{term.text}” {how} {entry.name} ({entry.kind}), {held}."

    def _ambiguous(self, flags: tuple[Flag, ...], term: Term, context: Context) -> Answer | None:
        """Answer with the stated area when a name is ambiguous inside it; without one the next reading is tried."""
        held = context.governorates or context.countries
        if len(held) != 1:
            return None
        answer = self.stated_area(next(iter(held)), flags[0].message.rstrip("."), self.area_name(next(iter(held))))
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

    def _offset(self, answer: Answer, phrase: Phrase, context: Context) -> Answer:
        """Go the distance; without a direction, or out of the stated governorate, widen the ring instead."""
        if answer.precision in _AREAS:
            return answer
        kilometres = f"{phrase.distance_m / 1000:g} km"
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
            place_name=f"border of {self.area_name(ids[0])} and {self.area_name(ids[1])}",
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
        wide = Context(context.countries)
        ends = []
        for term in phrase.terms:
            match, _ = self._choose(self.matcher.find(term, context), term)
            if match is None:
                match, _ = self._choose(self.matcher.find(term, wide, literal=True), term)
            if match is not None:
                ends.append(self._answer(match, term, context))
        if not ends:
            return None
        if len(ends) == 1 or any(end.precision in _AREAS for end in ends):
            return self._along(ends, phrase, context)
        points = [(end.longitude, end.latitude) for end in ends]
        way = place_geometry.corridor(points[0], points[1], context.governorates, self.boundaries)
        if way is None or way[2] > WIDEST_CORRIDOR_M:
            return self._along(ends, phrase, context)
        countries, governorates, districts = self.boundaries.locate([way[0]], [way[1]])
        names = f"{ends[0].place_name} and {ends[1].place_name}"
        inside = ", as far as it runs in the stated governorate" if context.governorates else ""
        return Answer(
            place_name=f"between {names}",
            place_kind="corridor",
            longitude=way[0],
            latitude=way[1],
            precision="near",
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
            return replace(self.stated_area(shared.pop(), why, text), matched_text=text)
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
            return self._answer(province[0], term, context)
        return replace(answer, precision="near", radius_m=max(answer.radius_m, NEAR_RADIUS_M))
