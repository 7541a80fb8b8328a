"""Online geocoding: off, named, polite, and never in bulk without a confirmed count. No request leaves these tests."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from geopy.exc import GeocoderTimedOut

from geodata.errors import QueryError, ServiceError
from geodata.online import OnlineGeocoder

PLACE = {"display_name": "Ramadi, Iraq", "lon": "43.3", "lat": "33.4", "type": "city", "licence": "ODbL"}


class Service:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, query: str, options: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        assert "limit" in options
        self.asked.append(query)
        return [PLACE]


def geocoder(tmp_path: Path, service: Service, *, switched_on: bool = True, pause_s: float = 0.0) -> OnlineGeocoder:
    return OnlineGeocoder(
        contact="a@example.org", switched_on=switched_on, cache=tmp_path, search=service, pause_s=pause_s
    )


def test_it_is_off_until_a_person_switches_it_on(tmp_path: Path) -> None:
    service = Service()
    with pytest.raises(QueryError, match=r"off: switch nominatim\.openstreetmap\.org on"):
        geocoder(tmp_path, service, switched_on=False).find("Ramadi")
    assert service.asked == []
    assert not OnlineGeocoder(contact="").switched_on


def test_it_names_the_host_and_the_count_first(tmp_path: Path) -> None:
    notice = geocoder(tmp_path, Service()).notice(12)
    assert "12 place texts" in notice
    assert "nominatim.openstreetmap.org" in notice


def test_an_answer_is_kept_on_disk(tmp_path: Path) -> None:
    service = Service()
    first = geocoder(tmp_path, service).find("Ramadi")
    again = geocoder(tmp_path, service).find("  Ramadi ")
    assert first == again
    assert (first[0].longitude, first[0].latitude, first[0].credit) == (43.3, 33.4, "ODbL")
    assert service.asked == ["Ramadi"]


def test_requests_are_spaced(tmp_path: Path) -> None:
    online = geocoder(tmp_path, Service(), pause_s=0.2)
    started = time.monotonic()
    online.find("A")
    online.find("B")
    assert time.monotonic() - started >= 0.2


def test_the_public_service_is_never_asked_faster_than_its_policy_allows() -> None:
    assert OnlineGeocoder(contact="a@example.org", switched_on=True, pause_s=0.0).pause_s >= 1.0


def test_bulk_needs_the_confirmed_count(tmp_path: Path) -> None:
    service = Service()
    online = geocoder(tmp_path, service)
    with pytest.raises(QueryError, match="2 place texts would be sent"):
        online.find_all(["A", "B", "A"], confirmed=3)
    assert service.asked == []
    assert set(online.find_all(["A", "B", "A"], confirmed=2)) == {"A", "B"}


def test_the_policys_contact_is_demanded(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="contact"):
        OnlineGeocoder(contact="nobody", switched_on=True, cache=tmp_path)


def test_a_silent_service_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    def silent(query: str, options: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        raise GeocoderTimedOut("too slow")

    online = OnlineGeocoder(contact="a@example.org", switched_on=True, cache=tmp_path, search=silent)
    with pytest.raises(ServiceError, match="did not answer"):
        online.find("Ramadi")
    assert list(tmp_path.iterdir()) == []
