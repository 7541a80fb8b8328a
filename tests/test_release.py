"""Public release: a fixed grid, nothing more exact anywhere, the same records and sums."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from small_store import PLACES, row, small_dataset, small_store

from dashboard.drawing import draw
from dashboard.products.data import records_csv, records_geojson
from dashboard.record import describe
from dashboard.relations import surroundings
from dashboard.view import View
from dashboard.webmap.payload import drawing_payload
from geodata.dataset import Dataset
from geodata.release import GRID_DEG, SENTENCE, half_diagonal_m, middle, public_form, released, snapped

ROWS = (
    row("a", place="embassy", site="US Embassy Baghdad", latitude="33.3", longitude="44.387"),
    row("b", place="erbil"),
    row("c", place="musayyib"),
    row("d", place="iraq"),
    row("e", place="nowhere"),
    row("f", place="airport"),
)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return small_dataset(ROWS)


@given(st.floats(-180, 179.9), st.floats(-80, 80))
def test_the_true_point_lies_within_the_radius_of_its_square(longitude: float, latitude: float) -> None:
    lon, lat = middle(np.array([longitude]))[0], middle(np.array([latitude]))[0]
    assert abs(lon - longitude) <= GRID_DEG / 2 + 1e-6
    assert middle(np.array([lon]))[0] == lon
    off = Geodesic.WGS84.Inverse(latitude, longitude, lat, lon)["s12"]
    assert off <= half_diagonal_m(np.array([lat]))[0] + 1.0


def test_points_are_blurred_and_areas_stay(dataset: Dataset) -> None:
    before, after = dataset.store.places, snapped(dataset.store.places)
    points = (before["longitude"].notna() & (before["area_id"] == "")).to_numpy()
    assert set(after.loc[points, "precision"]) == {"near"}
    assert (after.loc[points, "radius_m"] > before.loc[points, "radius_m"] + 6_000).all()
    assert after.loc[~points, ["longitude", "latitude", "precision", "place_name"]].equals(
        before.loc[~points, ["longitude", "latitude", "precision", "place_name"]]
    )


def test_the_same_records_are_shown_with_the_same_sums(dataset: Dataset) -> None:
    view = View(public=True)
    own, public = dataset.store.ask(view.selection), public_form(dataset).store.ask(view.selection)
    assert public.rows.tolist() == own.rows.tolist()
    assert public.counts == own.counts


def test_what_is_public_stays_as_it_is_and_the_switch_is_one(dataset: Dataset) -> None:
    once = public_form(dataset)
    assert public_form(once) is once
    assert released(dataset, public=False) is dataset
    assert released(dataset, public=True).store is once.store
    assert SENTENCE in once.notes


def everything_sent(dataset: Dataset, view: View) -> str:
    shown = released(dataset, public=view.public)
    answer = shown.store.ask(view.selection)
    sent: list[Any] = [drawing_payload(draw(shown.store, answer, view, zoom=zoom), view) for zoom in (6.0, 12.0)]
    sent += [describe(shown.store, at) | surroundings(shown.store, at, []) for at in range(len(shown.store))]
    sent.append(records_geojson(shown, answer, view))
    return json.dumps(sent, ensure_ascii=False) + records_csv(shown, answer).decode()


def test_no_exact_point_or_place_name_leaves_in_any_answer(dataset: Dataset) -> None:
    points = [PLACES[name] for name in ("embassy", "erbil", "airport")]
    exact = [f"{at.longitude}, {at.latitude}" for at in points] + [f"{at.longitude},{at.latitude}" for at in points]
    exact += [f"{at.longitude:.4f} E" for at in points]
    names = ["US Embassy Baghdad", "Baghdad Airport", "fac:us-embassy", "gn:95446"]
    public, own = everything_sent(dataset, View(public=True)), everything_sent(dataset, View())
    assert all(text in own for text in (*exact, *names))
    assert not [text for text in (*exact, *names) if text in public]
    assert SENTENCE in public


def test_places_of_one_square_become_one_symbol() -> None:
    store = public_form(small_dataset([row("a", place="embassy"), row("b", place="embassy")])).store
    assert len(store.spots) == 1
    assert store.spots.name.tolist() == ["Baghdad (snapped)"]
    assert store.records.row(0)["place"] == ""
    assert small_store([row("a")]).records.row(0)["place"] == "embassy"
