"""From block groups to polygons that share every edge: dissolve, straighten, round."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from warroom.demo.city.blocks import Blocks
from warroom.demo.city.curves import Points
from warroom.demo.city.rings import crosses_itself, signed_area

LAT0, LON0 = 42.9, -69.2  # open water in the Gulf of Maine: no real city lies under this one
METRES_PER_DEGREE = 111_320.0
LONGEST_SNAG_M = 6.0
TOLERANCES_M = (7.0, 8.5, 10.0, 5.5, 12.0, 4.0)

Ring = list[int]  # corner numbers, ground on the left, first not repeated
Edge = tuple[int, int]


def to_lonlat(points: Points) -> NDArray[np.float64]:
    """(lon, lat) in degrees, rounded to 5 decimals (about a metre)."""
    lat = LAT0 + points[..., 1] / METRES_PER_DEGREE
    lon = LON0 + points[..., 0] / (METRES_PER_DEGREE * np.cos(np.radians(LAT0)))
    return np.round(np.stack([lon, lat], axis=-1), 5)


def _borders(blocks: Blocks, label: NDArray[np.int_]) -> tuple[NDArray[np.int_], NDArray[np.int_], Points]:
    """Edges between two labels: ends (e, 2), labels (e, 2) to the left and right, and the corners,
    with the shortest edges drawn out so that rounding cannot fuse their ends."""
    n = len(label)
    padded = np.concatenate([label, [-1]])
    sides = padded[np.minimum(blocks.edge_cells, n)]
    on = sides[:, 0] != sides[:, 1]
    ends, cells, sides = blocks.edge_ends[on], blocks.edge_cells[on], sides[on]
    corners = blocks.corners.copy()
    a, b = corners[ends[:, 0]], corners[ends[:, 1]]
    ground = np.where(cells[:, 0] < n, 0, 1)
    at = blocks.points[np.minimum(cells[np.arange(len(cells)), ground], n - 1)]
    left = (b - a)[:, 0] * (at - a)[:, 1] - (b - a)[:, 1] * (at - a)[:, 0] > 0
    flip = left != (ground == 0)  # the first side must be the left one
    sides = np.where(flip[:, None], sides[:, ::-1], sides)
    for e in np.flatnonzero(blocks.edge_m[on] < LONGEST_SNAG_M):
        i, j = ends[e]
        middle, along = (corners[i] + corners[j]) / 2, corners[j] - corners[i]
        length = float(np.hypot(*along))
        if 1e-6 < length < LONGEST_SNAG_M:
            corners[i] = middle - along / length * LONGEST_SNAG_M / 2
            corners[j] = middle + along / length * LONGEST_SNAG_M / 2
    return ends, sides, corners


def _arcs(ends: NDArray[np.int_]) -> list[Ring]:
    """The border network cut at its junctions: runs of corners, each edge in exactly one run."""
    touching: dict[int, list[int]] = defaultdict(list)
    for e, (i, j) in enumerate(ends):
        touching[int(i)].append(e)
        touching[int(j)].append(e)
    used = np.zeros(len(ends), dtype=bool)
    runs: list[Ring] = []

    def walk(start: int, edge: int) -> Ring:
        run, here = [start], start
        while not used[edge]:
            used[edge] = True
            i, j = ends[edge]
            here = int(j if i == here else i)
            run.append(here)
            if len(touching[here]) != 2 or here == start:
                break
            edge = next(e for e in touching[here] if e != edge)
        return run

    junctions = [c for c, es in touching.items() if len(es) != 2]
    for corner in [*junctions, *touching]:
        runs += [walk(corner, e) for e in touching[corner] if not used[e]]
    return runs


def _straighten(run: Ring, corners: Points, tolerance_m: float) -> Ring:
    """Douglas-Peucker on one run; its ends stay, so neighbours keep the same edge."""
    keep = {0, len(run) - 1}
    closed = run[0] == run[-1]
    points = corners[run]
    if closed:  # a ring needs two fixed points more to have an inside
        far = int(np.hypot(*(points - points[0]).T).argmax())
        keep.add(far)
        stack = [(0, far), (far, len(run) - 1)]
    else:
        stack = [(0, len(run) - 1)]
    while stack:
        i, j = stack.pop()
        if j - i < 2:
            continue
        chord = points[j] - points[i]
        off = points[i + 1 : j] - points[i]
        gap = np.abs(chord[0] * off[:, 1] - chord[1] * off[:, 0]) / max(float(np.hypot(*chord)), 1e-9)
        k = int(gap.argmax())
        if gap[k] > tolerance_m:
            keep.add(i + 1 + k)
            stack += [(i, i + 1 + k), (i + 1 + k, j)]
    return [run[k] for k in sorted(keep)]


def _rings(edges: dict[Edge, int]) -> dict[int, list[Ring]]:
    """Rings by label, from directed edges with their ground on the left."""
    onward: dict[int, dict[int, int]] = defaultdict(dict)
    for (i, j), owner in edges.items():
        onward[owner][i] = j
    out: dict[int, list[Ring]] = {}
    for owner, following in onward.items():
        rings = []
        while following:
            start = next(iter(following))
            ring, here = [start], following.pop(start)
            while here != start:
                ring.append(here)
                here = following.pop(here)
            rings.append(ring)
        out[owner] = rings
    return out


def dissolve(blocks: Blocks, label: NDArray[np.int_]) -> dict[int, list[NDArray[np.float64]]]:
    """{precinct number: rings of (lon, lat), (k, 2)}: first corner not repeated, the outer ring first.

    Straightening can fold a ring over where several crossings lie within a few metres; then
    another tolerance is tried.
    """
    ends, sides, corners = _borders(blocks, label)
    arcs, lonlat = _arcs(ends), to_lonlat(corners)
    owner: dict[Edge, int] = {}
    for (i, j), (left, right) in zip(ends.tolist(), sides.tolist(), strict=True):
        owner[i, j], owner[j, i] = left, right
    best: dict[int, list[NDArray[np.float64]]] = {}
    fewest = len(label)
    for tolerance_m in TOLERANCES_M:
        edges: dict[Edge, int] = {}
        for run in arcs:
            left, right = owner[run[0], run[1]], owner[run[1], run[0]]
            for i, j in pairwise(_straighten(run, corners, tolerance_m)):
                edges.update({(i, j): left, (j, i): right})
        rings = {k: [lonlat[ring] for ring in found] for k, found in _rings(edges).items() if k >= 0}
        folded = sum(crosses_itself(ring) for found in rings.values() for ring in found)
        if folded < fewest:
            best, fewest = rings, folded
        if not folded:
            break
    return {k: sorted(best[k], key=signed_area, reverse=True) for k in sorted(best)}
