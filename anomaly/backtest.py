"""Replay of a recorded day: only what had been received by each moment is used."""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from anomaly.arrays import Floats, Ints
from anomaly.detector import AlarmSettings, Detector
from anomaly.forecast import STATES, Forecast
from anomaly.frames import DayFrames
from anomaly.ledger import VOID, ReadingBatch, batch_of
from anomaly.live import LiveModel
from warroom.domain.alerts import Alert

STEP_MINUTES = 5.0
FORECASTS = (
    "at",
    "precinct_id",
    "state",
    "reported",
    "expected_now",
    "expected_now_low",
    "expected_now_high",
    "final",
    "final_low",
    "final_high",
)
TOTALS = ("at", "region", "final", "final_low", "final_high")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class BacktestResult:
    """Counts of what a backtest read and wrote; `unread` says why reports could not be used."""

    readings: int
    unread: dict[str, int]
    steps: int
    alerts: int


def run_backtest(
    frames: DayFrames,
    reports: Iterable[Any],
    out_dir: Path | str,
    checkpoints: Sequence[str],
    progress: Progress | None = None,
    settings: AlarmSettings | None = None,
) -> BacktestResult:
    """Step through the day and write forecasts.csv, totals.csv and alerts.jsonl into `out_dir`.

    reports: decoded reports, objects or mappings, dirt included, in any order. checkpoints:
    local "HH:MM". progress(done, all) is called after every step. Raises ValueError for a
    checkpoint that is not HH:MM.
    """
    model = LiveModel(frames)
    detector = Detector(model, settings)
    batch, unread = read_reports(frames, reports)
    marks = {_minute_of(frames, c): c for c in checkpoints}
    end = max([float(frames.day.minutes_open), *marks])
    steps = sorted({*np.arange(STEP_MINUTES, end + 0.01, STEP_MINUTES).tolist(), *marks, end})
    order = np.argsort(batch.received_min, kind="stable")
    received = batch.received_min[order]
    alerts: dict[str, Alert] = {}
    written: list[tuple[str, Forecast]] = []
    done = 0
    for number, now in enumerate(steps, 1):
        upto = int(np.searchsorted(received, now, side="right"))
        if upto > done:
            model.observe(_take(batch, order[done:upto]))
            done = upto
        forecast = model.forecast(now)
        if now <= frames.day.minutes_open:
            for change in detector.step(forecast, now):
                # Written as it last stood; when it closes, as it stood before.
                before = alerts.get(change.alert.id, change.alert)
                alerts[change.alert.id] = change.alert if change.action != "close" else _closed(before, change.alert)
        if now in marks:
            written.append((marks[now], forecast))
        if progress is not None:
            progress(number, len(steps))
    _write(Path(out_dir), model, written, list(alerts.values()))
    return BacktestResult(len(batch.key), unread, len(steps), len(alerts))


def _closed(first: Alert, last: Alert) -> Alert:
    return msgspec.structs.replace(first, status="closed", closed_at=last.closed_at)


def _minute_of(frames: DayFrames, clock: str) -> float:
    try:
        at = time.fromisoformat(clock.strip())
    except ValueError:
        raise ValueError(f"checkpoint {clock!r} is not a local time HH:MM") from None
    day = frames.day
    return day.minute_of(datetime.combine(day.date, at, day.tz))


def read_reports(frames: DayFrames, reports: Iterable[Any]) -> tuple[ReadingBatch, dict[str, int]]:
    """Decoded reports as readings, and how many could not be used, by reason."""
    index = {str(p): i for i, p in enumerate(frames.precincts["precinct_id"])}
    alone = _precincts_alone(frames)
    reader = _Reader(frames, index, alone)
    for report in reports:
        reader.take(report)
    return reader.batch(), reader.unread


def _precincts_alone(frames: DayFrames) -> dict[str, int]:
    """Sites with one precinct: a report of the whole site is one of that precinct."""
    if "site_id" not in frames.precincts:
        return {}
    sites = frames.precincts["site_id"].reset_index(drop=True).dropna()
    once = sites[~sites.duplicated(keep=False) & (sites != "")]
    return {str(s): int(i) for i, s in once.items()}


class _Reader:
    def __init__(self, frames: DayFrames, index: dict[str, int], alone: dict[str, int]) -> None:
        self.frames, self.index, self.alone = frames, index, alone
        self.unread: dict[str, int] = {}
        self.rows: list[tuple[int, float, float, int, int, int, int]] = []
        self.keys: dict[tuple[str, str], int] = {}
        self.by_id: dict[str, int] = {}
        self.sources: dict[str, int] = {}
        self.corrections: dict[int, int] = {}
        self.waiting: dict[str, int] = {}
        self._keys_given = 0

    def _fresh(self) -> int:
        self._keys_given += 1
        return self._keys_given

    def take(self, report: Any) -> None:
        get = _getter(report)
        kind = get("kind") or getattr(getattr(report, "__struct_config__", None), "tag", None)
        problem = None
        if kind == "checkins":
            problem = self._checkins(get)
        elif kind == "correction":
            problem = self._correction(get)
        if problem:
            self.unread[problem] = self.unread.get(problem, 0) + 1

    def _checkins(self, get: Callable[[str], Any]) -> str | None:
        count, at = _count(get("count")), self._minute(get("at"))
        received = self._minute(get("received"))
        place = self.index.get(str(get("precinct")), -1)
        if place < 0 and not get("precinct"):
            place = self.alone.get(str(get("site")), -1)
        if count is None:
            return "no count"
        if place < 0:
            return "unknown precinct"
        if at is None:
            return "no time"
        source, name = str(get("source")), str(get("id"))
        if (source, name) in self.keys:
            return "repeated"
        # A correction may have come first: then the report it waits for takes its key.
        key = self.waiting.pop(name) if name in self.waiting else self._fresh()
        self.keys[(source, name)] = key
        self.by_id.setdefault(name, key)
        code = self.sources.setdefault(source, len(self.sources))
        self.rows.append((place, at, at if received is None else received, count, code, key, 0))
        return None

    def _correction(self, get: Callable[[str], Any]) -> str | None:
        count = VOID if get("void") else _count(get("count"))
        if count is None:
            return "no count"
        at = self._minute(get("received"))
        at = self._minute(get("at")) if at is None else at
        if at is None:
            return "no time"
        name = str(get("corrects"))
        key = self.keys.get((str(get("source")), name), self.by_id.get(name, -1))
        if key < 0:
            key = self.by_id[name] = self.waiting[name] = self._fresh()
        revision = self.corrections[key] = self.corrections.get(key, 0) + 1
        self.rows.append((-1, at, at, count, 0, key, revision))
        return None

    def _minute(self, value: Any) -> float | None:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            return None
        return self.frames.day.minute_of(value)

    def batch(self) -> ReadingBatch:
        return batch_of(self.rows)


def _getter(report: Any) -> Callable[[str], Any]:
    """Reads a field of a mapping or of an object; None where it has none."""
    if isinstance(report, dict):
        return report.get
    return lambda name: getattr(report, name, None)


def _count(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        return None
    return int(value) if 0 <= value <= 10_000_000 else None


def _take(batch: ReadingBatch, pick: Ints) -> ReadingBatch:
    return ReadingBatch(
        batch.precinct[pick],
        batch.at_min[pick],
        batch.received_min[pick],
        batch.count[pick],
        batch.source[pick],
        batch.key[pick],
        batch.revision[pick],
    )


def _write(out: Path, model: LiveModel, forecasts: list[tuple[str, Forecast]], alerts: list[Alert]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with (out / "forecasts.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(FORECASTS)
        for at, forecast in forecasts:
            table.writerows(_forecast_rows(at, model.places.ids, forecast))
    with (out / "totals.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(TOTALS)
        for at, forecast in forecasts:
            table.writerows(
                (at, name, f"{t.value:.1f}", f"{t.low:.1f}", f"{t.high:.1f}") for name, t in forecast.totals.items()
            )
    with (out / "alerts.jsonl").open("w", encoding="utf-8") as file:
        for alert in sorted(alerts, key=lambda a: (a.raised_at, a.id)):
            file.write(json.dumps(_alert_row(alert, model)) + "\n")


def _forecast_rows(at: str, ids: Sequence[str], f: Forecast) -> Iterable[tuple[object, ...]]:
    numbers: list[Floats] = [
        f.expected_now,
        f.expected_now_low,
        f.expected_now_high,
        f.final,
        f.final_low,
        f.final_high,
    ]
    text = [[f"{value:.2f}" for value in column.tolist()] for column in numbers]
    state = [STATES[code] for code in f.state.tolist()]
    reported = ["" if count < 0 else str(count) for count in f.reported.tolist()]
    return zip([at] * len(ids), ids, state, reported, *text, strict=True)


def _alert_row(alert: Alert, model: LiveModel) -> dict[str, object]:
    row: dict[str, object] = msgspec.to_builtins(alert)
    tz = model.frames.day.tz
    for name in ("raised_at", "updated_at", "closed_at"):
        moment = getattr(alert, name)
        row[name] = moment.astimezone(tz).isoformat(timespec="seconds") if moment else None
    return {name: value for name, value in row.items() if value is not None}
