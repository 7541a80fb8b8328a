"""The place that a product's title names: the countries of the records, and what lies outside all of them."""

import pytest
from small_store import PLACES, Row, row, small_store

from dashboard.products.content import UNMAPPED, place_text, title_of
from geodata.placement import Answer
from geodata.selection import Selection

#: A point in Ukraine, as a source's own coordinates place it: no country of the map holds it.
AWAY = Answer(
    longitude=30.52, latitude=50.45, precision="town", radius_m=5_000.0, place_kind="coordinates", score=1.0,
    method="source coordinates",
)  # fmt: skip


def away(record_id: str, place: str = "Kyiv", country: str = "") -> Row:
    return row(record_id, place=place, country=country)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([away("a"), away("b"), away("c", "Lviv")], "Kyiv and Lviv"),
        ([away("a", country="Ukraine"), away("b", "Lviv", country="Ukraine")], "Ukraine"),
        ([away("a", country="Iraq")], "Kyiv"),
        ([away("a", country="Kuwait; Jordan")], "Jordan and Kuwait"),
        ([away("a", place="")], UNMAPPED),
        ([away("a", place="a field two kilometres from the last village of the road")], UNMAPPED),
        ([away("a", country="Ukraine"), away("b", country="Ukraine"), row("c")], "Ukraine and Iraq"),
        ([away("a", place=""), away("b", place=""), row("c")], "Iraq and elsewhere"),
        ([row("a"), *(away(f"b{n}", f"Town {n}") for n in range(40))], "Iraq, Town 0, Town 1 and elsewhere"),
        ([row("a"), row("b", place="erbil")], "Iraq"),
        ([row("a"), row("b")], "US Embassy Baghdad, Iraq"),
        ([row("a", place="near taji")], "near Taji, Iraq"),
        ([row("a", place="iraq")], "Iraq"),
    ],
)
def test_a_title_names_what_the_records_state_where_no_country_of_the_map_holds_them(
    rows: list[Row], named: str
) -> None:
    places = {**dict.fromkeys((one["place"] for one in rows), AWAY), **PLACES}
    store = small_store(rows, places=places)
    assert place_text(store, store.ask(Selection())) == named


def test_a_title_of_one_record_says_what_it_is_and_on_which_day() -> None:
    store = small_store([row("a", day="2021-07-29", event_type="drone_attack", place="erbil")])
    assert title_of(store, store.ask(Selection())) == "Erbil, Iraq: drone attack, 29 July 2021"
