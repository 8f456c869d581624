"""Reads precincts.geojson: the outline of each precinct."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from warroom.dayfolder.faults import Fault, listed, quoted
from warroom.dayfolder.table import read_text

FILE = "precincts.geojson"
_AREAS = ("Polygon", "MultiPolygon")
_NOT_DRAWN = "They are not drawn."
_RESAVE = "Export the layer again as GeoJSON (WGS 84)."


def read_geometry(path: Path) -> tuple[dict[str, Any], list[Fault], list[Fault]]:
    """{precinct_id: GeoJSON Polygon or MultiPolygon}, faults and warnings.

    Several features of one precinct become one MultiPolygon. Features without an area are left out with
    a warning; coordinates that are not degrees are a fault.
    """
    text, faults = read_text(path)
    if text is None:
        return {}, faults, []
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}, [_broken(text)], []
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        found = quoted(document.get("type", "an object")) if isinstance(document, dict) else "no object"
        return {}, [Fault(FILE, None, "", found, "a GeoJSON FeatureCollection", _RESAVE)], []
    return _by_precinct(features)


def _broken(text: str) -> Fault:
    """Where the JSON breaks: the standard library knows the line, msgspec does not."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        where = f"character {error.colno}"
        remedy = "Export the file again; it may be cut off."
        return Fault(FILE, error.lineno, where, error.msg, "valid JSON", remedy)
    except RecursionError:
        return Fault(FILE, None, "", "JSON nested too deep", "valid GeoJSON", _RESAVE)
    return Fault(FILE, None, "", "a number or text that JSON does not allow", "valid JSON", _RESAVE)


def _by_precinct(features: list[Any]) -> tuple[dict[str, Any], list[Fault], list[Fault]]:
    geometry: dict[str, Any] = {}
    faults: list[Fault] = []
    unnamed, without_area = 0, 0
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        name = properties.get("precinct_id") if isinstance(properties, dict) else None
        if isinstance(name, bool) or not isinstance(name, str | int) or not str(name).strip():
            unnamed += 1
            continue
        area = feature.get("geometry")
        if not isinstance(area, dict) or area.get("type") not in _AREAS or not area.get("coordinates"):
            without_area += 1
            continue
        problem = _not_degrees(area)
        if problem:
            where, expected = f"feature {number}, precinct {name}", "longitude, latitude in degrees (WGS 84)"
            faults.append(Fault(FILE, None, where, problem, expected, _RESAVE))
            continue
        key = str(name).strip()
        geometry[key] = _joined(geometry[key], area) if key in geometry else _plain(area)
    return geometry, faults, _left_out(len(features), unnamed, without_area)


def _not_degrees(area: dict[str, Any]) -> str:
    """What is wrong with the first point that is no longitude and latitude; '' where all are."""
    try:
        for ring in chain.from_iterable(_polygons(area)):
            if len(ring) < 4:
                return f"a ring of {len(ring)} points, which encloses nothing"
            for point in ring:
                if not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90):
                    return f"the point {listed(point[:2])}"
    except (TypeError, IndexError, KeyError):
        return "coordinates that are not rings of points"
    return ""


def _plain(area: dict[str, Any]) -> dict[str, Any]:
    return {"type": area["type"], "coordinates": area["coordinates"]}


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": _polygons(one) + _polygons(other)}


def _polygons(area: dict[str, Any]) -> list[Any]:
    """[[ring, hole, ...], ...] of either type of area."""
    return [area["coordinates"]] if area["type"] == "Polygon" else area["coordinates"]


def _left_out(n_features: int, unnamed: int, without_area: int) -> list[Fault]:
    warnings = []
    if unnamed:
        found = f"{unnamed:,} of {n_features:,} features without it"
        warnings.append(Fault(FILE, None, "precinct_id", found, "the property precinct_id", _NOT_DRAWN))
    if without_area:
        found = f"{without_area:,} features without an area"
        warnings.append(Fault(FILE, None, "geometry", found, "a Polygon or MultiPolygon", _NOT_DRAWN))
    return warnings
