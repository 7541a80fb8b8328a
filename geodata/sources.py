"""Read the sources of a record: addresses, who published what and when, how it is graded, what it goes back to."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, urlsplit

from geodata.incident import ADMIRALTY_ITEM, ADMIRALTY_SOURCE, SEPARATOR

PUBLISHERS_FILE: Final = Path(__file__).parent / "data" / "publishers.csv"

FIELDS: Final = (
    "title",
    "author",
    "publisher",
    "published",
    "accessed",
    "part",
    "grade",
    "origin",
    "archive",
    "sha256",
)
_BAR: Final = " | "
_GRADE: Final = re.compile(r"[A-F][1-6]")
_NON_ASCII_ESCAPES: Final = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
# Letters that turn text around or cannot be seen: an address must not look like another one.
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NOT_IN_A_LINK: Final = re.compile(r"[\s<>\"'`{}\\^|]")
_DEFANGED: Final = re.compile(r"\s+dot\s+|\[\.\]|\(\.\)|^hxxps?:", re.IGNORECASE)
_PUBLIC_SECOND_LEVEL: Final = {"co", "com", "org", "net", "ac", "gov", "edu"}
# Hosts that carry the pages of many publishers: there the name before the host is the publisher.
_SHARED_HOSTS: Final = {"wordpress.com", "blogspot.com", "livejournal.com", "over-blog.com", "amazonaws.com"}


@dataclass(frozen=True, slots=True)
class Source:
    """Hold one source of a record as it is written, with what can be said about it.

    Attributes
    ----------
    address
        Address as written, possibly de-fanged ("site dot com").
    grade
        Admiralty grade, such as `C3`; empty when none is given or it cannot be read.
    origin
        What the source goes back to, when stated.
    problems
        What could not be read, in words.
    """

    address: str
    title: str = ""
    author: str = ""
    publisher: str = ""
    published: str = ""
    accessed: str = ""
    part: str = ""
    grade: str = ""
    origin: str = ""
    archive: str = ""
    sha256: str = ""
    problems: tuple[str, ...] = field(default=())

    @property
    def defanged(self) -> bool:
        """Tell whether the address is written so that nobody opens it by accident."""
        return _DEFANGED.search(self.address) is not None

    @property
    def link(self) -> str:
        """Return the address when it may become a link (http or https, a host, nothing hidden), else nothing."""
        if self.defanged or _UNSEEN.search(self.address) or _NOT_IN_A_LINK.search(self.address):
            return ""
        try:
            parts = urlsplit(self.address)
            host = parts.hostname
        except ValueError:
            return ""
        return self.address if parts.scheme in {"http", "https"} and host and "@" not in parts.netloc else ""

    @property
    def shown(self) -> str:
        """Return the address as a person reads it: letters instead of percent codes, nothing invisible."""
        return _UNSEEN.sub("", _NON_ASCII_ESCAPES.sub(_letters, self.address))

    @property
    def host(self) -> str:
        """Return the host without `www.`, also of a de-fanged address."""
        try:
            host = urlsplit(refang(self.address)).hostname or ""
        except ValueError:
            return ""
        return host.removeprefix("www.")

    @property
    def publisher_by_host(self) -> str:
        """Return who publishes under the address's host, as the list of publishers knows it; often nothing."""
        labels = self.host.split(".")
        sites = (".".join(labels[first:]) for first in range(len(labels)))
        return next((name for site in sites if (name := load_publishers().get(site))), "")

    @property
    def publisher_told(self) -> str:
        """Return the publisher as the record states it, else the one its host tells, and says so."""
        by_host = self.publisher_by_host
        return self.publisher or (f"{by_host} (by its host)" if by_host else "")

    @property
    def goes_back_to(self) -> str:
        """Return the stated origin, else the publisher's site; sources that agree in it count as one."""
        return (self.origin or _site(self.host) or self.address).casefold()


@cache
def load_publishers() -> Mapping[str, str]:
    """Return who publishes under which site; a host belongs to the longest site that it ends with."""
    with PUBLISHERS_FILE.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["site"]: row["publisher"] for row in csv.DictReader(file)})


def count_publishers(sources: Iterable[Source]) -> int:
    """Count who published the sources: as stated or by the host, else each site for itself."""
    return len(
        {(source.publisher or source.publisher_by_host or _site(source.host) or source.address) for source in sources}
    )


def parse_sources(cell: str) -> tuple[Source, ...]:
    """Read the sources of a cell; what cannot be read is kept and named in `problems`, nothing raises."""
    return tuple(_parse(text.strip()) for text in cell.split(SEPARATOR) if text.strip())


def _parse(text: str) -> Source:
    address, *pairs = text.split(_BAR)
    fields: dict[str, str] = {}
    problems = []
    for pair in pairs:
        name, found, value = pair.partition("=")
        name, value = name.strip(), unescape(value.strip())
        if not found or name not in FIELDS:
            problems.append(f"{pair!r} is not one of {', '.join(FIELDS)} with a value; write field=value")
        elif name == "grade" and not _GRADE.fullmatch(value):
            problems.append(
                f"{value!r} is not an Admiralty grade; write a letter A to F and a digit 1 to 6, such as C3"
            )
        else:
            fields[name] = value
    return Source(address.strip(), problems=tuple(problems), **fields)


def unescape(value: str) -> str:
    """Read the signs that part sources and fields, written as percent codes inside a field; other codes stay."""
    return value.replace("%3B", ";").replace("%7C", "|").replace("%25", "%")


def _letters(escapes: re.Match[str]) -> str:
    try:
        return unquote(escapes[0], errors="strict")
    except UnicodeDecodeError:
        return escapes[0]


def refang(text: str) -> str:
    """Return a de-fanged address as an address: `site dot com/a` becomes `https://site.com/a`."""
    plain = re.sub(r"\s+dot\s+|\[\.\]|\(\.\)", ".", text.strip(), flags=re.IGNORECASE)
    plain = re.sub(r"^hxxp", "http", plain, flags=re.IGNORECASE)
    return plain if "://" in plain else f"https://{plain}"


def _site(host: str) -> str:
    """Return the part of a host that one publisher owns: `english.alaraby.co.uk` gives `alaraby.co.uk`."""
    labels = host.split(".")
    if len(labels) <= 2:
        return host
    kept = 3 if ".".join(labels[-2:]) in _SHARED_HOSTS or labels[-2] in _PUBLIC_SECOND_LEVEL else 2
    return ".".join(labels[-kept:])


def count_origins(sources: Iterable[Source]) -> int:
    """Count what the sources go back to; the same origin counts once."""
    return len({source.goes_back_to for source in sources})


def accessed_told(days: Iterable[str]) -> str:
    """Say when sources were read, given each one's access date or nothing, and of how many it is not recorded."""
    known = list(days)
    dated = sorted(day for day in known if day)
    if not dated:
        return "access date not recorded"
    read = f"read {dated[0]}" if dated[0] == dated[-1] else f"read {dated[0]} to {dated[-1]}"
    missing = len(known) - len(dated)
    return read + (f", access date of {missing:,} not recorded" if missing else "")


def origins_sentence(sources: Iterable[Source]) -> str:
    """Say how many sources and origins there are, such as "3 sources, 1 origin"."""
    known = tuple(sources)
    if not known:
        return "no source"
    origins = count_origins(known)
    return f"{len(known)} source{'s' if len(known) != 1 else ''}, {origins} origin{'s' if origins != 1 else ''}"


def grade_reaches(grade: str, floor: str = "C3") -> bool:
    """Tell whether an Admiralty grade is at least as good as `floor` in both signs; no grade reaches none."""
    return bool(_GRADE.fullmatch(grade)) and grade[0] <= floor[0] and grade[1] <= floor[1]


def best_grades(sources: Iterable[Source]) -> tuple[str, ...]:
    """Return the grades that no other source's grade beats in both signs; most often one, such as C3.

    A B4 and a C2 are both kept: one has the better source, the other the better item. Whether some source reaches a
    floor can be told from these alone.
    """
    grades = sorted({source.grade for source in sources if _GRADE.fullmatch(source.grade)})
    return tuple(
        grade for grade in grades if not any(other != grade and grade_reaches(other, grade) for other in grades)
    )


def grade_label(grade: str) -> str:
    """Say a grade in words, such as "fairly reliable source, possibly true"; nothing for no grade."""
    if not _GRADE.fullmatch(grade):
        return ""
    return f"{ADMIRALTY_SOURCE[grade[0]].label.lower()} source, {ADMIRALTY_ITEM[grade[1]].label.lower()}"
