"""Named views, drawn and compared with what was looked at once: texts, ids, counts, and a thumbnail of the picture.

After a wanted change run this file with ``INCIDENTS_GOLDEN=write`` and look at the difference before committing it.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest
from PIL import Image
from pptx import Presentation
from small_store import PLACES, ids, row, small_dataset

from dashboard.drawing import draw
from dashboard.products.export import ordered, product_bytes
from dashboard.products.options import PageOptions
from dashboard.products.table import records_table
from dashboard.snapshot import compose
from dashboard.view import COLOUR_BY, View
from geodata.dataset import Dataset
from geodata.incident import CONFIDENCES, EVENT_TYPES

GOLDEN = Path(__file__).parent / "data" / "golden"
WRITE = os.environ.get("INCIDENTS_GOLDEN") == "write"

#: Thumbnails: 96 pixels wide, grey. A moved legend or a lost area differs by far more than a changed edge.
THUMB = (96, 68)
MOST_DIFFERENCE = 2.5

VIEWS = {
    "everything": "",
    "a-month": "from=2021-07-01&to=2021-07-31",
    "claimants": "colour=claimed&from=2021-06-01",
    "one-governorate": "governorate=IQ.baghdad",
    "density": "layers=density,governorates",
    "threats": "type=threat&type=capability",
    "public": "public=1",
}

SOURCE = "https://one.example/a | grade=B2 | accessed=2021-11-02"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Records of every type at every kind of place, the same on every machine."""
    made = random.Random(5)
    places = [name for name in PLACES if name != "nowhere"]
    return small_dataset(
        row(
            f"g{n}",
            day=f"2021-{made.randint(5, 9):02d}-{made.randint(1, 28):02d}",
            place=places[n % len(places)],
            event_type=made.choice(list(EVENT_TYPES)),
            claimed_by=made.choice(["Ashab al-Kahf", "Houthis", ""]),
            confidence=made.choice(["", *CONFIDENCES]),
            status=made.choice(["draft", "released"]),
            summary="Rockets fell near the runway; أصاب صاروخ المدرج.",
            sources=SOURCE,
        )
        for n in range(60)
    )


def made(dataset: Dataset, name: str, kind: str, **choices: Any) -> bytes:
    view, problems = View.from_query(VIEWS[name])
    assert not problems
    options = PageOptions(produced="2026-01-02", marking="TLP:GREEN", overrides={"unplaced": "a test"}, **choices)
    return product_bytes(dataset, view, kind, options)[0]


class TestGolden:
    @pytest.mark.parametrize("name", VIEWS)
    def test_a_page_says_what_it_said(self, dataset: Dataset, name: str) -> None:
        page = ElementTree.fromstring(made(dataset, name, ".svg"))
        texts = ["".join(element.itertext()).strip() for element in page.iter("{http://www.w3.org/2000/svg}text")]
        view = View.from_query(VIEWS[name])[0]
        answer = dataset.store.ask(view.selection, by=view.colour_by)
        summary = {
            "ids": sorted(ids(dataset.store, answer.rows)),
            "counts": dict(answer.counts.hidden) | {"shown": answer.counts.shown},
            "texts": [text for text in texts if text and not _changes(text)],
        }
        compare(name, summary)

    @pytest.mark.parametrize("name", ["everything", "density"])
    def test_a_picture_looks_as_it_looked(self, dataset: Dataset, name: str) -> None:
        picture = Image.open(io.BytesIO(made(dataset, name, ".png", dpi=96))).convert("L")
        thumb = picture.resize(THUMB, Image.Resampling.BOX)
        path = GOLDEN / f"{name}.png"
        if WRITE:
            thumb.save(path, optimize=True)
        difference = np.abs(np.asarray(thumb, dtype=float) - np.asarray(Image.open(path), dtype=float))
        assert difference.mean() < MOST_DIFFERENCE, f"{name} differs by {difference.mean():.1f} of 255 on average"


def compare(name: str, summary: dict[str, Any]) -> None:
    path = GOLDEN / f"{name}.json"
    if WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(summary, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    assert summary == json.loads(path.read_text(encoding="utf-8"))


def _changes(text: str) -> bool:
    """Tell whether a text names the code that made it."""
    return bool(re.search(r"recipe|code |data [0-9a-f]{12}|SHA", text))


def test_the_gallery_shows_every_picture_that_was_made_for_it() -> None:
    docs = Path(__file__).parents[1] / "docs"
    shown = set(re.findall(r"\]\(pictures/(gallery-[\w-]+\.png)\)", (docs / "gallery.md").read_text(encoding="utf-8")))
    assert shown == {path.name for path in (docs / "pictures").glob("gallery-*.png")}


class TestSameRecords:
    def test_fifty_random_views_draw_the_records_the_screen_shows(self, dataset: Dataset) -> None:
        chosen = random.Random(11)
        for _ in range(50):
            query = _random_query(chosen)
            view, problems = View.from_query(query)
            assert not problems, query
            answer = dataset.store.ask(view.selection, by=view.colour_by)
            screen = draw(dataset.store, answer, view, zoom=chosen.uniform(4, 12)).rows(dataset.store, answer)
            job = ordered(dataset, view, ".png", PageOptions(produced="2026-01-02"), strict=False)
            _, drawn = compose(job.store, job.answer, job.view, (400.0, 300.0))
            picture = drawn.rows(job.store, job.answer)
            shown = set(answer.rows.tolist())
            assert screen == picture == shown, query


def _random_query(chosen: random.Random) -> str:
    parts = [f"colour={chosen.choice(list(COLOUR_BY))}"]
    if chosen.random() < 0.6:
        first = chosen.randint(5, 8)
        parts.append(f"from=2021-{first:02d}-{chosen.randint(1, 28):02d}&to=2021-09-{chosen.randint(1, 28):02d}")
    if chosen.random() < 0.5:
        parts.append(f"type={chosen.choice(list(EVENT_TYPES))}&type={chosen.choice(list(EVENT_TYPES))}")
    if chosen.random() < 0.3:
        parts.append(f"confidence={chosen.choice(list(CONFIDENCES))}")
    if chosen.random() < 0.3:
        parts.append("claimed=Houthis")
    if chosen.random() < 0.3:
        parts.append(f"map={chosen.uniform(36, 47):.3f},{chosen.uniform(30, 37):.3f},{chosen.uniform(5, 10):.1f}")
    return "&".join(parts)


class TestOtherProgramsReadThem:
    def test_every_field_comes_back_from_a_geopackage(self, dataset: Dataset, tmp_path: Path) -> None:
        path = tmp_path / "view.gpkg"
        path.write_bytes(made(dataset, "everything", ".gpkg"))
        layers = [pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)]
        drawn = [layer for layer in layers if "id" in layer]
        assert all(set(dataset.store.records.names) - {"line"} <= set(layer.columns) for layer in drawn)
        found = pd.concat(drawn)
        assert sorted(found["id"]) == sorted(ids(dataset.store, range(len(dataset.store))))
        assert set(found["summary"]) == {"Rockets fell near the runway; أصاب صاروخ المدرج."}

    def test_every_record_comes_back_from_a_kmz(self, dataset: Dataset, tmp_path: Path) -> None:
        path = tmp_path / "view.kmz"
        path.write_bytes(made(dataset, "everything", ".kmz"))
        layers = [pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)]
        assert sum(len(layer) for layer in layers) >= len(dataset.store)

    def test_every_field_comes_back_from_a_kmz_as_what_it_is(self, dataset: Dataset, tmp_path: Path) -> None:
        path = tmp_path / "view.kmz"
        path.write_bytes(made(dataset, "everything", ".kmz"))
        layers = [pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)]
        found = pd.concat(layers).set_index("record_id")
        wanted = records_table(dataset, dataset.store.ask(View().selection)).set_index("id").loc[found.index]
        for column in wanted:
            if wanted[column].dtype == float:
                assert found[column].dtype == float
                assert found[column].equals(wanted[column])
            else:
                assert found[column].fillna("").tolist() == wanted[column].tolist()

    def test_slides_open_with_their_words(self, dataset: Dataset, tmp_path: Path) -> None:
        path = tmp_path / "view.pptx"
        path.write_bytes(made(dataset, "everything", ".pptx", takeaway="It goes on."))
        deck = Presentation(str(path))
        words = " ".join(
            shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame
        )
        assert "It goes on." in words
        assert "TLP:GREEN" in words

    def test_libreoffice_opens_the_slides(self, dataset: Dataset, tmp_path: Path) -> None:
        office = shutil.which("soffice")
        if office is None:
            pytest.skip("LibreOffice (soffice) is not installed")
        (tmp_path / "view.pptx").write_bytes(made(dataset, "everything", ".pptx", takeaway="It goes on."))
        command = [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "view.pptx")]
        subprocess.run(command, check=True, capture_output=True, timeout=150)
        assert "It goes on." in text_of(tmp_path / "view.pdf")

    def test_a_pdf_has_its_words_as_text_and_its_fonts_inside(self, dataset: Dataset, tmp_path: Path) -> None:
        path = tmp_path / "view.pdf"
        path.write_bytes(made(dataset, "everything", ".pdf"))
        text = text_of(path)
        assert "TLP:GREEN" in text
        assert "60 of 60 records" in text
        listed = subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
        assert listed
        assert all(line.split()[-5] == "yes" for line in listed), "a font is not embedded"

    def test_the_table_of_a_pack_is_one_table_with_a_head_over_all_its_pages(
        self, dataset: Dataset, tmp_path: Path
    ) -> None:
        path = tmp_path / "pack.pdf"
        path.write_bytes(made(dataset, "everything", "pack", page="letter-portrait"))
        if shutil.which("pdfinfo") is None:
            pytest.skip("poppler's pdfinfo is not installed")
        told = subprocess.run(["pdfinfo", "-struct-text", path], check=True, capture_output=True, text=True).stdout
        kinds = Counter(line.split()[0].rstrip(":") for line in told.splitlines() if line.split())
        rows = 60
        assert (kinds["Table"], kinds["TR"], kinds["TH"], kinds["TD"]) == (1, 1 + rows, 7, 7 * rows)
        assert "/Scope /Column" in told
        assert re.search(r'TD\s+"g0"\s+TD\s+"2021-', told), "a row does not start with its id and its date"


def text_of(path: Path) -> str:
    """Read the words of a PDF with poppler, an outside eye."""
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler's pdftotext is not installed")
    read = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout
    return " ".join(read.split())
