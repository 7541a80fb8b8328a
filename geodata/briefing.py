"""Say which records one would brief: checked, well enough sourced, and known closely enough where."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.incident import ADMIRALTY_ITEM, ADMIRALTY_SOURCE, PRECISIONS, STATUSES


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
