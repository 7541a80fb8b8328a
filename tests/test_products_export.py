"""Every format of the table of formats: read back with another program's eyes, no field lost, recipe inside."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import av
import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
from matplotlib.figure import Figure
from PIL import Image
from pptx import Presentation
from pptx.util import Pt
from small_store import row, small_dataset

from dashboard.products.atlas import atlas_pages, atlas_views
from dashboard.products.export import BOOKS, FORMATS, product_bytes, remake, write_product
from dashboard.products.film import (
    CARD_SECONDS,
    LEGEND_WIDTH,
    MP4_RATE,
    _legend_columns,
    film_frames,
    film_windows,
    gif_bytes,
    mp4_bytes,
)
from dashboard.products.job import Job, job_for
from dashboard.products.layout import Page, lay_out, texts_on
from dashboard.products.linter import lint
from dashboard.products.options import PageOptions
from dashboard.products.pack import periods
from dashboard.products.table import about
from dashboard.products.verify import read_recipe
from dashboard.snapshot import Frame
from dashboard.symbols import TYPE_COLOURS
from dashboard.view import View
from geodata.dataset import Dataset
from geodata.errors import QueryError
from geodata.incident import COLUMN_NAMES, EVENT_TYPES
from geodata.selection import Window

SOURCE = "https://one.example/a | grade=B2"
CHOICES = PageOptions(produced="2026-01-02", dpi=96)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return small_dataset(
        [
            row("a1", sources=SOURCE, summary='=HYPERLINK("http://x") <b>&amp;</b> {{ 7*7 }}'),
            row("a2", sources=SOURCE, event_type="threat", day="2021-07-02"),
            row("b", sources=SOURCE, place="erbil", event_type="drone_attack", day="2021-08-20"),
            row("c", sources=SOURCE, place="anbar", day="2021-09"),
            row("d", sources=SOURCE, place="musayyib", event_type="ied_attack", day="2021-09-03"),
            row("e", sources=SOURCE, place="iraq", event_type="statement"),
            row("f", sources=SOURCE, place="tanf", event_type="drone_attack", day=""),
        ]
    )


def job_of(dataset: Dataset, query: str = "", kind: str = "pdf", **choices: object) -> Job:
    chosen = PageOptions(**{"produced": "2026-01-02", "dpi": 96, **choices})  # type: ignore[arg-type]
    return job_for(dataset, View.from_query(query)[0], chosen, kind)


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_every_format_carries_its_recipe_and_is_made_again_from_it(
    dataset: Dataset, suffix: str, tmp_path: Path
) -> None:
    out = tmp_path / f"product{suffix}"
    made = write_product(dataset, View(), out, produced="2026-01-02", dpi=96, step="month")
    assert made.format == suffix.removeprefix(".")
    recipe = read_recipe(out)
    assert recipe == made
    assert remake(recipe, dataset) == out.read_bytes()


def test_a_workbook_loses_no_field_and_runs_no_formula(dataset: Dataset) -> None:
    data, recipe = product_bytes(dataset, View(), ".xlsx", CHOICES)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Records", "Codebook", "About"]
    rows = list(book["Records"].iter_rows())
    heads = [cell.value for cell in rows[0]]
    assert heads[: len(COLUMN_NAMES)] == list(COLUMN_NAMES)
    assert {line[0].value for line in rows[1:]} == {"a1", "a2", "b", "c", "d", "e", "f"}
    hostile = next(line for line in rows[1:] if line[0].value == "a1")[heads.index("summary")]
    assert hostile.value == '=HYPERLINK("http://x") <b>&amp;</b> {{ 7*7 }}'
    assert hostile.data_type == "s"
    assert set(heads) == {line[0].value for line in book["Codebook"].iter_rows(min_row=2)}
    told = {line[0].value: line[1].value for line in book["About"].iter_rows(min_row=2)}
    assert told["Recipe"] == recipe.to_json()
    assert "CC BY" in str(told["Licences"])


def test_a_geopackage_holds_every_record_once_in_the_layer_of_its_kind(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "x.gpkg"
    write_product(dataset, View(), out, produced="2026-01-02")
    layers = {name for name, _ in pyogrio.list_layers(out)}
    assert layers == {"incidents", "incident_areas", "incidents_off_map", "codebook", "about", "layer_styles"}
    points, areas = gpd.read_file(out, layer="incidents"), gpd.read_file(out, layer="incident_areas")
    off = pyogrio.read_dataframe(out, layer="incidents_off_map")
    assert (set(points["id"]), set(areas["id"]), set(off["id"])) == ({"a1", "a2", "b", "f"}, {"c", "d"}, {"e"})
    assert set(COLUMN_NAMES) <= set(points.columns)
    assert points.crs.to_epsg() == 4326
    assert areas.to_crs(6933).area.min() > 1e8  # square metres
    styles = pyogrio.read_dataframe(out, layer="layer_styles").set_index("f_table_name")["styleQML"]
    for layer, symbol in (("incidents", "marker"), ("incident_areas", "fill")):
        style = ET.fromstring(styles[layer])
        drawn = {one.get("name") for one in style.iter("symbol") if one.get("type") == symbol}
        kinds = {one.get("value"): one.get("symbol") for one in style.iter("category")}
        assert set(kinds) == set(EVENT_TYPES)
        assert set(kinds.values()) == drawn


def test_a_kmz_has_one_placemark_per_record_with_its_time(dataset: Dataset) -> None:
    data, _ = product_bytes(dataset, View(), ".kmz", replace(CHOICES, marking="TLP:GREEN"))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        root = ET.fromstring(packed.read("doc.kml"))
        names = set(packed.namelist())
    space = {"k": "http://www.opengis.net/kml/2.2"}
    marks = root.findall(".//k:Placemark", space)
    assert len(marks) == 7
    begun = {mark.findtext("k:TimeSpan/k:begin", "", space) for mark in marks}
    assert {"2021-07-02", "2021-09-01", ""} <= begun
    assert sum(mark.find(".//k:Point", space) is None for mark in marks) == 2  # the country, and a threat's zone
    for style in root.findall(".//k:Style", space):
        assert style.findtext(".//k:href", "", space) in names
    texts = " ".join(root.itertext())
    assert "{{ 7*7 }}" in texts
    told = root.findtext("k:Document/k:description", "", space).split("<br>")
    assert told[0] == "Marking: TLP:GREEN"
    assert "Produced: 2026-01-02, Incident Atlas, New, version 1" in told
    assert all("<br>Sources: " in mark.findtext("k:description", "", space) for mark in marks)


def test_what_to_know_of_a_file_begins_with_its_marking_and_says_nothing_twice(dataset: Dataset) -> None:
    job = job_of(dataset, "from=2021-07-01&to=2021-09-30", "csv", marking="TLP:GREEN", takeaway="It goes on.")
    told = dict(about(job.words, job.recipe))
    assert list(told)[:3] == ["Marking", "Title", "Takeaway"]
    assert told["Marking"] == "TLP:GREEN"
    assert not [matter for matter, text in told.items() if text.startswith(f"{matter}: ")]


@pytest.mark.parametrize("query", ["", "colour=claimed", "q=nothing-of-the-kind"])
def test_a_slide_has_the_page_s_legend_and_no_shape_lies_on_another(dataset: Dataset, query: str) -> None:
    choices = PageOptions(
        produced="2026-01-02",
        marking="TLP:AMBER+STRICT",
        title="A long title " * 12,
        takeaway="So it goes on. " * 20,
        overrides=dict.fromkeys(("nothing-shown", "unplaced"), "a test"),
    )
    data, _ = product_bytes(dataset, View.from_query(query)[0], ".pptx", choices)
    for slide in Presentation(io.BytesIO(data)).slides:
        boxes = [(s.left + 1, s.top + 1, s.left + s.width - 1, s.top + s.height - 1) for s in slide.shapes]
        for one, two in combinations(boxes, 2):
            assert not (one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]), (one, two)
        assert all(0 <= left < right <= Pt(960) and 0 <= top < bottom <= Pt(540) for left, top, right, bottom in boxes)
    words = {shape.text_frame.text for shape in Presentation(io.BytesIO(data)).slides[0].shapes if shape.has_text_frame}
    if "nothing" not in query:
        assert {"Place known to", "Signs", "Site", "Known only to (no place on the map)"} <= words
        assert any("Place known to: " in text and " % site" in text for text in words)


def test_a_film_bears_its_marking_at_the_top_and_the_bottom_of_every_frame(dataset: Dataset) -> None:
    job = job_for(dataset, View(), replace(CHOICES, marking="TLP:AMBER", step="month"), "gif")
    film = Image.open(io.BytesIO(gif_bytes(job)))
    for frame in range(film.n_frames):
        film.seek(frame)
        amber = np.all(np.asarray(film.convert("RGB")) == (0xFF, 0xC0, 0x00), axis=2)
        assert amber[:60].any()
        assert amber[-40:].any()


def test_slides_keep_title_legend_and_table_editable(dataset: Dataset) -> None:
    data, _ = product_bytes(
        dataset, View(), ".pptx", PageOptions(produced="2026-01-02", marking="TLP:GREEN", takeaway="It goes on.")
    )
    deck = Presentation(io.BytesIO(data))
    assert (deck.slide_width, deck.slide_height) == (12_192_000, 6_858_000)
    first, second, third = deck.slides
    defined = " ".join(shape.text_frame.text for shape in third.shapes if shape.has_text_frame)
    assert all(term in defined for term in ("Attack.", "Drone attack.", "Threat.", "What the words mean"))
    texts = [shape.text_frame.text for shape in first.shapes if shape.has_text_frame]
    assert first.shapes.title.text_frame.text.startswith("Iraq")
    assert "It goes on." in " ".join(texts)
    assert texts.count("TLP:GREEN") == 2
    for label in ("Rocket attack", "Drone attack", "Statement"):
        assert label in texts
    table = next(shape.table for shape in second.shapes if shape.has_table)
    assert len(table.rows) == 8
    assert "Sources" in first.notes_slide.notes_text_frame.text
    assert "one.example" in second.notes_slide.notes_text_frame.text


def test_a_csv_tells_what_to_know_of_it_beside_its_first_record(dataset: Dataset) -> None:
    data, recipe = product_bytes(dataset, View(), ".csv", CHOICES)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 7
    assert [bool(line["about_this_file"]) for line in rows] == [True] + [False] * 6
    told = rows[0]["about_this_file"]
    assert recipe.to_json() in told
    assert "Natural Earth" in told
    assert all(f"\n{name}: " in told for name in COLUMN_NAMES)
    assert len(told) < 32_767  # longest cell of a spreadsheet


def test_geojson_tells_counts_codebook_and_licences(dataset: Dataset) -> None:
    data, recipe = product_bytes(dataset, View(), ".geojson", CHOICES)
    told = json.loads(data)
    assert {feature["id"] for feature in told["features"]} == {"a1", "a2", "b", "c", "d", "e", "f"}
    assert told["recipe"] == json.loads(recipe.to_json())
    assert set(COLUMN_NAMES) <= set(told["codebook"])
    assert "Natural Earth" in told["about"]["Licences"]


def test_a_film_has_a_frame_per_step_with_its_own_counts(dataset: Dataset) -> None:
    job = job_of(dataset, kind="gif", step="month")
    windows = film_windows(job)
    assert [(w.first.isoformat(), w.last.isoformat()) for w in windows] == [
        ("2021-07-01", "2021-07-31"),  # whole, though the first record is of the second
        ("2021-08-01", "2021-08-31"),
        ("2021-09-01", "2021-09-30"),
    ]
    film = Image.open(io.BytesIO(gif_bytes(job)))
    assert (film.n_frames, film.size) == (3 + 1, (960, 540))  # and the card that tells how to read it
    assert len(film_windows(job_of(dataset, kind="gif"))) == 14  # by week: 91 days are too many to watch
    kept = film_windows(job_of(dataset, kind="gif", step="month", cumulative=True))
    assert {w.first for w in kept} == {windows[0].first}
    with pytest.raises(QueryError, match="day, week, month"):
        job_of(dataset, step="year")


def test_a_film_keeps_the_colours_of_the_legend(dataset: Dataset) -> None:
    film = Image.open(io.BytesIO(gif_bytes(job_of(dataset, "type=rocket_attack", step="month"))))
    colours = {colour for _, colour in film.convert("RGB").getcolors(100_000) or []}
    red, green, blue = bytes.fromhex(TYPE_COLOURS["rocket_attack"].removeprefix("#"))
    assert any(abs(r - red) + abs(g - green) + abs(b - blue) < 12 for r, g, b in colours)


def test_an_mp4_shows_each_step_for_its_seconds(dataset: Dataset) -> None:
    job = job_of(dataset, kind="mp4", step="month", seconds=0.5)
    with av.open(io.BytesIO(mp4_bytes(job))) as film:
        stream = film.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
    assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 1280, 720)
    assert len(frames) == 3 * 5 + CARD_SECONDS * MP4_RATE
    apart = [float(abs(one.astype(int) - two).mean()) for one, two in pairwise(frames)]
    assert [at for at, change in enumerate(apart, start=1) if change > 0.2] == [5, 10, 15]


#: A picture of one dot.
BLANK = np.zeros((1, 1, 4), dtype=np.uint8)


def test_a_film_ends_with_what_a_reader_must_know(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr("dashboard.products.film._picture", lambda figure, _: drawn.append(figure) or BLANK)
    list(film_frames(job_of(dataset, kind="gif", step="month"), 72))
    said = " ".join(texts_on(drawn[-1]))
    for element in (
        "7 of 7 records shown",
        "Signs",
        "Read with care",
        "Sources",
        "CC BY",
        "Projection:",
        "do not imply",
    ):
        assert element in said


def test_weeks_of_an_atlas_stand_on_the_ground_of_its_overview(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: list[Frame] = []

    def noted(*args: object) -> Page:
        page = lay_out(*args)  # type: ignore[arg-type]  # passed on as they are
        frames.append(page.snapshot.frame)
        return page

    monkeypatch.setattr("dashboard.products.atlas.lay_out", noted)
    list(atlas_pages(job_of(dataset), "month"))
    overview, *months = frames
    assert len(months) == 3
    assert all(month.centre == pytest.approx(overview.centre, abs=0.01) for month in months)
    assert all(month.ground_m_per_pt == pytest.approx(overview.ground_m_per_pt, rel=0.15) for month in months)


def test_an_atlas_has_a_page_for_each_governorate_with_records(dataset: Dataset) -> None:
    job = job_of(dataset)
    areas = [next(iter(view.selection.filters["governorate"])) for view in atlas_views(job, "governorate")]
    assert set(areas) == {"IQ.baghdad", "IQ.erbil", "IQ.anbar", "IQ.babil", "SY.homs"}
    assert pages_in(BOOKS["atlas-governorate"].write(job)) == 1 + len(areas)
    months = [view.selection.window for view in atlas_views(job, "month")]
    assert [window.first.month for window in months if window] == [7, 8, 9]
    with pytest.raises(QueryError, match="atlas-governorate, atlas-month, atlas-week"):
        product_bytes(dataset, View(), "atlas-moon", CHOICES)


def test_a_pack_has_cover_tempo_comparison_table_and_methods(dataset: Dataset) -> None:
    data, recipe = product_bytes(dataset, View(), "pack", CHOICES)
    assert pages_in(data) >= 5
    assert remake(recipe, dataset) == data


def pages_in(data: bytes) -> int:
    return int(re.findall(rb"/Type /Pages .*?/Count (\d+)", data, re.DOTALL)[0])


def test_the_period_before_is_as_long_as_the_period_shown(dataset: Dataset) -> None:
    job = job_of(dataset, "from=2021-08-01&to=2021-08-31")
    before, shown = periods(job.answer, None) or (None, None)
    assert isinstance(before, Window)
    assert isinstance(shown, Window)
    assert (before.first.isoformat(), before.last.isoformat()) == ("2021-07-01", "2021-07-31")


# --- the linter -----------------------------------------------------------------------------------------------------


def codes(job: Job, *, blocking: bool) -> set[str]:
    return {finding.code for finding in lint(job) if finding.blocks is blocking}


def test_a_sound_product_has_no_error(dataset: Dataset) -> None:
    assert codes(job_of(dataset, marking="TLP:CLEAR"), blocking=True) == set()


def test_drafts_and_a_missing_marking_are_told(dataset: Dataset) -> None:
    assert {"drafts", "no-marking"} <= codes(job_of(dataset), blocking=False)


def test_one_draft_is_told_in_the_singular() -> None:
    told = {found.code: found.message for found in lint(job_of(small_dataset([row("x", sources=SOURCE)])))}
    assert told["drafts"] == "1 draft among the records shown (100%)."


def test_a_record_without_source_blocks_until_a_reason_is_given(tmp_path: Path) -> None:
    bare = small_dataset([row("x")])
    out = tmp_path / "x.pdf"
    with pytest.raises(QueryError, match="no-source"):
        write_product(bare, View(), out)
    assert not out.exists()
    job = job_of(bare, overrides={"no-source": "source withheld by agreement"})
    write_product(bare, View(), out, overrides={"no-source": "source withheld by agreement"}, produced="2026-01-02")
    assert out.exists()
    assert "source withheld by agreement" in job.words.overrides


@pytest.mark.parametrize(
    ("takeaway", "code", "blocks"),
    [
        ("Attacks are likely to go on, with high confidence.", "likelihood-with-confidence", True),
        ("Attacks are likely to go on. Confidence is high.", "", True),
        ("Attacks might go on.", "loose-likelihood", False),
    ],
)
def test_words_of_chance_follow_their_standard(dataset: Dataset, takeaway: str, code: str, blocks: bool) -> None:
    found = codes(job_of(dataset, takeaway=takeaway), blocking=blocks)
    assert (code in found) if code else not found


def test_unplaced_and_rejected_records_block_when_they_are_many() -> None:
    poor = small_dataset(
        [
            row("x", sources=SOURCE),
            row("y", sources=SOURCE, place="nowhere"),
            row("z", sources=SOURCE, place="nowhere"),
        ],
        rejected=3,
    )
    assert {"unplaced", "rejected"} <= codes(job_of(poor), blocking=True)


def test_an_empty_map_is_not_a_product(dataset: Dataset) -> None:
    assert "nothing-shown" in codes(job_of(dataset, "q=nosuchword"), blocking=True)


def test_a_window_beyond_the_data_is_told(dataset: Dataset) -> None:
    assert "window-beyond-data" in codes(job_of(dataset, "from=2021-07-01&to=2022-03-01"), blocking=False)


def test_a_film_begins_where_the_window_does_that_cuts_its_first_month(dataset: Dataset) -> None:
    view = replace(View(), selection=replace(View().selection, window=Window(date(2021, 8, 3), date(2021, 9, 30))))
    windows = film_windows(job_for(dataset, view, replace(CHOICES, step="month"), "gif"))
    assert windows[0] == Window(date(2021, 8, 3), date(2021, 8, 31))


def test_a_films_legend_stands_in_two_rows_of_even_columns() -> None:
    size, rows, widths = _legend_columns([f"Kind of incident {k} 1,000" for k in range(11)])
    assert rows == 2
    assert len(widths) == 6
    assert sum(widths) <= LEGEND_WIDTH
    assert 4.5 <= size <= 7.5
