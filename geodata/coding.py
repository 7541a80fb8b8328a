"""Text columns as small integers, so that a filter over a million records is one table look-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.unsignedinteger[Any]]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coded:
    """One column whose cells each hold one or several values.

    Attributes
    ----------
    codes
        One code per record, pointing into `combinations`.
    combinations
        The distinct cells, each as a tuple of values; `("",)` stands for an empty cell.
    values
        The distinct values, sorted.
    holds
        `holds[c, v]` is True when combination c has value v.
    """

    codes: Codes
    combinations: tuple[tuple[str, ...], ...]
    values: tuple[str, ...]
    holds: Mask

    def passes(self, wanted: frozenset[str]) -> Mask:
        """Tell for each record whether it has at least one of the wanted values."""
        return np.take(self.has_any(wanted), self.codes)

    def has_any(self, wanted: frozenset[str]) -> Mask:
        """Tell for each combination whether it has at least one of the wanted values."""
        columns = [index for index, value in enumerate(self.values) if value in wanted]
        found = self.holds[:, columns].any(axis=1)
        return np.asarray(found, dtype=bool)

    def per_value(self, per_combination: npt.NDArray[np.int64]) -> dict[str, int]:
        """Turn counts of combinations to counts of values; a record with two values is counted under both."""
        per_value = per_combination @ self.holds
        return {value: int(n) for value, n in zip(self.values, per_value, strict=True)}

    def totals(self) -> dict[str, int]:
        """Count the records that have each value."""
        return self.per_value(np.bincount(self.codes, minlength=len(self.combinations)))

    def at(self, positions: npt.NDArray[np.integer]) -> Coded:
        """Give the column whose records are those at some positions of this one."""
        return Coded(np.take(self.codes, positions), self.combinations, self.values, self.holds)


def code_cells(cells: pd.Series, separator: str | None = None) -> Coded:
    """Code a text column; with a separator each cell is a list of values, kept in its order without repeats."""
    positions, distinct = pd.factorize(cells, sort=True)
    combinations = [_split(str(cell), separator) for cell in distinct]
    merged = sorted(set(combinations))
    place = {combination: index for index, combination in enumerate(merged)}
    remap = np.array([place[combination] for combination in combinations], dtype=np.int64)
    codes = remap[positions] if len(combinations) else positions
    return _coded(codes, merged)


def distinct_rows(columns: Sequence[pd.Series]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Tell the distinct rows of several columns apart.

    Returns
    -------
    codes
        Number of each row, counted from 0 in order of appearance.
    first
        Position of the first row of each number.
    """
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(column)
        # Numbering anew after each column keeps the product of the sizes from overflowing.
        combined, _ = pd.factorize(combined * (len(values) + 1) + codes)
    _, first = np.unique(combined, return_index=True)
    return combined.astype(np.int64), first


def coded_from(codes: npt.NDArray[np.integer], combinations: Sequence[Sequence[str]]) -> Coded:
    """Rebuild a coded column from what was kept of it."""
    return _coded(np.asarray(codes, dtype=np.int64), [tuple(cell) for cell in combinations])


def one_value(size: int, value: str = "") -> Coded:
    """Code a column in which every record has the same value."""
    return _coded(np.zeros(size, dtype=np.int64), [(value,)])


def join_coded(columns: Sequence[Coded]) -> Coded:
    """Put coded columns one below the other."""
    combinations = sorted({cell for column in columns for cell in column.combinations})
    place = {combination: index for index, combination in enumerate(combinations)}
    moved = [
        np.array([place[cell] for cell in column.combinations], dtype=np.int64)[column.codes]
        for column in columns
        if len(column.codes)
    ]
    return _coded(np.concatenate(moved) if moved else np.zeros(0, dtype=np.int64), combinations)


def _coded(codes: npt.NDArray[np.int64], combinations: list[tuple[str, ...]]) -> Coded:
    values = sorted({value for combination in combinations for value in combination})
    position = {value: index for index, value in enumerate(values)}
    holds = np.zeros((len(combinations), len(values)), dtype=bool)
    for row, combination in enumerate(combinations):
        holds[row, [position[value] for value in combination]] = True
    return Coded(smallest(codes, len(combinations)), tuple(combinations), tuple(values), holds)


def _split(cell: str, separator: str | None) -> tuple[str, ...]:
    parts = cell.split(separator) if separator else [cell]
    kept = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    return kept or ("",)


def smallest(codes: npt.NDArray[np.int64], n: int) -> Codes:
    """Give codes below `n` in as few bytes as they need."""
    if n <= 2**8:
        return codes.astype(np.uint8)
    return codes.astype(np.uint16) if n <= 2**16 else codes.astype(np.uint32)
