"""Choices of a product: page, resolution, words of the briefer, marking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from geodata.errors import QueryError

PAGE_NAMES = (
    "a4-landscape", "a4-portrait", "letter-landscape", "letter-portrait", "a3-landscape", "a3-portrait", "slide",
)  # fmt: skip

#: Resolutions of a PNG: a screen's 96 up to a print shop's 600 dots per inch.
DPI_RANGE = (96, 600)

STATUSES = ("New", "Update", "Correction")

#: Who may read a product; `profile.py` says what each of them leaves out.
PROFILES = ("internal", "partner", "public")

#: Lines with labels around the map: degrees, or the squares of the Military Grid Reference System.
GRIDS = ("graticule", "mgrs")

#: Steps of a film; "" takes the shortest that keeps it watchable.
STEPS = ("", "day", "week", "month")

#: Options whose value must be one of a few.
CLOSED = {"page": PAGE_NAMES, "status": STATUSES, "profile": PROFILES, "grid": GRIDS, "step": STEPS}

#: Seconds that a picture of a film stands: faster cannot be read, slower is a slide show.
SECONDS_RANGE = (0.1, 10.0)

_TLP = re.compile(r"\s*tlp\s*[:\s]\s*(red|amber\s*\+?\s*strict|amber|green|clear|white)\s*", re.IGNORECASE)

#: Longest text a briefer may put on the page; more would leave no room for the map.
LONGEST = {"title": 160, "takeaway": 320, "marking": 60, "producer": 80, "contact": 80, "version": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """Choices that are not part of the view; all have a default, so that nothing need be chosen.

    Attributes
    ----------
    page
        One of `PAGE_NAMES`.
    dpi
        Resolution of a PNG.
    title, takeaway
        The briefer's own title and one-line takeaway; an empty title is written from the selection.
    marking
        Handling marking such as `TLP:AMBER`, or any text; set at the top and the bottom.
    producer, contact, version, status
        Who made it, whom to ask, and whether it is New, an Update or a Correction.
    produced
        Day of production, ISO 8601.
    profile
        Who may read it: `internal`, `partner` or `public`.
    grid
        Lines around the map: `graticule` or `mgrs`.
    step, cumulative, seconds
        Of a film: day, week or month for each picture, whether it keeps what it has shown, and how long it stands.
    overrides
        Linter code -> reason, for errors that are accepted; each reason is printed on the product.
    """

    page: str = "a4-landscape"
    dpi: int = 300
    title: str = ""
    takeaway: str = ""
    marking: str = ""
    producer: str = "Incident Atlas"
    contact: str = ""
    version: str = "1"
    status: str = "New"
    produced: str = ""
    profile: str = "internal"
    grid: str = "graticule"
    step: str = ""
    cumulative: bool = False
    seconds: float = 0.8
    overrides: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, allowed in CLOSED.items():
            if getattr(self, name) not in allowed:
                known = ", ".join(value or "nothing" for value in allowed)
                msg = f"The {name} {getattr(self, name)!r} is not known; expected one of {known}."
                raise QueryError(msg)
        if not DPI_RANGE[0] <= self.dpi <= DPI_RANGE[1]:
            msg = f"A resolution of {self.dpi} dpi is not drawn; expected {DPI_RANGE[0]} to {DPI_RANGE[1]}."
            raise QueryError(msg)
        if not SECONDS_RANGE[0] <= self.seconds <= SECONDS_RANGE[1]:
            msg = (
                f"A picture of {self.seconds} seconds is not shown; expected {SECONDS_RANGE[0]} to {SECONDS_RANGE[1]}."
            )
            raise QueryError(msg)
        for name, longest in LONGEST.items():
            text = " ".join(str(getattr(self, name)).split())
            if len(text) > longest:
                msg = f"The {name} has {len(text)} characters; at most {longest} fit on the page."
                raise QueryError(msg)
            object.__setattr__(self, name, text)
        object.__setattr__(self, "marking", read_marking(self.marking))

    def record(self) -> dict[str, Any]:
        """Write the choices as plain values, for a recipe."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> PageOptions:
        """Read choices from a recipe.

        Raises
        ------
        QueryError
            When a choice is not known to this version.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(record) - known)
        if unknown:
            msg = f"The choice {unknown[0]!r} is not known to this version; known are {', '.join(sorted(known))}."
            raise QueryError(msg)
        return cls(**record)


def read_marking(text: str) -> str:
    """Write a TLP marking as FIRST asks (`TLP:AMBER+STRICT`); other markings stay as they are."""
    found = _TLP.fullmatch(text)
    if not found:
        return text.strip()
    colour = re.sub(r"\s+", "", found[1].upper()).replace("AMBERSTRICT", "AMBER+STRICT")
    return f"TLP:{'CLEAR' if colour == 'WHITE' else colour}"
