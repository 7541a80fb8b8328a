"""Bring text of any encoding that is met in the field to UTF-8, and say how the encoding was told.

A file that has to be turned is read in pieces: neither its own bytes nor its letters are ever held whole beside the
UTF-8 that comes out.
"""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from geodata.errors import FileError

#: Note of a file in which some bytes are no text: rows that hold them are refused.
SPOILT: Final = "some bytes are not"
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_WIDE_MARKS: Final = ((b"\xff\xfe\x00\x00", "utf-32-le"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CONFLICT: Final = b"<<<<<<< "
_HEAD_BYTES: Final = 4096
_PIECE_LETTERS: Final = 1 << 18
_TOLD_BY_RUNS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Text:
    """Hold the bytes of a file as UTF-8 without its byte order mark."""

    data: bytes
    encoding: str
    notes: tuple[str, ...] = ()


def read_utf8(path: Path, name: str, *, encoding: str | None = None) -> Text:
    """Return the text of a file as UTF-8, saying which encoding was read and how it was told.

    Parameters
    ----------
    name
        What to call the file in messages.
    encoding
        To be used instead of what the bytes show.

    Raises
    ------
    FileError
        When the bytes are no text in the encoding asked for, or no text at all; or when the file changed meanwhile.
    """
    before = path.stat()
    text = _read(path, name, encoding)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        msg = f"{name} changed while it was read; nothing was taken from it, read it again when it is complete"
        raise FileError(msg)
    return text


def _read(path: Path, name: str, encoding: str | None) -> Text:
    if encoding:
        return _recoded(path, name, encoding, f"read as {encoding}, as asked")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for mark, code in _WIDE_MARKS:
        if head.startswith(mark):
            return _recoded(path, name, code, f"read as {code.upper()}, told by its byte order mark", skip=len(mark))
    wide = _wide(head)
    if wide:
        return _recoded(path, name, wide, "read as UTF-16, told by its zero bytes")
    skip = len(_UTF8_MARK) if head.startswith(_UTF8_MARK) else 0
    with path.open("rb") as file:
        file.seek(skip)
        data = file.read()
    _refuse_binary(data, name)
    if is_utf8(data):
        return Text(data, "utf-8")
    code, note = ("utf-8", "") if skip else _single_byte(data)
    del data  # It is read again in pieces.
    return _recoded(path, name, code, note, skip=skip)


def is_utf8(data: bytes) -> bool:
    """Tell whether bytes are UTF-8."""
    # pyarrow checks in place; decoding 700 MB to find out would take as much again, twice.
    offsets = pa.array([0, len(data)], pa.int64()).buffers()[1]
    try:
        pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _wide(head: bytes) -> str:
    """Name the order of bytes of UTF-16 without a mark: the one in which nearly all letters are of known scripts."""
    head = head[: len(head) // 2 * 2]
    if head.count(0) * 50 < len(head) or len(head) < 8:
        return ""
    for code in ("utf-16-le", "utf-16-be"):
        text = head.decode(code, errors="replace")
        known = sum(
            1 for letter in text if " " <= letter < "\u0250" or "\u0600" <= letter < "\u0780" or letter in "\r\n\t"
        )
        if known > len(text) * 0.97:
            return code
    return ""


def _refuse_binary(data: bytes, name: str) -> None:
    if not re.search(rb"[^ \t\r\n,;|]", data):
        msg = f"{name} is empty; it needs a line that names the columns and a line for each record"
        raise FileError(msg)
    if data.count(b"\x00") > max(16, len(data) // 1000):
        msg = f"{name} holds binary data (NUL bytes), not text; save it as CSV UTF-8 and read that file"
        raise FileError(msg)
    conflict = 0 if data.startswith(_CONFLICT) else data.find(b"\n" + _CONFLICT) + 1
    if data.startswith(_CONFLICT, conflict):
        line = data.count(b"\n", 0, conflict) + 1
        msg = f"{name} holds an unresolved git conflict on line {line}; resolve it first, then read the file again"
        raise FileError(msg)


def _recoded(path: Path, name: str, encoding: str, note: str, *, skip: int = 0) -> Text:
    """Turn a file into UTF-8, without its first `skip` bytes."""
    notes = (note,) if note else ()
    try:
        return Text(_turned(path, encoding, skip, "strict"), encoding, notes)
    except UnicodeDecodeError as error:
        # Each byte of an 8-bit encoding is a letter: one that is none shows that it is another encoding.
        if encoding.casefold().startswith("cp"):
            raise FileError(_no_encoding(name, encoding, error)) from error
    except (LookupError, ValueError) as error:
        raise FileError(_no_encoding(name, encoding, error)) from error
    spoilt = f"{SPOILT} {encoding.upper()}; the rows that hold them are refused"
    return Text(_turned(path, encoding, skip, "replace"), encoding, (*notes, spoilt))


def _no_encoding(name: str, encoding: str, error: Exception) -> str:
    return f"{name} cannot be read as {encoding}: {error}; name another encoding, such as utf-8, cp1256 or latin-1"


def _turned(path: Path, encoding: str, skip: int, errors: str) -> bytes:
    out = io.BytesIO()
    with path.open("rb") as file:
        file.seek(skip)
        letters = io.TextIOWrapper(file, encoding, errors, newline="")
        while piece := letters.read(_PIECE_LETTERS):
            out.write(piece.encode("utf-8", errors="replace"))
    return out.getvalue()


def _single_byte(data: bytes) -> tuple[str, str]:
    """Tell broken UTF-8 from an old 8-bit encoding, and Arabic from western European; return it and what told it."""
    proper = re.search(rb"[\xc3-\xf4][\x80-\xbf]{1,3}", data) is not None
    if proper and data.count(b"\n") > 2 and _mostly_utf8(data):
        return "utf-8", ""
    runs = itertools.islice(re.finditer(rb"[\x80-\xff]+", data), _TOLD_BY_RUNS)
    lengths = [run.end() - run.start() for run in runs]
    # Arabic words are runs of high bytes; accents stand alone between plain letters.
    code = "cp1256" if sum(length for length in lengths if length > 1) > sum(lengths) / 2 else "cp1252"
    if code == "cp1252" and re.search(rb"[\x81\x8d\x8f\x90\x9d]", data):
        code = "latin-1"
    why = "its words are runs of Arabic letters" if code == "cp1256" else "it holds single accented letters"
    return code, f"not UTF-8; read as {code}, because {why}; name the encoding if letters look wrong"


def _mostly_utf8(data: bytes) -> bool:
    lines = data[: 1 << 22].splitlines()
    bad = sum(1 for line in lines if not is_utf8(line))
    return bad * 2 < len(lines)
