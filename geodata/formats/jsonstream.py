"""Walk through JSON text item by item, so that a file of 200 MB never stands in memory as objects."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from geodata.errors import FileError

MAX_VALUE_BYTES: Final = 2 << 20
#: How deep a list of records may stand in objects: `a.b.c.d`.
_MAX_DEPTH: Final = 4
_PIECE_BYTES: Final = 1 << 20
_LONGEST_WORD: Final = 16  # `-Infinity`, or an escape of two halves; anything else ends sooner.
#: An object that ends with its line and another that begins on the next.
_LINES: Final = re.compile(rb"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")
#: Name of the table of sources that records of TimeMap point to.
SOURCES: Final = "sources"
_BLANK: Final = re.compile(r"[ \t\r\n]*")


class JsonStream:
    """Read JSON text value by value."""

    def __init__(self, data: bytes, name: str, decoder: json.JSONDecoder) -> None:
        self._data = data
        self._name = name
        self._decoder = decoder
        self._letters = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._at = 0
        self._taken = 0

    def sign(self) -> str:
        """Return the next sign that is not blank, without taking it; empty at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, signs: str) -> str:
        """Take the next sign, which must be one of `signs`.

        Raises
        ------
        FileError
            When it is another one, or the text ends here.
        """
        found = self.sign()
        if not found or found not in signs:
            expected = " or ".join(map(repr, signs))
            why = f"{expected} is expected"
            raise self._refusal(why, self._at)
        self._at += 1
        return found

    def value(self) -> Any:
        """Take the next value whole.

        Raises
        ------
        FileError
            When it is no JSON, or longer than one value may be.
        """
        self.sign()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._may_go_on(error) and self._more():
                    continue
                raise self._refusal(error.msg, error.pos) from error
            # A number may go on in the next piece.
            if end == len(self._text) and self._more():
                continue
            self._at = end
            return found

    def items(self) -> Iterator[Any]:
        """Take a list, yielding its items."""
        self.take("[")
        if self.sign() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def keys(self) -> Iterator[str]:
        """Take an object, yielding its keys; the caller takes the value of each before it goes on."""
        self.take("{")
        if self.sign() == "}":
            self.take("}")
            return
        while True:
            if self.sign() != '"':
                why = "the name of a value in double quotes is expected"
                raise self._refusal(why, self._at)
            key = str(self.value())
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def end(self) -> None:
        """Refuse text behind the last value.

        Raises
        ------
        FileError
            When there is some.
        """
        if self.sign():
            why = "more text stands behind its end"
            raise self._refusal(why, self._at)

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Tell whether the text is only cut off here, in a string or in one of the last signs."""
        return error.msg.startswith("Unterminated") or error.pos > len(self._text) - _LONGEST_WORD

    def _more(self) -> bool:
        """Put the next piece behind what is left of the text; False at the end."""
        if self._taken >= len(self._data):
            return False
        left = self._text[self._at :]
        if len(left) >= MAX_VALUE_BYTES:
            msg = (
                f"{self._name} holds a value of more than {MAX_VALUE_BYTES >> 20} MB (one record, or a shape), "
                "more than is read; simplify the shape, or save the table as CSV"
            )
            raise FileError(msg)
        # As much again as is left: a long value is tried a few times only.
        end = self._taken + min(max(_PIECE_BYTES, len(left)), MAX_VALUE_BYTES)
        self._text = left + self._letters.decode(self._data[self._taken : end], final=end >= len(self._data))
        self._at, self._taken = 0, end
        return True

    def _refusal(self, why: str, at: int) -> FileError:
        left = len(self._text[at:].encode("utf-8", errors="replace"))
        byte = max(min(self._taken, len(self._data)) - left, 0)
        line = self._data.count(b"\n", 0, byte) + 1
        said = "ends in the middle" if at >= len(self._text) else f"is not JSON: {why}"
        where = f"line {line:,}, byte {byte:,}"
        return FileError(f"{self._name} {said} ({where}); open it where it was made and save it again")


def walk(data: bytes, name: str, decoder: json.JSONDecoder) -> Iterator[tuple[str, Any, bool]]:
    """Yield what stands in a file of JSON, or of an object on each line, without holding it.

    Yields
    ------
    tuple
        The path to a value (`a.b`, empty at the top), the value, and whether it is an item of the list at that path.
    """
    stream = JsonStream(data, name, decoder)
    if _LINES.match(data):
        while stream.sign():
            yield "", stream.value(), True
        return
    if stream.sign() == "[":
        yield from (("", item, True) for item in stream.items())
    elif stream.sign() == "{":
        yield from _inside(stream, "", 1)
    else:
        yield "", stream.value(), False
    stream.end()


def _inside(stream: JsonStream, path: str, depth: int) -> Iterator[tuple[str, Any, bool]]:
    for key in stream.keys():  # noqa: SIM118 - a stream is no mapping
        here = f"{path}.{key}" if path else key
        sign = stream.sign()
        if sign == "[":
            yield from ((here, item, True) for item in stream.items())
        elif sign == "{" and key == SOURCES:
            yield from _by_id(stream, here)
        elif sign == "{" and depth < _MAX_DEPTH:
            yield from _inside(stream, here, depth + 1)
        else:
            yield here, stream.value(), False


def _by_id(stream: JsonStream, path: str) -> Iterator[tuple[str, Any, bool]]:
    """Yield the objects of a table that is written as an object, each under its id."""
    for key in stream.keys():  # noqa: SIM118 - a stream is no mapping
        value = stream.value()
        if isinstance(value, dict):
            yield path, {"id": key, **value}, True
        else:
            yield f"{path}.{key}", value, False
