"""The command `incidents`. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import gc
import os
import sys
import webbrowser
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dashboard import cli_bench, cli_files, cli_places, cli_products
from dashboard.cli_options import (
    UNREADABLE,
    AsJson,
    Contact,
    DataFiles,
    OnlineHost,
    json_text,
    online_geocoder,
    plain,
    told_problem,
)
from geodata.data_files import data_path, data_paths, use_data
from geodata.errors import AtlasError
from geodata.fetched import HOSTS_VARIABLE
from geodata.online import ONLINE_VARIABLE

cli = typer.Typer(
    name="incidents",
    help="Incident Atlas: an incident map that cannot quietly lie.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def main() -> None:
    """Run the command line; the project's own errors end in one sentence, not a traceback."""
    try:
        cli()
    except AtlasError as error:
        typer.echo(plain(f"incidents: {error}"), err=True)
        sys.exit(UNREADABLE)
    except OSError as error:  # a folder that does not exist, no right to write, a full disk
        if error.filename is None:
            raise
        name, reason = Path(str(error.filename)).name, error.strerror or "the system refused"
        typer.echo(f"incidents: {name!r} cannot be opened or written ({reason}): check its folder.", err=True)
        sys.exit(UNREADABLE)


@cli.command()
def serve(
    data: DataFiles = None,
    port: Annotated[int, typer.Option(help="TCP port.", min=1, max=65535)] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on; anything but loopback shows the records to others.")
    ] = "127.0.0.1",
    online_files: Annotated[
        list[str] | None,
        typer.Option("--online-files", help="Host that the page may fetch files from, by name; none when left out."),
    ] = None,
    online: OnlineHost = "",
    contact: Contact = "",
    open_browser: Annotated[bool, typer.Option("--open", help="Open a browser window on the page.")] = False,
) -> None:
    """Start the dashboard."""
    use_data(*(data or data_paths()))
    os.environ[HOSTS_VARIABLE] = " ".join(online_files or ())
    places = online_geocoder(online, contact)
    os.environ[ONLINE_VARIABLE] = f"{places.host} {places.contact}" if places else ""
    url = f"http://{'127.0.0.1' if address in ('0.0.0.0', '::') else address}:{port}"  # noqa: S104  compared, not bound
    gc.disable()  # among modules and records there is no garbage; the server turns the search on once they are loaded
    from dashboard.server import serve as start

    start(
        port=port,
        address=address,
        listening=partial(webbrowser.open, url) if open_browser else None,
        ready=lambda: typer.echo(f"Incident Atlas on {url}  (stop with Ctrl+C)"),
    )


@cli.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="File of incidents; the shipped records when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read a file, place its records, and list what was rejected or could not be placed."""
    from geodata.dataset import load_dataset

    try:
        report = load_dataset(file or data_path()).report()
    except AtlasError as error:
        if as_json:
            typer.echo(json_text({"error": str(error)}, indent=None))
        typer.echo(plain(f"incidents: {error}"), err=True)
        raise typer.Exit(UNREADABLE) from error
    if as_json:
        typer.echo(json_text(report))
        return
    typer.echo(f"read {report['read']:,} = kept {report['kept']:,} + rejected {len(report['rejected']):,}")
    typer.echo(f"placed {report['placed']:,}, not placed {len(report['not_placed']):,}")
    for note in report["notes"]:
        typer.echo(plain(f"  {note}"))
    for row in report["rejected"]:
        typer.echo(plain(f"  line {row['line']}, {told_problem(row)}"))
        for other in row["others"]:
            typer.echo(plain(f"    also {told_problem(other)}"))
    for row in report["not_placed"]:
        typer.echo(plain(f"  {row['id']}: {row['place']!r} not placed: {row['reason']}"))


@cli.command()
def codebook() -> None:
    """Print what every column and code means, as Markdown."""
    from geodata.codebook import codebook as text

    typer.echo(text(), nl=False)


cli.command()(cli_places.geocode)
cli.add_typer(cli_places.gazetteer, name="gazetteer")
cli.add_typer(cli_bench.bench, name="bench")
cli.command()(cli_products.render)
cli.command()(cli_products.export)
cli.command()(cli_products.pack)
cli.command()(cli_products.verify)
cli.command("import")(cli_files.import_files)
cli.command()(cli_files.diff)
