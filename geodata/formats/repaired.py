"""Read refused rows that were given back with their reasons, once somebody has mended them.

A row that could not be cut into cells carries its whole text. It is read from that text when it is whole now, or from
its cells when they were filled in; a row nobody touched is refused again, so that half a row never becomes a record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geodata.csvtext import BrokenRow, cut, shorten
from geodata.errors import FileError
from geodata.formats.cells import Written, flat
from geodata.formats.quarantine import LINE, PREFIX, REASON, TEXT, first_cells
from geodata.formats.table import RawTable

#: Detail of a table of refused rows: the lines on which they stood in their own file.
MENDED: Final = "mended rows"
_LEFT_OUT: Final = "reasons of an earlier import left out"
_AGAIN: Final = "the row was refused before and is not mended yet: "
_FIX: Final = f"mend its text in the column {TEXT!r}, or put its cells right and empty that column"
_LINE: Final = re.compile(r"\d{1,12}", re.ASCII)
#: Signs that a program may have put between cells; a workbook does not say which its rows came from.
_SIGNS: Final = (",", ";", "\t", "|")


def without_reasons(raw: RawTable) -> RawTable:
    """Leave out the columns that were added to refused rows, and take rows that could not be cut as mended."""
    added = [name for name in raw.columns if name.startswith(PREFIX)]
    if not added:
        return raw
    lines = raw.cells.column(LINE).to_pylist() if LINE in added else []
    told = {MENDED: " ".join(map(str, lines))} if lines and all(_LINE.fullmatch(line) for line in lines) else {}
    detail = {**raw.detail, **told}
    bare = replace(raw, cells=raw.cells.drop_columns(added), notes=(*raw.notes, _LEFT_OUT), detail=detail)
    if TEXT not in added:
        return bare
    whole = pc.not_equal(raw.cells.column(TEXT), "").to_numpy().astype(bool)
    if not whole.any():
        return bare
    mended: dict[int, Mapping[str, str]] = {}
    broken: dict[int, BrokenRow] = {}
    texts: dict[int, str] = {}
    for place in np.flatnonzero(whole).tolist():
        line, text = int(raw.rows[place]), str(raw.cells.column(TEXT)[place])
        cells = {name: str(bare.cells.column(name)[place]) for name in bare.columns}
        found = _mended(text, cells, raw.detail.get("delimiter"))
        if found is not None:
            mended[line] = found
            continue
        said = str(raw.cells.column(REASON)[place]) if REASON in added else ""
        reason = _AGAIN + said.removeprefix(_AGAIN)
        broken[line], texts[line] = BrokenRow(line, shorten(text), "not_mended", reason, _FIX), text
    return _joined(bare, ~whole, mended, broken, texts)


def _mended(text: str, cells: Mapping[str, str], sign: str | None) -> Mapping[str, str] | None:
    """Return the cells of a row that carries its text; None when neither its text nor its cells were mended."""
    found = _of_json(text) if text.lstrip().startswith("{") else _of_csv(text, tuple(cells), sign)
    if found is not None:
        return found
    written = list(cells.values())
    untouched = any(written == first_cells(text, len(written), one) for one in ([sign] if sign else _SIGNS))
    return None if untouched or not any(written) else cells


def _of_json(text: str) -> Mapping[str, str] | None:
    try:
        item = json.loads(text, parse_float=Written, parse_int=Written)
    except (ValueError, RecursionError):
        return None
    return None if "geometry" in item else flat(item)  # Its place stands in columns of its own.


def _of_csv(text: str, columns: tuple[str, ...], sign: str | None) -> Mapping[str, str] | None:
    for one in [sign] if sign else _SIGNS:
        try:
            sheet = cut(f"{one.join(f'c{n}' for n in range(len(columns)))}\n{text}\n".encode(), delimiter=one)
        except FileError:
            continue
        if sheet.cells.num_rows == 1 and not sheet.broken:
            return dict(zip(columns, (str(column[0]) for column in sheet.cells.columns), strict=True))
    return None


def _joined(
    bare: RawTable,
    others: np.ndarray[tuple[int], np.dtype[np.bool_]],
    mended: Mapping[int, Mapping[str, str]],
    broken: Mapping[int, BrokenRow],
    texts: Mapping[int, str],
) -> RawTable:
    """Return the rows that were never broken and those that are mended, in the order of the file."""
    columns = dict.fromkeys((*bare.columns, *(name for cells in mended.values() for name in cells)))
    kept = bare.cells.filter(pa.array(others))
    for name in columns:
        if name not in bare.columns:  # An object that is whole now may say more than the others.
            kept = kept.append_column(name, pa.array([""] * kept.num_rows, pa.large_string()))
    more = {name: pa.array([cells.get(name, "") for cells in mended.values()], pa.large_string()) for name in columns}
    rows = np.concatenate([bare.rows[others], np.array(list(mended), dtype=np.int64)])
    order = np.argsort(rows, kind="stable")
    return replace(
        bare,
        cells=pa.concat_tables([kept, pa.table(more)]).take(pa.array(order)),
        rows=rows[order],
        broken=(*bare.broken, *broken.values()),
        broken_text={**bare.broken_text, **texts},
    )
