"""The server: Streamlit's page, the map's routes, the security headers, and the launcher."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from dashboard.desk import Sheet, make_drawing
from dashboard.routes import ROUTES
from dashboard.security import LOOPBACK_HOSTS, SecurityHeaders
from dashboard.settings import STREAMLIT_OPTIONS
from dashboard.view import HOME, View
from dashboard.webmap import prepare_folium
from geodata.boundaries import LAYERS, basemap_geojson
from geodata.dataset import current_dataset

PAGE = Path(__file__).parent / "app.py"


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Load the records before the first visitor; then keep them out of the garbage collector's way."""
    del app
    await run_in_threadpool(current_dataset)
    gc.collect()
    gc.freeze()  # a full collection over a loaded dataset took 100 ms after every rerun (docs/design.md, "Scale")
    give_back_memory()
    Thread(target=warm_up, name="warm-up", daemon=True).start()
    yield {}


def warm_up() -> None:
    """Load what the first page would wait for, while its browser still loads scripts of its own."""
    for part in ("brief", "import_panel", "panels", "places_view", "quality", "timeline"):
        import_module(f"dashboard.{part}")
    for layer in LAYERS:
        basemap_geojson(layer)
    make_drawing(current_dataset().store, Sheet(reader=""), View(), HOME[2]).answer.count()
    give_back_memory()


def give_back_memory() -> None:
    """Let the system have what reading and warming up took: Arrow and the C library keep 95 MB at a million records."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError, OSError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def make_app(address: str = "127.0.0.1") -> st.App:
    """Build the ASGI app: page and routes in one process, so that they share the records."""
    prepare_folium()
    guard = Middleware(SecurityHeaders, loopback_only=address in LOOPBACK_HOSTS)
    return st.App(PAGE, routes=ROUTES, middleware=[guard], lifespan=lifespan)


def serve(*, port: int, address: str) -> None:
    """Start the dashboard on this process's dataset and block until it is stopped."""
    make_app(address).run(config={**STREAMLIT_OPTIONS, "server.port": port, "server.address": address})
