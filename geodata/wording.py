"""Check the wording of assessments: likelihood in one of seven terms, and never in one sentence with confidence.

The rule is ICD 203's (Analytic Standards, 2 January 2015, section D.6.e.(2)): to express likelihood and confidence in
one sentence confuses how probable something is with how well it is known. The directive gives every one of its seven
bands two terms, such as likely and probable; both pass here, and any other way to say a probability is marked.

One table decides. Of wordings that overlap, the one that begins first counts, then the longest: "very likely" is a
term, "extremely likely" is not, and "as soon as possible" says nothing about a probability.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final


@dataclass(frozen=True, slots=True)
class Wording:
    """Name a place in a text whose wording is unclear: from `start` to `end`, why, and what to write."""

    start: int
    end: int
    text: str
    code: str
    reason: str


class _Sense(Enum):
    TERM = "one of the directive's terms"
    OUTSIDE = "a likelihood in other words"
    HEARSAY = "somebody's belief: no likelihood, and no term"
    CONFIDENCE = "how well something is known"
    PLAIN = "neither, though it looks so"


@dataclass(frozen=True, slots=True)
class _Rule:
    sense: _Sense
    pattern: re.Pattern[str]
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    rule: _Rule


_TERM, _OUTSIDE, _HEARSAY, _CONFIDENCE, _PLAIN = _Sense


def _rule(sense: _Sense, *wordings: str, advice: str = "") -> _Rule:
    """Make a rule of whole words in any case; a space stands for any white space."""
    pattern = "|".join(wordings).replace(" ", r"\s+").replace("'", "['’]")
    return _Rule(sense, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE), advice)


_ANY: Final = "write one of the seven terms"
_NO_BAND: Final = f"gives no band; {_ANY}"
_SIZE: Final = (
    "(?:very |quite )?(?:good|fair|fighting|slight|real|high|higher|highest|low|lower|small|strong|significant|slim|"
    "decent|reasonable|great|greater|distinct|serious|considerable|substantial|little|some|every|outside|"
    "better than even)"
)
_DEGREE: Final = (
    "extremely|exceptionally|exceedingly|overwhelmingly|particularly|especially|quite|rather|fairly|somewhat|reasonably|"
    "pretty|increasingly|equally|hardly|not|not very|very very|more than|just as|too|so|absolutely|slightly|moderately"
)
_NUMBER: Final = r"\d{1,3}(?:\.\d+)?"
_PERCENT: Final = rf"{_NUMBER}(?:\s*(?:-|–|to|and)\s*{_NUMBER})?[\s-]*(?:%|per\s?cent)"
_FEW: Final = r"(?:a|one|two|three|four|five|nine|\d{1,3})"
_MANY: Final = r"(?:two|three|four|five|six|ten|\d{1,4})"
_VERB: Final = (
    "be|have|attack|become|come|continue|escalate|fire|follow|include|indicate|intend|launch|lead|mean|prove|reflect|"
    "remain|resume|seek|strike|target|try|use"
)

_RULES: Final = (
    _rule(
        _TERM,
        "almost no chance",
        # "Remote" alone also says where a place is: only a chance can be remote here.
        "remote (?:chances?|likelihood|probability|possibility)",
        "(?:chances?|likelihood|probability|possibility) (?:is|are|remains?) remote",
        "(?:very )?(?:un)?likely",
        "(?:highly )?(?:im)?probabl[ey]",
        "roughly even (?:chance|odds)",
        "(?:almost|nearly) certain(?:ly)?",
    ),
    _rule(_OUTSIDE, "most (?:un)?(?:likely|probabl[ey])", advice="compares alternatives; write likely or very likely"),
    _rule(
        _OUTSIDE,
        "(?:much |far |even )?(?:more|less|least) (?:likely|unlikely|probable)(?: than not)?",
        "likeli(?:er|est)",
        "as likely as(?: not)?",
        advice="compares alternatives; give each one of the seven terms",
    ),
    _rule(_OUTSIDE, f"(?:highly|{_DEGREE}) likely", advice="write likely or very likely"),
    _rule(_OUTSIDE, f"(?:highly|{_DEGREE}) unlikely", advice="write very unlikely"),
    _rule(_OUTSIDE, f"(?:very|{_DEGREE}) probabl[ey]", advice="write very likely, or highly probable"),
    _rule(_OUTSIDE, f"(?:very|{_DEGREE}) improbabl[ey]", advice="write very unlikely, or highly improbable"),
    _rule(
        _OUTSIDE,
        "(?:virtually|practically|all but|as good as|absolutely|quite|fairly|reasonably|very|highly) certain(?:ly)?",
        "(?:is|are|was|were|be|seems?|looks?|remains?|am) (?:certain|sure|bound)(?= (?:that|to)|\\s*[,.;:)!]|\\s*$)",
        "certainly|undoubtedly|undeniably|doubtless|no doubt|(?:beyond|without) (?:a |any |all )?(?:reasonable )?doubt",
        "with (?:near |absolute |virtual )?certainty",
        advice="no assessment is certain; write almost certain",
    ),
    _rule(
        _OUTSIDE,
        "possibl[ey]|perhaps|maybe|conceivabl[ey]|(?:im)?plausibl[ey]",
        "(?:there (?:is|was|remains) (?:a|the|some|every)|(?:a|an|the)) (?:strong |real )?possibility that",
        f"(?:a|an|the|some|every) {_SIZE} possibility",
        "possibility that",
        advice=_NO_BAND,
    ),
    # The month has a capital and goes with a day or stands alone; the verb stands before another verb.
    _Rule(
        _OUTSIDE,
        re.compile(
            rf"(?<!\w)(?:may|(?:May|MAY)(?=\s+(?i:well|also|not|still|yet|even|already|soon)\s+[A-Za-z]|\s+(?i:{_VERB})\b))"
            r"(?!\w)"
        ),
        _NO_BAND,
    ),
    _rule(
        _OUTSIDE,
        "might",
        "could (?:(?:very )?well |also |still |easily )?(?:be|have)",
        "could not have",
        advice=_NO_BAND,
    ),
    _rule(_OUTSIDE, "(?:appear|seem)(?:s|ed)? to (?:be|have)", "(?:apparent|seeming)ly", advice=_ANY),
    _rule(
        _OUTSIDE,
        "presumabl[ey]|presumed",
        advice="write one of the seven terms, or say who presumes it",
    ),
    _rule(
        _OUTSIDE,
        rf"{_PERCENT} (?:chances?|probability|likelihood|odds|likely|probable|certain|sure)",
        r"(?:chances?|probability|likelihood|odds) (?:of|is|are|at|around|about|between|=)"
        rf"(?: about| around| roughly| at)? (?:{_PERCENT}|0?\.\d+|{_FEW} (?:to|in|out of) {_MANY})",
        rf"{_FEW}[ -](?:in|out[ -]of)[ -](?:a[ -])?{_MANY} (?:chance|probability)",
        rf"odds of {_FEW}[ -]to[ -]{_FEW}",
        advice=_ANY,
    ),
    _rule(_OUTSIDE, "even (?:chances?|odds)", "fifty[- ]fifty|50[-/–]50|toss-up", advice="write roughly even chance"),
    _rule(_OUTSIDE, "no chance", advice="write almost no chance"),
    _rule(
        _OUTSIDE,
        f"(?:(?:a|an|the) )?{_SIZE} (?:chances?|likelihood|probability|odds)(?! to)",
        f"(?:chances?|odds|likelihood|probability)(?: (?:is|are|remains?)|:) {_SIZE}",
        "(?:the |all )?(?:chances|odds) (?:are|favou?r)|in all (?:likelihood|probability)",
        "(?:cannot|can not|can't|could not) (?:be )?(?:ruled? out|excluded?)|doubtful",
        advice=_ANY,
    ),
    _rule(
        _HEARSAY,
        "suspected|alleged(?:ly)?|(?:believed|thought) to",
        advice="is no likelihood; say who suspects or alleges it",
    ),
    _rule(
        _CONFIDENCE,
        "(?:high|higher|moderate|medium|low|lower|full|great|little|strong|limited)[- ]confidence",
        "confidence(?:[:,]? (?:is |are |was |remains )?(?:very )?(?:high|moderate|medium|low))?",
        r"(?:are|is|am|was|were|remains?|feels?) (?:\w+ )?confident",
        "(?:very|highly|fairly|quite|less|more) confident|confident that",
        "confidently",
    ),
    _rule(
        _PLAIN,
        r"(?:as|if|where|when|wherever|whenever|not|(?:made|make|makes|making)(?: it)?) possible",
        r"as (?:\w+ ){1,3}as possible",
        "possible to",
        "there (?:is|are|was|were) certain",
        "(?:military|armed|full|the|its|their|his|naval|air) might|might of",
        r"\d{1,2}(?:st|nd|rd|th)? may|may,? \d{1,4}",
        "(?:warn|threaten|vow)(?:s|ed)?(?: that)? (?:it|they|he|she) (?:may|might|could)",
        "could be (?:seen|heard|felt|reached|used)",
        "(?:votes?|motions?) of (?:no )?confidence|no[- ]confidence(?: (?:vote|motion))?|confidence (?:vote|motion)s?",
        "confidence[- ](?:building|boosting|intervals?)|crisis of confidence|in confidence|self[- ]confidence",
        "(?:public|popular|investor|voters?|consumer|business|mutual|people's|parliament's) confidence",
        r"(?:los(?:e|t|es|ing)|w[io]n|gain(?:s|ed)?|restor(?:e|es|ed|ing)|shak(?:e|es|en|ing)|undermin(?:e|es|ed|ing)|"
        r"inspir(?:e|es|ed|ing)|boost(?:s|ed|ing)?|enjoy(?:s|ed|ing)?) (?:\w+ ){0,3}confidence",
        "confidence of (?:the )?(?:parliament|government|public|people|voters|troops|soldiers)",
        "confident of (?:victory|success|support)",
    ),
)  # fmt: skip
_QUOTED: Final = re.compile(r'"[^"]*"|“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|‘(?:[^‘’]|’(?=\w))*’')
_STOP: Final = re.compile(r"[.!?…][\"”’»)\]]*(?=\s+[\"“‘«(\[]?[A-Z0-9])|\n\s*\n")
# A full stop after one of these, or after a single letter ("U.S. forces"), ends no sentence.
_ABBREVIATED: Final = re.compile(
    r"(?:(?<!\w)(?:[A-Za-z]|Gen|Brig|Col|Lt|Maj|Capt|Sgt|Adm|Mr|Mrs|Ms|Dr|St|No|approx|ca|cf|vs|incl|est|e\.g|i\.e|etc)"
    r"|\.[A-Za-z])\.$"
)


def check_wording(text: str) -> tuple[Wording, ...]:
    """List what is unclear in an assessment; quoted words are a source's own and are left alone."""
    plain = _QUOTED.sub(lambda found: " " * len(found[0]), text)
    known = _scan(plain)
    outside = [
        Wording(
            found.start,
            found.end,
            text[found.start : found.end],
            "term_outside",
            f"{text[found.start : found.end]!r} is not one of the seven likelihood terms: {found.rule.advice}",
        )
        for found in known
        if found.rule.sense in (_OUTSIDE, _HEARSAY)
    ]
    return tuple(sorted([*outside, *_mixed(text, plain, known)], key=lambda problem: (problem.start, problem.end)))


def _scan(plain: str) -> list[_Found]:
    """Return the wordings of the table that a text holds, in order, none over another."""
    found = [_Found(*hit.span(), rule) for rule in _RULES for hit in rule.pattern.finditer(plain)]
    kept: list[_Found] = []
    for hit in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _mixed(text: str, plain: str, known: list[_Found]) -> Iterator[Wording]:
    for start, end in _sentences(plain):
        said: dict[bool, str] = {}
        for found in known:
            if start <= found.start < end and found.rule.sense in (_TERM, _OUTSIDE, _CONFIDENCE):
                said.setdefault(found.rule.sense is _CONFIDENCE, text[found.start : found.end])
        if len(said) == 2:
            reason = (
                f"the sentence mixes a likelihood ({said[False]!r}) with a confidence ({said[True]!r}); "
                "say each in a sentence of its own"
            )
            yield Wording(start, end, text[start:end], "mixed", reason)


def _sentences(plain: str) -> Iterator[tuple[int, int]]:
    """Return where each sentence of a text starts and ends, without the white space around it."""
    stops = [
        stop.end()
        for stop in _STOP.finditer(plain)
        if not _ABBREVIATED.search(plain, max(0, stop.end() - 9), stop.end())
    ]
    start = 0
    for end in [*stops, len(plain)]:
        sentence = plain[start:end]
        if sentence.strip():
            yield start + len(sentence) - len(sentence.lstrip()), start + len(sentence.rstrip())
        start = end
