"""Ask an outside geocoding service, when and only when a person switched it on by name.

Off by default, and never used by `Geocoder`: its answers come back as candidates for a person to decide on. The order
is the disk cache, then one spaced request with a timeout and a contact in the user agent, as the service's policy asks:
https://operations.osmfoundation.org/policies/nominatim/ (at most one request a second, no bulk use, cached results).
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from geopy.exc import GeopyError
from geopy.geocoders import Nominatim

from geodata.errors import QueryError, ServiceError
from geodata.user_gazetteers import user_folder

#: The public service; an organisation's own Nominatim can be named instead.
DEFAULT_HOST: Final = "nominatim.openstreetmap.org"
#: The policy's limit is one request a second; a little more keeps clear of it whatever the clock does.
PAUSE_S: Final = 1.1
TIMEOUT_S: Final = 10

Search = Callable[[str, Mapping[str, Any]], Sequence[Mapping[str, Any]]]


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
    contact
        Address of the person or office that asks; the policy demands it in the user agent.
    switched_on
        Must be True, and only a person's own choice may make it so.
    host
        The service to ask.
    cache
        Folder of the answers kept on disk; in the user's data folder when left out.
    search
        Does the request; tests give their own.
    pause_s
        Seconds between two requests.
    """

    def __init__(
        self,
        *,
        contact: str,
        switched_on: bool = False,
        host: str = DEFAULT_HOST,
        cache: Path | None = None,
        search: Search | None = None,
        pause_s: float = PAUSE_S,
    ) -> None:
        if switched_on and "@" not in contact:
            msg = (
                f"{contact!r} is no contact address: the service's policy asks for an e-mail address in every request."
            )
            raise QueryError(msg)
        self.host, self.contact, self.switched_on = host, contact, switched_on
        self.pause_s = max(pause_s, 0.0) if search else max(pause_s, PAUSE_S)
        self._cache = cache or user_folder().parent / "online"
        self._search = search or self._ask_nominatim
        self._lock = threading.Lock()
        self._last = -1e9

    def notice(self, count: int = 1) -> str:
        """Say what will leave the machine, to be shown before anything does."""
        texts = "1 place text" if count == 1 else f"{count} place texts"
        return (
            f"{texts} will be sent to {self.host}, with the contact {self.contact or '(none)'}; nothing else is sent."
        )

    def find(self, text: str, *, country: str = "", limit: int = 5) -> tuple[OnlineHit, ...]:
        """Ask for one text.

        Parameters
        ----------
        country
            ISO 3166 code to stay within.

        Raises
        ------
        QueryError
            When online geocoding is not switched on.
        ServiceError
            When the service does not answer; what was asked stays unanswered and may be asked again.
        """
        if not self.switched_on:
            msg = f"Online geocoding is off: switch {self.host} on by name first; place texts leave the machine then."
            raise QueryError(msg)
        query = " ".join(text.split())[:200]
        if not query:
            return ()
        file = self._cache / f"{_digest(self.host, query, country, limit)}.json"
        if file.exists():
            return tuple(OnlineHit(**hit) for hit in json.loads(file.read_text(encoding="utf-8"))["hits"])
        hits = tuple(self._hit(place) for place in self._spaced(query, {"country": country, "limit": limit}))
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = {"query": query, "country": country, "host": self.host, "hits": [asdict(hit) for hit in hits]}
        file.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        return hits

    def find_all(
        self,
        texts: Sequence[str],
        *,
        confirmed: int,
        country: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> dict[str, tuple[OnlineHit, ...]]:
        """Ask for several texts, after a person confirmed how many.

        Parameters
        ----------
        confirmed
            The number of different texts the person was shown (`notice`) and agreed to; any other number is refused.
        """
        distinct = list(dict.fromkeys(texts))
        if confirmed != len(distinct):
            msg = (
                f"{len(distinct)} place texts would be sent to {self.host}, but {confirmed} were confirmed: "
                "show the count and ask."
            )
            raise QueryError(msg)
        answers = {}
        for number, text in enumerate(distinct, start=1):
            answers[text] = self.find(text, country=country)
            if progress:
                progress(number, len(distinct))
        return answers

    def _spaced(self, query: str, options: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        with self._lock:
            time.sleep(max(0.0, self._last + self.pause_s - time.monotonic()))
            try:
                return self._search(query, options)
            except (GeopyError, OSError) as error:
                msg = f"{self.host} did not answer for {query!r} ({error}): try again later, or choose a point by hand."
                raise ServiceError(msg) from error
            finally:
                self._last = time.monotonic()

    def _ask_nominatim(self, query: str, options: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        service = Nominatim(user_agent=f"incident-atlas ({self.contact})", domain=self.host, timeout=TIMEOUT_S)
        codes = options["country"].lower() or None
        found = service.geocode(query, exactly_one=False, limit=options["limit"], country_codes=codes)
        return [place.raw for place in found or ()]

    def _hit(self, place: Mapping[str, Any]) -> OnlineHit:
        return OnlineHit(
            name=str(place.get("display_name", ""))[:300],
            longitude=float(place["lon"]),
            latitude=float(place["lat"]),
            kind=str(place.get("type", "")),
            credit=str(place.get("licence") or "© OpenStreetMap contributors, ODbL 1.0"),
        )


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]
