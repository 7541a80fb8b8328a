"""Turn times that were given in UTC or with an offset into the zone of their event, day included.

21:30 UTC on the 29th is half past midnight on the 30th in Baghdad. A record that kept the 29th and called it local time
would lie by a day, so the day and the time of day become those of the event's own zone; where nothing tells the zone
they stay in UTC and say so.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from types import MappingProxyType
from typing import Final

#: Times with an offset. `01:45-02:00` is none: that is a span of time in this record. What stands behind seconds, or
#: behind UTC, is no span: there an offset may lie west.
INSTANT: Final = (
    r"(?i)^\s*T?\d{1,2}:?\d{2}(?:"
    r"(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AP]M)?\s*(?:Z|\(?(?:UTC|GMT)\)?|(?:UTC|GMT)\s*[+\-−]\d{1,2}(?::?\d{2})?|\+\d{2}(?::?\d{2})?)"
    r"|:\d{2}(?:[.,]\d+)?\s*[\-−]\d{2}:?\d{2})\s*$"
)
_PARTS: Final = re.compile(
    r"\s*T?(\d{1,2}):?(\d{2})(?::\d{2}(?:[.,]\d+)?)?(?:\s*([AP])M)?\s*(?:Z|\(?(?:UTC|GMT)?\)?\s*(?:([+\-−])(\d{1,2}):?(\d{2})?)?)\s*",
    re.ASCII | re.IGNORECASE,
)
#: Countries of the map with one zone; a country with several says nothing.
COUNTRY_ZONES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AE": "Asia/Dubai", "AF": "Asia/Kabul", "AM": "Asia/Yerevan", "AZ": "Asia/Baku", "BG": "Europe/Sofia",
        "BH": "Asia/Bahrain", "DJ": "Africa/Djibouti", "EG": "Africa/Cairo", "ER": "Africa/Asmara",
        "ET": "Africa/Addis_Ababa", "GE": "Asia/Tbilisi", "GR": "Europe/Athens", "IL": "Asia/Jerusalem",
        "IQ": "Asia/Baghdad", "IR": "Asia/Tehran", "JO": "Asia/Amman", "KW": "Asia/Kuwait", "LB": "Asia/Beirut",
        "LY": "Africa/Tripoli", "OM": "Asia/Muscat", "PK": "Asia/Karachi", "QA": "Asia/Qatar", "SA": "Asia/Riyadh",
        "SD": "Africa/Khartoum", "SS": "Africa/Juba", "SY": "Asia/Damascus", "TM": "Asia/Ashgabat",
        "TR": "Europe/Istanbul", "UZ": "Asia/Tashkent", "YE": "Asia/Aden",
    }
)  # fmt: skip
UNKNOWN_ZONE: Final = "kept in UTC, because nothing tells the event's zone; the local day may be another"
UNKNOWN_DAY: Final = "kept as given, because without a day and a time of day it cannot be turned into another zone"


@dataclass(frozen=True, slots=True)
class Local:
    """Hold an instant as the record writes it, and the sentence that says what was done."""

    day: str
    clock: str
    zone: str
    said: str


def localise(day: str, clock: str, zone: str, country: str, latitude: str, longitude: str) -> Local:
    """Return a time that was given with an offset in the zone of its event.

    Parameters
    ----------
    day, clock
        Day and time of day in the offset that `clock` names, such as `21:30Z`.
    zone
        Zone that the record states; empty asks the country, then the point (decimal degrees).
    """
    instant = _instant(day, clock)
    if instant is None:
        return Local(day, clock, zone or "UTC", UNKNOWN_DAY)
    wanted = zone or _zone_of(country, latitude, longitude)
    try:
        local = instant.astimezone(zoneinfo.ZoneInfo(wanted)) if wanted else None
    except zoneinfo.ZoneInfoNotFoundError:  # A machine without a table of zones.
        local = None
    if local is None:
        return Local(*_written(instant), "UTC", UNKNOWN_ZONE)
    whose = "stated by the record" if zone else "the zone of its country"
    return Local(*_written(local), wanted, f"turned into {wanted}, {whose}, day included")


def _written(moment: datetime) -> tuple[str, str]:
    return moment.date().isoformat(), f"{moment:%H:%M}"


def _instant(day: str, clock: str) -> datetime | None:
    found = _PARTS.fullmatch(clock)
    try:
        when = date.fromisoformat(day)
        if found is None or len(day) != 10:
            return None
        hour, minute, half, side, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if side in ("-", "−") else 1)
        at = time(_hour(int(hour), half), int(minute))
        return datetime.combine(when, at, timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hour(hour: int, half: str | None) -> int:
    """Return the hour of a day of 24, which has no 13 PM."""
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        msg = f"{hour} is no hour of a clock of 12"
        raise ValueError(msg)
    return hour % 12 + (12 if half in "pP" else 0)


def _zone_of(country: str, latitude: str, longitude: str) -> str:
    """Return the zone of a country, or of the country that a point lies in; empty where it has several."""
    from geodata.country_names import country_id

    stated = country_id(country) if country else ""
    return COUNTRY_ZONES.get(stated or _country_at(latitude, longitude), "")


@lru_cache(maxsize=100_000)
def _country_at(latitude: str, longitude: str) -> str:
    from geodata.boundaries import load_boundaries

    try:
        lon, lat = float(longitude), float(latitude)
    except ValueError:
        return ""
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        return ""
    return str(load_boundaries().locate([lon], [lat])[0][0])
