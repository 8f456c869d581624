"""Whether a latitude and longitude can belong to this jurisdiction, and the repairs that are certain."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

_NEAR_LAT, _NEAR_LON = 25.0, 30.0  # degrees from the zone's city; the widest zone of the states spans 40


@dataclass(frozen=True)
class Mended:
    """Degrees (WGS 84), None where unusable; `said` names the repair or the reason, '' where all was well."""

    lat: float | None
    lon: float | None
    said: str = ""


@cache
def home_of(timezone: str) -> tuple[float, float] | None:
    """(latitude, longitude) of the city that names a time zone, from the tz database; None where it has none.

    >>> home_of("America/New_York")
    (40.71, -74.01)
    >>> home_of("US/Arizona") == home_of("America/Phoenix")
    True
    """
    folder = resources.files("tzdata") / "zoneinfo"
    names = {timezone}
    for line in (folder / "tzdata.zi").read_text(encoding="utf-8").splitlines():
        if line.startswith("L ") and line.split()[2] == timezone:
            names.add(line.split()[1])
    for line in (folder / "zone.tab").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if not line.startswith("#") and len(cells) > 2 and cells[2] in names:
            lat, lon = re.findall(r"[+-]\d+", cells[1])
            return round(_degrees(lat, 2), 2), round(_degrees(lon, 3), 2)
    return None


def _degrees(text: str, digits: int) -> float:
    """+404251 or -0740023 (ISO 6709) as degrees."""
    body = text[1:].ljust(digits + 4, "0")
    value = int(body[:digits]) + int(body[digits : digits + 2]) / 60 + int(body[digits + 2 : digits + 4]) / 3600
    return -value if text[0] == "-" else value


def mend(lat_text: str, lon_text: str, timezone: str) -> Mended:
    """The pair as degrees, its sign and order checked against the time zone's own place.

    A repair is made only where the pair as given lies elsewhere and the repaired one lies here.

    >>> mend("38.0754627", "78.5014875", "America/New_York")
    Mended(lat=38.0754627, lon=-78.5014875, said='longitudes without their minus sign: turned')
    """
    if not lat_text.strip() and not lon_text.strip():
        return Mended(None, None)
    lat, lon = _float(lat_text), _float(lon_text)
    if lat is None or lon is None:
        return Mended(None, None, "coordinates that are no pair of numbers: left blank")
    if lat == 0 and lon == 0:
        return Mended(None, None, "coordinates 0, 0: left blank")
    home = home_of(timezone)
    if home is None:
        good = abs(lat) <= 90 and abs(lon) <= 180
        return Mended(lat, lon) if good else Mended(None, None, "coordinates off the globe: left blank")
    if _near(lat, lon, home):
        return Mended(lat, lon)
    if _near(lat, -lon, home):
        return Mended(lat, -lon, "longitudes without their minus sign: turned")
    if _near(lon, lat, home):
        return Mended(lon, lat, "latitude and longitude swapped: put in order")
    if _near(lon, -lat, home):
        return Mended(lon, -lat, "latitude and longitude swapped and the minus sign lost: put in order")
    return Mended(None, None, f"coordinates far from {timezone}: left blank")


def _near(lat: float, lon: float, home: tuple[float, float]) -> bool:
    if abs(lat) > 90 or abs(lon) > 180:
        return False
    across = abs(lon - home[1])
    return abs(lat - home[0]) <= _NEAR_LAT and min(across, 360 - across) <= _NEAR_LON


def _float(text: str) -> float | None:
    try:
        value = float(text) if "_" not in text else None
    except ValueError:
        return None
    return value if value is not None and abs(value) < 1e6 else None
