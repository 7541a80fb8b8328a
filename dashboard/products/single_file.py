"""A view as one HTML file that opens from disk and asks nothing of any host: map, time, filters, table, records."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from dashboard.badges import ENOUGH_PX, MOST_MOVED, ZONE_STEPS_PX, ZONE_TURNS, inside_area
from dashboard.drawing import CROWDED_ZONE_PX, end_of_time
from dashboard.grouping import (
    CROWD_PX,
    LEAST_AREA_PX,
    LEAST_CROWD,
    LEAST_GAP,
    MOST_AREAS,
    MOST_COMPARED,
    MOST_IN_SQUARE,
    ROOM_PX,
)
from dashboard.products.content import attribution_text, zones_text
from dashboard.products.job import Job
from dashboard.products.packed import pack_ids, pack_rows
from dashboard.products.packed_texts import pack_texts, packed_bytes, packed_text
from dashboard.products.page import stamp_text
from dashboard.products.table import about
from dashboard.snapshot import frame_for
from dashboard.symbols import DRAWN_AS, SHAPE_ORDER, SHAPES, SIGN_WORDS, ZONE_LEAST_PX, colours
from dashboard.view import COLOUR_BY, CONTEXT_LAYERS, HOME
from geodata.answer import NO_DATE, NOT_PLACED, NOT_YET_KNOWN, OUTSIDE_WINDOW, REASON_ORDER, SEARCH
from geodata.boundaries import BOX_WSEN, LAYERS, basemap_layer, load_boundaries
from geodata.cells import CELL_PX, mercator_px
from geodata.dataset import load_facilities
from geodata.incident import EVENT_TYPES, POTENTIAL_TYPES, PRECISIONS
from geodata.record_table import Rows
from geodata.release import SENTENCE
from geodata.scan_loops import NO_DAY
from geodata.selection import DIMENSION
from geodata.store import MOST_TERM_DAYS, day_number

STATIC = Path(__file__).parent.parent / "static"
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "js/element.js",
    "js/standalone.js",
    "js/basemap.js",
    "js/names.js",
    "js/areas.js",
    "js/marks.js",
    "js/legend.js",
    "js/record.js",
    "js/standalone_ask.js",
    "js/standalone_draw.js",
    "js/standalone_page.js",
)
STYLES = ("vendor/leaflet/leaflet.css", "css/atlas.css", "css/standalone.css")

#: Tolerance in degrees (about 300 m) and decimals of the ground: enough for the zooms the file offers.
GROUND_TOLERANCE, GROUND_DECIMALS = 0.003, 3

#: Bytes up to which a file carries the text of its records: mail and chat programs take files of 12 MB.
MOST_BYTES = 11_500_000

#: Share of the room left by points and ground that the ids of all records may take; the rest is for their text.
ID_SHARE = 0.8

Plain = dict[str, Any]


def html_bytes(job: Job) -> bytes:
    """Write the file; its policy lets it run its own script and nothing else, and reach no address."""
    script = "\n".join(_read(name) for name in SCRIPTS) + "\nwindow.incidentAtlas.start();\n"
    parts = {
        "policy": _policy(script),
        "title": escape(job.words.title),
        "style": "\n".join(_local_style(_read(name)) for name in STYLES),
        "recipe": job.recipe.to_json().replace("<", "\\u003c"),
        **_data(job, script),
        "script": script,
    }
    page = _read("standalone.html")
    for name, text in parts.items():
        head, mark, tail = page.partition("{{" + name + "}}")
        assert mark, name  # noqa: S101  the template is ours
        page = head + text + tail
    return page.encode("utf-8")


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "form-action 'none'; base-uri 'none'"
    )


def _data(job: Job, script: str) -> dict[str, str]:
    """Pack points first, then ids and text as far as they fit; the head says what is carried."""
    store, rows = job.store, job.answer.matching
    packed, ids = pack_rows(store, rows), pack_ids(store, rows)
    head = {**packed.head, **_payload(job)}
    columns, ground = packed_bytes(packed.data), packed_text(_json({name: _ground(name) for name in LAYERS}))
    room = MOST_BYTES - len(script) - len(columns) - len(ground) - len(packed_text(_json(head)))
    id_head, id_data = packed_text(_json(ids.head)), packed_bytes(ids.data)
    carries_ids = len(id_head) + len(id_data) <= ID_SHARE * room
    texts = pack_texts(store, rows, room - (len(id_head) + len(id_data) if carries_ids else 0))
    head |= {"carried": texts.carried, "carriesIds": carries_ids}
    return {
        "data": packed_text(_json(head)),
        "columns": columns,
        "ground": ground,
        "ids": f"{id_head} {id_data}" if carries_ids else "",
        "texts": " ".join(texts.packs),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _read(name: str) -> str:
    text = (STATIC / name).read_text(encoding="utf-8")
    if name.endswith(".js") and "</script" in text.lower():
        msg = f"{name} holds an end tag that would close the page's script."
        raise ValueError(msg)
    return text


def _local_style(text: str) -> str:
    """Leave out the pictures of Leaflet's own markers and buttons, which this file does not use."""
    return "\n".join(line for line in text.splitlines() if "url(" not in line)


def _payload(job: Job) -> Plain:
    """Everything but the records: words, signs, colours, and what is at first asked of them."""
    return {
        **_question(job),
        "types": [{"label": EVENT_TYPES[code].label, "potential": code in POTENTIAL_TYPES} for code in SHAPE_ORDER],
        "typeCodes": list(SHAPE_ORDER),
        "precisions": [{"code": c, "label": PRECISIONS[c].label, "drawnAs": drawn} for c, drawn in DRAWN_AS.items()],
        "precisionWords": {c: f"Known to: {PRECISIONS[c].label.lower()}. {PRECISIONS[c].definition}" for c in DRAWN_AS},
        "signs": dict(SIGN_WORDS),
        "symbols": [SHAPES[code] for code in SHAPE_ORDER],
        "colourBy": job.view.colour_by,
        "colourings": {name: _colouring(job, name) for name in COLOUR_BY},
        "layers": [[layer.key, layer.label] for layer in CONTEXT_LAYERS],
        "context": sorted(job.view.context),
        "release": SENTENCE if job.view.public else "",
        "place": list(job.view.place or HOME),
        "bounds": None if job.view.place else _bounds(job),
        "facilities": load_facilities(),
        **_areas(job),
        "rules": {
            "mostCompared": MOST_COMPARED, "cellPx": CELL_PX, "leastGap": LEAST_GAP, "zoneLeastPx": ZONE_LEAST_PX,
            "mostMoved": MOST_MOVED, "enoughPx": ENOUGH_PX, "zoneStepsPx": ZONE_STEPS_PX, "zoneTurns": ZONE_TURNS,
            "leastCrowd": LEAST_CROWD, "mostInSquare": MOST_IN_SQUARE, "crowdPx": CROWD_PX, "roomPx": ROOM_PX,
            "mostAreas": MOST_AREAS, "crowdedZonePx": CROWDED_ZONE_PX, "leastAreaPx": LEAST_AREA_PX,
        },
        "about": [entry for entry in about(job.words, job.recipe) if entry[0] != "Recipe"],
        "page": {
            "title": job.words.title,
            "takeaway": job.options.takeaway,
            "as-of": job.words.as_of,
            "stamp": stamp_text(job.options, job.recipe),
            "marking": job.options.marking,
            "edition": job.words.redaction,
            "care": f"{job.words.completeness} {job.words.review} {job.words.reliability}",
            "overrides": job.words.overrides,
            "licences": job.words.base_map,
            "disclaimer": job.words.disclaimer,
        },
    }  # fmt: skip


def _question(job: Job) -> Plain:
    """Say which days are on offer, what was asked when the file was made, and where its other records have gone."""
    selection, counts = job.answer.selection, job.answer.counts
    hidden = {reason: n for reason, n in counts.hidden.items() if reason != NOT_PLACED}
    told = {reason.split(" on ")[0]: reason for reason in hidden if reason.startswith(NOT_YET_KNOWN)}
    first, last = _days(job, job.answer.matching)
    return {
        "read": counts.read,
        "rejected": counts.rejected,
        "hidden": hidden,
        "reasons": [told.get(reason.removesuffix(" on"), reason) for reason in REASON_ORDER],
        "reasonOf": {
            "noDate": NO_DATE, "outside": OUTSIDE_WINDOW, "search": SEARCH, "unplaced": NOT_PLACED,
        },
        "zone": zones_text(job.store, job.answer.matching),
        "windowed": selection.window is not None,
        "inForce": selection.in_force,
        "knownOn": day_number(selection.known_on) if selection.known_on else int(NO_DAY),
        "first": first,
        "last": last,
        "seenFrom": end_of_time(job.store, selection),
    }  # fmt: skip


def _days(job: Job, rows: Rows) -> tuple[int, int]:
    """First and last day that the file's window may hold: the window asked for, else the days of its records.

    The days run on to the day after the last term of a threat, where it fades.
    """
    columns, window, span = job.store.columns, job.answer.selection.window, job.store.span
    if window and span:
        first, last = (min(max(day, span.first), span.last) for day in (window.first, window.last))
        return day_number(first), day_number(last)
    dated = rows[columns.first_day[rows] != NO_DAY]
    first_day = int(columns.first_day[dated].min()) if len(dated) else 0
    last_day = int(columns.last_day[dated].max()) if len(dated) else 0
    terms = columns.term_day[dated[columns.term_day[dated] > columns.last_day[dated]]]
    beyond = int(terms.max()) + 1 if len(terms) else last_day
    return first_day, max(last_day, min(beyond, last_day + MOST_TERM_DAYS))


def _colouring(job: Job, name: str) -> Plain:
    """Colours and words of one way to colour the map; the categories are those of the packed column."""
    store, rows = job.store, job.answer.matching
    shape = {value: index for index, value in enumerate(SHAPE_ORDER)}
    palette = colours(store, name)
    used = np.unique(store.coded[name].codes[rows]).tolist()
    return {
        "label": DIMENSION[name].label,
        "title": f"Colour: {COLOUR_BY[name]}",
        "caveat": attribution_text(replace(job.view, colour_by=name)),
        "categories": [
            {
                "label": label or "not recorded",
                "colour": colour,
                "shape": shape.get(value, 0),
                "potential": value in POTENTIAL_TYPES,
            }
            for value, label, colour in (palette[code] for code in used)
        ],
    }


def _areas(job: Job) -> Plain:
    """Give, for areas that may be drawn, where their sign may stand, best first, and for districts how small they are.

    `side` is the narrowest side in pixels of a web map at zoom 0; a district too small to be seen stands with `parent`.
    """
    boundaries, spots = load_boundaries(), job.store.spots
    shown = np.unique(job.store.spot[job.answer.rows])
    drawn = {str(spots.area_id[spot]) for spot in shown if DRAWN_AS[str(spots.precision[spot])] == "area"}
    districts = [boundaries.area(name) for name in sorted(drawn) if boundaries.area(name).level == "district"]
    small = {}
    for area in districts:
        west, south, east, north = area.geometry.bounds
        x, y = mercator_px(np.array([west, east]), np.array([south, north]), 0.0)
        small[area.id] = {"parent": area.parent, "side": round(float(min(x[1] - x[0], y[0] - y[1])), 5)}
    signed = sorted(drawn | {area.parent for area in districts})
    return {"areas": small, "signPlaces": {area: np.round(inside_area(area), 3).tolist() for area in signed}}


def _bounds(job: Job) -> list[list[float]]:
    """South-west and north-east corner of what a page of the same view shows, latitude first as Leaflet asks."""
    west, south, east, north = frame_for(job.drawing, job.view, (960.0, 560.0)).bbox_wsen
    return [[south, west], [north, east]]


def _ground(name: str) -> Plain:
    """Give a layer of the base map as GeoJSON, simplified for the zooms of one file."""
    layer = basemap_layer(name)
    shapes = shapely.simplify(layer.geometry.to_numpy(), GROUND_TOLERANCE)
    kept = [key for key in ("id", "name", "name_local", "rank", "kind", "angle") if key in layer.columns]
    columns = {key: layer[key].tolist() for key in kept}
    features = [
        {
            "type": "Feature",
            "properties": {key: columns[key][at] for key in kept},
            "geometry": _rounded(json.loads(shapely.to_geojson(shape))),
        }
        for at, shape in enumerate(shapes)
    ]
    return {"type": "FeatureCollection", "bbox": BOX_WSEN, "features": features}


def _rounded(geometry: Any) -> Any:
    if isinstance(geometry, dict):
        return {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}
    if isinstance(geometry, float):
        return round(geometry, GROUND_DECIMALS)
    return [_rounded(part) for part in geometry] if isinstance(geometry, list) else geometry
