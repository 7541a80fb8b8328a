"""What a server shows: its files and the imported datasets together, as they are at this moment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_store import csv_file, ids, row

from dashboard.products.content import data_text
from dashboard.record import describe
from geodata.actors import read_actors
from geodata.current import LiveDataset
from geodata.dataset import load_datasets, load_result
from geodata.formats import import_file
from geodata.import_result import write_result
from geodata.import_work import with_file
from geodata.library import Library, Version, now
from geodata.prepared import folder_of
from geodata.same_events import SAME
from geodata.selection import Selection
from geodata.user_data import HOME_VARIABLE
from geodata.user_gazetteers import add_gazetteer, remove_gazetteer

ERBIL = {"admin1": "Erbil", "country": "Iraq"}
OURS = [row("a", "2021-07-01", "Erbil", **ERBIL), row("b", "2021-07-02", "Mosul")]
THEIRS = [row("b", "2021-07-01", "Erbil", **ERBIL), row("c", "not a day", "Mosul")]


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return csv_file(tmp_path / "incidents.csv", OURS)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "datasets")


def add(library: Library, tmp_path: Path, name: str = "theirs.csv", rows: list[dict[str, str]] = THEIRS) -> None:
    folder = tmp_path / "result"
    folder.mkdir()
    reading = with_file(import_file(csv_file(tmp_path / "theirs.csv", rows)))
    sha256 = write_result(folder, reading)
    load_result(folder, sha256)
    version = Version(0, now(), "imported", ("theirs.csv",), "Incident Atlas", (), reading.read, 1, sha256)
    library.add(folder, version, name=name, profile="own", credit="Theirs, 2021")


def test_one_file_alone_is_as_it_was(ours: Path, library: Library) -> None:
    dataset = LiveDataset([ours], library).dataset()
    assert (dataset.parts, dataset.label, len(dataset.store)) == ((), "incidents.csv", 2)


def test_an_imported_dataset_is_there_at_once_and_gone_when_removed(
    ours: Path, library: Library, tmp_path: Path
) -> None:
    live = LiveDataset([ours], library)
    before = live.dataset()
    add(library, tmp_path)
    both = live.dataset()
    assert ids(both.store, range(3)) == ["a", "theirs-csv-b", "b"]
    assert [(part.name, part.read, len(part.rejected), part.credit) for part in both.parts] == [
        ("incidents.csv", 2, 0, ""),
        ("theirs.csv", 2, 1, "Theirs, 2021"),
    ]
    assert (both.read, len(both.rejected), both.label) == (4, 1, "incidents.csv + theirs.csv")
    assert both.store.records.row(1)["file"] == "theirs.csv"
    assert both.sha256 != before.sha256
    assert live.dataset() is both
    library.remove("theirs.csv")
    assert live.dataset().sha256 == before.sha256


def test_what_was_imported_is_shown_after_a_restart(ours: Path, library: Library, tmp_path: Path) -> None:
    add(library, tmp_path)
    assert len(LiveDataset([ours], Library(library.folder)).dataset().store) == 3


def test_the_same_event_leaves_the_sums_and_comes_back_when_undone(
    ours: Path, library: Library, tmp_path: Path
) -> None:
    add(library, tmp_path)
    live = LiveDataset([ours], library)

    def attacks() -> int:
        return live.dataset().store.ask(Selection()).counts.attacks.low

    assert attacks() == 3
    library.same_events.decide(("incidents.csv", "a"), ("theirs.csv", "b"), SAME)
    library.changed()
    assert attacks() == 2
    library.same_events.undo(("incidents.csv", "a"), ("theirs.csv", "b"))
    library.changed()
    assert attacks() == 3


def test_every_problem_of_a_refused_row_is_kept(library: Library, tmp_path: Path) -> None:
    add(library, tmp_path, rows=[row("a", "not a day", "Erbil", killed="many")])
    (refused,) = load_result(library.get("theirs.csv").version_folder, "0").rejected
    assert {problem.column for problem in refused.problems} == {"date_start", "killed"}


def test_what_was_kept_is_made_anew_when_somebody_else_is_known_to_stand_above(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = row("a", "2021-07-01", "Erbil", attributed_to="Front", **ERBIL)
    links = "actor,relation,parent,since,until,grounds,source\n"
    for name, text in (
        ("actors.csv", "id,name,variants,kind,aligned_with,notes,source\nf,Front,,other,,,\ng,Group,,militia,,,\n"),
        ("actor_links.csv", links),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    known = tmp_path / "actors.csv", tmp_path / "actor_links.csv"
    monkeypatch.setattr("geodata.dataset.KNOWLEDGE_FILES", known)
    monkeypatch.setattr("geodata.dimensions.load_actors", lambda: read_actors(*known))
    add(library, tmp_path, rows=[front])

    def parents() -> set[str]:
        kept = library.get("theirs.csv")
        return {name for name, n in load_result(kept.version_folder, "0").store.coded["parent"].totals().items() if n}

    assert parents() == {"Front"}
    known[1].write_text(f"{links}f,facade_of,g,,,seen,\n", encoding="utf-8")
    assert parents() == {"Group"}


def test_a_dataset_that_cannot_be_read_is_named_and_harms_no_other(
    ours: Path, library: Library, tmp_path: Path
) -> None:
    add(library, tmp_path)
    path = library.get("theirs.csv").records_path
    shutil.rmtree(folder_of(path))
    path.write_bytes(b"PAR1 no more")
    dataset = LiveDataset([ours], library).dataset()
    assert len(dataset.store) == 2
    assert any("'theirs.csv' cannot be read" in note for note in dataset.notes)


def test_an_imported_dataset_with_the_name_of_an_opened_file_gets_a_name_of_its_own(
    ours: Path, library: Library, tmp_path: Path
) -> None:
    add(library, tmp_path, name="incidents.csv")
    parts = LiveDataset([ours], library).dataset().parts
    assert [(part.name, part.kept_as) for part in parts] == [
        ("incidents.csv", ""),
        ("incidents.csv (2)", "incidents.csv"),
    ]


def test_several_files_are_opened_together(ours: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = csv_file(tmp_path / "other" / "incidents.csv", THEIRS[:1])
    dataset = load_datasets([ours, other])
    assert dataset.store.coded["dataset"].totals() == {"incidents.csv": 2, "incidents.csv (2)": 1}
    assert load_datasets([ours]).sha256 != dataset.sha256


def test_a_record_says_its_dataset_file_and_row(ours: Path, library: Library, tmp_path: Path) -> None:
    add(library, tmp_path, name="Theirs")
    store = LiveDataset([ours], library).dataset().store
    found = describe(store, store.find_row("Theirs-b"))
    evidence = next(part for part in found["sections"] if part["title"] == "Evidence")
    assert evidence["items"][-1]["text"] == "Theirs, theirs.csv, row 2, id b there"
    assert "Other columns of the file" not in {part["title"] for part in found["sections"]}


def test_a_product_credits_the_datasets_it_shows_and_no_other(ours: Path, library: Library, tmp_path: Path) -> None:
    add(library, tmp_path)
    dataset = LiveDataset([ours], library).dataset()
    told = {
        name: data_text(dataset, dataset.store.ask(Selection(filters={"dataset": frozenset({name})})))
        for name in ("incidents.csv", "theirs.csv")
    }
    assert told["theirs.csv"].startswith("incidents.csv + theirs.csv, 4 records read")
    assert "Theirs, 2021" in told["theirs.csv"]
    assert "Theirs, 2021" not in told["incidents.csv"]


def test_what_the_page_shows_can_be_opened_from_the_command_line(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    add(Library(), tmp_path)
    shown = LiveDataset([ours], Library()).dataset()
    assert load_datasets([ours, Path("imported:theirs.csv")]).sha256 == shown.sha256


def test_a_gazetteer_of_the_user_places_records_that_were_kept_prepared_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    folder = tmp_path / "result"
    folder.mkdir()
    unknown = row("z", "2021-07-01", "Zibdabad", admin1="Anbar", country="Iraq")
    sha256 = write_result(folder, with_file(import_file(csv_file(tmp_path / "theirs.csv", [unknown]))))

    def place() -> tuple[str, list[str]]:
        store = load_result(folder, sha256).store
        return store.places["place_id"][0], ids(store, store.ask(Selection(search="Zibda")).rows)

    assert place() == ("area:IQ.anbar", ["z"])
    villages = csv_file(
        tmp_path / "villages.csv",
        [{"name": "Zibdabad", "country": "Iraq", "latitude": "33.1", "longitude": "43.2"}],
        ("name", "country", "latitude", "longitude"),
    )
    add_gazetteer(villages, name="villages")
    assert place() == ("user:villages:1", ["z"])
    remove_gazetteer("villages")
    assert place() == ("area:IQ.anbar", ["z"])
