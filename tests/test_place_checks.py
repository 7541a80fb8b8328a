"""Sanity of coordinates: each mistake is named, with a fix."""

import pandas as pd
import pytest

from geodata.boundaries import load_boundaries
from geodata.place_checks import check_point, check_table

IN_IRAQ = {"countries": ["IQ"]}


@pytest.mark.parametrize(
    ("longitude", "latitude", "stated", "code", "fix"),
    [
        (0.0, 0.0, {}, "zero", None),
        (33.34058, 44.40088, IN_IRAQ, "swapped", (44.40088, 33.34058)),
        (-44.40088, 33.34058, IN_IRAQ, "sign", (44.40088, 33.34058)),
        (44.40088, -33.34058, IN_IRAQ, "sign", (44.40088, 33.34058)),
        (36.29, 33.51, IN_IRAQ, "outside_country", None),
        (44.40088, 33.34058, {"governorates": ["IQ.anbar"]}, "outside_governorate", None),
        (52.0, 26.5, IN_IRAQ, "sea", None),
        (43.6793, 33.2232, IN_IRAQ, "centroid", None),
        (44.5, 33.5, IN_IRAQ, "rounded", None),
        (144.4, 133.3, {}, "out_of_range", None),
    ],
)
def test_a_mistake_is_named(
    longitude: float, latitude: float, stated: dict[str, list[str]], code: str, fix: tuple[float, float] | None
) -> None:
    flags = check_point(longitude, latitude, load_boundaries(), **stated)
    assert flags[0].code == code
    assert flags[0].fix
    if fix:
        assert (flags[0].longitude, flags[0].latitude) == fix


def test_a_good_point_has_no_flag() -> None:
    assert check_point(44.39612, 33.29871, load_boundaries(), governorates=["IQ.baghdad"]) == ()


def test_the_anchor_of_a_governorate_is_a_tell_tale() -> None:
    longitude, latitude = load_boundaries().area("IQ.anbar").anchor_lonlat
    assert check_point(longitude, latitude, load_boundaries())[0].code == "centroid"


def test_a_table_names_every_row_that_is_flagged() -> None:
    frame = pd.DataFrame(
        {
            "longitude": [44.396, float("nan"), 33.34, 33.34],
            "latitude": [33.299, float("nan"), 44.4, 44.4],
            "country_id": ["IQ"] * 4,
        },
        index=["a", "b", "c", "d"],
    )
    flags = check_table(frame, load_boundaries())
    assert list(flags["row"]) == ["c", "d"]
    assert set(flags["code"]) == {"swapped"}
