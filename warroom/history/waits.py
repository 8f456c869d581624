"""Lines and incidents of a day, as rows for the report."""

from collections.abc import Iterable
from typing import Any

from warroom.history.frame import Names
from warroom.history.tape import Told

LONG_MINUTES = 30  # a wait above this costs voters: the Presidential Commission on Election Administration, 2014
SEVERITY = {"high": 0, "medium": 1, "low": 2}


def wait_rows(told: Iterable[Told], names: Names) -> list[dict[str, Any]]:
    """Sites with a wait above half an hour, the longest first: longest wait, when, from when to when above it."""
    by_site: dict[str, list[tuple[int, int]]] = {}
    for one in told:
        if one.kind == "wait":
            by_site.setdefault(one.place, []).append((one.at_ms, int(one.body["minutes"])))
    rows = []
    for site, waits in by_site.items():
        long = [(at, minutes) for at, minutes in sorted(waits) if minutes > LONG_MINUTES]
        if long:
            at_ms, most = max(long, key=lambda w: (w[1], -w[0]))
            rows.append({"place": names.site.get(site, site), "most": most, "at_ms": at_ms, "reports": len(waits),
                         "long": len(long), "from_ms": long[0][0], "to_ms": long[-1][0]})  # fmt: skip
    return sorted(rows, key=lambda r: (-r["most"], r["place"]))


def incident_rows(told: Iterable[Told], names: Names) -> list[dict[str, Any]]:
    """Every incident, the gravest first, then by time."""
    rows = []
    for one in told:
        if one.kind == "incident":
            body = one.body
            precinct, site = body.get("precinct"), body.get("site")
            place = names.precinct.get(precinct, precinct) if precinct else names.site.get(site or "", site or "")
            rows.append({"place": place, "category": body["category"], "severity": body["severity"],
                         "text": body.get("text", ""), "at_ms": one.at_ms})  # fmt: skip
    return sorted(rows, key=lambda r: (SEVERITY[r["severity"]], r["at_ms"], r["place"]))
