"""The commands `incidents geocode` and `incidents gazetteer`: places found, and places added."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard.cli_options import AsJson, Contact, OnlineHost, json_text, online_geocoder, plain, progress_bar
from geodata.errors import QueryError, ServiceError

if TYPE_CHECKING:
    from geodata.online import OnlineGeocoder

gazetteer = typer.Typer(help="Gazetteers of your own, beside the shipped one.", no_args_is_help=True)


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
    online: OnlineHost = "",
    contact: Contact = "",
    confirm_count: Annotated[
        int | None,
        typer.Option(help="With --file and --online: how many texts you agree to send, when no one can be asked."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find a place, with the proof and what else could be meant; or all places of a file. Offline unless --online."""
    from geodata.bulk_geocode import geocode_one
    from geodata.making import shared_geocoder

    service = online_geocoder(online, contact)
    if file:
        _geocode_file(file, out or file.with_name(f"{file.stem}.geocoded.csv"), service, confirm_count)
        return
    found = geocode_one(place, admin1=admin1, admin2=admin2, country=country, site=site, geocoder=shared_geocoder())
    if not as_json:
        _tell(found, coordinates)
    problem = _ask(found, service) if service else None
    if as_json:
        typer.echo(json_text(found))
    elif service and not problem:
        _tell_proposals(found["online"])
    if problem:
        raise problem


def _tell(found: dict[str, Any], coordinates: str) -> None:
    """Print an answer as a person reads it."""
    from dashboard.words import kilometres
    from geodata.coordinates import write_coordinates

    answer = found["answer"]
    if answer is None:
        typer.echo(plain(f"not placed: {found['reason']}"))
    else:
        where = ", ".join(filter(None, (answer["admin1"], answer["country"])))
        typer.echo(plain(f"{answer['name']} ({answer['kind']}), {where}"))
        if not answer["area_id"]:  # an area's anchor, written to the metre, would be taken for the place
            typer.echo(write_coordinates(answer["longitude"], answer["latitude"], coordinates))
        typer.echo(f"known to: {answer['precision']}, within {kilometres(answer['error_radius_m'])}")
        typer.echo(plain(answer["why"]))
    for flag in found["flags"]:
        typer.echo(plain(f"  doubt: {flag['message']} {flag['fix']}"))
    for candidate in found["candidates"][1:6]:
        typer.echo(plain(f"  or {candidate['name']} ({candidate['kind']}), {candidate['admin1']}: {candidate['why']}"))


def _ask(found: dict[str, Any], service: OnlineGeocoder) -> ServiceError | None:
    """Add to an answer what a service proposes; the host is named before anything leaves."""
    from geodata.making import shared_geocoder
    from geodata.online import place_query
    from geodata.online_proposals import propose

    query = found["query"]
    stated = (query["place"], query["admin1"], query["country"])
    leaving = service.outgoing([place_query(*stated)])
    typer.echo(plain(f"{service.notice()} {leaving[0]!r}") if leaving else _kept(service), err=True)
    told = found["online"] = {"host": service.host, "sent": leaving, "candidates": []}
    try:
        told["candidates"] = propose(shared_geocoder(), service, *stated)
    except ServiceError as error:
        told["error"] = str(error)
        return error
    return None


def _kept(service: OnlineGeocoder) -> str:
    return f"Nothing is sent: what {service.host} answered before is kept on this machine."


def _tell_proposals(told: dict[str, Any]) -> None:
    if not told["candidates"]:
        typer.echo(f"{told['host']} proposes nothing.")
        return
    typer.echo(f"{told['host']} proposes, for a person to decide on:")
    for number, one in enumerate(told["candidates"], start=1):
        typer.echo(plain(f"  {number} {one['latitude']}, {one['longitude']}: {one['name']} ({one['kind']})"))
        for doubt in one["doubts"]:
            typer.echo(plain(f"    doubt: {doubt}"))
    for credit in dict.fromkeys(one["credit"] for one in told["candidates"]):
        typer.echo(plain(f"  {credit}"))


def _geocode_file(file: Path, target: Path, service: OnlineGeocoder | None, confirm_count: int | None) -> None:
    from geodata.bulk_geocode import geocode_file
    from geodata.making import shared_geocoder

    with progress_bar("geocoding") as bar:
        result = geocode_file(file, target, geocoder=shared_geocoder(), progress=bar)
    typer.echo(f"{result.placed:,} of {result.rows:,} rows placed; wrote {target}")
    if service:
        _ask_for_file(target, service, confirm_count)


def _ask_for_file(geocoded: Path, service: OnlineGeocoder, confirm_count: int | None) -> None:
    """Ask for the places a file's offline answers leave open, once the number of texts is agreed to."""
    from geodata.making import shared_geocoder
    from geodata.online import place_query
    from geodata.online_proposals import propose_all, unfound

    wordings = unfound(geocoded)
    leaving = len(service.outgoing(place_query(*wording) for wording in wordings))
    if leaving:
        typer.echo(service.notice(leaving), err=True)
        confirmed = _confirmed(leaving) if confirm_count is None else confirm_count
    else:
        typer.echo(_kept(service) if wordings else "Every place was found offline: nothing is sent.", err=True)
        confirmed = 0
    target = geocoded.with_name(f"{geocoded.stem}.proposals.csv")
    with progress_bar(f"asking {service.host}") as bar:
        proposed = propose_all(wordings, target, shared_geocoder(), service, confirmed=confirmed, progress=bar)
    typer.echo(f"{service.host} proposes places for {proposed:,} of {len(wordings):,} wordings; wrote {target}")


def _confirmed(count: int) -> int:
    """Ask a person; without one the count has to be given with the command."""
    if not sys.stdin.isatty():
        msg = f"Nobody can be asked here, so nothing was sent: give --confirm-count {count} to agree."
        raise QueryError(msg)
    typer.confirm(f"Send {count:,} texts?", abort=True, err=True)
    return count


@gazetteer.command("add")
def add_gazetteer(
    file: Annotated[Path, typer.Argument(help="GeoNames dump, NGA GNS file, OCHA p-codes (xlsx, csv), or a CSV.")],
    name: Annotated[str, typer.Option(help="How to call it.")] = "",
    kind: Annotated[str, typer.Option("--format", help="geonames, gns, ocha or csv; recognised when left out.")] = "",
    credit: Annotated[str, typer.Option(help="Credit line to print on products.")] = "",
    country: Annotated[str, typer.Option(help="ISO country code of rows that state none.")] = "",
    columns: Annotated[list[str] | None, typer.Option("--map", help="Our name=column of the file; repeat.")] = None,
) -> None:
    """Add a file of places to the geocoder."""
    from dashboard.words import counted
    from geodata import user_gazetteers

    mapping = dict(_pair(one) for one in columns or ())
    with progress_bar("reading") as bar:
        kept = user_gazetteers.add_gazetteer(
            file, name=name, file_format=kind, mapping=mapping, credit=credit, country=country, progress=bar
        )
    told = f"{counted(kept.places, 'place')} added, {counted(kept.left_out, 'row')} left out"
    typer.echo(plain(f"{kept.name}: {told}; credit: {kept.credit}"))


def _pair(text: str) -> tuple[str, str]:
    name, equals, column = text.partition("=")
    if not equals:
        msg = f"--map {text!r} has no '=': write our name, '=' and the file's column, as in latitude=Y."
        raise QueryError(msg)
    return name, column


@gazetteer.command("list")
def list_gazetteers() -> None:
    """List the gazetteers you added."""
    from dashboard.words import counted
    from geodata.user_gazetteers import user_gazetteers

    for one in user_gazetteers():
        added = f"{one.source_file}, added {one.added}"
        typer.echo("\t".join(map(plain, (one.name, counted(one.places, "place"), one.format, one.credit, added))))


@gazetteer.command("remove")
def remove_gazetteer(name: Annotated[str, typer.Argument(help="Its name, as listed.")]) -> None:
    """Remove a gazetteer you added."""
    from geodata import user_gazetteers

    user_gazetteers.remove_gazetteer(name)
    typer.echo(f"{name} removed")
