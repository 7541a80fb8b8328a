"""Read coordinates people type, and write them in the format a reader chose.

Understood: decimal degrees in any common layout, degrees-minutes-seconds, UTM, MGRS, Plus Codes, geo: addresses;
decimal commas; Arabic-Indic and Persian digits; compass letters in English, Arabic, Turkish, French, German and
Russian. All points are longitude, latitude in decimal degrees on WGS 84 (EPSG:4326).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import mgrs
import pandas as pd
from openlocationcode import openlocationcode

from geodata.errors import QueryError

if TYPE_CHECKING:
    from pyproj import Transformer

#: The longest coordinate text; DMS with words in two languages has about 60 characters.
MAX_CHARACTERS: Final = 120

#: Precisions (codes of `PRECISIONS`) whose point is that of the incident; that of any other is an area's anchor.
POINT_PRECISIONS: Final = ("site", "town", "near")

_MGRS: Final = mgrs.MGRS()
_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
_AXES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("n", "north", "nord", "kuzey", "с", "сш", "ش", "شمال", "شمالا", "شمالي", "باكور"), "N"),
    **dict.fromkeys(("s", "south", "sud", "süd", "guney", "güney", "ю", "юш", "ج", "جنوب", "جنوبا", "جنوبي",
                     "باشور"), "S"),
    **dict.fromkeys(("e", "east", "est", "ost", "dogu", "doğu", "в", "вд", "شرق", "شرقا", "شرقي", "ق",
                     "روژهەلات"), "E"),
    **dict.fromkeys(("w", "west", "ouest", "bati", "batı", "з", "зд", "غرب", "غربا", "غربي", "غ", "روژئاوا"), "W"),
}  # fmt: skip
_LONGITUDE = r"(?:lon(?:g(?:itude)?)?|lng|x|(?:خط\s*)?الطول)"
_LABELS = re.compile(rf"\b(?:lat(?:itude)?|y|(?:خط|دائرة)?\s*العرض|{_LONGITUDE})\b\.?\s*[:=]?\s*", re.IGNORECASE)
_LONGITUDE_FIRST = re.compile(rf"\s*{_LONGITUDE}\b", re.IGNORECASE)
#: Spellings that are another way of writing the same thing, and what they are read as.
_REWRITTEN: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), written)
    for pattern, written in (
        (r"^https?://\S*?[@=](-?\d+\.\d+),\s*(-?\d+\.\d+)\S*$", r"\1, \2"),  # a link to a point of a web map
        (r"^POINT\s*Z?\s*\(\s*(\S+)\s+([^\s)]+)[^)]*\)?$", r"lon \1 lat \2"),
        (r"(\d+)\s*d\s*(\d+)\s*m\s*(\d+(?:\.\d+)?)\s*s(?![a-z]{2})", r"\1 \2 \3 "),
        (r"\b(\d{1,3})-(\d{1,2})-(\d{1,2}(?:\.\d+)?)\s*([NSEW])\b", r"\1 \2 \3 \4 "),
        (r"\b([сюзв])\.?\s*([шд])\b\.?", r"\1\2"),
    )
)
#: Compass letters of Turkish; K(uzey) or G(üney) says that D is doğu (east), not degrees.
_TURKISH: Final = {"K": "N", "G": "S", "D": "E", "B": "W"}
_TURKISH_LETTER = re.compile(r"(?<![^\W\d_])([KGDB])(?![^\W\d_])")
_PLUS_CODE = re.compile(
    r"(?<![A-Z0-9])([23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,7})(?![A-Z0-9])", re.IGNORECASE
)
_SHORT_PLUS_CODE = re.compile(
    r"([23456789CFGHJMPQRVWX]{2}|[23456789CFGHJMPQRVWX]{4}|[23456789CFGHJMPQRVWX]{6})\+"
    r"([23456789CFGHJMPQRVWX]{2,3})[\s,،]+(\S.*)",
    re.IGNORECASE,
)
_MGRS_TEXT = re.compile(r"^(?:MGRS\s*:?\s*)?(\d{1,2}\s*[C-HJ-NP-X]\s*[A-HJ-NP-Z]{2}\s*(?:\d\s*){2,10})$", re.IGNORECASE)
_UTM = re.compile(
    r"^(?:UTM\s*:?\s*)?(?:zone\s*)?(\d{1,2})\s*([C-HJ-NP-X])[,\s]+"
    r"E?\s*(\d{5,7}(?:[.,]\d+)?)\s*(?:m?\s*E)?[,\s]+N?\s*(\d{1,8}(?:[.,]\d+)?)\s*(?:m?\s*N)?$",
    re.IGNORECASE,
)
_PACKED = re.compile(r"(?<!\d)(\d{2,3})(\d{2})(\d{2}(?:\.\d+)?)\s*([NSEW])(?![A-Z])", re.IGNORECASE)  # 332026N 0442403E
#: 3320N 04424E and 3320.4N 04424.1E, as aviators and receivers write degrees and minutes.
_PACKED_MINUTES = re.compile(
    r"(?<![\d.])(?:(\d{2})(\d{2}(?:\.\d+)?)\s*([NS])|(\d{3})(\d{2}(?:\.\d+)?)\s*([EW]))(?![A-Z])", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A point read from a text.

    Attributes
    ----------
    longitude, latitude
        Decimal degrees, EPSG:4326.
    format
        A code of `FORMATS`: how it was written.
    resolution_m
        Half the step of the last digit written, in metres: how exactly the text itself tells the point.
    notes
        What a person should check, such as "no hemisphere given".
    """

    longitude: float
    latitude: float
    format: str
    resolution_m: float
    notes: tuple[str, ...] = ()


def read_coordinates(text: str) -> Coordinates | None:
    """Read a point from a text that is coordinates and nothing else; None when it is not."""
    if not 5 <= len(text) <= MAX_CHARACTERS or not (any(map(str.isdecimal, text)) or "+" in text):
        return None  # a Plus Code may be letters alone
    clean = _clean(text)
    for reader in (_read_plus_code, _read_mgrs, _read_utm, _read_degrees):
        found = reader(clean)
        if found is not None and abs(found.latitude) <= 90 and abs(found.longitude) <= 180:
            return found
    return None


def read_short_plus_code(text: str) -> tuple[str, str] | None:
    """Split "68R2+6J Baghdad" into the short Plus Code and the place it counts from; None when it is not one."""
    match = _SHORT_PLUS_CODE.fullmatch(_clean(text)) if "+" in text and len(text) <= MAX_CHARACTERS else None
    return (f"{match[1]}+{match[2]}".upper(), match[3]) if match else None


def full_plus_code(short: str, longitude: float, latitude: float) -> Coordinates | None:
    """Read a short Plus Code as the nearest point to a place that bears it."""
    return _read_plus_code(str(openlocationcode.recoverNearest(short, latitude, longitude)))


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.replace("º", "°").replace("˚", "°"))
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")  # harakat: شمالاً
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    digits = digits.replace("٫", ".").replace("،", ", ").replace("−", "-").replace("–", "-")
    digits = re.sub(r"^geo:", "", digits.strip(), flags=re.IGNORECASE).split(";u=")[0]
    text = " ".join(digits.split()).strip(" ()[]")
    for pattern, written in _REWRITTEN:
        text = pattern.sub(written, text)
    letters = _TURKISH_LETTER.findall(text)
    if {"K", "G"} & set(letters) and {"D", "B"} & set(letters):
        text = _TURKISH_LETTER.sub(lambda letter: _TURKISH[letter[0]], text)
    return text


def _read_plus_code(text: str) -> Coordinates | None:
    match = _PLUS_CODE.fullmatch(text)
    if not match:
        return None
    area = openlocationcode.decode(match[1].upper())
    half = (area.latitudeHi - area.latitudeLo) / 2 * 111_320
    return Coordinates(area.longitudeCenter, area.latitudeCenter, "plus", half)


def _read_mgrs(text: str) -> Coordinates | None:
    match = _MGRS_TEXT.match(text)
    if not match:
        return None
    code = re.sub(r"\s", "", match[1]).upper()
    digits = len(re.sub(r"^\d+[A-Z]+", "", code))
    if digits % 2:
        return None
    side = 10 ** (5 - digits // 2)
    try:
        zone, hemisphere, easting, northing = _MGRS.MGRSToUTM(code)
    except (mgrs.core.MGRSError, ValueError):
        return None
    # A reference names the south-west corner of a square and stands for its middle; with all digits it is rounded to
    # the metre by the same library that reads it here, so nothing is added.
    middle = side / 2 if side > 1 else 0.0
    return _from_utm(int(zone), hemisphere == "N", easting + middle, northing + middle, "mgrs", side / 2)


def _read_utm(text: str) -> Coordinates | None:
    match = _UTM.match(text)
    if not match or not 1 <= int(match[1]) <= 60:
        return None
    easting, northing = (float(part.replace(",", ".")) for part in (match[3], match[4]))
    return _from_utm(int(match[1]), match[2].upper() >= "N", easting, northing, "utm", 0.5)


def _from_utm(
    zone: int, north: bool, easting: float, northing: float, written: str, resolution_m: float
) -> Coordinates | None:
    longitude, latitude = _utm(zone, north).transform(easting, northing, direction="INVERSE")
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        return None
    return Coordinates(float(longitude), float(latitude), written, resolution_m)


@lru_cache(maxsize=120)
def _utm(zone: int, north: bool) -> Transformer:
    from pyproj import Transformer  # not above: 10 MB, and most readers want degrees

    return Transformer.from_crs("EPSG:4326", f"EPSG:{(32600 if north else 32700) + zone}", always_xy=True)


def _read_degrees(text: str) -> Coordinates | None:
    labelled_longitude_first = _LONGITUDE_FIRST.match(text) is not None
    text = _PACKED.sub(r"\1 \2 \3 \4 ", _LABELS.sub(" ", text))
    parts = _split_axes(_PACKED_MINUTES.sub(r"\1\4 \2\5 \3\6 ", text))
    if parts is None:
        return None
    (first, first_axis, first_step), (second, second_axis, second_step) = parts
    notes = () if first_axis or second_axis or labelled_longitude_first else ("no hemisphere letters",)
    swapped = (first_axis in {"E", "W"}) or (second_axis in {"N", "S"}) or labelled_longitude_first
    if swapped and (first_axis in {"N", "S"} or second_axis in {"E", "W"}):
        return None
    latitude, longitude = (second, first) if swapped else (first, second)
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    written = "dms" if min(first_step, second_step) < 0 else "decimal"
    return Coordinates(longitude, latitude, written, max(abs(first_step), abs(second_step)) / 2 * 111_320, notes)


def _split_axes(text: str) -> tuple[tuple[float, str, float], tuple[float, str, float]] | None:
    """Split into two angles, each with its compass letter ("" when none) and the step of its last digit in degrees.

    A negative step marks degrees, minutes and seconds.
    """
    words = [word.casefold() for word in _WORD.findall(re.sub(r"[°º˚′″'\"]", " ", text))]
    if any(word not in _AXES and word not in {"d", "m", "deg"} for word in words):
        return None
    for first, second in _halves(text):
        one, two = _angle(first), _angle(second)
        unlike = not (one and two and (one[1] or two[1])) and _imbalance((first, second))
        if one and two and not unlike and abs(one[0]) <= 180 and abs(two[0]) <= 180:
            return one, two  # two angles without compass letters are written with as many numbers each
    return None


def _halves(text: str) -> list[tuple[str, str]]:
    """List ways to cut a text into two angles, the surest first."""
    ways: list[tuple[str, str]] = []
    if text.count(";") == 1 or text.count("/") == 1 or text.count("|") == 1:
        separator = next(mark for mark in ";/|" if text.count(mark) == 1)
        first, second = text.split(separator)
        ways.append((first, second))
    letters = [match for match in _WORD.finditer(text) if match[0].casefold() in _AXES]
    if len(letters) == 2:
        trailing = not text[letters[1].end() :].strip(" ,.°'\"")
        cut = letters[0].end() if trailing else letters[1].start()
        ways.append((text[:cut], text[cut:].lstrip(" ,")))
    cuts = [(match.start(), match.end()) for pattern in (r",\s+", r"\s+", r",") for match in re.finditer(pattern, text)]
    # Two angles are written alike, so the cut that leaves as many numbers on both sides is tried first.
    ways += sorted(((text[:start], text[end:]) for start, end in cuts), key=_imbalance)
    return [(first.strip(" ,;"), second.strip(" ,;")) for first, second in ways]


def _imbalance(ways: tuple[str, str]) -> int:
    first, second = (len(re.findall(_NUMBER, part)) for part in ways)
    return abs(first - second)


def _angle(text: str) -> tuple[float, str, float] | None:
    words = _WORD.findall(text)
    axes = [_AXES[word.casefold()] for word in words if word.casefold() in _AXES]
    if len(axes) > 1:
        return None
    numbers = re.sub(r"[^\W\d_]+|[°º˚′″'\"’”:]", " ", text).split()
    if not 1 <= len(numbers) <= 3 or not all(re.fullmatch(_NUMBER, number) for number in numbers):
        return None
    if any("." in number or "," in number for number in numbers[:-1]) or any(n[0] in "+-" for n in numbers[1:]):
        return None
    values = [abs(float(number.replace(",", "."))) for number in numbers]
    if any(value >= 60 for value in values[1:]):
        return None
    angle = sum(value / 60**power for power, value in enumerate(values))
    decimals = len(re.split(r"[.,]", numbers[-1])[1]) if re.search(r"[.,]", numbers[-1]) else 0
    step = 10.0**-decimals / 60 ** (len(values) - 1)
    negative = numbers[0].startswith("-") or (axes[0] in {"S", "W"} if axes else False)
    return -angle if negative else angle, axes[0] if axes else "", -step if len(values) > 1 else step


def write_decimal(longitude: float, latitude: float) -> str:
    """Write `33.34058, 44.40088`: latitude first, as people read it; 5 decimals are 1 m."""
    return f"{latitude:.5f}, {longitude:.5f}"


def write_dms(longitude: float, latitude: float) -> str:
    """Write `33°20′26.1″N 44°24′03.2″E`; a tenth of a second is 3 m, so two decimals are written."""
    return f"{_dms(latitude, 'NS')} {_dms(longitude, 'EW')}"


def _dms(angle: float, letters: str) -> str:
    hundredths = round(abs(angle) * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return f"{degrees}°{minutes:02d}′{seconds / 100:05.2f}″{letters[angle < 0]}"


def write_utm(longitude: float, latitude: float) -> str:
    """Write `38S 444255 3689229`: zone and latitude band, metres east, metres north.

    Raises
    ------
    QueryError
        Outside 80° S - 84° N, where UTM is not defined.
    """
    code = _mgrs_code(longitude, latitude)
    zone, band = re.match(r"(\d+)([A-Z])", code).groups()  # type: ignore[union-attr]  # the library's own format
    easting, northing = _utm(int(zone), band >= "N").transform(longitude, latitude)
    return f"{zone}{band} {round(easting)} {max(0, round(northing))}"


def write_mgrs(longitude: float, latitude: float) -> str:
    """Write `38SMB4425589229`, to the metre.

    Raises
    ------
    QueryError
        Outside 80° S - 84° N, where this grid is not defined.
    """
    return _mgrs_code(longitude, latitude)


def _mgrs_code(longitude: float, latitude: float) -> str:
    if not -80 <= latitude <= 84:
        msg = f"{latitude:.4f} is beyond 80° S - 84° N, where UTM and MGRS end: choose decimal degrees or DMS."
        raise QueryError(msg)
    code = _MGRS.toMGRS(latitude, longitude, MGRSPrecision=5)
    return str(code.decode() if isinstance(code, bytes) else code)


def write_plus_code(longitude: float, latitude: float) -> str:
    """Write a Plus Code of 11 digits, about 3 m by 3 m."""
    return str(openlocationcode.encode(latitude, longitude, 11))


#: Formats a reader can choose: code -> (label, writer).
FORMATS: Final[Mapping[str, tuple[str, Callable[[float, float], str]]]] = {
    "decimal": ("Decimal degrees", write_decimal),
    "dms": ("Degrees, minutes, seconds", write_dms),
    "utm": ("UTM", write_utm),
    "mgrs": ("MGRS", write_mgrs),
    "plus": ("Plus Code", write_plus_code),
}


def write_coordinates(longitude: float, latitude: float, written: str = "decimal") -> str:
    """Write a point in a format of `FORMATS`; beyond the grids' reach in decimal degrees, "" when there is no point."""
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        return ""
    if written not in FORMATS:
        msg = f"{written!r} is no coordinate format; choose one of {', '.join(FORMATS)}."
        raise QueryError(msg)
    try:
        return FORMATS[written][1](longitude, latitude)
    except QueryError:
        return write_decimal(longitude, latitude)


def write_placed(placements: pd.DataFrame, written: str) -> list[str]:
    """Write the points of placements in a format of `FORMATS`, "" where a place is known only as an area.

    Parameters
    ----------
    placements
        Columns `longitude`, `latitude` (degrees, EPSG:4326) and `precision`.
    """
    columns = (placements[name].tolist() for name in ("longitude", "latitude", "precision"))
    return [
        write_coordinates(longitude, latitude, written) if precision in POINT_PRECISIONS else ""
        for longitude, latitude, precision in zip(*columns, strict=True)
    ]
