"""Check the wording of assessments: likelihood in one of seven terms, and never in one sentence with confidence.

The rule is ICD 203's (Analytic Standards, 2 January 2015, section D.6.e.(2)): to express likelihood and confidence in
one sentence confuses how probable something is with how well it is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_LIKELIHOOD: Final = re.compile(
    r"\b(?:almost no chance|remote chance|(?:very |highly )?(?:un)?likely|(?:highly )?(?:im)?probabl[ey]|"
    r"roughly even (?:chance|odds)|(?:almost|nearly) certain(?:ly)?)\b",
    re.IGNORECASE,
)
_CONFIDENCE: Final = re.compile(
    r"\b(?:(?:high|moderate|medium|low)[- ]confidence|(?:high|moderate|medium|low|full|great|little) confidence|"
    r"with confidence|(?:are|is|am|remain|very|highly|fairly) confident|confidently)\b",
    re.IGNORECASE,
)
# What to write instead; "may" only in lower case, because of the month.
_OUTSIDE: Final[tuple[tuple[str, str], ...]] = (
    (r"(?i:\bmost likely\b)", "compares alternatives; write likely or very likely"),
    (r"(?i:\b(?:highly|quite|rather|more than|increasingly) likely\b)", "write likely or very likely"),
    (r"(?i:\bhighly unlikely\b)", "write very unlikely"),
    (r"(?i:\b(?:possible|possibly|perhaps|maybe|conceivably)\b)", "gives no band; write one of the seven terms"),
    (r"\b(?:may|might)\b", "gives no band; write one of the seven terms"),
    (r"(?i:\b(?:presumably|presumed|apparently|seemingly)\b)", "write one of the seven terms, or say who presumes it"),
    (r"(?i:\b(?:suspected|alleged|allegedly|believed to)\b)", "is no likelihood; say who suspects or alleges it"),
    (
        r"(?i:\b(?:a (?:good|fair|slight|real) chance|cannot (?:be )?rule[d]? out|doubtful)\b)",
        "write one of the seven terms",
    ),
)
_QUOTED: Final = re.compile(r'"[^"]*"|“[^”]*”')
# A full stop ends a sentence when a space and a capital, a digit or a quote follow; "U.S. forces" goes on.
_SENTENCE: Final = re.compile(r".+?(?:(?<![A-Z]\.[A-Z])[.!?][\"”']?(?=\s+[A-Z0-9\"“])|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wording:
    """Name a place in a text whose wording is unclear: from `start` to `end`, why, and what to write."""

    start: int
    end: int
    text: str
    code: str
    reason: str


def check_wording(text: str) -> tuple[Wording, ...]:
    """List what is unclear in an assessment; quoted words are a source's own and are left alone."""
    plain = _QUOTED.sub(lambda found: " " * len(found[0]), text)
    problems = []
    for pattern, advice in _OUTSIDE:
        for found in re.finditer(pattern, plain):
            reason = f"{found[0]!r} is not one of the seven likelihood terms: {advice}"
            problems.append(Wording(found.start(), found.end(), found[0], "term_outside", reason))
    for sentence in _SENTENCE.finditer(plain):
        likelihood, confidence = _LIKELIHOOD.search(sentence[0]), _CONFIDENCE.search(sentence[0])
        if likelihood and confidence:
            start, end = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip()), sentence.end()
            reason = (
                f"the sentence mixes a likelihood ({likelihood[0]!r}) with a confidence ({confidence[0]!r}); "
                "say each in a sentence of its own"
            )
            problems.append(Wording(start, end, text[start:end], "mixed", reason))
    return tuple(sorted(problems, key=lambda problem: (problem.start, problem.end)))
