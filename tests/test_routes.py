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
from dashboard.viewport import place_of
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


@pytest.mark.parametrize("path", ["/api/incidents", f"/api/cells?{BOX}", f"/api/drawing?{BOX}", "/api/drawing-kit"])
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


def test_a_symbol_lists_its_records(dataset: Dataset) -> None:
    body = get(f"/api/mark/{spot(dataset, 'a')}?zoom=14").json()
    assert (body["name"], body["places"], body["total"]) == ("US Embassy Baghdad", 1, 2)
    assert (body["first"], body["last"]) == ("2021-07-29", "2021-07-30")
    assert [record["id"] for record in body["records"]] == ["a", "b"]
    assert body["precision"].startswith("Known to: site.")


def test_a_group_lists_the_records_of_all_its_places_and_the_filters_hold(dataset: Dataset) -> None:
    # At zoom 0 the embassy and Erbil lie under one symbol; any of its places names it.
    for record_id in ("a", ARABIC):
        body = get(f"/api/mark/{spot(dataset, record_id)}?zoom=0").json()
        assert (body["name"], body["places"], body["total"]) == ("2 places", 2, 3)
        assert body["precision"] == "Known to: site, town."
    assert get(f"/api/mark/{spot(dataset, 'a')}?zoom=0&type=drone_attack").json()["total"] == 1


def test_a_badge_of_the_margin_lists_its_records(dataset: Dataset) -> None:
    assert get(f"/api/mark/{spot(dataset, 'd')}?zoom=6").json()["total"] == 1


def test_a_symbol_whose_records_are_filtered_away_says_so(dataset: Dataset) -> None:
    reply = get(f"/api/mark/{spot(dataset, 'a')}?zoom=6&type=meeting")
    assert reply.status == 404
    assert "the filters have changed" in reply.json()["error"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("999?zoom=6", 404), ("-1?zoom=6", 404), ("x?zoom=6", 404), ("1.5?zoom=6", 404), ("0", 400), ("0?zoom=x", 400),
        ("0?zoom=99", 400), (f"{'9' * 300}?zoom=6", 404),
    ],
)  # fmt: skip
def test_a_symbol_that_does_not_exist_is_refused(path: str, status: int) -> None:
    assert get(f"/api/mark/{path}").status == status


def test_a_crowded_place_lists_its_first_records_and_counts_all(
    monkeypatch: pytest.MonkeyPatch, dataset: Dataset
) -> None:
    monkeypatch.setattr(routes, "MOST_LISTED", 1)
    body = get(f"/api/mark/{spot(dataset, 'a')}?zoom=14").json()
    assert (len(body["records"]), body["total"], body["last"]) == (1, 2, "2021-07-30")


# --- cells and drawings ---------------------------------------------------------------------------------------------


def test_cells_add_up_to_what_is_shown() -> None:
    body = get(f"/api/cells?{BOX}").json()
    assert body["shown"] == body["counts"]["shown"] == 5
    assert sum(part[2] for name in ("cells", "areas", "margin") for part in body[name]) == 5


def test_a_drawing_is_grouped_for_the_zoom_that_is_asked_for() -> None:
    far, near = (get(f"/api/drawing?zoom={zoom}").json() for zoom in (0, 14))
    assert far["shown"] == near["shown"] == 5
    assert len(far["marks"]["spot"]) < len(near["marks"]["spot"]) == 3


def test_the_map_tells_which_part_a_reader_sees() -> None:
    assert get("/api/viewport?map=44.4,33.3,9.5&reader=r1").status == 200
    assert place_of("r1", (0.0, 0.0, 0.0)) == (44.4, 33.3, 9.5)


@pytest.mark.parametrize("query", ["", "map=", "map=44,33", "map=x,y,z", "map=nan,33,5", "map=44,33,99"])
def test_a_part_of_the_map_that_cannot_be_read_is_refused(query: str) -> None:
    reply = get(f"/api/viewport?{query}")
    assert reply.status == 400
    assert "expected" in reply.json()["error"]


def test_a_ring_lies_around_its_point() -> None:
    ring = get("/api/reach?lon=44.4&lat=33.3&km=50").json()
    longitudes = [point[0] for point in ring["geometry"]["coordinates"][0]]
    assert min(longitudes) < 44.4 < max(longitudes)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lon=44&lat=33",
        "lon=x&lat=33&km=5",
        "lon=44&lat=33&km=-5",
        "lon=44&lat=99&km=5",
        "lon=44&lat=33&km=1e99",
        "lon=inf&lat=33&km=5",
    ],
)
def test_a_ring_that_cannot_be_drawn_is_refused_in_words(query: str) -> None:
    reply = get(f"/api/reach?{query}")
    assert reply.status == 400
    assert reply.json()["error"]


@pytest.mark.parametrize("within", ["x", "nan", "1e9"])
def test_surroundings_out_of_range_are_refused_in_words(within: str) -> None:
    reply = get(f"/api/incident/a?within={within}")
    assert reply.status == 400
    assert "within=" in reply.json()["error"]


def test_a_drawing_says_which_view_it_is_of() -> None:
    body = get(f"/api/drawing?{BOX}&type=threat&colour=claimed&map=44,33,9").json()
    assert (body["query"], body["colourBy"]) == ("type=threat&colour=claimed", "claimed")
    assert body["shown"] == 2
    assert body["marginNames"] == ["Iraq (threat)"]


BAD_BOXES = (
    "", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=60,20,30,45", "bbox=30,45,60,20", "bbox=nan,20,60,45", "bbox=30,20,inf,45",
    "bbox=30,-91,60,45",
)  # fmt: skip
BAD_ZOOMS = ("", "zoom=x", "zoom=20", "zoom=-1", "zoom=nan", "zoom=inf")


@pytest.mark.parametrize(
    "path",
    [*(f"/api/cells?zoom=5&{bad}" for bad in BAD_BOXES), *(f"/api/cells?bbox=30,20,60,45&{bad}" for bad in BAD_ZOOMS)]
    + [f"/api/drawing?{bad}" for bad in BAD_ZOOMS],
)
def test_a_broken_box_or_zoom_is_refused_in_words(path: str) -> None:
    reply = get(path)
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
    facilities = get("/api/drawing-kit").json()["facilities"]
    assert len(facilities) > 50
    assert all(18 < one["longitude"] < 72 and 8 < one["latitude"] < 46 for one in facilities)
