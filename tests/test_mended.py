"""Rows that a dataset refused come back mended: what is theirs, what joins, and what stays refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from geodata.formats import import_files, write_quarantine
from geodata.formats.report import write_refused
from geodata.import_result import read_refused, write_result
from geodata.import_work import report_of, with_file
from geodata.mended import are_of, mended_rows, still_refused, with_the_others, write_still_refused

HEADER = "id;date_start;event_type;place;mood\n"
ROWS = "1;2021-07-29;rocket_attack;Baghdad;calm\n2;soon;rocket_attack;Erbil;tense\n3;2021-02-30;rocket_attack;Mosul;x\n"


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A version of a dataset as it is kept, with one record and the refused rows of lines 3 and 4."""
    folder = tmp_path / "version"
    folder.mkdir()
    (tmp_path / "a.csv").write_text(HEADER + ROWS, encoding="utf-8")
    imported = import_files([tmp_path / "a.csv"])
    write_refused(imported, folder)
    write_result(folder, with_file(imported))
    write_quarantine(imported.tables[0], tmp_path / "refused.csv")
    return folder


def back(tmp_path: Path) -> Path:
    """The refused rows as a person gives them back: Erbil's day is known now, Mosul's row was left at home."""
    lines = (tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "mended.csv"
    path.write_text("\n".join([lines[0], lines[1].replace("2;soon;", "2;2021-07-30;")]) + "\n", encoding="utf-8")
    return path


def test_rows_that_come_back_leave_the_refused_ones_and_join_the_records(version: Path, tmp_path: Path) -> None:
    mended = import_files([back(tmp_path)])
    rows = mended_rows(report_of(mended))
    assert rows == {3}
    assert are_of(rows, version)
    assert [row.line for row in still_refused(version, rows)] == [4]
    records = import_files([tmp_path / "a.csv"]).reading.records
    joined = with_the_others(records, mended.reading.records)
    assert list(zip(joined["id"], joined["date_start"], joined["mood"], strict=True)) == [
        ("1", "2021-07-29", "calm"), ("2", "2021-07-30", "tense"),
    ]  # fmt: skip


def test_the_rows_that_stayed_away_are_there_to_be_mended_later(version: Path, tmp_path: Path) -> None:
    following = tmp_path / "following"
    following.mkdir()
    write_still_refused(sorted(version.glob("rejected-*.csv")), {3}, following)
    [file] = following.iterdir()
    with file.open(encoding="utf-8", newline="") as text:
        [row] = csv.DictReader(text, delimiter=";")
    assert (row["id"], row["mood"], row["rejected: line"]) == ("3", "x", "4")
    write_still_refused([file], {4}, following / "..")
    assert not list(tmp_path.glob("rejected-*")), "no file where nothing is left"


def test_rows_of_another_file_belong_to_nobody(version: Path, tmp_path: Path) -> None:
    assert mended_rows(report_of(import_files([tmp_path / "a.csv"]))) == frozenset()
    assert not are_of(frozenset(), version)
    assert not are_of(frozenset({3, 99}), version)
    assert [row.value for row in read_refused(version)] == ["soon", "2021-02-30"]
