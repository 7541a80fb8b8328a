"""Commands that read incident files of others and compare versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.cli_options import AsJson, json_text, plain, progress_bar, told_problem
from geodata.errors import AtlasError


def import_files(
    files: Annotated[
        list[str], typer.Argument(help="Files, folders or addresses: CSV, XLSX, JSON, GeoJSON, KML, GPKG, zip ...")
    ],
    out: Annotated[Path | None, typer.Option(help="Write the records in this project's layout.")] = None,
    quarantine: Annotated[
        Path | None, typer.Option(help="Folder for refused rows, in their own layout with reasons.")
    ] = None,
    online: Annotated[
        list[str] | None, typer.Option("--online", help="Host whose addresses may be asked, by name; repeat.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read incident files as they are, say what they are, and what became of every row."""
    from geodata.formats.importing import Choices
    from geodata.formats.report import import_report

    with _error_as_json(wanted=as_json), progress_bar("reading") as bar:
        report = import_report(
            files, choices=Choices(hosts=tuple(online or ())), out=out, quarantine=quarantine, progress=_part(bar)
        )
    if as_json:
        typer.echo(json_text(report))
        return
    typer.echo(plain(f"{report['profile']}: {'; '.join(map(str, report['evidence']))}"))
    typer.echo(f"read {report['read']:,} = kept {report['kept']:,} + rejected {report['rejected']:,}")
    typer.echo(f"placed {report['placed']:,}, not placed {report['not_placed']:,}")
    for table in report["files"]:
        for line in _told(table):
            typer.echo(f"  {plain(line)}")
    for question in report["questions"]:
        typer.echo(f"  to decide: {question}")
    if out:
        typer.echo(f"wrote {out}")


@contextmanager
def _error_as_json(*, wanted: bool) -> Iterator[None]:
    """Answer a program in JSON also when nothing could be read; the sentence for people follows as always."""
    try:
        yield
    except AtlasError as error:
        if wanted:
            typer.echo(json_text({"error": str(error)}, indent=None))
        raise


def _part(bar: Callable[[int, int], None] | None) -> Callable[[str, float], None] | None:
    """Return what moves a bar by the part of the work that is done."""
    return None if bar is None else lambda _, part: bar(round(1000 * part), 1000)


def _told(table: dict[str, Any]) -> Iterator[str]:
    """Yield what a person should know of one table, a line each."""
    if "error" in table:
        yield f"{table['file']}: {table['error']}"
        return
    yield f"{table['file']}: {table['title']}, read {table['read']:,}, kept {table['kept']:,}"
    for other in table["alternatives"]:
        yield f"could also be {other['title']}: {other['evidence']}"
    for flag in table["flags"]:
        yield f"{flag['records']:,} records: {flag['text']}"
    yield from table["notes"]
    for row in table["rejected"]:
        yield f"{row['file']} line {row['line']}, {told_problem(row)}"
        yield from (f"  also {told_problem(other)}" for other in row["others"])


def diff(
    old: Annotated[Path, typer.Argument(help="The earlier version.")],
    new: Annotated[Path, typer.Argument(help="The later version.")],
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a dataset: new, changed and withdrawn records, field by field."""
    from geodata.formats.report import diff_report

    with _error_as_json(wanted=as_json), progress_bar("reading") as bar:
        report: dict[str, Any] = diff_report(old, new, progress=_part(bar))
    if as_json:
        typer.echo(json_text(report))
        return
    typer.echo(report["summary"])
    for name, label in (("new_records", "new"), ("withdrawn", "withdrawn")):
        for record_id in report[name]:
            typer.echo(plain(f"  {label}: {record_id}"))
    for record in report["changed"]:
        for field in record["fields"]:
            typer.echo(plain(f"  changed: {record['id']} {field['column']}: {field['old']!r} -> {field['new']!r}"))
