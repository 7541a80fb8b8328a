"""A view in motion: an animated GIF or an MP4 film whose every frame carries its dates and counts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from dashboard.drawing import Drawing
from dashboard.marks import Mark
from dashboard.products.content import shown_extent, span_text
from dashboard.products.furniture import TLP_COLOURS, fraction_text, marking_box, scale_bar
from dashboard.products.job import Job
from dashboard.products.legend import legend_blocks, legend_categories
from dashboard.products.notes import count_blocks, note_blocks
from dashboard.products.page import stamp_text
from dashboard.products.typeset import flow, set_column
from dashboard.snapshot import Snapshot, draw_empty_map, draw_marks_alone, drawing_in, frame_for, marks_apart
from dashboard.snapshot.fonts import text_width
from dashboard.snapshot.frame import Frame
from dashboard.snapshot.ink import INK, PAPER, QUIET, Sheet, drawing_settings
from dashboard.snapshot.marks import Placed, symbol
from dashboard.snapshot.spread import place_marks
from dashboard.symbols import SIGN_WORDS
from geodata.answer import Counts
from geodata.errors import QueryError
from geodata.incident import POTENTIAL_TYPES
from geodata.release import GRID_DEG
from geodata.selection import Window

#: A frame of 16:9 in points.
WIDTH, HEIGHT = 720.0, 405.0
HEAD, FOOT = 40.0, 46.0

#: Width of the legend, left of the scale bar.
LEGEND_WIDTH = WIDTH - 130

#: Resolution in dots per inch: 960 x 540 pixels as GIF, 1280 x 720 as MP4.
GIF_DPI, MP4_DPI = 96, 128

#: Most frames: two minutes at half a second each.
MOST_FRAMES = 240

#: A film that chooses its own step has at most this many frames: a minute and less.
WATCHABLE = 60

#: Frames a second of an MP4; each picture is repeated, because players stumble over slower films.
MP4_RATE = 10

#: How long the card after the last frame stands, and its columns.
CARD_SECONDS, CARD_COLUMNS = 8, 4


def film_windows(job: Job) -> list[Window]:
    """Cut the period into the windows of the frames.

    Raises
    ------
    QueryError
        When there is no dated record, or there would be too many frames.
    """
    extent = shown_extent(job.store, job.answer.rows)
    if extent is None:
        msg = "No record shown has a date; a film needs some."
        raise QueryError(msg)
    asked = job.answer.selection.window
    first = max(asked.first, extent.first) if asked else extent.first
    last = min(asked.last, extent.last) if asked else extent.last
    step = job.options.step or _watchable_step(first, last)
    whole = _step_start(first, step)  # a film by month begins with a whole month, unless the window cuts it
    starts = _starts(max(asked.first, whole) if asked else whole, last, step)
    if len(starts) > MOST_FRAMES:
        msg = f"By {step} the film has {len(starts)} frames; at most {MOST_FRAMES} are drawn: step longer."
        raise QueryError(msg)
    ends = [*(start - timedelta(1) for start in starts[1:]), last]
    return [
        Window(starts[0] if job.options.cumulative else start, end) for start, end in zip(starts, ends, strict=True)
    ]


def _watchable_step(first: date, last: date) -> str:
    return next((step for step in ("day", "week") if len(_starts(first, last, step)) <= WATCHABLE), "month")


def _starts(first: date, last: date, step: str) -> list[date]:
    starts = []
    while first <= last:
        starts.append(first)
        first = _following(first, step)
    return starts


def _step_start(day: date, step: str) -> date:
    """Give the first day of the week or month that holds a day."""
    if step == "week":
        return day - timedelta(day.weekday())
    return day.replace(day=1) if step == "month" else day


def _following(day: date, step: str) -> date:
    if step == "day":
        return day + timedelta(1)
    if step == "week":
        return day + timedelta(7 - day.weekday())
    return (day.replace(day=28) + timedelta(4)).replace(day=1)


def film_frames(job: Job, dpi: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Draw the frames as pictures (height, width, 3), on which the map stays where it is, and the card after them."""
    windows = film_windows(job)
    size = (WIDTH, HEIGHT - HEAD - FOOT)
    with drawing_settings():
        frame = frame_for(job.drawing, job.view, size, 0.6)
        moments = [_moment(job, frame, window) for window in windows]
        ground = Image.fromarray(_picture(_still(job, frame, moments), dpi))
        for moment in moments:
            moving = Image.fromarray(_picture(_frame(job, frame, moment), dpi))
            yield np.asarray(Image.alpha_composite(ground, moving).convert("RGB"))
        yield _picture(_card(job, frame, moments), dpi)[:, :, :3]


@dataclass(frozen=True, slots=True)
class Moment:
    """What one frame shows: its days, its counts, its marks where they stand, and those beyond the frame."""

    window: Window
    counts: Counts
    drawing: Drawing
    placed: Sequence[Placed]
    beyond: Sequence[Mark]


def _moment(job: Job, frame: Frame, window: Window) -> Moment:
    view = replace(job.view, selection=replace(job.view.selection, window=window))
    answer = job.store.ask(view.selection, by=view.colour_by)
    drawing = drawing_in(frame, job.store, answer, view, 0.6)
    return Moment(window, answer.counts, drawing, *marks_apart(frame, drawing, 0.6))


def _still(job: Job, frame: Frame, moments: Sequence[Moment]) -> Figure:
    """Draw once what no frame changes: names that came and went with the symbols would flicker."""
    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), facecolor=PAPER)
    box = (0, FOOT, WIDTH, frame.height)
    moving = [mark for moment in moments for mark in moment.placed]
    draw_empty_map(figure, box, frame, job.view, 0.6, grid=job.options.grid, moving=moving)
    return figure


def _frame(job: Job, frame: Frame, moment: Moment) -> Figure:
    window, drawing, counts = moment.window, moment.drawing, moment.counts
    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), facecolor="none")
    sheet = Sheet(figure, (0, 0, WIDTH, HEIGHT))
    draw_marks_alone(figure, (0, FOOT, WIDTH, frame.height), frame, drawing, moment.placed, 0.6)
    _head(sheet, job, span_text(window.first, window.last), f"{counts.shown:,} of {counts.read:,} records shown")
    _legend(sheet, job, {c.value: c.count for c in drawing.categories})
    scale_bar(sheet, WIDTH - 108, FOOT - 20, frame, 80, 6.5)
    note = _not_drawn(drawing.margin, "known only to a country or region")
    note += _not_drawn(moment.beyond, "beyond this frame")
    note += f"{job.options.profile.capitalize()} edition. " if job.options.profile != "internal" else ""
    note += f"Points snapped to {GRID_DEG}°. " if job.view.public else ""
    sheet.text(10, 7, f"{note}{fraction_text(frame)} at the centre · recipe {job.recipe.id}", 6.5, colour=QUIET)
    return figure


def _not_drawn(marks: Sequence[Mark], why: str) -> str:
    """Say how many records a frame counts and does not draw."""
    n = sum(mark.count for mark in marks)
    return f"{n:,} {why} {'is' if n == 1 else 'are'} not drawn. " if n else ""


def _head(sheet: Sheet, job: Job, right: str, below: str) -> None:
    """Set title, as-of date and marking, which stand still, and at the right what this picture is."""
    size = 13.0
    while text_width(job.words.title, size, True) > WIDTH - 250:
        size -= 0.5
    sheet.text(10, HEIGHT - 17, job.words.title, size, bold=True)
    sheet.text(10, HEIGHT - 32, job.words.as_of, 8, colour=QUIET)
    sheet.text(WIDTH - 10, HEIGHT - 20, right, 15, bold=True, ha="right")
    sheet.text(WIDTH - 10, HEIGHT - 34, below, 8.5, ha="right")
    if job.options.marking:
        room = text_width(job.options.marking, 7.5, True) + 7.5
        marking_box(sheet, 22 + text_width(job.words.as_of, 8) + room, HEIGHT - 32, job.options.marking, 7.5)
        marking_box(sheet, WIDTH - 10, 6, job.options.marking, 7.5)


def _card(job: Job, frame: Frame, moments: Sequence[Moment]) -> Figure:
    """Tell what no frame has room for: every sign, what to be careful with, the sources and what the words mean."""
    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), facecolor=PAPER)
    sheet = Sheet(figure, (0, 0, WIDTH, HEIGHT))
    _head(sheet, job, "How to read this film", job.words.counts.split(" · ")[0])
    placed = tuple(p for moment in moments for p in moment.placed)
    beyond = place_marks(frame, job.drawing.marks, 0.6)[1]
    signs = tuple(sign for sign in SIGN_WORDS if any(sign in moment.drawing.signs for moment in moments))
    whole = Snapshot(frame, placed, job.drawing.margin, tuple(beyond), 0, (), signs, job.options.grid)
    gap = 12.0
    width = (WIDTH - 20 - (CARD_COLUMNS - 1) * gap) / CARD_COLUMNS
    for size in np.arange(8.5, 3.5, -0.25).tolist():
        blocks = [
            *count_blocks(job.words, size / 7),
            *legend_blocks(job.drawing, whole, size),
            *note_blocks(job.words, whole, 0.92 * size),
        ]
        columns = flow(blocks, width, HEIGHT - HEAD - 24, CARD_COLUMNS)
        if columns:
            break
    for k, column in enumerate(columns or [blocks]):
        set_column(sheet, column, 10 + k * (width + gap), HEIGHT - HEAD - 6, width)
    sheet.text(10, 7, stamp_text(job.options, job.recipe), 5.6, colour=QUIET)
    return figure


def _legend(sheet: Sheet, job: Job, now: Mapping[str, int]) -> None:
    """Set every class of the whole film with its count in this frame, in columns that stand still in every frame."""
    classes = legend_categories(job.drawing)
    by_type = job.drawing.colour_by == "type"
    labels = [category.label[:44] for category in classes]
    # The whole film's counts are the longest: columns made for them never move.
    longest = [f"{label} {c.count:,}" if by_type else label for label, c in zip(labels, classes, strict=True)]
    size, rows, widths = _legend_columns(longest)
    for index, (category, label) in enumerate(zip(classes, labels, strict=True)):
        column, row = divmod(index, rows)
        x, y = 10.0 + sum(widths[:column]), FOOT - 13 - 12.5 * row
        shape = category.value if by_type else "other"
        hollow = shape in POTENTIAL_TYPES
        sheet.strokes([symbol(shape, category.colour, x + 4, y + 2.5, 4, 0.5, hollow=hollow, low=False)])
        sheet.text(x + 11, y, f"{label} {now.get(category.value, 0):,}" if by_type else label, size)


def _legend_columns(texts: Sequence[str]) -> tuple[float, int, list[float]]:
    """Choose type size, rows and the width of each column: the largest type that two rows hold."""
    for size in (*np.arange(7.5, 4.5, -0.25).tolist(), 4.5):
        for rows in (1, 2):
            widths = _column_widths(texts, size, rows)
            if sum(widths) <= LEGEND_WIDTH:
                return size, rows, widths
    while sum(widths) > LEGEND_WIDTH and len(widths) > 1:
        rows += 1
        widths = _column_widths(texts, size, rows)
    return size, rows, widths


def _column_widths(texts: Sequence[str], size: float, rows: int) -> list[float]:
    return [max(text_width(t, size) for t in texts[k : k + rows]) + 22 for k in range(0, len(texts), rows)]


def _picture(figure: Figure, dpi: int) -> npt.NDArray[np.uint8]:
    figure.dpi = dpi
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
    return np.asarray(canvas.buffer_rgba()).copy()  # type: ignore[no-untyped-call]  # likewise


def gif_bytes(job: Job) -> bytes:
    """Write the film as an animated GIF with one palette, so that colours do not flicker."""
    frames = [Image.fromarray(frame) for frame in film_frames(job, GIF_DPI)]
    marking = TLP_COLOURS.get(job.options.marking)  # FIRST fixes the colour, so no palette may shift it
    colours = [*([marking] if marking else []), *(category.colour for category in legend_categories(job.drawing))]
    palette = _common_palette(frames, colours)
    reduced = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    out = io.BytesIO()
    reduced[0].save(
        out,
        format="GIF",
        save_all=True,
        append_images=reduced[1:],
        duration=[*[round(job.options.seconds * 1000)] * (len(frames) - 1), CARD_SECONDS * 1000],
        loop=0,
        comment=job.recipe.to_json().encode("ascii"),
        optimize=False,
    )
    return out.getvalue()


def mp4_bytes(job: Job) -> bytes:
    """Write the film as MP4 (H.264), which slides and telephones play.

    Two threads whatever the machine has: the encoder's bytes depend on their number.
    """
    import av

    out = io.BytesIO()
    quality = {"crf": "18", "preset": "medium", "tune": "stillimage", "threads": "2"}
    # "bitexact" leaves out the writing program's version, "use_metadata_tags" keeps our own tag.
    kept = {"movflags": "+use_metadata_tags", "fflags": "+bitexact"}
    with av.open(out, "w", format="mp4", options=kept) as film:
        film.metadata.update({"title": job.words.title, "comment": job.recipe.to_json()})
        stream = film.add_stream("libx264", rate=MP4_RATE, options=quality)
        stream.width, stream.height = (round(points * MP4_DPI / 72) for points in (WIDTH, HEIGHT))
        stream.pix_fmt = "yuv420p"
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        repeats = max(1, round(job.options.seconds * MP4_RATE))
        last = len(film_windows(job))  # the card
        for index, picture in enumerate(film_frames(job, MP4_DPI)):
            for _ in range(repeats if index < last else CARD_SECONDS * MP4_RATE):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode(None))
    return out.getvalue()


def _common_palette(frames: Sequence[Image.Image], colours: Sequence[str]) -> Image.Image:
    """Choose 256 colours: those of the legend with their blends into land and ink, the rest from all frames.

    Small symbols are too few pixels for any quantizer to keep their colours, and their colours are the message; ink
    and the black of a marking would be taken for the nearest blend.
    """
    sampled = [frame.resize((240, 135)) for frame in frames[:: max(1, len(frames) // 12)]]
    sheet = Image.new("RGB", (240, 135 * len(sampled)))
    for index, frame in enumerate(sampled):
        sheet.paste(frame, (0, 135 * index))
    ink, paper = np.array(_rgb(INK)), np.array(_rgb(PAPER))
    kept = [(0, 0, 0), (255, 255, 255), *(_triple(ink + (paper - ink) * share) for share in np.linspace(0, 1, 9))]
    for colour in colours[:20]:
        own = np.array(_rgb(colour))
        for other, shares in ((_rgb(PAPER), (0.0, 0.3, 0.6, 0.8)), (_rgb(INK), (0.4, 0.7))):
            kept += [_triple(own * (1 - share) + np.array(other) * share) for share in shares]
    kept = list(dict.fromkeys(kept))
    rest = sheet.quantize(256 - len(kept), method=Image.Quantize.MEDIANCUT).getpalette() or []
    numbers = [number for triple in kept for number in triple] + rest
    palette = Image.new("P", (1, 1))
    palette.putpalette((numbers + [0] * 768)[:768])
    return palette


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _triple(values: npt.NDArray[np.float64]) -> tuple[int, int, int]:
    red, green, blue = (round(float(value)) for value in values)
    return red, green, blue
