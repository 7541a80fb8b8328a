"""Options that several commands share, and how a command shows its progress."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geodata.errors import QueryError
from geodata.user_data import IMPORTED

if TYPE_CHECKING:
    from dashboard.view import View
    from geodata.dataset import Dataset
    from geodata.online import OnlineGeocoder

DataFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        help="File of incidents, or several: repeat the option. The shipped records when left out. "
        f"{IMPORTED}NAME is a dataset that was imported in the page.",
    ),
]
ViewQuery = Annotated[str, typer.Option("--view", help="The page's own query string, as in its address bar.")]
OnlineHost = Annotated[
    str,
    typer.Option(
        "--online", help="Host of a Nominatim service that proposes places, by name; nothing is asked when left out."
    ),
]
Contact = Annotated[str, typer.Option(help="With --online: your e-mail address, which the service's policy asks for.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

_NOT_PLAIN = re.compile(r"[^\n -~]")

#: Exit code when a file or a request could not be read at all.
UNREADABLE = 2


def dataset_and_view(data: list[Path] | None, query: str) -> tuple[Dataset, View]:
    """Load the records and read the view; what the view's text does not say rightly is told on standard error."""
    from dashboard.view import View

    view, problems = View.from_query(query)
    for problem in problems:
        typer.echo(f"incidents: {problem}", err=True)
    return opened(data), view


def opened(data: list[Path] | None) -> Dataset:
    """Load the files that were named, or the shipped records."""
    from geodata.data_files import data_path
    from geodata.dataset import load_datasets

    return load_datasets(data or [data_path()])


def online_geocoder(host: str, contact: str) -> OnlineGeocoder | None:
    """Give the service that was named; None when none was."""
    if not host:
        if contact:
            msg = f"The contact {contact!r} is for an outside service, and none is named: add --online HOST."
            raise QueryError(msg)
        return None
    from geodata.online import OnlineGeocoder

    return OnlineGeocoder(host, contact)


def plain(text: str) -> str:
    """Return text of a file as one line a terminal or a log cannot be fooled by: what does not print is spelled out."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def json_text(content: object, *, indent: int | None = 2) -> str:
    """Write JSON in which letters stay letters; what would turn words or steer a terminal is escaped."""
    text = json.dumps(content, ensure_ascii=False, indent=indent, default=str)
    return _NOT_PLAIN.sub(lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on a terminal; elsewhere nothing is printed that a program would have to skip."""
    if not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=1000, label=label, file=sys.stderr) as bar:
        yield lambda done, total: bar.update(max(0, round(1000 * done / max(total, 1)) - bar.pos))


def told_problem(problem: Mapping[str, Any]) -> str:
    """Write what is wrong with a cell, the way out, and the code of the reason."""
    column, value = problem["column"], problem["value"]
    return f"{column}: {value!r}: {problem['reason']}; {problem['fix']} [{problem['code']}]"
