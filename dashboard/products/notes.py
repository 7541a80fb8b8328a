"""The counts beside a map and the small print below it."""

from __future__ import annotations

from dashboard.products.content import Words
from dashboard.products.typeset import Block, heading, paragraph
from dashboard.snapshot import Snapshot
from dashboard.snapshot.grid import grid_note

#: Below this scale denominator the base map (Natural Earth, 1:10,000,000) is enlarged more than tenfold.
FINEST_GROUND = 1_000_000


def count_blocks(words: Words, u: float) -> list[Block]:
    """Say in the largest type how many records are shown, and below it where the others went."""
    shown, *rest = words.counts.split(" · ")
    return [
        Block(((shown, True),), 9 * u, after=1.5 * u),
        *([paragraph(" · ".join(rest), 6.8 * u)] if rest else []),
        paragraph(words.events, 6.8 * u),
        *([paragraph(words.possible, 6.8 * u)] if words.possible else []),
        *([paragraph(words.redaction, 6.8 * u)] if words.redaction else []),
        Block((), 0.01, row=4 * u),
    ]


def note_blocks(words: Words, snapshot: Snapshot | None, size: float, *, short: bool = False) -> list[Block]:
    """Set the small print: what the words mean, what to be careful with, and where it all comes from."""
    if short:
        definitions = [paragraph(meaning, size, lead=f"{term}.") for term, meaning in words.definitions]
        return [*short_notes(words, snapshot, size), *definitions]
    blocks = [heading("Read with care", size)]
    cautions = (
        words.overrides,
        words.attribution,
        words.precision,
        words.completeness,
        words.review,
        words.reliability,
    )
    blocks += [paragraph(text, size) for text in cautions if text]
    blocks += [heading("Sources", size), paragraph(words.sources + ".", size, lead="Incidents:")]
    blocks += [paragraph(words.data + ".", size, lead="Data file:"), paragraph(words.base_map, size, lead="Base map:")]
    blocks += [paragraph(projection_text(snapshot) + ".", size, lead="Projection:")]
    blocks += [paragraph(_coarse(snapshot) + words.disclaimer, size)]
    blocks += [paragraph(words.sentence, size, lead="Selection:")]
    blocks += [heading("What the words mean", size)] if words.definitions else []
    blocks += [paragraph(meaning, size, lead=f"{term}.") for term, meaning in words.definitions]
    return blocks


def short_notes(words: Words, snapshot: Snapshot | None, size: float) -> list[Block]:
    """Set the small print of a slide without the definitions: the same matters in fewer paragraphs."""
    return [
        paragraph(f"{words.overrides} {words.attribution} {words.precision}", size, lead="Read with care."),
        paragraph(f"{words.completeness} {words.review} {words.reliability}", size),
        paragraph(f"{words.sources}. {words.data}. {words.sentence}", size, lead="Sources."),
        paragraph(
            f"{words.base_map} {projection_text(snapshot)}. {_coarse(snapshot)}{words.disclaimer}", size, lead="Map."
        ),
    ]


def _coarse(snapshot: Snapshot | None) -> str:
    if snapshot and snapshot.frame.scale_denominator < FINEST_GROUND:
        return "Rivers and borders are generalised for small scales: measure no distance to them. "
    return ""


def projection_text(snapshot: Snapshot | None) -> str:
    """Name the projection and the grid; before the map is drawn, the longest names, to keep room for them."""
    if snapshot:
        grid = grid_note(snapshot.frame, snapshot.grid)
        return f"{snapshot.frame.projection}; {grid}" if grid else snapshot.frame.projection
    return "Lambert conformal conic, standard parallels 30.5° N and 36.5° N, central meridian 43.5° E, WGS 84"
