"""The words of a product, all made from the selection and the records: title, dates, counts, caveats, sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.drawing import Drawing
from dashboard.products.source_words import reliability_text, sources_text, unsourced, written
from dashboard.view import COLOUR_BY, View
from dashboard.words import counts_sentence, events_sentence, known_sentence
from geodata.answer import Answer
from geodata.boundaries import CREDITS, DISCLAIMER, load_boundaries
from geodata.dataset import Dataset
from geodata.dates import parse_dates
from geodata.incident import (
    ATTACK_TYPES,
    DEFAULT_TIME_ZONE,
    EVENT_TYPES,
    STATUSES,
    TARGET_TYPES,
    TERMS,
)
from geodata.record_table import Rows
from geodata.scan_loops import NO_DAY
from geodata.selection import Window, long_date
from geodata.store import Store, day_of
from geodata.user_gazetteers import gazetteer_credits

#: Countries named in a title must hold this share of the records shown.
NAMED_SHARE = 0.04
MOST_NAMED = 3
#: Place as reported that a title can hold, in characters.
LONGEST_PLACE = 48
#: What is said when all records lie outside the countries of the map and none names a place.
UNMAPPED = "Outside the mapped countries"
#: Subject of a title where no type is asked for.
ANYTHING = "incidents"

PLURALS = {
    "statement": "statements", "capability": "capabilities", "other": "other incidents",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """All texts of a product; each is plain text, written and never parsed."""

    title: str
    window: str
    as_of: str
    sentence: str
    counts: str
    events: str
    possible: str
    precision: str
    attribution: str
    completeness: str
    review: str
    reliability: str
    sources: str
    data: str
    base_map: str
    disclaimer: str
    definitions: tuple[tuple[str, str], ...]
    overrides: str = ""
    redaction: str = ""


def words_for(dataset: Dataset, answer: Answer, drawing: Drawing, view: View) -> Words:
    """Write a product's texts."""
    store = dataset.store
    found = written(store, answer.rows)
    return Words(
        title=title_of(store, answer),
        window=window_text(store, answer),
        as_of=as_of_text(store, answer.selection.known_on),
        sentence=answer.selection.sentence(store.names),
        counts=counts_sentence(answer.counts),
        events=events_sentence(answer.counts),
        possible=_possible(drawing),
        precision=precision_text(drawing),
        attribution=attribution_text(view),
        completeness=completeness_text(store, answer),
        review=review_text(store, answer.rows),
        reliability=reliability_text(found),
        sources=sources_text(found, unsourced(store, answer.rows)),
        data=data_text(dataset, answer),
        base_map=". ".join((*CREDITS, *_gazetteer_credits(store, answer.rows))) + ".",
        disclaimer=DISCLAIMER,
        definitions=definitions_for(drawing),
    )


def data_text(dataset: Dataset, answer: Answer) -> str:
    """Name the data a product was made from, with the credit of every imported dataset that it shows."""
    shown = dataset.store.coded["dataset"].at(answer.rows).totals()
    credited = [part.credit for part in dataset.parts if part.credit and shown.get(part.name)]
    told = f". Datasets: {'; '.join(credited)}" if credited else ""
    return f"{dataset.label}, {dataset.read:,} records read, SHA-256 {dataset.sha256[:16]}{told}"


def _gazetteer_credits(store: Store, rows: Rows) -> tuple[str, ...]:
    """Give the credits of the gazetteers added here in which some of the records were found."""
    places = np.unique(store.columns.place[rows])
    return gazetteer_credits(store.places["place_id"].to_numpy(dtype=object)[places[places >= 0]])


def alt_text(words: Words) -> str:
    """Describe the page for a reader who cannot see it."""
    return f"Map. {words.title}. {words.counts}. {words.events}. {words.window}. {words.as_of}."


def title_of(store: Store, answer: Answer) -> str:
    """Write the title from the selection: place, subject, period."""
    if not len(answer.rows):
        window = answer.selection.window
        return f"No record shown: {subject_text(answer)}" + (f" {window.sentence()}" if window else "")
    subject = subject_text(answer)
    if len(answer.rows) == 1 and subject == ANYTHING:
        subject = _kind_text(store, answer)
    return f"{place_text(store, answer)}: {subject}, {period_text(store, answer)}"


def place_text(store: Store, answer: Answer) -> str:
    """Name the place: the areas filtered for, else the one place of all records or the countries that hold them."""
    for name in ("governorate", "country"):
        wanted = answer.selection.filters.get(name, frozenset()) - {""}
        if wanted:
            return listed(sorted(store.names.get(value, value) for value in wanted))
    if alone := _lone_place(store, answer.rows):
        return alone
    counts = value_counts(store, "country", answer.rows)
    counted = Counter({store.names.get(value, value): n for value, n in counts.items() if value and n})
    counted.update(_unmapped_places(store, answer.rows))
    ranked = sorted(((n, name) for name, n in counted.items() if name), key=lambda pair: (-pair[0], pair[1]))
    if not ranked:
        return UNMAPPED
    # Where no place has its share, as in a file that names each once, the first stand for the rest.
    named = [name for n, name in ranked if n >= NAMED_SHARE * len(answer.rows)] or [name for _, name in ranked]
    named = named[:MOST_NAMED]
    return ", ".join(named) + " and elsewhere" if len(counted) > len(named) else listed(named)


def _lone_place(store: Store, rows: Rows) -> str:
    """Name the one place that all records lie at with its country, or nothing when there are several."""
    if len(np.unique(store.spot[rows])) != 1:
        return ""
    place = store.placements_at(rows[:1]).iloc[0]
    name, country = str(place["place_name"]), store.names.get(str(place["country_id"]), "")
    if not (name and country) or name == country:
        return ""
    return f"{'near ' if place['precision'] == 'near' else ''}{name}, {country}"


def _unmapped_places(store: Store, rows: Rows) -> Counter[str]:
    """Count the records placed in no country that is mapped under the country or place they state; "" when too long.

    A country that is mapped does not name them: their point lies outside it.
    """
    coded = store.coded["country"]
    nowhere = [at for at, values in enumerate(coded.combinations) if values == ("",)]
    rows = rows[np.isin(coded.codes[rows], nowhere)]
    if not len(rows):
        return Counter()
    mapped = {name.casefold() for area in load_boundaries().areas("country") for name in (area.name, *area.aliases)}
    stated = zip(*(store.records.column(name, rows).tolist() for name in ("country", "place")), strict=True)
    counted: Counter[str] = Counter()
    for (country, place), n in Counter(stated).items():
        several = [name.strip() for name in country.split(";")] if ";" in country else []  # what is in reach
        for name in several or [country if country and country.casefold() not in mapped else place]:
            counted[name if len(name) <= LONGEST_PLACE else ""] += n
    return counted


def subject_text(answer: Answer) -> str:
    """Name the subject: the types filtered for, and the targets."""
    wanted = answer.selection.filters.get("type", frozenset()) - {""}
    if not wanted:
        subject = ANYTHING
    elif wanted == frozenset(ATTACK_TYPES):
        subject = "attacks"
    else:
        subject = listed([plural(code) for code in EVENT_TYPES if code in wanted])
    targets = [
        TARGET_TYPES[code].label.lower() for code in TARGET_TYPES if code in answer.selection.filters.get("target", ())
    ]
    if targets:
        subject += f" (target: {listed(targets)})"
    return subject


def plural(code: str) -> str:
    """Write an event type's label in the plural, in running text."""
    return PLURALS.get(code) or f"{_running(code)}s"


def _running(code: str) -> str:
    label = EVENT_TYPES[code].label
    return label if label.isupper() else label.lower()


def _kind_text(store: Store, answer: Answer) -> str:
    """Name the subject of a product of one record: its type."""
    kind = str(store.records.column("event_type", answer.rows[:1])[0])
    return "incident" if kind == "other" else _running(kind)


def period_text(store: Store, answer: Answer) -> str:
    """Write the period: the window asked for, else the months of the records shown."""
    window = answer.selection.window
    if window and window.first != date.min and window.last != date.max:
        return span_text(window.first, window.last)
    extent = shown_extent(store, answer.rows)
    if extent is None:
        return "no dates"
    first = window.first if window and window.first != date.min else extent.first
    last = window.last if window and window.last != date.max else extent.last
    last = max(first, last)
    if first == last:
        return long_date(first)
    one, two = (long_date(day).split(" ", 1)[1] for day in (first, last))
    if one == two:
        return one
    return f"{one.split()[0] if first.year == last.year else one} – {two}"


def span_text(first: date, last: date) -> str:
    """Write a span of days without saying month or year twice."""
    one, two = long_date(first), long_date(last)
    if first == last:
        return two
    if first.year == last.year:
        one = one.rsplit(" ", 1)[0]
        if first.month == last.month:
            return f"{first.day}–{two}"
    return f"{one} – {two}"


def shown_extent(store: Store, rows: Rows) -> Window | None:
    """First and last day on which the records shown may have happened."""
    dated = rows[store.columns.first_day[rows] != NO_DAY]
    if not len(dated):
        return None
    return Window(day_of(store.columns.first_day[dated].min()), day_of(store.columns.last_day[dated].max()))


def window_text(store: Store, answer: Answer) -> str:
    """Say which days are shown, in which zone and by which date."""
    window = answer.selection.window
    extent = shown_extent(store, answer.rows)
    if window is None and extent is None:
        return "No dated record."
    if window is None and extent is not None:
        days = f"All dates: {_span_words(extent)}"
    else:
        days = f"Window: {_window_days(window)}"
    return f"{days}, by day of the event, local time ({zones_text(store, answer.rows)})"


def zones_text(store: Store, rows: Rows | None = None) -> str:
    """Name the zones whose local time some records, or all, are written in: those of most records first."""
    zones = store.records.arrow("time_zone")
    chosen = zones if rows is None else zones.take(pa.array(rows))
    counts: Counter[str] = Counter()
    for found in pc.value_counts(chosen).to_pylist():
        counts[found["values"] or DEFAULT_TIME_ZONE] += found["counts"]
    names = [zone for zone, _ in counts.most_common()]
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    return listed(names) or DEFAULT_TIME_ZONE


def _span_words(extent: Window) -> str:
    first, last = long_date(extent.first), long_date(extent.last)
    return first if first == last else f"{first} to {last}"


def _window_days(window: Window | None) -> str:
    """Write a window as it stands in a line: what is given of its two days belongs to it."""
    text = window.sentence() if window else ""
    if text.startswith("between "):
        return f"{text.removeprefix('between ').replace(' and ', ' to ')}, both days included"
    return text.removeprefix("on ")


def as_of_text(store: Store, known_on: date | None = None) -> str:
    """Say up to which day the data can know of anything, never the day of printing; first which day was asked for."""
    last = data_cut_off(store)
    text = f"Data as of {long_date(last)}, 24:00 local time ({zones_text(store)})" if last else "Data without dates"
    return f"As known on {long_date(known_on)}. {text}" if known_on else text


@lru_cache(maxsize=4)
def data_cut_off(store: Store) -> date | None:
    """Latest day on which a record happened or was first reported."""
    first = store.columns.first_day
    days = [day_of(first[first != NO_DAY].max())] if (first != NO_DAY).any() else []
    if "first_reported" in store.records.names:
        reported = parse_dates(pd.Series(store.records.column("first_reported"))).first
        known = reported[~np.isnat(reported)]
        if len(known):
            days.append(date.fromisoformat(str(known.max())))
    return max(days, default=None)


def precision_text(drawing: Drawing) -> str:
    """Say how exactly the places are known, in shares that add up; a class that is there is never 0 %."""
    total = sum(entry.count for entry in drawing.precisions)
    if not total:
        return "No record is placed."
    shares = whole_shares([entry.count for entry in drawing.precisions])
    classes = zip(drawing.precisions, shares, strict=True)
    parts = [f"{share or 'under 1'} % {entry.label.lower()}" for entry, share in classes]
    return "Place known to: " + ", ".join(parts) + ". Nothing is drawn more exactly than it is known."


def whole_shares(counts: Sequence[int]) -> list[int]:
    """Turn counts to whole percentages that add up to 100 (largest remainder)."""
    total = sum(counts)
    exact = [100 * n / total for n in counts]
    floors = [int(value) for value in exact]
    order = sorted(range(len(counts)), key=lambda k: (floors[k] - exact[k], k))
    for k in order[: 100 - sum(floors)]:
        floors[k] += 1
    return floors


def attribution_text(view: View) -> str:
    """Say what the colours claim about who did it."""
    colours = {
        "claimed": "Colours show who claimed an act, not who did it; a claim is not evidence.",
        "assessed": "Colours show whom somebody else has assessed to have done it, on the word named in each record.",
        "parent": "Colours show the highest body below a state to which the assessed actor was subordinate on that day "
        "(front, affiliate, command or part), not who did it.",
    }.get(view.colour_by, f"Colours show the {COLOUR_BY[view.colour_by]}, not who did it.")
    return (
        f"{colours} Claimed, denied and assessed actors are kept apart in the records. Confidence is about evidence; "
        "it is no probability."
    )


def completeness_text(store: Store, answer: Answer) -> str:
    """Say what may be missing, and how "as known on" a day was told."""
    missing = "Not exhaustive: open sources miss incidents, and the newest days fill up later."
    return " ".join(filter(None, (missing, known_sentence(store, answer))))


def value_counts(store: Store, dimension: str, rows: Rows) -> dict[str, int]:
    """Count the rows that have each value of a dimension."""
    coded = store.coded[dimension]
    return coded.per_value(np.bincount(coded.codes[rows], minlength=len(coded.combinations)))


def review_text(store: Store, rows: Rows) -> str:
    """Say how far the records shown were checked."""
    counts = value_counts(store, "status", rows)
    parts = [f"{counts[code]:,} {status.label.lower()}" for code, status in STATUSES.items() if counts.get(code)]
    return f"Review: {', '.join(parts) or 'no record'} (a draft is one analyst's reading, unchecked)."


def definitions_for(drawing: Drawing) -> tuple[tuple[str, str], ...]:
    """Define every loaded term the legend uses, and those its classes rest on."""
    drawn = [entry.value for entry in drawing.shapes]
    made: dict[str, str] = {}
    if any(code in ATTACK_TYPES for code in drawn):
        made["Attack"] = TERMS["attack"]
    if drawing.colour_by == "claimed":
        made["Claim"] = TERMS["claim"]
    if drawing.colour_by == "assessed":
        made["Attribution"] = TERMS["attribution"]
    made |= {EVENT_TYPES[code].label: EVENT_TYPES[code].definition for code in drawn}
    # Definitions name codes in backticks, as the codebook prints them; a page has none.
    return tuple((term, text.replace("`", "")) for term, text in made.items())


def _possible(drawing: Drawing) -> str:
    parts = []
    if drawing.possible:
        parts.append(
            f"{drawing.possible:,} of the records shown only may fall into the window: "
            f"{'its' if drawing.possible == 1 else 'their'} date is a range or half known."
        )
    if drawing.in_force:
        threats = "a threat" if drawing.in_force == 1 else "threats"
        parts.append(f"{drawing.in_force:,} of them: {threats} announced before the window whose term still runs.")
    return " ".join(parts)


def listed(values: Sequence[str]) -> str:
    """Join words as a sentence does."""
    return values[0] if len(values) == 1 else ", ".join(values[:-1]) + " and " + values[-1] if values else ""
