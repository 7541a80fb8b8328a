"""Say how the columns of a dataset become ours: one table of rules per dataset, applied to whole columns at once.

A rule is asked once per distinct combination of the cells it reads, so that a million rows cost little more than their
distinct spellings. What no rule takes over word for word rides along under its own name: nothing is thrown away.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.csvtext import shorten
from geodata.errors import RowError
from geodata.formats.country_check import disagreements
from geodata.formats.daytext import column_order
from geodata.formats.places import SWAPPED, Placed, clean_coordinates
from geodata.formats.table import RawTable
from geodata.incident import COLUMN_NAMES
from geodata.validation import Problem

#: Text cells of one column.
Texts: TypeAlias = "pd.Series[str]"
#: Makes a column that no file has from columns it has: a word found in a long text, for instance.
Derive = Callable[[Callable[[str], Texts]], Texts]

NOTES: Final = "notes"
#: What a rule reads to learn how dates of two small numbers are meant; empty when nobody knows.
DATE_ORDER: Final = "date order"
MADE_ID: Final = "the file gives no id; it was made from day, place and type"
#: Patterns of cells by which a table without a header line is told.
DAY_PATTERN: Final = r"\d{4}-\d\d?-\d\d?.*|\d\d?[ ./-][A-Za-z0-9]+[ ./-]\d{4}.*"
YEAR_PATTERN: Final = r"(?:19|20)\d\d"
DEGREES_PATTERN: Final = r"[+-]?\d{1,3}(?:\.\d+)?"
#: What an id is made of: not the text, so that a corrected sentence does not make another record of it.
_TELLING: Final = ("date_start", "date_end", "place", "latitude", "longitude", "event_type", "weapon")


@dataclass(frozen=True, slots=True)
class Rule:
    """Fill columns of the record from cells of the source.

    Attributes
    ----------
    fills
        Our columns; text for `notes` is added to what other rules say there, and counted.
    reads
        Columns of the source; one that the file does not have reads as empty.
    how
        Gets the cells of `reads`, returns the text for each of `fills`; may raise `RowError`. None copies the cell.
    codes
        The table that `how` looks a cell up in, for the page about the dataset.
    """

    fills: tuple[str, ...]
    reads: tuple[str, ...]
    how: Callable[..., tuple[str, ...]] | None = None
    codes: Mapping[str, str] | None = None


def copy(ours: str, source: str | None = None) -> Rule:
    """Take a cell over as it stands."""
    return Rule((ours,), (source or ours,))


def coded(ours: str, source: str, table: Mapping[str, str], otherwise: str = "") -> Rule:
    """Translate the codes of a column; a code that is not in the table becomes `otherwise`."""
    return Rule((ours,), (source,), lambda cell: (table.get(cell.strip(), otherwise),), table)


@dataclass(frozen=True, slots=True)
class Layout:
    """Name the columns of a release that has no header line; `fits` looks at one row of that width."""

    columns: tuple[str, ...]
    fits: Callable[[Sequence[str]], bool]
    evidence: str


def layout_of(columns: tuple[str, ...], title: str, **patterns: str) -> Layout:
    """Return the layout of a release without a header line, told by what `patterns` say of some of its columns."""
    compiled = [(columns.index(name), re.compile(pattern, re.ASCII)) for name, pattern in patterns.items()]

    def fits(row: Sequence[str]) -> bool:
        return all(pattern.fullmatch(row[place].strip()) for place, pattern in compiled)

    return Layout(columns, fits, f"{len(columns)} columns, {', '.join(patterns)} where {title} has them")


@dataclass(frozen=True, slots=True)
class Profile:
    """Describe a dataset: how it is recognised, and how its columns become ours.

    Attributes
    ----------
    columns
        The documented columns, in their order.
    signature
        Columns that this dataset has and others do not: all must be there.
    old_names
        Names of earlier releases and spellings, folded, to the documented ones.
    coordinates
        Names of the columns of latitude and longitude, in decimal degrees north and east, WGS 84.
    dates, order
        Columns of dates such as 03/04/2021, and how this dataset writes them; the cells of a file can prove otherwise.
        Rules read what was decided as the column `DATE_ORDER`.
    constants
        Text for every record of which no rule says anything else.
    derived
        Columns made for the rules; they are not part of the file.
    said
        What a person should know of every file of this dataset.
    traps
        What its columns do not say of themselves, and what is made of it; for the page about the dataset.
    checked_as_is
        The cells are ours already and are checked without being put right for another dataset's habits.
    """

    code: str
    title: str
    columns: tuple[str, ...]
    signature: frozenset[str]
    rules: tuple[Rule, ...]
    old_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    layouts: tuple[Layout, ...] = ()
    coordinates: tuple[str, str] | None = ("latitude", "longitude")
    dates: tuple[str, ...] = ()
    order: str | None = None
    constants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    derived: Mapping[str, Derive] = field(default_factory=lambda: MappingProxyType({}))
    said: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    checked_as_is: bool = False

    def name_of(self, column: str) -> str:
        """Return the documented name for a column of a file, or the folded name as it is."""
        folded = fold_name(column)
        return self.old_names.get(folded, folded)


@dataclass(slots=True)
class Mapped:
    """Hold records in our columns, before they are checked.

    Attributes
    ----------
    frame
        Every column of the record, as text.
    taken_from
        For each of our columns the source columns it was made of, under the names of the file.
    problems
        Rows that cannot be read, by position.
    flags
        Sentences added to `notes`, with the number of rows that got them.
    read
        Columns of the file that some rule looked at.
    """

    frame: pd.DataFrame
    taken_from: dict[str, tuple[str, ...]]
    read: frozenset[str]
    problems: dict[int, list[Problem]]
    flags: Counter[str]


def fold_name(column: str) -> str:
    """Return a column name as names are compared: lower case, words joined by single underscores."""
    return "_".join(column.replace("-", " ").replace("_", " ").casefold().split())


def blank(size: int) -> Texts:
    """Return a column of empty cells."""
    return pd.Series(pd.array([""], dtype="str").take(np.zeros(size, dtype=np.intp)))


def combine(columns: Sequence[Texts]) -> tuple[NDArray[np.int64], list[tuple[str, ...]]]:
    """Return for each row the number of its combination of cells, and the distinct combinations."""
    codes, distinct = pd.factorize(columns[0])
    combinations: list[tuple[str, ...]] = [(text,) for text in distinct.tolist()]
    for column in columns[1:]:
        more, distinct = pd.factorize(column)
        texts = distinct.tolist()  # To take a text out of pandas' own array costs more than all else here.
        pairs, seen = pd.factorize(codes.astype(np.int64) * max(len(texts), 1) + more)
        combinations = [(*combinations[pair // len(texts)], texts[pair % len(texts)]) for pair in seen.tolist()]
        codes = pairs
    return codes.astype(np.int64), combinations


def spread(texts: Sequence[str], codes: NDArray[np.int64]) -> Texts:
    """Return a column with the text of each row's combination."""
    return pd.Series(pd.array(list(texts) or [""], dtype="str").take(codes))


def _against_country(placed: Placed, country: Texts) -> Placed:
    """Say where coordinates and country disagree, and leave out coordinates that are swapped."""
    found = disagreements(placed.latitude, placed.longitude, country)
    if not found:
        return placed
    told = np.full(len(country), "", dtype=object)
    told[list(found)] = list(found.values())
    said = pd.Series(told, dtype="str")
    kept = said != SWAPPED
    both = placed.note.where(placed.note == "", placed.note + "; ") + said
    note = placed.note.where(said == "", both).where(kept, SWAPPED)
    return Placed(placed.latitude.where(kept, ""), placed.longitude.where(kept, ""), note)


class Mapper:
    """Apply a profile to a table of a file."""

    def __init__(self, profile: Profile, raw: RawTable, *, order: str | None = None) -> None:
        self.profile = profile
        self.raw = raw
        self.asked_order = order
        self.said: list[str] = []
        self.questions: list[str] = []
        self.size = raw.cells.num_rows
        self.names: dict[str, str] = {}
        for column in raw.columns:
            self.names.setdefault(profile.name_of(column), column)
        self._cache: dict[str, Texts] = {}
        self._sources: dict[str, tuple[str, ...]] = {}
        self.problems: dict[int, list[Problem]] = {}
        self.pieces: list[Texts] = []

    def cells(self, name: str) -> Texts:
        """Return a column by its documented name; empty cells when the file does not have it."""
        if name not in self._cache:
            if name == DATE_ORDER:
                self._cache[name] = spread([self._order() or ""], np.zeros(self.size, dtype=np.int64))
            elif name in self.profile.derived:
                self._cache[name] = self._derive(name)
            elif name in self.names:
                chunks = self.raw.cells.column(self.names[name])
                self._cache[name] = pd.Series(pd.array(chunks, dtype="str"))
            else:
                self._cache[name] = blank(self.size)
        return self._cache[name]

    def _derive(self, name: str) -> Texts:
        """Make a column, taking note of the file's columns that it is made of."""
        asked: list[str] = []

        def cells(source: str) -> Texts:
            asked.extend(self.sources(source))
            return self.cells(source)

        texts = self.profile.derived[name](cells)
        self._sources[name] = tuple(dict.fromkeys(asked))
        return texts

    def sources(self, *names: str) -> tuple[str, ...]:
        """Return the file's columns behind documented names; none for a column that the file does not have."""
        found = (self._sources.get(name) or ((self.names[name],) if name in self.names else ()) for name in names)
        return tuple(dict.fromkeys(source for group in found for source in group))

    def has(self, name: str) -> bool:
        """Tell whether a column is in the file or made from it."""
        return name in self.names or name in self.profile.derived

    def _order(self) -> str | None:
        """Decide how dates of two small numbers are meant: asked for, proved by the column, or the dataset's habit."""
        if self.asked_order:
            self.said.append(f"dates read {self.asked_order}, as asked")
            return self.asked_order
        present = [self.cells(name) for name in self.profile.dates if name in self.names]
        order, sentence = column_order(str(text) for column in present for text in column.unique())
        if order is None and sentence and self.profile.order:
            self.said.append(f"dates read {self.profile.order}, as {self.profile.title} writes them")
            return self.profile.order
        if sentence:
            self.said.append(sentence)
            if order is None:
                self.questions.append("dates")
        return order

    def map(self) -> Mapped:
        """Fill our columns."""
        filled: dict[str, Texts] = {}
        taken: dict[str, tuple[str, ...]] = {}
        for rule in self.profile.rules:
            for ours, texts in zip(rule.fills, self._apply(rule), strict=True):
                if ours == NOTES and rule.how is not None:
                    self.pieces.append(texts)
                else:
                    filled[ours] = texts
                    taken[ours] = self.sources(*rule.reads)
        if self.profile.coordinates:
            self._place(filled, taken)
        for ours, text in self.profile.constants.items():
            written = filled.get(ours, blank(self.size))
            filled[ours] = written.where(written != "", text)
        if not self.profile.checked_as_is:
            self._name(filled)
        flags = self._notes(filled)
        empty = blank(self.size)
        frame = pd.DataFrame({name: filled.get(name, empty) for name in COLUMN_NAMES}, copy=False)
        read = frozenset(self.names[name] for name in self._cache if name in self.names)
        return Mapped(frame, taken, read, self.problems, flags)

    def _apply(self, rule: Rule) -> tuple[Texts, ...]:
        columns = [self.cells(name) for name in rule.reads]
        if rule.how is None:
            return (columns[0],)
        if not any(self.has(name) for name in rule.reads):
            return tuple(blank(self.size) for _ in rule.fills)
        codes, combinations = combine(columns)
        results: list[tuple[str, ...]] = []
        refused: dict[int, RowError] = {}
        for number, cells in enumerate(combinations):
            try:
                results.append(rule.how(*cells))
            except RowError as error:
                results.append(("",) * len(rule.fills))
                refused[number] = error
        if refused:
            bad = np.isin(codes, np.fromiter(refused, dtype=np.int64))
            for row in np.flatnonzero(bad).tolist():
                number = int(codes[row])
                self._refuse(row, rule, combinations[number], refused[number])
        return tuple(spread([row[place] for row in results], codes) for place in range(len(rule.fills)))

    def _refuse(self, row: int, rule: Rule, cells: tuple[str, ...], error: RowError) -> None:
        present = [(self.names[name], cell) for name, cell in zip(rule.reads, cells, strict=True) if name in self.names]
        # The message quotes the cell it is about; of a day cut into three columns it quotes none.
        quoted = [(name, cell) for name, cell in present if cell and repr(cell[:80]) in str(error)]
        column = (quoted or present or [(rule.fills[0], "")])[0][0]
        value = shorten(" / ".join(cell for _, cell in (quoted[:1] or present) if cell))
        reason, _, fix = str(error).partition("; ")
        self.problems.setdefault(row, []).append(Problem(column, value, f"bad_{rule.fills[0]}", reason, fix))

    def _place(self, filled: dict[str, Texts], taken: dict[str, tuple[str, ...]]) -> None:
        """Put coordinates right where they can be read in one way only, and leave them out where they cannot."""
        north, east = self.profile.coordinates or ("", "")
        if not self.has(north) and not self.has(east):
            return
        placed = clean_coordinates(self.cells(north), self.cells(east))
        if "country" in filled:
            placed = _against_country(placed, filled["country"])
        filled["latitude"], filled["longitude"] = placed.latitude, placed.longitude
        taken["latitude"], taken["longitude"] = self.sources(north), self.sources(east)
        self.pieces.append(placed.note)
        if "location_precision" in filled:
            filled["location_precision"] = filled["location_precision"].where(placed.latitude != "", "")

    def _name(self, filled: dict[str, Texts]) -> None:
        """Give an id to records that have none, made of what they say: the next version of the file gets the same."""
        ids = filled.get("id", blank(self.size))
        nameless = np.flatnonzero((ids.str.strip() == "").to_numpy())
        if not nameless.size:
            return
        told = [filled[name].iloc[nameless].tolist() for name in _TELLING if name in filled]
        rest = filled["summary"].iloc[nameless].tolist() if "summary" in filled else [""] * nameless.size
        seen: Counter[str] = Counter(ids.tolist())
        named = ids.to_numpy(dtype=object, copy=True)
        for place, *parts in zip(nameless.tolist(), *told, strict=True):
            text = "\x1f".join(parts) if any(parts) else rest[int(np.searchsorted(nameless, place))]
            mark = hashlib.sha256(text.encode()).hexdigest()[:12]
            seen[mark] += 1
            named[place] = mark if seen[mark] == 1 else f"{mark}-{seen[mark]}"
        filled["id"] = pd.Series(named, dtype="str")
        if nameless.size == self.size:
            self.said.append(MADE_ID)
            return
        said = np.full(self.size, "", dtype=object)
        said[nameless] = MADE_ID
        self.pieces.append(pd.Series(said, dtype="str"))

    def _notes(self, filled: dict[str, Texts]) -> Counter[str]:
        """Join what the rules say of each row, and count it."""
        flags: Counter[str] = Counter()
        pieces = []
        for texts in self.pieces:
            codes, combinations = combine([texts])
            counts = np.bincount(codes, minlength=len(combinations))
            said = {text: int(n) for (text,), n in zip(combinations, counts, strict=True) if text}
            flags.update(said)
            if said:
                pieces.append(texts)
        if pieces:
            own = [filled[NOTES]] if NOTES in filled else []
            codes, combinations = combine([*own, *pieces])
            filled[NOTES] = spread(["; ".join(filter(None, parts)) for parts in combinations], codes)
        return flags
