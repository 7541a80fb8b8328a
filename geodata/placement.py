"""What the geocoder answers: a place with its proof, ranked candidates, or a reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

from geodata.incident import SEPARATOR

#: Begins the gazetteer id of an area; the boundary id follows.
AREA_PREFIX: Final = "area:"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that could be meant, with the reason for its rank."""

    id: str
    name: str
    kind: str
    longitude: float
    latitude: float
    precision: str
    country_id: str
    admin1_id: str
    admin2_id: str
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about a placement that a person should look at, with a proposed fix; nothing is changed by it."""

    code: str
    message: str
    fix: str = ""
    longitude: float = math.nan
    latitude: float = math.nan


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a text lies, how exactly that is known, and why this and nothing else.

    Attributes
    ----------
    place_id
        Gazetteer id, or those of several countries joined by "; "; "" when the point was computed, typed or given by
        the source, or when there is no answer.
    longitude, latitude
        Decimal degrees, EPSG:4326; of an area its anchor; NaN when there is no answer, never 0, 0.
    precision
        A code of `PRECISIONS`; `unknown` when there is no answer.
    radius_m
        Metres around the point that hold the true place in nine of ten cases; NaN when there is no answer.
    area_id
        Boundary id when the answer is an area.
    method
        How it was found: exact, normalised, skeleton, fuzzy, part of text, computed, coordinates, source coordinates,
        fallback, decision, online.
    score
        0-1; how sure the match of the text is (not how exact the place).
    why
        The proof in a sentence.
    reason
        Why there is no answer; "" when there is one.
    """

    place_id: str = ""
    place_name: str = ""
    place_kind: str = ""
    longitude: float = math.nan
    latitude: float = math.nan
    precision: str = "unknown"
    radius_m: float = math.nan
    area_id: str = ""
    country_id: str = ""
    admin1_id: str = ""
    admin2_id: str = ""
    method: str = ""
    score: float = 0.0
    matched_text: str = ""
    why: str = ""
    reason: str = ""
    candidates: tuple[Candidate, ...] = field(default=())
    flags: tuple[Flag, ...] = field(default=())

    @property
    def placed(self) -> bool:
        """Tell whether there is an answer."""
        return not self.reason

    def as_row(self) -> tuple[Any, ...]:
        """Give the values of `ANSWER_COLUMNS`, in that order."""
        return tuple(getattr(self, name) for name in ANSWER_COLUMNS)


#: The columns of `Geocoder.geocode_table`, as fixed in docs/design.md.
ANSWER_COLUMNS = (
    "place_id", "place_name", "place_kind", "longitude", "latitude", "precision", "radius_m", "area_id", "country_id",
    "admin1_id", "admin2_id", "method", "score", "matched_text", "why", "reason",
)  # fmt: skip
#: Those that hold numbers.
NUMBER_COLUMNS = frozenset({"longitude", "latitude", "radius_m", "score"})


def reach_ids(place_id: str) -> tuple[str, ...]:
    """Return the areas that a place known only to several areas consists of; none for any other place."""
    parts = place_id.split(SEPARATOR)
    return tuple(part.removeprefix(AREA_PREFIX) for part in parts) if len(parts) > 1 else ()
