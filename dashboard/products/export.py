"""Every format a view can be written to, in one table; the command line and the page list it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from dashboard.products.atlas import atlas_pages
from dashboard.products.data import geojson_bytes, records_csv, records_geojson
from dashboard.products.film import gif_bytes
from dashboard.products.geopackage import geopackage_bytes
from dashboard.products.google_earth import kmz_bytes
from dashboard.products.job import Job, job_for
from dashboard.products.linter import Finding, lint, refuse
from dashboard.products.options import PageOptions
from dashboard.products.pack import pack_pages
from dashboard.products.page import dated, picture_bytes
from dashboard.products.recipe import Recipe
from dashboard.products.single_file import html_bytes
from dashboard.products.slides import slides_bytes
from dashboard.products.table import about, codebook
from dashboard.products.workbook import workbook_bytes
from dashboard.snapshot.ink import drawing_settings
from dashboard.view import View
from geodata.dataset import Dataset
from geodata.errors import QueryError


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: its ending, what a reader calls it, its media type, and its writer."""

    suffix: str
    label: str
    media_type: str
    write: Callable[[Job], bytes]


def write_product(dataset: Dataset, view: View, out: Path, **options: Any) -> Recipe:
    """Write a view to a file of any format and return its recipe.

    Parameters
    ----------
    out
        File to write; its ending chooses the format.
    **options
        Fields of `PageOptions`; its `overrides` name the linter's errors that are accepted, each with its reason.

    Raises
    ------
    QueryError
        When the ending is not known, or the linter finds an error that no reason overrides.
    """
    data, recipe = product_bytes(dataset, view, out.suffix.lower(), PageOptions(**options))
    out.write_bytes(data)
    return recipe


def product_bytes(dataset: Dataset, view: View, suffix: str, options: PageOptions) -> tuple[bytes, Recipe]:
    """Make a product's bytes, after the linter."""
    if suffix not in FORMATS:
        msg = f"{suffix!r} is not a product; a view is written to {', '.join(FORMATS)}."
        raise QueryError(msg)
    job = job_for(dataset, view, dated(options), suffix.removeprefix("."))
    refuse(findings_of(job), options.overrides)
    return FORMATS[suffix].write(job), job.recipe


def findings_of(job: Job) -> tuple[Finding, ...]:
    """Lint a job."""
    return lint(job.dataset, job.answer, job.drawing, job.view, job.options)


def pack_bytes(job: Job) -> bytes:
    """Write the briefing pack as one PDF."""
    return _pdf_of(job, pack_pages(job))


def atlas_bytes(job: Job, by: str = "governorate") -> bytes:
    """Write the atlas as one PDF; `by` is governorate, month or week."""
    return _pdf_of(job, atlas_pages(job, by))


def _pdf_of(job: Job, pages: Iterator[Figure]) -> bytes:
    out = io.BytesIO()
    metadata = {
        "Title": job.words.title,
        "Subject": job.words.sentence,
        "Keywords": job.recipe.to_json(),
        "Creator": "Incident Atlas",
        "Producer": None,
        "CreationDate": None,
    }
    with drawing_settings(), PdfPages(out, metadata=metadata) as pdf:
        for figure in pages:
            pdf.savefig(figure, dpi=min(job.options.dpi, 300))
    return out.getvalue()


def _picture(suffix: str) -> Callable[[Job], bytes]:
    return lambda job: picture_bytes(job.dataset, job.view, suffix, job.options)[0]


def _geojson(job: Job) -> bytes:
    """Write GeoJSON with what a reader of the bare file must know (RFC 7946, 6.1, allows members of one's own)."""
    collection = records_geojson(job.dataset, job.answer, job.view)
    features = collection.pop("features")
    told = {matter: text for matter, text in about(job.words, job.recipe) if matter != "Recipe"}
    book = {entry.column: " ".join(filter(None, (entry.meaning, entry.values))) for entry in codebook()}
    recipe = json.loads(job.recipe.to_json())
    return geojson_bytes({**collection, "about": told, "codebook": book, "recipe": recipe, "features": features})


FORMATS: Mapping[str, Format] = {
    made.suffix: made
    for made in (
        Format(".pdf", "Page (PDF)", "application/pdf", _picture(".pdf")),
        Format(".png", "Page (PNG)", "image/png", _picture(".png")),
        Format(".svg", "Page (SVG)", "image/svg+xml", _picture(".svg")),
        Format(".html", "Map in one file (HTML)", "text/html", html_bytes),
        Format(
            ".pptx",
            "Slides (PowerPoint)",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            slides_bytes,
        ),
        Format(".gif", "Film (GIF)", "image/gif", gif_bytes),
        Format(
            ".xlsx",
            "Workbook (Excel)",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            lambda job: workbook_bytes(job.dataset, job.answer, job.words, job.recipe),
        ),
        Format(".csv", "Table (CSV)", "text/csv", lambda job: records_csv(job.dataset, job.answer)),
        Format(".geojson", "GeoJSON", "application/geo+json", _geojson),
        Format(".gpkg", "GeoPackage", "application/geopackage+sqlite3", geopackage_bytes),
        Format(".kmz", "Google Earth (KMZ)", "application/vnd.google-earth.kmz", kmz_bytes),
    )
}
