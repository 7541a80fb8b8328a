"""A newer version of a dataset: new, changed and withdrawn records field by field, to take all, some or none."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboard.imported import SAID, Older, difference, differing, jobs, library, mended_of, take_over
from dashboard.session import hold
from dashboard.words import plain
from geodata.formats.difference import Difference
from geodata.import_jobs import ImportJob
from geodata.import_result import read_records
from geodata.library import KeptDataset

_PAGE_RECORDS: Final = 10
_SHOWN_CHARACTERS: Final = 300
_KINDS: Final = {"changed": ":material/edit:", "new": ":material/add:", "withdrawn": ":material/remove:"}
_OWN: Final = ""


def choose(job: ImportJob, older: list[Older]) -> KeptDataset | None:
    """Ask whether an import is a newer version of a dataset that has records of the same ids."""
    key = f"version_of_{job.key}"
    found = {one.kept.name: one for one in older}
    if st.session_state.get(key) not in (_OWN, *found):
        st.session_state[key] = older[0].kept.name if older[0].likely else _OWN

    def label(name: str) -> str:
        if name == _OWN:
            return "a dataset of its own"
        if found[name].mended:
            return f"rows that {plain(name)} refused, mended: they join its {found[name].old:,} records"
        return f"a newer version of {plain(name)}: {found[name].common:,} of its {found[name].old:,} records are in it"

    chosen = st.radio("This is", [*found, _OWN], key=key, format_func=label)
    return found[chosen].kept if chosen else None


def show(job: ImportJob, kept: KeptDataset) -> None:
    """Show what differs, and let a person choose what to take over."""
    found = _difference(job, kept)
    ids = differing(found)
    with st.container(key=f"versions_{job.key}"):
        st.markdown(f"**{plain(found.sentence())}**")
        if job.report()["rejected"] and found.withdrawn:
            st.caption(
                f"{job.report()['rejected']:,} rows of the newer file were rejected: "
                "a record that is withdrawn here may be one of them."
            )
        for label, names in (("Columns added", found.columns_added), ("Columns gone", found.columns_withdrawn)):
            if names:
                st.caption(plain(f"{label}: {', '.join(names)[:_SHOWN_CHARACTERS]}"))
        mended = bool(mended_of(kept, job))
        # Mended rows join all together: one that is left behind would be counted nowhere.
        left_out = set() if mended else _left_out(job)
        if ids and not mended:
            _buttons(job, ids, left_out)
        if ids:
            _records(job, kept, found, ids, left_out, fixed=mended)
        taken = [one for one in ids if one not in left_out]
        _confirm(job, kept, found, taken, len(ids))


def _difference(job: ImportJob, kept: KeptDataset) -> Difference:
    """Compare once for each pair of states."""
    key, state = f"difference_{job.key}", (kept.now.sha256, job.report()["sha256"])
    held = st.session_state.get(key)
    if held is None or held[0] != state:
        st.session_state[key] = held = (state, difference(kept, job))
    found: Difference = held[1]
    return found


def _left_out(job: ImportJob) -> set[str]:
    """Give the ids that the reader does not want; it lasts while the tab is closed."""
    found: set[str] = st.session_state.setdefault(f"left_out_{job.key}", set())
    return found


def _buttons(job: ImportJob, ids: tuple[str, ...], left_out: set[str]) -> None:
    with st.container(horizontal=True):
        st.button("Take all", key=f"take_all_{job.key}", on_click=left_out.clear)
        st.button("Take none", key=f"take_none_{job.key}", on_click=left_out.update, args=(ids,))


def _records(
    job: ImportJob,
    kept: KeptDataset,
    found: Difference,
    ids: tuple[str, ...],
    left_out: set[str],
    *,
    fixed: bool,
) -> None:
    """Draw one page of the records that differ, a box to take or leave each."""
    pages = -(-len(ids) // _PAGE_RECORDS)
    page = st.pagination(pages, key=f"version_page_{job.key}") if pages > 1 else 1
    listed = ids[(page - 1) * _PAGE_RECORDS : page * _PAGE_RECORDS]
    kinds = dict.fromkeys(found.added, "new") | dict.fromkeys(found.withdrawn, "withdrawn")
    told = _told(job, kept, found, listed)
    for number, one in enumerate(listed):
        kind = kinds.get(one, "changed")
        key = f"take_{job.key}_{(page - 1) * _PAGE_RECORDS + number}"
        hold(st.session_state, key, one not in left_out)
        label = f"{_KINDS[kind]} {kind} **{plain(one)}**"
        st.checkbox(label, key=key, on_change=_take, args=(left_out, one, key), disabled=fixed)
        st.markdown(told[one])


def _take(left_out: set[str], one: str, key: str) -> None:
    if st.session_state[key]:
        left_out.discard(one)
    else:
        left_out.add(one)


def _told(job: ImportJob, kept: KeptDataset, found: Difference, listed: tuple[str, ...]) -> dict[str, str]:
    """Say of each record what differs: its fields before and after, or what the whole record says."""
    told: dict[str, list[str]] = {one: [] for one in listed}
    for change in found.changes:
        if change.id in told:
            told[change.id].append(f"- **{plain(change.column)}**: {_shown(change.old)} → {_shown(change.new)}")
    for ids, folder in ((found.added, job.result), (found.withdrawn, kept.version_folder)):
        wanted = set(ids).intersection(listed)
        if wanted:
            records = read_records(folder)
            for row in records[records["id"].isin(wanted)].to_dict("records"):
                told[str(row["id"])].append(f"- {_line(row)}")
    return {one: "\n".join(lines) for one, lines in told.items()}


def _line(row: dict[Any, Any]) -> str:
    return plain(
        ", ".join(str(row[name]) for name in ("date_start", "place", "event_type", "summary") if row[name])[
            :_SHOWN_CHARACTERS
        ]
    )


def _shown(cell: str) -> str:
    return plain(cell if len(cell) <= _SHOWN_CHARACTERS else cell[:_SHOWN_CHARACTERS] + "…") or "*empty*"


def _confirm(job: ImportJob, kept: KeptDataset, found: Difference, taken: list[str], of: int) -> None:
    with st.container(horizontal=True):
        st.button(
            f"Take over {len(taken):,} of {of:,}",
            key=f"take_over_{job.key}",
            type="primary",
            disabled=not taken,
            on_click=_take_over,
            args=(job, kept, found, taken),
        )
        st.button("Discard", key=f"discard_{job.key}", on_click=jobs().drop, args=(job,))


def _take_over(job: ImportJob, kept: KeptDataset, found: Difference, taken: list[str]) -> None:
    if jobs().get(job.key) is None or kept not in library().datasets():
        st.session_state[SAID] = f"{kept.name} or this file was changed by somebody else meanwhile: look again."
        return
    made = take_over(kept, job, found, taken)
    for name in (f"difference_{job.key}", f"left_out_{job.key}"):
        st.session_state.pop(name, None)
    st.session_state[SAID] = f"{made.name} is at version {made.now.number}: {made.now.change}. Its details undo it."
