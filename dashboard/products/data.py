"""The records shown, as CSV and GeoJSON: the same ids as on the screen, each with its place, precision and proof."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import shapely

from dashboard.view import View
from geodata.answer import Answer, Counts
from geodata.boundaries import load_boundaries
from geodata.coordinates import write_placed
from geodata.dataset import Dataset
from geodata.plain_text import for_spreadsheet

#: Columns that tell where the geocoder put a record and why; they follow the record's own.
PLACED_COLUMNS = {
    "place_id": "placed_id",
    "place_name": "placed_name",
    "place_kind": "placed_kind",
    "longitude": "placed_longitude",
    "latitude": "placed_latitude",
    "precision": "placed_precision",
    "radius_m": "placed_radius_m",
    "area_id": "placed_area_id",
    "country_id": "placed_country_id",
    "admin1_id": "placed_admin1_id",
    "admin2_id": "placed_admin2_id",
    "method": "placed_method",
    "score": "placed_score",
    "matched_text": "placed_matched_text",
    "why": "placed_why",
}

#: Column of the point as text, in the format the reader chose.
POINT_COLUMN = "placed_coordinates"

#: Column of a CSV file that tells what to know of it.
ABOUT_COLUMN = "about_this_file"


def records_csv(dataset: Dataset, answer: Answer, *, about: str = "", coordinates: str = "decimal") -> bytes:
    """Write the records shown as CSV (UTF-8 with byte-order mark, as spreadsheets expect).

    Text cells that a spreadsheet would run as a formula get a leading apostrophe.

    Parameters
    ----------
    about
        What to know of the file: a last column holds it, in the row of the first record.
    coordinates
        How points are written as text; a key of `geodata.coordinates.FORMATS`.
    """
    records = dataset.store.records.take(answer.rows).drop(columns="line")
    placements = dataset.store.placements_at(answer.rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    told = [[about, *[""] * (len(records) - 1)][: len(records)]] if about else []
    own = [for_spreadsheet(str(column)) for column in records.columns]
    writer.writerow([*own, *PLACED_COLUMNS.values(), POINT_COLUMN, *([ABOUT_COLUMN] if about else [])])
    texts = [[for_spreadsheet(str(cell)) for cell in records[column]] for column in records.columns]
    placed = [[_cell(value) for value in placements[column]] for column in PLACED_COLUMNS]
    points = [for_spreadsheet(text) for text in write_placed(placements, coordinates)]
    writer.writerows(zip(*texts, *placed, points, *told, strict=True))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def records_geojson(dataset: Dataset, answer: Answer, view: View) -> dict[str, Any]:
    """Write the records shown as a GeoJSON FeatureCollection (RFC 7946) with the counts and the view that made it.

    A record known to a governorate or district has that area as its geometry, never a point in it; one known only to
    a region or country has none.
    """
    store = dataset.store
    shapes = _area_shapes(set(store.places["area_id"].iloc[np.unique(store.columns.place[answer.rows])]))
    return {
        "type": "FeatureCollection",
        "sentence": answer.selection.sentence(store.names),
        "view": view.to_query(),
        "data_sha256": dataset.sha256,
        "counts": counts_record(answer.counts),
        "features": [
            _feature(record, placement, shapes)
            for record, placement in zip(
                store.records.take(answer.rows).to_dict("records"),
                store.placements_at(answer.rows).to_dict("records"),
                strict=True,
            )
        ],
    }


def geojson_bytes(collection: dict[str, Any]) -> bytes:
    """Serialise GeoJSON compactly, in UTF-8."""
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def counts_record(counts: Counts) -> dict[str, Any]:
    """Write the honest sums as plain values: read = rejected + shown + the sum of hidden."""
    return {
        "read": counts.read,
        "rejected": counts.rejected,
        "shown": counts.shown,
        "hidden": dict(counts.hidden),
        "events": str(counts.events),
        "attacks": str(counts.attacks),
        "killed": str(counts.killed),
        "wounded": str(counts.wounded),
    }


def _feature(
    record: Mapping[Hashable, Any], placement: Mapping[Hashable, Any], shapes: dict[str, Any]
) -> dict[str, Any]:
    properties: dict[str, Any] = {
        str(column): value for column, value in record.items() if value != "" and column != "line"
    }
    properties |= {name: _plain(placement[column]) for column, name in PLACED_COLUMNS.items()}
    area_id = str(placement["area_id"])
    if placement["precision"] in ("region", "country"):
        geometry = None
    elif area_id:
        geometry = shapes[area_id]
    else:
        geometry = {"type": "Point", "coordinates": [round(float(placement[c]), 6) for c in ("longitude", "latitude")]}
    return {"type": "Feature", "id": record["id"], "geometry": geometry, "properties": properties}


def _area_shapes(area_ids: set[str]) -> dict[str, Any]:
    boundaries = load_boundaries()
    shapes = {a: shapely.set_precision(boundaries.area(a).geometry, 1e-4) for a in area_ids if a}
    return {area_id: json.loads(shapely.to_geojson(shape)) for area_id, shape in shapes.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else round(float(value), 6)
    return str(value)


def _cell(value: Any) -> str:
    plain = _plain(value)
    if plain is None:
        return ""
    return for_spreadsheet(plain) if isinstance(plain, str) else repr(plain)
