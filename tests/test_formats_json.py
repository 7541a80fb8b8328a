from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import FileError
from geodata.formats import Imported, import_file, jsonfile, jsonstream
from geodata.formats.jsonstream import walk

Read = Callable[..., Imported]
MIB = 400


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def one(content: Any, name: str = "a.json") -> Imported:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))
        return import_file(path, profiles_folder=tmp_path / "profiles")

    return one


def record(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"E{number}", "date": "2021-07-29", "place": "بغداد", "latitude": 33.3, "longitude": 44.4, **more}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the limits are those of Linux")
def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    """52 MB; whole, as objects, it was more than the reader may have."""
    path = tmp_path / "large.json"
    long = record(0, description="Two rockets fell near the embassy. " * 14)
    text = json.dumps(long)
    path.write_text("[" + ",".join(text.replace('"E0"', f'"E{n}"') for n in range(80_000)) + "]")
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom geodata.formats.child import read_in_child\n"
        "table = read_in_child('json', Path(sys.argv[1]), 'large.json')[0]\n"
        "print(table.cells.num_rows, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    rows, peak = map(int, done.stdout.split())
    assert (rows, path.stat().st_size > 50_000_000) == (80_000, True)
    assert peak / 1024 < MIB


def test_the_features_of_several_batches_keep_their_numbers_and_places(read: Read) -> None:
    features = [
        {"type": "Feature", "properties": {"id": str(n), "date": "2021-07-29"},
         "geometry": {"type": "Point", "coordinates": [n / 1000, 33]}}
        for n in range(jsonfile._BATCH + 3)
    ]  # fmt: skip
    records = read({"features": features, "type": "FeatureCollection"}).reading.records
    assert list(records["line"]) == list(range(1, len(features) + 1))
    assert [float(text) for text in records["longitude"]] == [n / 1000 for n in range(len(features))]


def test_records_that_point_to_the_files_own_sources_get_them(read: Read) -> None:
    events = [
        record(1, civId="C1", location="Baghdad", description="x", sources=["s1", {"id": "z", "url": "https://z.org"}]),
        record(2, civId="C2", location="Erbil", description="y", sources=["s2", "s9"]),
    ]
    table = [{"id": "s1", "title": "Post", "paths": ["https://a.org/1"]}, {"id": "s2", "url": "https://a.org/2"}]
    for sources in (table, {entry["id"]: entry for entry in table}):
        found = read({"events": events, "sources": sources})
        assert found.profile == "timemap"
        assert list(found.reading.records["sources"]) == [
            "https://a.org/1 | via=TimeMap; https://z.org | via=TimeMap",
            "https://a.org/2 | via=TimeMap; s9 | via=TimeMap",
        ]
        assert "sources joined from the file's own table of 2 to 2 records" in found.notes
        assert "1 sources are named that the file's table does not hold: s9" in found.notes
        assert not any("not read" in note for note in found.notes)


def test_the_table_of_sources_is_never_taken_for_the_records(read: Read) -> None:
    sources = [{"id": f"s{n}", "url": "https://a.org"} for n in range(5)]
    found = read({"sources": sources, "wydarzenia": [record(1), record(2)]})
    assert list(found.reading.records["id"]) == ["E1", "E2"]


def test_a_record_that_is_nothing_is_an_empty_row(read: Read) -> None:
    found = read({"events": [record(1), None, record(2)]})
    assert list(found.reading.records["line"]) == [1, 3]
    assert "1 empty row skipped" in found.notes


def test_a_line_break_inside_a_text_costs_nothing(read: Read) -> None:
    found = read('[{"id": "1", "date": "2021-07-29", "place": "Bagh\tdad", "description": "two\nlines"}]')
    assert (found.reading.records["place"][0], found.reading.records["summary"][0]) == ("Bagh\tdad", "two\nlines")


def test_more_records_than_are_read_are_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(jsonfile, "MAX_ITEMS", 3)
    (tmp_path / "a.json").write_text(json.dumps([record(n) for n in range(4)]))
    with pytest.raises(FileError, match="more than the 3 records"):
        list(jsonfile.read_json(tmp_path / "a.json", "a.json", {}))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(VALUES, max_size=6), size=st.integers(1, 9), indent=st.sampled_from([None, 1]))
def test_a_walk_in_pieces_of_any_size_gives_what_the_file_holds(
    monkeypatch: pytest.MonkeyPatch, items: list[Any], size: int, indent: int | None
) -> None:
    monkeypatch.setattr(jsonstream, "_PIECE_BYTES", size)
    text = json.dumps({"list": items, "after": items}, ensure_ascii=False, indent=indent)
    walked = list(walk(text.encode(), "a.json", json.JSONDecoder()))
    assert [value for path, value, listed in walked if listed and path == "list"] == items
    assert [value for path, value, listed in walked if listed and path == "after"] == items


def test_the_reader_of_this_process_is_not_limited() -> None:
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] == resource.RLIM_INFINITY
