"""What is on the screen: selection, map extent, layers, colour-by; to and from the address bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from geodata.coordinates import FORMATS
from geodata.incident import EVENT_TYPES
from geodata.selection import DIMENSION, Selection, query_pairs, query_text

#: Longitude, latitude and zoom of the first map: Iraq and Syria on a wide screen, Basra and Kuwait beside the legend.
HOME = (43.2, 33.8, 6.4)


@dataclass(frozen=True, slots=True)
class Layer:
    """One switch of the layer tree; `types` are the event types it shows, none for a layer of context."""

    key: str
    label: str
    group: str
    types: tuple[str, ...] = ()
    on: bool = True


def _type_layers() -> tuple[Layer, ...]:
    """One layer per attack type; the other types share layers as analysts speak of them."""
    shared = {
        "airstrike": ("Airstrikes", "Counter-action"),
        "arrest": ("Arrests", "Counter-action"),
        "threat": ("Threats and capabilities", "Statements"),
        "capability": ("Threats and capabilities", "Statements"),
        "statement": ("Statements", "Statements"),
        "meeting": ("Meetings", "Political"),
        "protest": ("Protests", "Political"),
    }
    gathered: dict[str, Layer] = {}
    for code, kind in EVENT_TYPES.items():
        label, group = shared.get(code, (f"{kind.label}s", "Attacks") if kind.group == "attack" else ("Other", "Other"))
        known = gathered.get(label)
        gathered[label] = replace(known, types=(*known.types, code)) if known else Layer(code, label, group, (code,))
    return tuple(gathered.values())


CONTEXT_LAYERS: tuple[Layer, ...] = (
    Layer("facilities", "Facilities", "Context", on=False),
    Layer("governorates", "Governorates", "Context"),
    Layer("districts", "Districts", "Context", on=False),
    Layer("density", "Density", "Context", on=False),
)
TYPE_LAYERS: tuple[Layer, ...] = _type_layers()
LAYERS: tuple[Layer, ...] = TYPE_LAYERS + CONTEXT_LAYERS
DEFAULT_CONTEXT = frozenset(layer.key for layer in CONTEXT_LAYERS if layer.on)

#: Dimensions that may colour the marks, with the words the legend uses.
COLOUR_BY: Mapping[str, str] = {
    "type": "incident type",
    "claimed": "claimant",
    "assessed": "assessed actor",
    "parent": "assessed parent",
    "target": "target",
    "confidence": "confidence",
    "precision": "place precision",
}

#: What an address may hold besides filters.
OTHER_KEYS = frozenset(
    {"from", "to", "q", "off", "known", "threats", "colour", "layers", "map", "record", "public", "coords"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything needed to show the same screen again.

    Attributes
    ----------
    selection
        What is asked of the records.
    colour_by
        Dimension that colours the marks; a key of `COLOUR_BY`.
    context
        Context layers that are on.
    place
        Longitude and latitude (degrees, EPSG:4326) of the map's centre and its zoom level.
    record
        Id of the record that is open, or "".
    public
        Whether points are snapped to a grid for public release.
    coordinates
        How points are written in records, tables and exports; a key of `geodata.coordinates.FORMATS`.
    """

    selection: Selection = field(default_factory=Selection)
    colour_by: str = "type"
    context: frozenset[str] = DEFAULT_CONTEXT
    place: tuple[float, float, float] | None = None
    record: str = ""
    public: bool = False
    coordinates: str = "decimal"

    def to_query(self) -> str:
        """Write the view as an address query; what is at its default is left out."""
        pairs = self.selection.to_query()
        if self.colour_by != "type":
            pairs.append(("colour", self.colour_by))
        if self.context != DEFAULT_CONTEXT:
            pairs.append(("layers", ",".join(sorted(self.context)) or "-"))
        if self.place:
            longitude, latitude, zoom = self.place
            pairs.append(("map", f"{longitude:.4f},{latitude:.4f},{zoom:.2f}"))
        if self.record:
            pairs.append(("record", self.record))
        if self.public:
            pairs.append(("public", "1"))
        if self.coordinates != "decimal":
            pairs.append(("coords", self.coordinates))
        return query_text(pairs)

    def without_place(self) -> View:
        """Return this view without its map extent, which the browser keeps and writes into the address itself."""
        return replace(self, place=None)

    @classmethod
    def from_query(cls, query: str | Iterable[tuple[str, str]]) -> tuple[View, tuple[str, ...]]:
        """Read an address query; unknown or broken values fall back to their default and are told."""
        pairs = query_pairs(query) if isinstance(query, str) else list(query)
        selection, told = Selection.from_query(pairs)
        single = dict(pairs)
        problems = list(told)
        known = set(DIMENSION) | OTHER_KEYS
        problems += [
            f"{key[:60]!r} in the address is not known and was left out." for key in single if key not in known
        ]
        return cls(
            selection=selection,
            colour_by=_read_colour(single.get("colour", ""), problems),
            context=_read_context(single.get("layers"), problems),
            place=_read_place(single.get("map", ""), problems),
            record=single.get("record", "")[:200],
            public=is_public(single.get("public", "")),
            coordinates=coordinates_asked(single.get("coords", ""), problems),
        ), tuple(problems)


def hidden_types(layers_on: Iterable[str]) -> frozenset[str]:
    """Turn the layer tree's state into the event types that are off."""
    on = set(layers_on)
    return frozenset(code for layer in TYPE_LAYERS if layer.key not in on for code in layer.types)


def is_public(text: str) -> bool:
    """Read the address's switch for public release; anything but an empty text or 0 is taken as on, to be safe."""
    return text not in ("", "0")


def coordinates_asked(text: str, problems: list[str]) -> str:
    """Read the address's coordinate format; an unknown one is told, and decimal degrees are written."""
    if text in FORMATS or not text:
        return text or "decimal"
    problems.append(
        f"coords={text[:60]!r} is not known; points are written in decimal degrees. "
        f"Expected one of {', '.join(FORMATS)}."
    )
    return "decimal"


def _read_colour(text: str, problems: list[str]) -> str:
    if text in COLOUR_BY or not text:
        return text or "type"
    problems.append(
        f"colour={text[:60]!r} is not known; colours show the incident type. Expected one of {', '.join(COLOUR_BY)}."
    )
    return "type"


def _read_context(text: str | None, problems: list[str]) -> frozenset[str]:
    if text is None:
        return DEFAULT_CONTEXT
    wanted = frozenset(text.split(",")) - {"-", ""}
    known = frozenset(layer.key for layer in CONTEXT_LAYERS)
    expected = ", ".join(sorted(known))
    problems += [
        f"Map layer {key[:60]!r} is not known and was left out; expected one of {expected}."
        for key in sorted(wanted - known)
    ]
    return wanted & known


def _read_place(text: str, problems: list[str]) -> tuple[float, float, float] | None:
    if not text:
        return None
    try:
        longitude, latitude, zoom = (float(part) for part in text.split(","))
    except ValueError:
        longitude = latitude = zoom = float("nan")
    if not (-180 <= longitude <= 180 and -85 <= latitude <= 85 and 0 <= zoom <= 19):
        problems.append(f"map={text[:60]!r} cannot be read; expected longitude,latitude,zoom such as 44.4,33.3,9.")
        return None
    return longitude, latitude, zoom
