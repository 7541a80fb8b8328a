"""The page about precision says what the code draws and shows a picture of each sign."""

from __future__ import annotations

import re
from pathlib import Path

from dashboard.symbols import DRAWN_AS, ZONE_RADIUS_M
from geodata.actors import load_actors
from geodata.incident import PRECISIONS
from geodata.reader import read_incidents
from geodata.release import GRID_DEG
from geodata.sources import parse_sources

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


def test_what_the_page_says_is_missing_is_missing_from_the_shipped_records() -> None:
    records = read_incidents(DOCS.parent / "incidents.csv").records
    sources = [source for cell in records["sources"] for source in parse_sources(cell)]
    said = {name: sum(bool(getattr(one, name)) for one in sources) for name in ("grade", "title", "publisher")}
    assert said["grade"] == len(sources)
    assert not any(one.accessed or one.archive or one.sha256 for one in sources)
    assert (
        f"Of the {len(sources)} sources that the {len(records)} shipped records cite, all have an address and a grade, "
        f"{said['title']} a title, and {said['publisher']} a publisher."
    ) in " ".join(PAGE.split())
    assert f"{(records['first_reported'] != '').sum()} records say when they were first reported" in PAGE


def test_the_page_counts_the_dated_links_between_actors() -> None:
    actors = load_actors()
    links = [link for one in actors for link in actors.parents(one.id)]
    words = {3: "three", 4: "four"}
    assert f"{words[sum(bool(link.days) for link in links)]} of the {len(links)} links say since when they hold" in PAGE
    assert not any(link.until for link in links)
