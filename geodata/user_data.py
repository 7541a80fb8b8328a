"""Where a person's own data lie: gazetteers, saved profiles, imported datasets; and what is kept to start sooner."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

#: Environment variable that names another folder for the user's data.
HOME_VARIABLE: Final = "INCIDENT_ATLAS_HOME"

#: How an imported dataset is named where a file can be.
IMPORTED: Final = "imported:"


def user_data_folder() -> Path:
    """Give the folder of the user's data; what keeps something there makes it."""
    override = os.environ.get(HOME_VARIABLE)
    if override:
        return Path(override).expanduser()
    return Path(platformdirs.user_data_dir("incident-atlas", appauthor=False))


def user_cache_folder() -> Path:
    """Give the folder of what can be made again at any time; what keeps something there makes it."""
    override = os.environ.get(HOME_VARIABLE)
    if override:
        return Path(override).expanduser() / "cache"
    return Path(platformdirs.user_cache_dir("incident-atlas", appauthor=False))
