"""The records of this process are read once, however many ask, and whoever waits sees how far they are."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from geodata import current
from geodata.current import current_dataset, reading_step, wait_until_read
from geodata.data_files import DATA_VARIABLE
from geodata.dataset import Dataset, Progress, load_undecided

ROWS = "id,date_start,event_type,place\na,2020-01-03,rocket_attack,Baghdad\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Choose a file of one record for this process, and forget it afterwards."""
    chosen = tmp_path / "own.csv"
    chosen.write_text(ROWS, encoding="utf-8")
    monkeypatch.setenv(DATA_VARIABLE, str(chosen))
    current._read.cache_clear()
    yield chosen
    current._read.cache_clear()


def test_sessions_that_ask_at_once_share_one_reading_and_see_its_progress(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_end, readings = Event(), Event(), []

    def slowly(path: Path, tell: Progress) -> Dataset:
        readings.append(path)
        tell("placing", 0.4)
        began.set()
        assert may_end.wait(20)
        return load_undecided(path, tell)

    monkeypatch.setattr(current, "load_undecided", slowly)
    with ThreadPoolExecutor(2) as sessions:
        asked = [sessions.submit(current_dataset) for _ in range(2)]
        assert began.wait(20)
        assert not wait_until_read(0.01)
        assert reading_step() == ("placing", 0.4)
        may_end.set()
        datasets = [session.result(20) for session in asked]
    assert wait_until_read(0.01)
    assert readings == [file]
    assert datasets[0] is datasets[1]


def test_a_file_that_could_not_be_read_is_read_again_when_asked_again(file: Path) -> None:
    file.write_text("no,such,columns\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no column id"):
        current_dataset()
    assert wait_until_read(0.01)
    file.write_text(ROWS, encoding="utf-8")
    assert len(current_dataset().store) == 1
