"""Commands that read incident files of others and compare versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.cli_options import AsJson


def import_files(
    files: Annotated[list[Path], typer.Argument(help="Files or folders: CSV, XLSX, JSON, GeoJSON, KML, GPKG, zip ...")],
    out: Annotated[Path | None, typer.Option(help="Write the records in this project's layout.")] = None,
    quarantine: Annotated[
        Path | None, typer.Option(help="Folder for refused rows, in their own layout with reasons.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read incident files as they are, say what they are, and what became of every row."""
    from geodata.formats.report import import_report

    report = import_report(files, out=out, quarantine=quarantine)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2, default=str))
        return
    typer.echo(f"{report['profile']}: {'; '.join(map(str, report['evidence']))}")
    typer.echo(f"read {report['read']:,} = kept {report['kept']:,} + rejected {report['rejected']:,}")
    for table in report["files"]:
        for row in table.get("rejected", ()):
            typer.echo(
                f"  {row['file']} line {row['line']}, {row['column']}: {row['value']!r}: {row['reason']}; {row['fix']}"
            )
        if "error" in table:
            typer.echo(f"  {table['file']}: {table['error']}")
    for question in report["questions"]:
        typer.echo(f"  to decide: {question}")
    if out:
        typer.echo(f"wrote {out}")


def diff(
    old: Annotated[Path, typer.Argument(help="The earlier version.")],
    new: Annotated[Path, typer.Argument(help="The later version.")],
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a dataset: new, changed and withdrawn records, field by field."""
    from geodata.formats.report import diff_report

    report: dict[str, Any] = diff_report(old, new)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2, default=str))
        return
    typer.echo(report["summary"])
    for name, label in (("new_records", "new"), ("withdrawn", "withdrawn")):
        for record_id in report[name]:
            typer.echo(f"  {label}: {record_id}")
    for record in report["changed"]:
        for field in record["fields"]:
            typer.echo(f"  changed: {record['id']} {field['column']}: {field['old']!r} -> {field['new']!r}")
