"""The pages about datasets in docs/ say what the tables in the code do."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata.formats.dataset_pages import PAGES, dataset_page
from geodata.formats.datasets import BY_CODE, PROFILES, acled, gtd, ucdp

FOLDER = Path(__file__).parents[1] / "docs" / "datasets"


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_the_generated_one(name: str) -> None:
    committed = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert committed == dataset_page(name), f"write docs/datasets/{name}.md again with what dataset_page returns"


def test_every_profile_has_a_page_and_every_page_a_profile() -> None:
    assert sorted(code for codes in PAGES.values() for code in codes) == sorted(profile.code for profile in PROFILES)
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_every_column_and_every_code(name: str) -> None:
    page = dataset_page(name)
    for profile in (BY_CODE[code] for code in PAGES[name]):
        assert all(f"`{column}`" in page for column in profile.columns)
    first = BY_CODE[PAGES[name][0]]
    assert first.traps
    for rule in first.rules:
        assert all(f"| {code} | `{ours}` |" in page for code, ours in (rule.codes or {}).items())


def test_precision_codes_of_the_field_are_on_their_pages() -> None:
    for table, name in ((acled.PRECISIONS, "acled"), (ucdp.PRECISIONS, "ucdp-ged"), (gtd.PRECISIONS, "gtd")):
        page = dataset_page(name)
        assert all(f"| {code} | `{ours}` |" in page for code, ours in table.items())
