"""What is asked of the records: a time window, filters, a search, and layers switched off.

A `Selection` is one small frozen value. It writes itself as a sentence (used by the page, exports and tests) and as an
address query (used by the page's address bar, the routes and the command line). `store.py` turns it into one predicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode

from geodata.errors import QueryError
from geodata.incident import (
    ADMIRALTY_ITEM,
    ADMIRALTY_SOURCE,
    CONFIDENCES,
    EVENT_TYPES,
    LIKELIHOODS,
    PRECISIONS,
    STATUSES,
    TARGET_TYPES,
)

#: The value that stands for "nothing recorded" in a filter, an address and a count.
NOT_RECORDED = ""

#: How an address asks for threats whose term is running.
IN_FORCE = "in-force"

#: Longest search text taken from an address; far above any name in the gazetteer (longest: 93 characters).
MAX_SEARCH_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to filter and count records.

    Attributes
    ----------
    name
        Key in the address and in counts.
    label
        Title of the filter, as a reader sees it.
    phrase
        Words that join the values in the selection's sentence: "type is rocket attack or drone attack".
    reason
        Why a record is hidden when this filter excludes it, as printed in the counts.
    labels
        Label of each known value in the order it is listed; empty when the values come from the records.
    """

    name: str
    label: str
    phrase: str
    reason: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def label_of(self, value: str, names: Mapping[str, str] | None = None) -> str:
        """Give a value the words a reader sees; `names` adds labels known only to the loaded records."""
        if value in self.labels:
            return self.labels[value]
        if names and value in names:
            return names[value]
        return value or "not recorded"


CASUALTY_LABELS = {
    "killed": "People killed",
    "wounded": "People wounded",
    "none": "None, as reported",
    NOT_RECORDED: "Not reported",
}

#: Grades by source, then item: A1 is the best.
GRADE_LABELS = {f"{source}{item}": f"{source}{item}" for source in ADMIRALTY_SOURCE for item in ADMIRALTY_ITEM} | {
    NOT_RECORDED: "Not graded"
}
ORIGIN_LABELS = {"1": "One origin", "2": "Two origins", "3+": "Three or more origins", NOT_RECORDED: "No source"}
MISSING_LABELS = {
    "day": "Day not exact",
    "reported": "No date of first report",
    "target": "No target",
    "claimed": "No claimant",
    "assessed": "No assessed actor",
    "harm": "Harm not reported",
    "sources": "No source",
    "grade": "No graded source",
    "confidence": "No confidence",
    NOT_RECORDED: "Nothing missing",
}

DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("type", "Type", "type", "other types", {code: kind.label for code, kind in EVENT_TYPES.items()}),
    Dimension("claimed", "Claimed by", "claimed by", "other claimants"),
    Dimension("assessed", "Assessed actor", "assessed to", "other assessed actors"),
    Dimension("parent", "Assessed parent", "assessed parent", "other assessed parents"),
    Dimension("denied", "Denied by", "denied by", "other denials"),
    Dimension(
        "likelihood", "Likelihood", "likelihood", "other likelihood", {c: v.label for c, v in LIKELIHOODS.items()}
    ),
    Dimension("target", "Target", "target", "other targets", {code: kind.label for code, kind in TARGET_TYPES.items()}),
    Dimension("country", "Country", "country", "other countries"),
    Dimension("governorate", "Governorate", "governorate", "other governorates"),
    Dimension(
        "precision",
        "Place known to",
        "place known to",
        "other place precision",
        {c: p.label for c, p in PRECISIONS.items()},
    ),
    Dimension(
        "confidence", "Confidence", "confidence", "other confidence", {c: v.label for c, v in CONFIDENCES.items()}
    ),
    Dimension(
        "status", "Review status", "review status", "other review status", {c: v.label for c, v in STATUSES.items()}
    ),
    Dimension("grade", "Best source grade", "best source grade", "other source grades", GRADE_LABELS),
    Dimension("origins", "Origins of the sources", "origins", "other numbers of origins", ORIGIN_LABELS),
    Dimension("casualties", "Casualties", "casualties", "other casualties", CASUALTY_LABELS),
    Dimension("missing", "Missing", "missing", "other missing fields", MISSING_LABELS),
    Dimension("dataset", "Dataset", "in dataset", "other datasets"),
)

DIMENSION: Mapping[str, Dimension] = {dimension.name: dimension for dimension in DIMENSIONS}


@dataclass(frozen=True, slots=True)
class Window:
    """A time window of whole days, both ends inclusive, in the records' own calendar (local date of the event)."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            msg = f"The window ends {self.last}, before it starts {self.first}: exchange the two dates."
            raise QueryError(msg)

    def sentence(self) -> str:
        """Write the window in words."""
        if self.first == date.min:
            return f"until {long_date(self.last)}"
        if self.last == date.max:
            return f"from {long_date(self.first)} on"
        if self.first == self.last:
            return f"on {long_date(self.first)}"
        return f"between {long_date(self.first)} and {long_date(self.last)}"


def long_date(day: date) -> str:
    """Write a day as `29 July 2021`, without a leading zero and whatever the machine's language."""
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return f"{day.day} {months[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The question put to the records.

    Attributes
    ----------
    window
        Days asked for; None asks for all time.
    filters
        Dimension name -> values wanted, any of which is enough; a dimension that is absent does not filter.
    search
        Words that must all occur in a record's text, names or variants.
    hidden_types
        Event types whose layer is switched off on the map.
    known_on
        Day as of which the records are asked: what became known later is left out.
    in_force
        Whether threats announced before the window are shown while their term runs.
    """

    window: Window | None = None
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    search: str = ""
    hidden_types: frozenset[str] = frozenset()
    known_on: date | None = None
    in_force: bool = False

    def __post_init__(self) -> None:
        unknown = sorted(set(self.filters) - set(DIMENSION))
        if unknown:
            msg = f"No filter is named {unknown[0]!r}; the filters are {', '.join(DIMENSION)}."
            raise QueryError(msg)
        kept = {name: frozenset(self.filters[name]) for name in DIMENSION if self.filters.get(name)}
        object.__setattr__(self, "filters", kept)
        object.__setattr__(self, "search", " ".join(self.search.split())[:MAX_SEARCH_CHARACTERS].rstrip())

    def __hash__(self) -> int:
        return hash(
            (self.window, tuple(self.filters.items()), self.search, self.hidden_types, self.known_on, self.in_force)
        )

    def with_filter(self, name: str, values: Iterable[str]) -> Selection:
        """Return this selection with one filter set; no values remove the filter."""
        return replace(self, filters={**self.filters, name: frozenset(values)})

    @property
    def is_filtered(self) -> bool:
        """Tell whether anything besides the window decides which records are shown."""
        return bool(self.filters or self.search or self.hidden_types or self.known_on or self.in_force)

    def sentence(self, names: Mapping[str, str] | None = None) -> str:
        """Say in words what is asked; it names every filter that is on.

        Parameters
        ----------
        names
            Labels of values known only to the loaded records (area id -> area name).
        """
        parts = [self.window.sentence() if self.window else "at any time"]
        for name, values in self.filters.items():
            dimension = DIMENSION[name]
            labels = sorted(dimension.label_of(value, names) for value in values)
            parts.append(f"{dimension.phrase} {_any_of(labels)}")
        if self.search:
            parts.append(f"mentioning “{self.search}”")
        if self.hidden_types:
            labels = sorted(DIMENSION["type"].label_of(code) for code in self.hidden_types)
            parts.append(f"without the map layer{'s' if len(labels) > 1 else ''} of {_and(labels)}")
        if self.in_force:
            parts.append("with earlier threats still in force")
        if self.known_on:
            parts.append(f"as known on {long_date(self.known_on)}")
        return "Incidents " + "; ".join(parts) + "."

    def to_query(self) -> list[tuple[str, str]]:
        """Write the selection as address pairs, in a fixed order; defaults are left out."""
        pairs: list[tuple[str, str]] = []
        if self.window:
            pairs += [("from", self.window.first.isoformat()), ("to", self.window.last.isoformat())]
        for name, values in self.filters.items():
            pairs += [(name, _written(value)) for value in sorted(values)]
        if self.search:
            pairs.append(("q", self.search))
        pairs += [("off", code) for code in sorted(self.hidden_types)]
        if self.known_on:
            pairs.append(("known", self.known_on.isoformat()))
        if self.in_force:
            pairs.append(("threats", IN_FORCE))
        return pairs

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]]) -> tuple[Selection, tuple[str, ...]]:
        """Read address pairs; what cannot be read falls back to its default and is told.

        Returns
        -------
        selection
            What was understood.
        problems
            One sentence for each value that was not.
        """
        gathered: dict[str, list[str]] = {}
        for key, value in pairs:
            gathered.setdefault(key, []).append(value)
        problems: list[str] = []
        window = _read_window(gathered, problems)
        filters = {name: _read_values(DIMENSION[name], gathered.get(name, []), problems) for name in DIMENSION}
        hidden = _read_values(Dimension("off", "", "", "", DIMENSION["type"].labels), gathered.get("off", []), problems)
        selection = cls(
            window=window,
            filters=filters,
            search=" ".join(gathered.get("q", [])),
            hidden_types=hidden,
            known_on=_read_days(("known",), gathered, problems).get("known"),
            in_force=_read_in_force(gathered.get("threats", []), problems),
        )
        return selection, tuple(problems)


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Split an address query (`?` optional) into pairs; raises QueryError when it has more than 500 fields."""
    try:
        return parse_qsl(query.lstrip("?"), keep_blank_values=True, max_num_fields=500)
    except ValueError as error:
        msg = f"The address cannot be read ({error}); at most 500 fields are taken."
        raise QueryError(msg) from error


def query_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Join pairs to an address query, percent-encoded."""
    return urlencode(list(pairs))


def _written(value: str) -> str:
    """Write a filter's value for the address: `-` is nothing recorded, a name that starts with `-` gets one more."""
    return f"-{value}" if not value or value.startswith("-") else value


def _read_values(dimension: Dimension, raw: list[str], problems: list[str]) -> frozenset[str]:
    wanted = {value.removeprefix("-"): value for value in raw if value}
    if dimension.labels:
        # Every filter can ask for nothing recorded; no map layer shows it.
        known = {*dimension.labels, NOT_RECORDED} if dimension.name in DIMENSION else {*dimension.labels}
        expected = ", ".join(code for code in dimension.labels if code)
        problems += [
            f"{dimension.name}={written[:60]!r} is not known and was left out; expected one of {expected}."
            for value, written in sorted(wanted.items())
            if value not in known
        ]
        return frozenset(known.intersection(wanted))
    return frozenset(wanted)


def _read_window(gathered: Mapping[str, list[str]], problems: list[str]) -> Window | None:
    days = _read_days(("from", "to"), gathered, problems)
    if not days:
        return None
    first, last = days.get("from", date.min), days.get("to", date.max)
    if last < first:
        problems.append(f"from={first.isoformat()} lies after to={last.isoformat()}; the two were exchanged.")
        first, last = last, first
    return Window(first, last)


def _read_days(keys: Iterable[str], gathered: Mapping[str, list[str]], problems: list[str]) -> dict[str, date]:
    days: dict[str, date] = {}
    for key in keys:
        for value in gathered.get(key, [])[:1]:
            day = _read_day(value)
            if day is None:
                problems.append(
                    f"{key}={value[:60]!r} is not a day and was left out; expected a date such as 2021-07-29."
                )
            else:
                days[key] = day
    return days


def _read_in_force(raw: list[str], problems: list[str]) -> bool:
    problems += [
        f"threats={value[:60]!r} is not known and was left out; expected {IN_FORCE}."
        for value in raw[:1]
        if value != IN_FORCE
    ]
    return raw[:1] == [IN_FORCE]


def _read_day(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip(), re.ASCII):
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _any_of(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else ", ".join(labels[:-1]) + " or " + labels[-1]


def _and(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else ", ".join(labels[:-1]) + " and " + labels[-1]
