"""Serve ``page.py`` the way the dashboard is served: our routes, our options, our security policy."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dashboard.settings import ASSETS_URL, CONTENT_SECURITY_POLICY, STATIC_FOLDER, STREAMLIT_OPTIONS


class Policy(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response


app = st.App(
    Path(__file__).with_name("page.py"),
    routes=[Mount(ASSETS_URL, StaticFiles(directory=STATIC_FOLDER))],
    middleware=[Middleware(Policy)],
)

if __name__ == "__main__":
    app.run(config={**STREAMLIT_OPTIONS, "server.port": int(sys.argv[1])})
