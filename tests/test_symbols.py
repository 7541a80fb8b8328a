"""How symbols look: every type and value has a look of its own, and more records never a smaller one."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from dashboard.symbols import (
    ACTOR_COLOURS,
    BLACK,
    CONFIDENCE_COLOURS,
    DRAWN_AS,
    PRECISION_COLOURS,
    SHAPES,
    TYPE_COLOURS,
    colours,
    sizes_px,
)
from dashboard.view import COLOUR_BY
from geodata.dataset import load_dataset
from geodata.incident import EVENT_TYPES, PRECISIONS
from geodata.store import Store


@pytest.fixture(scope="module")
def real() -> Store:
    return load_dataset(Path(__file__).parents[1] / "incidents.csv").store


def test_more_records_never_make_a_smaller_symbol() -> None:
    sizes = sizes_px(np.arange(1, 5000))
    assert (np.diff(sizes) >= 0).all()
    assert sizes.max() <= 26


@pytest.mark.parametrize("codes", [TYPE_COLOURS, CONFIDENCE_COLOURS, PRECISION_COLOURS], ids=["type", "conf", "prec"])
def test_no_two_values_share_a_colour(codes: dict[str, str]) -> None:
    assert len(set(codes.values())) == len(codes)
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in codes.values())


def lightness(colour: str) -> float:
    """Give CIE L* of `#rrggbb`: what is left of a colour on a page copied without colour."""
    shares = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(116 * np.cbrt(linear @ (0.2126, 0.7152, 0.0722)) - 16)


@pytest.mark.parametrize(
    "together",
    [
        [TYPE_COLOURS[code] for code in ("missile_attack", "airstrike", "rocket_attack", "drone_attack", "ied_attack")],
        [*ACTOR_COLOURS[:4], BLACK],
        [*CONFIDENCE_COLOURS.values()],
    ],
    ids=["types of attack", "most frequent actors", "confidence"],
)
def test_colours_that_stand_in_one_pile_differ_without_colour(together: list[str]) -> None:
    assert min(abs(lightness(a) - lightness(b)) for a, b in combinations(together, 2)) >= 8


def test_every_type_has_a_shape_and_a_colour_of_its_own() -> None:
    assert set(SHAPES) == set(TYPE_COLOURS) == set(EVENT_TYPES)
    assert len({tuple(corners) for corners in SHAPES.values()}) == len(SHAPES)
    assert set(DRAWN_AS) == set(PRECISIONS) - {"unknown"}


@pytest.mark.parametrize("name", COLOUR_BY)
def test_every_category_has_words_and_a_colour(real: Store, name: str) -> None:
    palette = colours(real, name)
    assert all(label and re.fullmatch(r"#[0-9a-f]{6}", colour) for _, label, colour in palette)
    assert len({value for value, _, _ in palette}) == len(palette)
