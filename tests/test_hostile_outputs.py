"""Hostile text in every field of a record, and in the names of columns, is text in every product."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from playwright.sync_api import Browser, expect
from pptx import Presentation
from small_store import csv_file, row

from dashboard.products.export import records_bytes
from dashboard.view import View
from geodata.dataset import Dataset, load_dataset
from geodata.incident import COLUMNS
from geodata.plain_text import for_xml, without_turns

HOSTILE = (
    "=cmd|' /C calc'!A0 {{7*7}}{% if x %}{# c #}${7*7}`${alert(1)}`</script><script>alert(2)</script>"
    "<img src=http://192.0.2.1/x onerror=alert(3)>]]>&lt;b&gt;\"' $[notes] javascript:alert(4) "
    "\u202egnp.exe\u2066 \x1b[2J\uffff\nincidents: forged"
)
IDS = (
    '=HYPERLINK("http://192.0.2.1")', "<img src=x onerror=alert(8)>", "{{7*7}}", "javascript:alert(1)", "@A1",
    "../__proto__",
)  # fmt: skip
FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1")
EXTRA = ("=cmd|'/C x'!A0", "<img src=x onerror=alert(9)>", "geom", "fid", "ID", "__proto__", "{{7*7}}")
FREE = (
    *(column.name for column in COLUMNS if column.kind == "text" and column.name not in ("time_zone", "schema")),
    "claimed_by", "denied_by", "attributed_to",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    text = dict.fromkeys((*FREE, *EXTRA), HOSTILE)
    point = {"latitude": "33.3", "longitude": "44.4", "location_precision": "site", "country": "Iraq"}
    area = {"place": "Anbar", "site": "", "admin1": "", "country": "Iraq"}
    evil = {"sources": f"javascript:alert(4) | title={HOSTILE}"}
    rows = [
        row("e1") | text | point | evil,
        row("e2", event_type="threat") | text | point | evil,
        row("e3") | text | area,
        *(
            row(name) | point | {"summary": formula, "weapon": formula}
            for name, formula in zip(IDS, FORMULAS, strict=True)
        ),
    ]
    columns = [*(column.name for column in COLUMNS), *EXTRA]
    return load_dataset(csv_file(tmp_path_factory.mktemp("hostile") / "hostile.csv", rows, columns))


def made(dataset: Dataset, kind: str) -> bytes:
    return records_bytes(dataset, View(), kind)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_no_field_is_lost_on_the_way_in(hostile: Dataset) -> None:
    records = hostile.store.records.take(np.arange(len(hostile.store)))
    assert (hostile.rejected, len(records)) == ((), 3 + len(FORMULAS))
    for name in (*set(FREE) - {"place", "site", "admin1"}, *EXTRA):
        assert records[name].tolist().count(HOSTILE) == 3, name


def test_a_workbook_holds_no_formula_and_every_text(hostile: Dataset) -> None:
    data = made(hostile, ".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert "f" not in {cell.data_type for sheet in book for line in sheet for cell in line}
    assert {cell.value for line in book["Records"] for cell in line} >= {*FORMULAS, *EXTRA, for_xml(HOSTILE)}
    assert not any(name.endswith((".rels",)) and b"External" in part for name, part in parts(data).items())


def test_a_table_holds_no_cell_or_heading_that_a_spreadsheet_would_run(hostile: Dataset) -> None:
    lines = list(csv.reader(io.StringIO(made(hostile, ".csv").decode("utf-8-sig"), newline="")))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert not [cell for line in lines for cell in line if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))]
    assert sum(cell == "'" + HOSTILE for line in lines for cell in line) >= 3 * len(EXTRA)


def test_google_earth_is_shown_no_markup_and_follows_no_field(hostile: Dataset) -> None:
    found = parts(made(hostile, ".kmz"))
    kml = ElementTree.fromstring(found["doc.kml"])
    spaces = "{http://www.opengis.net/kml/2.2}"
    assert all(element.tag.startswith(spaces) for element in kml.iter())
    assert {element.text for element in kml.iter(f"{spaces}href")} <= {f"icons/{name[6:]}" for name in found}
    told = [element.text or "" for element in kml.iter(f"{spaces}description")]
    assert len(told) == 1 + 3 + len(FORMULAS)
    lines = [line for text in told for line in text.split("<br>")]
    assert not [line for line in lines if re.search(r"<|\$\[|[\u202a-\u202e\u2066-\u2069]", line)]
    assert sum("&lt;img src=http://192.0.2.1/x onerror=alert(3)&gt;" in text for text in told) == 3
    values = [element.text for element in kml.iter(f"{spaces}SimpleData")]
    assert values.count(for_xml(HOSTILE)) >= 3 * len(EXTRA), "the data itself is kept as it is"


def test_slides_link_nowhere_and_turn_no_words(hostile: Dataset) -> None:
    data = made(hostile, ".pptx")
    found = parts(data)
    assert not [name for name, part in found.items() if name.endswith(".rels") and b"External" in part]
    slides = [part.decode() for name, part in found.items() if re.match(r"ppt/(slides|notesSlides)/[^/]*xml", name)]
    assert not [part for part in slides if "hlinkClick" in part or re.search(r"[\u202a-\u202e\u2066-\u2069]", part)]
    assert any(
        "onerror=alert(3)" in (slide.notes_slide.notes_text_frame.text)
        for slide in Presentation(io.BytesIO(data)).slides
    )


def test_a_picture_and_a_page_hold_no_script_and_no_address(hostile: Dataset) -> None:
    svg = ElementTree.fromstring(made(hostile, ".svg"))
    names = {element.tag.rpartition("}")[2] for element in svg.iter()}
    assert names.isdisjoint({"script", "a", "foreignObject", "iframe"})
    assert not [name for element in svg.iter() for name in element.attrib if name.lower().startswith("on")]
    pdf = made(hostile, ".pdf")
    assert not re.search(rb"/(?:JavaScript|JS|OpenAction|Launch|URI|AA)\b", pdf)


def test_map_files_hold_every_text_as_it_is(hostile: Dataset, tmp_path: Path) -> None:
    features = json.loads(made(hostile, ".geojson"))["features"]
    assert sum(feature["properties"].get("summary") == HOSTILE for feature in features) == 3
    (first,) = (feature["properties"] for feature in features if feature["properties"]["id"] == "e1")
    assert {name: first[name] for name in EXTRA} == dict.fromkeys(EXTRA, HOSTILE)
    path = tmp_path / "a.gpkg"
    path.write_bytes(made(hostile, ".gpkg"))
    with sqlite3.connect(path) as base:
        layers = [
            f'SELECT summary, "geom (2)", "fid (2)", "ID (2)" FROM {name}' for name in ("incidents", "incident_areas")
        ]
        rows = [line for layer in layers for line in base.execute(layer).fetchall()]
    base.close()
    assert rows.count((HOSTILE,) * 4) == 3


def test_the_map_in_one_file_runs_shows_and_asks_for_nothing(
    hostile: Dataset, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    path.write_bytes(made(hostile, ".html"))
    context = browser.new_context(offline=True, locale="en-GB", timezone_id="Asia/Tokyo")
    asked: list[str] = []
    dialogs: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.wait_for_selector("#map[data-ready=true]")
    images = page.locator("img").count()
    drawer = page.locator(".atlas-drawer")
    opened = ""
    for name in ("e1", "e2"):
        page.locator("#table button", has_text=name).first.click()
        expect(drawer).to_have_attribute("data-record", re.compile("^row:"))
        expect(drawer).not_to_have_attribute("data-record", opened)
        opened = drawer.get_attribute("data-record") or ""
        expect(drawer).to_contain_text("onerror=alert(3)")
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", drawer.inner_text()), "no text turns what follows it"
        assert drawer.locator("script, img, iframe, a[href^=javascript]").count() == 0
    assert page.locator("img").count() == images
    assert page.locator("[onerror]").count() == 0
    context.close()
    assert dialogs == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.parametrize("kind", [".csv", ".xlsx", ".geojson", ".kmz", ".gpkg"])
def test_a_selection_without_records_is_written_too(hostile: Dataset, kind: str) -> None:
    view, _ = View.from_query("type=airstrike")
    assert records_bytes(hostile, view, kind)


def test_marks_that_arabic_needs_are_kept_and_turns_are_not() -> None:
    assert without_turns("a\u202eb\u2066c\u200fد") == "abc\u200fد"
    assert without_turns("a\x1b[2J\x9bb\nc\td") == "a[2Jb\nc\td"
    assert for_xml("a\x00\ufffe\ud800b\n") == "a\ufffd\ufffd\ufffdb\n"
