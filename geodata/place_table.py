"""Work out each distinct combination of texts once, and give every row of a table its answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geodata.placement import ANSWER_COLUMNS, NUMBER_COLUMNS

_TYPES = {name: "float64" if name in NUMBER_COLUMNS else "str" for name in ANSWER_COLUMNS}


def distinct_rows(columns: list[pd.Series | None], count: int) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Give every row of several text columns a number, and the texts each number stands for."""
    combined = np.zeros(count, dtype=np.int64)
    for column in columns:
        if column is not None:
            codes, values = pd.factorize(column)
            combined = combined * (len(values) + 1) + codes
            combined, _ = pd.factorize(combined)  # keeps the product of the sizes from overflowing
    _, first = np.unique(combined, return_index=True)
    texts = [[""] * len(first) if column is None else column.iloc[first].astype(str).tolist() for column in columns]
    return combined, list(zip(*texts, strict=True))


def spread(answers: list[tuple[object, ...]], codes: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """Give every row the answer of its number."""
    small = pd.DataFrame(answers, columns=list(ANSWER_COLUMNS)).astype(_TYPES)
    table = small.take(codes)
    table.index = index
    return table


def answer_table(values: Mapping[str, object], index: pd.Index) -> pd.DataFrame:
    """Make a table of answers from whole columns, or one value for all rows; texts that are not given are empty."""
    columns = {name: pd.Series(values.get(name, ""), index=index, dtype=_TYPES[name]) for name in ANSWER_COLUMNS}
    return pd.DataFrame(columns, copy=False)
