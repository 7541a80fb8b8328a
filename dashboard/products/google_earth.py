"""The records shown as KMZ for Google Earth: one placemark each, with its time, symbol and area."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dashboard.products.archive import pack
from dashboard.products.job import Job
from dashboard.products.table import about, cell_value, records_table
from dashboard.snapshot.ink import Sheet, drawing_settings
from dashboard.snapshot.marks import symbol
from dashboard.symbols import SHAPE_ORDER, SIGN_WORDS, TYPE_COLOURS, zone_radii_m
from geodata.boundaries import load_boundaries
from geodata.incident import EVENT_TYPES, POTENTIAL_TYPES, PRECISIONS
from geodata.placement import reach_ids
from geodata.plain_text import for_xml, without_turns
from geodata.reach import reach_ring
from geodata.scan_loops import NO_DAY
from geodata.store import day_of

ICON_PT = 48

#: Fields that go by another name: GDAL keeps `id` for the id of the placemark and loses a field of that name.
RENAMED = {"id": "record_id"}


def kmz_bytes(job: Job) -> bytes:
    """Write the records shown; those known only to a region or country stand in a folder without geometry."""
    table = records_table(job.dataset, job.answer, job.view.coordinates)
    days = zip(
        job.store.columns.first_day[job.answer.rows].tolist(),
        job.store.columns.last_day[job.answer.rows].tolist(),
        strict=True,
    )
    records = sorted(
        zip(table.to_dict("records"), days, strict=True), key=lambda pair: SHAPE_ORDER.index(pair[0]["event_type"])
    )
    kinds = sorted({record["event_type"] for record, _ in records}, key=SHAPE_ORDER.index)
    # Each kind is a document of its own with its style and fields: in a KMZ, GDAL finds a schema nowhere else.
    folders = [
        f"<Document><name>{_text(EVENT_TYPES[kind].label)}</name>{_style(kind)}{_schema(kind, table)}"
        + "".join(_placemark(*one) for one in members)
        + "</Document>"
        for kind, members in groupby(records, key=lambda pair: pair[0]["event_type"])
    ]
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<name>{_text(without_turns(job.words.title))}</name><description>{_lines(_about_lines(job))}</description>"
        f'<ExtendedData><Data name="recipe"><value>{_text(job.recipe.to_json())}</value></Data></ExtendedData>'
        f"{''.join(folders)}</Document></kml>\n"
    )
    with drawing_settings():
        icons = [(f"icons/{kind}.png", _icon(kind)) for kind in kinds]
    return pack([("doc.kml", document.encode("utf-8")), *icons])


def _schema(kind: str, table: pd.DataFrame) -> str:
    """Name the fields with their types: a field without one is text to every program."""
    fields = "".join(
        f'<SimpleField type="{_field_type(table[name])}" name="{_field_name(name)}"/>' for name in table.columns
    )
    return f'<Schema id="{kind}-fields" name="{kind}">{fields}</Schema>'


def _field_name(column: object) -> str:
    return _text(RENAMED.get(str(column), str(column)))


def _field_type(column: pd.Series) -> str:
    return "double" if pd.api.types.is_float_dtype(column) else "string"


def _about_lines(job: Job) -> list[str]:
    return [f"{matter}: {text}" for matter, text in about(job.words, job.recipe) if matter != "Recipe"]


def _balloon(record: dict[Any, Any], kind: str) -> list[str]:
    """Say what a reader must know of one record: a balloon with a description shows no other field."""
    place = f"Place known to: {PRECISIONS[record['placed_precision']].label.lower()}.{_sign(kind)}"
    told = (
        ("Reported at", record["place"]),
        ("Claimed by", record["claimed_by"]),
        ("Denied by", record["denied_by"]),
        ("Assessed to be by", record["attributed_to"]),
        ("Confidence", record["confidence"] or "not recorded"),
        ("Review", record["status"] or "draft"),
        ("Sources", record["sources"] or "none recorded"),
        ("Record", record["id"]),
    )
    return [record["summary"], place, *(f"{name}: {text}" for name, text in told if text)]


def _placemark(record: dict[Any, Any], days: tuple[int, int]) -> str:
    kind = record["event_type"]
    data = "".join(
        f'<SimpleData name="{_field_name(name)}">{_text(str(value))}</SimpleData>'
        for name, cell in record.items()
        if (value := cell_value(cell)) is not None
    )
    return (
        f"<Placemark><name>{_text(f'{EVENT_TYPES[kind].label}, {_date(record)}')}</name>"
        f"<Snippet>{_text(without_turns(record['summary'][:160]).replace('$[', '$ ['))}</Snippet>"
        f"<description>{_lines(_balloon(record, kind))}</description>"
        f"{_time(days)}<styleUrl>#{kind}</styleUrl>"
        f'<ExtendedData><SchemaData schemaUrl="#{kind}-fields">{data}</SchemaData></ExtendedData>'
        f"{_geometry(record, potential=kind in POTENTIAL_TYPES)}</Placemark>"
    )


def _date(record: dict[Any, Any]) -> str:
    start, end = record["date_start"], record["date_end"]
    return f"{start} to {end}" if end and end != start else start or "no date"


def _time(days: tuple[int, int]) -> str:
    if days[0] == NO_DAY:
        return ""
    return f"<TimeSpan><begin>{day_of(days[0])}</begin><end>{day_of(days[1])}</end></TimeSpan>"


def _sign(kind: str) -> str:
    """Say how a threat or a capability is drawn, in the words of every legend."""
    return {"threat": f" {SIGN_WORDS['zone']}.", "capability": f" {SIGN_WORDS['reach']}."}.get(kind, "")


def _geometry(record: dict[Any, Any], *, potential: bool) -> str:
    """Give a point, or the outline of the area; a country or region has none, so that it is not taken for a place.

    What is threatened gets the outline of its zone and no point at all, and a reach the outlines of its countries.
    """
    boundaries = load_boundaries()
    if record["placed_precision"] in ("region", "country"):
        reach = reach_ids(record["placed_id"]) if potential else ()
        return _outlines([boundaries.area(area_id).geometry for area_id in reach]) if reach else ""
    longitude, latitude = record["placed_longitude"], record["placed_latitude"]
    if not record["placed_area_id"]:
        if not potential:
            return _point(longitude, latitude)
        radius_m = float(zone_radii_m(np.array([record["placed_radius_m"]]))[0])
        return _outlines([shapely.Polygon(reach_ring(longitude, latitude, radius_m))])
    area = boundaries.area(record["placed_area_id"])
    return _outlines([area.geometry], "" if potential else _point(*area.anchor_lonlat))


def _outlines(shapes: Sequence[shapely.Geometry], point: str = "") -> str:
    """Write the outlines of some areas, with a point that carries the icon or without."""
    parts = shapely.get_parts(shapely.simplify(np.array(shapes, dtype=object), 0.01))
    polygons = "".join(
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{_ring(part.exterior)}</coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon>"
        for part in parts
    )
    return f"<MultiGeometry>{point}{polygons}</MultiGeometry>"


def _point(longitude: float, latitude: float) -> str:
    return f"<Point><coordinates>{longitude:.6f},{latitude:.6f},0</coordinates></Point>"


def _ring(ring: Any) -> str:
    return " ".join(f"{x:.4f},{y:.4f},0" for x, y in shapely.get_coordinates(ring))


def _style(kind: str) -> str:
    red, green, blue = (TYPE_COLOURS[kind][at : at + 2] for at in (1, 3, 5))
    colour = f"{blue}{green}{red}"  # KML writes alpha, blue, green, red
    return (
        f'<Style id="{kind}"><IconStyle><scale>0.8</scale><Icon><href>icons/{kind}.png</href></Icon></IconStyle>'
        f"<LabelStyle><scale>0</scale></LabelStyle><LineStyle><color>ff{colour}</color><width>1.5</width></LineStyle>"
        f"<PolyStyle><color>38{colour}</color><fill>{int(kind not in POTENTIAL_TYPES)}</fill></PolyStyle></Style>"
    )


def _icon(kind: str) -> bytes:
    figure = Figure(figsize=(ICON_PT / 72, ICON_PT / 72))
    figure.patch.set_alpha(0)
    sheet = Sheet(figure, (0, 0, ICON_PT, ICON_PT))
    middle = ICON_PT / 2
    size, px, potential = ICON_PT * 0.38, ICON_PT / 22, kind in POTENTIAL_TYPES
    sheet.strokes([symbol(kind, TYPE_COLOURS[kind], middle, middle, size, px, hollow=potential, low=False)])
    out = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(out, format="png", dpi=96, metadata={"Software": None}, transparent=True)
    return out.getvalue()


def _text(value: str) -> str:
    """Escape text for XML."""
    return escape(for_xml(value))


def _lines(texts: Iterable[str]) -> str:
    """Escape lines that a balloon shows: its description is HTML once more, and `$[name]` there is a field's text."""
    shown = (escape(without_turns(text), quote=False).replace("$[", "&#36;[") for text in texts if text)
    return _text("<br>".join(shown))
