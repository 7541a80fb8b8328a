"""The server around the page: what it says with the map's frame, and how little memory it keeps."""

from __future__ import annotations

import platform
import re
import subprocess
import sys

import pytest
from asgi_client import ask
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from dashboard.server import FramePreloads, LateRoutes
from geodata.boundaries import LAYERS

#: Fills and frees 5 MB in each of eight threads, as a page's runs do, and prints by how many MB the process has grown.
PAGES = """
import sys, threading
import numpy as np
from dashboard.server import hold_little_memory

def held_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000

def run(done, end):
    for _ in range(3):
        np.ones(600_000)
    done.wait()
    end.wait()

if "lean" in sys.argv:
    hold_little_memory()
np.ones(750_000)
before = held_mb()
done, end = threading.Barrier(9), threading.Event()
threads = [threading.Thread(target=run, args=(done, end)) for _ in range(8)]
for thread in threads:
    thread.start()
done.wait()
print(held_mb() - before)
end.set()
"""


class TestSentAhead:
    """What the frame's scripts will ask for comes along with its page."""

    @staticmethod
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        status = 200 if "build" not in scope["path"] else 404
        await Response("a page", status_code=status)(scope, receive, send)

    def test_every_address_is_one_of_ours(self) -> None:
        reply = ask(FramePreloads(self.page), "/component/dashboard.map_frame.st_folium/index.html")
        addresses = re.findall(r"<([^>]+)>; rel=preload", reply.headers["link"])
        assert len(addresses) == 2 + len(LAYERS)
        assert {ask(Router([LateRoutes()]), address).status for address in addresses} == {200}

    @pytest.mark.parametrize("path", ["/", "/component/other/index.html", "/build/.st_folium/index.html"])
    def test_other_pages_and_missing_ones_say_nothing(self, path: str) -> None:
        assert "link" not in ask(FramePreloads(self.page), path).headers


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have settings of their own")
def test_threads_keep_nothing_of_what_they_have_freed() -> None:
    def growth_mb(*arguments: str) -> float:
        command = [sys.executable, "-c", PAGES, *arguments]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert growth_mb("lean") < 5 < 30 < growth_mb()
