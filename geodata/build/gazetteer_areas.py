"""Say which areas hold the gazetteer's places, and let areas and towns share their spellings."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geodata.boundaries import Area, Boundaries, Level
from geodata.place_match import distance_m
from geodata.place_names import is_arabic, key, skeleton

HERE = Path(__file__).parent
OCHA, NATURAL_EARTH = "OCHA districts via geoBoundaries, CC BY 3.0 IGO", "Natural Earth and OCHA"

#: A spelling that says it is the province's.
_PROVINCE = re.compile(r"province|governorate|region|muhafaz|ostan|\bili\b|محافظة|استان|پارێزگا")
#: A point this far (about 11 km) outside the country its source states still belongs to that country's nearest area.
BORDER_REACH_DEGREES = 0.1

Row = dict[str, Any]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read one of the project's own tables."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


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
            "source": OCHA if area.level == "district" else NATURAL_EARTH,
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
