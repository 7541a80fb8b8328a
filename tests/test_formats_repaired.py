"""Refused rows of every layout, written with their reasons, mended by hand, and dropped in again."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import formats_samples as samples
import pytest

from geodata.formats import Imported, import_file, write_quarantine
from geodata.formats.datasets import acled, gdelt, gtd, ucdp
from geodata.formats.quarantine import REASON, TEXT

Row = dict[str, Any]


def text_of(columns: tuple[str, ...], row: Row, key: str, **layout: Any) -> Callable[[Row], str]:
    return lambda bad: samples.csv_text(columns, {**row, key: f"{row[key]}0"}, {**row, **bad}, **layout)


def airwars(bad: Row) -> str:
    events: list[Any] = [copy.deepcopy(samples.AIRWARS_INCIDENTS[0]) for _ in range(2)]
    events[1]["acf"]["unique_reference_code"] = "XX0098"
    events[1]["acf"]["killed_injured_civilian_non_combatants"].update(bad)
    return json.dumps(events)


def timemap(bad: Row) -> str:
    return json.dumps([{**samples.TIMEMAP_EVENTS[0], **bad}, samples.TIMEMAP_EVENTS[1]])


def liveuamap(bad: Row) -> str:
    [venue] = samples.LIVEUAMAP["venues"]  # type: ignore[misc]
    return json.dumps({"venues": [venue, {**venue, "id": 1, **bad}]})


def acled_answer(bad: Row) -> str:
    """What ACLED's own service answers: a list inside an object, numbers as numbers."""
    row = {**samples.ACLED_ROW, "year": 2021, "fatalities": 0, "latitude": 33.3076}
    return json.dumps({"status": 200, "count": 2, "data": [{**row, "event_id_cnty": "I2"}, {**row, **bad}]})


def geojson(bad: Row) -> str:
    place = {"type": "Point", "coordinates": [44.39, 33.3]}
    said = {"date_start": "2021-07-29", "event_type": "rocket_attack", "place": "Baghdad", "x": {"a": [1, "2"]}}
    rows = [{"type": "Feature", "id": f"g{n}", "geometry": place, "properties": {**said, **more}}
            for n, more in enumerate(({}, bad))]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": rows})


GDELT_ROWS = ({**samples.GDELT_ROW, "GLOBALEVENTID": "5"}, samples.GDELT_ROW)
#: Name of a file, what writes it, a cell that cannot be read, its column in the file, and what was meant.
REFUSED: dict[str, tuple[Callable[[Row], str], Row, str, str]] = {
    "acled.csv": (
        text_of(acled.COLUMNS, samples.ACLED_ROW, "event_id_cnty", delimiter=";"),
        {"event_date": "2021-02-30"}, "event_date", "2021-07-29",
    ),
    "ged.csv": (text_of(ucdp.COLUMNS, samples.UCDP_ROW, "id", header=False), {"best": "many"}, "best", "5"),
    "gtd.csv": (text_of(gtd.COLUMNS, samples.GTD_ROW, "eventid"), {"imonth": "13"}, "imonth", "7"),
    "a.export.CSV": (
        lambda bad: samples.tabs(gdelt.COLUMNS_2, GDELT_ROWS[0], {**GDELT_ROWS[1], **bad}),
        {"SQLDATE": "20211329"}, "SQLDATE", "20210729",
    ),
    "timemap.json": (timemap, {"date": "13/45/2021"}, "date", "7/29/2021"),
    "airwars.json": (
        airwars, {"killed_min": "many"}, "acf.killed_injured_civilian_non_combatants.killed_min", "2",
    ),
    "liveuamap.json": (liveuamap, {"timestamp": "soon"}, "timestamp", "1627516800"),
    "acled.json": (acled_answer, {"event_date": "2021-02-30"}, "event_date", "2021-07-29"),
    "own.geojson": (geojson, {"date_start": "2021-02-30"}, "date_start", "2021-07-29"),
}  # fmt: skip


def refused_rows(source: Path, out: Path) -> list[dict[str, str]]:
    """Import a file, write what was refused, and read that as a person would."""
    table = import_file(source).tables[0]
    write_quarantine(table, out)
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=table.detail.get("delimiter", ",")))


def dropped_in_again(out: Path, rows: list[dict[str, str]], sign: str = ",") -> Imported:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=sign)
        writer.writeheader()
        writer.writerows(rows)
    return import_file(out)


@pytest.mark.parametrize("name", REFUSED)
def test_a_mended_row_is_the_record_it_would_have_been(tmp_path: Path, name: str) -> None:
    write, bad, column, meant = REFUSED[name]
    for folder, text in (("good", write({})), ("bad", write(bad))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text, encoding="utf-8", newline="")
    source, out = tmp_path / "bad" / name, tmp_path / "rejected.csv"
    refused = import_file(source)
    [problem] = refused.reading.rejected
    assert (problem.column, problem.value) == (column, next(iter(bad.values())))
    assert problem.reason
    assert problem.fix
    assert refused.reading.read == len(refused.reading.records) + 1 == 2
    [row] = refused_rows(source, out)
    again = dropped_in_again(out, [{**row, column: meant}], refused.tables[0].detail.get("delimiter", ","))
    assert (again.profile, again.reading.rejected) == (refused.profile, ())
    kept = again.reading.records.drop(columns="line")
    wanted = import_file(tmp_path / "good" / name).reading.records.drop(columns="line")
    assert kept.to_dict("records") == wanted[wanted["id"] == kept["id"][0]].to_dict("records")


LINE = samples.csv_text(acled.COLUMNS, samples.ACLED_ROW).splitlines()[1]
OBJECT = json.dumps(samples.ACLED_ROW)
BROKEN = {
    "quote.csv": (samples.csv_text(acled.COLUMNS, samples.ACLED_ROW), LINE.replace('"On', '"On "'), LINE),
    "wide.csv": (samples.csv_text(acled.COLUMNS, samples.ACLED_ROW), f"{LINE},extra", LINE),
    "short.csv": (samples.csv_text(acled.COLUMNS, samples.ACLED_ROW), LINE[: LINE.index(",Iraq")], LINE),
    "lines.jsonl": (f"{OBJECT}\n{OBJECT.replace('25761', '2')}\n", OBJECT[:-20], f'{OBJECT[:-1]}, "further": "x"}}'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_row_that_could_not_be_cut_is_no_record_until_it_is_mended(tmp_path: Path, name: str) -> None:
    good, broken, whole = BROKEN[name]
    source, out = tmp_path / name, tmp_path / "rejected.csv"
    source.write_text(f"{good}{broken}\n", encoding="utf-8")
    [row] = refused_rows(source, out)
    assert row[TEXT] == broken, "the whole row, as the file has it"
    untouched = dropped_in_again(out, [row])
    assert (untouched.profile, len(untouched.reading.records)) == ("acled", 0)
    [problem] = untouched.reading.rejected
    assert problem.reason.endswith(f"is not mended yet: {row[REASON]}")
    [twice] = refused_rows(out, tmp_path / "twice.csv")
    told = (REASON, "rejected: line", "rejected: fix")
    assert {name: twice[name] for name in twice if name not in told} == {
        name: row[name] for name in row if name not in told
    }
    first = import_file(source).reading.records.iloc[0]
    for mended in ({**row, TEXT: whole}, {**row, **samples.ACLED_ROW, TEXT: ""}):
        record = dropped_in_again(out, [mended]).reading.records.iloc[0]
        assert {name: record[name] for name in first.index if name != "line"} == first.drop("line").to_dict()
    if "further" in whole:
        assert dropped_in_again(out, [{**row, TEXT: whole}]).reading.records["further"][0] == "x"
