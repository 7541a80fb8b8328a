"""The Data tab: datasets that are shown, files to add, and what became of every row of a file before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import duplicates_panel, mapping_panel, versions_panel
from dashboard.imported import (
    inbox,
    jobs,
    keep_job,
    library,
    older_versions,
    switch,
    switched_on,
    waiting_files,
)
from dashboard.session import FILTER_KEYS, SEARCH_KEY
from dashboard.words import plain
from geodata.dataset import Dataset, Part, current_dataset
from geodata.errors import AtlasError
from geodata.fetched import allowed_hosts
from geodata.formats.datasets import BY_CODE
from geodata.formats.daytext import ORDERS
from geodata.formats.detection import UNKNOWN
from geodata.formats.limits import MAX_PACKAGE_BYTES, MAX_TEXT_BYTES
from geodata.import_jobs import DONE, RUNNING, STOPPED, ImportJob
from geodata.library import KeptDataset

#: Name of the tab.
TAB: Final = "Data"

#: Largest file that can be uploaded, in megabytes; it is held in memory while it comes in.
MOST_UPLOAD_MB: Final = 200

#: Seconds between two looks at an import under way.
LOOK_SECONDS: Final = 0.5

#: Set by an import that is shown: the name of its dataset, to which the map moves once.
SHOW_KEY: Final = "data_show"
_ROUND: Final = "data_uploads"
_SAID: Final = "data_said"
_ADDRESS: Final = "data_address"

ORDER_WORDS: Final = {
    ORDERS[0]: "Day first: 03/04/2021 is 3 April",
    ORDERS[1]: "Month first: 03/04/2021 is 4 March",
}


def show(dataset: Dataset) -> None:
    """Draw the tab."""
    with st.container(key="data"):
        said = st.session_state.pop(_SAID, None)
        if said:
            st.info(plain(said))
        _add()
        _imports()
        _loaded(dataset)
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
        st.session_state[_SAID] = str(error)
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
        st.error(plain(job.error()))
        if job.heads():
            mapping_panel.choose(job)
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
        mapping_panel.choose(job)  # nothing is shown that was read by a proposal nobody looked at
        st.button("Discard", key=f"discard_{job.key}", on_click=jobs().drop, args=(job,))
        return
    if "dates" in report["questions"]:
        _ask_order(job)
    if st.session_state.get(mapping_panel.open_key(job)):
        mapping_panel.choose(job)
    elif len(report["tables"]) == 1 and report["tables"][0]["mapping"]:
        st.button("Change the columns", key=f"columns_{job.key}", on_click=mapping_panel.open_for, args=(job,))
    older = older_versions(job)
    newer_of = versions_panel.choose(job, older) if older else None
    if newer_of is None:
        _show_it(job)
    else:
        versions_panel.show(job, newer_of)


def _what_it_is(job: ImportJob, report: Mapping[str, Any]) -> None:
    """Show what the file was read as, why, and what else it could be."""
    tables = report["tables"]
    if len(tables) != 1:
        st.markdown(f"Read as **{plain(report['title'])}**")
        return
    (table,) = tables
    offers = {table["profile"]: (table["title"], "; ".join(table["evidence"]))}
    offers |= {
        one["profile"]: (one["title"], one["evidence"]) for one in table["alternatives"] if one["profile"] not in offers
    }
    offers |= {UNKNOWN: ("Another table", "its columns are chosen by hand")} if UNKNOWN not in offers else {}
    key = f"profile_{job.key}"
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
    st.caption(plain(f"{offers[table['profile']][1]}."))
    for code in codes[1:]:
        if code in BY_CODE:
            st.caption(plain(f"Could also be {offers[code][0]}: {offers[code][1]}."))


def _read_as(job: ImportJob, key: str, before: str) -> None:
    code = st.session_state[key]
    if code != before:
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
    along = list(dict.fromkeys(name for table in report["tables"] for name in table["unmapped"]))
    if along:
        st.caption(plain(f"{len(along)} columns ride along as they are: {', '.join(along)[:600]}"))


def _refused(job: ImportJob, report: Mapping[str, Any]) -> None:
    """List refused rows, and give them back in their own layout to be repaired and dropped in again."""
    if not report["rejected"]:
        return
    listed = [row for table in report["tables"] for row in table["rejected"]]
    count = f"{report['rejected']:,} rejected row{'s' if report['rejected'] != 1 else ''}"
    with st.expander(f"{count}, with the reason and the way out", expanded=True):
        cells = [(r["file"], r["line"], r["column"], r["value"], r["reason"], r["fix"]) for r in listed]
        columns = ["File", "Line", "Column", "Value", "Reason", "Way out"]
        st.dataframe(pd.DataFrame(cells, columns=columns), hide_index=True)
        if len(listed) < report["rejected"]:
            st.caption(f"The first {len(listed):,} are listed; the download has them all.")
        refused_downloads(job.key, sorted(job.result.glob("rejected-*.csv")))


def refused_downloads(key: str, files: list[Path]) -> None:
    """Offer refused rows in the layout of their file, with their reasons behind."""
    for number, path in enumerate(files):
        st.download_button(
            "Download them in the file's own layout, to repair and drop in again"
            + (f" ({number + 1})" if len(files) > 1 else ""),
            path.read_bytes,
            path.name,
            "text/csv",
            key=f"refused_{key}_{number}",
            on_click="ignore",
        )


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
    names = [part.name for part in current_dataset().parts]
    kept = keep_job(job, state[key])
    if names and switched_on(state, names) != set(names):
        switch(state, [*names, kept.name], kept.name, on=True)
    state[SHOW_KEY] = kept.name
    filtered = any(state.get(key) for name, key in FILTER_KEYS.items() if name != "dataset") or state.get(SEARCH_KEY)
    hidden = " Filters are on and may hide some of them." if filtered else ""
    state[_SAID] = f"{kept.name} is on the map: {kept.now.read - kept.now.rejected:,} records.{hidden}"


# --- what is shown --------------------------------------------------------------------------------------------------


def _loaded(dataset: Dataset) -> None:
    st.markdown("**Datasets on this server**")
    parts = current_dataset().parts
    if not parts:
        st.caption(plain(f"{dataset.label}: {len(dataset.store):,} records; opened when the server was started."))
    names = [part.name for part in parts]
    shown = switched_on(st.session_state, names)
    for number, part in enumerate(parts):
        with st.container(border=True, key=f"dataset_{number}"):
            _dataset(part, number, names, on=part.name in shown)
    for folder in library().damaged():
        st.warning(plain(f"The folder {folder} of an imported dataset is damaged and was left out: remove it."))
    if len(names) > 1:
        st.caption(
            "Every reader of this server sees the same datasets; which of them are switched on is each reader's own "
            "and stands in the address."
        )


def _dataset(part: Part, number: int, names: list[str], *, on: bool) -> None:
    left, middle, right = st.columns([2.2, 4, 1.2], vertical_alignment="center")
    key = f"dataset_on_{number}"
    st.session_state[key] = on
    left.toggle(
        plain(part.name),
        key=key,
        on_change=_switch,
        args=(names, part.name, key),
        disabled=on and len(switched_on(st.session_state, names)) == 1,
        help="On the map and in every count, for you alone.",
    )
    middle.markdown(
        f"{plain(part.title)} · read {part.read:,} = kept {len(part.store):,} + rejected {len(part.rejected):,} · "
        f"placed {int((part.store.spot >= 0).sum()):,}"
    )
    if part.kept_as:
        with right.popover("Details", width="stretch"):
            _details(library().get(part.kept_as), part, number)
    else:
        right.caption("opened at start")


def _switch(names: list[str], name: str, key: str) -> None:
    switch(st.session_state, names, name, on=st.session_state[key])


def _details(kept: KeptDataset, part: Part, number: int) -> None:
    st.markdown(f"**{plain(kept.name)}**")
    st.caption(plain(f"From {', '.join(kept.now.files)}. {'; '.join(kept.now.evidence)}."))
    for version in reversed(kept.versions):
        day = datetime.fromisoformat(version.added).strftime("%Y-%m-%d %H:%M UTC")
        st.caption(plain(f"Version {version.number}, {day}: {version.change}"))
    credit = f"credit_{number}_{kept.folder.name}"
    st.text_input(
        "Credit on products", kept.credit, key=credit, on_change=_credit, args=(kept.name, credit), max_chars=300
    )
    if part.rejected:
        refused_downloads(kept.folder.name, list(kept.refused))
    if len(kept.versions) > 1:
        st.button(
            f"Undo version {kept.now.number}",
            key=f"undo_{number}",
            on_click=_tell,
            args=(_undo, kept.name),
            icon=":material/undo:",
        )
    sure = st.checkbox("Remove it with all its versions", key=f"sure_{number}")
    st.button(
        "Remove",
        key=f"remove_{number}",
        on_click=_tell,
        args=(_remove, kept.name),
        disabled=not sure,
        icon=":material/delete:",
    )


def _credit(name: str, key: str) -> None:
    library().credit(name, st.session_state[key])


def _undo(name: str) -> str:
    kept = library().undo_version(name)
    return f"{name} is back at version {kept.now.number}."


def _remove(name: str) -> str:
    library().remove(name)
    return f"{name} was removed; the file it came from was not touched."


def _tell(act: Callable[[str], str], name: str) -> None:
    """Do something about a dataset that another reader may have changed meanwhile, and say what became of it."""
    try:
        st.session_state[_SAID] = act(name)
    except AtlasError as error:
        st.session_state[_SAID] = str(error)
