"""The finished page: what must stand on it, in which sizes, and that the same view gives the same bytes."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image
from small_store import PLACES, csv_file, point, row, small_dataset, small_store

from dashboard.drawing import draw
from dashboard.products.content import span_text, whole_shares, words_for
from dashboard.products.export import remake
from dashboard.products.job import job_for
from dashboard.products.layout import PAGES, Page
from dashboard.products.options import PAGE_NAMES, PageOptions, read_marking
from dashboard.products.page import make_page, picture_bytes
from dashboard.products.recipe import Recipe
from dashboard.products.typeset import Block, break_lines, flow, heading, paragraph, space
from dashboard.products.verify import read_recipe, verify
from dashboard.snapshot.ground import UNMAPPED_TEXT
from dashboard.snapshot.ink import drawing_settings
from dashboard.view import View
from dashboard.words import counts_sentence
from geodata.dataset import Dataset, load_dataset
from geodata.errors import AtlasError, QueryError
from geodata.incident import DEFAULT_TIME_ZONE
from geodata.user_data import HOME_VARIABLE
from geodata.user_gazetteers import add_gazetteer

DAY = "2026-01-02"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return small_dataset(
        [
            row("a1", place="embassy", claimed_by="Ashab al-Kahf", sources="https://one.example/a | grade=B2"),
            row("a2", place="embassy", event_type="threat", sources="https://two.example/b | grade=C3"),
            row("b", place="erbil", event_type="drone_attack", confidence="low", day="2021-07-10"),
            row("c", place="harir", event_type="ied_attack", day="2021-08-01"),
            row("d", place="near taji", summary="cost $5 $x_1$ {{ 7*7 }}"),
            row("e", place="anbar", status="reviewed"),
            row("f", place="iraq", event_type="statement"),
            row("g", place="nowhere"),
        ],
        rejected=2,
    )


def page_of(dataset: Dataset, view: View | None = None, **options: str) -> Page:
    with drawing_settings():
        return make_page(job_for(dataset, view or View(), PageOptions(produced=DAY, **options), "png"))


def text_of(page: Page) -> str:
    return " ".join(page.texts)


def test_the_counts_on_the_page_are_the_answer_s(dataset: Dataset) -> None:
    for view in (View(), View.from_query("type=rocket_attack&from=2021-07-05&to=2021-07-31")[0]):
        answer = dataset.store.ask(view.selection, by=view.colour_by)
        first, *rest = counts_sentence(answer.counts).split(" · ")
        text = text_of(page_of(dataset, view))
        assert first in text
        for part in rest:
            assert part in text


def test_the_legend_lists_exactly_the_classes_drawn_with_their_counts(dataset: Dataset) -> None:
    page = page_of(dataset)
    answer = dataset.store.ask(View().selection)
    drawn = {c.label: c.count for c in page.drawing.categories if c.count}
    assert sum(drawn.values()) == answer.counts.shown
    texts = list(page.texts)
    for label, count in drawn.items():
        assert texts[texts.index(label) + 1] == str(count)
    assert "Airstrike" not in texts


def test_every_element_of_the_product_standard_stands_on_the_page(dataset: Dataset) -> None:
    text = text_of(page_of(dataset, marking="tlp:amber", takeaway="Attacks are likely to go on.", producer="Desk 4"))
    for wanted in (
        "Iraq: incidents, July – August 2021",  # title: place, subject, period
        "Attacks are likely to go on.",
        "Data as of 1 August 2021",
        "produced 2026-01-02",
        "Desk 4",
        "Asia/Baghdad",
        "New, version 1",
        "Attack.",  # definitions
        "km",  # scale bar
        "N",  # north arrow
        "Projection:",
        "WGS 84",
        "°E",
        "°N",  # graticule
        "2 pages and documents of 2 publishers",
        "Natural Earth",
        "Boundaries and names shown do not imply endorsement",
        "TLP:AMBER",
        "2 rejected",
        "1 not placed",
        "Place known to:",
        "not who did it",
        "Sources graded B",
        "Not exhaustive",
        "Review: 6 draft, 1 reviewed",
        "recipe ",
        "data 000000000000",
    ):
        assert wanted in text, wanted
    assert text.count("TLP:AMBER") == 2


def test_graticule_has_two_labels_on_each_axis(dataset: Dataset) -> None:
    texts = page_of(dataset).texts
    assert sum(bool(re.fullmatch(r"\d+°(\d\d′)?E", text)) for text in texts) >= 2
    assert sum(bool(re.fullmatch(r"\d+°(\d\d′)?N", text)) for text in texts) >= 2


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_no_text_leaves_its_page(dataset: Dataset, name: str) -> None:
    with drawing_settings():
        figure = page_of(dataset, page=name, marking="TLP:AMBER+STRICT").figure
        width, height, _ = PAGES[name]
        figure.dpi = 72
        canvas = FigureCanvasAgg(figure)
        texts = [text for axes in figure.axes for text in axes.texts if text.get_text()]
        assert len(texts) > 20
        for text in texts:
            box = text.get_window_extent(canvas.get_renderer())
            assert box.x0 >= 8, text.get_text()
            assert box.x1 <= width - 8, text.get_text()
            assert box.y0 >= 4, text.get_text()
            assert box.y1 <= height - 4, text.get_text()


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_a_png_has_the_size_of_its_page(dataset: Dataset, name: str) -> None:
    data, _ = picture_bytes(dataset, View(), ".png", PageOptions(page=name, dpi=96, produced=DAY))
    width, height, _ = PAGES[name]
    size = Image.open(io.BytesIO(data)).size
    assert size == pytest.approx((width / 72 * 96, height / 72 * 96), abs=1.5)


def test_the_same_view_gives_the_same_bytes_in_another_process() -> None:
    # A set or a dictionary of texts has another order under another hash seed.
    program = (
        "import sys; sys.path[:0] = ['tests']; import hashlib\n"
        "from small_store import row, small_dataset\n"
        "from dashboard.products.export import FORMATS\n"
        "from dashboard.products.job import job_for\n"
        "from dashboard.products.options import PageOptions\n"
        "from dashboard.view import View\n"
        "import dashboard.products.recipe as recipe\n"
        "recipe.code_sha256 = lambda: '0' * 64\n"  # a file saved between the two runs is another recipe, and rightly
        "data = small_dataset([row('a', claimed_by='X'), row('b', place='anbar'), row('c', place='erbil')])\n"
        "view = View(colour_by='claimed', context=frozenset({'density', 'governorates', 'facilities'}))\n"
        "for suffix in ('.png', '.pdf', '.svg', '.html'):\n"
        "    job = job_for(data, view, PageOptions(dpi=96, produced='2026-01-02'), suffix[1:])\n"
        "    print(suffix, hashlib.sha256(FORMATS[suffix].write(job)).hexdigest())"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[1],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "TZ": zone, "HOME": home},
        ).stdout.splitlines()
        for seed, zone, home in (("1", "UTC", "/tmp"), ("2", "Asia/Tokyo", "/"))
    ]
    assert len(made[0]) == 4
    assert made[0] == made[1]


def test_an_svg_is_whole_and_asks_for_nothing(dataset: Dataset) -> None:
    view = View(place=(44.4, 33.3, 8.0))
    data, recipe = picture_bytes(dataset, view, ".svg", PageOptions(produced=DAY, marking="TLP:GREEN"))
    root = ET.fromstring(data)
    texts = " ".join("".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "Baghdad" in texts
    assert "بغداد" in texts
    assert "TLP:GREEN" in texts
    style = root.find("{http://www.w3.org/2000/svg}style")
    assert style is not None
    assert (style.text or "").count("@font-face") >= 3
    addresses = set(re.findall(rb'(?:href|src)="(?!#|data:)([^"]+)"', data)) | set(
        re.findall(rb"url\((?!data:|#)([^)]*)", data)
    )
    assert not addresses
    assert read_recipe_bytes(data, ".svg") == recipe


def read_recipe_bytes(data: bytes, suffix: str) -> Recipe:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"product{suffix}"
        path.write_bytes(data)
        return read_recipe(path)


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_a_product_tells_its_recipe_and_is_made_again_from_it(dataset: Dataset, suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"map{suffix}"
    view, _ = View.from_query("type=rocket_attack&colour=claimed&map=44.4,33.3,9")
    data, made = picture_bytes(dataset, view, suffix, PageOptions(dpi=96, title="A title (with) \\ bra", produced=DAY))
    out.write_bytes(data)
    recipe = read_recipe(out)
    assert recipe == made
    assert recipe.view == view.to_query()
    assert remake(recipe, dataset) == out.read_bytes()
    verdict = verify(out, dataset)
    assert (verdict.data_matches, verdict.code_matches, verdict.bytes_match) == (True, True, True)


def test_a_changed_product_and_other_data_are_told(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "map.svg"
    data, _ = picture_bytes(dataset, View(), ".svg", PageOptions(produced=DAY))
    out.write_bytes(data.replace(b"Iraq", b"Iran"))
    assert verify(out, dataset).bytes_match is False
    other = replace(dataset, sha256="1" * 64)
    verdict = verify(out, other)
    assert not verdict.data_matches
    assert "not the file at hand" in " ".join(verdict.sentences())
    with pytest.raises(QueryError, match="--data"):
        remake(read_recipe(out), other)


def test_a_file_without_recipe_is_refused_with_a_reason(tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    Image.new("RGB", (4, 4)).save(plain)
    with pytest.raises(QueryError, match="carries no recipe"):
        read_recipe(plain)
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    with pytest.raises(AtlasError):
        read_recipe(tmp_path / "broken.png")
    (tmp_path / "other.json").write_text('{"schema": "another/9"}')
    with pytest.raises(QueryError, match="another/9"):
        read_recipe(tmp_path / "other.json")


def test_products_name_no_user_host_or_path(dataset: Dataset) -> None:
    import getpass
    import socket

    for suffix in (".png", ".pdf", ".svg"):
        data, _ = picture_bytes(dataset, View(), suffix, PageOptions(dpi=96, produced=DAY))
        for secret in (str(Path.home()), socket.gethostname(), str(Path(__file__).parents[1]), getpass.getuser() + "@"):
            assert len(secret) < 6 or secret.encode() not in data  # "vm" is in any picture by chance


def test_record_text_is_drawn_and_never_parsed() -> None:
    hostile = small_dataset([row("x", claimed_by=r"$\frac{1}{2}$ {{ 7*7 }} <b>")])
    text = text_of(page_of(hostile, View(colour_by="claimed")))
    assert r"$\frac{1}{2}$" in text
    assert "{{ 7*7 }}" in text
    picture_bytes(hostile, View(colour_by="claimed"), ".pdf", PageOptions(produced=DAY))


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("tlp:amber", "TLP:AMBER"),
        ("TLP: amber + strict", "TLP:AMBER+STRICT"),
        ("tlp white", "TLP:CLEAR"),
        ("Restricted", "Restricted"),
        ("", ""),
    ],
)
def test_markings_are_written_as_their_standard_asks(given: str, written: str) -> None:
    assert read_marking(given) == written


@pytest.mark.parametrize("wrong", [{"page": "a5"}, {"dpi": 50}, {"status": "Draft"}, {"title": "x" * 400}])
def test_an_option_that_cannot_be_met_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(QueryError):
        PageOptions(**wrong)  # type: ignore[arg-type]


def test_an_ending_that_is_no_picture_is_refused(dataset: Dataset) -> None:
    with pytest.raises(QueryError, match=r"\.png"):
        picture_bytes(dataset, View(), ".bmp")


def test_shares_add_up_to_a_hundred() -> None:
    assert whole_shares([1, 1, 1]) == [34, 33, 33]
    assert sum(whole_shares([96, 84, 46, 2, 54, 3, 19])) == 100


def test_a_product_says_how_what_was_known_on_a_day_was_told(dataset: Dataset) -> None:
    view, _ = View.from_query("known=2021-08-01")
    told = "7 of 7 records shown have no date of first report: taken as known from their last day."
    text = " ".join(text_of(page_of(dataset, view)).split())
    assert told in text
    assert "As known on 1 August 2021. Data as of 1 August 2021, 24:00" in text
    assert "first report" not in text_of(page_of(dataset))


def test_spans_repeat_neither_month_nor_year() -> None:
    from datetime import date

    assert span_text(date(2021, 6, 29), date(2021, 8, 10)) == "29 June – 10 August 2021"
    assert span_text(date(2021, 8, 1), date(2021, 8, 10)) == "1–10 August 2021"
    assert span_text(date(2020, 12, 1), date(2021, 1, 2)) == "1 December 2020 – 2 January 2021"


def test_the_title_is_written_from_the_selection(dataset: Dataset) -> None:
    view, _ = View.from_query("type=rocket_attack&type=drone_attack&governorate=IQ.erbil&from=2021-07-01&to=2021-07-31")
    answer = dataset.store.ask(view.selection, by=view.colour_by)
    words = words_for(dataset, answer, draw(dataset.store, answer, view), view)
    assert words.title == "Erbil: rocket attacks and drone attacks, 1–31 July 2021"
    assert words.window.startswith("Window: 1 July 2021 to 31 July 2021, both days included")


def test_a_pdf_tells_its_language_its_order_and_what_its_map_shows(dataset: Dataset) -> None:
    data, _ = picture_bytes(dataset, View(), ".pdf", PageOptions(produced=DAY, marking="TLP:AMBER"))
    for said in (b"/Lang (en-GB)", b"/Marked true", b"/DisplayDocTitle true", b"/StructParents 0 /Tabs /S"):
        assert said in data
    kinds = re.findall(rb"/StructElem /S /(\w+)", data)
    assert kinds[:3] == [b"Document", b"P", b"H1"]
    assert {b"H2", b"Figure"} <= set(kinds)
    told = [bytes.fromhex(text.decode()).decode("utf-16-be") for text in re.findall(rb"/Alt <feff(\w+)>", data)]
    assert any("Iraq: incidents" in text and "7 of 10 records shown" in text for text in told)
    drawn = max((zlib.decompress(part) for part in streams(data)), key=lambda part: part.count(b"BDC"))
    marked = [int(number) for number in re.findall(rb"/MCID (\d+)", drawn)]
    assert sorted(marked) == list(range(len(kinds) - 1))
    assert drawn.count(b"BDC") + drawn.count(b"BMC") == drawn.count(b"EMC")


def streams(data: bytes) -> list[bytes]:
    """Give the compressed streams of a PDF."""
    return [found[1] for found in re.finditer(rb"/FlateDecode >>\nstream\n(.*?)\nendstream", data, re.DOTALL)]


def test_every_entry_of_a_pdf_s_last_table_points_at_its_object(dataset: Dataset) -> None:
    data, _ = picture_bytes(dataset, View(), ".pdf", PageOptions(produced=DAY))
    table = data[data.rindex(b"\nxref\n") :]
    for number, offset in re.findall(rb"\n(\d+) 1\n(\d{10}) 00000 n", table):
        assert data[int(offset) :].startswith(number + b" 0 obj")
    assert int(data.rstrip().rsplit(b"\n", 2)[1]) == data.rindex(b"\nxref\n") + 1


def test_the_grid_may_be_that_of_mgrs(dataset: Dataset) -> None:
    page = page_of(dataset, View(place=(44.4, 33.3, 9.0)), grid="mgrs")
    assert sum(bool(re.fullmatch(r"[A-Z]{2} \d", text)) for text in page.texts) >= 4
    assert "zone 38S" in text_of(page)
    assert not any(re.fullmatch(r"\d+°(\d\d′)?E", text) for text in page.texts)


def test_the_squares_of_a_wide_map_are_named_beside_their_lines(dataset: Dataset) -> None:
    page = page_of(dataset, View(place=(44.4, 33.3, 6.0)), grid="mgrs")
    assert sum(bool(re.fullmatch(r"3[78][RS] [A-Z]{2}", text)) for text in page.texts) >= 4
    assert "of 100 km" in text_of(page)


@pytest.mark.parametrize("name", ["a4-landscape", "letter-landscape", "slide"])
def test_notes_stand_below_the_labels_of_the_grid(dataset: Dataset, name: str) -> None:
    page = page_of(dataset, View(place=(44.4, 33.3, 6.0)), grid="mgrs", page=name, marking="TLP:GREEN")
    page.figure.dpi = 72
    renderer = FigureCanvasAgg(page.figure).get_renderer()
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for axes in page.figure.axes for t in axes.texts]
    lowest = min(box.y0 for text, box in boxes if re.fullmatch(r"\d\d[RST] [A-Z]{2}", text))
    assert max(box.y1 for text, box in boxes if re.match("Read with care|Sources|What the words mean", text)) < lowest


def test_an_arabic_title_stands_at_the_right(dataset: Dataset) -> None:
    def heads(title: str) -> list[str]:
        axes = page_of(dataset, title=title).figure.axes[0]
        return [text.get_ha() for text in axes.texts if text.get_text() == title]

    assert heads("هجمات في بغداد") == ["right"]
    assert heads("Attacks in Baghdad") == ["left"]


def test_a_decision_about_a_place_is_told_apart(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "map.svg"
    decided = replace(dataset, decisions_sha256="d" * 64)
    data, recipe = picture_bytes(decided, View(), ".svg", PageOptions(produced=DAY))
    out.write_bytes(data)
    assert read_recipe(out).decisions_sha256 == "d" * 64
    assert verify(out, decided).holds
    verdict = verify(out, dataset)
    assert not verdict.holds
    assert "Decisions about places have changed" in " ".join(verdict.sentences())
    with pytest.raises(QueryError, match="place decisions dddddddddddd"):
        remake(recipe, dataset)


def test_gazetteers_of_the_user_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    records = csv_file(tmp_path / "incidents.csv", [row("a", place="Zzyzx Ford", country="Iraq")])
    villages = tmp_path / "villages.csv"

    def made(text: str) -> tuple[Dataset, Recipe]:
        villages.write_text(f"name,latitude,longitude\n{text}\n", encoding="utf-8")
        add_gazetteer(villages)
        loaded = load_dataset(records)
        data, recipe = picture_bytes(loaded, View(), ".svg", PageOptions(produced=DAY))
        (tmp_path / "map.svg").write_bytes(data)
        return loaded, recipe

    before = load_dataset(records)
    other, _ = made("Zzyzx Ford,33.0,44.0")
    placed, recipe = made("Zzyzx Ford,33.5,43.5")
    assert (before.gazetteers_sha256, len({other.gazetteers_sha256, placed.gazetteers_sha256})) == ("", 2)
    assert read_recipe(tmp_path / "map.svg") == recipe
    assert verify(tmp_path / "map.svg", load_dataset(records)).holds, "the same gazetteers give the same recipe"
    for changed in (before, other):
        verdict = verify(tmp_path / "map.svg", changed)
        assert not verdict.holds
        assert "The user's gazetteers have changed" in " ".join(verdict.sentences())
        with pytest.raises(QueryError, match=f"gazetteers {recipe.gazetteers_sha256[:12]}"):
            remake(recipe, changed)


def test_a_product_names_the_zones_its_records_are_written_in() -> None:
    there = small_dataset(
        [row("a", time_zone="Europe/Kyiv"), row("b", time_zone="Europe/Kyiv"), row("c", time_zone="Asia/Damascus")]
    )
    text = text_of(page_of(there))
    assert "local time (Europe/Kyiv and Asia/Damascus)" in text
    assert "24:00 local time (Europe/Kyiv and Asia/Damascus)" in text
    assert DEFAULT_TIME_ZONE not in text


def test_what_lies_beyond_the_mapped_box_is_neither_land_nor_water() -> None:
    kyiv = {"kyiv": point("Kyiv", 30.52, 50.45, "site", "UA"), **PLACES}
    beyond = Dataset(Path("small.csv"), small_store([row("a", place="kyiv")], places=kyiv), (), 1, (), "0" * 64)
    assert UNMAPPED_TEXT in text_of(page_of(beyond))
    assert UNMAPPED_TEXT not in text_of(page_of(small_dataset([row("b")])))


@pytest.mark.parametrize(
    ("query", "window", "title"),
    [
        ("from=2021-07-11", "Window: from 11 July 2021 on, by day", "Iraq: incidents, July – August 2021"),
        ("to=2021-07-11", "Window: until 11 July 2021, by day", "Erbil, Iraq: drone attack, July 2021"),
        ("to=2019-01-01", "Window: until 1 January 2019, by day", "No record shown: incidents until 1 January 2019"),
        ("type=meeting", "No dated record.", "No record shown: meetings"),
    ],
)
def test_an_open_window_or_an_empty_page_is_said_in_plain_words(
    dataset: Dataset, query: str, window: str, title: str
) -> None:
    view = View.from_query(query)[0]
    answer = dataset.store.ask(view.selection)
    words = words_for(dataset, answer, draw(dataset.store, answer, view), view)
    assert (words.window[: len(window)], words.title) == (window, title)


def test_a_gazetteer_added_here_is_credited_where_one_of_its_places_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    (tmp_path / "villages.csv").write_text("name,latitude,longitude\nQaryat Zubda,33.1,42.1\n", encoding="utf-8")
    add_gazetteer(tmp_path / "villages.csv", name="Villages", credit="My Office, 2021")
    places = {**PLACES, "village": point("Qaryat Zubda", 42.1, 33.1, "town", "IQ.anbar", "user:villages:1")}

    def text_with(*rows: dict[str, str]) -> str:
        store = small_store(rows, places=places)
        return " ".join(text_of(page_of(Dataset(Path("small.csv"), store, (), len(store), (), "0" * 64))).split())

    assert "My Office, 2021" in text_with(row("a"), row("b", place="village"))
    assert "My Office, 2021" not in text_with(row("a"))


def test_a_heading_is_not_left_with_one_row_at_the_foot_of_a_column() -> None:
    rows = [paragraph(word, 10, after=0) for word in ("one", "two", "three")]
    above, head = space(20), heading("Signs", 10, after=0)
    filled = flow([above, head, *rows], 100, 4.5 * rows[0].height(100), 2)
    assert filled == [[above], [head, *rows]]


def test_a_legend_that_goes_on_in_the_next_column_says_its_heading_again() -> None:
    rows = [Block(((name, False),), 7, key=lambda *_: None) for name in "abcdef"]
    filled = flow([heading("Place known to", 7), *rows], 100, 4.5 * rows[0].height(100), 2)
    assert filled is not None
    assert [block.runs[0][0] for block in filled[1]] == ["Place known to (continued)", "d", "e", "f"]


@pytest.mark.parametrize("kept", ["18 %", "57.5° E", "10 km"])
def test_no_line_begins_with_the_unit_of_a_number(kept: str) -> None:
    for width in range(45, 120, 3):
        lines = [
            words for line in break_lines(((f"of all of it {kept} more", False),), 7, width) for _, words, _ in line
        ]
        assert any(kept in words for words in lines)
