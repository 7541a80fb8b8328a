"""A view as PowerPoint: the map as a picture; title, takeaway, legend, notes and table stay editable."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Pt

from dashboard.drawing import Drawing
from dashboard.products.archive import repack
from dashboard.products.content import Words
from dashboard.products.furniture import TLP_COLOURS
from dashboard.products.job import Job
from dashboard.products.layout import lay_out_map, reads_from_right
from dashboard.products.legend import legend_blocks
from dashboard.products.notes import count_blocks, projection_text, short_notes
from dashboard.products.page import stamp_text
from dashboard.products.slide_text import (
    FONT,
    LINE,
    OTHER_FONT,
    block_height,
    clean,
    fill_frame,
    ink,
    picture_of,
    set_blocks,
    set_text,
    text_height,
)
from dashboard.products.table import about
from dashboard.products.typeset import Runs, balanced, flow, heading, paragraph
from dashboard.record import date_text
from dashboard.snapshot import Snapshot
from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.ink import drawing_settings
from geodata.incident import EVENT_TYPES

#: A slide of 16:9 in points, as PowerPoint makes it.
WIDTH, HEIGHT, MARGIN = 960.0, 540.0, 30.0

#: Widths of the legend and of the room between it and the map, of the band below with stamp and marking.
SIDE, GAP, FOOT = 300.0, 14.0, 26.0

#: Width of the stamp at the foot, clear of the longest marking.
STAMP = 620.0

#: Sizes of the title tried, in points, each with the lines it may take.
TITLES = ((26.0, 1), (22.0, 1), (20.0, 2), (17.0, 3))

#: Columns and type of the small print, in points, and its greatest share of the slide.
NOTE_COLUMNS, NOTE_SIZE, SMALLEST_NOTE, NOTE_SHARE = 3, 7.5, 5.5, 0.2

#: Sizes tried for the definitions, in points.
WORD_SIZES = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0)

#: Rows of the table that can be read on a slide; the rest stands in the workbook.
MOST_ROWS = 14

#: Height of a row that holds two lines, in points.
ROW = 26.0

INK, QUIET, HEAD, PAPER = ink("#2c2924"), ink("#6f675b"), ink("#4d463c"), ink("#fffdf8")


def slides_bytes(job: Job) -> bytes:
    """Write three slides: the map with its legend, the first records as a table, and what the words mean."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    _map_slide(deck, job)
    _table_slide(deck, job)
    if job.words.definitions:
        _words_slide(deck, job)
    properties = deck.core_properties
    made = datetime.fromisoformat(job.options.produced)
    properties.author = properties.last_modified_by = job.options.producer
    properties.title, properties.subject = job.words.title[:255], job.words.sentence[:255]
    properties.keywords = f"recipe {job.recipe.id}"  # 255 characters fit here; the recipe itself stands in the notes
    properties.created = properties.modified = made
    out = io.BytesIO()
    deck.save(out)
    return repack(out.getvalue(), day=job.options.produced)


def _map_slide(deck: Any, job: Job) -> None:
    slide, top = _slide(deck, job)
    column = (WIDTH - 2 * MARGIN - (NOTE_COLUMNS - 1) * GAP) / NOTE_COLUMNS
    note_size, under = _note_size(job.words, column)
    size = (WIDTH - 2 * MARGIN - SIDE - GAP, HEIGHT - top - FOOT - under - 8)
    with drawing_settings():
        figure, snapshot, drawing = lay_out_map(job.store, job.answer, job.view, size, 1.15, grid=job.options.grid)
        picture = slide.shapes.add_picture(picture_of(figure, 220), Pt(MARGIN), Pt(top), Pt(size[0]), Pt(size[1]))
    picture._element.nvPicPr.cNvPr.set("descr", f"Map. {job.words.title}. {job.words.counts}.")
    _side(slide, (WIDTH - MARGIN - SIDE, top, SIDE, size[1] + 4), job.words, drawing, snapshot)
    notes, _ = balanced(short_notes(job.words, snapshot, note_size), column, NOTE_COLUMNS, block_height)
    for k, blocks in enumerate(notes):
        set_blocks(slide, blocks, MARGIN + k * (column + GAP), HEIGHT - FOOT - under, column)
    slide.notes_slide.notes_text_frame.text = clean(
        "\n".join(
            f"{matter}: {text}"
            for matter, text in [*about(job.words, job.recipe), ("Projection", projection_text(snapshot))]
        )
    )


def _side(
    slide: Any, box: tuple[float, float, float, float], words: Words, drawing: Drawing, snapshot: Snapshot
) -> None:
    """Set counts and legend beside the map as large as fits, in one column or in two."""
    left, top, width, height = box
    for size, columns in ((9.0, 1), (8.4, 1), (7.8, 1), (8.0, 2), (7.4, 2), (6.8, 2), (6.2, 2), (5.6, 2), (5.0, 2)):
        column = (width - (columns - 1) * GAP) / columns
        blocks = [*count_blocks(words, size / 7), *legend_blocks(drawing, snapshot, size)]
        filled = flow(blocks, column, height, columns, block_height)
        if filled:
            break
    for k, part in enumerate(filled or [blocks]):
        set_blocks(slide, part, left + k * (column + GAP), top, column)


def _note_size(words: Words, column: float) -> tuple[float, float]:
    """Choose the size of the small print, whose definitions stand in the notes, and give its height in columns."""
    size = NOTE_SIZE
    while True:
        _, height = balanced(short_notes(words, None, size), column, NOTE_COLUMNS, block_height)
        if height <= NOTE_SHARE * HEIGHT or size < SMALLEST_NOTE:
            return size, height
        size -= 0.5


def _table_slide(deck: Any, job: Job) -> None:
    slide, top = _slide(deck, job)
    heads = ("Date", "Type", "Place", "Claimed by", "Assessed to", "Killed", "Wounded", "Confidence")
    widths = (80, 100, 200, 170, 170, 50, 56, 74)
    rows = job.answer.rows[: min(MOST_ROWS, int((HEIGHT - FOOT - top - 16) / ROW) - 1)]
    records: list[dict[str, str]] = [
        {str(name): str(value) for name, value in record.items()}
        for record in job.store.records.take(rows).to_dict("records")
    ]
    shape = slide.shapes.add_table(len(records) + 1, len(heads), Pt(MARGIN), Pt(top), Pt(sum(widths)), Pt(ROW))
    table = shape.table
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        table.columns[column].width = Emu(int(Pt(width)))
        _cell(table.cell(0, column), head, bold=True)
    for line, record in enumerate(records, start=1):
        values = [date_text(record), EVENT_TYPES[record["event_type"]].label]
        values += [record[name] for name in ("place", "claimed_by", "attributed_to")]
        values += [_range(record, "killed"), _range(record, "wounded"), record["confidence"]]
        for column, value in enumerate(values):
            _cell(table.cell(line, column), value)
        table.rows[line].height = Emu(int(Pt(ROW)))
    more = job.answer.counts.shown - len(records)
    if more > 0:
        note = f"The first {len(records)} of {job.answer.counts.shown:,} records, by day; all are in the workbook."
        set_text(slide, (MARGIN, HEIGHT - FOOT - 14, WIDTH - 2 * MARGIN, 14), ((note, False),), 9, QUIET)
    slide.notes_slide.notes_text_frame.text = clean(
        "\n".join(f"{record['id']}: {record['summary']} Sources: {record['sources']}" for record in records)
    )


def _words_slide(deck: Any, job: Job) -> None:
    """Define every loaded term of the legend, as large as the columns hold."""
    slide, top = _slide(deck, job)
    column = (WIDTH - 2 * MARGIN - (NOTE_COLUMNS - 1) * GAP) / NOTE_COLUMNS
    for size in WORD_SIZES:
        blocks = [heading("What the words mean", size)]
        blocks += [paragraph(meaning, size, lead=f"{term}.", after=0.8) for term, meaning in job.words.definitions]
        filled, height = balanced(blocks, column, NOTE_COLUMNS, block_height)
        if height <= HEIGHT - FOOT - top:
            break
    for k, part in enumerate(filled):
        set_blocks(slide, part, MARGIN + k * (column + GAP), top, column)


def _range(record: dict[str, str], name: str) -> str:
    low, best, high = record[f"{name}_min"], record[name], record[f"{name}_max"]
    return f"{low}-{high}" if low and high and low != high else str(best or low or high)


def _cell(cell: Any, text: str, *, bold: bool = False) -> None:
    cell.margin_left = cell.margin_right = Pt(4)
    cell.margin_top = cell.margin_bottom = Pt(1)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.solid()
    cell.fill.fore_color.rgb = HEAD if bold else PAPER
    run = cell.text_frame.paragraphs[0].add_run()
    run.text = clean(text if len(text) <= 64 else text[:61] + "…")
    run.font.size, run.font.bold, run.font.name = Pt(9), bold, FONT
    run.font.color.rgb = PAPER if bold else INK


def _slide(deck: Any, job: Job) -> tuple[Any, float]:
    """Add a slide with title, takeaway, dates, stamp and marking; return it and where it is free below them."""
    slide, width = deck.slides.add_slide(deck.slide_layouts[5]), WIDTH - 2 * MARGIN
    y = 24.0
    title: Runs = ((job.words.title, True),)
    size = next((s for s, lines in TITLES if text_height(title, s, width) <= lines * s * LINE + 1), TITLES[-1][0])
    height = text_height(title, size, width)
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = Pt(MARGIN), Pt(y), Pt(width), Pt(height)
    fill_frame(shape.text_frame, title, size, INK, _start(job.words.title))
    y += height + 2
    dates = f"{job.words.window}   ·   {job.words.as_of}"
    for text, points, colour in ((job.options.takeaway, 13.0, INK), (dates, 9.0, QUIET)):
        if text:
            height = text_height(((text, False),), points, width)
            set_text(slide, (MARGIN, y, width, height), ((text, False),), points, colour, align=_start(text))
            y += height + 2
    stamp = stamp_text(job.options, job.recipe)
    set_text(slide, (MARGIN, HEIGHT - 18, STAMP, 11), ((stamp, False),), 7, QUIET)
    if job.options.marking:
        for top in (4.0, HEIGHT - 22):
            _marking(slide, job.options.marking, top)
    return slide, y + 6


def _start(text: str) -> Any:
    """Begin a line where its script is read from."""
    return PP_ALIGN.RIGHT if reads_from_right(text) else PP_ALIGN.LEFT


def _marking(slide: Any, marking: str, top: float) -> None:
    """Write the handling marking at the right edge: a TLP marking in its colour on black, as FIRST asks."""
    colour = TLP_COLOURS.get(marking)
    width = 14 + text_width(marking, 12, True) * OTHER_FONT
    box = (WIDTH - MARGIN - width, top, width, 17.0)
    shown = ink(colour) if colour else INK
    shape = set_text(slide, box, ((marking, True),), 12, shown, align=PP_ALIGN.CENTER)
    if colour:
        shape.fill.solid()
        shape.fill.fore_color.rgb = ink("#000000")
