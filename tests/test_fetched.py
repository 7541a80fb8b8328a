"""Files from addresses: off until a host is switched on by name, and never from another one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from geodata.errors import AtlasError, FileError, QueryError, ServiceError
from geodata.fetched import HOSTS_VARIABLE, allowed_hosts, check_address, fetch, file_name

BODY = b"date,place\n2021-07-29,Erbil\n"


class Files(BaseHTTPRequestHandler):
    """Gives one file, one address that leads away, and nothing else."""

    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "https://elsewhere.example/a.csv")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/a.csv" else 404)
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_no_host_is_on_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOSTS_VARIABLE, raising=False)
    assert allowed_hosts() == ()
    monkeypatch.setenv(HOSTS_VARIABLE, "Data.example.org  127.0.0.1")
    assert allowed_hosts() == ("data.example.org", "127.0.0.1")


def test_a_file_is_fetched_from_a_host_that_is_on(host: str, tmp_path: Path) -> None:
    fetch(f"{host}/a.csv", tmp_path / "a.csv", ["127.0.0.1"])
    assert (tmp_path / "a.csv").read_bytes() == BODY


@pytest.mark.parametrize(
    ("path", "limit", "error", "told"),
    [
        ("away", 1000, QueryError, "elsewhere.example"),
        ("missing", 1000, ServiceError, "404"),
        ("a.csv", 10, FileError, "10 bytes"),
    ],
)
def test_what_cannot_be_had_leaves_nothing(
    host: str, tmp_path: Path, path: str, limit: int, error: type[AtlasError], told: str
) -> None:
    with pytest.raises(error, match=told):
        fetch(f"{host}/{path}", tmp_path / "a.csv", ["127.0.0.1"], limit=limit)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://other.example/a.csv", "these are: data.example"),
        ("http://data.example/a.csv", "https://"),
        ("file:///etc/passwd", "no host"),
        ("https://me:secret@data.example/a.csv", "password"),
        ("https://data.example@other.example/a.csv", "no host"),
        ("https://[", "no host"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(address: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        check_address(address, ["data.example"])


def test_an_address_names_its_file() -> None:
    assert file_name("https://data.example/x/acled%202021.csv?key=1") == "acled 2021.csv"
    assert file_name("https://data.example/") == "fetched"
