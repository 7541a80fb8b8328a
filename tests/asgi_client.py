"""Ask an ASGI app without a server: one request, its whole answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

Sent = list[dict[str, Any]]


@dataclass
class Reply:
    """What the app answered; `sent` holds its raw messages."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: Sent = field(default_factory=list)

    def json(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.body)


def ask(app: Any, path: str, *, host: str = "127.0.0.1:8501", kind: str = "http", **headers: str) -> Reply:
    """Send a GET for `path` (with its query, percent-encoded) and collect the answer."""
    raw, _, query = path.partition("?")
    sent: Sent = []
    scope = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http" if kind == "http" else "ws",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", host.encode()), *((name.encode(), value.encode()) for name, value in headers.items())],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8501),
    }

    first = [{"type": "http.request", "body": b""} if kind == "http" else {"type": f"{kind}.connect"}]

    async def receive() -> dict[str, Any]:
        if not first:
            await asyncio.Event().wait()  # the client stays and says no more
        return first.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    # In a thread of its own: once a browser test has run, Playwright's loop keeps running in this one.
    with ThreadPoolExecutor(max_workers=1) as other_thread:
        other_thread.submit(asyncio.run, app(scope, receive, send)).result()
    start = next((message for message in sent if message["type"] == "http.response.start"), {})
    return Reply(
        status=start.get("status", 0),
        headers={name.decode().lower(): value.decode() for name, value in start.get("headers", [])},
        body=b"".join(message.get("body", b"") for message in sent),
        sent=sent,
    )
