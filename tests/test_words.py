"""Sentences of the page and the products."""

from __future__ import annotations

from datetime import date

import pytest
from small_store import row, small_store

from dashboard.words import (
    counted,
    counts_sentence,
    events_sentence,
    kilometres,
    known_sentence,
    plain,
    possible_sentence,
)
from geodata.selection import Selection, Window
from geodata.store import Store


@pytest.fixture(scope="module")
def store() -> Store:
    return small_store(
        [
            row("a", killed="2", events_min="3"),
            row("b", "2021-07", event_type="threat"),
            row("c", place="nowhere"),
            row("d", "2020-01-01"),
        ],
        rejected=1,
    )


JULY_29 = Selection(window=Window(date(2021, 7, 29), date(2021, 7, 29)))


def test_the_counts_say_where_every_record_has_gone(store: Store) -> None:
    assert counts_sentence(store.ask(JULY_29).counts) == (
        "2 of 5 records shown · 1 outside the window · 1 not placed · 1 rejected"
    )


def test_large_numbers_are_written_in_groups() -> None:
    counts = small_store([row(f"r{n}") for n in range(1234)], rejected=1000).ask(Selection()).counts
    assert counts_sentence(counts) == "1,234 of 2,234 records shown · 1,000 rejected"


@pytest.mark.parametrize(("metres", "told"), [(3_000, "3 km"), (500, "0.5 km"), (27_460.0, "27.5 km"), (2_960, "3 km")])
def test_a_distance_has_no_zero_that_claims_to_be_known(metres: float, told: str) -> None:
    assert kilometres(metres) == told


def test_one_is_singular() -> None:
    assert [counted(n, "record") for n in (0, 1, 2_000)] == ["0 records", "1 record", "2,000 records"]
    assert [counted(n, "page of it", "pages of it") for n in (1, 2)] == ["1 page of it", "2 pages of it"]


def test_attacks_are_counted_apart_from_threats(store: Store) -> None:
    sentence = events_sentence(store.ask(JULY_29).counts)
    assert sentence.startswith("Attacks: 1 record, at least 3 attacks")
    assert "Killed: 2, 1 record unknown" in sentence
    assert "Wounded: not known (2 records)" in sentence


def test_nothing_shown_is_said_in_words(store: Store) -> None:
    assert events_sentence(store.ask(Selection(search="nothing of it")).counts) == "No record matches."


def test_records_that_only_may_belong_are_announced(store: Store) -> None:
    answer = store.ask(JULY_29)
    assert possible_sentence(answer, 1).startswith("1 of them only may fall into the window")
    assert possible_sentence(answer, 0) == ""
    assert possible_sentence(store.ask(Selection()), 1) == ""


def test_records_without_a_date_of_first_report_are_told_where_what_was_known_is_asked() -> None:
    store = small_store(
        [row("a"), row("b", first_reported="2021-07-30"), row("c", "2021-07"), row("d", ""), row("e", "2021-08-02")]
    )
    known = Selection(known_on=date(2021, 8, 1))
    assert known_sentence(store, store.ask(known)) == (
        "3 of 4 records shown have no date of first report: taken as known from their last day, "
        "1 without a day as always known."
    )
    assert known_sentence(store, store.ask(Selection(known_on=date(2021, 7, 29), window=JULY_29.window))) == (
        "1 of 1 records shown has no date of first report: taken as known from its last day."
    )
    assert known_sentence(store, store.ask(Selection())) == ""
    assert known_sentence(store, store.ask(Selection(known_on=date(2021, 8, 1), search="nothing of it"))) == ""


def test_nothing_is_said_where_every_record_was_reported_on_a_day() -> None:
    store = small_store([row("b", first_reported="2021-07-30")])
    assert known_sentence(store, store.ask(Selection(known_on=date(2021, 8, 1)))) == ""


#: Takes no room; an address or the name of an icon with one in it is made nothing of.
JOINER = "\u2060"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Kata'ib Hezbollah", "Kata'ib Hezbollah"),
        ("*bold* _it_ `code`", r"\*bold\* \_it\_ \`code\`"),
        ("[a](http://x.org)", r"\[a\]\(http\:" + JOINER + r"//x\.org\)"),
        ("![a](http://x.org/i.png)", r"\!\[a\]\(http\:" + JOINER + r"//x\.org/i\.png\)"),
        ("www.x.org a@x.org", rf"www{JOINER}\.x\.org a\@{JOINER}x\.org"),
        ("TLP:CLEAR at 10:30", r"TLP\:CLEAR at 10\:30"),
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert\(1\)\>"),
        (":material/delete: :red[x] $x$", rf"\:{JOINER}material/delete\: \:red\[x\] \$x\$"),
        ("&lt; 1. # - +", r"\&lt; 1\. \# \- \+"),
        ("ماركداون", "ماركداون"),
    ],
)
def test_text_of_a_record_is_never_markdown(text: str, escaped: str) -> None:
    assert plain(text) == escaped
