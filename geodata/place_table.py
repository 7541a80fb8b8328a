"""Work out each distinct combination of texts once, and give every row of a table its answer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.placement import ANSWER_COLUMNS, NUMBER_COLUMNS


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
    texts = {name: "str" for name in ANSWER_COLUMNS if name not in NUMBER_COLUMNS}
    numbers = dict.fromkeys(NUMBER_COLUMNS, "float64")
    small = pd.DataFrame(answers, columns=list(ANSWER_COLUMNS)).astype({**texts, **numbers})
    table = small.take(codes)
    table.index = index
    return table
