"""A made-up county of square precincts, side by side."""

import json

from warroom.dayimport.dayanswers import DayAnswers

ZONE = "America/New_York"
ANSWERS = DayAnswers("Test day", "2026-11-03", ZONE, "06:00-21:00", "general")


def square(west: float, south: float, size: float = 0.01) -> list[list[float]]:
    """A ring, in degrees."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(properties: dict, *rings: list[list[float]]) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def collection(*features: dict) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def row_of_squares(prefix: str = "", n: int = 4, west: float = -74.0) -> str:
    """Squares 0101, 0102 and so on, side by side from west to east."""
    return collection(
        *(
            feature(
                {"PRECINCT": f"{prefix}010{at + 1}", "ward": "01", "borough": "North"}, square(west + 0.01 * at, 40.7)
            )
            for at in range(n)
        )
    )
