"""A Nominatim of this machine: it notes what it is asked, and answers what it was told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PLACE = {"display_name": "Qwertzabad, Anbar, Iraq", "lon": "43.3", "lat": "33.4", "type": "village", "licence": "ODbL"}


class Service(ThreadingHTTPServer):
    """The service, and what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, str]] = []
        self.times: list[float] = []
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, json.dumps([PLACE]).encode())

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def texts(self) -> list[str]:
        return [asked["q"] for asked in self.asked]


class Handler(BaseHTTPRequestHandler):
    """Note a request and answer it."""

    def do_GET(self) -> None:
        service = self.server
        assert isinstance(service, Service)
        query = {name: value[0] for name, value in parse_qs(urlsplit(self.path).query).items()}
        service.asked.append({**query, "agent": self.headers["User-Agent"]})
        service.times.append(time.monotonic())
        code, headers, body = service.answer
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def answering() -> Iterator[Service]:
    """Give a service that answers until the end of the block."""
    with Service() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()
