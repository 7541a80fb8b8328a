"""Which zoom each reader's map shows: told by the map's own door, used to group symbols when filters change."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

#: Readers remembered; the oldest is forgotten first, and starts again from the zoom its map then reports.
MOST_READERS = 2_000

_zooms: OrderedDict[str, float] = OrderedDict()
_lock = Lock()


def remember_zoom(reader: str, zoom: float) -> None:
    """Keep the zoom of a reader's map."""
    with _lock:
        _zooms[reader] = zoom
        _zooms.move_to_end(reader)
        while len(_zooms) > MOST_READERS:
            _zooms.popitem(last=False)


def zoom_of(reader: str, default: float) -> float:
    """Give the zoom of a reader's map, or the default before the map has told."""
    with _lock:
        return _zooms.get(reader, default)
