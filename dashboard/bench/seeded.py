"""Seeded records in the project's own layout, for measuring: the same number and seed always give the same file."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geodata.actors import load_actors
from geodata.boundaries import load_boundaries
from geodata.gazetteer import load_gazetteer
from geodata.incident import COLUMN_NAMES, CONFIDENCES, EVENT_TYPES, LIKELIHOODS, SEPARATOR, STATUSES, TARGET_TYPES

#: Raise it when the records change, so that files made before are not taken for new ones.
SEED_VERSION: Final = 1
#: Six years with two leap days.
FIRST_DAY: Final = date(2016, 1, 1)
N_DAYS: Final = 2_192
#: Named places besides districts, governorates and countries; an export of a whole conflict names a few thousand.
N_PLACES: Final = 2_400
#: Rows made at a time: 60 MB of text.
CHUNK_ROWS: Final = 250_000
#: Rows that the reader must reject, in each file.
N_REJECTED: Final = 20

_COUNTRIES: Final = ("IQ", "SY", "JO", "KW", "LB", "IR", "TR", "SA", "IL")
_WORDS: Final = (
    "rockets", "drone", "convoy", "base", "patrol", "checkpoint", "militia", "claimed", "struck", "perimeter", "fence",
    "runway", "market", "bridge", "village", "night", "dawn", "evening", "reported", "wounded", "damage", "none",
    "minor", "heavy", "intercepted", "launched", "fell", "near", "north", "south", "east", "west", "road", "fuel",
    "trucks", "contractor", "embassy", "compound", "airfield", "sources", "police", "army", "statement", "warned",
    "denied", "video", "channel", "second", "third", "follows", "earlier", "later", "attack", "device", "roadside",
    "mortar", "shells", "warehouse", "depot", "officer", "tribal",
)  # fmt: skip

#: An arrow array of text, or one text for all rows; pyarrow ships no types.
Column = Any
Integers = npt.NDArray[np.int64]


def make_incidents(n: int, seed: int = 1, *, folder: Path | None = None) -> Path:
    """Write `n` made-up records to a CSV file, or give the file that was written before.

    Parameters
    ----------
    n
        Rows of the file; the last 20 at most are meant to be rejected.
    seed
        Start of the random numbers.
    folder
        Where to keep the file; a folder for temporary files when left out.

    Returns
    -------
    path
        CSV file with the columns of `geodata.incident`.
    """
    path = (folder or cache_folder()) / f"incidents-{n}-{seed}-v{SEED_VERSION}.csv"
    if path.exists():
        return path
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.write((",".join(COLUMN_NAMES) + "\n").encode())
        for start in range(0, n, CHUNK_ROWS):
            rng = np.random.default_rng([seed, start])
            file.write(_text(_rows(rng, start, min(CHUNK_ROWS, n - start), n)))
    unfinished.replace(path)
    return path


def cache_folder() -> Path:
    """Give the folder in which made files are kept between measurements; it may be deleted at any time."""
    folder = Path(tempfile.gettempdir()) / "incident-atlas-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _text(columns: dict[str, Column]) -> bytes:
    """Join columns to lines; cells that need quotes have them already."""
    empty = pa.scalar("", pa.large_string())
    cells = [columns.get(name, empty).cast(pa.large_string()) for name in COLUMN_NAMES]
    lines = pc.binary_join_element_wise(*cells, pa.scalar(",", pa.large_string()))
    ended = pc.binary_join_element_wise(lines, empty, pa.scalar("\n", pa.large_string()))
    return bytes(ended.buffers()[2])


def _rows(rng: np.random.Generator, start: int, size: int, n: int) -> dict[str, Column]:
    """Make the rows from number `start` on."""
    number = np.arange(start, start + size)
    spoilt = number >= n - min(N_REJECTED, n // 1_000)
    summary = pc.binary_join_element_wise(*(_pick(rng, _WORDS, size) for _ in range(8)), " ")
    return {
        "id": pc.binary_join_element_wise("b", pa.array(number).cast(pa.string()), "-"),
        "status": _pick(rng, ("", *STATUSES), size),
        **_dates(rng, size, spoilt),
        "event_type": _pick(rng, tuple(EVENT_TYPES), size, _falling(len(EVENT_TYPES), 0.7)),
        "munitions": _pick(rng, ("", *map(str, range(1, 13))), size),
        "events_min": _pick(rng, ("", "2", "3"), size, np.array([0.97, 0.02, 0.01])),
        **_where(rng, size),
        **_who(rng, size),
        **_harm(rng, size),
        "summary": summary,
        "sources": pc.binary_join_element_wise(
            "https://example.org/", pa.array(rng.integers(0, 9_999_999, size)).cast(pa.string()), " | grade=B3", ""
        ),
        "confidence": _pick(rng, ("", *CONFIDENCES), size),
    }


def _dates(rng: np.random.Generator, size: int, spoilt: npt.NDArray[np.bool_]) -> dict[str, Column]:
    """Whole days with a tempo that rises and falls; some known to the month or year, some intervals, some without."""
    days = [FIRST_DAY + timedelta(days=k) for k in range(N_DAYS + 40)]
    texts = [day.isoformat() for day in days]
    wave = 1.2 + np.sin(np.arange(N_DAYS) / 97) * 0.8 + np.sin(np.arange(N_DAYS) / 11) * 0.15
    day = rng.choice(N_DAYS, size, p=wave / wave.sum())
    kind = rng.choice(5, size, p=(0.92, 0.03, 0.005, 0.04, 0.005))  # day, month, year, interval, no date
    months, years = [text[:7] for text in texts], [text[:4] for text in texts]
    written = np.select([kind == 1, kind == 2, kind == 4, spoilt], [1, 2, 3, 4], 0)
    vocabulary = [*texts, *months, *years, "", "some time"]
    at = np.select([written < 3, written == 3], [written * len(texts) + day, 3 * len(texts)], 3 * len(texts) + 1)
    end = np.where(kind == 3, day + rng.integers(1, 20, size), len(texts))
    return {"date_start": _take(vocabulary, at), "date_end": _take([*texts, ""], end)}


def _where(rng: np.random.Generator, size: int) -> dict[str, Column]:
    place, admin1, country = zip(*place_texts(), strict=True)
    # The first places are named most, as capitals and front lines are.
    at = rng.choice(len(place), size, p=_falling(len(place), 0.9))
    return {"place": _take(place, at), "admin1": _take(admin1, at), "country": _take(country, at)}


@cache
def place_texts() -> tuple[tuple[str, str, str], ...]:
    """List distinct (place, governorate, country) texts the geocoder is asked for, the most frequent first."""
    gazetteer, boundaries = load_gazetteer(), load_boundaries()
    rng = np.random.default_rng(7)
    kinds, countries, areas = (gazetteer.column(name) for name in ("precision", "country", "admin1"))
    rows = [
        row
        for row in range(len(gazetteer))
        if countries[row] in _COUNTRIES and kinds[row] in ("site", "town", "near") and areas[row] in boundaries
    ]
    # Half of the places lie in Iraq and Syria, as far as the gazetteer goes; the other half around them.
    rows.sort(key=lambda row: (countries[row] not in ("IQ", "SY"), -int(gazetteer.population[row]), row))
    named = [
        (gazetteer.column("name")[row], boundaries.area(areas[row]).name, boundaries.area(countries[row]).name)
        for row in rows[:N_PLACES]
    ]
    shuffled = [named[index] for index in rng.permutation(len(named))]
    coarse = [
        (f"{area.name} {area.level}", "", boundaries.area(area.id.split(".")[0]).name)
        for level in ("governorate", "district")
        for area in boundaries.areas(level)
        if area.id.startswith(("IQ.", "SY."))
    ]
    lost = [("undisclosed location", "", ""), ("a forward position", "", ""), ("Iraq", "", "Iraq")]
    spread = np.linspace(5, len(shuffled), len(coarse) + len(lost)).astype(int)
    for at, text in sorted(zip(spread.tolist(), [*lost, *coarse], strict=True), reverse=True):
        shuffled.insert(at, text)
    return tuple(dict.fromkeys(shuffled))


def _who(rng: np.random.Generator, size: int) -> dict[str, Column]:
    actors = [actor.name for actor in load_actors()][:20]
    pairs = [SEPARATOR.join(pair) for pair in zip(actors[:5], actors[5:10], strict=True)]
    named, weights = ("", *actors, *pairs), np.r_[3.0, _falling(20, 0.5), np.full(5, 0.01)]
    return {
        "target_type": _pick(rng, ("", *TARGET_TYPES), size),
        "claimed_by": _pick(rng, named, size, weights / weights.sum()),
        "denied_by": _pick(rng, ("", *actors[:6]), size, np.r_[0.94, np.full(6, 0.01)]),
        "attributed_to": _pick(rng, named, size, weights / weights.sum()),
        "likelihood": _pick(rng, ("", *LIKELIHOODS), size, np.r_[0.86, np.full(7, 0.02)]),
    }


def _harm(rng: np.random.Generator, size: int) -> dict[str, Column]:
    """Killed and wounded: mostly unknown or none, now and then with a highest account above the best one."""
    texts = ["", *map(str, range(40))]
    columns: dict[str, Column] = {}
    for name in ("killed", "wounded"):
        known = rng.random(size) < 0.4
        best = np.minimum(rng.geometric(0.45, size) - 1, 20)
        more = known & (rng.random(size) < 0.1)
        columns[name] = _take(texts, np.where(known, best + 1, 0))
        columns[f"{name}_max"] = _take(texts, np.where(more, best + 1 + rng.integers(1, 9, size), 0))
    return columns


def _falling(n: int, power: float) -> npt.NDArray[np.float64]:
    """Chances that fall with rank: the first is met most, none is zero."""
    weights = 1 / np.arange(1, n + 1) ** power
    return np.asarray(weights / weights.sum())


def _pick(
    rng: np.random.Generator, words: Sequence[str], size: int, chances: npt.NDArray[np.float64] | None = None
) -> pa.Array:
    return _take(words, rng.choice(len(words), size, p=chances))


def _take(words: Sequence[str], at: Integers) -> pa.Array:
    quoted = [f'"{word}"' if {",", '"'} & set(word) else word for word in words]
    return pa.array(quoted, pa.string()).take(pa.array(at))
