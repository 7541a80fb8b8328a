"""Text columns as small integers: nothing lost, several values in one cell, empty as a value of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.coding import Coded, code_cells

CELLS = ["A; B", "", "B", "A; B", "A"]


@pytest.fixture
def coded() -> Coded:
    return code_cells(pd.Series(CELLS, dtype="str"), ";")


def as_written(coded: Coded) -> list[tuple[str, ...]]:
    return [coded.combinations[code] for code in coded.codes]


def test_a_cell_is_a_list_of_values_and_an_empty_cell_is_a_value(coded: Coded) -> None:
    assert as_written(coded) == [("A", "B"), ("",), ("B",), ("A", "B"), ("A",)]
    assert coded.values == ("", "A", "B")


def test_one_wanted_value_of_several_is_enough(coded: Coded) -> None:
    assert coded.passes(frozenset("B")).tolist() == [True, False, True, True, False]
    assert coded.passes(frozenset({"", "A"})).tolist() == [True, True, False, True, True]
    assert coded.passes(frozenset({"nobody"})).tolist() == [False] * 5


def test_a_record_with_two_values_counts_under_both(coded: Coded) -> None:
    assert coded.totals() == {"": 1, "A": 3, "B": 3}
    assert coded.at(np.array([0, 2])).totals() == {"": 0, "A": 1, "B": 2}
    assert coded.at(np.array([], dtype=np.intp)).totals() == {"": 0, "A": 0, "B": 0}


def test_spaces_repeats_and_stray_separators_are_not_values() -> None:
    coded = code_cells(pd.Series([" A ;B", "A;;B; A", ";", " "], dtype="str"), ";")
    assert as_written(coded) == [("A", "B"), ("A", "B"), ("",), ("",)]


@pytest.mark.parametrize(("distinct", "kind"), [(256, np.uint8), (257, np.uint16)])
def test_codes_are_as_small_as_they_can_be_and_still_tell_every_value(distinct: int, kind: type) -> None:
    labels = [f"{n:03}" for n in range(distinct)]
    coded = code_cells(pd.Series(labels, dtype="str"))
    assert coded.codes.dtype == kind
    assert as_written(coded) == [(label,) for label in labels]


def test_an_empty_column_can_be_asked() -> None:
    coded = code_cells(pd.Series([], dtype="str"), ";")
    assert coded.passes(frozenset("A")).tolist() == []
    assert coded.totals() == {}


def test_labels_are_coded_one_value_each() -> None:
    coded = code_cells(pd.Series(["x; y", "", "x; y"]))
    assert as_written(coded) == [("x; y",), ("",), ("x; y",)]


@given(st.lists(st.lists(st.text("ab ç٣", max_size=3), max_size=3), max_size=12))
def test_every_cell_passes_exactly_for_its_own_values(lists: list[list[str]]) -> None:
    coded = code_cells(pd.Series(["; ".join(values) for values in lists], dtype="object"), ";")
    expected = [{value.strip() for value in values} - {""} or {""} for values in lists]
    for value in {"a", "b", "", *coded.values}:
        assert coded.passes(frozenset({value})).tolist() == [value in own for own in expected]
        assert coded.totals().get(value, 0) == sum(value in own for own in expected)
