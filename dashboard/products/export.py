"""Every format a view can be written to, in one table; the command line and the page list it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from dashboard.products.atlas import BY, atlas_pages
from dashboard.products.data import geojson_bytes, records_csv, records_geojson
from dashboard.products.film import gif_bytes, mp4_bytes
from dashboard.products.geopackage import geopackage_bytes
from dashboard.products.google_earth import kmz_bytes
from dashboard.products.job import Job, job_for
from dashboard.products.linter import lint, refuse
from dashboard.products.options import PageOptions
from dashboard.products.pack import pack_pages
from dashboard.products.page import PICTURES, dated, pdf_metadata
from dashboard.products.recipe import CSV_RECIPE, Recipe
from dashboard.products.single_file import html_bytes
from dashboard.products.slides import slides_bytes
from dashboard.products.table import about, codebook
from dashboard.products.tagging import tagged
from dashboard.products.workbook import workbook_bytes
from dashboard.snapshot.ink import drawing_settings
from dashboard.snapshot.tags import kept_marks
from dashboard.view import View
from geodata.dataset import Dataset
from geodata.errors import QueryError

#: Longest place in the name of a file.
LONGEST_SHORT_NAME = 32


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of product: its ending, what a reader calls it, its media type, and its writer."""

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


def product_bytes(dataset: Dataset, view: View, kind: str, options: PageOptions) -> tuple[bytes, Recipe]:
    """Make a product's bytes, after the linter; `kind` is an ending of `FORMATS` or a name of `BOOKS`."""
    job = ordered(dataset, view, kind, options)
    return format_of(kind).write(job), job.recipe


def ordered(dataset: Dataset, view: View, kind: str, options: PageOptions, *, strict: bool = True) -> Job:
    """Make the job of a product; what the linter does not let pass is refused, unless `strict` is off.

    Raises
    ------
    QueryError
        When there is no such kind of product, or the linter finds an error that no reason overrides.
    """
    format_of(kind)
    job = job_for(dataset, view, dated(options), kind.removeprefix("."))
    if strict:
        refuse(lint(job), options.overrides)
    return job


def records_bytes(dataset: Dataset, view: View, kind: str) -> bytes:
    """Write the records as they stand on the screen: working data for the analyst, not linted as a product is."""
    return format_of(kind).write(ordered(dataset, view, kind, PageOptions(), strict=False))


def format_of(kind: str) -> Format:
    """Find a kind of product.

    Raises
    ------
    QueryError
        When there is none of that ending or name.
    """
    found = FORMATS.get(kind) or BOOKS.get(kind)
    if found is None:
        msg = f"{kind!r} is not a product; a view is written to {', '.join((*FORMATS, *BOOKS))}."
        raise QueryError(msg)
    return found


def remake(recipe: Recipe, dataset: Dataset) -> bytes:
    """Make a product again from its recipe, whatever the linter says of it today.

    Raises
    ------
    QueryError
        When the data at hand, what was decided about its places, or the user's gazetteers are not the recipe's.
    """
    if recipe.data_sha256 != dataset.sha256:
        msg = (
            f"The recipe was made from {recipe.data_name} {recipe.data_sha256[:12]}, the data at hand is "
            f"{dataset.label} {dataset.sha256[:12]}; give the file it was made from with --data."
        )
        raise QueryError(msg)
    if recipe.decisions_sha256 != dataset.decisions_sha256:
        msg = (
            f"The recipe was made with the place decisions {recipe.decisions_sha256[:12] or '(none)'}, those at hand "
            f"are {dataset.decisions_sha256[:12] or '(none)'}; put the file of decisions back beside the records."
        )
        raise QueryError(msg)
    if recipe.gazetteers_sha256 != dataset.gazetteers_sha256:
        msg = (
            f"The recipe was made with the user's gazetteers {recipe.gazetteers_sha256[:12] or '(none)'}, those at "
            f"hand are {dataset.gazetteers_sha256[:12] or '(none)'}; add or remove them: incidents gazetteer list."
        )
        raise QueryError(msg)
    kind = recipe.format if recipe.format in BOOKS else f".{recipe.format}"
    view, _ = View.from_query(recipe.view)
    return format_of(kind).write(job_for(dataset, view, PageOptions.from_record(recipe.options), recipe.format))


def product_name(job: Job) -> str:
    """Name a file `INC_baghdad_A4_20261122_TLP-AMBER`, without its ending (OCHA's naming: what, where, page, day)."""
    place = "-".join(re.findall(r"[a-z0-9]+", job.words.title.partition(":")[0].lower()))[:LONGEST_SHORT_NAME]
    parts = ["INC", place.strip("-") or "atlas", job.options.page.split("-")[0].upper()]
    parts.append(job.options.produced.replace("-", ""))
    if job.options.marking:
        parts.append(re.sub(r"[^A-Z0-9+]+", "-", job.options.marking.upper()).strip("-"))
    return "_".join(parts)


def _pdf_of(job: Job, pages: Iterator[Figure]) -> bytes:
    out = io.BytesIO()
    with drawing_settings(), kept_marks() as marks, PdfPages(out, metadata=pdf_metadata(job)) as pdf:
        for figure in pages:
            pdf.savefig(figure, dpi=min(job.options.dpi, 300))
    return tagged(out.getvalue(), marks)


def _atlas(by: str) -> Callable[[Job], bytes]:
    return lambda job: _pdf_of(job, atlas_pages(job, by))


def _csv(job: Job) -> bytes:
    """Write CSV whose last column tells, in its first row, what a reader of the bare file must know.

    Lines above the head or below the last record would be taken for records by the programs that read the file.
    """
    book = [f"{entry.column}: {' '.join(filter(None, (entry.meaning, entry.values)))}" for entry in codebook()]
    lines = [f"{matter}: {text}" for matter, text in about(job.words, job.recipe) if matter != "Recipe"]
    told = "\n".join([*lines, "Codebook:", *book, f"{CSV_RECIPE}{job.recipe.to_json()}"])
    return records_csv(job.dataset, job.answer, about=told, coordinates=job.view.coordinates)


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
        Format(".pdf", "Page (PDF)", "application/pdf", PICTURES[".pdf"]),
        Format(".png", "Page (PNG)", "image/png", PICTURES[".png"]),
        Format(".svg", "Page (SVG)", "image/svg+xml", PICTURES[".svg"]),
        Format(".html", "Map in one file (HTML)", "text/html", html_bytes),
        Format(
            ".pptx",
            "Slides (PowerPoint)",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            slides_bytes,
        ),
        Format(".gif", "Film (GIF)", "image/gif", gif_bytes),
        Format(".mp4", "Film (MP4)", "video/mp4", mp4_bytes),
        Format(
            ".xlsx",
            "Workbook (Excel)",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            lambda job: workbook_bytes(job.dataset, job.answer, job.words, job.recipe, job.view.coordinates),
        ),
        Format(".csv", "Table (CSV)", "text/csv", _csv),
        Format(".geojson", "GeoJSON", "application/geo+json", _geojson),
        Format(".gpkg", "GeoPackage", "application/geopackage+sqlite3", geopackage_bytes),
        Format(".kmz", "Google Earth (KMZ)", "application/vnd.google-earth.kmz", kmz_bytes),
    )
}

#: Products of many pages, by name: all are PDF files.
BOOKS: Mapping[str, Format] = {
    "pack": Format(".pdf", "Briefing pack (PDF)", "application/pdf", lambda job: _pdf_of(job, pack_pages(job))),
    **{f"atlas-{by}": Format(".pdf", f"Atlas by {by} (PDF)", "application/pdf", _atlas(by)) for by in BY},
}
