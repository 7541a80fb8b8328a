from __future__ import annotations

from pathlib import Path

import pytest

from geodata.errors import FileError
from geodata.formats import ColumnMapping, Imported, import_file, preview_table, save_mapping
from geodata.formats.daytext import AMBIGUOUS, HIJRI_NOTE, read_day
from geodata.formats.importing import Choices
from geodata.formats.text import read_text


@pytest.fixture
def read(tmp_path: Path):
    def one(text: str, name: str = "a.csv", **options: object) -> Imported:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return import_file(path, profiles_folder=tmp_path / "profiles", **options)

    return one


COLLEAGUE = """Nr;Datum of incident;Town;Lat.;Lng;What happened;Dead;Reporter
1;29.07.2021;Baghdad;33.3076;44.3903;Two rockets fell near the embassy in the evening, nobody was hurt;0;Ali
2;30.07.2021;Erbil;36.19;44.01;A drone was shot down;;Sara
"""


def test_columns_are_proposed_by_name_and_the_rest_is_named(read) -> None:
    found = read(COLLEAGUE)
    mapping = found.tables[0].mapping
    assert mapping is not None
    assert {ours: name for ours, name in mapping.columns.items() if ours != "id"} == {
        "date_start": "Datum of incident", "place": "Town", "latitude": "Lat.", "longitude": "Lng",
        "summary": "What happened", "killed": "Dead",
    }  # fmt: skip
    assert set(mapping.unmapped(("Nr", "Reporter"))) == {"Nr", "Reporter"}
    assert set(found.unmapped) == {"Nr", "Reporter"}
    assert (found.profile, found.questions) == ("unknown", ("columns",))
    assert list(found.reading.records["date_start"]) == ["2021-07-29", "2021-07-30"]
    assert list(found.reading.records["Reporter"]) == ["Ali", "Sara"]


@pytest.mark.parametrize(
    ("name", "cells", "ours"),
    [("local_time_of_day", ("21:30", "4.15"), "time_local"), ("time_precision", ("1", "2"), None),
     ("precision_of_place", ("Site", "town"), "location_precision"), ("event_precision", ("1", "3"), None)],
)  # fmt: skip
def test_a_column_that_names_a_field_is_proposed_only_where_its_cells_fit(
    read, name: str, cells: tuple[str, str], ours: str | None
) -> None:
    found = read(f"date,place,{name}\n2021-07-29,Baghdad,{cells[0]}\n2021-07-30,Erbil,{cells[1]}\n")
    mapping = found.tables[0].mapping
    assert mapping is not None
    assert next((field for field, column in mapping.columns.items() if column == name), None) == ours
    assert (name in found.unmapped) == (ours is None)


def test_columns_are_proposed_by_content_when_names_say_nothing(read) -> None:
    text = "a,b,c,d\n" + "".join(
        f'2021-07-{day:02d},"33.3, 44.4",https://example.org/{day},{"A long text that tells what happened. " * 2}\n'
        for day in range(1, 8)
    )
    mapping = read(text).tables[0].mapping
    assert mapping is not None
    assert dict(mapping.columns) == {"date_start": "a", "coordinates": "b", "sources": "c", "summary": "d"}
    record = read(text).reading.records.iloc[0]
    assert (record["latitude"], record["longitude"], record["sources"]) == ("33.3", "44.4", "https://example.org/1")


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("", ("33.3076,44.3903", "36.19,44.01", "30.51,47.81"), ("column 2", "column 3")),
        ("", ("44.3903,33.3076", "44.01,36.19", "47.81,30.51"), ("column 3", "column 2")),
        ("when,a,b,what\n", ("33.3076,44.3903", "36.19,44.01", "30.51,47.81"), ("a", "b")),
        ("when,paid,owed,what\n", ("12.50,99.99", "13.25,80.10", "8.75,45.00"), None),
    ],
)
def test_coordinates_are_proposed_by_where_their_points_lie(
    read, header: str, cells: tuple[str, ...], expected: tuple[str, str] | None
) -> None:
    text = header + "".join(f"2021-07-{day},{pair},rockets\n" for day, pair in enumerate(cells, start=10))
    mapping = read(text).tables[0].mapping
    assert mapping is not None
    assert not mapping.confirmed
    found = (mapping.columns.get("latitude"), mapping.columns.get("longitude"))
    assert found == (expected or (None, None))


def test_a_saved_profile_is_used_for_the_next_file_of_that_shape(read, tmp_path: Path) -> None:
    mapping = ColumnMapping({"date_start": "d", "place": "p"}, order="month-first", shape=("d", "p", "x"))
    save_mapping(mapping, "Sara's sheet", tmp_path / "profiles")
    found = read("x,p,d\n1,Baghdad,03/04/2021\n")
    assert found.evidence == ('the saved profile "Sara\'s sheet" fits its columns',)
    assert (found.questions, found.reading.records["date_start"][0]) == ((), "2021-03-04")
    assert read("x,p,d,e\n1,Baghdad,2021-03-04,\n", "b.csv", mapping=mapping).reading.records["place"][0] == "Baghdad"


def test_a_saved_profile_that_is_broken_is_passed_over(read, tmp_path: Path) -> None:
    mapping = ColumnMapping({"date_start": "date", "place": "p"}, shape=("date", "p"))
    save_mapping(mapping, "x", tmp_path / "profiles").write_text("{", encoding="utf-8")
    assert "no known dataset" in read("date,p\n2021-07-29,Baghdad\n").evidence[0]


def test_a_mapping_that_names_what_is_not_there_is_refused(read) -> None:
    with pytest.raises(FileError, match="'gone'"):
        read("date,place\n2021,Baghdad\n", mapping=ColumnMapping({"date_start": "gone"}))


@pytest.mark.parametrize(
    ("days", "read_as", "asked"),
    [
        (["03/04/2021", "13/04/2021"], ["2021-04-03", "2021-04-13"], ()),
        (["03/04/2021", "04/13/2021"], ["2021-03-04", "2021-04-13"], ()),
        (["03/04/2021", "05/04/2021"], ["2021", "2021"], ("dates", "columns")),
        (["13/04/2021", "04/13/2021", "03/04/2021"], ["2021-04-13", "2021-04-13", "2021"], ("dates", "columns")),
        (["04/04/2021"], ["2021-04-04"], ()),
    ],
)
def test_day_or_month_first_is_told_by_the_whole_column_or_asked(
    read, days: list[str], read_as: list[str], asked
) -> None:
    text = "date,place\n" + "".join(f"{day},Place {number}\n" for number, day in enumerate(days))
    found = read(text)
    assert list(found.reading.records["date_start"]) == read_as
    assert ("dates" in found.questions) == ("dates" in asked)
    if asked:
        assert found.flags[0].text == AMBIGUOUS


@pytest.mark.parametrize(("order", "start"), [("day-first", "2021-04-03"), ("month-first", "2021-03-04")])
def test_the_answer_is_taken(read, order: str, start: str) -> None:
    found = read("date,place\n03/04/2021,Baghdad\n", dates=order)
    assert (found.reading.records["date_start"][0], "dates" in found.questions) == (start, False)
    with pytest.raises(FileError, match="no order"):
        read("date,place\n03/04/2021,Baghdad\n", dates="whatever")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2021", "2021"), ("2021-07", "2021-07"), ("July 2021", "2021-07"), ("7/2021", "2021-07"),
        ("20210729", "2021-07-29"),
        ("29 July 2021", "2021-07-29"), ("Thursday, 29 July 2021", "2021-07-29"), ("July 29, 2021", "2021-07-29"),
        ("29-Jul-21", "2021-07-29"), ("29 تموز 2021", "2021-07-29"), ("٢٠٢١-٠٧-٢٩", "2021-07-29"),
        ("1627516800", "2021-07-29"), ("1627516800000", "2021-07-29"), ("44406", "2021-07-29"),
        ("44406.58", "2021-07-29"),
        ("2021-07-29T14:05:00+03:00", "2021-07-29"), ("2021/07/29", "2021-07-29"), ("29.7.2021", "2021-07-29"),
    ],
)  # fmt: skip
def test_days_as_people_and_programs_write_them(text: str, start: str) -> None:
    assert read_day(text).start == start


def test_a_day_of_the_islamic_calendar_may_be_a_day_off_and_says_so() -> None:
    day = read_day("1442-12-19")
    assert (day.start, day.end, day.note) == ("2021-07-28", "2021-07-30", HIJRI_NOTE)


@pytest.mark.parametrize(
    "text", ["2021-13-45", "30 February 2021", "soon", "0000-00-00", "99999999999999999999", "31/31/2021"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write 2021"):
        read_day(text)


def test_records_without_an_id_get_the_same_one_in_the_next_version(read) -> None:
    first = read("date,place,description\n2021-07-29,Baghdad,one\n2021-07-29,Baghdad,two\n2021-07-30,Erbil,x\n")
    second = read("date,place,description\n2021-07-30,Erbil,corrected text\n2021-07-29,Baghdad,one\n", "b.csv")
    ids = list(first.reading.records["id"])
    assert len(set(ids)) == 3
    assert list(second.reading.records["id"]) == [ids[2], ids[0]]


def test_the_first_rows_can_be_shown_as_they_would_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(COLLEAGUE)
    raw = read_text(tmp_path / "a.csv", "a.csv")
    table = preview_table(raw, Choices(profiles_folder=Path("nowhere")), rows=1)
    assert list(table.reading.records["date_start"]) == ["2021-07-29"]


@pytest.mark.parametrize(
    ("header", "cells", "ours"),
    [("munitions", ["2", "3", "10+"], "munitions"), ("Munitions", ["Katyusha", "107 mm rocket", "drone"], "weapon"),
     ("munition_type", ["Katyusha", "mortar", ""], "weapon"), ("weapon", ["rocket", "", "drone"], "weapon"),
     ("number of rockets", ["2", "3", "4"], "munitions")],
)  # fmt: skip
def test_munitions_are_how_many_unless_they_are_words(read, header: str, cells: list[str], ours: str) -> None:
    rows = "".join(f"2021-07-{29 + number},Baghdad,{cell},x\n" for number, cell in enumerate(cells))
    found = read(f"date,place,{header},summary\n{rows}")
    mapping = found.tables[0].mapping
    assert mapping is not None
    assert mapping.columns.get(ours) == header
    assert len({"munitions", "weapon"} & set(mapping.columns)) == 1
    assert found.reading.read == len(found.reading.records)
    assert found.reading.records[ours][0] == cells[0]


def test_a_range_of_munitions_is_kept_in_its_column_and_said(read) -> None:
    record = read(
        "date,place,munitions,summary\n2021-07-29,Baghdad,10+,x\n2021-07-30,Erbil,2,x\n"
    ).reading.records.iloc[0]
    assert (record["munitions"], record["munitions (file)"]) == ("", "10+")
    assert record["notes"] == "the file gives a range of munitions; it is kept in its column"


@pytest.mark.parametrize(
    ("cells", "is_point"),
    [(["33,3", "36,2"], False), (["33,3076", "36,19"], False), (["33.3,44.4", "36.2,44.0"], True),
     (["33, 44", "36, 43"], True), (["33.3 44.4", "36 44"], True), (["33,3; 44,4", "x"], False)],
)  # fmt: skip
def test_a_decimal_comma_makes_no_pair_of_coordinates(read, cells: list[str], is_point: bool) -> None:
    rows = "".join(f'2021-07-{28 + number},"{cell}",x\n' for number, cell in enumerate(cells))
    mapping = read(f"date,zzz,summary\n{rows}").tables[0].mapping
    assert mapping is not None
    assert ("coordinates" in mapping.columns) == is_point
