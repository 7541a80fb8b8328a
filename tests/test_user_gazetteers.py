"""Gazetteers of one's own: added, found, listed, credited, removed."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from geodata.errors import FileError
from geodata.geocoder import Geocoder
from geodata.user_data import HOME_VARIABLE
from geodata.user_gazetteers import (
    add_gazetteer,
    gazetteer_credits,
    load_all_gazetteers,
    remove_gazetteer,
    user_folder,
    user_gazetteers,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def geonames_line(number: int, name: str, alternates: str, point: tuple[float, float], feature: str = "P\tPPL") -> str:
    latitude, longitude = point
    start = f"{number}\t{name}\t{name}\t{alternates}\t{latitude}\t{longitude}\t{feature}"
    return f"{start}\tIQ\t\t01\t\t\t\t100\t\t50\tAsia/Baghdad\t2020-01-01\n"


@pytest.fixture
def geonames(tmp_path: Path) -> Path:
    path = tmp_path / "IQ.txt"
    path.write_text(
        geonames_line(1, "Qaryat Zibdah", "Zibda,قرية زبدة", (33.41, 43.30))
        + geonames_line(2, "Nahr Tawil", "", (33.5, 43.4), "H\tSTM")
        + geonames_line(3, "Nowhere", "", (0, 0))
        + "broken line\n",
        encoding="utf-8",
    )
    return path


def test_a_geonames_dump_is_added_and_its_places_are_found(geonames: Path) -> None:
    before = Geocoder().geocode("Zibda", admin1="Anbar", country="Iraq")
    added = add_gazetteer(geonames)
    assert before.precision == "governorate"
    assert (added.name, added.format, added.places, added.left_out) == ("iq", "geonames", 1, 3)
    answer = Geocoder().geocode("Zibda", admin1="Anbar", country="Iraq")
    assert (answer.place_id, answer.precision, answer.admin1_id) == ("user:iq:1", "town", "IQ.anbar")
    assert Geocoder().geocode("قرية زبدة", country="Iraq").place_id == "user:iq:1"


def test_the_shipped_places_stay_beside_it(geonames: Path) -> None:
    add_gazetteer(geonames)
    assert Geocoder().geocode("Ramadi").place_id == "gn:98717"


def test_it_is_listed_credited_and_removed(geonames: Path) -> None:
    assert user_gazetteers() == ()
    add_gazetteer(geonames, name="Anbar villages", credit="My Office, 2021")
    assert [gazetteer.name for gazetteer in user_gazetteers()] == ["anbar-villages"]
    assert gazetteer_credits(["user:anbar-villages:1", "user:anbar-villages:2", "gn:98717"]) == ("My Office, 2021",)
    assert gazetteer_credits(["gn:98717", "user:another:1", ""]) == ()
    remove_gazetteer("anbar-villages")
    assert user_gazetteers() == ()
    assert list(user_folder().iterdir()) == []
    assert load_all_gazetteers().by_id("user:anbar-villages:1") is None


def test_removing_what_is_not_there_names_what_is(geonames: Path) -> None:
    add_gazetteer(geonames)
    with pytest.raises(FileError, match="there are: iq"):
        remove_gazetteer("sy")


def test_progress_ends_at_the_whole(geonames: Path) -> None:
    seen: list[tuple[int, int]] = []
    add_gazetteer(geonames, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] == geonames.stat().st_size


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (
            "RC\tUFI\tUNI\tLAT\tLONG\tDMS_LAT\tDMS_LONG\tMGRS\tJOG\tFC\tDSG\tCC1\tFULL_NAME_RO",
            [
                "1\t77\t1\t33.41\t43.30\t\t\t\t\tP\tPPL\tIZ\tZibdah",
                "1\t77\t2\t33.41\t43.30\t\t\t\t\tP\tPPL\tIZ\tAz Zibdah al Kabirah",
            ],
        ),
        ("rk\tufi\tfull_name\tlat_dd\tlong_dd\tdesig_cd\tfc\tcc_ft", ["1\t77\tZibdah\t33.41\t43.30\tPPL\tP\tIRQ"]),
    ],
)
def test_a_gns_file_of_either_layout_is_added(tmp_path: Path, header: str, rows: list[str]) -> None:
    path = tmp_path / "iz.txt"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    assert add_gazetteer(path).places == 1
    assert Geocoder().geocode("Zibdah", admin1="Anbar").place_id == "user:iz:77"


@pytest.mark.parametrize("point", [("Latitude", "Longitude"), ("Latitude_y", "Longitude_x")])
def test_an_ocha_table_is_added_from_a_workbook(tmp_path: Path, point: tuple[str, str]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["admin1Name_en", "admin4Name_en", "admin4Name_ar", "admin4Pcode", *point])
    sheet.append(["Al-Anbar", "Zibdah", "زبدة", "IQ0101", 33.41, 43.30])
    sheet.append(["Al-Anbar", "No point", "", "IQ0102", None, None])
    path = tmp_path / "pcodes.xlsx"
    book.save(path)
    added = add_gazetteer(path)
    assert (added.format, added.places, added.left_out) == ("ocha", 1, 1)
    assert Geocoder().geocode("زبدة", country="Iraq").place_id == "user:pcodes:IQ0101"


def test_an_ocha_table_of_areas_without_points_says_which_table_has_them(tmp_path: Path) -> None:
    path = tmp_path / "adm3.csv"
    path.write_text("ADM1_EN,ADM1_PCODE,ADM3_EN,ADM3_PCODE\nNineveh,IQ15,Qayara,IQ1505\n", encoding="utf-8")
    with pytest.raises(FileError, match="populated places"):
        add_gazetteer(path)


def test_a_csv_of_semicolons_and_decimal_commas_is_read(tmp_path: Path) -> None:
    path = tmp_path / "orte.csv"
    path.write_text("name;latitude;longitude\nZibdah;33,41;43,30\n", encoding="utf-8")
    add_gazetteer(path)
    assert Geocoder().geocode("Zibdah", country="Iraq").latitude == 33.41


def test_a_plain_csv_needs_a_mapping_only_for_unusual_columns(tmp_path: Path) -> None:
    usual, unusual = tmp_path / "usual.csv", tmp_path / "unusual.csv"
    usual.write_text("name,lat,lon,kind\nZibdah Base,33.41,43.30,base\n", encoding="utf-8")
    unusual.write_text("ort,breite,laenge\nZibdah,33.41,43.30\n", encoding="utf-8")
    add_gazetteer(usual)
    assert Geocoder().geocode("Zibdah air base", country="Iraq").precision == "site"
    with pytest.raises(FileError, match="give a mapping"):
        add_gazetteer(unusual)
    assert add_gazetteer(unusual, mapping={"name": "ort", "latitude": "breite", "longitude": "laenge"}).places == 1


def test_a_file_that_is_none_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(FileError, match=r"x\.txt"):
        add_gazetteer(path)
    path.write_text("name,lat,lon\n,1,2\n", encoding="utf-8")
    with pytest.raises(FileError, match="holds no place"):
        add_gazetteer(path)
    assert user_gazetteers() == ()
