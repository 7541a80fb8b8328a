"""The page answers to its own machine and its own page only, and tells the browser to ask nobody else."""

from __future__ import annotations

import base64
import os
import socket
from typing import Any

import pytest
from asgi_client import ask
from conftest import Server
from starlette.responses import PlainTextResponse

from dashboard.security import CONTENT_SECURITY_POLICY, SECURITY_HEADERS, SecurityHeaders

OWN_HEADER = {"x-content-type-options": "sniff", "x-own": "kept"}


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """Stand in for the page: answer 200, or accept the WebSocket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("secret", headers=OWN_HEADER)(scope, receive, send)


GUARDED = SecurityHeaders(inner)
OPEN = SecurityHeaders(inner, loopback_only=False)


def test_every_answer_carries_the_headers_once_even_when_the_app_set_its_own() -> None:
    reply = ask(GUARDED, "/")
    assert {name: reply.headers[name.lower()] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    names = [name for name, _ in reply.sent[0]["headers"]]
    assert len(names) == len(set(names))
    assert reply.headers["x-own"] == "kept"


def test_a_refusal_carries_the_headers_too() -> None:
    assert "content-security-policy" in ask(GUARDED, "/", host="evil.example").headers


def test_the_policy_names_no_other_host() -> None:
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY
    assert "default-src 'self'" in CONTENT_SECURITY_POLICY
    assert "object-src 'none'" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8501", "localhost:8501", "LOCALHOST:8501", "[::1]:8501", "[::1]"]
)
def test_loopback_is_known_by_all_its_names(host: str) -> None:
    assert ask(GUARDED, "/", host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "127.0.0.1.evil.example:8501", "localhost.evil.example", "10.0.0.7", ""],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_name_pointed_at_this_machine_by_somebody_else_reads_nothing(host: str, kind: str) -> None:
    reply = ask(GUARDED, "/", host=host, kind=kind)
    assert b"secret" not in reply.body
    if kind == "http":
        assert reply.status == 421
    else:
        assert [message["type"] for message in reply.sent] == ["websocket.close"]


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:9999", "https://evil.example:8501", "null"]
)
@pytest.mark.parametrize("app", [GUARDED, OPEN], ids=["loopback", "open"])
def test_a_page_of_another_site_reads_nothing(app: SecurityHeaders, origin: str) -> None:
    assert ask(app, "/", origin=origin).status == 403
    assert [message["type"] for message in ask(app, "/", kind="websocket", origin=origin).sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("host", "origin"),
    [("127.0.0.1:8501", "http://127.0.0.1:8501"), ("localhost:8501", "http://localhost:8501"), ("127.0.0.1:8501", "")],
)
def test_its_own_page_is_answered(host: str, origin: str) -> None:
    headers = {"origin": origin} if origin else {}
    assert ask(GUARDED, "/", host=host, **headers).status == 200
    assert [m["type"] for m in ask(GUARDED, "/", host=host, kind="websocket", **headers).sent] == ["websocket.accept"]


def test_a_server_opened_to_others_answers_to_any_name() -> None:
    assert ask(OPEN, "/", host="atlas.example:8501").status == 200
    assert ask(OPEN, "/", host="atlas.example", origin="https://atlas.example").status == 200


def handshake(server: Server, host: str, origin: str) -> str:
    """Ask the running program for the page's WebSocket and give the status line of its answer."""
    port = int(server.url.rpartition(":")[2])
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host.format(port=port)}",
        *([f"Origin: {origin.format(port=port)}"] if origin else []),
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return connection.recv(200).split(b"\r\n")[0].decode()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}", "101"),
        ("evil.example:{port}", "http://evil.example:{port}", "403"),
        ("evil.example:{port}", "", "403"),
        # Streamlit would ask the internet for this machine's address before it refused; `served` fails if it did.
        ("127.0.0.1:{port}", "http://evil.example", "403"),
    ],
)
def test_the_running_program_guards_its_websocket(served: Server, host: str, origin: str, status: str) -> None:
    assert handshake(served, host, origin).split()[1] == status
    assert served.network_log.read_text(encoding="utf-8") == ""
