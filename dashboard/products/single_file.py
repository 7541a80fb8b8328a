"""A view as one HTML file that opens from disk and asks nothing of any host: map, time, filters, table, records."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import shapely

from dashboard.drawing import Drawing, end_of_time
from dashboard.products.job import Job
from dashboard.products.page import stamp_text
from dashboard.products.table import about
from dashboard.record import date_text, describe
from dashboard.snapshot import frame_for
from dashboard.symbols import DRAWN_AS, SHAPE_ORDER, SHAPES, SIGN_WORDS, zone_radii_m
from dashboard.view import HOME
from geodata.boundaries import LAYERS, basemap_layer
from geodata.dataset import load_facilities
from geodata.incident import DEFAULT_TIME_ZONE, EVENT_TYPES, POTENTIAL_TYPES, PRECISIONS
from geodata.scan import NO_DAY
from geodata.store import Store

STATIC = Path(__file__).parent.parent / "static"
SCRIPTS = (
    "vendor/leaflet/leaflet.js",
    "js/standalone.js",
    "js/basemap.js",
    "js/marks.js",
    "js/legend.js",
    "js/record.js",
)
STYLES = ("vendor/leaflet/leaflet.css", "css/atlas.css", "css/standalone.css")

#: Tolerance in degrees (about 300 m) and decimals of the ground: enough for the zooms the file offers.
GROUND_TOLERANCE, GROUND_DECIMALS = 0.003, 3

Plain = dict[str, Any]


def html_bytes(job: Job) -> bytes:
    """Write the file; its policy lets it run its own two scripts and nothing else, and reach no address."""
    script = "\n".join(_read(name) for name in SCRIPTS) + "\nwindow.incidentAtlas.start();\n"
    style = "\n".join(_local_style(_read(name)) for name in STYLES)
    data = json.dumps(_payload(job), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "form-action 'none'; base-uri 'none'"
    )
    parts = {
        "policy": policy,
        "title": escape(job.words.title),
        "style": style,
        "recipe": job.recipe.to_json().replace("<", "\\u003c"),
        "data": _deflated(data),
        "script": script,
    }
    page = _read("standalone.html")
    for name, text in parts.items():
        head, mark, tail = page.partition("{{" + name + "}}")
        assert mark, name  # noqa: S101  the template is ours
        page = head + text + tail
    return page.encode("utf-8")


def _read(name: str) -> str:
    text = (STATIC / name).read_text(encoding="utf-8")
    if name.endswith(".js") and "</script" in text.lower():
        msg = f"{name} holds an end tag that would close the page's script."
        raise ValueError(msg)
    return text


def _local_style(text: str) -> str:
    """Leave out the pictures of Leaflet's own markers and buttons, which this file does not use."""
    return "\n".join(line for line in text.splitlines() if "url(" not in line)


def _deflated(text: str) -> str:
    """Compress for the browser's DecompressionStream("deflate-raw")."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(text.encode("utf-8")) + packer.flush()).decode("ascii")


def _payload(job: Job) -> Plain:
    store, rows, drawing = job.store, job.answer.rows, job.drawing
    wire = {index: at for at, index in enumerate(i for i, c in enumerate(drawing.categories) if c.count)}
    spots = sorted({int(spot) for spot in store.spot[rows]})
    number = {spot: index for index, spot in enumerate(spots)}
    labels = {mark.spots[0]: mark.label for mark in drawing.margin}
    days = [d for d in (*store.columns.first_day[rows], *store.columns.last_day[rows]) if d != NO_DAY]
    return {
        "read": job.answer.counts.read,
        "rejected": job.answer.counts.rejected,
        "hidden": list(job.answer.counts.hidden.items()),
        "zone": DEFAULT_TIME_ZONE,
        "first": int(min(days, default=0)),
        "last": int(max(days, default=0)),
        "seenFrom": end_of_time(store, job.answer.selection),
        "rows": _rows(job, number, wire),
        "details": [describe(store, int(row), job.view.coordinates) for row in rows],
        "spots": [_spot(store, spot, labels) for spot in spots],
        "types": _types(drawing),
        "categories": _categories(drawing, list(wire)),
        "precisions": [{"code": p.value, "label": p.label, "drawnAs": DRAWN_AS[p.value]} for p in drawing.precisions],
        "signs": dict(SIGN_WORDS),
        "symbols": [SHAPES[code] for code in SHAPE_ORDER],
        "legendTitle": drawing.legend_title,
        "colourBy": drawing.colour_by,
        "context": sorted(job.view.context - {"density"}),
        "place": list(job.view.place or HOME),
        "bounds": None if job.view.place else _bounds(job),
        "facilities": load_facilities(),
        "ground": {name: _ground(name) for name in LAYERS},
        "about": [entry for entry in about(job.words, job.recipe) if entry[0] != "Recipe"],
        "texts": {
            "title": job.words.title,
            "takeaway": job.options.takeaway,
            "as-of": job.words.as_of,
            "stamp": stamp_text(job.options, job.recipe),
            "marking": job.options.marking,
        },
    }


def _rows(job: Job, number: dict[int, int], wire: dict[int, int]) -> list[list[Any]]:
    store, rows = job.store, job.answer.rows
    columns = ("id", "place", "site", "target", "claimed_by", "denied_by", "attributed_to", "summary")
    records = store.records.take(rows, (*columns, "date_start", "date_end", "event_type")).to_dict("records")
    category = store.coded[job.drawing.colour_by].codes[rows]
    low = store.coded["confidence"].passes(frozenset({"low"}))[rows]
    out = []
    for at, record in enumerate(records):
        text = {str(key): str(value) for key, value in record.items()}
        row = int(rows[at])
        spot = int(store.spot[row])
        words = " ".join([*(text[name] for name in columns), str(store.spots.name[spot])])
        first, last = int(store.columns.first_day[row]), int(store.columns.last_day[row])
        kind = SHAPE_ORDER.index(text["event_type"])
        head = [text["id"], date_text(text), text["place"], text["summary"], first, last, number[spot]]
        term = int(store.columns.term_day[row])
        out.append([*head, kind, wire[int(category[at])], int(low[at]), words, term])
    return out


def _spot(store: Store, spot: int, labels: Mapping[int, str]) -> Plain:
    spots = store.spots
    precision, radius_m = PRECISIONS[str(spots.precision[spot])], spots.radius_m[spot : spot + 1]
    radius_m = (zone_radii_m(radius_m) if spots.potential[spot] else radius_m)[0]
    return {
        "name": str(spots.name[spot]),
        "label": labels.get(spot, str(spots.name[spot])),
        "longitude": round(float(spots.longitude[spot]), 5),
        "latitude": round(float(spots.latitude[spot]), 5),
        "radius": round(float(radius_m)),
        "precision": precision.code,
        "area": str(spots.area_id[spot]),
        "potential": bool(spots.potential[spot]),
        "reach": list(spots.reach[spot]),
        "words": f"Known to: {precision.label.lower()}. {precision.definition}",
    }


def _types(drawing: Drawing) -> list[Plain]:
    counts = {entry.value: entry.count for entry in drawing.shapes}
    return [
        {"label": EVENT_TYPES[code].label, "count": counts.get(code, 0), "potential": code in POTENTIAL_TYPES}
        for code in SHAPE_ORDER
    ]


def _categories(drawing: Drawing, used: list[int]) -> list[Plain]:
    shape = {value: index for index, value in enumerate(SHAPE_ORDER)}
    chosen = [drawing.categories[index] for index in used]
    return [
        {
            "label": c.label or "not recorded",
            "colour": c.colour,
            "shape": shape.get(c.value, 0),
            "potential": c.value in POTENTIAL_TYPES,
        }
        for c in chosen
    ]


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
    return {"type": "FeatureCollection", "features": features}


def _rounded(geometry: Any) -> Any:
    if isinstance(geometry, dict):
        return {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}
    if isinstance(geometry, float):
        return round(geometry, GROUND_DECIMALS)
    return [_rounded(part) for part in geometry] if isinstance(geometry, list) else geometry
