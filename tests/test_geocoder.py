"""The geocoder: right places, honest precision, a proof, and never a wrong governorate."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.geocoder import Geocoder
from geodata.place_bench import POINT_PRECISIONS, judge, promise_rows, read_development_set
from geodata.place_match import distance_m
from geodata.placement import ANSWER_COLUMNS


@pytest.fixture(scope="module")
def geocoder() -> Geocoder:
    return Geocoder()


@pytest.mark.parametrize(
    ("place", "admin1", "country", "place_id"),
    [
        ("Tal Abyad", "Ar-Raqqa", "Syria", "gn:163750"),
        ("Al-Shaddadi", "Al-Hasakeh", "Syria", "gn:172837"),
        ("Deir ez Zor city", "", "", "gn:170794"),
        ("Ayn Issa", "Ar-Raqqa", "Syria", "gn:172134"),
        ("Khan Bani Saad", "Diyala", "Iraq", "place:iq-diyala-khan-bani-saad"),
        ("Al Mansurah", "Baghdad", "Iraq", "place:iq-baghdad-mansour"),
        ("Sinjar", "Ninewa", "Iraq", "gn:448149"),
        ("Sinjar", "Idlib", "Syria", "gn:164094"),
        ("Hawija", "Kirkuk", "Iraq", "gn:390188"),
        ("الرمادي", "", "", "gn:98717"),
        ("Baghdad", "", "", "gn:98182"),
        ("Basra", "Basra", "Iraq", "gn:99532"),
        ("Ain al-Assad air base", "Anbar", "Iraq", "fac:ain-al-asad-air-base"),
        ("Ain al-Asad", "", "Iraq", "fac:ain-al-asad-air-base"),
        ("عين الأسد", "", "Iraq", "fac:ain-al-asad-air-base"),
        ("Prince Sultan", "", "Saudi Arabia", "fac:prince-sultan-air-base"),
        ("Taji", "", "Iraq", "place:iq-baghdad-taji"),
        ("US Embassy, Baghdad", "Baghdad", "Iraq", "fac:us-embassy-baghdad"),
        ("Qayyarah airfield", "Nineveh", "Iraq", "fac:qayyarah-west-airfield"),
        ("T4 airbase", "Homs", "Syria", "place:sy-homs-tiyas-air-base"),
        ("Green Village", "", "Syria", "fac:green-village-al-omar-oil-field"),
        ("Washington, DC", "District of Columbia", "United States", "gn:4140963"),
    ],
)
def test_a_name_finds_its_place(geocoder: Geocoder, place: str, admin1: str, country: str, place_id: str) -> None:
    assert geocoder.geocode(place, admin1=admin1, country=country).place_id == place_id


def test_a_compound_whose_point_is_unverified_says_so_by_its_radius(geocoder: Geocoder) -> None:
    assert geocoder.geocode("Green Village", country="Syria").radius_m == 15_000


def test_a_village_of_which_only_the_base_is_known_lies_near_that(geocoder: Geocoder) -> None:
    assert geocoder.geocode("Thaala air base", admin1="As-Suwayda", country="Syria").precision == "site"
    assert geocoder.geocode("Al Thaala town", admin1="As-Suwayda", country="Syria").precision == "near"


def test_a_long_road_between_governorates_is_a_region_that_covers_it(geocoder: Geocoder) -> None:
    road = geocoder.geocode("Baghdad-Mosul highway", country="Iraq")
    assert road.precision == "region"
    for longitude, latitude in ((44.39, 33.34), (43.12, 36.34)):
        assert distance_m(road.longitude, road.latitude, longitude, latitude) <= road.radius_m


def test_a_text_of_two_far_places_says_that_only_one_is_shown(geocoder: Geocoder) -> None:
    (flag,) = geocoder.geocode("Mosul and Tikrit", country="Iraq").flags
    assert (flag.code, "Tikr" in flag.message) == ("ambiguous", True)
    assert geocoder.geocode("Qaim / Al-Qa'im", country="Iraq").flags == ()


def test_a_distance_beyond_the_region_is_not_gone(geocoder: Geocoder) -> None:
    assert geocoder.geocode("99999 km north of Taji").reason
    assert geocoder.geocode("99999 km north of Taji", country="Iraq").precision == "country"


@pytest.mark.parametrize("text", ["0, 0", "0,0", "0.000 0.000"])
def test_zero_as_a_place_is_told(geocoder: Geocoder, text: str) -> None:
    answer = geocoder.geocode(text, country="Iraq")
    assert (answer.precision, [flag.code for flag in answer.flags]) == ("country", ["zero"])


def test_two_numbers_that_are_no_point_are_told_with_a_fix(geocoder: Geocoder) -> None:
    (flag,) = geocoder.geocode("144.40, 33.34", country="Iraq").flags
    assert (flag.code, flag.message) == ("out_of_range", "144.4, 33.34 is no latitude and longitude.")
    assert geocoder.geocode("Qwertz 144.40, 33.34", country="Iraq").flags == (), "a name with numbers is a name"


def test_a_village_is_no_quarter_of_a_city(geocoder: Geocoder) -> None:
    assert geocoder.geocode("Khalidiyah", admin1="Aleppo", country="Syria").place_kind == "neighbourhood"
    assert geocoder.geocode("Khalidiyah village", admin1="Aleppo", country="Syria").precision == "governorate"


def test_a_quarter_lies_in_the_town_the_text_names(geocoder: Geocoder) -> None:
    here = geocoder.geocode("Ashrafieh neighbourhood, Aleppo", admin1="Aleppo", country="Syria")
    there = geocoder.geocode("Ashrafieh neighbourhood, Afrin city", admin1="Aleppo", country="Syria")
    assert here.place_kind == "neighbourhood"
    assert there.place_name.endswith("Afrīn")


@pytest.mark.parametrize(
    ("place", "admin1", "name"),
    [
        ("Zakah", "Hama", "Zakat"),
        ("Ziban", "Deir ez-Zor", "Dhībān"),
        ("Al Bagouz Fawqani", "Deir ez-Zor", "Baghuz"),
        ("Bzaah", "Aleppo", "Bza'a"),
    ],
)
def test_a_spelling_of_another_writer_is_recognised(geocoder: Geocoder, place: str, admin1: str, name: str) -> None:
    assert geocoder.geocode(place, admin1=admin1, country="Syria").place_name == name


@pytest.mark.parametrize(
    ("place", "admin1"),
    [("Kafr Naha", "Aleppo"), ("Nayreb", "Aleppo"), ("منصور", "Raqqa"), ("Al-Sarj", "Idlib"), ("Tabqaqa", "Raqqa")],
)
def test_a_name_that_only_resembles_another_is_not_placed_there(geocoder: Geocoder, place: str, admin1: str) -> None:
    assert geocoder.geocode(place, admin1=admin1, country="Syria").precision == "governorate"


@pytest.mark.parametrize(
    ("place", "place_id"),
    [
        ("The Rock", "fac:ali-al-salem-air-base"),
        ("The Rock, Kuwait", "fac:ali-al-salem-air-base"),
        ("the Green Zone, Baghdad", "fac:green-zone"),
        ("Embassy of the United States, Baghdad", "fac:us-embassy-baghdad"),
        ("Royal court, Riyadh", "fac:al-yamamah-palace"),
        ("Ramadi, Anbar", "gn:98717"),
    ],
)
def test_a_name_may_hold_a_comma_or_begin_with_the(geocoder: Geocoder, place: str, place_id: str) -> None:
    assert geocoder.geocode(place).place_id == place_id


@pytest.mark.parametrize(
    ("place", "area_id"),
    [
        ("Babil", "IQ.babil"),
        ("Babylon province", "IQ.babil"),
        ("Muthanna", "IQ.al-muthanna"),
        ("Anbar", "IQ.anbar"),
        ("Dhi Qar", "IQ.dhi-qar"),
        ("highway in Dhi Qar", "IQ.dhi-qar"),
        ("al-Diwaniyah province", "IQ.al-qadisiyyah"),
        ("محافظة الأنبار", "IQ.anbar"),
        ("Rural Damascus", "SY.rif-dimashq"),
        ("ريف حلب", "SY.aleppo"),
    ],
)
def test_a_governorate_is_an_area_with_an_anchor_off_its_capital(geocoder: Geocoder, place: str, area_id: str) -> None:
    country = "Syria" if area_id.startswith("SY") else "Iraq"
    answer = geocoder.geocode(place, country=country)
    assert (answer.area_id, answer.precision) == (area_id, "governorate")
    assert (answer.longitude, answer.latitude) == geocoder.boundaries.area(area_id).anchor_lonlat


def test_a_district_is_found_by_its_arabic_name(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("قضاء القائم", country="Iraq")
    assert (answer.area_id, answer.precision) == ("IQ.anbar.al-qaim", "district")


@pytest.mark.parametrize("town", ["Nasiriyah", "Diwaniyah", "Hillah", "Samawah", "Basra", "Baghdad", "Erbil"])
def test_a_bare_name_that_a_town_bears_means_the_town(geocoder: Geocoder, town: str) -> None:
    assert geocoder.geocode(town, country="Iraq").precision == "town"


@pytest.mark.parametrize(
    "spelling",
    ["Ninewa", "Diyala", "Salah al-Din", "Al Anbar", "Dahuk", "As-Sulaymaniyah", "Al-Hasakeh", "Rural Damascus",
     "Dar'a",      "Ar-Raqqa", "Deir-ez-Zor", "Salahaddin", "Thi-Qar", "Missan", "Al-Qadissiya", "Idleb", "Lattakia",
     "As-Sweida", "الأنبار"],
)  # fmt: skip
def test_every_spelling_of_a_governorate_is_recognised_as_a_statement(geocoder: Geocoder, spelling: str) -> None:
    assert len(geocoder.context(spelling, "").governorates) == 1


def test_an_offset_is_measured_on_the_ellipsoid(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("12 km north-west of Ramadi")
    assert answer.precision == "near"
    assert distance_m(43.30778, 33.42056, answer.longitude, answer.latitude) == pytest.approx(12_000, rel=0.01)
    assert answer.longitude < 43.30778
    assert answer.latitude > 33.42056


def test_a_road_between_two_towns_is_a_corridor(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Hillah-Diwaniyah road", country="Iraq")
    assert answer.place_kind == "corridor"
    half = distance_m(44.41963, 32.46367, 44.92552, 31.99289) / 2
    assert half * 0.95 <= answer.radius_m <= half * 1.3


def test_a_corridor_never_leaves_the_stated_governorate(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Hillah-Diwaniyah road", admin1="Al-Qadisiyyah", country="Iraq")
    assert answer.admin1_id == "IQ.al-qadisiyyah"


def test_a_fuzzy_hit_with_nothing_stated_is_only_a_suggestion(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Falujjeh")
    assert not answer.placed
    assert "Al Fallūjah" in {candidate.name for candidate in answer.candidates}


def test_an_unknown_name_falls_back_to_what_is_stated_and_says_so(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Qwertzuiop", admin1="Anbar", country="Iraq")
    assert (answer.area_id, answer.method) == ("IQ.anbar", "fallback")
    assert "not in the gazetteer" in answer.why
    assert geocoder.geocode("Qwertzuiop", country="Iraq").precision == "country"


@pytest.mark.parametrize("place", ["", "Qwertzuiop", "0.0, 0.0"])
def test_without_an_answer_there_is_a_reason_and_no_point(geocoder: Geocoder, place: str) -> None:
    answer = geocoder.geocode(place)
    assert answer.reason
    assert math.isnan(answer.longitude)
    assert answer.precision == "unknown"


def test_a_name_of_several_places_is_left_open_and_flagged(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Khalidiyah", country="Syria")
    assert answer.precision == "country"
    assert [flag.code for flag in answer.flags] == ["ambiguous"]
    assert len(answer.candidates) > 1


def test_near_is_a_ring_and_a_part_of_a_country_a_region(geocoder: Geocoder) -> None:
    assert geocoder.geocode("near Samarra", country="Iraq").precision == "near"
    south = geocoder.geocode("southern Iraq")
    assert (south.precision, south.area_id) == ("region", "IQ")
    assert south.latitude < 33


def test_the_named_site_of_a_record_comes_first(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("Erbil", site="Erbil International Airport", admin1="Erbil", country="Iraq")
    assert answer.place_id == "fac:erbil-international-airport"
    assert "names the site" in answer.why


def test_coordinates_in_the_text_are_read_and_flagged_when_they_contradict(geocoder: Geocoder) -> None:
    assert geocoder.geocode("38SMB4488").method == "coordinates"
    swapped = geocoder.geocode("44.40088, 33.34058", country="Iraq")
    assert [flag.code for flag in swapped.flags] == ["swapped"]


def test_a_sources_own_coordinates_win_and_the_proof_says_so(geocoder: Geocoder) -> None:
    frame = pd.DataFrame(
        {
            "place": ["Ramadi", "Ramadi"],
            "latitude": ["33.1", ""],
            "longitude": ["44.2", ""],
            "location_precision": ["town", ""],
        },
        index=[7, 9],
    )
    table = geocoder.geocode_table(frame)
    assert list(table.index) == [7, 9]
    assert (table.loc[7, "latitude"], table.loc[7, "precision"]) == (33.1, "town")
    assert "source itself" in table.loc[7, "why"]
    assert table.loc[9, "place_id"] == "gn:98717"


def test_a_table_has_the_agreed_columns_even_when_empty(geocoder: Geocoder) -> None:
    assert tuple(geocoder.geocode_table(pd.DataFrame({"place": []})).columns) == ANSWER_COLUMNS


def test_a_table_answers_like_single_calls(geocoder: Geocoder) -> None:
    frame = pd.DataFrame({"place": ["Ramadi", "near Samarra", "Ramadi"], "country": ["Iraq", "", "Iraq"]})
    table = geocoder.geocode_table(frame)
    for row in range(3):
        single = geocoder.geocode(frame["place"][row], country=frame["country"][row])
        assert table["place_id"][row] == single.place_id
        assert table["radius_m"][row] == single.radius_m


@settings(deadline=None, max_examples=200)
@given(
    st.text(max_size=80), st.sampled_from(["", "Anbar", "Ar-Raqqa", "x"]), st.sampled_from(["", "Iraq", "Syria", "x"])
)
def test_geocoding_never_raises_and_never_answers_zero(place: str, admin1: str, country: str) -> None:
    geocoder = Geocoder()
    answer = geocoder.geocode(place, admin1=admin1, country=country)
    assert answer.placed != bool(answer.reason)
    assert (answer.longitude, answer.latitude) != (0, 0)
    stated = geocoder.context(admin1, country).governorates
    assert not stated or answer.admin1_id in stated or answer.method == "coordinates" or answer.place_kind == "sea"


def test_the_development_set_keeps_its_figures(geocoder: Geocoder) -> None:
    judged = judge(read_development_set(), geocoder)
    points = judged[judged["got_precision"].isin(POINT_PRECISIONS)]
    assert (judged["got_reason"] == "").mean() >= 0.97
    assert judged["wrong_governorate"].sum() == 0
    assert (points["error_km"] <= 25).mean() >= 0.95
    sites = points[points["got_precision"] == "site"]
    assert (sites["error_km"] <= 3).mean() >= 0.97
    assert all(row["inside the radius"] >= 0.9 for row in promise_rows(judged))


def test_the_records_are_placed_where_research_placed_them(geocoder: Geocoder) -> None:
    judged = judge(read_development_set().query("style == 'record'"), geocoder)
    assert (judged["got_reason"] == "").mean() >= 0.97
    sites = judged[judged["kind"] == "site"]
    assert (sites["error_km"] <= 3).all()
    towns = judged[(judged["kind"] == "town") & judged["got_precision"].isin(POINT_PRECISIONS)]
    assert (towns["error_km"] <= 10).all()


@pytest.mark.parametrize(
    "stated", ["Hamah Governorate", "Hama governorate", "محافظة حماة", "Governorate of Hama", "Hama"]
)
def test_a_governorate_is_recognised_as_datasets_word_it(geocoder: Geocoder, stated: str) -> None:
    assert geocoder.context(stated, "Syria").governorates == {"SY.hama"}


@pytest.mark.parametrize(
    ("place", "admin1", "kind", "name"),
    [
        ("Damascus city", "Damascus Governorate", "town", "Damascus"),
        ("Jisrein suburb", "Rif Dimashq", "town", "Jisrin"),
        ("Harasta suburb", "Rif Dimashq Governorate", "town", "Ḩarastā"),
        ("Jabal at Turkuman", "Latakia Governorate", "landscape", "Jabal Turkman"),  # "at" is the article
        ("Qwaris Military Air Base", "Aleppo", "airbase", "Kuweires Air Base"),
    ],
)
def test_the_wording_of_datasets_is_read(geocoder: Geocoder, place: str, admin1: str, kind: str, name: str) -> None:
    answer = geocoder.geocode(place, admin1=admin1, country="Syria")
    assert (answer.place_kind, answer.place_name) == (kind, name)


@pytest.mark.parametrize(
    ("place", "admin1"),
    [
        ("Kafr Halab", "Aleppo"),  # not "near Halab", which is Aleppo
        ("Tall Bardayah", "Rif Dimashq"),  # not "near Tall"
        ("Sukkar town", "Deir ez-Zor"),  # sounds a little like Suwar
    ],
)
def test_half_a_name_and_a_faint_likeness_are_no_answer(geocoder: Geocoder, place: str, admin1: str) -> None:
    answer = geocoder.geocode(place, admin1=admin1, country="Syria")
    assert answer.precision == "governorate"


def test_an_unknown_quarter_or_street_is_in_the_chief_city_of_its_governorate(geocoder: Geocoder) -> None:
    for text in ("حي لا يعرفه أحد", "Unheard-of neighbourhood", "Tall Abyad street"):
        answer = geocoder.geocode(text, admin1="Raqqa", country="Syria")
        assert (answer.place_name, answer.precision) == ("Ar Raqqah", "near"), text
    assert geocoder.geocode("Unheard-of neighbourhood", admin1="Al-Hasakah", country="Syria").precision == "governorate"


def test_a_short_plus_code_is_read_with_its_place(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("8CR2+69J Baghdad")
    assert answer.precision == "site"
    assert (round(answer.latitude, 3), round(answer.longitude, 3)) == (33.341, 44.401)
    assert geocoder.geocode("8CR2+69J Nowhereville").reason


def test_a_stated_district_decides_among_namesakes_and_stands_in_for_an_unknown_place(geocoder: Geocoder) -> None:
    known = {"admin1": "Salah ad-Din", "country": "Iraq"}
    unknown = geocoder.geocode("Nowhereville", admin2="Baiji District", **known)
    assert (unknown.precision, unknown.place_kind, unknown.admin1_id) == ("district", "district", "IQ.salah-ad-din")
    assert geocoder.geocode("Nowhereville", admin2="قضاء بيجي", **known).area_id == unknown.area_id
    assert geocoder.geocode("Nowhereville", admin2="No such district", **known).precision == "governorate"
    assert geocoder.geocode("Tikrit", admin2="Baiji", **known).place_name == "Tikrīt"


def test_a_district_alone_says_its_governorate_and_in_syria_its_radius_is_that_of_the_larger_district(
    geocoder: Geocoder,
) -> None:
    assert geocoder.context("", "Iraq", "Hawija").governorates == {"IQ.kirkuk"}
    answer = geocoder.geocode("Nowhereville", admin1="Aleppo", admin2="Mintaqat Azaz district", country="Syria")
    assert (answer.precision, answer.place_name) == ("district", "Azaz")
    assert answer.radius_m >= 60_000
