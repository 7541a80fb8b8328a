"""Decisions: kept beside the records, one line each, and undone."""

from pathlib import Path

import pytest

from geodata.decisions import Decisions, decisions_path
from geodata.errors import FileError
from geodata.geocoder import Geocoder

WHEN = "2021-08-01T10:00:00+00:00"


def test_a_decision_wins_and_shows_in_the_proof(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "incidents.places.csv")
    decisions.choose("Mansura", "gn:168036", country="Syria", by="A. Analyst", why="the video names Raqqa", on=WHEN)
    decisions.choose("Qwertz", "point", longitude=43.5, latitude=33.5, precision="near", by="A. Analyst", on=WHEN)
    answer = Geocoder(decisions=decisions).geocode("Qwertz")
    assert (answer.longitude, answer.latitude, answer.precision, answer.method) == (43.5, 33.5, "near", "decision")
    assert answer.admin1_id == "IQ.anbar"
    assert answer.why == "A. Analyst decided on 2021-08-01."


def test_a_chosen_entry_is_the_answer_for_every_record_with_that_text(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "d.csv")
    decisions.choose("Mansura", "place:sy-aleppo-mansoura", country="Syria", by="AA", on=WHEN)
    geocoder = Geocoder(decisions=decisions)
    assert geocoder.geocode("  MANSURA ", country="Syria").place_id == "place:sy-aleppo-mansoura"
    assert geocoder.geocode("Mansura", country="Iraq").method != "decision"


def test_left_unplaced_is_an_answer_with_a_reason(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "d.csv")
    decisions.choose("Ramadi", "unplaced", by="AA", why="the source withdrew it", on=WHEN)
    answer = Geocoder(decisions=decisions).geocode("Ramadi")
    assert not answer.placed
    assert "withdrew" in answer.reason


def test_the_file_has_one_sorted_line_for_each_text(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    decisions = Decisions(path)
    decisions.choose("Zab", "unplaced", by="AA", on=WHEN)
    before = path.read_text(encoding="utf-8").splitlines()
    decisions.choose("Ana", "unplaced", by="AA", on=WHEN)
    after = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == [after[1]]
    assert after[1].startswith("Ana,")


def test_undo_forgets_one_decision(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    decisions = Decisions(path)
    decisions.choose("Zab", "unplaced", by="AA", on=WHEN)
    forgotten = decisions.undo("zab")
    assert forgotten is not None
    assert forgotten.place == "Zab"
    assert len(Decisions(path)) == 0
    assert decisions.undo("zab") is None


def test_decisions_survive_a_new_start_and_another_writer(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    first, second = Decisions(path), Decisions(path)
    first.choose("Zab", "point", longitude=43.5, latitude=35.2, by="AA", on=WHEN)
    second.choose("Ana", "unplaced", by="BB", on=WHEN)
    kept = Decisions(path)
    assert [decision.place for decision in kept] == ["Ana", "Zab"]
    assert list(kept)[1].longitude == 43.5


@pytest.mark.parametrize(("longitude", "latitude"), [(0.0, 0.0), (float("nan"), 1.0), (200.0, 10.0)])
def test_a_point_that_is_none_is_refused(tmp_path: Path, longitude: float, latitude: float) -> None:
    with pytest.raises(ValueError, match="is no point"):
        Decisions(tmp_path / "d.csv").choose("x", "point", longitude=longitude, latitude=latitude, by="AA")


def test_a_decision_names_who_took_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="who took it"):
        Decisions(tmp_path / "d.csv").choose("x", "unplaced", by=" ")


def test_another_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FileError, match="not a decisions file"):
        Decisions(path)
    assert path.read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_the_file_stands_beside_the_records() -> None:
    assert decisions_path(Path("x/incidents.csv")) == Path("x/incidents.places.csv")


def test_a_decision_that_cannot_be_written_is_not_held(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "no-such-folder" / "records.places.csv")
    version = decisions.version
    with pytest.raises(OSError, match="no-such-folder"):
        decisions.choose("Qaim", "unplaced", by="AB")
    assert decisions.get("Qaim") is None
    assert decisions.version == version


def test_the_same_place_at_another_site_is_another_decision(tmp_path: Path) -> None:
    decisions = Decisions(tmp_path / "records.places.csv")
    decisions.choose("Baghdad", "fac:union-iii", by="AB", site="Union III", country="Iraq")
    assert decisions.get("Baghdad", site="Camp Victory", country="Iraq") is None
    assert decisions.get("baghdad", site="union iii", country="IRAQ") is not None
