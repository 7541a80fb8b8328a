"""The short way to the map: a WebSocket that each map keeps open, over which its reader's drawings are handed to it.

The page's own way goes through all of Streamlit's elements: the browser rebuilds the panels before the map's frame is
told (docs/design.md, "The short way to the map", has the times). What goes this way is the same drawing; a map that is
not connected gets it the long way, and a map that misses one asks for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock

from starlette.websockets import WebSocket, WebSocketDisconnect


@dataclass(eq=False)
class _Line:
    """One connected map; holds the newest drawing until it is sent, so that a slow map skips and never lags."""

    loop: asyncio.AbstractEventLoop
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    newest: bytes = b""

    def put(self, drawing: bytes) -> None:
        """Hand over a drawing from any thread, unless it is the one that was handed over last."""
        if drawing != self.newest:
            self.newest = drawing
            self.loop.call_soon_threadsafe(self.filled.set)


_lines: dict[str, _Line] = {}
_lock = Lock()


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


def hang_up(reader: str) -> None:
    """Take a reader's map for not connected, because it missed a drawing; it connects again when it gets the next."""
    with _lock:
        _lines.pop(reader, None)


async def live(socket: WebSocket) -> None:
    """Keep a map connected and send it the drawings of its reader."""
    reader = socket.query_params.get("reader", "")
    await socket.accept()
    with _connected(reader) as line:
        sending = asyncio.create_task(_send(socket, line))
        try:
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass  # the map says nothing
        finally:
            sending.cancel()


@contextmanager
def _connected(reader: str) -> Iterator[_Line]:
    """List a line while it is open; a newer one of the same reader takes its place."""
    line = _Line(asyncio.get_running_loop())
    with _lock:
        _lines[reader] = line
    try:
        yield line
    finally:
        with _lock:
            if _lines.get(reader) is line:
                del _lines[reader]


async def _send(socket: WebSocket, line: _Line) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):  # closed meanwhile: the other task sees it
        while True:
            await line.filled.wait()
            line.filled.clear()
            await socket.send_bytes(line.newest)
