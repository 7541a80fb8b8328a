"""Imported datasets: kept over a restart, named once, taken to a newer version and back, removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata.errors import FileError
from geodata.import_result import RECORDS_FILE
from geodata.library import Library, Version, now


def version(change: str = "imported") -> Version:
    return Version(0, now(), change, ("a.csv",), "ACLED", ("31 columns",), 3, 1, "0" * 64)


def result(folder: Path, text: str = "records") -> Path:
    made = folder / "result"
    made.mkdir()
    (made / RECORDS_FILE).write_text(text, encoding="utf-8")
    (made / "rejected-1.csv").write_text("refused", encoding="utf-8")
    return made


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "datasets")


def test_what_is_added_is_there_after_a_restart(library: Library, tmp_path: Path) -> None:
    library.add(result(tmp_path), version(), name="ACLED 2021.csv", profile="acled", credit="ACLED")
    kept = Library(library.folder).get("ACLED 2021.csv")
    assert (kept.profile, kept.credit, kept.now.read, kept.now.files) == ("acled", "ACLED", 3, ("a.csv",))
    assert kept.records_path.read_text(encoding="utf-8") == "records"
    assert [path.name for path in kept.refused] == ["rejected-1.csv"]
    assert not (tmp_path / "result").exists()


def test_two_datasets_never_have_one_name(library: Library, tmp_path: Path) -> None:
    names = [library.add(result(tmp_path), version(), name="a\x1b[31m\u202e  b", profile="own").name for _ in range(2)]
    assert names == ["a[31m b", "a[31m b (2)"]
    assert library.free_name("incidents.csv", ("incidents.csv",)) == "incidents.csv (2)"


def test_a_name_never_leaves_the_folder(library: Library, tmp_path: Path) -> None:
    kept = library.add(result(tmp_path), version(), name="../../etc/passwd", profile="own")
    assert kept.folder.parent == library.folder


def test_a_newer_version_is_in_use_until_it_is_undone(library: Library, tmp_path: Path) -> None:
    library.add(result(tmp_path, "old"), version(), name="x", profile="acled")
    seen = [library.stamp()]
    made = library.add_version("x", result(tmp_path, "new"), version("1 new"))
    seen.append(library.stamp())
    assert made.records_path.read_text(encoding="utf-8") == "new"
    assert [one.change for one in library.get("x").versions] == ["imported", "1 new"]
    back = library.undo_version("x")
    seen.append(library.stamp())
    assert back.records_path.read_text(encoding="utf-8") == "old"
    assert not (back.folder / "2").exists()
    assert len(set(seen)) == 3
    with pytest.raises(FileError, match="no earlier version"):
        library.undo_version("x")


def test_a_removed_dataset_is_gone_and_the_others_stay(library: Library, tmp_path: Path) -> None:
    for name in ("x", "y"):
        library.add(result(tmp_path), version(), name=name, profile="own")
    library.remove("x")
    assert [one.name for one in library.datasets()] == ["y"]
    with pytest.raises(FileError, match="there are: y"):
        library.get("x")


def test_a_damaged_dataset_is_named_and_harms_no_other(library: Library, tmp_path: Path) -> None:
    library.add(result(tmp_path), version(), name="x", profile="own")
    (library.folder / "broken").mkdir()
    (library.folder / "broken" / "about.json").write_text('{"name": 3', encoding="utf-8")
    assert [one.name for one in library.datasets()] == ["x"]
    assert library.damaged() == ("broken",)


def test_a_credit_is_kept_in_one_line(library: Library, tmp_path: Path) -> None:
    library.add(result(tmp_path), version(), name="x", profile="own")
    library.credit("x", "ACLED,\n  2021")
    assert library.get("x").credit == "ACLED, 2021"
