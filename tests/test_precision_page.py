"""The page about precision says what the code draws and shows a picture of each sign."""

from __future__ import annotations

import re
from pathlib import Path

from dashboard.symbols import DRAWN_AS, ZONE_RADIUS_M
from geodata.incident import PRECISIONS
from geodata.release import GRID_DEG

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "precision.md").read_text(encoding="utf-8")
WORDS = {"pin": "A pin", "disc": "disc", "ring": "ring", "area": "hatched", "margin": "margin"}


def test_every_class_stands_in_the_table_with_its_definition_and_how_it_is_drawn() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (.+) \|$", PAGE, re.MULTILINE))
    rows.pop("class")
    assert list(rows) == [precision.label for precision in PRECISIONS.values()]
    for code, precision in PRECISIONS.items():
        assert rows[precision.label].startswith(precision.definition)
        assert code == "unknown" or WORDS[DRAWN_AS[code]] in rows[precision.label].rpartition("|")[2]


def test_every_picture_is_there_and_every_way_to_draw_has_one() -> None:
    pictures = re.findall(r"\]\(pictures/precision-(\w+)\.png\)", PAGE)
    assert {"site", "town", "near", "district", "governorate", "country", "threat", "reach"} == set(pictures)
    for name in pictures:
        assert (DOCS / "pictures" / f"precision-{name}.png").read_bytes().startswith(b"\x89PNG")


def test_the_numbers_on_the_page_are_those_of_the_code() -> None:
    assert f"at least {ZONE_RADIUS_M / 1000:.0f} km" in PAGE
    assert f"{GRID_DEG}° (about 11 km)" in PAGE
