"""Sources of a record: addresses, grades, origins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources import (
    FIELDS,
    Source,
    count_origins,
    grade_label,
    grade_reaches,
    load_publishers,
    origins_sentence,
    parse_sources,
    refang,
)


def test_a_cell_holds_several_sources_with_fields() -> None:
    first, second = parse_sources("https://a.org/x;y | title=One%3B two | grade=C3; https://b.org")
    assert (first.address, first.title, first.grade) == ("https://a.org/x;y", "One; two", "C3")
    assert (second.address, second.grade) == ("https://b.org", "")
    assert parse_sources("") == ()


def test_what_cannot_be_read_is_named_and_nothing_raises() -> None:
    (source,) = parse_sources("https://a.org | grade=Z9 | colour=red | nonsense")
    assert source.grade == ""
    assert len(source.problems) == 3


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.org/x",
        "a.org/x",
        "https://",
        "https://user@a.org/",
        "https://a.org/\u202egpj.exe",
        "https://a.org/ b",
        "https://[",
        "skynewsarabia dot com/middle-east/1",
        "hxxps://a.org/x",
        "https://a[.]org/x",
    ],
)
def test_only_plain_http_and_https_addresses_become_links(address: str) -> None:
    assert Source(address).link == ""


def test_a_plain_address_is_a_link_as_it_is_written() -> None:
    for address in ("https://www.ynetnews.com/articles/0,7340,L-5616552,00.html", "http://shafaq.com/ar/أمـن/a-b"):
        assert Source(address).link == address


def test_a_defanged_address_is_shown_as_written_with_its_letters() -> None:
    source = Source("shafaq dot com/ar/%D8%A3%D9%85%D9%86/x%2Fy")
    assert source.defanged
    assert source.shown == "shafaq dot com/ar/أمن/x%2Fy"
    assert source.host == "shafaq.com"


def test_bytes_that_are_no_letters_and_signs_that_turn_text_stay_harmless() -> None:
    assert Source("https://a.org/%FF%FE").shown == "https://a.org/%FF%FE"
    assert Source("https://a.org/%E2%80%AEgpj").shown == "https://a.org/gpj"


def test_a_defanged_address_is_read_as_an_address() -> None:
    assert refang("english dot aawsat dot com/a.b") == "https://english.aawsat.com/a.b"


def test_sources_of_one_origin_count_as_one() -> None:
    sources = parse_sources(
        "https://arab.southfront.press/a | origin=southfront.org; https://southfront.org/b; https://www.southfront.org/c"
    )
    assert count_origins(sources) == 1
    assert origins_sentence(sources) == "3 sources, 1 origin"
    assert origins_sentence(()) == "no source"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://www.shafaq.com/en/a", "shafaq.com"),
        ("https://english.alaraby.co.uk/a", "alaraby.co.uk"),
        ("https://izwest.livejournal.com/1", "izwest.livejournal.com"),
        ("no address at all", "https://no address at all".removeprefix("https://")),
    ],
)
def test_without_a_stated_origin_the_publisher_is_it(address: str, origin: str) -> None:
    assert Source(address).goes_back_to == origin


@pytest.mark.parametrize(("grade", "reached"), [("A1", True), ("C3", True), ("C4", False), ("D1", False), ("", False)])
def test_a_grade_must_reach_the_floor_in_both_signs(grade: str, reached: bool) -> None:
    assert grade_reaches(grade, "C3") is reached


def test_a_grade_in_words() -> None:
    assert grade_label("C3") == "fairly reliable source, possibly true"
    assert grade_label("") == ""


value = st.text(alphabet="aé;|=% ").map(str.strip)


@given(
    st.lists(
        st.builds(
            Source,
            address=st.text(alphabet="ab./").filter(bool),
            **{name: value for name in FIELDS if name != "grade"},
            grade=st.sampled_from(["", "A1", "F6"]),
        ),
        max_size=3,
    )
)
def test_sources_are_read_as_they_were_written(sources: list[Source]) -> None:
    assert list(parse_sources("; ".join(map(written, sources)))) == sources


def written(source: Source) -> str:
    """Write a source as the codebook says: signs that part sources and fields stand as percent codes."""
    codes = str.maketrans({"%": "%25", "|": "%7C", ";": "%3B"})
    fields = [f"{name}={value.translate(codes)}" for name in FIELDS if (value := getattr(source, name))]
    return " | ".join([source.address, *fields])


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    for source in parse_sources(text):
        assert not source.link or source.link.startswith(("http://", "https://"))
        assert source.shown is not None
        assert source.goes_back_to is not None


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (Source("https://www.shafaq.com/en/a"), "Shafaq News (by its host)"),
        (Source("shafaq dot com/ar/a"), "Shafaq News (by its host)"),
        (Source("https://english.alaraby.co.uk/a"), "The New Arab (by its host)"),
        (Source("https://www.alaraby.co.uk/a"), "Al-Araby Al-Jadeed (by its host)"),
        (Source("https://shafaq.com/a", publisher="Reuters"), "Reuters"),
        (Source("https://notshafaq.com/a"), ""),
        (Source("https://shafaq.com.evil.example/a"), ""),
        (Source("a page without an address"), ""),
    ],
)
def test_a_publisher_that_is_not_stated_is_told_by_its_host_and_said_so(source: Source, told: str) -> None:
    assert source.publisher_told == told


def test_sites_of_publishers_are_plain_hosts() -> None:
    for site, publisher in load_publishers().items():
        assert (Source(f"https://{site}/").host, publisher.strip()) == (site, publisher)
        assert publisher
