"""Rows of every known dataset, built from the documented headers; no dataset is kept here."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from geodata.formats.datasets import acled, atlos, gdelt, gtd, ucdp

ACLED_ROW = {
    "event_id_cnty": "IRQ25761", "event_date": "2021-07-29", "year": "2021", "time_precision": "1",
    "disorder_type": "Political violence", "event_type": "Explosions/Remote violence",
    "sub_event_type": "Shelling/artillery/missile attack", "actor1": "Ashab al-Kahf", "inter1": "Political militia",
    "actor2": "Government of the United States", "inter2": "External/Other forces", "iso": "368",
    "region": "Middle East",
    "country": "Iraq", "admin1": "Baghdad", "admin2": "Karkh", "location": "Baghdad - Green Zone",
    "latitude": "33.3076",
    "longitude": "44.3903", "geo_precision": "1", "source": "Al Sumaria; Twitter", "source_scale": "National",
    "notes": "On 29 July 2021, two Katyusha rockets fell near the embassy.", "fatalities": "0",
    "timestamp": "1627905600",
}  # fmt: skip
UCDP_ROW = {
    "id": "412345", "relid": "IRQ-2021-1-524-12", "year": "2021", "active_year": "True", "code_status": "Clear",
    "type_of_violence": "1", "conflict_name": "Iraq: Government", "side_a": "Government of Iraq", "side_b": "IS",
    "number_of_sources": "2", "source_article": "Reuters, 2021-07-30", "where_prec": "1",
    "where_coordinates": "Baghdad city", "where_description": "north of the city", "adm_1": "Baghdad province",
    "latitude": "33.340582", "longitude": "44.400876", "geom_wkt": "POINT (44.400876 33.340582)", "country": "Iraq",
    "country_id": "645", "region": "Middle East", "event_clarity": "1", "date_prec": "1",
    "date_start": "2021-07-29 00:00:00.000", "date_end": "2021-07-29 00:00:00.000", "best": "5", "high": "9",
    "low": "3",
}  # fmt: skip
GTD_ROW = {
    "eventid": "202007290001", "iyear": "2020", "imonth": "7", "iday": "0", "extended": "0", "country": "95",
    "country_txt": "Iraq", "provstate": "Baghdad", "city": "Baghdad", "latitude": "33.303566", "longitude": "44.371773",
    "specificity": "1", "vicinity": "0", "summary": "Assailants fired rockets.", "attacktype1_txt": "Bombing/Explosion",
    "targtype1_txt": "Government (Diplomatic)", "targsubtype1_txt": "Embassy/Consulate", "target1": "US Embassy",
    "gname": "Ashab al-Kahf", "guncertain1": "1", "claimed": "1", "claimmode_txt": "Posted to website, blog, etc.",
    "compclaim": "0", "weaptype1_txt": "Explosives",
    "weapsubtype1_txt": "Projectile (rockets, mortars, RPGs, etc.)", "weapdetail": "Katyusha rockets were used.",
    "nkill": "1", "nwound": "-99", "scite1": '"Rockets hit Green Zone," Reuters, July 30, 2020.', "INT_LOG": "0",
}  # fmt: skip
GDELT_ROW = {
    "GLOBALEVENTID": "997001234", "SQLDATE": "20210729", "MonthYear": "202107", "Year": "2021",
    "FractionDate": "2021.5726", "Actor1Name": 'MILITIA "X', "Actor2Name": "UNITED STATES", "IsRootEvent": "1",
    "EventCode": "1833", "EventBaseCode": "183", "EventRootCode": "18", "QuadClass": "4", "GoldsteinScale": "-10",
    "ActionGeo_Type": "4", "ActionGeo_FullName": "Baghdad, Baghdad, Iraq", "ActionGeo_CountryCode": "IZ",
    "ActionGeo_Lat": "33.3386", "ActionGeo_Long": "44.3939", "ActionGeo_FeatureID": "-3102401",
    "DATEADDED": "20210730001500", "SOURCEURL": "https://example.org/a;b",
}  # fmt: skip
TIMEMAP_EVENTS = [
    {
        "civId": "CIV0001", "description": "A rocket hit a house.", "date": "7/29/2021", "time": "14:05",
        "time_precision": "hour", "location": "Baghdad", "latitude": "33.3076", "longitude": 44.3903,
        "type": "Rocket attack", "category": "", "associations": ["Civilian harm"], "comments": "", "graphic": False,
        "sources": [{"id": "src1", "title": "Post", "paths": ["https://example.org/p"], "type": "Video", "url": ""}],
    },
    {
        "civId": "CIV0002", "description": "Second.", "date": "8/1/2021", "time": "", "location": "Erbil",
        "latitude": "36.19", "longitude": "44.01", "associations": [], "sources": ["src2"], "comments": "",
    },
]  # fmt: skip
AIRWARS_INCIDENTS = [
    {
        "id": 93656, "link": "https://airwars.org/civilian-casualties/x/", "title": {"rendered": "X, October 10, 2023"},
        "civilian_harm_status": [837],
        "acf": {
            "unique_reference_code": "XX0097", "incident_date": "20231010", "location_name": "A house",
            "region": "Baghdad", "governorate": "Baghdad", "country": "Iraq", "latitude": "", "longitude": "",
            "geolocations": [
                {"latitude": 33.344261, "longitude": 44.291017, "geolocation_accuracy": "exact_location",
                 "primary_coordinate": True},
                {"latitude": 33.1, "longitude": 44.1, "geolocation_accuracy": "town", "primary_coordinate": False},
            ],
            "strike_type": ["Airstrike"], "belligerents": ["US-led Coalition"],
            "killed_injured_civilian_non_combatants": {"killed_min": 2, "killed_max": 4, "injured_min": "",
                                                       "injured_max": ""},
        },
    }
]  # fmt: skip
LIVEUAMAP = {
    "venues": [
        {"id": 22401, "name": "Rockets near Ain al-Asad", "udescription": "Sirens were heard", "lat": 33.7990,
         "lng": 42.4412, "timestamp": 1627516800, "cat_id": 11, "color": 2, "picture": "rocket",
         "source": "https://example.org/s", "link": "https://example.org/l"},
    ],
    "amount": 1,
}  # fmt: skip
ATLOS_ROW = {
    "slug": "ATL-1", "project": "Iraq", "inserted_at": "2021-08-01T10:00:00Z", "updated_at": "2021-08-02T10:00:00Z",
    "latitude": "33.3076", "longitude": "44.3903", "status": "Completed", "description": "Two rockets near the embassy",
    "sensitive": "Not Sensitive", "date": "2021-07-29", "type": "Military Activity/Strike",
    "geolocation_resolution": "Locality", "tags": "", "source_1": "https://example.org/1",
    "source_2": "https://example.org/2", "Camera seen": "yes",
}  # fmt: skip


def csv_text(
    columns: Sequence[str], *rows: dict[str, str], delimiter: str = ",", header: bool = True, end: str = "\n"
) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    if header:
        writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(column, "") for column in columns])
    return out.getvalue()


def tabs(columns: Sequence[str], *rows: dict[str, str]) -> str:
    return "".join("\t".join(row.get(column, "") for column in columns) + "\n" for row in rows)


def renumbered(row: dict[str, str], key: str, *changes: dict[str, str]) -> list[dict[str, str]]:
    """The row itself, then copies of it with an id of their own and changes."""
    return [row, *({**row, key: f"{row[key]}{number}", **change} for number, change in enumerate(changes, start=1))]


def zipped(*files: tuple[str, bytes]) -> bytes:
    """Return a ZIP archive of some files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


OLD_ACLED = {**ACLED_ROW, "data_id": "9", "event_id_no_cnty": "25761", "iso3": "IRQ", "event_date": "29 July 2021"}
OLD_UCDP = {**UCDP_ROW, "best_est": "5", "high_est": "9", "low_est": "3"}
#: Name of a file, its text, the dataset it is, and the documented columns that must come out again.
FILES: dict[str, tuple[str, str]] = {
    "acled.csv": (csv_text(acled.COLUMNS, ACLED_ROW), "acled"),
    "acled-old.csv": (
        csv_text(acled.COLUMNS_BEFORE_2023, OLD_ACLED),
        "acled-before-2023",
    ),
    "acled-upper.csv": (
        csv_text(
            [c.upper().replace("SOURCE_SCALE", "SOURCE SCALE") for c in acled.COLUMNS_BEFORE_2023],
            {c.upper().replace("SOURCE_SCALE", "SOURCE SCALE"): v for c, v in ACLED_ROW.items()}
            | {"EVENT_DATE": "29 July 2021"},
        ),
        "acled-before-2023",
    ),
    "ged.csv": (csv_text(ucdp.COLUMNS, UCDP_ROW), "ucdp-ged"),
    "ged-no-header.csv": (csv_text(ucdp.COLUMNS, UCDP_ROW, header=False), "ucdp-ged"),
    "ged-old.csv": (csv_text(ucdp.COLUMNS_OLD, OLD_UCDP), "ucdp-ged-old"),
    "ged-old-no-header.csv": (csv_text(ucdp.COLUMNS_OLD, OLD_UCDP, header=False), "ucdp-ged-old"),
    "acled-no-header.csv": (csv_text(acled.COLUMNS, ACLED_ROW, header=False), "acled"),
    "acled-no-header-semicolons.csv": (csv_text(acled.COLUMNS, ACLED_ROW, delimiter=";", header=False), "acled"),
    "acled-old-no-header.csv": (csv_text(acled.COLUMNS_BEFORE_2023, OLD_ACLED, header=False), "acled-before-2023"),
    "gtd.csv": (csv_text(gtd.COLUMNS, GTD_ROW), "gtd"),
    "gtd-no-header.csv": (csv_text(gtd.COLUMNS, GTD_ROW, header=False), "gtd"),
    "20210729.export.CSV": (tabs(gdelt.COLUMNS_2, GDELT_ROW), "gdelt-2"),
    "gdelt-1.csv": (tabs(gdelt.COLUMNS_1, GDELT_ROW), "gdelt-1"),
    "gdelt-1-57.csv": (tabs(gdelt.COLUMNS_1[:-1], GDELT_ROW), "gdelt-1"),
    "events.json": (as_json(TIMEMAP_EVENTS), "timemap"),
    "bellingcat.csv": (
        csv_text(
            ["id", "date", "latitude", "longitude", "location", "description", "sources", "associations"],
            {
                "id": "CIV1",
                "date": "02/24/2022",
                "latitude": "49.85",
                "longitude": "36.65",
                "location": "Chuhuiv",
                "description": "Block hit",
                "sources": "https://example.org/x,https://example.org/y",
                "associations": "Harm",
            },
        ),
        "timemap",
    ),
    "atlos.csv": (csv_text(list(ATLOS_ROW), ATLOS_ROW), "atlos"),
    "atlos-bulk.csv": (
        csv_text(
            ["status", "description", "sensitive", "slug"],
            {"status": "In Progress", "description": "x", "sensitive": "Not Sensitive", "slug": "A1"},
        ),
        "atlos",
    ),
    "airwars.json": (as_json(AIRWARS_INCIDENTS), "airwars"),
    "liveuamap.json": (as_json(LIVEUAMAP), "liveuamap"),
    "own.csv": ("id,date_start,event_type,place,mood\n1,2021-07-29,rocket_attack,Baghdad,calm\n", "own"),
    "own-research.csv": (
        "id,date,date_precision,event_type,place,source_1\n1,2021-07-29/2021-08-01,range,rocket_attack,Baghdad,https://a.org\n",
        "own-research",
    ),
}
atlos_columns = atlos.COLUMNS
