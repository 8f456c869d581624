"""The map's geometry on the wire: one small binary for every screen, in roster order.

Layout, little-endian (the decoder in the browser is `assets/map/geometry-worker.js`):

    4s  magic "WRG1"
    u32 features, u32 rings, u32 points
    f64 west, north, degrees of longitude per unit, degrees of latitude per unit
    u16[features]  rings of each feature (0: a precinct without a place)
    u32[rings]     points of each ring
    u8[points] x4  the deltas: x low bytes, x high bytes, y low bytes, y high bytes

One unit is the same distance in x and y (equirectangular, scaled by cos of the middle
latitude), y grows southwards. A delta is the step from the previous point of the file,
modulo 65536, zigzag-coded; low and high bytes lie apart because that packs a third better.
Outer rings turn one way and holes the other, so that non-zero filling draws both.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"WRG1"
HEADER = struct.Struct("<4sIII4d")
MAX_UNIT = 65535

Ring = npt.NDArray[np.float64]  # (points, 2): longitude, latitude; not closed
Feature = Mapping[str, Any]  # a GeoJSON feature


@dataclass(frozen=True)
class Geometry:
    """Decoded geometry: `features[i]` holds the rings of precinct i of the roster."""

    features: list[list[Ring]]
    degrees_per_unit: tuple[float, float]  # longitude, latitude: the rounding step


def encode_geometry(features: Sequence[Feature | None]) -> bytes:
    """Pack GeoJSON features (Polygon or MultiPolygon; None: no place) into the wire format.

    Raises ValueError for another geometry type.
    """
    shapes = [_rings(feature) for feature in features]
    points = [ring for rings in shapes for ring in rings]
    west, north, step = _frame(np.concatenate(points) if points else np.zeros((1, 2)))
    packed = [[_quantise(ring, west, north, step) for ring in rings] for rings in shapes]
    flat = [ring for rings in packed for ring in rings]
    xy = np.concatenate(flat) if flat else np.zeros((0, 2), dtype=np.int64)
    header = HEADER.pack(MAGIC, len(shapes), len(flat), len(xy), west, north, *step)
    ring_counts = np.array([len(rings) for rings in packed], dtype="<u2")
    point_counts = np.array([len(ring) for ring in flat], dtype="<u4")
    planes = [plane for axis in (0, 1) for plane in _planes(xy[:, axis])]
    return b"".join([header, ring_counts.tobytes(), point_counts.tobytes(), *planes])


def decode_geometry(data: bytes) -> Geometry:
    """Unpack what `encode_geometry` made. Raises ValueError on anything else."""
    if data[:4] != MAGIC or len(data) < HEADER.size:
        raise ValueError("not a geometry file: it must begin with WRG1")
    _, features, rings, points, west, north, lon_step, lat_step = HEADER.unpack_from(data)
    offset = HEADER.size
    ring_counts = np.frombuffer(data, "<u2", features, offset)
    offset += 2 * features
    point_counts = np.frombuffer(data, "<u4", rings, offset)
    offset += 4 * rings
    axes = []
    for _ in range(2):
        low = np.frombuffer(data, np.uint8, points, offset).astype(np.int64)
        high = np.frombuffer(data, np.uint8, points, offset + points).astype(np.int64)
        offset += 2 * points
        zigzag = low | high << 8
        axes.append(np.cumsum((zigzag >> 1) ^ -(zigzag & 1)) % 65536)
    lonlat = np.column_stack([west + axes[0] * lon_step, north - axes[1] * lat_step])
    all_rings = iter(np.split(lonlat, np.cumsum(point_counts)[:-1]) if rings else [])
    return Geometry([[next(all_rings) for _ in range(n)] for n in ring_counts], (lon_step, lat_step))


def _rings(feature: Feature | None) -> list[Ring]:
    """Every ring of a feature, outer rings counter-clockwise, holes clockwise."""
    geometry = feature.get("geometry") if feature else None
    if not geometry:
        return []
    if geometry["type"] == "Polygon":
        polygons = [geometry["coordinates"]]
    elif geometry["type"] == "MultiPolygon":
        polygons = geometry["coordinates"]
    else:
        raise ValueError(f"a precinct must be a Polygon or MultiPolygon, not {geometry['type']}")
    rings: list[Ring] = []
    for polygon in polygons:
        for position, coordinates in enumerate(polygon):
            ring = np.array([point[:2] for point in coordinates], dtype=np.float64)
            if len(ring) > 1 and (ring[0] == ring[-1]).all():
                ring = ring[:-1]
            if len(ring) >= 3:
                is_ccw = _signed_area(ring) > 0
                rings.append(ring if is_ccw == (position == 0) else ring[::-1])
    return rings


def _signed_area(ring: Ring) -> float:
    x, y = (ring - ring[0]).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def _frame(points: Ring) -> tuple[float, float, tuple[float, float]]:
    """West and north edge, and the degrees that one unit stands for, in longitude and latitude."""
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    middle = (south + north) / 2
    # Beyond 90 the numbers are not degrees but a plane grid in feet or metres: no shrinking there.
    squeeze = np.cos(np.radians(middle)) if abs(south) <= 90 and abs(north) <= 90 else 1.0
    span = max((east - west) * squeeze, north - south, 1e-9)
    lat_step = span / MAX_UNIT
    return float(west), float(north), (float(lat_step / squeeze), float(lat_step))


def _quantise(ring: Ring, west: float, north: float, step: tuple[float, float]) -> npt.NDArray[np.int64]:
    """Whole units, without repeated points; a ring smaller than a unit becomes a unit square."""
    x = np.rint((ring[:, 0] - west) / step[0])
    y = np.rint((north - ring[:, 1]) / step[1])
    units = np.clip(np.column_stack([x, y]).astype(np.int64), 0, MAX_UNIT)
    moved = (units != np.roll(units, 1, axis=0)).any(axis=1)
    if moved.sum() >= 3:
        return units[moved]
    left, top = np.minimum(units[0], MAX_UNIT - 1)
    return np.array([[left, top], [left, top + 1], [left + 1, top + 1], [left + 1, top]])


def _planes(values: npt.NDArray[np.int64]) -> tuple[bytes, bytes]:
    """Low and high bytes of the zigzag-coded steps from value to value."""
    steps = np.diff(values, prepend=0).astype(np.uint16).astype(np.int16).astype(np.int64)
    zigzag = (steps << 1 ^ steps >> 15) & 0xFFFF
    return (zigzag & 0xFF).astype(np.uint8).tobytes(), (zigzag >> 8).astype(np.uint8).tobytes()
