"""The usual way, for comparison: the last comparable election, rescaled, and a z-score on it.

Expected final = ballots of the last like election times the median of count / share of day
so far over the reporting precincts; what a precinct has already counted is added to the
rest of that. A precinct is flagged when its log ratio lies two robust standard deviations
under the others'. Readings are taken as they come: the last one counts.
"""

import csv
import json
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path

import numpy as np

from anomaly.backtest import FORECASTS, TOTALS, read_reports
from anomaly.curve import bins_of, share_cast, starting_shares
from anomaly.frames import DayFrames, places_of
from anomaly.turnout import prior_of

STEP_MINUTES = 30.0
FLAG_BELOW = -2.0
LEAST_SHARE = 0.02  # of the day, before which a reading says nothing


def run_naive(frames: DayFrames, reports: Sequence[object], out: Path, checkpoints: Sequence[str]) -> None:
    """Write the three files of a backtest, as the usual way would have it."""
    day = frames.day
    places = places_of(frames)
    like = prior_of(frames, places).like_ballots
    like = np.where(np.isfinite(like), like, np.nanmedian(like) if np.isfinite(like).any() else 200.0) + 1.0
    minutes = float(day.minutes_open)
    curve = np.log(starting_shares(day.polls_open, day.polls_close, minutes))
    batch, _ = read_reports(frames, reports)
    order = np.argsort(batch.received_min, kind="stable")
    order = order[(batch.precinct[order] >= 0) & (batch.at_min[order] >= 0) & (batch.count[order] >= 0)]
    marks = {day.minute_of(datetime.combine(day.date, time.fromisoformat(c), day.tz)): c for c in checkpoints}
    forecasts, totals, alerts = [], [], {}
    for now in sorted({*np.arange(STEP_MINUTES, minutes + 1, STEP_MINUTES).tolist(), *marks}):
        known = order[batch.received_min[order] <= now]
        at, count = np.full(places.count, np.nan), np.full(places.count, np.nan)
        at[batch.precinct[known]] = np.minimum(batch.at_min[known], minutes)
        count[batch.precinct[known]] = batch.count[known]
        share = share_cast(curve, bins_of(minutes), np.nan_to_num(at))
        heard = np.isfinite(count) & (share > LEAST_SHARE)
        ratio = np.where(heard, (np.nan_to_num(count) + 0.5) / np.maximum(share, LEAST_SHARE) / like, np.nan)
        scale = float(np.nanmedian(ratio)) if heard.any() else 1.0
        final = like * scale
        final = np.where(heard, np.nan_to_num(count) + (1 - share) * final, final)
        spread = float(1.4826 * np.nanmedian(np.abs(np.log(ratio / scale)))) if heard.sum() > 10 else 1.0
        z = np.log(np.maximum(ratio, 1e-3) / scale) / max(spread, 0.05)
        for i in np.flatnonzero(heard & (z < FLAG_BELOW)).tolist():
            moment = day.moment_of(now)
            alerts.setdefault(i, _alert(places.ids[i], moment, float(z[i]), float(like[i] * scale * share[i])))
        if now in marks:
            gone = float(share_cast(curve, bins_of(minutes), np.array([now]))[0])
            rows = zip(places.ids, count.tolist(), (like * scale * gone).tolist(), final.tolist(), strict=True)
            forecasts += [_row(marks[now], *row) for row in rows]
            total = float(final.sum())
            totals.append((marks[now], "ALL", round(total, 1), round(total * 0.9, 1), round(total * 1.1, 1)))
    _write(out, forecasts, totals, list(alerts.values()))


def _row(at: str, precinct: str, count: float, expected: float, final: float) -> tuple[object, ...]:
    reported = "" if np.isnan(count) else int(count)
    band = [round(expected * k, 2) for k in (1, 0.7, 1.3)]
    return (
        at,
        precinct,
        "ok",
        reported,
        *band,
        round(final, 2),
        round(final * 0.7, 2),
        round(final * 1.3, 2),
    )


def _alert(precinct: str, moment: datetime, z: float, expected: float) -> dict[str, object]:
    return {
        "id": precinct,
        "kind": "low_turnout",
        "precinct": precinct,
        "raised_at": moment.isoformat(),
        "severity": "medium",
        "expected": round(expected, 1),
        "probability": round(1 / (1 + np.exp(2 * (z + 2))), 4),
        "reason": f"z = {z:.1f}",
    }


def _write(
    out: Path,
    forecasts: list[tuple[object, ...]],
    totals: list[tuple[object, ...]],
    alerts: list[dict[str, object]],
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, head, rows in (("forecasts.csv", FORECASTS, forecasts), ("totals.csv", TOTALS, totals)):
        with (out / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([head, *rows])
    (out / "alerts.jsonl").write_text("".join(json.dumps(a) + "\n" for a in alerts), encoding="utf-8")
