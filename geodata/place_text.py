"""Read how a text describes a place: "12 km north-west of X", "between X and Y", "X-Y road", "X (Y)", "X / Y, Z".

`parse_place` only takes the text apart. What the names stand for is the business of `place_match` and `geocoder`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from geodata.place_names import ARTICLES, MAX_CHARACTERS, plain, starts_a_name

AT, NEAR, OFFSET, BETWEEN, PART, BORDER = "at", "near", "offset", "between", "part", "border"
FACILITY, TOWN, DISTRICT, GOVERNORATE = "facility", "town", "district", "governorate"
#: Asked of "Khalidiyah village": a quarter of a city is none.
VILLAGE = "village"
#: Asked of the second half of "Baghdad - Adhamiyah": only a quarter can be meant.
QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Term:
    """One name in a text, and the kind of place its wording asks for ("" when it leaves that open)."""

    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """How the place relates to the names: at, near, offset from, between, part of, or on the border of them.

    Attributes
    ----------
    distance_m
        Metres of an offset; NaN when the text gives none.
    bearing
        Degrees clockwise from north; NaN when the text gives none.
    road
        The text speaks of a road: the place lies along it, not in the town.
    literal
        The words also have another reading, so only a name that is spelt like this counts as found.
    """

    relation: str
    terms: tuple[Term, ...]
    distance_m: float = math.nan
    bearing: float = math.nan
    road: bool = False
    literal: bool = False


@dataclass(frozen=True, slots=True)
class PlaceText:
    """A text taken apart: what it names, most likely reading first, and what it says lies around it.

    Attributes
    ----------
    several
        The names a text puts side by side ("X / Y", "X and Y"): other names of one place, or other places.
    whole
        The whole text as one name, where commas part it: "Embassy of the United States, Baghdad".
    """

    text: str
    phrases: tuple[Phrase, ...]
    containers: tuple[Phrase, ...]
    several: tuple[Phrase, ...] = ()
    whole: tuple[Phrase, ...] = ()


_BEARINGS = {"n": 0.0, "ne": 45.0, "e": 90.0, "se": 135.0, "s": 180.0, "sw": 225.0, "w": 270.0, "nw": 315.0}
_COMPASS = r"(?:north|south)[\s-]*(?:east|west)(?:ern)?|(?:north|south|east|west)(?:ern)?|[ns][ew]|[nsew]"
_ARABIC_COMPASS = {"شمال": "n", "جنوب": "s", "شرق": "e", "غرب": "w"}
_ARABIC_DIRECTION = r"(?:شمالي?|جنوبي?)\s*(?:ال)?(?:شرقي?|غربي?)|شمالي?|جنوبي?|شرقي?|غربي?"
_UNITS_M = {"km": 1000.0, "ki": 1000.0, "kl": 1000.0, "كم": 1000.0, "كي": 1000.0, "mi": 1609.344, "me": 1.0, "m": 1.0}

_ROAD = r"(?:roads?|highways?|motorway|expressway|route|autostrad\w*)"
_ROAD_SUFFIX = re.compile(rf"^(.+?)\s+(?:(?:international|main|supply|desert|old|new)\s+)*{_ROAD}$", re.IGNORECASE)
_ROAD_PREFIX = re.compile(
    rf"^(?:(?:the|a|main|international|supply|desert)\s+)*{_ROAD}\s+"
    r"(?:in|at|near|to|towards?|of|from|leading to|heading to|outside)\s+(?:the\s+)?(.+)$",
    re.IGNORECASE,
)
_ONLY_ROAD = re.compile(rf"^(?:(?:the|a|main|international|supply|desert)\s+)*{_ROAD}$", re.IGNORECASE)
_ARABIC_ROAD = re.compile(r"^(?:على\s+)?(?:ال)?طريق\s+(?:الدولي\s+)?(.+)$")
_BETWEEN = re.compile(
    r"^(?P<before>.*?)\b(?:between|linking|connecting|joining)\s+(?P<a>.+?)\s+(?:and|with|to|&)\s+(?P<b>.+)$",
    re.IGNORECASE,
)
_FROM_TO = re.compile(rf"^{_ROAD}\s+from\s+(?P<a>.+?)\s+to(?:wards?)?\s+(?P<b>.+)$", re.IGNORECASE)
_ARABIC_BETWEEN = re.compile(r"^(?P<before>.*?)(?:ما\s+)?بين\s+(?P<a>.+?)\s+و\s*(?P<b>.+)$")
_OFFSET = re.compile(
    r"^(?:.*?\b)?(?P<n>\d+(?:[.,]\d+)?)\s*-?\s*"
    r"(?P<unit>km|kms|kilomet\w+|kilos?|miles?|mi|met\w+|m|كم|كيلومتر\w*|كيلو)\b\.?\s*"
    rf"(?:(?:to|in)\s+the\s+)?(?P<way>{_COMPASS}|{_ARABIC_DIRECTION})?\s*"
    r"(?:of|from|off|away from|outside|عن|من)?\s+(?P<x>.+)$",
    re.IGNORECASE,
)
_WAY_OF = re.compile(
    rf"^(?P<before>.*?)\b(?:just\s+)?(?:(?:to|in)\s+the\s+)?(?P<way>{_COMPASS})\s+of\s+(?P<x>.+)$", re.IGNORECASE
)
_ARABIC_WAY_OF = re.compile(rf"^(?P<before>.*?)\b(?P<way>{_ARABIC_DIRECTION})\s+(?P<x>.+)$")
_NEAR = re.compile(
    r"^(?P<before>.*?)\b(?:near(?:by)?|close to|next to|adjacent to|around|outside|off|opposite|beside"
    r"|(?:in the )?vicinity of|(?:on the |in the )?(?:outskirts|environs|surroundings|area|direction) of|towards?)"
    r"\s+(?:the\s+)?(?P<x>.+)$",
    re.IGNORECASE,
)
_ARABIC_NEAR = re.compile(r"^(?P<before>.*?)(?:بالقرب من|قرب|محيط|أطراف|اطراف|ضواحي|باتجاه)\s+(?P<x>.+)$")
_RURAL = re.compile(
    r"^(?:.*?\b)?(?:(?:countryside|rural areas?|suburbs) of\s+(?:the\s+)?(?P<x>.+)|rural\s+(?P<y>.+)"
    r"|(?P<z>.+?)\s+(?:countryside|suburbs))$"
    r"|^(?:ال)?ريف\s+(?P<w>.+)$",
    re.IGNORECASE,
)
_NEAR_SUFFIX = re.compile(
    r"^(?P<x>.+?)\s+(?:area|outskirts|vicinity|environs|surroundings|axis|frontline|front|desert|hills?|mountains?"
    r"|mountain range|valley|plain|plateau|island|pocket|enclave|junction|crossroads|intersection|checkpoint|bridge)$",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"^(?:the\s+)?(?P<way>{_COMPASS}|central|upper|lower)\s+(?:part\s+of\s+|of\s+)?(?:the\s+)?(?P<x>.+)$",
    re.IGNORECASE,
)
_BORDER_OF_TWO = re.compile(
    r"^(?:near\s+|on\s+|along\s+|at\s+)*(?:the\s+)?(?P<a>[^\W\d_]+)\s*(?:-|/|\band\b|–)\s*(?P<b>[^\W\d_]+)"
    r"\s+borders?(?:\s+(?:area|region|strip))?$",
    re.IGNORECASE,
)
_BORDER = re.compile(
    r"^(?:near\s+|on\s+|along\s+|at\s+)*(?:the\s+)?(?P<x>.+?)\s+border(?:\s+(?:area|region|strip))?$", re.IGNORECASE
)
_AIRSPACE = re.compile(
    r"^(?:the\s+)?(?:(?P<x>.+?)\s+(?:airspace|territorial waters|skies)|(?:airspace|skies) (?:of|over) (?P<y>.+))$",
    re.IGNORECASE,
)
_IN = re.compile(r"^(?P<before>.+?)\s+(?:in|at|inside|within|في|داخل)\s+(?:the\s+)?(?P<x>.+)$", re.IGNORECASE)
_AND = re.compile(r"^(?P<a>.+?)\s+(?:and|&)\s+(?P<b>.+)$", re.IGNORECASE)

_TOWN_WORDS = (
    "(?:city|town(?:ship)?|municipality|neighbou?rhood|quarter|suburb|locality|settlement|مدينة|بلدة|حي|قصبة|ضاحية)"
)
_KIND_WORDS = (
    (GOVERNORATE, r"(?:province|governorate|gov\.?|muhafazah|mohafazat|محافظة)"),
    (
        DISTRICT,
        r"(?:sub[\s-]?district|nahiyah?|nahia|district|qadaa?|qaza|(?:mintaqa[th]?\s+)?markaz|mintaqa[th]?|county|قضاء|ناحية|منطقة)",
    ),
    (TOWN, _TOWN_WORDS),
    (VILLAGE, "(?:villages?|hamlet|farms?|قرية|مزرعة)"),
)
_KINDS = tuple(
    (
        hint,
        re.compile(rf"^(?:the\s+)?{words}\s+(?:of\s+)?(?:the\s+)?(.+)$", re.IGNORECASE),
        re.compile(rf"^(.+?)\s+{words}$", re.IGNORECASE),
    )
    for hint, words in _KIND_WORDS
)
_NAMED_THE = re.compile(r"the\s+\S", re.IGNORECASE)  # "The Rock" is a base
_LEADING = re.compile(r"^(?:(?:in|at|on|inside|from|the|a|an|في)\s+)+(?=\S)", re.IGNORECASE)


@lru_cache(maxsize=32_768)
def parse_place(text: str) -> PlaceText:
    """Take a place description apart; any string gives a result, at worst the string as one name."""
    text = " ".join(text[:MAX_CHARACTERS].split())
    smooth = (
        text.replace("،", ",").replace("؛", ",").replace(";", ",").replace("–", "-").replace("—", "-").replace("−", "-")
    )
    asides = [aside.strip() for aside in re.findall(r"\(([^()]*)\)", smooth)]
    main = re.sub(r"\s*\([^()]*\)", " ", smooth)
    segments = [part.strip(" .-") for part in re.split(r"(?<!\d),|,(?!\d)|\s-\s", main)]
    segments = [" ".join(part.split()) for part in segments if part]
    head, around = (segments[0], segments[1:]) if segments else ("", [])
    if around and _ONLY_ROAD.match(head):
        head, around = f"{around[0]} road", around[1:]
    phrases: list[Phrase] = []
    if around and re.search(r"\s-\s", main):
        phrases.append(Phrase(AT, (Term(around[0], QUARTER),), literal=True))
    if asides or "/" in head:  # a name of its own, such as "Bashur (Harir) Airfield", before its parts
        phrases.append(Phrase(AT, (Term(" ".join(re.sub(r"[()]", " ", smooth).split(",")[0].split())),), literal=True))
    for piece in _alternatives(head):
        phrases += _phrases(piece)
    if asides:
        for aside in asides:
            for piece in _alternatives(aside):
                phrases += [phrase for phrase in _phrases(piece) if phrase.relation == AT]
    containers = [phrase for part in around for piece in _alternatives(part) for phrase in _phrases(piece)]
    whole = (Phrase(AT, (Term(smooth),), literal=True),) if around else ()
    return PlaceText(text, tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(containers)), _side_by_side(head), whole)


def _side_by_side(head: str) -> tuple[Phrase, ...]:
    readings = [_phrases(piece) for piece in _alternatives(head)]
    named = [reading for found in readings if all(phrase.relation == AT for phrase in found)
             for reading in found if not reading.literal]  # fmt: skip
    return tuple(dict.fromkeys(named)) if len(named) > 1 else ()


def _alternatives(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\s*/\s*", text) if part.strip()]


def _phrases(text: str) -> list[Phrase]:
    """List the readings of one piece of text, the most literal first."""
    bare = _LEADING.sub("", text).strip()
    named = [Phrase(AT, (Term(text),), literal=True)] if _NAMED_THE.match(text) else []
    return [*named, *_readings(bare)]


def _readings(text: str) -> list[Phrase]:
    term = _term(text)
    literal = [Phrase(AT, (Term(text, term.hint),), literal=True)] if text else []
    found = [*(literal if term.hint else []), Phrase(AT, (term,))] if text else []
    for reader in (_offset, _two_places, _border, _rural, _directions, _near, _road, _part_or_airspace, _inside):
        reading = reader(text)
        if reading:
            return [*literal, *reading]
    both = _AND.match(text)
    if both:
        return [*literal, *_phrases(both["a"]), *_phrases(both["b"])]
    return found


def _term(text: str) -> Term:
    text = text.strip(" .,-")
    for hint, before, after in _KINDS:
        match = before.match(text) or after.match(text)
        if match and plain(match[1]) not in {"old", "new", "the", ""}:
            return replace(_term(match[1]), hint=hint)
    return Term(text)


def _bearing(way: str) -> float:
    way = way.lower()
    for arabic, letter in _ARABIC_COMPASS.items():
        way = way.replace(arabic, letter)
    letters = re.sub(r"ern|orth|outh|ast|est|[^nsew]", "", way)
    return _BEARINGS.get(letters[:2], math.nan)


def _offset(text: str) -> list[Phrase]:
    match = _OFFSET.match(text)
    if not match:
        return []
    distance = float(match["n"].replace(",", ".")) * _UNITS_M[match["unit"].lower()[:2]]
    bearing = _bearing(match["way"]) if match["way"] else math.nan
    return [Phrase(OFFSET, (_term(_LEADING.sub("", match["x"])),), distance, bearing)]


def _two_places(text: str) -> list[Phrase]:
    match = _BETWEEN.match(text) or _FROM_TO.match(text) or _ARABIC_BETWEEN.match(text)
    if match:
        ends = (_term(match["a"]), _term(re.sub(rf"\s+{_ROAD}$", "", match["b"], flags=re.IGNORECASE)))
        return [Phrase(BETWEEN, ends, road=True)]
    road = _ROAD_SUFFIX.match(text)
    pieces = split_hyphens(road[1]) if road else []
    if len(pieces) == 2:
        return [Phrase(BETWEEN, (_term(pieces[0]), _term(pieces[1])), road=True)]
    return []


def split_hyphens(text: str) -> list[str]:
    """Split at hyphens that join two places, not at those of an article: "al-Shaddadi-Hasakah" gives two names."""
    pieces = [""]
    for part in re.split(r"\s*-\s*", text):
        last_word = pieces[-1].split(" ")[-1].split("-")[-1].lower()
        if not pieces[-1]:
            pieces[-1] = part
        elif last_word in ARTICLES:
            pieces[-1] += f"-{part}"
        else:
            pieces.append(part)
    return [piece for piece in pieces if piece]


def _border(text: str) -> list[Phrase]:
    match = _BORDER_OF_TWO.match(text)
    if match:
        return [Phrase(BORDER, (Term(match["a"]), Term(match["b"])))]
    match = _BORDER.match(text)
    return [Phrase(NEAR, (_term(match["x"]),))] if match else []


def _directions(text: str) -> list[Phrase]:
    match = _WAY_OF.match(text) or _ARABIC_WAY_OF.match(text)
    if not match:
        return []
    before = _named(match["before"])
    return [*before, Phrase(NEAR, (_term(match["x"]),), bearing=_bearing(match["way"]))]


def _rural(text: str) -> list[Phrase]:
    """Read "the countryside of Aleppo": what bears a governorate's name means all of it around the town."""
    match = _RURAL.match(text)
    if not match:
        return []
    name = re.sub(rf"^(?:{_ARABIC_DIRECTION}|(?:{_COMPASS})(?=\s))\s*", "", next(filter(None, match.groups())))
    name = re.sub(r"\s+ال(?:شمالي|جنوبي|شرقي|غربي|أوسط)(?:\s+ال(?:شرقي|غربي))?$", "", name)
    return [Phrase(NEAR, (Term(name, GOVERNORATE),))]


def _near(text: str) -> list[Phrase]:
    match = _NEAR.match(text) or _ARABIC_NEAR.match(text)
    if match:
        return [*_named(match["before"]), Phrase(NEAR, (_term(_LEADING.sub("", match["x"])),))]
    match = _NEAR_SUFFIX.match(text)
    return [Phrase(NEAR, (_term(match["x"]),))] if match else []


def _named(before: str) -> list[Phrase]:
    """Keep what stands before "near" or "north of" as a name of its own, unless it only says road or base."""
    before = before.strip(" ,.-")
    if not before or _ONLY_ROAD.match(before):
        return []
    return [Phrase(AT, (_term(before),))]


def _road(text: str) -> list[Phrase]:
    match = _ROAD_PREFIX.match(text) or _ROAD_SUFFIX.match(text) or _ARABIC_ROAD.match(text)
    return [Phrase(NEAR, (_term(match[1]),), road=True)] if match else []


def _part_or_airspace(text: str) -> list[Phrase]:
    air = _AIRSPACE.match(text)
    if air:
        return [Phrase(AT, (Term(air["x"] or air["y"], "country"),))]
    match = _PART.match(text)
    if not match:
        return []
    return [Phrase(PART, (_term(match["x"]),), bearing=_bearing(match["way"]))]


def _inside(text: str) -> list[Phrase]:
    match = _IN.match(text)
    if not match or starts_a_name(match["before"].split()[-1]):  # "Jabal at Turkuman": "at" is the article
        return []
    return [*_named(match["before"]), Phrase(NEAR, (_term(match["x"]),))]
