"""Choose the columns of a table that nobody described: proposed by name and content, with the first rows as read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st

from dashboard.imported import jobs
from dashboard.session import hold
from dashboard.words import plain
from geodata.errors import FileError
from geodata.formats import ColumnMapping, TableImport, preview_table, save_mapping
from geodata.formats.daytext import ORDERS
from geodata.formats.detection import UNKNOWN
from geodata.formats.importing import Choices
from geodata.formats.mapping import POINT, find_saved, propose, shape_of
from geodata.formats.table import RawTable
from geodata.import_jobs import ImportJob
from geodata.incident import COLUMNS

#: Fields most tables have, in sight at once; the others open on demand.
FIRST_FIELDS: Final = (
    "date_start", "date_end", "place", "admin1", "country", "latitude", "longitude", POINT, "event_type",
    "summary", "attributed_to", "claimed_by", "target", "killed", "wounded", "sources",
)  # fmt: skip
_LABELS: Final = {
    "date_start": "Day", "date_end": "Last day", "place": "Place", "admin1": "Governorate", "country": "Country",
    "latitude": "Latitude", "longitude": "Longitude", POINT: "Lat. and lon. in one", "event_type": "Type",
    "summary": "What happened", "attributed_to": "Assessed to", "claimed_by": "Claimed by", "target": "Target",
    "killed": "Killed", "wounded": "Wounded", "sources": "Sources", "id": "Record's id", "time_local": "Time of day",
    "events_min": "Fewest events", "events_max": "Most events", "killed_min": "Killed at least",
    "killed_max": "Killed at most", "wounded_min": "Wounded at least", "wounded_max": "Wounded at most",
    "location_precision": "Precision of the place", "attribution_basis": "Basis of the assessment",
    "attribution_note": "Note on the assessment", "claim_note": "Note on the claim",
    "denial_note": "Note on the denial",
}  # fmt: skip
_MEANINGS: Final = {column.name: column.meaning for column in COLUMNS} | {
    POINT: "A column such as 33.30, 44.39: latitude first."
}
_OTHER_FIELDS: Final = tuple(column.name for column in COLUMNS if column.name not in (*FIRST_FIELDS, "schema"))
_NOT_READ: Final = ""
_PREVIEW_ROWS: Final = 5
_COLUMNS_IN_A_ROW: Final = 4
_ORDER_WORDS: Final = {
    "": "As the whole column tells",
    ORDERS[0]: "Day first: 03/04/2021 is 3 April",
    ORDERS[1]: "Month first: 03/04/2021 is 4 March",
}
_YEAR_ONLY: Final = "Not known: only the year is kept"
_SAID_OF_ROWS: Final = ("Column", "Value", "Reason", "Way out")
#: A list of more refused rows than this scrolls.
_ROWS_IN_SIGHT: Final = 8
_LIST_PIXELS: Final = 380


def open_key(job: ImportJob) -> str:
    """Name the state that says whether the columns of an import that needs no answer are open."""
    return f"columns_open_{job.key}"


def open_for(job: ImportJob) -> None:
    """Open the columns of an import."""
    st.session_state[open_key(job)] = True


def choose(job: ImportJob, *, undecided: frozenset[str] = frozenset(), told: str = "") -> None:
    """Draw the choice of columns for the tables of an import that need one.

    Parameters
    ----------
    undecided
        Columns of days in which nothing tells the day from the month, to their end.
    told
        What was said already of why the file cannot be read.
    """
    heads = job.heads()
    with st.container(key=f"mapping_{job.key}"):
        st.markdown("**Which column holds what?**")
        names = [raw.name for raw in heads]
        number = 0
        if len(heads) > 1:
            number = st.selectbox(
                "Table", range(len(heads)), format_func=names.__getitem__, key=f"mapping_table_{job.key}"
            )
        _choose(job, heads[number], number, undecided, told)


def _choose(job: ImportJob, raw: RawTable, number: int, undecided: frozenset[str], told: str) -> None:
    kept = _kept(job, raw, number)
    proposed = propose(raw)
    _fields(kept, raw, proposed, f"{job.key}_{number}", FIRST_FIELDS)
    with st.expander("More fields"):
        _fields(kept, raw, proposed, f"{job.key}_{number}", _OTHER_FIELDS)
    preview = _preview(raw, kept)
    if not isinstance(preview, str):
        asked = "dates" in preview.questions
        _order(kept, f"{job.key}_{number}", asked=asked, whole=kept["columns"].get("date_start", "") in undecided)
        _first_rows(preview, kept)
    elif preview != told:
        st.error(plain(preview))
    left_out = mapping_of(kept).unmapped(raw.columns)
    st.caption(plain(f"Not read, but kept with each record: {', '.join(left_out)[:600] or 'none'}."))
    _confirm(job, raw, kept, f"{job.key}_{number}", usable=not isinstance(preview, str))


def _kept(job: ImportJob, raw: RawTable, number: int) -> dict[str, Any]:
    """Give what is chosen so far, which lasts while the tab is closed; the proposal at first."""
    key = f"mapping_of_{job.key}_{number}"
    if key not in st.session_state:
        asked = job.asked.get("mapping")
        begun = find_saved(raw.columns) or propose(raw)
        columns = dict(asked["columns"]) if asked else dict(begun.columns)
        order = asked["order"] if asked else begun.order
        name = begun.name or (asked or {}).get("name") or Path(job.name).stem
        st.session_state[key] = {"columns": columns, "order": order or "", "name": name, "remember": True}
    found: dict[str, Any] = st.session_state[key]
    return found


def mapping_of(kept: dict[str, Any]) -> ColumnMapping:
    """Give the mapping that is chosen."""
    return ColumnMapping(MappingProxyType(dict(kept["columns"])), order=kept["order"] or None)


def _fields(kept: dict[str, Any], raw: RawTable, proposed: ColumnMapping, key: str, fields: tuple[str, ...]) -> None:
    for at, field in enumerate(fields):
        if at % _COLUMNS_IN_A_ROW == 0:  # A row at a time, so that a label of two lines moves its neighbours too.
            columns = st.columns(_COLUMNS_IN_A_ROW, vertical_alignment="bottom")
        box = f"field_{field}_{key}"
        hold(st.session_state, box, kept["columns"].get(field, _NOT_READ))
        why = proposed.why.get(field)
        columns[at % _COLUMNS_IN_A_ROW].selectbox(
            _LABELS.get(field, field.replace("_", " ").capitalize()),
            [_NOT_READ, *raw.columns],
            key=box,
            format_func=lambda name: name or "-",
            on_change=_take_field,
            args=(kept, field, box),
            help=plain(_MEANINGS[field] + (f" Proposed: {proposed.columns[field]}, {why}." if why else "")),
        )


def _take_field(kept: dict[str, Any], field: str, box: str) -> None:
    chosen = st.session_state[box]
    kept["columns"] = {ours: name for ours, name in kept["columns"].items() if ours != field}
    if chosen:
        kept["columns"][field] = chosen


def _preview(raw: RawTable, kept: dict[str, Any]) -> TableImport | str:
    """Read the first rows as they would be read; or say why they cannot be."""
    try:
        return preview_table(raw, Choices(profile=UNKNOWN, mapping=mapping_of(kept)), raw.cells.num_rows)
    except FileError as error:
        return str(error)


def _order(kept: dict[str, Any], key: str, *, asked: bool, whole: bool) -> None:
    """Ask how dates of two small numbers are meant, when the first rows or the whole column do not tell."""
    if not asked and not kept["order"]:
        return
    box = f"order_{key}"
    hold(st.session_state, box, kept["order"])
    words = {**_ORDER_WORDS, "": _YEAR_ONLY} if whole else _ORDER_WORDS
    st.radio(
        f"Nothing in the {'whole column' if whole else 'first rows'} tells the day from the month",
        list(words),
        key=box,
        format_func=words.__getitem__,
        horizontal=True,
        on_change=lambda: kept.update(order=st.session_state[box]),
    )


def _first_rows(preview: TableImport, kept: dict[str, Any]) -> None:
    st.markdown("The first rows as they would be read")
    fields = [name for name in (*FIRST_FIELDS, *_OTHER_FIELDS) if name in kept["columns"] and name != POINT]
    fields += [name for name in ("latitude", "longitude") if POINT in kept["columns"]]
    shown = preview.reading.records[["line", *fields, "notes"]].head(_PREVIEW_ROWS)
    named = shown.rename(
        columns={name: _LABELS.get(name, name) for name in fields} | {"line": "Line", "notes": "Notes"}
    )
    st.dataframe(named.loc[:, (named != "").any()], hide_index=True)
    refused = preview.reading.rejected
    if refused:
        st.markdown(f"{len(refused):,} of the first {preview.reading.read:,} rows would be rejected")
        refused_table([row.to_json() for row in refused[:_PREVIEW_ROWS]], preview.unit)


def refused_table(rows: Sequence[Mapping[str, Any]], unit: str, files: Sequence[str] | None = None) -> None:
    """List refused rows: where they stand, which cell is wrong, why, and what would help.

    Parameters
    ----------
    unit
        What the rows are counted by: `line`, `row`, `item`, `feature`.
    files
        The file of each row, where there are several.
    """
    place, whole = unit.capitalize(), f"the whole {unit}"
    cells = [(row["line"], row["column"] or whole, row["value"], row["reason"], row["fix"]) for row in rows]
    listed = pd.DataFrame(cells, columns=[place, *_SAID_OF_ROWS])
    if files is not None:
        listed.insert(0, "File", list(files))
    # A table of the page itself, because its cells take as many lines as their text needs; it reads Markdown.
    height: int | Literal["content"] = _LIST_PIXELS if len(listed) > _ROWS_IN_SIGHT else "content"
    st.table(listed.astype(str).map(plain), hide_index=True, border="horizontal", height=height)


def _confirm(job: ImportJob, raw: RawTable, kept: dict[str, Any], key: str, *, usable: bool) -> None:
    alone = len(job.heads()) == 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        remember = f"remember_{key}"
        hold(st.session_state, remember, kept["remember"] or not alone)
        st.checkbox(
            "Read the next file with these columns the same way",
            key=remember,
            disabled=not alone,
            on_change=lambda: kept.update(remember=st.session_state[remember]),
        )
        name = f"profile_name_{key}"
        hold(st.session_state, name, kept["name"])
        st.text_input(
            "Name of this profile", key=name, max_chars=80, on_change=lambda: kept.update(name=st.session_state[name])
        )
        st.button(
            "Read the file like this",
            key=f"read_so_{key}",
            type="primary",
            disabled=not usable,
            on_click=_read_so,
            args=(job, raw, kept),
            kwargs={"alone": alone},
        )
        st.button("Discard", key=f"discard_{job.key}", on_click=jobs().drop, args=(job,))


def _read_so(job: ImportJob, raw: RawTable, kept: dict[str, Any], *, alone: bool) -> None:
    """Read the file with the columns chosen; several tables are told apart by the profiles of their columns."""
    mapping = mapping_of(kept)
    if kept["remember"] or not alone:
        save_mapping(replace(mapping, shape=shape_of(raw.columns)), kept["name"])
    st.session_state.pop(open_key(job), None)
    if alone:
        asked = {"columns": dict(mapping.columns), "order": mapping.order, "name": kept["name"]}
        job.start(profile=UNKNOWN, mapping=asked)
    else:
        job.start()
