"""The datasets that are shown: switched on and off for one reader; undone, credited and removed for all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard.imported import SAID, library, switch, switched_on
from dashboard.session import hold
from dashboard.words import plain
from geodata.current import current_dataset
from geodata.dataset import Dataset, Part
from geodata.errors import AtlasError
from geodata.library import KeptDataset

HEADING: Final = "Datasets on this server"


def show(dataset: Dataset) -> None:
    """List the datasets with their counts."""
    st.markdown(f"**{HEADING}**")
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
    hold(st.session_state, key, on)
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
        refused_downloads(kept.folder.name, list(kept.refused), Path(kept.name).stem)
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
        st.session_state[SAID] = act(name)
    except AtlasError as error:
        st.session_state[SAID] = str(error)


def refused_downloads(key: str, files: list[Path], name: str) -> None:
    """Offer refused rows in the layout of their file, with their reasons behind, under the name of what they are of."""
    for number, path in enumerate(files):
        st.download_button(
            "Download the rejected rows under the file's own columns, to repair and drop in again"
            + (f" ({number + 1})" if len(files) > 1 else ""),
            path.read_bytes,
            f"{name} rejected{f' {number + 1}' if len(files) > 1 else ''}.csv",
            "text/csv",
            key=f"refused_{key}_{number}",
            on_click="ignore",
        )
