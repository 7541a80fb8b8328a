"""Cut this process off from every network but its own machine, and note who tried to leave.

``tests/conftest.py`` cuts the test run; ``tests/cut/sitecustomize.py`` cuts every Python process that a test starts.
Connections made inside C libraries are not seen here: the browser has its own lock (``conftest.CHROMIUM_FLAGS``), and
no other library in use is ever given an address to open.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

# What another machine can be reached with, and which of its arguments says where.
_METHODS = {"connect": 0, "connect_ex": 0, "sendto": -1}
_LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")


class NetworkCutError(OSError):
    """Something tried to reach another machine while tests run; it must not."""


def cut(log: Path | None = None) -> None:
    """Make every attempt to look up or to reach another machine raise.

    Parameters
    ----------
    log : Path or None
        A file to which each attempt is added as one line, for a process whose own error nobody sees.
    """

    def guarded(original: Callable[..., Any], where: Callable[..., str]) -> Callable[..., Any]:
        def guard(*args: Any, **kwargs: Any) -> Any:
            if place := where(*args):
                _refuse(place, log)
            return original(*args, **kwargs)

        return guard

    for name, position in _METHODS.items():
        # On the class itself, because asyncio and http.client hold the class already.
        original = getattr(socket.socket, name)
        setattr(socket.socket, name, guarded(original, lambda it, *args, i=position: _leaves(it.family, args[i])))
    for name in _LOOK_UPS:
        setattr(socket, name, guarded(getattr(socket, name), lambda host=None, *_: _foreign_name(host)))


def _refuse(place: str, log: Path | None) -> None:
    message = f"the network is cut while tests run; tried to reach {place}"
    if log is not None:
        callers = " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(traceback.extract_stack(limit=9)[:-2]))
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{message}, in {sys.argv[:2]}, from {callers}\n")
    raise NetworkCutError(message)


def _leaves(family: int, address: Any) -> str:
    """Return the host an address stands for when it is not this machine, else ""."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return ""
    host = str(address[0])
    try:
        return "" if ipaddress.ip_address(host.partition("%")[0]).is_loopback else host
    except ValueError:
        return _foreign_name(host)


def _foreign_name(host: Any) -> str:
    """Return a host name that only another machine could explain, else "". A number needs no look-up."""
    text = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "" if text == "localhost" else text
    return ""
