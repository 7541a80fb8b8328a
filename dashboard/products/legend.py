"""The legend of exactly what is drawn, with counts; its keys are drawn by the map's own pen."""

from __future__ import annotations

import shapely
from matplotlib.path import Path

from dashboard.drawing import Category, Drawing
from dashboard.marks import Mark
from dashboard.products.typeset import Block, KeyPainter, heading, paragraph
from dashboard.snapshot import Snapshot
from dashboard.snapshot.ink import INK, PAPER, QUIET, Sheet, Stroke, circle, rgba, rounded_box
from dashboard.snapshot.marks import (
    badge,
    extent,
    faded,
    group_ring,
    hatch_path,
    hatched,
    number_size,
    pile,
    pin_foot,
    reach_outline,
    symbol,
)
from dashboard.symbols import DRAWN_AS, GREY, SIGN_WORDS
from dashboard.view import COLOUR_BY
from dashboard.words import counted
from geodata.incident import POTENTIAL_TYPES

#: Radius of a legend's symbol in row heights.
KEY_RADIUS = 0.36

#: Values sharing the grey are named up to this many; the rest are counted.
MOST_GREY_NAMED = 4


def legend_blocks(drawing: Drawing, snapshot: Snapshot | None, size: float) -> list[Block]:
    """Make the legend's rows at a text size in points."""
    by_type = drawing.colour_by == "type"
    head = "Incident type" if by_type else COLOUR_BY[drawing.colour_by].capitalize()
    if not drawing.categories or not drawing.shapes:
        return []
    blocks = [heading(f"{head} (records shown)", size)]
    blocks += [_category(category, by_type, size) for category in legend_categories(drawing)]
    if not by_type:
        blocks += [_gap(size), heading("Incident type, by shape", size)]
        blocks += [_row(s.label, s.count, _type_key(s.value, GREY), size) for s in drawing.shapes]
    blocks += [_gap(size), heading("Place known to", size)]
    blocks += [_row(p.label, p.count, _precision_key(DRAWN_AS[p.value]), size) for p in drawing.precisions]
    blocks += [_gap(size), *_sign_rows(drawing, snapshot, size)]
    if drawing.margin:
        blocks += [_gap(size), heading("Known only to (no place on the map)", size)]
        blocks += [
            _row(
                mark.label,
                mark.count,
                _margin_key(drawing.categories[mark.parts[0][0]].colour, dashed=mark.potential),
                size,
            )
            for mark in drawing.margin
        ]
    if snapshot and snapshot.beyond:
        blocks += [_gap(size), *_beyond_rows(snapshot, size)]
    return blocks


def legend_categories(drawing: Drawing) -> list[Category]:
    """Classes drawn, the most frequent first; those that share the grey become one line with their sum."""
    drawn = sorted((c for c in drawing.categories if c.count), key=lambda c: (-c.count, c.label))
    if drawing.colour_by == "type":
        return drawn
    grey = [c for c in drawn if c.colour == GREY and c.value]
    unknown = [c for c in drawn if not c.value]
    kept = [c for c in drawn if c.colour != GREY and c.value]
    if grey:
        named = ", ".join(c.label for c in grey[:MOST_GREY_NAMED])
        more = len(grey) - MOST_GREY_NAMED
        label = f"Other: {named}" + (f" and {more} more" if more > 0 else "")
        kept.append(grey[0] if len(grey) == 1 else Category("other", label, GREY, sum(c.count for c in grey)))
    if unknown:
        label = {"claimed": "No claim recorded", "assessed": "Not assessed"}.get(drawing.colour_by, "Not recorded")
        kept.append(Category("", label, unknown[0].colour, sum(c.count for c in unknown)))
    return kept


def _category(category: Category, by_type: bool, size: float) -> Block:
    key = _type_key(category.value, category.colour) if by_type else _swatch_key(category.colour)
    return _row(category.label, category.count, key, size)


def _row(label: str, count: int, key: KeyPainter, size: float) -> Block:
    return Block(((label, False),), size, key=key, figure=f"{count:,}", indent=size * 2.1, row=size * 1.55)


def _note(text: str, key: KeyPainter, size: float) -> Block:
    return Block(
        ((text, False),), size * 0.92, key=key, indent=size * 2.1, row=size * 1.6, colour=QUIET, after=size * 0.25
    )


def _gap(size: float) -> Block:
    return Block((), 0.01, row=size * 0.55)


def _sign_rows(drawing: Drawing, snapshot: Snapshot | None, size: float) -> list[Block]:
    """Explain the signs that are on this map, and only those."""
    marks = [*(p.mark for p in snapshot.placed)] if snapshot else list(drawing.marks)
    rows = []
    if any(mark.count > 1 and mark.drawn_as not in ("area", "group", "zone") for mark in marks):
        rows.append(
            _note(
                "Several records at one place: their number and mix, clockwise from the largest part",
                _pile_key(drawing),
                size,
            )
        )
    if any(mark.drawn_as == "group" for mark in marks):
        text = "Double ring: several places too close to draw apart"
        rows.append(_note(text, _pile_key(drawing, group=True), size))
    if any(mark.drawn_as == "area" for mark in marks):
        rows.append(_note("Somewhere in the hatched area: number of records", _badge_key, size))
    if any(mark.low_confidence and mark.count == 1 for mark in marks):
        rows.append(_note("Dashed outline: low confidence", _symbol_key("other", GREY, low=True), size))
    if drawing.possible and any(mark.possible and mark.count == 1 and not mark.potential for mark in marks):
        rows.append(_note("Hollow: only may fall into the window", _symbol_key("other", INK, hollow=True), size))
    rows += [
        _note(SIGN_WORDS[sign], _potential_key(sign), size) for sign in (snapshot.signs if snapshot else drawing.signs)
    ]
    if snapshot and snapshot.moved:
        rows.append(_note("Symbol moved aside to be seen; the line leads to its place", _moved_key, size))
    if snapshot and snapshot.facilities:
        rows.append(_note(f"Facility ({snapshot.facilities:,} in the frame)", _facility_key, size))
    if drawing.density:
        most = max(cell[4] for cell in drawing.density)
        rows.append(_note(f"Density: records per 0.1° cell, up to {_per_cell(most)}", _density_key, size))
    return [heading("Signs", size), *rows] if rows else []


def _beyond_rows(snapshot: Snapshot, size: float) -> list[Block]:
    marks = sorted(snapshot.beyond, key=lambda mark: (-mark.count, mark.name))
    total = sum(mark.count for mark in marks)
    named = ", ".join(f"{_name_of(mark)} ({mark.count:,})" for mark in marks[:5])
    more = f" and {counted(len(marks) - 5, 'more place')}" if len(marks) > 5 else ""
    return [
        paragraph(
            f"{named}{more}.",
            size * 0.92,
            lead=f"Beyond this frame, {counted(total, 'record')}:",
            colour=QUIET,
        )
    ]


def _name_of(mark: Mark) -> str:
    return mark.name or f"{mark.latitude:.1f}° N {mark.longitude:.1f}° E"


def _type_key(code: str, colour: str) -> KeyPainter:
    return _symbol_key(code, colour, hollow=code in POTENTIAL_TYPES)


def _potential_key(sign: str) -> KeyPainter:
    """Paint the key of a sign that only threats and capabilities have."""

    def paint(sheet: Sheet, x: float, y: float, row: float) -> None:
        r, px = row * 0.44, row / 26
        if sign == "reach":
            sheet.strokes([reach_outline(rounded_box(x, y, r * 0.9, 0.2), INK, px)])
            return
        made = hatched(circle(x, y, r), shapely.Point(x, y).buffer(r), INK, px, potential=True)
        sheet.strokes(faded(made) if sign == "expired" else made)

    return paint


def _symbol_key(shape: str, colour: str, *, hollow: bool = False, low: bool = False) -> KeyPainter:
    def paint(sheet: Sheet, x: float, y: float, row: float) -> None:
        r = row * KEY_RADIUS
        sheet.strokes([symbol(shape, colour, x, y, r, r / 7.5, hollow=hollow, low=low)])

    return paint


def _swatch_key(colour: str) -> KeyPainter:
    def paint(sheet: Sheet, x: float, y: float, row: float) -> None:
        half = row * 0.34
        sheet.box(x - half, y - half, 2 * half, 2 * half, face=colour, edge=INK, line=0.4)

    return paint


def _precision_key(drawn_as: str) -> KeyPainter:
    painters: dict[str, KeyPainter] = {
        "pin": _pin_key,
        "disc": _extent_key("disc"),
        "ring": _extent_key("ring"),
        "area": _area_key,
        "margin": _margin_key(INK),
    }
    return painters[drawn_as]


def _pin_key(sheet: Sheet, x: float, y: float, row: float) -> None:
    head = Stroke(circle(x, y + row * 0.17, row * 0.22), rgba(INK))
    sheet.strokes([*pin_foot(x, y - row * 0.42, x, y + row * 0.15, row / 22), head])


def _extent_key(kind: str) -> KeyPainter:
    def paint(sheet: Sheet, x: float, y: float, row: float) -> None:
        sheet.strokes([extent(kind, INK, x, y, row * 0.4, row / 24)])

    return paint


def _area_key(sheet: Sheet, x: float, y: float, row: float) -> None:
    w, h = row * 0.46, row * 0.34
    shape = shapely.box(x - w, y - h, x + w, y + h)
    sheet.strokes([Stroke(hatch_path(shape, row * 0.2), None, rgba(INK, 0.5), row / 24)])
    sheet.box(x - w, y - h, 2 * w, 2 * h, edge=INK, line=0.6)


def _margin_key(colour: str, *, dashed: bool = False) -> KeyPainter:
    def paint(sheet: Sheet, x: float, y: float, row: float) -> None:
        w, h = row * 0.5, row * 0.3
        corners = [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h), (x - w, y - h)]
        dash = (2.0, 1.2) if dashed else ()
        sheet.strokes([Stroke(Path(corners, closed=True), rgba(PAPER), rgba(colour), 0.7, dash)])
        sheet.box(x - w, y - h, row * 0.2, 2 * h, face=colour)

    return paint


def _pile_key(drawing: Drawing, *, group: bool = False) -> KeyPainter:
    colours = [c.colour for c in legend_categories(drawing)][:3]

    def paint(sheet: Sheet, x: float, y: float, row: float) -> None:
        r = row * (0.36 if group else 0.46)
        parts = list(zip(colours, (4, 2, 1), strict=False))
        if group:
            sheet.strokes([group_ring(x, y, r, r / 14)])
        sheet.strokes(pile(parts, x, y, r, r / 14))
        size = number_size("7", r * 0.66, r / 14) * 0.9
        sheet.text(x, y - 0.36 * size, "7", size, bold=True, ha="center")

    return paint


def _badge_key(sheet: Sheet, x: float, y: float, row: float) -> None:
    r = row * 0.46
    sheet.strokes([badge(QUIET, x, y, r, r / 16)])
    sheet.text(x, y - 0.2 * row, "3", row * 0.55, bold=True, ha="center")


def _moved_key(sheet: Sheet, x: float, y: float, row: float) -> None:
    px = row / 24
    head = x + row * 0.2, y + row * 0.12
    stem = pin_foot(x - row * 0.4, y - row * 0.3, *head, px)
    sheet.strokes([*stem, symbol("other", GREY, *head, row * 0.24, px, hollow=False, low=False)])


def _facility_key(sheet: Sheet, x: float, y: float, row: float) -> None:
    sheet.strokes([Stroke(rounded_box(x, y, row * 0.2, 0.2), rgba(PAPER), rgba(INK), row / 22)])


def _per_cell(most: float) -> str:
    """Write records per cell: below one its first digit that is not 0, for a governorate's records lie thin."""
    return f"{most:.1g}" if most < 1 else f"{most:,.1f}"


def _density_key(sheet: Sheet, x: float, y: float, row: float) -> None:
    w, h = row * 0.55, row * 0.3
    for k, share in enumerate((0.05, 0.35, 1.0)):
        shade = (150 / 255, 40 / 255, 20 / 255, 0.1 + 0.55 * share**0.5)
        left = x - w + k * 2 * w / 3
        corners = [(left, y - h), (left + 2 * w / 3, y - h), (left + 2 * w / 3, y + h), (left, y + h), (left, y - h)]
        sheet.strokes([Stroke(Path(corners, closed=True), shade)])
