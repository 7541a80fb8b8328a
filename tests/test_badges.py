"""The number of an area stands inside the area and clear of the symbols of places."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from small_store import PLACES, point, row, small_store

from dashboard.drawing import draw
from dashboard.marks import Mark
from dashboard.view import View
from geodata.boundaries import load_boundaries
from geodata.cells import mercator_px
from geodata.selection import Selection
from geodata.store import Store


def marks_of(store: Store, zoom: float | None) -> list[Mark]:
    return list(draw(store, store.ask(Selection()), View(), zoom=zoom).marks)


def areas_of(marks: list[Mark]) -> dict[str, Mark]:
    return {mark.area_id: mark for mark in marks if mark.drawn_as == "area"}


def gap_px(one: Mark, other: Mark, zoom: float) -> float:
    x, y = mercator_px(np.array([one.longitude, other.longitude]), np.array([one.latitude, other.latitude]), zoom)
    return float(np.hypot(x[0] - x[1], y[0] - y[1])) - one.size_px - other.size_px


@pytest.fixture(scope="module")
def crowded() -> Store:
    """Baghdad's governorate and district-sized neighbours, with many records around its centre."""
    places = ["baghdad governorate"] * 3 + ["embassy"] * 20 + ["airport"] * 5 + ["near taji"] * 5
    return small_store(row(f"r{n}", place=place) for n, place in enumerate([*places, "anbar", "musayyib"]))


@pytest.mark.parametrize("zoom", [5.0, 7.0, 9.0, 11.0])
def test_a_badge_stays_inside_its_area_at_every_zoom(crowded: Store, zoom: float) -> None:
    areas = areas_of(marks_of(crowded, zoom))
    assert set(areas) == {"IQ.baghdad", "IQ.anbar", "IQ.babil.musayyib"}
    for area_id, mark in areas.items():
        shape = load_boundaries().area(area_id).geometry
        assert shape.buffer(1e-6).contains(shapely.Point(mark.longitude, mark.latitude))


@pytest.mark.parametrize("zoom", [6.0, 8.0, 10.0])
def test_a_badge_gives_way_to_a_symbol_at_its_centre(zoom: float) -> None:
    longitude, latitude = load_boundaries().area("IQ.anbar").anchor_lonlat
    places = {**PLACES, "centre": point("Centre", longitude, latitude, "town", "IQ.anbar")}
    rows = [row("area", place="anbar"), *(row(f"r{n}", place="centre") for n in range(9))]
    marks = marks_of(small_store(rows, places=places), zoom)
    badge, symbol = areas_of(marks)["IQ.anbar"], next(mark for mark in marks if mark.drawn_as == "disc")
    assert (symbol.longitude, symbol.latitude) == (longitude, latitude)
    assert gap_px(badge, symbol, zoom) > 0


def test_badges_keep_clear_of_each_other(crowded: Store) -> None:
    one, other = (areas_of(marks_of(crowded, 9.0))[name] for name in ("IQ.baghdad", "IQ.babil.musayyib"))
    assert gap_px(one, other, 9.0) > 0


def test_a_badge_alone_stands_at_the_centre_of_its_area() -> None:
    alone = small_store([row("a", place="anbar")])
    mark = areas_of(marks_of(alone, 7.0))["IQ.anbar"]
    assert (mark.longitude, mark.latitude) == load_boundaries().area("IQ.anbar").anchor_lonlat


def test_moving_badges_changes_nothing_but_their_place(crowded: Store) -> None:
    moved, unmoved = areas_of(marks_of(crowded, 8.0)), areas_of(marks_of(crowded, None))
    assert {name: (m.count, m.parts, m.spots) for name, m in moved.items()} == {
        name: (m.count, m.parts, m.spots) for name, m in unmoved.items()
    }
