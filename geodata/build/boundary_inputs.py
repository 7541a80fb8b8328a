"""Read the unpacked source layers into GeoDataFrames clipped to the project's box."""

import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

BOX_WSEN = (25.0, 12.0, 65.0, 43.0)
"""West, south, east, north in degrees: everything from Libya to Pakistan that a record of this campaign may name."""

NAMES = Path(__file__).parent / "boundary_names"


def read_names(table: str) -> pd.DataFrame:
    """Return one of the project's own name tables, all text, empty where nothing is written."""
    return pd.read_csv(NAMES / f"{table}.csv", dtype=str, keep_default_na=False)


def read_topojson_countries(path: Path) -> gpd.GeoDataFrame:
    """Return world-atlas countries as `source_name, geometry`, valid and clipped to the box."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    scale, translate = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]
    countries = topology["objects"]["countries"]["geometries"]
    names = [country["properties"]["name"] for country in countries]
    shapes = shapely.make_valid(np.array([_polygons(country, arcs) for country in countries], dtype=object))
    frame = gpd.GeoDataFrame({"source_name": names}, geometry=shapes, crs="EPSG:4326")
    return _clip(frame)


def _polygons(country: dict[str, Any], arcs: list[Any]) -> shapely.MultiPolygon:
    def ring(indexes: list[int]) -> Any:
        # A negative index is the bitwise complement of an arc walked backwards (TopoJSON specification 2.1.4).
        parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indexes]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    polygons = [country["arcs"]] if country["type"] == "Polygon" else country["arcs"]
    # Quantising has shrunk some islets to two corners; they have no area left.
    made = [[corners for corners in map(ring, rings) if len(corners) >= 4] for rings in polygons]
    return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in made if rings])


def read_layer(path: Path, layer: str | None = None) -> gpd.GeoDataFrame:
    """Return one layer of a vector file, valid and clipped to the box."""
    frame = gpd.read_file(path, layer=layer, bbox=BOX_WSEN) if layer else gpd.read_file(path, bbox=BOX_WSEN)
    frame = frame.set_crs("EPSG:4326", allow_override=True)
    frame["geometry"] = shapely.make_valid(frame.geometry.to_numpy())
    return _clip(frame)


def _clip(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    dimension = shapely.get_dimensions(frame.geometry.to_numpy())
    cut = shapely.intersection(frame.geometry.to_numpy(), shapely.box(*BOX_WSEN))
    kept = ~shapely.is_empty(cut) & (shapely.get_dimensions(cut) == dimension)
    return frame.assign(geometry=cut)[kept].reset_index(drop=True)


def read_districts(folder: Path) -> gpd.GeoDataFrame:
    """Return the districts of Iraq and sub-districts of Syria.

    Columns: `country, source_name, source_parent, geometry`. `source_parent` is the package's own guess (the nearest
    centroid), wrong for some; see `geodata.build.boundaries.district_parents`.
    """
    # geoBoundaries ids begin with the number of the dataset: IRQ-ADM2 and SYR-ADM3.
    datasets = {"34846034": "IQ", "7960031": "SY"}
    with (folder / "geo-boundaries.csv").open(encoding="utf-8", errors="replace", newline="") as stream:
        parents = {(row["name"], row["shape_id"]): row["admin2"] for row in csv.DictReader(stream)}
    rows = []
    with sqlite3.connect(folder / "data.db") as database:
        for dataset, country in datasets.items():
            query = (
                "SELECT name, shape_id, coordinates FROM location_data WHERE shape_id LIKE ? ORDER BY name, shape_id"
            )
            for name, shape_id, wkb in database.execute(query, (f"{dataset}B%",)):
                rows.append((country, name.strip(), parents.get((name, shape_id), ""), shapely.from_wkb(wkb)))
    columns = ["country", "source_name", "source_parent", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs="EPSG:4326")


def read_towns(path: Path) -> pd.DataFrame:
    """Return GeoNames towns inside the box: `geonameid, name, country, longitude, latitude, population, names`."""
    west, south, east, north = BOX_WSEN
    towns = pd.DataFrame(json.loads(path.read_text(encoding="utf-8")).values())
    inside = towns.longitude.between(west, east) & towns.latitude.between(south, north)
    towns = towns.rename(columns={"countrycode": "country", "alternatenames": "names"})[inside]
    columns = ["geonameid", "name", "country", "longitude", "latitude", "population", "names"]
    return towns[columns].reset_index(drop=True)
