"""Measure how long each finished product takes, from the shipped records to the written file."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from dashboard.products.export import write_product
from dashboard.view import View
from geodata.dataset import Dataset, data_path, load_dataset
from geodata.errors import AtlasError

#: Endings of the files that are made.
FORMATS: Final = (".pdf", ".png", ".svg", ".html", ".pptx", ".xlsx")


def products_report(*, data: Path | None = None, times: int = 3) -> list[dict[str, str | float]]:
    """Give one row per format: seconds of the first time and the median of the next, and the file's size.

    A format that cannot be made says why instead.
    """
    dataset = load_dataset(data or data_path())
    with tempfile.TemporaryDirectory() as folder:
        return [_row(dataset, Path(folder) / f"product{ending}", times) for ending in FORMATS]


def _row(dataset: Dataset, out: Path, times: int) -> dict[str, str | float]:
    seconds = []
    for _ in range(times + 1):
        began = time.perf_counter()
        try:
            write_product(dataset, View(), out)
        except AtlasError as error:
            return {"format": out.suffix[1:], "why": str(error)[:120]}
        seconds.append(time.perf_counter() - began)
    return {
        "format": out.suffix[1:],
        "first_s": round(seconds[0], 3),
        "again_s": round(statistics.median(seconds[1:]), 3),
        "bytes": float(out.stat().st_size),
    }
