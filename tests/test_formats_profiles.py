from __future__ import annotations

from pathlib import Path

import formats_samples as samples
import pytest

from geodata.formats import Imported, import_file, original_rows, write_original
from geodata.formats.datasets import PROFILES, acled, gdelt, gtd, ucdp
from geodata.incident import COLUMN_NAMES


@pytest.fixture
def read(tmp_path: Path):
    def one(name: str, text: str, **options: object) -> Imported:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return import_file(path, profiles_folder=tmp_path / "profiles", **options)

    return one


@pytest.mark.parametrize("name", samples.FILES)
def test_every_dataset_is_recognised_without_a_word(read, name: str) -> None:
    text, code = samples.FILES[name]
    found = read(name, text)
    assert (found.profile, found.reading.rejected) == (code, ())
    assert found.reading.read == len(found.reading.records) > 0
    assert found.evidence[0]
    assert tuple(found.reading.records.columns[: len(COLUMN_NAMES)]) == COLUMN_NAMES


@pytest.mark.parametrize("name", samples.FILES)
def test_no_column_of_any_dataset_is_lost(read, name: str, tmp_path: Path) -> None:
    text, code = samples.FILES[name]
    table = read(name, text).tables[0]
    back = tmp_path / "back.csv"
    write_original(table, back)
    again = import_file(back, profiles_folder=tmp_path / "profiles").tables[0]
    assert again.profile == code
    assert original_rows(again).to_dict("records") == original_rows(table).to_dict("records")


@pytest.mark.parametrize("name", [name for name in samples.FILES if name.endswith((".csv", ".CSV"))])
def test_a_text_file_comes_out_cell_for_cell(read, name: str) -> None:
    text, _ = samples.FILES[name]
    table = read(name, text).tables[0]
    sign = table.detail["delimiter"]
    first = next(iter(original_rows(table).itertuples(index=False)))
    import csv
    import io

    quoting = csv.QUOTE_NONE if sign == "\t" else csv.QUOTE_MINIMAL
    rows = list(csv.reader(io.StringIO(text), delimiter=sign, quoting=quoting))
    assert list(first) == rows[0 if "no header" in table.detail else 1]


def test_documented_headers_have_the_documented_width() -> None:
    widths = {profile.code: len(profile.columns) for profile in PROFILES}
    assert {code: widths[code] for code in ("acled", "ucdp-ged", "gtd", "gdelt-2", "gdelt-1")} == {
        "acled": 31, "ucdp-ged": 49, "gtd": 135, "gdelt-2": 61, "gdelt-1": 58,
    }  # fmt: skip
    assert all(len(set(profile.columns)) == len(profile.columns) for profile in PROFILES)


def one_record(found: Imported) -> dict[str, str]:
    assert found.reading.rejected == ()
    record: dict[str, str] = found.reading.records.iloc[0].to_dict()
    return record


class TestAcled:
    def record(self, read, **change: str) -> dict[str, str]:
        return one_record(read("a.csv", samples.csv_text(acled.COLUMNS, {**samples.ACLED_ROW, **change})))

    def test_shelling_is_told_apart_by_a_word_in_the_notes_and_says_so(self, read) -> None:
        record = self.record(read)
        assert record["event_type"] == "rocket_attack"
        assert acled.WORD_NOTE in record["notes"]

    @pytest.mark.parametrize("notes", ["Shells fell.", "Rockets and mortars fell."])
    def test_shelling_stays_other_when_the_notes_name_no_weapon_or_several(self, read, notes: str) -> None:
        record = self.record(read, notes=notes)
        assert (record["event_type"], record["weapon"]) == ("other", "Shelling/artillery/missile attack")

    @pytest.mark.parametrize(
        ("kind", "code"),
        [("1", "airstrike"), ("External/Other forces", "airstrike"), ("3", "drone_attack"), ("7", "other")],
    )
    def test_an_air_strike_is_told_apart_by_who_flew(self, read, kind: str, code: str) -> None:
        assert self.record(read, sub_event_type="Air/drone strike", inter1=kind)["event_type"] == code

    def test_an_actor_is_an_attribution_and_never_a_claim(self, read) -> None:
        record = self.record(read)
        assert (record["attributed_to"], record["attribution_basis"], record["claimed_by"]) == (
            "Ashab al-Kahf", "ACLED coding", "",
        )  # fmt: skip
        assert record["target"] == "Government of the United States"
        assert "not direction" in record["attribution_note"]

    def test_in_a_battle_neither_side_is_the_target(self, read) -> None:
        record = self.record(read, event_type="Battles", sub_event_type="Armed clash")
        assert record["attributed_to"] == "Ashab al-Kahf; Government of the United States"
        assert (record["target"], record["event_type"]) == ("", "other")

    def test_an_unidentified_group_is_no_attribution(self, read) -> None:
        record = self.record(read, actor1="Unidentified Armed Group (Iraq)")
        assert (record["attributed_to"], record["attribution_note"]) == ("", acled.NOBODY_NOTE)

    def test_zero_fatalities_are_unknown_and_ride_along(self, read) -> None:
        record = self.record(read)
        assert (record["killed"], record["fatalities"]) == ("", "0")
        assert self.record(read, fatalities="3")["killed"] == "3"

    @pytest.mark.parametrize(
        ("precision", "start", "end"),
        [("1", "2021-07-29", ""), ("2", "2021-07-26", "2021-08-01"), ("3", "2021-07", "")],
    )
    def test_a_week_is_no_day_and_a_month_is_no_day(self, read, precision: str, start: str, end: str) -> None:
        record = self.record(read, time_precision=precision)
        assert (record["date_start"], record["date_end"]) == (start, end)

    @pytest.mark.parametrize("day", ["2021-07-29", "29-07-2021", "29 July 2021", "29-July-2021", "7/29/2021"])
    def test_every_spelling_of_the_day_is_read(self, read, day: str) -> None:
        assert self.record(read, event_date=day)["date_start"] == "2021-07-29"

    @pytest.mark.parametrize(("code", "ours"), [("1", "town"), ("2", "near"), ("3", "governorate"), ("", "")])
    def test_precision_codes(self, read, code: str, ours: str) -> None:
        assert self.record(read, geo_precision=code)["location_precision"] == ours


class TestUcdp:
    def record(self, read, **change: str) -> dict[str, str]:
        return one_record(read("u.csv", samples.csv_text(ucdp.COLUMNS, {**samples.UCDP_ROW, **change})))

    def test_low_best_and_high_are_carried_over(self, read) -> None:
        record = self.record(read)
        assert (record["killed_min"], record["killed"], record["killed_max"]) == ("3", "5", "9")

    def test_figures_that_contradict_each_other_are_kept_and_flagged(self, read) -> None:
        record = self.record(read, best="12")
        assert (record["killed_min"], record["killed"], record["killed_max"]) == ("", "12", "")
        assert record["notes"] == ucdp.CONTRADICTION_NOTE
        assert (record["low"], record["high"]) == ("3", "9")

    def test_a_span_of_days_stays_a_span(self, read) -> None:
        record = self.record(read, date_end="2021-08-03 00:00:00.000", date_prec="2")
        assert (record["date_start"], record["date_end"]) == ("2021-07-29", "2021-08-03")

    def test_sides_are_parties_unless_the_violence_is_one_sided(self, read) -> None:
        assert self.record(read)["attributed_to"] == "Government of Iraq; IS"
        record = self.record(read, type_of_violence="3", side_a="IS", side_b="Civilians")
        assert (record["attributed_to"], record["target"]) == ("IS", "Civilians")

    @pytest.mark.parametrize(
        ("code", "ours"),
        [
            ("1", "town"),
            ("2", "near"),
            ("3", "district"),
            ("4", "governorate"),
            ("5", "region"),
            ("6", "country"),
            ("7", "country"),
        ],
    )
    def test_precision_codes(self, read, code: str, ours: str) -> None:
        assert self.record(read, where_prec=code)["location_precision"] == ours


class TestGtd:
    def record(self, read, **change: str) -> dict[str, str]:
        return one_record(read("g.csv", samples.csv_text(gtd.COLUMNS, {**samples.GTD_ROW, **change})))

    def test_it_is_the_one_dataset_with_claims(self, read) -> None:
        record = self.record(read)
        assert (record["claimed_by"], record["claim_note"]) == ("Ashab al-Kahf", "Posted to website, blog, etc.")
        assert (record["attributed_to"], record["attribution_note"]) == ("Ashab al-Kahf", gtd.SUSPECTED_NOTE)

    @pytest.mark.parametrize("claimed", ["0", "-9", ""])
    def test_an_attack_that_nobody_claimed_has_no_claim(self, read, claimed: str) -> None:
        assert self.record(read, claimed=claimed)["claimed_by"] == ""

    def test_an_unknown_day_leaves_the_month(self, read) -> None:
        assert self.record(read)["date_start"] == "2020-07"
        assert self.record(read, imonth="0")["date_start"] == "2020"
        assert self.record(read, iday="9")["date_start"] == "2020-07-09"

    def test_an_extended_incident_ends_at_its_resolution(self, read) -> None:
        record = self.record(read, iday="28", extended="1", resolution="8/4/2020")
        assert (record["date_start"], record["date_end"]) == ("2020-07-28", "2020-08-04")

    def test_unknown_numbers_stay_unknown(self, read) -> None:
        record = self.record(read)
        assert (record["killed"], record["wounded"], record["nwound"]) == ("1", "", "-99")
        assert self.record(read, nkill="2.0")["killed"] == "2"

    def test_the_weapon_is_read_from_its_details(self, read) -> None:
        assert self.record(read)["event_type"] == "rocket_attack"
        assert self.record(read, weapsubtype1_txt="Remote Trigger")["event_type"] == "ied_attack"
        assert self.record(read, target_type="")["target_type"] == "embassy"

    @pytest.mark.parametrize(
        ("specificity", "vicinity", "ours"),
        [
            ("1", "0", "town"),
            ("1", "1", "near"),
            ("2", "0", "district"),
            ("3", "0", "district"),
            ("4", "0", "governorate"),
            ("5", "0", "unknown"),
        ],
    )
    def test_precision_codes(self, read, specificity: str, vicinity: str, ours: str) -> None:
        assert self.record(read, specificity=specificity, vicinity=vicinity)["location_precision"] == ours


def test_gdelt_rows_are_leads_and_left_out_of_sums(read) -> None:
    record = one_record(read("g.CSV", samples.tabs(gdelt.COLUMNS_2, samples.GDELT_ROW)))
    assert (record["confidence"], record["counting"], record["event_type"]) == ("low", "count_only", "ied_attack")
    assert record["sources"] == "https://example.org/a%3Bb | grade=F6 | via=GDELT"
    assert record["notes"] == gdelt.LEAD_NOTE
    assert (record["date_start"], record["first_reported"], record["country"]) == ("2021-07-29", "2021-07-30", "Iraq")
    assert record["attributed_to"] == 'MILITIA "X'


def test_timemap_dates_are_month_first_and_sources_are_taken_from_inside(read) -> None:
    found = read("events.json", samples.FILES["events.json"][0])
    records = found.reading.records
    assert list(records["date_start"]) == ["2021-07-29", "2021-08-01"]
    assert records["sources"][0] == "https://example.org/p | via=TimeMap"
    assert records["latitude"][0] == "33.3076"
    assert records["attributed_to"].eq("").all()


def test_liveuamap_points_are_reports_of_unknown_precision(read) -> None:
    record = one_record(read("l.json", samples.FILES["liveuamap.json"][0]))
    assert (record["date_start"], record["first_reported"]) == ("2021-07-29", "2021-07-29")
    assert (record["location_precision"], record["confidence"]) == ("", "low")
    assert (record["latitude"], record["longitude"]) == ("33.799", "42.4412")
    assert "grade=F6" in record["sources"]


def test_airwars_takes_the_primary_place_and_civilian_numbers(read) -> None:
    record = one_record(read("a.json", samples.FILES["airwars.json"][0]))
    assert (record["id"], record["latitude"], record["location_precision"]) == ("XX0097", "33.344261", "site")
    assert (record["killed_min"], record["killed"], record["killed_max"]) == ("2", "", "4")
    assert (record["event_type"], record["attributed_to"]) == ("airstrike", "US-led Coalition")
    assert "civilians only" in record["notes"]


def test_atlos_precision_sources_and_the_projects_own_attributes(read) -> None:
    record = one_record(read("a.csv", samples.FILES["atlos.csv"][0]))
    assert (record["location_precision"], record["Camera seen"]) == ("town", "yes")
    assert record["sources"] == "https://example.org/1 | via=Atlos; https://example.org/2 | via=Atlos"
    assert (record["status"], record["status (Atlos)"]) == ("", "Completed")


def test_a_dataset_chosen_by_hand_wins_over_the_guess(read) -> None:
    found = read("a.csv", samples.FILES["acled.csv"][0], profile="unknown")
    assert found.profile == "unknown"
    assert found.alternatives[0].code == "acled"


def test_a_dataset_that_lacks_a_telling_column_is_offered_and_not_assumed(read) -> None:
    columns = [name for name in acled.COLUMNS if name not in ("geo_precision", "timestamp")]
    text = samples.csv_text(columns, samples.ACLED_ROW)
    found = read("a.csv", text)
    assert (found.profile, found.questions) == ("unknown", ("columns",))
    first = found.alternatives[0]
    assert (first.code, first.evidence) == ("acled", "29 of 31 columns of ACLED, but no geo_precision")
    chosen = read("a.csv", text, profile="acled")
    assert chosen.reading.records["target"][0] == "Government of the United States"
    assert chosen.reading.records["location_precision"][0] == ""
    own = read("b.csv", "id,event_type,place,latitude,longitude,country\n1,x,Baghdad,33.3,44.4,Iraq\n")
    assert own.alternatives == (), "a few common names are no likeness"
