"""The base map as st_folium hands it to the browser: made by folium once for each version of what makes it, and kept.

folium and what it imports, its 60 templates and three renderings take 0.6 s of a start, for a text that never varies
(docs/performance.md). What was kept is taken only if everything it is made from is as it was.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from dashboard import settings, view
from dashboard.webmap.scripts import STATIC, script_bundle
from geodata.user_data import user_cache_folder

#: Packages that take part in the rendering.
MAKERS: Final = ("folium", "branca", "jinja2", "streamlit-folium")

#: What is kept, by name.
PARTS: Final = {"html", "header", "script", "id", "js_links", "css_links"}


@cache
def base_map_parts() -> dict[str, Any]:
    """Give what st_folium makes of the base map, by the names of its component's arguments.

    Raises
    ------
    OfflineError
        When folium is not the version this was written for, or a file is missing.
    """
    file = user_cache_folder() / f"base-map-{_made_from()}.json"
    with suppress(OSError, ValueError):  # none is kept yet, or it is no JSON
        kept = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(kept, dict) and kept.keys() == PARTS:
            return kept
    from dashboard.webmap.basemap import render_parts

    parts = render_parts()
    _keep(file, parts)
    return parts


def _made_from() -> str:
    """Name all that the base map is made from: the packages, our code of it, and the files it links."""
    digest = hashlib.sha256(" ".join(version(name) for name in MAKERS).encode())
    digest.update(repr((view.HOME, view.LAYERS)).encode())
    sources = [*Path(__file__).parent.glob("*.py"), Path(settings.__file__)]
    for file in (*sorted(sources), STATIC / "css" / "atlas.css", STATIC / "assets.json"):
        digest.update(file.read_bytes())
    digest.update(script_bundle())
    return digest.hexdigest()[:16]


def _keep(file: Path, parts: dict[str, Any]) -> None:
    """Keep the parts instead of those of another version; where nothing can be written they are made at every start."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        for other in file.parent.glob("base-map-*"):
            other.unlink(missing_ok=True)
        whole = file.with_suffix(".new")
        whole.write_text(json.dumps(parts), encoding="utf-8")
        whole.replace(file)
