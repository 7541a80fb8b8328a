"""Many readers at once: WebSocket sessions that speak Streamlit's own protocol and move the time slider."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np

from geodata.errors import ServiceError

#: How often each reader moves the slider, in seconds.
PACE_S: Final = 2.0
DAY_US: Final = 86_400_000_000

#: Sessions that come at once.
AT_ONCE: Final = 25


@dataclass(slots=True)
class Reader:
    """One session: its socket, the slider it found on the page, and what its moves took."""

    socket: Any
    slider: Any = None
    fragment: str = ""
    times_ms: list[float] = field(default_factory=list)

    async def ask(self, state: Any = None) -> None:
        """Ask for a run and wait until the server says that the script has finished."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        message = BackMsg()
        message.rerun_script.query_string = ""
        if state is not None:
            message.rerun_script.widget_states.widgets.append(state)
            message.rerun_script.fragment_id = self.fragment
        await self.socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self.socket.recv())
            if answer.WhichOneof("type") == "script_finished":
                return
            if answer.delta.new_element.slider.id:
                self.slider, self.fragment = answer.delta.new_element.slider, answer.delta.fragment_id

    async def move(self, share: float) -> None:
        """Move the right-hand end of the slider, and note the time until the last message of the answer."""
        from streamlit.proto.WidgetStates_pb2 import WidgetState

        low, high = self.slider.min, self.slider.max
        end = low + round((high - low) * share / DAY_US) * DAY_US
        state = WidgetState(id=self.slider.id)
        state.double_array_value.data.extend([low, end])
        began = time.perf_counter()
        await self.ask(state)
        self.times_ms.append((time.perf_counter() - began) * 1_000)


def crowd_p95_ms(url: str, *, readers: int, moves: int, idle: int = 0) -> float:
    """Let readers move their sliders every two seconds, beside idle sessions; 95th percentile of the answers.

    Raises
    ------
    ServiceError
        When the WebSocket client is missing or the page holds no slider.
    """
    try:
        import websockets
    except ImportError as error:
        msg = "Measuring many sessions needs the package 'websockets'."
        raise ServiceError(msg) from error
    try:
        # In a thread of its own: Playwright keeps an event loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, _crowd(websockets.connect, url, readers, moves, idle)).result()
    except (OSError, websockets.WebSocketException) as error:
        msg = f"The sessions were not served: {error}."
        raise ServiceError(msg) from error


async def _crowd(connect: Any, url: str, readers: int, moves: int, idle: int) -> float:
    address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    sessions: list[Reader] = []
    try:
        for start in range(0, readers + idle, AT_ONCE):  # a page waits 2.5 s for its map, which these sessions have not
            come = range(start, min(start + AT_ONCE, readers + idle))
            sessions += [
                Reader(await connect(address, origin=url, max_size=None, subprotocols=["streamlit"])) for _ in come
            ]
            await asyncio.gather(*(sessions[number].ask() for number in come))
        active = sessions[:readers]
        if any(reader.slider is None for reader in active):
            msg = "The page sent no time slider."
            raise ServiceError(msg)
        await asyncio.gather(*(_keep_moving(reader, number, readers, moves) for number, reader in enumerate(active)))
    finally:
        await asyncio.gather(*(reader.socket.close() for reader in sessions))
    return float(np.percentile([t for reader in active for t in reader.times_ms], 95))


async def _keep_moving(reader: Reader, number: int, readers: int, moves: int) -> None:
    await asyncio.sleep(PACE_S * number / readers)  # people do not move in step
    for move in range(moves):
        began = time.perf_counter()
        await reader.move(0.6 + 0.35 * ((number * 7 + move * 3) % 10) / 10)
        await asyncio.sleep(max(0.0, PACE_S - (time.perf_counter() - began)))
