"""List the closed vocabularies of a record: good codes, known misspellings that are read, all else refused.

Every code carries a label and a one-sentence definition, because words such as attack, claim and threat are argued
about. A word that is in none of the lists is refused by name, with the nearest good code as the way out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar


@dataclass(frozen=True, slots=True)
class Code:
    """Name one value of a closed vocabulary."""

    code: str
    label: str
    definition: str


AnyCode = TypeVar("AnyCode", bound=Code)


@dataclass(frozen=True, slots=True)
class EventType(Code):
    """Name what happened; `group` is `attack`, `counter_action`, `non_kinetic` or `other`."""

    group: str


@dataclass(frozen=True, slots=True)
class Precision(Code):
    """Say how exactly a place is known; `rank` 0 is the most exact, `radius_m` the usual error (None: an area)."""

    rank: int
    radius_m: float | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Hold the good codes of one column and the misspellings that are read as one of them."""

    column: str
    codes: Mapping[str, Code]
    fixable: Mapping[str, str]

    def fold(self, text: str) -> str:
        """Return `text` as codes are compared: lower case, words joined by single underscores."""
        return "_".join(text.replace("-", " ").replace("_", " ").casefold().split())

    def read(self, text: str) -> str | None:
        """Return the code that `text` stands for, or None when it is refused."""
        if text in self.codes:
            return text
        folded = self.fold(text)
        if folded in self.codes:
            return folded
        return self.fixable.get(folded)


def _by_code(*codes: AnyCode) -> Mapping[str, AnyCode]:
    return MappingProxyType({code.code: code for code in codes})


EVENT_GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "attack": "Attacks",
        "counter_action": "Strikes and arrests",
        "non_kinetic": "Threats, statements and meetings",
        "other": "Other",
    }
)

EVENT_TYPES: Final[Mapping[str, EventType]] = _by_code(
    EventType(
        "rocket_attack",
        "Rocket attack",
        "Rockets, or indirect fire reported as rockets, launched at a target, whether they hit it or not.",
        "attack",
    ),
    EventType(
        "drone_attack",
        "Drone attack",
        "An armed or explosive-laden uncrewed aircraft sent at a target, shot down and unexploded ones included.",
        "attack",
    ),
    EventType(
        "missile_attack",
        "Missile attack",
        "Ballistic or cruise missiles launched at a target.",
        "attack",
    ),
    EventType("mortar_attack", "Mortar attack", "Mortar shells fired at a target.", "attack"),
    EventType(
        "ied_attack",
        "Roadside bomb",
        "A planted explosive device that went off, most often beside a convoy; a device found in time is `other`.",
        "attack",
    ),
    EventType(
        "small_arms_attack",
        "Small-arms attack",
        "Fire from rifles, machine guns or grenade launchers at people.",
        "attack",
    ),
    EventType(
        "airstrike",
        "Airstrike",
        "Munitions dropped or fired by aircraft or drones of a state at an armed group, its people or its stores.",
        "counter_action",
    ),
    EventType("arrest", "Arrest", "Detention of suspects by a state force.", "counter_action"),
    EventType(
        "threat",
        "Threat",
        "An announcement of violence to come, public or reported, with or without a condition; never an attack.",
        "non_kinetic",
    ),
    EventType(
        "statement",
        "Statement",
        "A published position that announces no violence: a denial, a condemnation, an offer, a truce, a resolution.",
        "non_kinetic",
    ),
    EventType(
        "meeting", "Meeting", "Persons reported to have met or held talks, in person or by video.", "non_kinetic"
    ),
    EventType("protest", "Protest", "A crowd acting in public, also when it turned violent.", "non_kinetic"),
    EventType(
        "capability",
        "Capability",
        "What an actor is assessed to be able to do or reach, independent of any event; never counted as an attack.",
        "non_kinetic",
    ),
    EventType(
        "other",
        "Other",
        "Anything else, named in `weapon`: a device found in time, arson, an anti-tank missile, shelling, a boarding, "
        "or a count that mixes several kinds; not counted among attacks.",
        "other",
    ),
)

# What may come, and did not happen: drawn as an area or as a reach, never as the mark of an event.
POTENTIAL_TYPES: Final[frozenset[str]] = frozenset({"threat", "capability"})

TARGET_TYPES: Final[Mapping[str, Code]] = _by_code(
    Code("convoy", "Supply convoy", "Vehicles on the road with supplies, crewed in most cases by Iraqi contractors."),
    Code("base", "Base", "A military base, camp or outpost without its own main runway as the target."),
    Code("airbase", "Air base", "A military air base, or the military side of an airport."),
    Code("airport", "Airport", "A civil airport, or an airport as a whole when the side is not stated."),
    Code(
        "embassy", "Embassy", "An embassy, its compound, its vehicles, or the zone around it when it is the stated aim."
    ),
    Code("consulate", "Consulate", "A consulate or its building site."),
    Code("militia_facility", "Militia facility", "Headquarters, store, position or vehicle of an armed group."),
    Code("militia_leadership", "Militia leadership", "Named leaders of an armed group or of a force that directs one."),
    Code("political", "Political", "A policy, negotiation, person or body as the subject of a statement or a meeting."),
    Code("government", "Government", "A government building, residence or office-holder."),
    Code("aircraft", "Aircraft", "Aircraft in flight."),
    Code("vessel", "Vessel", "A ship or boat."),
    Code("other", "Other", "Anything else, named in `target`."),
)

STATUSES: Final[Mapping[str, Code]] = _by_code(
    Code(
        "draft",
        "Draft",
        "Carried over from one analyst's reading of the cited pages; nobody has checked it a second time.",
    ),
    Code("reviewed", "Reviewed", "Checked statement by statement against the text named in `reviewed_against`."),
    Code("released", "Released", "Reviewed and cleared to leave the team."),
)

CONFIDENCES: Final[Mapping[str, Code]] = _by_code(
    Code("low", "Low", "One weak or partisan source, or sources that contradict each other on the main point."),
    Code("medium", "Medium", "One credible source, or several that lean on the same origin."),
    Code("high", "High", "Several independent sources, or a party speaking against its interest."),
)

# ICD 203, Analytic Standards (Office of the Director of National Intelligence, 2 January 2015), section D.6.e.(2)(a).
LIKELIHOODS: Final[Mapping[str, Code]] = _by_code(
    Code("almost_no_chance", "Almost no chance", "Also: remote; 1 to 5 percent."),
    Code("very_unlikely", "Very unlikely", "Also: highly improbable; 5 to 20 percent."),
    Code("unlikely", "Unlikely", "Also: improbable; 20 to 45 percent."),
    Code("roughly_even_chance", "Roughly even chance", "Also: roughly even odds; 45 to 55 percent."),
    Code("likely", "Likely", "Also: probable; 55 to 80 percent."),
    Code("very_likely", "Very likely", "Also: highly probable; 80 to 95 percent."),
    Code("almost_certain", "Almost certain", "Also: nearly certain; 95 to 99 percent."),
)

# Radii: a compound's own extent is in facilities.csv; these are the defaults when nothing better is known.
PRECISIONS: Final[Mapping[str, Precision]] = _by_code(
    Precision("site", "Site", "A named facility; the point is its compound.", 0, 500.0),
    Precision("town", "Town", "Somewhere in a named town or neighbourhood.", 1, 3_000.0),
    Precision("near", "Near", "Around a named place, on a road by it, or between two places.", 2, 15_000.0),
    Precision("district", "District", "Somewhere in a district (second administrative level).", 3, None),
    Precision("governorate", "Governorate", "Somewhere in a governorate (first administrative level).", 4, None),
    Precision("region", "Region", "Part of a country, or an area across borders, without a drawn outline.", 5, None),
    Precision("country", "Country", "Somewhere in a country, its airspace or its waters.", 6, None),
    Precision("unknown", "Unknown", "No place is given; listed and counted, never drawn.", 7, None),
)

COUNTINGS: Final[Mapping[str, Code]] = _by_code(
    Code("counted", "Counted", "The record's events are added to sums; an empty cell means the same."),
    Code(
        "count_only",
        "Count only, overlaps other records",
        "A number published by a source, some or all of whose events have records of their own; left out of every sum.",
    ),
    Code(
        "count_alone",
        "Count only, nothing of it recorded elsewhere",
        "A number published by a source, none of whose events has a record of its own in this file; added to sums.",
    ),
    Code(
        "part",
        "Part of an event counted elsewhere",
        "Another place or side of one event that the record it names in `links` (same_event) counts; left out of sums.",
    ),
)

UNCOUNTED: Final[frozenset[str]] = frozenset({"count_only", "part"})  # Codes of COUNTINGS that no sum adds.

LINK_RELATIONS: Final[Mapping[str, Code]] = _by_code(
    Code("related", "Related", "The records belong together; the relation is not stated."),
    Code("same_event", "Same event", "Two records of one event, or of two parts of one statement or operation."),
    Code("series", "Series", "Attacks reported together as one run."),
    Code(
        "retaliation", "Retaliation", "This record is presented by a party or a source as the answer to the linked one."
    ),
    Code("response", "Response", "This record answers the linked one in words: a denial, a claim, a condemnation."),
    Code("includes", "Includes", "This record is a count that contains, or may contain, the linked one."),
    Code(
        "correction",
        "Correction",
        "This record corrects the linked one and stands for it from the day on which it was first reported.",
    ),
)

ADMIRALTY_SOURCE: Final[Mapping[str, Code]] = _by_code(
    Code("A", "Completely reliable", "No doubt about authenticity, trustworthiness or competency."),
    Code("B", "Usually reliable", "Minor doubts; a history of mostly valid information."),
    Code("C", "Fairly reliable", "Doubts; has given valid information in the past."),
    Code("D", "Not usually reliable", "Significant doubts; has given valid information in the past."),
    Code("E", "Unreliable", "Lacks authenticity, trustworthiness or competency; a history of invalid information."),
    Code("F", "Reliability cannot be judged", "No basis for a judgement."),
)

ADMIRALTY_ITEM: Final[Mapping[str, Code]] = _by_code(
    Code("1", "Confirmed", "Confirmed by other independent sources, logical, consistent with other information."),
    Code("2", "Probably true", "Not confirmed; logical, consistent with other information."),
    Code("3", "Possibly true", "Not confirmed; reasonably logical, agrees with some other information."),
    Code("4", "Doubtfully true", "Not confirmed; possible but not logical, no other information on the subject."),
    Code("5", "Improbable", "Not confirmed; not logical, contradicted by other information."),
    Code("6", "Truth cannot be judged", "No basis for a judgement."),
)

TERMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "attack": "Violence carried out against a target: the six event types of the group `attack`. A threat, a "
        "capability and a device found in time are not attacks.",
        "claim": "An actor's own public statement that it carried out an act; whether that is true is another matter.",
        "denial": "A public statement that the speaker did not carry out an act, or that the act did not take place.",
        "attribution": "Somebody else's finding of who did it; `attribution_basis` names whose it is.",
        "threat": EVENT_TYPES["threat"].definition,
        "airstrike": EVENT_TYPES["airstrike"].definition,
        "facade group": "A name under which attacks are claimed, and behind which another group is assessed to stand.",
        "likelihood": "How probable a statement is, in one of ICD 203's seven terms.",
        "confidence": "How good the evidence behind a record is: low, medium or high; never a probability.",
        "count only": "A number published by a source without the single events; see `counting`.",
    }
)

_EVENT_FIXES: Final = {
    "rocket": "rocket_attack",
    "rockets": "rocket_attack",
    "rocket_fire": "rocket_attack",
    "rocketattack": "rocket_attack",
    "drone": "drone_attack",
    "uav_attack": "drone_attack",
    "droneattack": "drone_attack",
    "missile": "missile_attack",
    "mortar": "mortar_attack",
    "ied": "ied_attack",
    "roadside_bomb": "ied_attack",
    "bombing": "ied_attack",
    "small_arms": "small_arms_attack",
    "air_strike": "airstrike",
    "airstrikes": "airstrike",
    "arrests": "arrest",
    "threats": "threat",
    "statements": "statement",
    "meetings": "meeting",
    "protests": "protest",
    "demonstration": "protest",
}
_TARGET_FIXES: Final = {
    "military_base": "base",
    "air_base": "airbase",
    "supply_convoy": "convoy",
    "convoys": "convoy",
    "diplomatic": "embassy",
    "ship": "vessel",
}
_LIKELIHOOD_FIXES: Final = {
    "remote": "almost_no_chance",
    "highly_improbable": "very_unlikely",
    "improbable": "unlikely",
    "even_chance": "roughly_even_chance",
    "roughly_even": "roughly_even_chance",
    "roughly_even_odds": "roughly_even_chance",
    "probable": "likely",
    "probably": "likely",
    "highly_probable": "very_likely",
    "highly_likely": "very_likely",
    "almost_certainly": "almost_certain",
    "nearly_certain": "almost_certain",
}
_PRECISION_FIXES: Final = {
    "exact": "site",
    "facility": "site",
    "city": "town",
    "village": "town",
    "locality": "town",
    "vicinity": "near",
    "admin2": "district",
    "admin1": "governorate",
    "province": "governorate",
}

VOCABULARIES: Final[Mapping[str, Vocabulary]] = MappingProxyType(
    {
        vocabulary.column: vocabulary
        for vocabulary in (
            Vocabulary("status", STATUSES, {"final": "released", "published": "released", "checked": "reviewed"}),
            Vocabulary("event_type", EVENT_TYPES, _EVENT_FIXES),
            Vocabulary("counting", COUNTINGS, {"yes": "counted", "countonly": "count_only", "overlaps": "count_only"}),
            Vocabulary("location_precision", PRECISIONS, _PRECISION_FIXES),
            Vocabulary("target_type", TARGET_TYPES, _TARGET_FIXES),
            Vocabulary("likelihood", LIKELIHOODS, _LIKELIHOOD_FIXES),
            Vocabulary("confidence", CONFIDENCES, {"moderate": "medium", "med": "medium"}),
        )
    }
)
