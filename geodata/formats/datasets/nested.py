"""Read lists and objects that a JSON file holds inside a cell."""

from __future__ import annotations

import json
from typing import Any

from geodata.formats.wording import source, sources


def inside(cell: str) -> Any:
    """Return what a cell of JSON text holds; the text itself when it is not JSON."""
    if cell[:1] not in "[{":
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def items(cell: str) -> list[Any]:
    """Return the items of a list in a cell; a cell that is no list is cut at its semicolons, or else its commas."""
    found = inside(cell)
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        return [found]
    sign = ";" if ";" in cell else ","
    parts = [part.strip() for part in cell.split(sign)] if "://" not in cell or sign == ";" else cell.split()
    return [part for part in parts if part]


def words(cell: str) -> list[str]:
    """Return the items of a list as text: an object by its name, title, label or id."""
    return [text for text in (_word(item) for item in items(cell)) if text]


def _word(item: Any) -> str:
    if isinstance(item, dict):
        named = (item.get(key) for key in ("name", "title", "label", "term_name", "id"))
        return next((str(value) for value in named if value), "")
    return "" if item is None or isinstance(item, list) else str(item)


def nested_sources(cell: str, via: str) -> str:
    """Write the sources of a cell: addresses, or objects with `url`, `path` or `paths`."""
    return sources(*(source(_address(item), via=via) for item in items(cell)))


def _address(item: Any) -> str:
    if not isinstance(item, dict):
        return "" if item is None else str(item)
    paths = item.get("paths")
    first = paths[0] if isinstance(paths, list) and paths else ""
    found = (item.get(key) for key in ("url", "source_url", "path", "link"))
    return str(next((value for value in found if value), first) or item.get("title") or item.get("id") or "")
