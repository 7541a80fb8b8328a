"""A view as PowerPoint: the map as a picture; title, takeaway, legend, notes and table stay editable."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Pt

from dashboard.products.archive import repack
from dashboard.products.job import Job
from dashboard.products.layout import TLP_COLOURS, lay_out_map
from dashboard.products.legend import legend_categories
from dashboard.products.notes import projection_text
from dashboard.products.table import about
from dashboard.record import date_text
from dashboard.snapshot.ink import Sheet, Stroke, drawing_settings, rgba, rounded_box
from dashboard.snapshot.marks import symbol
from dashboard.symbols import GREY
from geodata.incident import EVENT_TYPES, POTENTIAL_TYPES
from geodata.plain_text import for_xml, without_turns

#: A slide of 16:9 in points, as PowerPoint makes it.
WIDTH, HEIGHT, MARGIN = 960.0, 540.0, 30.0
SIDE, TOP, FOOT = 236.0, 104.0, 44.0

#: Rows of the table that can be read on a slide; the rest stands in the workbook.
MOST_ROWS = 14

FONT = "Noto Sans"


def _ink(hex_colour: str) -> RGBColor:
    made: RGBColor = RGBColor.from_string(hex_colour)  # type: ignore[no-untyped-call]  # python-pptx leaves it untyped
    return made


INK, QUIET, HEAD, PAPER = _ink("2C2924"), _ink("6F675B"), _ink("4D463C"), _ink("FFFDF8")


def slides_bytes(job: Job) -> bytes:
    """Write two slides: the map with its legend, and the first records as a table."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    _map_slide(deck, job)
    _table_slide(deck, job)
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
    slide = _slide(deck, job)
    size = (WIDTH - 2 * MARGIN - SIDE - 12, HEIGHT - TOP - FOOT)
    with drawing_settings():
        figure, snapshot, drawing = lay_out_map(job.store, job.answer, job.view, size, 1.15, grid=job.options.grid)
        picture = slide.shapes.add_picture(_png(figure, 220), Pt(MARGIN), Pt(TOP), Pt(size[0]), Pt(size[1]))
    picture._element.nvPicPr.cNvPr.set("descr", f"Map. {job.words.title}. {job.words.counts}.")
    left, y = WIDTH - MARGIN - SIDE, TOP
    y = _lines(slide, left, y, [(job.words.counts.split(" · ")[0], 14, True), (_hidden(job), 9.5, False)])
    y = _lines(slide, left, y, [(job.words.events, 9.5, False)])
    _legend(slide, job, left, y + 4)
    beyond = sum(mark.count for mark in snapshot.beyond)
    off = sum(mark.count for mark in drawing.margin)
    told = [f"{off:,} known only to a country or region, not drawn"] if off else []
    told += [f"{beyond:,} beyond the frame"] if beyond else []
    foot = [
        job.words.redaction,
        job.words.completeness,
        *([f"{'; '.join(told)}."] if told else []),
        job.words.disclaimer,
    ]
    _text(
        slide,
        MARGIN,
        HEIGHT - FOOT + 4,
        WIDTH - 2 * MARGIN - 130,
        26,
        [(" ".join(filter(None, foot)), 8, False)],
        QUIET,
    )
    slide.notes_slide.notes_text_frame.text = _clean(
        "\n".join(
            f"{matter}: {text}"
            for matter, text in [*about(job.words, job.recipe), ("Projection", projection_text(snapshot))]
        )
    )


def _hidden(job: Job) -> str:
    return " · ".join(job.words.counts.split(" · ")[1:])


def _legend(slide: Any, job: Job, left: float, top: float) -> None:
    """Set one row per class: its symbol as a small picture, its label and its count as text."""
    by_type = job.drawing.colour_by == "type"
    classes = legend_categories(job.drawing)
    row = min(17.0, (HEIGHT - FOOT - top - 18) / max(len(classes), 1))
    _text(slide, left, top, SIDE, 14, [(job.drawing.legend_title, 9.5, True)], QUIET)
    for index, category in enumerate(classes):
        y = top + 16 + index * row
        with drawing_settings():
            icon = _key(category.value if by_type else "", category.colour)
        slide.shapes.add_picture(icon, Pt(left), Pt(y), Pt(13), Pt(13))
        size = max(6.5, min(10.5, row * 0.62))
        _text(slide, left + 18, y - 1, SIDE - 56, row, [(category.label, size, False)])
        _text(slide, left + SIDE - 40, y - 1, 40, row, [(f"{category.count:,}", size, False)], align=PP_ALIGN.RIGHT)


def _key(shape: str, colour: str) -> io.BytesIO:
    figure = Figure(figsize=(0.25, 0.25))
    figure.patch.set_alpha(0)
    sheet = Sheet(figure, (0, 0, 18, 18))
    if shape:
        sheet.strokes([symbol(shape, colour, 9, 9, 7, 0.9, hollow=shape in POTENTIAL_TYPES, low=False)])
    else:
        sheet.strokes([Stroke(rounded_box(9, 9, 6.5, 0.5), rgba(colour or GREY), rgba("#2c2924"), 0.6)])
    return _png(figure, 300, transparent=True)


def _table_slide(deck: Any, job: Job) -> None:
    slide = _slide(deck, job)
    heads = ("Date", "Type", "Place", "Claimed by", "Assessed to", "Killed", "Wounded", "Confidence")
    widths = (78, 92, 178, 150, 150, 50, 56, 76)
    rows = job.answer.rows[:MOST_ROWS]
    records: list[dict[str, str]] = [
        {str(name): str(value) for name, value in record.items()}
        for record in job.store.records.take(rows).to_dict("records")
    ]
    shape = slide.shapes.add_table(len(records) + 1, len(heads), Pt(MARGIN), Pt(TOP), Pt(sum(widths)), Pt(22))
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
        table.rows[line].height = Emu(int(Pt(22)))
    more = job.answer.counts.shown - len(records)
    if more > 0:
        note = f"The first {len(records)} of {job.answer.counts.shown:,} records, by day; all are in the workbook."
        _text(slide, MARGIN, HEIGHT - FOOT + 4, WIDTH - 2 * MARGIN, 16, [(note, 9, False)], QUIET)
    slide.notes_slide.notes_text_frame.text = _clean(
        "\n".join(f"{record['id']}: {record['summary']} Sources: {record['sources']}" for record in records)
    )


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
    run.text = _clean(text if len(text) <= 64 else text[:61] + "…")
    run.font.size, run.font.bold, run.font.name = Pt(9), bold, FONT
    run.font.color.rgb = PAPER if bold else INK


def _slide(deck: Any, job: Job) -> Any:
    """Add a slide with title, takeaway, dates and marking."""
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = Pt(MARGIN), Pt(22), Pt(WIDTH - 2 * MARGIN), Pt(36)
    _fill(title.text_frame, [(job.words.title, 26 if len(job.words.title) < 64 else 20, True)], INK, PP_ALIGN.LEFT)
    subtitle = [(job.options.takeaway, 14.0, False)] if job.options.takeaway else []
    subtitle.append((f"{job.words.window}   ·   {job.words.as_of}", 10.0, False))
    _text(slide, MARGIN, 60, WIDTH - 2 * MARGIN, 40, subtitle, QUIET)
    stamp = f"recipe {job.recipe.id} · {job.options.producer} · {job.options.produced}"
    _text(slide, WIDTH - MARGIN - 230, HEIGHT - 20, 230, 12, [(stamp, 7, False)], QUIET, align=PP_ALIGN.RIGHT)
    if job.options.marking:
        for top in (4.0, HEIGHT - 38):
            _marking(slide, job.options.marking, top)
    return slide


def _marking(slide: Any, marking: str, top: float) -> None:
    """Write the handling marking at the right edge: a TLP marking in its colour on black, as FIRST asks."""
    colour = TLP_COLOURS.get(marking)
    width = 14 + 8.4 * len(marking)
    box = slide.shapes.add_textbox(Pt(WIDTH - MARGIN - width), Pt(top), Pt(width), Pt(17))
    if colour:
        box.fill.solid()
        box.fill.fore_color.rgb = _ink("000000")
    _fill(
        box.text_frame,
        [(marking, 12, True)],
        _ink(colour.removeprefix("#").upper()) if colour else INK,
        PP_ALIGN.CENTER,
    )


def _lines(slide: Any, left: float, top: float, lines: list[tuple[str, float, bool]]) -> float:
    """Set text below a point and return an estimate of where it ends."""
    height = sum(size * 1.3 * (1 + int(len(text) * size * 0.52 / SIDE)) for text, size, _ in lines) + 3
    _text(slide, left, top, SIDE, height, lines)
    return top + height


def _text(
    slide: Any,
    left: float,
    top: float,
    width: float,
    height: float,
    lines: list[tuple[str, float, bool]],
    colour: RGBColor = INK,
    *,
    align: Any = PP_ALIGN.LEFT,
) -> None:
    box = slide.shapes.add_textbox(Pt(left), Pt(top), Pt(width), Pt(height))
    _fill(box.text_frame, lines, colour, align)


def _fill(frame: Any, lines: list[tuple[str, float, bool]], colour: RGBColor, align: Any) -> None:
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for index, (text, size, bold) in enumerate(lines):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        paragraph.alignment = align
        run = paragraph.add_run()
        run.text = _clean(text)
        run.font.size, run.font.bold, run.font.name, run.font.color.rgb = Pt(size), bold, FONT, colour


def _clean(text: str) -> str:
    """Leave out what a slide cannot hold, or what would turn the words around it."""
    return for_xml(without_turns(text)).replace("\r", " ")


def _png(figure: Figure, dpi: int, *, transparent: bool = False) -> io.BytesIO:
    out = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None}, transparent=transparent)
    out.seek(0)
    return out
