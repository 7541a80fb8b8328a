"""Likelihood and confidence are kept apart, and likelihood is said in seven terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.wording import check_wording


def codes(text: str) -> list[str]:
    return [problem.code for problem in check_wording(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Likely Iranian proxies fired two rockets.",
        "It is very unlikely that they stop. We have moderate confidence in this.",
        "The attack of 3 May was almost certainly aimed at the embassy.",
        'The report calls them "suspected militants".',
        "",
    ],
)
def test_clear_wording_passes(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "We assess with high confidence that the group is likely responsible.",
        "It is probable, with low confidence, that they were there.",
    ],
)
def test_likelihood_and_confidence_in_one_sentence_are_marked(text: str) -> None:
    assert codes(text) == ["mixed"]


def test_the_mark_covers_the_sentence_only() -> None:
    text = "Rockets fell. We are confident they were likely proxies. Nobody was hurt."
    (problem,) = check_wording(text)
    assert text[problem.start : problem.end] == "We are confident they were likely proxies."


@pytest.mark.parametrize(
    "word", ["most likely", "possibly", "may", "presumably", "suspected", "highly likely", "cannot rule out", "alleged"]
)
def test_a_term_outside_the_seven_is_marked_with_a_way_out(word: str) -> None:
    (problem,) = check_wording(f"They {word} did it.")
    assert (problem.text, problem.code) == (word, "term_outside")
    assert "seven likelihood terms" in problem.reason


@given(st.text(alphabet='Alikely mayconfdt."“” ', max_size=80))
def test_marks_lie_inside_the_text(text: str) -> None:
    for problem in check_wording(text):
        assert 0 <= problem.start < problem.end <= len(text)
