"""Grid cells of the map: how many records lie in each square of the screen, and of which kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.answer import Answer
from geodata.store import Store

#: Edge of a cell on the screen in pixels: a ring with a three-digit number fits in it.
CELL_PX = 44

#: Pixels of the whole world at zoom 0 (web maps cut it in tiles of 256 px, EPSG:3857).
WORLD_PX = 256

#: Length of the equator on the sphere of web maps, of radius 6,378,137 m.
EARTH_CIRCUMFERENCE_M = 2 * np.pi * 6_378_137.0

#: Precisions drawn as symbols; areas and countries have no single cell.
POINTS = ("site", "town", "near")


def mercator_px(
    longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64], zoom: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Project degrees to pixels of the whole world at a zoom level (spherical Mercator, x east, y south).

    Formula: Snyder, Map Projections: A Working Manual (USGS Professional Paper 1395, 1987), eq. 7-1 and 7-2.
    """
    scale = WORLD_PX * 2.0**zoom
    sine = np.sin(np.radians(np.clip(latitude, -85.0511, 85.0511)))
    x = (longitude + 180) / 360 * scale
    y = (0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)) * scale
    return x, y


def metres_per_px(latitude: npt.NDArray[np.float64], zoom: float) -> npt.NDArray[np.float64]:
    """Metres of ground that one pixel of a web map stands for at latitudes in degrees."""
    return np.asarray(EARTH_CIRCUMFERENCE_M * np.cos(np.radians(latitude)) / (WORLD_PX * 2.0**zoom))


def grid_cells(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Give each point (pixels of the whole world) the number of the screen cell it lies in, counted from 0."""
    keys = (x // CELL_PX).astype(np.int64) * (1 << 32) + (y // CELL_PX).astype(np.int64)
    return np.unique(keys, return_inverse=True)[1]


def cells_in(store: Store, answer: Answer, bbox_wsen: tuple[float, float, float, float], zoom: float) -> dict[str, Any]:
    """Count records per screen cell inside a box, with areas and countries counted apart.

    Returns
    -------
    grid
        `cells`: [longitude, latitude, records, [category, records, ...]] at the mean position of the cell's records;
        `areas` and `margin`: [name, area id, records]; `categories`: their labels. All numbers add up to the records
        in the box.
    """
    per_spot = answer.colours
    west, south, east, north = bbox_wsen
    spots = store.spots
    seen = per_spot.any(axis=1) & (spots.longitude >= west) & (spots.longitude <= east)
    seen &= (spots.latitude >= south) & (spots.latitude <= north)
    points = seen & np.isin(spots.precision, POINTS)
    return {
        "cells": _cells(store, np.flatnonzero(points), per_spot, zoom),
        "areas": _named(store, np.flatnonzero(seen & np.isin(spots.precision, ("district", "governorate"))), per_spot),
        "margin": _named(
            store, np.flatnonzero(per_spot.any(axis=1) & np.isin(spots.precision, ("region", "country"))), per_spot
        ),
        "categories": ["; ".join(values) for values in store.coded[answer.by].combinations],
    }


def _cells(
    store: Store, members: npt.NDArray[np.intp], per_spot: npt.NDArray[np.int64], zoom: float
) -> list[list[Any]]:
    if not len(members):
        return []
    longitude, latitude = store.spots.longitude[members], store.spots.latitude[members]
    x, y = mercator_px(longitude, latitude, zoom)
    cell = grid_cells(x, y)
    counts = np.zeros((cell.max() + 1, per_spot.shape[1]), dtype=np.int64)
    np.add.at(counts, cell, per_spot[members])
    n = counts.sum(axis=1)
    weight = per_spot[members].sum(axis=1)
    at_lon = np.bincount(cell, weights=longitude * weight) / n
    at_lat = np.bincount(cell, weights=latitude * weight) / n
    return [
        [
            round(at_lon[i], 5),
            round(at_lat[i], 5),
            int(n[i]),
            [v for c in np.flatnonzero(counts[i]) for v in (int(c), int(counts[i, c]))],
        ]
        for i in range(len(n))
    ]


def _named(store: Store, members: npt.NDArray[np.intp], per_spot: npt.NDArray[np.int64]) -> list[list[Any]]:
    return [[str(store.spots.name[s]), str(store.spots.area_id[s]), int(per_spot[s].sum())] for s in members]
