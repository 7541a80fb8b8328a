"""Know which country, governorate and district holds a point, and give the shapes of the basemap.

The areas are one seamless coverage: districts fill their governorate, governorates their country, without gap or
overlap. Iraq has its 18 governorates and 101 districts, Syria its 14 and 272 sub-districts; other countries in the box
(longitude 25 to 65, latitude 12 to 43) stop at their first-level divisions. Everything is longitude, latitude in
decimal degrees, EPSG:4326. Sources, licences and choices are in `geodata/data/SOURCES.md`;
`geodata/build/boundaries.py` builds the files.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq
import shapely

from geodata.errors import FileError, QueryError

if TYPE_CHECKING:
    import geopandas as gpd

Level = Literal["country", "governorate", "district"]
Ids = npt.NDArray[np.object_]

DATA = Path(__file__).parent / "data" / "boundaries"
LEVEL_FILES: dict[Level, str] = {"country": "countries", "governorate": "governorates", "district": "districts"}
LAYERS = ("countries", "governorates", "districts", "lakes", "rivers", "disputed", "labels")
"""The drawing layers, each a file of that name; in this order from the bottom of the map to its top."""

SNAP_M = 2_000.0

_POINTS_AT_ONCE = 1 << 16
"""A point this close to land belongs to it: the simplified coast is up to about 1 km off, and ports lie on it."""
EARTH_RADIUS_M = 6_371_009.0
BOX_WSEN = (25.0, 12.0, 65.0, 43.0)
"""West, south, east, north of what the files cover; a point outside is in no area."""

CREDITS = (
    "Made with Natural Earth (public domain)",
    (
        "Iraq districts © Iraq CSO / OCHA, Syria sub-districts © UNCS / OCHA, via geoBoundaries (Runfola et al. 2020), "
        "CC BY 3.0 IGO, simplified and re-assigned"
    ),
    "Town names: GeoNames, CC BY 4.0, selected",
)
DISCLAIMER = (
    "Boundaries and names shown do not imply endorsement or acceptance. Dashed lines are disputed, armistice or "
    "separation lines."
)

_LETTERS = str.maketrans({"ı": "i", "ə": "a", "đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae"})


@dataclass(frozen=True, slots=True)
class Area:
    """One country, governorate or district.

    Attributes
    ----------
    id
        Path of slugs below the country's ISO 3166 code: `IQ`, `IQ.baghdad`, `IQ.baghdad.karkh`. Never reused.
    name, name_local
        Canonical English spelling, and the name in the country's own script ("" when no source gives it).
    country, parent
        Ids; a country is its own country and has the parent "".
    aliases
        Other spellings and languages, for finding the area by name.
    geometry
        Polygon or MultiPolygon, longitude, latitude.
    anchor_lonlat
        A point inside, clear of its edge, lakes and chief town: where a badge for the whole area is drawn.
    area_km2, rank
        Geodesic area, and the web-map zoom from which its name fits into it.
    """

    id: str
    level: Level
    name: str
    name_local: str
    country: str
    parent: str
    aliases: tuple[str, ...]
    geometry: shapely.Polygon | shapely.MultiPolygon = field(repr=False, compare=False)
    anchor_lonlat: tuple[float, float]
    area_km2: float
    rank: int


class Boundaries:
    """Hold all areas and answer which of them hold a point; safe to share between threads once made.

    Parameters
    ----------
    areas
        Every area once; the parent of each must be among them.
    """

    def __init__(self, areas: Iterable[Area]) -> None:
        self._areas = {area.id: area for area in areas}
        parents = {area.parent for area in self._areas.values()}
        leaves = sorted((area for area in self._areas.values() if area.id not in parents), key=lambda area: area.id)
        self._leaf_shapes = np.array([leaf.geometry for leaf in leaves], dtype=object)
        shapely.prepare(self._leaf_shapes)
        self._leaf_tree = shapely.STRtree(self._leaf_shapes)
        # One row more than leaves: the last is "nowhere", so that index -1 reads it.
        self._leaf_ids = np.array([*(_path(leaf.id) for leaf in leaves), ("", "", "")], dtype=object)

    def area(self, area_id: str) -> Area:
        """Return the area of that id.

        Raises
        ------
        QueryError
            When there is none; the message names the closest ids.
        """
        found = self._areas.get(area_id)
        if found is None:
            close = ", ".join(get_close_matches(area_id, self._areas, n=3)) or "IQ, IQ.baghdad"
            msg = f"{area_id!r} is not the id of a country, governorate or district; the closest are {close}."
            raise QueryError(msg)
        return found

    def __contains__(self, area_id: object) -> bool:
        return area_id in self._areas

    def areas(self, level: Level, *, country: str = "") -> tuple[Area, ...]:
        """Return all areas of a level, by id; of one country when its id is given."""
        return tuple(
            area for area in self._areas.values() if area.level == level and (not country or area.country == country)
        )

    def children(self, area_id: str) -> tuple[Area, ...]:
        """Return the areas directly below one area, by id; none below a district."""
        parent = self.area(area_id)
        return tuple(area for area in self._areas.values() if area.parent == parent.id)

    def locate(self, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike) -> tuple[Ids, Ids, Ids]:
        """Return the ids of the country, governorate and district that hold each point.

        A point at sea, but no more than 2 km (`SNAP_M`) from land, belongs to the nearest land: coasts are simplified,
        and ports and piers lie on them. Land has no gaps, so nothing else is ever moved. A point on a border belongs to
        the area whose id sorts first.

        Parameters
        ----------
        longitudes, latitudes
            Decimal degrees, EPSG:4326, equally long. A missing coordinate (NaN) is nowhere.

        Returns
        -------
        tuple[Ids, Ids, Ids]
            Country ids, governorate ids, district ids; "" where there is none.
        """
        longitude = np.atleast_1d(np.asarray(longitudes, dtype=np.float64))
        latitude = np.atleast_1d(np.asarray(latitudes, dtype=np.float64))
        if longitude.shape != latitude.shape or longitude.ndim != 1:
            msg = f"locate needs as many longitudes as latitudes, got shapes {longitude.shape} and {latitude.shape}."
            raise QueryError(msg)
        # A million records stand in a few thousand places, so each distinct point is asked once.
        codes, first = _distinct(longitude, latitude)
        leaf = self._leaf_of_all(longitude[first], latitude[first])[codes]
        ids = self._leaf_ids[leaf]
        return ids[:, 0], ids[:, 1], ids[:, 2]

    def _leaf_of_all(
        self, longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.intp]:
        """Ask for some points at a time: a million of them as shapes, in a tree, take 300 MB."""
        parts = range(0, len(longitude), _POINTS_AT_ONCE)
        leaves = [self._leaf_of(*(axis[at : at + _POINTS_AT_ONCE] for axis in (longitude, latitude))) for at in parts]
        return np.concatenate([np.empty(0, dtype=np.intp), *leaves])

    def _leaf_of(self, longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
        west, south, east, north = BOX_WSEN
        asked = np.flatnonzero((longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north))
        points = _points(longitude[asked], latitude[asked])
        # The tree holds the points and the prepared shapes are asked: about 10 times faster than the other way round.
        leaf, point = shapely.STRtree(points).query(self._leaf_shapes, predicate="intersects")
        found = np.full(len(longitude), -1, dtype=np.intp)
        found[asked[point[::-1]]] = leaf[::-1]  # written backwards: of several the first wins
        at_sea = asked[found[asked] < 0]
        found[at_sea] = self._nearest_leaf(_points(longitude[at_sea], latitude[at_sea]))
        return found

    def _nearest_leaf(self, points: npt.NDArray[np.object_]) -> npt.NDArray[np.intp]:
        nearest = np.full(len(points), -1, dtype=np.intp)
        # In degrees of longitude 2 km are most at the north edge of the box.
        reach = np.degrees(SNAP_M / EARTH_RADIUS_M) / np.cos(np.radians(BOX_WSEN[3]))
        point, leaf = self._leaf_tree.query(points, predicate="dwithin", distance=reach)
        if len(point) == 0:
            return nearest
        lines = shapely.shortest_line(points[point], self._leaf_shapes[leaf])
        ends = shapely.get_coordinates(lines).reshape(-1, 4)
        distance_m = _distance_m(ends[:, 0], ends[:, 1], ends[:, 2], ends[:, 3])
        order = np.lexsort((-leaf, -distance_m))  # the nearest is written last
        order = order[distance_m[order] <= SNAP_M]
        nearest[point[order]] = leaf[order]
        return nearest


@cache
def load_boundaries() -> Boundaries:
    """Return the boundaries shipped with the project; read once per process.

    Raises
    ------
    FileError
        When a file is missing or is not the one built for this version.
    """
    return Boundaries(area for level in LEVEL_FILES for area in _read_areas(level))


@cache
def basemap_layer(name: str) -> "gpd.GeoDataFrame":
    """Return one drawing layer, read on first use and kept; treat it as read-only.

    All layers have `id, name, name_local, rank, geometry`. `rank` is the web-map zoom from which an area's name fits,
    from which a label is written (labels), or Natural Earth's scale rank (rivers: 1 the greatest). Labels further have
    `kind` (capital, town, river, lake, sea) and `angle` (degrees clockwise).

    Parameters
    ----------
    name
        One of `LAYERS`.
    """
    # Imported late: half a second that a command which only locates points need not spend.
    import geopandas as gpd

    return gpd.read_parquet(_layer_file(name))


@cache
def basemap_geojson(name: str) -> bytes:
    """Return one drawing layer as compact GeoJSON in UTF-8, coordinates cut to 4 decimals (10 m); made once and kept.

    Parameters
    ----------
    name
        One of `LAYERS`. Each feature has the properties `id, name, name_local, rank`; labels also `kind` and `angle`.
        Its `bbox` is the mapped box, beyond which nothing is known of land and water.
    """
    table = pq.read_table(_layer_file(name)).to_pydict()
    wanted = [key for key in ("id", "name", "name_local", "rank", "kind", "angle") if key in table]
    shapes = shapely.transform(shapely.from_wkb(table["geometry"]), lambda lonlat: np.round(lonlat, 4))
    features = [
        f'{{"type":"Feature","properties":{_json({key: table[key][row] for key in wanted})},"geometry":{shape}}}'
        for row, shape in enumerate(shapely.to_geojson(shapes))
    ]
    return f'{{"type":"FeatureCollection","bbox":{_json(BOX_WSEN)},"features":[{",".join(features)}]}}'.encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def slug(name: str) -> str:
    """Return a name as it stands in an id: `Deir ez-Zor` becomes `deir-ez-zor`, `Al-Mada'in` becomes `al-madain`."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "'`’‘ʻʼʿʾ")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _path(area_id: str) -> tuple[str, str, str]:
    country, *below = area_id.split(".")
    governorate = f"{country}.{below[0]}" if below else ""
    return country, governorate, area_id if len(below) == 2 else ""


def _read_areas(level: Level) -> Iterable[Area]:
    table = pq.read_table(_layer_file(LEVEL_FILES[level])).to_pydict()
    shapes = shapely.from_wkb(table["geometry"])
    anchors = zip(table["anchor_longitude"], table["anchor_latitude"], strict=True)
    for row, (geometry, anchor) in enumerate(zip(shapes, anchors, strict=True)):
        yield Area(
            id=table["id"][row],
            level=level,
            name=table["name"][row],
            name_local=table["name_local"][row],
            country=table["country"][row],
            parent=table["parent"][row],
            aliases=tuple(table["aliases"][row]),
            geometry=geometry,
            anchor_lonlat=anchor,
            area_km2=table["area_km2"][row],
            rank=table["rank"][row],
        )


def _layer_file(name: str) -> Path:
    if name not in LAYERS:
        msg = f"{name!r} is not a layer of the basemap; the layers are {', '.join(LAYERS)}."
        raise QueryError(msg)
    path = DATA / f"{name}.parquet"
    if not path.exists():
        msg = f"{path.name!r} is missing in {path.parent}; install the package again or run geodata.build.boundaries."
        raise FileError(msg)
    return path


def _points(longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    # shapely returns a bare Point only for bare numbers.
    return np.asarray(shapely.points(longitude, latitude), dtype=object)


def _distinct(
    longitude: npt.NDArray[np.float64], latitude: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    # Hashing (pandas) instead of sorting (numpy.unique): 4 times faster for a million points.
    east, _ = pd.factorize(longitude, use_na_sentinel=False)
    north, norths = pd.factorize(latitude, use_na_sentinel=False)
    codes, distinct = pd.factorize(east.astype(np.int64) * max(len(norths), 1) + north)
    first = np.empty(len(distinct), dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, first


def _distance_m(
    longitude_a: npt.NDArray[np.float64],
    latitude_a: npt.NDArray[np.float64],
    longitude_b: npt.NDArray[np.float64],
    latitude_b: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    # Over 2 km a flat earth is exact to a millimetre.
    east = np.radians(longitude_b - longitude_a) * np.cos(np.radians((latitude_a + latitude_b) / 2))
    distance: npt.NDArray[np.float64] = EARTH_RADIUS_M * np.hypot(east, np.radians(latitude_b - latitude_a))
    return distance
