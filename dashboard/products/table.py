"""The records shown as rows and columns, with what a reader of the bare file must know: codebook, licences, recipe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.products.content import Words
from dashboard.products.data import PLACED_COLUMNS, POINT_COLUMN
from dashboard.products.recipe import Recipe
from geodata.answer import Answer
from geodata.coordinates import FORMATS, write_placed
from geodata.dataset import Dataset
from geodata.incident import COLUMNS, VOCABULARIES

#: Meaning of the columns that the geocoder adds.
PLACED_MEANINGS = {
    "place_id": "Id of the place in its gazetteer.",
    "place_name": "Name of the place the record was put at.",
    "place_kind": "Kind of the place.",
    "longitude": "Degrees east, EPSG:4326; for an area its anchor, which is no place of an incident.",
    "latitude": "Degrees north, EPSG:4326.",
    "precision": "How exactly the place is known.",
    "radius_m": "Metres within which the true point is expected.",
    "area_id": "Id of the area, where the place is one.",
    "country_id": "Country that holds the place.",
    "admin1_id": "Governorate that holds it.",
    "admin2_id": "District that holds it.",
    "method": "How the place was found.",
    "score": "How well the text matched, 0 to 1.",
    "matched_text": "The part of the text that matched.",
    "why": "Why this place won.",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the codebook."""

    column: str
    meaning: str
    values: str


def records_table(dataset: Dataset, answer: Answer, coordinates: str = "decimal") -> pd.DataFrame:
    """Give the records shown with their placement, one row each, in the order of the store.

    Parameters
    ----------
    coordinates
        How points are written as text; a key of `geodata.coordinates.FORMATS`.
    """
    records = dataset.store.records.take(answer.rows).drop(columns="line").reset_index(drop=True)
    placements = dataset.store.placements_at(answer.rows).reset_index(drop=True)
    placed = placements[list(PLACED_COLUMNS)].rename(columns=PLACED_COLUMNS)
    placed[POINT_COLUMN] = write_placed(placements, coordinates)
    return pd.concat([records, placed], axis=1)


def codebook() -> list[Entry]:
    """Describe every column, with the codes of its closed vocabulary."""
    entries = []
    for column in COLUMNS:
        vocabulary = VOCABULARIES.get(column.name)
        codes = "; ".join(f"{c.code} = {c.label}" for c in vocabulary.codes.values()) if vocabulary else ""
        entries.append(Entry(column.name, column.meaning, codes))
    entries += [Entry(PLACED_COLUMNS[name], meaning, "") for name, meaning in PLACED_MEANINGS.items()]
    written = "The point as text, in the format chosen; empty where the place is known only as an area."
    return [*entries, Entry(POINT_COLUMN, written, "; ".join(label for label, _ in FORMATS.values()))]


def about(words: Words, recipe: Recipe) -> list[tuple[str, str]]:
    """List what a reader must know of the file: marking, title, counts, cautions, sources, licences, recipe."""
    marking, takeaway = str(recipe.options["marking"]), str(recipe.options["takeaway"])
    return [
        *([("Marking", marking)] if marking else []),
        ("Title", words.title),
        *([("Takeaway", takeaway)] if takeaway else []),
        ("Produced", _produced(recipe)),
        ("Selection", words.sentence),
        ("Window", words.window.removeprefix("Window: ")),
        ("As of", words.as_of),
        ("Counts", words.counts),
        ("Sums", words.events),
        *([("Possible", words.possible)] if words.possible else []),
        *([("Edition", words.redaction)] if words.redaction else []),
        ("Precision", words.precision),
        ("Attribution", words.attribution),
        *([("Linter", words.overrides)] if words.overrides else []),
        ("Completeness", words.completeness),
        ("Review", words.review.removeprefix("Review: ")),
        ("Reliability", words.reliability),
        ("Sources", words.sources),
        ("Data file", words.data),
        ("Licences", words.base_map),
        ("Boundaries", words.disclaimer),
        *[(f"Definition: {term}", meaning) for term, meaning in words.definitions],
        ("Recipe id", recipe.id),
        ("Recipe", recipe.to_json()),
    ]


def _produced(recipe: Recipe) -> str:
    """Say when and by whom the file was made, and which version of it this is."""
    told = recipe.options
    parts = (told["produced"], told["producer"], told["contact"], version_text(told["status"], told["version"]))
    return ", ".join(str(part) for part in parts if part)


def version_text(status: str, version: str) -> str:
    """Write a product's status and version."""
    return f"{status}, version {version}"


def cell_value(value: object) -> str | float | None:
    """Turn a value to what a cell of a table holds: text, a number, or nothing where it is unknown."""
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(value)
    return str(value) or None
