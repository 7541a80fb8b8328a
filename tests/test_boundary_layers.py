"""The layers that the two pens draw: their shapes, their labels, and how large they are as files."""

import json
import re

import numpy as np
import pytest
import shapely

from geodata import boundaries
from geodata.boundaries import LAYERS, basemap_geojson, basemap_layer
from geodata.build.boundary_inputs import read_names
from geodata.errors import FileError, QueryError


def test_layers_are_listed_from_the_bottom_of_the_map_to_its_top():
    assert LAYERS[0] == "countries"
    assert LAYERS[-1] == "labels"


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_ids_names_ranks_and_shapes_in_degrees(name):
    layer = basemap_layer(name)
    assert {"id", "name", "name_local", "rank", "geometry"} <= set(layer.columns)
    assert layer["id"].is_unique
    assert layer.crs.to_epsg() == 4326
    assert layer.geometry.is_valid.all()
    assert not layer.geometry.is_empty.any()
    assert not layer[["name", "name_local", "rank"]].isna().any().any()


@pytest.mark.parametrize("name", LAYERS)
def test_geojson_holds_the_layer_with_at_most_4_decimals(name):
    text = basemap_geojson(name).decode()
    features = json.loads(text)["features"]
    assert [feature["properties"]["id"] for feature in features] == list(basemap_layer(name)["id"])
    assert not re.search(r"\d\.\d{5,}", text)
    wanted = {"id", "name", "name_local", "rank"} | ({"kind", "angle"} if name == "labels" else set())
    assert set(features[0]["properties"]) == wanted


def test_geojson_is_made_once():
    assert basemap_geojson("lakes") is basemap_geojson("lakes")


def test_the_whole_basemap_is_below_two_megabytes_as_geojson_and_one_as_files():
    assert sum(len(basemap_geojson(name)) for name in LAYERS) < 2_000_000
    assert sum(path.stat().st_size for path in boundaries.DATA.glob("*.parquet")) < 1_000_000


def test_an_unknown_layer_is_refused_by_name():
    with pytest.raises(QueryError, match="'roads' is not a layer"):
        basemap_geojson("roads")


def test_a_missing_file_is_named_with_the_way_out(monkeypatch, tmp_path):
    monkeypatch.setattr(boundaries, "DATA", tmp_path)
    with pytest.raises(FileError, match=r"'lakes\.parquet' is missing"):
        boundaries._layer_file("lakes")


def test_labels_of_one_zoom_do_not_cover_each_other():
    labels = basemap_layer("labels")
    towns = labels[labels.kind.isin(["town", "capital"])]
    for zoom in (5, 7, 9):
        shown = towns[towns["rank"] <= zoom]
        x = 256 * 2**zoom * shown.geometry.x.to_numpy() / 360
        y = 256 * 2**zoom * np.log(np.tan(np.pi / 4 + np.radians(shown.geometry.y.to_numpy()) / 2)) / (2 * np.pi)
        width = shown["name"].str.len().to_numpy() * 6
        close_x = np.abs(x[:, None] - x) < (width[:, None] + width) / 2
        close_y = np.abs(y[:, None] - y) < 24
        assert (close_x & close_y).sum() == len(shown), zoom


def test_the_capitals_of_iraq_and_syria_are_labelled_first_and_in_arabic():
    labels = basemap_layer("labels").set_index("name")
    assert labels.loc["Baghdad", "name_local"] == "بغداد"
    assert labels.loc["Damascus", "name_local"] == "دمشق"
    assert labels.loc[["Baghdad", "Damascus"], "rank"].tolist() == [4, 4]


def test_governorate_capitals_are_labelled_in_both_languages():
    labels = basemap_layer("labels").set_index("name")["name_local"]
    table = read_names("governorates")
    capitals = set(table[table.capital != ""].capital)
    assert capitals <= set(labels.index)
    assert all(np.all(labels[capital] != "") for capital in capitals)


def test_tigris_and_euphrates_are_labelled_along_their_course():
    labels = basemap_layer("labels")
    rivers = basemap_layer("rivers")
    for name in ("Tigris", "Euphrates"):
        line = shapely.union_all(rivers[rivers["name"] == name].geometry.to_numpy())
        written = labels[(labels["name"] == name) & (labels.kind == "river")]
        assert len(written) >= 4
        assert (shapely.distance(written.geometry.to_numpy(), line) < 0.001).all()
        assert written.angle.between(-90, 90).all()


def test_both_limits_of_the_golan_are_drawn_as_disputed():
    assert {"Western limit of the Golan", "Line of separation 1974, Golan"} <= set(basemap_layer("disputed")["name"])
