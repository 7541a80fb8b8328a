"""Find the point where an area's badge is drawn: inside it, far from its edge, and not on its capital."""

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

Point = tuple[float, float]
"""Longitude, latitude."""

Shape = shapely.geometry.base.BaseGeometry

TOWN_SHARE = 0.35
"""A badge keeps this share of the area's own radius away from its chief town, so that it is not read as the town."""
HOME_REACH = 0.05
"""Degrees, about 5 km: how far from a town's point, often on the coast, the land it belongs to may begin."""
CIRCLE_TOLERANCE = 0.01
"""Degrees, about 1 km: how exactly the largest circle is looked for."""


def anchors(
    areas: gpd.GeoDataFrame, places: gpd.GeoDataFrame, towns: pd.DataFrame, lakes: gpd.GeoDataFrame
) -> npt.NDArray[np.float64]:
    """Return a longitude, latitude row per area: the middle of the largest circle clear of edge, lakes and chief town.

    The chief town is the capital written in the project's table, else the capital among Natural Earth's places, else
    the largest GeoNames town inside.
    """
    water = shapely.union_all(lakes.geometry.to_numpy())
    is_capital = places.featurecla.str.startswith("Admin")
    capitals = places[is_capital].rename(columns={"pop_max": "size"})[["longitude", "latitude", "size", "featurecla"]]
    largest = towns.rename(columns={"population": "size"})[["longitude", "latitude", "size"]]
    found = []
    for area, shape in zip(areas.to_dict("records"), areas.geometry.to_numpy(), strict=True):
        national = capitals if area["parent"] else capitals[capitals.featurecla == "Admin-0 capital"]
        chief = _written_capital(area) or _greatest_inside(shape, national) or _greatest_inside(shape, largest)
        found.append(_clear_point(shape, chief, water))
    return np.array(found).round(4)


def _written_capital(area: dict[str, Any]) -> Point | None:
    longitude, latitude = area.get("capital_longitude"), area.get("capital_latitude")
    return (float(longitude), float(latitude)) if isinstance(longitude, str) and longitude and latitude else None


def _greatest_inside(shape: shapely.Geometry, towns: pd.DataFrame) -> Point | None:
    inside = towns[shapely.contains_xy(shape, towns.longitude.to_numpy(), towns.latitude.to_numpy())]
    if inside.empty:
        return None
    greatest = inside.sort_values("size").iloc[-1]
    return float(greatest["longitude"]), float(greatest["latitude"])


def _main_part(shape: Shape, chief: Point | None) -> shapely.Polygon:
    # One part only: a badge on an islet would look like a place of its own. Kuwait's capital governorate has more land
    # on Failaka island than around the capital, so the chief town's part wins unless it is tiny.
    parts: list[shapely.Polygon] = sorted(shapely.get_parts(shape), key=lambda part: float(part.area))
    home = [part for part in parts if chief and shapely.distance(part, shapely.Point(chief)) < HOME_REACH]
    return home[-1] if home and home[-1].area > parts[-1].area / 4 else parts[-1]


def _clear_point(shape: Shape, chief: Point | None, water: Shape) -> Point:
    stretch = float(np.cos(np.radians(shape.centroid.y)))

    def to_plane(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return corners * [stretch, 1.0]

    free: Shape = shapely.transform(_main_part(shape, chief), to_plane)
    radius = float(np.sqrt(free.area / np.pi))
    dry = shapely.difference(free, shapely.transform(water, to_plane))
    free = free if dry.area < free.area / 2 else dry
    if chief is not None:
        town = shapely.Point(chief[0] * stretch, chief[1]).buffer(TOWN_SHARE * radius)
        free = shapely.difference(free, town)
    largest = max(shapely.get_parts(free), key=lambda part: float(part.area))
    circle = shapely.maximum_inscribed_circle(largest, tolerance=min(CIRCLE_TOLERANCE, radius / 20))
    x, y = circle.coords[0]
    return x / stretch, y
