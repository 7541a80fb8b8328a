"""The Places view: four ways to decide a place, what becomes of the records, and the file that keeps it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import numpy as np
import pytest
from atlas_page import Atlas
from conftest import OpenPage, Server, Start
from nominatim_service import Service, answering
from playwright.sync_api import Locator, expect
from small_store import csv_file, ids, row

from dashboard import places_view
from geodata.coordinates import write_coordinates
from geodata.current import current_dataset
from geodata.data_files import DATA_VARIABLE
from geodata.dataset import load_dataset
from geodata.decided import place_texts
from geodata.decisions import Decisions, decisions_path
from geodata.errors import FileError
from geodata.making import shared_geocoder
from geodata.place_review import review
from geodata.selection import Selection

#: One wording of two records that no gazetteer has, an ambiguous one, a source with swapped axes, and two plain ones.
ROWS = [
    row("a", "2021-07-01", "Zzyzx Ford", admin1="", country=""),
    row("b", "2021-07-02", "zzyzx  ford", admin1="", country=""),
    row("c", "2021-07-03", "Mansura", country="Syria"),
    row("d", "2021-07-04", "Somewhere swapped", country="Iraq", latitude="44.40", longitude="33.34"),
    row("e", "2021-07-05", "Erbil", admin1="Erbil", country="Iraq"),
    row("f", "2021-07-06", "Mosul", admin1="Ninewa", country="Iraq"),
]


class Places:
    """The Places view of an open page."""

    def __init__(self, atlas: Atlas, file: Path) -> None:
        self.atlas = atlas
        self.page = atlas.page
        self.file = file

    @property
    def view(self) -> Locator:
        return self.page.locator(".st-key-places")

    def show(self) -> None:
        self.page.get_by_role("tab", name="Places", exact=True).click()
        expect(self.view).to_be_visible()

    def open(self, line: int, name: str) -> None:
        """Choose a line of the list; it is painted on a canvas, so it is clicked where its box stands."""
        grid = self.view.get_by_test_id("stDataFrame")
        expect(grid.locator("canvas").first).to_be_visible()
        grid.scroll_into_view_if_needed()
        box = grid.bounding_box()
        assert box
        self.page.mouse.click(box["x"] + 16, box["y"] + 35 + 34 * line + 17)
        expect(self.view.get_by_role("heading")).to_have_text(name)

    def type(self, label: str, text: str) -> None:
        box = self.view.get_by_label(label, exact=True)
        box.fill(text)
        box.press("Enter")

    def sign(self, name: str, why: str) -> None:
        self.type("Your name", name)
        self.type("Why", why)

    def button(self, key: str) -> Locator:
        return self.atlas.widget(key).get_by_role("button")

    def press(self, key: str) -> None:
        expect(self.button(key)).to_be_enabled()
        self.button(key).click()

    def counts(self, text: str) -> None:
        expect(self.page.get_by_text(text, exact=True)).to_be_visible()

    def proof(self, record_id: str) -> str:
        """What the record view says of where a record lies."""
        found = self.page.request.get(f"{urljoin(self.page.url, '/')}api/incident/{record_id}").json()
        where = next(part for part in found["sections"] if part["title"].startswith("Where"))
        return "\n".join(item["text"] for item in where["items"])

    def way(self, name: str) -> None:
        self.view.get_by_role("radio", name=name).click()

    def kept(self) -> list[dict[str, str]]:
        with decisions_path(self.file).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def done(self, text: str) -> None:
        expect(self.view.get_by_text(text)).to_be_visible()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return csv_file(tmp_path_factory.mktemp("records") / "incidents.csv", ROWS)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with answering() as made:
        yield made


@pytest.fixture(scope="module")
def server(serve: Start, file: Path, service: Service) -> Server:
    return serve("--data", file, "--online", service.host, "--contact", "desk@example.org")


@pytest.fixture
def places(server: Server, open_page: OpenPage, file: Path) -> Places:
    """Open the view with nothing decided: the running server notices that the file is gone."""
    decisions_path(file).unlink(missing_ok=True)
    found = Places(Atlas.open(open_page(), server.url, load_dataset(file).store), file)
    found.counts("4 of 6 records shown · 2 not placed · 0 rejected")
    found.show()
    return found


# --- the list -------------------------------------------------------------------------------------------------------


def test_nothing_is_open_at_first_and_the_list_counts_by_reason(places: Places) -> None:
    expect(places.view.get_by_text("Choose a line of the list")).to_be_visible()
    for name in ("Unplaced 1", "Ambiguous 1", "Flagged 1"):
        expect(places.view.get_by_role("button", name=name)).to_be_visible()
    expect(places.atlas.map).to_have_attribute("data-candidates", "0")
    assert not decisions_path(places.file).exists()


# --- four ways to decide --------------------------------------------------------------------------------------------


def test_a_candidate_is_chosen_and_the_proof_says_who_decided_when_and_why(places: Places) -> None:
    places.open(1, "Mansura")
    expect(places.atlas.map).to_have_attribute("data-candidates", "7")
    expect(places.atlas.frame.locator(".atlas-candidate")).to_have_text(list("1234567"))
    places.sign("A. Analyst", "the video shows Hama")
    places.press("places_candidate_2")
    places.done("1 record is placed at Mansura now")
    (kept,) = places.kept()
    assert (kept["place"], kept["country"], kept["by"], kept["why"]) == (
        "Mansura", "Syria", "A. Analyst", "the video shows Hama",
    )  # fmt: skip
    proof = places.proof("c")
    assert f"A. Analyst decided on {kept['on'][:10]}: the video shows Hama." in proof
    assert "(decision, score 1.00)" in proof
    assert placement(places.file, "c")["admin1_id"] == "SY.hama"


def test_typed_coordinates_place_every_record_with_that_wording(places: Places) -> None:
    places.open(0, "Zzyzx Ford")
    expect(places.view.get_by_text("2 records")).to_be_visible()
    places.sign("A. Analyst", "ford by the bridge")
    places.way("Type coordinates")
    places.type("Coordinates", "38SMB4425589229")
    expect(places.view.locator("strong", has_text="33.34")).to_be_visible()
    places.press("places_here")
    places.counts("6 of 6 records shown · 0 rejected")
    places.done("2 records are placed at 33.34")
    (kept,) = places.kept()
    assert (kept["choice"], kept["precision"]) == ("point", "site")
    assert write_coordinates(float(kept["longitude"]), float(kept["latitude"]), "mgrs") == "38SMB4425589229"
    assert [line["id"] for line in load_dataset(places.file).report()["not_placed"]] == []


def test_a_click_on_the_map_is_taken_only_while_it_is_asked_for(places: Places) -> None:
    places.open(0, "Zzyzx Ford")
    places.atlas.map.click(position={"x": 420, "y": 160})
    places.way("Click the map")
    expect(places.atlas.map).to_have_attribute("data-picking", "true")
    expect(places.atlas.map).to_have_attribute("data-point", "")
    expect(places.button("places_here")).to_be_disabled()
    longitude, latitude = places.atlas.map.evaluate(
        "() => { const at = incidentAtlas.state.map.containerPointToLatLng([420, 160]); return [at.lng, at.lat]; }"
    )
    places.atlas.map.click(position={"x": 420, "y": 160})
    expect(places.atlas.map).not_to_have_attribute("data-point", "")
    places.sign("A. Analyst", "")
    places.press("places_here")
    places.counts("6 of 6 records shown · 0 rejected")
    (kept,) = places.kept()
    assert (float(kept["longitude"]), float(kept["latitude"])) == pytest.approx((longitude, latitude), abs=0.02)
    expect(places.atlas.drawer).to_be_hidden()
    expect(places.atlas.map).to_have_attribute("data-picking", "false")


def test_a_place_is_left_unplaced_and_that_is_undone(places: Places) -> None:
    places.open(1, "Mansura")
    places.sign("A. Analyst", "withdrawn")
    places.way("Leave unplaced")
    places.press("places_leave")
    places.counts("3 of 6 records shown · 3 not placed · 0 rejected")
    assert "Left unplaced: A. Analyst decided on" in places.proof("c")
    assert [line["choice"] for line in places.kept()] == ["unplaced"]
    places.press("places_undo")
    places.counts("4 of 6 records shown · 2 not placed · 0 rejected")
    assert places.kept() == []
    assert placement(places.file, "c")["admin1_id"] == "SY.raqqa"


def test_a_proposed_point_wins_over_the_source_that_has_its_axes_swapped(places: Places) -> None:
    places.open(2, "Somewhere swapped")
    expect(places.view.get_by_role("alert")).to_contain_text("Latitude and longitude are swapped")
    places.sign("A. Analyst", "axes")
    places.press("places_fix_0")
    places.done("1 record is placed at 33.34")
    assert placement(places.file, "d")["country_id"] == "IQ"


def test_a_named_service_is_asked_when_the_reader_presses_and_never_places_by_itself(
    places: Places, service: Service
) -> None:
    places.open(0, "Zzyzx Ford")
    places.way("Ask online")
    expect(places.view.get_by_text(f"1 place text will be sent to {service.host}")).to_be_visible()
    assert service.asked == []
    places.press("places_ask")
    expect(places.atlas.map).to_have_attribute("data-candidates", "1")
    places.view.get_by_text("Qwertzabad, Anbar, Iraq (village)").click()
    expect(places.atlas.map).to_have_attribute("data-point", "43.3,33.4")
    assert service.texts == ["Zzyzx Ford"]
    assert not decisions_path(places.file).exists()
    places.type("Your name", "A. Analyst")
    places.press("places_here")
    places.counts("6 of 6 records shown · 0 rejected")
    (kept,) = places.kept()
    assert kept["why"] == f"Proposed by {service.host}: Qwertzabad, Anbar, Iraq (ODbL)"
    assert kept["why"] in places.proof("a")


# --- what can go wrong ----------------------------------------------------------------------------------------------


def test_a_decision_without_a_name_is_refused_and_what_was_typed_stays(places: Places) -> None:
    places.open(0, "Zzyzx Ford")
    places.way("Type coordinates")
    places.type("Coordinates", "33.5, 43.5")
    places.press("places_here")
    expect(places.view.get_by_text("needs to say who took it")).to_be_visible()
    expect(places.view.get_by_label("Coordinates", exact=True)).to_have_value("33.5, 43.5")
    assert not decisions_path(places.file).exists()


def test_a_file_that_cannot_be_written_is_told_and_what_was_typed_stays(places: Places, server: Server) -> None:
    # What a read-only folder does to root too: the file that is written first cannot be made.
    path = decisions_path(places.file)
    barrier = path.with_name(f".{path.name}.{server.process.pid}.part")
    barrier.mkdir()
    places.open(0, "Zzyzx Ford")
    places.sign("A. Analyst", "seen")
    places.way("Type coordinates")
    places.type("Coordinates", "33.5, 43.5")
    places.press("places_here")
    expect(places.view.get_by_text("could not be written")).to_be_visible()
    expect(places.view.get_by_label("Why", exact=True)).to_have_value("seen")
    places.counts("4 of 6 records shown · 2 not placed · 0 rejected")
    barrier.rmdir()
    places.press("places_here")
    places.counts("6 of 6 records shown · 0 rejected")


def test_the_name_is_remembered_from_one_place_to_the_next(places: Places) -> None:
    places.open(0, "Zzyzx Ford")
    places.sign("A. Analyst", "for this one only")
    places.open(1, "Mansura")
    expect(places.view.get_by_label("Your name", exact=True)).to_have_value("A. Analyst")
    expect(places.view.get_by_label("Why", exact=True)).to_have_value("")
    places.page.get_by_role("tab", name="Table", exact=True).click()
    expect(places.atlas.map).to_have_attribute("data-candidates", "0")
    places.show()
    expect(places.view.get_by_label("Your name", exact=True)).to_have_value("A. Analyst")


def test_a_decision_of_another_program_is_followed_without_a_restart(places: Places) -> None:
    other = Decisions(decisions_path(places.file))
    other.choose("ZZYZX FORD", "point", longitude=43.5, latitude=33.5, by="B. Other")
    places.page.reload()
    places.counts("6 of 6 records shown · 0 rejected")


# --- without a browser ----------------------------------------------------------------------------------------------


def placement(file: Path, record_id: str) -> dict[str, Any]:
    store = load_dataset(file).store
    return dict(store.placements_at(np.array([store.find_row(record_id)])).iloc[0])


def test_decisions_survive_a_new_import_and_are_found_by_the_search(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "incidents.csv", ROWS)
    Decisions(decisions_path(file)).choose("Zzyzx Ford", "gn:99072", by="A. Analyst", why="a spelling of Mosul")
    csv_file(file, [row("z", "2021-08-01", "  ZZYZX ford"), *ROWS[::-1]])
    dataset = load_dataset(file)
    assert {line["id"] for line in dataset.report()["not_placed"]} == set()
    found = dataset.store.ask(Selection(search="Mosul")).rows
    assert set(ids(dataset.store, found)) == {"z", "a", "b", "f"}
    assert dataset.notes[-1] == "Decisions about places kept in incidents.places.csv: 1."


def test_sound_coordinates_of_a_source_win_over_a_decision_and_the_list_says_so(tmp_path: Path) -> None:
    rows = [row("a", place="Somewhere", country="Iraq", latitude="33.34", longitude="44.40")]
    file = csv_file(tmp_path / "incidents.csv", rows)
    decisions = Decisions(decisions_path(file))
    decisions.choose("Somewhere", "unplaced", country="Iraq", by="A. Analyst")
    store = load_dataset(file).store
    assert placement(file, "a")["method"] == "source coordinates"
    (group,) = review(store, place_texts(store), shared_geocoder(), decisions)
    assert (group.state, group.flags[0].code) == ("flagged", "idle_decision")


def test_only_the_records_as_they_are_show_wordings_of_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = csv_file(tmp_path / "incidents.csv", ROWS)
    monkeypatch.setenv(DATA_VARIABLE, str(file))
    assert places_view.can_show(current_dataset())
    assert not places_view.can_show(replace(current_dataset(), store=load_dataset(file).store))


def test_a_broken_decisions_file_is_told_with_its_name(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "incidents.csv", ROWS)
    decisions_path(file).write_text("<<<<<<< ours\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"incidents\.places\.csv"):
        load_dataset(file)


def test_undoing_gives_back_the_very_placements_from_before(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "incidents.csv", ROWS)
    before = load_dataset(file).store.places
    decisions = Decisions(decisions_path(file))
    decisions.choose("Mansura", "unplaced", country="Syria", by="A. Analyst")
    assert not load_dataset(file).store.places.equals(before)
    decisions.undo("Mansura", country="Syria")
    assert load_dataset(file).store.places.equals(before)
