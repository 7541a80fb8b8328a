"""The map's own door: JSON answers to pan, hover and click, from the process that holds the records."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from dashboard.desk import draw_ahead, turn
from dashboard.drawing import draw
from dashboard.live import live
from dashboard.products.data import counts_record, geojson_bytes, records_geojson
from dashboard.record import date_text, describe
from dashboard.relations import MOST_NEAR_KM, NEAR_KM, surroundings
from dashboard.settings import ASSETS_URL, STATIC_FOLDER
from dashboard.symbols import SHAPE_ORDER, SHAPES
from dashboard.view import View, coordinates_asked, is_public
from dashboard.viewport import remember_place
from dashboard.webmap import drawing_payload, script_bundle
from geodata.answer import Answer
from geodata.boundaries import basemap_geojson
from geodata.cells import cells_in
from geodata.current import current_dataset
from geodata.dataset import Dataset, load_facilities
from geodata.errors import AtlasError, QueryError
from geodata.incident import EVENT_TYPES, PRECISIONS
from geodata.key_dates import key_dates
from geodata.reach import reach_feature
from geodata.release import released
from geodata.store import day_number

#: Most records one answer lists for a place; the rest are counted. A reader scrolls no further, a browser would stall.
MOST_LISTED = 500

#: Largest zoom a map may ask for; one step beyond what the base map allows.
MOST_ZOOM = 18

Handler = Callable[[Request], bytes]


class NotFoundError(AtlasError):
    """What was asked for does not exist here."""


def _view(request: Request) -> tuple[View, tuple[str, ...]]:
    own = {"bbox", "zoom", "reader", "map"}
    return View.from_query([(key, value) for key, value in request.query_params.multi_items() if key not in own])


def _ask(request: Request) -> tuple[Dataset, View, Answer, tuple[str, ...]]:
    view, problems = _view(request)
    dataset = released(current_dataset(), public=view.public)
    return dataset, view, dataset.store.ask(view.selection, by=view.colour_by), problems


def incidents(request: Request) -> bytes:
    """GeoJSON of what is shown, with counts."""
    dataset, view, answer, problems = _ask(request)
    return geojson_bytes({**records_geojson(dataset, answer, view), "problems": list(problems)})


def incident(request: Request) -> bytes:
    """Everything known of one record."""
    store = released(current_dataset(), public=is_public(request.query_params.get("public", ""))).store
    record_id = request.path_params["record_id"]
    row = store.find_row(record_id)
    if row < 0:
        msg = f"No record has the id {record_id[:80]!r}; ids stand in the first column of the table."
        raise NotFoundError(msg)
    around = surroundings(store, row, load_facilities(), within_km=_number(request, "within", NEAR_KM, MOST_NEAR_KM))
    coordinates = coordinates_asked(request.query_params.get("coords", ""), [])
    return _json({**describe(store, row, coordinates), **around})


def reach(request: Request) -> bytes:
    """Draw the ring that lies `km` kilometres around the point `lon`, `lat` (degrees)."""
    return _json(reach_feature(*(_number(request, key, math.nan, math.inf) for key in ("lon", "lat", "km"))))


def cells(request: Request) -> bytes:
    """Grid cells of what is shown inside `bbox` (west,south,east,north in degrees) at `zoom`."""
    dataset, _, answer, _ = _ask(request)
    grid = cells_in(dataset.store, answer, _extent(request), _zoom(request))
    return _json({**grid, "shown": answer.counts.shown, "counts": counts_record(answer.counts)})


def drawing(request: Request) -> bytes:
    """Draw the view again for another zoom: the same records, grouped where symbols would overlap there."""
    dataset, view, answer, _ = _ask(request)
    zoom = _zoom(request)
    return _json(drawing_payload(draw(dataset.store, answer, view, zoom=zoom), view, zoom=zoom))


def viewport(request: Request) -> bytes:
    """Take the part of the map a reader sees; the page frames its products by it and groups symbols for its zoom."""
    view, problems = View.from_query([("map", request.query_params.get("map", ""))])
    if view.place is None:
        raise QueryError(" ".join(problems) or "map is missing; expected longitude,latitude,zoom.")
    remember_place(request.query_params.get("reader", ""), view.place)
    return b"{}"


def mark(request: Request) -> bytes:
    """List the records of the symbol that stands for a place, as it is grouped at `zoom`."""
    dataset, view, answer, _ = _ask(request)
    store, spot = dataset.store, int(request.path_params["spot"])
    drawn = draw(store, answer, view, zoom=_zoom(request))
    found = next((one for one in (*drawn.marks, *drawn.margin) if spot in one.spots), None)
    if found is None:
        msg = "No record is shown at this place any more; the filters have changed since the map was drawn."
        raise NotFoundError(msg)
    rows = answer.rows[np.isin(store.spot[answer.rows], found.spots)]
    columns = ("id", "place", "date_start", "date_end", "event_type", "summary")
    listed = [_line(record) for record in store.records.take(rows[:MOST_LISTED], columns).to_dict("records")]
    return _json(
        {
            "name": found.label,
            "places": len(found.spots),
            "precision": _precision_words({str(store.spots.precision[one]) for one in found.spots}),
            "first": listed[0]["date"],
            "last": date_text(store.records.row(int(rows[-1]))),
            "total": len(rows),
            "records": listed,
        }
    )


def drawing_kit(request: Request) -> bytes:
    """Give what the map draws with and what does not vary: symbols by their number, and facilities."""
    del request
    return _json({"symbols": [SHAPES[code] for code in SHAPE_ORDER], "facilities": load_facilities()})


def listed_key_dates(request: Request) -> bytes:
    """List the dates that mark turns of the campaign, for the timeline."""
    del request
    listed = [{"day": day_number(key.day), "title": key.title, "detail": key.detail} for key in key_dates()]
    return _json({"dates": listed})


def map_scripts(request: Request) -> bytes:
    """Give folium's script of the base map."""
    from dashboard.map_frame import map_script  # not above: a component is declared to a running server only

    del request
    return map_script()


def scripts(request: Request) -> bytes:
    """Give the map's scripts in one file."""
    del request
    return script_bundle()


def basemap(request: Request) -> bytes:
    """GeoJSON of one base layer."""
    name = request.path_params["name"]
    try:
        return basemap_geojson(name)
    except KeyError as error:
        msg = f"No base layer is named {name[:40]!r}."
        raise NotFoundError(msg) from error


def _number(request: Request, key: str, default: float, most: float) -> float:
    text = request.query_params.get(key, "")
    try:
        number = float(text) if text else default
    except ValueError:
        number = math.nan
    if number > most or (text and math.isnan(number)):
        msg = f"{key}={text[:20]!r} cannot be read; expected a number of at most {most:g}."
        raise QueryError(msg)
    return number


def _precision_words(codes: set[str]) -> str:
    found = [precision for code, precision in PRECISIONS.items() if code in codes]
    if len(found) == 1:
        return f"Known to: {found[0].label.lower()}. {found[0].definition}"
    return "Known to: " + ", ".join(precision.label.lower() for precision in found) + "."


def _line(record: Mapping[Hashable, Any]) -> dict[str, str]:
    return {
        "place": record["place"],
        "id": record["id"],
        "date": date_text(record),
        "type": EVENT_TYPES[record["event_type"]].label,
        "summary": record["summary"],
    }


def _extent(request: Request) -> tuple[float, float, float, float]:
    text = request.query_params.get("bbox", "")
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-360 <= west < east <= 360 and -90 <= south < north <= 90):
        msg = f"bbox={text[:60]!r} cannot be read; expected west,south,east,north in degrees."
        raise QueryError(msg)
    return west, south, east, north


def _zoom(request: Request) -> float:
    text = request.query_params.get("zoom", "")
    try:
        zoom = float(text)
    except ValueError:
        zoom = float("nan")
    if not 0 <= zoom <= MOST_ZOOM:
        msg = f"zoom={text[:20]!r} cannot be read; expected a number from 0 to {MOST_ZOOM}."
        raise QueryError(msg)
    return zoom


def typeface(_: Request) -> bytes:
    """Give the typeface that Streamlit's page is set in, for the map's frame.

    Raises
    ------
    NotFoundError
        When Streamlit brings none under that name.
    """
    media = Path(streamlit.__file__).parent / "static" / "static" / "media"
    for file in media.glob("SourceSansVF-Upright*.woff2"):
        return file.read_bytes()
    msg = "Streamlit has no typeface named Source Sans; the map is set in one of the system's."
    raise NotFoundError(msg)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _answering(handler: Handler, *, media_type: str = "application/json", cache: str = "no-store") -> Any:
    """Run a handler in a worker thread and turn the project's own errors into answers with their message."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await run_in_threadpool(handler, request)
        except NotFoundError as error:
            return Response(_json({"error": str(error)}), status_code=404, media_type="application/json")
        except AtlasError as error:
            return Response(_json({"error": str(error)}), status_code=400, media_type="application/json")
        return Response(body, media_type=media_type, headers={"Cache-Control": cache})

    return endpoint


ROUTES: list[BaseRoute] = [
    Route("/api/incidents", _answering(incidents, media_type="application/geo+json")),
    Route("/api/incident/{record_id:path}", _answering(incident)),
    Route("/api/reach", _answering(reach, media_type="application/geo+json")),
    Route("/api/cells", _answering(cells)),
    Route("/api/drawing", _answering(drawing)),
    Route("/api/viewport", _answering(viewport)),
    WebSocketRoute("/api/live", partial(live, turn=turn, draw_ahead=draw_ahead)),
    Route("/api/mark/{spot:int}", _answering(mark)),
    Route("/api/drawing-kit", _answering(drawing_kit, cache="max-age=3600")),
    Route("/api/key-dates", _answering(listed_key_dates, cache="max-age=3600")),
    Route(
        f"{ASSETS_URL}/basemap/{{name}}.geojson",
        _answering(basemap, media_type="application/geo+json", cache="max-age=3600"),
    ),
    Route(f"{ASSETS_URL}/atlas.js", _answering(scripts, media_type="text/javascript", cache="max-age=31536000")),
    Route(f"{ASSETS_URL}/base-map.js", _answering(map_scripts, media_type="text/javascript", cache="max-age=31536000")),
    Route(f"{ASSETS_URL}/typeface.woff2", _answering(typeface, media_type="font/woff2", cache="max-age=3600")),
    Mount(ASSETS_URL, StaticFiles(directory=STATIC_FOLDER)),
]
