"""A view as a finished page: PNG, PDF or SVG."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from dashboard.products.content import alt_text
from dashboard.products.job import Job, job_for
from dashboard.products.layout import Page, lay_out
from dashboard.products.options import PageOptions
from dashboard.products.png import png_file
from dashboard.products.recipe import Recipe
from dashboard.products.svg import svg_bytes
from dashboard.products.table import version_text
from dashboard.products.tagging import tagged
from dashboard.snapshot.ink import drawing_settings
from dashboard.snapshot.tags import kept_marks
from dashboard.view import View
from geodata.dataset import Dataset
from geodata.errors import QueryError


def picture_bytes(
    dataset: Dataset, view: View, suffix: str, options: PageOptions | None = None
) -> tuple[bytes, Recipe]:
    """Draw a view to the bytes of a page, whatever the linter says of it.

    Raises
    ------
    QueryError
        When the ending is no picture's.
    """
    if suffix not in PICTURES:
        msg = f"{suffix!r} is not a picture; a view is drawn to {', '.join(PICTURES)}."
        raise QueryError(msg)
    job = job_for(dataset, view, dated(options or PageOptions()), suffix.removeprefix("."))
    return PICTURES[suffix](job), job.recipe


def make_page(job: Job) -> Page:
    """Lay out the page of a job; `drawing_settings` must hold."""
    stamp = stamp_text(job.options, job.recipe)
    return lay_out(job.store, job.answer, job.view, job.words, job.options, stamp)


def dated(options: PageOptions) -> PageOptions:
    """Fill in the day of production: today, or that of SOURCE_DATE_EPOCH (reproducible-builds.org)."""
    if options.produced:
        return options
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    today = datetime.fromtimestamp(int(epoch), UTC).date() if epoch else date.today()  # noqa: DTZ011  the maker's own day
    return replace(options, produced=today.isoformat())


def stamp_text(options: PageOptions, recipe: Recipe) -> str:
    """Write the small print that names maker, version, recipe and data."""
    version = version_text(options.status, options.version)
    parts = [version, f"produced {options.produced}", options.producer, options.contact]
    parts += [
        f"recipe {recipe.id}",
        f"data {recipe.data_sha256[:12]}",
        f"code {recipe.version}+{recipe.code_sha256[:8]}",
    ]
    return "  ·  ".join(part for part in parts if part)


def _png(job: Job) -> bytes:
    texts = {"Title": job.words.title, "Description": alt_text(job.words), "Recipe": job.recipe.to_json()}
    with drawing_settings():
        return png_bytes(make_page(job).figure, job.options.dpi, texts)


def png_bytes(figure: Figure, dpi: int, texts: Mapping[str, str]) -> bytes:
    """Draw a figure to a PNG that carries some texts."""
    figure.dpi = dpi
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
    return png_file(np.asarray(canvas.buffer_rgba()), dpi, texts)  # type: ignore[no-untyped-call]  # likewise


def _pdf(job: Job) -> bytes:
    out = io.BytesIO()
    with drawing_settings():
        figure = make_page(job).figure
        FigureCanvasPdf(figure)
        with kept_marks() as marks:
            figure.savefig(out, format="pdf", dpi=min(job.options.dpi, 300), metadata=pdf_metadata(job))
    return tagged(out.getvalue(), marks)


def pdf_metadata(job: Job) -> dict[str, str | None]:
    """Write what a PDF says of itself, without a time of day."""
    return {
        "Title": job.words.title, "Subject": job.words.sentence, "Keywords": job.recipe.to_json(),
        "Creator": "Incident Atlas", "Producer": None, "CreationDate": None,
    }  # fmt: skip


def _svg(job: Job) -> bytes:
    with drawing_settings():
        page = make_page(job)
        return svg_bytes(
            page.figure,
            page.texts,
            title=job.words.title,
            description=alt_text(job.words),
            recipe=job.recipe.to_json(),
        )


#: Painters of pages by file ending.
PICTURES: dict[str, Callable[[Job], bytes]] = {".png": _png, ".pdf": _pdf, ".svg": _svg}
