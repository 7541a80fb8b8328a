from __future__ import annotations

import csv
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
from geodata.formats import Imported, import_file, jsonfile, jsonstream, write_quarantine
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


def lines(*texts: str) -> str:
    return "\n".join(texts) + "\n"


def test_a_broken_line_costs_itself_and_no_other(read: Read, tmp_path: Path) -> None:
    good = [json.dumps(record(number)) for number in range(4)]
    broken = '{"id": "E9", "date": "2021-07-29", place: "x"}'
    found = read(lines(good[0], broken, "", good[1], "[1, 2]", good[2], "[" * 100_000, '{"id": "E8", "da'), "a.jsonl")
    assert list(found.reading.records["id"]) == ["E0", "E1", "E2"]
    assert list(found.reading.records["line"]) == [1, 4, 6]
    assert [(row.line, row.reason) for row in found.reading.rejected] == [
        (2, "the line is not JSON: Expecting property name enclosed in double quotes (column 36)"),
        (5, "the line holds no record in braces (column 1)"),
        (7, "the line is nested deeper than any record (column 1)"),
        (8, "the line is not JSON: Unterminated string starting at (column 14)"),
    ]
    assert found.reading.rejected[0].value == broken
    assert (found.reading.read, found.tables[0].unit) == (7, "line")
    write_quarantine(found.tables[0], tmp_path / "refused.csv")
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as file:
        back = list(csv.DictReader(file))
    assert [(row["rejected: line"], row["id"]) for row in back] == [("2", ""), ("5", ""), ("7", ""), ("8", "")]
    assert back[0]["rejected: text"] == broken


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_lines_are_told_when_the_first_of_them_is_broken(read: Read, name: str) -> None:
    found = read(lines('{"id": oops', *(json.dumps(record(number)) for number in range(3))), name)
    assert [row.line for row in found.reading.rejected] == [1]
    assert len(found.reading.records) == 3


def test_a_list_with_a_record_on_each_line_is_a_list(read: Read) -> None:
    found = read("[" + ",\n".join(json.dumps(record(number)) for number in range(3)) + "\n]")
    assert (list(found.reading.records["line"]), found.tables[0].unit) == ([1, 2, 3], "item")


def esri(reference: Any, *geometries: Any) -> dict[str, Any]:
    """A set of features as Esri's servers answer; their days are milliseconds since 1970."""
    features = [
        {"attributes": {"OBJECTID": number, "date": 1627516800000, "place": "Baghdad"}, "geometry": geometry}
        for number, geometry in enumerate(geometries, start=1)
    ]
    return {
        "geometryType": "esriGeometryPoint",
        "spatialReference": reference,
        "fields": [{"name": "date", "type": "esriFieldTypeDate"}, {"name": "place"}, {"name": "OBJECTID"}],
        "features": features,
    }


OUTLINE = [[44, 33], [44, 34], [45, 34], [45, 33], [44, 33]]
HOLE = [[44.4, 33.4], [44.6, 33.4], [44.6, 33.6], [44.4, 33.6], [44.4, 33.4]]


@pytest.mark.parametrize(
    ("reference", "geometry", "expected"),
    [
        ({"wkid": 4326, "latestWkid": 4326}, {"x": 44.39, "y": 33.27}, (44.39, 33.27)),
        ({"wkid": 102100, "latestWkid": 3857}, {"x": 4941472, "y": 3931205, "z": 3}, (44.39, 33.27)),
        ({"wkid": 102100}, {"x": 4941472, "y": 3931205}, (44.39, 33.27)),
        (None, {"x": 4941472, "y": 3931205, "spatialReference": {"wkid": 3857}}, (44.39, 33.27)),
        ({"wkid": 4326}, {"paths": [[[44, 33, 7], [44, 34, 7], [44, 35, 7]]]}, (44.0, 34.0)),
        ({"wkid": 4326}, {"points": [[44.39, 33.27]]}, (44.39, 33.27)),
    ],
)
def test_features_of_esri_are_read_in_their_coordinate_system(
    read: Read, reference: Any, geometry: Any, expected: tuple[float, float]
) -> None:
    found = read(esri(reference, geometry, None))
    records = found.reading.records
    assert (float(records["longitude"][0]), float(records["latitude"][0])) == pytest.approx(expected, abs=0.001)
    assert (records["longitude"][1], records["date_start"][1], records["place"][1]) == ("", "2021-07-29", "Baghdad")
    assert found.tables[0].container == "Esri JSON"


def test_an_area_of_esri_is_placed_outside_of_its_hole(read: Read) -> None:
    record = read(esri({"wkid": 4326}, {"rings": [OUTLINE, HOLE]})).reading.records.iloc[0]
    lon, lat = float(record["longitude"]), float(record["latitude"])
    assert 44 < lon < 45
    assert 33 < lat < 34
    assert not (44.4 < lon < 44.6 and 33.4 < lat < 33.6)


def test_features_of_esri_in_two_coordinate_systems_are_refused(read: Read) -> None:
    here = {"x": 44.39, "y": 33.27}
    with pytest.raises(FileError, match=r"several coordinate systems \(EPSG:3857, EPSG:4326\)"):
        read(esri({"wkid": 4326}, here, {**here, "spatialReference": {"wkid": 3857}}))


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
