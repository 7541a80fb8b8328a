"""Columns of joined datasets that say where each record comes from; they stand beside the codebook's.

A column of a file that has such a name is called `name (in the file)`.
"""

from __future__ import annotations

from typing import Final

#: Name of the dataset, of the file among several that were read as one, and the id that the record has there.
DATASET_COLUMN: Final = "dataset"
FILE_COLUMN: Final = "file"
FILE_ID_COLUMN: Final = "id in its dataset"
