"""Likelihood and confidence are kept apart, and likelihood is said in ICD 203's terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.incident import LIKELIHOODS
from geodata.wording import check_wording

CLEAR = [
    "",
    "Likely Iranian proxies fired two rockets.",
    "It is very unlikely that they stop. We have moderate confidence in this.",
    "The attack of 3 May was almost certainly aimed at the embassy.",
    "The strikes were nearly certain to follow.",
    "KH probably fired; a second volley was highly probable.",
    "It is highly improbable that two groups fired on one night.",
    "There is a roughly even chance of another attack before October.",
    "Roughly even odds.",
    "There is almost no chance that the convoy turned back.",
    "The chance is remote.",
    "A remote chance of talks was left.",
    "A remote base on a remote road was hit by a remote-controlled bomb.",
    'The report calls them "suspected militants".',
    "He said: “It may be KH”.",
    "He said: ‘It’s possible’.",
    "KH likely fired. (High confidence.)",
    "KH likely fired. Our confidence is high.",
    "KH likely fired.\n\nConfidence: high",
    "U.S. forces likely left. Confidence in this is low.",
    "Rockets fell on 3 May, 4 may 2021 and in May.",
    "May 2021 was quiet; May saw six attacks, and in May rockets fell.",
    "They left as soon as possible, and as few as possible stayed.",
    "Where possible the place is named.",
    "It was not possible to reach the site.",
    "There are certain bases that nobody names.",
    "A certain commander met them.",
    "Kata'ib Hezbollah has drones that could reach Kuwait.",
    "The fire could be seen from the road; the claim could not be verified.",
    "The number of attacks is uncertain.",
    "Military might was on parade; the might of the state was shown.",
    "It warned it may attack any foreign aircraft.",
    "They had a chance to withdraw, by chance, against the odds.",
    "The possibility of a strike was discussed.",
    "Parliament will likely hold a vote of no confidence.",
    "A confidence-building measure is likely.",
    "The government lost the people's confidence and will likely fall.",
    "Ten of 70 percent were hit; 70 percent of the rockets fell short.",
    "The wounded are certain of nothing in the dark.",
]  # fmt: skip

MIXED = [
    "We assess with high confidence that the group is likely responsible.",
    "It is probable, with low confidence, that they were there.",
    "Our confidence is high that KH likely fired.",
    "We have a high degree of confidence that KH very likely fired.",
    "Very unlikely; confidence high",
    "Likely; analytic confidence: medium",
    "Likelihood: almost certain, confidence: low.",
    "KH likely fired (high confidence).",
    "KH likely fired - confidence moderate.",
    "We are highly confident that it is unlikely.",
    "Analysts confidently call it likely.",
    "We have high confidence that Gen. Ghaani likely ordered it.",
    "We have low confidence that U.S. Forces were very likely the aim.",
    "With little confidence, there is a roughly even chance of a raid.",
    "Confidence in this judgement, which is unlikely to change, is low.",
]

OUTSIDE = {
    "It could have been KH.": "could have",
    "This could well be KH.": "could well be",
    "A plausible account has KH fire.": "plausible",
    "KH plausibly fired.": "plausibly",
    "It is extremely likely.": "extremely likely",
    "A raid is somewhat likely.": "somewhat likely",
    "That is most likely.": "most likely",
    "It is more likely than not.": "more likely than not",
    "It is highly likely.": "highly likely",
    "It is highly unlikely.": "highly unlikely",
    "That is not very likely.": "not very likely",
    "It is virtually certain.": "virtually certain",
    "It is all but certain.": "all but certain",
    "It is certain that KH fired.": "is certain",
    "It is certain": "is certain",
    "They are sure to return.": "are sure",
    "KH certainly fired.": "certainly",
    "KH undoubtedly fired.": "undoubtedly",
    "KH very probably fired.": "very probably",
    "It is very improbable.": "very improbable",
    "There is a 70 percent chance of a raid.": "70 percent chance",
    "A raid is 60-70 % likely.": "60-70 % likely",
    "The chance of 1 in 3 is named.": "chance of 1 in 3",
    "A one-in-three chance is left.": "one-in-three chance",
    "Chances are KH fired.": "Chances are",
    "The odds are against it.": "The odds are",
    "There is a good chance of a raid.": "a good chance",
    "Likelihood: high": "Likelihood: high",
    "In all likelihood KH fired.": "In all likelihood",
    "There is an even chance.": "even chance",
    "It is fifty-fifty.": "fifty-fifty",
    "No chance of peace is left.": "No chance",
    "May be KH.": "May",
    "May well attack again.": "May",
    "It may be KH.": "may",
    "It might return.": "might",
    "There is a strong possibility that it returns.": "There is a strong possibility that",
    "KH possibly fired.": "possibly",
    "A possible claim": "possible",
    "Perhaps KH fired.": "Perhaps",
    "It appears to be KH.": "appears to be",
    "They presumably did it.": "presumably",
    "They allegedly did it.": "allegedly",
    "They are suspected.": "suspected",
    "They are believed to be KH.": "believed to",
    "We cannot rule out KH.": "cannot rule out",
    "Its part is doubtful.": "doubtful",
}


def codes(text: str) -> list[str]:
    return [problem.code for problem in check_wording(text)]


@pytest.mark.parametrize("text", CLEAR)
def test_clear_wording_passes(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("text", MIXED)
def test_likelihood_and_confidence_in_one_sentence_are_marked(text: str) -> None:
    assert codes(text) == ["mixed"]


@pytest.mark.parametrize("label", [term.label for term in LIKELIHOODS.values()])
def test_each_of_the_seven_terms_is_known_as_a_likelihood(label: str) -> None:
    assert codes(f"{label}.") == []
    assert codes(f"{label}; our confidence is low.") == ["mixed"]


def test_a_likelihood_in_other_words_mixes_as_well() -> None:
    assert codes("We have high confidence that KH possibly fired.") == ["mixed", "term_outside"]


def test_hearsay_is_no_likelihood_and_mixes_with_nothing() -> None:
    assert codes("We have high confidence in the list of suspected groups.") == ["term_outside"]


def test_the_reason_names_both_in_the_words_of_the_text() -> None:
    (problem,) = check_wording("Very unlikely; confidence high")
    assert "'Very unlikely'" in problem.reason
    assert "'confidence high'" in problem.reason


def test_the_mark_covers_the_sentence_only() -> None:
    text = "Rockets fell. We are confident they were likely proxies. Nobody was hurt."
    (problem,) = check_wording(text)
    assert text[problem.start : problem.end] == "We are confident they were likely proxies."


@pytest.mark.parametrize(("text", "marked"), OUTSIDE.items())
def test_a_term_outside_the_seven_is_marked_whole_with_a_way_out(text: str, marked: str) -> None:
    (problem,) = check_wording(text)
    assert (problem.text, problem.code) == (marked, "term_outside")
    assert "seven likelihood terms" in problem.reason


@given(st.text(alphabet="Alikely mayconfdt.'\"“”‘’ 7%", max_size=80))
def test_marks_lie_inside_the_text(text: str) -> None:
    for problem in check_wording(text):
        assert 0 <= problem.start < problem.end <= len(text)
        assert problem.text == text[problem.start : problem.end]
