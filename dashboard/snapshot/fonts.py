"""The project's own fonts: made known to matplotlib, cut lean for speed, and measured."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path as FilePath
from typing import IO, Any

import numpy as np
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # ships no types
from matplotlib import font_manager
from matplotlib.backends import _backend_pdf_ps
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from geodata.errors import FileError

FONTS = FilePath(__file__).parent.parent / "static" / "vendor" / "fonts"

#: Families under names of our own, so that a Noto Sans of another version on the machine is never taken instead.
FAMILIES = ("Atlas Noto Sans", "Atlas Noto Sans Arabic")
FONT_FILES = (
    ("NotoSans-Regular.ttf", FAMILIES[0], 400),
    ("NotoSans-Bold.ttf", FAMILIES[0], 700),
    ("NotoSansArabic-Regular.ttf", FAMILIES[1], 400),
    ("NotoSansArabic-Bold.ttf", FAMILIES[1], 700),
)

_FILE_NAMES = tuple(name for name, _, _ in FONT_FILES)

#: Matplotlib's own way to cut a font.
_CUT = _backend_pdf_ps.get_glyphs_subset

#: Tables of a font that shape its letters, and those that fit them to a coarse screen.
LAYOUT = ("GSUB", "GPOS", "GDEF")
HINTING = ("fpgm", "prep", "cvt ", "gasp", "hdmx", "VDMX", "LTSH", "DSIG")


@contextmanager
def bare_fonts() -> Iterator[None]:
    """Let matplotlib cut the fonts of a PDF from copies that hold outlines alone.

    It shapes a text first and embeds glyphs by number, and yet reads all layout tables of a font to embed it: half of
    the time of a PDF of one map. The copies have the same glyphs under the same numbers. What was cut once is kept: a
    map drawn again has the same letters, and cutting them is a sixth of its time.
    """
    bare = {path: path.with_suffix(".bare") for path in map(FilePath(load_fonts().name).joinpath, _FILE_NAMES)}

    def cut_bare(fontfile: Any, glyphs: Any) -> Any:
        found = bare.get(FilePath(str(fontfile)))
        return nullcontext(_cut(str(found), frozenset(glyphs))) if found else _CUT(fontfile, glyphs)

    _backend_pdf_ps.get_glyphs_subset = cut_bare
    try:
        yield
    finally:
        _backend_pdf_ps.get_glyphs_subset = _CUT


@dataclass(frozen=True, slots=True)
class _CutFont:
    """A font that is cut already; matplotlib saves it as it would one of fontTools."""

    data: bytes

    def save(self, file: IO[bytes], *, reorderTables: bool) -> None:  # noqa: ARG002, N803  named by fontTools
        """Write the font into a file."""
        file.write(self.data)


@lru_cache(maxsize=64)
def _cut(path: str, glyphs: frozenset[int]) -> Any:
    """Cut a font to some glyphs: the font and the new number of each."""
    with _CUT(font_manager.FontPath(path, 0), set(glyphs)) as made:
        saved = _backend_pdf_ps.font_as_file(made.font)  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
        return made._replace(font=_CutFont(saved.getvalue()))


@cache
def load_fonts() -> tempfile.TemporaryDirectory[str]:
    """Make the project's fonts known to matplotlib and return the folder of their lean copies, which must be kept.

    Matplotlib reads all tables of a font for every PDF it writes; without the layout tables, which only Arabic needs,
    that takes 0.1 s instead of 1 s. What Latin loses is kerning.

    Raises
    ------
    FileError
        When a font file is missing: the project was not installed but copied.
    """
    folder = tempfile.TemporaryDirectory(prefix="incident-atlas-fonts-")
    for file_name, family, weight in FONT_FILES:
        path = FONTS / file_name
        if not path.exists():
            msg = f"The font {file_name!r} is missing in {FONTS.name!r}; install the project again to put it there."
            raise FileError(msg)
        lean = FilePath(folder.name) / file_name
        _write_without(path, lean, HINTING if family == FAMILIES[1] else (*HINTING, *LAYOUT))
        _write_without(lean, lean.with_suffix(".bare"), LAYOUT, names=False)
        entry = font_manager.ttfFontProperty(font_manager.get_font(str(lean)))
        font_manager.fontManager.ttflist.append(replace(entry, name=family, weight=weight))
    return folder


def _write_without(path: FilePath, to: FilePath, tables: Sequence[str], *, names: bool = True) -> None:
    """Copy a font without some tables, and, if told so, without what names its glyphs or finds them by letter."""
    with TTFont(path, lazy=True, recalcTimestamp=False, recalcBBoxes=False) as source:
        for table in tables:
            if table in source:
                del source[table]
        if not names:
            source["post"].formatType = 3.0
            for mapping in source["cmap"].tables:
                mapping.cmap = dict(list(mapping.cmap.items())[:1])  # none at all is no font
        source.save(to, reorderTables=False)


def font(text: str, size: float, *, bold: bool = False) -> font_manager.FontProperties:
    """Give the font of a text at a size in points.

    Matplotlib looks for every family of a font each time it draws with it; most texts need the first alone.
    """
    return _font(FAMILIES[:1] if _is_latin(text) else FAMILIES, size, bold)


@lru_cache(maxsize=1024)
def _font(families: tuple[str, ...], size: float, bold: bool) -> font_manager.FontProperties:
    return font_manager.FontProperties(family=list(families), size=size, weight=700 if bold else 400)


@lru_cache(maxsize=65_536)
def _is_latin(text: str) -> bool:
    return _latin_letters().issuperset(text)


@cache
def _latin_letters() -> frozenset[str]:
    with TTFont(FONTS / FONT_FILES[0][0], lazy=True) as source:
        return frozenset(map(chr, source.getBestCmap()))


@lru_cache(maxsize=65_536)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Measure a text's width in points, from the first letter's ink to the last one's."""
    load_fonts()
    return _width_at_100(text, bold) * size / 100


@lru_cache(maxsize=65_536)
def _width_at_100(text: str, bold: bool) -> float:
    width, _, _ = text_to_path.get_text_width_height_descent(text, font(text, 100, bold=bold), False)
    return float(width)


@lru_cache(maxsize=8_192)
def text_outline(text: str, bold: bool = False) -> Path:
    """Give a text's outline at 100 points, baseline at the origin."""
    vertices, codes = text_to_path.get_text_path(font(text, 100, bold=bold), text)
    return Path(np.asarray(vertices, dtype=float).reshape(-1, 2), codes, readonly=True)
