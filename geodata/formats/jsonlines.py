"""Read an object on each line: a line that is broken is named and costs no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from geodata.csvtext import BrokenRow, shorten
from geodata.formats.jsonstream import MAX_VALUE_BYTES

_ENDINGS: Final = (".jsonl", ".ndjson", ".geojsonl", ".geojsons")
_LOOKED_AT: Final = 20
_FIX: Final = "repair the line, or make the file again where it was made"


def is_lines(data: bytes, name: str) -> bool:
    """Tell whether a file holds an object on each line, though some of its lines may be broken.

    Two whole objects among the first lines, and more of them than of other lines; one is enough where the name says so.
    """
    seen = whole = 0
    for _, line in _lines(data):
        seen += 1
        whole += isinstance(_tried(line), dict)
        if seen == _LOOKED_AT:
            break
    named = name.lower().endswith(_ENDINGS)
    return seen > 1 and (whole > 0 if named else whole > 1 and 2 * whole > seen)


def read_lines(data: bytes, decoder: json.JSONDecoder) -> Iterator[tuple[int, Any]]:
    """Yield what stands on each line with its number from 1; a `BrokenRow` for what cannot be read."""
    for number, line in _lines(data):
        if len(line) > MAX_VALUE_BYTES:
            reason = f"the line holds more than the {MAX_VALUE_BYTES >> 20} MB that are read of one record"
            start = line[:200].decode("utf-8", errors="replace")
            yield number, BrokenRow(number, f"{start}… ({len(line):,} bytes)", "record_too_long", reason, "shorten it")
            continue
        yield from ((number, value) for value in _values(number, line.decode("utf-8", errors="replace"), decoder))


def line_texts(data: bytes, broken: list[BrokenRow]) -> dict[int, str]:
    """Return the lines that are broken as the file has them, by their number; of one that is too long its start."""
    wanted = {row.line for row in broken}
    return {
        number: line[:MAX_VALUE_BYTES].decode("utf-8", errors="replace")
        for number, line in (_lines(data) if wanted else ())
        if number in wanted
    }


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that hold anything, cut one by one: a file of 200 MB is not held twice."""
    start = number = 0
    while start < len(data):
        number += 1
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end].strip()
        if line:
            yield number, line
        start = end + 1


def _tried(line: bytes) -> Any:
    try:
        return json.loads(line) if len(line) <= MAX_VALUE_BYTES else None
    except (ValueError, RecursionError):
        return None


def _values(number: int, text: str, decoder: json.JSONDecoder) -> list[Any]:
    """Return the objects of a line, or what is wrong with it: half a line is never taken."""
    values, at = [], 0
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            return [_broken(number, text, error.pos, f"is not JSON: {error.msg}")]
        except RecursionError:
            return [_broken(number, text, at, "is nested deeper than any record")]
        if value is not None and not isinstance(value, dict):
            return [_broken(number, text, at, "holds no record in braces")]
        values.append(value)
        at = len(text) - len(text[end:].lstrip())
    return values


def _broken(number: int, text: str, at: int, what: str) -> BrokenRow:
    return BrokenRow(number, shorten(text), "not_json", f"the line {what} (column {at + 1:,})", _FIX)
