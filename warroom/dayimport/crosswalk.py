"""How the ballots of old precincts are shared among today's: by area, by points that stand for voters, or as given.

Method: areal interpolation. Each old precinct is laid over today's in a Lambert azimuthal equal-area projection
centred on the place (areas are true anywhere), and its ballots follow the shares of its area; with points
(registration addresses, census blocks) they follow the points' weights. shapely's tree and overlay do this in
one pass; geopandas and maup do the same through four times the packages. Slivers (under 0.5 % of both) are
dropped as drawing differences. An old precinct covered to 90 % or more is taken as covered whole.
"""

from typing import Any

import numpy as np
import pandas as pd

from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.geo import need
from warroom.dayimport.rawtext import number
from warroom.dayimport.rolls import rows_of
from warroom.dayimport.source import Source

SLIVER = 0.005  # share of both areas
COVERED = 0.9  # share of the old area that today's precincts must cover to count as all of it
_GIVEN = (("from", "to", "share"), ("ed_from", "ed_to", "share_of_from"))
COLUMNS = ["from", "to", "share"]  # share of the old precinct's ballots, 0 to 1


def dissolved(ids: list[str | None], shapes: Any, file: str) -> dict[str, Any]:
    """{precinct: its one shape}; rows without a precinct are left out, several of one are joined."""
    shapely = need("shapely", file)
    parts: dict[str, list[Any]] = {}
    for name, shape in zip(ids, shapes, strict=True):
        if name:
            parts.setdefault(name, []).append(shape)
    return {name: one[0] if len(one) == 1 else shapely.union_all(one) for name, one in parts.items()}


def area_shares(old: dict[str, Any], new: dict[str, Any], file: str) -> pd.DataFrame:
    """COLUMNS by area of {precinct: shape in degrees}; each old precinct's shares sum to at most 1."""
    shapely = need("shapely", file)
    old_shapes, new_shapes = _flat(old, new, file)
    at_old, at_new = shapely.STRtree(new_shapes).query(old_shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(old_shapes[at_old], new_shapes[at_new]))
    of_old = common / shapely.area(old_shapes)[at_old]
    of_new = common / shapely.area(new_shapes)[at_new]
    keep = (of_old >= SLIVER) | (of_new >= SLIVER)
    names_old, names_new = np.array(list(old), dtype=object), np.array(list(new), dtype=object)
    shares = pd.DataFrame({"from": names_old[at_old[keep]], "to": names_new[at_new[keep]], "share": of_old[keep]})
    return _whole_where_covered(shares[shares["share"] > 0])


def _flat(old: dict[str, Any], new: dict[str, Any], file: str) -> tuple[Any, Any]:
    """Both sets on one equal-area plane, in metres."""
    shapely, pyproj = need("shapely", file), need("pyproj", file)
    arrays = []
    for shapes in (old, new):
        array = np.empty(len(shapes), dtype=object)
        array[:] = list(shapes.values())
        arrays.append(array)
    west, south, east, north = shapely.total_bounds(arrays[1])
    plane = f"+proj=laea +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84 +units=m"
    change = pyproj.Transformer.from_crs(4326, plane, always_xy=True)
    flat = []
    for array in arrays:
        moved = shapely.transform(array, lambda points: np.column_stack(change.transform(*points.T)))
        wrong = ~shapely.is_valid(moved)
        moved[wrong] = shapely.make_valid(moved[wrong], method="structure", keep_collapsed=False)
        flat.append(moved)
    return flat[0], flat[1]


def _whole_where_covered(shares: pd.DataFrame) -> pd.DataFrame:
    covered = shares.groupby("from")["share"].transform("sum")
    share = shares["share"] / covered.where((covered >= COVERED) | (covered > 1), 1.0)
    return shares.assign(share=share).reset_index(drop=True)


def point_shares(old: dict[str, Any], new: dict[str, Any], points: pd.DataFrame, file: str) -> pd.DataFrame:
    """COLUMNS by points (`lat`, `lon`, `weight`); old precincts that hold no weight go by area."""
    shapely = need("shapely", file)
    dots = shapely.points(points["lon"], points["lat"])
    at: dict[str, np.ndarray] = {}
    for side, shapes in (("from", old), ("to", new)):
        array = np.empty(len(shapes), dtype=object)
        array[:] = list(shapes.values())
        dot, area = shapely.STRtree(array).query(dots, predicate="within")
        names = np.full(len(dots), None, dtype=object)
        names[dot] = np.array(list(shapes), dtype=object)[area]
        at[side] = names
    placed = pd.DataFrame({"from": at["from"], "to": at["to"], "weight": points["weight"].to_numpy()})
    placed = placed[placed["from"].notna()]
    total = placed.groupby("from")["weight"].sum()
    sums = placed.dropna().groupby(["from", "to"], as_index=False)["weight"].sum()
    sums["share"] = sums["weight"] / sums["from"].map(total)
    by_points = _whole_where_covered(sums.loc[sums["share"] > 0, COLUMNS])
    without = {name: shape for name, shape in old.items() if name not in set(by_points["from"])}
    return pd.concat([by_points, area_shares(without, new, file)], ignore_index=True) if without else by_points


def read_points(source: Source, findings: Findings) -> pd.DataFrame:
    """Points that stand for voters: columns lat, lon, weight, or those that the options name."""
    names = {key: source.option(key, key).lower() for key in ("lat", "lon", "weight")}
    rows = []
    for line, row in rows_of(source, findings, tuple(names.values())):
        weight = number(row[names["weight"]], source.file, line, names["weight"], findings)
        try:
            lat, lon = float(row[names["lat"]]), float(row[names["lon"]])
        except ValueError:
            lat = lon = 999.0
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            expected, remedy = "latitude and longitude in degrees", "The point is left out."
            findings.fault(source.file, line, names["lat"], "no place on the globe", expected, remedy)
        elif weight:
            rows.append((lat, lon, weight))
    if not rows:
        raise ImportProblem(source.file, "no point with a weight", "lat, lon and weight", "Check the columns.")
    return pd.DataFrame(rows, columns=["lat", "lon", "weight"])


def read_shares(source: Source, findings: Findings) -> pd.DataFrame:
    """A crosswalk that somebody has made: columns from, to, share (of the old precinct), or named by options."""
    first: dict[str, str] = next((row for _, row in rows_of(source, Findings(), ())), {})
    given = tuple(source.option(key, "").lower() for key in COLUMNS)
    names = given if all(given) else next((names for names in _GIVEN if set(names) <= set(first)), COLUMNS)
    rows = []
    for line, row in rows_of(source, findings, tuple(names)):
        share = number(row[names[2]], source.file, line, names[2], findings)
        if share is None or share > 1.0001 or not row[names[0]] or not row[names[1]]:
            expected, remedy = "two precincts and a share from 0 to 1", "The row is left out."
            findings.fault(source.file, line, names[2], f"{row[names[2]]!r}", expected, remedy)
        elif share > 0:
            rows.append((row[names[0]], row[names[1]], share))
    if not rows:
        raise ImportProblem(source.file, "no share", "rows of from, to, share", "Check the columns.")
    return _whole_where_covered(pd.DataFrame(rows, columns=COLUMNS))
