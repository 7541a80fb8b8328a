"""Marks in the content of a PDF that say what a stretch of it is: a heading, a paragraph, a picture (ISO 32000, 14.6).

Matplotlib writes none. These artists draw nothing; they write a mark before and after what lies between them, and keep
a list from which `products/tagging.py` builds the document's structure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from matplotlib.artist import Artist

#: What is no part of the text: lines, labels of a grid, markings that repeat.
ARTIFACT = "Artifact"

_order = count()


@dataclass(frozen=True, slots=True)
class Group:
    """What holds several marks, as a `Table` its rows and a `TR` its cells; it may go on over pages."""

    tag: str
    order: int = field(default_factory=lambda: next(_order))


@dataclass(frozen=True, slots=True)
class Mark:
    """One marked stretch: its page from 0, its number there, its type of structure, its text for those who cannot see.

    Attributes
    ----------
    order
        Where it stands in the order of reading: that of composing, not of painting.
    groups
        Groups that hold it, the outermost first.
    """

    page: int
    number: int
    tag: str
    alt: str
    order: int
    groups: tuple[Group, ...] = ()


#: Marks of the PDF that is being written, with how many each page has, and the groups that are being composed;
#: `drawing_settings` lets one thread draw at a time.
_kept: list[tuple[list[Mark], Counter[int]]] = []
_open_groups: list[Group] = []


@contextmanager
def kept_marks() -> Iterator[list[Mark]]:
    """Collect the marks of what is drawn meanwhile."""
    marks: list[Mark] = []
    _kept.append((marks, Counter()))
    try:
        yield marks
    finally:
        _kept.pop()


@contextmanager
def grouped(group: Group) -> Iterator[None]:
    """Put what is tagged meanwhile into a group."""
    _open_groups.append(group)
    try:
        yield
    finally:
        _open_groups.pop()


class Begin(Artist):
    """Opens a mark."""

    def __init__(self, tag: str, alt: str, zorder: float) -> None:
        super().__init__()
        self.tag, self.alt, self.order = tag, alt, next(_order)
        self.groups = tuple(_open_groups)
        self.set_zorder(zorder)

    def draw(self, renderer: Any) -> None:
        """Write the mark, where the file is a PDF."""
        file = _pdf_of(renderer)
        if file is None:
            return
        if self.tag == ARTIFACT:
            file.write(b"/Artifact BMC\n")
            return
        page = len(file.pageList) - 1
        marks, numbers = _kept[-1]
        number = numbers[page]
        numbers[page] += 1
        marks.append(Mark(page, number, self.tag, self.alt, self.order, self.groups))
        file.write(f"/{self.tag} <</MCID {number}>> BDC\n".encode("ascii"))


class End(Artist):
    """Closes the last mark."""

    def __init__(self, zorder: float) -> None:
        super().__init__()
        self.set_zorder(zorder)

    def draw(self, renderer: Any) -> None:
        """Write the end, where the file is a PDF."""
        file = _pdf_of(renderer)
        if file is not None:
            file.write(b"EMC\n")


def _pdf_of(renderer: Any) -> Any:
    return getattr(renderer, "file", None) if _kept else None
