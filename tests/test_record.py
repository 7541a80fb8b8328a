"""One record for a reader: everything known, nothing said more exactly than it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from small_store import PLACES, point, row, small_store

from dashboard.record import date_text, describe, range_text

FULL = row(
    "full-1",
    "2021-07-29",
    "embassy",
    status="reviewed",
    date_end="2021-08-01",
    time_local="01:45",
    time_zone="Asia/Damascus",
    first_reported="2021-08-10",
    weapon="Katyusha",
    munitions="7",
    events_min="2",
    events_max="4",
    counting="count_only",
    site="Green Zone",
    admin1="Baghdad province",
    country="Iraq",
    target="the chancery",
    target_type="embassy",
    claimed_by="Ashab al-Kahf",
    claim_note="on Telegram",
    denied_by="Kata'ib Hezbollah",
    denial_note="blamed others",
    attributed_to="Iran-backed militias",
    attribution_basis="US official",
    attribution_note="said alleged",
    likelihood="very_likely",
    killed_min="3",
    killed="5",
    killed_max="9",
    wounded_min="11",
    wounded="12",
    wounded_max="13",
    intercepted="6",
    condition="if forces stay",
    expires="2021-12-31",
    summary="What the sources say.",
    sources="https://example.org/a | title=A title | grade=C3; an archive box | grade=B2",
    confidence="medium",
    links="response:other-1; other-2",
    reviewed_against="Lawlor and Carl",
    notes="A note.",
)


def described(**cells: str) -> dict[str, Any]:
    one = {**row("r"), **cells}
    return describe(small_store([one]), 0)


def items(record: dict[str, Any]) -> dict[str, str]:
    return {item["label"]: item["text"] for section in record["sections"] for item in section["items"]}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("event_type", "Rocket attack"),
        ("status", "Reviewed"),
        ("counting", "Count only"),
        ("target_type", "Embassy"),
        ("likelihood", "very likely"),
        ("confidence", "Medium"),
        ("sources", "https://example.org/a"),
        ("links", "other-1"),
        ("killed_min", "3-9 (best 5)"),
        ("wounded_min", "11-13 (best 12)"),
        ("events_min", "2-4"),
        *(
            (column, FULL[column])
            for column in (
                "id", "date_start", "date_end", "time_local", "time_zone", "first_reported", "weapon", "munitions",
                "place", "site", "admin1", "country", "target", "claimed_by", "claim_note", "denied_by", "denial_note",
                "attributed_to", "attribution_basis", "attribution_note", "intercepted", "condition", "expires",
                "summary", "reviewed_against", "notes",
            )
        ),
    ],
)  # fmt: skip
def test_everything_known_is_told(column: str, words: str) -> None:
    record = json.dumps(describe(small_store([FULL]), 0), ensure_ascii=False)
    assert words in record, column


def test_what_is_not_known_is_left_out_and_never_zero() -> None:
    told = items(described())
    assert told["Killed"] == told["Wounded"] == "not reported"
    assert told["Claimed by"] == told["Denied by"] == "nobody, as far as recorded"
    assert told["Assessed to"] == "not assessed"
    assert not {"Events", "Likelihood", "Condition", "Notes", "Confidence"} & set(told)
    assert items(described(killed="0"))["Killed"] == "0"


def test_the_proof_says_where_and_how_exactly() -> None:
    told = items(described())
    assert told["Placed at"] == "US Embassy Baghdad\nknown to: site, within 0.5 km of 33.3000 N, 44.3870 E"
    assert "matched fac:us-embassy-baghdad (exact, score 1.00)" in told["Proof"]


def test_an_area_has_no_coordinates_to_be_mistaken_for_a_point() -> None:
    told = items(described(place="baghdad governorate"))
    assert told["Placed at"] == "Baghdad\nknown to: governorate"


def test_a_record_without_a_place_says_why() -> None:
    told = items(described(place="nowhere"))
    assert told["Placed"] == "not placed: no place is given"
    assert "Placed at" not in told


def test_a_place_found_by_no_gazetteer_names_no_id() -> None:
    store = small_store([row("r", place="x")], places={"x": point("X", -58.4, -34.6, "site", "")})
    told = items(describe(store, 0))
    assert told["Placed at"].endswith("34.6000 S, 58.4000 W")
    assert "matched" not in told["Proof"]
    assert "matched" in items(describe(small_store([row("r")], places=PLACES), 0))["Proof"]


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("", "", "no date"),
        ("2021", "", "2021"),
        ("2021-07", "", "2021-07"),
        ("2021-07-29", "2021-07-29", "2021-07-29"),
        ("2021-07-29", "2021-08-01", "2021-07-29 to 2021-08-01"),
        ("2021-07", "2021-08", "2021-07 to 2021-08"),
    ],
)
def test_a_date_is_written_as_exactly_as_it_is_known(start: str, end: str, text: str) -> None:
    assert date_text({"date_start": start, "date_end": end}) == text


@pytest.mark.parametrize(
    ("low", "best", "high", "text"),
    [
        ("", "", "", ""),
        ("", "5", "", "5"),
        ("3", "", "", "at least 3"),
        ("", "", "9", "at most 9"),
        ("3", "5", "", "at least 3 (best 5)"),
        ("", "5", "9", "at most 9 (best 5)"),
        ("3", "", "9", "3-9"),
        ("3", "5", "9", "3-9 (best 5)"),
        ("5", "5", "5", "5"),
        ("5", "", "5", "5"),
        ("0", "0", "0", "0"),
    ],
)
def test_no_figure_of_a_range_is_lost(low: str, best: str, high: str, text: str) -> None:
    assert range_text(low, best, high) == text


@pytest.mark.parametrize(
    ("address", "href"),
    [
        ("https://example.org/a?b=1&c=2", "https://example.org/a?b=1&c=2"),
        ("http://example.org", "http://example.org"),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("data:text/html,<script>alert(1)</script>", ""),
        ("file:///etc/passwd", ""),
        ("//example.org", ""),
        ("an archive box", ""),
    ],
)
def test_only_plain_web_addresses_become_links(address: str, href: str) -> None:
    record = described(sources=f"{address} | grade=C3")
    (source,) = next(i for s in record["sections"] for i in s["items"] if i["label"] == "Sources")["links"]
    assert source["href"] == href
    assert source["text"].replace(" ", "") == address.replace(" ", "")


def test_unknown_columns_of_the_file_are_shown_and_line_numbers_are_not() -> None:
    record = described(weather="dusty")
    assert record["sections"][-1]["title"] == "Other columns of the file"
    assert items(record)["weather"] == "dusty"
    assert "line" not in items(record)


@pytest.mark.parametrize(
    ("coordinates", "written"),
    [("decimal", "33.3406 N, 44.4009 E"), ("mgrs", "38SMB44248"), ("dms", "33°20′26"), ("plus", "8H568CR2+69")],
)
def test_the_point_is_written_in_the_format_the_reader_chose(coordinates: str, written: str) -> None:
    store = small_store([row("r", place="x")], places={"x": point("X", 44.40088, 33.34058, "site", "")})
    told = items(describe(store, 0, coordinates))
    assert written in told["Placed at"]


def test_a_source_tells_all_that_is_recorded_of_it() -> None:
    cell = (
        "site dot com/%D8%A3%D9%85%D9%86 | title=T | author=A | publisher=P | published=2021-08-10 | "
        "accessed=2024-01-02 | part=note 9 | grade=C3 | origin=wire.org | archive=copies/a.pdf | sha256=ab12"
    )
    [line] = next(
        item["links"] for s in described(sources=cell)["sections"] for item in s["items"] if item["label"] == "Sources"
    )
    assert (line["text"], line["href"]) == ("site dot com/أمن", "")
    assert line["note"].split(" · ") == [
        "T - P",
        "by A",
        "published 2021-08-10",
        "part: note 9",
        "accessed 2024-01-02",
        "C3: fairly reliable source, possibly true",
        "goes back to wire.org",
        "copy: copies/a.pdf",
        "SHA-256 ab12",
    ]


def test_the_wording_of_a_summary_is_marked_where_it_is_unclear() -> None:
    record = described(summary="Rockets fell. They may have come from afar.")
    [[start, end, reason]] = record["marks"]
    assert record["summary"][start:end] == "may"
    assert "seven likelihood terms" in reason
    assert described(summary="Likely Iranian proxies fired.")["marks"] == []


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"first_reported": "2021-08-10"}, "2021-08-10"),
        ({}, "not recorded; taken as known from 2021-07-29"),
        ({"date_end": "2021-08"}, "not recorded; taken as known from 2021-08-31"),
        ({"date_start": ""}, "not recorded; taken as always known"),
    ],
)
def test_a_record_says_from_when_it_counts_as_known(cells: dict[str, str], told: str) -> None:
    store = small_store([row("a") | cells])
    assert {i["label"]: i["text"] for s in describe(store, 0)["sections"] for i in s["items"]}["First reported"] == told
