"""Place texts on the map, with the proof; or say why not.

The order of trust: coordinates a source gives, a person's decision, coordinates in the text, the named site, the
place as worded, what the text says lies around it, the stated governorate, the stated country. A stated governorate
is never left.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.boundaries import Boundaries, load_boundaries
from geodata.coordinates import (
    FORMATS,
    Coordinates,
    full_plus_code,
    read_coordinates,
    read_short_plus_code,
    write_coordinates,
)
from geodata.decisions import POINT, UNPLACED, Decisions
from geodata.gazetteer import TOWN_RADIUS_M, Gazetteer
from geodata.incident import SEPARATOR
from geodata.place_checks import check_point
from geodata.place_choice import PlaceChooser
from geodata.place_geometry import covering_radius_m
from geodata.place_match import Context, Match, Matcher
from geodata.place_names import key
from geodata.place_reading import NEAR_RADIUS_M, PhraseReader
from geodata.place_table import answer_table, distinct_rows, spread
from geodata.place_text import DISTRICT, GOVERNORATE, PlaceText, Term, parse_place
from geodata.placement import AREA_PREFIX, Answer, Candidate
from geodata.user_gazetteers import load_all_gazetteers

#: Radius of a point a source gives as coordinates, in metres: rounding and the width of a compound.
COORDINATES_RADIUS_M = 500.0
#: Radius of a point a person or a source gives with a precision, in metres.
PRECISION_RADIUS_M = {"site": COORDINATES_RADIUS_M, "town": TOWN_RADIUS_M, "near": NEAR_RADIUS_M, "district": 30_000.0,
                      "governorate": 120_000.0, "region": 250_000.0, "country": 500_000.0}  # fmt: skip

#: "0, 0", "91, 44": two numbers that are no point; what is wrong with them is told.
_TWO_NUMBERS = re.compile(r"[^\w+-]*([+-]?\d{1,9}(?:\.\d{1,15})?)[\s,;/]+([+-]?\d{1,9}(?:\.\d{1,15})?)\W*", re.ASCII)


class Geocoder:
    """Turn place texts into answers; safe to share between threads once made.

    Parameters
    ----------
    gazetteer, boundaries
        When left out, the shipped ones, with the gazetteers the user added.
    decisions
        What people decided about places; they win over everything but a source's own coordinates.
    """

    def __init__(
        self,
        gazetteer: Gazetteer | None = None,
        boundaries: Boundaries | None = None,
        decisions: Decisions | None = None,
    ) -> None:
        self.gazetteer = gazetteer or load_all_gazetteers()
        self.boundaries = boundaries or load_boundaries()
        self.decisions = decisions or Decisions()
        self.matcher = Matcher(self.gazetteer)
        self._chooser = PlaceChooser(self.matcher, self.boundaries)
        self._reader = PhraseReader(self._chooser)
        self.context = lru_cache(maxsize=4096)(self._context)

    def geocode(
        self,
        place: str,
        *,
        admin1: str = "",
        country: str = "",
        admin2: str = "",
        site: str = "",
        candidates: bool = True,
    ) -> Answer:
        """Find where a text lies.

        Parameters
        ----------
        place
            The place as reported; coordinates are read too.
        admin1, country
            What is stated around it, in any common spelling; only places inside can be the answer.
        admin2
            The district that is stated. It decides among namesakes and stands in for a place that is not known; it
            does not rule places out, because datasets draw districts differently.
        site
            The named facility, if the record has one; it is tried first.
        candidates
            Also list what else could be meant; leave it out in bulk.

        Returns
        -------
        Answer
            Never at 0, 0; without an answer `reason` says why.
        """
        context = self.context(admin1, country, admin2)
        parsed = parse_place(place)
        answer = (
            self._decided(place, site, admin1, country)
            or self._written_coordinates(place, context)
            or self._find(parsed, context, site)
            or self._without_place(parsed, context, admin2 or admin1, country)
        )
        if candidates:
            answer = replace(answer, candidates=self._candidates(answer, parsed, context, site))
        return answer

    def _decided(self, place: str, site: str, admin1: str, country: str) -> Answer | None:
        """Give what a person decided about these texts."""
        decision = self.decisions.get(place, site, admin1, country)
        if decision is None:
            return None
        who = f"{decision.by} decided on {decision.on[:10]}" + (f": {decision.why}" if decision.why else "")
        if decision.choice == UNPLACED:
            return Answer(method="decision", matched_text=place, why=who, reason=f"Left unplaced: {who}.")
        if decision.choice == POINT:
            radius = PRECISION_RADIUS_M.get(decision.precision, NEAR_RADIUS_M)
            answer = self._point(decision.longitude, decision.latitude, decision.precision, radius)
            return replace(answer, method="decision", score=1.0, matched_text=place, why=f"{who}.")
        chosen = self._chooser.entry(decision.choice)
        if chosen is None:  # the gazetteer it came from was removed
            return None
        precision = decision.precision or chosen.precision
        return replace(chosen, precision=precision, method="decision", score=1.0, matched_text=place, why=f"{who}.")

    def _written_coordinates(self, place: str, context: Context) -> Answer | None:
        """Read a place that is coordinates; flagged, not moved, when it contradicts what is stated."""
        found = read_coordinates(place) or self._short_plus_code(place, context)
        if found is None or (found.longitude, found.latitude) == (0, 0):
            return None
        radius = max(COORDINATES_RADIUS_M, round(found.resolution_m * 1.5))
        precision = "site" if radius <= 1_500 else "town" if radius <= 10_000 else "near"
        flags = check_point(
            found.longitude,
            found.latitude,
            self.boundaries,
            governorates=context.governorates,
            countries=context.countries,
        )
        return replace(
            self._point(found.longitude, found.latitude, precision, radius),
            method="coordinates",
            score=1.0,
            matched_text=place,
            why=f"The text is a point, written as {FORMATS[found.format][0]}.",
            flags=flags,
        )

    def _short_plus_code(self, place: str, context: Context) -> Coordinates | None:
        """Read "68R2+6J Baghdad": a short Plus Code counts from the place named with it."""
        parts = read_short_plus_code(place)
        near = self._find(parse_place(parts[1]), context, "") if parts else None
        return full_plus_code(parts[0], near.longitude, near.latitude) if parts and near else None

    def _point(self, longitude: float, latitude: float, precision: str, radius_m: float) -> Answer:
        countries, governorates, districts = self.boundaries.locate([longitude], [latitude])
        return Answer(
            place_name=write_coordinates(longitude, latitude),
            place_kind="coordinates",
            longitude=round(longitude, 6),
            latitude=round(latitude, 6),
            precision=precision,
            radius_m=radius_m,
            country_id=str(countries[0]),
            admin1_id=str(governorates[0]),
            admin2_id=str(districts[0]),
        )

    def _find(self, parsed: PlaceText, context: Context, site: str) -> Answer | None:
        if site:
            answer = self._reader.site(parse_place(site), context)
            if answer:
                return self._reader.around_site(answer, parsed)
        inner = self._narrowed(context, parsed)
        for phrase in parsed.whole:
            answer = self._reader.phrase(phrase, context)
            if answer and answer.precision == "site":
                return answer
        for phrase in parsed.phrases:
            answer = self._reader.phrase(phrase, inner)
            if answer and not self._reader.quarter_elsewhere(answer, parsed, inner):
                return self._reader.with_others_named(answer, parsed, inner)
        return (
            self._reader.around(parsed, inner)
            or self._reader.street(parsed, inner)
            or self._reader.part_of_text(parsed, inner)
            or self._reader.quarter(parsed, inner)
        )

    def _narrowed(self, context: Context, parsed: PlaceText) -> Context:
        """Add what the text itself says lies around the place ("X, Anbar"), where it agrees with what is stated."""
        if context.governorates:
            return context
        for phrase in parsed.containers:
            found = self.context(phrase.terms[0].text, "") if phrase.terms[0].hint in {"", GOVERNORATE} else Context()
            countries = found.countries or self.countries(phrase.terms[0].text)
            if context.countries and not (countries & context.countries):
                continue
            if found.governorates or countries:
                return Context(countries, found.governorates)
        return context

    def _context(self, admin1: str, country: str, admin2: str = "") -> Context:
        """Read what is stated; a governorate that is not recognised leaves the country."""
        countries = self.countries(country)
        governorates: set[str] = set()
        districts: set[str] = set()
        for part in admin1.replace("/", ";").split(";"):
            matches = self._stated_areas(part, Context(countries))
            areas = [self.gazetteer.column("id")[match.row].removeprefix("area:") for match in matches
                     if self.matcher.kind_class(match.row) in {GOVERNORATE, DISTRICT}]  # fmt: skip
            areas.sort(key=lambda area: (area.count("."), area[:2] not in {"IQ", "SY"}))
            if areas:
                governorates.add(".".join(areas[0].split(".")[:2]))
                districts.update(area for area in areas[:1] if area.count(".") == 2)
        districts |= self._districts(admin2, Context(countries, frozenset(governorates)))
        if not governorates and len(districts) == 1:  # a district says its governorate
            governorates = {".".join(next(iter(districts)).split(".")[:2])}
        if not countries:
            countries = frozenset(governorate.split(".")[0] for governorate in governorates)
        return Context(countries, frozenset(governorates), frozenset(districts))

    def _districts(self, admin2: str, within: Context) -> set[str]:
        """Give the district an admin2 cell names; none when several bear the name."""
        if not admin2.strip():
            return set()
        found = {
            self.gazetteer.column("admin2")[match.row]
            for match in self._stated_areas(admin2, within, DISTRICT)
            if self.matcher.kind_class(match.row) == DISTRICT
        }
        return found if len(found) == 1 else set()

    def _stated_areas(self, text: str, within: Context, level: str = GOVERNORATE) -> list[Match]:
        """Find the areas a cell names, with or without its "governorate", "district" or محافظة."""
        for phrase in parse_place(text).phrases:
            term = phrase.terms[0]
            matches = self.matcher.find(Term(term.text, level), within, literal=phrase.literal)
            if matches:
                return matches
        return []

    @lru_cache(maxsize=1024)  # noqa: B019 - a geocoder lives as long as its process
    def countries(self, text: str) -> frozenset[str]:
        """Give the ids of the countries a text states ("Iraq; Syria", "IRQ", "العراق")."""
        found = set()
        for part in text.replace("/", ";").split(";"):
            for row in self.gazetteer.find(key(part)):
                if self.gazetteer.column("kind")[row] == "country":
                    found.add(self.gazetteer.column("country")[row])
        return frozenset(found)

    def _without_place(self, parsed: PlaceText, context: Context, stated: str, country: str) -> Answer:
        """Answer what names no place by what is stated; two numbers that are no point are told."""
        answer = self._fallback(parsed, context, stated, country)
        numbers = _TWO_NUMBERS.fullmatch(parsed.text)
        if not numbers:
            return answer
        held = {"governorates": context.governorates, "countries": context.countries}
        return replace(answer, flags=check_point(float(numbers[2]), float(numbers[1]), self.boundaries, **held))

    def _fallback(self, parsed: PlaceText, context: Context, stated: str, country: str) -> Answer:
        shown = parsed.text or "(empty)"
        if len(context.districts) == 1:
            return self._chooser.stated_district(
                next(iter(context.districts)), f"“{shown}” is not in the gazetteer", stated
            )
        if len(context.governorates) == 1:
            why = f"“{shown}” is not in the gazetteer there"
            return self._chooser.stated_area(next(iter(context.governorates)), why, stated)
        abroad = sorted(country for country in context.countries if country not in self.boundaries)
        if abroad:
            name = self._chooser.gazetteer_name(f"area:{abroad[0]}")
            return Answer(
                reason=f"“{shown}” is not in the gazetteer, and {name} lies outside the map: "
                "give coordinates or choose a point.",
            )
        if len(context.countries) == 1:
            why = f"“{shown}” is not in the gazetteer there, or not clearly"
            return self._chooser.stated_area(next(iter(context.countries)), why, country or parsed.text)
        if len(context.countries) > 1 and country:
            return self._several_countries(sorted(context.countries), country)
        if not parsed.text:
            return Answer(reason="No place is given: fill place, admin1 or country.")
        named = len(
            {
                self.gazetteer.column("admin1")[m.row]
                for p in parsed.phrases[:1]
                for m in self.matcher.anywhere(p.terms[0])
            }
        )
        if named > 1:
            return Answer(
                reason=f"{named} governorates have a place called “{shown}”: state the governorate or the country."
            )
        return Answer(
            reason=f"“{shown}” is not in the gazetteer and no governorate or known country is stated: "
            "correct the spelling, state a governorate, or choose a point."
        )

    def _several_countries(self, countries: list[str], stated: str) -> Answer:
        """Answer a text that is about several countries at once: a region, shown beside the map, never a point."""
        areas = [self.boundaries.area(area_id) for area_id in countries]
        longitude, latitude = np.mean([area.anchor_lonlat for area in areas], axis=0).tolist()
        return Answer(
            place_id=SEPARATOR.join(f"{AREA_PREFIX}{area_id}" for area_id in countries),
            place_name=", ".join(sorted(area.name for area in areas)),
            place_kind="region",
            longitude=longitude,
            latitude=latitude,
            precision="region",
            radius_m=max(covering_radius_m(longitude, latitude, area.geometry) for area in areas),
            method="fallback",
            score=0.5,
            matched_text=stated,
            why=f"The record states {len(areas)} countries and no place in one of them: it is about all of them.",
        )

    def _candidates(self, answer: Answer, parsed: PlaceText, context: Context, site: str) -> tuple[Candidate, ...]:
        ranked: dict[str, Candidate] = {}
        phrases = (parse_place(site).phrases if site else ()) + parsed.phrases
        terms = [term for phrase in phrases for term in phrase.terms]
        for term in terms:
            for match in self.matcher.find(term, context):
                self._chooser.add_candidate(
                    ranked, match, "agrees with what is stated" if context.stated else "bears the name"
                )
        for term in terms:
            for match in self.matcher.anywhere(term):
                self._chooser.add_candidate(
                    ranked, replace(match, score=round(match.score * 0.3, 3)), "lies outside what is stated"
                )
        if not answer.place_id.startswith(("gn:", "fac:", "icao:", "place:")):
            for term in terms[-1:]:
                for match in self.matcher.suggestions(term, context):
                    self._chooser.add_candidate(ranked, match, "looks alike; a suggestion only")
        first = [ranked.pop(answer.place_id)] if answer.place_id in ranked else []
        return tuple([*first, *sorted(ranked.values(), key=lambda candidate: -candidate.score)][:10])

    def geocode_table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Place every row; each distinct combination of place, site, admin1, admin2 and country is worked out once.

        Parameters
        ----------
        frame
            Columns `place, site, admin1, admin2, country`, any of which may be missing; `latitude, longitude,
            location_precision` where a source gives them.

        Returns
        -------
        pandas.DataFrame
            Columns `ANSWER_COLUMNS`, one row per input row, same index.
        """
        given = _given(frame)
        if given.all() and len(frame):
            return self._source_coordinates(frame)
        if not given.any():
            return self._worked_out(frame)
        table = pd.concat([self._source_coordinates(frame[given]), self._worked_out(frame[~given])])
        return table.take(np.argsort(np.concatenate([np.flatnonzero(given), np.flatnonzero(~given)])))

    def _worked_out(self, frame: pd.DataFrame) -> pd.DataFrame:
        names = ("place", "site", "admin1", "admin2", "country")
        columns = [frame[name].fillna("") if name in frame else None for name in names]
        codes, distinct = distinct_rows(columns, len(frame))
        answers = [
            self.geocode(place, site=site, admin1=admin1, admin2=admin2, country=country, candidates=False).as_row()
            for place, site, admin1, admin2, country in distinct
        ]
        return spread(answers, codes, frame.index)

    def _source_coordinates(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Let a source's own coordinates win, and say so."""
        longitude, latitude = (_degrees(frame[name]) for name in ("longitude", "latitude"))
        countries, governorates, districts = self.boundaries.locate(longitude, latitude)
        precision = np.full(len(frame), "site", dtype=object)
        if "location_precision" in frame:
            told = frame["location_precision"].fillna("").to_numpy(dtype=object)
            precision = np.where(told == "", precision, told)
        radius = pd.Series(precision).map(PRECISION_RADIUS_M).fillna(NEAR_RADIUS_M).to_numpy()
        values = {
            "longitude": longitude, "latitude": latitude, "country_id": countries, "admin1_id": governorates,
            "admin2_id": districts, "precision": precision, "radius_m": radius, "method": "source coordinates",
            "score": 1.0, "place_kind": "coordinates",
            "why": "The source itself gives these coordinates; they win over the geocoder.",
        }  # fmt: skip
        return answer_table(values, frame.index)


def _given(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which rows have coordinates of their source that can be a place."""
    if not {"latitude", "longitude"} <= set(frame.columns):
        return np.zeros(len(frame), dtype=bool)
    longitude, latitude = (_degrees(frame[name]) for name in ("longitude", "latitude"))
    given: npt.NDArray[np.bool_] = (
        (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180) & ((latitude != 0) | (longitude != 0))
    )
    return given


def _degrees(cells: pd.Series) -> npt.NDArray[np.float64]:
    return pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
