"""The record of truth: nothing lost on the way, nothing counted twice, the report's statements as it makes them."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geodata.actors import load_actors
from geodata.dates import parse_dates
from geodata.incident import COLUMN_NAMES, SEPARATOR, UNCOUNTED
from geodata.reader import Reading, read_incidents
from geodata.sources import Source, grade_reaches, parse_sources
from geodata.totals import counted, event_ranges, known_on

ROOT = Path(__file__).parents[1]
DATA = ROOT / "geodata" / "data"
REPORT = "https://www.iswresearch.org/2021/08/the-iranian-proxy-response-to-us-iraq.html"

# The days of the 305 records carried over, with how many there are on a day when it is more than one: 20191229x2
# stands for 20191229-1 and 20191229-2. A month's records carry the day 00.
CARRIED_OVER = """
20191000 20191030 20191108 20191203 20191205 20191209 20191227 20191229x2 20191231 20200103 20200104x2
20200105x2 20200108x3 20200112 20200114 20200120 20200126 20200127 20200131 20200213 20200216 20200311x2
20200312x2 20200314 20200316 20200317 20200406 20200409 20200506 20200519 20200608 20200611 20200613 20200616
20200622 20200704 20200711 20200722 20200724 20200727 20200805 20200809 20200810 20200811x2 20200812 20200813
20200814x2 20200815x2 20200816x3 20200818x2 20200821 20200822 20200829 20200830 20200902 20200903x2 20200905
20200906 20200910 20200914x2 20200915x2 20200918 20200919 20200920 20200921x2 20200923 20200928 20200930x2
20201001 20201010 20201011 20201117 20201118 20201210x2 20201220 20201221 20201223 20201225 20201227
20201229x2 20201231 20210104 20210105 20210108x2 20210109x2 20210110 20210118x3 20210120 20210121x2 20210122x3
20210123x2 20210125 20210126 20210131 20210200x2 20210204 20210215 20210217 20210218x2 20210219 20210220
20210222 20210225x3 20210303 20210313 20210315 20210318x3 20210321x3 20210325x6 20210329x3 20210330 20210331
20210404x2 20210407x5 20210408 20210414x2 20210415 20210418 20210420 20210422x2 20210500 20210502x3 20210503
20210504 20210508 20210510 20210511x2 20210518 20210524 20210603 20210605 20210606 20210609x3 20210610
20210613x4 20210620 20210622 20210626x2 20210627 20210628x5 20210704 20210705x4 20210706x2 20210707x2
20210708x2 20210710x2 20210711x2 20210712x4 20210715x3 20210718 20210723x2 20210726x2 20210727x6 20210728x5
20210729x3 20210802 20210803 20210808x2 20210812x2 20210817x3 20210824x6 20210827 20210831x2 20210900
20210904x3 20210906 20210911 20210912x2 20210914x3 20210922 20210924 20211008 20211013 20211019 20211020
20211031 20211105 20211107 20211119x2 20211121 20211123 20211201x2 20211204 20211207 20211209x3 20211212
20211213 20211214 20211216 20211219x2 20211221 20211226x3 20211227 20211228
"""
ADDED = {"20210810-1"}


def carried_over() -> set[str]:
    found = re.findall(r"(\d{8})(?:x(\d))?", CARRIED_OVER)
    return {f"{day}-{number}" for day, count in found for number in range(1, int(count or 1) + 1)}


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_incidents(ROOT / "incidents.csv")


@pytest.fixture(scope="module")
def records(reading: Reading) -> pd.DataFrame:
    return reading.records.set_index("id", drop=False)


def names_in(records: pd.DataFrame, column: str) -> set[str]:
    return {name for cell in records[column] for name in cell.split(SEPARATOR) if name}


def test_every_record_is_there_and_reads_without_a_remark(reading: Reading) -> None:
    assert len(carried_over()) == 305
    assert set(reading.records["id"]) == carried_over() | ADDED
    assert (reading.read, reading.rejected, reading.notes) == (306, (), ())


def test_the_file_is_canonical_so_that_one_edit_changes_one_line() -> None:
    data = (ROOT / "incidents.csv").read_bytes()
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    assert tuple(rows[0]) == COLUMN_NAMES
    assert [row[0] for row in rows[1:]] == sorted(row[0] for row in rows[1:])
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(rows)
    assert written.getvalue().encode("utf-8") == data


def test_every_record_has_sources_with_a_link_and_a_grade(records: pd.DataFrame) -> None:
    sources = [source for cell in records["sources"] for source in parse_sources(cell)]
    assert all(len(parse_sources(cell)) >= 1 for cell in records["sources"])
    # 536 carried over, 9 more that the report cites for its own statements, and the report for the added record.
    assert len(sources) == 546
    assert [source for source in sources if source.problems or not source.link or not source.grade] == []
    assert sum(source.address == REPORT for source in sources) == 24


def test_coordinates_are_given_only_where_a_source_gives_them(records: pd.DataFrame) -> None:
    assert records.index[records["latitude"] != ""].tolist() == ["20210803-1"]


@pytest.mark.parametrize("column", ["claimed_by", "denied_by", "attributed_to"])
def test_every_actor_is_known_under_the_name_that_is_written(records: pd.DataFrame, column: str) -> None:
    actors = load_actors()
    found = {name: actors.resolve(name) for name in names_in(records, column)}
    assert {name: actor for name, actor in found.items() if not actor} == {}
    assert {name for name, actor in found.items() if actors.actor(actor).name != name} == set()


def test_every_site_is_a_facility(records: pd.DataFrame) -> None:
    with (DATA / "facilities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert names_in(records, "site") <= {row["name"] for row in rows}
    assert len({row["id"] for row in rows}) == len(rows) == 87
    assert sum(row["verified"] == "no" for row in rows) == 15


def test_links_lead_to_records_and_not_to_themselves(records: pd.DataFrame) -> None:
    for name, cell in zip(records["id"], records["links"], strict=True):
        for link in filter(None, cell.split(SEPARATOR)):
            relation, _, other = link.partition(":")
            assert other in records.index, (name, link)
            assert other != name
            assert relation in {"related", "same_event", "series", "retaliation", "response", "includes"}


def test_a_reviewed_record_says_against_what(records: pd.DataFrame) -> None:
    reviewed = records["status"] == "reviewed"
    assert ((records["reviewed_against"] != "") == reviewed).all()
    assert reviewed.sum() == 12


def test_likelihood_is_filled_only_where_the_source_uses_the_word(records: pd.DataFrame) -> None:
    filled = records[records["likelihood"] != ""]
    assert set(filled["likelihood"]) == {"likely"}
    assert all("likely" in note for note in filled["attribution_note"])
    assert "most likely" in records.at["20191108-1", "attribution_note"]
    assert records.at["20191108-1", "likelihood"] == ""


def test_no_total_counts_twice(records: pd.DataFrame) -> None:
    counts = records[records["summary"].str.startswith("Count only:")]
    assert len(counts) == 7
    assert set(counts["counting"]) == {"count_only", "count_alone"}
    for name in counts.index[counts["counting"] == "count_only"]:
        assert "includes:" in records.at[name, "links"] or "related:" in records.at[name, "links"]
    for name in records.index[records["counting"] == "part"]:
        whole = re.findall(r"same_event:([\d-]+)", records.at[name, "links"])
        assert any(records.at[other, "counting"] not in UNCOUNTED for other in whole)


def test_a_count_that_is_added_has_no_event_with_a_record_of_its_own(records: pd.DataFrame) -> None:
    first, last = parse_dates(records["date_start"]).first, parse_dates(records["date_end"]).last
    last = np.where(np.isnat(last), parse_dates(records["date_start"]).last, last)
    for name in records.index[records["counting"] == "count_alone"]:
        position = records.index.get_loc(name)
        overlap = (first <= last[position]) & (last >= first[position])
        alike = (records["event_type"] == records.at[name, "event_type"]) & (records["country"] == "Iraq")
        exact = records["date_start"].str.len() == 10
        assert records.index[overlap & alike & exact].tolist() == [name]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        (  # Six claimed bombs on contracted convoys, by militants likely affiliated with Kata'ib Hezbollah.
            "20210729-2",
            {
                "date_start": "2021-07-29",
                "date_end": "2021-08-01",
                "event_type": "ied_attack",
                "events_min": "6",
                "events_max": "6",
                "counting": "count_alone",
                "target_type": "convoy",
                "claimed_by": "Unidentified militants",
                "attributed_to": "Kata'ib Hezbollah-affiliated militants",
                "likelihood": "likely",
                "country": "Iraq",
                "killed": "",
            },
        ),
        (  # Two rockets at the embassy; Kata'ib Hezbollah denies and blames the United States.
            "20210729-1",
            {
                "date_start": "2021-07-29",
                "date_end": "",
                "event_type": "rocket_attack",
                "munitions": "2",
                "site": "US Embassy Baghdad",
                "claimed_by": "",
                "denied_by": "Kata'ib Hezbollah; Asa'ib Ahl al-Haq",
                "denial_note": "both blamed the United States",
                "attributed_to": "Iran-backed militias",
                "likelihood": "likely",
            },
        ),
        (  # At least three attacks in Syria, several more likely falsely claimed.
            "20210628-2",
            {
                "date_start": "2021-06-28",
                "date_end": "2021-07-10",
                "events_min": "3",
                "events_max": "",
                "counting": "count_only",
                "country": "Syria",
                "attributed_to": "Iran-backed militias",
                "likelihood": "",
                "links": "includes:20210628-1; includes:20210707-2; includes:20210710-1",
            },
        ),
        (  # The threat against Erbil and Harir: one threat, two bases, counted once.
            "20210728-2",
            {
                "date_start": "2021-07-28",
                "event_type": "threat",
                "site": "Erbil International Airport",
                "condition": "if US forces do not withdraw from Iraq by the end of 2021",
                "expires": "2021-12-31",
                "attributed_to": "IRGC Quds Force",
                "counting": "",
            },
        ),
        (
            "20210728-3",
            {
                "event_type": "threat",
                "site": "Bashur (Harir) Airfield",
                "expires": "2021-12-31",
                "counting": "part",
                "links": "same_event:20210728-2; same_event:20210728-1",
            },
        ),
        (  # The threat against any base in the region names no country.
            "20210727-5",
            {"date_start": "2021-07-27", "event_type": "threat", "claimed_by": "Kata'ib Hezbollah", "country": ""},
        ),
        (  # The meetings of 27 July in Baghdad and Najaf.
            "20210727-3",
            {"event_type": "meeting", "place": "Baghdad", "attributed_to": "IRGC Quds Force", "likelihood": ""},
        ),
        (
            "20210727-4",
            {"event_type": "meeting", "place": "Najaf", "date_start": "2021-07-27", "links": "same_event:20210727-3"},
        ),
        (  # The drone capability.
            "20210810-1",
            {
                "event_type": "capability",
                "country": "Kuwait; Jordan; Turkey; Israel; Saudi Arabia",
                "attributed_to": "Kata'ib Hezbollah",
                "likelihood": "",
            },
        ),
    ],
)
def test_the_statements_of_the_report_stand_as_it_makes_them(
    records: pd.DataFrame, name: str, cells: dict[str, str]
) -> None:
    record = records.loc[name]
    assert {column: record[column] for column in cells} == cells
    assert record["status"] == "reviewed"
    sources: tuple[Source, ...] = parse_sources(record["sources"])
    assert sources[0].address == REPORT
    assert grade_reaches(sources[0].grade)


def test_the_false_claims_in_syria_are_said_and_counted_nowhere(records: pd.DataFrame) -> None:
    assert "likely falsely claimed" in records.at["20210628-2", "claim_note"]
    syria = records.loc[["20210628-1", "20210628-2", "20210707-2", "20210710-1"]]
    assert counted(syria).tolist() == [True, False, True, True]
    assert event_ranges(syria).high[counted(syria)].sum() == 3


def test_the_six_bombs_count_as_six_and_the_threat_as_one(records: pd.DataFrame) -> None:
    assert event_ranges(records.loc[["20210729-2"]]).low.tolist() == [6]
    threat_and_its_report = records.loc[["20210728-2", "20210728-3"]]
    assert event_ranges(threat_and_its_report).low[counted(threat_and_its_report)].sum() == 1


def test_what_was_published_on_10_august_was_not_known_before(records: pd.DataFrame) -> None:
    before = known_on(records, np.datetime64("2021-08-09"))
    assert not before[records.index.get_loc("20210729-2")]
    assert before[records.index.get_loc("20210729-1")]


def test_harm_is_a_range_where_accounts_differ(records: pd.DataFrame) -> None:
    def harm(name: str, stem: str) -> tuple[str, str, str]:
        record = records.loc[name]
        return record[f"{stem}_min"], record[stem], record[f"{stem}_max"]

    assert harm("20191229-2", "killed") == ("25", "25", "")
    assert harm("20210627-1", "killed") == ("4", "4", "9")
    assert harm("20210225-1", "killed") == ("1", "", "22")
    assert harm("20200311-1", "wounded") == ("12", "12", "15")


def test_key_dates_are_days_with_a_title_and_a_source() -> None:
    with (DATA / "key_dates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 19
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"]) and row["title"] for row in rows)
    assert all(row["source"].startswith("http") for row in rows)
