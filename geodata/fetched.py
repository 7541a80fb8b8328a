"""Fetch a file of incidents from a host that was switched on by name; without one, nothing is ever fetched."""

from __future__ import annotations

import ipaddress
import os
import re
import urllib.request
from collections.abc import Collection
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote, urlsplit

from geodata.errors import AtlasError, FileError, QueryError, ServiceError
from geodata.formats.limits import MAX_TEXT_BYTES, Progress

#: Environment variable with the hosts that files may be fetched from, separated by spaces; the launcher sets it.
HOSTS_VARIABLE: Final = "INCIDENTS_ONLINE_FILES"
TIMEOUT_S: Final = 30
_CHUNK: Final = 1 << 20
_SECRETS: Final = re.compile(r"[?#].*|(?<=://)[^/?#]*@", re.DOTALL)


def allowed_hosts() -> tuple[str, ...]:
    """Give the hosts that were switched on by name; none by default."""
    return tuple(os.environ.get(HOSTS_VARIABLE, "").lower().split())


def check_address(address: str, hosts: Collection[str]) -> str:
    """Give the host of an address that may be asked.

    Raises
    ------
    QueryError
        When the address is none of a host that was switched on, or would not be asked in secret.
    """
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        parts, host = urlsplit(""), ""
    if host not in hosts:
        on = ", ".join(hosts) or "none"
        msg = (
            f"{without_secrets(address)!r} is on no host that was switched on (these are: {on}); "
            "name its host when you start (incidents import --online HOST, or --online-files HOST for the page), "
            "or save the file and read that."
        )
        raise QueryError(msg)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(host)):
        msg = f"{without_secrets(address)!r} is not asked in secret: give an address that begins with https://."
        raise QueryError(msg)
    if parts.username or parts.password:
        msg = "The address holds a name or password, which would be sent and kept: leave them out."
        raise QueryError(msg)
    return host


def without_secrets(address: str) -> str:
    """Return an address as it may be noted: without a key in its query and without name and password."""
    return _SECRETS.sub("", address)[:200]


def is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class SameHosts(urllib.request.HTTPRedirectHandler):
    """Follow a redirect only to a host that was switched on."""

    def __init__(self, hosts: Collection[str]) -> None:
        self.hosts = hosts

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """Refuse to go on to another host."""
        check_address(newurl, self.hosts)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def file_name(address: str) -> str:
    """Give the last part of an address, which names the file."""
    return unquote(urlsplit(address).path).rpartition("/")[2] or "fetched"


def fetch(
    address: str, target: Path, hosts: Collection[str], *, limit: int = MAX_TEXT_BYTES, progress: Progress | None = None
) -> None:
    """Fetch a file, whole or not at all.

    Raises
    ------
    QueryError
        When the address, or one it leads to, is on no host that was switched on.
    FileError
        When the file is larger than the limit.
    ServiceError
        When the host does not answer.
    """
    host = check_address(address, hosts)
    opener = urllib.request.build_opener(SameHosts(hosts))
    request = urllib.request.Request(address, headers={"User-Agent": "incident-atlas"})  # noqa: S310  checked above
    part = target.with_name(f".{target.name}.part")
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer, part.open("wb") as file:
            size = int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(_CHUNK):
                if file.tell() + len(chunk) > limit:
                    msg = f"{address[:200]!r} holds more than the {limit:,} bytes that are read; fetch a part of it."
                    raise FileError(msg)
                file.write(chunk)
                if progress and size:
                    progress(f"fetching from {host}", min(file.tell() / size, 1.0))
        part.replace(target)
    except AtlasError:
        raise
    except (OSError, HTTPException, ValueError) as error:
        msg = f"{host} did not give {address[:200]!r} ({error}): try again later, or fetch it yourself and drop it in."
        raise ServiceError(msg) from error
    finally:
        part.unlink(missing_ok=True)
