"""Outlines join the precincts: names, shapes, a point inside each, and regions where a property tells them."""

from typing import Any

from warroom.dayimport.areas import Areas, guess_property
from warroom.dayimport.crosswalk import dissolved
from warroom.dayimport.draft import Draft, degrees, safe_text
from warroom.dayimport.findings import Findings
from warroom.dayimport.geo import need
from warroom.dayimport.joining import Named, match, repeated
from warroom.dayimport.rolls import Roll, RollRow
from warroom.dayimport.source import Source

_REGIONS = ("borough", "boro_name", "county", "county_name", "countyname", "ward", "district")
_EVIDENCE = 0.5  # share of features that other sources must know by a property for it to be believed


def adopt_areas(
    draft: Draft, areas: Areas, source: Source, asked: str, others: dict[str, list[str]], findings: Findings
) -> dict[str, Any]:  # fmt: skip
    """Join outlines to the draft; returns {precinct: shape in degrees}. `others`: {file: names of precincts in it}.

    Raises ImportProblem where no property can name the precinct.
    """
    areas.check(asked)
    key = asked or _property(draft, areas, others, findings)
    region = _region(areas, source, findings)
    label = source.option("name")
    rows = [
        RollRow(named, safe_text(row.get(label, "")), row.get(region, "") if region else "")
        for named, row in zip(areas.named(key), areas.properties, strict=True)
    ]
    ids = draft.adopt(Roll(areas.file, "outlines", rows, key))
    for name in repeated(ids):
        findings.note(areas.file, "precincts of several features, joined", name)
    shapes = dissolved(ids, areas.shapes, areas.file)
    shapely = need("shapely", areas.file)
    for name, shape in shapes.items():
        inside = shapely.point_on_surface(shape)
        draft.fill(name, "lat", degrees(inside.y), areas.file)
        draft.fill(name, "lon", degrees(inside.x), areas.file)
    return shapes


def _property(draft: Draft, areas: Areas, others: dict[str, list[str]], findings: Findings) -> str:
    """The property by which the other sources (or the precincts that are there) know most features."""
    rows = areas.named()
    own = [key for key in areas.property_names() if _distinct(areas, key) >= 0.5 * len(rows)]
    rows = [Named({key: row.keys[key] for key in row.keys if key in own}, row.county) for row in rows]
    for file, names in {"the precincts of the folder": list(draft.precincts), **others}.items():
        found = match(rows, names) if names else None
        if found and found.exact + found.loose >= _EVIDENCE * len(rows):
            share = (found.exact + found.loose) / len(rows)
            why = f"{found.key!r} names the precinct: {share:.1%} of the features are known to {file} by it"
            findings.note(areas.file, why, remedy="Another: --precinct-property NAME.")
            return found.key
    key, why = guess_property(areas)
    findings.note(areas.file, why, remedy="Another: --precinct-property NAME.")
    return key


def _distinct(areas: Areas, key: str) -> int:
    return len({row.get(key, "") for row in areas.properties} - {""})


def _region(areas: Areas, source: Source, findings: Findings) -> str:
    """The property that tells the region: as asked, else a usual one that groups the features."""
    if asked := source.option("region"):
        areas.check(asked)
        return asked
    for name in _REGIONS:
        for key in areas.property_names():
            groups = {row.get(key, "") for row in areas.properties}
            if key.casefold() == name and 1 < len(groups) <= len(areas.properties) / 3:
                findings.note(
                    areas.file, f"region from {key!r} ({len(groups)} of them)", remedy="Another: ?region=NAME."
                )
                return key
    return ""


def old_ids(areas: Areas, asked: str, results: list[Named]) -> tuple[str, list[str], list[str | None]]:
    """The property that names an old map's features, those names, and the name of each results row (None: none).

    Raises ImportProblem for a property that is not there.
    """
    areas.check(asked)
    best: tuple[int, str, list[str], list[str | None]] = (-1, "", [], [None] * len(results))
    for key in [asked] if asked else areas.property_names():
        names = [row.get(key, "") for row in areas.properties]
        if not asked and _distinct(areas, key) < 0.5 * len(names):
            continue  # a county or a ward, not a precinct
        found = match(results, [name for name in names if name])
        if found.exact + found.loose > best[0]:
            best = (found.exact + found.loose, key, names, found.ids)
    return best[1:]


def geojson_of(shapes: dict[str, Any], file: str) -> dict[str, Any]:
    """{precinct: GeoJSON geometry} with six decimals (0.1 m)."""
    shapely = need("shapely", file)
    found = {}
    for name, shape in shapes.items():
        geometry = shapely.geometry.mapping(shape)
        found[name] = {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}
    return found


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else [_rounded(part) for part in value]
