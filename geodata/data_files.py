"""Which files of incidents this process shows; nothing is read here, and nothing heavy imported."""

from __future__ import annotations

import os
from pathlib import Path

#: Environment variable that names the files of incidents, one in a line; the launcher sets it for the page's process.
DATA_VARIABLE = "INCIDENTS_DATA"


def use_data(*paths: Path) -> None:
    """Choose the files of incidents of this process, before anything asks for them."""
    os.environ[DATA_VARIABLE] = "\n".join(str(path.resolve()) for path in paths)


def data_paths() -> tuple[Path, ...]:
    """Give the chosen files of incidents, or the one shipped with the project."""
    chosen = os.environ.get(DATA_VARIABLE)
    if chosen:
        return tuple(Path(line) for line in chosen.splitlines() if line)
    beside = Path(__file__).parent.parent / "incidents.csv"
    return (beside if beside.exists() else Path(__file__).parent / "data" / "incidents.csv",)


def data_path() -> Path:
    """Give the first of the files of incidents; the decisions about places lie beside it."""
    return data_paths()[0]
