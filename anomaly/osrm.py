"""Travel times from a road router that speaks OSRM's table service."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

import numpy as np

from anomaly.arrays import Floats

PLACES_ASKED = 100  # places in one question: osrm-routed's own limit unless it was started with another


class RouterAway(Exception):
    """The router gave no table; the text says why, without its address."""


@dataclass(frozen=True)
class OsrmTable:
    """`/table/v1/{profile}` of OSRM's API, version 5. Two profiles: with a car, and on foot.

    Raises ValueError for an address that is not http or https.
    """

    url: str  # such as http://router:5000
    driving: str = "driving"
    walking: str = "foot"
    timeout_s: float = 5.0

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError("a router's address begins with http:// or https://")

    def ask(self, profile: str, origins: Floats, destinations: Floats) -> Floats:
        """Minutes, shape (n, m), from (lat, lon) to (lat, lon); NaN for a pair that the roads do not join.

        At most `PLACES_ASKED` places in all. Raises RouterAway.
        """
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in [*origins.tolist(), *destinations.tolist()])
        count, whole = len(origins), len(origins) + len(destinations)
        query = urllib.parse.urlencode(
            {
                "sources": ";".join(map(str, range(count))),
                "destinations": ";".join(map(str, range(count, whole))),
                "annotations": "duration",
            },
            safe=";",
        )
        address = f"{self.url.rstrip('/')}/table/v1/{profile}/{places}?{query}"
        try:
            with urllib.request.urlopen(address, timeout=self.timeout_s) as answer:  # noqa: S310 - checked above
                return _durations(json.load(answer), count, whole - count)
        except (OSError, ValueError) as error:
            raise RouterAway(type(error).__name__) from None


def _durations(answer: Any, rows: int, columns: int) -> Floats:
    """Minutes from an answer's seconds, null as NaN. Raises RouterAway where it is not the table asked for."""
    if not isinstance(answer, dict) or answer.get("code") != "Ok":
        raise RouterAway("an answer that is no table")
    try:
        table = np.array(answer.get("durations"), float) / 60.0
    except (TypeError, ValueError):
        table = np.empty(0)
    if table.shape != (rows, columns):
        raise RouterAway("a table of another size than asked for")
    return table
