"""The map: whole polygons that share their edges, a river between them, and a point for every place."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from demo_told import Told

from warroom.demo.city.build import build_city

Ring = list[tuple[float, float]]


def signed_area(ring: Ring) -> float:
    x, y = (np.array(ring) - ring[0]).T
    return float(x[:-1] @ y[1:] - y[:-1] @ x[1:]) / 2


def crosses_itself(ring: Ring) -> bool:
    """True where two edges that are not neighbours meet."""
    p = np.array(ring[:-1])
    if len(np.unique(p, axis=0)) < len(p):
        return True
    q = np.roll(p, -1, axis=0)

    def side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        ab, ac = b - a, c - a
        return np.sign(np.round(ab[..., 0] * ac[..., 1] - ab[..., 1] * ac[..., 0], 12))

    a, b, c, d = p[:, None], q[:, None], p[None], q[None]
    meet = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
    return bool(meet.any())


def inside(x: np.ndarray, y: np.ndarray, rings: list[Ring]) -> np.ndarray:
    odd = np.zeros(len(x), bool)
    for ring in rings:
        for (ax, ay), (bx, by) in pairwise(ring):
            if ay != by:
                odd ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return odd


@pytest.fixture(scope="session")
def shapes(told: Told) -> dict[str, list[Ring]]:
    features = json.loads((told.folder / "precincts.geojson").read_text())["features"]
    assert {f["geometry"]["type"] for f in features} == {"Polygon"}
    return {
        f["properties"]["precinct_id"]: [[tuple(c) for c in ring] for ring in f["geometry"]["coordinates"]]
        for f in features
    }


def test_every_precinct_is_on_the_map_and_in_the_table(told: Told, shapes: dict[str, list[Ring]]) -> None:
    assert shapes.keys() == told.precincts.keys()
    assert 1_150 <= len(shapes) <= 1_250
    assert 9 <= len({row["region"] for row in told.precincts.values()}) <= 12
    assert (told.folder / "precincts.geojson").stat().st_size < 1_200_000


def test_polygons_are_simple_closed_and_turn_the_right_way(shapes: dict[str, list[Ring]]) -> None:
    for name, rings in shapes.items():
        assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in rings), name
        assert signed_area(rings[0]) > 0 and all(signed_area(hole) < 0 for hole in rings[1:]), name
        assert not any(crosses_itself(ring) for ring in rings), name


def test_neighbours_share_their_edges_exactly(shapes: dict[str, list[Ring]]) -> None:
    edges = Counter(edge for rings in shapes.values() for ring in rings for edge in pairwise(ring))
    assert max(edges.values()) == 1  # twice the same way round would be an overlap
    shared = sum((b, a) in edges for a, b in edges)
    assert 0.85 < shared / len(edges) < 0.98  # the rest is shore, park and city limit


def test_no_point_of_the_city_lies_in_two_precincts(shapes: dict[str, list[Ring]]) -> None:
    corners = np.array([c for rings in shapes.values() for c in rings[0]])
    points = np.random.default_rng(0).uniform(corners.min(axis=0), corners.max(axis=0), (4_000, 2))
    owners = np.zeros(len(points), int)
    for rings in shapes.values():
        low, high = np.min(rings[0], axis=0), np.max(rings[0], axis=0)
        near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
        owners[near] += inside(points[near, 0], points[near, 1], rings)
    assert owners.max() == 1
    assert 0.35 < owners.mean() < 0.75


def test_each_precinct_has_its_point_inside_and_its_site_in_the_same_neighbourhood(
    told: Told, shapes: dict[str, list[Ring]]
) -> None:
    sites = {row["site_id"]: row for row in told.rows("sites.csv")}
    region_of_site: dict[str, str] = {}
    for name, row in told.precincts.items():
        at = np.array([float(row["lon"])]), np.array([float(row["lat"])])
        assert inside(*at, shapes[name])[0], name
        assert row["site_id"] in sites
        assert region_of_site.setdefault(row["site_id"], row["region"]) == row["region"]
        assert 150 <= int(row["registered"]) <= 1_400
    assert region_of_site.keys() == sites.keys()
    assert 190 <= len(sites) <= 230
    assert len({row["name"] for row in sites.values()}) == len(sites)


@pytest.mark.parametrize("seed", [1, 42])
def test_another_seed_is_another_whole_city(seed: int) -> None:
    city = build_city(seed)
    rings = [[(*map(tuple, ring.tolist()), tuple(ring[0].tolist())) for ring in rs] for rs in city.rings]
    assert 1_150 <= len(rings) <= 1_250
    assert not any(crosses_itself(list(ring)) for rs in rings for ring in rs)
    edges = Counter(edge for rs in rings for ring in rs for edge in pairwise(ring))
    assert max(edges.values()) == 1
