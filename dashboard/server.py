"""The server: Streamlit's page, the map's routes, the security headers, and the launcher."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from dashboard.routes import ROUTES
from dashboard.security import LOOPBACK_HOSTS, SecurityHeaders
from dashboard.settings import STREAMLIT_OPTIONS
from dashboard.webmap import prepare_folium
from geodata.dataset import current_dataset

PAGE = Path(__file__).parent / "app.py"


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Load the records before the first visitor; then keep them out of the garbage collector's way."""
    del app
    await run_in_threadpool(current_dataset)
    gc.collect()
    gc.freeze()  # a full collection over a loaded dataset took 100 ms after every rerun (docs/design.md, "Scale")
    yield {}


def make_app(address: str = "127.0.0.1") -> st.App:
    """Build the ASGI app: page and routes in one process, so that they share the records."""
    prepare_folium()
    guard = Middleware(SecurityHeaders, loopback_only=address in LOOPBACK_HOSTS)
    return st.App(PAGE, routes=ROUTES, middleware=[guard], lifespan=lifespan)


def serve(*, port: int, address: str) -> None:
    """Start the dashboard on this process's dataset and block until it is stopped."""
    make_app(address).run(config={**STREAMLIT_OPTIONS, "server.port": port, "server.address": address})
