"""The picture pen: what it draws, where, and that nothing is lost or cut off."""

from __future__ import annotations

import math
import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from small_store import PLACES, area, point, row, small_store

from dashboard.drawing import draw
from dashboard.snapshot import Snapshot, compose, draw_map
from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.frame import Frame, choose_projection, frame_at, place_of
from dashboard.snapshot.grid import grid_lines
from dashboard.snapshot.ink import Sheet, drawing_settings
from dashboard.snapshot.labels import NamePen
from dashboard.snapshot.marks import DIVIDER_PX, HOLE, MOST_DIVIDED, hatch_path, pile
from dashboard.symbols import MOST_HATCHED_PX
from dashboard.view import View
from geodata.boundaries import BOX_WSEN, load_boundaries
from geodata.selection import Selection
from geodata.store import Store

SIZE = (560.0, 400.0)


def everywhere() -> Store:
    return small_store(
        [
            row("a1", place="embassy"),
            row("a2", place="embassy", event_type="threat"),
            row("b", place="airport", event_type="drone_attack", confidence="low"),
            row("c", place="erbil"),
            row("d", place="harir", event_type="ied_attack"),
            row("e", place="near taji"),
            row("f", place="musayyib"),
            row("g", place="baghdad governorate"),
            row("h", place="anbar"),
            row("i", place="iraq", event_type="statement"),
            row("j", place="part of syria"),
            row("k", place="nowhere"),
            row("l", place="tanf", day="2021-07"),
        ]
    )


def snapshot_of(store: Store, view: View | None = None, size: tuple[float, float] = SIZE) -> Snapshot:
    asked = view or View()
    answer = store.ask(asked.selection, by=asked.colour_by)
    with drawing_settings():
        frame, drawing = compose(store, answer, asked, size)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72))
        return draw_map(figure, (0, 0, *size), frame, drawing, asked)


def test_a_town_under_a_symbol_of_a_film_has_its_name_beside_it() -> None:
    frame = frame_at((43.12, 36.34, 9.0), SIZE)
    x, y = (float(v) for v in frame.to_paper(43.12, 36.34))
    symbol = (x - 7, y - 7, x + 7, y + 7)
    names = {}
    with drawing_settings():
        for aside_px in (0.0, 11.0):
            sheet = Sheet(Figure(figsize=(8, 6)), (0, 0, *SIZE))
            pen = NamePen(sheet, frame, 0.75, [], [symbol], aside_px=aside_px)
            pen.write_all(governorates=False, local_names=False)
            names[aside_px] = dict(pen.written)
    assert "Mosul" not in names[0.0]
    beside = shapely.box(*names[11.0]["Mosul"])
    assert 0 < beside.distance(shapely.Point(x, y)) < 20
    assert not beside.intersects(shapely.box(*symbol))


def test_the_picture_accounts_for_the_same_records_as_the_screen() -> None:
    store = everywhere()
    for view in (View(), View(place=(44.39, 33.31, 11.0)), View(selection=Selection(filters={"type": {"threat"}}))):
        answer = store.ask(view.selection, by=view.colour_by)
        screen = draw(store, answer, view, zoom=7.0).rows(store, answer)
        assert snapshot_of(store, view).rows(store, answer) == screen == set(answer.rows.tolist())


def test_a_place_outside_the_frame_is_told_and_not_drawn() -> None:
    shown = snapshot_of(everywhere(), View(place=(44.39, 33.31, 11.0)))
    assert "Erbil" in {mark.name for mark in shown.beyond}
    assert "Erbil" not in {p.mark.name for p in shown.placed}


def test_every_symbol_lies_whole_inside_the_frame() -> None:
    placed = snapshot_of(everywhere()).placed
    assert len(placed) >= 8
    for p in placed:
        assert p.r <= p.at_x <= SIZE[0] - p.r
        assert p.r <= p.at_y <= SIZE[1] - p.r


def test_symbols_that_would_hide_each_other_stand_apart() -> None:
    shown = snapshot_of(everywhere())
    assert len(shown.placed) >= 8
    for one, two in combinations(shown.placed, 2):
        assert math.hypot(one.at_x - two.at_x, one.at_y - two.at_y) >= 0.92 * (one.r + two.r)


def test_more_places_than_the_map_has_room_for_are_grouped_until_their_symbols_stand_apart() -> None:
    rng = np.random.default_rng(5)
    places = {
        f"p{k}": point(f"P{k}", *rng.uniform((40, 32), (46, 36)).tolist(), "site", "IQ.anbar") for k in range(900)
    }
    records = [row(f"{name}-{k}", place=name) for name in places for k in range(2)]
    store = small_store(records, places=places)
    shown = snapshot_of(store)
    assert len(shown.rows(store, store.ask(Selection()))) == len(records)
    assert sum((2 * p.r) ** 2 for p in shown.placed) < 0.36 * SIZE[0] * SIZE[1]
    overlaps = [
        (one, two)
        for one, two in combinations(shown.placed, 2)
        if math.hypot(one.at_x - two.at_x, one.at_y - two.at_y) < 0.9 * (one.r + two.r)
    ]
    assert len(overlaps) <= 0.02 * len(shown.placed)


@pytest.mark.parametrize("falling", [False, True])
def test_hatching_fills_a_shape_with_a_hole_and_stays_inside_it(falling: bool) -> None:
    ring = shapely.box(0, 0, 40, 30).difference(shapely.box(10, 10, 20, 20))
    ends = np.asarray(hatch_path(ring, 2.0, falling=falling).vertices).reshape(-1, 2, 2)
    lines = shapely.linestrings(ends)
    assert shapely.length(shapely.difference(lines, ring.buffer(1e-6))).sum() == pytest.approx(0, abs=1e-6)
    assert shapely.length(lines).sum() == pytest.approx(ring.area / 2.0, rel=0.02)
    across, up = (ends[:, 1] - ends[:, 0]).T
    assert np.allclose(up / across, -1 if falling else 1)


def test_a_symbol_that_hides_nothing_stays_at_its_place() -> None:
    shown = snapshot_of(small_store([row("a", place="erbil"), row("b", place="tanf")]))
    erbil = next(p for p in shown.placed if p.mark.name == "Erbil")
    assert math.hypot(erbil.at_x - erbil.x, erbil.at_y - erbil.y) < 1


def test_names_on_the_ground_do_not_collide() -> None:
    store = everywhere()
    answer = store.ask(Selection())
    with drawing_settings():
        frame, _ = compose(store, answer, View(), SIZE)
        pen = NamePen(Sheet(Figure(figsize=(8, 6)), (0, 0, *SIZE)), frame, 0.75, [])
        pen.write_all(governorates=True, local_names=True)
    boxes = [box for _, box in pen.written]
    assert len(boxes) > 20
    for index, (west, south, east, north) in enumerate(boxes):
        assert not any(
            west < other[2] and east > other[0] and south < other[3] and north > other[1] for other in boxes[:index]
        )


def test_the_capital_is_named_however_crowded_it_is() -> None:
    assert "Baghdad" in snapshot_of(everywhere()).names


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((35.0, 29.0, 49.0, 37.5), "Lambert conformal conic"),
        ((44.2, 33.1, 44.6, 33.5), "Transverse Mercator"),
        ((42.0, 24.0, 45.0, 40.0), "Transverse Mercator"),
    ],
)
def test_the_projection_suits_the_extent_and_is_never_web_mercator(box: tuple[float, ...], expected: str) -> None:
    crs, words = choose_projection((box[0], box[1], box[2], box[3]))
    assert words.startswith(expected)
    assert pyproj.CRS(crs).to_epsg() != 3857


@pytest.mark.parametrize("place", [(42.2, 33.9, 6.4), (44.387, 33.312, 12.4), (48.0, 30.0, 8.0), (36.0, 41.0, 5.0)])
def test_the_scale_is_true_at_the_centre_within_one_percent(place: tuple[float, float, float]) -> None:
    frame = frame_at(place, SIZE)
    half = 50.0
    longitude, latitude = frame.to_ground([SIZE[0] / 2 - half, SIZE[0] / 2 + half], [SIZE[1] / 2, SIZE[1] / 2])
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(longitude[0], latitude[0], longitude[1], latitude[1])
    assert 2 * half * frame.ground_m_per_pt == pytest.approx(metres, rel=0.01)


def test_a_view_with_a_place_shows_that_place_at_that_scale() -> None:
    frame = frame_at((44.0, 34.0, 8.0), SIZE)
    assert frame.centre == pytest.approx((44.0, 34.0), abs=1e-6)
    screen_m = 1_100 * 156_543.03392 * math.cos(math.radians(34.0)) / 2**8
    assert frame.ground_m_per_pt * SIZE[0] == pytest.approx(screen_m, rel=0.02)


def test_north_is_up_at_the_centre() -> None:
    frame = frame_at((43.37, 33.9, 6.4), SIZE)
    longitude, latitude = frame.centre
    x, _ = frame.to_paper([longitude, longitude], [latitude - 0.2, latitude + 0.2])
    assert abs(x[1] - x[0]) < 0.1


@pytest.mark.parametrize("zoom", [5.0, 6.4, 8.0, 10.0, 12.4, 14.0])
@pytest.mark.parametrize("size", [(560.0, 400.0), (500.0, 600.0), (900.0, 300.0)])
def test_each_axis_has_at_least_two_labelled_graticule_lines(zoom: float, size: tuple[float, float]) -> None:
    lines = grid_lines(frame_at((44.0, 33.5, zoom), size))
    for axis in "xy":
        edges = sorted(line.edge for line in lines if line.axis == axis and not math.isnan(line.edge))
        assert len(edges) >= 2
        assert all(b - a > 20 for a, b in pairwise(edges))


def test_paper_and_ground_are_each_other_s_inverse() -> None:
    frame: Frame = frame_at((43.0, 33.0, 7.0), SIZE)
    longitude, latitude = np.array([42.0, 43.5, 44.1]), np.array([32.0, 33.3, 34.2])
    back = frame.to_ground(*frame.to_paper(longitude, latitude))
    assert np.allclose(back, (longitude, latitude), atol=1e-8)


def test_bold_text_is_measured_wider_than_plain_text() -> None:
    with drawing_settings():
        assert text_width("Incidents in Iraq", 10, True) > text_width("Incidents in Iraq", 10)


def test_an_empty_answer_still_gives_a_map() -> None:
    shown = snapshot_of(everywhere(), View(selection=Selection(search="no such words")))
    assert shown.placed == ()
    assert "Baghdad" in shown.names


def test_parts_of_a_mix_are_told_apart_where_their_colours_look_alike() -> None:
    figure = Figure(figsize=(1, 1), dpi=288)
    Sheet(figure, (0, 0, 72, 72)).strokes(pile([("#555555", 6), ("#565656", 3), ("#555555", 1)], 36, 36, 26, 1.0))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
    turns = np.linspace(0, 2 * math.pi, 720, endpoint=False)
    middle = 4 * 26 * (1 + HOLE) / 2
    across, down = np.round(144 + middle * np.sin(turns)), np.round(144 - middle * np.cos(turns))
    picture = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]  # likewise
    light = picture[down.astype(int), across.astype(int), 0] > 200
    assert (light & ~np.roll(light, 1)).sum() == 3


def test_the_screen_divides_a_mix_as_the_paper_does() -> None:
    script = (Path(__file__).parents[1] / "dashboard/static/js/marks.js").read_text(encoding="utf-8")
    (hole,) = re.findall(r"const HOLE = ([\d.]+);", script)
    (most,) = re.findall(r"MOST_HATCHED_PX = (\d+);", script)
    assert float(most) == MOST_HATCHED_PX
    (gap, share) = re.findall(r"const DIVIDER_PX = ([\d.]+), MOST_DIVIDED = 1 / (\d+);", script)[0]
    assert (float(hole), float(gap), 1 / float(share)) == (HOLE, DIVIDER_PX, MOST_DIVIDED)


#: One place by the river Potomac beside those of the small store.
WITH_WASHINGTON = {**PLACES, "washington": point("Washington", -77.04, 38.89, "town", "")}


def test_a_place_overseas_is_told_beside_a_map_of_the_ground_that_is_mapped() -> None:
    snapshot = snapshot_of(small_store([row("a"), row("b", place="washington")], places=WITH_WASHINGTON))
    assert shapely.box(*BOX_WSEN).contains(shapely.box(*snapshot.frame.bbox_wsen))
    assert [mark.name for mark in snapshot.beyond] == ["Washington"]


def test_places_that_all_lie_overseas_are_still_on_the_map() -> None:
    assert not snapshot_of(small_store([row("b", place="washington")], places=WITH_WASHINGTON)).beyond


def test_many_areas_have_badges_that_fit_beside_each_other() -> None:
    areas = load_boundaries().areas("governorate")
    crowd = {one.id: area(one.name, one.id, "governorate") for one in areas if one.id.startswith(("IQ.", "SY."))}
    many = snapshot_of(small_store([row(f"{k}{n}", place=k) for k in crowd for n in range(20)], places=crowd))
    few = snapshot_of(small_store([row(f"{n}", place="anbar") for n in range(20)]))
    assert max(p.r for p in many.placed) < 0.9 * few.placed[0].r


def test_a_few_places_are_named_beside_their_symbols_and_a_marked_town_only_once() -> None:
    names = snapshot_of(
        small_store([row("a", place="tanf"), row("b", place="erbil"), row("c", place="near taji")])
    ).names
    assert {"At Tanf", "near Taji"} <= set(names)
    assert names.count("Erbil") == 1


def test_no_place_is_named_on_a_map_of_snapped_points() -> None:
    assert "At Tanf" not in snapshot_of(small_store([row("a", place="tanf")]), View(public=True)).names


def test_a_single_place_has_wider_surroundings_than_several_in_one_town() -> None:
    alone = snapshot_of(small_store([row("a")])).frame
    several = snapshot_of(small_store([row("a"), row("b", place="airport")])).frame
    assert alone.ground_m_per_pt > 2 * several.ground_m_per_pt


def test_a_frame_is_found_again_from_its_centre_and_zoom() -> None:
    frame = snapshot_of(everywhere()).frame
    again = frame_at(place_of(frame), (frame.width, frame.height))
    assert again.ground_m_per_pt == pytest.approx(frame.ground_m_per_pt, rel=0.01)
    assert again.centre == pytest.approx(frame.centre, abs=1e-6)
