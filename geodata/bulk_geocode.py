"""Geocode for the command line: one text as a dictionary, or a csv file into another."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

import pandas as pd

from geodata.boundaries import Boundaries
from geodata.errors import FileError
from geodata.geocoder import Geocoder
from geodata.placement import Answer, Candidate

#: Columns appended to a file's own, in this order.
MATCH_COLUMNS: Final = (
    "match_id", "match_name", "match_kind", "match_longitude", "match_latitude", "match_admin1", "match_country",
    "precision",     "error_radius_m", "method", "score", "reason",
)  # fmt: skip

#: Rows held at a time: a file of any size goes through in the memory of this many.
_CHUNK: Final = 20_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of a file: rows read and written, and how many have a place."""

    rows: int
    placed: int

    @property
    def not_placed(self) -> int:
        """Count the rows that carry a reason instead."""
        return self.rows - self.placed


def geocode_one(
    place: str,
    *,
    admin1: str = "",
    admin2: str = "",
    country: str = "",
    site: str = "",
    geocoder: Geocoder | None = None,
) -> dict[str, Any]:
    """Geocode one text for `incidents geocode --json`.

    Returns
    -------
    dict
        `query`, `answer` (None without one), `reason` ("" with one), `candidates`, `flags`. Answer and candidates hold
        name, id, kind, longitude, latitude, precision, admin1, country, score and why.
    """
    geocoder = geocoder or Geocoder()
    answer = geocoder.geocode(place, admin1=admin1, admin2=admin2, country=country, site=site)
    flags = [
        {"code": flag.code, "message": flag.message, "fix": flag.fix, **_point(flag.longitude, flag.latitude)}
        for flag in answer.flags
    ]
    return {
        "query": {"place": place, "admin1": admin1, "admin2": admin2, "country": country, "site": site},
        "answer": _answer(answer, geocoder.boundaries) if answer.placed else None,
        "reason": answer.reason,
        "candidates": [_candidate(candidate, geocoder.boundaries) for candidate in answer.candidates],
        "flags": flags,
    }


def _answer(answer: Answer, boundaries: Boundaries) -> dict[str, Any]:
    return {
        "name": answer.place_name,
        "id": answer.place_id,
        "kind": answer.place_kind,
        **_point(answer.longitude, answer.latitude),
        "precision": answer.precision,
        "error_radius_m": answer.radius_m,
        "area_id": answer.area_id,
        "admin1": area_name(answer.admin1_id, boundaries),
        "admin2": area_name(answer.admin2_id, boundaries),
        "country": area_name(answer.country_id, boundaries),
        "method": answer.method,
        "score": answer.score,
        "matched_text": answer.matched_text,
        "why": answer.why,
    }


def _candidate(candidate: Candidate, boundaries: Boundaries) -> dict[str, Any]:
    return {
        "name": candidate.name,
        "id": candidate.id,
        "kind": candidate.kind,
        **_point(candidate.longitude, candidate.latitude),
        "precision": candidate.precision,
        "admin1": area_name(candidate.admin1_id, boundaries),
        "country": area_name(candidate.country_id, boundaries),
        "score": candidate.score,
        "why": candidate.why,
    }


def _point(longitude: float, latitude: float) -> dict[str, float | None]:
    """Give a point as JSON can hold it: null where there is none."""
    if math.isnan(longitude):
        return {"longitude": None, "latitude": None}
    return {"longitude": round(longitude, 6), "latitude": round(latitude, 6)}


def area_name(area_id: str, boundaries: Boundaries) -> str:
    """Give the name of a boundary id; the id itself where the map does not reach, "" for ""."""
    return boundaries.area(area_id).name if area_id in boundaries else area_id


def geocode_file(
    source: Path, target: Path, *, geocoder: Geocoder | None = None, progress: Progress | None = None
) -> BulkResult:
    """Geocode a csv file with a column `place` (and, where known, `site, admin1, admin2, country`).

    The file's own columns come out again as they are, followed by `MATCH_COLUMNS`; without an answer all of those but
    `reason` are empty. The target appears when it is complete.

    Parameters
    ----------
    progress
        Called with the rows done and the rows in all.

    Raises
    ------
    FileError
        When the source is no csv with a column `place`, or the target cannot be written.
    """
    geocoder = geocoder or Geocoder()
    total = _count_rows(source) if progress else 0
    part = target.with_name(f".{target.name}.part")
    rows = placed = 0
    try:
        with (
            source.open(encoding="utf-8-sig", newline="") as incoming,
            part.open("w", encoding="utf-8", newline="") as outgoing,
        ):
            reader, header = _open_reader(source, incoming)
            writer = csv.writer(outgoing, lineterminator="\n")
            writer.writerow([*header, *MATCH_COLUMNS])
            while chunk := list(islice(reader, _CHUNK)):
                matches, answered = _geocode_chunk(header, chunk, geocoder)
                writer.writerows(
                    [*_padded(cells, len(header)), *match] for cells, match in zip(chunk, matches, strict=True)
                )
                rows, placed = rows + len(chunk), placed + answered
                if progress:
                    progress(rows, total)
        part.replace(target)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = (
            f"{source.name!r} could not be geocoded into {target.name!r} ({error}): "
            "give a csv in UTF-8 and a folder to write in."
        )
        raise FileError(msg) from error
    finally:
        part.unlink(missing_ok=True)
    return BulkResult(rows, placed)


def _open_reader(source: Path, stream: TextIO) -> tuple[Iterator[list[str]], list[str]]:
    reader = (cells for cells in csv.reader(stream) if cells)
    header = next(reader, [])
    if "place" not in header:
        columns = ", ".join(header) or "none"
        msg = f"{source.name!r} has no column place; its columns are: {columns}. Name the column place."
        raise FileError(msg)
    return reader, header


def _count_rows(source: Path) -> int:
    try:
        with source.open("rb") as stream:
            return max(0, sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b"")) - 1)
    except OSError as error:
        msg = f"{source.name!r} cannot be read ({error}): check the path."
        raise FileError(msg) from error


def _padded(cells: list[str], width: int) -> list[str]:
    return cells[:width] + [""] * (width - len(cells)) if len(cells) != width else cells


def _geocode_chunk(header: list[str], chunk: list[list[str]], geocoder: Geocoder) -> tuple[list[list[str]], int]:
    wanted = [name for name in ("place", "site", "admin1", "admin2", "country") if name in header]
    at = {name: header.index(name) for name in wanted}
    frame = pd.DataFrame(
        {name: [cells[place] if place < len(cells) else "" for cells in chunk] for name, place in at.items()}, dtype=str
    )
    table = geocoder.geocode_table(frame)
    for column in ("admin1_id", "country_id"):
        names = {area_id: area_name(area_id, geocoder.boundaries) for area_id in table[column].unique()}
        table[column] = table[column].map(names)
    columns = [table[name].tolist() for name in (
        "place_id", "place_name", "place_kind", "longitude", "latitude", "admin1_id", "country_id", "precision",
        "radius_m",         "method", "score", "reason")]  # fmt: skip
    matches = [_match(values) for values in zip(*columns, strict=True)]
    return matches, sum(1 for match in matches if not match[-1])


def _match(values: tuple[Any, ...]) -> list[str]:
    reason = values[-1]
    if reason:
        return [""] * (len(values) - 1) + [reason]
    return [f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value) for value in values]
