"""Density spreads a record as widely as its place is uncertain."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from random_records import random_rows, random_selections
from small_store import PLACES, row, small_store, spot_of

from geodata.boundaries import load_boundaries
from geodata.density import CELL_DEG, Cell, density
from geodata.selection import Selection


def of(*places: str) -> tuple[Cell, ...]:
    store = small_store(row(f"r{n}", place=place) for n, place in enumerate(places))
    return density(store, store.ask(Selection()).by_spot[:, 0])


def holds(cell: Cell, longitude: float, latitude: float) -> bool:
    return cell[0] <= longitude < cell[2] and cell[1] <= latitude < cell[3]


def test_a_facility_lies_in_its_own_cell() -> None:
    (cell,) = of("embassy")
    assert holds(cell, PLACES["embassy"].longitude, PLACES["embassy"].latitude)
    assert cell[4] == 1
    assert cell[2] - cell[0] == pytest.approx(CELL_DEG)


def test_records_of_one_place_add_up() -> None:
    (cell,) = of("embassy", "embassy", "embassy")
    assert cell[4] == 3


def test_a_record_near_a_place_is_spread_over_its_circle() -> None:
    cells = of("near taji")
    assert len(cells) > 4
    assert sum(cell[4] for cell in cells) == pytest.approx(1, abs=0.01)
    # 15 km are 0.135 degrees of latitude; a cell's centre lies within.
    assert all(abs((cell[1] + cell[3]) / 2 - PLACES["near taji"].latitude) <= 0.136 for cell in cells)


def test_a_governorate_is_spread_over_itself_and_never_piles_on_its_capital() -> None:
    cells = of("anbar")
    shape = load_boundaries().area("IQ.anbar").geometry
    assert len(cells) > 500
    assert max(cell[4] for cell in cells) < 0.01
    assert all(shape.contains(shapely.Point((c[0] + c[2]) / 2, (c[1] + c[3]) / 2)) for c in cells)


@pytest.mark.parametrize("place", ["iraq", "part of syria"])
def test_a_record_known_only_to_a_country_has_no_density(place: str) -> None:
    assert of(place) == ()


@settings(max_examples=25)
@given(random_rows(), random_selections())
def test_the_weights_add_up_to_the_records_that_have_a_place_on_the_map(rows: tuple, selection: Selection) -> None:
    store = small_store(rows)
    answer = store.ask(selection)
    cells = density(store, answer.by_spot[:, 0])
    located = [n for n in answer.rows if store.spots.precision[spot_of(store)[n]] not in ("region", "country")]
    # Weights are written to six decimals; a governorate has up to 3,000 cells.
    assert sum(cell[4] for cell in cells) == pytest.approx(len(located), abs=0.005 * len(located) + 1e-9)
    assert all(cell[4] > 0 for cell in cells)
