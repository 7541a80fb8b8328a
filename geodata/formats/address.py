"""Fetch a file from an address of the web, when and only when a person switched that on for this import."""

from __future__ import annotations

import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, Final

from geodata.errors import FileError, ServiceError
from geodata.formats.limits import MAX_TEXT_BYTES, Cancel, refuse_size, stop_if

_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_ANY_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_TIMEOUT_S: Final = 30
_WHOLE_S: Final = 600
_CHUNK: Final = 1 << 20
_SECRETS: Final = re.compile(r"[?#].*|(?<=://)[^/?#]*@", re.DOTALL)
_NAME: Final = re.compile(r"[^\w.-]+")


class _SameKind(urllib.request.HTTPRedirectHandler):
    """Follow a redirection to another page of the web, and to nothing else."""

    def redirect_request(self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not _WEB.match(newurl):
            reason = f"it leads to {newurl[:200]!r}"
            raise urllib.error.URLError(reason)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def is_address(path: str | Path) -> bool:
    """Tell an address from the name of a file."""
    return isinstance(path, str) and _ANY_SCHEME.match(path) is not None


def without_secrets(address: str) -> str:
    """Return an address as it may be noted: without a key in its query and without name and password."""
    # Not by urllib: it refuses what is no address at all, and that is shown here too.
    return _SECRETS.sub("", address)[:200]


@contextmanager
def fetched(address: str, *, online: bool, cancel: Cancel | None = None) -> Iterator[Path]:
    """Give a copy of what stands at an address, for as long as it is read.

    Parameters
    ----------
    online
        Must be True, and only a person's own choice may make it so.

    Raises
    ------
    FileError
        When it is off, the address is none of the web, or the file is too large.
    ServiceError
        When nothing is answered; nothing was read then.
    """
    if not _WEB.match(address):
        msg = f"{without_secrets(address)!r} is no address of the web; give a file, or an address that begins with https://"
        raise FileError(msg)
    if not online:
        msg = f"{without_secrets(address)!r} was not asked for: reading from the web is off; switch it on to ask it"
        raise FileError(msg)
    with tempfile.TemporaryDirectory(prefix="atlas-") as folder:
        name = _NAME.sub("_", without_secrets(address).rpartition("/")[2])[-100:].lstrip(".")
        target = Path(folder) / (name or "download")
        try:
            _fetch(address, target, cancel)
        except (OSError, HTTPException, ValueError) as error:
            shown = without_secrets(address)
            msg = f"{shown!r} cannot be fetched: {error}; nothing was read, try again or fetch it by hand"
            raise ServiceError(msg) from error
        yield target


def _fetch(address: str, target: Path, cancel: Cancel | None) -> None:
    opener = urllib.request.build_opener(_SameKind)
    request = urllib.request.Request(address, headers={"User-Agent": "Incident Atlas"})  # noqa: S310  http(s) only, above
    deadline = time.monotonic() + _WHOLE_S
    written = 0
    with opener.open(request, timeout=_TIMEOUT_S) as answer, target.open("wb") as file:
        while chunk := answer.read(_CHUNK):
            stop_if(cancel)
            written += len(chunk)
            refuse_size(written, MAX_TEXT_BYTES, target.name)
            if time.monotonic() > deadline:
                msg = f"it took longer than {_WHOLE_S} seconds"
                raise TimeoutError(msg)
            file.write(chunk)
