"""The server: Streamlit's page, the map's routes, the security headers, and the launcher.

It listens before the records are read and before what draws them is imported: a browser needs as long to load
Streamlit's own scripts, and is sent them meanwhile. Hence the imports inside functions.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import sys
from _thread import interrupt_main
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, NoMatchFound, Router
from starlette.types import Receive, Scope, Send

from dashboard.security import LOOPBACK_HOSTS, SecurityHeaders
from dashboard.settings import ASSETS_URL, STREAMLIT_OPTIONS

if TYPE_CHECKING:
    from geodata.dataset import Dataset

PAGE = Path(__file__).parent / "app.py"

#: Arrow's own environment variable for where it takes memory from.
ARROW_POOL_VARIABLE = "ARROW_DEFAULT_MEMORY_POOL"

#: Seconds after which a thread that computes lets another go on, while the records are read and modules imported.
#: Python's own 5 ms, waited for at every step of every file that a browser asks for, double the time to the first map.
STARTING_SWITCH_S = 0.0005


#: Seconds after which the address is told although the records are not read yet: the page shows how far they are.
PATIENCE_S = 5.0

#: Seconds after which the server listens for certain; uvicorn opens its port when the app has started.
LISTENING_S = 0.1


class LateRoutes(BaseRoute):
    """The map's routes; what answers them is imported when the first is asked for."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take every address of ours."""
        ours = scope["type"] in ("http", "websocket") and scope["path"].startswith(("/api/", f"{ASSETS_URL}/"))
        return (Match.FULL if ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """Give no route a name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        await (await run_in_threadpool(_routes))(scope, receive, send)


@cache
def _routes() -> Router:
    from dashboard.routes import ROUTES

    return Router(ROUTES)


def get_ready(reading: Future[Dataset]) -> None:
    """Import what draws the page and read the records, then keep both out of the garbage collector's way.

    Parameters
    ----------
    reading
        Given the records, or why they cannot be read; the page tells that too.
    """
    _import_arrow()
    switch_s = sys.getswitchinterval()
    sys.setswitchinterval(STARTING_SWITCH_S)
    reader = Thread(target=_read, args=(reading,), name="reading")
    reader.start()
    _routes()
    reader.join()
    if reading.exception() is None:
        gc.collect()
        gc.freeze()  # a full collection over loaded records took 100 ms after every rerun (docs/design.md, "Scale")
        warm_up()
    sys.setswitchinterval(switch_s)
    gc.enable()
    give_back_memory()


def _import_arrow() -> None:
    """Have Arrow take its memory from the system itself; it asks once, when it is imported.

    Its own pool would keep 50 MB of what a million records need only while they are read. The processes that read
    imported files keep it.
    """
    chosen = os.environ.get(ARROW_POOL_VARIABLE)
    os.environ[ARROW_POOL_VARIABLE] = chosen or "system"
    import_module("pyarrow")
    if chosen is None:
        del os.environ[ARROW_POOL_VARIABLE]


def _read(reading: Future[Dataset]) -> None:
    try:
        from geodata.current import current_dataset

        reading.set_result(current_dataset())
    except BaseException as error:  # whoever waits for the records is told
        reading.set_exception(error)


def warm_up() -> None:
    """Load what the first page would wait for, while its browser still loads scripts of its own."""
    from dashboard.desk import Sheet, make_drawing
    from dashboard.view import HOME, View
    from geodata.boundaries import LAYERS, basemap_geojson
    from geodata.current import current_dataset

    for part in ("brief", "import_panel", "panels", "places_view", "quality", "timeline"):
        import_module(f"dashboard.{part}")
    for layer in LAYERS:
        basemap_geojson(layer)
    make_drawing(current_dataset().store, Sheet(reader=""), View(), HOME[2]).answer.count()


def give_back_memory() -> None:
    """Let the system have what reading and warming up took: Arrow and the C library keep 95 MB at a million records."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with suppress(AttributeError, OSError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def make_app(address: str, reading: Future[Dataset], listening: Callable[[], object] | None) -> st.App:
    """Build the ASGI app: page and routes in one process, so that they share the records."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        del app
        Thread(target=get_ready, args=(reading,), name="get-ready", daemon=True).start()
        if listening:
            loop = asyncio.get_running_loop()
            loop.call_later(LISTENING_S, loop.run_in_executor, None, listening)
        yield {}

    guard = Middleware(SecurityHeaders, loopback_only=address in LOOPBACK_HOSTS)
    return st.App(PAGE, routes=[LateRoutes()], middleware=[guard], lifespan=lifespan)


def serve(*, port: int, address: str, listening: Callable[[], object] | None, ready: Callable[[], None]) -> None:
    """Start the dashboard on this process's dataset and block until it is stopped.

    Parameters
    ----------
    listening
        Called when a browser may ask; the page says how far the records are read.
    ready
        Called when the records are read, or take longer than `PATIENCE_S`.

    Raises
    ------
    AtlasError
        When the records cannot be read; nothing is served any more then.
    """
    reading: Future[Dataset] = Future()
    Thread(target=_watch, args=(reading, ready), name="watch", daemon=True).start()
    options = {**STREAMLIT_OPTIONS, "server.port": port, "server.address": address}
    try:
        make_app(address, reading, listening).run(config=options)
    except KeyboardInterrupt:
        if not reading.done() or reading.exception() is None:
            raise
    if reading.done():
        reading.result()


def _watch(reading: Future[Dataset], ready: Callable[[], None]) -> None:
    """Tell when the records are read; stop the program, as Ctrl+C would, when they cannot be."""
    with suppress(TimeoutError):
        reading.exception(timeout=PATIENCE_S)
    if not reading.done() or reading.exception() is None:
        ready()
    if reading.exception():
        interrupt_main()
