"""The question put to the records: its window, its sentence, its way through the address bar."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import QueryError
from geodata.selection import (
    DIMENSION,
    DIMENSIONS,
    MAX_SEARCH_CHARACTERS,
    Selection,
    Window,
    long_date,
    query_pairs,
    query_text,
)

JULY = Window(date(2021, 7, 1), date(2021, 7, 31))


def names() -> st.SearchStrategy[str]:
    """Names of actors and areas as a file may hold them: any text without outer spaces, some of them nasty."""
    nasty = st.sampled_from(["-", "--", "- x", "a&b=c", "50%", "+", "a+b", "كتائب حزب الله", "{{7*7}}", "#"])
    plain = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Z")), min_size=1, max_size=8)
    return nasty | plain


def selections() -> st.SearchStrategy[Selection]:
    """Every kind of selection that an address can hold."""
    days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
    windows = st.none() | st.tuples(days, days).map(lambda pair: Window(min(pair), max(pair)))
    filters = st.fixed_dictionaries(
        {},
        optional={
            d.name: st.frozensets(st.sampled_from(["", *d.labels]) if d.labels else names() | st.just(""), max_size=3)
            for d in DIMENSIONS
        },
    )
    types = st.frozensets(st.sampled_from(list(DIMENSION["type"].labels)), max_size=3)
    searches = st.text(st.characters(blacklist_categories=("Cs",)), max_size=MAX_SEARCH_CHARACTERS + 20)
    return st.builds(
        Selection,
        window=windows,
        filters=filters,
        search=searches,
        hidden_types=types,
        known_on=st.none() | days,
        in_force=st.booleans(),
    )


@given(selections())
def test_an_address_gives_back_the_selection_it_was_written_from(selection: Selection) -> None:
    read, problems = Selection.from_query(query_pairs(query_text(selection.to_query())))
    assert read == selection
    assert problems == ()


def test_a_search_cut_to_its_longest_is_the_same_after_the_address() -> None:
    selection = Selection(search="a" * (MAX_SEARCH_CHARACTERS - 1) + " beyond")
    assert selection.search == "a" * (MAX_SEARCH_CHARACTERS - 1)
    assert Selection.from_query(selection.to_query())[0] == selection


@given(st.lists(st.tuples(st.sampled_from(["from", "to", "type", "off", "q", "country", "x"]), st.text(max_size=12))))
def test_no_address_is_too_broken_to_be_read(pairs: list[tuple[str, str]]) -> None:
    selection, problems = Selection.from_query(pairs)
    again, _ = Selection.from_query(selection.to_query())
    assert again == selection
    wrong_types = {value for key, value in pairs if key == "type"} - {"", "-"} - set(DIMENSION["type"].labels)
    assert len(problems) >= len(wrong_types)


@pytest.mark.parametrize(
    ("query", "told", "left"),
    [
        ("type=rocket", "type='rocket' is not known", Selection()),
        (
            "type=rocket&type=threat",
            "type='rocket' is not known",
            Selection(filters={"type": frozenset({"threat"})}),
        ),
        ("off=threats", "off='threats' is not known", Selection()),
        ("off=-", "off='-' is not known", Selection()),
        ("from=yesterday", "from='yesterday' is not a day", Selection()),
        ("to=2021-02-30", "to='2021-02-30' is not a day", Selection()),
        ("known=then", "known='then' is not a day", Selection()),
        ("threats=yes", "threats='yes' is not known", Selection()),
        ("from=2021-7-1", "from='2021-7-1' is not a day", Selection()),
        ("from=٢٠٢١-٠٧-٠١", "is not a day", Selection()),
        ("from=2021-07-31&to=2021-07-01", "the two were exchanged", Selection(window=JULY)),
        ("from=2021-07-01&to=x", "to='x' is not a day", Selection(window=Window(date(2021, 7, 1), date.max))),
    ],
)
def test_a_value_that_cannot_be_read_falls_back_and_is_told(query: str, told: str, left: Selection) -> None:
    selection, problems = Selection.from_query(query_pairs(query))
    assert selection == left
    assert len(problems) == 1
    assert told in problems[0]


def test_a_very_long_value_is_told_in_short() -> None:
    _, problems = Selection.from_query([("type", "x" * 5000)])
    assert len(problems[0]) < 400


def test_an_address_of_too_many_fields_is_refused_in_words() -> None:
    with pytest.raises(QueryError, match="at most 500 fields"):
        query_pairs("&".join(["type=threat"] * 501))


def test_defaults_are_left_out_of_the_address() -> None:
    assert Selection().to_query() == []
    assert Selection(filters={"type": frozenset()}, search="  ").to_query() == []


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(QueryError, match="exchange the two dates"):
        Window(date(2021, 7, 2), date(2021, 7, 1))


def test_a_filter_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(QueryError, match="'weather'"):
        Selection(filters={"weather": frozenset({"rain"})})


@pytest.mark.parametrize(
    ("window", "sentence"),
    [
        (None, "Incidents at any time."),
        (JULY, "Incidents between 1 July 2021 and 31 July 2021."),
        (Window(date(2021, 7, 29), date(2021, 7, 29)), "Incidents on 29 July 2021."),
        (Window(date.min, date(2021, 7, 29)), "Incidents until 29 July 2021."),
        (Window(date(2021, 7, 29), date.max), "Incidents from 29 July 2021 on."),
    ],
)
def test_the_sentence_says_the_window(window: Window | None, sentence: str) -> None:
    assert Selection(window=window).sentence() == sentence


def test_the_sentence_names_every_filter_that_is_on() -> None:
    selection = Selection(
        window=JULY,
        filters={
            "type": frozenset({"rocket_attack", "drone_attack"}),
            "claimed": frozenset({""}),
            "governorate": frozenset({"IQ.baghdad"}),
        },
        search="green   zone",
        hidden_types=frozenset({"threat", "meeting"}),
    )
    assert selection.sentence({"IQ.baghdad": "Baghdad"}) == (
        "Incidents between 1 July 2021 and 31 July 2021; type Drone attack or Rocket attack; "
        "claimed by not recorded; governorate Baghdad; mentioning “green zone”; "
        "without the map layers of Meeting and Threat."
    )


@given(selections())
def test_no_filter_is_missing_from_the_sentence(selection: Selection) -> None:
    sentence = selection.sentence()
    for name, values in selection.filters.items():
        assert DIMENSION[name].phrase in sentence
        assert all(DIMENSION[name].label_of(value) in sentence for value in values)
    assert all(DIMENSION["type"].label_of(code) in sentence for code in selection.hidden_types)
    assert selection.search in sentence
    assert (selection.window.sentence() if selection.window else "at any time") in sentence
    assert ("threats still in force" in sentence) == selection.in_force
    assert selection.known_on is None or f"as known on {long_date(selection.known_on)}" in sentence
    assert selection.is_filtered == (sentence != Selection(window=selection.window).sentence())


def test_setting_a_filter_to_nothing_removes_it() -> None:
    selection = Selection(window=JULY).with_filter("type", ["threat"])
    assert selection.is_filtered
    assert selection.with_filter("type", []) == Selection(window=JULY)


def test_equal_selections_are_equal_keys() -> None:
    one = Selection(filters={"type": frozenset({"threat"}), "country": frozenset({"IQ"})})
    other = Selection(filters={"country": frozenset({"IQ"}), "type": frozenset({"threat"})})
    assert {one: 1}[other] == 1
