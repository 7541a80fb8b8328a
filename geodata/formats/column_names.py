"""Names under which people keep what our columns hold, in the languages of the region; the surest come first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: Our column to folded names of others (see `geodata.formats.profile.fold_name`).
NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "id": (
            "id", "event_id", "incident_id", "record_id", "uid", "uuid", "unique_id", "ref", "reference", "case_id",
            "case_number", "serial", "sigact_id", "رقم", "المعرف", "الرقم", "ژمارە",
        ),
        "date_start": (
            "date_start", "date", "start_date", "event_date", "incident_date", "date_of_event", "date_of_incident",
            "attack_date", "begin", "when", "day", "datetime", "timestamp", "date_occurred", "dtg", "fecha", "datum",
            "التاريخ", "تاريخ", "تاريخ الحادث", "تاريخ_الحادث", "اليوم", "بەروار", "ڕێکەوت",
        ),
        "date_end": ("date_end", "end_date", "enddate", "until", "to_date", "end", "تاريخ_النهاية"),
        "time_local": ("time_local", "time", "local_time", "hour", "time_of_day", "الوقت", "الساعة", "کات"),
        "event_type": (
            "event_type", "incident_type", "type", "category", "attack_type", "kind", "type_of_attack",
            "type_of_incident",
            "event", "نوع", "النوع", "نوع_الحادث", "نوع_الهجوم", "جۆر",
        ),
        "weapon": ("weapon", "weapon_type", "weapons", "munition", "munition_type", "السلاح", "نوع_السلاح", "چەک"),
        "munitions": (
            "munitions", "number_of_munitions", "munitions_count", "num_munitions", "number_of_rockets", "num_rockets",
            "rockets_fired", "عدد_الصواريخ",
        ),
        "place": (
            "place", "location", "location_name", "city", "town", "village", "place_name", "locality", "where",
            "site_name",
            "placename", "المكان", "الموقع", "المدينة", "القرية", "موقع", "شوێن", "شار",
        ),
        "site": ("site", "facility", "base", "installation", "المنشأة"),
        "admin1": (
            "admin1", "governorate", "province", "state", "adm1", "admin_1", "adm_1", "admin1_name", "region",
            "المحافظة",
            "محافظة", "پارێزگا",
        ),
        "country": ("country", "country_name", "nation", "البلد", "الدولة", "دولة", "وڵات"),
        "latitude": (
            "latitude", "lat", "y", "y_coord", "lat_dd", "gps_lat", "point_y", "latitud", "خط_العرض", "العرض",
            "latitude_n",
        ),
        "longitude": (
            "longitude", "lon", "lng", "long", "x", "x_coord", "lon_dd", "gps_lon", "point_x", "longitud", "خط_الطول",
            "الطول", "longitude_e",
        ),
        "coordinates": (
            "coordinates", "coords", "lat_lon", "latlon", "lat_long", "latlng", "gps", "geolocation", "point",
            "الإحداثيات",
            "احداثيات",
        ),
        "location_precision": ("location_precision", "precision", "accuracy", "geo_precision", "loc_precision"),
        "target": ("target", "target_name", "victim", "الهدف", "ئامانج"),
        "target_type": ("target_type", "type_of_target", "targtype"),
        "claimed_by": ("claimed_by", "claimed", "claimant", "claim", "تبنى", "الجهة_المتبنية"),
        "denied_by": ("denied_by", "denied", "denial"),
        "attributed_to": (
            "attributed_to", "perpetrator", "attacker", "actor", "suspect", "suspected_actor", "group", "perp",
            "assessed_actor",
            "الجهة", "المنفذ", "الفاعل",
        ),
        "killed": (
            "killed", "fatalities", "deaths", "dead", "kia", "num_killed", "fatality", "القتلى", "قتلى", "شهداء",
            "کوژراو",
        ),
        "wounded": (
            "wounded", "injured", "injuries", "wia", "num_wounded", "الجرحى", "جرحى", "المصابين", "بریندار",
        ),
        "summary": (
            "summary", "description", "notes", "narrative", "details", "text", "remarks", "comment", "comments",
            "event_text",
            "what_happened", "headline", "title", "name", "الوصف", "ملاحظات", "التفاصيل", "وەسف",
        ),
        "sources": (
            "sources", "source", "source_url", "url", "link", "links", "reference_url", "source_link", "المصدر",
            "المصادر",
            "الرابط", "سەرچاوە",
        ),
        "confidence": ("confidence", "confidence_level", "reliability"),
    }
)  # fmt: skip
