"""A file in: good rows kept, bad rows listed by line, never a traceback."""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geodata import reader
from geodata.errors import FileError
from geodata.incident import COLUMN_NAMES
from geodata.reader import Reading, Rejected, read_incidents, read_records

T = TypeVar("T")

HEADER = "id,date_start,event_type,place\n"
ROW = "a,2021-07-29,rocket_attack,Erbil\n"


def read(text: str) -> Reading:
    reading = read_records(text.encode("utf-8"))
    assert reading.read == len(reading.records) + len(reading.rejected)
    return reading


def only(text: str) -> Rejected:
    (rejected,) = read(text).rejected
    return rejected


def full(**cells: str) -> str:
    """Return a file of one row with every column."""
    cells = {"id": "a", "date_start": "2021-07-29", "event_type": "threat", "place": "Erbil"} | cells
    row = ['"' + cells.get(name, "").replace('"', '""') + '"' for name in COLUMN_NAMES]
    return ",".join(COLUMN_NAMES) + "\n" + ",".join(row) + "\n"


def test_good_rows_are_kept_with_their_line() -> None:
    records = read(HEADER + ROW + "b,2021-07,threat,Harir\n").records
    assert records["id"].tolist() == ["a", "b"]
    assert records["line"].tolist() == [2, 3]


def test_missing_optional_columns_come_empty_and_unknown_ones_ride_along() -> None:
    reading = read("id,date_start,colour,event_type,place\na,2021,red,threat,Erbil\n")
    assert list(reading.records.columns) == [*COLUMN_NAMES, "colour", "line"]
    assert reading.records["summary"].tolist() == [""]
    assert reading.records["colour"].tolist() == ["red"]
    assert any("colour" in note for note in reading.notes)


@pytest.mark.parametrize("word", ["NA", "null", "NaN", "None", "TRUE", "007", "1e5", " padded ", "=1+1", "بغداد"])
def test_text_stays_as_it_is_written(word: str) -> None:
    assert read(full(summary=word)).records["summary"].tolist() == [word]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_any_line_ending_and_a_byte_order_mark_are_read(end: str, mark: str) -> None:
    reading = read((mark + HEADER + ROW + "b,2021,threat,Harir\n").replace("\n", end))
    assert reading.records["id"].tolist() == ["a", "b"]
    assert reading.records["line"].tolist() == [2, 3]
    assert reading.notes == ()


def test_a_second_byte_order_mark_is_not_swallowed() -> None:
    assert only(HEADER + "\ufeff" + ROW).code == "bad_id"


def test_the_last_line_needs_no_line_ending() -> None:
    assert read(HEADER + ROW.strip()).records["line"].tolist() == [2]


def test_lines_are_true_after_cells_with_line_breaks_and_empty_lines() -> None:
    reading = read(HEADER + 'a,2021,threat,"Erbil,\nHarir"\n\nb,2021,threat,Erbil\n,,,\nc,2021,nonsense,Erbil\n')
    assert reading.records["line"].tolist() == [2, 5]
    assert reading.records["place"].tolist() == ["Erbil,\nHarir", "Erbil"]
    assert [rejected.line for rejected in reading.rejected] == [7]
    assert reading.read == 3


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"id": ""}, "id", "missing_id"),
        ({"id": "a;b"}, "id", "bad_id"),
        ({"id": "a\u202eb"}, "id", "bad_id"),
        ({"event_type": ""}, "event_type", "missing_code"),
        ({"event_type": "rokcet_attack"}, "event_type", "unknown_code"),
        ({"date_start": "29 July"}, "date_start", "bad_date"),
        ({"date_end": "2021-07-28"}, "date_end", "reversed_dates"),
        ({"date_start": "", "date_end": "2021-07-28"}, "date_start", "missing_start"),
        ({"killed": "some"}, "killed", "bad_number"),
        ({"killed": "-1"}, "killed", "bad_number"),
        ({"wounded": "٣"}, "wounded", "bad_number"),
        ({"killed_min": "5", "killed": "3"}, "killed_min", "inverted_range"),
        ({"events_min": "5", "events_max": "3"}, "events_min", "inverted_range"),
        ({"latitude": "95", "longitude": "44"}, "latitude", "bad_coordinate"),
        ({"latitude": "inf", "longitude": "44"}, "latitude", "bad_coordinate"),
        ({"latitude": "33,3", "longitude": "44"}, "latitude", "bad_coordinate"),
        ({"latitude": "33.3"}, "longitude", "half_point"),
        ({"latitude": "0", "longitude": "0.0"}, "latitude", "null_island"),
        ({"likelihood": "suspected"}, "likelihood", "unknown_code"),
        ({"time_zone": "Baghdad"}, "time_zone", "unknown_zone"),
        ({"summary": "x" * 200_000}, "summary", "cell_too_long"),
    ],
)
def test_a_bad_cell_is_listed_with_column_value_reason_and_fix(cells: dict[str, str], column: str, code: str) -> None:
    rejected = only(full(**cells))
    assert (rejected.line, rejected.column, rejected.code) == (2, column, code)
    assert rejected.reason
    assert rejected.fix
    assert len(rejected.value) < 300


@pytest.mark.parametrize(
    ("column", "value", "fix"),
    [
        ("event_type", "rokcet_attack", "did you mean rocket_attack?"),
        ("date_start", "03/04/2021", "2021-03-04 or 2021-04-03"),
        ("date_start", "2021-07-29/2021-08-01", "put 2021-07-29 in date_start and 2021-08-01 in date_end"),
        ("killed", "3-9", "put 3 in killed_min and 9 in killed_max"),
        ("wounded", "at least 25", "put 25 in wounded_min"),
    ],
)
def test_the_fix_says_what_to_write(column: str, value: str, fix: str) -> None:
    assert fix in only(full(**{column: value})).fix


@pytest.mark.parametrize(
    ("column", "written", "kept"),
    [
        ("event_type", "Rocket attack", "rocket_attack"),
        ("target_type", "militia facility", "militia_facility"),
        ("likelihood", "probably", "likely"),
        ("date_start", "2021-07-29 00:00:00", "2021-07-29"),
        ("date_start", "2021/07/29", "2021-07-29"),
        ("killed", "3.0", "3"),
    ],
)
def test_a_known_misspelling_is_put_right_and_said_so(column: str, written: str, kept: str) -> None:
    reading = read(full(**{column: written}))
    assert reading.records[column].tolist() == [kept]
    assert reading.notes == (f"{column}: {written!r} read as {kept!r} in 1 row",)


def test_every_problem_of_a_row_is_named_but_the_row_counts_once() -> None:
    rejected = only(full(event_type="x", killed="y", date_start="z"))
    assert {rejected.column, *(problem.column for problem in rejected.others)} == {"event_type", "killed", "date_start"}


def test_a_repeated_id_keeps_the_first_row_and_names_its_line() -> None:
    reading = read(HEADER + ROW + "b,2021,threat,Erbil\n" + ROW)
    assert reading.records["id"].tolist() == ["a", "b"]
    assert [(rejected.line, rejected.code) for rejected in reading.rejected] == [(4, "duplicate_id")]
    assert "line 2" in reading.rejected[0].reason


@pytest.mark.parametrize("bad", ["b,2021,threat\n", "b,2021,threat,Erbil,extra\n", "b,2021,threat,Hillah, Babil\n"])
def test_a_ragged_row_is_listed_and_the_rest_is_kept(bad: str) -> None:
    reading = read(HEADER + ROW + bad + "c,2021,threat,Erbil\n")
    assert reading.records["id"].tolist() == ["a", "c"]
    assert reading.records["line"].tolist() == [2, 4]
    assert [(rejected.line, rejected.code) for rejected in reading.rejected] == [(3, "ragged_row")]


@pytest.mark.parametrize("tail", ["", "z,2021,threat,Erbil\n", 'z,2021,threat,"Hillah, Babil"\n'])
def test_an_unclosed_quote_costs_one_row(tail: str) -> None:
    good = "".join(f"r{number},2021,threat,Erbil\n" for number in range(5))
    reading = read(HEADER + ROW + 'b,2021,threat,"Erbil\n' + good + tail)
    assert [(rejected.line, rejected.code) for rejected in reading.rejected] == [(3, "unclosed_quote")]
    assert len(reading.records) == 6 + bool(tail)


def test_two_stray_quotes_lines_apart_do_not_glue_rows_together() -> None:
    reading = read(HEADER + 'a,2021,threat,"Erbil\nb,2021,threat,"Harir\nc,2021,threat,Taji\n')
    assert reading.records["id"].tolist() == ["c"]
    assert [rejected.line for rejected in reading.rejected] == [2, 3]


def test_a_quote_in_the_middle_of_a_cell_is_kept() -> None:
    assert read(HEADER + 'a,2021,threat,the "Green" Zone\n').records["place"].tolist() == ['the "Green" Zone']


def test_a_nul_byte_and_bytes_that_are_not_utf8_cost_their_rows() -> None:
    data = (HEADER + ROW + "b,2021,threat,Er\x00bil\nc,2021,threat,Taji\n").encode() + b"d,2021,threat,\xc3\x28\n"
    data += b"e,2021,threat,Harir\n"
    reading = read_records(data)
    assert reading.records["id"].tolist() == ["a", "c", "e"]
    assert [(rejected.line, rejected.code) for rejected in reading.rejected] == [(3, "nul"), (5, "not_utf8")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n\n", "empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        ("id,place\n".encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02\x03", "binary"),
        (b"id,place\na,b\n", "no column date_start and no column event_type"),
        (b"id,id,date_start,event_type,place\n", "appears twice"),
        (HEADER.encode() + b"<<<<<<< HEAD\n", "git conflict on line 2"),
        ("المعرف,المكان\n".encode("cp1256"), "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_clear_message(data: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message):
        read_records(data, name="events.csv")


def test_a_header_alone_is_a_file_without_records() -> None:
    reading = read(HEADER)
    assert (reading.read, len(reading.records), reading.rejected) == (0, 0, ())


def test_semicolons_and_tabs_are_recognised_by_the_header() -> None:
    assert read((HEADER + ROW).replace(",", ";")).records["place"].tolist() == ["Erbil"]
    assert read((HEADER + ROW).replace(",", "\t")).notes == ("cells are separated by tabs",)


def test_known_columns_are_found_under_other_spellings() -> None:
    reading = read("ID, Date start ,Event Type,PLACE\n" + ROW)
    assert reading.records["event_type"].tolist() == ["rocket_attack"]
    assert len(reading.notes) == 4


def test_a_column_called_line_does_not_hide_the_line_numbers() -> None:
    records = read("line,id,date_start,event_type,place\n9,a,2021,threat,Erbil\n").records
    assert records["line"].tolist() == [2]
    assert records["line (file)"].tolist() == ["9"]


def test_unreadable_paths_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path, Path("bad\0name")):
        with pytest.raises(FileError):
            read_incidents(path)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "growing.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    seen = []

    def state(file: BinaryIO) -> os.stat_result:
        if seen:
            with path.open("a", encoding="utf-8") as more:
                more.write(ROW)
        seen.append(path.stat())
        return seen[-1]

    monkeypatch.setattr(reader, "_state", state)
    with pytest.raises(FileError, match="changed while it was read"):
        read_incidents(path)
    assert path.read_text(encoding="utf-8") == HEADER + ROW + ROW


#: A row with every column filled; texts differ from row to row, as in a real file.
FILLED = {
    "id": "r{n}", "status": "reviewed", "date_start": "2021-{month:02d}-01", "date_end": "2021-{month:02d}-{day:02d}",
    "time_local": "{day:02d}:00", "time_zone": "Asia/Damascus", "first_reported": "2021-12-{day:02d}",
    "event_type": "rocket_attack", "weapon": "rocket {day}", "munitions": "{day}", "events_min": "1",
    "events_max": "{day}", "counting": "counted", "place": "Place {place}", "site": "Site {place}",
    "admin1": "Anbar", "country": "Iraq", "latitude": "33.{n}", "longitude": "42.{n}", "location_precision": "near",
    "target": "Target {n}", "target_type": "base", "likelihood": "likely", "killed_min": "0", "killed": "1",
    "killed_max": "{day}", "wounded_min": "0", "wounded": "1", "wounded_max": "{day}", "intercepted": "0",
    "expires": "2021-12", "confidence": "medium", "schema": "1",
    "summary": "Rockets fell {n} m from the runway; " + "nobody was hurt, and a wall was damaged. " * 5,
    "sources": "https://a.org/{n} | title=One | grade=B3; https://b.org/{n} | publisher=Two | grade=C3",
}  # fmt: skip
#: Cells that every fourth row has besides: each wrong in its own way, most of them in a new spelling each.
WRONG = {
    "event_type": "rokket{n}", "date_end": "2020", "first_reported": "{day:02d}/13/{n}", "killed": "99",
    "wounded": "about {n}", "longitude": "{n}1", "time_zone": "Mars/{n}", "status": "done {n}", "id": "a;{n}",
}  # fmt: skip


def calls_of(work: Callable[[], T]) -> tuple[T, int]:
    """Do something and count the functions that are called, which no other work on the machine changes."""
    calls = 0

    def note(_frame: object, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        return work(), calls
    finally:
        sys.setprofile(None)


def test_a_row_of_nine_errors_costs_a_few_calls_for_each_and_a_good_row_none() -> None:
    good, bad = (
        ",".join(cells.get(name, f"{name} {{n}}").join('""') for name in COLUMN_NAMES) + "\n"
        for cells in (FILLED, FILLED | WRONG)
    )

    def rows(n_good: int, n_bad: int) -> str:
        lines = [good] * n_good + [bad] * n_bad
        numbered = (line.format(n=n, month=n % 12 + 1, day=n % 27 + 2, place=n % 500) for n, line in enumerate(lines))
        return ",".join(COLUMN_NAMES) + "\n" + "".join(numbered)

    read(rows(10, 10))  # what is made once
    (few, some), (more, many), (wrong, most) = (
        calls_of(partial(read, rows(*n))) for n in ((2_000, 0), (6_000, 0), (2_000, 2_000))
    )
    assert (len(few.records), len(more.records), len(wrong.records)) == (2_000, 6_000, 2_000)
    assert (many - some) / 4_000 < 5
    assert (most - some) / (2_000 * len(WRONG)) < 30
    assert {len(rejected.others) for rejected in wrong.rejected} == {len(WRONG) - 1}


@given(st.binary(max_size=300) | st.text(alphabet='a,"\n\r;\t\x00é\ufeff ', max_size=60).map(str.encode))
@example(b"\x01\r\r,\n\n")  # an empty line in a table of one column
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_reading_or_a_file_error(data: bytes) -> None:
    for prefix in (b"", HEADER.encode()):
        try:
            reading = read_records(prefix + data)
        except FileError:
            continue
        assert reading.read == len(reading.records) + len(reading.rejected)
        assert all(rejected.line >= 1 and rejected.reason for rejected in reading.rejected)


cell = st.text(alphabet='ab ,"\n\r;é٣', max_size=8)


@given(st.lists(st.tuples(cell, cell), max_size=8))
@settings(deadline=None)
def test_text_that_is_quoted_comes_back_as_it_was(rows: list[tuple[str, str]]) -> None:
    def quote(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = [f"r{number},2021,threat,{quote(one)},{quote(two)}\n" for number, (one, two) in enumerate(rows)]
    reading = read("id,date_start,event_type,place,summary\n" + "".join(lines))
    assert list(zip(reading.records["place"], reading.records["summary"], strict=True)) == rows
    line = 2
    for number, text in enumerate(lines):
        assert reading.records["line"].iat[number] == line
        line += text.count("\n") + text.count("\r") - text.count("\r\n")
