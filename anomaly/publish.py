"""What the board shows, as JSON parts: pure functions from a forecast to what a screen is sent.

The wire format stands in docs/wire.md. Counts are whole ballots, times are epoch ms of the
day's clock, a cell is one byte a precinct in roster order.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from anomaly.arrays import Bools, Floats, Ints
from anomaly.forecast import STATES, Forecast, Total
from anomaly.live import Band
from anomaly.plan import Plan
from anomaly.regions import LEAST_SHARE_HEARD, RegionNews
from warroom.domain.alerts import Alert, urgency
from warroom.domain.handling import HELD, Stage

Cells = npt.NDArray[np.uint8]

# A precinct inside its own 90 % band is neutral; colour is earned by evidence.
CLASS_EDGES = np.array([-3.3, -2.6, -2.1, -1.645, 1.645, 2.1, 2.6, 3.3])
UNHEARD = 9
UNCERTAIN, SILENT, ALERT, SUSPECT = 16, 32, 64, 128
SHOWN_ALERTS = 16
REASON_LETTERS, CLAUSE_LETTERS = 110, 72  # at most; and from which on a clause that can be spared is left out
MOST_REGIONS, LOWEST_REGIONS = 24, 12  # a wall shows every region up to the first, else the second


def cells_of(forecast: Forecast, z: Floats, alerted: Bools) -> Cells:
    """One byte a precinct (N,): colour class 0-8 (by `z`, NaN neutral) or 9 in the low half, flags in the high half."""
    z = np.nan_to_num(z)
    heard = forecast.reported >= 0
    cells = np.where(heard, np.searchsorted(CLASS_EDGES, z, side="right"), UNHEARD).astype(np.uint8)
    cells[heard & forecast.uncertain & (cells != 4)] |= UNCERTAIN
    cells[forecast.state == STATES.index("silent")] |= SILENT
    cells[forecast.state == STATES.index("suspect_report")] |= SUSPECT
    cells[alerted] |= ALERT
    return cells


def cell_changes(before: Cells, after: Cells) -> tuple[int, str]:
    """Bytes of an index, and base64 of (index, cell) for every cell that changed."""
    width = 2 if len(after) <= 65_535 else 4
    at = np.flatnonzero(before != after)
    index = at.astype(f"<u{width}").view(np.uint8).reshape(len(at), width)
    return width, base64.b64encode(np.hstack([index, after[at, None]]).tobytes()).decode()


def packed(cells: Cells) -> str:
    """All cells, base64."""
    return base64.b64encode(cells.tobytes()).decode()


def total(value: Total | None, at_ms: int) -> dict[str, int | None]:
    """A figure with its 90 % interval and its time."""
    if value is None:
        return {"value": None, "low": None, "high": None, "at_ms": at_ms}
    return {"value": round(value.value), "low": round(value.low), "high": round(value.high), "at_ms": at_ms}


def state_counts(forecast: Forecast) -> dict[str, int]:
    """How many precincts are in each state."""
    counts = np.bincount(forecast.state, minlength=len(STATES))
    return {name: int(counts[code]) for code, name in enumerate(STATES)}


def curve(forecast: Forecast, seen: Mapping[int, int], plan: Plan) -> dict[str, list[int | None]]:
    """The city's day by half hours: what was expected before it began, what was cast so far, what is forecast from now.

    `seen` is {minute: ballots cast by then}; the watch gives what is known now, the replay what was known then.
    """
    minutes = forecast.curve_minutes
    every = np.unique(np.append(np.arange(0, minutes[-1], 30.0), minutes[-1]))
    share = np.interp(every, minutes, forecast.curve)
    planned = [plan.by(float(m)) for m in every]
    ahead = forecast.totals["ALL"].value * share
    return {
        "minute": [int(m) for m in every],
        "expected": [round(p.value) for p in planned],
        "low": [round(p.low) for p in planned],
        "high": [round(p.high) for p in planned],
        "forecast": [round(float(v)) if m > forecast.now_min else None for m, v in zip(every, ahead, strict=True)],
        "seen": [seen.get(int(m)) for m in every],
    }


def region_table(forecast: Forecast, news: RegionNews, region: Ints, names: Sequence[str]) -> dict[str, Any]:
    """Each region's figures by name, `region` (N,) being each precinct's code into `names`.

    `votes`: cast by now, estimated. `vs_history`: votes over what its history implies at the city's
    level today (1.0 = as usual), and `z` how unusual that is; both None until a quarter of the region
    is heard. A day of one region has no rows; of more than 24, the twelve lowest by `z`, and a note.
    """
    if len(names) < 2:
        return {"rows": [], "note": ""}
    count = len(names)
    votes = np.bincount(region, forecast.now, count)
    reporting = np.bincount(region, forecast.reported >= 0, count)
    precincts = np.bincount(region, minlength=count)
    known = news.heard >= LEAST_SHARE_HEARD
    z = news.z
    shown, note = sorted(range(count), key=lambda r: names[r]), ""
    if count > MOST_REGIONS:
        shown = sorted(shown, key=lambda r: z[r] if known[r] else np.inf)[:LOWEST_REGIONS]
        note = f"{LOWEST_REGIONS} of {count}: the lowest"
    rows = []
    for r in shown:
        name = names[r] or "(no region)"
        whole = forecast.totals[name]
        rows.append(
            {
                "name": name, "votes": round(float(votes[r])),
                "final": round(whole.value), "low": round(whole.low), "high": round(whole.high),
                "reporting": int(reporting[r]), "total": int(precincts[r]),
                "vs_history": round(float(np.exp(news.deviation[r])), 3) if known[r] else None,
                "z": round(float(z[r]), 1) if known[r] else None,
            }
        )  # fmt: skip
    return {"rows": rows, "note": note}


def ranked(alerts: Iterable[Alert]) -> list[Alert]:
    """Most important first: severity, then voters being lost before risks and doubts, then how many, then age."""
    return sorted(alerts, key=urgency)


def shown(alerts: Iterable[Alert]) -> list[Alert]:
    """The alerts that every screen is sent: the most important ones. The field page asks for the rest."""
    return ranked(alerts)[:SHOWN_ALERTS]


def alert_row(alert: Alert, place: str, stage: Stage | None = None) -> dict[str, Any]:
    """An alert as a screen shows it; what is not known is left out. `stage`: how far people are with it.

    Of those people only who took it is named, as they wished to be; who was sent is nobody's business here.

    Its last look is left out too: that changes with every pass, and the row would go to every screen again.
    """
    row = {
        "id": alert.id,
        "kind": alert.kind,
        "severity": alert.severity,
        "precinct": alert.precinct,
        "site": alert.site,
        "place": place,
        "region": alert.region,
        "raised_ms": round(alert.raised_at.timestamp() * 1000),
        "reason": brief(alert.reason),
        "expected": _rounded(alert.expected),
        "low": _rounded(alert.expected_low),
        "high": _rounded(alert.expected_high),
        "reported": alert.reported,
        "shortfall": _rounded(alert.shortfall),
        "probability": None if alert.probability is None else round(alert.probability, 3),
        "status": alert.status,
        "owner": alert.owner,
        "handling": stage.status if stage is not None and stage.status in HELD else None,
        "deadline_ms": stage.deadline_ms if stage is not None and stage.status in HELD else None,
    }
    return {key: value for key, value in row.items() if value is not None}


def brief(reason: str) -> str:
    """The start of a reason, in whole clauses where it can be: a wall shows two lines, the field page all.

    >>> brief("57 of 81 expected by 11:35")
    '57 of 81 expected by 11:35'
    """
    while len(reason) > CLAUSE_LETTERS and "; " in reason:
        reason = reason.rpartition("; ")[0]
    if len(reason) <= REASON_LETTERS:
        return reason
    return reason[:REASON_LETTERS].rpartition(" ")[0].rstrip(",:;") + " …"


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)


def detail(forecast: Forecast, band: Band, i: int, reason: str, opens_ms: int, at_ms: int) -> dict[str, Any]:
    """What the model says of one precinct: for the chart and the panel."""
    return {
        "state": STATES[int(forecast.state[i])],
        "expected": _interval(forecast.expected_now[i], forecast.expected_now_low[i], forecast.expected_now_high[i]),
        "final": _interval(forecast.final[i], forecast.final_low[i], forecast.final_high[i]),
        "shortfall_probability": round(float(forecast.shortfall_probability[i]), 3),
        "reason": reason,
        "band": {
            "at_ms": [round(opens_ms + float(m) * 60_000) for m in band.minute],
            "low": _tenths(band.low),
            "mid": _tenths(band.mid),
            "high": _tenths(band.high),
        },
        "as_of_ms": at_ms,
    }


def _interval(value: float, low: float, high: float) -> dict[str, int]:
    return {"value": round(float(value)), "low": round(float(low)), "high": round(float(high))}


def _tenths(values: Sequence[float] | Floats) -> list[float]:
    return [round(float(v), 1) for v in values]
