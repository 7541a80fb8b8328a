"""Know places: their names in every spelling, what they are, where they lie and which areas hold them.

One Parquet file, one row per place, made by `geodata/build/gazetteer.py`. The look-up keys are computed there, so
loading is reading arrays and one dictionary. A user's own gazetteers have the same columns and are laid beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geodata.errors import FileError
from geodata.place_names import key

#: The shipped gazetteer.
GAZETTEER_FILE: Final = Path(__file__).parent / "data" / "gazetteer.parquet"

#: Metres: a town's point in one gazetteer and the point of a report "in" it lie this close in nine of ten cases, as
#: measured on 10,000 places of public conflict data (docs/places.md).
TOWN_RADIUS_M: Final = 10_000.0

#: Columns of a gazetteer file. `keys` are look-up keys (`place_names.key`), that of `name` first.
SCHEMA: Final = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("precision", pa.string(), nullable=False),
        pa.field("country", pa.string(), nullable=False),
        pa.field("admin1", pa.string(), nullable=False),
        pa.field("admin2", pa.string(), nullable=False),
        pa.field("longitude", pa.float64(), nullable=False),
        pa.field("latitude", pa.float64(), nullable=False),
        pa.field("radius_m", pa.float64(), nullable=False),
        pa.field("population", pa.int64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("keys", pa.list_(pa.string()), nullable=False),
        pa.field("names", pa.list_(pa.string()), nullable=False),
    ]
)

_COLUMNS = [
    name for name in SCHEMA.names if name != "names"
]  # the 75,000 spellings are read when someone asks for them


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of a gazetteer.

    Attributes
    ----------
    id
        `gn:98182` (GeoNames), `fac:ain-al-asad-air-base`, `place:...` (the project's own), `area:IQ.baghdad`,
        `icao:ORBI`.
    kind
        What it is: town, neighbourhood, village, airfield, air base, district, governorate, country, ...
    precision
        How exactly a text that names it tells the place; a code of `PRECISIONS`.
    country, admin1, admin2
        Boundary ids of the areas that hold it, "" where none does.
    longitude, latitude
        Decimal degrees, EPSG:4326; of an area, its anchor.
    radius_m
        Metres around the point within which nine of ten things reported "at" it lie.
    source
        Where the entry comes from, as credited.
    """

    id: str
    name: str
    kind: str
    precision: str
    country: str
    admin1: str
    admin2: str
    longitude: float
    latitude: float
    radius_m: float
    population: int
    source: str

    @property
    def area_id(self) -> str:
        """Give the boundary id when the entry is an area, else ""."""
        return self.id.removeprefix("area:") if self.id.startswith("area:") else ""


class Gazetteer:
    """Places with their look-up keys, held as columns.

    Parameters
    ----------
    table
        Rows with the columns of `SCHEMA`; `names` may be missing.
    files
        Where the rows came from, in the same order; spellings are read from there on demand.
    """

    def __init__(self, table: pa.Table, files: Sequence[Path] = ()) -> None:
        table = table.combine_chunks()
        self._files = tuple(files)
        self._texts = {
            name: table.column(name).to_pylist()
            for name in ("id", "name", "kind", "precision", "country", "admin1", "admin2", "source")
        }
        self.longitude: npt.NDArray[np.float64] = table.column("longitude").to_numpy()
        self.latitude: npt.NDArray[np.float64] = table.column("latitude").to_numpy()
        self.radius_m: npt.NDArray[np.float64] = table.column("radius_m").to_numpy()
        self.population: npt.NDArray[np.int64] = table.column("population").to_numpy()
        self._index_keys(table.column("keys"))

    def _index_keys(self, column: pa.ChunkedArray) -> None:
        lists = column.combine_chunks()
        if isinstance(lists, pa.ChunkedArray):  # an empty table keeps its chunked shape
            lists = pa.concat_arrays(lists.chunks) if lists.num_chunks else pa.array([], pa.list_(pa.string()))
        encoded = pc.dictionary_encode(lists.flatten())
        codes = encoded.indices.to_numpy()
        owners = pc.list_parent_indices(lists).to_numpy()
        order = np.argsort(codes, kind="stable")
        self._owners = owners[order]
        self._keys: list[str] = encoded.dictionary.to_pylist()
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(self._keys)))])
        self._codes = dict(zip(self._keys, range(len(self._keys)), strict=True))

    def __len__(self) -> int:
        return len(self._texts["id"])

    def entry(self, row: int) -> Entry:
        """Give one place by its row."""
        texts = {name: column[row] for name, column in self._texts.items()}
        return Entry(
            longitude=float(self.longitude[row]),
            latitude=float(self.latitude[row]),
            radius_m=float(self.radius_m[row]),
            population=int(self.population[row]),
            **texts,
        )

    def by_id(self, place_id: str) -> Entry | None:
        """Give a place by its id, None when there is none."""
        row = self.row(place_id)
        return None if row is None else self.entry(row)

    def row(self, place_id: str) -> int | None:
        """Give the row of a place by its id, None when there is none."""
        return self._rows_by_id.get(place_id)

    def column(self, name: str) -> list[str]:
        """Give one text column, in row order; it is shared, not copied."""
        column: list[str] = self._texts[name]
        return column

    def find(self, text_key: str) -> tuple[int, ...]:
        """List the rows that bear a look-up key (`place_names.key`), in file order."""
        code = self._codes.get(text_key)
        if code is None:
            return ()
        return tuple(dict.fromkeys(self._owners[self._starts[code] : self._starts[code + 1]].tolist()))

    def keys_inside(self, area_id: str) -> tuple[list[int], list[str]]:
        """List the rows inside a country or governorate once for each of their keys, and those keys."""
        held = self._held["admin1" if "." in area_id else "country"]
        places = np.flatnonzero((held == area_id)[self._owners])
        codes = np.searchsorted(self._starts, places, side="right") - 1
        return self._owners[places].tolist(), [self._keys[code] for code in codes.tolist()]

    def names(self, place_id: str) -> tuple[str, ...]:
        """List all spellings of a place, its main name first; they are read from disk at the first call."""
        return self._names.get(place_id, ())

    @cached_property
    def _held(self) -> Mapping[str, npt.NDArray[np.object_]]:
        return {name: np.array(self._texts[name], dtype=object) for name in ("admin1", "country")}

    @cached_property
    def _rows_by_id(self) -> Mapping[str, int]:
        return {place_id: row for row, place_id in enumerate(self._texts["id"])}

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        spellings: dict[str, tuple[str, ...]] = {}
        for path in self._files:
            table = read_columns(path, ["id", "names"])
            ids, lists = table.column("id").to_pylist(), table.column("names").to_pylist()
            spellings.update((place_id, tuple(names)) for place_id, names in zip(ids, lists, strict=True))
        return spellings


def gazetteer_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Lay rows out as a gazetteer table; each row needs the columns of `SCHEMA` but `keys`, made from `names`."""
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    given = [name for name in SCHEMA.names if name not in {"names", "keys"}]
    for row in rows:
        names = list(dict.fromkeys([row["name"], *filter(None, row["names"])]))
        for name in given:
            columns[name].append(row[name])
        columns["names"].append(names)
        columns["keys"].append(list(dict.fromkeys(filter(None, map(key, names)))))
    return pa.table(columns, schema=SCHEMA)


def read_columns(path: Path, columns: list[str]) -> pa.Table:
    """Read some columns of a gazetteer file; not by `read_table`, which first imports 0.1-1 s of data-set machinery."""
    with pq.ParquetFile(path) as file:
        return file.read(columns=columns)


def read_gazetteer(paths: Sequence[Path]) -> Gazetteer:
    """Read gazetteer files and lay them beside one another; earlier files win where all else is equal.

    Raises
    ------
    FileError
        When a file is not a gazetteer of this project.
    """
    tables = []
    for path in paths:
        try:
            tables.append(read_columns(path, _COLUMNS))
        except (OSError, pa.ArrowInvalid, KeyError) as error:
            msg = f"{path.name!r} is not a gazetteer of this project ({error}); build or add it again."
            raise FileError(msg) from error
    return Gazetteer(pa.concat_tables(tables), paths)


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """Load the shipped gazetteer; the second call gives the same object."""
    return read_gazetteer([GAZETTEER_FILE])
