"""Rows that were refused, mended and dropped in again: they join the dataset they are of."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geodata.formats.quarantine import LINE, write_csv
from geodata.formats.repaired import MENDED
from geodata.import_result import read_refused
from geodata.reader import Rejected


def mended_rows(report: Mapping[str, Any]) -> frozenset[int]:
    """Return the lines on which the rows of an import stood when they were refused; none when it is another file."""
    tables = report["tables"]
    told = str(tables[0].get(MENDED, "")) if len(tables) == 1 else ""
    return frozenset(map(int, told.split()))


def are_of(rows: frozenset[int], version: Path) -> bool:
    """Tell whether rows that were refused once are all among those that a version of a dataset refused."""
    return bool(rows) and rows <= {row.line for row in read_refused(version)}


def with_the_others(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the mended records together with those of the dataset, which nobody withdrew."""
    others = old[~old["id"].isin(set(new["id"]))]
    both = pd.concat([others, new], ignore_index=True)
    lines = both.pop("line")
    return both.fillna("").assign(line=lines)


def still_refused(version: Path, rows: Collection[int]) -> tuple[Rejected, ...]:
    """Return what a version refused, without the rows that came back."""
    return tuple(row for row in read_refused(version) if row.line not in rows)


def write_still_refused(files: Iterable[Path], rows: Collection[int], folder: Path) -> None:
    """Write the refused rows of a version that did not come back, under the columns of their file."""
    for number, path in enumerate(files):
        with path.open(encoding="utf-8", newline="") as file:
            sign = file.readline().partition(LINE)[0][-1:] or ","
            file.seek(0)
            header, *cells = csv.reader(file, delimiter=sign)
        place = header.index(LINE)
        left = [row for row in cells if int(row[place]) not in rows]
        if left:
            write_csv(folder / f"rejected-0{number}.csv", header, left, delimiter=sign)
