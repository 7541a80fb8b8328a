"""The command `incidents`. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import json
import os
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from dashboard import cli_bench, cli_files, cli_products
from dashboard.cli_options import UNREADABLE, AsJson, DataFiles, plain, progress_bar, told_problem
from geodata.errors import AtlasError

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
    open_browser: Annotated[bool, typer.Option("--open", help="Open a browser window on the page.")] = False,
) -> None:
    """Start the dashboard."""
    from dashboard.server import serve as start
    from geodata.dataset import current_dataset, data_paths, use_data
    from geodata.fetched import HOSTS_VARIABLE

    use_data(*(data or data_paths()))
    os.environ[HOSTS_VARIABLE] = " ".join(online_files or ())
    current_dataset()  # a file that cannot be read is told here, before a server starts
    url = f"http://{'127.0.0.1' if address in ('0.0.0.0', '::') else address}:{port}"  # noqa: S104  compared, not bound
    typer.echo(f"Incident Atlas on {url}  (stop with Ctrl+C)")
    if open_browser:
        threading.Timer(1.5, webbrowser.open, args=(url,)).start()
    start(port=port, address=address)


@cli.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="File of incidents; the shipped records when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read a file, place its records, and list what was rejected or could not be placed."""
    from geodata.dataset import data_path, load_dataset

    try:
        report = load_dataset(file or data_path()).report()
    except AtlasError as error:
        if as_json:
            typer.echo(json.dumps({"error": str(error)}, ensure_ascii=False))
        typer.echo(plain(f"incidents: {error}"), err=True)
        raise typer.Exit(UNREADABLE) from error
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
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
def geocode(
    place: Annotated[str, typer.Argument(help="Place as reported, or coordinates.")] = "",
    admin1: Annotated[str, typer.Option(help="Governorate or province that is stated.")] = "",
    admin2: Annotated[str, typer.Option(help="District that is stated.")] = "",
    country: Annotated[str, typer.Option(help="Country that is stated.")] = "",
    site: Annotated[str, typer.Option(help="Facility that is named.")] = "",
    file: Annotated[Path | None, typer.Option(help="Geocode the column `place` of a CSV file in bulk.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV to write, with --file.")] = None,
    coordinates: Annotated[
        str, typer.Option(help="How the point is written: decimal, dms, utm, mgrs or plus.")
    ] = "decimal",
    as_json: AsJson = False,
) -> None:
    """Find a place, with the proof and what else could be meant; or all places of a file."""
    from dashboard.words import kilometres
    from geodata.bulk_geocode import geocode_file, geocode_one
    from geodata.coordinates import write_coordinates
    from geodata.dataset import shared_geocoder

    if file:
        target = out or file.with_name(f"{file.stem}.geocoded.csv")
        with progress_bar("geocoding") as bar:
            result = geocode_file(file, target, geocoder=shared_geocoder(), progress=bar)
        typer.echo(f"{result.placed:,} of {result.rows:,} rows placed; wrote {target}")
        return
    found = geocode_one(place, admin1=admin1, admin2=admin2, country=country, site=site, geocoder=shared_geocoder())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    answer = found["answer"]
    if answer is None:
        typer.echo(f"not placed: {found['reason']}")
    else:
        typer.echo(f"{answer['name']} ({answer['kind']}), {answer['admin1']}, {answer['country']}")
        if not answer["area_id"]:  # an area's anchor, written to the metre, would be taken for the place
            typer.echo(write_coordinates(answer["longitude"], answer["latitude"], coordinates))
        typer.echo(f"known to: {answer['precision']}, within {kilometres(answer['error_radius_m'])}")
        typer.echo(answer["why"])
    for candidate in found["candidates"][1:6]:
        typer.echo(f"  or {candidate['name']} ({candidate['kind']}), {candidate['admin1']}: {candidate['why']}")


gazetteer_cli = typer.Typer(help="Gazetteers of your own, beside the shipped one.", no_args_is_help=True)
cli.add_typer(gazetteer_cli, name="gazetteer")
cli.add_typer(cli_bench.bench, name="bench")


@gazetteer_cli.command("add")
def add_gazetteer(
    file: Annotated[Path, typer.Argument(help="GeoNames dump, NGA GNS file, OCHA p-codes (xlsx, csv), or a CSV.")],
    name: Annotated[str, typer.Option(help="How to call it.")] = "",
    kind: Annotated[str, typer.Option("--format", help="geonames, gns, ocha or csv; recognised when left out.")] = "",
    credit: Annotated[str, typer.Option(help="Credit line to print on products.")] = "",
    country: Annotated[str, typer.Option(help="ISO country code of rows that state none.")] = "",
    columns: Annotated[list[str] | None, typer.Option("--map", help="Our name=column of the file; repeat.")] = None,
) -> None:
    """Add a file of places to the geocoder."""
    from geodata import user_gazetteers

    mapping = dict(pair.split("=", 1) for pair in columns or () if "=" in pair)
    with progress_bar("reading") as bar:
        kept = user_gazetteers.add_gazetteer(
            file, name=name, file_format=kind, mapping=mapping, credit=credit, country=country, progress=bar
        )
    typer.echo(f"{kept.name}: {kept.places:,} places added, {kept.left_out:,} rows left out; credit: {kept.credit}")


@gazetteer_cli.command("list")
def list_gazetteers() -> None:
    """List the gazetteers you added."""
    from geodata.user_gazetteers import user_gazetteers

    for one in user_gazetteers():
        added = f"{one.source_file}, added {one.added}"
        typer.echo(f"{one.name}\t{one.places:,} places\t{one.format}\t{one.credit}\t{added}")


@gazetteer_cli.command("remove")
def remove_gazetteer(name: Annotated[str, typer.Argument(help="Its name, as listed.")]) -> None:
    """Remove a gazetteer you added."""
    from geodata import user_gazetteers

    user_gazetteers.remove_gazetteer(name)
    typer.echo(f"{name} removed")


@cli.command()
def codebook() -> None:
    """Print what every column and code means, as Markdown."""
    from geodata.codebook import codebook as text

    typer.echo(text(), nl=False)


cli.command()(cli_products.render)
cli.command()(cli_products.export)
cli.command()(cli_products.pack)
cli.command()(cli_products.verify)
cli.command("import")(cli_files.import_files)
cli.command()(cli_files.diff)
