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
from http import HTTPStatus
from importlib import import_module
from mimetypes import guess_type
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir
from streamlit.web.server.starlette.starlette_server_config import STATIC_ASSET_CACHE_MAX_AGE_SECONDS

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


#: Settings of glibc's `mallopt` (malloc.h): how much free memory a thread may keep, and from what size on a block is
#: the system's own; and the bytes both are set to.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 1 << 20

#: Seconds after which the address is told although the records are not read yet: the page shows how far they are.
PATIENCE_S = 5.0

#: Longest time in seconds for which the first map may use the processor alone.
FIRST_MAP_S = 0.5

#: Seconds after which the server listens for certain; uvicorn opens its port when the app has started.
LISTENING_S = 0.1


class StreamlitFiles:
    """Send Streamlit's own scripts in one step each, and unpacked: to a browser of this machine bytes cost nothing.

    Streamlit hands each of 65 files from thread to thread and packs it. While the records are read, every such step
    waits for the interpreter: a browser had them after 2.1 s instead of 0.9 (docs/performance.md).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        top = Path(get_static_dir())
        self.files = {f"/{path.relative_to(top).as_posix()}": path for path in (top / "static").rglob("*.*")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer when one of the files is asked for; hand everything else on."""
        file = self.files.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if file is None:
            await self.app(scope, receive, send)
            return
        # As Streamlit says of them: each has the hash of its content in its name.
        headers = {"Cache-Control": f"public, immutable, max-age={STATIC_ASSET_CACHE_MAX_AGE_SECONDS}"}
        await Response(file.read_bytes(), media_type=guess_type(file)[0], headers=headers)(scope, receive, send)


class FramePreloads:
    """Tell a browser with the map's empty frame what the frame's scripts will ask for, so that it need not wait."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; add the header to the page of the frame."""
        if scope["type"] != "http" or not scope["path"].endswith(".st_folium/index.html"):
            await self.app(scope, receive, send)
            return

        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                from dashboard.map_frame import preloads  # not above: a component is declared to a running server only

                message["headers"] = [*message["headers"], (b"link", preloads().encode("ascii"))]
            await send(message)

        await self.app(scope, receive, send_with_links)


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
    from dashboard.webmap import base_map_parts

    base_map_parts()
    return Router(ROUTES)


def get_ready(reading: Future[Dataset]) -> None:
    """Import what draws the page and read the records, then keep both out of the garbage collector's way.

    Parameters
    ----------
    reading
        Given the records, or why there is nothing to serve: they cannot be read, or maps cannot be drawn safely.
    """
    _import_arrow()
    switch_s = sys.getswitchinterval()
    sys.setswitchinterval(STARTING_SWITCH_S)
    try:
        read = _start_reading()
        _routes()
        reading.set_result(read.result())
    except BaseException as error:  # whoever waits is told
        reading.set_exception(error)
    else:
        _let_the_first_map_go()
        warm_up()
    gc.collect()
    gc.freeze()  # a full collection over loaded records took 100 ms after every rerun (docs/design.md, "Scale")
    gc.enable()
    sys.setswitchinterval(switch_s)
    give_back_memory()


def _start_reading() -> Future[Dataset]:
    """Read the records in a thread that does not keep a program alive which is stopped meanwhile."""
    read: Future[Dataset] = Future()

    def run() -> None:
        from geodata.current import current_dataset

        try:
            read.set_result(current_dataset())
        except BaseException as error:  # whoever waits is told
            read.set_exception(error)

    Thread(target=run, name="reading", daemon=True).start()
    return read


def _let_the_first_map_go() -> None:
    """Wait while a browser that has come before the records were read is sent its map."""
    from dashboard.live import first_shown

    first_shown.wait(FIRST_MAP_S)


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


def hold_little_memory() -> None:
    """Have the C library give large blocks back as soon as they are freed.

    Left alone it learns from the largest block freed so far to keep twice as much, for each of a dozen threads: 60 to
    160 MB of a million records (docs/performance.md).
    """
    with suppress(AttributeError, OSError):  # only glibc has it
        c_library = ctypes.CDLL(None)
        c_library.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        c_library.mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)


def give_back_memory() -> None:
    """Let the system have what reading and warming up took: Arrow and the C library keep some of it."""
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

    loopback = address in LOOPBACK_HOSTS
    middleware = [Middleware(SecurityHeaders, loopback_only=loopback), Middleware(FramePreloads)]
    if loopback:
        middleware.append(Middleware(StreamlitFiles))
    return st.App(PAGE, routes=[LateRoutes()], middleware=middleware, lifespan=lifespan)


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
    hold_little_memory()
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
