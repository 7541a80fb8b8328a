"""The short way to the map: a WebSocket that each map keeps open, over which its reader's drawings are handed to it.

The page's own way goes through all of Streamlit's elements: the browser rebuilds the panels before the map's frame is
told (docs/design.md, "The short way to the map", has the times). What goes this way is the same drawing; a map that is
not connected gets it the long way, and a map that misses one asks for it.

The map may also report on it what a control has changed, so that the drawing is under way before the page's own run
begins; the newest question is answered, and the number of the last one that is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Condition, Event, Lock
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

#: Longest question in characters: a filter with all its options is a tenth of it.
MOST_CHARACTERS: Final = 20_000

#: Notes a reader's change at once; draws what a reader has asked for, in a thread of its own.
Turn = Callable[[str, Mapping[str, Any]], None]
DrawAhead = Callable[[str], None]


@dataclass(eq=False)
class _Line:
    """One connected map; holds the newest drawing until it is sent, so that a slow map skips and never lags."""

    loop: asyncio.AbstractEventLoop
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    newest: bytes = b""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    question: int = 0  # number of the newest question, and of the newest that is answered
    answered: int = 0
    painted: Condition = field(default_factory=Condition)
    on_screen: str = ""  # key of the drawing that the map has painted last

    def put(self, drawing: bytes) -> None:
        """Hand over a drawing from any thread, unless it is the one that was handed over last."""
        if drawing != self.newest:
            self.newest = drawing
            self.loop.call_soon_threadsafe(self.filled.set)


#: Set when the first map of this process is on its way to a browser.
first_shown = Event()

_lines: dict[str, _Line] = {}
_lock = Lock()
_joined = Condition(_lock)


def deliver(reader: str, drawing: bytes) -> bool:
    """Hand a drawing to a reader's map; False when none is connected."""
    with _lock:
        line = _lines.get(reader)
    if line is None:
        return False
    try:
        line.put(drawing)
    except RuntimeError:  # the loop has been closed: the server stops
        return False
    return True


def wait_until_painted(reader: str, key: str, *, limit_s: float, joining: bool = False) -> bool:
    """Wait until a reader's map has painted a drawing, or until a time is over; False when it was not painted.

    Parameters
    ----------
    key
        The drawing, by the characters that name it (`webmap.payload.KEY_LENGTH`).
    joining
        Wait for a map that is not connected yet; else there is nothing to wait for.
    """
    ends = time.monotonic() + limit_s
    with _joined:
        if joining:
            _joined.wait_for(lambda: reader in _lines, limit_s)
        line = _lines.get(reader)
    if line is None:
        return False
    with line.painted:
        return line.painted.wait_for(lambda: line.on_screen == key, ends - time.monotonic())


def hang_up(reader: str) -> None:
    """Take a reader's map for not connected, because it missed a drawing; it connects again when it gets the next."""
    with _lock:
        _lines.pop(reader, None)


async def live(socket: WebSocket, *, turn: Turn, draw_ahead: DrawAhead) -> None:
    """Keep a map connected, send it the drawings of its reader, and hear what its controls have changed."""
    reader = socket.query_params.get("reader", "")
    await socket.accept()
    with _connected(reader) as line:
        tasks = [asyncio.create_task(work) for work in (_send(socket, line), _answer(reader, line, draw_ahead))]
        try:
            while (message := await socket.receive())["type"] != "websocket.disconnect":
                _hear(reader, line, _read(message.get("text")), turn)
        finally:
            for task in tasks:
                task.cancel()


def _read(text: object) -> dict[str, Any]:
    """Read a message; nothing for one that cannot be read: what comes over the wire is never trusted."""
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS:
        return {}
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _hear(reader: str, line: _Line, message: Mapping[str, Any], turn: Turn) -> None:
    """Take a message of the map: a question with its number, or the key of the drawing that it has painted."""
    match message:
        case {"painted": str(key)}:
            with line.painted:
                line.on_screen = key
                line.painted.notify_all()
        case {"number": int(number)}:
            turn(reader, message)
            line.question = number
            line.asked.set()


async def _answer(reader: str, line: _Line, draw_ahead: DrawAhead) -> None:
    """Draw for the newest question, and then for the newest that came meanwhile."""
    while True:
        await line.asked.wait()
        line.asked.clear()
        question = line.question
        try:
            await asyncio.to_thread(draw_ahead, reader)
        except Exception:  # the page's own run meets the same and says so to the reader; the line must go on
            logging.getLogger(__name__).exception("A drawing could not be made ahead of the page.")
        line.answered = question
        line.filled.set()


@contextmanager
def _connected(reader: str) -> Iterator[_Line]:
    """List a line while it is open; a newer one of the same reader takes its place."""
    line = _Line(asyncio.get_running_loop())
    with _joined:
        _lines[reader] = line
        _joined.notify_all()
    try:
        yield line
    finally:
        with _lock:
            if _lines.get(reader) is line:
                del _lines[reader]


async def _send(socket: WebSocket, line: _Line) -> None:
    """Send what is newest: a drawing, then the number of the question that it answers."""
    sent, told = b"", 0
    with suppress(WebSocketDisconnect, RuntimeError):  # closed meanwhile: the other task sees it
        while True:
            await line.filled.wait()
            line.filled.clear()
            drawing, answered = line.newest, line.answered
            if drawing is not sent:
                sent = drawing
                await socket.send_bytes(drawing)
            if answered > told:
                told = answered
                await socket.send_text(str(answered))
