"""Measure what a user would pick instead: the same points, the same slider, the usual ways to draw them."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from dashboard.bench.chromium import Tab, open_tab
from dashboard.bench.moves import slide
from dashboard.bench.seeded import FIRST_DAY, cache_folder, make_incidents
from dashboard.bench.servers import serve_page
from dashboard.settings import STATIC_FOLDER
from geodata.errors import ServiceError
from geodata.making import shared_geocoder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

#: Script of each peer, by the name it is reported under; watched part of its page.
PEERS: Final = {
    "naive_marker_cluster": ("naive.py", ".leaflet-container"),
    "fast_marker_cluster": ("fast_cluster.py", ".leaflet-container"),
    "one_geojson_layer": ("geojson.py", ".leaflet-container"),
    "pydeck": ("deck.py", "[data-testid=stDeckGlJsonChart]"),
}
#: The version that folium loads.
CLUSTER_PACKAGE: Final = "leaflet.markercluster@1.1.0"
_MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True, slots=True)
class PeerRun:
    """What one peer did with one number of points; `why` says what stopped it.

    Attributes
    ----------
    load_s
        Page asked for to first complete map.
    move_ms
        Median of the slider moves, release to complete map.
    bytes_per_move
        What the server sent for one move.
    """

    n: int
    load_s: float | None = None
    move_ms: float | None = None
    bytes_per_move: float | None = None
    why: str = ""


def make_points(n: int, seed: int = 1) -> Path:
    """Place the seeded incidents and keep what a peer needs of them: longitude, latitude, day and type."""
    path = cache_folder() / f"points-{n}-{seed}.parquet"
    if path.exists():
        return path
    asked = ["place", "admin1", "country"]
    table = pd.read_csv(make_incidents(n, seed), usecols=[*asked, "date_start", "event_type"], dtype=str)
    table = table.fillna("")
    texts = table[asked].drop_duplicates(ignore_index=True)
    found = shared_geocoder().geocode_table(texts)[["longitude", "latitude"]]
    placed = table.merge(texts.join(found), on=asked, how="left")
    days = pd.to_datetime(placed["date_start"], format="%Y-%m-%d", errors="coerce") - pd.Timestamp(FIRST_DAY)
    points = placed[["longitude", "latitude", "event_type"]].assign(day=days.dt.days).dropna()
    points.to_parquet(path)
    return path


def peer_runs(
    browser: Browser, sizes: tuple[int, ...], *, moves: int = 3, load_limit_s: float = 90, move_limit_s: float = 60
) -> dict[str, list[PeerRun]]:
    """Run every peer at every size; one that fails or is too slow is not tried with more points."""
    runs: dict[str, list[PeerRun]] = {}
    for name in PEERS:
        runs[name] = []
        for n in sizes:
            stopped = next((run for run in runs[name] if run.why), None)
            if stopped:
                runs[name].append(PeerRun(n, why=f"not tried: stopped at {stopped.n:,}"))
                continue
            runs[name].append(_run(browser, name, n, moves, load_limit_s, move_limit_s))
    return runs


def _run(browser: Browser, name: str, n: int, moves: int, load_limit_s: float, move_limit_s: float) -> PeerRun:
    script, watched = PEERS[name]
    try:
        with (
            serve_page(script, data=make_points(n)) as server,
            open_tab(browser, server.url, watched=watched, answer=_answer_for_others) as tab,
        ):
            return _measure(tab, n, moves, load_limit_s, move_limit_s)
    except ServiceError as error:
        return PeerRun(n, why=str(error))


def _measure(tab: Tab, n: int, moves: int, load_limit_s: float, move_limit_s: float) -> PeerRun:
    # A peer builds its map anew on every move and paints it empty first: wait until it is quiet for a second.
    load = tab.page.evaluate(
        "([quiet, limit]) => { const bench = window.__bench; bench.released = performance.timeOrigin;"
        " return bench.settle(quiet, limit); }",
        [2_500, load_limit_s * 1_000],
    )
    if not load:
        return PeerRun(n, why=f"not painted in {load_limit_s:.0f} s")
    times, sent = [], []
    for share in (0.72, 0.88, 0.64, 0.81, 0.9)[:moves]:
        tab.traffic.reset()
        painted = tab.measure(lambda share=share: slide(tab, share), quiet_ms=1_500, limit_ms=move_limit_s * 1_000)  # type: ignore[misc]
        if painted is None:
            return PeerRun(n, load["last"] / 1_000, why=f"a move was not painted in {move_limit_s:.0f} s")
        times.append(painted.last)
        sent.append(tab.traffic.websocket)
    return PeerRun(n, load["last"] / 1_000, sorted(times)[len(times) // 2], sorted(sent)[len(sent) // 2])


def _answer_for_others(route: Route) -> None:
    """Answer what a peer asks of other hosts from files of this machine; no request leaves it."""
    url = route.request.url
    path = _files().get(url)
    suffix = Path(url.partition("?")[0]).suffix
    body = path.read_bytes() if path else b""
    route.fulfill(status=200, body=body, content_type=_MEDIA_TYPES.get(suffix, "application/octet-stream"))


def _files() -> dict[str, Path]:
    """Say which file of this machine stands for which address of another host."""
    recipe = json.loads((STATIC_FOLDER / "assets.json").read_text(encoding="utf-8"))
    known = {
        file["replaces"]: STATIC_FOLDER / "vendor" / place
        for package in recipe["packages"]
        for place, file in package["files"].items()
        if "replaces" in file
    }
    base, folder = "https://cdnjs.cloudflare.com/ajax/libs/leaflet.markercluster/1.1.0", cluster_files()
    for name in ("leaflet.markercluster.js", "MarkerCluster.css", "MarkerCluster.Default.css"):
        known[f"{base}/{name}"] = folder / name
    return known


def cluster_files() -> Path:
    """Give the folder with the cluster plug-in's files; npm fetches the package once, to measure, never to ship.

    Raises
    ------
    ServiceError
        When npm is missing or its registry cannot be reached.
    """
    folder = cache_folder() / "markercluster"
    if (folder / "leaflet.markercluster.js").exists():
        return folder
    npm = shutil.which("npm")
    with _temporary(folder) as work:
        done = npm and subprocess.run(  # noqa: S603  the npm on PATH, a fixed package
            [npm, "pack", CLUSTER_PACKAGE, "--silent"], cwd=work, capture_output=True, check=False, timeout=120
        )
        archives = list(work.glob("*.tgz"))
        if not done or not archives:
            msg = (
                f"The cluster plug-in ({CLUSTER_PACKAGE}) could not be fetched with npm, so its peers are not measured."
            )
            raise ServiceError(msg)
        with tarfile.open(archives[0]) as archive:
            archive.extractall(work, filter="data")
        for file in (work / "package" / "dist").iterdir():
            shutil.copy(file, folder / file.name)
    return folder


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
