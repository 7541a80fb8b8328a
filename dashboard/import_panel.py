"""The Data tab: datasets that are shown, files to add, and what became of every row of a file before it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import datasets_panel, duplicates_panel, mapping_panel, versions_panel
from dashboard.datasets_panel import HEADING, refused_downloads
from dashboard.imported import (
    SAID,
    inbox,
    jobs,
    keep_job,
    older_versions,
    switch,
    switched_on,
    waiting_files,
)
from dashboard.session import FILTER_KEYS, IMPORTED_KEY, SEARCH_KEY
from dashboard.words import plain
from geodata.current import current_dataset
from geodata.dataset import Dataset
from geodata.errors import AtlasError
from geodata.fetched import allowed_hosts
from geodata.formats.datasets import BY_CODE
from geodata.formats.daytext import ORDERS
from geodata.formats.detection import UNKNOWN
from geodata.formats.limits import MAX_PACKAGE_BYTES, MAX_TEXT_BYTES
from geodata.import_jobs import DONE, RUNNING, STOPPED, ImportJob

#: Name of the tab.
TAB: Final = "Data"

#: Largest file that can be uploaded, in megabytes; it is held in memory while it comes in.
MOST_UPLOAD_MB: Final = 200

#: Seconds between two looks at an import under way.
LOOK_SECONDS: Final = 0.5

#: Set by an import that is shown: the name of its dataset, to which the map moves once.
_ROUND: Final = "data_uploads"
_ADDRESS: Final = "data_address"

#: Said to a reader who decides about an import that another reader decided about before.
DECIDED: Final = f"Somebody else decided about this file meanwhile; what is shown stands under {HEADING!r}."

#: Name of what is no known dataset.
OTHER_TABLE: Final = "Another table"

ORDER_WORDS: Final = {
    ORDERS[0]: "Day first: 03/04/2021 is 3 April",
    ORDERS[1]: "Month first: 03/04/2021 is 4 March",
}


def show(dataset: Dataset) -> None:
    """Draw the tab."""
    with st.container(key="data"):
        said = st.session_state.pop(SAID, None)
        if said:
            st.info(plain(said))
        _add()
        _imports()
        datasets_panel.show(dataset)
        if dataset.store is current_dataset().store:  # not in a form for public release
            duplicates_panel.show()


# --- files to add ---------------------------------------------------------------------------------------------------


def _add() -> None:
    st.markdown("**Add incident files**")
    files = st.file_uploader(
        "Files",
        accept_multiple_files=True,
        key=f"upload_{st.session_state.setdefault(_ROUND, 0)}",
        max_upload_size=MOST_UPLOAD_MB,
        label_visibility="collapsed",
    )
    st.caption(
        f"Any incident file: CSV, XLSX, ODS, JSON, GeoJSON, KML, GeoPackage, Shapefile, Parquet, zip. Uploads up to "
        f"{MOST_UPLOAD_MB} MB; larger ones, text up to {MAX_TEXT_BYTES >> 30} GB and others up to "
        f"{MAX_PACKAGE_BYTES >> 20} MB, are taken from the folder {plain(str(inbox()))}. Files stay on this machine."
    )
    if files:
        jobs().take_in(files)
        st.session_state[_ROUND] += 1  # another box: the bytes of this one are let go
        st.rerun(scope="fragment")
    hosts = allowed_hosts()
    if hosts:
        st.text_input(
            f"Address of a file on {plain(', '.join(hosts))}",
            key=_ADDRESS,
            on_change=_take_address,
            placeholder="https://",
            help="This machine asks that host for the file; nothing else is sent.",
        )
    for number, path in enumerate(waiting_files()):
        st.button(
            f"Read {plain(path.name)} from the folder",
            key=f"inbox_{number}",
            on_click=_take_waiting,
            args=(path,),
            icon=":material/folder_open:",
        )


def _take_address() -> None:
    """Fetch a file; an address that is refused stays in its box."""
    try:
        jobs().take_address(st.session_state[_ADDRESS].strip())
    except AtlasError as error:
        st.session_state[SAID] = str(error)
    else:
        st.session_state[_ADDRESS] = ""


def _take_waiting(path: Path) -> None:
    jobs().take_path(path)


def _imports() -> None:
    found = jobs().all()
    if any(job.state == RUNNING for job in found):
        _under_way()
    for job in found:
        if job.state != RUNNING:
            with st.container(border=True, key=f"import_{job.key}"):
                _import(job)


@st.fragment(run_every=LOOK_SECONDS)
def _under_way() -> None:
    """Show how far imports are; a fragment of its own, so that the page is drawn again only when one ends."""
    running = [job for job in jobs().all() if job.state == RUNNING]
    if len(running) != st.session_state.setdefault("data_running", len(running)):
        del st.session_state["data_running"]
        st.rerun()
    if not running:
        st.rerun()
    for job in running:
        left, right = st.columns([6, 1], vertical_alignment="center")
        doing, share = job.progress()
        left.progress(share, text=f"{plain(job.name)}: {doing}, {share:.0%}")
        right.button("Stop", key=f"stop_{job.key}", on_click=job.stop, width="stretch")


def _import(job: ImportJob) -> None:
    """Show what an import found, and what a person can do about it."""
    st.markdown(f"#### {plain(job.name)}")
    if job.state == STOPPED:
        st.info("Stopped. Nothing was taken from the file.")
        _again_or_not(job)
    elif job.state == DONE:
        _found(job, job.report())
    else:
        _failed(job)


def _failed(job: ImportJob) -> None:
    """Say why a file could not be read; where its rows are seen, a person can say what its columns hold."""
    if job.heads():
        st.warning(plain(job.error()))
        mapping_panel.choose(job, told=job.error())
    else:
        st.error(plain(job.error()))
        _again_or_not(job)


def _again_or_not(job: ImportJob) -> None:
    with st.container(horizontal=True):
        st.button("Read again", key=f"again_{job.key}", on_click=_restart, args=(job,))
        st.button("Discard", key=f"discard_{job.key}", on_click=jobs().drop, args=(job,))


def _restart(job: ImportJob) -> None:
    job.start(**job.asked)


def _found(job: ImportJob, report: Mapping[str, Any]) -> None:
    _what_it_is(job, report)
    st.markdown(
        f"read {report['read']:,} = kept {report['kept']:,} + rejected {report['rejected']:,} · "
        f"placed {report['placed']:,}, not placed {report['kept'] - report['placed']:,}"
    )
    _per_file(report)
    _said(report)
    _refused(job, report)
    if "columns" in report["questions"]:
        # Nothing is shown that was read by a proposal nobody looked at.
        mapping_panel.choose(job, undecided=_undecided(report))
        return
    if "dates" in report["questions"]:
        _ask_order(job)
    if st.session_state.get(mapping_panel.open_key(job)):
        mapping_panel.choose(job)
        return
    if len(report["tables"]) == 1 and report["profile"] == UNKNOWN:
        st.button("Change the columns", key=f"columns_{job.key}", on_click=mapping_panel.open_for, args=(job,))
    older = older_versions(job)
    newer_of = versions_panel.choose(job, older) if older else None
    if newer_of is None:
        _show_it(job)
    else:
        versions_panel.show(job, newer_of)


def _undecided(report: Mapping[str, Any]) -> frozenset[str]:
    """Name the columns of days that were read to their end without telling the day from the month."""
    tables = [table for table in report["tables"] if "dates" in table["questions"]]
    return frozenset(name for table in tables for name in table["mapping"].get("date_start", ()))


def _what_it_is(job: ImportJob, report: Mapping[str, Any]) -> None:
    """Show what the file was read as, why, and what else it could be."""
    tables = report["tables"]
    if len(tables) != 1:
        st.markdown(f"Read as **{plain(report['title'])}**")
        return
    (table,) = tables
    unknown = table["profile"] == UNKNOWN
    # What speaks for each column stands with its box; a dataset's evidence is one sentence.
    evidence = table["evidence"][0] if unknown else "; ".join(table["evidence"])
    offers = {table["profile"]: (OTHER_TABLE if unknown else table["title"], evidence)}
    offers |= {
        one["profile"]: (one["title"], one["evidence"]) for one in table["alternatives"] if one["profile"] not in offers
    }
    offers |= {UNKNOWN: (OTHER_TABLE, "its columns are chosen by hand")} if UNKNOWN not in offers else {}
    # Another box for each attempt: what a box of other words sends late would be taken for a choice.
    key = f"profile_{job.key}_{job.attempts}"
    codes = list(offers)
    if st.session_state.get(key) not in codes:
        st.session_state[key] = table["profile"]
    st.selectbox(
        "Read as",
        codes,
        key=key,
        format_func=lambda code: offers[code][0],
        on_change=_read_as,
        args=(job, key, table["profile"]),
        help="What the columns show, what else they could be, and columns chosen by hand.",
    )
    st.caption(plain(f"{evidence[:1].upper()}{evidence[1:]}."))
    for code in codes[1:]:
        if code in BY_CODE:
            st.caption(plain(f"Could also be {offers[code][0]}: {offers[code][1]}."))


def _read_as(job: ImportJob, key: str, before: str) -> None:
    code = st.session_state[key]
    if code != before and code in (UNKNOWN, *BY_CODE):
        job.start(profile=code)


def _per_file(report: Mapping[str, Any]) -> None:
    """List the tables of a file that holds several, and the files that could not be read."""
    rows = [
        (one["file"], one["title"], one["container"], one["read"], one["kept"], one["refused"])
        for one in report["tables"]
    ]
    if len(rows) > 1:
        columns = ["File", "Read as", "Kind", "Read", "Kept", "Rejected"]
        st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True)
    for one in report["failed"]:
        st.warning(plain(f"{one['file']}: {one['error']}"))


def _said(report: Mapping[str, Any]) -> None:
    """Say what was put right or left out, and what rides along."""
    flags = [(flag["records"], flag["text"]) for table in report["tables"] for flag in table["flags"]]
    notes = list(dict.fromkeys(note for table in report["tables"] for note in table["notes"]))
    if flags or notes:
        with st.expander(f"What was put right, left out or assumed ({len(flags) + len(notes)})"):
            st.markdown("\n".join(f"- {plain(note)}" for note in notes))
            if flags:
                st.dataframe(pd.DataFrame(flags, columns=["Records", "What stands in their notes"]), hide_index=True)
    along = list(dict.fromkeys(name for table in report["tables"] for name in table["carried"]))
    if along:
        st.caption(plain(f"{len(along)} columns ride along as they are: {', '.join(along)[:600]}"))


def _refused(job: ImportJob, report: Mapping[str, Any]) -> None:
    """List refused rows, and give them back in their own layout to be repaired and dropped in again."""
    if not report["rejected"]:
        return
    listed = [row for table in report["tables"] for row in table["rejected"]]
    count = f"{report['rejected']:,} rejected row{'s' if report['rejected'] != 1 else ''}"
    # Of a proposal nobody looked at yet the first rows are shown below, with what would be rejected of them.
    with st.expander(f"{count}, with the reason and the way out", expanded="columns" not in report["questions"]):
        files = [row["file"] for row in listed] if len(report["tables"]) > 1 else None
        mapping_panel.refused_table(listed, report["tables"][0]["unit"], files)
        if len(listed) < report["rejected"]:
            st.caption(f"The first {len(listed):,} are listed; the download has them all.")
        refused_downloads(job.key, sorted(job.result.glob("rejected-*.csv")), Path(job.name).stem)


def _ask_order(job: ImportJob) -> None:
    """Ask what no column can tell."""
    st.warning("Dates such as 03/04/2021 can be read two ways, and nothing in the column tells which is meant.")
    with st.container(horizontal=True):
        for order, words in ORDER_WORDS.items():
            st.button(words, key=f"{order}_{job.key}", on_click=_restart_with, args=(job, order))


def _restart_with(job: ImportJob, order: str) -> None:
    asked = dict(job.asked)
    if asked.get("mapping"):
        asked["mapping"] = {**asked["mapping"], "order": order}
    job.start(**{**asked, "dates": order})


def _show_it(job: ImportJob) -> None:
    key = f"name_{job.key}"
    st.session_state.setdefault(key, job.name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name of the dataset", key=key, max_chars=80)
        st.button(
            "Show on the map",
            key=f"show_{job.key}",
            type="primary",
            on_click=_keep,
            args=(job, key),
            icon=":material/map:",
        )
        st.button("Discard", key=f"discard_{job.key}", on_click=jobs().drop, args=(job,))


def _keep(job: ImportJob, key: str) -> None:
    state = st.session_state
    if jobs().get(job.key) is None or job.state != DONE:
        state[SAID] = DECIDED
        return
    names = [part.name for part in current_dataset().parts]
    kept = keep_job(job, state[key])
    if names and switched_on(state, names) != set(names):
        switch(state, [*names, kept.name], kept.name, on=True)
    state[IMPORTED_KEY] = kept.name
    filtered = any(state.get(key) for name, key in FILTER_KEYS.items() if name != "dataset") or state.get(SEARCH_KEY)
    hidden = " Filters are on and may hide some of them." if filtered else ""
    state[SAID] = f"{kept.name} is on the map: {kept.now.read - kept.now.rejected:,} records.{hidden}"
