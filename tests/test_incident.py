"""The record's columns and closed vocabularies."""

import dataclasses
from itertools import pairwise

import pytest

from geodata.incident import (
    ATTACK_TYPES,
    COLUMN_NAMES,
    COLUMNS,
    EVENT_GROUPS,
    EVENT_TYPES,
    LIKELIHOODS,
    PRECISIONS,
    REQUIRED_COLUMNS,
    UNCOUNTED,
    VOCABULARIES,
)


def test_column_names_are_unique_and_every_coded_column_has_a_vocabulary() -> None:
    assert len(set(COLUMN_NAMES)) == len(COLUMN_NAMES)
    assert {column.name for column in COLUMNS if column.kind == "code"} == set(VOCABULARIES)
    assert REQUIRED_COLUMNS == ("id", "date_start", "event_type", "place")


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_good_and_fixable_words_are_disjoint_and_lead_to_a_good_one(name: str) -> None:
    vocabulary = VOCABULARIES[name]
    assert not set(vocabulary.codes) & set(vocabulary.fixable)
    assert set(vocabulary.fixable.values()) <= set(vocabulary.codes)
    assert all(vocabulary.fold(word) == word for word in vocabulary.fixable), "a folded word must be written folded"


@pytest.mark.parametrize("name", sorted(VOCABULARIES))
def test_a_word_in_neither_list_is_refused(name: str) -> None:
    assert VOCABULARIES[name].read("gibberish") is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("rocket_attack", "rocket_attack"),
        ("Rocket Attack", "rocket_attack"),
        ("rocket-attack", "rocket_attack"),
        (" IED ", "ied_attack"),
        ("air strike", "airstrike"),
    ],
)
def test_known_misspellings_of_an_event_type_are_read(written: str, read: str) -> None:
    assert VOCABULARIES["event_type"].read(written) == read


def test_only_violence_against_a_target_counts_as_an_attack() -> None:
    assert set(ATTACK_TYPES) == {
        "rocket_attack",
        "drone_attack",
        "missile_attack",
        "mortar_attack",
        "ied_attack",
        "small_arms_attack",
    }
    assert {kind.group for kind in EVENT_TYPES.values()} == set(EVENT_GROUPS)
    assert all(kind.definition.endswith(".") for kind in EVENT_TYPES.values())


def test_likelihoods_are_the_seven_terms_of_icd_203_without_a_gap() -> None:
    bands = [term.definition.partition("; ")[2] for term in LIKELIHOODS.values()]
    edges = [1, 5, 20, 45, 55, 80, 95, 99]
    assert bands == [f"{low} to {high} percent." for low, high in pairwise(edges)]


def test_precisions_are_ranked_from_exact_to_unknown_and_areas_have_no_radius() -> None:
    assert [precision.rank for precision in PRECISIONS.values()] == list(range(8))
    assert [code for code, precision in PRECISIONS.items() if precision.radius_m is not None] == [
        "site",
        "town",
        "near",
    ]


def test_sums_leave_out_overlapping_counts_and_second_parts() -> None:
    assert set(VOCABULARIES["counting"].codes) - UNCOUNTED == {"counted", "count_alone"}


def test_codes_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        EVENT_TYPES["threat"].group = "attack"  # type: ignore[misc]
