"""One request to a Nominatim service, through geopy: to the named host alone, and no more is read than it can mean."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim

from geodata.errors import ServiceError
from geodata.fetched import SameHosts, check_address, is_here

TIMEOUT_S: Final = 10
#: Most bytes read of an answer; five places take some 5 kB.
_LARGEST_ANSWER: Final = 1 << 20


def search(host: str, contact: str, query: str, *, limit: int) -> list[Mapping[str, Any]]:
    """Ask for a text.

    Parameters
    ----------
    host
        Name of the service, with a port where it has one of its own; asked over https unless it is this machine.
    contact
        E-mail address for the user agent.

    Returns
    -------
    list of dict
        The places as the service describes them, best first.

    Raises
    ------
    ServiceError
        When it does not answer, or not with places.
    """
    service = Nominatim(
        user_agent=f"incident-atlas ({contact})",
        domain=host,
        scheme="http" if is_here(urlsplit(f"//{host}").hostname or "") else "https",
        timeout=TIMEOUT_S,
        adapter_factory=_NamedHostAdapter,
    )
    try:
        found = service.geocode(query, exactly_one=False, limit=limit)
    except (GeopyError, OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ServiceError(str(error) or type(error).__name__) from error
    return [place.raw for place in found or ()]


class _NamedHostAdapter(BaseSyncAdapter):  # type: ignore[misc]  # geopy is not typed
    """Ask the named host and no other, wherever it sends us."""

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        return json.loads(self.get_text(url, timeout=timeout, headers=headers))

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        host = urlsplit(url).hostname or ""
        check_address(url, [host])
        opener = urllib.request.build_opener(SameHosts([host]))
        request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  checked above
        with opener.open(request, timeout=timeout) as page:
            answer: bytes = page.read(_LARGEST_ANSWER + 1)
        if len(answer) > _LARGEST_ANSWER:
            msg = f"the answer has more than {_LARGEST_ANSWER:,} bytes"
            raise ValueError(msg)
        return answer.decode("utf-8")
