"""Place texts: how a description is taken apart."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.place_text import parse_place, split_hyphens


def last_reading(text: str) -> tuple[str, tuple[str, ...]]:
    phrase = parse_place(text).phrases[-1]
    return phrase.relation, tuple(term.text for term in phrase.terms)


@pytest.mark.parametrize(
    ("text", "relation", "names"),
    [
        ("near Hillah, Babil", "near", ("Hillah",)),
        ("12 km north-west of Ramadi", "offset", ("Ramadi",)),
        ("about 10 miles from Kirkuk", "offset", ("Kirkuk",)),
        ("between Balad and al-Dujayl", "between", ("Balad", "al-Dujayl")),
        ("highway between Muthanna and Dhi Qar", "between", ("Muthanna", "Dhi Qar")),
        ("Diwaniyah-Babil road", "between", ("Diwaniyah", "Babil")),
        ("al-Hilla highway", "near", ("al-Hilla",)),
        ("highway in Dhi Qar", "near", ("Dhi Qar",)),
        ("road to Taji", "near", ("Taji",)),
        ("south of Tikrit, towards Samarra", "near", ("Tikrit",)),
        ("southern Iraq", "part", ("Iraq",)),
        ("Iraq-Syria border", "border", ("Iraq", "Syria")),
        ("Iraqi airspace", "at", ("Iraqi",)),
        ("Hillah area", "near", ("Hillah",)),
        ("بين تكريت وسامراء", "between", ("تكريت", "سامراء")),
        ("شمال شرق الرمادي", "near", ("الرمادي",)),
        ("قرب الموصل", "near", ("الموصل",)),
    ],
)
def test_a_description_is_read(text: str, relation: str, names: tuple[str, ...]) -> None:
    assert last_reading(text) == (relation, names)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Babylon province", "governorate"),
        ("محافظة الأنبار", "governorate"),
        ("قضاء القائم", "district"),
        ("al-Nile subdistrict", "district"),
        ("Deir ez Zor city", "town"),
        ("قرية البوعيثة", "village"),
    ],
)
def test_a_word_that_says_the_kind_becomes_a_hint(text: str, hint: str) -> None:
    assert parse_place(text).phrases[-1].terms[0].hint == hint


def test_distance_and_bearing_are_read() -> None:
    phrase = parse_place("12,5 km north-west of Ramadi").phrases[-1]
    assert (phrase.distance_m, phrase.bearing) == (12_500, 315)
    assert math.isnan(parse_place("5 km from Ramadi").phrases[-1].bearing)


def test_what_follows_a_comma_lies_around() -> None:
    containers = parse_place("Green Zone, Baghdad, Iraq").containers
    assert [phrase.terms[0].text for phrase in containers] == ["Baghdad", "Iraq"]


def test_a_hyphen_of_an_article_joins_no_two_places() -> None:
    assert split_hyphens("al-Shaddadi-Hasakah") == ["al-Shaddadi", "Hasakah"]
    assert split_hyphens("Deir ez-Zor-Hasakah") == ["Deir ez-Zor", "Hasakah"]


@given(st.text(max_size=400))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert isinstance(parse_place(text).phrases, tuple)
