"""Online geocoding: off, named, polite, never in bulk without a confirmed count. Only this machine is ever asked."""

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run
from nominatim_service import PLACE, Service, answering

from geodata import online
from geodata.errors import QueryError, ServiceError
from geodata.online import OnlineGeocoder, place_query, switched_on
from geodata.user_data import HOME_VARIABLE

CONTACT = "desk@example.org"


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(online, "PAUSE_S", 0.0)
    with answering() as made:
        yield made


# --- the switch ------------------------------------------------------------------------------------------------------


def test_the_page_has_none_until_it_is_started_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(online.ONLINE_VARIABLE, raising=False)
    assert switched_on() is None
    monkeypatch.setenv(online.ONLINE_VARIABLE, f"nominatim.example.org {CONTACT}")
    service = switched_on()
    assert service
    assert (service.host, service.contact) == ("nominatim.example.org", CONTACT)


@pytest.mark.parametrize("host", ["", "https://example.org", "example.org/search", "user@example.org", "a b", "é.org"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(QueryError, match="is no host"):
        OnlineGeocoder(host, CONTACT)


@pytest.mark.parametrize("contact", ["", "nobody", "a@b\r\nX-Header: 1", "ä@example.org"])
def test_the_policys_contact_is_demanded(contact: str) -> None:
    with pytest.raises(QueryError, match="contact"):
        OnlineGeocoder("example.org", contact)


def test_it_names_the_host_and_the_count_first() -> None:
    notice = OnlineGeocoder("example.org", CONTACT).notice(12)
    assert "12 place texts will be sent to example.org" in notice
    assert "13 s or more" in notice


# --- asking ----------------------------------------------------------------------------------------------------------


def test_the_text_and_the_contact_leave_and_nothing_else(service: Service) -> None:
    (hit,) = OnlineGeocoder(service.host, CONTACT).find("  Qwertzabad\n west ")
    assert (hit.longitude, hit.latitude, hit.credit) == (43.3, 33.4, "ODbL")
    assert service.asked == [
        {"q": "Qwertzabad west", "format": "json", "limit": "5", "agent": f"incident-atlas ({CONTACT})"}
    ]


def test_an_answer_is_kept_on_disk_and_a_damaged_one_asked_again(service: Service, tmp_path: Path) -> None:
    geocoder = OnlineGeocoder(service.host, CONTACT, cache=tmp_path)
    assert geocoder.outgoing(["Ramadi", " Ramadi ", "Hit"]) == ["Ramadi", "Hit"]
    first = geocoder.find("Ramadi")
    assert OnlineGeocoder(service.host, CONTACT, cache=tmp_path).find("Ramadi") == first
    assert service.texts == ["Ramadi"]
    assert geocoder.outgoing(["Ramadi", "Hit"]) == ["Hit"]
    next(tmp_path.glob("*.json")).write_text("{", encoding="utf-8")
    assert geocoder.find("Ramadi") == first
    assert service.texts == ["Ramadi", "Ramadi"]


def test_requests_are_spaced_also_between_programs(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "PAUSE_S", 0.3)
    OnlineGeocoder(service.host, CONTACT, cache=tmp_path).find("A")
    OnlineGeocoder(service.host, CONTACT, cache=tmp_path).find("B")
    assert service.times[1] - service.times[0] >= 0.25, "a file's time is a tick late; the policy leaves 0.1 s for it"


def test_the_pause_is_the_policys() -> None:
    assert online.PAUSE_S >= 1.0


def test_bulk_needs_the_count_of_what_leaves(service: Service, tmp_path: Path) -> None:
    geocoder = OnlineGeocoder(service.host, CONTACT, cache=tmp_path)
    with pytest.raises(QueryError, match=r"2 place texts will be sent.*3 were confirmed"):
        geocoder.find_all(["A", "B", "A"], confirmed=3)
    assert service.asked == []
    assert set(geocoder.find_all(["A", "B", "A"], confirmed=2)) == {"A", "B"}
    assert set(geocoder.find_all(["A", "B"], confirmed=0)) == {"A", "B"}


@pytest.mark.parametrize(
    "answer",
    [
        (429, {}, b""),
        (200, {}, b"<html>"),
        (200, {}, b"\xff"),
        (200, {}, b'{"error": "no"}'),
        (200, {}, b'[{"lat": "x"}]'),
        (200, {}, b'[{"lat": "91", "lon": "0"}]'),
        (200, {}, b"[" + b" " * (1 << 20) + b"]"),
        (302, {"Location": "https://elsewhere.example.org/"}, b""),
    ],
    ids=["too many", "html", "bytes", "error", "no point", "off the globe", "endless", "another host"],
)
def test_a_service_that_does_not_answer_well_is_told_and_nothing_is_kept(
    service: Service, tmp_path: Path, answer: tuple[int, dict[str, str], bytes]
) -> None:
    service.answer = answer
    with pytest.raises(ServiceError, match=r"did not answer for 'Ramadi'"):
        OnlineGeocoder(service.host, CONTACT, cache=tmp_path).find("Ramadi")
    assert list(tmp_path.glob("*.json")) == []


def test_a_text_of_any_kind_can_be_asked(service: Service) -> None:
    geocoder = OnlineGeocoder(service.host, CONTACT)
    assert geocoder.find(" \n") == ()
    geocoder.find("\ud800 قرية " + "x" * 10_000)
    assert [len(text) for text in service.texts] == [online.LONGEST_QUERY - 1]


@pytest.mark.parametrize(
    ("place", "admin1", "country", "asked"),
    [
        ("Qwertzabad", "Anbar", "Iraq", "Qwertzabad, Anbar, Iraq"),
        ("Qwertzabad, Al-Anbar", "Anbar", "", "Qwertzabad, Al-Anbar"),
        ("", "", "Iraq", "Iraq"),
        ("", "", "", ""),
    ],
)
def test_what_is_stated_goes_along_once(place: str, admin1: str, country: str, asked: str) -> None:
    assert place_query(place, admin1, country) == asked


# --- the command -----------------------------------------------------------------------------------------------------


def test_nothing_is_asked_without_the_switch(run: Run, service: Service) -> None:
    assert run("geocode", "Qwertzabad").code == 0
    refused = run("geocode", "Qwertzabad", "--contact", CONTACT)
    assert (refused.code, refused.out) == (2, "")
    assert "none is named: add --online HOST" in refused.err
    assert run("geocode", "Qwertzabad", "--online", service.host).code == 2
    assert service.asked == []


def test_a_proposal_stands_beside_the_offline_answer(run: Run, service: Service) -> None:
    ran = run("geocode", "Qwertzabad", "--admin1", "Basra", "--online", service.host, "--contact", CONTACT, "--json")
    assert ran.code == 0
    assert f"1 place text will be sent to {service.host}, with the contact {CONTACT}" in ran.err
    assert ran.err.strip().endswith("'Qwertzabad, Basra'")
    found = json.loads(ran.out)
    assert found["answer"]["precision"] == "governorate", "the proposal is not the answer"
    (proposal,) = found["online"]["candidates"]
    assert (proposal["longitude"], proposal["admin1"], proposal["credit"]) == (43.3, "Anbar", "ODbL")
    assert "Basra" in proposal["doubts"][0], "it contradicts the stated governorate"
    told = run("geocode", "Qwertzabad", "--admin1", "Basra", "--online", service.host, "--contact", CONTACT)
    assert "Nothing is sent" in told.err
    assert "proposes, for a person to decide on:\n  1 33.4, 43.3: Qwertzabad, Anbar, Iraq (village)" in told.out
    assert len(service.asked) == 1


def test_a_silent_service_leaves_the_offline_answer(run: Run, service: Service) -> None:
    service.answer = (503, {}, b"")
    ran = run("geocode", "Ramadi", "--online", service.host, "--contact", CONTACT, "--json")
    assert ran.code == 2
    assert json.loads(ran.out)["answer"]["name"] == "Ramadi"
    assert "did not answer" in json.loads(ran.out)["online"]["error"]
    assert "did not answer" in ran.err


def test_a_file_is_sent_only_with_the_count_confirmed(run: Run, service: Service, tmp_path: Path) -> None:
    service.answer = (200, {}, json.dumps([{**PLACE, "display_name": "=1+1"}]).encode())
    source = tmp_path / "in.csv"
    source.write_text(
        "place,country,precision\nRamadi,Iraq,x\nQwertzabad,Iraq,site\nQwertzabad,Iraq,\nAsdfghabad,Iraq,\n",
        encoding="utf-8",
    )
    ask = ("geocode", "--file", source, "--online", service.host, "--contact", CONTACT)
    unasked = run(*ask)
    assert unasked.code == 2
    assert f"2 place texts will be sent to {service.host}" in unasked.err
    assert "give --confirm-count 2" in unasked.err
    assert run(*ask, "--confirm-count", "3").code == 2
    assert service.asked == []
    assert run(*ask, "--confirm-count", "2").code == 0
    assert service.texts == ["Asdfghabad, Iraq", "Qwertzabad, Iraq"], "what was found offline is not sent"
    proposals = (tmp_path / "in.geocoded.proposals.csv").read_text(encoding="utf-8")
    made = list(csv.DictReader(io.StringIO(proposals, newline="")))
    assert [(one["place"], one["rank"], one["located_admin1"]) for one in made] == [
        ("Asdfghabad", "1", "Anbar"),
        ("Qwertzabad", "1", "Anbar"),
    ]
    assert {one["name"] for one in made} == {"'=1+1"}, "no spreadsheet runs what a service answers"
    geocoded = (tmp_path / "in.geocoded.csv").read_text(encoding="utf-8")
    assert "43.3" not in geocoded.split("Qwertzabad")[1], "a proposal is never placed silently"
    again = run(*ask)
    assert again.code == 0
    assert "Nothing is sent" in again.err
    assert len(service.asked) == 2


def test_the_page_is_started_with_the_switch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard import server

    started: list[str] = []
    monkeypatch.setenv(online.ONLINE_VARIABLE, "left over from a shell")
    monkeypatch.setattr(server, "serve", lambda **_: started.append(os.environ[online.ONLINE_VARIABLE]))
    assert run("serve").code == 0
    assert run("serve", "--online", "Example.org", "--contact", CONTACT).code == 0
    assert run("serve", "--online", "example.org").code == 2
    assert started == ["", f"example.org {CONTACT}"]
