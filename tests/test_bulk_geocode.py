"""Geocoding for the command line: one text, and a file."""

import csv
import json
from pathlib import Path

import pytest

from geodata.bulk_geocode import MATCH_COLUMNS, geocode_file, geocode_one
from geodata.errors import FileError


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_one_text_gives_answer_and_candidates_as_json() -> None:
    result = json.loads(json.dumps(geocode_one("Tal Abyad", admin1="Ar-Raqqa", country="Syria")))
    assert result["answer"]["id"] == "gn:163750"
    wanted = {"name", "id", "kind", "longitude", "latitude", "precision", "admin1", "country", "score", "why"}
    assert wanted <= set(result["answer"])
    assert all(wanted <= set(candidate) for candidate in result["candidates"])
    assert result["candidates"][0]["id"] == "gn:163750"


def test_one_text_without_an_answer_gives_a_reason() -> None:
    result = geocode_one("Qwertzuiop")
    assert result["answer"] is None
    assert result["reason"]


def test_a_file_comes_out_with_its_own_columns_first(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        'note,place,admin1,country,latitude\n"a, b",Ramadi,Anbar,Iraq,1\n,Qwertzuiop,,,2\n'
        '"two\nlines",الموصل,,Iraq,3\n',
        encoding="utf-8",
    )
    seen: list[tuple[int, int]] = []
    result = geocode_file(source, target, progress=lambda done, total: seen.append((done, total)))
    rows = read(target)
    assert (result.rows, result.placed, result.not_placed) == (3, 2, 1)
    assert list(rows[0]) == ["note", "place", "admin1", "country", "latitude", *MATCH_COLUMNS]
    assert (rows[0]["note"], rows[0]["match_id"], rows[0]["match_admin1"]) == ("a, b", "gn:98717", "Anbar")
    assert rows[0]["match_country"] == "Iraq"
    assert rows[2]["note"] == "two\nlines"
    assert rows[2]["match_name"] == "Mosul"
    assert seen


def test_without_an_answer_everything_but_the_reason_is_empty(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("place\nQwertzuiop\n", encoding="utf-8")
    geocode_file(source, target)
    row = read(target)[0]
    assert row["reason"]
    assert all(row[name] == "" for name in MATCH_COLUMNS if name != "reason")


def test_coordinates_in_the_file_are_not_looked_at(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("place,country,latitude,longitude\nRamadi,Iraq,10,10\n", encoding="utf-8")
    geocode_file(source, target)
    assert read(target)[0]["match_id"] == "gn:98717"


@pytest.mark.parametrize("content", [b"", b"name,country\nRamadi,Iraq\n", b"\xff\xfe\x00\x00"])
def test_a_file_that_cannot_be_used_is_refused_and_nothing_is_left(tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    with pytest.raises(FileError, match=r"in\.csv"):
        geocode_file(source, target)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
