"""Parts of the page beside and below the map."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.record import date_text, range_text
from dashboard.session import (
    COORDINATES_KEY,
    FIRST_KNOWN,
    IN_FORCE_KEY,
    KNOWN_KEY,
    LAST_KNOWN,
    PAGE_KEY,
    PUBLIC_KEY,
)
from dashboard.view import COLOUR_BY, View
from dashboard.words import plain
from geodata.answer import Answer
from geodata.coordinates import FORMATS as COORDINATE_FORMATS
from geodata.coordinates import write_placed
from geodata.dataset import Dataset
from geodata.incident import CONFIDENCES, EVENT_TYPES, PRECISIONS, STATUSES, TARGET_TYPES, TERMS
from geodata.record_table import Rows
from geodata.release import SENTENCE
from geodata.selection import DIMENSION
from geodata.store import Store

#: Rows of one table page: a screen's worth, 8 kB on the wire.
PAGE_ROWS = 20

#: Characters of a summary in the table.
MOST_CHARACTERS = 90

#: Most rows of the list of records without a place; the rest are counted.
MOST_UNPLACED = 200

#: Columns of the record that the table shows.
TABLE_COLUMNS = (
    "id", "date_start", "date_end", "event_type", "place", "target_type", "claimed_by", "denied_by", "attributed_to",
    "killed_min", "killed", "killed_max", "wounded_min", "wounded", "wounded_max", "confidence", "status", "summary",
)  # fmt: skip

SORTS: Mapping[str, tuple[str, bool]] = {
    "Date, oldest first": ("date_start", True),
    "Date, newest first": ("date_start", False),
    "Type": ("event_type", True),
    "Place": ("place", True),
    "Killed, most first": ("killed", False),
    "Id": ("id", True),
}


def time_filters() -> None:
    """Draw what else decides which records a time shows: what was known by then, and threats whose term runs."""
    st.date_input(
        "As known on",
        value=None,
        min_value=FIRST_KNOWN,
        max_value=LAST_KNOWN,
        key=KNOWN_KEY,
        format="YYYY-MM-DD",
        help="Leaves out what was first reported after that day; without such a day, the last day of the event counts. "
        "A record corrected later stands as it was.",
    )
    st.checkbox(
        "Threats still in force",
        key=IN_FORCE_KEY,
        help="Adds threats announced before the window whose term has not run out, drawn hollow. "
        "Without it a threat stands on the day of its announcement.",
    )


def coordinate_choice() -> None:
    """Draw the choice of how points are written."""
    st.selectbox(
        "Coordinates as",
        list(COORDINATE_FORMATS),
        key=COORDINATES_KEY,
        format_func=lambda code: COORDINATE_FORMATS[code][0],
        help="In the record, the table and exports. A place known only as an area has no point.",
    )


def release_switch() -> None:
    """Draw the switch that blurs places on the map, in the records and in every export."""
    st.checkbox("Blur places for public release", key=PUBLIC_KEY, help=plain(SENTENCE))


def exports(dataset: Dataset, answer: Answer, view: View) -> None:
    """Offer downloads of exactly what is shown; each is made when its button is pressed."""
    with st.popover("Export", icon=":material/download:", width="stretch"):
        st.caption(f"{answer.counts.shown:,} records, as shown.")
        for kind, media_type, label in (
            (".csv", "text/csv", "Records, CSV"),
            (".geojson", "application/geo+json", "Records, GeoJSON"),
        ):
            st.download_button(
                label,
                partial(_records_file, dataset, view, kind),
                f"incidents{kind}",
                media_type,
                on_click="ignore",
                width="stretch",
            )


def _records_file(dataset: Dataset, view: View, kind: str) -> bytes:
    """Write the records shown; the makers of products load when the first is asked for (0.7 s)."""
    from dashboard.products.export import records_bytes

    return records_bytes(dataset, view, kind)


def table(store: Store, answer: Answer, coordinates: str) -> str:
    """Draw the table twin of the map, one page of the same records at a time; return the id chosen, or ""."""
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    with left:
        sort = st.selectbox("Sort by", list(SORTS), key="table_sort", label_visibility="collapsed")
    pages = max(1, -(-len(answer.rows) // PAGE_ROWS))
    if st.session_state.get(PAGE_KEY, 1) > pages:
        st.session_state[PAGE_KEY] = pages
    with right:
        page = st.pagination(pages, key=PAGE_KEY) if pages > 1 else 1
    rows = sorted_rows(store, answer.rows, *SORTS[sort])[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    if not len(rows):
        st.info("No record matches. Widen the time window or clear a filter.")
        return ""
    frame = with_colours(table_frame(store, rows, coordinates), store, rows, answer.by)
    event = st.dataframe(
        _slim(frame),
        hide_index=True,
        key="table",
        on_select="rerun",
        selection_mode="single-row",
        height=420,
        column_config={"Summary": st.column_config.TextColumn(width="large")},
    )
    chosen = event["selection"]["rows"]
    return str(frame["Id"].iloc[chosen[0]]) if chosen and chosen[0] < len(frame) else ""


def _slim(frame: pd.DataFrame) -> pa.Table:
    """Write a table of texts without pandas' description of it and with short offsets: a third fewer bytes."""
    columns = {str(name): pa.array(frame[name], type=pa.string()) for name in frame}
    return pa.table(columns)


def sorted_rows(store: Store, rows: Rows, column: str, ascending: bool) -> Rows:
    """Sort row numbers by a column; empty cells last, equal ones by date."""
    if column == "date_start" and ascending:
        return rows
    cells = pd.Series(store.records.column(column, rows))
    keys = pd.to_numeric(cells, errors="coerce") if column == "killed" else cells.where(cells != "")
    order: Rows = keys.sort_values(ascending=ascending, kind="stable", na_position="last").index.to_numpy()
    return rows[order]


def table_frame(store: Store, rows: Rows, coordinates: str = "decimal") -> pd.DataFrame:
    """Write the columns a reader compares, in words; points in a format of `geodata.coordinates.FORMATS`."""
    records, placed = store.records.take(rows, TABLE_COLUMNS), store.placements_at(rows)
    days = records[["date_start", "date_end"]].to_dict("records")
    points = write_placed(placed, coordinates)
    return pd.DataFrame(
        {
            "Id": records["id"].to_numpy(),
            "Date": [date_text(day) for day in days],
            "Type": [EVENT_TYPES[code].label for code in records["event_type"]],
            "Place as reported": records["place"].to_numpy(),
            "Placed at": placed["place_name"].to_numpy(),
            "Known to": [PRECISIONS[code].label if code else "" for code in placed["precision"]],
            "Coordinates": points,
            "Target": [TARGET_TYPES[code].label if code else "" for code in records["target_type"]],
            "Claimed by": records["claimed_by"].to_numpy(),
            "Denied by": records["denied_by"].to_numpy(),
            "Assessed to": records["attributed_to"].to_numpy(),
            "Killed": _ranges(records, "killed"),
            "Wounded": _ranges(records, "wounded"),
            "Confidence": [CONFIDENCES[code].label if code else "" for code in records["confidence"]],
            "Review": [STATUSES[code or "draft"].label for code in records["status"]],
            "Summary": [shortened(text) for text in records["summary"]],
        }
    )


def with_colours(frame: pd.DataFrame, store: Store, rows: Rows, by: str) -> pd.DataFrame:
    """Put what colours the map beside the type, so that the table can be read with the legend."""
    if by == "type":
        return frame
    title, coded, label_of = COLOUR_BY[by].capitalize(), store.coded[by], DIMENSION[by].label_of
    words = [" and ".join(label_of(value, store.names) for value in values) for values in coded.combinations]
    made = frame.drop(columns=title, errors="ignore")
    made.insert(list(made.columns).index("Type") + 1, title, [words[code] for code in coded.codes[rows]])
    return made


def shortened(text: str) -> str:
    """Cut a summary to what a table cell shows; the record has it whole."""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1].rstrip() + "…"


def _ranges(records: pd.DataFrame, name: str) -> list[str]:
    return [
        range_text(low, best, high)
        for low, best, high in zip(records[f"{name}_min"], records[name], records[f"{name}_max"], strict=True)
    ]


def not_on_the_map(dataset: Dataset, answer: Answer) -> None:
    """List records that match but have no place, and rows that were rejected, each with its reason."""
    store = dataset.store
    unplaced, listed = answer.unplaced, answer.unplaced[:MOST_UNPLACED]
    st.markdown(f"**{len(unplaced):,} records match but could not be placed**")
    if len(listed) < len(unplaced):
        st.caption(f"The first {len(listed):,} are listed; `incidents check` lists all.")
    if len(listed):
        columns = ["Id", "Date", "Type", "Place as reported", "Summary"]
        reasons = store.placements_at(listed)["reason"].to_numpy()
        st.dataframe(table_frame(store, listed)[columns].assign(Reason=reasons), hide_index=True)
    st.markdown(f"**{len(dataset.rejected):,} of {dataset.read:,} rows of the file were rejected**")
    if dataset.rejected:
        parts = [(part.name, part.rejected) for part in dataset.parts] or [(dataset.label, dataset.rejected)]
        lines = [
            (name, row.line, problem.column, problem.value, problem.reason, problem.fix, problem.code)
            for name, rows in parts
            for row in rows
            for problem in row.problems
        ]
        columns = ["Dataset", "Line", "Column", "Value", "Reason", "Way out", "Code"]
        st.dataframe(pd.DataFrame(lines, columns=columns), hide_index=True)
    for note in dataset.notes:
        st.caption(plain(note))


def reading_key() -> None:
    """Say what the words and signs mean."""
    st.markdown("\n".join(f"- **{term.capitalize()}**: {plain(text)}" for term, text in TERMS.items()))
    st.markdown("**How exactly a place is known**")
    st.markdown("\n".join(f"- **{p.label}**: {plain(p.definition)}" for p in PRECISIONS.values()))
