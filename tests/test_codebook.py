"""The codebook in docs/ says what the code checks."""

from pathlib import Path

from geodata.codebook import codebook, column_table
from geodata.incident import COLUMN_NAMES, VOCABULARIES

DOCS = Path(__file__).parents[1] / "docs"


def test_the_committed_codebook_is_the_generated_one() -> None:
    committed = (DOCS / "codebook.md").read_text(encoding="utf-8")
    assert committed == codebook(), "write docs/codebook.md again with what geodata.codebook.codebook() returns"


def test_the_readme_has_the_generated_table_of_columns() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert column_table().strip() in readme, "write README's table again with column_table()"


def test_the_codebook_names_every_column_and_every_code() -> None:
    text = codebook()
    for name in COLUMN_NAMES:
        assert f"| `{name}`" in text
    for vocabulary in VOCABULARIES.values():
        for code in vocabulary.codes.values():
            assert f"| `{code.code}` | {code.label} |" in text
            assert code.definition in text


def test_the_column_table_has_one_line_per_column() -> None:
    assert len(column_table().splitlines()) == len(COLUMN_NAMES) + 2
