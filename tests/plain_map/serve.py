"""Serve ``page.py`` the way the dashboard is served: our routes, our options, our security policy."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dashboard.security import SecurityHeaders
from dashboard.settings import ASSETS_URL, STATIC_FOLDER, STREAMLIT_OPTIONS

app = st.App(
    Path(__file__).with_name("page.py"),
    routes=[Mount(ASSETS_URL, StaticFiles(directory=STATIC_FOLDER))],
    middleware=[Middleware(SecurityHeaders)],
)

if __name__ == "__main__":
    app.run(config={**STREAMLIT_OPTIONS, "server.port": int(sys.argv[1])})
