"""Which part of the map each reader sees: told by the map's own door, used to group symbols and to frame products."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

#: Readers remembered; the oldest is forgotten first, and starts again from what its map then reports.
MOST_READERS = 2_000

#: Longitude and latitude of the centre (degrees, EPSG:4326) and zoom.
Place = tuple[float, float, float]

_places: OrderedDict[str, Place] = OrderedDict()
_lock = Lock()


def remember_place(reader: str, place: Place) -> None:
    """Keep the part of the map a reader sees."""
    with _lock:
        _places[reader] = place
        _places.move_to_end(reader)
        while len(_places) > MOST_READERS:
            _places.popitem(last=False)


def place_of(reader: str, default: Place) -> Place:
    """Give the part of the map a reader sees, or the default before the map has told."""
    with _lock:
        return _places.get(reader, default)
