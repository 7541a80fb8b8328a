"""Files that are refused whole: each in one clear message, in bounded time and memory."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from formats_samples import TIMEMAP_EVENTS, zipped

from geodata.errors import FileError
from geodata.formats import import_file

#: What docs/datasets.md promises for a file that is read in a child process, all in all.
SECONDS = 60
#: What the worst of them may take, this process and its children together.
MIB = 400

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


def as_lists(items: Iterable[str]) -> bytes:
    return f"[{','.join(items)}]".encode()


DEEP = b'[{"id": 1, "date": "2021-07-29", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]"


@cache
def zip_bomb() -> bytes:
    return zipped(("a.csv", b"0" * (300 << 20)))


def many_sheets() -> bytes:
    rows = "".join(f'<row r="{n}">{cell(f"A{n}", "x" * 10)}</row>' for n in range(1, 60_000))
    return xlsx_of(f'<worksheet xmlns="MAIN"><sheetData>{rows}</sheetData></worksheet>')


def wide(*, rows: int, columns: int) -> str:
    names = ",".join(f"extra {number}" for number in range(columns - 2))
    cells = ",".join(str(number % 997) for number in range(columns - 2))
    return f"id,date,{names}\n" + "".join(f"{number},2021-07-29,{cells}\n" for number in range(rows))


def endless_view() -> bytes:
    """A GeoPackage whose only layer is a view that never ends."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        shapes = geopandas.GeoSeries([shapely.Point(44, 33)], crs="EPSG:4326")
        geopandas.GeoDataFrame({"id": ["1"]}, geometry=shapes).to_file(path, driver="GPKG", layer="a")
        with contextlib.closing(sqlite3.connect(path)) as base:
            base.execute(
                "CREATE VIEW b AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
            )
            base.execute("DELETE FROM gpkg_contents")
            base.execute("INSERT INTO gpkg_contents(table_name, data_type, identifier) VALUES ('b', 'attributes', 'b')")
            base.commit()
        return path.read_bytes()


def alike() -> bytes:
    """A Parquet file that says one long text a million times."""
    out = io.BytesIO()
    texts = pa.array(["a" * 1000]).take(pa.array([0] * 1_000_000)).dictionary_encode()
    pq.write_table(pa.table({"id": texts}), out)
    return out.getvalue()


#: What comes in, and a word of the message; None when it must be read.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.csv": (lambda: b"", "empty"),
    "blank.csv": (lambda: b"\n \n\r\n", "empty"),
    "binary.csv": (lambda: bytes(range(256)) * 50, "binary"),
    "old.xls": (lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old Excel"),
    "paper.csv": (lambda: b"%PDF-1.7 ...", "PDF"),
    "page.html": (lambda: b"<!DOCTYPE html><html></html>", "document type"),
    "wide.csv": (lambda: ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n", "more than the 2,000"),
    "page.csv": (lambda: b"<html><table><tr><td>id</td></tr></table></html>", "web page"),
    "letter.csv": (lambda: b"{\\rtf1 hello}", "text document"),
    "first.csv": (lambda: b"<<<<<<< HEAD\nid,date\n", "git conflict on line 1"),
    "conflict.csv": (lambda: b"id,date\n<<<<<<< HEAD\n1,2021\n", "git conflict on line 2"),
    "bomb.csv.gz": (lambda: gzip.compress(b"0" * (300 << 20), 9), "grows"),
    "bomb.zip": (zip_bomb, "grows"),
    "slip.zip": (lambda: zipped(("../../evil.csv", b"id,date\n1,2021\n")), "leaves the archive"),
    "absolute.zip": (lambda: zipped(("/etc/evil.csv", b"id,date\n1,2021\n")), "leaves the archive"),
    "crowd.zip": (lambda: zipped(*((f"{n}.csv", b"a") for n in range(2_001))), "more than 2,000"),
    "nested.zip": (
        lambda: zipped(
            ("a.zip", zipped(("b.zip", zipped(("c.csv", b"a"))))),
        ),
        "archive inside",
    ),
    "broken.zip": (lambda: zip_bomb()[:2000], "broken ZIP"),
    "broken.gz": (lambda: gzip.compress(b"id,date\n1,2021-07-29\n")[:-12], "broken gzip"),
    "sparse.xlsx": (lambda: xlsx_of(SPARSE), "column 16,384"),
    "corner.xlsx": (corner, "memory|column 16,384"),
    "entities.xlsx": (lambda: xlsx_of(ENTITIES), "declares"),
    "zip.xlsx": (lambda: zipped(("[Content_Types].xml", b"<Types/>")), "cannot be read"),
    "laughs.kml": (lambda: LAUGHS.encode(), "declares"),
    "wide.kml": (lambda: LAUGHS.encode("utf-16"), "declares"),
    "outside.kml": (lambda: OUTSIDE.encode(), "declares"),
    "laughs.kmz": (lambda: zipped(("doc.kml", LAUGHS.encode())), "declares"),
    "broken.kml": (lambda: b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark>', "not well-formed"),
    "deep.json": (lambda: DEEP, "nested"),
    "broken.json": (lambda: b'{"events": [', "ends in the middle"),
    "half.json": (lambda: json.dumps(TIMEMAP_EVENTS).encode()[:-200], "ends in the middle"),
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
    "endless.gpkg": (endless_view, "seconds of work|memory given"),
    "alike.parquet": (alike, "grows more than 200 times"),
    "broken.fgb": (lambda: b"fgb\x03fgb\x01" + os.urandom(3_000), "cannot be read"),
    "broken.parquet": (lambda: b"PAR1" + os.urandom(3_000) + b"PAR1", "cannot be read"),
    "wrong.parquet": (lambda: b"\x00\x01" * 500, "not what its ending says"),
    "strange.csv": (lambda: b"colour,size\nred,large\nblue,small\n", "has no column that tells"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_ends_in_one_clear_message(tmp_path: Path, name: str) -> None:
    make, word = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(make())
    start = time.monotonic()
    with pytest.raises(FileError, match=word) as caught:
        import_file(path, profiles_folder=tmp_path / "profiles")
    assert time.monotonic() - start < SECONDS
    assert name.split(".")[0] in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
@pytest.mark.timeout(30)
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(FileError, match="not a regular file"):
        import_file(tmp_path / "a.csv")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux")
@pytest.mark.timeout(300)
def test_hostile_files_stay_within_their_memory(tmp_path: Path) -> None:
    """The worst of them, in a process of its own whose peak, and that of its children, is looked at."""
    for name in ("sparse.xlsx", "corner.xlsx", "alike.parquet", "bomb.zip", "bomb.csv.gz", "deep.json", "laughs.kml",
                 "entities.xlsx", "value.json"):  # fmt: skip
        (tmp_path / name).write_bytes(REFUSED[name][0]())
    (tmp_path / "tall.xlsx").write_bytes(many_sheets())
    (tmp_path / "wide.csv").write_text(wide(rows=4_000, columns=1_992))
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
