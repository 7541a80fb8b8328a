"""Choose the records one would brief: checked, well enough sourced, and known closely enough where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.incident import ADMIRALTY_ITEM, ADMIRALTY_SOURCE, PRECISIONS, STATUSES
from geodata.sources import count_origins, grade_reaches, parse_sources

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Floor:
    """Hold what a record must reach to be briefed; every part can be changed.

    `grade` must be reached by one source in both signs; `precision` is the coarsest that passes; `origins` the fewest
    separate origins.
    """

    statuses: tuple[str, ...] = ("reviewed", "released")
    grade: str = "C3"
    precision: str = "district"
    origins: int = 1

    def __post_init__(self) -> None:
        unknown = [status for status in self.statuses if status not in STATUSES]
        bad_grade = len(self.grade) != 2 or self.grade[0] not in ADMIRALTY_SOURCE or self.grade[1] not in ADMIRALTY_ITEM
        if unknown or bad_grade or self.precision not in PRECISIONS:
            msg = (
                f"a floor needs statuses among {', '.join(STATUSES)}, a grade such as C3 and a precision among "
                f"{', '.join(PRECISIONS)}; got {self.statuses!r}, {self.grade!r}, {self.precision!r}"
            )
            raise ValueError(msg)

    def sentence(self) -> str:
        """Say the floor, for page captions and products."""
        statuses = " or ".join(self.statuses)
        origins = f", at least {self.origins} origins" if self.origins > 1 else ""
        return f"{statuses}, a source graded {self.grade} or better{origins}, place known to {self.precision} or better"


def source_grades_reach(cells: pd.Series[str], floor: str) -> Mask:
    """Tell for each cell of sources whether one of them reaches a grade in both signs."""
    return np.array([any(grade_reaches(source.grade, floor) for source in parse_sources(cell)) for cell in cells], bool)


def origin_counts(cells: pd.Series[str]) -> NDArray[np.int64]:
    """Count for each cell of sources what they go back to; sources of one origin count once."""
    return np.array([count_origins(parse_sources(cell)) for cell in cells], dtype=np.int64)


def briefable(records: pd.DataFrame, precisions: pd.Series[str], floor: Floor | None = None) -> Mask:
    """Tell for each record whether it passes a floor.

    Parameters
    ----------
    records
        Records with the columns `status` and `sources`; an empty status is a draft.
    precisions
        How exactly each record was placed, a code of `PRECISIONS` (empty: not placed), in the same order.
    floor
        What must be reached; the project's own preset when not given.
    """
    floor = floor or Floor()
    rank = {code: precision.rank for code, precision in PRECISIONS.items()}
    known = precisions.map(rank).fillna(rank["unknown"]).to_numpy() <= rank[floor.precision]
    status = records["status"].where(records["status"] != "", "draft").isin(floor.statuses).to_numpy(dtype=bool)
    passed = known & status
    # Sources are the costly part, so only what passed so far is read.
    cells = records["sources"][passed]
    passed[passed] = source_grades_reach(cells, floor.grade) & (origin_counts(cells) >= floor.origins)
    return np.asarray(passed, dtype=bool)
