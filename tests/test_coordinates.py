"""Coordinates as text: in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.coordinates import FORMATS, read_coordinates, write_coordinates
from geodata.errors import QueryError
from geodata.place_match import distance_m

BAGHDAD = (44.40088, 33.34058)


@pytest.mark.parametrize(
    "text",
    [
        "33.34058, 44.40088",
        "33.34058 44.40088",
        "33,34058 44,40088",
        "33,34058; 44,40088",
        "33.34058N 44.40088E",
        "N33.34058 E44.40088",
        "44.40088 E, 33.34058 N",
        "lat: 33.34058 lon: 44.40088",
        "lon 44.40088 lat 33.34058",
        "geo:33.34058,44.40088",
        "33°20'26.09\"N 44°24'03.17\"E",
        "33° 20′ 26.09″ N, 44° 24′ 03.17″ E",
        "33 20 26.09 N 44 24 03.17 E",
        "33 20.43480, 44 24.05280",
        "33:20:26.09N 44:24:03.17E",
        "٣٣٫٣٤٠٥٨، ٤٤٫٤٠٠٨٨",
        "۳۳٫۳۴۰۵۸، ۴۴٫۴۰۰۸۸",
        "33.34058 شمالا 44.40088 شرقا",
        "33.34058 Kuzey 44.40088 Doğu",
        "38S 444248 3689205",
        "UTM 38S 444248 E 3689205 N",
        "38SMB4424889204",
        "MGRS: 38S MB 44248 89204",
        "8H568CR2+69J",
    ],
)
def test_every_usual_writing_gives_the_same_point(text: str) -> None:
    found = read_coordinates(text)
    assert found is not None
    assert distance_m(*BAGHDAD, found.longitude, found.latitude) <= 2.0


@pytest.mark.parametrize(
    "text", ["Baghdad", "12 km north of Ramadi", "91, 200", "2021-07-29", "H-3", "38SII4488", "", "K1"]
)
def test_what_is_no_point_gives_none(text: str) -> None:
    assert read_coordinates(text) is None


def test_a_short_reference_stands_for_the_middle_of_its_square() -> None:
    found = read_coordinates("38SMB4488")
    assert found is not None
    assert found.resolution_m == 500
    assert distance_m(44.40897, 33.33877, found.longitude, found.latitude) < 5


def test_the_south_and_the_west_are_negative() -> None:
    found = read_coordinates("33°30'S 70°36'W")
    assert found is not None
    assert (found.latitude, found.longitude) == pytest.approx((-33.5, -70.6))


@pytest.mark.parametrize("written", list(FORMATS))
@given(longitude=st.floats(-180, 179.999), latitude=st.floats(-79.9, 83.9))
def test_every_format_reads_back_what_it_writes(written: str, longitude: float, latitude: float) -> None:
    found = read_coordinates(write_coordinates(longitude, latitude, written))
    assert found is not None
    # A Plus Code of 11 digits is a cell of 2.8 m by 3.5 m.
    assert distance_m(longitude, latitude, found.longitude, found.latitude) <= (2.5 if written == "plus" else 1.0)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_coordinates(text)


def test_beyond_the_grids_a_point_is_written_in_degrees() -> None:
    assert write_coordinates(10.0, 89.0, "mgrs") == "89.00000, 10.00000"


def test_no_point_is_written_as_nothing_and_an_unknown_format_is_named() -> None:
    assert write_coordinates(float("nan"), 1.0) == ""
    with pytest.raises(QueryError, match="decimal, dms, utm, mgrs, plus"):
        write_coordinates(1.0, 1.0, "ups")
