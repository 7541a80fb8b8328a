"""Scripts of our own components: fetched once by address from our own server, not sent with every run."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


@cache
def component_version(name: str) -> str:
    """Name the content of a component's files, so that a browser never mixes an old one with a new one."""
    digest = hashlib.sha256()
    scripts = sorted((STATIC / "js").glob(f"{name}*.js"))
    for file in (*scripts, STATIC / "css" / f"{name}.css", STATIC / f"{name}.html"):
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()[:10]


@cache
def loader(name: str) -> str:
    """Write the script that Streamlit sends with every run: it loads the real one, named in the data's `version`."""
    script = (STATIC / "js" / "component_loader.js").read_text(encoding="utf-8").replace("COMPONENT", name)
    return re.sub(r"\s*(?:/\*.*?\*/)?\n\s*", "\n", script)
