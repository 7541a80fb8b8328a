"""The store's answers: exact sums, one predicate, facets that keep their promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_store import ids, row, small_store

from geodata.answer import Counts
from geodata.selection import Selection, Window
from geodata.store import Store, day_number, day_of, tempo_bins

JULY = Window(date(2021, 7, 1), date(2021, 7, 31))

FIVE = (
    row("rocket", "2021-07-29", "embassy", claimed_by="Kata'ib Hezbollah; Ashab al-Kahf", killed="2", wounded="0"),
    row("bombs", "2021-07-29", "anbar", date_end="2021-08-01", event_type="ied_attack", events_min="6", events_max="6"),
    row("month", "2021-07", "erbil", event_type="drone_attack", killed="0", wounded="0"),
    row("threat", "", "iraq", event_type="threat", claimed_by="Ashab al-Kahf"),
    row("lost", "2021-07-10", "nowhere", event_type="rocket_attack", killed_min="1", killed_max="3"),
)


@pytest.fixture(scope="module")
def store() -> Store:
    return small_store(FIVE, rejected=2)


def shown(store: Store, selection: Selection) -> list[str]:
    return sorted(ids(store, store.ask(selection).rows))


def window(first: str, last: str) -> Window:
    return Window(date.fromisoformat(first), date.fromisoformat(last))


def is_honest(counts: Counts) -> bool:
    return counts.read == counts.rejected + counts.shown + sum(counts.hidden.values())


# --- read off five records ------------------------------------------------------------------------------------------


def test_everything_is_shown_but_what_has_no_place(store: Store) -> None:
    answer = store.ask(Selection())
    assert sorted(ids(store, answer.rows)) == ["bombs", "month", "rocket", "threat"]
    assert sorted(ids(store, answer.matching)) == ["bombs", "lost", "month", "rocket", "threat"]
    assert (answer.counts.read, answer.counts.rejected, answer.counts.shown) == (7, 2, 4)
    assert answer.counts.hidden == {"not placed": 1}
    assert answer.counts.kept == 5


def test_a_hidden_record_is_put_down_to_one_reason_only(store: Store) -> None:
    selection = Selection(window=window("2021-08-01", "2021-08-31"), filters={"type": frozenset({"rocket_attack"})})
    counts = store.ask(selection).counts
    # bombs touch the window and are no rockets; rocket, month and lost lie before it; threat has no date.
    assert counts.shown == 0
    assert counts.hidden == {"no usable date": 1, "outside the window": 3, "other types": 1}
    assert is_honest(counts)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2021-07-29", "2021-07-29", ["bombs", "month", "rocket"]),
        ("2021-07-30", "2021-07-30", ["bombs", "month"]),
        ("2021-08-01", "2021-08-01", ["bombs"]),
        ("2021-08-02", "2021-08-09", []),
        ("2021-07-01", "2021-07-01", ["month"]),
        ("2021-06-01", "2021-06-30", []),
        ("2021-06-01", "2021-07-01", ["month"]),
    ],
)
def test_an_interval_or_half_known_date_appears_in_every_window_it_touches(
    store: Store, first: str, last: str, expected: list[str]
) -> None:
    assert shown(store, Selection(window=window(first, last))) == expected


def test_only_intervals_that_reach_beyond_the_window_are_uncertain(store: Store) -> None:
    answer = store.ask(Selection(window=window("2021-07-29", "2021-07-30")))
    unsure = {int(spot) for spot in np.flatnonzero(answer.by_spot[:, 1])}
    assert unsure == {int(store.spot[row]) for row in answer.rows if ids(store, [row])[0] in {"bombs", "month"}}
    assert answer.by_spot[:, 1].sum() == 2
    assert store.ask(Selection()).by_spot[:, 1].sum() == 0


def test_every_word_of_a_record_with_several_actors_counts_and_finds_it(store: Store) -> None:
    assert shown(store, Selection(filters={"claimed": frozenset({"Kata'ib Hezbollah"})})) == ["rocket"]
    assert shown(store, Selection(filters={"claimed": frozenset({"Ashab al-Kahf"})})) == ["rocket", "threat"]
    facets = store.ask(Selection()).facets["claimed"]
    assert facets == {"Ashab al-Kahf": 2, "Kata'ib Hezbollah": 1, "": 2}


def test_unknown_harm_is_not_none_and_two_kinds_of_harm_count_under_both(store: Store) -> None:
    harmed = small_store(
        [row("a", killed="1", wounded="3"), row("b", killed="0", wounded="0"), row("c"), row("d", killed="0")]
    )
    assert harmed.ask(Selection()).facets["casualties"] == {"killed": 1, "wounded": 1, "none": 1, "": 2}
    assert store.ask(Selection()).facets["casualties"] == {"killed": 1, "none": 1, "": 2}


def test_sums_leave_out_what_repeats_other_records() -> None:
    rows = [
        row("a", killed="1"),
        row("b", events_min="3", killed_min="2", killed="2"),
        row("c", events_min="9", events_max="9", killed="50", counting="count_only"),
        row("d", event_type="threat", killed="7"),
    ]
    counts = small_store(rows).ask(Selection()).counts
    assert counts.shown == 4
    assert (counts.events.low, counts.events.open_above, counts.events.left_out) == (5, True, 1)
    assert (counts.attacks.records, counts.attacks.low, counts.attacks.left_out) == (3, 4, 1)
    assert (counts.killed.low, counts.killed.best, counts.killed.known) == (10, 10, 3)
    assert counts.wounded.known == 0


def test_switched_off_layers_hide_their_types_and_say_so(store: Store) -> None:
    counts = store.ask(Selection(hidden_types=frozenset({"threat", "drone_attack", "meeting"}))).counts
    assert (counts.shown, counts.hidden) == (2, {"map layer off": 2, "not placed": 1})


def test_a_window_without_records_gives_an_empty_answer(store: Store) -> None:
    answer = store.ask(Selection(window=window("2015-01-01", "2015-12-31")))
    assert (answer.counts.shown, len(answer.rows)) == (0, 0)
    assert answer.counts.hidden == {"no usable date": 1, "outside the window": 4}


def test_a_filter_on_a_value_that_no_record_has_shows_nothing(store: Store) -> None:
    assert shown(store, Selection(filters={"claimed": frozenset({"nobody here"})})) == []


def test_a_file_without_records_can_be_asked() -> None:
    empty = small_store([], rejected=3)
    answer = empty.ask(Selection(window=JULY, search="x", filters={"type": frozenset({"threat"})}))
    assert (answer.counts.read, answer.counts.rejected, answer.counts.shown) == (3, 3, 0)
    assert is_honest(answer.counts)
    assert empty.extent is None
    assert answer.tempo.counts.size == 0


def test_records_without_any_date_can_be_asked() -> None:
    undated = small_store([row("a", ""), row("b", "")])
    assert undated.extent is None
    answer = undated.ask(Selection())
    assert answer.counts.shown == 2
    assert len(answer.tempo.starts) == 0


def test_the_extent_reaches_over_every_possible_day(store: Store) -> None:
    assert store.extent == window("2021-07-01", "2021-08-01")


def test_a_record_is_found_by_its_id(store: Store) -> None:
    assert ids(store, [store.find_row("month")]) == ["month"]
    assert store.find_row("nobody") == -1


def test_a_threat_stands_on_its_announcement_unless_threats_in_force_are_asked_for() -> None:
    rows = [
        row("threat", "2021-07-01", event_type="threat", expires="2021-07-31"),
        row("rocket", "2021-07-01", expires="2021-07-31"),
    ]
    store = small_store(rows)
    later = Selection(window=window("2021-07-10", "2021-07-12"))
    assert shown(store, later) == []
    answer = store.ask(replace(later, in_force=True))
    assert ids(store, answer.rows) == ["threat"]  # an attack has no term
    assert answer.by_spot.sum(axis=0).tolist() == [1, 0, 0, 1]
    assert (answer.counts.attacks.records, answer.counts.hidden) == (0, {"outside the window": 1})
    assert shown(store, Selection(window=window("2021-08-01", "2021-08-31"), in_force=True)) == []
    on_the_day = store.ask(Selection(window=window("2021-07-01", "2021-07-02"), in_force=True))
    assert on_the_day.by_spot.sum(axis=0).tolist() == [2, 0, 0, 0]


def test_what_became_known_later_is_hidden_and_said_so() -> None:
    rows = [
        row("told", "2021-07-01", first_reported="2021-08-10"),
        row("plain", "2021-07-01"),
        row("month", "2021-07"),
        row("undated", ""),
    ]
    store = small_store(rows)
    then = Selection(known_on=date(2021, 7, 15))
    assert shown(store, then) == ["plain", "undated"]
    counts = store.ask(then).counts
    assert counts.hidden == {"not yet known on 15 July 2021": 2}
    assert store.ask(then).tempo.counts.sum() == 1
    assert store.ask(then).facets["type"] == {"rocket_attack": 2}
    assert shown(store, Selection(known_on=date(2021, 8, 10))) == ["month", "plain", "told", "undated"]


CORRECTED_TWICE = (
    row("first", "2021-07-01", killed="9", sources="https://a.org/1"),
    row("second", "2021-07-01", killed="4", first_reported="2021-07-20", links="correction:first"),
    row("third", "2021-07-01", killed="5", first_reported="2021-08-02", links="correction:second; correction:first"),
)


@pytest.mark.parametrize(
    ("known_on", "standing", "killed", "hidden"),
    [
        (date(2021, 7, 19), "first", "9", {"not yet known on 19 July 2021": 2}),
        (date(2021, 7, 20), "second", "4", {"not yet known on 20 July 2021": 1, "replaced by a correction": 1}),
        (date(2021, 8, 2), "third", "5", {"replaced by a correction": 2}),
        (None, "third", "5", {"replaced by a correction": 2}),
    ],
)
def test_a_corrected_record_stands_as_it_was_until_its_correction_was_known(
    known_on: date | None, standing: str, killed: str, hidden: dict[str, int]
) -> None:
    store = small_store(CORRECTED_TWICE)
    answer = store.ask(Selection(known_on=known_on))
    assert ids(store, answer.rows) == [standing]
    assert str(answer.counts.killed) == killed
    assert answer.counts.hidden == hidden


def test_a_correction_of_what_is_not_there_or_of_itself_hides_nothing() -> None:
    rows = [row("own", links="correction:own"), row("lost", links="correction:gone; related:own"), row("undated", "")]
    assert len(shown(small_store(rows), Selection())) == 3


def test_a_store_keeps_its_answer_whatever_order_the_rows_come_in() -> None:
    one, other = small_store(FIVE), small_store(reversed(FIVE))
    selection = Selection(window=JULY)
    assert ids(one, one.ask(selection).rows) == ids(other, other.ask(selection).rows)
    assert one.ask(selection).counts == other.ask(selection).counts


# --- search ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("hezbollah", ["rocket"]),
        ("HEZBOLLAH kataib", ["rocket"]),
        ("Kata’ib", ["rocket"]),
        ("كتائب حزب الله", ["rocket"]),
        ("أربيل", ["month"]),
        ("اربيل", ["month"]),
        ("Hewlêr", ["month"]),
        ("Arbil", ["month"]),
        ("irbil", ["month"]),
        ("BOMBS", ["bombs"]),
        ("hezbollah erbil", []),
        ("   ", ["bombs", "month", "rocket", "threat"]),
        ("no such word", []),
        ("%", []),
        ("!?", []),
        ("🚀", []),
    ],
)
def test_search_finds_a_record_by_any_spelling_of_its_names(store: Store, search: str, expected: list[str]) -> None:
    assert shown(store, Selection(search=search)) == expected


def test_what_the_search_does_not_find_is_counted(store: Store) -> None:
    counts = store.ask(Selection(search="hezbollah")).counts
    assert counts.hidden == {"not found by the search": 4}


def test_search_text_is_never_a_pattern(store: Store) -> None:
    assert shown(store, Selection(search=".*")) == []
    assert shown(store, Selection(search="^bombs$|.")) == shown(store, Selection(search="bombs"))


# --- tempo ----------------------------------------------------------------------------------------------------------


def test_tempo_counts_sure_days_apart_from_possible_ones(store: Store) -> None:
    tempo = store.ask(Selection()).tempo
    assert tempo.unit == "day"
    of_day = dict(zip([day_of(n).isoformat() for n in tempo.starts], range(len(tempo.starts)), strict=True))
    rockets = tempo.counts[:, tempo.cells.index(("rocket_attack",))]
    assert rockets[of_day["2021-07-29"]] == rockets.sum() == tempo.counts.sum() == 1  # "lost" has no place
    # "month" may fall on each of 31 days, "bombs" on each of 4.
    assert tempo.possible[of_day["2021-07-01"]] == 1
    assert tempo.possible[of_day["2021-07-29"]] == 2
    assert tempo.possible[of_day["2021-08-01"]] == 1
    assert tempo.possible.sum() == 31 + 4


def test_tempo_obeys_the_filters_and_not_the_window(store: Store) -> None:
    drones = Selection(filters={"type": frozenset({"drone_attack"})})
    inside = store.ask(replace(drones, window=window("2021-08-01", "2021-08-01"))).tempo
    assert inside.possible.sum() == store.ask(drones).tempo.possible.sum() == 31
    assert inside.counts.sum() == 0


@pytest.mark.parametrize(
    ("first", "last", "unit", "n"),
    [
        ("2021-07-29", "2021-07-29", "day", 1),
        ("2021-01-01", "2021-07-19", "day", 200),
        ("2021-01-01", "2021-07-20", "week", 30),
        ("2018-01-01", "2021-10-31", "week", 200),
        ("2018-01-01", "2021-11-01", "month", 47),
        ("1990-01-15", "2026-01-01", "month", 433),
    ],
)
def test_tempo_bins_are_the_finest_that_fit(first: str, last: str, unit: str, n: int) -> None:
    extent = window(first, last)
    kind, starts = tempo_bins(extent)
    assert (kind, len(starts)) == (unit, n)
    assert day_of(starts[0]) <= extent.first
    assert day_of(starts[-1]) <= extent.last
    if unit == "week":
        assert {day_of(start).weekday() for start in starts} == {0}
    if unit == "month":
        assert {day_of(start).day for start in starts} == {1}


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_day_numbers_lead_back_to_their_day(day: date) -> None:
    assert day_of(day_number(day)) == day
    assert day_number(day) == np.datetime64(day, "D").astype(int)


def test_the_tempo_is_counted_by_what_colours_the_map() -> None:
    rows = [row("a", claimed_by="A"), row("b", claimed_by="A; B", event_type="threat"), row("c", "2021-07-30")]
    store = small_store(rows)
    by_type, by_claimant = (store.ask(Selection(), by=by).tempo for by in ("type", "claimed"))
    assert dict(zip(by_type.cells, by_type.counts.T.tolist(), strict=True)) == {
        ("rocket_attack",): [1, 1],
        ("threat",): [1, 0],
    }
    assert dict(zip(by_claimant.cells, by_claimant.counts.T.tolist(), strict=True)) == {
        ("",): [0, 1],
        ("A",): [1, 0],
        ("A", "B"): [1, 0],
    }
