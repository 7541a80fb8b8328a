"""Distances and reach on the ellipsoid, against another implementation of the geodesic."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import QueryError
from geodata.reach import MOST_REACH_KM, RING_CORNERS, covering_m, nearby, reach_feature, reach_ring

EARTH = Geodesic.WGS84
POINTS = st.tuples(st.floats(-180, 180), st.floats(-80, 80))


@given(POINTS, st.floats(0.5, MOST_REACH_KM))
def test_every_corner_and_middle_of_a_ring_lies_at_its_distance_within_a_thousandth(
    at: tuple[float, float], km: float
) -> None:
    ring = reach_ring(*at, km * 1000)
    assert len(ring) == RING_CORNERS + 1
    assert ring[0] == ring[-1]
    for (lon, lat), (lon2, lat2) in list(pairwise(ring))[::24]:
        assert EARTH.Inverse(at[1], at[0], lat, lon)["s12"] == pytest.approx(km * 1000, rel=1e-6)
        line = EARTH.InverseLine(lat, lon, lat2, lon2)
        middle = line.Position(line.s13 / 2)
        distance = EARTH.Inverse(at[1], at[0], middle["lat2"], middle["lon2"])["s12"]
        assert distance == pytest.approx(km * 1000, rel=1e-3)


@given(POINTS, st.lists(POINTS, max_size=5))
def test_distance_and_bearing_are_those_of_the_geodesic(
    at: tuple[float, float], places: list[tuple[float, float]]
) -> None:
    found = nearby(*at, places, within_m=3e7)
    assert sorted(near.index for near in found) == list(range(len(places)))
    assert [near.distance_m for near in found] == sorted(near.distance_m for near in found)
    for near in found:
        lon, lat = places[near.index]
        line = EARTH.Inverse(at[1], at[0], lat, lon)
        assert near.distance_m == pytest.approx(line["s12"], rel=1e-6, abs=0.01)
        if 1 < line["s12"] < 1.9e7:
            assert abs((near.bearing_deg - line["azi1"] + 180) % 360 - 180) < 0.01


def test_only_places_within_the_distance_are_listed_the_nearest_first() -> None:
    places = [(44.3870, 33.9000), (44.3870, 33.3500), (44.3870, 33.3100)]
    assert [near.index for near in nearby(44.3870, 33.3000, places, within_m=10_000)] == [2, 1]
    assert [near.compass for near in nearby(44.3870, 33.3000, places, within_m=10_000)] == ["N", "N"]
    assert nearby(44.4, 33.3, [], within_m=1e9) == ()


CIRCLES = st.lists(st.tuples(POINTS, st.floats(0, 300_000)), min_size=1, max_size=6)


@given(st.lists(st.tuples(POINTS, CIRCLES), min_size=1, max_size=4))
def test_a_circle_around_places_reaches_the_far_side_of_the_farthest(
    groups: list[tuple[tuple[float, float], list[tuple[tuple[float, float], float]]]],
) -> None:
    found = covering_m(
        np.array([centre for centre, _ in groups]),
        np.array([place for _, circles in groups for place, _ in circles]),
        np.array([radius_m for _, circles in groups for _, radius_m in circles]),
        np.cumsum([0, *(len(circles) for _, circles in groups[:-1])]),
    )
    for (centre, circles), radius_m in zip(groups, found, strict=True):
        away = [EARTH.Inverse(centre[1], centre[0], lat, lon)["s12"] + more for (lon, lat), more in circles]
        assert radius_m == pytest.approx(max(away), rel=1e-6, abs=0.01)


@pytest.mark.parametrize(
    ("lon", "lat", "km"),
    [
        (44, 33, 0),
        (44, 33, -1),
        (44, 33, float("nan")),
        (44, 33, 1e6),
        (181, 33, 10),
        (44, 86, 10),
        (float("nan"), 1, 1),
    ],
)
def test_a_reach_that_cannot_be_drawn_is_told(lon: float, lat: float, km: float) -> None:
    with pytest.raises(QueryError, match="cannot be drawn"):
        reach_feature(lon, lat, km)
