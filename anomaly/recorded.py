"""A recorded day put through the model: how wide its intervals were by hour, and what it alerted.

There is no truth in a day folder, so nothing here says whether the model was right.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from anomaly.backtest import run_backtest
from anomaly.frames import DayFrames


@dataclass(frozen=True)
class Hour:
    """At `clock`: citywide total (ballots), half-widths of the 90 % intervals as shares of their forecast.

    heard: precincts with a believed reading; precinct_heard, precinct_silent: the median
    half-width of those with and without one, None where there is none.
    """

    clock: str
    total: float
    total_low: float
    total_high: float
    heard: int
    precinct_heard: float | None
    precinct_silent: float | None


@dataclass(frozen=True)
class RecordedDay:
    """What a recording led to.

    readings: used; unread: {reason: reports}; alerts: {kind: number}; busiest_hour: most new
    alerts in a clock hour.
    """

    readings: int
    unread: dict[str, int]
    hours: tuple[Hour, ...]
    alerts: dict[str, int]
    busiest_hour: int


def recorded_day(
    frames: DayFrames, reports: Iterable[Any], progress: Callable[[int, int], None] | None = None
) -> RecordedDay:
    """Run the reports through the model, looking at every full hour of voting and at the close."""
    day = frames.day
    clocks, at = [], day.opens_at + timedelta(hours=1)
    while at < day.closes_at:
        clocks.append(f"{at:%H:%M}")
        at += timedelta(hours=1)
    clocks.append(f"{day.closes_at:%H:%M}")
    with tempfile.TemporaryDirectory() as folder:
        result = run_backtest(frames, reports, folder, clocks, progress)
        precincts = pd.read_csv(Path(folder) / "forecasts.csv", dtype={"at": str, "precinct_id": str})
        totals = pd.read_csv(Path(folder) / "totals.csv", dtype={"at": str, "region": str})
        alerts = [json.loads(line) for line in (Path(folder) / "alerts.jsonl").read_text(encoding="utf-8").splitlines()]
    whole = totals[totals["region"] == "ALL"].set_index("at")
    by_clock = dict(list(precincts.groupby("at")))
    raised = pd.to_datetime(pd.Series([a["raised_at"] for a in alerts], dtype=str), utc=True)
    return RecordedDay(
        readings=result.readings,
        unread=dict(result.unread),
        hours=tuple(_hour(clock, by_clock[clock], whole.loc[clock]) for clock in clocks),
        alerts=dict(Counter(a["kind"] for a in alerts).most_common()),
        busiest_hour=int(raised.dt.floor("h").value_counts().max()) if alerts else 0,
    )


def _hour(clock: str, rows: pd.DataFrame, total: "pd.Series[float]") -> Hour:
    half = (rows["final_high"] - rows["final_low"]) / (2 * rows["final"].clip(lower=1.0))
    heard = rows["reported"].notna()
    return Hour(
        clock,
        float(total["final"]),
        float(total["final_low"]),
        float(total["final_high"]),
        int(heard.sum()),
        float(half[heard].median()) if heard.any() else None,
        float(half[~heard].median()) if (~heard).any() else None,
    )
