"""Pages of words: the incidents with their sources, and the methods and caveats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import shorten
from urllib.parse import urlsplit

import numpy as np
from matplotlib.figure import Figure

from dashboard.products.job import Job
from dashboard.products.layout import Plan, blank_page
from dashboard.products.typeset import Block, Line, break_lines, flow, heading, paragraph, set_column, spaced
from dashboard.record import date_text
from dashboard.snapshot.ink import LINE, QUIET, Sheet
from dashboard.snapshot.tags import ARTIFACT, Group, grouped
from dashboard.words import counted
from geodata.incident import (
    ADMIRALTY_ITEM,
    ADMIRALTY_SOURCE,
    CONFIDENCES,
    EVENT_TYPES,
    LIKELIHOODS,
    PRECISIONS,
    STATUSES,
    TERMS,
)

#: Records listed in a pack; a longer list is a workbook's work.
MOST_LISTED = 600

#: Longest cell in characters; the record view and the workbook have the whole text.
LONGEST = 900

COLUMNS = (
    ("Id", 0.085),
    ("Date", 0.095),
    ("Type", 0.085),
    ("Place (known to)", 0.15),
    ("What the sources say", 0.285),
    ("Claimed / denied / assessed", 0.16),
    ("Sources (grade)", 0.14),
)


def table_pages(job: Job, stamp: str) -> Iterator[Figure]:
    """List the records shown, by day, with their sources, over as many pages as it takes."""
    rows = job.answer.rows[:MOST_LISTED]
    records = job.store.records.take(rows).to_dict("records")
    placements = job.store.placements_at(rows).to_dict("records")
    texts = [_cells({**record, **placed}) for record, placed in zip(records, placements, strict=True)]
    page = _retitled(job, "Incidents with their sources")
    table, left, number = Group("Table"), texts, 1
    while left or number == 1:
        figure, sheet, plan, span = blank_page(page.words, page.options, f"{stamp}  ·  table {number}")
        with grouped(table):
            left = left[_set_table(sheet, plan, span, left, again=number > 1) :]
        if not left and job.answer.counts.shown > len(rows):
            more = job.answer.counts.shown - len(rows)
            with sheet.tagged("P"):
                text = f"In the workbook: {counted(more, 'more record')}."
                sheet.text(plan.margin, span[0], text, 6 * plan.unit, colour=QUIET)
        yield figure
        number += 1


def _retitled(job: Job, title: str) -> Job:
    return replace(job, words=replace(job.words, title=title), options=replace(job.options, takeaway=""))


def _cells(record: dict[object, object]) -> tuple[str, ...]:
    text = {str(key): str(value) for key, value in record.items()}
    who = [
        f"{word} {text[key]}"
        for word, key in (("Claimed:", "claimed_by"), ("Denied:", "denied_by"), ("Assessed:", "attributed_to"))
        if text[key]
    ]
    precision = PRECISIONS[text["precision"]].label.lower() if text["precision"] else "not placed"
    sources = [part for part in text["sources"].split("; ") if part.strip()]
    named = []
    for part in sources:
        address, *fields = [piece.strip() for piece in part.split(" | ")]
        grade = next((field.removeprefix("grade=") for field in fields if field.startswith("grade=")), "")
        host = urlsplit(address).netloc.removeprefix("www.") or address
        named.append(f"{host} ({grade})" if grade else host)
    return (
        text["id"],
        date_text(text),
        EVENT_TYPES[text["event_type"]].label,
        f"{text['place']} ({precision})",
        shorten(text["summary"], LONGEST, placeholder=" …"),
        "; ".join(who) or "nobody on record",
        ", ".join(dict.fromkeys(named)) or "none",
    )


def _set_table(
    sheet: Sheet, plan: Plan, span: tuple[float, float], texts: Sequence[tuple[str, ...]], *, again: bool
) -> int:
    """Set a head and as many rows as fit and return how many; `again` says that the head was set on a page before."""
    u = plan.unit
    size, pad = 5.7 * u, 3.2 * u
    leading = size * 1.24
    widths = [share * plan.inner for _, share in COLUMNS]
    lefts = (np.concatenate([[0.0], np.cumsum(widths)[:-1]]) + plan.margin).tolist()
    y = span[1] - size
    with grouped(Group("TR")):
        for left, (head, _) in zip(lefts, COLUMNS, strict=True):
            with sheet.tagged(ARTIFACT if again else "TH"):
                sheet.text(left, y, head, size, bold=True, colour=QUIET)
    y -= pad
    for done, cells in enumerate(texts):
        lines = [break_lines(((cell, False),), size, width - 5 * u) for cell, width in zip(cells, widths, strict=True)]
        height = max(len(cell) for cell in lines) * leading + pad
        if y - height < span[0] + 8 * u and done:
            return done
        with sheet.tagged(ARTIFACT):
            sheet.lines([np.array([(plan.margin, y), (plan.width - plan.margin, y)])], LINE, 0.4)
        with grouped(Group("TR")):
            for left, cell in zip(lefts, lines, strict=True):
                with sheet.tagged("TD"):
                    _set_cell(sheet, (left, y), cell, size, leading)
        y -= height
    return len(texts)


def _set_cell(
    sheet: Sheet,
    corner: tuple[float, float],
    lines: Sequence[Line],
    size: float,
    leading: float,
) -> None:
    """Set the lines of a cell below its upper left corner."""
    for k, line in enumerate(spaced(lines)):
        for offset, words, bold in line:
            sheet.text(corner[0] + offset, corner[1] - leading * (k + 0.92), words, size, bold=bold)


def methods_pages(job: Job, stamp: str) -> Iterator[Figure]:
    """Set methods and caveats: how records are read, placed, counted and drawn, and what every word means."""
    page = _retitled(job, "Methods and caveats")
    left: Sequence[Block] = ()
    first = True
    while first or left:
        figure, sheet, plan, (bottom, top) = blank_page(page.words, page.options, stamp)
        u, columns = plan.unit, 3 if plan.wide else 2
        gap = 14 * u
        width = (plan.inner - (columns - 1) * gap) / columns
        high = top - bottom - 6 * u
        blocks = list(left) if not first else _methods(job, _methods_size(job, width, high, columns, u))
        filled = flow(blocks, width, high, 99) or [blocks]
        for k, column in enumerate(filled[:columns]):
            set_column(sheet, column, plan.margin + k * (width + gap), top - 2 * u, width)
        left = [block for column in filled[columns:] for block in column]
        first = False
        yield figure


def _methods_size(job: Job, width: float, high: float, columns: int, u: float) -> float:
    """Choose the largest type at which all stands on one page; what would need a smaller one goes on over pages."""
    sizes = (6.8, 6.5, 6.2, 5.9)
    return u * next((size for size in sizes if flow(_methods(job, size * u), width, high, columns)), sizes[0])


def _methods(job: Job, size: float) -> list[Block]:
    words = job.words
    blocks = [heading("What is shown", size * 1.1)]
    blocks += [
        paragraph(text, size)
        for text in (
            words.sentence,
            words.window + ".",
            words.as_of + ".",
            words.counts + ".",
            words.events + ".",
            words.possible,
        )
        if text
    ]
    blocks += [heading("Caveats", size * 1.1)]
    blocks += [
        paragraph(text, size)
        for text in (words.attribution, words.precision, words.completeness, words.review, words.reliability)
    ]
    blocks += [heading("How it is made", size * 1.1)]
    blocks += [paragraph(text, size) for text in METHODS]
    blocks += _definitions("What the words mean", {term.capitalize(): text for term, text in TERMS.items()}, size)
    blocks += _definitions("Event types", {kind.label: kind.definition for kind in EVENT_TYPES.values()}, size)
    blocks += _definitions("How exactly a place is known", {p.label: p.definition for p in PRECISIONS.values()}, size)
    blocks += _definitions("Likelihood (ICD 203)", {k.label: k.definition for k in LIKELIHOODS.values()}, size)
    blocks += _definitions("Confidence", {c.label: c.definition for c in CONFIDENCES.values()}, size)
    blocks += _definitions("Review", {s.label: s.definition for s in STATUSES.values()}, size)
    blocks += _definitions(
        "Source grades (Admiralty)", {f"{c.code} {c.label}": c.definition for c in ADMIRALTY_SOURCE.values()}, size
    )
    blocks += _definitions(
        "Item grades (Admiralty)", {f"{c.code} {c.label}": c.definition for c in ADMIRALTY_ITEM.values()}, size
    )
    blocks += [
        heading("Sources and licences", size * 1.1),
        paragraph(words.sources + ".", size),
        paragraph(words.data + ".", size),
    ]
    blocks += [paragraph(words.base_map, size), paragraph(words.disclaimer, size)]
    blocks += [heading("Recipe", size * 1.1), paragraph(job.recipe.to_json(), size * 0.9)]
    return blocks


METHODS = (
    "Rows that cannot be read are listed with line, column and reason and counted as rejected; sums always add up.",
    "A record is placed by its words through a gazetteer, and keeps the proof: what text matched what entry.",
    "A source's own coordinates win. What matches nothing is counted as not placed, never put at a default point.",
    "A governorate or district is drawn as its area, never as a point in its capital; a country stands beside the map.",
    "A date that is a range or half known counts in every window it may fall into, and is hollow where it only may.",
    "A threat, a statement or a capability is never counted as an attack.",
    "A number published without its single events is left out of sums where it would count events twice.",
    "Unknown harm is counted as unknown, never as none.",
)


def _definitions(title: str, terms: dict[str, str], size: float) -> list[Block]:
    rows = [paragraph(text.replace("`", ""), size, lead=f"{term}.") for term, text in terms.items()]
    return [heading(title, size * 1.1), *rows]
