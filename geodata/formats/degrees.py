"""Find the two columns of a table that hold coordinates, when their names do not say so."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Final

from geodata.formats.daytext import western_digits

#: Degrees as programs write them: a kilometre is two places behind the point, and amounts seldom have three.
_DEGREES: Final = re.compile(r"[+-]?\d{1,3}[.,]\d{2,}", re.ASCII)
_MOSTLY: Final = 0.8
_LEAST_CELLS: Final = 2
_COMPARED: Final = 200


def degrees_columns(content: Mapping[str, list[str]]) -> tuple[str, str, str]:
    """Return the columns of latitude and of longitude by what stands in them, and what speaks for it; empty for none.

    They stand side by side, and in one order at least half of their points lie in countries of the map; the order is
    proposed that puts more of them there. Two columns of prices do not.
    """
    numbers = {name: found for name, cells in content.items() if (found := _degrees(cells))}
    names = list(content)
    for one, other in itertools.pairwise(names):
        if one in numbers and other in numbers and (told := _order(numbers[one], numbers[other])):
            swapped, why = told
            return (other, one, why) if swapped else (one, other, why)
    return "", "", ""


def _degrees(cells: list[str]) -> list[float]:
    """Return the numbers of a column that nearly everywhere holds degrees; none otherwise."""
    texts = [western_digits(cell).strip() for cell in cells[:_COMPARED]]
    numbers = [float(text.replace(",", ".")) for text in texts if _DEGREES.fullmatch(text)]
    fits = len(numbers) >= max(_LEAST_CELLS, _MOSTLY * len(texts)) and all(abs(number) <= 180 for number in numbers)
    return numbers if fits else []


def _order(first: list[float], second: list[float]) -> tuple[bool, str] | None:
    """Tell whether longitude comes first, with the reason; None where the numbers are no places of the map."""
    as_written, swapped = _on_land(first, second), _on_land(second, first)
    points = min(len(first), len(second))
    if 2 * max(as_written, swapped) < points:
        return None
    how = "longitude first" if swapped > as_written else "latitude first"
    why = f"two columns of degrees side by side; {how} puts {max(as_written, swapped)} of {points} points on the map"
    return swapped > as_written, f"{why}, the other order {min(as_written, swapped)}"


def _on_land(latitudes: list[float], longitudes: list[float]) -> int:
    from geodata.boundaries import load_boundaries

    points = min(len(latitudes), len(longitudes))
    countries = load_boundaries().locate(longitudes[:points], latitudes[:points])[0]
    return sum(1 for country in countries.tolist() if country)
