"""Turn overlapping, gappy polygons into one seamless coverage: every piece of land has exactly one owner.

Two sources never draw the same border twice. Cutting one by the other leaves slivers and holes, which show as dirt on
the map and as points without a district. So all lines are cut with each other once (snapped to a grid), each resulting
face is given to one owner, large gaps are divided, crumbs go to the neighbour they share most border with, and only
then is the whole coverage simplified, so that neighbours stay neighbours.
"""

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Owners = npt.NDArray[np.int64]

NOBODY = -1
CUT_GRID = 1e-5
"""Degrees; about 1 m. Lines are snapped to it when they are cut with each other."""
RIM_STEP = 0.01
"""Degrees; about 1 km between the points that decide which owner a piece of a gap is nearest to."""


def cut(outlines: Geometries, grid: float = CUT_GRID, *, knives: Geometries | None = None) -> Geometries:
    """Return the faces between all the given outlines, each face lying wholly inside or outside of every outline.

    `knives` are further lines to cut along.
    """
    edges = shapely.boundary(outlines)
    lines = shapely.unary_union(edges if knives is None else np.concatenate([edges, knives]), grid_size=grid)
    faces: Geometries = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    return faces


def knives_for_gaps(faces: Geometries, owners: Owners, zones: Owners, *, smallest_deg2: float) -> Geometries:
    """Return lines that divide each large gap between the owners around it, every piece next to its nearest owner.

    Where two sources disagree about a long border, one gap may run past several owners; given to one of them as a whole
    it would become a tail along the others.
    """
    gaps: list[shapely.Geometry] = []
    gap_zones: list[int] = []
    for zone in np.unique(zones[owners == NOBODY]):
        joined = shapely.get_parts(shapely.union_all(faces[(owners == NOBODY) & (zones == zone)]))
        large = joined[shapely.area(joined) > smallest_deg2]
        gaps.extend(large)
        gap_zones.extend([zone] * len(large))
    owned = np.flatnonzero(owners != NOBODY)
    tree = shapely.STRtree(faces[owned])
    knives: list[shapely.Geometry] = []
    for gap, zone in zip(gaps, gap_zones, strict=True):
        around = owned[tree.query(gap, predicate="touches")]
        around = around[zones[around] == zone]
        rims = [shapely.union_all(faces[around[owners[around] == owner]]) for owner in np.unique(owners[around])]
        if len(rims) > 1:
            knives.extend(_divide(gap, np.array(rims, dtype=object)))
    return np.array(knives, dtype=object)


def _divide(gap: shapely.Geometry, rims: Geometries) -> list[shapely.Geometry]:
    # Voronoi cells of points along the rim, joined by owner: their common edges are as far from one owner as the other.
    shared = shapely.segmentize(shapely.intersection(shapely.boundary(rims), shapely.boundary(gap)), RIM_STEP)
    corners, owner = shapely.get_coordinates(shared, return_index=True)
    corners, first = np.unique(corners, axis=0, return_index=True)
    owner = owner[first]
    if len(np.unique(owner)) < 2:
        return []
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(corners), extend_to=gap, ordered=True))
    regions = [shapely.union_all(cells[owner == one]) for one in np.unique(owner)]
    edges = shapely.intersection(shapely.union_all(shapely.boundary(regions)), gap)
    return [part for part in shapely.get_parts(edges) if part.geom_type == "LineString"]


def owners_by_point(faces: Geometries, shapes: Geometries) -> Owners:
    """Return for each face the index of the smallest shape that holds its inner point, or `NOBODY`.

    Where two shapes overlap the smaller one wins: a town district drawn over its surroundings stays whole.
    """
    points = shapely.point_on_surface(faces)
    order = np.argsort(-shapely.area(shapes))
    face, shape = shapely.STRtree(shapes[order]).query(points, predicate="intersects")
    owners = np.full(len(faces), NOBODY, dtype=np.int64)
    by_size = np.argsort(shape, kind="stable")  # the smallest shape is written last
    owners[face[by_size]] = order[shape[by_size]]
    return owners


def fill(faces: Geometries, owners: Owners, zones: Owners) -> Owners:
    """Give every face without an owner to the neighbour of the same zone it shares most border with.

    Parameters
    ----------
    faces, owners, zones
        One entry per face; a zone (a country) is never crossed.

    Returns
    -------
    Owners
        A full copy; a face with no owned neighbour at all (an islet) goes to the nearest owned face of its zone.
    """
    owners = owners.copy()
    pairs, lengths = _shared_borders(faces)
    same_zone = zones[pairs[0]] == zones[pairs[1]]
    pairs, lengths = pairs[:, same_zone], lengths[same_zone]
    while True:
        useful = (owners[pairs[0]] == NOBODY) & (owners[pairs[1]] != NOBODY)
        if not useful.any():
            break
        _take_over(owners, pairs[0][useful], owners[pairs[1][useful]], lengths[useful])
    _give_islets(faces, owners, zones)
    return owners


def _take_over(owners: Owners, faces: Owners, candidates: Owners, lengths: npt.NDArray[np.float64]) -> None:
    keys, inverse = np.unique(np.stack([faces, candidates]), axis=1, return_inverse=True)
    totals = np.bincount(inverse.ravel(), weights=lengths)
    order = np.argsort(totals, kind="stable")
    owners[keys[0][order]] = keys[1][order]


def _give_islets(faces: Geometries, owners: Owners, zones: Owners) -> None:
    for zone in np.unique(zones[owners == NOBODY]):
        owned = np.flatnonzero((zones == zone) & (owners != NOBODY))
        lost = np.flatnonzero((zones == zone) & (owners == NOBODY))
        if len(owned) == 0:
            continue
        nearest = shapely.STRtree(faces[owned]).nearest(faces[lost])
        owners[lost] = owners[owned[nearest]]


def _shared_borders(faces: Geometries) -> tuple[Owners, npt.NDArray[np.float64]]:
    pairs = shapely.STRtree(faces).query(faces, predicate="touches")
    shared = shapely.intersection(faces[pairs[0]], faces[pairs[1]])
    lengths = shapely.length(shared)
    keep = lengths > 0
    return pairs[:, keep], lengths[keep]


def dissolve(faces: Geometries, owners: Owners, count: int) -> Geometries:
    """Return one shape per owner 0..count-1: the union of its faces (empty where it has none)."""
    shapes = [shapely.union_all(faces[owners == owner]) for owner in range(count)]
    return np.array([_polygons_only(shape) for shape in shapes], dtype=object)


def _polygons_only(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def sweep_crumbs(shapes: Geometries, zones: Owners, *, smallest_deg2: float) -> Geometries:
    """Hand small detached parts of a shape to the neighbour around them; islands and largest parts stay.

    The crumbs come from borders that cross each other many times. An island has no neighbour, so it is never a crumb.
    """
    faces, owners = shapely.get_parts(shapes, return_index=True)
    areas = shapely.area(faces)
    largest = np.zeros(len(shapes))
    np.maximum.at(largest, owners, areas)
    crumbs = (areas < smallest_deg2) & (areas < largest[owners])
    pairs, _ = _shared_borders(faces)
    has_neighbour = np.zeros(len(faces), dtype=bool)
    same_zone = zones[owners[pairs[0]]] == zones[owners[pairs[1]]]
    has_neighbour[pairs[0][same_zone]] = True
    new_owners = np.where(crumbs & has_neighbour, NOBODY, owners)
    return dissolve(faces, fill(faces, new_owners, zones[owners]), len(shapes))


def simplify(shapes: Geometries, *, tolerance: float, grid: float) -> Geometries:
    """Simplify the whole coverage at once and round its corners to `grid` degrees, keeping it free of gaps.

    Rounding moves corners, so the lines are cut with each other once more on the coarser grid.
    """
    simple = shapely.coverage_simplify(shapes, tolerance)
    faces = cut(simple, grid)
    owners = owners_by_point(faces, simple)
    inside = owners != NOBODY
    return dissolve(faces[inside], owners[inside], len(shapes))
