"""The Brief tab: what is on the screen becomes a finished product, with a preview and the linter's findings."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from dashboard.products.export import FORMATS, atlas_bytes, findings_of, pack_bytes, product_bytes
from dashboard.products.job import job_for
from dashboard.products.linter import Finding
from dashboard.products.options import DPI_RANGE, PAGE_NAMES, STATUSES, PageOptions
from dashboard.products.page import dated
from dashboard.view import View
from dashboard.words import plain
from geodata.dataset import Dataset
from geodata.errors import AtlasError

#: Resolution of the preview in dots per inch: enough to read, drawn in under a second.
PREVIEW_DPI = 96

MARKINGS = ("", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")


def brief(dataset: Dataset, view: View) -> None:
    """Draw the panel: choices and findings on the left, the page as it will be on the right."""
    left, right = st.columns([1, 2.2], gap="large")
    with left:
        suffix = st.selectbox("Format", list(FORMATS), format_func=lambda key: FORMATS[key].label, key="brief_format")
        options = _choices(suffix)
    if options is None:
        return
    options = dated(options)
    job = job_for(dataset, view, options, suffix.removeprefix("."))
    findings = findings_of(job)
    with left:
        accepted = _show_findings(findings)
        _downloads(dataset, view, suffix, options, accepted, findings)
    with right:
        _preview(dataset, view, options, findings)


def _choices(suffix: str) -> PageOptions | None:
    """Ask for what no selection can tell; None, with the reason shown, while a choice cannot be used."""
    page = st.selectbox("Page", PAGE_NAMES, key="brief_page")
    marking = st.selectbox(
        "Marking", MARKINGS, key="brief_marking", format_func=lambda text: text or "none", accept_new_options=True
    )
    title = st.text_input("Title", key="brief_title", placeholder="Written from the selection")
    takeaway = st.text_area(
        "Takeaway", key="brief_takeaway", height=80, placeholder="One line; likelihood in ICD 203's terms"
    )
    producer = st.text_input("Producer", value="Incident Atlas", key="brief_producer")
    status = st.segmented_control("Product status", STATUSES, default="New", key="brief_status")
    dpi = 300
    if suffix == ".png":
        dpi = st.number_input("Dots per inch", *DPI_RANGE, 300, key="brief_dpi")
    try:
        return PageOptions(
            page=page,
            dpi=int(dpi),
            title=title,
            takeaway=takeaway,
            marking=marking or "",
            producer=producer or "Incident Atlas",
            status=status or "New",
        )
    except AtlasError as error:
        st.error(plain(str(error)))
        return None


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


def _downloads(
    dataset: Dataset,
    view: View,
    suffix: str,
    options: PageOptions,
    accepted: dict[str, str],
    findings: tuple[Finding, ...],
) -> None:
    """Offer the product, the briefing pack and the atlas; each is made when its button is pressed."""
    blocked = any(finding.blocks and finding.code not in accepted for finding in findings)
    final = _with_reasons(options, accepted)
    name = product_name(options)
    _button(
        f"Download {FORMATS[suffix].label}",
        lambda: product_bytes(dataset, view, suffix, final)[0],
        f"{name}{suffix}",
        blocked,
        main=True,
    )
    whole = job_for(dataset, view, final, "pdf")
    _button("Briefing pack (PDF)", lambda: pack_bytes(whole), f"{name}-pack.pdf", blocked)
    _button("Atlas by governorate (PDF)", lambda: atlas_bytes(whole), f"{name}-atlas.pdf", blocked)


def product_name(options: PageOptions) -> str:
    """Name a file `INC_atlas_A4_20261122_TLP-AMBER`, without its ending (OCHA's naming, element 27 of the standard)."""
    page = options.page.split("-")[0].upper()
    marking = "_" + re.sub(r"[^A-Z0-9+]+", "-", options.marking.upper()).strip("-") if options.marking else ""
    return f"INC_atlas_{page}_{options.produced.replace('-', '')}{marking}"


def _button(label: str, make: Callable[[], bytes], file_name: str, blocked: bool, *, main: bool = False) -> None:
    st.download_button(
        label,
        make,
        file_name,
        on_click="ignore",
        disabled=blocked,
        type="primary" if main else "secondary",
        help="Give a reason for each error first." if blocked else None,
        width="stretch",
    )


def _with_reasons(options: PageOptions, accepted: dict[str, str]) -> PageOptions:
    return PageOptions.from_record({**options.record(), "overrides": accepted})


def _preview(dataset: Dataset, view: View, options: PageOptions, findings: tuple[Finding, ...]) -> None:
    """Show the page as it will be printed, whatever the format; a preview is never refused."""
    excused = {finding.code: "preview" for finding in findings if finding.blocks}
    record = {**options.record(), "dpi": PREVIEW_DPI, "overrides": excused}
    with st.spinner("Drawing the page"):
        picture, _ = product_bytes(dataset, view, ".png", PageOptions.from_record(record))
    st.image(picture, width="stretch")
