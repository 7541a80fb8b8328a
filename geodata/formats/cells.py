"""Write any value of a container as the text of a cell, without losing what it says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any


class Written(str):
    """A number exactly as its JSON file wrote it: 33.2990 stays 33.2990, and is no text when written again."""

    __slots__ = ()


def text_of(value: Any) -> str:
    """Return the text of a cell; nothing is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() and value.tzinfo is None else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return to_json(value) if isinstance(value, dict | list | tuple) else str(value)


def _number(value: float) -> str:
    if value != value:
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def to_json(value: Any) -> str:
    """Return JSON text in which numbers stand as they were written."""
    if isinstance(value, Written):
        return str(value)
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{json.dumps(str(key), ensure_ascii=False)}: {to_json(v)}" for key, v in value.items())
            + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(to_json(item) for item in value) + "]"
    if isinstance(value, date | time | bytes):
        return json.dumps(text_of(value))
    return json.dumps(value, ensure_ascii=False, default=str)


def flat(item: Mapping[str, Any], *, depth: int = 3) -> dict[str, str]:
    """Return the values of an object as cells; an object inside it gives columns such as `acf.latitude`."""
    cells: dict[str, str] = {}
    for key, value in item.items():
        if isinstance(value, dict) and value and depth > 1:
            for inner, text in flat(value, depth=depth - 1).items():
                cells[f"{key}.{inner}"] = text
        else:
            cells[str(key)] = text_of(value)
    return cells


def names_of(item: Mapping[str, Any], *, depth: int = 3) -> Iterator[str]:
    """Yield the columns that `flat` makes of an object."""
    for key, value in item.items():
        if isinstance(value, dict) and value and depth > 1:
            yield from (f"{key}.{inner}" for inner in names_of(value, depth=depth - 1))
        else:
            yield str(key)


def columns_of(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """Return every column that some row has, in the order of first sight."""
    columns: dict[str, None] = {}
    for row in rows:
        columns.update(dict.fromkeys(row))
    return list(columns)
