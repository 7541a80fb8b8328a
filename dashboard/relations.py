"""What surrounds one record: the records it is linked with, both ways, and the facilities near its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from dashboard.record import date_text
from dashboard.words import kilometres
from geodata.incident import EVENT_TYPES, LINK_RELATIONS, SEPARATOR
from geodata.reach import nearby
from geodata.store import Store

#: Distance within which facilities are listed when none is asked for, in kilometres.
NEAR_KM = 25.0

#: Farthest distance one may ask for, and most facilities listed.
MOST_NEAR_KM, MOST_NEAR = 500.0, 40

#: Below this distance a facility is the place itself, and a direction would say nothing.
HERE_M = 50.0

#: Places that are no place to measure from or to draw a line to.
TOO_COARSE = frozenset({"region", "country", "unknown"})


def surroundings(
    store: Store, row: int, facilities: Sequence[Mapping[str, Any]], *, within_km: float = NEAR_KM
) -> dict[str, Any]:
    """Describe what surrounds a record, for the map: its own place, its relations and the facilities near it."""
    place = place_of(store, row)
    return {
        "place": place,
        "relations": relations(store, row),
        "near": {"within_km": within_km, **_near(place, facilities, within_km)},
    }


def place_of(store: Store, row: int) -> dict[str, Any] | None:
    """Say where a record lies as far as lines and distances may start there; None when it has no such place."""
    spot = int(store.spot[row])
    if spot < 0 or str(store.spots.precision[spot]) in TOO_COARSE:
        return None
    return {
        "longitude": float(store.spots.longitude[spot]),
        "latitude": float(store.spots.latitude[spot]),
        "name": str(store.spots.name[spot]),
        "radius_m": float(store.spots.radius_m[spot]),
        "area": bool(store.spots.area_id[spot]),
    }


def relations(store: Store, row: int) -> list[dict[str, Any]]:
    """List the records linked with a record, whichever of the two names the other, by date."""
    own = str(store.records.column("id", np.array([row]))[0])
    found: dict[tuple[str, str, bool], int] = {}
    for relation, other in _links_of(str(store.records.column("links", np.array([row]))[0])):
        found[relation, other, True] = store.find_row(other)
    for relation, other_row in _pointing_at(store).get(own, ()):
        other = str(store.records.column("id", np.array([other_row]))[0])
        found.setdefault((relation, other, False), other_row)
    lines = [_line(store, *key, at) for key, at in found.items()]
    return sorted(lines, key=lambda line: (line["date"], line["id"], line["relation"]))


def _line(store: Store, relation: str, other: str, outgoing: bool, row: int) -> dict[str, Any]:
    record = store.records.row(row) if row >= 0 else None
    label = LINK_RELATIONS[relation].label if relation in LINK_RELATIONS else relation.replace("_", " ").capitalize()
    return {
        "id": other,
        "relation": label,
        "outgoing": outgoing,
        "date": date_text(record) if record else "",
        "type": EVENT_TYPES[record["event_type"]].label if record else "not among these records",
        "place": place_of(store, row) if record else None,
    }


def _links_of(cell: str) -> list[tuple[str, str]]:
    """Read a cell of links as (relation, id); a bare id is related."""
    parts = [part.strip().partition(":") for part in cell.split(SEPARATOR) if part.strip()]
    return [(relation, other) if other else ("related", relation) for relation, _, other in parts]


@lru_cache(maxsize=2)
def _pointing_at(store: Store) -> Mapping[str, list[tuple[str, int]]]:
    """Tell for each id which records name it; read once per dataset."""
    cells = store.records.column("links")
    pointing: dict[str, list[tuple[str, int]]] = {}
    for row in np.flatnonzero(cells != "").tolist():
        for relation, other in _links_of(str(cells[row])):
            pointing.setdefault(other, []).append((relation, row))
    return pointing


def _near(place: Mapping[str, Any] | None, facilities: Sequence[Mapping[str, Any]], within_km: float) -> dict[str, Any]:
    if place is None or place["area"]:
        return {"facilities": [], "note": "The place is an area or not known; no distance can be given from it."}
    points = [(one["longitude"], one["latitude"]) for one in facilities]
    found = nearby(place["longitude"], place["latitude"], points, within_m=within_km * 1000)
    listed = [
        {
            "name": facilities[near.index]["name"],
            "kind": facilities[near.index]["kind"],
            "longitude": facilities[near.index]["longitude"],
            "latitude": facilities[near.index]["latitude"],
            "distance_km": round(near.distance_m / 1000, 1),
            "bearing_deg": round(near.bearing_deg) % 360,
            "compass": near.compass,
            "here": near.distance_m < HERE_M,
        }
        for near in found[:MOST_NEAR]
    ]
    note = f"From the middle of the place; the true point may lie {kilometres(place['radius_m'])} from it."
    return {"facilities": listed, "total": len(found), "note": note}
