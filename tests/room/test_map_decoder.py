"""The browser's decoder of the map agrees with the server's encoder; finding and smoothing work on it."""

import base64
from pathlib import Path

import pytest

from warroom.domain.places import Precinct
from warroom.web.dots import features_from_points
from warroom.web.geometry import decode_geometry, encode_geometry

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SCRIPTS = ("map/signs.js", "map/geometry-worker.js", "map/smooth-worker.js")
SIDE = 12


@pytest.fixture(scope="module")
def encoded() -> bytes:
    """A town of 12 x 12 squares, and one precinct without a place at the end."""
    precincts = [
        Precinct(precinct_id=f"{row}-{column}", lat=40 - row / 100, lon=-75 + column / 100)
        for row in range(SIDE)
        for column in range(SIDE)
    ]
    return encode_geometry([*features_from_points(precincts), None])


@pytest.fixture(scope="module")
def page(chromium, encoded):
    tab = chromium.new_page()
    for script in SCRIPTS:
        tab.add_script_tag(content=(ASSETS / script).read_text())
    tab.evaluate(
        """text => {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            window.shape = WarroomGeometry.decode(bytes.buffer);
            window.near = WarroomSmooth.neighbours(shape);
        }""",
        base64.b64encode(encoded).decode(),
    )
    yield tab
    tab.close()


def test_the_browser_decodes_what_the_server_encoded(page, encoded):
    ours = decode_geometry(encoded)
    west = min(ring[:, 0].min() for rings in ours.features for ring in rings)
    north = max(ring[:, 1].max() for rings in ours.features for ring in rings)
    its = page.evaluate("({count: shape.count, x: [...shape.x], y: [...shape.y]})")
    lon = [value for rings in ours.features for ring in rings for value in ring[:, 0]]
    lat = [value for rings in ours.features for ring in rings for value in ring[:, 1]]
    assert its["count"] == SIDE * SIDE + 1
    assert its["x"] == pytest.approx([(v - west) / ours.degrees_per_unit[0] for v in lon], abs=1e-3)
    assert its["y"] == pytest.approx([(north - v) / ours.degrees_per_unit[1] for v in lat], abs=1e-3)


def test_every_precinct_is_found_at_its_inner_point_and_the_placeless_one_is_skipped(page):
    found = page.evaluate("[...shape.innerX].map((x, i) => WarroomGeometry.find(shape, x, shape.innerY[i], 10))")
    assert found == [*range(SIDE * SIDE), -1]


def test_a_tap_beside_a_precinct_finds_the_nearest_within_reach(page):
    assert page.evaluate("WarroomGeometry.find(shape, -300, shape.innerY[0], 9000)") == 0
    assert page.evaluate("WarroomGeometry.find(shape, -20000, -20000, 10)") == -1


def test_far_out_a_lone_outlier_is_calm_and_a_quarter_that_agrees_is_not(page):
    middle = (SIDE // 2) * SIDE + SIDE // 2
    script = """([lone, middle]) => {
        const cells = new Uint8Array(shape.count).fill(4);
        if (lone) cells[middle] = 2;
        else WarroomSmooth.around(near, middle, (i) => { cells[i] = 1; });
        return WarroomSmooth.smoothed(cells, near, middle, WarroomSigns);
    }"""
    assert page.evaluate(script, [True, middle]) == 4
    assert page.evaluate(script, [False, middle]) == 1


def test_far_out_an_alert_and_an_unheard_precinct_stay_themselves(page):
    script = """byte => {
        const cells = new Uint8Array(shape.count).fill(4);
        cells[50] = byte;
        return WarroomSmooth.smoothed(cells, near, 50, WarroomSigns);
    }"""
    assert page.evaluate(script, 64 | 0) == 0
    assert page.evaluate(script, 9) == 9


def test_borders_run_only_between_regions(page):
    borders = page.evaluate(
        """() => {
            const square = (left) => [[left, 0], [left + 10, 0], [left + 10, 10], [left, 10]];
            const points = [0, 10, 20].flatMap(square);
            const town = {
                count: 3, ringStart: [0, 1, 2, 3], pointStart: [0, 4, 8, 12],
                x: points.map((p) => p[0]), y: points.map((p) => p[1]),
            };
            return WarroomGeometry.regionBorders(town, [0, 0, 1]);
        }"""
    )
    assert not borders[0]
    assert len(borders[1]) == len(borders[2]) == 4
    assert {borders[1][0], borders[1][2]} == {20}
