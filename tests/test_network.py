"""The suite itself: nothing leaves the machine, and the browser's complaints are heard."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import OpenPage, Traffic
from network import NetworkCutError

pytestmark = pytest.mark.skipif("config.getoption('--open-network')", reason="the network was opened by hand")
OTHER_MACHINE = "192.0.2.1"  # kept for documentation by RFC 5737: nobody is there


def test_another_machine_cannot_be_reached() -> None:
    with pytest.raises(NetworkCutError, match=OTHER_MACHINE):
        socket.create_connection((OTHER_MACHINE, 80), timeout=1)
    with pytest.raises(NetworkCutError, match=OTHER_MACHINE), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"x", (OTHER_MACHINE, 53))


def test_another_name_is_not_looked_up() -> None:
    with pytest.raises(NetworkCutError, match="example"):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        pass


def test_processes_started_by_tests_are_cut_off_too(tmp_path: Path) -> None:
    log = tmp_path / "network.log"
    cut = {"PYTHONPATH": str(Path(__file__).parent / "cut"), "INCIDENTS_NETWORK_LOG": str(log)}
    code = f"import socket; socket.create_connection(({OTHER_MACHINE!r}, 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **cut}, capture_output=True, check=False)
    assert b"NetworkCutError" in done.stderr
    assert OTHER_MACHINE in log.read_text(encoding="utf-8")


@pytest.fixture
def leaky_site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "index.html").write_text(
        "<link rel='icon' href='data:,'><img src='http://example.org/x.png'><script>undefinedName()</script>"
    )

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=tmp_path)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()


def test_a_foreign_request_and_a_script_error_are_noticed(
    leaky_site: str, open_page: OpenPage, traffic: Traffic
) -> None:
    open_page().goto(leaky_site)
    assert traffic.foreign == ["http://example.org/x.png"]
    assert any("undefinedName" in error for error in traffic.errors)
    assert len(traffic.problems) == 1 + len(traffic.errors)
    # Seen; now clean, so that the fixture does not fail this test for them.
    traffic.foreign.clear()
    traffic.errors.clear()
