"""Zip files whose bytes depend on their content alone."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable

#: The oldest time a zip file can hold: a time of day in it would make every file another one.
NO_TIME = (1980, 1, 1, 0, 0, 0)

_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def pack(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Zip members in the order given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name, data in members:
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, data)
    return out.getvalue()


def repack(data: bytes, *, day: str) -> bytes:
    """Zip an Office file's members again without the times at which another library wrote them.

    Parameters
    ----------
    day
        Day of production, ISO 8601, that stands as the time of the last change.
    """
    stamp = _MODIFIED.sub
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = [(name, packed.read(name)) for name in packed.namelist()]
    written = rb"\g<1>" + day.encode("ascii") + rb"T00:00:00Z\g<2>"
    return pack((name, stamp(written, body) if name == "docProps/core.xml" else body) for name, body in members)
