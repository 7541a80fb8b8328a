"""Our scripts of the map, as one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"
SCRIPTS = (
    "element",
    "atlas",
    "typeface",
    "line",
    "basemap",
    "names",
    "areas",
    "marks",
    "legend",
    "record",
    "relations",
    "places",
)


#: Where our scripts are served, as one.
SCRIPT_URL = "/assets/atlas.js"


@cache
def script_bundle() -> bytes:
    """Join our scripts: st_folium loads scripts one after the other, each for 30 to 50 ms of the first paint."""
    files = [STATIC / "vendor" / "fflate" / "fflate.js", *(STATIC / "js" / f"{name}.js" for name in SCRIPTS)]
    return b"\n".join(file.read_bytes() for file in files)
