"""The map's wire format: what goes in comes out, to the rounding step; sizes; odd shapes."""

import json

import brotli
import numpy as np
import pytest

from warroom.web.geometry import decode_geometry, encode_geometry

SQUARE = [[-73.9, 40.7], [-73.8, 40.7], [-73.8, 40.8], [-73.9, 40.8], [-73.9, 40.7]]
HOLE = [[-73.87, 40.73], [-73.87, 40.76], [-73.84, 40.76], [-73.84, 40.73], [-73.87, 40.73]]


def polygon(*rings):
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def multipolygon(*polygons):
    return {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": list(polygons)}}


def turns_left(ring):
    x, y = ring.T
    return (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() > 0


def test_points_come_back_within_half_a_step():
    features = [polygon(SQUARE), polygon([[-73.95, 40.6], [-73.7, 40.61], [-73.8, 40.65]])]
    decoded = decode_geometry(encode_geometry(features))
    step = np.array(decoded.degrees_per_unit)
    assert (np.abs(decoded.features[0][0] - np.array(SQUARE[:-1])) <= step / 2 + 1e-12).all()
    assert step.max() < 0.5 / 65_000


def test_order_is_kept_and_a_precinct_without_a_place_stays_empty():
    decoded = decode_geometry(encode_geometry([None, polygon(SQUARE), None]))
    assert [len(rings) for rings in decoded.features] == [0, 1, 0]


def test_holes_turn_against_their_outer_ring_whatever_the_file_says():
    decoded = decode_geometry(encode_geometry([polygon(SQUARE[::-1], HOLE[::-1]), polygon(SQUARE, HOLE)]))
    for outer, hole in decoded.features:
        assert turns_left(outer)
        assert not turns_left(hole)


def test_every_part_of_a_multipolygon_is_kept():
    other = [[x + 0.2, y] for x, y in SQUARE]
    decoded = decode_geometry(encode_geometry([multipolygon([SQUARE, HOLE], [other])]))
    assert len(decoded.features[0]) == 3


def test_a_shape_smaller_than_the_step_is_still_there():
    speck = [[-73.9, 40.7], [-73.8999999, 40.7], [-73.8999999, 40.7000001], [-73.9, 40.7]]
    far = [[-100.0, 30.0], [-99.0, 30.0], [-99.0, 31.0], [-100.0, 30.0]]
    decoded = decode_geometry(encode_geometry([polygon(speck), polygon(far)]))
    assert len(decoded.features[0][0]) >= 3


def test_nothing_at_all_can_be_encoded():
    assert decode_geometry(encode_geometry([])).features == []
    assert decode_geometry(encode_geometry([None])).features == [[]]


def test_a_point_is_refused_by_name():
    with pytest.raises(ValueError, match="not Point"):
        encode_geometry([{"geometry": {"type": "Point", "coordinates": [0, 0]}}])


def test_other_bytes_are_refused():
    with pytest.raises(ValueError, match="WRG1"):
        decode_geometry(b"<html>")


@pytest.mark.realdata
@pytest.mark.parametrize("year", [2020, 2024, 2025])
def test_new_york_fits_in_300_kilobytes(shared_data, year):
    path = shared_data / "nyc_ed_geometry" / f"nyc_ed_{year}.geojson"
    features = json.loads(path.read_text())["features"]
    assert len(features) > 4_000
    packed = encode_geometry(features)
    assert len(decode_geometry(packed).features) == len(features)
    assert len(brotli.compress(packed, quality=9)) <= 300_000
