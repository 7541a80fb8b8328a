"""Commands that make products of a view and read them again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.cli_options import UNREADABLE, AsJson, DataFile, ViewQuery, dataset_and_view


def render(
    out: Annotated[
        Path, typer.Option(help="File to write; its ending chooses the format (.pdf, .png, .svg, .html ...).")
    ],
    view: ViewQuery = "",
    data: DataFile = None,
    page: Annotated[str, typer.Option(help="a4-landscape, a4-portrait, letter-..., a3-..., slide.")] = "a4-landscape",
    dpi: Annotated[int, typer.Option(help="Resolution of a PNG.", min=96, max=600)] = 300,
    title: Annotated[str, typer.Option(help="Your title; written from the selection when left out.")] = "",
    takeaway: Annotated[str, typer.Option(help="One line under the title.")] = "",
    marking: Annotated[str, typer.Option(help="Handling marking, such as TLP:AMBER.")] = "",
    producer: Annotated[str, typer.Option(help="Who made it.")] = "Incident Atlas",
    contact: Annotated[str, typer.Option(help="Whom to ask.")] = "",
    status: Annotated[str, typer.Option(help="New, Update or Correction.")] = "New",
    accept: Annotated[
        list[str] | None, typer.Option(help="Linter code=reason, for an error you accept; repeat.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="Make the product of a recipe again; other choices are not read.")
    ] = None,
) -> None:
    """Draw a view as a finished product: page, slide, film, map in one file."""
    from dashboard.products.export import write_product
    from dashboard.products.verify import read_recipe, remake
    from geodata.dataset import data_path, load_dataset

    if recipe:
        out.write_bytes(remake(read_recipe(recipe), load_dataset(data or data_path())))
    else:
        dataset, asked = dataset_and_view(data, view)
        overrides = dict(pair.split("=", 1) for pair in accept or () if "=" in pair)
        choices: dict[str, Any] = {
            "page": page, "dpi": dpi, "title": title, "takeaway": takeaway, "marking": marking, "producer": producer,
            "contact": contact, "status": status, "overrides": overrides,
        }  # fmt: skip
        write_product(dataset, asked, out, **choices)
    typer.echo(f"wrote {out}")


def export(
    out: Annotated[Path, typer.Option(help="File to write: .csv, .geojson, .xlsx, .gpkg or .kmz.")],
    view: ViewQuery = "",
    data: DataFile = None,
) -> None:
    """Write the records of a view."""
    dataset, asked = dataset_and_view(data, view)
    if out.suffix.lower() in (".csv", ".geojson", ".json"):
        from dashboard.products.data import write_records

        n = write_records(dataset, asked, out)
    else:
        from dashboard.products.export import write_product

        write_product(dataset, asked, out)
        n = len(dataset.store.ask(asked.selection).rows)
    typer.echo(f"wrote {n:,} records to {out}")


def pack(
    out: Annotated[Path, typer.Option(help="PDF to write.")],
    view: ViewQuery = "",
    data: DataFile = None,
    atlas: Annotated[
        str, typer.Option(help="Make an atlas instead: governorate, month or week, a page for each.")
    ] = "",
    marking: Annotated[str, typer.Option(help="Handling marking, such as TLP:AMBER.")] = "",
    title: Annotated[str, typer.Option(help="Your title.")] = "",
) -> None:
    """Write the briefing pack of a view, or an atlas of it, as one PDF."""
    from dashboard.products.export import atlas_bytes, pack_bytes
    from dashboard.products.job import job_for
    from dashboard.products.options import PageOptions
    from dashboard.products.page import dated

    dataset, asked = dataset_and_view(data, view)
    job = job_for(dataset, asked, dated(PageOptions(marking=marking, title=title)), "pdf")
    out.write_bytes(atlas_bytes(job, atlas) if atlas else pack_bytes(job))
    typer.echo(f"wrote {out}")


def verify(
    product: Annotated[Path, typer.Argument(help="A product of this project.")],
    data: DataFile = None,
    as_json: AsJson = False,
) -> None:
    """Say which data and code made a product, and whether they still match; exit 2 when they do not."""
    from dashboard.products.verify import verify as check
    from geodata.dataset import data_path, load_dataset

    verdict = check(product, load_dataset(data or data_path()))
    if as_json:
        typer.echo(json.dumps(asdict(verdict), ensure_ascii=False, indent=2, default=str))
    else:
        for line in verdict.sentences():
            typer.echo(line)
    if not (verdict.data_matches and verdict.code_matches and verdict.bytes_match is not False):
        raise typer.Exit(UNREADABLE)
