"""Redeployment problems for the bench: a day's people, and its shortfalls as a backtest saw them."""

import json
from dataclasses import dataclass
from datetime import datetime
from math import erf, sqrt
from pathlib import Path

import numpy as np
import pandas as pd

from anomaly.backtest import run_backtest
from anomaly.redeploy_terms import Helper, Need, RedeployProblem
from warroom.cli.backtest import read_reports
from warroom.dayfolder import DayFolder, load_day
from warroom.loading import frames_of

Z90 = 2 * 1.645  # width of a 90 % interval in standard deviations
SURE = 0.9  # a precinct that the model does not flag is in need only above this probability
ROOM = 6


@dataclass(frozen=True)
class BenchDay:
    """A day folder, its people, and what a backtest wrote about it."""

    folder: DayFolder
    helpers: tuple[Helper, ...]
    forecasts: pd.DataFrame
    alerts: list[dict]

    def at(self, clock: str) -> RedeployProblem:
        """The problem at a local HH:MM for which the backtest has a forecast."""
        day = self.folder.day
        hour, minute = map(int, clock.split(":"))
        now = (hour - day.polls_open.hour) * 60.0 + minute - day.polls_open.minute
        on_duty = [h for h in self.helpers if h.shift_end_min is None or h.shift_end_min > now]
        moment = day.opens_at.timestamp() + now * 60
        return RedeployProblem(
            helpers=tuple(on_duty),
            needs=self._needs(clock, moment),
            now_min=now,
            close_min=float(day.minutes_open),
            opens_clock_minutes=day.polls_open.hour * 60 + day.polls_open.minute,
        )

    def _needs(self, clock: str, moment: float) -> tuple[Need, ...]:
        kind = self._kinds(moment)
        frame = self.forecasts[self.forecasts["at"] == clock].merge(self.folder.precincts, on="precinct_id")
        frame = frame[frame["reported"].notna() & frame["state"].isin(["ok", "low", "watch"]) & frame["lat"].notna()]
        needs = []
        for row in frame.itertuples():
            short = row.expected_now - row.reported
            spread = max((row.expected_now_high - row.expected_now_low) / Z90, 1e-6)
            probability = float(_normal_below(short / spread))
            if short < 3 or (row.state == "ok" and probability < SURE):
                continue
            needs.append(
                Need(
                    precinct_id=row.precinct_id,
                    name=row.name,
                    site_id=row.site_id,
                    shortfall=short,
                    shortfall_low=max(0.0, row.expected_now_low - row.reported),
                    shortfall_high=max(short, row.expected_now_high - row.reported),
                    probability=round(probability, 4),
                    kind=kind.get(row.precinct_id) or kind.get(row.site_id) or "low_turnout",
                    lat=row.lat,
                    lon=row.lon,
                    unvoted=None if np.isnan(row.registered) else max(0.0, row.registered - row.reported),
                    max_people=ROOM,
                )
            )
        return tuple(needs)

    def _kinds(self, moment: float) -> dict[str, str]:
        """{precinct or site: kind} of the stoppages and slowdowns open at a moment."""
        found = {}
        for alert in self.alerts:
            opened = datetime.fromisoformat(alert["raised_at"]).timestamp()
            closed = alert.get("closed_at")
            over = bool(closed) and datetime.fromisoformat(closed).timestamp() <= moment
            if alert["kind"] in ("stoppage", "slowdown") and opened <= moment and not over:
                found[alert.get("precinct") or alert.get("site")] = alert["kind"]
        return found


def _normal_below(z: float) -> float:
    return 0.5 * (1 + erf(z / sqrt(2)))


def backtested(folder: DayFolder, out: Path, clocks: list[str]) -> tuple[pd.DataFrame, list[dict]]:
    """(forecasts, alerts) of a day; a backtest already in `out` with these checkpoints is read again."""
    file = out / "forecasts.csv"
    if not file.is_file() or not set(clocks) <= set(pd.read_csv(file, usecols=["at"])["at"]):
        reports, _ = read_reports(folder.reports)
        out.mkdir(parents=True, exist_ok=True)
        run_backtest(frames_of(folder), reports, out, clocks)
    alerts = [json.loads(line) for line in (out / "alerts.jsonl").read_text().splitlines()]
    return pd.read_csv(file, dtype={"precinct_id": str}), alerts


def recorded_day(path: Path, out: Path, clocks: list[str], volunteers: int = 0, seed: int = 7) -> BenchDay:
    """A day folder with its own shifts, or with `volunteers` made-up people."""
    folder = load_day(path)
    people = made_up_people(folder, volunteers, seed) if volunteers else own_people(folder)
    return BenchDay(folder, people, *backtested(folder, out, clocks))


def own_people(folder: DayFolder) -> tuple[Helper, ...]:
    """One helper for each shift: at their post, watchers covering the site, canvassers in a precinct."""
    known = folder.volunteers.set_index("volunteer_id")
    site = folder.sites.set_index("site_id")[["lat", "lon"]]
    precinct = folder.precincts.set_index("precinct_id")[["lat", "lon"]]
    opens = folder.day.opens_at.timestamp()
    out = []
    for number, row in enumerate(folder.shifts.itertuples()):
        person, canvasses = known.loc[row.volunteer_id], bool(row.precinct_id)
        where = precinct.loc[row.precinct_id] if canvasses else site.loc[row.site_id]
        out.append(
            Helper(
                volunteer_id=f"{row.volunteer_id}/{number}",
                site_id=row.site_id,
                precinct_id=row.precinct_id,
                covers=not canvasses,
                lat=float(where["lat"]),
                lon=float(where["lon"]),
                has_car=bool(person["has_car"]),
                languages=frozenset(str(person["languages"]).split(";")),
                shift_start_min=(row.start.timestamp() - opens) / 60,
                shift_end_min=(row.end.timestamp() - opens) / 60,
            )
        )
    return tuple(out)


def made_up_people(folder: DayFolder, count: int, seed: int) -> tuple[Helper, ...]:
    """Seeded volunteers at work: half watch a site, half canvass a precinct; where voters are many, more."""
    rng = np.random.default_rng(seed)
    places = folder.precincts.dropna(subset=["lat", "lon"]).reset_index(drop=True)
    weight = places["registered"].fillna(0).to_numpy() + 1.0
    site = folder.sites.dropna(subset=["lat", "lon"]).set_index("site_id")[["lat", "lon"]]
    chosen = rng.choice(len(places), count, p=weight / weight.sum())
    length = float(folder.day.minutes_open)
    out = []
    for k, where in enumerate(chosen.tolist()):
        row = places.loc[where]
        watches = bool(rng.random() < 0.5) and row["site_id"] in site.index
        at = site.loc[row["site_id"]] if watches else row
        out.append(
            Helper(
                volunteer_id=f"V{k:04d}",
                site_id=row["site_id"],
                precinct_id="" if watches else row["precinct_id"],
                covers=watches,
                lat=float(at["lat"]),
                lon=float(at["lon"]),
                has_car=bool(rng.random() < 0.3),
                languages=frozenset({"en", *(["es"] if rng.random() < 0.25 else [])}),
                shift_start_min=-30.0,
                shift_end_min=float(rng.choice([length * 0.55, length * 0.8, length])),
            )
        )
    return tuple(out)
