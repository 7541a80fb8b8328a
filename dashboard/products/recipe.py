"""The recipe of a product: the view, the data and the code that made it, and the choices; enough to make it again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dashboard.products.options import PageOptions
from dashboard.view import View
from geodata.dataset import Dataset
from geodata.errors import QueryError

SCHEMA = "incident-atlas-recipe/1"

#: What stands before the recipe in a CSV file.
CSV_RECIPE = "Recipe: "
PROJECT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a product's bytes.

    Attributes
    ----------
    view
        The page's address query.
    format
        The kind of product: a file's ending, `pack`, or `atlas-` and what its pages are by.
    data_name, data_sha256, decisions_sha256, gazetteers_sha256
        Name (never the path) and hash of the file of incidents, and the hashes of what was decided about its places
        and of the user's gazetteers they were placed with; "" where there are none.
    version, code_sha256
        Version of the project and hash of its code, data and fonts.
    """

    format: str
    view: str
    data_name: str
    data_sha256: str
    version: str
    code_sha256: str
    options: dict[str, Any]
    decisions_sha256: str = ""
    gazetteers_sha256: str = ""

    @property
    def id(self) -> str:
        """Short name of the recipe: the first 12 hex digits of its hash."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """Write the recipe in one canonical line."""
        data = {"name": self.data_name, "sha256": self.data_sha256}
        if self.decisions_sha256:
            data["decisions"] = self.decisions_sha256
        if self.gazetteers_sha256:
            data["gazetteers"] = self.gazetteers_sha256
        record = {
            "schema": SCHEMA,
            "format": self.format,
            "view": self.view,
            "data": data,
            "code": {"version": self.version, "sha256": self.code_sha256},
            "options": self.options,
        }
        return json.dumps(record, ensure_ascii=True, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read a recipe.

        Raises
        ------
        QueryError
            When the text is no recipe, or one of another schema.
        """
        try:
            record = json.loads(text)
            if record["schema"] != SCHEMA:
                msg = f"The recipe has the schema {record['schema']!r}; this version reads {SCHEMA!r}."
                raise QueryError(msg)
            return cls(
                format=str(record["format"]),
                view=str(record["view"]),
                data_name=str(record["data"]["name"]),
                data_sha256=str(record["data"]["sha256"]),
                version=str(record["code"]["version"]),
                code_sha256=str(record["code"]["sha256"]),
                options=dict(record["options"]),
                decisions_sha256=str(record["data"].get("decisions", "")),
                gazetteers_sha256=str(record["data"].get("gazetteers", "")),
            )
        except (ValueError, KeyError, TypeError) as error:
            msg = f"This is no recipe ({error!r}); expected the JSON a product carries."
            raise QueryError(msg) from error


def recipe_for(dataset: Dataset, view: View, options: PageOptions, format_name: str) -> Recipe:
    """Write the recipe of a product."""
    return Recipe(
        format=format_name,
        view=view.to_query(),
        data_name=dataset.label,
        data_sha256=dataset.sha256,
        version=code_version(),
        code_sha256=code_sha256(),
        options=options.record(),
        decisions_sha256=dataset.decisions_sha256,
        gazetteers_sha256=dataset.gazetteers_sha256,
    )


@cache
def code_version() -> str:
    """Version of the installed project, or `0` in a bare checkout."""
    try:
        return version("incident-atlas")
    except PackageNotFoundError:
        return "0"


#: Rooms of the page alone: what stands in them decides no product.
PAGE_ONLY = frozenset(
    {"app.py", "panels.py", "brief_panel.py", "session.py", "server.py", "routes.py", "security.py", "timeline.py",
     "viewport.py", "settings.py", "cli.py", "cli_bench.py", "cli_files.py", "cli_options.py", "cli_places.py",
     "cli_products.py", "bench", "webmap", "build", "__pycache__"}
)  # fmt: skip


@cache
def code_sha256() -> str:
    """Hash everything of the project that decides a product: code, scripts, data and fonts, by relative name."""
    digest = hashlib.sha256()
    for room in ("dashboard", "geodata"):
        files = [f for f in (PROJECT / room).rglob("*") if f.is_file() and _decides(f.relative_to(PROJECT))]
        for file in sorted(files, key=lambda f: f.relative_to(PROJECT).as_posix()):
            digest.update(file.relative_to(PROJECT).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _decides(file: Path) -> bool:
    return not PAGE_ONLY & set(file.parts) and file.suffix not in (".pyc", ".png")
