"""Set text in columns on a sheet: runs of plain and bold words, measured with the fonts they are drawn in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.ink import INK, QUIET, Sheet

#: Leading: distance of baselines in font sizes.
LEADING = 1.28

#: Width of a word space in font sizes: Noto Sans has 0.26.
SPACE = 0.26

#: Blocks that stay below their heading: one row alone at the foot of a column looks cut off.
KEPT_BELOW = 2

#: What never begins a line after a number, and how the numbers before it end.
UNITS, NUMBER_ENDS = frozenset({"%", "N", "E", "S", "W", "km", "m"}), tuple("0123456789°")

Runs = tuple[tuple[str, bool], ...]

#: Pieces of one line: (offset in points, words, bold).
Line = list[tuple[float, str, bool]]
KeyPainter = Callable[[Sheet, float, float, float], None]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a legend row; sizes in points.

    Attributes
    ----------
    runs
        Text with its weight: (words, bold).
    key
        Draws the row's symbol, given the sheet, the symbol's centre and the height of the row; None for text alone.
    figure
        Right-aligned number of a row, or "".
    indent
        Width kept free for the symbol.
    after
        Space below.
    keep
        True when the block must not be the last of a column: a heading.
    """

    runs: Runs
    size: float
    colour: str = INK
    key: KeyPainter | None = None
    figure: str = ""
    indent: float = 0.0
    after: float = 0.0
    row: float = 0.0
    keep: bool = False

    def height(self, width: float) -> float:
        """Give the height the block takes at a column width."""
        return max(len(self.lines(width)) * self.size * LEADING, self.row) + self.after

    def lines(self, width: float) -> list[Line]:
        """Break the text into lines of (offset, words, bold)."""
        room = width - self.indent
        if self.figure:
            room -= text_width(self.figure, self.size) + self.size * 0.8
        return break_lines(self.runs, self.size, room)

    def draw(self, sheet: Sheet, x: float, top: float, width: float) -> None:
        """Draw with the upper left corner at a point."""
        lines = self.lines(width)
        text_height = len(lines) * self.size * LEADING
        first = top - max(0.0, (self.row - text_height) / 2) - self.size * (0.5 * (LEADING - 1) + 0.78)
        for k, line in enumerate(spaced(lines)):
            for offset, words, bold in line:
                sheet.text(
                    x + self.indent + offset,
                    first - k * self.size * LEADING,
                    words,
                    self.size,
                    bold=bold,
                    colour=self.colour,
                )
        if self.figure:
            sheet.text(x + width, first, self.figure, self.size, ha="right", colour=self.colour)
        if self.key:
            middle = top - max(self.row, self.size * LEADING) / 2
            self.key(sheet, x + self.indent / 2 - self.size * 0.2, middle, max(self.row, self.size))


def spaced(lines: Sequence[Line]) -> list[Line]:
    """End each line but the last with a space, so that those who hear or copy the text do not get two words as one."""
    return [[*line[:-1], (line[-1][0], line[-1][1] + " ", line[-1][2])] for line in lines[:-1]] + list(lines[-1:])


#: Gives the height of a block at a column width.
Measure = Callable[[Block, float], float]


def paragraph(text: str, size: float, *, lead: str = "", colour: str = INK, after: float = 0.35) -> Block:
    """Make a paragraph; `lead` is set bold before it; `after` in font sizes."""
    runs: Runs = ((lead + " ", True), (text, False)) if lead else ((text, False),)
    return Block(runs, size, colour=colour, after=after * size)


def heading(text: str, size: float, *, after: float = 0.25) -> Block:
    """Make a heading of a group of blocks."""
    return Block(((text, True),), size, colour=QUIET, after=after * size, keep=True)


def space(height: float) -> Block:
    """Leave room."""
    return Block((), 0.01, row=height)


def break_lines(runs: Runs, size: float, width: float) -> list[Line]:
    """Break runs into lines that fit a width; a word longer than the line is cut, never let out of its column."""
    gap = size * SPACE
    lines: list[Line] = []
    current: list[tuple[str, bool]] = []
    used = 0.0
    for word, bold in _words(runs, size, width):
        extent = text_width(word, size, bold)
        if current and used + gap + extent > width:
            lines.append(_join(current, size, gap))
            current, used = [], 0.0
        used += (gap if current else 0.0) + extent
        current.append((word, bold))
    if current:
        lines.append(_join(current, size, gap))
    return lines


def _words(runs: Runs, size: float, width: float) -> list[tuple[str, bool]]:
    words = [(word, bold) for text, bold in runs for word in _kept_together(text.split())]
    out: list[tuple[str, bool]] = []
    for word, bold in words:
        rest = word
        while len(rest) > 1 and text_width(rest, size, bold) > width:
            fits = max(1, int(len(rest) * width / text_width(rest, size, bold)))
            while fits > 1 and text_width(rest[:fits], size, bold) > width:
                fits -= 1
            out.append((rest[:fits], bold))
            rest = rest[fits:]
        out.append((rest, bold))
    return out


def _kept_together(words: Sequence[str]) -> list[str]:
    """Join a number and what it counts, so that no line begins with "%", and no coordinate loses its letter."""
    kept: list[str] = []
    for word in words:
        if kept and kept[-1][-1:] in NUMBER_ENDS and word.rstrip(".,;)") in UNITS:
            kept[-1] += f" {word}"
        else:
            kept.append(word)
    return kept


def _join(words: Sequence[tuple[str, bool]], size: float, gap: float) -> Line:
    """Join words of one weight to one text, so that it can be selected as one."""
    pieces: Line = []
    at, group = 0.0, [words[0][0]]
    for (_, before), (word, bold) in pairwise(words):
        if bold is before:
            group.append(word)
            continue
        text = " ".join(group)
        pieces.append((at, text, before))
        at += text_width(text, size, before) + gap
        group = [word]
    pieces.append((at, " ".join(group), words[-1][1]))
    return pieces


def flow(
    blocks: Sequence[Block], width: float, height: float, columns: int, measure: Measure = Block.height
) -> list[list[Block]] | None:
    """Fill columns one after the other; None when the blocks do not fit. `measure` gives a block's height.

    Rows of a legend that go on in the next column have their heading said again above them.
    """
    filled: list[list[Block]] = [[]]
    used, head = 0.0, None
    for index, block in enumerate(blocks):
        head = block if block.keep else head
        need = measure(block, width)
        group = blocks[index + 1 : index + 1 + KEPT_BELOW] if block.keep else ()
        follows = sum(measure(below, width) for below in group)
        if used and used + need - block.after + follows > height:
            again = [_continued(head)] if head and block.key else []
            filled.append(again)
            used = sum(measure(above, width) for above in again)
        if need - block.after > height:
            return None
        filled[-1].append(block)
        used += need
    return filled if len(filled) <= columns else None


def _continued(head: Block) -> Block:
    return replace(head, runs=tuple((f"{text} (continued)", bold) for text, bold in head.runs))


def balanced(
    blocks: Sequence[Block], width: float, columns: int, measure: Measure = Block.height
) -> tuple[list[list[Block]], float]:
    """Spread blocks over equal columns so that the tallest is as low as possible; return them and its height."""
    low = max([measure(block, width) for block in blocks], default=0.0)
    high = sum(measure(block, width) for block in blocks) + 1.0
    while high - low > 1.0:
        middle = (low + high) / 2
        low, high = (low, middle) if flow(blocks, width, middle, columns, measure) else (middle, high)
    return flow(blocks, width, high, columns, measure) or [list(blocks)], high


def set_column(sheet: Sheet, blocks: Sequence[Block], x: float, top: float, width: float) -> float:
    """Draw blocks below each other and return where the column ends."""
    for block in blocks:
        if block.runs:
            with sheet.tagged("H2" if block.keep else "P"):
                block.draw(sheet, x, top, width)
        top -= block.height(width)
    return top
