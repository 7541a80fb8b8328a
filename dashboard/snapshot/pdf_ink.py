"""Outlines written straight into a PDF: matplotlib's own way takes ten times as long for the same strokes.

Its writer compares the whole state of the pen for every path and compresses each operator by itself. Here the strokes
of one call are one text of operators, between a `q` and a `Q` that give the writer back the state it left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib import _path
from matplotlib.artist import allow_rasterization
from matplotlib.collections import PathCollection

#: Operators for move, line, quadratic curve (there is none: it is written as a cubic), cubic curve and close.
PATH_OPERATORS = [b"m", b"l", b"", b"c", b"h"]

#: Decimals of a point: a hundredth is 7,200 dots per inch.
DECIMALS = 2

#: Line caps by matplotlib's name (ISO 32000, table 54).
CAPS = {"butt": 0, "round": 1, "projecting": 2}

#: Red, green, blue and opacity, from 0 to 1.
Colour = list[float]


class Strokes(PathCollection):
    """Outlines with round joins that take the short way into a PDF; other files are drawn as matplotlib draws them."""

    @allow_rasterization  # type: ignore[untyped-decorator]  # matplotlib leaves it untyped
    def draw(self, renderer: Any) -> None:
        """Draw all outlines in their order."""
        file = getattr(renderer, "file", None)
        if file is None:
            super().draw(renderer)
            return
        file.write(b"\n".join([b"q", self._setting(), *self._strokes(file), b"Q\n"]))
        self.stale = False

    def _setting(self) -> bytes:
        """Set joins, caps, and the rectangle outside of which nothing is drawn."""
        clip = self.get_clip_box()
        cut = "" if clip is None else f" {clip.x0:.2f} {clip.y0:.2f} {clip.width:.2f} {clip.height:.2f} re W n"
        return f"1 j {CAPS[self.get_capstyle() or 'butt']} J{cut}".encode("ascii")

    def _strokes(self, file: Any) -> Iterator[bytes]:
        """Write each outline, and before it what differs from the one before."""
        transform = self.get_transform().frozen()
        faces: list[Colour] = np.asarray(self.get_facecolor(), dtype=float).tolist()
        edges: list[Colour] = np.asarray(self.get_edgecolor(), dtype=float).tolist()
        widths: list[float] = np.ravel(self.get_linewidth()).tolist()
        dashes: list[Any] = list(self.get_linestyle())
        held: set[bytes] = set()
        for k, path in enumerate(self.get_paths()):
            face, edge = faces[k % len(faces)], edges[k % len(edges)]
            width, dash = widths[k % len(widths)], dashes[k % len(dashes)]
            filled, stroked = face[3] > 0, edge[3] > 0 and width > 0
            if not np.size(path.vertices) or not (filled or stroked):
                continue
            paint = b"B" if filled and stroked else b"f" if filled else b"S"
            state = set(_state(file, face if filled else None, edge if stroked else None, width, dash))
            yield from sorted(state - held)
            held = state
            simplify = path.should_simplify and not filled
            yield _path.convert_to_string(  # type: ignore[attr-defined]  # missing in matplotlib's own stub
                path, transform, None, simplify, None, DECIMALS, PATH_OPERATORS, True
            )
            yield paint


def _state(file: Any, face: Colour | None, edge: Colour | None, width: float, dash: Any) -> Iterator[bytes]:
    """Write the pen for one outline: opacities, colour of the area, colour, width and dashes of the line."""
    alphas = (round(edge[3], 4) if edge else 1.0, round(face[3], 4) if face else 1.0)
    yield b"/%b gs" % file.alphaState(alphas).name
    if face:
        yield "{:.4g} {:.4g} {:.4g} rg".format(*face[:3]).encode("ascii")
    if edge:
        offset, parts = dash
        yield "{:.4g} {:.4g} {:.4g} RG".format(*edge[:3]).encode("ascii")
        yield f"{width:.4g} w".encode("ascii")
        yield f"[{' '.join(f'{part:.4g}' for part in parts or ())}] {offset:.4g} d".encode("ascii")
