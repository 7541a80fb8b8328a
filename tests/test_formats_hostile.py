from __future__ import annotations

import csv
import gzip
import io
import json
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
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
SECONDS = 10
MIB = 400


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Imported]:
    def one(name: str, data: bytes | str, **options: object) -> Imported:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return import_file(path, profiles_folder=tmp_path / "profiles", **options)

    return one


def counts(found: Imported) -> tuple[int, int, int]:
    return found.reading.read, len(found.reading.records), len(found.reading.rejected)


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def xlsx_of(sheet: str) -> bytes:
    parts = WORKBOOK | {"xl/worksheets/sheet1.xml": sheet.replace("MAIN", MAIN)}
    return zipped(*((name, text.encode()) for name, text in parts.items()))


def cell(ref: str, text: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet_of(*rows: tuple[int, str]) -> str:
    inside = "".join(f'<row r="{number}">{cells}</row>' for number, cells in rows)
    return f'<worksheet xmlns="MAIN"><dimension ref="A1:XFD1048576"/><sheetData>{inside}</sheetData></worksheet>'


SPARSE = sheet_of(
    (1, cell("A1", "id") + cell("B1", "date")),
    (2, cell("A2", "1") + cell("B2", "2021-07-29")),
    (1_048_576, cell("XFD1048576", "x")),
)


def corner() -> bytes:
    """A large sheet, so that the faster reader takes it, with a cell in its last corner."""
    filler = cell("A2", os.urandom(6 << 20).hex())
    return xlsx_of(
        sheet_of((1, cell("A1", "id") + cell("B1", "date")), (2, filler), (1_048_576, cell("XFD1048576", "x")))
    )


ENTITIES = '<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + sheet_of(
    (1, cell("A1", "&b;"))
)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&b;</name></Placemark></kml>'
)
OUTSIDE = LAUGHS.replace("[<!ENTITY a", '[<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY a')
REMOTE = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>http://192.0.2.1/x.kml</href></Link>'
    "</NetworkLink><Placemark><name>a</name><TimeStamp><when>2021-07-29</when></TimeStamp>"
    "<Point><coordinates>44,33</coordinates></Point></Placemark></Document></kml>"
)


def as_lists(items: Iterable[str]) -> bytes:
    return f"[{','.join(items)}]".encode()


DEEP = b'[{"id": 1, "date": "2021-07-29", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]"
BOMB = gzip.compress(b"0" * (300 << 20), 9)
ZIP_BOMB = zipped(("a.csv", b"0" * (300 << 20)))


def many_sheets() -> bytes:
    rows = "".join(f'<row r="{n}">{cell(f"A{n}", "x" * 10)}</row>' for n in range(1, 60_000))
    return xlsx_of(f'<worksheet xmlns="MAIN"><sheetData>{rows}</sheetData></worksheet>')


#: What comes in, and a word of the message; None when it must be read.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.csv": (lambda: b"", "empty"),
    "blank.csv": (lambda: b"\n \n\r\n", "empty"),
    "binary.csv": (lambda: bytes(range(256)) * 50, "binary"),
    "old.xls": (lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old Excel"),
    "paper.csv": (lambda: b"%PDF-1.7 ...", "PDF"),
    "page.html": (lambda: b"<!DOCTYPE html><html></html>", "document type"),
    "wide.csv": (lambda: ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n", "more than the 2,000"),
    "conflict.csv": (lambda: b"id,date\n<<<<<<< HEAD\n1,2021\n", "git conflict on line 2"),
    "bomb.csv.gz": (lambda: BOMB, "grows"),
    "bomb.zip": (lambda: ZIP_BOMB, "grows"),
    "slip.zip": (lambda: zipped(("../../evil.csv", b"id,date\n1,2021\n")), "leaves the archive"),
    "absolute.zip": (lambda: zipped(("/etc/evil.csv", b"id,date\n1,2021\n")), "leaves the archive"),
    "crowd.zip": (lambda: zipped(*((f"{n}.csv", b"a") for n in range(2_001))), "more than 2,000"),
    "nested.zip": (
        lambda: zipped(
            ("a.zip", zipped(("b.zip", zipped(("c.csv", b"a"))))),
        ),
        "archive inside",
    ),
    "broken.zip": (lambda: ZIP_BOMB[:2000], "broken ZIP"),
    "broken.gz": (lambda: gzip.compress(b"id,date\n1,2021-07-29\n")[:-12], "broken gzip"),
    "sparse.xlsx": (lambda: xlsx_of(SPARSE), "column 16,384"),
    "corner.xlsx": (corner, "memory|column 16,384"),
    "entities.xlsx": (lambda: xlsx_of(ENTITIES), "declares"),
    "zip.xlsx": (lambda: zipped(("[Content_Types].xml", b"<Types/>")), "cannot be read"),
    "laughs.kml": (lambda: LAUGHS.encode(), "declares"),
    "outside.kml": (lambda: OUTSIDE.encode(), "declares"),
    "laughs.kmz": (lambda: zipped(("doc.kml", LAUGHS.encode())), "declares"),
    "broken.kml": (lambda: b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark>', "not well-formed"),
    "deep.json": (lambda: DEEP, "nested"),
    "broken.json": (lambda: b'{"events": [', "ends in the middle"),
    "half.json": (lambda: json.dumps(samples.TIMEMAP_EVENTS).encode()[:-200], "ends in the middle"),
    "wrong.json": (lambda: b'[{"id": 1},\n {"id": 2,, "date": "2021-07-29"}]', r"not JSON.*line 2, byte 22"),
    "two.json": (lambda: b'[{"id": 1}] [{"id": 2}]', "more text stands behind its end"),
    "keys.json": (lambda: as_lists(f'{{"k{n}": 1}}' for n in range(200_000)), "more than the 2,000 columns"),
    "lists.json": (lambda: b"{" + b",".join(b'"k%d":[{"a":1}]' % n for n in range(20_000)) + b"}", "10,000 lists"),
    "values.json": (lambda: b"{" + b",".join(b'"k%d":1' % n for n in range(20_000)) + b"}", "10,000 values"),
    "value.json": (lambda: b'[{"id": 1, "x": [' + b"[]," * 10_000_000 + b"[]]}]", "value of more than 2 MB"),
    "sources.json": (
        lambda: b'{"events": [{"id": 1}], "sources": ' + as_lists(f'{{"id": {n}}}' for n in range(200_001)) + b"}",
        "more than the 200,000 sources",
    ),
    "nothing.json": (lambda: b'{"a": 1, "b": {"c": []}}', "no list of records"),
    "empty.geojson": (lambda: b'{"type": "FeatureCollection", "features": []}', "without features"),
    "crs.geojson": (
        lambda: (
            b'{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"http://192.0.2.1/crs"}},'
            b'"features":[{"type":"Feature","properties":{"date":"2021"},"geometry":null}]}'
        ),
        "not known",
    ),
    "broken.gpkg": (lambda: b"SQLite format 3\x00" + os.urandom(5_000), "cannot be read"),
    "broken.fgb": (lambda: b"fgb\x03fgb\x01" + os.urandom(3_000), "cannot be read"),
    "broken.parquet": (lambda: b"PAR1" + os.urandom(3_000) + b"PAR1", "cannot be read"),
    "wrong.parquet": (lambda: b"\x00\x01" * 500, "not what its ending says"),
    "strange.csv": (lambda: b"colour,size\nred,large\nblue,small\n", "has no column that tells"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_ends_in_one_clear_message(read: Callable[..., Imported], name: str) -> None:
    make, word = REFUSED[name]
    data = make()
    start = time.monotonic()
    with pytest.raises(FileError, match=word) as caught:
        read(name, data)
    assert time.monotonic() - start < SECONDS
    assert name.split(".")[0] in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux")
@pytest.mark.timeout(300)
def test_hostile_files_stay_within_their_memory(tmp_path: Path) -> None:
    """The worst of them, in a process of its own whose peak, and that of its children, is looked at."""
    for name in ("sparse.xlsx", "corner.xlsx", "bomb.zip", "bomb.csv.gz", "deep.json", "laughs.kml", "entities.xlsx",
                 "value.json"):  # fmt: skip
        (tmp_path / name).write_bytes(REFUSED[name][0]())
    (tmp_path / "tall.xlsx").write_bytes(many_sheets())
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom geodata.errors import FileError\n"
        "from geodata.formats import import_file\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try:\n        import_file(path)\n    except FileError:\n        pass\n"
        # Not ru_maxrss of itself: that begins with the peak of the process that started it.
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]\n"
        "print(max(int(peak), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) / 1024 < MIB


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
    assert read("a.csv", as_json := json.dumps(samples.TIMEMAP_EVENTS)).profile == "timemap"
    assert as_json


def test_an_import_can_be_stopped(read: Callable[..., Imported]) -> None:
    with pytest.raises(CancelledError):
        read("a.csv", samples.FILES["acled.csv"][0], cancel=lambda: True)


def test_no_parent_process_is_limited_by_its_child() -> None:
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY


SPOILT = (
    zipped(("a.csv", samples.FILES["acled.csv"][0].encode())),
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
