"""The whole screen as an address, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_selection import selections

from dashboard.campaigns import CAMPAIGNS
from dashboard.view import (
    COLOUR_BY,
    CONTEXT_LAYERS,
    DEFAULT_CONTEXT,
    LAYERS,
    TYPE_LAYERS,
    View,
    hidden_types,
)
from geodata.coordinates import FORMATS
from geodata.errors import QueryError
from geodata.incident import EVENT_TYPES
from geodata.selection import DIMENSION, Selection


def views() -> st.SearchStrategy[View]:
    """Every kind of view that an address can hold; the map's place as exactly as the address writes it."""
    places = st.tuples(
        st.integers(-1_800_000, 1_800_000).map(lambda n: n / 10_000),
        st.integers(-850_000, 850_000).map(lambda n: n / 10_000),
        st.integers(0, 1_900).map(lambda n: n / 100),
    )
    return st.builds(
        View,
        selection=selections(),
        colour_by=st.sampled_from(list(COLOUR_BY)),
        context=st.frozensets(st.sampled_from([layer.key for layer in CONTEXT_LAYERS])),
        place=st.none() | places,
        record=st.text(st.characters(blacklist_categories=("Cs",)), max_size=200),
        public=st.booleans(),
        coordinates=st.sampled_from(list(FORMATS)),
    )


@given(views())
def test_an_address_gives_back_the_view_it_was_written_from(view: View) -> None:
    assert View.from_query(view.to_query()) == (view, ())
    assert View.from_query("?" + view.to_query()) == (view, ())


@given(views())
def test_without_its_place_a_view_is_otherwise_the_same(view: View) -> None:
    bare = view.without_place()
    assert bare.place is None

    assert View.from_query(bare.to_query()) == (bare, ())


def test_the_first_view_needs_no_address() -> None:
    assert View().to_query() == ""
    assert View.from_query("") == (View(), ())


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("colour=weather", "colour='weather' is not known"),
        ("layers=governorates,moon", "Map layer 'moon' is not known"),
        ("map=44.4,33.3", "map='44.4,33.3' cannot be read"),
        ("map=nan,33,5", "cannot be read"),
        ("map=inf,33,5", "cannot be read"),
        ("map=181,33,5", "cannot be read"),
        ("map=44,86,5", "cannot be read"),
        ("map=44,33,20", "cannot be read"),
        ("map=44,33,-1", "cannot be read"),
        ("zoo=1", "'zoo' in the address is not known"),
        ("type=rockets", "type='rockets' is not known"),
        ("from=soon", "from='soon' is not a day"),
    ],
)
def test_a_broken_value_falls_back_and_is_told_once(query: str, told: str) -> None:
    view, problems = View.from_query(query)
    assert view == View()
    assert len(problems) == 1
    assert told in problems[0]


@given(st.text("abcfromtyp=&%+-,.;0123456789٣اé\x00", max_size=60))
def test_no_address_stops_the_page(query: str) -> None:
    view, problems = View.from_query(query)
    assert View.from_query(view.to_query())[0] == view
    assert all(isinstance(problem, str) and len(problem) < 400 for problem in problems)


def test_too_many_fields_are_refused_in_words() -> None:
    with pytest.raises(QueryError, match="at most 500 fields"):
        View.from_query("&".join(["type=threat"] * 501))


def test_no_context_layer_at_all_is_not_the_default() -> None:
    assert View(context=frozenset()).to_query() == "layers=-"
    assert View.from_query("layers=-")[0].context == frozenset()
    assert View.from_query("")[0].context == DEFAULT_CONTEXT


def test_every_event_type_is_in_exactly_one_layer() -> None:
    shown = [code for layer in TYPE_LAYERS for code in layer.types]
    assert sorted(shown) == sorted(EVENT_TYPES)
    assert len({layer.key for layer in LAYERS}) == len(LAYERS)
    assert len({layer.label for layer in LAYERS}) == len(LAYERS)


def test_layers_that_are_on_say_which_types_are_off() -> None:
    every = [layer.key for layer in LAYERS]
    assert hidden_types(every) == frozenset()
    assert hidden_types([key for key in every if key != "threat"]) == {"threat", "capability"}
    assert hidden_types([]) == set(EVENT_TYPES)


@pytest.mark.parametrize("name", COLOUR_BY)
def test_marks_are_coloured_by_something_that_can_be_filtered(name: str) -> None:
    assert name in DIMENSION


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda c: c.key)
def test_a_named_view_can_be_sent_as_a_link(campaign: object) -> None:
    view = campaign.view  # type: ignore[attr-defined]
    assert View.from_query(view.to_query()) == (view, ())
    assert view.selection != Selection()
    assert view.place is not None


def test_an_unknown_coordinate_format_is_told_and_decimal_degrees_are_written() -> None:
    view, problems = View.from_query("coords=furlongs")
    assert view.coordinates == "decimal"
    assert len(problems) == 1
    assert "mgrs" in problems[0]
