"""Add gazetteers of one's own (GeoNames dumps, GNS files, OCHA p-codes, plain tables); list, remove, credit them.

Each becomes one file in the shipped gazetteer's format in the user's data folder (`INCIDENT_ATLAS_HOME` overrides
where that is) and is laid beside the shipped one. The governorate of every point comes from the boundaries, as it
does there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from geodata.boundaries import load_boundaries
from geodata.errors import FileError
from geodata.gazetteer import (
    GAZETTEER_FILE,
    SCHEMA,
    TOWN_RADIUS_M,
    Gazetteer,
    gazetteer_table,
    load_gazetteer,
    read_gazetteer,
)
from geodata.gazetteer_files import CSV, GEONAMES, GNS, OCHA, Row, detect_format, read_places
from geodata.user_data import user_data_folder

#: Rows turned into a table at a time: large enough for speed, small enough for a moving progress bar and little memory.
_CHUNK: Final = 25_000

#: First part of the ids of a user's places; the gazetteer's name is the second.
PREFIX: Final = "user"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class UserGazetteer:
    """One gazetteer the user added.

    Attributes
    ----------
    name
        How it is called in lists and commands; also the name of its file.
    format
        geonames, gns, ocha or csv.
    places, left_out
        Places kept, and rows of the file that had no usable name or point, or are of a kind not kept (rivers, roads).
    credit
        The line printed on products that use it.
    source_file
        Name of the file it was made from.
    added
        UTC, ISO 8601.
    """

    name: str
    format: str
    places: int
    left_out: int
    credit: str
    source_file: str
    added: str


_CREDITS = {
    GEONAMES: "GeoNames, CC BY 4.0",
    GNS: "NGA GEOnet Names Server, public domain",
    OCHA: "OCHA p-codes, CC BY 3.0 IGO",
    CSV: "own gazetteer",
}


def user_folder() -> Path:
    """Give the folder of the user's gazetteers; it is made when the first one is added."""
    return user_data_folder() / "gazetteers"


def add_gazetteer(
    path: Path,
    *,
    name: str = "",
    file_format: str = "",
    mapping: Mapping[str, str] | None = None,
    credit: str = "",
    country: str = "",
    progress: Progress | None = None,
) -> UserGazetteer:
    """Turn a file into a gazetteer and keep it.

    Parameters
    ----------
    path
        GeoNames country dump (txt, 19 columns), NGA GNS file (txt), OCHA p-code table (xlsx or csv), or a plain csv.
    name
        How to call it; the file's name when empty. One of the same name is replaced.
    file_format
        geonames, gns, ocha or csv; recognised from the file when empty.
    mapping
        Our name -> the file's column, for a plain csv: name, latitude, longitude, and optionally id, variants ("; "
        between them), kind, country, radius_m. Usual column names are recognised without it.
    credit
        Line to print on products; a usual one for the format when empty.
    country
        ISO 3166 code for rows that state none.
    progress
        Called with bytes done and bytes in all.

    Raises
    ------
    FileError
        When the file cannot be read or holds no place; nothing is kept then.
    """
    file_format = file_format or detect_format(path, mapping)
    slug = re.sub(r"[^a-z0-9]+", "-", (name or path.stem).lower()).strip("-") or "gazetteer"
    credit = credit or _CREDITS[file_format]
    folder = user_folder()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{slug}.{os.getpid()}.part"
    try:
        places, left_out = _convert(path, part, slug, credit, file_format, mapping, country, progress)
        if not places:
            way_out = (
                "give a table with columns Latitude and Longitude, such as the one of populated places"
                if file_format == OCHA
                else "check the format or mapping"
            )
            msg = f"{path.name!r} holds no place with a name and a point ({left_out} rows left out): {way_out}."
            raise FileError(msg)
        added = datetime.now(UTC).isoformat(timespec="seconds")
        kept = UserGazetteer(slug, file_format, places, left_out, credit, path.name, added)
        (folder / f"{slug}.json").write_text(json.dumps(asdict(kept), ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(folder / f"{slug}.parquet")
    finally:
        part.unlink(missing_ok=True)
    return kept


def _convert(
    path: Path,
    target: Path,
    slug: str,
    credit: str,
    file_format: str,
    mapping: Mapping[str, str] | None,
    country: str,
    progress: Progress | None,
) -> tuple[int, int]:
    places = left_out = 0
    total = path.stat().st_size
    with pq.ParquetWriter(target, SCHEMA, compression="zstd") as writer:
        chunk: list[Row] = []
        for row, done in read_places(path, file_format, mapping):
            if row is None:
                left_out += 1
            else:
                chunk.append(row)
            if len(chunk) >= _CHUNK:
                places += _write_chunk(writer, chunk, slug, credit, country)
                chunk = []
                if progress:
                    progress(min(done, total), total)
        places += _write_chunk(writer, chunk, slug, credit, country)
    if progress:
        progress(total, total)
    return places, left_out


def _write_chunk(writer: pq.ParquetWriter, chunk: list[Row], slug: str, credit: str, country: str) -> int:
    """Complete rows with their areas and write them."""
    if not chunk:
        return 0
    held = load_boundaries().locate(
        np.array([row["longitude"] for row in chunk]), np.array([row["latitude"] for row in chunk])
    )
    rows: list[dict[str, Any]] = []
    for row, in_country, admin1, admin2 in zip(chunk, *held, strict=True):
        rows.append(
            {
                "kind": "town",
                "precision": "town",
                "radius_m": TOWN_RADIUS_M,
                "population": 0,
                **row,
                "id": f"{PREFIX}:{slug}:{row['id']}",
                "country": in_country or row.get("country") or country,
                "admin1": admin1,
                "admin2": admin2,
                "source": credit,
            }
        )
    writer.write_table(gazetteer_table(rows))
    return len(rows)


def user_gazetteers() -> tuple[UserGazetteer, ...]:
    """List the gazetteers the user added, by name."""
    folder = user_folder()
    found = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            found.append(UserGazetteer(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, TypeError) as error:
            msg = f"{path.name!r} in {folder.name!r} is damaged ({error}): remove it and add the gazetteer again."
            raise FileError(msg) from error
    return tuple(found)


def remove_gazetteer(name: str) -> None:
    """Remove a gazetteer the user added.

    Raises
    ------
    FileError
        When there is none of that name; the message lists those there are.
    """
    folder = user_folder()
    if name not in {gazetteer.name for gazetteer in user_gazetteers()}:
        names = ", ".join(gazetteer.name for gazetteer in user_gazetteers()) or "none"
        msg = f"No gazetteer is called {name!r}; there are: {names}."
        raise FileError(msg)
    (folder / f"{name}.json").unlink(missing_ok=True)
    (folder / f"{name}.parquet").unlink(missing_ok=True)


def user_files() -> list[Path]:
    """List the files of the user's gazetteers."""
    return [user_folder() / f"{gazetteer.name}.parquet" for gazetteer in user_gazetteers()]


def gazetteers_sha256() -> str:
    """Name what the user's gazetteers hold, all of them together; "" without any."""
    digest = hashlib.sha256()
    files = user_files()
    for path in files:
        digest.update(f"{path.stem}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest() if files else ""


def load_all_gazetteers() -> Gazetteer:
    """Load the shipped gazetteer with all the user added laid beside it; the shipped one wins where all else is equal.

    The same object comes back until a gazetteer is added or removed.
    """
    files = user_files()
    return _load(tuple((path, path.stat().st_mtime_ns) for path in files)) if files else load_gazetteer()


@lru_cache(maxsize=2)
def _load(files: tuple[tuple[Path, int], ...]) -> Gazetteer:
    return read_gazetteer([GAZETTEER_FILE, *(path for path, _ in files)])


def gazetteer_credits(place_ids: Iterable[str]) -> tuple[str, ...]:
    """Give the credit lines of the user's gazetteers that some places come from, by their ids, each once."""
    used = {place_id.split(":")[1] for place_id in place_ids if place_id.startswith(f"{PREFIX}:")}
    return tuple(dict.fromkeys(one.credit for one in user_gazetteers() if one.name in used and one.credit))
