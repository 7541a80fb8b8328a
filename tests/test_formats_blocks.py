from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.csvtext import cut
from geodata.formats.blocks import cut_large
from geodata.formats.limits import CancelledError


def same(data: bytes, sign: str = ",") -> None:
    one, two = cut_large(data, sign, large=1, block=60), cut(data, delimiter=sign)
    assert one.header == two.header
    assert one.cells.to_pydict() == two.cells.to_pydict()
    assert one.lines.tolist() == two.lines.tolist()
    assert [row.line for row in one.broken] == [row.line for row in two.broken]


def text(rows: list[list[str]], end: str = "\n") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_breaks_in_cells_cost_no_line_number(end: str) -> None:
    rows = [["id", "note", "x"], *([str(n), f"a{end}b" if n % 7 == 0 else "plain", "z"] for n in range(60))]
    same(text(rows, end))


def test_ragged_rows_cost_themselves() -> None:
    rows = [["id", "note", "x"], *([str(n), "plain", "z"][: 2 if n % 11 == 5 else 3] for n in range(60))]
    same(text(rows))


def test_a_stray_quote_costs_its_row_in_a_large_file_too() -> None:
    lines = ["id,note,x", *(f"{n},plain,z" for n in range(60))]
    lines[20] = '19,"never closed,z'
    found = cut_large("\n".join(lines).encode(), ",", large=1, block=100)
    assert [row.line for row in found.broken] == [21]
    assert found.cells.num_rows == 59


def test_cutting_tells_how_far_it_is_and_stops_when_asked() -> None:
    data = text([["id", "note"], *([str(n), "plain"] for n in range(200))])
    told: list[float] = []
    cut_large(data, ",", large=1, block=100, progress=lambda _, part: told.append(part))
    assert told == sorted(told)
    assert told[-1] == 1.0
    with pytest.raises(CancelledError):
        cut_large(data, ",", large=1, block=100, cancel=lambda: True)


def test_blank_lines_above_the_header_are_counted() -> None:
    same(b"\n,,\nid,note,x\n" + b"1,2,3\n" * 40)


def test_a_line_inside_a_cell_that_looks_like_a_row_is_no_place_to_cut() -> None:
    rows = [
        ["id", "a", "b", "c", "d"],
        *([str(n), "", "", "", "aaaaa,"] for n in range(9)),
        ["9", "\n,a", "", "", "\n"],
    ]
    for block in range(20, 120):
        found = cut_large(text(rows), ",", large=1, block=block)
        assert (found.broken, found.cells.num_rows) == ((), 10)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text("ab,\n\"' ", max_size=6), min_size=4, max_size=4), max_size=25))
def test_any_proper_table_comes_out_whole(rows: list[list[str]]) -> None:
    filled = [[f"{number}", *row] for number, row in enumerate(rows)]
    found = cut_large(text([["id", "a", "b", "c", "d"], *filled]), ",", large=1, block=60)
    assert len(found.broken) == 0
    assert [list(row.values()) for row in found.cells.to_pylist()] == filled
