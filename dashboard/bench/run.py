"""Run the measurements and print one table of ratios: `incidents bench`."""

from __future__ import annotations

import functools
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dashboard.bench.chromium import Tab, open_tab, start_browser
from dashboard.bench.crowd import crowd_p95_ms
from dashboard.bench.moves import Timing, slider_moves, wait_for_page
from dashboard.bench.page_runs import endurance, filter_times, first_paint_s, memory, pan_and_zoom, play
from dashboard.bench.peer_runs import PeerRun, peer_runs
from dashboard.bench.report import table
from dashboard.bench.seeded import make_incidents
from dashboard.bench.servers import Server, serve_atlas, serve_page
from geodata.errors import ServiceError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Figures = dict[str, Any]
Say = Callable[[str], None]

MILLION: Final = 1_000_000
#: Longest start of the page that is waited for: the first start on a file checks, places and indexes it.
START_LIMIT_S: Final = 600.0


def run_bench(
    *, quick: bool = False, json_file: Path | None = None, peers: bool = True, say: Say = lambda _: None
) -> Figures:
    """Measure the real page on seeded records, beside an empty page and what a user would pick instead.

    Parameters
    ----------
    quick
        Fewer moves, no 5,000,000 records, peers at 1,000 points only: under three minutes.
    json_file
        Where to write the figures.
    peers
        Measure the peers too.
    say
        Called with one line of progress at a time, and with the table at the end.

    Returns
    -------
    figures
        The figures by name, None for one that could not be measured; `problems` says why.

    Raises
    ------
    ServiceError
        When no browser can be started.
    """
    began = time.monotonic()
    figures: Figures = {"machine": machine(), "quick": quick, "problems": {}}
    sizes = (10_000, MILLION) if quick else (10_000, 100_000, MILLION, 5 * MILLION)
    with start_browser() as browser:
        for n in sizes:
            say(f"preparing {n:,} records")
            figures |= _try(figures, f"prepare_{n}", functools.partial(_prepare, n))
        _our_page(browser, figures, sizes, quick=quick, say=say)
        if peers:
            say("peers")
            points = (1_000,) if quick else (1_000, 10_000, 100_000, MILLION)
            runs = peer_runs(browser, points, moves=2 if quick else 5, load_limit_s=30 if quick else 90)
            figures["peers"] = _peer_figures(runs)
    figures["took_s"] = round(time.monotonic() - began, 1)
    figures = _plain(figures)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    say(table(figures))
    return figures


def machine() -> dict[str, Any]:
    """Say what the figures were measured on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return {"system": platform.system(), "python": platform.python_version(), "cores": os.cpu_count(), "load": load}


def _try(figures: Figures, name: str, measure: Callable[[], Figures]) -> Figures:
    """Measure one thing; a failure is noted beside the figures and the rest goes on."""
    from playwright.sync_api import Error

    try:
        return measure()
    except (ServiceError, Error) as error:
        figures["problems"][name] = str(error)[:400]
        return {}


def _prepare(n: int) -> Figures:
    """Make the records; load them once in a process of their own, which keeps them ready beside the file."""
    path = make_incidents(n)
    fresh = not path.with_name(path.name + ".atlas").exists()
    began = time.monotonic()
    code = "import sys, pathlib, geodata.dataset; geodata.dataset.load_dataset(pathlib.Path(sys.argv[1]))"
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False, timeout=START_LIMIT_S * 2
    )
    if done.returncode:
        msg = f"{n:,} records could not be loaded: {done.stderr.strip()[-300:]}"
        raise ServiceError(msg)
    return {f"load_{_short(n)}_s": time.monotonic() - began} if fresh else {}


def _our_page(browser: Browser, figures: Figures, sizes: tuple[int, ...], *, quick: bool, say: Say) -> None:
    with ExitStack() as stack:
        empty = stack.enter_context(serve_page("empty.py"))

        def start(n: int) -> Server:
            return stack.enter_context(serve_atlas(make_incidents(n), limit_s=START_LIMIT_S))

        say("first paint")
        servers: dict[int, Server] = {}

        def first() -> Figures:
            seconds, servers[MILLION] = first_paint_s(browser, lambda: start(MILLION))
            return {"first_paint_1m_s": seconds}

        figures |= _try(figures, "first_paint", first)

        def further(n: int) -> Figures:
            servers[n] = start(n)
            return {}

        for n in sizes:
            if n not in servers:
                _try(figures, f"start_{n}", functools.partial(further, n))
        say("slider")
        figures |= _try(figures, "slider", lambda: _slider(browser, servers, empty, moves=12 if quick else 40))
        if MILLION in servers:
            _million(browser, figures, servers[MILLION], empty, quick=quick, say=say)


def _slider(browser: Browser, servers: dict[int, Server], empty: Server, *, moves: int) -> Figures:
    """Move all sliders in turn; bytes are those of the page with 1,000,000 records."""
    with ExitStack() as stack:
        tabs: dict[str, Tab] = {"empty": stack.enter_context(_empty_tab(browser, empty))}
        for n, server in sorted(servers.items()):
            tabs[_short(n)] = stack.enter_context(open_tab(browser, server.url))
            wait_for_page(tabs[_short(n)])
            tabs[_short(n)].traffic.reset()
        found = slider_moves(tabs, moves)
        figures: Figures = {}
        for name, timed in found.items():
            figures |= {f"slider_{name}_p50_ms": timed.p50, f"slider_{name}_p95_ms": timed.p95}
            figures[f"slider_{name}_missed"] = timed.missed
        figures |= _ratios(found)
        if "1m" in tabs:
            moved = tabs["1m"].traffic
            figures["bytes_per_move"] = (moved.websocket + moved.http) / (moves + 2)
        return figures


def _empty_tab(browser: Browser, empty: Server) -> Any:
    return open_tab(browser, empty.url, watched="[data-testid=stText]")


def _ratios(found: dict[str, Timing]) -> Figures:
    pairs = {
        "slider_1m_over_empty": ("1m", "empty"),
        "growth_10k_to_1m": ("1m", "10k"),
        "growth_1m_to_5m": ("5m", "1m"),
    }
    return {
        name: found[above].p50 / found[below].p50 if above in found and below in found else None
        for name, (above, below) in pairs.items()
    }


def _million(browser: Browser, figures: Figures, server: Server, empty: Server, *, quick: bool, say: Say) -> None:
    """Measure the page with 1,000,000 records on its own."""
    with open_tab(browser, server.url) as tab:
        wait_for_page(tab)
        steps: dict[str, Callable[[], Figures]] = {
            "filters": lambda: {"filters_p50_ms": filter_times(tab, clicks=2 if quick else 6)},
            "pan and zoom": lambda: pan_and_zoom(tab, times=4 if quick else 12),
            "play": lambda: play(tab, seconds=4 if quick else 20),
            "endurance": lambda: endurance(tab, server, changes=30 if quick else 500),
            "memory": lambda: memory(browser, server, empty, sessions=2 if quick else 5),
            "crowd": lambda: {
                "crowd_25_p95_ms": crowd_p95_ms(
                    server.url, readers=25, moves=3 if quick else 10, idle=0 if quick else 100
                )
            },
        }
        for name, measure in steps.items():
            say(name)
            figures |= _try(figures, name, measure)


def _peer_figures(runs: dict[str, list[PeerRun]]) -> Figures:
    return {
        name: {
            _short(run.n): {
                "load_s": run.load_s, "move_ms": run.move_ms, "bytes_per_move": run.bytes_per_move, "why": run.why
            }
            for run in of_peer
        }
        for name, of_peer in runs.items()
    }  # fmt: skip


def _short(n: int) -> str:
    return f"{n // MILLION}m" if n >= MILLION else f"{n // 1_000}k"


def _plain(value: Any) -> Any:
    """Round numbers to what was measured; what is no number becomes None, as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, float):
        return round(value, 3 if abs(value) < 10 else 1) if math.isfinite(value) else None
    return value
