"""Name the limits for files that come in, and hold archives to them before anything is unpacked."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from typing import Final

from geodata.errors import AtlasError, FileError

MAX_TEXT_BYTES: Final = 1 << 31
MAX_PACKAGE_BYTES: Final = 200 << 20  # A workbook, a map file or a JSON file: parsed whole, so held smaller than text.
MAX_RATIO: Final = 100  # Text shrinks to a tenth, a drawing of one colour to a thousandth: above 100 it is no table.
MAX_ENTRIES: Final = 2_000
MAX_COLUMNS: Final = 2_000
MAX_ITEMS: Final = 2_000_000  # Records of a JSON file.
MAX_SHEET_ROWS: Final = 1_048_576  # What a spreadsheet can hold.
MAX_FILES: Final = 2_000
_RATIO_FROM_BYTES: Final = 10 << 20  # Small things that shrink well are harmless.

#: For the child process that reads untrusted containers; see `geodata.formats.child`. A small file gets little:
#: what asks for more is no table but a trap.
_CHILD_MOST_BYTES: Final = 1_500_000_000
_CHILD_LEAST_BYTES: Final = 240_000_000  # A hundred of it is the code that reads map files.
_CHILD_BYTES_PER_BYTE: Final = 300
_CHILD_CPU_SECONDS: Final = 6
_CPU_SECONDS_PER_MB: Final = (8.0, 0.25)  # Up to 3 MB, where a workbook may be read cell by cell, and beyond.
_SLOWLY_READ_MB: Final = 3
#: A table may grow more than an archive: one that is kept by columns names a text that stands in many rows once.
_MAX_TABLE_RATIO: Final = 200
_TABLE_RATIO_FROM_BYTES: Final = 50 << 20
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def child_seconds(size: int) -> int:
    """Return how many seconds of work a container of `size` bytes may cost; on the clock it may take twice as long."""
    megabytes = size / 1_000_000
    slowly, quickly = min(megabytes, _SLOWLY_READ_MB), max(megabytes - _SLOWLY_READ_MB, 0)
    return _CHILD_CPU_SECONDS + int(slowly * _CPU_SECONDS_PER_MB[0] + quickly * _CPU_SECONDS_PER_MB[1])


def child_memory(size: int) -> int:
    """Return how many bytes of memory the reader of a container of `size` bytes may have."""
    return min(_CHILD_LEAST_BYTES + _CHILD_BYTES_PER_BYTE * size, _CHILD_MOST_BYTES)


def too_much_memory(name: str, memory: int) -> str:
    """Say that a container asks for more than the `memory` bytes it is given."""
    return (
        f"{name} asks for more than the {memory // 1_000_000:,} MB of memory given to a file of its size, "
        "or ends its reader; save it as CSV and read that file"
    )


def refuse_large_table(written: int, packed: int, name: str) -> None:
    """Refuse a container of `packed` bytes whose tables take `written` bytes so far.

    Raises
    ------
    FileError
        When they passed the limit of bytes or of growth.
    """
    refuse_size(written, MAX_TEXT_BYTES, f"{name}, unpacked,")
    if written > _TABLE_RATIO_FROM_BYTES and written > _MAX_TABLE_RATIO * max(packed, 1):
        msg = (
            f"{name} grows more than {_MAX_TABLE_RATIO} times when it is unpacked; it was not read, save it as CSV if "
            "its records are really that much alike"
        )
        raise FileError(msg)


Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]


class CancelledError(AtlasError):
    """The reader of a file asked to stop; nothing was taken from the file and nothing was changed in it."""


def stop_if(cancel: Cancel | None) -> None:
    """Stop the import when the caller asks for it.

    Raises
    ------
    CancelledError
        When `cancel` says so.
    """
    if cancel is not None and cancel():
        msg = "the import was stopped before it was complete; nothing was taken from the file"
        raise CancelledError(msg)


def refuse_size(size: int, limit: int, name: str) -> None:
    """Refuse a file of more than `limit` bytes.

    Raises
    ------
    FileError
        Naming the size, the limit and the way out.
    """
    if size > limit:
        msg = (
            f"{name} holds {size:,} bytes, more than the {limit:,} that are read of such a file; "
            "split it, by year for instance, or save it as CSV"
        )
        raise FileError(msg)


def check_archive(archive: zipfile.ZipFile, name: str, *, limit: int) -> list[zipfile.ZipInfo]:
    """Return the files in a ZIP archive, refusing what could fill the disk or leave its folder.

    Parameters
    ----------
    limit
        Bytes that all entries together may hold unpacked.

    Raises
    ------
    FileError
        When there are too many entries, too many bytes, a suspicious ratio, an unsafe name or a password.
    """
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        msg = f"{name} holds {len(entries):,} files, more than {MAX_ENTRIES:,}; unpack it and read what you need"
        raise FileError(msg)
    refuse_size(sum(entry.file_size for entry in entries), limit, f"{name}, unpacked,")
    for entry in entries:
        _refuse_entry(entry, name)
    return entries


def _refuse_entry(entry: zipfile.ZipInfo, name: str) -> None:
    parts = entry.filename.replace("\\", "/").split("/")
    if ".." in parts or entry.filename.startswith("/") or "\\" in entry.filename or _DRIVE.match(entry.filename):
        msg = f"{name} holds a file whose name leaves the archive ({entry.filename[:200]!r}); it was not unpacked"
        raise FileError(msg)
    if entry.flag_bits & 0x1:
        msg = f"{name} is protected by a password; unpack it first and read the files in it"
        raise FileError(msg)
    if entry.file_size > _RATIO_FROM_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        msg = (
            f"{name} holds a file that grows {entry.file_size // max(entry.compress_size, 1):,} times when unpacked, "
            f"more than the {MAX_RATIO} allowed; it was not unpacked"
        )
        raise FileError(msg)


def refuse_growth(written: int, packed: int, name: str, *, limit: int = MAX_TEXT_BYTES) -> None:
    """Refuse data that is still growing while it is unpacked.

    Raises
    ------
    FileError
        When it passed the limit of bytes or of growth.
    """
    refuse_size(written, limit, f"{name}, unpacked,")
    if written > _RATIO_FROM_BYTES and written > MAX_RATIO * max(packed, 1):
        msg = f"{name} grows more than {MAX_RATIO} times when unpacked; it was not read"
        raise FileError(msg)
