"""Records as columns of small integers for one file: a million of them in a few megabytes, read by standalone.js."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.symbols import zone_radii_m
from geodata.actors import load_actors
from geodata.density import CELL_DEG, cells_of
from geodata.record_table import Rows
from geodata.scan_loops import NO_DAY
from geodata.selection import DIMENSIONS, Dimension
from geodata.store import Store
from geodata.user_gazetteers import load_all_gazetteers

#: A text that ends in a number of at most nine digits: it fits in four bytes.
_NUMBERED = r"^(.*?)(\d{1,9})$"

Integers = npt.NDArray[np.integer[Any]]
Plain = dict[str, Any]

#: Dimensions that every record of a place shares; they are kept once for each place.
PLACE_DIMENSIONS = ("country", "governorate", "precision")
ACTOR_DIMENSIONS = ("claimed", "assessed", "parent", "denied")

#: What a reader of one file can filter by: all but the desk's own search for gaps.
CARRIED = tuple(dimension for dimension in DIMENSIONS if dimension.name != "missing")

#: From this number of places on their coordinates have one decimal less, and neither the density of each nor other
#: spellings of its name are carried: so many places come from coordinates, and differ by more than 11 m.
MANY_PLACES = 20_000


@dataclass(slots=True)
class Packer:
    """Columns of whole numbers, each as planes of bytes above its least value: deflate finds what repeats.

    Attributes
    ----------
    specs
        Name, bytes per number, least value and length of each column, in the order of the planes.
    """

    specs: list[list[Any]] = field(default_factory=list)
    planes: list[bytes] = field(default_factory=list)

    def add(self, name: str, values: Integers) -> None:
        """Add a column; one whose values are all the same takes no bytes."""
        least = int(values.min()) if len(values) else 0
        above = (values.astype(np.int64) - least).astype("<u4")
        width = (int(above.max(initial=0)).bit_length() + 7) // 8
        self.specs.append([name, width, least, len(values)])
        self.planes.append(above.view(np.uint8).reshape(-1, 4)[:, :width].T.tobytes())

    @property
    def data(self) -> bytes:
        """All planes, one after the other."""
        return b"".join(self.planes)


@dataclass(frozen=True, slots=True)
class Packed:
    """Columns of some records, and the plain values that say what their numbers stand for."""

    data: bytes
    head: Plain


def pack_rows(store: Store, rows: Rows) -> Packed:
    """Pack some records, in their order: by first day, those without a date last."""
    packer = Packer()
    dated = _pack_days(packer, store, rows)
    sites = _Sites.of(store, rows)
    packer.add("site", _by_first_seen(sites.of_row))
    dimensions = []
    for dimension in CARRIED:
        shared = dimension.name in PLACE_DIMENSIONS
        at = rows[sites.first_row] if shared else rows
        used, codes = np.unique(store.coded[dimension.name].codes[at], return_inverse=True)
        packer.add(dimension.name, codes)
        dimensions.append({**_meanings(store, dimension, used), "perPlace": shared})
    spots = _pack_spots(packer, store, rows, sites)
    head = {"dated": dated, "dimensions": dimensions, **spots, "columns": packer.specs}
    return Packed(packer.data, head)


def pack_ids(store: Store, rows: Rows) -> Packed:
    """Pack the ids of some records: most files number them, so that the digits are packed as numbers."""
    ids = pd.Series(store.records.column("id", rows), dtype="str")
    parts = ids.str.extract(_NUMBERED)
    numbered = parts[1].notna()
    packer = Packer()
    prefixes = _pack_texts(packer, "prefix", parts[0].where(numbered, ids).to_numpy(dtype=object))
    packer.add("digits", parts[1].str.len().fillna(0).to_numpy(dtype=np.int64))
    packer.add("number", parts[1].fillna("0").to_numpy(dtype=np.int64))
    return Packed(packer.data, {"columns": packer.specs, "prefixes": prefixes})


def _pack_days(packer: Packer, store: Store, rows: Rows) -> int:
    """Pack first days as steps from one record to the next, and how much longer each lasts; tell how many are dated."""
    first, last, term = (days[rows].astype(np.int64) for days in _days(store))
    known = first != NO_DAY
    dated = int(known.sum())
    packer.add("step", np.diff(first[:dated], prepend=0))
    packer.add("length", np.where(known, last - first, 0))
    packer.add("term", np.where(known & (term != NO_DAY), term - last, 0))
    return dated


def _days(store: Store) -> tuple[Integers, Integers, Integers]:
    return store.columns.first_day, store.columns.last_day, store.columns.term_day


@dataclass(frozen=True, slots=True)
class _Sites:
    """What the records of one place share: its spot and its place dimensions.

    Attributes
    ----------
    of_row
        Site of each record, numbered as they are first met.
    first_row
        Position of the first record of each site.
    """

    of_row: npt.NDArray[np.int64]
    first_row: npt.NDArray[np.int64]

    @classmethod
    def of(cls, store: Store, rows: Rows) -> _Sites:
        key = store.spot[rows].astype(np.int64) + 1
        for name in PLACE_DIMENSIONS:
            coded = store.coded[name]
            key = key * len(coded.combinations) + coded.codes[rows]
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        order = np.argsort(first)
        number = np.empty(len(order), dtype=np.int64)
        number[order] = np.arange(len(order))
        return cls(number[inverse], first[order])


def _by_first_seen(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Write each number as its distance below the next new one: what is new costs nothing."""
    if not len(numbers):
        return numbers
    highest = np.concatenate([[-1], np.maximum.accumulate(numbers)[:-1]])
    distance: npt.NDArray[np.int64] = highest + 1 - numbers
    return distance


def _meanings(store: Store, dimension: Dimension, used: Integers) -> Plain:
    """Say what the codes of a dimension stand for; values that no record has stay out of the file."""
    coded = store.coded[dimension.name]
    combinations = [coded.combinations[code] for code in used]
    values = sorted({value for cell in combinations for value in cell})
    known = list(dimension.labels)
    values.sort(key=lambda value: known.index(value) if value in known else len(known))
    place = {value: at for at, value in enumerate(values)}
    actor = dimension.name in ACTOR_DIMENSIONS
    return {
        "name": dimension.name,
        "label": dimension.label,
        "phrase": dimension.phrase,
        "reason": dimension.reason,
        "closed": bool(dimension.labels),
        "values": [dimension.label_of(value, store.names) for value in values],
        "codes": values,
        "words": [_actor_words(value) for value in values] if actor else [],
        "cells": [[place[value] for value in cell] for cell in combinations],
    }


def _actor_words(name: str) -> str:
    """Give every spelling of an actor, for the search."""
    actors = load_actors()
    actor_id = actors.resolve(name)
    return " ".join([name, *actors.actor(actor_id).variants]) if actor_id else name


def _pack_spots(packer: Packer, store: Store, rows: Rows, sites: _Sites) -> Plain:
    """Pack the places that are drawn; -1 marks a site without one."""
    spots, of_site = store.spots, store.spot[rows[sites.first_row]].astype(np.int64)
    placed, first = np.unique(of_site[of_site >= 0], return_index=True)
    used = placed[np.argsort(first)]
    number = np.full(len(spots) + 1, -1, dtype=np.int64)
    number[used] = np.arange(len(used))
    packer.add("siteSpot", number[of_site])
    decimals = 4 if len(used) > MANY_PLACES else 5
    for name, degrees in (("longitude", spots.longitude), ("latitude", spots.latitude)):
        packer.add(name, np.round(degrees[used] * 10**decimals).astype(np.int64))
    radius_m = np.where(spots.potential[used], zone_radii_m(spots.radius_m[used]), spots.radius_m[used])
    packer.add("radius", np.round(radius_m).astype(np.int64))
    packer.add("potential", spots.potential[used].astype(np.int64))
    texts = {
        name: _pack_texts(packer, f"spot_{name}", getattr(spots, name)[used])
        for name in ("name", "area_id", "precision")
    }
    few = len(used) <= MANY_PLACES
    if few:
        _pack_density(packer, store, used)
    return {
        "decimals": decimals,
        "spotTexts": texts,
        "reach": {at: list(spots.reach[spot]) for at, spot in enumerate(used) if spots.reach[spot]},
        "spellings": _spellings(store, rows, number) if few else {},
        "densityDegrees": CELL_DEG if few else 0,
    }


def _pack_texts(packer: Packer, name: str, texts: npt.NDArray[np.object_]) -> list[str]:
    distinct, codes = np.unique(texts.astype(str), return_inverse=True)
    packer.add(name, codes)
    return [str(text) for text in distinct]


def _pack_density(packer: Packer, store: Store, used: Integers) -> None:
    """Pack the density cells of each place as steps from cell to cell; standalone.js adds up the records in them."""
    cells = [cells_of(store.spots, int(spot)) for spot in used]
    packer.add("densityCells", np.array([len(found) for found in cells], dtype=np.int64))
    flat = np.array([cell for found in cells for cell in found], dtype=np.int64).reshape(-1, 2)
    packer.add("densityEast", np.diff(flat[:, 0], prepend=0))
    packer.add("densityNorth", np.diff(flat[:, 1], prepend=0))


def _spellings(store: Store, rows: Rows, number: Integers) -> Mapping[int, str]:
    """Give the other names of each place, for the search; a place snapped for the public has none."""
    gazetteer = load_all_gazetteers()
    pairs = np.unique(np.stack([store.spot[rows], store.columns.place[rows]], axis=1), axis=0)
    ids = store.places["place_id"].to_numpy()
    found: dict[int, list[str]] = {}
    for spot, place in pairs[pairs[:, 0] >= 0].tolist():
        names = gazetteer.names(ids[place]) if ids[place] else ()
        found.setdefault(int(number[spot]), []).extend(names)
    return {spot: " ".join(dict.fromkeys(names)) for spot, names in found.items() if names}
