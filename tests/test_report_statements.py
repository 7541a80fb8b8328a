"""The source report's seven statements: on the map, in the record, in the counts and in a product as it allows them."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from small_store import csv_file, ids

from dashboard.drawing import draw
from dashboard.products.content import words_for
from dashboard.products.export import product_bytes
from dashboard.products.job import job_for
from dashboard.products.layout import lay_out
from dashboard.products.options import PageOptions
from dashboard.record import describe
from dashboard.symbols import SIGN_WORDS
from dashboard.view import View
from geodata.dataset import Dataset, load_dataset
from geodata.incident import EVENT_TYPES
from geodata.selection import Selection, Window

RECORDS = Path(__file__).parents[1] / "incidents.csv"


@dataclass(frozen=True)
class Statement:
    """What the report says, and what may be made of it: `drawn` by place, `record` lines, sums of attacks."""

    name: str
    ids: tuple[str, ...]
    drawn: dict[str, str]
    record: dict[str, str]
    attacks: str
    told: str = ""


STATEMENTS = (
    Statement(
        "two rockets at the embassy, likely by proxies, denied",
        ("20210729-1",),
        {"US Embassy Baghdad": "pin"},
        {
            "Assessed to": 'Iran-backed militias\nthe source says "likely Iranian proxies"',
            "Likelihood": "likely",
            "Claimed by": "nobody, as far as recorded",
            "Denied by": "Kata'ib Hezbollah; Asa'ib Ahl al-Haq",
            "Denial, and whom it blames": "both blamed the United States",
            "Killed": "0",
            "Munitions": "2",
        },
        "1 record, 1 event",
    ),
    Statement(
        "at least three attacks in Syria, counted in other records",
        ("20210628-2",),
        {"Syria": "margin"},
        {"Events": "at least 3", "Date": "2021-06-28 to 2021-07-10", "Likelihood": ""},
        "0 records, 0 events",
    ),
    Statement(
        "six bombs on convoys, claimed, likely by affiliated militants",
        ("20210729-2",),
        {"Iraq": "margin"},
        {"Events": "6", "Likelihood": "likely", "Date": "2021-07-29 to 2021-08-01"},
        "1 record, 6 events",
    ),
    Statement(
        "one threat against Erbil and Harir until the end of 2021",
        ("20210728-2", "20210728-3"),
        {"Erbil International Airport": "zone", "Bashur (Harir) Airfield": "zone"},
        {"Expires": "2021-12-31", "Condition": "if US forces do not withdraw from Iraq by the end of 2021"},
        "0 records, 0 events",
        "Threat",
    ),
    Statement(
        "a threat against any base of the region, and no point on the map",
        ("20210727-5",),
        {},
        {"Claimed by": "Kata'ib Hezbollah", "Target": "US-used bases across the region"},
        "0 records, 0 events",
    ),
    Statement(
        "meetings in Baghdad and Najaf: known to a town, no attack",
        ("20210727-3", "20210727-4"),
        {"Baghdad": "disc", "Najaf": "disc"},
        {"Type": "Meeting", "Claimed by": "nobody, as far as recorded"},
        "0 records, 0 events",
        "Meeting",
    ),
    Statement(
        "drones that could reach five countries: a capability without a likelihood",
        ("20210810-1",),
        {},
        {"Type": "Capability", "Likelihood": "", "Weapon": "long-range drone"},
        "0 records, 0 events",
    ),
)


def only(ids: tuple[str, ...], folder: Path) -> Dataset:
    with RECORDS.open(encoding="utf-8", newline="") as file:
        rows = [one for one in csv.DictReader(file) if one["id"] in ids]
    assert len(rows) == len(ids)
    return load_dataset(csv_file(folder / "statement.csv", rows))


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda one: one.name)
def test_a_statement_is_shown_as_the_report_allows(statement: Statement, tmp_path: Path) -> None:
    dataset = only(statement.ids, tmp_path)
    store, view = dataset.store, View()
    answer = store.ask(view.selection)
    drawing = draw(store, answer, view)

    points = {mark.name: mark.drawn_as for mark in (*drawing.marks, *drawing.margin)}
    if statement.drawn:
        assert points == statement.drawn
    else:  # several countries or a region: never a symbol on the map
        assert not drawing.marks

    told = {item["label"]: item["text"] for part in describe(store, 0)["sections"] for item in part["items"]}
    assert {label: told.get(label, "") for label in statement.record} == statement.record

    assert str(answer.counts.attacks).partition(";")[0] == statement.attacks
    words = words_for(dataset, answer, drawing, view)
    if answer.counts.shown:
        assert statement.attacks.replace("event", "attack") in words.events
    else:  # without a place it is in no sum of what is shown, and the counts say so
        assert answer.counts.hidden == {"not placed": 1}
        assert "1 not placed" in words.counts
    assert not statement.told or statement.told in {kind.label for kind in drawing.shapes}


#: Linter codes that a product of one record alone cannot avoid: its few sources, its single place.
ACCEPTED = dict.fromkeys(("unplaced", "nothing-shown"), "one statement of the report alone")
SVG_TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda one: one.name)
def test_a_statement_stands_on_a_product_as_the_report_allows(statement: Statement, tmp_path: Path) -> None:
    dataset, view = only(statement.ids, tmp_path), View()
    store, options = dataset.store, PageOptions(produced="2021-12-31", overrides=ACCEPTED)
    answer = store.ask(view.selection)
    job = job_for(dataset, view, options, "svg")
    snapshot = lay_out(store, answer, view, job.words, options, "stamp").snapshot
    assert ids(store, snapshot.rows(store, answer)) == ids(store, answer.rows), "the picture accounts for every record"
    assert {p.mark.name: p.mark.drawn_as for p in snapshot.placed} == {
        name: drawn for name, drawn in statement.drawn.items() if drawn != "margin"
    }
    assert all(p.mark.potential == (statement.told == "Threat") for p in snapshot.placed)

    root = ET.fromstring(product_bytes(dataset, view, ".svg", options)[0])
    page = " ".join(" ".join("".join(node.itertext()) for node in root.iter(SVG_TEXT)).split())
    assert f"{answer.counts.shown} of {len(statement.ids)} record" in page
    if answer.counts.shown:
        assert f"Attacks: {statement.attacks.replace('event', 'attack')}" in page
    else:
        assert "1 not placed" in page
    kinds = {EVENT_TYPES[code].label for code in store.records.take(answer.rows, ("event_type",))["event_type"]}
    assert kinds or not answer.counts.shown
    assert all(kind in page for kind in kinds), "the legend names every type that is drawn"
    assert (SIGN_WORDS["zone"] in page) == (statement.told == "Threat")
    in_margin = {name for name, drawn in statement.drawn.items() if drawn == "margin"}
    if statement.drawn:
        assert {mark.name for mark in snapshot.margin} == in_margin
    else:  # several countries or a region, if placed at all
        assert bool(snapshot.margin) == bool(answer.counts.shown)
    assert all(mark.label in page for mark in snapshot.margin)


@pytest.mark.parametrize(
    ("record_ids", "sign", "outlines"),
    [(("20210728-2", "20210728-3"), "zone", 2), (("20210810-1",), "reach", 5), (("20210729-1",), "", 0)],
)
def test_google_earth_shows_no_point_for_what_did_not_happen(
    record_ids: tuple[str, ...], sign: str, outlines: int, tmp_path: Path
) -> None:
    dataset = only(record_ids, tmp_path)
    kmz = product_bytes(dataset, View(), ".kmz", PageOptions(produced="2021-12-31", overrides=ACCEPTED))[0]
    document = zipfile.ZipFile(io.BytesIO(kmz)).read("doc.kml").decode()
    assert document.count("<Point>") == (0 if sign else 1)
    assert document.count("<Polygon>") >= outlines
    assert ("<Polygon>" in document) == bool(sign)
    assert all((words in document) == (key == sign) for key, words in SIGN_WORDS.items() if key != "expired")


def test_the_capability_is_told_as_a_reach_and_its_countries_are_outlined(tmp_path: Path) -> None:
    dataset, view = only(("20210810-1",), tmp_path), View(place=(38.0, 33.0, 4.5))
    [mark] = draw(dataset.store, dataset.store.ask(view.selection), view).margin
    assert mark.reach == ("IL", "JO", "KW", "SA", "TR")
    svg = product_bytes(dataset, view, ".svg", PageOptions(produced="2021-12-31", overrides=ACCEPTED))[0]
    page = " ".join("".join(node.itertext()) for node in ET.fromstring(svg).iter(SVG_TEXT))
    assert SIGN_WORDS["reach"] in page
    assert b"stroke-dasharray" in svg
    assert "(reach)" in page


def test_the_count_only_record_adds_nothing_and_says_so(tmp_path: Path) -> None:
    counts = only(("20210628-2",), tmp_path).store.ask(Selection()).counts
    assert (counts.events.low, counts.events.left_out) == (0, 1)


def test_the_threat_is_counted_once_and_fades_after_its_term(tmp_path: Path) -> None:
    store = only(("20210728-2", "20210728-3"), tmp_path).store
    assert store.ask(Selection()).counts.events.low == 1
    for month, shown in ((8, 2), (12, 2)):
        window = Window(date(2021, month, 1), date(2021, month, 28))
        assert store.ask(Selection(window=window)).counts.shown == 0
        assert store.ask(Selection(window=window, in_force=True)).counts.shown == shown
    after = Window(date(2022, 1, 1), date(2022, 1, 31))
    assert store.ask(Selection(window=after, in_force=True)).counts.shown == 0


def test_what_the_report_alone_told_was_not_known_the_day_before(tmp_path: Path) -> None:
    store = only(("20210728-2", "20210729-1"), tmp_path).store
    assert store.ask(Selection(known_on=date(2021, 8, 9))).counts.shown == 1
    assert store.ask(Selection(known_on=date(2021, 8, 10))).counts.shown == 2
