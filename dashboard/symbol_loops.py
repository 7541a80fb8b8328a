"""Loops over every pair of symbols (`c/symbols.c`): which are joined, where signs stand clear, how symbols part."""

from __future__ import annotations

from ctypes import c_double, c_int64, c_void_p
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.compiled import address, load_library

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

_loops = load_library(Path(__file__).parent / "c" / "symbols.c")
for _loop in (_loops.join_symbols, _loops.clearest, _loops.relax):
    _loop.restype = None


def join_symbols(x: Floats, y: Floats, radius: Floats, order: Numbers, *, least_gap: float) -> Numbers:
    """Join each symbol (pixels) to the nearest larger one that it overlaps; give the number of each one's group.

    Parameters
    ----------
    order
        The symbols, largest first.
    least_gap
        Share of the two radii from which on two symbols are not joined; 1 is touching.
    """
    group, heads = np.empty(len(x), dtype=np.int64), np.empty(len(x), dtype=np.int64)
    _loops.join_symbols(
        c_int64(len(x)), _floats(x), _floats(y), _floats(radius), _numbers(order), c_double(least_gap),
        _numbers(heads), _numbers(group),
    )  # fmt: skip
    return group


def clearest(
    x: Floats, y: Floats, ends: Numbers, sizes: Floats, taken: Floats, n_taken: int, *, enough_px: float
) -> Numbers:
    """Give each area's candidate with most clear pixels around it; the first wins among equals.

    Parameters
    ----------
    x, y
        All candidates in pixels, those of one area after those of another.
    ends
        Where each area's candidates end.
    sizes
        Radius of each area's sign.
    taken
        (symbols and areas, 3): x, y and radius of `n_taken` symbols, with room for the signs, which are added.
    enough_px
        Clear pixels beyond which a candidate is as good as any.
    """
    chosen = np.empty(len(ends), dtype=np.int64)
    _loops.clearest(
        c_int64(len(ends)), _floats(x), _floats(y), _numbers(ends), _floats(sizes), c_double(enough_px),
        _floats(taken), c_int64(n_taken), _numbers(chosen),
    )  # fmt: skip
    return chosen


def relax(
    home: Floats,
    radius: Floats,
    near: Numbers,
    boxes: Floats,
    *,
    width: float,
    height: float,
    rounds: int,
    farthest_radii: float,
) -> Floats:
    """Move symbols apart from where they belong (points); a symbol that need not move does not.

    Parameters
    ----------
    home
        (symbols, 2): where each belongs.
    near
        (2, pairs): symbols that may overlap, the first of each pair in the first row.
    boxes
        (boxes, 4): west, south, east and north of boxes that hold text, out of which symbols move.
    farthest_radii
        Farthest a symbol moves, in its own radii.

    Returns
    -------
    at
        (symbols, 2)
    """
    near = np.ascontiguousarray(near)
    at, push = home.copy(), np.empty_like(home)
    _loops.relax(
        c_int64(len(home)), _floats(home), _floats(radius), _numbers(near), c_int64(near.shape[1]),
        _floats(boxes), c_int64(len(boxes)), c_double(width), c_double(height),
        c_int64(rounds), c_double(farthest_radii), _floats(at), _floats(push),
    )  # fmt: skip
    return at


def _floats(array: npt.NDArray[Any]) -> c_void_p:
    return c_void_p(address(array, np.float64))


def _numbers(array: npt.NDArray[Any]) -> c_void_p:
    return c_void_p(address(array, np.int64))
