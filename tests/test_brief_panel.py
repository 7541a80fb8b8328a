"""The Brief panel: what it asks for can be asked for on the command line, and an error blocks until it has a reason."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from small_store import row, small_dataset
from streamlit.testing.v1 import AppTest

from dashboard.cli import cli

#: What the panel calls otherwise than the command line does.
CALLED = {"version": "product_version"}

WIDGETS = ("selectbox", "button_group", "text_input", "text_area", "number_input", "checkbox")


def panel() -> None:
    """Draw the panel over the records that the test has put in the session."""
    import streamlit as st

    from dashboard.brief_panel import brief
    from dashboard.view import View

    brief(st.session_state["records"], View())


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("dashboard.brief_panel._preview", lambda *_: None)
    page = AppTest.from_function(panel, default_timeout=60)
    page.session_state["records"] = small_dataset([row("a", status="reviewed", sources="")])
    return page.run()


def asked_for(page: AppTest) -> set[str]:
    keys = {widget.key for kind in WIDGETS for widget in page.get(kind)}
    return {str(key).removeprefix("brief_") for key in keys}


def options_of(command: str) -> set[str]:
    group: Any = typer.main.get_command(cli)
    names = {name for option in group.commands[command].params for name in option.opts}
    return {name.removeprefix("--").replace("-", "_") for name in names}


def test_every_choice_of_the_panel_has_an_option_on_the_command_line(opened: AppTest) -> None:
    found = asked_for(opened)
    for kind in (".png", ".gif"):
        found |= asked_for(opened.selectbox("brief_format").set_value(kind).run())
    assert {"page", "profile", "marking", "title", "takeaway", "dpi", "step", "seconds", "version"} <= found
    reasons = {name for name in found if name.startswith("reason_")}
    assert reasons == {"reason_no-source"}
    assert {CALLED.get(name, name) for name in found - reasons} <= options_of("render")
    assert "accept" in options_of("render")


def test_an_error_blocks_the_download_until_its_reason_is_given(opened: AppTest) -> None:
    assert [message.value for message in opened.error if "without a source" in message.value]
    assert opened.get("download_button")[0].proto.disabled
    opened.text_input("brief_reason_no-source").set_value("withheld by agreement").run()
    assert not opened.get("download_button")[0].proto.disabled
