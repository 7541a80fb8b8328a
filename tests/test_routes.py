"""The map's own door: JSON for what is shown, one record, a place, another zoom; clear words for what is broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from asgi_client import Reply, ask
from small_store import row, small_dataset, spot_of
from starlette.applications import Starlette

from dashboard import routes
from dashboard.viewport import zoom_of
from geodata.dataset import Dataset

ARABIC = "حادثة/٢٠٢١ #1"
ROWS = (
    row("a", place="embassy", summary="One."),
    row("b", "2021-07-30", "embassy", event_type="drone_attack", claimed_by="X"),
    row("c", "2021-08", "anbar", event_type="threat"),
    row("d", "", "iraq", event_type="threat"),
    row("e", place="nowhere"),
    row(ARABIC, "2021-09-01", "erbil", summary="صاروخ {{7*7}} <b>"),
)
BOX = "bbox=30,20,60,45&zoom=6"
APP = Starlette(routes=routes.ROUTES)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return small_dataset(ROWS, rejected=2)


@pytest.fixture(autouse=True)
def _small(dataset: Dataset) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "current_dataset", lambda: dataset)
        yield


def get(path: str) -> Reply:
    return ask(APP, path)


# --- what is shown --------------------------------------------------------------------------------------------------


def test_everything_shown_is_geojson_with_its_counts() -> None:
    reply = get("/api/incidents")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/geo+json")
    body = reply.json()
    assert body["type"] == "FeatureCollection"
    assert sorted(feature["id"] for feature in body["features"]) == sorted(["a", "b", "c", "d", ARABIC])
    counts = body["counts"]
    assert (counts["read"], counts["rejected"], counts["shown"], counts["hidden"]) == (8, 2, 5, {"not placed": 1})
    assert body["sentence"] == "Incidents at any time."
    assert body["problems"] == []


def test_a_query_narrows_and_is_written_back() -> None:
    query = urlencode([("from", "2021-07-01"), ("to", "2021-07-31"), ("type", "drone_attack")])
    body = get(f"/api/incidents?{query}").json()
    assert [feature["id"] for feature in body["features"]] == ["b"]
    assert body["view"] == query
    assert sum(body["counts"]["hidden"].values()) + 1 + 2 == 8


def test_what_cannot_be_read_in_a_query_is_told() -> None:
    body = get("/api/incidents?type=rockets&zoo=1").json()
    assert len(body["features"]) == 5
    assert len(body["problems"]) == 2


def test_an_answer_is_never_kept_by_a_cache() -> None:
    assert get("/api/incidents").headers["cache-control"] == "no-store"
    assert get("/api/incident/a").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/incidents", f"/api/cells?{BOX}", f"/api/drawing?{BOX}", "/api/facilities"])
def test_numbers_are_plain_json(path: str) -> None:
    json.loads(get(path).body, parse_constant=lambda word: pytest.fail(f"holds {word}"))


# --- one record -----------------------------------------------------------------------------------------------------


def test_one_record_is_described() -> None:
    body = get("/api/incident/b").json()
    assert (body["id"], body["title"]) == ("b", "Drone attack, 2021-07-30")


@pytest.mark.parametrize("record_id", [ARABIC])
def test_an_id_with_a_slash_and_arabic_letters_is_found(record_id: str) -> None:
    reply = get(f"/api/incident/{quote(record_id, safe='')}")
    assert (reply.status, reply.json()["id"]) == (200, record_id)


@pytest.mark.parametrize("record_id", ["nobody", "a ", "A", "../a", "a/", "%00", "x" * 5000])
def test_an_unknown_id_is_told_by_name(record_id: str) -> None:
    reply = get(f"/api/incident/{quote(record_id, safe='')}")
    assert reply.status == 404
    assert repr(record_id[:80]) in reply.json()["error"]
    assert len(reply.json()["error"]) < 200


def test_text_travels_as_it_is_written() -> None:
    assert get(f"/api/incident/{quote(ARABIC, safe='')}").json()["summary"] == "صاروخ {{7*7}} <b>"


# --- a place --------------------------------------------------------------------------------------------------------


def spot(dataset: Dataset, record_id: str) -> int:
    return int(spot_of(dataset.store)[dataset.store.find_row(record_id)])


def test_a_place_lists_its_records(dataset: Dataset) -> None:
    body = get(f"/api/spots/{spot(dataset, 'a')}").json()
    assert (body["name"], body["total"], body["first"], body["last"]) == (
        "US Embassy Baghdad", 2, "2021-07-29", "2021-07-30",
    )  # fmt: skip
    assert [record["id"] for record in body["records"]] == ["a", "b"]
    assert body["precision"].startswith("Known to: site.")


def test_several_places_are_listed_together_and_the_filters_hold(dataset: Dataset) -> None:
    both = f"{spot(dataset, 'a')},{spot(dataset, ARABIC)}"
    body = get(f"/api/spots/{both}").json()
    assert (body["name"], body["total"]) == ("2 places", 3)
    assert body["precision"] == "Known to: site, town."
    assert get(f"/api/spots/{both}?type=drone_attack").json()["total"] == 1


def test_a_place_whose_records_are_filtered_away_says_so(dataset: Dataset) -> None:
    reply = get(f"/api/spots/{spot(dataset, 'a')}?type=meeting")
    assert reply.status == 404
    assert "the filters have changed" in reply.json()["error"]


@pytest.mark.parametrize(
    ("spots", "status"), [("999", 404), ("-1", 404), ("x", 400), ("1,", 400), ("1.5", 400), ("9" * 5000, 400)]
)
def test_a_place_that_does_not_exist_is_told(spots: str, status: int) -> None:
    reply = get(f"/api/spots/{spots}")
    assert reply.status == status
    assert reply.json()["error"]


def test_a_crowded_place_lists_its_first_records_and_counts_all(
    monkeypatch: pytest.MonkeyPatch, dataset: Dataset
) -> None:
    monkeypatch.setattr(routes, "MOST_LISTED", 1)
    body = get(f"/api/spots/{spot(dataset, 'a')}").json()
    assert (len(body["records"]), body["total"], body["last"]) == (1, 2, "2021-07-30")


# --- cells and drawings ---------------------------------------------------------------------------------------------


def test_cells_add_up_to_what_is_shown() -> None:
    body = get(f"/api/cells?{BOX}").json()
    assert body["shown"] == body["counts"]["shown"] == 5
    assert sum(part[2] for name in ("cells", "areas", "margin") for part in body[name]) == 5


def test_a_drawing_is_grouped_for_the_zoom_that_is_asked_for() -> None:
    far, near = (get(f"/api/drawing?bbox=30,20,60,45&zoom={zoom}&reader=r1").json() for zoom in (0, 14))
    assert far["shown"] == near["shown"] == 5
    assert len(far["marks"]) < len(near["marks"]) == 3
    assert zoom_of("r1", 0) == 14


def test_a_drawing_says_which_view_it_is_of() -> None:
    body = get(f"/api/drawing?{BOX}&type=threat&colour=claimed&map=44,33,9").json()
    assert (body["query"], body["colourBy"]) == ("type=threat&colour=claimed", "claimed")
    assert body["shown"] == 2
    assert body["marginNames"] == ["Iraq"]


@pytest.mark.parametrize("route", ["/api/cells", "/api/drawing"])
@pytest.mark.parametrize(
    "query",
    [
        "", "bbox=1,2,3&zoom=5", "bbox=a,b,c,d&zoom=5", "bbox=30,20,60,45", "bbox=30,20,60,45&zoom=x",
        "bbox=60,20,30,45&zoom=5", "bbox=30,45,60,20&zoom=5", "bbox=30,20,60,45&zoom=20", "bbox=30,20,60,45&zoom=-1",
        "bbox=nan,20,60,45&zoom=5", "bbox=30,20,inf,45&zoom=5", "bbox=30,20,60,45&zoom=nan", "bbox=30,-91,60,45&zoom=5",
    ],
)  # fmt: skip
def test_a_broken_box_or_zoom_is_refused_in_words(route: str, query: str) -> None:
    reply = get(f"{route}?{query}")
    assert reply.status == 400
    assert "expected" in reply.json()["error"]


# --- files ----------------------------------------------------------------------------------------------------------


def test_base_layers_are_served_and_unknown_ones_are_told() -> None:
    reply = get("/assets/basemap/governorates.geojson")
    assert (reply.status, reply.json()["type"]) == (200, "FeatureCollection")
    unknown = get("/assets/basemap/moon.geojson")
    assert unknown.status in (400, 404)
    assert "moon" in unknown.json()["error"]


@pytest.mark.parametrize(
    "path", ["/assets/../routes.py", "/assets/%2e%2e/routes.py", "/assets/..%2f..%2fpyproject.toml"]
)
def test_no_file_outside_the_assets_is_served(path: str) -> None:
    assert get(path).status in (400, 404)


def test_our_own_scripts_are_served() -> None:
    assert get("/assets/js/atlas.js").status == 200


def test_facilities_have_a_place() -> None:
    facilities = get("/api/facilities").json()["facilities"]
    assert len(facilities) > 50
    assert all(18 < one["longitude"] < 72 and 8 < one["latitude"] < 46 for one in facilities)
