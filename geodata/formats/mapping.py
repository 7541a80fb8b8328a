"""Read a table nobody described: propose our columns by name and content, and remember what a person confirmed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from rapidfuzz import fuzz

from geodata.errors import FileError, RowError
from geodata.formats.column_names import NAMES
from geodata.formats.datasets.nested import nested_sources
from geodata.formats.daytext import ORDERS, UTC_DAY, DayText, read_day
from geodata.formats.degrees import degrees_columns
from geodata.formats.header import is_numbered
from geodata.formats.profile import DATE_ORDER, Profile, Rule, Texts, combine, copy, fold_name
from geodata.formats.table import RawTable
from geodata.formats.wording import people
from geodata.incident import COLUMN_NAMES, COLUMNS, VOCABULARIES
from geodata.user_data import user_data_folder

#: A column of both coordinates, such as "33.30, 44.39": latitude first.
POINT: Final = "coordinates"
_SAMPLE_ROWS: Final = 200
_SURE: Final = 0.999
_NUMBER: Final = re.compile(r"[+-]?\d{1,3}[.,]\d+")
_PAIR: Final = re.compile(r"\s*([+-]?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*")
#: Two numbers that are not one with a decimal comma: 33,3 is a latitude.
_SURE_PAIR: Final = re.compile(r"[^,; ]+\.[^,; ]+\s*[,; ]\s*[^,; ]+\.[^,; ]+|[^,; ]+(?:[,;]\s+|;| +)[^,; ]+")
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
#: A column `time_utc` holds moments, though its cells do not say so.
_UTC_WORDS: Final = frozenset({"utc", "gmt", "zulu"})
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?")
_CLOCK_START: Final = re.compile(r"\s*\d{1,2}[:.h]?\d{2}")
_CODES: Final = frozenset(column.name for column in COLUMNS if column.kind == "code")
_COUNTS: Final = frozenset({"killed", "wounded"})
#: Numbers of things, of which the record holds one figure and no range.
_THINGS: Final = frozenset({"munitions", "intercepted"})
_DATES: Final = frozenset({"date_start", "date_end", "first_reported", "expires"})


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Say which column of a file holds which of ours.

    Attributes
    ----------
    columns
        Our column (or `coordinates`) to the file's.
    why
        What speaks for each of them.
    order
        How dates of two small numbers are meant; None asks the column.
    shape
        The file's columns, folded: the next file with the same ones is read the same way.
    confirmed
        A person looked at it.
    """

    columns: Mapping[str, str]
    why: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    order: str | None = None
    shape: tuple[str, ...] = ()
    name: str = ""
    confirmed: bool = False

    def unmapped(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns of the file that nothing is read from; they ride along."""
        used = set(self.columns.values())
        return tuple(column for column in columns if column not in used)


def shape_of(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return what makes two files the same kind of file: their folded column names, in any order."""
    return tuple(sorted(fold_name(column) for column in columns))


def propose(raw: RawTable) -> ColumnMapping:
    """Propose a mapping by the names of the columns and by what the first rows hold."""
    sample = raw.cells.slice(0, _SAMPLE_ROWS)
    content = {name: [text for text in sample.column(name).to_pylist() if text.strip()] for name in raw.columns}
    offers = [
        (score, -place, ours, name, why)
        for place, name in enumerate(raw.columns)
        for ours, score, why in _offers(name, content[name])
    ]
    chosen: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for _, _, ours, name, why in sorted(offers, reverse=True):
        if ours not in chosen and name not in chosen.values():
            chosen[ours], reasons[ours] = name, why
    if POINT in chosen and "latitude" in chosen and "longitude" in chosen:
        del chosen[POINT], reasons[POINT]
    if not {POINT, "latitude", "longitude"} & chosen.keys():
        free = {name: cells for name, cells in content.items() if name not in chosen.values()}
        north, east, why = degrees_columns(free)
        if why:
            chosen |= {"latitude": north, "longitude": east}
            reasons |= {"latitude": why, "longitude": why}
    return ColumnMapping(MappingProxyType(chosen), MappingProxyType(reasons), shape=shape_of(raw.columns))


def _offers(name: str, cells: list[str]) -> list[tuple[str, float, str]]:
    folded = fold_name(name).strip(".:#*?")
    words = set(folded.split("_"))
    found = []
    for ours, names in NAMES.items():
        score, why = _name_score(folded, words, names)
        if not score:
            continue
        fits = _CONTENT.get(ours)
        share = fits(cells) if fits and cells else 1.0
        # A column of one of the first two spellings is what it says, whatever stands in some of its cells; only
        # "munitions" is as often the word for the weapon as for how many there were.
        if (score >= _SURE and ours not in _THINGS) or share >= 0.5:
            found.append((ours, score if score >= _SURE else score * share, why))
    found += [(ours, 0.3 * share, f"{share:.0%} of its first cells look like it") for ours, share in _by_content(cells)]
    return found


def _name_score(folded: str, words: set[str], names: tuple[str, ...]) -> tuple[float, str]:
    if folded in names:
        # The first spellings are the surest: `date` before `day`.
        return 1.0 - names.index(folded) / 1000, f"its name is {folded!r}"
    near = max(names, key=lambda known: fuzz.ratio(folded, known))
    if len(folded) >= 5 and fuzz.ratio(folded, near) >= 88:
        return 0.8, f"its name is close to {near!r}"
    part = next((known for known in names if len(known) >= 4 and set(known.split("_")) <= words), "")
    return (0.6, f"its name holds {part!r}") if part else (0.0, "")


def _share(cells: list[str], holds: Callable[[str], bool]) -> float:
    return sum(1 for cell in cells if holds(cell)) / len(cells) if cells else 0.0


def _is_date(cell: str) -> bool:
    try:
        read_day(cell)
    except RowError:
        return False
    return True


def _is_written_date(cell: str) -> bool:
    return not cell.strip().isdigit() and _is_date(cell)


def _is_number(cell: str) -> bool:
    try:
        people(cell)
    except RowError:
        return False
    return True


def _is_precision(cell: str) -> bool:
    return VOCABULARIES["location_precision"].read(cell) is not None


_DEGREES: Final = re.compile(r"[\s\d.,٫+\-°'\"NSEWnsewE٠-٩]+")
_CONTENT: Final[Mapping[str, Callable[[list[str]], float]]] = {
    **{name: (lambda cells: _share(cells, _is_date)) for name in _DATES},
    "latitude": lambda cells: _share(cells, lambda cell: bool(_DEGREES.fullmatch(cell))),
    "longitude": lambda cells: _share(cells, lambda cell: bool(_DEGREES.fullmatch(cell))),
    "location_precision": lambda cells: _share(cells, _is_precision),
    "time_local": lambda cells: _share(cells, lambda cell: bool(_CLOCK_START.match(cell)) or not _is_number(cell)),
    "event_type": lambda cells: 1 - _share(cells, _is_number),
    "weapon": lambda cells: 1 - _share(cells, _is_number),
    "munitions": lambda cells: _share(cells, _is_number),
    "killed": lambda cells: _share(cells, _is_number),
    "wounded": lambda cells: _share(cells, _is_number),
    POINT: lambda cells: _share(cells, lambda cell: bool(_PAIR.fullmatch(cell))),
}


def _by_content(cells: list[str]) -> list[tuple[str, float]]:
    """Return what the cells alone suggest."""
    if not cells:
        return []
    found = [
        ("date_start", _share(cells, _is_written_date)),
        (POINT, _share(cells, lambda c: bool(_PAIR.fullmatch(c) and _SURE_PAIR.fullmatch(c.strip())))),
    ]
    found.append(("sources", _share(cells, lambda cell: bool(_ADDRESS.match(cell)))))
    known = VOCABULARIES["event_type"]
    found.append(("event_type", _share(cells, lambda cell: known.read(cell) is not None)))
    found.append(("summary", 0.8 if sum(map(len, cells)) / len(cells) > 60 else 0.0))
    return [(ours, share) for ours, share in found if share >= 0.8]


def profile_for(
    raw: RawTable, mapping: ColumnMapping | None, folder: Path | None
) -> tuple[Profile, ColumnMapping, tuple[str, ...]]:
    """Return the profile of a mapping: the one given, one saved for this shape of file, or a proposal.

    Raises
    ------
    FileError
        When the mapping names columns that are not there, or nothing in the table tells an incident.
    """
    if mapping is not None:
        chosen = replace(mapping, confirmed=True, shape=mapping.shape or shape_of(raw.columns))
        evidence: tuple[str, ...] = ("columns chosen by hand",)
    else:
        # Numbers for names make any two tables of one width alike: those are looked at each time.
        saved = None if is_numbered(raw.columns) else find_saved(raw.columns, folder)
        chosen = saved or propose(raw)
        reasons = tuple(f"{ours} from {chosen.columns[ours]!r}: {why}" for ours, why in chosen.why.items())
        proposed = ("no known dataset; columns proposed by name and content, to be looked at", *reasons)
        evidence = (f"the saved profile {saved.name!r} fits its columns",) if saved else proposed
    _refuse(raw, chosen)
    return make_profile(chosen), chosen, evidence


def _refuse(raw: RawTable, mapping: ColumnMapping) -> None:
    missing = [name for name in mapping.columns.values() if name not in raw.columns]
    strange = [ours for ours in mapping.columns if ours not in (*COLUMN_NAMES, POINT)]
    if missing or strange:
        msg = f"{raw.name}: the mapping names {', '.join(map(repr, missing + strange))[:300]}, which is not there"
        raise FileError(msg)
    if not {"date_start", "place", "latitude", POINT, "summary"} & set(mapping.columns):
        shown = ", ".join(raw.columns)[:300]
        msg = (
            f"{raw.name} has no column that tells a day, a place or what happened (it has: {shown}); "
            "say which columns hold them, or name the columns date, place and description"
        )
        raise FileError(msg)


def make_profile(mapping: ColumnMapping) -> Profile:
    """Turn a mapping into a profile."""
    columns = mapping.columns
    rules = [rule for ours, source in columns.items() for rule in _rules(ours, fold_name(source), columns)]
    derived: dict[str, Any] = {}
    coordinates: tuple[str, str] | None = None
    if "latitude" in columns or "longitude" in columns:
        coordinates = (
            fold_name(columns.get("latitude", "no latitude")),
            fold_name(columns.get("longitude", "no longitude")),
        )
    elif POINT in columns:
        derived["point north"] = _half(fold_name(columns[POINT]), 1)
        derived["point east"] = _half(fold_name(columns[POINT]), 2)
        coordinates = ("point north", "point east")
    dates = tuple(fold_name(columns[name]) for name in columns if name in _DATES)
    return Profile(
        code="unknown",
        title=mapping.name or "file",
        columns=tuple(mapping.shape),
        signature=frozenset(),
        rules=tuple(rules),
        coordinates=coordinates,
        dates=dates,
        order=mapping.order,
        derived=MappingProxyType(derived),
        constants=MappingProxyType({} if "event_type" in columns else {"event_type": "other"}),
    )


def _rules(ours: str, source: str, columns: Mapping[str, str]) -> tuple[Rule, ...]:
    if ours in {"latitude", "longitude", POINT}:
        return ()
    if ours == "time_local" and _UTC_WORDS & set(re.findall(r"[a-z]+", source)):
        return (Rule(("time_local",), (source,), _in_utc),)
    if ours == "date_start":
        more = tuple(name for name in ("date_end", "time_local") if name not in columns)
        return (Rule(("date_start", *more, "notes"), (source, DATE_ORDER), _whole_day(more)),)
    if ours in _DATES:
        return (Rule((ours, "notes"), (source, DATE_ORDER), _one_day),)
    if ours == "event_type":
        named = () if "weapon" in columns else ("weapon",)
        return (Rule(("event_type", *named), (source,), _event_type(bool(named))),)
    if ours in _CODES:
        return (Rule((ours, "notes"), (source,), _code(ours)),)
    if ours in _COUNTS:
        return (Rule((f"{ours}_min", ours, f"{ours}_max", "notes"), (source,), people),)
    if ours in _THINGS:
        return (Rule((ours, "notes"), (source,), _things(ours)),)
    if ours == "sources":
        return (Rule(("sources",), (source,), lambda cell: (nested_sources(cell, ""),)),)
    return (copy(ours, source),)


def _whole_day(more: tuple[str, ...]) -> Callable[..., tuple[str, ...]]:
    """Return what reads a day, with its end and its time of day where no other column holds them."""

    def how(day: str, order: str) -> tuple[str, ...]:
        read = read_day(day, order or None) if day.strip() else DayText("")
        parts = {"date_end": read.end, "time_local": read.clock}
        return (read.start, *(parts[name] for name in more), read.note if "time_local" in more else _day_note(read))

    return how


def _in_utc(clock: str) -> tuple[str]:
    """Return a time of day of a column that is named after UTC as the moment it is."""
    bare = clock.strip()
    return (f"{bare}Z" if _CLOCK.fullmatch(bare) else clock,)


def _day_note(read: DayText) -> str:
    """Return what is to be known of a day whose time of day is not kept."""
    return "; ".join(filter(None, (read.note, UTC_DAY if read.clock.endswith("Z") else "")))


def _one_day(day: str, order: str) -> tuple[str, str]:
    if not day.strip():
        return "", ""
    read = read_day(day, order or None)
    return read.start, _day_note(read)


def _event_type(named: bool) -> Callable[..., tuple[str, ...]]:
    def how(cell: str) -> tuple[str, ...]:
        code = VOCABULARIES["event_type"].read(cell) or "other"
        return (code, cell if code == "other" else "") if named else (code,)

    return how


def _code(ours: str) -> Callable[..., tuple[str, ...]]:
    def how(cell: str) -> tuple[str, str]:
        code = VOCABULARIES[ours].read(cell) if cell.strip() else ""
        return (
            code or "",
            f"the file's {ours} has words of its own; they are kept in its column" if code is None else "",
        )

    return how


def _things(ours: str) -> Callable[..., tuple[str, ...]]:
    def how(cell: str) -> tuple[str, str]:
        try:
            fewest, best, most, note = people(cell)
        except RowError:
            return "", f"the file's {ours} has words of its own; they are kept in its column"
        return best, f"the file gives a range of {ours}; it is kept in its column" if fewest or most else note

    return how


def _half(source: str, group: int) -> Callable[[Callable[[str], Texts]], Texts]:
    def derive(cells: Callable[[str], Texts]) -> Texts:
        codes, combinations = combine([cells(source)])
        found = [_PAIR.fullmatch(text) for (text,) in combinations]
        texts = [pair[group] if pair else text for pair, (text,) in zip(found, combinations, strict=True)]
        return pd.Series(pd.array(texts or [""], dtype="str").take(codes))

    return derive


def user_folder() -> Path:
    """Return the folder in which a person's profiles are kept."""
    return user_data_folder() / "profiles"


def save_mapping(mapping: ColumnMapping, name: str, folder: Path | None = None) -> Path:
    """Remember a mapping for the next file of the same shape; returns the file it is kept in."""
    place = folder or user_folder()
    place.mkdir(parents=True, exist_ok=True)
    shape = hashlib.sha256("\n".join(mapping.shape).encode()).hexdigest()[:16]
    file = place / f"{shape}.json"
    content = {"name": name, "columns": dict(mapping.columns), "order": mapping.order, "shape": list(mapping.shape)}
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    partial.replace(file)
    return file


def find_saved(columns: tuple[str, ...], folder: Path | None = None) -> ColumnMapping | None:
    """Return the mapping saved for files of this shape; one that cannot be read is passed over."""
    place = folder or user_folder()
    shape = shape_of(columns)
    file = place / f"{hashlib.sha256(chr(10).join(shape).encode()).hexdigest()[:16]}.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        kept = {str(ours): str(name) for ours, name in content["columns"].items()}
        order = content.get("order")
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
    by_fold = {fold_name(column): column for column in columns}
    here = {ours: by_fold.get(fold_name(name), name) for ours, name in kept.items()}
    order = order if order in ORDERS else None
    return ColumnMapping(
        MappingProxyType(here), order=order, shape=shape, name=str(content.get("name", "")), confirmed=True
    )
