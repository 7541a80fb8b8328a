"""The options the page starts with: the same in the file and in the code, and known to the installed Streamlit."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from dashboard.security import CONTENT_SECURITY_POLICY
from dashboard.settings import STREAMLIT_OPTIONS

CONFIG_FILE = Path(__file__).parents[1] / ".streamlit" / "config.toml"


def flat(tables: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, value in tables.items():
        options |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return options


def test_the_file_says_what_the_launcher_says() -> None:
    assert flat(tomllib.loads(CONFIG_FILE.read_text(encoding="utf-8"))) == STREAMLIT_OPTIONS


@pytest.mark.parametrize("name", STREAMLIT_OPTIONS)
def test_streamlit_knows_the_option(name: str) -> None:
    config.get_config_options()
    assert name in config._config_options_template


def test_nothing_is_reported_and_nothing_is_looked_up_outside() -> None:
    assert STREAMLIT_OPTIONS["browser.gatherUsageStats"] is False
    assert STREAMLIT_OPTIONS["server.headless"] is True
    assert STREAMLIT_OPTIONS["server.address"] == "127.0.0.1"
    assert STREAMLIT_OPTIONS["client.showErrorLinks"] is False


def test_the_security_policy_names_no_other_host() -> None:
    words = {word for rule in CONTENT_SECURITY_POLICY.split("; ") for word in rule.split()[1:]}
    assert words <= {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "blob:", "data:"}
