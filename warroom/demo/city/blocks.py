"""Street blocks: the cells of one Voronoi diagram over every district's street grid and the shore.

Everything later (precincts, sites) is a union of these cells, so that polygons share their edges
exactly and the water is what is left over.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

from warroom.demo.city.curves import Points, rotate
from warroom.demo.city.land import Land, Shore
from warroom.demo.city.plan import Plan

REAL_EDGE_M = 22.0  # blocks that touch along less are neighbours only across a crossing


@dataclass(frozen=True)
class Blocks:
    """Cells 0..n-1 are ground; the cells behind them are water, park or beyond the limits.

    points (n, 2) m; district (n,); row, column (n,) place in the district's grid;
    area_m2 (n,); edge_cells (e, 2) cell numbers to either side of each edge, n or more where
    there is no ground; edge_ends (e, 2) indices into corners (v, 2); edge_m (e,).
    """

    points: Points
    district: NDArray[np.int_]
    row: NDArray[np.int_]
    column: NDArray[np.int_]
    area_m2: NDArray[np.float64]
    edge_cells: NDArray[np.int_]
    edge_ends: NDArray[np.int_]
    edge_m: NDArray[np.float64]
    corners: Points


def _lattice(rng: np.random.Generator, plan: Plan, d: int, reach_m: float) -> Points:
    """One district's grid of oblong blocks, turned and loosened."""
    wide, deep = plan.block[d] * 1.3, plan.block[d] * 0.78
    across, down = int(reach_m / wide), int(reach_m / deep)
    u, v = np.meshgrid(np.arange(-across, across + 1) * wide, np.arange(-down, down + 1) * deep)
    grid = np.column_stack([u.ravel(), v.ravel()])
    grid += rng.normal(0, plan.loose[d], grid.shape) * (wide, deep)
    return np.asarray(rotate(grid, plan.angle[d]) + plan.anchor[d])


def _street_points(rng: np.random.Generator, land: Land, shore: Shore, plan: Plan) -> Points:
    nearest = cKDTree(plan.anchor)
    kept = []
    for d in range(len(plan.anchor)):
        points = _lattice(rng, plan, d, reach_m=2_600)
        # A cheap first cut: a point's own district is among its nearest, unless the river is in between.
        kept.append(points[(nearest.query(points, k=6)[1] == d).any(axis=1)])
    owner = np.repeat(np.arange(len(kept)), [len(k) for k in kept])
    points = np.vstack(kept)
    edge_m = cKDTree(np.vstack([shore.inner, shore.outer])).query(points)[0]
    good = land.holds(points) & (plan.district_of(points, land) == owner) & (edge_m > 0.5 * plan.block[owner])
    points, owner = points[good], owner[good]
    # Where two grids meet, a block of one must not be a sliver beside a block of the other.
    close = cKDTree(points).query_pairs(90, output_type="ndarray")
    gap = np.hypot(*(points[close[:, 0]] - points[close[:, 1]]).T)
    clash = (owner[close[:, 0]] != owner[close[:, 1]]) & (gap < 0.55 * plan.block[owner[close[:, 0]]])
    return np.delete(points, np.unique(close[clash, 1]), axis=0)


def build_blocks(rng: np.random.Generator, land: Land, shore: Shore, plan: Plan) -> Blocks:
    """All blocks of the city, about nine thousand."""
    inner = shore.inner[plan.district_of(shore.inner, land) >= 0]
    ground = np.vstack([_street_points(rng, land, shore, plan), inner])
    n = len(ground)
    t = np.linspace(0, 2 * np.pi, 60)[:-1]
    ring = 30_000 * np.column_stack([np.cos(t), np.sin(t)])
    cells = np.vstack([ground, shore.outer, ring]) + rng.normal(0, 0.05, (n + len(shore.outer) + len(ring), 2))
    diagram = Voronoi(cells)
    ends = np.asarray(diagram.ridge_vertices)
    real = (ends >= 0).all(axis=1) & (diagram.ridge_points < n).any(axis=1)
    ends, sides = ends[real], diagram.ridge_points[real]
    a, b = diagram.vertices[ends[:, 0]], diagram.vertices[ends[:, 1]]
    area = np.zeros(len(cells))
    for k in (0, 1):
        to_a, to_b = a - cells[sides[:, k]], b - cells[sides[:, k]]
        np.add.at(area, sides[:, k], np.abs(to_a[:, 0] * to_b[:, 1] - to_a[:, 1] * to_b[:, 0]) / 2)
    district = plan.district_of(ground, land)
    local = np.empty_like(ground)
    for d in np.unique(district):
        mine = district == d
        local[mine] = rotate(ground[mine] - plan.anchor[d], -plan.angle[d]) / plan.block[d]
    return Blocks(
        points=ground,
        district=district,
        row=np.rint(local[:, 1] / 0.78).astype(int),
        column=np.rint(local[:, 0] / 1.3).astype(int),
        area_m2=area[:n],
        edge_cells=sides,
        edge_ends=ends,
        edge_m=np.hypot(*(a - b).T),
        corners=diagram.vertices,
    )
