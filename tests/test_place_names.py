"""Names: what their spellings have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.place_names import endings_agree, is_arabic, key, normalise, skeleton, skeletons_of_sound, sound


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text())
def test_no_text_breaks_a_key_a_sound_or_a_skeleton(text: str) -> None:
    assert " " not in key(text)
    assert isinstance(sound(text), str)
    assert isinstance(skeleton(text), str)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Al-Qā’im", "qaim"),
        ("Ar-Ramadi", "Ramadi"),
        ("Deir ez-Zor", "Deir Zor"),
        ("Deirezzor", "deirezzor"),
        ("‘Ayn ‘Īsá", "Ayn Isa"),
        ("الرَّمادي", "الرمادى"),
        ("الرمــادي", "رمادي"),
        ("أربيل", "اربيل"),
        ("کرکوک", "كركوك"),
        ("الحلة", "الحله"),
    ],
)
def test_marks_articles_and_letter_forms_do_not_count(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hawija", "Hawijah"),
        ("Mayadeen", "Al-Mayadin"),
        ("Fallujah", "Faluja"),
        ("Douma", "Duma"),
        ("Al-Qaem", "Qaim"),
        ("Ash Shaddādah", "Al-Shaddadi"),
        ("Zayniyeh", "Zainiyah"),
        ("Bzaah", "Bzaa"),
        ("Bagouz", "Baghuz"),
    ],
)
def test_latin_spellings_of_one_name_sound_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [
        ("Ramadi", "الرمادي"),
        ("Hawija", "الحويجة"),
        ("Al-Qa'im", "القائم"),
        ("Tal Abyad", "تل أبيض"),
        ("Ain Issa", "عين عيسى"),
        ("Khan Bani Saad", "خان بني سعد"),
        ("Dujayl", "الدجيل"),
        ("Hewler", "هەولێر"),
    ],
)
def test_latin_and_arabic_spellings_share_their_consonants(latin: str, arabic: str) -> None:
    assert skeleton(latin) == skeleton(arabic)


def test_an_h_between_vowels_is_a_consonant() -> None:
    assert skeleton("Kafr Naha") != skeleton("Kafr Naya")


def test_dh_is_d_to_one_writer_and_z_to_another() -> None:
    dhiban = skeletons_of_sound(sound("Dhiban"))
    assert skeleton("Ziban") in dhiban
    assert skeleton("Diban") in dhiban


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Mansurah", "Mansur", False),
        ("المنصورة", "منصور", False),
        ("Sijariyah", "Sijar", False),
        ("Shaddadah", "Shaddadi", True),
        ("Hawijah", "Hawija", True),
        ("Busra al-Hariri", "Busra al-Harir", True),
    ],
)
def test_an_ending_that_makes_another_name_counts(one: str, other: str, agree: bool) -> None:
    assert endings_agree(one, other) is agree


def test_an_article_alone_stays() -> None:
    assert normalise("Al") == "al"


def test_script_is_told_by_letters() -> None:
    assert is_arabic("مدينة x")
    assert not is_arabic("Baghdad")
