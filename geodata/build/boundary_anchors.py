"""Find the point where an area's badge is drawn: inside it, far from its edge, and not on its capital or a large town."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

TOWN_SHARE = 0.35
"""A badge keeps this share of the area's own radius away from its chief town, so that it is not read as the town."""
CIRCLE_TOLERANCE = 0.01
"""Degrees, about 1 km: how exactly the largest circle is looked for."""


def anchors(
    areas: gpd.GeoDataFrame, places: gpd.GeoDataFrame, towns: pd.DataFrame, lakes: gpd.GeoDataFrame
) -> npt.NDArray[np.float64]:
    """Return one (longitude, latitude) row per area: the centre of the largest circle clear of edge, lakes and chief town.

    The chief town is the capital written in the project's table, else the capital among Natural Earth's places, else the
    largest GeoNames town inside.
    """
    water = shapely.union_all(lakes.geometry.to_numpy())
    place_points = shapely.points(places.longitude.to_numpy(), places.latitude.to_numpy())
    town_points = shapely.points(towns.longitude.to_numpy(), towns.latitude.to_numpy())
    shapes = areas.geometry.to_numpy()
    found = np.empty((len(areas), 2))
    for index, (area, shape) in enumerate(zip(areas.itertuples(), shapes, strict=True)):
        shapely.prepare(shape)
        inside = places[shapely.contains(shape, place_points)]
        capitals = inside[inside.featurecla.str.startswith("Admin-0" if not area.parent else "Admin")]
        chief = _written_capital(area)
        if chief is None and len(capitals):
            top = capitals.sort_values("pop_max").iloc[-1]
            chief = (float(top.longitude), float(top.latitude))
        if chief is None:
            largest = towns[shapely.contains(shape, town_points)].sort_values("population").tail(1)
            chief = (float(largest.longitude.iloc[0]), float(largest.latitude.iloc[0])) if len(largest) else None
        found[index] = _clear_point(shape, chief, water)
    return found.round(4)


def _written_capital(area: object) -> tuple[float, float] | None:
    longitude, latitude = getattr(area, "capital_longitude", ""), getattr(area, "capital_latitude", "")
    # A district has the columns of its governorate's capital; that town counts only where it lies inside.
    return (float(longitude), float(latitude)) if isinstance(longitude, str) and longitude else None


def _clear_point(
    shape: shapely.Geometry, chief: tuple[float, float] | None, water: shapely.Geometry
) -> tuple[float, float]:
    stretch = float(np.cos(np.radians(shape.centroid.y)))

    def to_plane(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return corners * [stretch, 1.0]

    free = shapely.transform(shape, to_plane)
    radius = float(np.sqrt(free.area / np.pi))
    dry = shapely.difference(free, shapely.transform(water, to_plane))
    free = free if dry.is_empty or dry.area < free.area / 2 else dry
    if chief is not None:
        town = shapely.Point(chief[0] * stretch, chief[1]).buffer(TOWN_SHARE * radius)
        free = shapely.difference(free, town)
    largest = max(shapely.get_parts(free), key=lambda part: float(part.area))
    circle = shapely.maximum_inscribed_circle(largest, tolerance=min(CIRCLE_TOLERANCE, radius / 20))
    x, y = circle.coords[0]
    return x / stretch, y
