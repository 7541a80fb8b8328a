"""What a product says of its sources: how many pages, of how many publishers, when they were read."""

import pyarrow as pa
import pytest
from small_store import row, small_store

from dashboard.products.source_words import accessed_text, cut, publishers_of, sources_text, unsourced, written
from geodata.selection import Selection


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (["https://a.org | accessed=2021-03-01", "b | accessed=2020-12-31"], "read 2020-12-31 to 2021-03-01"),
        (["https://a.org | accessed=2021-03-01 | grade=C3"], "read 2021-03-01"),
        (["https://a.org | accessed=2021-03-01", "b"], "read 2021-03-01, access date of 1 not recorded"),
        (["https://a.org", "b"], "access date not recorded"),
    ],
)
def test_access_dates_are_told_or_said_to_be_missing(parts: list[str], told: str) -> None:
    assert accessed_text(cut(pa.array(parts, pa.string()))) == told


@pytest.mark.parametrize(
    ("parts", "publishers"),
    [
        (["https://southfront.org/a", "https://arab.southfront.press/b | grade=C3", "southfront dot org/c"], 1),
        (["https://www.iswresearch.org/a", "b.example/b | publisher=Institute for the Study of War"], 1),
        (["https://one.blogspot.com/a", "https://two.blogspot.com/a", "https://one.blogspot.com/b"], 2),
        (["https://a.unknown.example/x", "https://b.unknown.example/y"], 1),
        ([], 0),
    ],
)  # fmt: skip
def test_publishers_are_counted_once_whatever_their_hosts(parts: list[str], publishers: int) -> None:
    assert publishers_of(cut(pa.array(parts, pa.string()))) == publishers


def test_a_product_names_pages_publishers_access_and_what_has_no_source() -> None:
    store = small_store(
        [row("a", sources="https://southfront.org/a; https://southfront.press/b"), row("b", sources=""), row("c")]
    )
    rows = store.ask(Selection()).rows
    told = [sources_text(written(store, some), unsourced(store, some)) for some in (rows[1:], rows)]
    assert told[0] == "2 records name no source"
    assert told[1] == (
        "2 pages and documents of 1 publisher, listed with each record; access date not recorded; "
        "2 records name no source"
    )
