"""Several datasets as one store: nobody's id is lost, nobody's record counts twice, and each says where it is from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from small_store import ids, row, small_store

from geodata.errors import FileError
from geodata.provenance import DATASET_COLUMN, FILE_ID_COLUMN
from geodata.record_table import RecordTable
from geodata.same_events import DIFFERENT, SAME, SameEvent, SameEvents
from geodata.selection import Selection
from geodata.store import Store
from geodata.together import Member, join_stores

OURS = [row("a", "2021-07-02"), row("b", "2021-07-04", "nowhere", links="correction:a", first_reported="2021-08-01")]
THEIRS = [
    {
        **row("a", "2021-07-01", "erbil", killed="3", killed_min="3", killed_max="3"),
        "fatalities": "3",
        "dataset": "their own word",
    },
    {**row("c", "2021-07-03", "erbil", links="related:a"), "fatalities": "0", "dataset": ""},
]


def joined(*decided: SameEvent) -> Store:
    return join_stores(
        [
            Member("incidents.csv", "incidents.csv", small_store(OURS, rejected=1)),
            Member("ACLED 2021", "acled.csv", small_store(THEIRS, rejected=2)),
        ],
        decided,
    )


def cell(store: Store, record_id: str, column: str) -> str:
    return store.records.row(store.find_row(record_id))[column]


def test_records_of_all_datasets_stand_in_order_of_their_days_and_add_up() -> None:
    store = joined()
    assert ids(store, range(4)) == ["ACLED-2021-a", "a", "c", "b"]
    counts = store.ask(Selection()).counts
    assert (counts.read, counts.rejected, counts.kept) == (7, 3, 4)
    assert counts.shown + sum(counts.hidden.values()) + counts.rejected == counts.read
    assert int(store.spot[store.find_row("b")]) == -1


def test_an_id_that_two_datasets_use_stands_for_one_record_and_its_links_follow() -> None:
    store = joined()
    assert cell(store, "ACLED-2021-a", FILE_ID_COLUMN) == "a"
    assert cell(store, "a", FILE_ID_COLUMN) == ""
    assert cell(store, "c", "links") == "related:ACLED-2021-a"
    assert cell(store, "b", "links") == "correction:a"


def test_a_correction_reaches_only_the_record_of_its_own_dataset() -> None:
    assert joined().ask(Selection()).counts.hidden == {"replaced by a correction": 1, "not placed": 1}


def test_each_record_says_its_dataset_file_and_row_and_keeps_the_columns_of_its_file() -> None:
    store = joined()
    assert cell(store, "c", DATASET_COLUMN) == "ACLED 2021"
    assert cell(store, "c", "file") == "acled.csv"
    assert cell(store, "c", "line") == "3"
    assert cell(store, "c", "fatalities") == "0"
    assert cell(store, "a", "fatalities") == ""
    assert cell(store, "ACLED-2021-a", "dataset (in the file)") == "their own word"


def test_a_dataset_is_a_filter_and_the_others_are_counted_as_hidden() -> None:
    answer = joined().ask(Selection(filters={"dataset": frozenset({"ACLED 2021"})}))
    assert ids(joined(), answer.rows) == ["ACLED-2021-a", "c"]
    assert answer.counts.hidden == {"replaced by a correction": 1, "other datasets": 1}
    assert answer.facets["dataset"] == {"ACLED 2021": 2, "incidents.csv": 0}


def test_text_is_read_by_row_and_by_column_in_the_same_order(tmp_path: Path) -> None:
    store = joined(SameEvent("ACLED 2021", "c", "ACLED 2021", "a", SAME, "2021-01-01"))
    rows = np.array([3, 0, 2])
    for name in ("id", "links", "counting", DATASET_COLUMN, "file", "fatalities", FILE_ID_COLUMN):
        assert store.records.column(name)[rows].tolist() == store.records.take(rows, [name])[name].tolist()
    store.records.write(tmp_path / "records.parquet")
    written = RecordTable(tmp_path / "records.parquet")
    assert written.take(rows).equals(store.records.take(rows))
    assert written.mentions("erbil").tolist() == store.records.mentions("erbil").tolist()
    assert store.find_row("ACLED-2021-a") == 0
    assert store.find_row("a") == 1
    assert store.find_row("nobody") == -1


def test_other_search_texts_are_laid_over_those_of_the_datasets() -> None:
    records = joined().records
    patched = records.with_search_texts(np.array([1, 3]), pa.array(["zzyzx ford", "erbil"]))
    assert patched.mentions("zzyzx").tolist() == [False, True, False, False]
    assert patched.mentions("erbil").tolist() == [True, False, True, True]
    assert records.mentions("zzyzx").tolist() == [False] * 4


def test_search_finds_records_of_every_dataset() -> None:
    assert ids(joined(), joined().ask(Selection(search="erbil")).rows) == ["ACLED-2021-a", "c"]


def test_the_same_event_is_shown_twice_and_counted_once() -> None:
    before = joined().ask(Selection()).counts
    store = joined(SameEvent("ACLED 2021", "c", "ACLED 2021", "a", SAME, "2021-01-01"))
    after = store.ask(Selection()).counts
    assert (after.shown, after.attacks.low) == (before.shown, before.attacks.low - 1)
    assert (before.killed.best, after.killed.known) == (3, 0)
    assert cell(store, "ACLED-2021-a", "counting") == "part"
    assert cell(store, "ACLED-2021-a", "links") == "same_event:c"
    assert cell(store, "c", "links") == "related:ACLED-2021-a; same_event:ACLED-2021-a"


@pytest.mark.parametrize(
    "pair",
    [
        SameEvent("ACLED 2021", "c", "incidents.csv", "a", DIFFERENT, "2021-01-01"),
        SameEvent("ACLED 2021", "c", "a dataset that was removed", "a", SAME, "2021-01-01"),
    ],
)
def test_a_decision_that_merges_nothing_changes_nothing(pair: SameEvent) -> None:
    store = joined(pair)
    assert store.ask(Selection()).counts == joined().ask(Selection()).counts
    assert cell(store, "c", "links") == "related:ACLED-2021-a"


def test_decisions_are_kept_replaced_and_undone(tmp_path: Path) -> None:
    kept = SameEvents(tmp_path / "home" / "same-events.csv")
    one, other = ("incidents.csv", "a"), ("ACLED, 2021", "c")
    kept.decide(one, other, DIFFERENT)
    kept.decide(other, one, SAME)
    again = SameEvents(kept.path)
    assert [(pair.counted, pair.left_out, pair.verdict) for pair in again] == [(other, one, SAME)]
    assert again.about(one, other) == next(iter(again))
    again.undo(one, other)
    assert list(kept) == []


def test_a_damaged_file_of_decisions_is_told(tmp_path: Path) -> None:
    (tmp_path / "same-events.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FileError, match="move it away"):
        list(SameEvents(tmp_path / "same-events.csv"))
