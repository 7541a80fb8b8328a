"""The command line: shapes that programs read, exit codes they branch on, one sentence for every error."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_store import Row, csv_file, row

from geodata.incident import COLUMN_NAMES

PROJECT = Path(__file__).parents[1]

FOUR = (
    row(
        "1",
        "2021-07-29",
        "US Embassy, Baghdad",
        site="US Embassy Baghdad",
        country="Iraq",
        summary='=HYPERLINK("http://x")',
    ),
    row("2", "2021-07", "Anbar", country="Iraq", event_type="drone_attack", summary="Ein Angriff, بغداد"),
    row("3", "2021-08-01", "Zzyzx Qwrt", event_type="threat"),
    row("4", "2021-13-01", "Baghdad", country="Iraq"),
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return csv_file(tmp_path_factory.mktemp("data") / "four.csv", FOUR)


# --- check ----------------------------------------------------------------------------------------------------------


def test_check_says_what_became_of_every_row(run: Any, good: Path) -> None:
    ran = run("check", good, "--json")
    assert (ran.code, ran.err) == (0, "")
    report = json.loads(ran.out)
    assert (report["read"], report["kept"], report["placed"]) == (4, 3, 2)
    (rejected,) = report["rejected"]
    assert (rejected["line"], rejected["column"], rejected["value"]) == (5, "date_start", "2021-13-01")
    assert rejected["reason"]
    (lost,) = report["not_placed"]
    assert (lost["id"], lost["place"]) == ("3", "Zzyzx Qwrt")
    assert lost["reason"]


def test_check_tells_a_person_the_same(run: Any, good: Path) -> None:
    ran = run("check", good)
    assert ran.code == 0
    assert ran.out.splitlines()[:2] == ["read 4 = kept 3 + rejected 1", "placed 2, not placed 1"]
    assert "line 5, date_start: '2021-13-01'" in ran.out
    assert "3: 'Zzyzx Qwrt' not placed" in ran.out


def test_check_tells_a_person_what_was_put_right(run: Any, tmp_path: Path) -> None:
    ran = run("check", csv_file(tmp_path / "spelled.csv", [{**FOUR[0], "event_type": "Rocket fire"}]))
    assert "event_type: 'Rocket fire' read as 'rocket_attack' in 1 row" in ran.out


def test_check_tells_every_problem_of_a_row_with_its_code(run: Any, tmp_path: Path) -> None:
    bad = FOUR[0] | {"event_type": "rokket_attack", "killed_min": "9", "killed_max": "3"}
    file = csv_file(tmp_path / "bad.csv", [bad])
    said = [line for line in run("check", file).out.splitlines() if "[" in line]
    assert said[0].startswith("  line 2, event_type: 'rokket_attack': ")
    assert said[0].endswith("[unknown_code]")
    assert said[1].startswith("    also killed_min: '9': ")
    assert said[1].endswith("[inverted_range]")
    (row,) = json.loads(run("check", file, "--json").out)["rejected"]
    assert [row["code"], *(other["code"] for other in row["others"])] == ["unknown_code", "inverted_range"]


def test_check_takes_the_shipped_records_when_no_file_is_named(run: Any) -> None:
    report = json.loads(run("check", "--json").out)
    assert report["read"] == report["kept"] == 306
    assert report["placed"] + len(report["not_placed"]) == 306
    assert report["placed"] >= 0.97 * 306


def test_check_leaves_no_file_behind(run: Any, good: Path) -> None:
    before = good.read_bytes()
    run("check", good)
    assert good.read_bytes() == before
    assert [path.name for path in good.parent.iterdir()] == ["four.csv"]


def text_of(rows: tuple[Row, ...], columns: tuple[str, ...]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\r\n\n", "empty"),
        (b"PK\x03\x04 not a table", "Excel"),
        (bytes(range(256)) * 40, "not"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (text_of(FOUR, tuple(name for name in COLUMN_NAMES if name != "event_type")), "event_type"),
        (b"just a line of prose\n", "no column"),
    ],
    ids=["empty", "blank lines", "workbook", "binary", "picture", "missing column", "prose"],
)
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
def test_a_file_that_cannot_be_read_ends_with_two_and_one_sentence(
    run: Any, tmp_path: Path, content: bytes, told: str, as_json: bool
) -> None:
    file = tmp_path / "records.csv"
    file.write_bytes(content)
    ran = run("check", file, *(["--json"] if as_json else []))
    assert ran.code == 2
    assert told in ran.err
    assert ran.err.startswith("incidents: ")
    assert len(ran.err.strip().splitlines()) == 1
    if as_json:
        assert told in json.loads(ran.out)["error"]
    else:
        assert ran.out == ""


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_no_such_file_is_told_by_name(run: Any, tmp_path: Path, name: str) -> None:
    ran = run("check", tmp_path / name, "--json")
    assert ran.code == 2
    assert "cannot be read" in ran.err or "not a regular file" in ran.err
    assert str(tmp_path) not in ran.err or name == "."


def test_a_file_whose_every_row_is_bad_is_read_and_says_so(run: Any, tmp_path: Path) -> None:
    ran = run("check", csv_file(tmp_path / "bad.csv", [FOUR[3]]), "--json")
    report = json.loads(ran.out)
    assert (ran.code, report["read"], report["kept"], len(report["rejected"])) == (0, 1, 0, 1)


def test_the_program_itself_ends_without_a_traceback(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("incidents")
    ran = subprocess.run([program, "check", tmp_path / "no.csv"], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert "no.csv" in ran.stderr


# --- export ---------------------------------------------------------------------------------------------------------


def test_export_writes_the_records_of_a_view_as_csv(run: Any, good: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    ran = run("export", "--data", good, "--view", "type=rocket_attack&coords=utm", "--out", out)
    assert (ran.code, ran.err) == (0, "")
    assert "wrote 1 record to" in ran.out
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline="")))
    assert [one["id"] for one in rows] == ["1"]
    assert rows[0]["summary"] == '\'=HYPERLINK("http://x")'
    assert rows[0]["placed_precision"] == "site"
    assert rows[0]["placed_why"]
    assert rows[0]["placed_coordinates"].startswith("38S ")


def test_export_writes_geojson_with_areas_and_counts(run: Any, good: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.geojson"
    assert run("export", "--data", good, "--out", out).code == 0
    made = json.loads(out.read_text(encoding="utf-8"))
    kinds = {feature["id"]: feature["geometry"]["type"] for feature in made["features"]}
    assert kinds["1"] == "Point"
    assert kinds["2"] in ("Polygon", "MultiPolygon")
    assert made["counts"]["read"] == 4
    assert made["counts"]["shown"] + made["counts"]["rejected"] + sum(made["counts"]["hidden"].values()) == 4
    text = {feature["id"]: feature["properties"]["summary"] for feature in made["features"]}
    assert text["1"] == '=HYPERLINK("http://x")', "GeoJSON is no spreadsheet and keeps the text"


def test_export_of_a_view_that_cannot_be_read_whole_says_so_and_goes_on(run: Any, good: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    ran = run("export", "--data", good, "--view", "type=rockets", "--out", out)
    assert ran.code == 0
    assert "type='rockets' is not known" in ran.err
    assert out.exists()


def test_export_to_an_unknown_kind_of_file_is_refused_and_writes_nothing(run: Any, good: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.docx"
    ran = run("export", "--data", good, "--out", out)
    assert ran.code == 2
    assert ".docx" in ran.err
    assert ".csv" in ran.err, "the message names what can be written"
    assert not out.exists()


def test_export_into_a_folder_that_does_not_exist_is_one_sentence(run: Any, good: Path, tmp_path: Path) -> None:
    ran = run("export", "--data", good, "--out", tmp_path / "no" / "out.csv")
    assert ran.code == 2
    assert "out.csv" in ran.err


# --- render ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG\r\n\x1a\n"), (".pdf", b"%PDF-")])
def test_render_draws_a_view(run: Any, tmp_path: Path, suffix: str, magic: bytes) -> None:
    out = tmp_path / f"map{suffix}"
    ran = run("render", "--view", "type=rocket_attack&map=44.4,33.3,9", "--out", out, "--marking", "TLP:CLEAR")
    assert ran.code == 0
    assert [line.split(":")[1].strip() for line in ran.err.splitlines()] == ["drafts"], "what it is lacking is told"
    made = out.read_bytes()
    assert made.startswith(magic)
    assert len(made) > 10_000


def test_render_tells_what_is_unclear_and_refuses_what_confuses(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "x.svg"
    said = run("render", "--out", out, "--view", "type=rocket_attack", "--takeaway", "It could have been KH.")
    assert (said.code, out.exists()) == (0, True)
    assert "loose-likelihood: 'could have' is not one of the seven likelihood terms" in said.err
    out.unlink()
    said = run("render", "--out", out, "--view", "type=rocket_attack", "--takeaway", "Very unlikely; confidence high")
    assert said.code != 0
    assert "likelihood-with-confidence" in said.err
    assert not out.exists()


def test_render_to_an_unknown_kind_of_file_is_refused(run: Any, tmp_path: Path) -> None:
    ran = run("render", "--out", tmp_path / "map.bmp")
    assert ran.code == 2
    assert ".bmp" in ran.err
    assert not (tmp_path / "map.bmp").exists()


# --- geocode --------------------------------------------------------------------------------------------------------

FOUND = {"name", "id", "kind", "longitude", "latitude", "precision", "admin1", "country", "score", "why"}
MATCH_COLUMNS = [
    "match_id", "match_name", "match_kind", "match_longitude", "match_latitude", "match_admin1", "match_country",
    "precision", "error_radius_m", "method", "score", "reason",
]  # fmt: skip


def test_geocode_prints_the_answer_and_what_else_could_be_meant(run: Any) -> None:
    ran = run("geocode", "Taji", "--admin1", "Baghdad", "--country", "Iraq", "--json")
    assert (ran.code, ran.err) == (0, "")
    printed = json.loads(ran.out)
    assert set(printed["answer"]) >= FOUND
    assert (printed["answer"]["longitude"], printed["answer"]["latitude"]) == pytest.approx((44.26, 33.52), abs=0.05)
    assert printed["reason"] == ""
    assert len(printed["candidates"]) > 1
    assert all(set(candidate) >= FOUND for candidate in printed["candidates"])


def test_geocode_says_why_there_is_no_answer(run: Any) -> None:
    printed = json.loads(run("geocode", "Zzyzx Qwrt", "--json").out)
    assert not printed["answer"]
    assert printed["reason"]


def test_geocode_does_a_file_and_keeps_its_columns(run: Any, tmp_path: Path) -> None:
    columns = ("mine", "place", "country")
    rows = [
        {"mine": "=8", "place": "Taji", "country": "Iraq"},
        {"mine": "", "place": "Zzyzx Qwrt", "country": ""},
        {"mine": "ü", "place": "Erbil", "country": "Iraq"},
    ]
    out = tmp_path / "out.csv"
    ran = run("geocode", "--file", csv_file(tmp_path / "in.csv", rows, columns), "--out", out)
    assert (ran.code, ran.err) == (0, "")
    made = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline="")))
    assert list(made[0]) == [*columns, *MATCH_COLUMNS]
    assert [{name: one[name] for name in columns} for one in made] == rows
    assert [one["reason"] == "" for one in made] == [True, False, True]
    assert {made[1][name] for name in MATCH_COLUMNS[:-1]} == {""}, "no answer leaves all but the reason empty"


def test_geocode_of_a_file_needs_to_know_where_to_write(run: Any) -> None:
    assert run("geocode", "--file", "in.csv").code == 2


# --- the rest -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["serve", "--help"]])
def test_help_is_an_answer(run: Any, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.code == 0
    assert "Usage" in ran.out


def test_the_command_line_starts_without_the_libraries_of_its_commands() -> None:
    """`--help` answers at once, and `serve` listens before it loads what draws the page."""
    heavy = ("numpy", "pandas", "pyarrow", "shapely", "folium", "streamlit", "matplotlib")
    code = f"import sys, dashboard.cli; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_serve_reads_without_arrow_s_own_pool_and_leaves_the_settings_as_they_were() -> None:
    code = (
        "import gc, os, sys; from concurrent.futures import Future; from dashboard.server import get_ready\n"
        "print('pyarrow' in sys.modules); gc.disable(); reading = Future(); get_ready(reading)\n"
        "import pyarrow; print(pyarrow.default_memory_pool().backend_name, len(reading.result().store) > 0)\n"
        "print('ARROW_DEFAULT_MEMORY_POOL' in os.environ, gc.isenabled(), sys.getswitchinterval())"
    )
    surroundings = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=surroundings)
    assert ran.stdout.split() == ["False", "system", "True", "False", "True", "0.005"]


@pytest.mark.parametrize("arguments", [["fly"], ["export"], ["serve", "--port", "0"], ["serve", "--port", "x"]])
def test_a_command_that_cannot_be_understood_ends_with_two(run: Any, arguments: list[str]) -> None:
    assert run(*arguments).code == 2


def test_serve_ends_with_one_sentence_when_the_records_cannot_be_read(tmp_path: Path) -> None:
    serve = [sys.executable, "-c", "from dashboard.cli import main; main()", "serve", "--port", "8999"]
    ran = subprocess.run(
        [*serve, "--data", tmp_path / "no.csv"], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "'no.csv' cannot be read" in ran.stderr
    assert ran.stdout == ""


def test_a_broken_query_is_one_sentence(run: Any, good: Path, tmp_path: Path) -> None:
    ran = run("export", "--data", good, "--view", "&".join(["type=threat"] * 501), "--out", tmp_path / "x.csv")
    assert ran.code == 2
    assert "at most 500 fields" in ran.err
