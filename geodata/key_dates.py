"""The dates that mark turns of the campaign, for every chart of its tempo."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeyDate:
    """A date that marks a turn of the campaign."""

    day: date
    title: str
    detail: str


@cache
def key_dates() -> tuple[KeyDate, ...]:
    """Read the key dates shipped with the project, in order."""
    path = Path(__file__).parent / "data" / "key_dates.csv"
    with path.open(encoding="utf-8", newline="") as file:
        dates = [KeyDate(date.fromisoformat(row["date"]), row["title"], row["detail"]) for row in csv.DictReader(file)]
    return tuple(sorted(dates, key=lambda key: (key.day, key.title)))
