"""Screen cells: the projection of web maps, and sums that add up to the records in the box."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from random_records import random_rows, random_selections
from small_store import row, small_store

from geodata.cells import CELL_PX, cells_in, grid_cells, mercator_px
from geodata.selection import Selection
from geodata.store import Store

WEB_MERCATOR = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
WORLD = (-180.0, -85.0, 180.0, 85.0)

SIX = (
    row("a", place="embassy", claimed_by="X"),
    row("b", place="embassy", claimed_by="Y"),
    row("c", place="airport"),
    row("d", place="tanf", claimed_by="X; Y"),
    row("e", place="baghdad governorate"),
    row("f", place="iraq"),
)


@pytest.fixture(scope="module")
def store() -> Store:
    return small_store(SIX)


@given(st.floats(-180, 180), st.floats(-85, 85), st.floats(0, 19))
def test_degrees_become_pixels_as_in_web_maps(longitude: float, latitude: float, zoom: float) -> None:
    x, y = mercator_px(np.array([longitude]), np.array([latitude]), zoom)
    metres_east, metres_north = WEB_MERCATOR.transform(longitude, latitude)
    metres_per_pixel = 2 * np.pi * 6378137 / (256 * 2**zoom)
    assert x[0] * metres_per_pixel == pytest.approx(np.pi * 6378137 + metres_east, abs=1)
    assert y[0] * metres_per_pixel == pytest.approx(np.pi * 6378137 - metres_north, abs=1)


def test_the_poles_lie_on_the_edge_of_the_world_and_not_beyond() -> None:
    _, y = mercator_px(np.array([0.0, 0.0]), np.array([90.0, -90.0]), 0)
    assert y == pytest.approx([0, 256], abs=1e-3)


def test_points_of_one_square_share_a_cell() -> None:
    x = np.array([1.0, CELL_PX - 1.0, CELL_PX + 1.0, 1.0])
    y = np.array([1.0, CELL_PX - 1.0, 1.0, CELL_PX + 1.0])
    cells = grid_cells(x, y)
    assert cells[0] == cells[1]
    assert len(set(cells.tolist())) == 3


def total(grid: dict[str, list[list[object]]]) -> int:
    return sum(cell[2] for part in ("cells", "areas", "margin") for cell in grid[part])  # type: ignore[misc]


@pytest.mark.parametrize("zoom", [0, 6, 12, 19])
def test_cells_areas_and_margin_add_up_to_what_is_shown(store: Store, zoom: float) -> None:
    answer = store.ask(Selection())
    assert total(cells_in(store, answer, WORLD, zoom)) == 6


def test_places_far_apart_are_apart_and_near_ones_together(store: Store) -> None:
    answer = store.ask(Selection())
    assert sorted(cell[2] for cell in cells_in(store, answer, WORLD, 17)["cells"]) == [1, 1, 2]
    assert sorted(cell[2] for cell in cells_in(store, answer, WORLD, 0)["cells"]) == [4]


def test_a_box_holds_only_its_own_places_and_every_country_stays_in_the_margin(store: Store) -> None:
    grid = cells_in(store, store.ask(Selection()), (38.0, 33.0, 39.0, 34.0), 8)
    assert [cell[:3] for cell in grid["cells"]] == [[38.617, 33.508, 1]]
    assert grid["areas"] == []
    assert grid["margin"] == [["Iraq", "IQ", 1]]


def test_an_area_is_never_a_cell(store: Store) -> None:
    grid = cells_in(store, store.ask(Selection(search="governorate")), WORLD, 5)
    assert grid["cells"] == []
    assert grid["areas"] == [["Baghdad", "IQ.baghdad", 1]]


def test_the_mix_of_a_cell_adds_up_to_its_number(store: Store) -> None:
    grid = cells_in(store, store.ask(Selection(), by="claimed"), WORLD, 0)
    (cell,) = grid["cells"]
    mix = {grid["categories"][cell[3][i]]: cell[3][i + 1] for i in range(0, len(cell[3]), 2)}
    assert mix == {"X": 1, "Y": 1, "": 1, "X; Y": 1}


def test_nothing_shown_gives_an_empty_grid(store: Store) -> None:
    grid = cells_in(store, store.ask(Selection(search="nothing such")), WORLD, 5)
    assert (grid["cells"], grid["areas"], grid["margin"]) == ([], [], [])


@settings(max_examples=40)
@given(random_rows(), random_selections(), st.floats(0, 19))
def test_no_record_is_lost_or_counted_twice_at_any_zoom(rows: tuple, selection: Selection, zoom: float) -> None:
    store = small_store(rows)
    answer = store.ask(selection)
    for colour_by in ("type", "claimed"):
        assert total(cells_in(store, store.ask(answer.selection, by=colour_by), WORLD, zoom)) == answer.counts.shown
