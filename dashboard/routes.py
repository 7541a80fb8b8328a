"""The map's own door: JSON answers to pan, hover and click, from the process that holds the records."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from dashboard.products.data import counts_record, geojson_bytes, records_geojson
from dashboard.record import date_text, describe
from dashboard.settings import ASSETS_URL, STATIC_FOLDER
from dashboard.view import View
from geodata.boundaries import basemap_geojson
from geodata.cells import cells_in
from geodata.dataset import Dataset, current_dataset, load_facilities
from geodata.errors import AtlasError, QueryError
from geodata.incident import EVENT_TYPES, PRECISIONS
from geodata.store import Answer

#: Most records one answer lists for a place; the rest are counted. A reader scrolls no further, a browser would stall.
MOST_LISTED = 500

Handler = Callable[[Request], bytes]


class NotFoundError(AtlasError):
    """What was asked for does not exist here."""


def _view(request: Request) -> tuple[View, tuple[str, ...]]:
    own = {"bbox", "zoom"}
    return View.from_query([(key, value) for key, value in request.query_params.multi_items() if key not in own])


def _ask(request: Request) -> tuple[Dataset, View, Answer, tuple[str, ...]]:
    dataset = current_dataset()
    view, problems = _view(request)
    return dataset, view, dataset.store.ask(view.selection), problems


def incidents(request: Request) -> bytes:
    """GeoJSON of what is shown, with counts."""
    dataset, view, answer, problems = _ask(request)
    return geojson_bytes({**records_geojson(dataset, answer, view), "problems": list(problems)})


def incident(request: Request) -> bytes:
    """Everything known of one record."""
    store = current_dataset().store
    record_id = request.path_params["record_id"]
    row = store.row_of_id.get(record_id)
    if row is None:
        msg = f"No record has the id {record_id[:80]!r}; ids stand in the first column of the table."
        raise NotFoundError(msg)
    return _json(describe(store, row))


def cells(request: Request) -> bytes:
    """Grid cells of what is shown inside `bbox` (west,south,east,north in degrees) at `zoom`."""
    dataset, view, answer, _ = _ask(request)
    bbox_wsen, zoom = _extent(request)
    grid = cells_in(dataset.store, answer.rows, bbox_wsen, zoom, view.colour_by)
    return _json({**grid, "shown": answer.counts.shown, "counts": counts_record(answer.counts)})


def spot(request: Request) -> bytes:
    """List the records of one mark."""
    dataset, _, answer, _ = _ask(request)
    store = dataset.store
    number = int(request.path_params["spot"])
    rows = answer.rows[store.columns.spot[answer.rows] == number]
    if not len(rows):
        msg = "No record is shown at this place any more; the filters have changed since the map was drawn."
        raise NotFoundError(msg)
    listed = [_line(store.records.iloc[row]) for row in rows[:MOST_LISTED]]
    dates = [line["date"] for line in listed]
    precision = PRECISIONS[str(store.spots.precision[number])]
    return _json(
        {
            "name": str(store.spots.name[number]),
            "precision": f"Known to: {precision.label.lower()}. {precision.definition}",
            "first": dates[0],
            "last": dates[-1],
            "total": len(rows),
            "records": listed,
        }
    )


def facilities(request: Request) -> bytes:
    """List facilities for the map's facility layer."""
    del request
    return _json({"facilities": load_facilities()})


def basemap(request: Request) -> bytes:
    """GeoJSON of one base layer."""
    name = request.path_params["name"]
    try:
        return basemap_geojson(name)
    except KeyError as error:
        msg = f"No base layer is named {name[:40]!r}."
        raise NotFoundError(msg) from error


def _line(record: Any) -> dict[str, str]:
    return {
        "id": record["id"],
        "date": date_text(record),
        "type": EVENT_TYPES[record["event_type"]].label,
        "summary": record["summary"],
    }


def _extent(request: Request) -> tuple[tuple[float, float, float, float], float]:
    try:
        west, south, east, north = (float(part) for part in request.query_params.get("bbox", "").split(","))
        zoom = float(request.query_params.get("zoom", ""))
    except ValueError as error:
        msg = "bbox and zoom cannot be read; expected bbox=west,south,east,north in degrees and zoom=0..19."
        raise QueryError(msg) from error
    if not (-360 <= west < east <= 360 and -90 <= south < north <= 90 and 0 <= zoom <= 19):
        msg = "bbox or zoom is out of range; expected west < east, south < north in degrees and zoom 0 to 19."
        raise QueryError(msg)
    return (west, south, east, north), zoom


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
    Route("/api/cells", _answering(cells)),
    Route("/api/spot/{spot:int}", _answering(spot)),
    Route("/api/facilities", _answering(facilities)),
    Route(
        f"{ASSETS_URL}/basemap/{{name}}.geojson",
        _answering(basemap, media_type="application/geo+json", cache="max-age=3600"),
    ),
    Mount(ASSETS_URL, StaticFiles(directory=STATIC_FOLDER)),
]
