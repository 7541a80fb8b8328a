"""The records shown as GeoPackage: points, areas, records without a place on the map, codebook and what to know."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from dashboard.products.job import Job
from dashboard.products.layer_styles import TABLE as STYLE_TABLE
from dashboard.products.layer_styles import layer_styles
from dashboard.products.table import about, codebook, records_table
from geodata.boundaries import load_boundaries


def geopackage_bytes(job: Job) -> bytes:
    """Write the layers incidents, incident_areas, incidents_off_map, codebook, about and their styles (EPSG:4326)."""
    table = _named_for_sql(records_table(job.dataset, job.answer, job.view.coordinates))
    area = (table["placed_area_id"] != "").to_numpy()
    off = table["placed_precision"].isin(["region", "country"]).to_numpy()
    points = np.asarray(shapely.points(table[["placed_longitude", "placed_latitude"]].to_numpy()), dtype=object)
    boundaries = load_boundaries()
    shapes = np.array([boundaries.area(a).geometry for a in table["placed_area_id"][area & ~off]], dtype=object)
    entries = pd.DataFrame(
        [(e.column, e.meaning, e.values) for e in codebook()], columns=["column", "meaning", "codes"]
    )
    told = pd.DataFrame(about(job.words, job.recipe), columns=["matter", "what_to_know"])
    on_point = ~area & ~off
    # GDAL writes the time of the change into the file unless it is told one.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{job.options.produced}T00:00:00.000Z"})
    with tempfile.TemporaryDirectory(prefix="incident-atlas-") as folder:
        path = Path(folder) / "incidents.gpkg"
        _write(path, "incidents", gpd.GeoDataFrame(table[on_point], geometry=points[on_point], crs=4326), "Point")
        _write(
            path,
            "incident_areas",
            gpd.GeoDataFrame(table[area & ~off], geometry=_multipolygons(shapes), crs=4326),
            "MultiPolygon",
        )
        styles = layer_styles({"incidents": "marker", "incident_areas": "fill"})
        others = {"incidents_off_map": table[off], "codebook": entries, "about": told, STYLE_TABLE: styles}
        for name, frame in others.items():
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())
        return path.read_bytes()


def _named_for_sql(table: pd.DataFrame) -> pd.DataFrame:
    """Rename columns of a file that a GeoPackage cannot have: its own two names, and names that differ in case only."""
    taken, names = {"fid", "geom", "geometry"}, []
    for column in map(str, table.columns):
        name, number = column, 2
        while name.casefold() in taken:
            name, number = f"{column} ({number})", number + 1
        taken.add(name.casefold())
        names.append(name)
    return table.set_axis(names, axis=1)


def _multipolygons(shapes: np.ndarray) -> np.ndarray:
    made = [shapely.multipolygons(list(shapely.get_parts(shape))) for shape in shapes]
    return np.array(made, dtype=object)


def _write(path: Path, layer: str, frame: gpd.GeoDataFrame, kind: str) -> None:
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", geometry_type=kind, append=path.exists())
