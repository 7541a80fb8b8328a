"""Choose among the entries a name can mean, and word the proof.

The choice is never a guess: entries that are as good and lie apart are an ambiguity, flagged and left to a person.
"""

from __future__ import annotations

from dataclasses import replace

from geodata.boundaries import Boundaries
from geodata.errors import FileError
from geodata.place_match import EXACT, FUZZY, SAME_PLACE_M, SKELETON, Context, Match, Matcher, distance_m
from geodata.place_text import Term
from geodata.placement import Answer, Candidate, Flag

#: A town of this many people, and this many times more than its namesakes, is meant when nothing else decides.
CLEAR_POPULATION, CLEAR_FACTOR = 10_000, 5
#: Metres around the seat of a Syrian district that hold nine of ten places datasets put in that district.
SEAT_RADIUS_M = 60_000.0
#: How much wider a town's radius is when its name was only recognised by its consonants or likeness.
LESS_CERTAIN = 2.0
#: Where no country is stated these are looked in first; the records are about them.
HOME = frozenset({"IQ", "SY"})

#: Nothing is stated.
ANYWHERE = Context()


class PlaceChooser:
    """Turn matches into one answer, or into an ambiguity.

    Parameters
    ----------
    matcher, boundaries
        Where the matches come from, and the areas that hold them.
    """

    def __init__(self, matcher: Matcher, boundaries: Boundaries) -> None:
        self.matcher = matcher
        self.gazetteer = matcher.gazetteer
        self.boundaries = boundaries

    def entry(self, place_id: str) -> Answer | None:
        """Answer with one gazetteer entry as it is."""
        row = self.gazetteer.row(place_id)
        return None if row is None else self.answer(Match(row, "exact", 1.0), Term(place_id), Context())

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

    def stated_district(self, area_id: str, because: str, stated: str) -> Answer:
        """Answer with a district that is stated beside the text.

        The shipped areas of Syria are sub-districts, while datasets state districts, which are called after their
        seats: the area drawn is the seat's, and the radius holds nine of ten places of such a district.
        """
        answer = self.stated_area(area_id, because, stated)
        if answer.country_id != "SY":
            return answer
        why = f"{answer.why} The map draws the sub-district of its seat; the district may reach farther."
        return replace(answer, radius_m=max(answer.radius_m, SEAT_RADIUS_M), why=why)

    def add_candidate(self, ranked: dict[str, Candidate], match: Match, why: str) -> None:
        """Add a match to a ranking; the better of two mentions stays."""
        entry = self.gazetteer.entry(match.row)
        known = ranked.get(entry.id)
        if known is None or known.score < match.score:
            ranked[entry.id] = Candidate(
                entry.id, entry.name, entry.kind, entry.longitude, entry.latitude, entry.precision, entry.country,
                entry.admin1, entry.admin2, match.score, f"{match.method}: {why}",
            )  # fmt: skip

    def choose(
        self, matches: list[Match], term: Term, context: Context = ANYWHERE
    ) -> tuple[Match | None, tuple[Flag, ...]]:
        """Take the first match unless another of its kind is as good and somewhere else; then flag the ambiguity."""
        if not matches:
            return None, ()
        kind = self.matcher.kind_class(matches[0].row)
        same = [match for match in matches if self.matcher.kind_class(match.row) == kind]
        if same[0].method in {SKELETON, FUZZY}:  # the most alike; only then do people count
            same = [match for match in same if match.score >= same[0].score - 0.01]
        held = [match for match in same if self.gazetteer.column("admin2")[match.row] in context.districts]
        same = self._clear(held or same)
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

    def gazetteer_name(self, place_id: str) -> str:
        """Give the name of a place by its id."""
        entry = self.gazetteer.by_id(place_id)
        return entry.name if entry else place_id

    def answer(self, match: Match, term: Term, context: Context) -> Answer:
        """Answer with the entry of a match as it is; a less certain spelling of a town gets a wider radius."""
        entry = self.gazetteer.entry(match.row)
        less_certain = match.method in {SKELETON, FUZZY} and entry.precision == "town"
        radius = entry.radius_m * (LESS_CERTAIN if less_certain else 1.0)
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
