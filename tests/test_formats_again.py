from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import formats_samples as samples
import numpy as np
import pandas as pd
import pytest

from geodata.formats import (
    accept,
    compare,
    diff_report,
    import_file,
    import_report,
    likely_duplicates,
    write_quarantine,
)
from geodata.formats.datasets import acled, ucdp

BAD = samples.renumbered(
    samples.ACLED_ROW, "event_id_cnty", {"event_date": "2021-02-30"}, {"fatalities": "many"}, {"notes": "fine"}
)


def acled_file(path: Path, rows: list[dict[str, str]], tail: str = "") -> Path:
    path.write_text(samples.csv_text(acled.COLUMNS, *rows) + tail, encoding="utf-8")
    return path


def test_refused_rows_are_repaired_and_dropped_in_again(tmp_path: Path) -> None:
    source = acled_file(tmp_path / "a.csv", BAD, "IRQ9,2021-07-29,too few cells\n")
    table = import_file(source).tables[0]
    assert [(row.line, row.column, row.value) for row in table.reading.rejected] == [
        (3, "event_date", "2021-02-30"), (4, "fatalities", "many"), (6, "", "IRQ9,2021-07-29,too few cells"),
    ]  # fmt: skip
    out = tmp_path / "rejected.csv"
    assert write_quarantine(table, out) == 3
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rejected: line"] for row in rows] == ["3", "4", "6"]
    assert rows[2]["rejected: text"] == "IRQ9,2021-07-29,too few cells"
    assert all(row["rejected: reason"] and row["rejected: fix"] for row in rows)
    assert list(rows[0])[: len(acled.COLUMNS)] == list(acled.COLUMNS)
    repaired = out.read_text(encoding="utf-8").replace("2021-02-30", "2021-02-28").replace(",many,", ",3,")
    out.write_text(repaired.replace("IRQ9,2021-07-29,too few cells,", "IRQ9,2021-07-29,2021,"), encoding="utf-8")
    again = import_file(out)
    assert (again.profile, len(again.reading.records)) == ("acled", 3)
    assert not any(name.startswith("rejected") for name in again.reading.records.columns)


def test_the_difference_of_two_versions_field_by_field(tmp_path: Path) -> None:
    rows = samples.renumbered(samples.ACLED_ROW, "event_id_cnty", {}, {}, {})
    old = acled_file(tmp_path / "old.csv", rows)
    changed = [rows[0], {**rows[1], "fatalities": "7", "admin2": "Rusafa"}, {**rows[3], "event_id_cnty": "NEW1"}]
    new = acled_file(tmp_path / "new.csv", changed)
    report = diff_report(old, new)
    assert (report["new_records"], report["withdrawn"], report["same"]) == (["NEW1"], ["IRQ257612", "IRQ257613"], 1)
    assert report["changed"] == [
        {
            "id": "IRQ257611",
            "fields": [
                {"column": "killed", "old": "", "new": "7"},
                {"column": "admin2", "old": "Karkh", "new": "Rusafa"},
                {"column": "fatalities", "old": "0", "new": "7"},
            ],
        }
    ]
    json.dumps(report)


def test_all_some_or_none_of_a_difference_are_taken(tmp_path: Path) -> None:
    rows = samples.renumbered(samples.ACLED_ROW, "event_id_cnty", {}, {})
    old = import_file(acled_file(tmp_path / "a.csv", rows)).reading.records
    newer = [{**rows[0], "tags": "x"}, {**rows[1], "event_id_cnty": "N"}]
    new = import_file(acled_file(tmp_path / "b.csv", newer)).reading.records
    found = compare(old, new)
    assert sorted(accept(old, new, found)["id"]) == sorted(new["id"])
    assert compare(accept(old, new, found), new).sentence() == "0 new, 0 changed in 0 fields, 0 withdrawn, 2 the same"
    assert compare(accept(old, new, found, ids=[]), old).same == 3
    some = accept(old, new, found, ids=["N", "IRQ257611"])
    assert list(some["id"]) == ["IRQ25761", "IRQ257612", "N"]
    assert some["tags"][0] == ""


def test_an_id_that_two_datasets_use_is_told_apart_and_one_of_the_same_dataset_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    own = "id,date_start,event_type,place\n1,2021-07-29,rocket_attack,Baghdad\n"
    folder.joinpath("a.csv").write_text(own, encoding="utf-8")
    acled_file(folder / "b.csv", [{**samples.ACLED_ROW, "event_id_cnty": "1"}])
    acled_file(folder / "c.csv", [{**samples.ACLED_ROW, "event_id_cnty": "1"}])
    folder.joinpath("d.csv").write_text("id,date,town\n1,2021-07-29,Erbil\n2,2021-07-29,Erbil\n", encoding="utf-8")
    folder.joinpath("e.csv").write_text("id,day,place,who\n1,2021-07-29,Mosul,x\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    report = import_report([folder], place=False, out=out)
    assert (report["read"], report["kept"]) == (6, 5)
    assert [(row["file"], row["column"]) for file in report["files"] for row in file["rejected"]] == [
        ("c.csv", "event_id_cnty")
    ]
    again = import_file(out).reading
    assert list(again.records["id"]) == ["1", "acled-1", "unknown-1", "2", "unknown-2-1"]
    assert again.rejected == ()


def test_a_column_only_one_version_has_is_no_change_of_every_record() -> None:
    old = pd.DataFrame({"id": ["1"], "place": ["A"], "x": ["1"]})
    new = pd.DataFrame({"id": ["1"], "place": ["A"], "y": ["1"]})
    found = compare(old, new)
    assert (found.changes, found.columns_added, found.columns_withdrawn, found.same) == ((), ("y",), ("x",), 1)


def test_likely_duplicates_are_proposed_with_reasons_and_never_merged(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    acled_file(folder / "acled.csv", [{**samples.ACLED_ROW, "fatalities": "5", "actor1": "IS"}])
    far = {**samples.UCDP_ROW, "id": "2", "latitude": "36.19", "longitude": "44.01", "where_coordinates": "Erbil"}
    later = {**samples.UCDP_ROW, "id": "3", "date_start": "2021-09-01 00:00:00", "date_end": "2021-09-01 00:00:00"}
    folder.joinpath("ged.csv").write_text(samples.csv_text(ucdp.COLUMNS, samples.UCDP_ROW, far, later))
    report = import_report([folder], place=False)
    assert report["kept"] == 4
    assert [(pair["one"], pair["two"]) for pair in report["likely_duplicates"]] == [("IRQ25761", "412345")]
    reasons = "; ".join(report["likely_duplicates"][0]["reasons"])
    assert "the same day" in reasons
    assert "4 km apart" in reasons
    assert "the same actor, IS" in reasons
    assert "5 killed in both" in reasons


def test_records_of_a_whole_year_are_no_duplicates_of_its_days(tmp_path: Path) -> None:
    one = import_file(acled_file(tmp_path / "a.csv", [samples.ACLED_ROW])).reading.records
    two = one.assign(date_start="2021", id="x")
    assert likely_duplicates(one, two) == ()
    assert likely_duplicates(one, one.assign(id="y"))[0].score > 0.7


def placed(records: pd.DataFrame) -> pd.DataFrame:
    known = records["latitude"] != ""
    return pd.DataFrame({"longitude": np.where(known, 44.0, np.nan), "reason": np.where(known, "", "no place named")})


def test_the_report_adds_up_and_names_everything(tmp_path: Path) -> None:
    source = acled_file(tmp_path / "a.csv", BAD)
    out, refused = tmp_path / "records.csv", tmp_path / "refused"
    report = import_report([source], geocode=placed, out=out, quarantine=refused)
    assert report["read"] == report["kept"] + report["rejected"] == 4
    assert (report["placed"], report["not_placed"], report["written"]) == (2, 0, 2)
    [table] = report["files"]
    assert (table["profile"], table["encoding"]) == ("acled", "utf-8")
    assert table["rejected"][0] == {
        "file": "a.csv", "line": 3, "column": "event_date", "value": "2021-02-30",
        "reason": "'2021-02-30' is not in the calendar",
        "fix": "write 2021, 2021-07 or 2021-07-29, or leave the cell empty",
        "code": "bad_date_start", "others": [],
    }  # fmt: skip
    assert {"sub_event_type", "fatalities"} <= set(table["carried"])
    assert table["mapping"]["killed"] == ["fatalities"]
    assert table["mapping"]["date_start"] == ["event_date", "time_precision"]
    mapped = {name for sources in table["mapping"].values() for name in sources}
    assert not mapped & set(table["unmapped"])
    assert set(acled.COLUMNS) - mapped == set(table["unmapped"]), "every column is one or the other"
    assert {"tags", "iso", "timestamp"} <= set(table["unmapped"])
    assert [flag["records"] for flag in table["flags"]] == [1]
    assert list(refused.iterdir())
    json.dumps(report, ensure_ascii=False)


def test_written_records_are_read_back_as_ours_without_losing_a_column(tmp_path: Path) -> None:
    for name, (text, _) in samples.FILES.items():
        source = tmp_path / name
        source.write_text(text, encoding="utf-8", newline="")
        out = tmp_path / "out.csv"
        import_report([source], place=False, out=out, choices=None)
        first, again = import_file(source).reading.records, import_file(out)
        assert (again.profile, again.reading.rejected) == ("own", ()), name
        back = again.reading.records.drop(columns="line")
        assert back.to_dict("records") == first.drop(columns="line").to_dict("records"), name


@pytest.mark.bench
@pytest.mark.parametrize("spoilt", [False, True], ids=["regular", "irregular"])
def test_a_million_rows_of_acled(tmp_path: Path, spoilt: bool) -> None:
    """In a process of its own: a peak is a peak of everything that process did before."""
    row = {**samples.ACLED_ROW, "notes": samples.ACLED_ROW["notes"] + " A sentence of the report." * 18}
    header, one, _ = samples.csv_text(acled.COLUMNS, row).split("\n")
    quoted = one.replace("A sentence", '""A"" sentence\nof two lines, and')
    with (tmp_path / "acled.csv").open("w", encoding="utf-8") as file:
        file.write(header + "\n")
        for number in range(1_000_000):
            text = quoted if spoilt and number % 10 == 0 else one
            if spoilt and number % 1_000 == 7:
                text = text[: len(text) // 2]  # cut off, in the middle of an open quote
            text = text.replace("IRQ25761", f"IRQ{number}", 1).replace("33.3076", f"33.{number % 10_000:04d}", 1)
            file.write(text + "\n")
    program = (
        "import sys, time, resource\nfrom geodata.formats import import_file\nstart = time.monotonic()\n"
        "found = import_file(sys.argv[1])\n"
        "print(found.reading.read, len(found.reading.records), round(time.monotonic() - start, 1),"
        " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "acled.csv")], capture_output=True, check=True)
    read, kept, seconds, peak_gb = map(float, done.stdout.split())
    size_mb = (tmp_path / "acled.csv").stat().st_size / 1e6
    print(f"\n{kept:,.0f} of {read:,.0f} rows of ACLED, {size_mb:.0f} MB: {seconds} s, {peak_gb:.2f} GB")
    assert (kept, seconds <= 60, peak_gb <= 3) == (999_000 if spoilt else 1_000_000, True, True)
