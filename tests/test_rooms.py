"""The rooms of docs/design.md and the arrows between them, held by reading every import."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]

# Which files make up a room, and which rooms it may know. A room also knows what those know.
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "settings": ({"settings"}, set()),
    "view": ({"view", "campaigns", "notes", "record", "relations", "words"}, {"geodata"}),
    "drawing": ({"drawing", "badges", "grouping", "marks", "symbol_loops", "symbols"}, {"view"}),
    "snapshot": ({"snapshot"}, {"drawing", "settings"}),
    "products": ({"products"}, {"snapshot"}),
    "webmap": ({"webmap"}, {"drawing", "settings"}),
    "live": ({"live"}, set()),
    "app": (
        {
            "app",
            "brief",
            "brief_panel",
            "component_files",
            "desk",
            "facets",
            "datasets_panel",
            "duplicates_panel",
            "import_panel",
            "imported",
            "map_frame",
            "mapping_panel",
            "panels",
            "place_deciding",
            "place_online",
            "place_wording",
            "places_view",
            "quality",
            "session",
            "timeline",
            "versions_panel",
            "viewport",
        },
        {"live", "products", "webmap"},
    ),
    "server": ({"server", "routes", "security"}, {"app"}),
    "bench": ({"bench"}, {"products"}),
    "cli": ({"cli", "cli_bench", "cli_files", "cli_options", "cli_places", "cli_products"}, {"server", "bench"}),
}

# Who may import what is not ours.
ONLY_IN = {
    "folium": {"webmap"},
    "branca": {"webmap"},
    "streamlit_folium": {"webmap"},
    "streamlit": {"app", "server", "cli", "bench"},
    "matplotlib": {"snapshot", "products"},
    "pptx": {"products"},
    "typer": {"cli"},
    "uvicorn": {"server"},
    "starlette": {"live", "server"},
}


@cache
def imports(path: Path) -> frozenset[str]:
    """Return every module a file imports, wherever in the file the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            # "from dashboard import panels" names a module of the package.
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def files(package: str) -> list[Path]:
    return sorted((PROJECT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def module_of(path: Path) -> str:
    """Return the part of the path that names a room's file: 'webmap' for dashboard/webmap/offline.py."""
    return path.relative_to(PROJECT / "dashboard").parts[0].removesuffix(".py")


def room_of(module: str) -> str:
    return next((room for room, (modules, _) in ROOMS.items() if module in modules), "")


def known_to(room: str) -> set[str]:
    """Return the rooms that a room may import from: itself, its arrows, and theirs."""
    _, arrows = ROOMS.get(room, (set(), set()))
    return {room}.union(*(known_to(other) for other in arrows))


DASHBOARD = [
    path
    for path in files("dashboard")
    # The peers that are measured are programs of their own, written as their users would; nothing imports them.
    if (path.name != "__init__.py" or path.parent.name != "dashboard") and path.parent.name != "peers"
]


@pytest.mark.parametrize("path", DASHBOARD, ids=name_of)
def test_a_file_of_the_dashboard_belongs_to_a_room(path: Path) -> None:
    assert room_of(module_of(path)), f"say in ROOMS which room {name_of(path)} belongs to"


@pytest.mark.parametrize("path", DASHBOARD, ids=name_of)
def test_a_room_imports_only_along_the_arrows(path: Path) -> None:
    room = room_of(module_of(path))
    wrong = {
        name
        for name in imports(path)
        if name.startswith(("dashboard.", "geodata."))
        and ("geodata" if name.startswith("geodata.") else room_of(name.split(".")[1])) not in known_to(room)
    }
    assert not wrong, f"{name_of(path)} ({room}) must not import {sorted(wrong)}"


@pytest.mark.parametrize("path", DASHBOARD + files("geodata"), ids=name_of)
def test_only_its_own_room_imports_a_library(path: Path) -> None:
    room = "geodata" if "geodata" in path.relative_to(PROJECT).parts else room_of(module_of(path))
    roots = {name.partition(".")[0] for name in imports(path)}
    wrong = {library for library, rooms in ONLY_IN.items() if library in roots and room not in rooms}
    assert not wrong, f"{name_of(path)} ({room}) must not import {sorted(wrong)}"


@pytest.mark.parametrize("path", files("geodata"), ids=name_of)
def test_geodata_knows_nothing_of_the_dashboard(path: Path) -> None:
    assert not {name for name in imports(path) if name.partition(".")[0] == "dashboard"}


@pytest.mark.parametrize("path", [p for p in files("geodata") if "build" not in p.parts], ids=name_of)
def test_geodata_never_prints(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def test_the_arrows_never_go_round() -> None:
    for room, (_, arrows) in ROOMS.items():
        assert not [other for other in arrows if room in known_to(other)]


def test_no_room_for_odds_and_ends() -> None:
    names = {path.stem for package in ("dashboard", "geodata") for path in files(package)}
    assert not names & {"utils", "util", "helpers", "common", "core", "misc"}
