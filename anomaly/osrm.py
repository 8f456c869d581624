"""Travel times from a road router that speaks OSRM's table service; the formula where it does not answer."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from anomaly.arrays import Bools, Floats, Ints
from anomaly.travel import Streets

PLACES_ASKED = 100  # places in one question: osrm-routed's own limit unless it was started with another


@dataclass(frozen=True)
class OsrmTable:
    """`TravelSource` on `/table/v1/{profile}` (OSRM 5 API). Two profiles: with a car, and on foot.

    A question that fails or takes longer than `timeout_s`, and a pair that the router cannot
    join, get the formula's minutes instead. After the first failure of a call the rest is not
    asked: a dead router costs one time-out.
    """

    url: str  # such as http://router:5000
    driving: str = "driving"
    walking: str = "foot"
    timeout_s: float = 5.0
    formula: Streets = field(default_factory=Streets)

    def minutes(self, origins: Floats, has_car: Bools, destinations: Floats) -> Floats:
        """Minutes, shape (n, m), from (lat, lon) to (lat, lon); NaN where a place is unknown."""
        table = self.formula.minutes(origins, has_car, destinations)
        known = ~np.isnan(np.asarray(destinations, float)).any(axis=1)
        to = np.flatnonzero(known)
        for profile, people in ((self.driving, has_car), (self.walking, ~np.asarray(has_car, bool))):
            who = np.flatnonzero(people & ~np.isnan(np.asarray(origins, float)).any(axis=1))
            for rows in _blocks(who):
                for columns in _blocks(to):
                    answer = self._ask(profile, origins[rows], destinations[columns])
                    if answer is None:
                        return table
                    part = table[np.ix_(rows, columns)]
                    table[np.ix_(rows, columns)] = np.where(np.isnan(answer), part, answer)
        return table

    def _ask(self, profile: str, origins: Floats, destinations: Floats) -> Floats | None:
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
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"a router's address begins with http:// or https://, not {self.url!r}")
        try:
            with urllib.request.urlopen(address, timeout=self.timeout_s) as answer:  # noqa: S310 - checked above
                return _durations(json.load(answer), count, whole - count)
        except (OSError, ValueError):
            return None


def _durations(answer: Any, rows: int, columns: int) -> Floats | None:
    """Minutes from an answer's seconds, null as NaN; None where it is not the table asked for."""
    if not isinstance(answer, dict) or answer.get("code") != "Ok":
        return None
    try:
        table = np.array(answer.get("durations"), float) / 60.0
    except (TypeError, ValueError):
        return None
    return table if table.shape == (rows, columns) else None


def _blocks(index: Ints) -> list[Ints]:
    half = PLACES_ASKED // 2
    return [index[k : k + half] for k in range(0, len(index), half)]
