"""What surrounds a record: links both ways, and facilities only where a distance means something."""

from __future__ import annotations

from typing import Any

from small_store import row, small_store

from dashboard.record import describe
from dashboard.relations import place_of, relations, surroundings
from geodata.store import Store

FACILITIES = [
    {"name": "Near", "kind": "base", "longitude": 44.3870, "latitude": 33.3100},
    {"name": "Far", "kind": "base", "longitude": 44.3870, "latitude": 36.0},
]


def at(store: Store, record_id: str) -> int:
    return store.find_row(record_id)


def linked() -> Store:
    return small_store(
        [
            row("attack", "2021-07-29"),
            row("answer", "2021-07-30", "erbil", links="retaliation:attack; nowhere-known"),
            row("denial", "2021-08", "iraq", event_type="statement", links="response:attack"),
        ]
    )


def test_a_link_is_told_from_both_of_its_ends() -> None:
    store = linked()
    told = [(one["id"], one["relation"], one["outgoing"], one["date"]) for one in relations(store, at(store, "attack"))]
    assert told == [("answer", "Retaliation", False, "2021-07-30"), ("denial", "Response", False, "2021-08")]
    back = {one["id"]: one for one in relations(store, at(store, "answer"))}
    assert back["attack"]["outgoing"]
    assert back["nowhere-known"]["type"] == "not among these records"
    assert back["nowhere-known"]["place"] is None


def test_no_line_is_drawn_to_a_record_known_only_to_a_country() -> None:
    store = linked()
    ends = {one["id"]: one["place"] for one in relations(store, at(store, "attack"))}
    assert ends["denial"] is None
    assert ends["answer"]["name"] == "Erbil"


def test_facilities_within_the_distance_are_told_with_direction() -> None:
    store = linked()
    near: dict[str, Any] = surroundings(store, at(store, "attack"), FACILITIES)["near"]
    assert [(one["name"], one["distance_km"], one["compass"]) for one in near["facilities"]] == [("Near", 1.1, "N")]
    assert "may lie 0.5 km from it" in near["note"]
    wide = surroundings(store, at(store, "attack"), FACILITIES, within_km=400)["near"]
    assert [one["name"] for one in wide["facilities"]] == ["Near", "Far"]


def test_no_distance_is_given_from_an_area_or_from_nowhere() -> None:
    store = small_store([row("area", place="anbar"), row("lost", place="nowhere")])
    for record_id in ("area", "lost"):
        near = surroundings(store, at(store, record_id), FACILITIES)["near"]
        assert near["facilities"] == []
        assert "no distance" in near["note"]
    assert place_of(store, at(store, "lost")) is None


def test_the_record_tells_denial_and_counter_accusation_and_who_stood_above() -> None:
    store = small_store(
        [row("a", denied_by="Kata'ib Hezbollah", denial_note="blamed the US", attributed_to="Ashab al-Kahf; Nobody")]
    )
    told = {i["label"]: i["text"] for s in describe(store, 0)["sections"] for i in s["items"]}
    assert told["Denied by"] == "Kata'ib Hezbollah"
    assert told["Denial, and whom it blames"] == "blamed the US"
    assert told["Assessed to"] == "Ashab al-Kahf; Nobody"
    front, command, part = told["Who stood above"].split("\n")
    assert front == "Ashab al-Kahf facade of Asa'ib Ahl al-Haq: assessed by Flashpoint"
    assert command.startswith("Asa'ib Ahl al-Haq commanded by IRGC Quds Force: ")
    assert part == "IRGC Quds Force part of Islamic Revolutionary Guard Corps: external arm of the corps"


def test_a_facility_at_the_very_place_has_no_direction() -> None:
    store = small_store([row("attack")])
    own = {"name": "Own", "kind": "embassy", "longitude": 44.3870, "latitude": 33.3000}
    [one] = surroundings(store, 0, [own])["near"]["facilities"]
    assert (one["distance_km"], one["here"]) == (0.0, True)
