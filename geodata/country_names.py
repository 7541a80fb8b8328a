"""Find a country of the map by any of its names."""

from __future__ import annotations

import unicodedata
from functools import cache

from geodata.boundaries import load_boundaries


def country_id(name: str) -> str:
    """Return the id of a country (`IQ`) by a name in any spelling that the map has; empty when it has none."""
    return _ids().get(_fold(name), "")


@cache
def _ids() -> dict[str, str]:
    return {
        _fold(name): area.id
        for area in load_boundaries().areas("country")
        for name in (area.id, area.name, area.name_local, *area.aliases)
        if name
    }


def _fold(name: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())
