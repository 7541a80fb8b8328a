"""Columns packed for the scan: a dataset with more values than a byte can number is answered in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from random_records import random_rows, random_selections
from small_store import Row, row, small_store

from geodata import packing
from geodata.answer import Answer
from geodata.coding import Codes
from geodata.selection import Selection


def parts(answer: Answer) -> Iterator[object]:
    """Give all that an answer says, as values that can be compared."""
    for name in ("rows", "unplaced", "by_spot", "colours", "types"):
        yield np.asarray(getattr(answer, name)).tolist()
    yield answer.counts
    yield answer.facets
    yield [np.asarray(getattr(answer.tempo, field.name)).tolist() for field in fields(answer.tempo)]


@pytest.mark.parametrize("width", [np.uint16, np.uint32])
def test_wide_codes_give_the_answers_of_narrow_ones(width: type[np.unsignedinteger]) -> None:
    narrow = packing._side_by_side

    def wide(columns: list[Codes]) -> Codes:
        return np.asfortranarray(narrow(columns).astype(width))

    @settings(max_examples=60, deadline=None)
    @given(random_rows(), random_selections())
    def agree(rows: tuple[Row, ...], selection: Selection) -> None:
        with mock.patch.object(packing, "_side_by_side", wide):
            other = small_store(rows)
        assert {codes.codes.dtype for codes in other.coded.values()} == {np.dtype(width)}
        assert list(parts(other.ask(selection))) == list(parts(small_store(rows).ask(selection)))

    agree()


def test_more_than_255_actors_take_two_bytes_and_are_told_apart() -> None:
    store = small_store([row(f"r{k}", "2021-07-10", claimed_by=f"Actor {k}") for k in range(300)])
    assert store.coded["claimed"].codes.dtype == np.uint16
    shown = store.ask(Selection(filters={"claimed": frozenset({"Actor 299"})}))
    assert shown.counts.shown == 1
    assert store.records.column("id", shown.rows).tolist() == ["r299"]
    assert shown.facets["claimed"]["Actor 255"] == 1
