"""One page layout for every product: title, map, legend, notes and handling marking, on any paper."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.figure import Figure

from dashboard.drawing import Drawing
from dashboard.products.content import Words, alt_text
from dashboard.products.furniture import fraction_text, grid_labels, locator, marking_box, north_arrow, scale_bar
from dashboard.products.legend import legend_blocks
from dashboard.products.notes import count_blocks, note_blocks
from dashboard.products.options import PageOptions
from dashboard.products.typeset import Block, balanced, break_lines, flow, set_column
from dashboard.snapshot import Frame, Snapshot, compose, draw_map
from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.ink import INK, LINE, PAPER, QUIET, Sheet
from dashboard.snapshot.tags import ARTIFACT
from dashboard.view import View
from geodata.answer import Answer
from geodata.store import Store

MM = 72 / 25.4

#: Columns of a landscape page's notes, and the gap between them in units of its type.
NOTE_COLUMNS, NOTE_GAP = 4, 12

#: Sizes that notes are tried in, the largest first.
SCALES = (1.0, 0.95, 0.9, 0.86, 0.82, 0.78)

#: Width and height of each page in points, and the size of its type: 1 is A4, read at arm's length.
PAGES: Mapping[str, tuple[float, float, float]] = {
    "slide": (960.0, 540.0, 1.3),
    "a4-landscape": (297 * MM, 210 * MM, 1.0),
    "a4-portrait": (210 * MM, 297 * MM, 1.0),
    "letter-landscape": (792.0, 612.0, 1.0),
    "letter-portrait": (612.0, 792.0, 1.0),
    "a3-landscape": (420 * MM, 297 * MM, 1.2),
    "a3-portrait": (297 * MM, 420 * MM, 1.2),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page: the figure, what it shows, and the blocks set on it."""

    figure: Figure
    snapshot: Snapshot
    drawing: Drawing
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Measures of one page in points."""

    width: float
    height: float
    unit: float
    margin: float
    grid: str = "graticule"

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * self.margin

    @property
    def is_slide(self) -> bool:
        """Tell a slide, read from afar, from paper."""
        return (self.width, self.height) == PAGES["slide"][:2]

    @property
    def wide(self) -> bool:
        """Tell whether the legend stands beside the map."""
        return self.width > self.height


def lay_out(store: Store, answer: Answer, view: View, words: Words, options: PageOptions, stamp: str) -> Page:
    """Draw a page; `stamp` is the small print that names recipe and data."""
    figure, sheet, plan, span = blank_page(words, options, stamp)
    layout = _wide if plan.wide else _tall
    snapshot, drawing = layout(figure, sheet, plan, span, store, answer, view, words)
    return Page(figure, snapshot, drawing, texts_on(figure))


def blank_page(words: Words, options: PageOptions, stamp: str) -> tuple[Figure, Sheet, Plan, tuple[float, float]]:
    """Start a page with head and foot; the span is the height that is free between them."""
    width, height, unit = PAGES[options.page]
    plan = Plan(width, height, unit, 24 * unit if options.page != "slide" else 26, options.grid)
    figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
    sheet = Sheet(figure, (0, 0, width, height))
    top = _head(sheet, plan, words, options)
    return figure, sheet, plan, (_foot(sheet, plan, options, stamp), top)


def texts_on(figure: Figure) -> tuple[str, ...]:
    """Give every text of a figure."""
    return tuple(text.get_text() for axes in figure.axes for text in axes.texts)


def lay_out_map(
    store: Store, answer: Answer, view: View, size: tuple[float, float], unit: float = 1.0, *, grid: str = "graticule"
) -> tuple[Figure, Snapshot, Drawing]:
    """Draw the map alone, with grid, locator and scale bar; `size` in points."""
    figure = Figure(figsize=(size[0] / 72, size[1] / 72), facecolor="white")
    sheet = Sheet(figure, (0, 0, *size))
    plan = Plan(*size, unit, 0.0, grid)
    at = (9 * unit, 9 * unit)
    snapshot, drawing = _map(
        figure, sheet, plan, at, (size[0] - at[0] - 1, size[1] - at[1] - 1), store, answer, view, "Map"
    )
    return figure, snapshot, drawing


def _head(sheet: Sheet, plan: Plan, words: Words, options: PageOptions) -> float:
    """Set marking, title, takeaway and dates; return the height below which the page is free."""
    u = plan.unit
    y = plan.height - 14 * u
    if options.marking:
        with sheet.tagged("P"):
            _marking(sheet, plan, options.marking, y - 3 * u)
        y -= 13 * u
    size = _title_size(words.title, plan)
    with sheet.tagged("H1"):
        for line in break_lines(((words.title, True),), size, plan.inner):
            y -= size
            _head_line(sheet, plan, y, line[0][1], size, bold=True)
            y -= 0.22 * size
    if options.takeaway:
        with sheet.tagged("P"):
            for line in break_lines(((options.takeaway, False),), 10.5 * u, plan.inner):
                y -= 12 * u
                _head_line(sheet, plan, y, line[0][1], 10.5 * u)
        y -= 2 * u
    with sheet.tagged("P"):
        return _dates(sheet, plan, words, y)


def _head_line(sheet: Sheet, plan: Plan, y: float, text: str, size: float, *, bold: bool = False) -> None:
    """Set a line at the edge where its script begins to be read."""
    if reads_from_right(text):
        sheet.text(plan.width - plan.margin, y, text, size, bold=bold, ha="right")
    else:
        sheet.text(plan.margin, y, text, size, bold=bold)


def reads_from_right(text: str) -> bool:
    """Tell whether a text begins in a script that is read from the right."""
    first = next((letter for letter in text if letter.isalpha()), "")
    return bool(first) and unicodedata.bidirectional(first) in ("R", "AL")


def _dates(sheet: Sheet, plan: Plan, words: Words, y: float) -> float:
    """Set window and as-of date, beside each other where they fit; return the height below which the page is free."""
    u, x = plan.unit, plan.margin
    as_of, y = words.as_of, y + u
    together = text_width(words.window, 8 * u) + text_width(as_of, 8 * u, True) + 20 * u < plan.inner
    for text, bold in ((words.window, False), *(() if together else ((as_of, True),))):
        for line in break_lines(((text, bold),), 8 * u, plan.inner):
            y -= 10.5 * u
            sheet.text(x, y, line[0][1], 8 * u, bold=bold, colour=INK if bold else QUIET)
    if together:
        sheet.text(plan.width - x, y, as_of, 8 * u, bold=True, ha="right")
    return y - 6.5 * u


def _title_size(title: str, plan: Plan) -> float:
    """Choose the largest size that keeps the title on one line, or on two when it is long."""
    for size in (18.0, 16.5, 15.0):
        if text_width(title, size * plan.unit, True) <= plan.inner:
            return size * plan.unit
    return 14.5 * plan.unit


def _foot(sheet: Sheet, plan: Plan, options: PageOptions, stamp: str) -> float:
    u = plan.unit
    y = 12 * u
    if options.marking:
        with sheet.tagged(ARTIFACT):
            _marking(sheet, plan, options.marking, y - 1 * u)
    room = plan.inner - (text_width(options.marking, 8 * u, True) + 24 * u if options.marking else 0.0)
    size = 5.6 * u
    while size > 3 * u and text_width(stamp, size) > room:
        size *= 0.96
    with sheet.tagged("P"):
        sheet.text(plan.margin, y, stamp, size, colour=QUIET)
    return y + 10 * u


def _marking(sheet: Sheet, plan: Plan, marking: str, y: float) -> None:
    marking_box(sheet, plan.width - plan.margin, y, marking, 8 * plan.unit)


def _wide(
    figure: Figure,
    sheet: Sheet,
    plan: Plan,
    span: tuple[float, float],
    store: Store,
    answer: Answer,
    view: View,
    words: Words,
) -> tuple[Snapshot, Drawing]:
    """Landscape: the map on the left, the legend beside it, notes in columns below."""
    u = plan.unit
    bottom, top = span
    side = 268.0 if plan.is_slide else (172 if plan.width / u < 800 else 190) * u
    scale, notes_height = _largest_notes(plan, words, top - bottom)
    left, map_bottom = plan.margin + 9 * u, bottom + notes_height + 18 * u
    size = (plan.width - plan.margin - side - NOTE_GAP * u - left, top - map_bottom)
    snapshot, drawing = _map(figure, sheet, plan, (left, map_bottom), size, store, answer, view, alt_text(words))
    beside = (plan.width - plan.margin - side, map_bottom - 8 * u, side, top - map_bottom + 8 * u)
    _side(sheet, beside, words, drawing, snapshot, u)
    _notes(sheet, plan, words, snapshot, scale, (bottom, map_bottom - 16 * u))
    return snapshot, drawing


def _largest_notes(plan: Plan, words: Words, height: float) -> tuple[float, float]:
    """Choose the size of a landscape page's notes, before its map is drawn; return it and their height."""
    scale, needed = 1.0, 0.0
    for scale in SCALES:
        _, needed = _note_columns(plan, words, None, scale)
        if needed < (0.2 if plan.is_slide else 0.27) * height:
            break
    return scale, needed


def _note_columns(plan: Plan, words: Words, snapshot: Snapshot | None, scale: float) -> tuple[list[list[Block]], float]:
    blocks = note_blocks(words, snapshot, 5.9 * plan.unit * scale, short=plan.is_slide)
    return balanced(blocks, _note_width(plan), NOTE_COLUMNS)


def _note_width(plan: Plan) -> float:
    return (plan.inner - (NOTE_COLUMNS - 1) * NOTE_GAP * plan.unit) / NOTE_COLUMNS


def _notes(sheet: Sheet, plan: Plan, words: Words, snapshot: Snapshot, scale: float, span: tuple[float, float]) -> None:
    """Set the notes below a landscape page's map, with the rule above them."""
    bottom, top = span
    filled, height = _note_columns(plan, words, snapshot, scale)
    # Only the finished map tells its projection and grid: the notes may have grown by a line since they were measured.
    while bottom + height > top and scale > 0.5:
        scale *= 0.96
        filled, height = _note_columns(plan, words, snapshot, scale)
    _rule(sheet, plan, bottom + height + 5 * plan.unit)
    step = _note_width(plan) + NOTE_GAP * plan.unit
    for k, column in enumerate(filled):
        set_column(sheet, column, plan.margin + k * step, bottom + height, _note_width(plan))


def _tall(
    figure: Figure,
    sheet: Sheet,
    plan: Plan,
    span: tuple[float, float],
    store: Store,
    answer: Answer,
    view: View,
    words: Words,
) -> tuple[Snapshot, Drawing]:
    """Portrait: the map above, legend and notes in columns below."""
    u = plan.unit
    bottom, top = span
    gap, columns = 14 * u, 3
    col = (plan.inner - (columns - 1) * gap) / columns
    frame_left = plan.margin + 9 * u
    frame_width = plan.inner - 9 * u
    _, drawing = compose(store, answer, view, (frame_width, 400 * u), points_per_px(u))
    scale = 1.0
    for scale in SCALES:
        blocks = [*_tall_blocks(words, drawing, None, u * scale)]
        _, under = balanced(blocks, col, columns)
        if under < 0.46 * (top - bottom):
            break
    map_bottom = bottom + under + 20 * u
    snapshot, drawing = _map(
        figure,
        sheet,
        plan,
        (frame_left, map_bottom),
        (frame_width, top - map_bottom),
        store,
        answer,
        view,
        alt_text(words),
    )
    filled, height = balanced(_tall_blocks(words, drawing, snapshot, u * scale), col, columns)
    while height > map_bottom - bottom - 12 * u and scale > 0.5:
        scale *= 0.96
        filled, height = balanced(_tall_blocks(words, drawing, snapshot, u * scale), col, columns)
    for k, column in enumerate(filled):
        set_column(sheet, column, plan.margin + k * (col + gap), map_bottom - 15 * u, col)
    return snapshot, drawing


def _tall_blocks(words: Words, drawing: Drawing, snapshot: Snapshot | None, u: float) -> list[Block]:
    return [
        *count_blocks(words, u),
        *legend_blocks(drawing, snapshot, 7 * u),
        Block((), 0.01, row=5 * u),
        *note_blocks(words, snapshot, 5.9 * u),
    ]


def points_per_px(unit: float) -> float:
    """Points per pixel: symbols on paper are a little smaller than on the screen, because paper is read closer."""
    return 0.75 * 0.82 * unit


def _map(
    figure: Figure,
    sheet: Sheet,
    plan: Plan,
    at: tuple[float, float],
    size: tuple[float, float],
    store: Store,
    answer: Answer,
    view: View,
    alt: str,
) -> tuple[Snapshot, Drawing]:
    u = plan.unit
    frame, drawing = compose(store, answer, view, size, points_per_px(u))
    panel = _panel_box(frame, drawing, u)
    box = (*at, *size)
    snapshot = draw_map(
        figure, box, frame, drawing, view, px=points_per_px(u), reserved=[panel], grid=plan.grid, alt=alt
    )
    with sheet.tagged(ARTIFACT):
        grid_labels(sheet, frame, *at, 5.4 * u, plan.grid)
    _panel(figure, (at[0] + panel[0], at[1] + panel[1], panel[2] - panel[0], panel[3] - panel[1]), frame, u)
    return snapshot, drawing


def _panel_box(frame: Frame, drawing: Drawing, u: float) -> tuple[float, float, float, float]:
    """Find the corner of the map with the fewest records for the panel of locator and scale bar."""
    inset = 5 * u
    width = height = min(118 * u, max(0.38 * min(frame.width, frame.height), 92 * u))
    x, y = frame.to_paper([m.longitude for m in drawing.marks], [m.latitude for m in drawing.marks])
    weights = np.array([1 + m.count**0.5 for m in drawing.marks])
    # Discs and zones are seen as far as they reach; an area's badge stands for it.
    reach = (
        20 * u + np.array([m.radius_m if m.drawn_as != "area" else 0.0 for m in drawing.marks]) / frame.ground_m_per_pt
    )
    best = []
    for order, (left, bottom) in enumerate(
        ((inset, inset), (frame.width - width - inset, inset), (inset, frame.height - height - inset),
         (frame.width - width - inset, frame.height - height - inset))
    ):  # fmt: skip
        near = (x > left - reach) & (x < left + width + reach) & (y > bottom - reach) & (y < bottom + height + reach)
        best.append(
            (float(weights[near].sum()) if len(weights) else 0.0, order, (left, bottom, left + width, bottom + height))
        )
    return min(best)[2]


def _panel(figure: Figure, box: tuple[float, float, float, float], frame: Frame, u: float) -> None:
    panel = Sheet(figure, box, zorder=1)
    inset, bar_room = 5 * u, 30 * u
    with panel.tagged("Figure", f"Scale bar and north arrow; the scale is {fraction_text(frame)} at the centre"):
        panel.box(0, 0, box[2], box[3], face=PAPER, edge=INK, line=0.8, alpha=0.96)
        scale_bar(panel, inset, 13.5 * u, frame, box[2] - 2 * inset - 34 * u, 6 * u)
        panel.text(inset, 5 * u, f"{fraction_text(frame)} at the centre", 5.4 * u, colour=QUIET)
        north_arrow(panel, box[2] - 11 * u, 9 * u, 11 * u)
    locator(figure, (box[0] + inset, box[1] + bar_room, box[2] - 2 * inset, box[3] - bar_room - inset), frame)


def _side(
    sheet: Sheet,
    box: tuple[float, float, float, float],
    words: Words,
    drawing: Drawing,
    snapshot: Snapshot,
    unit: float,
) -> None:
    """Set counts and legend beside the map, as large as fits."""
    left, bottom, width, height = box
    gap = 12 * unit
    u = unit * 1.12
    for attempt in range(40):
        blocks = [*count_blocks(words, u), *legend_blocks(drawing, snapshot, 7 * u)]
        # A long legend goes to two columns before its type gets too small to read.
        columns = 2 if attempt > 7 else 1
        column = (width - (columns - 1) * gap) / columns
        filled = flow(blocks, column, height, columns)
        if filled:
            break
        u = unit * 0.98 if attempt == 7 else u * 0.97
    for k, part in enumerate(filled or [blocks]):
        set_column(sheet, part, left + k * (column + gap), bottom + height, column)


def _rule(sheet: Sheet, plan: Plan, y: float) -> None:
    with sheet.tagged(ARTIFACT):
        sheet.lines([np.array([(plan.margin, y), (plan.width - plan.margin, y)])], LINE, 0.8)


def retitled(words: Words, options: PageOptions) -> Words:
    """Take the briefer's own title when one is given, and the reasons for what the linter would not let pass."""
    reasons = "; ".join(f"{code}: {reason}" for code, reason in sorted(options.overrides.items()))
    accepted = f"Accepted with a reason: {reasons}." if reasons else ""
    return replace(words, title=options.title or words.title, overrides=accepted)
