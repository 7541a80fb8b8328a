"""The Data tab: files dropped in, columns chosen, versions taken over, one event counted once; each can be undone."""

from __future__ import annotations

import csv
import io
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from atlas_page import SCROLL_TO, Atlas
from conftest import OpenPage, Server, Start
from formats_samples import ACLED_ROW
from playwright.sync_api import Locator, expect
from small_store import csv_file, row, small_store

from dashboard.imported import place_of_records, switch, switched_on
from dashboard.session import FILTER_KEYS, WINDOW_KEY, follow_span
from geodata.current import LiveDataset
from geodata.library import Library
from geodata.store import Store

ERBIL = {"admin1": "Erbil", "country": "Iraq"}
OURS = [
    row("a", "2021-02-15", "Erbil", latitude="36.19", longitude="44.01", **ERBIL),
    row("b", "2021-03-01", "Mosul", admin1="Ninewa", country="Iraq"),
]
COLLEAGUE = "c1,c2,c3\n03/04/2021,Kirkuk,two rockets\n05/04/2021,Basra,a bomb\n,Tikrit,undated\n"
AGAIN = "c3,c2,c1\na drone,Najaf,13/05/2021\n"


def acled(*rows: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(ACLED_ROW))
    writer.writeheader()
    writer.writerows({**ACLED_ROW, **cells} for cells in rows)
    return text.getvalue().encode()


ERBIL_ATTACK = {
    "event_id_cnty": "IRQ1",
    "event_date": "2021-02-15",
    "location": "Erbil",
    "admin1": "Erbil",
    "latitude": "36.19",
    "longitude": "44.01",
    "notes": "A rocket landed in Erbil.",
}
SOON = "soon :material/map: http://e.example **x**"
OLD = acled(
    ERBIL_ATTACK, {"event_id_cnty": "IRQ2"}, {"event_id_cnty": "IRQ3"}, {"event_id_cnty": "IRQ4", "event_date": SOON}
)
NEW = acled(
    {**ERBIL_ATTACK, "notes": "Rockets {{7*7}} landed in Erbil."}, {"event_id_cnty": "IRQ2"}, {"event_id_cnty": "IRQ5"}
)


class Data:
    """The Data tab of an open page."""

    def __init__(self, atlas: Atlas, live: LiveDataset) -> None:
        self.atlas, self.page, self.live = atlas, atlas.page, live

    @property
    def view(self) -> Locator:
        return self.page.locator(".st-key-data")

    def button(self, name: str) -> Locator:
        return self.view.get_by_role("button", name=name)

    def drop(self, name: str, body: bytes) -> None:
        file: Any = {"name": name, "mimeType": "text/csv", "buffer": body}
        self.view.locator("input[type=file]").set_input_files(file)

    def see(self, text: str) -> None:
        expect(self.view.get_by_text(text).first).to_be_visible()

    def settle(self) -> None:
        """Wait until nothing is drawn anew any more, which would close a list that is open."""
        expect(self.page.locator(".stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def field(self, name: str) -> Locator:
        return self.view.locator(f"[class*='st-key-field_{name}_']").get_by_role("combobox")

    def choose(self, name: str, column: str) -> None:
        self.settle()
        box = self.field(name)
        box.evaluate(SCROLL_TO)
        box.fill(column)
        self.page.get_by_role("option", name=column, exact=True).click()

    def shows_all(self) -> int:
        """Hold that the page shows what the server's datasets say now; give how many marks are drawn."""
        self.atlas.store = self.live.dataset().store
        self.atlas.agrees()
        return int(self.atlas.map.get_attribute("data-marks") or -1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return csv_file(tmp_path_factory.mktemp("records") / "incidents.csv", OURS)


@pytest.fixture(scope="module")
def server(start_server: Start, file: Path, home: Path) -> Server:
    program = str(Path(sys.executable).with_name("incidents"))
    command = [program, "serve", "--port", "{port}", "--data", str(file)]
    return start_server(command, env={"INCIDENT_ATLAS_HOME": str(home)})


@pytest.fixture
def data(server: Server, open_page: OpenPage, file: Path, home: Path) -> Data:
    library = Library(home / "datasets")
    for kept in library.datasets():
        library.remove(kept.name)
    live = LiveDataset([file], library)
    found = Data(Atlas.open(open_page(), server.url, live.dataset().store), live)
    found.page.get_by_role("button", name="Add data").click()
    expect(found.view).to_be_visible()
    return found


def test_a_table_nobody_described_is_mapped_shown_and_the_next_one_recognised(data: Data) -> None:
    before = data.shows_all()
    expect(data.view.get_by_text("Address of a file")).to_have_count(0)
    data.drop("colleague.csv", COLLEAGUE.encode())
    data.see("Which column holds what?")
    expect(data.button("Show on the map")).to_have_count(0)
    expect(data.field("date_start")).to_have_value("c1")  # by what its cells hold
    data.choose("place", "c2")
    data.see("Not read, but kept with each record: c3.")
    data.choose("summary", "c3")
    data.see("Not read, but kept with each record: none.")
    data.see("Nothing in the whole column tells the day from the month")
    data.view.get_by_text("Day first: 03/04/2021 is 3 April").click()
    data.view.get_by_label("Name of this profile").fill("Colleague's log")
    data.view.get_by_label("Name of this profile").press("Enter")
    data.button("Read the file like this").click()
    data.see("read 3 = kept 3 + rejected 0 · placed 3, not placed 0")
    data.button("Show on the map").click()
    data.see("colleague.csv is on the map: 3 records.")
    assert data.live.dataset().store.records.column("summary").tolist().count("two rockets") == 1
    assert data.shows_all() == before + 3
    data.drop("next month.csv", AGAIN.encode())
    data.see("the saved profile")
    expect(data.button("Show on the map")).to_be_visible()
    expect(data.view.get_by_text("Which column holds what?")).to_have_count(0)
    data.button("Discard").click()
    expect(data.button("Show on the map")).to_have_count(0)


def test_a_second_dataset_is_counted_honestly_renewed_in_part_and_each_step_undone(data: Data) -> None:
    data.drop("acled.csv", OLD)
    data.see("read 4 = kept 3 + rejected 1 · placed 3, not placed 0")
    data.settle()
    refused_row = data.view.get_by_role("table").get_by_role("row").last
    expect(refused_row).to_contain_text("is not a date")
    cells = [text.strip() for text in refused_row.inner_text().replace("\u2060", "").split("\t")]
    assert cells[:3] == ["5", "event_date", SOON], "as written: no icon, no link, no bold type"
    expect(refused_row.get_by_role("link")).to_have_count(0)
    with data.page.expect_download() as download:
        data.button("Download the rejected rows").click()
    assert download.value.suggested_filename == "acled rejected.csv"
    refused = list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))
    assert [(one["event_id_cnty"], one["rejected: value"]) for one in refused] == [("IRQ4", SOON)]
    data.button("Show on the map").click()
    data.see("acled.csv is on the map: 3 records.")
    first = data.shows_all()
    mended_rows_join_their_dataset_and_leave_again(data, refused[0])
    one_event_is_counted_once_until_that_is_undone(data)
    some_of_a_newer_version_is_taken_over_and_undone(data)
    assert data.shows_all() == first
    answer = data.atlas.change(data.view.get_by_text("acled.csv", exact=True).first.click, to="dataset=incidents.csv")
    assert answer.counts.hidden == {"other datasets": 3}


def mended_rows_join_their_dataset_and_leave_again(data: Data, refused: dict[str, str]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(refused))
    writer.writeheader()
    writer.writerow({**refused, "event_date": "2021-02-16"})
    data.drop("acled rejected.csv", text.getvalue().encode())
    data.see("rows that acled.csv refused, mended: they join its 3 records")
    data.see("1 new, 0 changed in 0 fields, 0 withdrawn, 3 the same")
    data.button("Take over 1 of 1").click()
    data.see("acled.csv is at version 2")
    data.see("read 4 = kept 4 + rejected 0")
    data.shows_all()
    data.button("Details").click()
    data.page.get_by_role("button", name="Undo version 2").click()
    data.see("read 4 = kept 3 + rejected 1")
    data.shows_all()


def one_event_is_counted_once_until_that_is_undone(data: Data) -> None:
    both = attacks(data)
    data.button("Same event, count the left").click()
    data.see("Decided: 1")
    data.shows_all()
    assert attacks(data) == both - 1
    data.view.get_by_text("Decided: 1").click()
    data.button("Undo").click()
    data.see("Same event, count the left")
    data.shows_all()
    assert attacks(data) == both


def some_of_a_newer_version_is_taken_over_and_undone(data: Data) -> None:
    data.drop("acled 2.csv", NEW)
    data.see("1 new, 1 changed in 1 field, 1 withdrawn, 1 the same")
    data.see("Rockets {{7*7}} landed in Erbil.")
    data.button("Take none").click()
    expect(data.button("Take over 0 of 3")).to_be_disabled()
    data.view.get_by_text("changed IRQ1").click()
    data.button("Take over 1 of 3").click()
    data.see("acled.csv is at version 2")
    data.shows_all()
    assert "{{7*7}}" in summary(data, "IRQ1")
    assert summary(data, "IRQ3")
    data.button("Details").click()
    data.page.get_by_role("button", name="Undo version 2").click()
    data.see("acled.csv is back at version 1.")
    data.shows_all()
    assert "{{7*7}}" not in summary(data, "IRQ1")


def summary(data: Data, record_id: str) -> str:
    store = data.live.dataset().store
    return store.records.row(store.find_row(record_id))["summary"]


def attacks(data: Data) -> int:
    return data.live.dataset().store.ask(data.atlas.answer().selection).counts.attacks.low


# --- without a browser ----------------------------------------------------------------------------------------------


def test_the_last_dataset_stays_on_and_all_on_is_no_filter() -> None:
    state: dict[Any, Any] = {}
    names = ["a", "b"]
    switch(state, names, "a", on=False)
    assert switched_on(state, names) == {"b"}
    switch(state, names, "b", on=False)
    assert state[FILTER_KEYS["dataset"]] == ["b"]
    switch(state, names, "a", on=True)
    assert state[FILTER_KEYS["dataset"]] == []


def store_of(*days: str) -> Store:
    return small_store([row(day, day) for day in days])


def test_a_window_over_everything_follows_new_records_and_another_stays() -> None:
    march, april, long_ago = date(2021, 3, 1), date(2021, 4, 1), date(2020, 1, 1)
    small, large = store_of("2021-03-01", "2021-04-01"), store_of("2020-01-01", "2021-04-01")
    state: dict[Any, Any] = {WINDOW_KEY: (march, april)}
    follow_span(state, small)
    follow_span(state, large)
    assert state[WINDOW_KEY] == (long_ago, april)
    state[WINDOW_KEY] = (march, march)
    follow_span(state, small)
    assert state[WINDOW_KEY] == (march, march)


def test_the_map_moves_to_where_nearly_all_records_lie() -> None:
    place = place_of_records(store_of("2021-03-01"))
    assert place is not None
    assert place[:2] == pytest.approx((44.387, 33.3), abs=0.01)
