"""What a record has in each dimension: actors by their own names, parents by the day, grades that keep a promise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import row, small_store

from dashboard.brief import floor_choice
from geodata.actors import Actor, ActorLink, Actors
from geodata.briefing import Floor
from geodata.dates import PartialDate, parse_dates
from geodata.dimensions import assessed_parents
from geodata.incident import ADMIRALTY_ITEM, ADMIRALTY_SOURCE, PRECISIONS, STATUSES
from geodata.selection import DIMENSIONS, GRADE_LABELS, Selection
from geodata.sources import best_grades, count_origins, grade_reaches, parse_sources
from geodata.store import Store

GRADES = [grade for grade in GRADE_LABELS if grade]


def per_record(store: Store, name: str) -> dict[str, tuple[str, ...]]:
    coded = store.coded[name]
    ids = store.records.column("id")
    return {str(ids[at]): coded.combinations[code] for at, code in enumerate(coded.codes)}


def test_an_actor_counts_under_one_name_however_it_is_spelt() -> None:
    store = small_store(
        [row("a", claimed_by="Companions of the Cave"), row("b", claimed_by="أصحاب الكهف; Nobody Known")]
    )
    assert per_record(store, "claimed") == {"a": ("Ashab al-Kahf",), "b": ("Ashab al-Kahf", "Nobody Known")}
    assert store.records.row(0)["claimed_by"] == "Companions of the Cave"


def test_the_parent_is_that_of_the_assessed_actor_and_never_of_the_claimant() -> None:
    store = small_store([row("a", claimed_by="Ashab al-Kahf"), row("b", attributed_to="Ashab al-Kahf")])
    assert per_record(store, "parent") == {"a": ("",), "b": ("Islamic Revolutionary Guard Corps",)}
    assert per_record(store, "assessed") == {"a": ("",), "b": ("Ashab al-Kahf",)}


def test_a_parent_holds_from_its_first_to_its_last_day() -> None:
    def actor(name: str) -> Actor:
        return Actor(name.lower(), name, (), "militia", "", "", "")

    def day(text: str) -> PartialDate:
        return PartialDate(date.fromisoformat(text), date.fromisoformat(text), "day")

    links = [
        ActorLink("front", "facade_of", "one", None, day("2020-06-30"), "", ""),
        ActorLink("front", "facade_of", "two", day("2020-07-01"), None, "", ""),
    ]
    actors = Actors([actor("Front"), actor("One"), actor("Two")], links)
    cells = pd.Series(["Front", "Front", "Front; Other", "Front", ""], dtype="str")
    days = parse_dates(pd.Series(["2020-06-30", "2020-07-01", "2021", "", "2021"], dtype="str"))
    coded = assessed_parents(cells, days, actors)
    found = [coded.combinations[code] for code in coded.codes]
    assert found == [("One",), ("Two",), ("Two", "Other"), ("Front",), ("",)], "without a day nobody can tell which"


@given(st.lists(st.sampled_from([*GRADES, ""]), max_size=6), st.sampled_from(GRADES))
def test_the_best_grades_tell_whether_any_source_reaches_a_floor(grades: list[str], floor: str) -> None:
    cell = "; ".join(f"https://a.org/{n}" + (f" | grade={grade}" if grade else "") for n, grade in enumerate(grades))
    best = best_grades(parse_sources(cell))
    assert any(grade_reaches(grade, floor) for grade in best) == any(grade_reaches(grade, floor) for grade in grades)
    assert not any(a != b and grade_reaches(a, b) for a in best for b in best)


@pytest.mark.parametrize(
    ("sources", "grade", "origins"),
    [
        ("", ("",), ("",)),
        ("https://a.org", ("",), ("1",)),
        ("https://a.org | grade=B2; https://a.org/x | grade=C3", ("B2",), ("1",)),
        ("https://a.org | grade=B4; https://b.org | grade=C2", ("B4", "C2"), ("2",)),
        ("https://a.org; https://b.org; https://c.org; https://d.org", ("",), ("3+",)),
    ],
)
def test_sources_are_coded_by_their_best_grade_and_their_origins(
    sources: str, grade: tuple[str, ...], origins: tuple[str, ...]
) -> None:
    store = small_store([row("a", sources=sources)])
    assert per_record(store, "grade")["a"] == grade
    assert per_record(store, "origins")["a"] == origins


def test_a_record_is_missing_everything_it_does_not_say() -> None:
    full = {
        "target_type": "base", "claimed_by": "A", "attributed_to": "B", "killed": "0", "wounded": "1",
        "first_reported": "2021-08-01",
    }  # fmt: skip
    store = small_store(
        [
            row("full", **full, sources="https://a.org | grade=C3", confidence="low"),
            row("part", "2021-07", **(full | {"first_reported": ""}), sources="https://a.org"),
        ]
    )
    assert per_record(store, "missing") == {"full": ("",), "part": ("day", "reported", "grade", "confidence")}


@st.composite
def graded_rows(draw: st.DrawFn) -> list[dict[str, str]]:
    pick = st.sampled_from
    sources = st.lists(st.tuples(pick("ab"), pick([*GRADES, ""])), max_size=3)
    return [
        row(
            f"r{n}",
            place=draw(pick(["embassy", "erbil", "musayyib", "anbar", "iraq", "near taji"])),
            status=draw(pick(["", *STATUSES])),
            sources="; ".join(
                f"https://{host}.org/{i}" + (f" | grade={g}" if g else "") for i, (host, g) in enumerate(draw(sources))
            ),
        )
        for n in range(draw(st.integers(1, 8)))
    ]


def reaches(record: Mapping[str, str], precision: str, floor: Floor) -> bool:
    """Judge one record by itself, as a person would with the rule in hand."""
    sources = parse_sources(record["sources"])
    return (
        (record["status"] or "draft") in floor.statuses
        and any(grade_reaches(source.grade, floor.grade) for source in sources)
        and count_origins(sources) >= floor.origins
        and PRECISIONS[precision or "unknown"].rank <= PRECISIONS[floor.precision].rank
    )


@settings(max_examples=60)
@given(
    graded_rows(),
    st.builds(
        Floor,
        statuses=st.lists(st.sampled_from(list(STATUSES)), min_size=1, unique=True).map(tuple),
        grade=st.tuples(st.sampled_from(list(ADMIRALTY_SOURCE)), st.sampled_from(list(ADMIRALTY_ITEM))).map("".join),
        precision=st.sampled_from(["site", "near", "district", "country"]),
        origins=st.integers(1, 3),
    ),
)
def test_the_preset_shows_exactly_what_one_would_brief(rows: list[dict[str, str]], floor: Floor) -> None:
    store = small_store(rows)
    shown = store.ask(Selection(filters=floor_choice(store, floor))).rows
    precisions = store.placements_at(np.arange(len(store)))["precision"]
    reached = [reaches(store.records.row(at), precision, floor) for at, precision in enumerate(precisions)]
    assert shown.tolist() == np.flatnonzero(reached).tolist()


@settings(max_examples=30)
@given(graded_rows())
def test_counts_by_any_dimension_sum_to_the_same_records(rows: list[dict[str, str]]) -> None:
    store = small_store(rows)
    answer = store.ask(Selection())
    for dimension in DIMENSIONS:
        by = store.ask(Selection(), by=dimension.name)
        assert by.colours.sum() == answer.counts.shown
        several = sum(len(store.coded[dimension.name].combinations[code]) for code in store.coded[dimension.name].codes)
        assert sum(answer.facets[dimension.name].values()) == several
