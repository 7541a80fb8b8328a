"""A page as SVG: text stays text, set in fonts that the file carries with it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from html import escape
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]  # ships no types
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from dashboard.snapshot.fonts import FONT_FILES, load_fonts


def svg_bytes(figure: Figure, texts: Iterable[str], *, title: str, description: str, recipe: str) -> bytes:
    """Write a figure as SVG with its fonts, title, description and recipe inside; it asks nothing of any host.

    Parameters
    ----------
    texts
        All texts on the figure: the embedded fonts hold their letters and no others.
    """
    out = io.BytesIO()
    FigureCanvasSVG(figure)
    # Matplotlib would write the time of day; the recipe says what a reader needs.
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "Incident Atlas", "Title": title})
    drawn = out.getvalue().decode("utf-8")
    head, mark, body = drawn.partition("<defs>")
    inside = (
        f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n"
        f'<metadata id="recipe">{escape(recipe)}</metadata>\n'
        f"<style>{''.join(font_faces(texts))}</style>\n"
    )
    return (head.replace("<svg ", '<svg role="img" ', 1) + inside + mark + body).encode("utf-8")


def font_faces(texts: Iterable[str]) -> list[str]:
    """Write one `@font-face` per font that has letters of the texts, cut to those letters."""
    letters = sorted({ord(letter) for text in texts for letter in text})
    folder = Path(load_fonts().name)
    faces = []
    for file_name, family, weight in FONT_FILES:
        data = _cut_font(folder / file_name, letters)
        if data:
            source = f"url(data:font/woff;base64,{base64.b64encode(data).decode('ascii')}) format('woff')"
            faces.append(f"@font-face{{font-family:'{family}';font-weight:{weight};src:{source}}}")
    return faces


def _cut_font(path: Path, letters: list[int]) -> bytes:
    """Cut a font to some letters, with the tables that join Arabic ones; nothing when it has none of them."""
    options = subset.Options(flavor="woff", layout_features=["*"], notdef_outline=True, recalc_timestamp=False)
    font = subset.load_font(str(path), options)
    has = set(font.getBestCmap())
    if not has & set(letters) - {0x20}:
        return b""
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters)
    cutter.subset(font)
    out = io.BytesIO()
    subset.save_font(font, out, options)
    return out.getvalue()
