"""Ink on paper: sheets measured in points, and text that is drawn and never parsed."""

from __future__ import annotations

import gc
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from threading import RLock
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from dashboard.snapshot.fonts import bare_fonts, font, load_fonts, text_outline, text_width
from dashboard.snapshot.pdf_ink import Strokes
from dashboard.snapshot.tags import Begin, End
from geodata.plain_text import without_turns

INK, QUIET, PAPER, LINE, ACCENT = "#2c2924", "#6f675b", "#fffdf8", "#d9d2c4", "#a8401c"

#: Matplotlib's settings are the process's, and the page draws in several threads: one picture at a time.
_LOCK = RLock()

Rgba = tuple[float, float, float, float]
CLEAR: Rgba = (0.0, 0.0, 0.0, 0.0)
Dash = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stroke:
    """One outline to fill and stroke; coordinates, width and dashes in points. `face` or `edge` may be None."""

    path: Path
    face: Rgba | None = None
    edge: Rgba | None = None
    width: float = 0.0
    dash: Dash = ()


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text: its anchor on the baseline, size in points, angle in degrees anticlockwise."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    colour: str = INK
    ha: str = "left"
    angle: float = 0.0


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Fix every setting that changes the bytes of a picture, and let one thread draw at a time."""
    settings: dict[Any, Any] = {
        "pdf.fonttype": 42,  # TrueType outlines whole: text can be selected and edited
        "pdf.compression": 4,  # half the time of 6 for three percent more bytes
        "svg.fonttype": "none",
        "svg.hashsalt": "incident-atlas",
        "path.simplify": True,
        "path.simplify_threshold": 0.1,
        "agg.path.chunksize": 0,
        # Letters keep their true widths at every resolution, so that lines end where they were planned to.
        "text.hinting": "no_hinting",
    }
    with _LOCK, mpl.rc_context(settings), warnings.catch_warnings(), bare_fonts(), _no_collection():
        # A letter that our fonts lack is drawn as the box of the last-resort font; the reader sees it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        load_fonts()
        yield


@contextmanager
def _no_collection() -> Iterator[None]:
    """Put off the garbage collector: with a million records at hand its passes take a third of a picture's time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def rgba(colour: str, alpha: float = 1.0) -> Rgba:
    """Turn a hex colour and an opacity to matplotlib's four numbers."""
    red, green, blue, _ = to_rgba(colour)
    return red, green, blue, alpha


class Sheet:
    """A rectangle of a figure whose unit is the point (1/72 inch), origin at its lower left, y up.

    Parameters
    ----------
    figure
        Figure to draw on.
    box
        Left, bottom, width, height in points from the figure's lower left.
    """

    def __init__(self, figure: Figure, box: tuple[float, float, float, float], *, zorder: float = 0.0) -> None:
        left, bottom, self.width, self.height = box
        inches_w, inches_h = figure.get_size_inches()
        page_w, page_h = inches_w * 72, inches_h * 72
        rect = (left / page_w, bottom / page_h, self.width / page_w, self.height / page_h)
        self.axes = figure.add_axes(rect, zorder=zorder)
        self.axes.set_axis_off()
        self.axes.set_xlim(0, self.width)
        self.axes.set_ylim(0, self.height)
        self.axes.set_autoscale_on(False)
        self._level = 0.0

    def _next(self) -> float:
        """Painter's order: what is drawn later lies above."""
        self._level += 1
        return self._level

    @contextmanager
    def tagged(self, tag: str, alt: str = "") -> Iterator[None]:
        """Say in a PDF what is drawn meanwhile: `H1`, `H2`, `P`, `Figure` with a text, or `ARTIFACT`."""
        self.axes.add_artist(Begin(tag, alt, self._next()))
        yield
        self.axes.add_artist(End(self._next()))

    def strokes(self, strokes: Sequence[Stroke], *, rasterized: bool = False, antialiased: bool = True) -> None:
        """Draw outlines in the order given."""
        if not strokes:
            return
        made = Strokes(
            [stroke.path for stroke in strokes],
            facecolors=[stroke.face or CLEAR for stroke in strokes],
            edgecolors=[stroke.edge or CLEAR for stroke in strokes],
            linewidths=[stroke.width if stroke.edge else 0.0 for stroke in strokes],
            linestyles=[_linestyle(stroke.dash, stroke.width) for stroke in strokes],
            antialiaseds=antialiased,
            joinstyle="round",
            zorder=self._next(),
            rasterized=rasterized,
        )
        self.axes.add_collection(made, autolim=False)

    def lines(
        self,
        lines: Sequence[npt.NDArray[np.float64]],
        colour: str,
        width: float,
        *,
        dash: Dash = (),
        alpha: float = 1.0,
    ) -> None:
        """Draw polylines, each an array (n, 2) of points."""
        if not lines:
            return
        made = Strokes(
            [_one_path(lines)],
            facecolors=[CLEAR],
            edgecolors=[rgba(colour, alpha)],
            linewidths=width,
            linestyles=[_linestyle(dash, width)],
            capstyle="butt" if dash else "round",
            joinstyle="round",
            zorder=self._next(),
        )
        self.axes.add_collection(made, autolim=False)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        face: str | None = None,
        edge: str | None = None,
        line: float = 0.6,
        alpha: float = 1.0,
    ) -> None:
        """Draw a rectangle from its lower left corner."""
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        path = Path(corners, closed=True)
        self.strokes([Stroke(path, rgba(face, alpha) if face else None, rgba(edge) if edge else None, line)])

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: str = INK,
        ha: str = "left",
        angle: float = 0.0,
    ) -> None:
        """Write one line of text on its baseline."""
        text = without_turns(text)
        self.axes.text(
            x,
            y,
            text,
            fontproperties=font(text, size, bold=bold),
            color=colour,
            ha=ha,
            va="baseline",
            rotation=angle,
            rotation_mode="anchor",
            parse_math=False,  # `$` in a record is a dollar sign
            zorder=self._next(),
            clip_on=False,
        )

    def halos(self, texts: Sequence[Text], colour: str, width: float) -> None:
        """Outline texts that will be written on top; one collection, and the texts themselves stay text."""
        paths = []
        for t in texts:
            shift = {"left": 0.0, "center": 0.5, "right": 1.0}[t.ha] * text_width(t.text, t.size, t.bold)
            turn = Affine2D().scale(t.size / 100).translate(-shift, 0).rotate_deg(t.angle).translate(t.x, t.y)
            paths.append(turn.transform_path(text_outline(t.text, t.bold)))
        if len(paths) == 1:
            paths.append(Path(np.zeros((1, 2))))  # matplotlib measures a single path corner by corner, two it does not
        self.strokes([Stroke(path, None, rgba(colour, 0.92), width) for path in paths])

    def write(self, texts: Sequence[Text]) -> None:
        """Write texts."""
        for t in texts:
            self.text(t.x, t.y, t.text, t.size, bold=t.bold, colour=t.colour, ha=t.ha, angle=t.angle)


def _one_path(lines: Sequence[npt.NDArray[np.float64]]) -> Path:
    """Join polylines to one path of several strokes."""
    points = np.concatenate(lines)
    codes = np.full(len(points), Path.LINETO, dtype=np.uint8)
    codes[np.cumsum([0, *map(len, lines[:-1])])] = Path.MOVETO
    return Path(points, codes, readonly=True)


def _linestyle(dash: Dash, width: float) -> tuple[float, Sequence[float] | None]:
    """Matplotlib scales dashes by the line's width; ours are in points."""
    return (0.0, [part / max(width, 0.01) for part in dash] if dash else None)


def circle(x: float, y: float, r: float) -> Path:
    """Outline of a circle."""
    return _moved(Path.unit_circle(), x, y, r)


def wedge(x: float, y: float, r: float, from_deg: float, to_deg: float) -> Path:
    """Outline of a slice of a disc; degrees clockwise from the top."""
    parts = max(1, math.ceil((to_deg - from_deg) / 90))
    step = math.radians(to_deg - from_deg) / parts
    reach = 4 / 3 * math.tan(step / 4)  # of the handles of a cubic curve that follows an arc
    turns = [math.radians(from_deg) + k * step for k in range(parts + 1)]
    ends = [(math.sin(turn), math.cos(turn)) for turn in turns]
    points = [(0.0, 0.0), ends[0]]
    for (ax, ay), (bx, by) in pairwise(ends):
        points += [(ax + reach * ay, ay - reach * ax), (bx - reach * by, by + reach * bx), (bx, by)]
    points.append((0.0, 0.0))
    codes = [Path.MOVETO, Path.LINETO, *[Path.CURVE4] * (3 * parts), Path.CLOSEPOLY]
    return Path(np.array(points) * r + (x, y), codes, readonly=True)


def polygon(corners: Sequence[tuple[float, float]], x: float, y: float, r: float) -> Path:
    """Outline of a symbol whose corners are given for radius 1 with y down, as in `drawing.SHAPES`."""
    points = [(x + px * r, y - py * r) for px, py in corners]
    return Path([*points, points[0]], closed=True)


def rounded_box(x: float, y: float, half: float, corner: float) -> Path:
    """Outline of a square with rounded corners around a centre."""
    c, h = corner, half
    points = [(-h + c, -h), (h - c, -h), (h, -h), (h, -h + c), (h, h - c), (h, h), (h - c, h), (-h + c, h), (-h, h),
              (-h, h - c), (-h, -h + c), (-h, -h), (-h + c, -h), (-h + c, -h)]  # fmt: skip
    codes = [Path.MOVETO, Path.LINETO, *([Path.CURVE3] * 2), Path.LINETO, *([Path.CURVE3] * 2), Path.LINETO,
             *([Path.CURVE3] * 2), Path.LINETO, *([Path.CURVE3] * 2), Path.CLOSEPOLY]  # fmt: skip
    return Path([(x + px, y + py) for px, py in points], codes)


def _moved(path: Path, x: float, y: float, r: float) -> Path:
    return Path(np.asarray(path.vertices, dtype=float) * r + (x, y), path.codes, readonly=True)
