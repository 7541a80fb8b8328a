"""The Brief tab: what is on the screen becomes a finished product, with a preview and the linter's findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.products.export import BOOKS, FORMATS, Format, product_bytes, product_name
from dashboard.products.job import Job, job_for
from dashboard.products.linter import Finding, lint
from dashboard.products.options import (
    DPI_RANGE,
    GRIDS,
    PAGE_NAMES,
    PROFILES,
    SECONDS_RANGE,
    STATUSES,
    STEPS,
    PageOptions,
)
from dashboard.products.page import dated, picture_bytes
from dashboard.view import View
from dashboard.words import plain
from geodata.dataset import Dataset
from geodata.errors import AtlasError

#: All that can be made: files of one view, and books of several pages.
KINDS: Mapping[str, Format] = {**FORMATS, **BOOKS}

GRID_LABELS = {"graticule": "Degrees", "mgrs": "MGRS"}

PROFILE_HELP = (
    "Internal: all that is shown. Partner: reviewed and released records, without the desk's notes. "
    "Public: released records only, places snapped to a grid, no notes, no contact."
)

#: Resolution of the preview in dots per inch: enough to read, drawn in under a second.
PREVIEW_DPI = 96

MARKINGS = ("", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")


def brief(dataset: Dataset, view: View) -> None:
    """Draw the panel: choices and findings on the left, the page as it will be on the right."""
    left, right = st.columns([1, 2.2], gap="large")
    with left:
        kind = st.selectbox("Format", list(KINDS), format_func=lambda key: KINDS[key].label, key="brief_format")
        options = _choices(kind)
    if options is None:
        return
    try:
        job = job_for(dataset, view, dated(options), kind.removeprefix("."))
    except AtlasError as error:
        with right:
            st.error(plain(str(error)))
        return
    with left:
        accepted = _show_findings(lint(job))
        _download(dataset, view, kind, job, accepted)
    with right:
        _preview(dataset, view, job)


def _choices(kind: str) -> PageOptions | None:
    """Ask for what no selection can tell; None, with the reason shown, while a choice cannot be used."""
    chosen: dict[str, Any] = {
        "profile": st.segmented_control(
            "Readers", PROFILES, default="internal", key="brief_profile", help=PROFILE_HELP, required=True
        ),
        "page": st.selectbox("Page", PAGE_NAMES, key="brief_page"),
        "marking": st.selectbox(
            "Marking", MARKINGS, key="brief_marking", format_func=lambda text: text or "none", accept_new_options=True
        ),
        "title": st.text_input("Title", key="brief_title", placeholder="Written from the selection"),
        "takeaway": st.text_area(
            "Takeaway", key="brief_takeaway", height=80, placeholder="One line; likelihood in ICD 203's terms"
        ),
    }
    if kind == ".png":
        chosen["dpi"] = int(st.number_input("Dots per inch", *DPI_RANGE, 300, key="brief_dpi"))
    if kind in (".gif", ".mp4"):
        chosen |= _film_choices()
    with st.expander("Grid, producer, version"):
        chosen["grid"] = st.segmented_control(
            "Grid", GRIDS, default="graticule", key="brief_grid", format_func=GRID_LABELS.__getitem__, required=True
        )
        chosen["producer"] = st.text_input("Producer", value="Incident Atlas", key="brief_producer")
        chosen["contact"] = st.text_input("Contact", key="brief_contact", help="Never on a public product.")
        chosen["version"] = st.text_input("Version", value="1", key="brief_version")
        chosen["status"] = st.segmented_control("Product status", STATUSES, default="New", key="brief_status")
    try:
        # What was emptied again falls back to its default.
        return PageOptions(**{name: value for name, value in chosen.items() if value})
    except AtlasError as error:
        st.error(plain(str(error)))
        return None


def _film_choices() -> dict[str, Any]:
    return {
        "step": st.segmented_control(
            "Each picture shows a", STEPS, default="", key="brief_step", format_func=lambda step: step or "fitting step"
        ),
        "seconds": st.number_input("Seconds for each picture", *SECONDS_RANGE, 0.8, 0.1, key="brief_seconds"),
        "cumulative": st.checkbox("Keep what was shown before", key="brief_cumulative"),
    }


def _show_findings(findings: tuple[Finding, ...]) -> dict[str, str]:
    """List what is missing or unsafe; a blocking finding passes with a reason, which is printed on the product."""
    reasons: dict[str, str] = {}
    for finding in findings:
        show = st.error if finding.blocks else st.warning
        show(f"{plain(finding.message)} {plain(finding.fix)}")
        if finding.blocks:
            reasons[finding.code] = st.text_input(
                f"Reason to accept {finding.code}", key=f"brief_reason_{finding.code}"
            )
    if not findings:
        st.success("The linter finds nothing missing.")
    return {code: reason for code, reason in reasons.items() if reason.strip()}


def _download(dataset: Dataset, view: View, kind: str, job: Job, accepted: dict[str, str]) -> None:
    """Offer the product; it is made when the button is pressed."""
    blocked = any(finding.blocks and finding.code not in accepted for finding in lint(job))
    options = PageOptions.from_record({**job.options.record(), "overrides": accepted})
    made = KINDS[kind]
    book = f"_{kind}" if kind in BOOKS else ""
    st.download_button(
        f"Download {made.label}",
        lambda: product_bytes(dataset, view, kind, options)[0],
        f"{product_name(job)}{book}{made.suffix}",
        on_click="ignore",
        disabled=blocked,
        type="primary",
        help="Give a reason for each error first." if blocked else None,
        width="stretch",
    )


def _preview(dataset: Dataset, view: View, job: Job) -> None:
    """Show the page as it will be printed, whatever the format; a preview is never refused."""
    record = {**job.options.record(), "dpi": PREVIEW_DPI}
    with st.spinner("Drawing the page"):
        picture, _ = picture_bytes(dataset, view, ".png", PageOptions.from_record(record))
    st.image(picture, width="stretch")
