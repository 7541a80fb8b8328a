from __future__ import annotations

from pathlib import Path

import pytest

from geodata.formats import Imported, import_file
from geodata.instants import COUNTRY_ZONES, localise
from geodata.reader import read_records

HEADER = "id,date_start,date_end,time_local,time_zone,event_type,place,country,latitude,longitude,notes\n"


def own(*cells: str) -> dict[str, str]:
    row = dict(zip(HEADER.strip().split(","), ("1", *cells), strict=True))
    reading = read_records((HEADER + ",".join(row.values()) + "\n").encode())
    assert not reading.rejected
    record: dict[str, str] = reading.records.iloc[0].to_dict()
    return record


@pytest.mark.parametrize(
    ("day", "clock", "zone", "country", "point", "expected"),
    [
        ("2021-07-29", "21:30Z", "", "Iraq", ("", ""), ("2021-07-30", "00:30", "Asia/Baghdad")),
        ("2021-07-29", "21:30 UTC", "", "العراق", ("", ""), ("2021-07-30", "00:30", "Asia/Baghdad")),
        ("2021-07-29", "2130Z", "Asia/Damascus", "Iraq", ("", ""), ("2021-07-30", "00:30", "Asia/Damascus")),
        ("2021-07-29", "23:30:00+05:00", "", "Yemen", ("", ""), ("2021-07-29", "21:30", "Asia/Aden")),
        ("2021-12-31", "21:30Z", "", "", ("35.7", "51.4"), ("2022-01-01", "01:00", "Asia/Tehran")),
        ("2021-07-29", "21:30Z", "", "", ("", ""), ("2021-07-29", "21:30", "UTC")),
        ("2021-07-29", "01:00+03:00", "", "", ("", ""), ("2021-07-28", "22:00", "UTC")),
        ("2021-07-29", "T21:30:00Z", "", "Iraq", ("", ""), ("2021-07-30", "00:30", "Asia/Baghdad")),
        ("2021-07-29", "9:30 PM UTC", "", "Iraq", ("", ""), ("2021-07-30", "00:30", "Asia/Baghdad")),
        ("2021-07-29", "12:05 am GMT", "", "Iraq", ("", ""), ("2021-07-29", "03:05", "Asia/Baghdad")),
        ("2021-07-29", "21:30 (UTC)", "", "Iraq", ("", ""), ("2021-07-30", "00:30", "Asia/Baghdad")),
        ("2021-07-29", "21:30 UTC+3", "", "Iran", ("", ""), ("2021-07-29", "23:00", "Asia/Tehran")),
        ("2021-07-29", "21:30 GMT-05:30", "", "Iraq", ("", ""), ("2021-07-30", "06:00", "Asia/Baghdad")),
        ("2021-07-29", "21:30:00-05:00", "", "Iraq", ("", ""), ("2021-07-30", "05:30", "Asia/Baghdad")),
        ("2021-07-29", "21:30 +03", "", "Iraq", ("", ""), ("2021-07-29", "21:30", "Asia/Baghdad")),
        ("2021-07-29", "21:30Z", "", "Russia", ("", ""), ("2021-07-29", "21:30", "UTC")),
        ("2021-07", "21:30Z", "", "Iraq", ("", ""), ("2021-07", "21:30Z", "UTC")),
    ],
)
def test_a_time_with_an_offset_becomes_the_events_own_day_and_time(
    day: str, clock: str, zone: str, country: str, point: tuple[str, str], expected: tuple[str, str, str]
) -> None:
    record = own(day, "", clock, zone, "rocket_attack", "X", country, *point, "seen")
    assert (record["date_start"], record["time_local"], record["time_zone"]) == expected
    assert record["notes"].startswith(f"seen; time given as {day} {clock}: ")


@pytest.mark.parametrize("clock", ["21:30", "01:45-02:00", "evening", "", "9:30 PM"])
def test_a_local_time_stays_as_it_is(clock: str) -> None:
    record = own("2021-07-29", "", clock, "", "rocket_attack", "X", "Iraq", "", "", "")
    assert (record["date_start"], record["time_local"], record["time_zone"]) == ("2021-07-29", clock, "")
    assert record["notes"] == ""


def test_an_end_on_the_day_of_the_start_moves_with_it() -> None:
    record = own("2021-07-29", "2021-07-29", "21:30Z", "", "rocket_attack", "X", "Iraq", "", "", "")
    assert (record["date_start"], record["date_end"]) == ("2021-07-30", "2021-07-30")


def test_a_moment_in_summer_time_is_told_by_its_day() -> None:
    assert localise("2021-07-29", "21:30Z", "", "Lebanon", "", "").clock == "00:30"
    assert localise("2021-12-29", "21:30Z", "", "Lebanon", "", "").clock == "23:30"


def test_our_reader_says_how_many_times_it_turned() -> None:
    rows = "".join(f"{n},2021-07-29,,21:30Z,,rocket_attack,X,Iraq,,,\n" for n in range(3))
    assert "times in 3 records: turned into Asia/Baghdad, the zone of its country, day included" in (
        read_records((HEADER + rows).encode()).notes
    )


def test_every_country_with_one_zone_names_one_that_exists() -> None:
    import zoneinfo

    assert set(COUNTRY_ZONES.values()) <= zoneinfo.available_timezones()


@pytest.fixture
def read(tmp_path: Path):
    def one(text: str) -> Imported:
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        return import_file(tmp_path / "a.csv", profiles_folder=tmp_path / "profiles")

    return one


@pytest.mark.parametrize(
    "text",
    ["2021-07-29T21:30:00Z", "2021-07-29T21:30:00+00:00", "2021-07-29 16:30:00-05:00", "2021-07-29 9:30PM UTC",
     "2021-07-30T00:30:00.000+03:00", "1627594200"],
)  # fmt: skip
def test_a_moment_in_a_column_of_dates_is_the_local_day_and_flagged(read, text: str) -> None:
    found = read(f"id,date,place,country,description\n1,{text},Baghdad,Iraq,x\n")
    record = found.reading.records.iloc[0]
    assert (record["date_start"], record["time_local"], record["time_zone"]) == ("2021-07-30", "00:30", "Asia/Baghdad")
    assert "time given as 2021-07-29 21:30Z: turned into Asia/Baghdad" in record["notes"]
    assert record["date"] == text, "the file's own column rides along as written"
    assert [flag.records for flag in found.flags if flag.text.startswith("turned into Asia/Baghdad")] == [1]


@pytest.mark.parametrize("text", ["2021-07-29T00:00:00Z", "2021-07-29T00:00:00+03:00", "2021-07-29 00:00:00.000"])
def test_midnight_is_a_day_without_a_time(read, text: str) -> None:
    record = read(f"id,date,place,country\n1,{text},Baghdad,Iraq\n").reading.records.iloc[0]
    assert (record["date_start"], record["time_local"], record["time_zone"]) == ("2021-07-29", "", "")


def test_a_day_whose_time_has_no_column_says_that_it_is_of_utc(read) -> None:
    found = read("id,date,time,place\n1,2021-07-29T21:30:00Z,night,Baghdad\n")
    assert "the day is that of UTC" in found.reading.records["notes"][0]


@pytest.mark.parametrize(
    ("header", "clock", "expected"),
    [
        ("time_utc", "21:30", ("2021-07-30", "00:30")),
        ("Event time (GMT)", "21:30:15", ("2021-07-30", "00:30")),
        ("time", "21:30+00:00", ("2021-07-30", "00:30")),
        ("time", "21:30", ("2021-07-29", "21:30")),
        ("time_utc", "evening", ("2021-07-29", "evening")),
    ],
)
def test_a_column_of_times_beside_one_of_days_is_told_by_its_cells_or_its_name(
    read, header: str, clock: str, expected: tuple[str, str]
) -> None:
    record = read(f"id,date,{header},place,country\n1,29/07/2021,{clock},Baghdad,Iraq\n").reading.records.iloc[0]
    assert (record["date_start"], record["time_local"]) == expected
