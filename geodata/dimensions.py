"""What each record has in each dimension that stands in the record itself: coded once, when a file is opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.actors import Actors, load_actors
from geodata.coding import Coded, code_cells, coded_from, distinct_rows
from geodata.dates import DateColumn, parse_dates
from geodata.incident import SEPARATOR
from geodata.sources import best_grades, count_origins, parse_sources
from geodata.totals import Ranges, harm_ranges

#: Several values in one cell, however the separator is spaced.
SEVERAL = SEPARATOR.strip()

#: From this number on, origins are one class: a third witness matters, a ninth does not.
MOST_ORIGINS = 3


def record_dimensions(records: pd.DataFrame) -> dict[str, Coded]:
    """Code the dimensions of some records; actors count under their canonical name, whatever the spelling."""
    killed, wounded = harm_ranges(records, "killed"), harm_ranges(records, "wounded")
    start = parse_dates(records["date_start"])
    grades = _mapped(records["sources"], _grades)
    return {
        "type": code_cells(records["event_type"]),
        "claimed": _mapped(records["claimed_by"], _canonical),
        "assessed": _mapped(records["attributed_to"], _canonical),
        "parent": assessed_parents(records["attributed_to"], start),
        "denied": _mapped(records["denied_by"], _canonical),
        "likelihood": code_cells(records["likelihood"]),
        "target": code_cells(records["target_type"]),
        "confidence": code_cells(records["confidence"]),
        "status": code_cells(records["status"].where(records["status"] != "", "draft")),
        "grade": grades,
        "origins": _mapped(records["sources"], _origins),
        "casualties": _casualties(killed, wounded),
        "missing": _missing(
            {
                "day": start.precision != "day",
                "reported": (records["first_reported"] == "").to_numpy(),
                "target": (records["target_type"] == "").to_numpy(),
                "claimed": (records["claimed_by"] == "").to_numpy(),
                "assessed": (records["attributed_to"] == "").to_numpy(),
                "harm": np.isnan(killed.high) | np.isnan(wounded.high),
                "sources": (records["sources"] == "").to_numpy(),
                "grade": grades.passes(frozenset({""})),
                "confidence": (records["confidence"] == "").to_numpy(),
            }
        ),
    }


def assessed_parents(cells: pd.Series[str], days: DateColumn, actors: Actors | None = None) -> Coded:
    """Code who stood above the assessed actors on the first day of each record; claims have no part in it.

    An actor without a link to somebody above it, or unknown to the list of actors, stands for itself.
    """
    known = actors or load_actors()
    changes = known.change_days()
    # Between two changes everybody's parents are the same, so each cell is looked up once per such span.
    span = np.searchsorted(np.array(changes, dtype="datetime64[D]"), days.first, side="right")
    span[np.isnat(days.first)] = -1
    codes, first = distinct_rows([cells, pd.Series(span)])
    beginnings = [date.min, *changes]
    found = []
    for row in first.tolist():
        on = beginnings[span[row]] if span[row] >= 0 else None
        found.append(tuple(dict.fromkeys(_parent(known, name, on) for name in _names(cells.iloc[row]))) or ("",))
    return _merged(codes, found)


def _parent(actors: Actors, name: str, on: date | None) -> str:
    actor_id = actors.resolve(name)
    return actors.actor(actors.assessed_parent(actor_id, on)).name if actor_id else name


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(SEVERAL) if name.strip()]


def _canonical(cell: str) -> tuple[str, ...]:
    actors = load_actors()
    ids = ((name, actors.resolve(name)) for name in _names(cell))
    return tuple(actors.actor(actor_id).name if actor_id else name for name, actor_id in ids)


def _grades(cell: str) -> tuple[str, ...]:
    return best_grades(parse_sources(cell))


def _origins(cell: str) -> tuple[str, ...]:
    origins = count_origins(parse_sources(cell))
    return (f"{MOST_ORIGINS}+" if origins >= MOST_ORIGINS else str(origins) if origins else "",)


def _mapped(cells: pd.Series[str], change: Callable[[str], tuple[str, ...]]) -> Coded:
    """Code what a function makes of each distinct cell; nothing made is an empty cell."""
    codes, distinct = pd.factorize(cells)
    found = [tuple(dict.fromkeys(change(str(cell)))) or ("",) for cell in distinct]
    return _merged(codes, found)


def _merged(codes: npt.NDArray[np.integer], cells: list[tuple[str, ...]]) -> Coded:
    combinations = sorted(set(cells))
    place = {combination: index for index, combination in enumerate(combinations)}
    remap = np.array([place[cell] for cell in cells], dtype=np.int64)
    return coded_from(remap[codes] if len(cells) else codes, combinations)


def _casualties(killed: Ranges, wounded: Ranges) -> Coded:
    """Say whether people were killed or wounded; "none" only where a source reports both as none."""
    labels = np.where(np.isnan(killed.high) | np.isnan(wounded.high), "", "none").astype(object)
    labels[wounded.high > 0] = "wounded"
    labels[killed.high > 0] = "killed"
    labels[(killed.high > 0) & (wounded.high > 0)] = "killed;wounded"
    return code_cells(pd.Series(labels), SEVERAL)


def _missing(masks: dict[str, npt.NDArray[np.bool_]]) -> Coded:
    """Code which fields say nothing; each record has all that it lacks, or "" when it lacks none."""
    names = list(masks)
    bits = sum((np.asarray(mask, dtype=np.int64) << at for at, mask in enumerate(masks.values())), start=np.int64(0))
    codes, distinct = pd.factorize(np.asarray(bits))
    cells = [tuple(name for at, name in enumerate(names) if number >> at & 1) or ("",) for number in distinct.tolist()]
    return _merged(codes, cells)
