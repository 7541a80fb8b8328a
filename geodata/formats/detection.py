"""Recognise a dataset by its header, or without one by the number of columns and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from geodata.formats.datasets import PROFILES
from geodata.formats.header import is_numbered
from geodata.formats.profile import Profile
from geodata.formats.table import NO_HEADER, RawTable

UNKNOWN: Final = "unknown"
_SHOWN: Final = 6
_TRIED_ROWS: Final = 5
#: What a table must share with a dataset to resemble it: so many columns, and this part of the telling ones.
_NEAR_COLUMNS: Final = 5
_NEAR_PART: Final = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """Name a dataset that a table could be, with how much of it is there (0 to 1) and what speaks for it."""

    code: str
    title: str
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class HeaderlessLayout:
    """Name the columns of a table without a header line."""

    code: str
    columns: tuple[str, ...]
    evidence: str


def layout_without_header(top: Sequence[Sequence[str]]) -> HeaderlessLayout | None:
    """Return the columns of a dataset that is published without a header line, when the first rows fit it."""
    first = top[0]
    for profile in PROFILES:
        for layout in profile.layouts:
            rows = [row for row in top[:_TRIED_ROWS] if len(row) == len(layout.columns)]
            if len(layout.columns) == len(first) and rows and all(layout.fits(row) for row in rows):
                return HeaderlessLayout(profile.code, layout.columns, layout.evidence)
    return None


def named_without_header(table: RawTable) -> RawTable:
    """Name the columns of a table without a header line after the dataset that its rows fit."""
    if not is_numbered(table.columns):
        return table
    cells = table.cells.slice(0, _TRIED_ROWS)
    top = list(zip(*(column.to_pylist() for column in cells.columns), strict=True))
    layout = layout_without_header(top) if top else None
    if layout is None:
        shown = next((cell for cell in top[0] if cell), "") if top else ""
        return table.named(
            table.columns, f"no header line: the first begins with {shown[:40]!r}; the columns are numbered"
        )
    detail = {**table.detail, NO_HEADER: layout.code}
    return replace(table.named(layout.columns, f"no header line; {layout.evidence}"), detail=detail)


def recognise(table: RawTable) -> tuple[Guess, ...]:
    """Return the datasets that a table could be, best first; empty when it is none that is known."""
    named = table.detail.get(NO_HEADER)
    if named:
        profile = next(profile for profile in PROFILES if profile.code == named)
        evidence = f"no header line: {len(table.columns)} columns whose content fits {profile.title}"
        return (Guess(profile.code, profile.title, 1.0, evidence),)
    guesses = (_guess(profile, table.columns) for profile in PROFILES)
    found = sorted((guess for guess in guesses if guess is not None), key=lambda guess: -guess.score)
    return tuple(found)


def resembled(table: RawTable) -> tuple[Guess, ...]:
    """Return the datasets that a table resembles though columns that tell them are missing: for a person to choose."""
    guesses = (_resemblance(profile, table.columns) for profile in PROFILES if not profile.checked_as_is)
    found = sorted((guess for guess in guesses if guess is not None), key=lambda guess: -guess.score)
    return tuple(found)


def _guess(profile: Profile, columns: Iterable[str]) -> Guess | None:
    names = {profile.name_of(column) for column in columns}
    if not profile.signature <= names:
        return None
    known = [column for column in profile.columns if column in names]
    missing = [column for column in profile.columns if column not in names]
    telling = ", ".join(sorted(profile.signature)[:_SHOWN])
    evidence = f"{len(known)} of {len(profile.columns)} columns of {profile.title}, {telling} among them"
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        evidence += f"; without {', '.join(missing[:_SHOWN])}{more}"
    return Guess(profile.code, profile.title, _score(profile, known, names), evidence)


def _resemblance(profile: Profile, columns: Iterable[str]) -> Guess | None:
    names = {profile.name_of(column) for column in columns}
    known = [column for column in profile.columns if column in names]
    score, missing = _score(profile, known, names), sorted(profile.signature - names)
    telling = len(profile.signature & names) / len(profile.signature)
    if not missing or len(known) < _NEAR_COLUMNS or telling < _NEAR_PART or score < _NEAR_PART:
        return None
    evidence = f"{len(known)} of {len(profile.columns)} columns of {profile.title}, but no {', '.join(missing)}"
    return Guess(profile.code, profile.title, score, evidence)


def _score(profile: Profile, known: Sequence[str], names: set[str]) -> float:
    # Half the weight: how much of the dataset is there. Half: how much of the file it explains.
    return round(0.5 * len(known) / len(profile.columns) + 0.5 * len(known) / max(len(names), 1), 3)
