"""What a product says of the sources of its records: how many, whose, when they were read, how they are graded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geodata.incident import ADMIRALTY_ITEM, ADMIRALTY_SOURCE, SEPARATOR
from geodata.sources import Source, accessed_told, count_publishers, unescape
from geodata.store import Rows, Store

_ACCESSED = re.compile(r"\| accessed=([^|]+?)\s*(?:\||$)")
_PUBLISHER = re.compile(r"\| publisher=([^|]+?)\s*(?:\||$)")
_GRADE = re.compile(r"\bgrade=([A-F])([1-6])\b")


@lru_cache(maxsize=4)
def _coded(store: Store) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """Code the source cells of all records: they take a second to read from a million."""
    whole = store.records.arrow("sources").combine_chunks()
    coded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    return coded.indices.to_numpy().astype(np.int32), tuple(coded.dictionary.to_pylist())


def _parts(store: Store, rows: Rows) -> list[str]:
    """Return the sources that distinct cells of the rows write, unread: to read a million takes too long."""
    codes, cells = _coded(store)
    return [part for code in np.unique(codes[rows]) for part in cells[code].split(SEPARATOR) if part.strip()]


def unsourced(store: Store, rows: Rows) -> int:
    """Count the records that name no source."""
    codes, cells = _coded(store)
    return int((codes[rows] == cells.index("")).sum()) if "" in cells else 0


def sources_text(store: Store, rows: Rows) -> str:
    """Count the incident sources of the records shown."""
    parts = _parts(store, rows)
    without = unsourced(store, rows)
    told = [f"{_many(without, 'record names', 'records name')} no source"] if without else []
    if parts:
        pages = _many(len({part.split(" | ")[0].strip() for part in parts}), "page or document", "pages and documents")
        by = _many(publishers_of(parts), "publisher")
        told = [f"{pages} of {by}, listed with each record", accessed_text(parts), *told]
    return "; ".join(told) or "no record"


def _many(n: int, one: str, more: str = "") -> str:
    return f"{n:,} {one if n == 1 else more or one + 's'}"


def publishers_of(parts: Sequence[str]) -> int:
    """Count who published some written sources: one host is looked up once, however many addresses it has."""
    stated = {(_host_part(part), found[1] if (found := _PUBLISHER.search(part)) else "") for part in parts}
    return count_publishers(Source(address, publisher=unescape(name)) for address, name in stated)


def _host_part(part: str) -> str:
    """Cut a written source after its host, which may be de-fanged: `https://a.org/b` and `a dot org/b`."""
    scheme, found, rest = part.split(" | ")[0].strip().partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if found else scheme.partition("/")[0]


def accessed_text(parts: Sequence[str]) -> str:
    """Say when some written sources were read, or that the records do not say it."""
    return accessed_told([found[1] if (found := _ACCESSED.search(part)) else "" for part in parts])


def reliability_text(store: Store, rows: Rows) -> str:
    """Give the range of the sources' grades on the Admiralty scale."""
    parts = _parts(store, rows)
    grades = [found for part in parts if (found := _GRADE.search(part))]
    if not grades:
        return "Sources are ungraded."
    sources, items = sorted({g[1] for g in grades}), sorted({g[2] for g in grades})
    ungraded = len(parts) - len(grades)
    text = (
        f"Sources graded {sources[0]} ({ADMIRALTY_SOURCE[sources[0]].label.lower()}) to {sources[-1]} "
        f"({ADMIRALTY_SOURCE[sources[-1]].label.lower()}), items {items[0]} ({ADMIRALTY_ITEM[items[0]].label.lower()}) "
        f"to {items[-1]} ({ADMIRALTY_ITEM[items[-1]].label.lower()}) on the Admiralty scale"
    )
    return text + (f"; {ungraded:,} ungraded." if ungraded else ".")
