"""Records to marks and legend: nothing lost, nothing twice, nothing drawn more exactly than it is known."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_records import random_rows, random_selections
from small_store import Row, area, ids, point, row, small_dataset, small_store, spot_of

from dashboard.drawing import Drawing, draw
from dashboard.grouping import LEAST_AREA_PX, LEAST_GAP, MOST_COMPARED
from dashboard.marks import Mark
from dashboard.products.data import records_geojson
from dashboard.symbols import (
    DRAWN_AS,
    POINTS,
    ZONE_RADIUS_M,
)
from dashboard.view import COLOUR_BY, View
from geodata.boundaries import load_boundaries
from geodata.cells import mercator_px
from geodata.dataset import Dataset, load_dataset
from geodata.incident import PRECISIONS
from geodata.reach import nearby
from geodata.selection import Selection, Window
from geodata.store import Store

SEVEN = (
    row("a", place="embassy", claimed_by="X", confidence="low"),
    row("b", place="embassy", claimed_by="X; Y", event_type="drone_attack"),
    row("c", place="airport", claimed_by="Y", confidence="low"),
    row("d", "2021-07", "harir"),
    row("e", place="anbar", event_type="threat"),
    row("f", place="iraq", event_type="threat"),
    row("g", place="nowhere"),
)


@pytest.fixture(scope="module")
def store() -> Store:
    return small_store(SEVEN)


@pytest.fixture(scope="module")
def real() -> Dataset:
    return load_dataset(Path(__file__).parents[1] / "incidents.csv")


def drawn(store: Store, view: View | None = None, zoom: float | None = None) -> Drawing:
    asked = view or View()
    return draw(store, store.ask(asked.selection, by=asked.colour_by), asked, zoom=zoom)


def every(drawing: Drawing) -> list[Mark]:
    return [*drawing.marks, *drawing.margin]


# --- read off seven records -----------------------------------------------------------------------------------------


def test_each_precision_is_drawn_in_its_own_way(store: Store) -> None:
    marks = {mark.name: mark for mark in every(drawn(store))}
    assert {name: (mark.drawn_as, mark.count) for name, mark in marks.items()} == {
        "US Embassy Baghdad": ("pin", 2),
        "Baghdad Airport": ("pin", 1),
        "Harir": ("disc", 1),
        "Anbar": ("area", 1),
        "Iraq": ("margin", 1),
    }
    assert marks["Anbar"].area_id == "IQ.anbar"
    assert marks["Harir"].radius_m == PRECISIONS["town"].radius_m


def test_a_badge_of_a_country_stands_in_the_margin_and_not_on_the_map(store: Store) -> None:
    drawing = drawn(store)
    assert [mark.name for mark in drawing.margin] == ["Iraq"]
    assert "Iraq" not in {mark.name for mark in drawing.marks}


def test_the_shape_says_the_type_and_a_mix_has_none(store: Store) -> None:
    shapes = {mark.name: mark.shape for mark in every(drawn(store))}
    assert shapes["US Embassy Baghdad"] == ""
    assert shapes["Baghdad Airport"] == "rocket_attack"
    assert shapes["Iraq"] == "threat"


def test_the_legend_counts_what_is_drawn(store: Store) -> None:
    drawing = drawn(store)
    assert {c.label: c.count for c in drawing.categories if c.count} == {
        "Rocket attack": 3,
        "Drone attack": 1,
        "Threat": 2,
    }
    assert {p.value: p.count for p in drawing.precisions} == {"site": 3, "town": 1, "governorate": 1, "country": 1}
    assert {s.value: s.count for s in drawing.shapes} == {"rocket_attack": 3, "drone_attack": 1, "threat": 2}
    assert drawing.shown == 6


def test_a_record_with_two_claimants_is_a_category_of_its_own(store: Store) -> None:
    drawing = drawn(store, View(colour_by="claimed"))
    assert {c.label: c.count for c in drawing.categories} == {"not recorded": 3, "X": 1, "X and Y": 1, "Y": 1}
    assert drawing.legend_title == "Colour: claimant"


def test_a_value_keeps_its_colour_whatever_is_selected(store: Store) -> None:
    few = drawn(store, View(colour_by="claimed", selection=Selection(search="airport")))
    colour = {c.value: c.colour for c in drawn(store, View(colour_by="claimed")).categories}
    assert {c.value: c.colour for c in few.categories} == colour
    assert len({colour["X"], colour["Y"], colour[""]}) == 3


def test_marks_say_when_all_their_records_are_weak_or_only_may_belong(store: Store) -> None:
    view = View(selection=Selection(window=Window(date(2021, 7, 29), date(2021, 7, 29))))
    marks = {mark.name: mark for mark in every(drawn(store, view))}
    assert {name for name, mark in marks.items() if mark.possible} == {"Harir"}
    assert {name for name, mark in marks.items() if mark.low_confidence} == {"Baghdad Airport"}
    assert drawn(store, view).possible == 1
    assert drawn(store).possible == 0


def test_near_places_become_one_group_that_falls_apart_when_drawn_nearer(store: Store) -> None:
    far = [mark for mark in drawn(store, zoom=4).marks if mark.drawn_as == "group"]
    assert [(mark.count, len(mark.spots), mark.name) for mark in far] == [(3, 2, "2 places")]
    assert drawn(store, zoom=4).is_grouped
    assert not drawn(store, zoom=14).is_grouped
    assert not drawn(store, zoom=None).is_grouped


def test_a_threat_never_shares_a_mark_with_what_happened_at_its_place() -> None:
    mixed = small_store([row("hit"), row("said", event_type="threat"), row("could", event_type="capability")])
    for zoom in (None, 3.0, 9.0):
        drawing = drawn(mixed, zoom=zoom)
        assert {(mark.drawn_as, mark.count, mark.potential) for mark in drawing.marks} == {
            ("pin", 1, False),
            ("zone", 2, True),
        }
        assert drawing.signs == ("zone",)


@pytest.mark.parametrize(
    ("place", "drawn_as", "radius_m"),
    [
        ("embassy", "zone", ZONE_RADIUS_M),
        ("near taji", "zone", 15_000.0),
        ("anbar", "area", None),
        ("iraq", "margin", None),
    ],
)
def test_a_threat_is_an_area_however_exactly_its_place_is_known(
    place: str, drawn_as: str, radius_m: float | None
) -> None:
    mark = every(drawn(small_store([row("said", place=place, event_type="threat")]), zoom=7.0))[0]
    assert (mark.drawn_as, mark.potential) == (drawn_as, True)
    assert radius_m is None or mark.radius_m == radius_m


def test_near_zones_become_one_that_holds_them_all() -> None:
    mark = drawn(small_store(row(p, place=p, event_type="threat") for p in ("embassy", "airport")), zoom=4.0).marks[0]
    apart, _ = nearby(44.3870, 33.3000, [(44.2340, 33.2620), mark.centre], within_m=1e6)
    assert (mark.drawn_as, mark.count, len(mark.spots)) == ("zone", 2, 2)
    assert mark.radius_m >= ZONE_RADIUS_M + apart.distance_m


def test_the_sign_of_a_zone_stands_on_its_edge_clear_of_what_happened_inside() -> None:
    store = small_store([*(row(f"hit{n}") for n in range(30)), row("said", event_type="threat")])
    zone, pile = sorted(drawn(store, zoom=8.0).marks, key=lambda mark: mark.count)
    x, y = mercator_px(np.array([zone.longitude, pile.longitude]), np.array([zone.latitude, pile.latitude]), 8.0)
    assert np.hypot(x[0] - x[1], y[0] - y[1]) > zone.size_px + pile.size_px


@pytest.mark.parametrize(
    ("selection", "expired"),
    [
        (Selection(), 0),  # the records end in August, before its term
        (Selection(window=Window(date(2021, 7, 1), date(2021, 12, 31))), 0),
        (Selection(window=Window(date(2021, 7, 1), date(2022, 1, 31))), 1),
        (Selection(window=Window(date(2021, 7, 1), date(2022, 1, 31)), known_on=date(2021, 12, 1)), 0),
    ],
)
def test_a_threat_fades_when_its_term_had_run_out_at_the_end_of_the_time_shown(
    selection: Selection, expired: int
) -> None:
    rows = [row("term", event_type="threat", expires="2021-12-31"), row("open", event_type="threat", place="harir")]
    drawing = drawn(small_store([*rows, row("later", "2021-08-30")]), View(selection=selection))
    assert drawing.expired == expired
    assert {mark.name for mark in drawing.marks if mark.expired} == ({"US Embassy Baghdad"} if expired else set())
    assert ("expired" in drawing.signs) == bool(expired)


def test_a_capability_outlines_the_countries_it_is_said_to_reach(real: Dataset) -> None:
    drawing = drawn(real.store, View(selection=Selection(filters={"type": frozenset({"capability"})})))
    assert not drawing.marks
    assert [(mark.label, mark.reach) for mark in drawing.margin] == [
        ("Israel, Jordan, Kuwait, Saudi Arabia, Turkey (reach)", ("IL", "JO", "KW", "SA", "TR"))
    ]
    assert drawing.signs == ("reach",)


def test_nothing_selected_draws_nothing(store: Store) -> None:
    drawing = drawn(store, View(selection=Selection(search="no such thing")), zoom=6)
    assert (every(drawing), drawing.shown, drawing.possible) == ([], 0, 0)
    assert sum(c.count for c in drawing.categories) == 0


def test_density_is_made_only_when_its_layer_is_on(store: Store) -> None:
    assert drawn(store).density == ()
    assert sum(cell[4] for cell in drawn(store, View(context=frozenset({"density"}))).density) > 4


# --- what holds for every drawing -----------------------------------------------------------------------------------


def rows_of(drawing: Drawing, store: Store, rows: np.ndarray) -> Counter[int]:
    """Count in how many marks each row is."""
    spot = spot_of(store)[rows]
    return Counter(int(n) for mark in every(drawing) for n in rows[np.isin(spot, np.array(mark.spots, dtype=np.int64))])


def check(store: Store, view: View, zoom: float | None) -> Drawing:
    """Hold everything that is true of any drawing."""
    answer = store.ask(view.selection)
    drawing = draw(store, answer, view, zoom=zoom)
    shown = [int(n) for n in answer.rows]

    assert rows_of(drawing, store, answer.rows) == dict.fromkeys(shown, 1), "each record is in exactly one mark"
    assert drawing.rows(store, answer) == set(shown)
    assert drawing.shown == answer.counts.shown == sum(mark.count for mark in every(drawing))
    for part in (drawing.categories, drawing.shapes, drawing.precisions):
        assert sum(entry.count for entry in part) == len(shown)
    for mark in every(drawing):
        assert sum(n for _, n in mark.parts) == mark.count > 0
        assert [n for _, n in mark.parts] == sorted((n for _, n in mark.parts), reverse=True)
        precisions = {str(store.spots.precision[spot]) for spot in mark.spots}
        assert {bool(store.spots.potential[spot]) for spot in mark.spots} == {mark.potential}, "threats stand apart"
        if mark.drawn_as == "zone":
            assert mark.potential
            assert precisions <= set(POINTS)
            assert mark.radius_m >= ZONE_RADIUS_M
        elif mark.drawn_as == "group":
            assert len(mark.spots) > 1
            assert precisions <= set(POINTS), "an area is never part of a point"
        else:
            assert {DRAWN_AS[precision] for precision in precisions} == {mark.drawn_as}
    assert {mark.drawn_as for mark in drawing.margin} <= {"margin"}
    if zoom is not None:
        check_gaps([mark for mark in drawing.marks if mark.drawn_as not in ("area", "zone")], zoom)
    return drawing


def check_gaps(marks: list[Mark], zoom: float) -> None:
    x, y = mercator_px(np.array([m.longitude for m in marks]), np.array([m.latitude for m in marks]), zoom)
    radius = np.array([mark.size_px for mark in marks])
    for i in range(len(marks)):
        gaps = np.hypot(x[i + 1 :] - x[i], y[i + 1 :] - y[i]) / (radius[i + 1 :] + radius[i])
        # A group stands at the mean of its degrees, and was tested at the mean of its pixels: a hair apart.
        assert not len(gaps) or gaps.min() >= LEAST_GAP - 0.02


zooms = st.none() | st.floats(0, 19)


@settings(max_examples=60)
@given(random_rows(), random_selections(), zooms, st.sampled_from(list(COLOUR_BY)))
def test_every_shown_record_is_in_exactly_one_mark(
    rows: tuple[Row, ...], selection: Selection, zoom: float | None, colour_by: str
) -> None:
    check(small_store(rows), View(selection=selection, colour_by=colour_by), zoom)


@st.composite
def real_views(draw_: st.DrawFn) -> View:
    pick = st.sampled_from
    first = draw_(st.dates(date(2019, 9, 1), date(2021, 12, 31)))
    last = draw_(st.dates(first, date(2022, 1, 31)))
    values = {
        "type": ("rocket_attack", "drone_attack", "threat", "ied_attack"),
        "country": ("IQ", "SY", "KW"),
        "precision": ("site", "town", "near", "governorate", "country"),
        "claimed": ("", "Ashab al-Kahf", "Kata'ib Hezbollah"),
        "confidence": ("low", "medium"),
    }
    wanted = draw_(st.lists(pick(tuple(values)), max_size=2, unique=True))
    return View(
        selection=Selection(
            window=draw_(st.none() | st.just(Window(first, last))),
            filters={name: draw_(st.frozensets(pick(values[name]), max_size=2)) for name in wanted},
            search=draw_(pick(("", "", "baghdad", "بغداد", "hezbollah"))),
        ),
        colour_by=draw_(pick(tuple(COLOUR_BY))),
    )


@settings(max_examples=80)
@given(view=real_views(), zoom=st.floats(4, 17))
def test_the_screen_and_the_export_hold_the_same_records(real: Dataset, view: View, zoom: float) -> None:
    answer = real.store.ask(view.selection)
    drawing = check(real.store, view, zoom)
    exported = [feature["id"] for feature in records_geojson(real, answer, view)["features"]]
    assert len(exported) == len(set(exported))
    assert set(exported) == set(ids(real.store, drawing.rows(real.store, answer)))


@pytest.mark.parametrize("zoom", [4, 5, 6.4, 8, 10, 12.4, 15, 17])
def test_the_real_records_are_drawn_whole_at_every_zoom(real: Dataset, zoom: float) -> None:
    check(real.store, View(), zoom)


def test_an_exported_area_is_an_area_and_a_country_has_no_place() -> None:
    dataset = small_dataset(SEVEN)
    kinds = {
        feature["id"]: feature["geometry"] and feature["geometry"]["type"]
        for feature in records_geojson(dataset, dataset.store.ask(Selection()), View())["features"]
    }
    assert kinds == {"a": "Point", "b": "Point", "c": "Point", "d": "Point", "e": "Polygon", "f": None}


# --- many places ------------------------------------------------------------------------------------------------------


def test_more_places_than_a_map_can_carry_never_cover_each_other_either() -> None:
    assert len(check(scattered(MOST_COMPARED + 100), View(), 6).marks) < MOST_COMPARED / 4


def test_where_districts_crowd_none_is_lost_and_none_leaves_its_governorate() -> None:
    districts = [d for d in load_boundaries().areas("district") if d.country == "IQ"]
    places = {d.id: area(d.name, d.id, "district") for d in districts}
    store = small_store((row(d.id, place=d.id) for d in districts), places=places)
    marks = drawn(store, zoom=6.4).marks
    assert len(marks) < len(districts) / 2
    assert sum(mark.count for mark in marks) == len(districts)
    for mark in marks:
        inside = {str(store.spots.area_id[spot]) for spot in mark.spots}
        assert mark.drawn_as == "area"
        assert all(one == mark.area_id or one.startswith(f"{mark.area_id}.") for one in inside)
    few = [mark for mark in marks if len(mark.spots) == 1]
    assert few, f"a district of {LEAST_AREA_PX} px and more stands alone"


def scattered(n: int) -> Store:
    """Spread records over Iraq, each at its own place."""
    rng = np.random.default_rng(7)
    places = {
        f"p{i}": point(f"p{i}", 40 + 6 * rng.random(), 31 + 5 * rng.random(), "town", "IQ.anbar") for i in range(n)
    }
    return small_store((row(f"r{i}", place=f"p{i}") for i in range(n)), places=places)
