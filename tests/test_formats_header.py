from __future__ import annotations

import io
from pathlib import Path

import formats_samples as samples
import openpyxl
import pytest

from geodata.formats import ColumnMapping, Imported, import_file, save_mapping
from geodata.formats.datasets import acled
from geodata.formats.header import first_record
from geodata.formats.mapping import shape_of

ROWS = (
    "a1,2021-07-29,Baghdad,33.3,44.4,two rockets\na2,2021-07-30,Erbil,36.2,44.0,a drone\n"
    "a3,2021-07-31,Mosul,36.3,43.1,x\n"
)


@pytest.fixture
def read(tmp_path: Path):
    def one(name: str, data: str | bytes) -> Imported:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return import_file(path, profiles_folder=tmp_path / "profiles")

    return one


@pytest.mark.parametrize("text", [ROWS, ROWS[:44], ROWS.replace(",", ";"), ROWS.replace(",", "\t")])
def test_a_table_without_a_header_line_loses_no_row(read, text: str) -> None:
    found = read("a.csv", text)
    assert found.reading.read == len(text.splitlines()) == len(found.reading.records) + len(found.reading.rejected)
    assert found.reading.records["line"][0] == 1
    assert found.reading.records["date_start"][0] == "2021-07-29"
    assert any(note.startswith("no header line: the first begins with 'a1'") for note in found.notes)
    assert "columns" in found.questions


def test_the_rows_of_a_large_known_file_without_a_header_line_are_all_read(read) -> None:
    rows = [{**samples.ACLED_ROW, "event_id_cnty": f"IRQ{n}", "notes": "two\nlines " * 60} for n in range(14_000)]
    found = read("a.csv", samples.csv_text(acled.COLUMNS, *rows, header=False) + "IRQ1,broken\n")
    assert (found.profile, found.reading.read, len(found.reading.records)) == ("acled", 14_001, 14_000)
    assert list(found.reading.records["line"][:2]) == [1, 62]


def test_a_sheet_without_a_header_row_is_told_by_its_content(read) -> None:
    book = openpyxl.Workbook()
    for row in ([samples.ACLED_ROW.get(name, "") for name in acled.COLUMNS],) * 2:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    found = read("a.xlsx", out.getvalue())
    assert (found.profile, found.reading.read) == ("acled", 2)
    assert "31 columns" in " ".join(found.notes)


def test_a_saved_profile_never_answers_for_columns_that_are_only_numbered(read, tmp_path: Path) -> None:
    columns = tuple(f"column {number}" for number in range(1, 7))
    mapping = ColumnMapping({"date_start": "column 2", "place": "column 6"}, shape=shape_of(columns))
    save_mapping(mapping, "mine", tmp_path / "profiles")
    assert "columns" in read("a.csv", ROWS).questions


@pytest.mark.parametrize(
    "lines",
    [
        ["id,date,place", "1,2021-07-29,Baghdad"], ["kraj,2019,2020,2021", "Irak,3,4,5"], ["0,1,2", "a,b,c"],
        ["Datum tätigkeit,Ort x", "2021-07-29,Bagdad"], ["kod;dzien;opis", "1;2021-07-29;x"], ["id,2021-07-29", "1,2"],
        ["a,b,c", "x,y,z"], ["id,date,place"],
    ],
)  # fmt: skip
def test_names_of_columns_are_no_record(lines: list[str]) -> None:
    sign = ";" if ";" in lines[0] else ","
    assert first_record([line.split(sign) for line in lines]) == ""
