"""The text of records for one file: whole records while they fit, newest first; what does not fit is said."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.record import date_text, describe_rows
from geodata.record_table import Rows
from geodata.search_text import SEARCHED
from geodata.store import Store

#: Records whose text is packed together: the browser unpacks one pack in a few milliseconds.
PACK_ROWS = 500


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of the last records of a list: packs of `PACK_ROWS`, the last records first, and how many they hold."""

    packs: tuple[str, ...]
    carried: int


def pack_texts(store: Store, rows: Rows, room: int) -> Texts:
    """Pack the text of as many records as fit into `room` bytes, from the last one on."""
    packs: list[str] = []
    carried = 0
    while carried < len(rows):
        upto = len(rows) - carried
        lines = _lines(store, rows[max(0, upto - PACK_ROWS) : upto])
        pack = packed_text(json.dumps(lines, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
        room -= len(pack)
        if room < 0:
            break
        packs.append(pack)
        carried += len(lines)
    return Texts(tuple(packs), carried)


def packed_text(text: str) -> str:
    """Deflate a text and write it in base64."""
    return packed_bytes(text.encode("utf-8"))


def packed_bytes(data: bytes) -> str:
    """Deflate bytes and write them in base64, for the browser's DecompressionStream("deflate-raw")."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(data) + packer.flush()).decode("ascii")


def _lines(store: Store, rows: Rows) -> list[list[Any]]:
    """Give each record as what the table shows of it, the words the search looks through, and its description."""
    columns = ("place", "summary", "date_start", "date_end", *SEARCHED)
    records = store.records.take(np.asarray(rows), tuple(dict.fromkeys(columns))).to_dict("records")
    described = describe_rows(store, rows)
    lines = []
    for record, told in zip(records, described, strict=True):
        words = " ".join(str(record[name]) for name in SEARCHED)
        lines.append([told["id"], date_text(record), record["place"], words, told])
    return lines
