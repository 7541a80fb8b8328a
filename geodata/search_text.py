"""One folded text per record, in which a search finds what the record says and every name its place and actors have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.actors import fold_name, load_actors
from geodata.user_gazetteers import load_all_gazetteers

#: Columns whose words the search looks through.
SEARCHED = (
    "id", "place", "site", "admin1", "target", "weapon", "claimed_by", "denied_by", "attributed_to", "summary", "notes",
)  # fmt: skip
ACTOR_COLUMNS = ("claimed_by", "denied_by", "attributed_to")


#: Rows that are folded at a time: what folding takes does not grow with the file, and no piece passes 2 GB of text.
_ROWS_AT_ONCE = 1 << 14
#: What each byte of plain ASCII is folded to: letters to small ones, anything that is no word to a space.
_SPACE = ord(" ")
_FOLDED = np.full(256, _SPACE, dtype=np.uint8)
for _letter in b"abcdefghijklmnopqrstuvwxyz0123456789_":
    _FOLDED[[_letter, ord(chr(_letter).upper())]] = _letter

#: Gives the folded texts of the rows from one number to another.
_Part = Callable[[int, int], pa.Array]


def search_texts(records: pa.Table, place_codes: npt.NDArray[np.int32], places: pd.DataFrame) -> pa.ChunkedArray:
    """Fold the searched columns and add known names; a cell that stands in many records is folded once."""
    parts = [_part(records.column(name), _fold) for name in SEARCHED]
    parts += [_part(_encoded(records.column(name)), _actor_names) for name in ACTOR_COLUMNS]
    parts.append(_place_names(place_codes, places))
    space = pa.scalar(" ", type=pa.string())
    return pa.chunked_array(
        (
            pc.binary_join_element_wise(*(part(start, start + _ROWS_AT_ONCE) for part in parts), space)
            for start in range(0, len(records), _ROWS_AT_ONCE)
        ),
        pa.string(),
    )


def _part(column: pa.ChunkedArray, change: Callable[[pa.Array], pa.Array]) -> _Part:
    """Change the cells of a column: of one with a dictionary each word once, of another as they are asked for."""
    if not pa.types.is_dictionary(column.type):
        return lambda start, end: change(_whole(column.slice(start, end - start)).cast(pa.string()))
    encoded = _whole(column.unify_dictionaries())
    words = change(encoded.dictionary.cast(pa.string()))
    return lambda start, end: words.take(encoded.indices.slice(start, end - start))


def _encoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)


def _place_names(codes: npt.NDArray[np.int32], places: pd.DataFrame) -> _Part:
    """Fold every name that the place of a record has."""
    gazetteer = load_all_gazetteers()
    named: dict[tuple[str, str], str] = {}
    folded = []
    for key in zip(places["place_id"].tolist(), places["place_name"].tolist(), strict=True):
        if key not in named:
            place_id, name = key
            named[key] = fold_name(" ".join([name, *gazetteer.names(place_id)])) if place_id else fold_name(name)
        folded.append(named[key])
    texts = pa.array(folded, type=pa.string())
    return lambda start, end: texts.take(pa.array(codes[start:end]))


def _actor_names(cells: pa.Array) -> pa.Array:
    """Give every name that the actors of each cell have."""
    actors = load_actors()

    def names(cell: str) -> str:
        found = [actors.actor(actor_id) for _, actor_id in actors.resolve_cell(cell) if actor_id]
        return fold_name(" ".join(name for actor in found for name in (actor.name, *actor.variants)))

    return pa.array([names(cell) for cell in cells.to_pylist()], type=pa.string())


def _fold(texts: pa.Array) -> pa.Array:
    """Fold cells as `fold_name` does; plain ASCII goes by a table of letters, to the same result."""
    folded = _fold_ascii(pc.replace_substring(pc.replace_substring(texts, "'", ""), "`", ""))
    other = np.flatnonzero(~pc.string_is_ascii(texts).to_numpy(zero_copy_only=False))
    if len(other):
        exact = pa.array([fold_name(texts[int(i)].as_py()) for i in other], type=pa.string())
        mask = np.zeros(len(texts), dtype=bool)
        mask[other] = True
        folded = pc.replace_with_mask(folded, pa.array(mask), exact)
    return folded


def _fold_ascii(texts: pa.Array) -> pa.Array:
    """Fold all letters at once: a tenth of the time that a pattern takes with a million summaries."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    letters = _FOLDED[np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]]
    ends = ends - ends[0]
    blank = letters == _SPACE
    again = np.concatenate(([False], blank))  # a space that follows a space, or begins a text
    again[ends] = True
    kept = ~(blank & again[:-1])
    moved = np.concatenate(([0], np.cumsum(kept, dtype=np.int32)))[ends].astype(np.int32)
    buffers = [None, pa.py_buffer(moved), pa.py_buffer(letters[kept])]
    return pc.ascii_rtrim(pa.Array.from_buffers(pa.string(), len(texts), buffers), " ")
