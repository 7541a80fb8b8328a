"""The store against a reference in plain Python that reads each record's text anew, on random selections."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
from hypothesis import given, settings
from random_records import random_rows, random_selections
from small_store import PLACES, Row, ids, small_store

from geodata.incident import ATTACK_TYPES
from geodata.selection import DIMENSION, Selection, long_date
from geodata.store import day_number


@cache
def possible_days(start: str, end: str) -> tuple[date, date] | None:
    if not start:
        return None
    return _bounds(start)[0], _bounds(end or start)[1]


def _bounds(text: str) -> tuple[date, date]:
    numbers = [int(part) for part in text.split("-")]
    year, month = numbers[0], numbers[1] if len(numbers) > 1 else None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if len(numbers) == 2:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date.fromisoformat(text), date.fromisoformat(text)


def values_of(one: Row) -> Mapping[str, set[str]]:
    """Say what a record has in each dimension, from its text alone."""
    place = PLACES[one["place"]]
    killed, wounded = one["killed"], one["wounded_min"]
    harm = {name for name, cell in (("killed", killed), ("wounded", wounded)) if cell not in ("", "0")}
    return {
        "type": {one["event_type"]},
        "claimed": set(one["claimed_by"].split("; ")),
        "assessed": set(one["attributed_to"].split("; ")),
        "parent": set(one["attributed_to"].split("; ")),
        "denied": {""},
        "likelihood": {""},
        "target": {one["target_type"]},
        "country": {place.country_id},
        "governorate": {place.admin1_id},
        "precision": {place.precision},
        "confidence": {one["confidence"]},
        "status": {one["status"] or "draft"},
        "grade": {"C3"} if "grade=C3" in one["sources"] else {""},
        "origins": {str(one["sources"].count("http"))} if one["sources"] else {""},
        "casualties": harm or ({"none"} if killed == wounded == "0" else {""}),
        "missing": _missing(one) or {""},
    }


def _ends(one: Row, selection: Selection) -> date:
    days = possible_days(one["date_start"], one["date_end"])
    assert days is not None
    runs = selection.in_force and one["event_type"] == "threat" and one["expires"]
    return max(days[1], _bounds(one["expires"])[1]) if runs else days[1]


def _missing(one: Row) -> set[str]:
    return {
        name
        for name, lacking in (
            ("day", len(one["date_start"]) < 10),
            ("reported", not one["first_reported"]),
            ("target", not one["target_type"]),
            ("claimed", not one["claimed_by"]),
            ("assessed", not one["attributed_to"]),
            ("harm", not (one["killed"] and one["wounded_min"])),
            ("sources", not one["sources"]),
            ("grade", "grade=" not in one["sources"]),
            ("confidence", not one["confidence"]),
        )
        if lacking
    }


def known_from(one: Row) -> date:
    days = possible_days(one["date_start"], one["date_end"])
    return _bounds(one["first_reported"])[1] if one["first_reported"] else days[1] if days else date.min


def why_hidden(one: Row, selection: Selection, corrections: Iterable[Row] = ()) -> str:
    """Give the first reason for which a record is not shown, or "" when it is."""
    days = possible_days(one["date_start"], one["date_end"])
    if selection.window and not days:
        return "no usable date"
    asked = selection.window
    if asked and days and (days[0] > asked.last or _ends(one, selection) < asked.first):
        return "outside the window"
    if selection.known_on and known_from(one) > selection.known_on:
        return f"not yet known on {long_date(selection.known_on)}"
    if any(known_from(later) <= (selection.known_on or date.max) for later in corrections):
        return "replaced by a correction"
    own = values_of(one)
    for name in DIMENSION:
        if name in selection.filters and not own[name] & selection.filters[name]:
            return DIMENSION[name].reason
    text = f"{one['summary']} {PLACES[one['place']].place_name} {one['place']}".lower()
    if not all(word in text for word in selection.search.split()):
        return "not found by the search"
    if one["event_type"] in selection.hidden_types:
        return "map layer off"
    return "" if PLACES[one["place"]].placed else "not placed"


def reasons(rows: Iterable[Row], selection: Selection) -> pd.Series:
    listed = list(rows)
    corrections = {
        one["id"]: [other for other in listed if other is not one and f"correction:{one['id']}" in other["links"]]
        for one in listed
    }
    found = [why_hidden(one, selection, corrections[one["id"]]) for one in listed]
    return pd.Series(found, index=[one["id"] for one in listed], dtype=object)


@settings(max_examples=80)
@given(random_rows(), random_selections())
def test_the_store_answers_as_plain_python_does(rows: tuple[Row, ...], selection: Selection) -> None:
    store = small_store(rows, rejected=1)
    answer = store.ask(selection)
    expected = reasons(rows, selection)

    assert set(ids(store, answer.rows)) == set(expected.index[expected == ""])
    assert set(ids(store, answer.matching)) == set(expected.index[expected.isin(["", "not placed"])])
    assert answer.counts.hidden == expected[expected != ""].value_counts().to_dict()
    assert answer.counts.read == 1 + answer.counts.shown + sum(answer.counts.hidden.values())

    chosen = [one for one in rows if expected[one["id"]] == ""]
    added = [one for one in chosen if one["counting"] not in ("count_only", "part")]
    attacks = [one for one in added if one["event_type"] in ATTACK_TYPES]
    assert answer.counts.events.low == sum(int(one["events_min"] or 1) for one in added)
    assert answer.counts.attacks.low == sum(int(one["events_min"] or 1) for one in attacks)
    assert answer.counts.events.left_out == len(chosen) - len(added)
    assert answer.counts.killed.best == sum(int(one["killed"] or 0) for one in added)
    assert answer.counts.wounded.low == sum(int(one["wounded_min"] or 0) for one in added)
    assert answer.counts.wounded.unknown == sum(one["wounded_min"] == "" for one in added)


@settings(max_examples=40)
@given(random_rows(), random_selections())
def test_choosing_an_option_shows_exactly_its_number(rows: tuple[Row, ...], selection: Selection) -> None:
    store = small_store(rows)
    for name, options in store.ask(selection).facets.items():
        for value, number in options.items():
            chosen = store.ask(selection.with_filter(name, [value]))
            assert chosen.counts.shown == number, (name, value)


@settings(max_examples=60)
@given(random_rows(), random_selections())
def test_counts_by_any_dimension_sum_to_the_same_totals(rows: tuple[Row, ...], selection: Selection) -> None:
    store = small_store(rows)
    answers = {name: store.ask(selection, by=name) for name in DIMENSION}
    counts = answers["type"].counts
    for name, answer in answers.items():
        assert answer.counts == counts, "what colours the map changes no sum"
        assert answer.colours.sum() == counts.shown
        assert answer.tempo.counts.sum() == answers["type"].tempo.counts.sum()
        # Of each record one cell is counted; a cell of two values counts under both.
        shown = store.coded[name].codes[answer.rows]
        if name not in selection.filters:
            several = sum(len(store.coded[name].combinations[code]) for code in shown)
            assert sum(answer.facets[name].values()) == several


@settings(max_examples=60)
@given(random_rows(), random_selections())
def test_no_range_of_any_selection_inverts(rows: tuple[Row, ...], selection: Selection) -> None:
    counts = small_store(rows).ask(selection).counts
    for events in (counts.events, counts.attacks):
        assert 0 <= events.low <= events.high
        assert 0 <= events.left_out <= events.records
    assert counts.attacks.high <= counts.events.high
    for harm in (counts.killed, counts.wounded):
        assert 0 <= harm.low <= harm.best <= harm.high
        assert harm.known + harm.unknown == counts.shown - counts.events.left_out
    assert counts.read == counts.rejected + counts.shown + sum(counts.hidden.values())


@settings(max_examples=60)
@given(random_rows(), random_selections())
def test_tempo_adds_up_to_the_dated_records_without_the_window(rows: tuple[Row, ...], selection: Selection) -> None:
    store = small_store(rows)
    whole = replace(selection, window=None)
    tempo = store.ask(selection).tempo
    hidden = reasons(rows, whole)
    dated = [one for one in rows if one["date_start"] and hidden[one["id"]] == ""]
    _, starts = store.bins
    sure = unsure = 0
    for one in dated:
        days = possible_days(one["date_start"], one["date_end"])
        assert days is not None
        bins = np.searchsorted(starts, [day_number(days[0]), day_number(days[1])], side="right")
        sure += bins[0] == bins[1]
        unsure += 0 if bins[0] == bins[1] else int(bins[1] - bins[0] + 1)
    assert tempo.counts.sum() == sure
    assert tempo.possible.sum() == unsure
    assert (tempo.possible >= 0).all()
