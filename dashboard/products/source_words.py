"""What a product says of the sources of its records: how many, whose, when they were read, how they are graded."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.words import counted
from geodata.incident import ADMIRALTY_ITEM, ADMIRALTY_SOURCE, SEPARATOR
from geodata.record_table import Rows
from geodata.sources import Source, accessed_told, count_publishers, unescape
from geodata.store import Store

_ACCESSED = re.compile(r"\| accessed=([^|]+?)\s*(?:\||$)")
_PUBLISHER = re.compile(r"\| publisher=([^|]+?)\s*(?:\||$)")
_GRADE = re.compile(r"\bgrade=([A-F])([1-6])\b")


class Written(NamedTuple):
    """Sources as the distinct cells of some rows write them, unread: to read a million one by one takes seconds.

    Attributes
    ----------
    addresses
        Address of each.
    fields
        What stands behind its address, "" where nothing does.
    """

    addresses: pa.Array
    fields: pa.Array

    def fields_counted(self) -> list[tuple[str, int]]:
        """Give each distinct text behind an address, and how many sources have it: a few for a million."""
        return [(one["values"], one["counts"]) for one in pc.value_counts(self.fields).to_pylist()]


@lru_cache(maxsize=4)
def _coded(store: Store) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Code the source cells of all records: they take a second to read from a million."""
    whole = store.records.arrow("sources").combine_chunks()
    coded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    return coded.indices.to_numpy().astype(np.int32), coded.dictionary


def written(store: Store, rows: Rows) -> Written:
    """Cut the source cells of some rows to sources."""
    codes, cells = _coded(store)
    used = np.flatnonzero(np.bincount(codes[rows], minlength=len(cells)))
    parts = pc.utf8_trim_whitespace(pc.list_flatten(pc.split_pattern(cells.take(pa.array(used)), SEPARATOR)))
    return cut(parts.filter(pc.not_equal(parts, "")))


def cut(parts: pa.Array) -> Written:
    """Cut written sources to address and fields."""
    pieces = pc.split_pattern(parts, " | ", max_splits=1)
    values, first = pc.list_flatten(pieces), np.cumsum([0, *pc.list_value_length(pieces).to_numpy()])
    behind = np.where(np.diff(first) > 1, first[:-1] + 1, -1)
    fields = values.take(pa.array(np.maximum(behind, 0), mask=behind < 0)).fill_null("")
    return Written(pc.utf8_trim_whitespace(values.take(pa.array(first[:-1]))), fields)


def unsourced(store: Store, rows: Rows) -> int:
    """Count the records that name no source."""
    codes, cells = _coded(store)
    return int((codes[rows] == pc.index(cells, pa.scalar("", cells.type)).as_py()).sum())


def sources_text(found: Written, without: int) -> str:
    """Count the incident sources of the records shown, and the records `without` any."""
    told = [f"{counted(without, 'record names', 'records name')} no source"] if without else []
    if len(found.addresses):
        pages = counted(pc.count_distinct(found.addresses).as_py(), "page or document", "pages and documents")
        by = counted(publishers_of(found), "publisher")
        told = [f"{pages} of {by}, listed with each record", accessed_text(found), *told]
    return "; ".join(told) or "no record"


def publishers_of(found: Written) -> int:
    """Count who published some sources: one host is looked up once, however many addresses it has."""
    # A host may be de-fanged: `https://a.org/b` and `a dot org/b`.
    hosts = pc.replace_substring_regex(found.addresses, r"^((?:[^:]*?://)?[^/]*).*$", r"\1")
    pairs = pa.table({"host": hosts, "fields": found.fields}).group_by(["host", "fields"]).aggregate([])
    stated = {
        (host, name[1] if (name := _PUBLISHER.search(f" | {fields}")) else "")
        for host, fields in zip(pairs["host"].to_pylist(), pairs["fields"].to_pylist(), strict=True)
    }
    return count_publishers(Source(address, publisher=unescape(name)) for address, name in stated)


def accessed_text(found: Written) -> str:
    """Say when some sources were read, or that the records do not say it."""
    days = ((_ACCESSED.search(f" | {fields}"), n) for fields, n in found.fields_counted())
    return accessed_told([text for day, n in days for text in [day[1] if day else ""] * n])


def reliability_text(found: Written) -> str:
    """Give the range of the sources' grades on the Admiralty scale."""
    read = [(_GRADE.search(fields), n) for fields, n in found.fields_counted()]
    grades = [grade for grade, _ in read if grade]
    if not grades:
        return "Sources are ungraded."
    sources, items = sorted({g[1] for g in grades}), sorted({g[2] for g in grades})
    ungraded = sum(n for grade, n in read if not grade)
    text = (
        f"Sources graded {sources[0]} ({ADMIRALTY_SOURCE[sources[0]].label.lower()}) to {sources[-1]} "
        f"({ADMIRALTY_SOURCE[sources[-1]].label.lower()}), items {items[0]} ({ADMIRALTY_ITEM[items[0]].label.lower()}) "
        f"to {items[-1]} ({ADMIRALTY_ITEM[items[-1]].label.lower()}) on the Admiralty scale"
    )
    return text + (f"; {ungraded:,} ungraded." if ungraded else ".")
