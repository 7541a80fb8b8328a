"""Word cells of the record from cells of other people: numbers of people, sources, lists, events read from words."""

from __future__ import annotations

import re
from typing import Final

from geodata.errors import RowError
from geodata.formats.daytext import western_digits
from geodata.incident import SEPARATOR

_PLAIN: Final = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[,\u00a0 ]\d{3})+", re.ASCII)
_RANGE: Final = re.compile(r"(\d{1,9})\s*(?:-|–|to)\s*(\d{1,9})", re.ASCII)
_FLOOR: Final = re.compile(
    r"(?:at least|min\.?|>=?|more than|over)\s*(\d{1,9})|(\d{1,9})\s*\+", re.ASCII | re.IGNORECASE
)
_ABOUT: Final = re.compile(r"(?:~|c\.|ca\.?|about|around|approx\.?|some)\s*(\d{1,9})", re.ASCII | re.IGNORECASE)
#: How people write that they do not know; -9 and -99 are GTD's.
UNKNOWN_NUMBERS: Final = frozenset(
    {"", "-9", "-99", "na", "n/a", "#n/a", "nan", "null", "none", "unknown", "unk", "?", "-", "--", "غير معروف"}
)

ABOUT_NOTE: Final = "a number is given as about, and is taken as the best figure"
FLOOR_NOTE: Final = "a number is given as a lower bound"

_ROCKET: Final = r"(?i)\b(?:rockets?|katyushas?|grads?)\b"
_MORTAR: Final = r"(?i)\bmortars?\b"
_MISSILE: Final = r"(?i)\b(?:ballistic|cruise|guided)\b.{0,20}\bmissiles?\b"
#: Words that name a weapon, with the event type they stand for.
WEAPON_WORDS: Final = (("rocket_attack", _ROCKET), ("mortar_attack", _MORTAR), ("missile_attack", _MISSILE))


def people(text: str) -> tuple[str, str, str, str]:
    """Read a number of people: fewest, best, most, and what to know of it.

    Raises
    ------
    RowError
        When the cell holds something that is no number.
    """
    bare = western_digits(text).strip()
    if bare.casefold() in UNKNOWN_NUMBERS:
        return "", "", "", ""
    plain = _PLAIN.fullmatch(bare)
    if plain:
        return "", str(int(plain[1])), "", ""
    if _THOUSANDS.fullmatch(bare):
        return "", re.sub(r"\D", "", bare), "", ""
    span, floor, about = _RANGE.fullmatch(bare), _FLOOR.fullmatch(bare), _ABOUT.fullmatch(bare)
    if span and int(span[1]) <= int(span[2]):
        return str(int(span[1])), "", str(int(span[2])), ""
    if floor:
        return str(int(floor[1] or floor[2])), "", "", FLOOR_NOTE
    if about:
        return "", str(int(about[1])), "", ABOUT_NOTE
    msg = f"{text[:80]!r} is not a number of people; write digits only, or leave the cell empty when it is not known"
    raise RowError(msg)


def best_figure(text: str) -> str:
    """Return the best figure of a cell, empty when it gives none."""
    return people(text)[1]


def listed(*values: str) -> str:
    """Join values as the record does; a semicolon inside a value would cut it in two."""
    cleaned = (" ".join(value.replace(";", ",").split()) for value in values)
    return SEPARATOR.join(dict.fromkeys(value for value in cleaned if value))


def source(address: str, **fields: str) -> str:
    """Write one source: its address or name, and fields such as its grade."""
    named = " ".join(address.replace(";", "%3B" if "://" in address else ",").replace(" | ", " ").split())
    if not named:
        return ""
    return " | ".join([named, *(f"{key}={value}" for key, value in fields.items() if value)])


def sources(*entries: str) -> str:
    """Join sources made by `source`."""
    return SEPARATOR.join(dict.fromkeys(entry for entry in entries if entry))


def one_sentence(*parts: str) -> str:
    """Join what there is, without repeating it."""
    kept = dict.fromkeys(part.strip() for part in parts if part.strip())
    return ". ".join(part.rstrip(".") if number < len(kept) - 1 else part for number, part in enumerate(kept))
