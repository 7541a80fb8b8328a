"""Know the actors: their spellings, their kinds, and who stood behind whom on which day and on what grounds."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from geodata.dates import PartialDate, parse_date
from geodata.errors import FileError
from geodata.incident import SEPARATOR

DATA: Final = Path(__file__).parent / "data"

ACTOR_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "state": "State or part of its government",
        "state_force": "State force",
        "militia": "Militia",
        "facade_group": "Facade group",
        "bloc": "Political bloc",
        "coalition": "Coalition",
        "party": "Party",
        "media": "Media outlet",
        "other": "Other",
    }
)

#: The relations of an actor to one above it; where several hold on a day, the first of this list leads.
ACTOR_RELATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "facade_of": "facade of",
        "affiliated_with": "affiliated with",
        "commanded_by": "commanded by",
        "part_of": "part of",
    }
)

# To sit in an alliance is to be under nobody's orders.
_ALLIANCES: Final = frozenset({"bloc", "coalition"})
_RANKS: Final = {relation: rank for rank, relation in enumerate(ACTOR_RELATIONS)}
_ARABIC_FOLDS: Final = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None})
_NOT_WORD: Final = re.compile(r"[^\w]+")
_APOSTROPHES: Final = re.compile(r"['’‘ʿʾ`´ʼ]")


@dataclass(frozen=True, slots=True)
class Actor:
    """Name an actor, its other spellings, and what kind of actor it is."""

    id: str
    name: str
    variants: tuple[str, ...]
    kind: str
    aligned_with: str
    notes: str
    source: str


@dataclass(frozen=True, slots=True)
class ActorLink:
    """Say that one actor stood behind another, from when to when, on what grounds and whose word."""

    actor: str
    relation: str
    parent: str
    since: PartialDate | None
    until: PartialDate | None
    grounds: str
    source: str

    @property
    def days(self) -> str:
        """Say since when and until when the link holds, as exactly as it is known; nothing when neither is."""
        ends = (("since", self.since), ("until", self.until))
        return " ".join(f"{word} {day.text}" for word, day in ends if day)

    def holds(self, on: date | None) -> bool:
        """Tell whether the link holds on a day; a partial date counts from its first to its last day."""
        if on is None:
            return True
        return (self.since is None or self.since.first <= on) and (self.until is None or on <= self.until.last)


def fold_name(text: str) -> str:
    """Return a name as names are compared: no case, accents, apostrophes, hyphens, Arabic letter variants."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).translate(_ARABIC_FOLDS)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", plain.casefold()).strip()


class Actors:
    """Answer questions about actors: which one a name means, and who stood behind it."""

    def __init__(self, actors: Iterable[Actor], links: Iterable[ActorLink] = ()) -> None:
        self._actors = {actor.id: actor for actor in actors}
        self._ids: dict[str, str] = {}
        for actor in self._actors.values():
            for name in (actor.id, actor.name, *actor.variants):
                known = self._ids.setdefault(fold_name(name), actor.id)
                if known != actor.id:
                    msg = f"the name {name!r} stands for {known} and for {actor.id}; keep it with one of them"
                    raise FileError(msg)
        self._links: dict[str, list[ActorLink]] = {}
        for link in links:
            for end in (link.actor, link.parent):
                if end not in self._actors:
                    msg = f"the link {link.actor} {link.relation} {link.parent} names {end!r}, which is no actor's id"
                    raise FileError(msg)
            self._links.setdefault(link.actor, []).append(link)
        for of_actor in self._links.values():
            of_actor.sort(key=lambda link: _RANKS[link.relation])

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._actors.values())

    def __len__(self) -> int:
        return len(self._actors)

    def actor(self, actor_id: str) -> Actor:
        """Return the actor of an id.

        Raises
        ------
        KeyError
            When there is none.
        """
        return self._actors[actor_id]

    def resolve(self, name: str) -> str:
        """Return the id of the actor that `name` stands for, spelling variants folded; empty when nobody is known."""
        return self._ids.get(fold_name(name), "")

    def resolve_cell(self, cell: str) -> tuple[tuple[str, str], ...]:
        """Return each name of a cell with its actor's id (empty when unknown), in the order of the cell."""
        return tuple((name, self.resolve(name)) for name in cell.split(SEPARATOR) if name)

    def parents(self, actor_id: str, on: date | None = None) -> tuple[ActorLink, ...]:
        """Return who stands above an actor, on a day or ever; the leading link first."""
        return tuple(link for link in self._links.get(actor_id, ()) if link.holds(on))

    def chain(self, actor_id: str, on: date | None = None) -> tuple[ActorLink, ...]:
        """Return the links of subordination upwards from an actor, such as facade, group, force.

        The chain ends below a state, or every record would be a state's; it ends where two parents have the same claim,
        and where it would enter a circle, because nobody stands above the actors of a circle.
        """
        found: list[ActorLink] = []
        passed = [actor_id]
        while link := self._superior(passed[-1], on):
            if link.parent in passed:
                return tuple(found[: passed.index(link.parent)])
            found.append(link)
            passed.append(link.parent)
        return tuple(found)

    def _superior(self, actor_id: str, on: date | None) -> ActorLink | None:
        """Return the one link that says to whom an actor was subordinate, or None when there is none or no telling."""
        above = [link for link in self.parents(actor_id, on) if self._subordinates(link)]
        leading = [link for link in above if link.relation == above[0].relation]
        return leading[0] if len({link.parent for link in leading}) == 1 else None

    def _subordinates(self, link: ActorLink) -> bool:
        kind = self._actors[link.parent].kind
        return kind != "state" and not (link.relation == "part_of" and kind in _ALLIANCES)

    def change_days(self) -> list[date]:
        """Return the days on which some link begins to hold or holds no longer, in order."""
        ends = [(link.since, link.until) for links in self._links.values() for link in links]
        begins = {since.first for since, _ in ends if since}
        return sorted(begins | {until.last + timedelta(days=1) for _, until in ends if until})

    def assessed_parent(self, actor_id: str, on: date | None = None) -> str:
        """Return the highest actor that `actor_id` was subordinate to on a day, or the actor itself."""
        chain = self.chain(actor_id, on)
        return chain[-1].parent if chain else actor_id


def read_actors(actors_file: Path, links_file: Path) -> Actors:
    """Read actors and their links from two CSV files.

    Raises
    ------
    FileError
        When a file is missing a column, uses an unknown kind or relation, or names an actor that does not exist.
    """
    actors = []
    for row in _rows(actors_file, ("id", "name", "variants", "kind", "aligned_with", "notes", "source")):
        if row["kind"] not in ACTOR_KINDS:
            msg = f"{actors_file.name}: {row['kind']!r} is no kind of actor; use one of {', '.join(ACTOR_KINDS)}"
            raise FileError(msg)
        variants = tuple(name for name in row["variants"].split(SEPARATOR) if name)
        actors.append(
            Actor(row["id"], row["name"], variants, row["kind"], row["aligned_with"], row["notes"], row["source"])
        )
    links = _rows(links_file, ("actor", "relation", "parent", "since", "until", "grounds", "source"))
    return Actors(actors, (_link(row, links_file.name) for row in links))


def _link(row: Mapping[str, str], name: str) -> ActorLink:
    if row["relation"] not in ACTOR_RELATIONS:
        msg = f"{name}: {row['relation']!r} is no relation; use one of {', '.join(ACTOR_RELATIONS)}"
        raise FileError(msg)
    since, until = (parse_date(row[column]) if row[column] else None for column in ("since", "until"))
    return ActorLink(row["actor"], row["relation"], row["parent"], since, until, row["grounds"], row["source"])


def _rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            rows = list(reader)
    except OSError as error:
        msg = f"{path.name} cannot be read: {error.strerror}; it belongs to the installation"
        raise FileError(msg) from error
    if missing:
        msg = f"{path.name} has no column {', '.join(missing)}; add it, empty where nothing is known"
        raise FileError(msg)
    return rows


@cache
def load_actors() -> Actors:
    """Return the project's own actors, read once."""
    return read_actors(DATA / "actors.csv", DATA / "actor_links.csv")
