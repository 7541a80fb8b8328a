"""From a file to records that can be asked: read, placed, coded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geodata.assemble import assemble
from geodata.boundaries import Boundaries, load_boundaries
from geodata.coding import distinct_rows
from geodata.columns import Columns, Days
from geodata.corrections import replaced_from
from geodata.dataset import Progress
from geodata.dates import parse_dates
from geodata.dimensions import record_dimensions
from geodata.errors import FileError
from geodata.gazetteer import Gazetteer
from geodata.geocoder import Geocoder
from geodata.prepared import Prepared
from geodata.reader import Reading, read_incidents
from geodata.record_table import SEARCH_COLUMN, RecordTable, compact
from geodata.scan_loops import NO_DAY
from geodata.search_text import search_texts
from geodata.store import Store
from geodata.totals import Figures, counted, event_ranges, harm_ranges, known_from
from geodata.user_gazetteers import load_all_gazetteers

if TYPE_CHECKING:
    from geodata.formats.files import Imported

#: Columns that decide where a record is placed.
PLACE_COLUMNS = ("place", "site", "admin1", "country", "latitude", "longitude", "location_precision")


@dataclass(frozen=True, slots=True)
class Placements:
    """Where records were placed: `places` holds each distinct answer once, `codes` the answer of each record."""

    codes: npt.NDArray[np.int32]
    places: pd.DataFrame

    @classmethod
    def per_record(cls, frame: pd.DataFrame) -> Placements:
        """Take a table with one answer per record."""
        return cls(np.arange(len(frame), dtype=np.int32), frame.reset_index(drop=True))


def place_records(records: pd.DataFrame, geocoder: Geocoder) -> Placements:
    """Place records, each distinct combination of place texts and coordinates once."""
    codes, first = distinct_rows([records[name] for name in PLACE_COLUMNS])
    places = geocoder.geocode_table(records[list(PLACE_COLUMNS)].iloc[first].reset_index(drop=True))
    return Placements(codes.astype(np.int32), places)


def sort_records(records: pd.DataFrame, placements: Placements) -> tuple[Columns, pa.Table]:
    """Code records and their placements (same order), and put them in the store's; `records` is emptied on the way."""
    first, last = _days(records)
    known = _known_days(records)
    order = np.lexsort((records["id"].to_numpy(dtype=object).astype(str), first))
    columns = Columns(
        first_day=first[order],
        last_day=last[order],
        term_day=_term_days(records, last)[order],
        known_day=known[order],
        replaced_day=replaced_from(records["id"], records["links"], known, NO_DAY)[order],
        place=placements.codes[order],
        coded={name: column.at(order) for name, column in record_dimensions(records).items()},
        counted=counted(records)[order],
        events=Figures.of(event_ranges(records)).at(order),
        harm={name: Figures.of(harm_ranges(records, name)).at(order) for name in ("killed", "wounded")},
    )
    return columns, compact(records, order)


def store_sorted(
    columns: Columns, table: pa.Table, places: pd.DataFrame, boundaries: Boundaries, *, read: int, rejected: int
) -> Store:
    """Make sorted records ready to be asked."""
    table = table.append_column(SEARCH_COLUMN, search_texts(table, columns.place, places))
    return assemble(RecordTable(table), columns, places, boundaries, read=read, rejected=rejected)


def shared_geocoder() -> Geocoder:
    """Give the geocoder of this process, with the user's gazetteers as they are now; it is read-only."""
    return _geocoder_with(load_all_gazetteers())


@lru_cache(maxsize=1)
def _geocoder_with(gazetteer: Gazetteer) -> Geocoder:
    return Geocoder(gazetteer, load_boundaries())


def make(read: Callable[[], Reading], tell: Progress) -> Prepared:
    """Read, place and code records."""
    tell("reading", 0.0)
    reading = read()
    pa.default_memory_pool().release_unused()  # what reading took beside the records
    tell("placing", 0.4)
    placements = place_records(reading.records, shared_geocoder())
    tell("coding", 0.55)
    columns, table = sort_records(reading.records, placements)
    rejected = reading.rejected
    store = store_sorted(
        columns, table, placements.places, load_boundaries(), read=reading.read, rejected=len(rejected)
    )
    return Prepared(store, rejected, reading.read, reading.notes)


def read_file(path: Path) -> Reading:
    """Read our own layout; a file in another is read by the profile of a dataset that it is recognised as."""
    try:
        return read_incidents(path)
    except FileError as not_ours:
        imported = _recognised(path)
        if imported is None:
            raise
        told = f"Read as {imported.profile}: {'; '.join(imported.evidence)} ({not_ours})"
        return replace(imported.reading, notes=(told, *imported.reading.notes))


def _recognised(path: Path) -> Imported | None:
    """Read a file of another layout, when it is one that is known; an unknown table needs a person's mapping."""
    from geodata.formats import import_file
    from geodata.formats.detection import UNKNOWN

    try:
        imported = import_file(path)
    except FileError:
        return None
    return None if imported.profile == UNKNOWN else imported


def _days(records: pd.DataFrame) -> tuple[Days, Days]:
    """First and last possible day of each record, `NO_DAY` where it has no usable date."""
    start, end = parse_dates(records["date_start"]), parse_dates(records["date_end"])
    last = np.where(np.isnat(end.last), start.last, end.last)
    return _day_numbers(start.first), _day_numbers(np.where(np.isnat(start.first), start.first, last))


def _term_days(records: pd.DataFrame, last: Days) -> Days:
    """Last day on which each threat is in force: until its term ends, and never before its announcement."""
    ends = _day_numbers(parse_dates(records["expires"]).last)
    has_term = (records["event_type"] == "threat").to_numpy() & (ends != NO_DAY) & (last != NO_DAY)
    return np.where(has_term, np.maximum(last, ends), last).astype(np.int32)


def _known_days(records: pd.DataFrame) -> Days:
    """First day on which each record could be known; what gives no day was always known."""
    known = _day_numbers(known_from(records))
    return np.where(known == NO_DAY, np.iinfo(np.int32).min, known).astype(np.int32)


def _day_numbers(days: npt.NDArray[np.datetime64]) -> Days:
    numbers = days.astype("datetime64[D]").astype(np.int64)
    return np.where(np.isnat(days), NO_DAY, numbers).astype(np.int32)
