from __future__ import annotations

import gzip
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import formats_samples as samples
import geopandas
import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely

from geodata.errors import FileError, QueryError
from geodata.fetched import without_secrets
from geodata.formats import Imported, import_file, import_files
from geodata.formats.datasets import acled
from geodata.formats.importing import Choices

Read = Callable[..., Imported]
ARABIC = "id;التاريخ;المكان;الوصف\n1;2021-07-29;بغداد;سقوط صاروخين قرب السفارة\n2;2021-07-30;أربيل;هجوم\n"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def one(name: str, data: bytes, **options: object) -> Imported:
        path = tmp_path / name
        path.write_bytes(data)
        return import_file(path, profiles_folder=tmp_path / "profiles", **options)

    return one


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_arabic_text_in_every_encoding_and_line_ending(read: Read, encoding: str, end: str) -> None:
    found = read("a.csv", ARABIC.replace("\n", end).encode(encoding))
    records = found.reading.records
    assert list(records["place"]) == ["بغداد", "أربيل"]
    assert list(records["date_start"]) == ["2021-07-29", "2021-07-30"]
    assert records["summary"][0] == "سقوط صاروخين قرب السفارة"
    assert list(records["line"]) == [2, 3]


def test_western_letters_in_latin_1(read: Read) -> None:
    found = read("a.csv", "id,date,place,description\n1,2021-07-29,Aïn el Assad,brûlé\n".encode("latin-1"))
    assert found.reading.records["place"][0] == "Aïn el Assad"
    assert any("cp1252" in note for note in found.notes)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_any_sign_between_cells(read: Read, sign: str) -> None:
    found = read("a.csv", samples.csv_text(acled.COLUMNS, samples.ACLED_ROW, delimiter=sign).encode())
    assert found.profile == "acled"
    assert found.reading.records["place"][0] == "Baghdad - Green Zone"


def test_the_line_that_excel_writes_to_itself_is_no_header(read: Read) -> None:
    found = read("a.csv", b"sep=;\r\nid;date;place\r\n1;2021-07-29;Baghdad\r\n")
    assert (found.reading.read, list(found.reading.records["line"])) == (1, [3])


def workbook(*sheets: tuple[str, list[list[object]]], merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("above", "sign", "line"),
    [("Incidents of July 2021\n", ",", 2), ("Incidents,July\n\nour desk;;;\n", ";", 4), ("A title;;;\n", ";", 2)],
)  # fmt: skip
def test_a_title_above_the_names_of_the_columns_is_told_and_no_header(
    read: Read, above: str, sign: str, line: int
) -> None:
    rows = "id,date,place,killed\n1,2021-07-29,Baghdad,1\n2,2021-07-30,Erbil,many\n".replace(",", sign)
    found = read("a.csv", (above + rows).encode())
    assert list(found.reading.records["id"]) == ["1"]
    assert found.reading.rejected[0].line == line + 2
    assert f"the header was found on line {line}; what stands above it was not read" in found.notes


def test_names_of_columns_over_several_lines(read: Read) -> None:
    text = 'id,"date\n(UTC)",place,"more\r\nof it"\n1,2021-07-29,Baghdad,x\n2,soon,Erbil,y\n'
    found = read("a.csv", text.encode())
    assert list(found.reading.records["place"]) == ["Baghdad"]
    assert (found.reading.rejected[0].line, found.reading.rejected[0].column) == (5, "date\n(UTC)")


def test_a_workbook_with_real_dates_serials_zeros_and_numbers(read: Read) -> None:
    rows: list[list[object]] = [
        ["id", "date", "place", "latitude", "longitude", "killed"],
        ["007", datetime.fromisoformat("2021-07-29"), "Baghdad", 33.3076, 44.3903, 2],
        ["008", 44407, "Erbil", 36.19, 44.01, None],
        ["009", datetime.fromisoformat("2021-07-31T14:05"), "Mosul", None, None, "5+"],
    ]
    found = read("a.xlsx", workbook(("Incidents", rows)))
    records = found.reading.records
    assert list(records["id"]) == ["007", "008", "009"]
    assert list(records["date_start"]) == ["2021-07-29", "2021-07-30", "2021-07-31"]
    assert (records["time_local"][2], records["latitude"][0]) == ("14:05", "33.3076")
    assert (list(records["killed"]), records["killed_min"][2]) == (["2", "", ""], "5")
    assert list(records["line"]) == [2, 3, 4]
    assert found.tables[0].unit == "row"


def test_the_fullest_sheet_is_read_and_the_others_are_named(read: Read) -> None:
    data = workbook(
        ("Cover", [["My incidents"]]),
        (
            "Data",
            [["Title above"], [], ["id", "date", "place"], [1, "2021-07-29", "Baghdad"], [2, "2021-07-30", "Erbil"]],
        ),
        ("Old", [["id", "date", "place"], [9, "2020-01-01", "Mosul"]]),
    )
    found = read("a.xlsx", data)
    assert list(found.reading.records["id"]) == ["1", "2"]
    assert any("'Data' was read; not read: 'Cover', 'Old'" in note for note in found.notes)
    assert any("header was found in row 3" in note for note in found.notes)
    assert list(read("a.xlsx", data, sheet="Old").reading.records["place"]) == ["Mosul"]
    with pytest.raises(FileError, match="no sheet 'Gone'"):
        read("a.xlsx", data, sheet="Gone")


def test_merged_cells_are_reported(read: Read) -> None:
    rows: list[list[object]] = [["id", "date", "place"], [1, "2021-07-29", "Baghdad"], [2, "2021-07-30", "Erbil"]]
    found = read("a.xlsx", workbook(("S", rows), merge="C2:C3"))
    assert any("merged cells" in note and "C2:C3; the others are read as empty" in note for note in found.notes)


def test_the_cells_of_a_workbook_whose_styles_are_not_understood_are_read(read: Read) -> None:
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<fills count="1"><fill><gradientFill degree="steep"/></fill></fills></styleSheet>'
    )
    whole = workbook(("S", [["id", "date", "place"], ["1", "2021-07-29", "Baghdad"]]))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    data = samples.zipped(*(parts | {"xl/styles.xml": styles.encode()}).items())
    with pytest.raises(TypeError, match="expected"):
        openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    assert list(read("a.xlsx", data).reading.records["place"]) == ["Baghdad"]


def test_a_cell_beside_the_table_is_kept(read: Read) -> None:
    rows: list[list[object]] = [["id", "date", "place"], *([n, "2021-07-29", "Baghdad"] for n in range(30))]
    rows.append([99, "2021-07-29", "Erbil", None, "look here"])
    records = read("a.xlsx", workbook(("S", rows))).reading.records
    assert list(records["cells beside the table"])[-1] == "look here"


def test_a_large_workbook_is_read_by_the_faster_reader_to_the_same_result(read: Read) -> None:
    rows: list[list[object]] = [["id", "date", "place", "description", "latitude", "longitude"]]
    long = "A sentence that fills the sheet. " * 30
    rows += [
        [f"0{n}", datetime.fromisoformat("2021-07-29"), "Baghdad", f"{n} {long}", 33.3076, 44] for n in range(11_000)
    ]
    found = read("a.xlsx", workbook(("S", rows)))
    record = found.reading.records.iloc[10_999]
    assert (record["id"], record["date_start"], record["line"]) == ("010999", "2021-07-29", 11_001)
    assert (record["latitude"], record["longitude"]) == ("33.3076", "44")


def ods(rows: list[list[str]]) -> bytes:
    cells = "".join("<table:table-row>" + "".join(cell for cell in row) + "</table:table-row>" for row in rows)
    xml = (
        '<?xml version="1.0"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{cells}<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", xml)
    return out.getvalue()


def words(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def test_an_ods_workbook_with_dates_numbers_and_repeats(read: Read) -> None:
    shown = "<text:p>29.07.21</text:p></table:table-cell>"
    day = f'<table:table-cell office:value-type="date" office:date-value="2021-07-29">{shown}'
    number = '<table:table-cell office:value-type="float" office:value="2"><text:p>2</text:p></table:table-cell>'
    header = [words(name) for name in ("id", "date", "place", "killed")]
    found = read("a.ods", ods([header, [words("007"), day, words("Baghdad"), number]]))
    record = found.reading.records.iloc[0]
    assert (record["id"], record["date_start"], record["place"], record["killed"]) == (
        "007",
        "2021-07-29",
        "Baghdad",
        "2",
    )


def frame(crs: str = "EPSG:4326") -> geopandas.GeoDataFrame:
    points = [shapely.Point(44.3903, 33.3076), shapely.Point(44.01, 36.19)]
    data = {"id": ["007", "008"], "date": ["2021-07-29", "2021-07-30"], "place": ["Baghdad", "Erbil"], "killed": [2, 0]}
    return geopandas.GeoDataFrame(data, geometry=points, crs="EPSG:4326").to_crs(crs)


MAPS = {"a.gpkg": "GPKG", "a.fgb": "FlatGeobuf", "a.geojson": "GeoJSON", "a.parquet": "parquet", "a.zip": "shape"}


def write_map(folder: Path, name: str, crs: str) -> Path:
    target = folder / name
    if MAPS[name] == "parquet":
        frame(crs).to_parquet(target)
    elif MAPS[name] == "shape":
        frame(crs).to_file(folder / "points.shp")
        with zipfile.ZipFile(target, "w") as archive:
            for part in sorted(folder.glob("points.*")):
                archive.write(part, f"maps/{part.name}")
    else:
        frame(crs).to_file(target, driver=MAPS[name])
    return target


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32638", "EPSG:3857"])
def test_map_files_in_any_coordinate_system(tmp_path: Path, name: str, crs: str) -> None:
    found = import_file(write_map(tmp_path, name, crs), profiles_folder=tmp_path / "profiles")
    records = found.reading.records
    assert list(records["id"]) == ["007", "008"]
    assert [round(float(text), 4) for text in records["latitude"]] == [33.3076, 36.19]
    assert [round(float(text), 4) for text in records["longitude"]] == [44.3903, 44.01]
    assert list(records["killed"]) == ["2", "0"]
    assert any("turned from" in note for note in found.notes) == (crs != "EPSG:4326")


def test_plain_parquet(tmp_path: Path) -> None:
    table = pa.table({name: [text] for name, text in samples.UCDP_ROW.items()})
    pyarrow.parquet.write_table(table, tmp_path / "ged.parquet")
    found = import_file(tmp_path / "ged.parquet")
    assert (found.profile, found.reading.records["killed"][0]) == ("ucdp-ged", "5")


def test_lines_and_areas_are_placed_by_a_point_inside(read: Read) -> None:
    area = {"type": "Polygon", "coordinates": [[[44, 33], [45, 33], [45, 34], [44, 34], [44, 33]]]}
    features = [
        {"type": "Feature", "id": 5, "properties": {"date": "2021-07-29", "name": "Area"}, "geometry": area},
        {"type": "Feature", "properties": {"date": "2021-07-30", "name": "Nowhere"}, "geometry": None},
    ]
    found = read("a.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode())
    records = found.reading.records
    assert (records["id"][0], float(records["latitude"][0])) == ("5", 33.5)
    assert records["latitude"][1] == ""
    assert json.loads(records["geometry"][0]) == area


def test_numbers_of_a_json_file_stay_as_written(read: Read) -> None:
    found = read("a.json", b'[{"id": "1", "date": "2021-07-29", "lat": 33.2990, "lng": 44.10, "x": {"deep": [1.50]}}]')
    record = found.reading.records.iloc[0]
    assert (record["latitude"], record["longitude"], record["x.deep"]) == ("33.2990", "44.10", "[1.50]")


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark id="p1"><name>Rockets</name><description>Two fell</description><TimeStamp><when>2021-07-29</when></TimeStamp>
<ExtendedData><Data name="place"><value>Baghdad</value></Data></ExtendedData>
<Point><coordinates>44.3903,33.3076,0</coordinates></Point></Placemark></Document></kml>"""


def test_kml_and_kmz(read: Read) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("doc.kml", KML)
    for name, data in (("a.kml", KML.encode()), ("a.kmz", out.getvalue())):
        record = read(name, data).reading.records.iloc[0]
        assert (record["id"], record["date_start"], record["place"]) == ("p1", "2021-07-29", "Baghdad")
        assert (record["latitude"], record["longitude"]) == ("33.3076", "44.3903")


def test_gz_and_zip_of_a_table(read: Read) -> None:
    text = samples.FILES["acled.csv"][0].encode()
    assert read("acled.csv.gz", gzip.compress(text)).profile == "acled"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/x.csv", "junk")
        archive.writestr("data/acled.csv", text)
    found = read("acled.zip", out.getvalue())
    assert (found.profile, len(found.tables)) == ("acled", 1)


def test_a_folder_is_read_file_by_file_and_a_broken_one_harms_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    folder.joinpath("acled.csv").write_text(samples.FILES["acled.csv"][0])
    folder.joinpath("sub", "ged.csv").write_text(samples.FILES["ged.csv"][0])
    folder.joinpath("broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    folder.joinpath("readme.md").write_text("not a table")
    found = import_file(folder)
    assert (found.profile, len(found.tables), found.reading.read) == ("mixed", 2, 2)
    assert sorted(found.reading.records["file"]) == ["acled.csv", "sub/ged.csv"]
    assert [opened.name for opened in found.failed] == ["broken.xlsx", "readme.md"]
    assert [opened.skipped for opened in found.failed] == [False, True]


def unreadable() -> dict[str, bytes]:
    """What lies beside the records in other people's folders and archives."""
    return {
        "readme.txt": b"Thank you for downloading.\nSee the codebook.\n", "codes.csv": b"colour,size\nred,large\n",
        ".DS_Store": b"\x00\x00\x00\x01Bud1", "sub/map.png": b"\x89PNG\r\n", "picture.csv": b"\x89PNG\r\n",
        "empty.csv": b"", "__MACOSX/._acled.csv": b"\x00\x05\x16\x07", "half.xlsx": b"PK\x03\x04 nothing",
    }  # fmt: skip


def test_one_drawing_among_other_files_in_an_archive_hides_none_of_them(read: Read) -> None:
    place = "<Placemark><name>a</name><Point><coordinates>44,33</coordinates></Point></Placemark>"
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2">{place}</kml>'.encode()
    feature = {"type": "Feature", "properties": {"date": "2021-07-29"}, "geometry": None}
    other = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    found = read("a.zip", samples.zipped(("a.kml", kml), ("b.geojson", other)))
    assert [table.name for table in found.tables] == ["a.zip » a.kml", "a.zip » b.geojson"]


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_what_cannot_be_read_is_named_and_harms_no_other_file(tmp_path: Path, kind: str) -> None:
    files = unreadable() | {"acled.csv": samples.FILES["acled.csv"][0].encode()}
    target = tmp_path / f"given.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(target, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    else:
        for name, data in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(data)
    found = import_file(target, profiles_folder=tmp_path / "profiles")
    assert (found.profile, found.reading.read, len(found.reading.records)) == ("acled", 1, 1)
    named = {opened.name.removeprefix("given.zip » "): opened for opened in found.failed}
    assert sorted(named) == sorted(unreadable())
    assert all(opened.error and name in opened.error for name, opened in named.items())
    assert sorted(name for name, opened in named.items() if opened.skipped) == [
        ".DS_Store", "__MACOSX/._acled.csv", "sub/map.png",
    ]  # fmt: skip


def test_a_file_alone_that_is_no_table_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_bytes(unreadable()["readme.txt"])
    with pytest.raises(FileError, match="has no column that tells"):
        import_file(tmp_path / "readme.txt", profiles_folder=tmp_path / "profiles")


def test_the_same_record_in_two_files_is_kept_once_and_listed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("a.csv", "b.csv"):
        folder.joinpath(name).write_text(samples.FILES["acled.csv"][0])
    found = import_file(folder)
    assert (found.reading.read, len(found.reading.records)) == (2, 1)
    assert found.reading.rejected[0].reason == "the id is already used in a.csv"
    assert found.reading.rejected[0].column == "event_id_cnty"


def test_the_same_id_in_two_datasets_names_two_records(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.joinpath("a.csv").write_text("id,date_start,event_type,place\n412345,2021-07-29,rocket_attack,Baghdad\n")
    folder.joinpath("b.csv").write_text(samples.FILES["ged.csv"][0])
    found = import_file(folder)
    assert list(found.reading.records["id"]) == ["412345", "ucdp-ged-412345"]
    assert len(found.reading.rejected) == 0


@pytest.fixture
def web() -> Iterator[tuple[str, list[str]]]:
    """A web server of this machine, and what it was asked for."""
    asked: list[str] = []
    text = samples.FILES["acled.csv"][0].encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_is_asked_only_when_its_host_is_switched_on(web: tuple[str, list[str]]) -> None:
    site, asked = web
    with pytest.raises(QueryError, match="no host that was switched on"):
        import_files([f"{site}/acled.csv?key=1"])
    assert asked == []
    found = import_files([f"{site}/acled.csv?key=1"], choices=Choices(hosts=("127.0.0.1",)))
    assert (found.profile, found.tables[0].name, asked) == ("acled", "acled.csv", ["/acled.csv?key=1"])
    assert f"fetched from {site}/acled.csv" in found.notes, "a key in the address is nobody else's business"


@pytest.mark.parametrize("address", ["file:///etc/hosts", "ftp://127.0.0.1/a", "http://[broken?key=1"])
def test_an_address_that_is_none_of_the_web_is_one_clear_message(address: str) -> None:
    with pytest.raises(QueryError, match=r"no host that was switched on|not asked in secret"):
        import_files([address], choices=Choices(hosts=("127.0.0.1",)))


def test_an_address_is_shown_without_its_secrets() -> None:
    assert without_secrets("https://me:pass@a.org/b/c.csv?key=1#x") == "https://a.org/b/c.csv"


@pytest.mark.parametrize("code", ["EPSG:32638", "urn:ogc:def:crs:EPSG::32638", "urn:ogc:def:crs:EPSG:9.8.1:32638"])
def test_a_code_is_read_whole_in_every_form(tmp_path: Path, code: str) -> None:
    file = tmp_path / "points.geojson"
    point = {"type": "Point", "coordinates": [440_000, 3_690_000]}
    properties = {"date": "2021-07-29", "event_type": "rocket_attack", "place": "Baghdad"}
    feature = {"type": "Feature", "geometry": point, "properties": properties}
    crs = {"type": "name", "properties": {"name": code}}
    file.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}), encoding="utf-8")
    notes = import_file(file, profiles_folder=tmp_path / "profiles").notes
    assert any("(EPSG:32638)" in note for note in notes)
