"""Read any file of incidents: what it is, what became of each row, and what was kept of each column.

`read == kept + rejected` for every table and for all of them together. A column that no column of ours repeats word for
word rides along, so that the file can be written again as it came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geodata.errors import FileError
from geodata.formats.containers import Opened, Options, open_path
from geodata.formats.datasets import BY_CODE
from geodata.formats.daytext import ORDERS
from geodata.formats.detection import UNKNOWN, Guess, named_without_header, recognise, resembled
from geodata.formats.keeping import carry_columns, keep_records, refuse_cells, rejected_rows
from geodata.formats.limits import Cancel, Progress, stop_if
from geodata.formats.mapping import ColumnMapping, profile_for
from geodata.formats.profile import Mapper, Profile
from geodata.formats.repaired import without_reasons
from geodata.formats.table import RawTable
from geodata.reader import Reading, Rejected
from geodata.validation import Check, check_table

_LEFT_FOR_LATER: Final = 20
#: How far an import is when each of its steps is done, as measured on a million rows.
_READ: Final = 0.25
_RECOGNISED: Final = 0.26
_MAPPED: Final = 0.55
_CHECKED: Final = 0.7


@dataclass(frozen=True, slots=True)
class Flag:
    """Count the records of which something should be known; the sentence stands in their `notes`."""

    text: str
    records: int


@dataclass(frozen=True, slots=True)
class TableImport:
    """Hold what one table gave.

    Attributes
    ----------
    reading
        Records in our columns, the file's other columns under their own names, and `line`; and the rejected rows.
    profile
        Code of the dataset it was read as: `own`, `acled`, ..., or `unknown` for a mapped table.
    evidence, alternatives
        What speaks for that, and what else it could be.
    unmapped
        Columns of the file that nothing is read from.
    carried
        Columns of the file that ride along as they are, by the name they have in the file: those that nothing is read
        from, and those that no column of ours repeats word for word.
    taken
        For each of our columns that is read from the file, the columns of the file it is made of.
    layout
        For each column of the file, in its order, the column of `reading.records` that holds it.
    repair
        The rejected rows as the file has them, with their reasons; see `geodata.formats.quarantine`.
    questions
        What a person has to decide: `dates`, `columns`.
    """

    name: str
    container: str
    profile: str
    title: str
    evidence: tuple[str, ...]
    alternatives: tuple[Guess, ...]
    reading: Reading
    flags: tuple[Flag, ...]
    unmapped: tuple[str, ...]
    carried: tuple[str, ...]
    taken: dict[str, tuple[str, ...]]
    layout: tuple[tuple[str, str], ...]
    repair: pa.Table
    repair_lines: NDArray[np.int64]
    broken_text: dict[int, str]
    unit: str = "line"
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    detail: dict[str, str] = field(default_factory=dict)
    mapping: ColumnMapping | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """Say what a person chose for an import; empty means: find out.

    `seen` is told each table before it is read; `hosts` are those of the web that may be asked.
    """

    profile: str | None = None
    dates: str | None = None
    mapping: ColumnMapping | None = None
    profiles_folder: Path | None = None
    container: Options = field(default_factory=Options)
    seen: Callable[[RawTable], None] | None = None
    hosts: tuple[str, ...] = ()


def import_tables(
    path: Path, choices: Choices, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> tuple[list[TableImport], list[Opened]]:
    """Read every table of a file, an archive or a folder.

    Returns
    -------
    tuple
        The tables, and the files that could not be read, each with its error.

    Raises
    ------
    FileError
        When nothing at all could be read.
    """
    if choices.dates not in (None, *ORDERS):
        msg = f"{choices.dates!r} is no order of day and month; use {' or '.join(ORDERS)}"
        raise FileError(msg)
    say = progress or (lambda _, __: None)
    tables: list[TableImport] = []
    failed: list[Opened] = []
    say("reading", 0.0)
    options = replace(
        choices.container,
        cancel=cancel or choices.container.cancel,
        progress=lambda doing, part: say(doing, _READ * part),
    )
    for opened in open_path(path, options):
        stop_if(cancel)
        if opened.error:
            failed.append(opened)
        while opened.tables:
            name = opened.tables[0].name
            try:
                # Handed over, so that the cells of the file can go as soon as they are ours.
                tables.append(import_table(opened.tables.pop(0), choices, progress=say, cancel=cancel))
            except FileError as error:  # A readme or a list of codes beside the records harms no other table.
                failed.append(Opened(name, error=str(error)))
    if not tables:
        tried = [item for item in failed if not item.skipped] or failed
        msg = "; ".join(item.error for item in tried[:5]) or f"{path.name} holds no table"
        raise FileError(msg)
    say("done", 1.0)
    return tables, failed


def import_table(
    raw: RawTable, choices: Choices, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> TableImport:
    """Read one table as the dataset it is."""
    say = progress or (lambda _, __: None)
    raw = named_without_header(raw)
    if not raw.cells.num_rows and not raw.broken and not raw.broken_text:
        msg = f"{raw.name} holds the names of its columns and no row below them; drop in the file with its records"
        raise FileError(msg)
    raw = _without_empty_rows(without_reasons(raw))
    if choices.seen:
        choices.seen(raw)
    say("recognising", _READ)
    pa.default_memory_pool().release_unused()  # What cutting took is given back before as much is asked for again.
    profile, evidence, alternatives, mapping = _profile(raw, choices)
    stop_if(cancel)
    say("mapping", _RECOGNISED)
    done = _check(raw, profile, choices.dates, say, cancel)
    say("keeping", _CHECKED)
    # The file's own cells go before the kept rows are copied out of them.
    raw = replace(raw, cells=raw.cells.slice(0, 0).combine_chunks())
    pa.default_memory_pool().release_unused()
    along = tuple(name for name, column in done.layout if column in done.carried)
    records = keep_records(done.check, done.carried, raw.rows, done.bad)
    notes = (*raw.notes, *profile.said, *done.said)
    asked = ("columns",) if mapping is not None and not mapping.confirmed else ()
    return TableImport(
        name=raw.name,
        container=raw.container,
        profile=UNKNOWN if mapping is not None else profile.code,
        title=profile.title,
        evidence=evidence,
        alternatives=alternatives,
        reading=Reading(records, done.rejected, len(records) + len(done.rejected), notes),
        flags=_flags(done.flags, records),
        unmapped=done.unmapped,
        carried=along,
        taken=done.taken,
        layout=done.layout,
        repair=done.repair,
        repair_lines=raw.rows[done.bad],
        broken_text=dict(raw.broken_text),
        unit=raw.unit,
        notes=notes,
        questions=(*done.questions, *asked),
        detail=dict(raw.detail),
        mapping=mapping,
    )


@dataclass(frozen=True, slots=True)
class _Done:
    """Hold a table after mapping and checking, before the refused rows are taken out."""

    check: Check
    carried: dict[str, pd.Series[str]]
    layout: tuple[tuple[str, str], ...]
    unmapped: tuple[str, ...]
    taken: dict[str, tuple[str, ...]]
    rejected: tuple[Rejected, ...]
    bad: NDArray[np.int64]
    repair: pa.Table
    flags: tuple[str, ...]
    said: tuple[str, ...]
    questions: tuple[str, ...]


def _check(raw: RawTable, profile: Profile, order: str | None, say: Progress, cancel: Cancel | None) -> _Done:
    mapper = Mapper(profile, raw, order=order)
    mapped = mapper.map()
    stop_if(cancel)
    say("checking", _MAPPED)
    check = check_table(mapped.frame, raw.rows)
    for row, problems in mapped.problems.items():
        check.problems[row] = [*problems, *check.problems.get(row, [])]
    carried, layout = carry_columns(raw, check.frame, mapped, profile)
    refuse_cells(check, carried, raw)
    stop_if(cancel)
    rejected, bad = rejected_rows(check, raw, mapped)
    return _Done(
        check=check,
        carried=carried,
        layout=layout,
        unmapped=tuple(name for name in raw.columns if name not in mapped.read),
        taken={ours: sources for ours, sources in mapped.taken_from.items() if sources},
        rejected=rejected,
        bad=bad,
        # By take() all cells would be copied first.
        repair=raw.cells.filter(pa.array(np.isin(np.arange(len(raw.rows)), bad))),
        flags=(*mapped.flags, *check.flags),
        said=(*mapper.said, *check.notes()[:_LEFT_FOR_LATER]),
        questions=tuple(mapper.questions),
    )


def _profile(
    raw: RawTable, choices: Choices
) -> tuple[Profile, tuple[str, ...], tuple[Guess, ...], ColumnMapping | None]:
    """Return the profile to use, what speaks for it, what else it could be, and the mapping of an unknown table."""
    known = recognise(raw)
    guesses = known or resembled(raw)
    if choices.profile and choices.profile != UNKNOWN:
        if choices.profile not in BY_CODE:
            msg = f"{choices.profile!r} is no known dataset; use one of {', '.join(BY_CODE)}, or {UNKNOWN}"
            raise FileError(msg)
        return BY_CODE[choices.profile], ("chosen by hand",), guesses, None
    if known and choices.mapping is None and choices.profile is None:
        best = BY_CODE[guesses[0].code]
        return best, (guesses[0].evidence,), guesses[1:], None
    profile, mapping, evidence = profile_for(raw, choices.mapping, choices.profiles_folder)
    return profile, evidence, guesses, mapping


def _without_empty_rows(raw: RawTable) -> RawTable:
    empty: NDArray[np.bool_] = np.ones(raw.cells.num_rows, dtype=bool)
    for column in raw.cells.columns:
        if not empty.any():
            return raw
        empty &= pc.equal(column, "").to_numpy().astype(bool)
    if not empty.any():
        return raw
    kept = np.flatnonzero(~empty)
    said = f"{int(empty.sum()):,} empty row{'s' if empty.sum() != 1 else ''} skipped"
    return RawTable(
        raw.name, raw.container, raw.cells.take(pa.array(kept)), raw.rows[kept], raw.unit, raw.broken, raw.broken_text,
        (*raw.notes, said), raw.detail,
    )  # fmt: skip


def preview_table(raw: RawTable, choices: Choices, rows: int = 10) -> TableImport:
    """Read the first rows only, to show how they would be read."""
    return import_table(replace(raw, cells=raw.cells.slice(0, rows), rows=raw.rows[:rows], broken=()), choices)


def _flags(said: tuple[str, ...], records: pd.DataFrame) -> tuple[Flag, ...]:
    """Count what was said of the records that were kept."""
    if not said:
        return ()
    notes = pa.array(records["notes"], pa.large_string())
    counted = ((text, int(pc.sum(pc.match_substring(notes, text)).as_py() or 0)) for text in sorted(said))
    return tuple(Flag(text, number) for text, number in counted if number)
