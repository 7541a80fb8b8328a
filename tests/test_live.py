"""The short way to the map: each map gets its own reader's newest drawing, and nobody else's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from dashboard.live import MOST_CHARACTERS, deliver, hang_up, live, wait_until_painted

turned: list[tuple[str, dict[str, Any]]] = []


def turn(reader: str, change: Mapping[str, Any]) -> None:
    turned.append((reader, dict(change)))


def draw_ahead(reader: str) -> None:
    if turned[-1][1].get("broken"):
        raise ZeroDivisionError
    deliver(reader, json.dumps(turned[-1][1]).encode())


APP = Starlette(routes=[WebSocketRoute("/api/live", partial(live, turn=turn, draw_ahead=draw_ahead))])
PATIENCE_S = 5


class Map:
    """A connected map, as far as the server sees one."""

    def __init__(self, reader: str) -> None:
        self.scope = {
            "type": "websocket", "path": "/api/live", "raw_path": b"/api/live", "root_path": "", "scheme": "ws",
            "query_string": f"reader={reader}".encode(), "headers": [], "subprotocols": [],
        }  # fmt: skip
        self.to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.to_map: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.to_server.put_nowait({"type": "websocket.connect"})

    async def next(self) -> Any:
        return await asyncio.wait_for(self.to_map.get(), PATIENCE_S)

    def say(self, message: object) -> None:
        """Send text; anything that is not text goes as JSON."""
        text = message if isinstance(message, str) else json.dumps(message)
        self.to_server.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self) -> None:
        self.to_server.put_nowait({"type": "websocket.disconnect", "code": 1000})


def run(story: Callable[..., Awaitable[None]], *readers: str) -> None:
    """Connect maps, play a story with them, and let them leave; in a thread, where no other loop runs."""

    async def play() -> None:
        maps = [Map(reader) for reader in readers]
        served = [asyncio.create_task(APP(one.scope, one.to_server.get, one.to_map.put)) for one in maps]
        for one in maps:
            assert (await one.next())["type"] == "websocket.accept"
        await story(*maps)
        for one in maps:
            one.leave()
        await asyncio.wait_for(asyncio.gather(*served), PATIENCE_S)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, play()).result()


def test_a_drawing_reaches_its_own_readers_map_and_no_other() -> None:
    async def story(anna: Map, ben: Map) -> None:
        assert await asyncio.to_thread(deliver, "anna", b"for anna")
        assert await asyncio.to_thread(deliver, "ben", b"for ben")
        assert (await anna.next())["bytes"] == b"for anna"
        assert (await ben.next())["bytes"] == b"for ben"

    run(story, "anna", "ben")


def test_a_map_that_is_not_connected_is_not_told() -> None:
    assert not deliver("nobody", b"drawing")

    async def story(anna: Map) -> None:
        anna.leave()
        while deliver("anna", b"late"):  # until the server has seen it go
            await asyncio.sleep(0)

    run(story, "anna")


def test_a_slow_map_gets_the_newest_drawing_and_skips_the_ones_before() -> None:
    async def story(anna: Map) -> None:
        for number in range(5):  # from the loop's own thread: nothing is sent in between
            assert deliver("anna", b"%d" % number)
        assert (await anna.next())["bytes"] == b"4"
        assert anna.to_map.empty()

    run(story, "anna")


def test_the_same_drawing_is_not_sent_twice() -> None:
    async def story(anna: Map) -> None:
        assert deliver("anna", b"one")
        assert (await anna.next())["bytes"] == b"one"
        assert deliver("anna", b"one"), "the map has it"
        assert deliver("anna", b"two")
        assert (await anna.next())["bytes"] == b"two"

    run(story, "anna")


def test_a_map_that_missed_a_drawing_gets_it_the_long_way() -> None:
    async def story(_: Map) -> None:
        assert deliver("anna", b"one")
        hang_up("anna")
        assert not deliver("anna", b"one")

    run(story, "anna")


def test_a_second_map_of_a_reader_takes_the_place_of_the_first() -> None:
    async def story(first: Map, second: Map) -> None:
        first.leave()
        await asyncio.sleep(0)
        assert deliver("anna", b"drawing")
        assert (await second.next())["bytes"] == b"drawing"

    run(story, "anna", "anna")


def test_a_change_that_a_map_reports_is_drawn_and_answered_by_its_number() -> None:
    async def story(anna: Map) -> None:
        anna.say({"number": 7, "window": [1, 2]})
        assert json.loads((await anna.next())["bytes"])["window"] == [1, 2]
        assert (await anna.next())["text"] == "7"
        assert turned[-1] == ("anna", {"number": 7, "window": [1, 2]})

    run(story, "anna")


def test_a_drawing_that_fails_is_answered_all_the_same_and_the_line_goes_on() -> None:
    async def story(anna: Map) -> None:
        anna.say({"number": 1, "broken": True})
        assert (await anna.next())["text"] == "1"
        anna.say({"number": 2})
        assert (await anna.next())["bytes"]
        assert (await anna.next())["text"] == "2"

    run(story, "anna")


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "17", '{"number": "1"}', "[" * 9_000, '{"number": 1, "x": "' + "x" * MOST_CHARACTERS]
)
def test_what_is_no_message_is_passed_over(text: str) -> None:
    async def story(anna: Map) -> None:
        before = len(turned)
        anna.say(text)
        anna.say({"number": 3})
        assert json.loads((await anna.next())["bytes"]) == {"number": 3}
        assert len(turned) == before + 1

    run(story, "anna")


def test_the_page_waits_until_the_map_has_painted_and_not_for_ever() -> None:
    assert not wait_until_painted("nobody", "key", limit_s=60), "no map, nothing to wait for"

    async def story(anna: Map) -> None:
        assert not await asyncio.to_thread(wait_until_painted, "anna", "key", limit_s=0.01)
        waiting = asyncio.create_task(asyncio.to_thread(wait_until_painted, "anna", "key", limit_s=60))
        anna.say({"painted": "an older one"})
        anna.say({"painted": "key"})
        assert await waiting

    run(story, "anna")


def test_the_first_page_waits_for_a_map_that_is_yet_to_come() -> None:
    assert not wait_until_painted("anna", "key", limit_s=0.01, joining=True), "not for ever"
    with ThreadPoolExecutor(1) as page:
        waiting = page.submit(wait_until_painted, "anna", "key", limit_s=60, joining=True)

        async def story(anna: Map) -> None:
            anna.say({"painted": "key"})
            assert await asyncio.to_thread(waiting.result)

        run(story, "anna")
