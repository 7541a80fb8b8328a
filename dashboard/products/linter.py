"""Say before an export what is missing or unsafe: errors block it until fixed or overridden with a printed reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard.products.content import data_cut_off, value_counts
from dashboard.products.job import Job
from dashboard.products.options import read_marking
from dashboard.products.source_words import unsourced
from dashboard.words import counted
from geodata.answer import NOT_PLACED, Answer
from geodata.dataset import Dataset
from geodata.errors import QueryError
from geodata.incident import LIKELIHOODS
from geodata.release import MARKING_COLUMNS
from geodata.wording import check_wording

#: TLP 2.0 from the widest to the narrowest audience (FIRST, August 2022).
TLP_ORDER = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")

#: Markings with which a product may go to everybody; a text of one's own is the briefer's to judge.
FOR_EVERYBODY = ("", "TLP:CLEAR")

#: Shares of the matching records that may miss on the map: above the first it is told, above the second it blocks.
UNPLACED_SHARES = (0.02, 0.15)

#: Shares of the file's rows that may be rejected.
REJECTED_SHARES = (0.0, 0.05)

#: Share of the records without a value above which colours say little.
UNKNOWN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing or unsafe: its code, whether it blocks, what it is, and the way out."""

    code: str
    blocks: bool
    message: str
    fix: str


def lint(job: Job) -> tuple[Finding, ...]:
    """List what is missing or unsafe in a product, what blocks it first."""
    found = [finding for rule in RULES for finding in rule(job)]
    return tuple(sorted(found, key=lambda finding: not finding.blocks))


def refuse(findings: Iterable[Finding], overrides: Mapping[str, str]) -> None:
    """Stop an export that an error blocks and no reason overrides.

    Raises
    ------
    QueryError
        With every open error and its way out.
    """
    left = [finding for finding in findings if finding.blocks and not overrides.get(finding.code, "").strip()]
    if left:
        lines = "; ".join(f"{finding.code}: {finding.message} {finding.fix}" for finding in left)
        msg = f"The product is not written: {lines} Or give a reason for each, which is printed on it."
        raise QueryError(msg)


def _nothing(job: Job) -> Iterable[Finding]:
    if not job.answer.counts.shown:
        yield Finding("nothing-shown", True, "No record is shown.", "Widen the window or remove a filter.")


def _sums(job: Job) -> Iterable[Finding]:
    counts = job.answer.counts
    if counts.read != counts.rejected + counts.shown + sum(counts.hidden.values()):
        yield Finding("sums", True, "The counts do not add up.", "Report this: it is a fault of the program.")
    drawn = sum(category.count for category in job.drawing.categories)
    if drawn != counts.shown:
        yield Finding(
            "legend-sums", True, f"The legend counts {drawn:,}, the map shows {counts.shown:,}.", "Report this."
        )


def _sources(job: Job) -> Iterable[Finding]:
    n = unsourced(job.store, job.answer.rows)
    if n:
        yield Finding(
            "no-source",
            True,
            f"{counted(n, 'record')} shown without a source.",
            "Add sources, or filter them out.",
        )


def _marking(job: Job) -> Iterable[Finding]:
    needed = data_marking(job.dataset, job.answer)
    given = job.options.marking
    if needed and _rank(given) < _rank(needed):
        said = given or "no marking"
        yield Finding(
            "marking-too-low", True, f"The data is marked {needed}, the product {said}.", f"Mark it {needed}."
        )
    elif not given:
        yield Finding("no-marking", False, "The product has no handling marking.", "Choose one, such as TLP:CLEAR.")


def data_marking(dataset: Dataset, answer: Answer) -> str:
    """Give the narrowest TLP marking among the records shown, or nothing when the file carries none."""
    records = dataset.store.records
    found: set[str] = set()
    for name in records.names:
        if name.lower() in MARKING_COLUMNS and len(answer.rows):
            found |= {read_marking(str(value)) for value in np.unique(records.column(name, answer.rows).astype(str))}
    known = [marking for marking in found if marking in TLP_ORDER]
    return max(known, key=_rank, default="")


def _rank(marking: str) -> int:
    return TLP_ORDER.index(marking) if marking in TLP_ORDER else -1


def _profile(job: Job) -> Iterable[Finding]:
    given, is_public = job.options.marking, job.options.profile == "public"
    if is_public and given in TLP_ORDER and given not in FOR_EVERYBODY:
        yield Finding(
            "public-marking", True, f"{given} may not go to everybody.", "Mark it TLP:CLEAR, or choose another profile."
        )
    if is_public:
        yield Finding(
            "public-words",
            False,
            "Titles, takeaways, summaries and targets are printed as written and may name a place exactly.",
            "Read them before the release.",
        )
    elif job.view.public:
        yield Finding(
            "public-places-only",
            False,
            f"Places are snapped for the public, but the profile is {job.options.profile}.",
            "Choose the public profile, which leaves out drafts and notes as well.",
        )
    if job.left_out:
        told = " and ".join(f"{n:,} {state}" for state, n in job.left_out.items())
        yield Finding(
            "left-out",
            False,
            f"The profile leaves out records of the view: {told}.",
            "The product says so as well.",
        )


#: Findings of the wording of what a briefer writes: code, whether it blocks, and the way out.
WORDINGS = {
    "mixed": ("likelihood-with-confidence", True, "Say them in two sentences (ICD 203, D.6.e.(2)(a))."),
    "term_outside": (
        "loose-likelihood",
        False,
        f"Use one of {', '.join(term.label.lower() for term in LIKELIHOODS.values())}.",
    ),
}


def _takeaway(job: Job) -> Iterable[Finding]:
    """Judge title and takeaway by the rule that marks the wording of records too."""
    seen: set[str] = set()
    for text in (job.options.title, job.options.takeaway):
        for found in check_wording(text):
            if found.code not in seen:
                seen.add(found.code)
                code, blocks, fix = WORDINGS[found.code]
                yield Finding(code, blocks, f"{found.reason[0].upper()}{found.reason[1:]}.", fix)


def _review(job: Job) -> Iterable[Finding]:
    states = value_counts(job.store, "status", job.answer.rows)
    drafts = states.get("", 0) + states.get("draft", 0)
    if drafts:
        share = drafts / len(job.answer.rows)
        yield Finding(
            "drafts",
            False,
            f"{counted(drafts, 'draft')} among the records shown ({share:.0%}).",
            "Filter by review status, or say so.",
        )


def _unplaced(job: Job) -> Iterable[Finding]:
    n, matching = job.answer.counts.hidden.get(NOT_PLACED, 0), max(len(job.answer.matching), 1)
    if n > UNPLACED_SHARES[0] * matching:
        yield Finding(
            "unplaced",
            n > UNPLACED_SHARES[1] * matching,
            f"{counted(n, 'matching record')} ({n / matching:.0%}) without a place, so not on the map.",
            "Correct what was not found, or list it beside the map.",
        )


def _rejected(job: Job) -> Iterable[Finding]:
    counts = job.answer.counts
    if counts.rejected > REJECTED_SHARES[0] * counts.read:
        yield Finding(
            "rejected",
            counts.rejected > REJECTED_SHARES[1] * counts.read,
            f"{counted(counts.rejected, 'row')} of the file rejected, so on no map and in no count of events.",
            "Mend what `incidents check` lists.",
        )


def _window(job: Job) -> Iterable[Finding]:
    window, cut_off = job.answer.selection.window, data_cut_off(job.store)
    if window and cut_off and date.min < cut_off < window.last < date.max:
        yield Finding(
            "window-beyond-data",
            False,
            f"The window runs to {window.last.isoformat()}, the data only to {cut_off.isoformat()}.",
            "End the window there: days without data look quiet.",
        )


def _colours(job: Job) -> Iterable[Finding]:
    unknown = sum(category.count for category in job.drawing.categories if not category.value)
    shown = max(job.answer.counts.shown, 1)
    if unknown > UNKNOWN_SHARE * shown:
        yield Finding(
            "mostly-unknown",
            False,
            f"{unknown / shown:.0%} of the records have no value for the colours.",
            "Colour by another dimension, or say in the takeaway how little is known.",
        )


def _areas(job: Job) -> Iterable[Finding]:
    loose = sum(entry.count for entry in job.drawing.precisions if entry.value not in ("site", "town", "near"))
    shown = max(job.answer.counts.shown, 1)
    if loose > 0.5 * shown:
        yield Finding(
            "coarse-places", False, f"{loose / shown:.0%} of the records are known to a district or coarser.", "Say so."
        )


RULES: tuple[Callable[[Job], Iterable[Finding]], ...] = (
    _nothing,
    _sums,
    _sources,
    _marking,
    _profile,
    _takeaway,
    _unplaced,
    _rejected,
    _review,
    _window,
    _colours,
    _areas,
)
