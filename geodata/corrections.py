"""Which records are replaced by a later correction, and from which day on.

A correction is a record of its own: its `links` name the record it corrects (`correction:ID`) and its `first_reported`
the day from which it was known. Until that day the corrected record stands as it was written; from then on the
correction stands for it, so that nothing is counted twice and a map "as known on" a day shows what could be known then.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.incident import SEPARATOR

#: How a link says that its record corrects the one it names.
CORRECTION = "correction:"


def corrected_ids(links: str) -> Iterator[str]:
    """Read the ids of the records that a record corrects from its cell of links."""
    for part in links.split(SEPARATOR.strip()):
        if part.strip().startswith(CORRECTION):
            yield part.strip().removeprefix(CORRECTION)


def replaced_from(ids: pd.Series[str], links: pd.Series[str], known: npt.NDArray[np.int32], never: int) -> np.ndarray:
    """Return for each record the first day number on which a correction of it was known; `never` where there is none.

    Parameters
    ----------
    known
        Day number from which each record was known.
    """
    day: dict[str, int] = {}
    for position in np.flatnonzero(links.str.contains(CORRECTION, regex=False).to_numpy(dtype=bool)).tolist():
        own = str(ids.iloc[position])
        for corrected in corrected_ids(str(links.iloc[position])):
            if corrected != own:
                day[corrected] = min(int(known[position]), day.get(corrected, never))
    replaced = np.full(len(ids), never, dtype=np.int32)
    if day:
        found = ids.isin(day).to_numpy(dtype=bool)
        replaced[found] = [day[str(record_id)] for record_id in ids[found]]
    return replaced
