"""A place on the map for every precinct, also where nobody has drawn the boundaries.

A polygon where the day has one; else a square at the precinct's coordinates; else a square
in a grid of the precincts of its region, below the map. All as GeoJSON features.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import ceil, cos, radians, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from warroom.domain.places import Precinct
from warroom.web.geometry import Feature

Point = tuple[float, float]  # longitude, latitude
DOT_SHARE = 0.65  # half a square's side, as a share of the median distance to the next precinct
CELL_SHARE = 0.43  # the same in a regular grid, where squares must not touch
CELL_WITHOUT_MAP_DEGREES = 0.01
REGION_GAP_CELLS = 2


def map_features(precincts: Sequence[Precinct], drawn: Mapping[str, Feature]) -> list[Feature]:
    """One feature per precinct, in the given order; `drawn` maps precinct ids to GeoJSON features."""
    missing = [p for p in precincts if not (drawn.get(p.precinct_id) or {}).get("geometry")]
    dots = dict(zip([p.precinct_id for p in missing], features_from_points(missing), strict=True))
    return [dots.get(p.precinct_id) or drawn[p.precinct_id] for p in precincts]


def features_from_points(precincts: Sequence[Precinct]) -> list[Feature]:
    """A square for every precinct, in the given order, so sized that a dense quarter closes and a thin one does not.

    Precincts at one spot (a shared building) stand side by side as a block. Those without
    coordinates stand in a grid by region, south of the others.
    """
    placed = {p.precinct_id: (p.lon, p.lat) for p in precincts if p.lat is not None and p.lon is not None}
    spacing = _spacing(np.array(sorted(set(placed.values()))))
    dots = _side_by_side(placed, spacing)
    cells = _grid([p for p in precincts if p.precinct_id not in placed], list(placed.values()), spacing)
    squares = {i: _square((lon, lat), spacing * DOT_SHARE, cos(radians(lat))) for i, (lon, lat) in dots.items()}
    squares |= {i: _square(spot, spacing * CELL_SHARE) for i, spot in cells.items()}
    return [squares[p.precinct_id] for p in precincts]


def _spacing(points: npt.NDArray[np.float64]) -> float:
    """Median distance from a point to the next one, in degrees."""
    if len(points) < 2:
        return CELL_WITHOUT_MAP_DEGREES
    distances, _ = cKDTree(points).query(points, k=2)
    return float(np.median(distances[:, 1])) or CELL_WITHOUT_MAP_DEGREES


def _side_by_side(placed: Mapping[str, Point], spacing: float) -> dict[str, Point]:
    """Move precincts that share a spot onto a small block around it."""
    moved: dict[str, Point] = {}
    for (lon, lat), group in groupby(sorted(placed, key=lambda i: (placed[i], i)), key=placed.__getitem__):
        ids = list(group)
        columns = ceil(sqrt(len(ids)))
        for position, precinct_id in enumerate(ids):
            row, column = divmod(position, columns)
            offset = (columns - 1) / 2
            step = 2.2 * DOT_SHARE * spacing
            moved[precinct_id] = (lon + (column - offset) * step, lat - (row - offset) * step)
    return moved


def _grid(precincts: Sequence[Precinct], taken: Sequence[Point], spacing: float) -> dict[str, Point]:
    """Blocks of squares, one block per region, blocks side by side; south of what is taken."""
    if not precincts:
        return {}
    west = min((lon for lon, _ in taken), default=0.0)
    south = min((lat for _, lat in taken), default=0.0)
    by_region: dict[str, list[str]] = {}
    for precinct in precincts:
        by_region.setdefault(precinct.region, []).append(precinct.precinct_id)
    row_width = ceil(sqrt(len(precincts)) * 1.6)
    spots: dict[str, Point] = {}
    left = top = tallest = 0
    for _, ids in sorted(by_region.items()):
        columns = ceil(sqrt(len(ids)))
        rows = ceil(len(ids) / columns)
        if left and left + columns > row_width:
            left, top, tallest = 0, top + tallest + REGION_GAP_CELLS, 0
        for position, precinct_id in enumerate(ids):
            row, column = divmod(position, columns)
            spots[precinct_id] = (west + (left + column) * spacing, south - (top + row + 2) * spacing)
        left += columns + REGION_GAP_CELLS
        tallest = max(tallest, rows)
    return spots


def _square(centre: Point, half: float, squeeze: float = 1.0) -> dict[str, Any]:
    """`squeeze`: how much shorter a degree of longitude is than one of latitude (0-1)."""
    lon, lat = centre
    wide = half / max(squeeze, 0.05)
    corners = [(-wide, -half), (wide, -half), (wide, half), (-wide, half), (-wide, -half)]
    ring = [[lon + dx, lat + dy] for dx, dy in corners]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
