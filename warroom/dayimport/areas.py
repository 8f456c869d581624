"""Outlines of precincts: what GeoJSON and shapefiles give, repaired, in degrees, ready to be named."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from warroom.dayimport.coordinates import home_of
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.geo import need
from warroom.dayimport.joining import Named
from warroom.dayimport.source import Source

_FEW = 0.1  # share of outlines elsewhere up to which the rest of the file is believed
_COUNTY = ("county", "county_name", "countyname", "countyfp", "countyfp20")
_USUAL = (
    "precinct_id", "precinct", "elect_dist", "electdist", "ed", "division_num", "geoid20", "geoid", "vtdst20",
    "vtdst", "vtd", "prec_id", "precinctid", "pct", "pctnum", "name20", "name",
)  # fmt: skip


@dataclass
class Areas:
    """One row for each feature with an area; `shapes` is an array of shapely (multi)polygons in degrees, WGS 84."""

    file: str
    shapes: Any
    properties: list[dict[str, str]]

    def named(self, asked: str = "") -> list[Named]:
        """What the rows may be called: every property, the usual ones first."""
        keys = [asked] if asked else self._likely()
        county = next((key for key in self.property_names() if key.casefold() in _COUNTY), "")
        return [
            Named({key: row[key] for key in keys if row.get(key)}, row.get(county, "") if county else "")
            for row in self.properties
        ]

    def property_names(self) -> list[str]:
        """Every property, in the order of the file."""
        return list(dict.fromkeys(key for row in self.properties for key in row))

    def _likely(self) -> list[str]:
        keys = self.property_names()
        usual = [key for name in _USUAL for key in keys if key.casefold() == name]
        rest = [key for key in keys if key not in usual]
        return usual + rest

    def check(self, asked: str) -> None:
        """Raise ImportProblem for a property that no feature has."""
        if asked and asked not in self.property_names():
            shown = ", ".join(self.property_names()[:20])
            raise ImportProblem(self.file, f"no property {asked!r}", f"one of {shown}", "Check the spelling.")


def guess_property(areas: Areas) -> tuple[str, str]:
    """The property that names the precinct where nothing else tells, and why: a usual name, else one that is unique.

    Raises ImportProblem where no property could be it.
    """
    n = len(areas.properties)
    distinct = {key: len({row.get(key, "") for row in areas.properties} - {""}) for key in areas.property_names()}
    for name in _USUAL:
        for key in areas.property_names():
            if key.casefold() == name and distinct[key] > 0.9 * n:
                return key, f"{key!r} guessed: a usual name, and {distinct[key]:,} of {n:,} features differ in it"
    unique = [
        key
        for key in areas.property_names()
        if distinct[key] == n and key.casefold() not in ("objectid", "fid", "shape_area")
    ]
    if not unique:
        shown = ", ".join(areas.property_names()[:20]) or "none"
        remedy = "Name it with --precinct-property NAME."
        raise ImportProblem(areas.file, f"the properties {shown}", "one that names the precinct", remedy)
    return unique[0], f"{unique[0]!r} guessed: the first property that no two features share"


def repaired(shapes: Any, labels: list[str], file: str, findings: Findings) -> Any:
    """Valid polygons: self-intersections mended (and noted), what has no area dropped to None."""
    shapely = need("shapely", file)
    shapes = np.asarray(shapes, dtype=object)
    for at in np.flatnonzero(~shapely.is_valid(shapes)):
        if shapes[at] is None:
            continue
        findings.note(file, "self-intersecting outlines repaired", labels[at])
        try:
            # "structure" joins parts that overlap; the default would cut a hole where they do
            with np.errstate(over="ignore", invalid="ignore"):  # absurd coordinates: refused by place, later
                shapes[at] = shapely.make_valid(shapes[at], method="structure", keep_collapsed=False)
        except shapely.errors.GEOSException:
            shapes[at] = None
    for row, shape in enumerate(shapes):
        shapes[row] = _polygons_of(shapely, shape)
    return shapes


def _polygons_of(shapely: Any, shape: Any) -> Any:
    """The polygonal part of a geometry; None where it has none."""
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape if shape.area > 0 else None
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else None


def finish(
    source: Source, shapes: list[Any], properties: list[dict[str, str]], crs: str | None, timezone: str,
    findings: Findings,
) -> Areas:  # fmt: skip
    """Project to degrees, repair, drop what has no area, and check that the place is the jurisdiction's."""
    shapely = need("shapely", source.file)
    labels = [next((value for value in row.values() if value), f"feature {n}") for n, row in enumerate(properties, 1)]
    whole = np.empty(len(shapes), dtype=object)
    whole[:] = shapes
    if source.option("crs") or crs:
        whole = _to_degrees(whole, source, source.option("crs") or str(crs), findings)
    whole = repaired(whole, labels, source.file, findings)
    for at in [at for at, shape in enumerate(whole) if shape is None]:
        findings.note(source.file, "features without an area, left out", labels[at])
    keep = _in_place(shapely, whole, labels, source.file, timezone, findings)
    if not len(keep):
        raise ImportProblem(source.file, "no polygon", "outlines of precincts", "Export the layer again.")
    return Areas(source.file, whole[keep], [properties[at] for at in keep])


def _to_degrees(shapes: Any, source: Source, crs: str, findings: Findings) -> Any:
    shapely, pyproj = need("shapely", source.file), need("pyproj", source.file)

    def turned(points: Any) -> Any:
        # GEOS cannot hold points that a projection sends to infinity
        return np.nan_to_num(np.column_stack(change.transform(*points.T)), nan=999, posinf=999, neginf=999)

    try:
        given = pyproj.CRS.from_user_input(crs)
        if given.equals(pyproj.CRS.from_epsg(4326), ignore_axis_order=True):
            return shapes
        change = pyproj.Transformer.from_crs(given, 4326, always_xy=True)
        moved = shapely.transform(shapes, turned)
    except pyproj.exceptions.ProjError:  # an unknown projection, or one that leads nowhere
        remedy = "Name it, such as ?crs=EPSG:2263, or export the layer in WGS 84."
        raise ImportProblem(source.file, f"the projection {crs[:60]!r}", "a known projection", remedy) from None
    findings.note(source.file, f"coordinates turned from {given.name} into degrees")
    return moved


def _in_place(
    shapely: Any, shapes: Any, labels: list[str], file: str, timezone: str, findings: Findings
) -> Any:  # fmt: skip
    """Indices of the outlines that lie in degrees near the time zone; a few that do not are faults.

    Raises ImportProblem where many do not: the file is in another projection, or of another place.
    """
    there = np.array([shape is not None for shape in shapes], dtype=bool)
    bounds = shapely.bounds(shapes)  # NaN for None
    west, south, east, north = bounds.T
    with np.errstate(invalid="ignore"):
        on_globe = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
        near = on_globe.copy()
        if home := home_of(timezone):
            across = np.abs((west + east) / 2 - home[1])
            near &= (np.abs((south + north) / 2 - home[0]) <= 25) & (np.minimum(across, 360 - across) <= 30)
    strange = np.flatnonzero(there & ~near)
    if len(strange) > _FEW * there.sum():
        at = strange[0]
        found = f"{len(strange):,} outlines such as {labels[at]!r} around {south[at]:.1f}, {west[at]:.1f}"
        if (there & ~on_globe).any():
            expected = "longitude and latitude in degrees"
            remedy = "Say which projection they are in, such as ?crs=EPSG:2263, or export the layer in WGS 84."
        else:
            expected, remedy = f"a place near {timezone}", "Check the file, --timezone and the projection (?crs=)."
        raise ImportProblem(file, found, expected, remedy)
    for at in strange:
        found, expected = f"an outline around {south[at]:.1f}, {west[at]:.1f}", f"a place near {timezone}"
        findings.fault(file, None, labels[at], found, expected, "It is left out; correct it in the source.")
    return np.flatnonzero(there & near)
