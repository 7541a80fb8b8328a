"""Boundaries: the areas that hold a point, the shapes that are drawn, and the files they come from."""

import hashlib
import math
import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import boundaries
from geodata.boundaries import (
    BOX_WSEN,
    LAYERS,
    Area,
    Boundaries,
    basemap_layer,
    load_boundaries,
    slug,
)
from geodata.build.boundary_inputs import read_names
from geodata.errors import QueryError

LEVELS = ("country", "governorate", "district")
SOURCES = Path(boundaries.__file__).parent / "data" / "SOURCES.md"


@pytest.fixture(scope="module")
def world() -> Boundaries:
    return load_boundaries()


def all_areas() -> list[Area]:
    return [area for level in LEVELS for area in load_boundaries().areas(level)]


def square(area_id: str, west: float, south: float, size: float = 1.0) -> Area:
    level = LEVELS[area_id.count(".")]
    parent = area_id.rpartition(".")[0]
    shape = shapely.box(west, south, west + size, south + size)
    middle = (west + size / 2, south + size / 2)
    return Area(area_id, level, area_id, "", area_id[:2], parent, (), shape, middle, 1.0, 5)


# Counts, names and ids


def test_iraq_has_18_governorates_and_syria_14(world):
    assert len(world.areas("governorate", country="IQ")) == 18
    assert len(world.areas("governorate", country="SY")) == 14


def test_iraq_has_101_districts_and_syria_272_sub_districts(world):
    assert len(world.areas("district", country="IQ")) == 101
    assert len(world.areas("district", country="SY")) == 272
    assert {area.country for area in world.areas("district")} == {"IQ", "SY"}


def test_governorates_are_spelt_as_in_the_records(world):
    names = {area.name for country in ("IQ", "SY") for area in world.areas("governorate", country=country)}
    assert names >= {
        "Baghdad", "Babil", "Al-Qadisiyyah", "Dhi Qar", "Anbar", "Salah ad-Din", "Deir ez-Zor", "Al-Muthanna", "Erbil",
        "Basra", "Nineveh", "Al-Hasakah", "Kirkuk", "Homs", "Karbala", "Najaf",
    }  # fmt: skip


def test_halabja_is_a_district_that_answers_to_the_name_of_the_governorate(world):
    halabja = world.area("IQ.sulaymaniyah.halabja")
    assert "Halabja Governorate" in halabja.aliases


def test_ids_are_unique_and_read_like_a_path():
    ids = [area.id for area in all_areas()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Z]{2}(\.[a-z0-9]+(-[a-z0-9]+)*){0,2}", area_id) for area_id in ids)
    assert [LEVELS[area.id.count(".")] for area in all_areas()] == [area.level for area in all_areas()]


def test_ids_have_not_changed():
    # Saved views, gazetteers and users' own files hold these ids. A new area changes the digest; a lost one must not.
    ids = "\n".join(sorted(area.id for area in all_areas() if area.country in ("IQ", "SY")))
    assert hashlib.sha256(ids.encode()).hexdigest()[:16] == "5c1654960428a15d"


def test_every_area_names_a_parent_one_level_up(world):
    for area in all_areas():
        if area.level == "country":
            assert area.parent == ""
        else:
            assert world.area(area.parent).level == LEVELS[LEVELS.index(area.level) - 1]
        assert area.country == area.id[:2]


def test_children_of_an_area_are_those_directly_below_it(world):
    assert {area.parent for area in world.children("IQ.baghdad")} == {"IQ.baghdad"}
    assert len(world.children("IQ.baghdad")) == 7
    assert world.children("IQ.baghdad.karkh") == ()


def test_every_country_and_every_area_of_iraq_and_syria_has_a_local_name():
    without = [area.id for area in all_areas() if not area.name_local]
    assert not [area_id for area_id in without if len(area_id) == 2 or area_id[:2] in ("IQ", "SY")]


def test_areas_of_iraq_and_syria_are_named_in_arabic_letters(world):
    for country in ("IQ", "SY"):
        for level in LEVELS[1:]:
            for area in world.areas(level, country=country):
                assert re.fullmatch(r"[\u0621-\u064a ]+", area.name_local), area.id


def test_no_alias_repeats_the_name():
    assert not [area.id for area in all_areas() if area.name in area.aliases]


def test_an_unknown_id_is_answered_with_the_closest_ones(world):
    with pytest.raises(QueryError, match=r"'IQ\.bagdad' is not.*IQ\.baghdad"):
        world.area("IQ.bagdad")
    assert "IQ.bagdad" not in world
    assert "IQ.baghdad" in world


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Deir ez-Zor", "deir-ez-zor"),
        ("Al-Mada'in", "al-madain"),
        ("Şanlıurfa", "sanliurfa"),
        ("Ma`an", "maan"),
        ("", ""),
    ],
)
def test_slugs_are_plain_ascii(name, expected):
    assert slug(name) == expected


# Shapes


@pytest.mark.parametrize(
    ("area_id", "official_km2", "tolerance"),
    [
        ("IQ", 438_317, 0.01), ("SY", 185_180, 0.015), ("IQ.baghdad", 5_000, 0.05), ("SY.quneitra", 1_750, 0.07),
        ("SY.homs", 42_223, 0.03),
        ("IQ.anbar", 138_501, 0.02), ("IQ.najaf", 28_824, 0.03), ("SY.damascus", 110, 0.12), ("KW", 17_818, 0.06),
        ("IR", 1_648_195, 0.02), ("LB", 10_452, 0.06),
    ],
)  # fmt: skip
def test_areas_are_as_large_as_they_are_officially(world, area_id, official_km2, tolerance):
    assert world.area(area_id).area_km2 == pytest.approx(official_km2, rel=tolerance)


def test_every_shape_is_valid_and_inside_the_box():
    box = shapely.box(*BOX_WSEN)
    for area in all_areas():
        assert shapely.is_valid(area.geometry), area.id
        assert shapely.covered_by(area.geometry, box), area.id


@pytest.mark.parametrize("level", LEVELS)
def test_areas_of_a_level_do_not_overlap_and_share_their_borders(world, level):
    shapes = np.array([area.geometry for area in world.areas(level)])
    assert shapely.coverage_is_valid(shapes)


def test_children_fill_their_parent_exactly(world):
    for area in all_areas():
        children = world.children(area.id)
        if children:
            together = shapely.coverage_union_all(np.array([child.geometry for child in children]))
            assert shapely.area(shapely.symmetric_difference(together, area.geometry)) < 1e-9, area.id


def test_no_sliver_is_left_between_countries_or_districts(world):
    for level, country in (("country", ""), ("district", "IQ"), ("district", "SY")):
        land = shapely.union_all([area.geometry for area in world.areas(level, country=country)])
        assert [part for part in shapely.get_parts(land) if len(part.interiors)] == []


# Anchors


def test_anchors_lie_inside_their_area():
    for area in all_areas():
        assert shapely.contains_xy(area.geometry, *area.anchor_lonlat), area.id


def test_anchors_of_governorates_are_not_at_the_capital(world):
    table = read_names("governorates")
    for row in table[table.capital != ""].itertuples():
        area = world.area(f"{row.country}.{row.slug}")
        longitude, latitude = area.anchor_lonlat
        east_km = (longitude - float(row.capital_longitude)) * 111.2 * math.cos(math.radians(latitude))
        north_km = (latitude - float(row.capital_latitude)) * 111.2
        assert math.hypot(east_km, north_km) > 0.3 * math.sqrt(area.area_km2 / math.pi), area.id


def test_anchors_keep_clear_of_lakes():
    water = shapely.union_all(basemap_layer("lakes").geometry.to_numpy())
    drowned = [area.id for area in all_areas() if shapely.contains_xy(water, *area.anchor_lonlat)]
    assert drowned == []


# Which area holds a point


@pytest.mark.parametrize(
    ("longitude", "latitude", "expected"),
    [
        pytest.param(44.3906, 33.2990, ("IQ", "IQ.baghdad", "IQ.baghdad.karkh"), id="Green Zone"),
        pytest.param(44.185, 33.306, ("IQ", "IQ.baghdad", "IQ.baghdad.kadhimiyah"), id="Abu Ghraib, not Anbar"),
        pytest.param(44.270, 33.520, ("IQ", "IQ.baghdad", "IQ.baghdad.kadhimiyah"), id="Taji"),
        pytest.param(44.370, 33.060, ("IQ", "IQ.baghdad", "IQ.baghdad.mahmudiya"), id="Mahmudiya, not Babil"),
        pytest.param(43.7775, 33.3500, ("IQ", "IQ.anbar", "IQ.anbar.fallujah"), id="Fallujah"),
        pytest.param(42.4412, 33.7856, ("IQ", "IQ.anbar", "IQ.anbar.hit"), id="Ain al-Asad"),
        pytest.param(43.9632, 36.2376, ("IQ", "IQ.erbil", "IQ.erbil.erbil"), id="Erbil airport"),
        pytest.param(45.986, 35.178, ("IQ", "IQ.sulaymaniyah", "IQ.sulaymaniyah.halabja"), id="Halabja"),
        pytest.param(47.7840, 30.5090, ("IQ", "IQ.basra", "IQ.basra.basra"), id="Basra"),
        pytest.param(42.2500, 32.0400, ("IQ", "IQ.anbar", "IQ.anbar.rutbah"), id="Nukhayb, not Najaf"),
        pytest.param(38.2800, 34.5600, ("SY", "SY.homs", "SY.homs.tadmor"), id="Palmyra"),
        pytest.param(40.920, 34.450, ("SY", "SY.deir-ez-zor", "SY.deir-ez-zor.abu-kamal"), id="Al-Bukamal"),
        pytest.param(35.770, 33.270, ("SY", "SY.quneitra", "SY.quneitra.masaada"), id="Majdal Shams, Golan"),
        pytest.param(35.8583, 34.8561, ("SY", "SY.tartus", "SY.tartus.arwad"), id="Arwad, an island"),
        pytest.param(50.6336, 26.2708, ("BH", "BH.muharraq", ""), id="Bahrain airport"),
        pytest.param(47.9774, 29.3759, ("KW", "KW.al-asimah", ""), id="Kuwait City"),
        pytest.param(35.5950, 32.7940, ("IL", "IL.northern-district", ""), id="Sea of Galilee"),
        pytest.param(33.3000, 35.3300, ("CY", "CY.northern-cyprus", ""), id="Kyrenia"),
    ],
)  # fmt: skip
def test_known_points_lie_in_the_right_areas(world, longitude, latitude, expected):
    assert tuple(ids[0] for ids in world.locate([longitude], [latitude])) == expected


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(34.0, 34.0), (50.5, 27.9), (62.0, 15.0), (0.0, 0.0), (-77.04, 38.90), (24.99, 41.0), (float("nan"), 33.0),
     (44.0, float("nan")), (float("inf"), 33.0), (44.0, 1e9)],
)  # fmt: skip
def test_the_sea_the_outside_and_missing_coordinates_are_nowhere(world, longitude, latitude):
    assert [ids[0] for ids in world.locate([longitude], [latitude])] == ["", "", ""]


def test_a_point_up_to_2_km_off_the_coast_belongs_to_the_nearest_land():
    land = Boundaries([square("AA", 40.0, 30.0)])
    degree_km = 111.19
    east_km = degree_km * math.cos(math.radians(30.5))
    countries, _, _ = land.locate([41 + 1.9 / east_km, 41 + 2.1 / east_km], [30.5, 30.5])
    assert list(countries) == ["AA", ""]
    countries, _, _ = land.locate([40.5, 40.5], [30 - 1.9 / degree_km, 30 - 2.1 / degree_km])
    assert list(countries) == ["AA", ""]


def test_a_point_between_two_coasts_goes_to_the_nearer():
    land = Boundaries([square("AA", 40.0, 30.0), square("BB", 41.02, 30.0)])
    countries, _, _ = land.locate([41.008, 41.012], [30.5, 30.5])
    assert list(countries) == ["AA", "BB"]


def test_a_point_on_a_border_goes_to_the_area_whose_id_sorts_first():
    for order in (("AA", "BB"), ("BB", "AA")):
        land = Boundaries([square(name, 40.0 + (name == "BB"), 30.0) for name in order])
        assert list(land.locate([41.0], [30.5])[0]) == ["AA"]


def test_an_area_without_districts_gives_no_district():
    land = Boundaries([square("AA", 40.0, 30.0), square("AA.west", 40.0, 30.0)])
    assert [ids[0] for ids in land.locate([40.5], [30.5])] == ["AA", "AA.west", ""]


def test_equal_points_get_equal_answers_in_the_order_asked(world):
    longitude = np.tile([44.39, 34.0, 36.29], 1000)
    latitude = np.tile([33.30, 34.0, 33.51], 1000)
    countries, governorates, _ = world.locate(longitude, latitude)
    assert list(countries) == ["IQ", "", "SY"] * 1000
    assert list(governorates) == ["IQ.baghdad", "", "SY.damascus"] * 1000


def test_no_points_give_no_answers(world):
    assert [len(ids) for ids in world.locate([], [])] == [0, 0, 0]


def test_unequal_numbers_of_longitudes_and_latitudes_are_refused(world):
    with pytest.raises(QueryError, match="as many longitudes as latitudes"):
        world.locate([44.0, 45.0], [33.0])


points = st.tuples(
    st.floats(BOX_WSEN[0] - 1, BOX_WSEN[2] + 1, allow_nan=False),
    st.floats(BOX_WSEN[1] - 1, BOX_WSEN[3] + 1, allow_nan=False),
)


@settings(max_examples=60)
@given(st.lists(points, min_size=1, max_size=20))
def test_locate_agrees_with_asking_every_area(asked):
    world = load_boundaries()
    longitude, latitude = (np.array(axis) for axis in zip(*asked, strict=True))
    for level, answers in zip(LEVELS, world.locate(longitude, latitude), strict=True):
        areas = world.areas(level)
        shapes = np.array([area.geometry for area in areas])
        for x, y, answer in zip(longitude, latitude, answers, strict=True):
            strictly = [
                area.id for area, inside in zip(areas, shapely.contains_xy(shapes, x, y), strict=True) if inside
            ]
            if strictly:
                assert [answer] == strictly
            elif answer:
                # On an edge, or at most 2 km off the coast; in degrees that is below 0.025 in the whole box.
                assert shapely.distance(world.area(answer).geometry, shapely.Point(x, y)) < 0.025


# Sources


def test_files_are_those_listed_in_the_sources():
    listed = dict(re.findall(r"\| `(\w+\.parquet)` \|.*\| `([0-9a-f]{64})` \|", SOURCES.read_text(encoding="utf-8")))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in boundaries.DATA.glob("*.parquet")}
    assert found == {name: digest for name, digest in listed.items() if name in found}
    assert set(found) == {f"{name}.parquet" for name in LAYERS}


def test_source_packages_are_those_the_build_checks():
    from geodata.build.boundary_sources import SOURCES as PACKAGES

    text = SOURCES.read_text(encoding="utf-8")
    for package in PACKAGES:
        assert f"{package.name} {package.version}" in text
        assert package.sha256 in text


def test_every_credit_line_is_listed_in_the_sources():
    text = " ".join(SOURCES.read_text(encoding="utf-8").split())
    for line in (*boundaries.CREDITS, boundaries.DISCLAIMER):
        assert line in text
