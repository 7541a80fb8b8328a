"""The command `incidents bench`: the page, the geocoder, the products, each measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

bench = typer.Typer(
    name="bench",
    help="Measure: the page in a real browser; `bench places` and `bench products` measure those.",
    invoke_without_command=True,
)

JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file, too.")]


@bench.callback()
def page(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer moves, no 5,000,000 records.")] = False,
    peers: Annotated[bool, typer.Option(help="Measure the usual other ways to draw the same points.")] = True,
    json_file: JsonFile = None,
) -> None:
    """Measure the page on seeded records in a real browser, beside an empty Streamlit page and peers."""
    if context.invoked_subcommand:
        return
    from dashboard.bench.run import run_bench

    run_bench(quick=quick, json_file=json_file, peers=peers, say=typer.echo)


@bench.command()
def places(
    timings: Annotated[bool, typer.Option(help="Measure the time as well; it takes a minute.")] = True,
    json_file: JsonFile = None,
) -> None:
    """Measure how well and how fast places are found, on the texts kept for development."""
    from geodata.place_bench import places_report

    _tell(places_report(timings=timings), json_file)


@bench.command()
def products(
    data: Annotated[Path | None, typer.Option("--data", help="File of incidents.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A tenth of the records, one repetition, no other tools.")
    ] = False,
    json_file: JsonFile = None,
) -> None:
    """Measure how long each finished product takes; what is being measured is told meanwhile."""
    from dashboard.bench.product_runs import products_report

    def say(line: str) -> None:
        typer.echo(line, err=True)

    _tell({"Products": products_report(data=data, quick=quick, say=say)}, json_file)


def _tell(report: Mapping[str, Sequence[Mapping[str, Any]]], json_file: Path | None) -> None:
    if json_file:
        json_file.write_text(json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    for title, rows in report.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        cells = [names, *([_cell(row.get(name, "")) for name in names] for row in rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
        typer.echo(f"\n{title}")
        for line in cells:
            typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
