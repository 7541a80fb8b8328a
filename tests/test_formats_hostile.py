"""Cells, headers and bytes of every hostile kind: read for what they are, or told in one message."""

from __future__ import annotations

import csv
import gzip
import io
import json
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import formats_samples as samples
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import FileError
from geodata.formats import Imported, import_file
from geodata.formats.datasets import PROFILES, acled
from geodata.formats.limits import CancelledError

HEADER = "id,date,place,latitude,longitude,killed,description\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Imported]:
    def one(name: str, data: bytes | str, **options: object) -> Imported:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return import_file(path, profiles_folder=tmp_path / "profiles", **options)

    return one


def counts(found: Imported) -> tuple[int, int, int]:
    return found.reading.read, len(found.reading.records), len(found.reading.rejected)


REMOTE = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>http://192.0.2.1/x.kml</href></Link>'
    "</NetworkLink><Placemark><name>a</name><TimeStamp><when>2021-07-29</when></TimeStamp>"
    "<Point><coordinates>44,33</coordinates></Point></Placemark></Document></kml>"
)


def test_broken_rows_are_listed_and_the_others_kept(read: Callable[..., Imported]) -> None:
    text = (
        HEADER + '1,2021-07-29,Baghdad,33.3,44.4,1,fine\n2,2021-07-30,"never closed,33.3,44.4,1,x\n3,2021-07-31,Erbil\n'
        "4,2021-08-01,Mosul,36.3,43.1,2,fine\n5,2021-02-30,Basra,30.5,47.8,1,no such day\n"
        "6,2021-08-02,Kirkuk,35.4,44.4,many,x\n"
    )
    found = read("a.csv", text)
    assert list(found.reading.records["id"]) == ["1", "4"]
    assert [(row.line, row.column) for row in found.reading.rejected] == [(3, ""), (4, ""), (6, "date"), (7, "killed")]
    assert counts(found) == (6, 2, 4)
    assert all(row.reason and row.fix for row in found.reading.rejected)


@pytest.mark.parametrize("end", [b'"Erb', b'"Erbil, and\nmore'])
def test_a_half_written_row_whose_quote_is_open_is_refused(read: Callable[..., Imported], end: bytes) -> None:
    found = read("a.csv", b'id,date,place\n1,2021-07-29,"Bagh,dad"\n2,2021-07-30,' + end)
    assert list(found.reading.records["id"]) == ["1"]
    assert found.reading.rejected[0].code == "unclosed_quote"


def test_nul_and_bad_bytes_cost_their_row_only(read: Callable[..., Imported]) -> None:
    data = (
        HEADER
        + "1,2021-07-29,Bağdat,,,,fine\n2,2021-07-30,Er\x00bil,,,,x\n3,2021-07-31,Mosul,,,,x\n4,2021-08-01,X,,,,y\n"
    ).encode()
    found = read("a.csv", data.replace(b"Mosul", b"Mos\xff\xfeul"))
    assert list(found.reading.records["id"]) == ["1", "4"]
    assert [row.code for row in found.reading.rejected] == ["nul", "not_utf8"]


@pytest.mark.parametrize("value", ["NA", "null", "None", "nan", "FALSE", "007", "1e5", "#N/A", "inf", "-"])
def test_words_that_programs_take_for_nothing_are_text(read: Callable[..., Imported], value: str) -> None:
    record = read("a.csv", HEADER + f"{value},2021-07-29,{value},,,,{value}\n").reading.records.iloc[0]
    assert (record["id"], record["place"], record["summary"]) == (value, value, value)


@pytest.mark.parametrize(
    ("text", "low", "best", "high"),
    [("5", "", "5", ""), ("5.0", "", "5", ""), ("٥", "", "5", ""), ("3-5", "3", "", "5"), ("5+", "5", "", ""),
     ("at least 5", "5", "", ""), ("~5", "", "5", ""), ("1,234", "", "1234", ""), ("unknown", "", "", ""),
     ("#N/A", "", "", ""), ("", "", "", "")],
)  # fmt: skip
def test_numbers_as_people_write_them(read: Callable[..., Imported], text: str, low: str, best: str, high: str) -> None:
    record = read("a.csv", HEADER + f'1,2021-07-29,Baghdad,,,"{text}",x\n').reading.records.iloc[0]
    assert (record["killed_min"], record["killed"], record["killed_max"]) == (low, best, high)
    assert text in {record.get("killed (file)"), record["killed"]}


@pytest.mark.parametrize(
    ("lat", "lon", "north", "east", "word"),
    [("33.30", "44.40", "33.30", "44.40", ""), ("33,3", "44,4", "33.3", "44.4", "decimal degrees"),
     ("33°18'27\"N", "44°23'25\"E", "33.3075", "44.390278", "decimal degrees"), ("٣٣٫٣", "٤٤٫٤", "33.3", "44.4",
     "decimal"),
     ("0", "0", "", "", "0, 0"), ("33.3", "", "", "", "only one"), ("133.3", "44.4", "", "", "swapped"),
     ("95", "195", "", "", "outside"), ("3686000", "443000", "", "", "metres"), ("#REF!", "44.4", "", "", "no degrees"),
     ("inf", "44.4", "", "", "no degrees")],
)  # fmt: skip
def test_coordinates_are_read_in_one_way_or_left_out(
    read: Callable[..., Imported], lat: str, lon: str, north: str, east: str, word: str
) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(["1", "2021-07-29", "Baghdad", lat, lon, "", "x"])
    found = read("a.csv", HEADER + out.getvalue())
    record = found.reading.records.iloc[0]
    assert (record["latitude"], record["longitude"]) == (north, east)
    assert word in record["notes"]
    assert record.get("latitude (file)", record["latitude"]) == lat


@pytest.mark.parametrize(
    ("lat", "lon", "country", "north", "word"),
    [("33.3", "44.4", "Iraq", "33.3", ""), ("33.5", "36.3", "Iraq", "33.5", "lie in Syria, the file states Iraq"),
     ("33.5", "36.3", "العراق", "33.5", "lie in Syria, the file states Iraq"),
     ("33.3", "-44.4", "Iraq", "33.3", "lie in no country of the map, the file states Iraq"),
     ("44.4", "33.3", "Iraq", "", "swapped"), ("34.42", "40.98", "Iraq", "34.42", ""),  # on the border
     ("12.9", "46.0", "Yemen", "12.9", ""),  # at sea, off its coast
     ("33.3", "44.4", "Ruritania", "33.3", ""), ("33.3", "44.4", "", "33.3", "")],
)  # fmt: skip
def test_coordinates_outside_the_country_that_is_stated_are_flagged(
    read: Callable[..., Imported], lat: str, lon: str, country: str, north: str, word: str
) -> None:
    found = read("a.csv", f"id,date,country,place,latitude,longitude\n1,2021-07-29,{country},X,{lat},{lon}\n")
    record = found.reading.records.iloc[0]
    assert record["latitude"] == north
    assert word in record["notes"] if word else record["notes"] == ""
    assert [flag.records for flag in found.flags] == ([1] if word else [])


def test_longitudes_of_a_full_circle_are_put_right(read: Callable[..., Imported]) -> None:
    rows = "1,2021-07-29,A,33,44,,x\n2,2021-07-29,B,33,350,,x\n"
    records = read("a.csv", HEADER + rows).reading.records
    assert list(records["longitude"]) == ["44", "-10"]


@pytest.mark.parametrize(
    "header",
    ["التاريخ,المكان,الوصف", "date,date,place", "=cmd|' /C calc'!A0,date,place", "{{7*7}},date,place",
    "__proto__,date,place",
     "<script>alert(1)</script>,date,place", "line,date,place"],
)  # fmt: skip
def test_strange_headers_are_names_like_any_other(read: Callable[..., Imported], header: str) -> None:
    row = "2021-07-29,2021-07-29,Baghdad" if header.startswith("date") else "x,2021-07-29,Baghdad"
    text = f"{header}\n{row}\n" if "التاريخ" not in header else f"{header}\n2021-07-29,بغداد,x\n"
    found = read("a.csv", text)
    assert counts(found) == (1, 1, 0)
    assert list(found.reading.records.columns).count("line") == 1


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "javascript:alert(1)",
    "=1+1",
    "\u202eevil",
    "a\r\nb",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_and_comes_out_as_it_went_in(
    read: Callable[..., Imported], text: str, tmp_path: Path
) -> None:
    row = {**samples.ACLED_ROW, "notes": text, "actor1": text, "location": text, "tags": text}
    found = read("a.csv", samples.csv_text(acled.COLUMNS, row))
    record = found.reading.records.iloc[0]
    assert (record["summary"], record["place"], record["tags"]) == (text, text, text)


def test_megabyte_cells_are_refused_by_name(read: Callable[..., Imported]) -> None:
    found = read("a.csv", HEADER + f'1,2021-07-29,Baghdad,,,,"{"x" * 1_000_000}"\n2,2021-07-29,Erbil,,,,y\n')
    assert (list(found.reading.records["id"]), found.reading.rejected[0].code) == (["2"], "cell_too_long")


def test_geojson_with_nulls_nans_and_prototype_keys(read: Callable[..., Imported]) -> None:
    text = (
        '{"type": "FeatureCollection", "features": [null, {"type": "Feature", "properties": null, "geometry": null},'
        '{"type": "Feature", "properties": {"date": "2021-07-29", "__proto__": {"x": 1}, "v": NaN},'
        '"geometry": {"type": "Point", "coordinates": [NaN, null]}},'
        '{"type": "Feature", "properties": {"date": "2021-07-30"},'
        '"geometry": {"type": "Point", "coordinates": [44, 33]}}]}'
    )
    found = read("a.geojson", text)
    assert list(found.reading.records["date_start"]) == ["2021-07-29", "2021-07-30"]
    assert list(found.reading.records["latitude"]) == ["", "33"]


def test_kml_links_are_named_and_never_followed(read: Callable[..., Imported]) -> None:
    found = read("a.kml", REMOTE)
    assert counts(found) == (1, 1, 0)
    assert "links to other files are not followed" in found.notes


def test_macros_and_formulas_are_not_read(read: Callable[..., Imported]) -> None:
    book = openpyxl.Workbook()
    for row in (["id", "date", "place"], ["1", "2021-07-29", '=HYPERLINK("http://192.0.2.1")']):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    found = read("a.xlsm", out.getvalue())
    assert found.reading.records["place"][0] == ""
    assert "macros are not read" in found.notes


def test_a_table_of_another_ending_is_read_for_what_it_is(read: Callable[..., Imported]) -> None:
    assert read("a.xlsx", samples.FILES["acled.csv"][0]).profile == "acled"
    assert read("a.json", samples.FILES["acled.csv"][0]).profile == "acled"
    assert read("a.csv", as_json := json.dumps(samples.TIMEMAP_EVENTS)).profile == "timemap"
    assert as_json


def test_an_import_can_be_stopped(read: Callable[..., Imported]) -> None:
    with pytest.raises(CancelledError):
        read("a.csv", samples.FILES["acled.csv"][0], cancel=lambda: True)


def test_no_parent_process_is_limited_by_its_child() -> None:
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY


SPOILT = (
    samples.zipped(("a.csv", samples.FILES["acled.csv"][0].encode())),
    gzip.compress(samples.FILES["ged.csv"][0].encode(), mtime=0),
    samples.FILES["acled.csv"][0].encode("utf-16"),
    samples.FILES["20210729.export.CSV"][0].encode(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), ending=st.sampled_from([".csv", ".tsv", ".txt", ""]))
def test_any_bytes_give_an_answer_or_a_clear_error(tmp_path: Path, data: bytes, ending: str) -> None:
    answers(tmp_path / f"any{ending}", data)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=7), max_size=6),
    profile=st.sampled_from(PROFILES),
    sign=st.sampled_from([",", ";", "\t"]),
)
def test_any_cells_under_any_known_header_give_an_answer(
    tmp_path: Path, rows: list[list[str]], profile, sign: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sign, lineterminator="\n")
    writer.writerow(profile.columns)
    writer.writerows([(row * len(profile.columns))[: len(profile.columns)] for row in rows])
    answers(tmp_path / "rows.csv", out.getvalue().encode("utf-8", errors="replace"))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"PK\x03\x04", b"SQLite format 3\x00", b"PAR1", b"fgb", b"{", b"<kml>", b"\x1f\x8b"]),
)
def test_any_bytes_behind_any_first_bytes_give_an_answer(tmp_path: Path, data: bytes, start: bytes) -> None:
    answers(tmp_path / "any.bin", start + data)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_an_archive_or_a_text_with_wrong_bytes_gives_an_answer(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(SPOILT)))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    answers(tmp_path / "spoilt", bytes(whole))


def test_an_entry_that_lies_outside_its_archive_is_one_clear_message(read: Callable[..., Imported]) -> None:
    data = bytearray(SPOILT[0])
    data[data.rfind(b"PK\x01\x02") + 42 + 3] = 0xFF  # where the entry begins: the highest byte of four
    with pytest.raises(FileError, match=r"a\.zip.*(cannot be unpacked|broken ZIP)"):
        read("a.zip", bytes(data))


def answers(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        found = import_file(path, profiles_folder=path.parent / "profiles")
    except FileError:
        return
    assert found.reading.read == len(found.reading.records) + len(found.reading.rejected)
