"""Ask an outside geocoding service, when and only when a person named its host.

Never used by `Geocoder`: what comes back are candidates for a person to decide on. The order is the disk cache, then
one spaced request with a timeout and a contact in the user agent, as the public service's policy asks:
https://operations.osmfoundation.org/policies/nominatim/ (at most one request a second, cached results, no large bulk).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from geodata.errors import QueryError, ServiceError
from geodata.place_names import key
from geodata.user_data import user_data_folder

#: Environment variable with the host and the contact the page may ask with, apart by a space; the launcher sets it.
ONLINE_VARIABLE: Final = "INCIDENTS_ONLINE_PLACES"
#: The policy's limit is one request a second; a little more keeps clear of it whatever the clock does.
PAUSE_S: Final = 1.1
#: Most characters of a text that leave: no place name is longer.
LONGEST_QUERY: Final = 200
#: Most places asked for.
MOST_HITS: Final = 5

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
_CONTACT = re.compile(r"[!-?A-~]+@[!-?A-~]+")  # printable ASCII: it goes into a header


@dataclass(frozen=True, slots=True)
class OnlineHit:
    """One place a service proposes; the credit has to be shown with it."""

    name: str
    longitude: float
    latitude: float
    kind: str
    credit: str


class OnlineGeocoder:
    """Ask a Nominatim service politely.

    Parameters
    ----------
    host
        The service to ask, by name, with a port where it has one of its own; asked over https unless it is this
        machine. There is no default: only a person's own choice names one.
    contact
        E-mail address of the person or office that asks; the policy demands it in the user agent.
    cache
        Folder of the answers kept on disk; in the user's data folder when left out.

    Raises
    ------
    QueryError
        When the host is no host, or the contact no address.
    """

    def __init__(self, host: str, contact: str, *, cache: Path | None = None) -> None:
        if not _HOST.fullmatch(host):
            msg = f"{host!r} is no host: name the service alone, as in nominatim.openstreetmap.org."
            raise QueryError(msg)
        if not _CONTACT.fullmatch(contact):
            msg = f"{contact!r} is no contact: the service's policy asks for an e-mail address with every request."
            raise QueryError(msg)
        self.host, self.contact = host.lower(), contact
        self._cache = cache or user_data_folder() / "online"
        self._lock = threading.Lock()

    def notice(self, count: int = 1) -> str:
        """Say what will leave the machine, to be shown before anything does."""
        texts = "1 place text" if count == 1 else f"{count:,} place texts"
        takes = f" It takes {count * PAUSE_S:,.0f} s or more." if count > 1 else ""
        return f"{texts} will be sent to {self.host}, with the contact {self.contact}; nothing else is sent.{takes}"

    def outgoing(self, queries: Iterable[str]) -> list[str]:
        """Give the texts that would leave the machine: each once, without those whose answer is on disk."""
        written = dict.fromkeys(map(_written, queries))
        return [query for query in written if query and self._kept(query) is None]

    def find(self, query: str) -> tuple[OnlineHit, ...]:
        """Ask for one text.

        Raises
        ------
        ServiceError
            When the service does not answer; what was asked stays unanswered and may be asked again.
        """
        query = _written(query)
        if not query:
            return ()
        kept = self._kept(query)
        if kept is not None:
            return kept
        with self._lock:
            self._wait()
            hits = self._ask(query)
        self._keep(query, hits)
        return hits

    def find_all(
        self,
        queries: Sequence[str],
        *,
        confirmed: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> dict[str, tuple[OnlineHit, ...]]:
        """Ask for several texts, after a person confirmed how many leave.

        Parameters
        ----------
        confirmed
            The number of texts the person was shown (`outgoing`, `notice`) and agreed to; any other is refused.
        """
        leaving = self.outgoing(queries)
        if confirmed != len(leaving):
            msg = f"{self.notice(len(leaving))} {confirmed:,} were confirmed: confirm {len(leaving)}. Nothing was sent."
            raise QueryError(msg)
        for number, query in enumerate(leaving, start=1):
            self.find(query)
            if progress:
                progress(number, len(leaving))
        return {query: self.find(query) for query in dict.fromkeys(queries)}

    def _file(self, query: str) -> Path:
        named = hashlib.sha256("\n".join((self.host, query)).encode()).hexdigest()[:32]
        return self._cache / f"{named}.json"

    def _kept(self, query: str) -> tuple[OnlineHit, ...] | None:
        try:
            kept = json.loads(self._file(query).read_text(encoding="utf-8"))
            return tuple(OnlineHit(**hit) for hit in kept["hits"])
        except (OSError, ValueError, KeyError, TypeError):  # none yet, or damaged: it is asked again
            return None

    def _keep(self, query: str, hits: tuple[OnlineHit, ...]) -> None:
        file = self._file(query)
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = {"query": query, "host": self.host, "hits": [asdict(hit) for hit in hits]}
        file.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")

    def _wait(self) -> None:
        """Keep the pause since the last request, also of another process: its time is that of a file."""
        stamp = self._cache / "last-request"
        stamp.parent.mkdir(parents=True, exist_ok=True)
        if stamp.exists():
            passed = time.time() - stamp.stat().st_mtime
            time.sleep(min(max(0.0, PAUSE_S - passed), PAUSE_S))  # a clock that was turned back costs one pause
        stamp.touch()

    def _ask(self, query: str) -> tuple[OnlineHit, ...]:
        from geodata.nominatim import search  # with geopy, which a page that asks nobody never needs

        try:
            return tuple(map(_hit, search(self.host, self.contact, query, limit=MOST_HITS)))
        except (ServiceError, KeyError, TypeError, ValueError, AttributeError) as error:
            reason = str(error) or type(error).__name__
            msg = f"{self.host} did not answer for {query!r} ({reason[:200]}): try again later, or choose by hand."
            raise ServiceError(msg) from error
        finally:
            (self._cache / "last-request").touch()


def _hit(place: Mapping[str, Any]) -> OnlineHit:
    longitude, latitude = float(place["lon"]), float(place["lat"])
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        msg = f"it gives the point {latitude}, {longitude}"
        raise ValueError(msg)
    return OnlineHit(
        name=str(place.get("display_name", ""))[:300],
        longitude=longitude,
        latitude=latitude,
        kind=str(place.get("type", ""))[:60],
        credit=str(place.get("licence") or "© OpenStreetMap contributors, ODbL 1.0")[:200],
    )


def _written(text: str) -> str:
    """Write a text as it leaves: one line, and only what UTF-8 can hold."""
    return " ".join(text.split())[:LONGEST_QUERY].encode("utf-8", "ignore").decode("utf-8")


def place_query(place: str, admin1: str = "", country: str = "") -> str:
    """Write what is asked for a place: its wording, and what is stated around it unless the wording says so."""
    parts = [place]
    for stated in (admin1, country):
        if stated.strip() and key(stated) not in key(", ".join(parts)):
            parts.append(stated)
    return _written(", ".join(part.strip() for part in parts if part.strip()))


def switched_on() -> OnlineGeocoder | None:
    """Give the service the page was started with (`incidents serve --online`); None when it was not."""
    return _service(os.environ.get(ONLINE_VARIABLE, ""))


@lru_cache(maxsize=1)
def _service(named: str) -> OnlineGeocoder | None:
    """Make one for the process, so that all readers of the page share its pause."""
    return OnlineGeocoder(*named.partition(" ")[::2]) if named else None
