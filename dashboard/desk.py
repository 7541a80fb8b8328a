"""Each reader's map as it was drawn last: by the page's run, or ahead of it when a control has said what comes.

Streamlit tells the server of a choice and answers through all of its elements. The map need not wait for that: the
control also says it on the map's own line (`dashboard.live`), and the drawing is under way when the page's run begins.
The run takes it over, so it is made once. docs/design.md, "Ahead of the page", says what keeps the two together.
"""

from __future__ import annotations

import time
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from dashboard.drawing import Drawing, draw
from dashboard.live import deliver
from dashboard.session import changed_view
from dashboard.view import HOME, View
from dashboard.viewport import MOST_READERS, place_of
from dashboard.webmap import pack_drawing
from geodata.answer import Answer
from geodata.store import Store


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a drawing carries besides the view (`webmap.pack_drawing`): nothing of it follows from a control."""

    reader: str
    goto: tuple[float, float, float, int] | None = None
    placed: int = 0
    places: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A view as it was asked, drawn and packed for the map."""

    store: Store
    sheet: Sheet
    view: View
    zoom: float
    answer: Answer
    drawing: Drawing
    packed: bytes

    def shows(self, store: Store, sheet: Sheet, view: View, zoom: float) -> bool:
        """Tell whether it is the drawing of these."""
        return self.store is store and (self.sheet, self.view, self.zoom) == (sheet, view, zoom)


def make_drawing(store: Store, sheet: Sheet, view: View, zoom: float) -> Drawn:
    """Ask the records, draw the answer and pack it."""
    answer = store.ask(view.selection, by=view.colour_by)
    drawing = draw(store, answer, view, zoom=zoom)
    packed = pack_drawing(
        drawing, view, reader=sheet.reader, zoom=zoom, goto=sheet.goto, placed=sheet.placed, places=sheet.places
    )
    return Drawn(store, sheet, view, zoom, answer, drawing, packed)


class Desk:
    """One reader's map: one drawing at a time, handed over in the order in which it was asked for."""

    def __init__(self) -> None:
        self._drawing = Lock()  # held while a drawing is made and handed over
        self._turning = Lock()  # held for a moment, because the server's own loop waits for it
        self._store: weakref.ref[Store] | None = None  # weak: a reader who is away must not keep old records loaded
        self._sheet: Sheet | None = None
        self._view: View | None = None
        self._turned = 0.0
        self._ahead: Drawn | None = None  # made ahead and not yet taken over by the page's run

    def turn(self, change: Mapping[str, Any]) -> None:
        """Note a change that a control has reported, checked like one that comes the page's way.

        What cannot be understood changes nothing here: the page's own run says what is wrong with it.
        """
        with self._turning:
            store = self._store and self._store()
            view = changed_view(self._view, store, change) if store and self._view else None
            if view:
                self._view, self._turned = view, time.monotonic()

    def draw_ahead(self) -> None:
        """Draw the view as the controls have turned it and hand it to the map."""
        with self._drawing:
            with self._turning:
                store, sheet, view = self._store and self._store(), self._sheet, self._view
            if not (store and sheet and view):
                return
            zoom = place_of(sheet.reader, view.place or HOME)[2]
            if not (self._ahead and self._ahead.shows(store, sheet, view, zoom)):
                self._ahead = make_drawing(store, sheet, view, zoom)
            deliver(sheet.reader, self._ahead.packed)

    def draw(self, store: Store, sheet: Sheet, view: View, zoom: float, *, began: float) -> tuple[Drawn, bool]:
        """Draw what a run of the page shows, or take over what was drawn ahead, and hand it to the map.

        Parameters
        ----------
        began
            When the run began (`time.monotonic`). A change reported later has a run of its own coming: the map is not
            turned back to what this one shows.

        Returns
        -------
        drawn
            The drawing.
        sent
            False when no map is connected: the drawing has to go with the page.
        """
        with self._drawing:
            ahead, self._ahead = self._ahead, None
            made = ahead if ahead and ahead.shows(store, sheet, view, zoom) else make_drawing(store, sheet, view, zoom)
            with self._turning:
                self._store, self._sheet = weakref.ref(store), sheet
                overtaken = self._turned > began and self._view != view
                if not overtaken:
                    self._view = view
            return made, overtaken or deliver(sheet.reader, made.packed)


_desks: OrderedDict[str, Desk] = OrderedDict()
_lock = Lock()


def desk_of(reader: str) -> Desk:
    """Give the desk of a reader; readers beyond `viewport.MOST_READERS` are forgotten, the longest away first."""
    with _lock:
        desk = _desks.setdefault(reader, Desk())
        _desks.move_to_end(reader)
        while len(_desks) > MOST_READERS:
            _desks.popitem(last=False)
        return desk


def turn(reader: str, change: Mapping[str, Any]) -> None:
    """Note a change that a reader's control has reported (`Desk.turn`); a reader without a page has none."""
    desk = _desks.get(reader)
    if desk:
        desk.turn(change)


def draw_ahead(reader: str) -> None:
    """Draw what a reader's controls have asked for (`Desk.draw_ahead`)."""
    desk = _desks.get(reader)
    if desk:
        desk.draw_ahead()
