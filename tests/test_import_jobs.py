"""Imports in a process of their own: what is left for a person to decide, stopped without a trace, hostile names."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from pathlib import Path

import pytest

from geodata import import_work
from geodata.errors import FileError, QueryError
from geodata.fetched import HOSTS_VARIABLE
from geodata.import_jobs import DONE, FAILED, RUNNING, STOPPED, ImportJob, ImportJobs, safe_name
from geodata.import_result import read_report, read_result
from geodata.import_work import choices_of, run_import

COLLEAGUE = b"when,where,what went on\n2021-07-29,Erbil,shots\n2021-08-40,Mosul,fire\n"


class Upload(io.BytesIO):
    """Bytes with a name, as a browser sends them."""

    def __init__(self, name: str, body: bytes) -> None:
        super().__init__(body)
        self.name = name


@pytest.fixture
def jobs(tmp_path: Path) -> ImportJobs:
    return ImportJobs(tmp_path / "incoming")


def wait(job: ImportJob) -> str:
    deadline = time.monotonic() + 60
    while job.state == RUNNING and time.monotonic() < deadline:
        time.sleep(0.05)
    return job.state


def test_an_import_leaves_records_report_refused_rows_and_the_first_rows(jobs: ImportJobs) -> None:
    (job,) = jobs.take_in([Upload("colleague.csv", COLLEAGUE)])
    assert wait(job) == DONE, job.error()
    report = job.report()
    assert (report["read"], report["kept"], report["rejected"], report["placed"]) == (2, 1, 1, 1)
    assert report["questions"] == ["columns"]
    (table,) = report["tables"]
    assert [(row["file"], row["line"], row["column"], row["value"]) for row in table["rejected"]] == [
        ("colleague.csv", 3, "when", "2021-08-40")
    ]
    assert job.heads()[0].columns == ("when", "where", "what went on")
    assert read_result(job.result).records["place"].tolist() == ["Erbil"]
    assert "2021-08-40" in (job.result / "rejected-1.csv").read_text(encoding="utf-8")
    jobs.drop(job)
    assert (jobs.all(), list(jobs.folder.iterdir())) == ((), [])


def test_a_stopped_import_ends_at_once_and_can_begin_again(jobs: ImportJobs) -> None:
    (job,) = jobs.take_in([Upload("colleague.csv", COLLEAGUE)])
    (job.unpacked / "half.csv").write_text("what an archive held")
    begun = time.monotonic()
    job.stop()
    assert (job.state, time.monotonic() - begun < 5) == (STOPPED, True)
    assert not job.unpacked.exists()
    job.start()
    assert wait(job) == DONE


def run(tmp_path: Path, body: bytes, **asked: object) -> ImportJob:
    """Do the work of an import in this process, which is quicker."""
    (tmp_path / "result").mkdir()
    file = tmp_path / "a.csv"
    file.write_bytes(body)
    run_import([file], tmp_path / "result", choices_of(asked), lambda *_: None)
    return ImportJob(tmp_path, "a.csv", (file,))


def test_columns_chosen_by_a_person_are_read(tmp_path: Path) -> None:
    mapping = {"columns": {"date_start": "b", "place": "a"}, "order": "month-first"}
    job = run(tmp_path, b"a,b\nErbil,03/04/2021\n", mapping=mapping)
    assert read_result(job.result).records["date_start"].tolist() == ["2021-03-04"]


def test_each_record_says_its_file_and_a_column_of_that_name_stays(tmp_path: Path) -> None:
    job = run(tmp_path, b"date,place,file\n2021-03-04,Erbil,theirs\n")
    assert read_result(job.result).records[["file", "file (file)"]].to_numpy().tolist() == [["a.csv", "theirs"]]


def test_a_table_that_tells_nothing_leaves_its_first_rows_to_choose_from(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="say which columns"):
        run(tmp_path, b"a,b\n1,2\n")
    job = ImportJob(tmp_path, "a.csv", ())
    assert (job.state, job.heads()[0].columns) == (FAILED, ("a", "b"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.csv", "a.csv"),
        ("a\u202evsc.exe", "avsc.exe"),
        ("\x00\n", "file"),
        ("..", "file"),
        ("x" * 300 + ".csv", "x" * 108 + ".csv"),
        ("سجل الحوادث.csv", "سجل الحوادث.csv"),
    ],
)
def test_a_name_stays_in_its_folder_and_shows_as_what_it_is(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_parts_of_a_shapefile_are_one_import(jobs: ImportJobs) -> None:
    found = jobs.take_in([Upload("m.shp", b"x"), Upload("m.dbf", b"x"), Upload("other.dbf", b"x")])
    assert [job.name for job in found] == ["m.shp", "other.dbf"]
    for job in found:
        jobs.drop(job)


def test_an_address_is_refused_before_anything_is_asked(jobs: ImportJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOSTS_VARIABLE, raising=False)
    with pytest.raises(QueryError, match="switched on"):
        jobs.take_address("https://data.example/a.csv")
    assert jobs.all() == ()


def test_a_large_file_is_read_in_a_process_that_ends_before_its_records_are_placed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What reading took would else be held while records are placed: 4.1 GB at a million records."""

    def never_here(*_: object) -> None:
        msg = "the file was read in the process that places its records"
        raise AssertionError(msg)

    monkeypatch.setattr(import_work, "_READ_APART_BYTES", 0)
    monkeypatch.setattr(import_work, "_read", never_here)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    columns = {"date_start": "when", "place": "where", "event_type": "what went on"}
    asked = {"mapping": {"columns": columns, "order": None}}
    for name, body in (("colleague.csv", COLLEAGUE), ("names.csv", COLLEAGUE.splitlines(keepends=True)[0])):
        (tmp_path / name).write_bytes(body)
        out = tmp_path / f"result of {name}"
        out.mkdir()
        request = {"paths": [str(tmp_path / name)], "out": str(out), "choices": asked, "address": "", "hosts": []}
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(request).encode())))
        import_work.main()

    report = read_report(tmp_path / "result of colleague.csv")
    assert (report["read"], report["kept"], report["rejected"], report["placed"]) == (2, 1, 1, 1)
    told = json.loads((tmp_path / "result of names.csv" / import_work.ERROR_FILE).read_text(encoding="utf-8"))
    assert told["error"].startswith("names.csv holds the names of its columns and no row below them")


def test_each_step_is_told_at_once(tmp_path: Path) -> None:
    tell = import_work._teller(tmp_path)
    told = []
    for doing, share in (("recognising", 0.28), ("mapping", 0.29)):
        tell(doing, share)
        told.append(json.loads((tmp_path / import_work.PROGRESS_FILE).read_text(encoding="utf-8")))

    assert told == [{"doing": "recognising", "share": 0.28}, {"doing": "mapping", "share": 0.29}]
