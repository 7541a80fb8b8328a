"""A view as a finished page: PNG, PDF or SVG."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf

from dashboard.drawing import draw
from dashboard.products.content import Words, words_for
from dashboard.products.layout import Page, lay_out, retitled
from dashboard.products.options import PageOptions
from dashboard.products.recipe import Recipe, recipe_for
from dashboard.products.svg import svg_bytes
from dashboard.snapshot.ink import drawing_settings
from dashboard.view import View
from geodata.dataset import Dataset
from geodata.errors import QueryError
from geodata.release import released


def write_picture(dataset: Dataset, view: View, out: Path, **options: Any) -> Recipe:
    """Draw a view to a finished page and return the recipe that draws it again.

    Parameters
    ----------
    out
        File to write; its ending (.png, .pdf or .svg) says what.
    **options
        Fields of `PageOptions`.

    Raises
    ------
    QueryError
        When the ending or an option is not known.
    """
    data, recipe = picture_bytes(dataset, view, out.suffix.lower(), PageOptions(**options))
    out.write_bytes(data)
    return recipe


def picture_bytes(
    dataset: Dataset, view: View, suffix: str, options: PageOptions | None = None
) -> tuple[bytes, Recipe]:
    """Draw a view to the bytes of a page; the same view, data, options and version give the same bytes."""
    if suffix not in PICTURES:
        msg = f"{suffix!r} is not a picture; a view is drawn to {', '.join(PICTURES)}."
        raise QueryError(msg)
    chosen = dated(options or PageOptions())
    recipe = recipe_for(dataset, view, chosen, suffix.removeprefix("."))
    with drawing_settings():
        page, words = make_page(dataset, view, chosen, recipe)
        return PICTURES[suffix](page, words, recipe, chosen.dpi), recipe


def make_page(dataset: Dataset, view: View, options: PageOptions, recipe: Recipe) -> tuple[Page, Words]:
    """Lay out the page of a view."""
    dataset = released(dataset, public=view.public)
    answer = dataset.store.ask(view.selection, by=view.colour_by)
    words = retitled(words_for(dataset, answer, draw(dataset.store, answer, view), view), options)
    return lay_out(dataset.store, answer, view, words, options, stamp_text(options, recipe)), words


def dated(options: PageOptions) -> PageOptions:
    """Fill in the day of production: today, or that of SOURCE_DATE_EPOCH (reproducible-builds.org)."""
    if options.produced:
        return options
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    today = datetime.fromtimestamp(int(epoch), UTC).date() if epoch else date.today()  # noqa: DTZ011  the maker's own day
    return replace(options, produced=today.isoformat())


def stamp_text(options: PageOptions, recipe: Recipe) -> str:
    """Write the small print that names maker, version, recipe and data."""
    parts = [f"{options.status} {options.version}", f"produced {options.produced}", options.producer, options.contact]
    parts += [
        f"recipe {recipe.id}",
        f"data {recipe.data_sha256[:12]}",
        f"code {recipe.version}+{recipe.code_sha256[:8]}",
    ]
    return "  ·  ".join(part for part in parts if part)


def _png(page: Page, words: Words, recipe: Recipe, dpi: int) -> bytes:
    out = io.BytesIO()
    FigureCanvasAgg(page.figure)
    metadata = {"Title": words.title, "Software": None, "Description": alt_text(words), "Recipe": recipe.to_json()}
    page.figure.savefig(out, format="png", dpi=dpi, metadata=metadata, pil_kwargs={"compress_level": 3})
    return out.getvalue()


def _pdf(page: Page, words: Words, recipe: Recipe, dpi: int) -> bytes:
    out = io.BytesIO()
    FigureCanvasPdf(page.figure)
    metadata = {
        "Title": words.title, "Subject": words.sentence, "Keywords": recipe.to_json(), "Creator": "Incident Atlas",
        "Producer": None, "CreationDate": None,
    }  # fmt: skip
    page.figure.savefig(out, format="pdf", dpi=min(dpi, 300), metadata=metadata)
    return out.getvalue()


def _svg(page: Page, words: Words, recipe: Recipe, dpi: int) -> bytes:
    del dpi  # nothing in it has a resolution
    return svg_bytes(page.figure, page.texts, title=words.title, description=alt_text(words), recipe=recipe.to_json())


def alt_text(words: Words) -> str:
    """Describe the page for a reader who cannot see it."""
    return f"Map. {words.title}. {words.counts}. {words.events}. {words.window}. {words.as_of}."


#: Painters of pages by file ending.
PICTURES: dict[str, Callable[[Page, Words, Recipe, int], bytes]] = {".png": _png, ".pdf": _pdf, ".svg": _svg}
