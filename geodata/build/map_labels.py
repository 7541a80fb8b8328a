"""Choose the names written on the basemap and the zoom from which each is written.

Labels that would overlap are decided here, once: names are placed in order of importance, each at the first zoom where
it collides with none placed before. Both pens then only compare a label's rank with their zoom.
"""

import re
from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.boundaries import slug
from geodata.build.boundary_inputs import read_names
from geodata.place_names import skeleton

ZOOMS = range(4, 11)
LABEL_HEIGHT_PX = 30
LETTER_WIDTH_PX = 6.5
ARABIC = re.compile(r"^[\u0621-\u063a\u0641-\u064a ]+$")
"""Letters of Arabic proper: names in Persian, Kurdish or Uyghur spelling hold others."""
VOWEL_SIGNS = re.compile(r"[\u064b-\u0652\u0670]")
PERSIAN_KEYS = str.maketrans("کیہ", "كيه")
PREFIXES = ("ناحية ", "قضاء ", "مركز ", "مدينة ")


def arabic_name(names: list[str]) -> str:
    """Return the most telling Arabic-script name of a town, or "" when it has none.

    The form with the article is the official one; of several take that, then the one that most entries agree on (one
    name is listed with vowel signs and without), then the shortest.

    Examples
    --------
    >>> arabic_name(["امان", "عمان", "عمّان"])
    'عمان'
    """
    arabic = [name for name in names if ARABIC.match(name) and not name.startswith(PREFIXES)]
    if not arabic:
        # Typed on a Persian keyboard, but without a letter that Arabic lacks.
        folded = [name.translate(PERSIAN_KEYS).removeprefix("ناحية ") for name in names]
        arabic = [name for name in folded if ARABIC.match(name)]
    entries = Counter(VOWEL_SIGNS.sub("", name) for name in names)
    return min(arabic, key=lambda name: (not name.startswith("ال"), -entries[name], len(name), name), default="")


def town_labels(places: gpd.GeoDataFrame, towns: pd.DataFrame, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return town labels `id, name, name_local, kind, rank, angle, geometry`; `rank` is the zoom it appears at."""
    candidates = pd.concat([_natural_earth_towns(places, towns), _further_towns(places, towns)], ignore_index=True)
    candidates = _with_our_spelling(candidates, districts)
    candidates = candidates.sort_values(["importance", "population"], ascending=[True, False])
    candidates = candidates[~_repeated(candidates)]
    candidates["rank"] = _first_free_zooms(candidates)
    kept = candidates[candidates["rank"] > 0].assign(angle=0.0)
    points = shapely.points(kept.longitude.round(4), kept.latitude.round(4))
    columns = ["id", "name", "name_local", "kind", "rank", "angle"]
    return gpd.GeoDataFrame(kept[columns].reset_index(drop=True), geometry=points, crs="EPSG:4326")


def _natural_earth_towns(places: gpd.GeoDataFrame, towns: pd.DataFrame) -> pd.DataFrame:
    by_id = towns.set_index("geonameid")["names"]
    names = [by_id.get(int(code), []) if code == code else [] for code in places.geonameid]
    is_capital = places.featurecla.eq("Admin-0 capital")
    near = places.iso_a2.isin(["IQ", "SY"])
    importance = np.where(is_capital, 4, np.where(near, 5, 6))
    importance = np.where(places.pop_max < 100_000, importance + 1, importance)
    return pd.DataFrame({
        "id": "town." + places.iso_a2.str.lower() + "." + places.nameascii.map(slug),
        "name": places["name"], "name_local": [arabic_name(list(group)) for group in names],
        "kind": np.where(is_capital, "capital", "town"), "importance": importance, "population": places.pop_max,
        "longitude": places.longitude, "latitude": places.latitude})  # fmt: skip


SPELLINGS = {
    "Dahuk": "Duhok", "Al Amarah": "Amarah", "Ayn Al Arab": "Kobani", "Abu Ghurayb": "Abu Ghraib", "Akra": "Akre",
    "Al Qamishli": "Qamishli", "Al Iskandariyah": "Iskandariya", "Al Madinah": "Al-Madinah", "Qeladize": "Qaladiza",
    "Kelar": "Kalar", "Ad Dujayl": "Dujail", "Al Qasim": "Al-Qasim", "Al Aziziyah": "Aziziyah", "AlZwya": "Zawiya",
    "At Tarmiyah": "Tarmiyah", "Al Fuhud": "Fuhud", "Abu Al Kahsib": "Abu al-Khasib", "Khasnahzan": "Kasnazan",
    "Saddat Al Hindiyah": "Saddat al-Hindiya", "Trablous": "Tripoli", "Saida": "Sidon", "Hatay": "Antakya",
    "Icel": "Mersin", "Bur Said": "Port Said", "Ad Damman": "Dammam", "Lemosos": "Limassol", "Az Zahran": "Dhahran",
    "Iraklio": "Heraklion", "Al Hufuf": "Hofuf", "El Giza": "Giza", "Taizz": "Taiz", "Al Hudaydah": "Hodeidah",
}  # fmt: skip
"""Spellings to write instead of the sources', where neither a governorate nor a district bears the name."""


def _further_towns(places: gpd.GeoDataFrame, towns: pd.DataFrame) -> pd.DataFrame:
    """Return GeoNames towns of Iraq and Syria that Natural Earth lacks, largest first."""
    further = towns[towns.country.isin(["IQ", "SY"]) & ~towns.geonameid.isin(places.geonameid.dropna())]
    known = shapely.STRtree(shapely.points(places.longitude.to_numpy(), places.latitude.to_numpy()))
    points = shapely.points(further.longitude.to_numpy(), further.latitude.to_numpy())
    # A quarter with a name of its own, 0.06 degrees (6 km) from a labelled town, is left to the user's own tiles.
    close, _ = known.query(points, predicate="dwithin", distance=0.06)
    further = further.drop(further.index[np.unique(close)])
    return pd.DataFrame({
        "id": "town." + further.country.str.lower() + "." + further.geonameid.astype(str),
        "name": further["name"].map(_plain_latin), "name_local": further["names"].map(arabic_name), "kind": "town",
        "importance": np.select([further.population > 100_000, further.population > 30_000], [7, 8], 9),
        "population": further.population, "longitude": further.longitude, "latitude": further.latitude})  # fmt: skip


def _plain_latin(name: str) -> str:
    name = name.removeprefix("Nāḩiyat ").removeprefix("Nahiyat ")  # "sub-district of"
    words = slug(name).split("-") if not name.isascii() else []
    return " ".join(word.capitalize() for word in words) if words else name


def _with_our_spelling(labels: pd.DataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Write the town a district is named after as the district is written: Mahmudiya, Chamchamal, Tell Abyad.

    Inside one district the consonants of the name are proof enough that a town bears its name.
    """
    names, local = labels["name"].replace(SPELLINGS).to_numpy(), labels.name_local.to_numpy()
    points = shapely.points(labels.longitude.to_numpy(), labels.latitude.to_numpy())
    town, district = shapely.STRtree(districts.geometry.to_numpy()).query(points, predicate="intersects")
    for index, row in zip(town, district, strict=True):
        area = districts.iloc[row]
        known = {skeleton(name) for name in (area["name"], area["name_local"], *area["aliases"])} - {""}
        if known & {skeleton(str(names[index])), skeleton(str(local[index]))}:
            names[index], local[index] = area["name"], area["name_local"]
    return labels.assign(name=names, name_local=local)


def _repeated(labels: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which labels repeat a name written less than half a degree away (GeoNames lists some towns twice)."""
    written: dict[str, list[tuple[float, float]]] = {}
    repeated = np.zeros(len(labels), dtype=bool)
    rows = zip(labels["name"], labels.longitude.astype(float), labels.latitude.astype(float), strict=True)
    for index, (name, longitude, latitude) in enumerate(rows):
        seen = written.setdefault(slug(name).removeprefix("al-"), [])
        repeated[index] = any(max(abs(x - longitude), abs(y - latitude)) < 0.5 for x, y in seen)
        seen.append((longitude, latitude))
    return repeated


def _first_free_zooms(labels: pd.DataFrame) -> npt.NDArray[np.int8]:
    longitude = np.radians(labels.longitude.to_numpy(dtype=float))
    latitude = np.radians(labels.latitude.to_numpy(dtype=float))
    # Web Mercator, in the width of the world.
    x, y = longitude / (2 * np.pi), np.log(np.tan(np.pi / 4 + latitude / 2)) / (2 * np.pi)
    half_width = labels["name"].str.len().to_numpy() * LETTER_WIDTH_PX / 2 + 8
    ranks = np.zeros(len(labels), dtype=np.int8)
    placed: list[int] = []
    for index, earliest in enumerate(labels.importance.to_numpy()):
        for zoom in range(max(int(earliest), ZOOMS[0]), ZOOMS[-1] + 1):
            world_px = 256 * 2**zoom
            others = np.array(placed, dtype=int)
            apart_x = np.abs(x[others] - x[index]) * world_px > half_width[others] + half_width[index]
            apart_y = np.abs(y[others] - y[index]) * world_px > LABEL_HEIGHT_PX
            if bool(np.all(apart_x | apart_y)):
                ranks[index] = zoom
                placed.append(index)
                break
    return ranks


def water_labels(lakes: gpd.GeoDataFrame, rivers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the labels of seas, lakes and rivers; a river's is put on its line and turned along it."""
    table = read_names("water")
    rows = [_sea_or_river(row, rivers) for row in table[table.kind != "lake"].to_dict("records")]
    rows += [
        (lake.name, lake.name_local, "lake", lake.rank, 0.0, shapely.point_on_surface(lake.geometry))
        for lake in lakes.itertuples()
    ]
    columns = ["name", "name_local", "kind", "rank", "angle", "geometry"]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs="EPSG:4326")
    frame["geometry"] = shapely.set_precision(frame.geometry.to_numpy(), 1e-4)
    number = frame.groupby(["kind", "name"]).cumcount() + 1
    frame["id"] = frame.kind + "." + frame["name"].map(slug) + np.where(number > 1, "-" + number.astype(str), "")
    return frame[["id", *columns]].astype({"rank": "int8"})


def _sea_or_river(row: dict[Any, str], rivers: gpd.GeoDataFrame) -> tuple[Any, ...]:
    point = shapely.Point(float(row["longitude"]), float(row["latitude"]))
    if row["kind"] == "sea":
        return row["name"], row["name_local"], "sea", int(row["rank"]), float(row["angle"]), point
    line = shapely.line_merge(shapely.union_all(rivers[rivers["name"] == row["name"]].geometry.to_numpy()))
    line = min(shapely.get_parts(line), key=lambda part: float(part.distance(point)))
    along = line.project(point)
    before, middle, after = (line.interpolate(max(along + step, 0.0)) for step in (-0.15, 0.0, 0.15))
    stretch = np.cos(np.radians(middle.y))
    angle = float(np.degrees(np.arctan2(before.y - after.y, (after.x - before.x) * stretch)))
    # Clockwise on the screen, and never upside down.
    angle = (angle + 90) % 180 - 90
    return row["name"], row["name_local"], "river", int(row["rank"]), round(angle, 1), middle
