"""Records and selections made up at random by Hypothesis, of every kind the store tells apart."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st
from small_store import PLACES, Row, row

from geodata.selection import Selection, Window

DAYS = ("", "2020", "2021", "2021-07", "2021-07-10", "2021-07-29", "2021-07-31", "2021-08-01")
ENDS = ("", "", "2021-08", "2021-09-15", "2021-12-31")
ACTORS = ("", "A", "B", "C", "A; B", "B; A", "A; A; C")
TYPES = ("rocket_attack", "drone_attack", "threat", "airstrike")
SOURCES = ("", "https://a.org/1", "https://a.org/1 | grade=C3; https://b.org/2 | grade=C4")
FEW = ("", "0", "1", "4")


@st.composite
def random_rows(draw: st.DrawFn) -> tuple[Row, ...]:
    pick = st.sampled_from
    rows = []
    for number in range(draw(st.integers(0, 12))):
        start = draw(pick(DAYS))
        rows.append(
            row(
                f"r{number}",
                start,
                draw(pick(tuple(PLACES))),
                date_end=draw(pick(ENDS)) if start.startswith("2021") else "",
                event_type=draw(pick(TYPES)),
                claimed_by=draw(pick(ACTORS)),
                attributed_to=draw(pick(ACTORS)),
                target_type=draw(pick(("", "base", "embassy"))),
                confidence=draw(pick(("", "low", "high"))),
                status=draw(pick(("", "draft", "reviewed"))),
                killed=draw(pick(FEW)),
                wounded_min=draw(pick(FEW)),
                counting=draw(pick(("", "count_only", "count_alone", "part"))),
                events_min=draw(pick(("", "3"))),
                events_max=draw(pick(("", "4"))),
                sources=draw(pick(SOURCES)),
                expires=draw(pick(("", "2021-08-31", "2021-12"))),
                first_reported=draw(pick(("", "2021-08-10", "2021-09"))),
                links=draw(pick(("", "", "", "series:r0", "correction:r0", "related:r1; correction:r2"))),
                summary=draw(pick(("rocket fire", "Feuer", "نار"))),
            )
        )
    return tuple(rows)


@st.composite
def random_selections(draw: st.DrawFn) -> Selection:
    pick = st.sampled_from
    some = lambda values: st.frozensets(pick(values), max_size=2)  # noqa: E731
    days = [date(2020, 12, 31), date(2021, 1, 1), date(2021, 7, 10), date(2021, 7, 30), date(2021, 9, 1)]
    asked = draw(st.none() | st.tuples(pick(days), pick(days)))
    values = {
        "type": TYPES,
        "claimed": ("", "A", "B", "Z"),
        "assessed": ("", "C"),
        "target": ("", "base"),
        "country": ("", "IQ", "SY"),
        "governorate": ("", "IQ.baghdad", "IQ.anbar"),
        "precision": ("site", "town", "governorate", "country", "unknown"),
        "confidence": ("", "low"),
        "status": ("draft", "reviewed"),
        "parent": ("", "A"),
        "grade": ("", "C3", "C4"),
        "origins": ("", "1", "2"),
        "casualties": ("", "killed", "wounded", "none"),
        "missing": ("", "day", "reported", "target", "harm", "grade"),
    }
    wanted = draw(st.lists(pick(tuple(values)), max_size=3, unique=True))
    return Selection(
        window=Window(min(asked), max(asked)) if asked else None,
        filters={name: draw(some(values[name])) for name in wanted},
        search=draw(pick(("", "", "", "rocket", "نار", "baghdad", "fire rocket"))),
        hidden_types=draw(st.just(frozenset()) | some(TYPES)),
        known_on=draw(st.none() | pick(days)),
        in_force=draw(st.booleans()),
    )
