from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from dashboard.bench.chromium import Painted
from dashboard.bench.moves import timing
from dashboard.bench.report import LINES, held, table
from dashboard.bench.seeded import N_DAYS, make_incidents, place_texts
from geodata.dataset import load_dataset
from geodata.incident import COLUMN_NAMES, EVENT_TYPES


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_incidents(2_000, seed=3, folder=tmp_path_factory.mktemp("seeded"))


def test_seeded_records_have_the_projects_own_layout(made: Path) -> None:
    with made.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == COLUMN_NAMES
    assert {len(row) for row in rows} == {len(COLUMN_NAMES)}
    assert len(rows) == 2_001


def test_the_same_seed_gives_the_same_file(made: Path, tmp_path: Path) -> None:
    assert make_incidents(2_000, seed=3, folder=tmp_path).read_bytes() == made.read_bytes()
    assert make_incidents(2_000, seed=4, folder=tmp_path).read_bytes() != made.read_bytes()


def test_seeded_records_are_read_and_nearly_all_are_placed(made: Path) -> None:
    dataset = load_dataset(made)
    columns = dataset.store.columns
    assert (dataset.read, len(dataset.rejected)) == (2_000, 2)
    unplaced = len(dataset.report()["not_placed"])
    assert 0 < unplaced < 200, "some are meant to have no place"
    assert set(columns.coded["type"].values) == set(EVENT_TYPES)
    assert (columns.last_day > columns.first_day).any(), "some are known to a month or last for days"


def test_places_are_many_and_distinct() -> None:
    texts = place_texts()
    assert len(texts) == len(set(texts))
    assert 2_000 < len(texts) < 5_000
    assert N_DAYS == 2_192


def test_a_move_that_painted_nothing_is_counted_as_missed_not_as_fast() -> None:
    found = timing([Painted(10, 20), None, Painted(30, 40)])
    assert (found.p50, found.missed) == (30, 1)


@pytest.mark.parametrize(
    ("value", "bound", "kept"),
    [(2.0, "<= 2.0", True), (2.1, "<= 2.0", False), (60, ">= 50", True), (1, "", None), (None, "<= 1", None)],
)
def test_a_bound_is_kept_or_missed(value: float | None, bound: str, kept: bool | None) -> None:
    assert held(value, bound) is kept


def test_the_table_says_what_was_missed_and_what_could_not_be_measured() -> None:
    peers = {"naive": {"1k": {"move_ms": 900.0, "why": ""}, "1m": {"move_ms": None, "why": "not painted in 90 s"}}}
    text = table(
        {"slider_1m_over_empty": 3.0, "slider_10k_p50_ms": 30.0, "pan_ms": None, "filters_p50_ms": {"type": 40.0},
         "peers": peers, "problems": {"play": "no button"}}
    )  # fmt: skip
    assert "MISSED" in next(line for line in text.splitlines() if "empty page" in line)
    assert "30.0x ours" in text
    assert "not painted in 90 s" in text
    assert "not measured: play" in text


def test_every_line_of_the_table_has_a_bound_that_can_be_read() -> None:
    for _, _, _, bound in LINES:
        assert held(1.0, bound) in (True, False, None)
    assert json.dumps([line[0] for line in LINES])
