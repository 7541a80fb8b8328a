"""Symbols that would cover each other become one, and no others."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.grouping import LEAST_GAP, ROOM_PX, overlapping, point_groups, seen_area
from dashboard.symbols import sizes_px
from geodata.cells import mercator_px


@given(
    st.lists(
        st.tuples(st.floats(0, 400), st.floats(0, 400), st.integers(1, 60)),
        min_size=1,
        max_size=40,
    )
)
def test_groups_never_cover_more_of_each_other_than_allowed(points: list[tuple[float, float, int]]) -> None:
    x, y, weight = (np.array(column) for column in zip(*points, strict=True))
    group = overlapping(np.arange(len(x)), x, y, weight)
    n = np.bincount(group, weights=weight)
    assert set(group.tolist()) == set(range(len(n)))
    at_x, at_y = np.bincount(group, weights=x * weight) / n, np.bincount(group, weights=y * weight) / n
    radius = sizes_px(n)
    for i in range(len(n)):
        for j in range(i):
            distance = np.hypot(at_x[i] - at_x[j], at_y[i] - at_y[j])
            assert distance >= LEAST_GAP * (radius[i] + radius[j]) * (1 - 1e-9)


def test_symbols_that_do_not_touch_are_left_alone() -> None:
    far = np.array([0.0, 100.0, 200.0])
    assert sorted(overlapping(np.arange(3), far, far, np.array([1, 1, 1])).tolist()) == [0, 1, 2]


def test_where_symbols_crowd_the_ground_between_them_is_seen() -> None:
    zoom, side = 7.0, 20
    longitude, latitude = (
        grid.ravel() for grid in np.meshgrid(40 + 0.3 * np.arange(side), 30 + 0.25 * np.arange(side))
    )
    weight = np.ones(len(longitude), dtype=np.int64)
    x, y = mercator_px(longitude, latitude, zoom)

    group = point_groups(longitude, latitude, weight, zoom)
    n = np.bincount(group, weights=weight)
    at = np.stack([np.bincount(group, weights=axis) / n for axis in (x, y)], axis=1)
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    assert apart[~np.eye(len(n), dtype=bool)].min() >= LEAST_GAP * 2 * ROOM_PX
    two = [0, side + 1]
    assert sorted(point_groups(longitude[two], latitude[two], weight[two], zoom).tolist()) == [0, 1], "no crowd"


def test_a_district_too_small_to_be_seen_stands_with_its_governorate() -> None:
    assert seen_area("IQ.baghdad.karkh", zoom=6) == "IQ.baghdad"
    assert seen_area("IQ.baghdad.karkh", zoom=11) == "IQ.baghdad.karkh"
    assert seen_area("IQ.baghdad", zoom=1) == "IQ.baghdad", "a country says much less"
    assert seen_area("user:somewhere", zoom=1) == "user:somewhere"
