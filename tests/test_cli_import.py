"""`incidents import` and `incidents diff`: what programs and people are told, and what is never left behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli import main
from dashboard.cli_options import plain
from geodata.formats.quarantine import write_csv

HEADER = "id,date,place,latitude,longitude,killed,description\n"
GOOD = "1,2021-07-29,Baghdad,33.3,44.4,2,Two rockets.\n2,2021-07-30,Zzyzx Qwrt,,,1,x\n"
BAD = "3,2021-02-30,Erbil,,,many,x\n"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.setenv("INCIDENT_ATLAS_HOME", str(tmp_path / "home"))

    def run_one(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["incidents", *map(str, arguments)])
        code: Any = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        printed = capsys.readouterr()
        return int(code or 0), printed.out, printed.err

    return run_one


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_the_report_says_for_each_file_what_became_of_it(run: Run, tmp_path: Path) -> None:
    one = written(tmp_path / "one.csv", HEADER + GOOD + BAD)
    two = written(tmp_path / "two.csv", "id,date,place\n9,2021-08-01,Erbil\n")
    code, out, err = run("import", one, two, "--json")
    report = json.loads(out)
    assert (code, err) == (0, "")
    assert {"profile", "evidence", "alternatives", "read", "kept", "rejected", "placed", "files"} <= set(report)
    assert (report["read"], report["kept"], report["rejected"], report["placed"]) == (4, 3, 1, 2)
    told = [{key: file[key] for key in ("file", "read", "kept", "placed", "not_placed")} for file in report["files"]]
    assert told == [
        {"file": "one.csv", "read": 3, "kept": 2, "placed": 1, "not_placed": 1},
        {"file": "two.csv", "read": 1, "kept": 1, "placed": 1, "not_placed": 0},
    ]
    assert all(file["evidence"] and file["profile"] == "unknown" for file in report["files"])
    [refused] = report["files"][0]["rejected"]
    assert (refused["line"], refused["column"], [other["column"] for other in refused["others"]]) == (
        4, "killed", ["date"],
    )  # fmt: skip


def test_a_person_is_told_profile_counts_places_and_every_refused_row(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("import", written(tmp_path / "one.csv", HEADER + GOOD + BAD))
    assert "read 3 = kept 2 + rejected 1" in out
    assert "placed 1, not placed 1" in out
    assert "one.csv line 4, killed: 'many'" in out
    assert "also date: '2021-02-30'" in out
    assert "to decide: columns" in out


@pytest.mark.parametrize("command", [("import",), ("diff",)])
def test_a_program_is_answered_in_json_also_when_nothing_can_be_read(
    run: Run, tmp_path: Path, command: tuple[str]
) -> None:
    paper = written(tmp_path / "paper.csv", "%PDF-1.7")
    files = [paper, paper] if command == ("diff",) else [paper]
    code, out, err = run(*command, *files, "--json")
    assert code == 2
    assert "paper.csv is a PDF" in json.loads(out)["error"]
    assert err.startswith("incidents: paper.csv is a PDF")


def test_a_file_cannot_write_lines_of_its_own_into_what_is_printed(run: Run, tmp_path: Path) -> None:
    header = '"id","date","pla\nincidents: all is well\x1b[2J"\n'
    _, out, _ = run("import", written(tmp_path / "a.csv", header + '1,2021-02-30,"x\nread 9 = kept 9"\n'))
    assert not [line for line in out.splitlines() if line.startswith(("incidents: all", "read 9"))]
    assert "\x1b" not in out


def test_what_turns_words_is_escaped_in_json_and_comes_back(run: Run, tmp_path: Path) -> None:
    bad = '1,2021-02-30,"\u202eevil\u2066\x9b2J"\n'
    _, out, _ = run("import", written(tmp_path / "a.csv", "id,date,\u202eextra\n" + bad), "--json")
    assert all(letter.isprintable() or letter == "\n" for letter in out)
    assert json.loads(out)["files"][0]["unmapped"] == ["\u202eextra"]


def test_a_difference_names_new_changed_and_withdrawn_records(run: Run, tmp_path: Path) -> None:
    old = written(tmp_path / "old.csv", HEADER + GOOD)
    new = written(
        tmp_path / "new.csv", HEADER + GOOD.split("\n")[0].replace(",2,", ",5,") + "\n7,2021-08-01,Erbil,,,,x\n"
    )
    report = json.loads(run("diff", old, new, "--json")[1])
    assert (report["new_records"], report["withdrawn"], report["same"]) == (["7"], ["2"], 0)
    assert {"column": "killed", "old": "2", "new": "5"} in report["changed"][0]["fields"]
    _, out, _ = run("diff", old, new)
    assert "changed: 1 killed: '2' -> '5'" in out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünd بغداد", "plain, ünd بغداد"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\u202ex\x1b[2J\x00", "\\u202ex\\x1b[2J\\x00"),
    ],
)
def test_what_does_not_print_is_spelled_out(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_writer_that_is_stopped_leaves_no_half_file(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[str]]:
        yield ("1",)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_csv(tmp_path / "out.csv", ["id"], rows())
    assert list(tmp_path.iterdir()) == []
