"""Which symbols stand together: those that would cover each other at a zoom."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.symbols import sizes_px

#: Symbols closer than this share of their two radii are grouped: 1 is touching.
LEAST_GAP = 0.85


def overlapping(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], weight: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Group symbols (pixels) until none covers more than a sixth of another's reach; a group stands at its mean.

    Groups grow as they gather records and may then touch the next, so the passes are repeated until nothing changes;
    each pass joins at least two, and five are the most seen on real maps.

    Returns
    -------
    group
        Group number of each symbol, 0 for the first.
    """
    group = np.arange(len(x))
    while True:
        n = np.bincount(group, weights=weight)
        at_x, at_y = np.bincount(group, weights=x * weight) / n, np.bincount(group, weights=y * weight) / n
        joined = _join_pass(at_x, at_y, n)
        if joined.max() + 1 == len(n):
            return group
        group = joined[group]


def _join_pass(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], weight: npt.NDArray[Any]
) -> npt.NDArray[np.int64]:
    """Join each symbol to the nearest larger one that it overlaps; the largest come first."""
    radius = sizes_px(weight)
    group = np.full(len(x), -1, dtype=np.int64)
    heads: list[int] = []
    for index in np.lexsort((y, x, -weight)):
        gaps = np.hypot(x[heads] - x[index], y[heads] - y[index]) / (radius[heads] + radius[index])
        nearest = int(gaps.argmin()) if heads else -1
        if heads and gaps[nearest] < LEAST_GAP:
            group[index] = nearest
        else:
            group[index] = len(heads)
            heads.append(int(index))
    return group
