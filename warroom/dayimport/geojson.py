"""GeoJSON boundaries (RFC 7946; the older member `crs` is honoured)."""

import math
from itertools import chain
from typing import Any

import msgspec

from warroom.dayimport.archive import Members
from warroom.dayimport.areas import Areas, finish
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.geo import need
from warroom.dayimport.source import Source

_LARGEST = 2 << 30  # bytes; JSON is decoded whole
_RESAVE = "Export the layer again as GeoJSON (WGS 84)."


def read(source: Source, name: str, members: Members, timezone: str, findings: Findings) -> Areas:
    """Outlines and properties of a FeatureCollection; a feature that is broken is a fault and is left out."""
    with members.open(name) as raw:
        text = raw.read(_LARGEST)
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text.decode("utf-16", "replace").encode()
        findings.note(source.file, "read as UTF-16")
    try:
        document = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ImportProblem(source.file, f"broken JSON ({error})", "valid GeoJSON", "It may be cut off.") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ImportProblem(source.file, "no list of features", "a GeoJSON FeatureCollection", _RESAVE)
    shapes, properties = [], []
    for number, feature in enumerate(features, start=1):
        shape = _shape(feature, source, number, findings)
        if shape is not None:
            shapes.append(shape)
            properties.append(_properties(feature))
    return finish(source, shapes, properties, _crs(document), timezone, findings)


def _shape(feature: Any, source: Source, number: int, findings: Findings) -> Any:
    shapely = need("shapely", source.file)
    area = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(area, dict) or area.get("type") not in ("Polygon", "MultiPolygon"):
        findings.note(source.file, "features without an area, left out", f"feature {number}")
        return None
    polygons = [area.get("coordinates")] if area["type"] == "Polygon" else area.get("coordinates")
    try:
        parts = [shapely.Polygon(*_rings(rings)) for rings in polygons or ()]
        if all(math.isfinite(value) for part in parts for value in part.bounds):
            return shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0]
    except (ValueError, TypeError, IndexError, OverflowError, shapely.errors.ShapelyError):
        pass
    where, expected = f"feature {number}", "rings of at least four points"
    findings.fault(source.file, None, where, "an outline that cannot be read", expected, _RESAVE)
    return None


def _rings(rings: Any) -> tuple[Any, list[Any]]:
    """Shell and holes, each point cut to two numbers."""
    flat = [[(float(point[0]), float(point[1])) for point in ring] for ring in rings]
    return flat[0], flat[1:]


def _properties(feature: dict[str, Any]) -> dict[str, str]:
    """Properties and the feature's own id, as texts; a number without a fraction loses its .0."""
    found = feature.get("properties")
    pairs = chain((found or {}).items() if isinstance(found, dict) else (), [("feature id", feature.get("id"))])
    return {str(key): text for key, value in pairs if (text := text_of(value))}


def text_of(value: Any) -> str:
    """A property as an identifier would be written: 412.0 is 412."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _crs(document: dict[str, Any]) -> str | None:
    """The projection of the older standard's `crs` member; None where it is WGS 84 or absent."""
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name) if isinstance(name, str) and "CRS84" not in name else None
