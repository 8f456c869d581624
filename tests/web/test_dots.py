"""A place on the map for every precinct, with boundaries, with coordinates only, or with neither."""

from itertools import combinations

from warroom.domain.places import Precinct
from warroom.web.dots import features_from_points, map_features
from warroom.web.geometry import decode_geometry, encode_geometry


def centre(feature):
    ring = feature["geometry"]["coordinates"][0][:-1]
    return sum(x for x, _ in ring) / 4, sum(y for _, y in ring) / 4


def at(n, lat=40.0, lon=-75.0, region="North"):
    return Precinct(precinct_id=f"P{n}", region=region, lat=lat, lon=lon)


def nowhere(n, region):
    return Precinct(precinct_id=f"P{n}", region=region)


def box(features):
    points = [point for feature in features for point in feature["geometry"]["coordinates"][0]]
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def overlap(a, b):
    (ax, ay), (bx, by) = centre(a), centre(b)
    size = abs(a["geometry"]["coordinates"][0][1][0] - a["geometry"]["coordinates"][0][0][0])
    return abs(ax - bx) < size * 0.999 and abs(ay - by) < size * 0.999


def test_a_dot_stands_at_its_precincts_coordinates():
    dots = features_from_points([at(n, lat=40 + n / 100) for n in range(5)])
    assert centre(dots[3]) == (-75.0, 40.03)


def test_precincts_of_one_building_stand_side_by_side():
    dots = features_from_points([at(n) for n in range(6)] + [at(9, lat=40.5)])
    assert len({centre(dot) for dot in dots}) == 7


def test_without_coordinates_every_precinct_has_a_square_of_its_own_by_region():
    precincts = [nowhere(n, region) for n, region in enumerate(["B", "A", "B", "A", "A", "B", "C"] * 9)]
    squares = features_from_points(precincts)
    assert not any(overlap(a, b) for i, a in enumerate(squares) for b in squares[:i])
    boxes = [box([s for s, p in zip(squares, precincts, strict=True) if p.region == r]) for r in "ABC"]
    for (left, bottom, right, top), (other_left, other_bottom, other_right, other_top) in combinations(boxes, 2):
        assert right < other_left or other_right < left or top < other_bottom or other_top < bottom


def test_the_unplaced_stand_south_of_the_placed():
    precincts = [at(1), at(2, lat=41.0), nowhere(3, "North")]
    dots = features_from_points(precincts)
    assert centre(dots[2])[1] < 40.0


def test_a_drawn_boundary_is_used_and_a_missing_one_replaced():
    drawn = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}
    features = map_features([at(1), at(2, lat=41.0)], {"P2": drawn, "P1": {"geometry": None}})
    assert features[1] is drawn
    assert centre(features[0]) == (-75.0, 40.0)
    assert all(decode_geometry(encode_geometry(features)).features)


def test_no_precincts_make_no_features():
    assert features_from_points([]) == []
