"""Read a product's recipe back, make the product again, and say whether data and code still match."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboard.products.data import ABOUT_COLUMN
from dashboard.products.recipe import CSV_RECIPE, Recipe, code_sha256
from geodata.dataset import Dataset
from geodata.errors import FileError, QueryError

#: Longest file read in search of a recipe; far above any product of ours.
LARGEST_BYTES = 512 * 2**20

_HTML_RECIPE = re.compile(r'<script[^>]*id="recipe"[^>]*>(.*?)</script>', re.DOTALL)
_SVG_RECIPE = re.compile(r'<metadata id="recipe">(.*?)</metadata>', re.DOTALL)
_PDF_KEYWORDS = re.compile(rb"/Keywords \(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_BARE_RECIPE = re.compile(rb'\{"code":\{[^\x00]{20,65536}?"schema":"incident-atlas-recipe/\d+","view":"[^"\x00]*"\}')
_PDF_ESCAPE = re.compile(rb"\\([nrtbf()\\]|[0-7]{1,3})")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a product's recipe says, held against the data and code at hand."""

    recipe: Recipe
    data_matches: bool
    code_matches: bool
    bytes_match: bool | None
    decisions_match: bool = True
    gazetteers_match: bool = True

    @property
    def holds(self) -> bool:
        """Tell whether nothing at hand differs from what made the product."""
        places_match = self.decisions_match and self.gazetteers_match
        return self.data_matches and places_match and self.code_matches and self.bytes_match is not False

    def sentences(self) -> list[str]:
        """Say the verdict in words."""
        recipe = self.recipe
        lines = [f"Recipe {recipe.id}: {recipe.format} of the view {recipe.view or '(everything)'!r}."]
        lines.append(
            f"Data {recipe.data_name} {recipe.data_sha256[:12]}: "
            + ("the same as at hand." if self.data_matches else "not the file at hand.")
        )
        if not self.decisions_match:
            lines.append("Decisions about places have changed since: some records may lie elsewhere now.")
        if not self.gazetteers_match:
            lines.append("The user's gazetteers have changed since: some records may lie elsewhere now.")
        lines.append(
            f"Code {recipe.version}+{recipe.code_sha256[:8]}: "
            + ("the same as at hand." if self.code_matches else "not the code at hand.")
        )
        if self.bytes_match is not None:
            lines.append(
                "Made again, it has the same bytes."
                if self.bytes_match
                else "Made again, it has other bytes: it was changed."
            )
        return lines


def read_recipe(path: Path) -> Recipe:
    """Read the recipe from a product, or from a file that holds a recipe alone.

    Raises
    ------
    FileError
        When the file cannot be read.
    QueryError
        When it carries no recipe.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            msg = f"{path.name!r} has more than {LARGEST_BYTES // 2**20} MB; no product of this project is so large."
            raise FileError(msg)
        data = path.read_bytes()
    except OSError as error:
        msg = f"{path.name!r} cannot be read ({error.strerror}); give a product or a recipe file."
        raise FileError(msg) from error
    finder = _FINDERS.get(path.suffix.lower(), _from_json)
    text = finder(data)
    if not text:
        msg = f"{path.name!r} carries no recipe; products of this project do, unless another program saved them again."
        raise QueryError(msg)
    return Recipe.from_json(text)


#: Kinds whose bytes are compared: other programs save Office files and databases anew without changing what they say.
NOT_COMPARED = frozenset({"pptx", "xlsx", "gpkg"})


def verify(path: Path, dataset: Dataset) -> Verdict:
    """Say which data and code made a product and whether they are those at hand; if so, make it again and compare."""
    recipe = read_recipe(path)
    data, code = recipe.data_sha256 == dataset.sha256, recipe.code_sha256 == code_sha256()
    decisions = recipe.decisions_sha256 == dataset.decisions_sha256
    gazetteers = recipe.gazetteers_sha256 == dataset.gazetteers_sha256
    same = None
    if data and decisions and gazetteers and code and recipe.format not in NOT_COMPARED:
        from dashboard.products.export import remake

        same = remake(recipe, dataset) == path.read_bytes()
    return Verdict(recipe, data, code, same, decisions, gazetteers)


def _from_json(data: bytes) -> str:
    return data.decode("utf-8", errors="replace").strip()


def _from_png(data: bytes) -> str:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            return str(getattr(picture, "text", {}).get("Recipe", ""))
    except (OSError, ValueError) as error:
        msg = f"The picture cannot be read ({error})."
        raise FileError(msg) from error


def _from_pdf(data: bytes) -> str:
    found = _PDF_KEYWORDS.search(data)
    return _PDF_ESCAPE.sub(_unescaped, found[1]).decode("latin-1") if found else ""


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return bytes([int(code, 8) & 0xFF]) if code.isdigit() else named.get(code, code)


def _from_svg(data: bytes) -> str:
    found = _SVG_RECIPE.search(data.decode("utf-8", errors="replace"))
    return html.unescape(found[1]) if found else ""


def _from_geojson(data: bytes) -> str:
    try:
        return json.dumps(json.loads(data)["recipe"])
    except (ValueError, KeyError, TypeError):
        return ""


def _from_csv(data: bytes) -> str:
    """Read the cell of the first record that tells about the file."""
    csv.field_size_limit(LARGEST_BYTES)
    try:
        first = next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))), {})
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"The table cannot be read ({error})."
        raise FileError(msg) from error
    return (first.get(ABOUT_COLUMN) or "").rpartition(f"\n{CSV_RECIPE}")[2]


def _from_geopackage(data: bytes) -> str:
    base = sqlite3.connect(":memory:")
    try:
        base.deserialize(data)
        found = base.execute("SELECT what_to_know FROM about WHERE matter = 'Recipe'").fetchone()
    except sqlite3.Error as error:
        msg = f"The file is no GeoPackage of this project ({error})."
        raise FileError(msg) from error
    finally:
        base.close()
    return str(found[0]) if found else ""


def _from_mp4(data: bytes) -> str:
    """Find the recipe among the tags by its own form: no film is decoded to read it."""
    found = _BARE_RECIPE.search(data)
    return found[0].decode("ascii", errors="replace") if found else ""


def _from_gif(data: bytes) -> str:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["GIF"]) as picture:
            comment = picture.info.get("comment", b"")
    except (OSError, ValueError) as error:
        msg = f"The film cannot be read ({error})."
        raise FileError(msg) from error
    return comment.decode("ascii", errors="replace") if isinstance(comment, bytes) else str(comment)


def _from_html(data: bytes) -> str:
    found = _HTML_RECIPE.search(data.decode("utf-8", errors="replace"))
    return found[1].strip() if found else ""


def _from_zip(member: str, pattern: str) -> Callable[[bytes], str]:
    def find(data: bytes) -> str:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                text = packed.read(member).decode("utf-8", errors="replace")
        except (zipfile.BadZipFile, KeyError) as error:
            msg = f"The file is not what its name says ({error})."
            raise FileError(msg) from error
        found = re.search(pattern, text, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    return find


_FINDERS: dict[str, Callable[[bytes], str]] = {
    ".png": _from_png,
    ".pdf": _from_pdf,
    ".svg": _from_svg,
    ".html": _from_html,
    ".geojson": _from_geojson,
    ".gif": _from_gif,
    ".mp4": _from_mp4,
    ".csv": _from_csv,
    ".gpkg": _from_geopackage,
    ".pptx": _from_zip("ppt/notesSlides/notesSlide1.xml", r"Recipe: (\{.*?\})</a:t>"),
    ".xlsx": _from_zip("docProps/core.xml", r"<cp:keywords>(.*?)</cp:keywords>"),
    ".kmz": _from_zip("doc.kml", r'<Data name="recipe"><value>(.*?)</value></Data>'),
}
