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

ACTOR_RELATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "facade_of": "facade of",
        "affiliated_with": "affiliated with",
        "commanded_by": "commanded by",
        "part_of": "part of",
    }
)

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
        """Return who stands behind an actor, on a day or ever; the leading link first."""
        return tuple(link for link in self._links.get(actor_id, ()) if link.holds(on))

    def chain(self, actor_id: str, on: date | None = None) -> tuple[ActorLink, ...]:
        """Return the leading links upwards from an actor, such as facade, group, force, state."""
        found: list[ActorLink] = []
        seen = {actor_id}
        current = actor_id
        while links := self.parents(current, on):
            current = links[0].parent
            if current in seen:
                break
            seen.add(current)
            found.append(links[0])
        return tuple(found)

    def change_days(self) -> list[date]:
        """Return the days on which some link begins to hold or holds no longer, in order."""
        ends = [(link.since, link.until) for links in self._links.values() for link in links]
        begins = {since.first for since, _ in ends if since}
        return sorted(begins | {until.last + timedelta(days=1) for _, until in ends if until})

    def assessed_parent(self, actor_id: str, on: date | None = None) -> str:
        """Return the actor behind a facade or an affiliate, or the actor itself: one level of disguise is lifted.

        Command and membership are not followed, or every record would end at a state.
        """
        for link in self.chain(actor_id, on):
            if link.relation not in {"facade_of", "affiliated_with"}:
                break
            actor_id = link.parent
        return actor_id


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
