"""Coordinates as text: in and out."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.coordinates import (
    FORMATS,
    full_plus_code,
    read_coordinates,
    read_short_plus_code,
    write_coordinates,
    write_placed,
)
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
        "33d20m26.09sN 44d24m03.17sE",
        "3320.4348N 04424.0528E",
        "33º20'26.09\"N 44º24'03.17\"E",
        "33-20-26.09N 44-24-03.17E",
        "33.34058 K, 44.40088 D",
        "33,34058 с.ш., 44,40088 в.д.",
        "33.34058 شمالاً 44.40088 شرقاً",
        "خط الطول: 44.40088، خط العرض: 33.34058",
        "lat. 33.34058, long. 44.40088",
        "zone 38S E444248 N3689205",
        "POINT (44.40088 33.34058)",
        "https://maps.example/?q=33.34058,44.40088",
    ],
)
def test_every_usual_writing_gives_the_same_point(text: str) -> None:
    found = read_coordinates(text)
    assert found is not None
    assert distance_m(*BAGHDAD, found.longitude, found.latitude) <= 2.0


@pytest.mark.parametrize(
    "text",
    ["Baghdad", "12 km north of Ramadi", "91, 200", "2021-07-29", "H-3", "38SII4488", "", "K1", "33 20 26", "68R2+6J"],
)
def test_what_is_no_point_gives_none(text: str) -> None:
    assert read_coordinates(text) is None


def test_a_short_reference_stands_for_the_middle_of_its_square() -> None:
    found = read_coordinates("38SMB4488")
    assert found is not None
    assert found.resolution_m == 500
    assert distance_m(44.40897, 33.33877, found.longitude, found.latitude) < 5


def test_a_plus_code_of_letters_alone_is_read() -> None:
    found = read_coordinates("CFCCQQQJ+JGC")
    assert found is not None
    assert distance_m(8.78125, 78.78906, found.longitude, found.latitude) < 5


def test_a_short_plus_code_counts_from_the_place_named_with_it() -> None:
    assert read_short_plus_code("8CR2+69J، بغداد") == ("8CR2+69J", "بغداد")
    found = full_plus_code("8CR2+69J", 44.3, 33.3)
    assert found is not None
    assert distance_m(*BAGHDAD, found.longitude, found.latitude) < 5


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


def test_points_of_a_table_are_written_as_chosen_and_areas_have_none() -> None:
    table = pd.DataFrame(
        {
            "longitude": [44.40088, 44.4, math.nan],
            "latitude": [33.34058, 33.3, math.nan],
            "precision": ["town", "governorate", "unknown"],
        }
    )
    assert write_placed(table, "plus") == ["8H568CR2+69J", "", ""]
