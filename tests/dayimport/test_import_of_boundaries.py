"""Outlines: GeoJSON and shapefiles in any projection, repaired where they can be; crosswalks between two maps."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
import shapefile
from made_county import ZONE, collection, feature, row_of_squares, square
from pyproj import CRS, Transformer
from shapely import Polygon

from warroom.dayimport import geo
from warroom.dayimport.areas import guess_property
from warroom.dayimport.boundaries import read_areas
from warroom.dayimport.crosswalk import area_shares, point_shares, read_points, read_shares
from warroom.dayimport.findings import ImportProblem

FEET = CRS.from_epsg(2263)


def in_feet(ring: list[list[float]]) -> list[list[float]]:
    change = Transformer.from_crs(4326, FEET, always_xy=True)
    return [list(change.transform(*point)) for point in ring]


def shape_zip(folder: str = "", prj: str = FEET.to_wkt("WKT1_ESRI"), dbf: bool = True) -> bytes:
    """Two precincts in New York's feet, as a zipped shapefile."""
    parts = {end: io.BytesIO() for end in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts) as writer:
        writer.field("ElectDist", "N", 10, 0)
        writer.field("NAME", "C", 20)
        for at, name in enumerate((23001, 23002)):
            ring = in_feet(square(-74.0 + 0.01 * at, 40.7))
            writer.poly([ring[::-1]])
            writer.record(name, f"ED {name}")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for end, data in parts.items():
            if end != "dbf" or dbf:
                packed.writestr(f"{folder}nyed.{end}", data.getvalue())
        packed.writestr(f"{folder}nyed.prj", prj)
    return out.getvalue()


def test_a_shapefile_is_projected_by_its_prj_and_named_by_the_usual_property(put, findings):
    areas = read_areas(put("nyed.zip", shape_zip("nyed_25c/")), ZONE, findings)
    assert guess_property(areas)[0] == "ElectDist"
    assert [row["ElectDist"] for row in areas.properties] == ["23001", "23002"]
    west, south, _, _ = areas.shapes[0].bounds
    assert (west, south) == pytest.approx((-74.0, 40.7), abs=1e-6)


def test_a_shapefile_beside_its_parts_is_read_too(put, findings, tmp_path):
    zipfile.ZipFile(io.BytesIO(shape_zip())).extractall(tmp_path / "layer")
    from warroom.dayimport.source import Source

    assert len(read_areas(Source(tmp_path / "layer" / "nyed.shp"), ZONE, findings).shapes) == 2
    assert len(read_areas(Source(tmp_path / "layer"), ZONE, findings).shapes) == 2


@pytest.mark.parametrize(
    ("raw", "remedy"),
    [
        (shape_zip(prj=""), "crs=EPSG:2263"),
        (shape_zip(prj="NONSENSE[1]"), "crs=EPSG:2263"),
        (shape_zip(prj=FEET.to_wkt("WKT1_ESRI").replace('"False_Easting",', '"False_Easting",9)')), "crs=EPSG:2263"),
        (shape_zip(dbf=False), r"\.dbf"),
        (shape_zip()[:-200], "GeoJSON|Download"),
    ],
    ids=["no projection", "unknown projection", "a projection that leads nowhere", "no dbf", "cut off"],
)
def test_a_shapefile_that_lacks_something_says_what(put, findings, raw, remedy):
    with pytest.raises(ImportProblem, match=remedy):
        read_areas(put("nyed.zip", raw), ZONE, findings)


def test_a_dbf_that_declares_billions_of_records_is_read_as_far_as_there_are_shapes(put, findings):
    sound, out = zipfile.ZipFile(io.BytesIO(shape_zip())), io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in sound.namelist():
            raw = bytearray(sound.read(name))
            if name.endswith(".dbf"):
                raw[4:8] = b"\xff\xff\xff\xff"
            packed.writestr(name, bytes(raw))
    areas = read_areas(put("nyed.zip", out.getvalue()), ZONE, findings)
    assert len(areas.shapes) == 2
    assert "records declared" in str(findings.faults[0])


def test_a_projection_given_by_hand_wins(put, findings):
    areas = read_areas(put("nyed.zip", shape_zip(prj=""), crs="EPSG:2263"), ZONE, findings)
    assert areas.shapes[0].bounds[0] == pytest.approx(-74.0, abs=1e-6)


def test_the_older_crs_member_of_geojson_is_honoured(put, findings):
    document = json.loads(collection(feature({"ed": "1"}, in_feet(square(-74, 40.7)))))
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2263"}}
    areas = read_areas(put("eds.geojson", json.dumps(document)), ZONE, findings)
    assert areas.shapes[0].bounds[0] == pytest.approx(-74.0, abs=1e-6)


def test_feet_without_a_word_about_it_are_refused(put, findings):
    text = collection(feature({"ed": "1"}, in_feet(square(-74, 40.7))))
    with pytest.raises(ImportProblem, match="degrees"):
        read_areas(put("eds.geojson", text), ZONE, findings)


def test_a_map_of_another_place_is_refused(put, findings):
    with pytest.raises(ImportProblem, match="America/New_York"):
        read_areas(put("eds.geojson", row_of_squares(west=74.0)), ZONE, findings)


def test_a_bow_tie_is_repaired_and_said_and_what_has_no_area_is_left_out(put, findings):
    bow = [[-74, 40.7], [-73.99, 40.71], [-73.99, 40.7], [-74, 40.71], [-74, 40.7]]
    line = [[-74, 40.7], [-73.99, 40.7], [-73.98, 40.7], [-74, 40.7]]
    point = {"type": "Feature", "properties": {"ed": "3"}, "geometry": {"type": "Point", "coordinates": [-74, 40.7]}}
    text = collection(
        feature({"ed": "1"}, bow), feature({"ed": "2"}, line), point, feature({"ed": "4"}, square(-74, 40.7))
    )
    areas = read_areas(put("eds.geojson", text), ZONE, findings)
    assert [row["ed"] for row in areas.properties] == ["1", "4"]
    assert all(shape.is_valid and shape.area for shape in areas.shapes)
    said = "\n".join(map(str, findings.notes))
    assert "self-intersecting outlines repaired" in said
    assert "without an area" in said


def test_parts_of_a_precinct_that_overlap_count_once(put, findings):
    parts = [[square(-74, 40.7)], [square(-73.995, 40.7)]]
    text = collection({"type": "Feature", "properties": {"ed": "1"},
                       "geometry": {"type": "MultiPolygon", "coordinates": parts}})  # fmt: skip
    [shape] = read_areas(put("eds.geojson", text), ZONE, findings).shapes
    assert shape.area == pytest.approx(0.015 * 0.01)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[[1e300, 0], [1, 1], [2, 2], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": 7},
    ],
)
def test_a_broken_feature_is_named_and_the_others_count(put, findings, geometry):
    broken = {"type": "Feature", "properties": {"ed": "9"}, "geometry": geometry}
    good = [feature({"ed": str(n)}, square(-74 + n / 100, 40.7)) for n in range(20)]
    areas = read_areas(put("eds.geojson", collection(*good, broken)), ZONE, findings)
    assert [row["ed"] for row in areas.properties] == [str(n) for n in range(20)]
    [fault] = findings.faults
    assert fault.column in ("feature 21", "9")
    assert fault.remedy


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\0\0", b"PK\x03\x04", b'{"features": 3}', b'{"features": []}'])
def test_what_is_no_map_is_refused_in_words(put, findings, raw):
    with pytest.raises(ImportProblem):
        read_areas(put("eds.geojson", raw), ZONE, findings)


def test_without_the_extra_the_remedy_is_named(put, findings, monkeypatch):
    def missing(name: str):
        raise ImportError(name)

    monkeypatch.setattr(geo.importlib, "import_module", missing)
    with pytest.raises(ImportProblem, match=r"pip install 'warroom\[geo\]'"):
        read_areas(put("eds.geojson", row_of_squares()), ZONE, findings)


def test_no_property_that_names_a_precinct_asks_for_one(put, findings):
    text = collection(*(feature({"colour": "red"}, square(-74 + n / 100, 40.7)) for n in range(3)))
    with pytest.raises(ImportProblem, match="--precinct-property"):
        guess_property(read_areas(put("eds.geojson", text), ZONE, findings))


OLD = {"A": Polygon(square(-74.0, 40.7, 0.02)), "B": Polygon(square(-73.98, 40.7, 0.01)), "C": Polygon(square(-70, 44))}
NEW = {f"N{n}": Polygon(square(-74 + 0.01 * n, 40.7)) for n in range(3)} | {"N3": Polygon(square(-74, 40.71))}


def shares_of(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    return {(a, b): round(share, 3) for a, b, share in frame.itertuples(index=False)}


def test_area_shares_follow_the_area_and_what_lies_elsewhere_has_none():
    found = shares_of(area_shares(OLD, NEW, "old.geojson"))
    # A is four small squares, three of which are precincts today: a quarter of its ballots has no precinct
    assert found[("A", "N0")] == pytest.approx(0.25, abs=0.001)
    assert sum(share for (old, _), share in found.items() if old == "A") == pytest.approx(0.75, abs=0.002)
    assert found[("B", "N2")] == 1.0
    assert not any(old == "C" for old, _ in found)


def test_an_area_that_is_nearly_covered_counts_as_covered():
    old = {"A": Polygon([(-74, 40.7), (-73.99, 40.7), (-73.99, 40.7105), (-74, 40.7105)])}
    assert shares_of(area_shares(old, {"N": Polygon(square(-74, 40.7))}, "")) == {("A", "N"): 1.0}


def test_points_move_ballots_to_where_the_voters_are(put, findings):
    text = "lat,lon,weight\n40.705,-73.995,90\n40.705,-73.985,10\n95,0,5\n,,3\n40.705,-73.985,0\n"
    points = read_points(put("points.csv", text), findings)
    assert [fault.line for fault in findings.faults] == [4, 5]
    found = shares_of(point_shares(OLD, NEW, points, ""))
    assert (found[("A", "N0")], found[("A", "N1")]) == (0.9, 0.1)
    assert found[("B", "N2")] == 1.0, "no point stands for B: it goes by area"


def test_a_crosswalk_that_somebody_made_is_read(put, findings):
    text = "ed_from,ed_to,share_of_from,share_of_to\n1,1,0.75,1\n1,2,0.24,1\n2,2,1.7,1\n"
    assert shares_of(read_shares(put("x.csv", text), findings)) == {("1", "1"): 0.758, ("1", "2"): 0.242}
    assert [fault.line for fault in findings.faults] == [4]


def test_shares_of_random_maps_never_sum_above_one():
    rng = np.random.default_rng(7)
    for _ in range(20):
        make = lambda: {str(n): Polygon(square(-74 + x, 40 + y, s)) for n, (x, y, s) in  # noqa: E731
                        enumerate(rng.uniform(0.001, 0.05, (12, 3)))}  # fmt: skip
        shares = area_shares(make(), make(), "")
        # today's precincts overlap here, which no real map does: an old one may be covered twice, and still counts once
        assert (shares.groupby("from")["share"].sum() <= 1 + 1e-9).all()
