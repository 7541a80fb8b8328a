"""Give a file of the web as a file of this machine, while it is read; `geodata.fetched` says what may be asked."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from geodata.fetched import allowed_hosts, check_address, fetch, file_name
from geodata.formats.limits import Cancel, Progress, stop_if

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_NOT_IN_A_NAME: Final = re.compile(r"[^\w.-]+")


def is_address(path: str | Path) -> bool:
    """Tell an address from the name of a file."""
    return isinstance(path, str) and _ADDRESS.match(path) is not None


@contextmanager
def local_copy(
    address: str, hosts: Collection[str], *, progress: Progress | None = None, cancel: Cancel | None = None
) -> Iterator[Path]:
    """Give a copy of what stands at an address.

    Parameters
    ----------
    hosts
        Hosts that a person switched on by name for this import, besides those that are on for the program.

    Raises
    ------
    QueryError
        When the host is not switched on.
    ServiceError
        When it does not answer; nothing was read then.
    """

    def told(doing: str, part: float) -> None:
        stop_if(cancel)
        if progress is not None:
            progress(doing, part)

    on = (*allowed_hosts(), *(host.lower() for host in hosts))
    check_address(address, on)
    with tempfile.TemporaryDirectory(prefix="atlas-") as folder:
        target = Path(folder) / (_NOT_IN_A_NAME.sub("_", file_name(address))[-100:].lstrip(".") or "fetched")
        fetch(address, target, on, progress=told)
        yield target
