"""Write the figures of a measurement as one table for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: Key of a figure, its words, its unit, and the bound it is held to ("" when it only informs).
LINES: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("slider_empty_p50_ms", "empty Streamlit page, slider to text", "ms", ""),
    ("slider_10k_p50_ms", "slider to painted map, 10,000", "ms", ""),
    ("slider_1m_p50_ms", "slider to painted map, 1,000,000, p50", "ms", "<= 75"),
    ("slider_1m_p95_ms", "slider to painted map, 1,000,000, p95", "ms", "<= 120"),
    ("slider_1m_over_empty", "1,000,000 / empty page", "x", "<= 2.0"),
    ("growth_10k_to_1m", "1,000,000 / 10,000", "x", "<= 1.5"),
    ("growth_1m_to_5m", "5,000,000 / 1,000,000", "x", "<= 1.5"),
    ("bytes_per_move", "bytes per slider move", "B", "<= 30000"),
    ("pan_ms", "pan ended to map complete", "ms", "<= 50"),
    ("zoom_ms", "zoom ended to regrouped map", "ms", "<= 50"),
    ("drag_fps_p95", "frames a second while dragging, p95", "", ">= 50"),
    ("play_dropped_share", "play at 10 steps a second, share dropped", "", "<= 0"),
    ("play_stop_ms", "stop pressed to last step painted", "ms", "<= 100"),
    ("first_paint_1m_s", "command to first painted map", "s", "<= 3"),
    ("load_1m_s", "first load of the CSV", "s", "<= 30"),
    ("server_rss_over_empty_mb", "server memory above an empty page's", "MB", "<= 300"),
    ("second_session_mb", "each further session", "MB", "<= 15"),
    ("heap_growth", "browser heap after the changes, growth", "", "<= 0.1"),
    ("server_growth_mb", "server memory after the changes, growth", "MB", ""),
    ("remounts", "map frames built anew", "", "<= 0"),
    ("map_moved", "map moved by itself", "", "<= 0"),
    ("crowd_25_p95_ms", "25 sessions moving every 2 s, p95", "ms", "<= 400"),
)


def table(figures: Mapping[str, Any]) -> str:
    """Lay the figures out: ours with their bounds, each filter, each peer with its ratio to ours."""
    rows = [("", "measured", "", "bound", "")]
    rows += [_row(words, figures[key], unit, bound) for key, words, unit, bound in LINES if key in figures]
    for name, value in (figures.get("filters_p50_ms") or {}).items():
        rows.append(_row(f"filter {name}", value, "ms", "<= 75"))
    rows += _peer_rows(figures)
    rows += [
        (f"not measured: {name}", "", "", why.splitlines()[0][:80], "") for name, why in figures["problems"].items()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def held(value: float | None, bound: str) -> bool | None:
    """Tell whether a value keeps its bound; None when there is nothing to tell."""
    if value is None or not bound:
        return None
    sign, limit = bound.split()
    return value <= float(limit) if sign == "<=" else value >= float(limit)


def _row(words: str, value: float | None, unit: str, bound: str) -> tuple[str, str, str, str, str]:
    kept = held(value, bound)
    return (
        words,
        "-" if value is None else f"{value:,.6g}",
        unit,
        bound,
        {None: "", True: "kept", False: "MISSED"}[kept],
    )


def _peer_rows(figures: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for name, sizes in (figures.get("peers") or {}).items():
        for size, run in sizes.items():
            # Ours at the same size where it was measured, else at 10,000: it does not grow with the size.
            ours = figures.get(f"slider_{size}_p50_ms") or figures.get("slider_10k_p50_ms")
            ratio = f"{run['move_ms'] / ours:,.1f}x ours" if run["move_ms"] and ours else run["why"][:80]
            value = run["move_ms"]
            rows.append((f"{name}, {size}", "-" if value is None else f"{value:,.6g}", "ms", ratio, ""))
    return rows
