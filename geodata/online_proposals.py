"""What an online service proposes for places: held against what is stated, and for a file written beside it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from geodata.bulk_geocode import area_name
from geodata.geocoder import Geocoder
from geodata.online import OnlineGeocoder, OnlineHit, place_query
from geodata.place_checks import check_point
from geodata.plain_text import for_spreadsheet

#: Columns of the proposals for a file, one line for each proposal.
PROPOSAL_COLUMNS: Final = (
    "place", "admin1", "country", "rank", "name", "kind", "longitude", "latitude",
    "located_admin1", "located_country", "doubts", "credit",
)  # fmt: skip

#: Precisions that need no proposal: the place itself, or what it is near, was found offline.
_FOUND: Final = frozenset({"site", "town", "near"})

#: Place, governorate and country as one row of a file states them.
Wording = tuple[str, str, str]


def propose(
    geocoder: Geocoder, online: OnlineGeocoder, place: str, admin1: str = "", country: str = ""
) -> list[dict[str, Any]]:
    """Ask the service for one place and say of each proposal where it lies and what contradicts the record."""
    return [_proposal(geocoder, hit, admin1, country) for hit in online.find(place_query(place, admin1, country))]


def _proposal(geocoder: Geocoder, hit: OnlineHit, admin1: str, country: str) -> dict[str, Any]:
    boundaries = geocoder.boundaries
    context = geocoder.context(admin1, country)
    countries, governorates, _ = boundaries.locate([hit.longitude], [hit.latitude])
    flags = check_point(
        hit.longitude, hit.latitude, boundaries, governorates=context.governorates, countries=context.countries
    )
    return {
        "name": hit.name,
        "kind": hit.kind,
        "longitude": round(hit.longitude, 6),
        "latitude": round(hit.latitude, 6),
        "admin1": area_name(str(governorates[0]), boundaries),
        "country": area_name(str(countries[0]), boundaries),
        "doubts": [flag.message for flag in flags],
        "credit": hit.credit,
    }


def unfound(geocoded: Path) -> list[Wording]:
    """List the wordings of a file that `geocode_file` wrote and found no place for, each once."""
    with geocoded.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        at = [header.index(name) if name in header else None for name in ("place", "admin1", "country")]
        precision = len(header) - 1 - header[::-1].index("precision")  # the file's own columns come first
        wordings = {
            tuple("" if column is None else cells[column] for column in at)
            for cells in rows
            if cells[precision] not in _FOUND
        }
    return sorted((place, admin1, country) for place, admin1, country in wordings if place.strip())


def propose_all(
    wordings: list[Wording],
    target: Path,
    geocoder: Geocoder,
    online: OnlineGeocoder,
    *,
    confirmed: int,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Ask the service for many places, after a person confirmed how many texts leave, and write what it proposes.

    Returns
    -------
    int
        How many of the wordings have a proposal.
    """
    hits = online.find_all([place_query(*wording) for wording in wordings], confirmed=confirmed, progress=progress)
    part = target.with_name(f".{target.name}.part")
    proposed = 0
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(PROPOSAL_COLUMNS)
            for wording in wordings:
                found = hits[place_query(*wording)]
                proposed += bool(found)
                for rank, hit in enumerate(found, start=1):
                    shown = _proposal(geocoder, hit, wording[1], wording[2])
                    told = {name: for_spreadsheet(shown[name]) for name in ("name", "kind", "credit")}
                    shown |= {**told, "doubts": " ".join(shown["doubts"])}
                    writer.writerow([*wording, rank, *shown.values()])
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return proposed
