"""Text and keys on a slide that stay editable, measured so that a wider font in their place still fits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Pt

from dashboard.products.typeset import LEADING, Block, Runs, break_lines
from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.ink import Sheet, drawing_settings
from geodata.plain_text import for_xml, without_turns

FONT: Final = "Noto Sans"

#: A machine without our font takes another; the widest of the usual ones, DejaVu Sans, is wider by this factor.
OTHER_FONT: Final = 1.14

#: Height of a line in font sizes as slide programs set it: those of Noto Sans are 1.36 high.
LINE: Final = 1.36

#: Resolution of the keys of a legend.
KEY_DPI: Final = 300


def ink(hex_colour: str) -> RGBColor:
    """Turn `#rrggbb` to the colour of a slide."""
    made: RGBColor = RGBColor.from_string(hex_colour.removeprefix("#").upper())  # type: ignore[no-untyped-call]  # python-pptx leaves it untyped
    return made


def text_height(runs: Runs, size: float, width: float) -> float:
    """Give the height in points that a text takes in a box, whatever font is found for it."""
    return len(break_lines(runs, size, width / OTHER_FONT)) * size * LINE


def set_text(
    slide: Any,
    box: tuple[float, float, float, float],
    runs: Runs,
    size: float,
    colour: RGBColor,
    *,
    align: Any = PP_ALIGN.LEFT,
) -> Any:
    """Set a text into a box (left, top, width, height in points from the slide's upper left) and return its shape."""
    left, top, width, height = (Pt(value) for value in box)
    shape = slide.shapes.add_textbox(left, top, width, height)
    fill_frame(shape.text_frame, runs, size, colour, align)
    return shape


def fill_frame(frame: Any, runs: Runs, size: float, colour: RGBColor, align: Any = PP_ALIGN.LEFT) -> None:
    """Write runs of plain and bold words as one paragraph."""
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    paragraph = frame.paragraphs[0]
    paragraph.alignment = align
    for text, bold in runs:
        run = paragraph.add_run()
        run.text = clean(text)
        run.font.size, run.font.bold, run.font.name, run.font.color.rgb = Pt(size), bold, FONT, colour


def clean(text: str) -> str:
    """Leave out what a slide cannot hold, or what would turn the words around it."""
    return for_xml(without_turns(text)).replace("\r", " ")


def block_height(block: Block, width: float) -> float:
    """Give the height of a block on a slide, at which no other font makes it run into the next."""
    room = width - block.indent - _figure_width(block)
    return max(text_height(block.runs, block.size, room), block.row) + block.after


def set_blocks(slide: Any, blocks: Sequence[Block], left: float, top: float, width: float) -> None:
    """Set blocks below each other: the words as text, the keys as small pictures beside them."""
    for block in blocks:
        height = block_height(block, width)
        if block.runs:
            _set_block(slide, block, (left, top, width, height - block.after))
        top += height


def _figure_width(block: Block) -> float:
    return (text_width(block.figure, block.size) + block.size * 0.8) * OTHER_FONT if block.figure else 0.0


def _set_block(slide: Any, block: Block, box: tuple[float, float, float, float]) -> None:
    left, top, width, height = box
    words = height - max(0.0, block.row - text_height(block.runs, block.size, width - block.indent)) / 2
    figure = _figure_width(block)
    at = top + height - words
    place = (left + block.indent, at, width - block.indent - figure, words)
    set_text(slide, place, block.runs, block.size, ink(block.colour))
    if block.figure:
        place = (left + width - figure, at, figure, block.size * LINE)
        set_text(slide, place, ((block.figure, False),), block.size, ink(block.colour), align=PP_ALIGN.RIGHT)
    if block.key:
        side = max(block.row, block.size * LEADING)
        picture = slide.shapes.add_picture(
            _key(block, side), Pt(left), Pt(top + (height - side) / 2), Pt(block.indent), Pt(side)
        )
        picture._element.nvPicPr.cNvPr.set("descr", clean(" ".join(text for text, _ in block.runs)))


def _key(block: Block, side: float) -> io.BytesIO:
    """Draw the key of a legend's row by the pen of the map."""
    assert block.key is not None  # noqa: S101  asked only of rows with a key
    with drawing_settings():
        figure = Figure(figsize=(block.indent / 72, side / 72))
        figure.patch.set_alpha(0)
        block.key(Sheet(figure, (0, 0, block.indent, side)), block.indent / 2 - block.size * 0.2, side / 2, side)
        return picture_of(figure, KEY_DPI, transparent=True)


def picture_of(figure: Figure, dpi: int, *, transparent: bool = False) -> io.BytesIO:
    """Draw a figure as PNG for a slide."""
    out = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None}, transparent=transparent)
    out.seek(0)
    return out
