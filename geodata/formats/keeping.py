"""Part what is kept of a table from what is refused: columns that ride along, rows with their reasons, records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geodata.csvtext import CELLS_POOL, shorten
from geodata.formats.encoding import SPOILT
from geodata.formats.profile import Mapped, Profile, fold_name
from geodata.formats.table import RawTable
from geodata.incident import COLUMN_NAMES
from geodata.reader import Rejected
from geodata.validation import MAX_CELL_CHARACTERS, Check, Problem


def carry_columns(
    raw: RawTable, frame: pd.DataFrame, mapped: Mapped, profile: Profile
) -> tuple[dict[str, pd.Series[str]], tuple[tuple[str, str], ...]]:
    """Return the columns of the file that no column of ours repeats cell for cell, and where each column went."""
    copies = {sources[0]: ours for ours, sources in mapped.taken_from.items() if len(sources) == 1}
    carried: dict[str, pd.Series[str]] = {}
    layout = []
    taken = {*COLUMN_NAMES, "line"}
    for name in raw.columns:
        cells = pd.Series(pd.array(raw.cells.column(name), dtype="str"))
        ours = copies.get(name)
        if ours is not None and profile.checked_as_is and fold_name(name) == ours:
            layout.append((name, ours))  # Put right and said so, as by our own reader.
            continue
        if ours is not None and bool(
            pc.all(pc.equal(pa.array(frame[ours], pa.large_string()), raw.cells.column(name))).as_py()
        ):
            layout.append((name, ours))
            continue
        wanted = f"{name} ({profile.title})" if name in taken else name
        chosen, number = wanted, 2
        while chosen in taken:
            chosen, number = f"{wanted} ({number})", number + 1
        taken.add(chosen)
        carried[chosen] = cells
        layout.append((name, chosen))
    return carried, tuple(layout)


def refuse_cells(check: Check, carried: dict[str, pd.Series[str]], raw: RawTable) -> None:
    """Refuse rows with cells that no table can hold: NUL, bytes of another encoding, more text than a cell takes."""
    signs = (
        ("\x00", "nul", "the cell holds a NUL byte", "delete it"),
        (
            "\ufffd",
            "not_utf8",
            "the cell holds bytes that are no text in the file's encoding",
            "save the file as CSV UTF-8",
        ),
    )
    replaced = any(note.startswith(SPOILT) for note in raw.notes)
    for name in raw.columns:
        cells = raw.cells.column(name)
        for sign, code, reason, fix in signs[: 2 if replaced else 1]:
            found = pc.match_substring(cells, sign).to_numpy().astype(bool)
            _refuse(check, found, name, cells, (code, reason, fix))
    for name, texts in carried.items():
        long = (texts.str.len() > MAX_CELL_CHARACTERS).to_numpy()
        reason = f"the cell is longer than {MAX_CELL_CHARACTERS:,} characters"
        _refuse(
            check, long, name, texts, ("cell_too_long", reason, "shorten it, or look for a quote that is not closed")
        )


def _refuse(check: Check, rows: NDArray[np.bool_], name: str, cells: object, why: tuple[str, str, str]) -> None:
    for row in np.flatnonzero(rows).tolist():
        text = str(cells[row])  # type: ignore[index]
        check.problems[row].insert(0, Problem(name, shorten(text), *why))


def rejected_rows(check: Check, raw: RawTable, mapped: Mapped) -> tuple[tuple[Rejected, ...], NDArray[np.int64]]:
    """Return the rejected rows, and the positions of those that could be cut into cells."""
    bad = np.array(sorted(check.problems), dtype=np.int64)
    rejected = [Rejected(row.line, "", row.value, row.reason, row.fix, row.code) for row in raw.broken]
    for row in bad.tolist():
        first, *others = (_at_source(problem, raw, mapped, row) for problem in check.problems[row])
        rejected.append(
            Rejected(int(raw.rows[row]), first.column, first.value, first.reason, first.fix, first.code, tuple(others))
        )
    rejected.sort(key=lambda item: item.line)
    return tuple(rejected), bad


def keep_records(
    check: Check, carried: dict[str, pd.Series[str]], rows: NDArray[np.int64], bad: NDArray[np.int64]
) -> pd.DataFrame:
    """Return the records that were not refused; columns are let go one by one, to hold a large file once."""
    kept = np.ones(len(rows), dtype=bool)
    kept[bad] = False
    columns: dict[str, Any] = {}
    for source in (check.frame, carried):
        for name in [str(column) for column in source]:
            columns[name] = _filtered(source.pop(name), kept)
            for pool in (CELLS_POOL, pa.default_memory_pool()):
                pool.release_unused()
    return pd.DataFrame(columns | {"line": rows[kept]}, copy=False)


def _filtered(column: pd.Series[str], kept: NDArray[np.bool_]) -> pd.Series[str]:
    """Return the kept cells; only those parts of a column are copied that lose one."""
    if kept.all():
        return column
    cells = pa.array(column, pa.large_string())
    parts = list(cells.chunks) if isinstance(cells, pa.ChunkedArray) else [cells]
    del column, cells  # Each part goes as soon as it is copied.
    start, found = 0, []
    while parts:
        part = parts.pop(0)
        wanted = kept[start : start + len(part)]
        start += len(part)
        found.append(part if wanted.all() else part.filter(pa.array(wanted)))
    return pd.Series(pd.array(pa.chunked_array(found, pa.large_string()), dtype="str"))


def _at_source(problem: Problem, raw: RawTable, mapped: Mapped, row: int) -> Problem:
    """Name the column and the cell of the file instead of ours."""
    sources = mapped.taken_from.get(problem.column, ())
    if not sources or (problem.column in raw.columns and problem.column in sources):
        return problem
    values = [str(raw.cells.column(name)[row]) for name in sources]
    shown = shorten(" / ".join(value for value in values if value))
    return Problem(sources[0], shown, problem.code, problem.reason, problem.fix)
