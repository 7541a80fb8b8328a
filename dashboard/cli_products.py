"""Commands that make products of a view and read them again."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard.cli_options import UNREADABLE, AsJson, DataFiles, ViewQuery, dataset_and_view, json_text, opened, plain

if TYPE_CHECKING:
    from dashboard.view import View
    from geodata.dataset import Dataset

Page = Annotated[str, typer.Option(help="a4-landscape, a4-portrait, letter-..., a3-..., slide.")]
Dpi = Annotated[int, typer.Option(help="Resolution of a PNG.", min=96, max=600)]
Title = Annotated[str, typer.Option(help="Your title; written from the selection when left out.")]
Takeaway = Annotated[str, typer.Option(help="One line under the title.")]
Marking = Annotated[str, typer.Option(help="Handling marking, such as TLP:AMBER.")]
ProfileName = Annotated[
    str, typer.Option("--profile", help="Who may read it: internal, partner (checked records only) or public.")
]
Grid = Annotated[str, typer.Option(help="Lines around the map: graticule or mgrs.")]
Producer = Annotated[str, typer.Option(help="Who made it.")]
Contact = Annotated[str, typer.Option(help="Whom to ask; never on a public product.")]
Number = Annotated[str, typer.Option("--product-version", help="Version of the product.")]
Status = Annotated[str, typer.Option(help="New, Update or Correction.")]
Produced = Annotated[str, typer.Option(help="Day of production, ISO 8601; today when left out.")]
Accept = Annotated[
    list[str] | None, typer.Option(help="Linter code=reason, for an error you accept; the reason is printed. Repeat.")
]
Step = Annotated[str, typer.Option(help="Of a film: day, week or month; chosen for you when left out.")]
Cumulative = Annotated[bool, typer.Option("--cumulative", help="Of a film: keep what was shown before.")]
Seconds = Annotated[float, typer.Option(help="Of a film: how long each picture stands.")]


def _page_choices(
    page: Page = "a4-landscape",
    title: Title = "",
    takeaway: Takeaway = "",
    marking: Marking = "",
    profile: ProfileName = "internal",
    grid: Grid = "graticule",
    producer: Producer = "Incident Atlas",
    contact: Contact = "",
    number: Number = "1",
    status: Status = "New",
    produced: Produced = "",
    accept: Accept = None,
) -> dict[str, Any]:
    """Turn the options that every page has to the choices of `PageOptions`."""
    return {
        "page": page, "title": title, "takeaway": takeaway, "marking": marking, "profile": profile, "grid": grid,
        "producer": producer, "contact": contact, "version": number, "status": status, "produced": produced,
        "overrides": _overrides(accept),
    }  # fmt: skip


def _with_page_choices(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `_page_choices` beside its own; it gets them as `choices`."""
    shared = inspect.signature(_page_choices, eval_str=True).parameters
    own = [one for one in inspect.signature(command, eval_str=True).parameters.values() if one.name != "choices"]

    @wraps(command)
    def run(**given: Any) -> None:
        choices = _page_choices(**{name: given.pop(name) for name in shared})
        command(**given, choices=choices)

    parameters = [*own, *shared.values()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads the options from
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


@_with_page_choices
def render(
    choices: dict[str, Any],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; its ending chooses the format. Left out, the file is named for you."),
    ] = None,
    view: ViewQuery = "",
    data: DataFiles = None,
    dpi: Dpi = 300,
    step: Step = "",
    cumulative: Cumulative = False,
    seconds: Seconds = 0.8,
    kind: Annotated[
        str, typer.Option("--format", help="pdf, png, svg, html, pptx, mp4 ...; when --out is left out.")
    ] = "pdf",
    recipe: Annotated[
        Path | None, typer.Option(help="Product or recipe file to make again; other choices are not read.")
    ] = None,
) -> None:
    """Draw a view as a finished product: page, slide, film, map in one file."""
    if recipe:
        _make_again(recipe, data, out)
        return
    choices |= {"dpi": dpi, "step": step, "cumulative": cumulative, "seconds": seconds}
    dataset, asked = dataset_and_view(data, view)
    _write(dataset, asked, out, out.suffix.lower() if out else f".{kind.removeprefix('.')}", choices)


def export(
    out: Annotated[Path, typer.Option(help="File to write: .csv, .geojson, .xlsx, .gpkg or .kmz.")],
    view: ViewQuery = "",
    data: DataFiles = None,
    profile: ProfileName = "internal",
    marking: Marking = "",
    produced: Produced = "",
    accept: Accept = None,
) -> None:
    """Write the records of a view; working data (CSV and GeoJSON, internal) passes without the linter."""
    dataset, asked = dataset_and_view(data, view)
    working = out.suffix.lower() in (".csv", ".geojson") and profile == "internal"
    choices = {"profile": profile, "marking": marking, "produced": produced, "overrides": _overrides(accept)}
    _write(dataset, asked, out, out.suffix.lower(), choices, strict=not working)


@_with_page_choices
def pack(
    choices: dict[str, Any],
    out: Annotated[Path | None, typer.Option(help="PDF to write; left out, it is named for you.")] = None,
    view: ViewQuery = "",
    data: DataFiles = None,
    atlas: Annotated[
        str, typer.Option(help="Make an atlas instead: governorate, month or week, a page for each.")
    ] = "",
) -> None:
    """Write the briefing pack of a view, or an atlas of it, as one PDF."""
    dataset, asked = dataset_and_view(data, view)
    _write(dataset, asked, out, f"atlas-{atlas}" if atlas else "pack", choices)


def verify(
    product: Annotated[Path, typer.Argument(help="A product of this project.")],
    data: DataFiles = None,
    as_json: AsJson = False,
) -> None:
    """Say which data and code made a product, and whether they still match; exit 2 when they do not."""
    from dashboard.products.verify import verify as check

    verdict = check(product, opened(data))
    if as_json:
        typer.echo(json_text(asdict(verdict)))
    else:
        for line in verdict.sentences():
            typer.echo(line)
    if not verdict.holds:
        raise typer.Exit(UNREADABLE)


def _overrides(accept: list[str] | None) -> dict[str, str]:
    """Read `code=reason` pairs.

    Raises
    ------
    BadParameter
        When a pair has no reason: an error is never passed over in silence.
    """
    made = {}
    for pair in accept or ():
        code, _, reason = pair.partition("=")
        if not reason.strip():
            msg = f"{pair!r} gives no reason; write code=reason, such as no-source='withheld by agreement'."
            raise typer.BadParameter(msg, param_hint="--accept")
        made[code.strip()] = reason.strip()
    return made


def _write(
    dataset: Dataset, view: View, out: Path | None, kind: str, choices: dict[str, Any], *, strict: bool = True
) -> None:
    from dashboard.products.export import BOOKS, format_of, ordered, product_name
    from dashboard.products.linter import lint
    from dashboard.products.options import PageOptions
    from dashboard.words import counted

    made = format_of(kind)
    job = ordered(dataset, view, kind, PageOptions(**choices), strict=strict)
    path = out or Path(f"{product_name(job)}{f'_{kind}' if kind in BOOKS else ''}{made.suffix}")
    path.write_bytes(made.write(job))
    for finding in lint(job) if strict else ():
        typer.echo(plain(f"incidents: {finding.code}: {finding.message} {finding.fix}"), err=True)
    typer.echo(f"wrote {counted(job.answer.counts.shown, 'record')} to {path}")
    if job.words.redaction:
        typer.echo(job.words.redaction)


def _make_again(source: Path, data: list[Path] | None, out: Path | None) -> None:
    from dashboard.products.export import remake
    from dashboard.products.verify import read_recipe

    if out is None:
        msg = "A product that is made again needs the file to write."
        raise typer.BadParameter(msg, param_hint="--out")
    out.write_bytes(remake(read_recipe(source), opened(data)))
    typer.echo(f"wrote {out}")
