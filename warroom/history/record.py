"""A day in figures: everything the after-action report shows, and nothing about how it looks."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import numpy as np

from anomaly.effect import Effect, effect_of, panel_of, pooled
from anomaly.forecast import STATES, Forecast, Total
from anomaly.frames import DayFrames
from anomaly.ledger import VOID
from warroom.history.calibration import Calibration, calibration_of
from warroom.history.contacts import contacts_since
from warroom.history.fates import fate_rows
from warroom.history.frame import Names, early_row
from warroom.history.outcome import alert_rows, dispatches_of
from warroom.history.rerun import AFTER_CLOSE_MINUTES, STEP_MINUTES, Moment, Rerun
from warroom.history.sources import Source
from warroom.history.texts import start_minutes, text_rows
from warroom.history.waits import incident_rows, wait_rows
from warroom.store.wire import epoch_ms
from warroom.texting.effect import Effect as TextEffect

CLOCKS = (time(9), time(12), time(15), time(18))
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Checkpoint:
    """A time of the day: planned before it, cast by then and at the close as seen then, and what came by then."""

    clock: str
    minute: float
    planned: Total
    votes: Total
    final: Total
    came: float
    heard: int


@dataclass(frozen=True)
class Record:
    """One day. Ballots, minutes since the opening, epoch ms; rows are plain mappings for the page."""

    frames: DayFrames
    origin: str
    complete: bool
    readings: int
    totals: dict[str, int]
    heard: int
    early: int | None
    planned: Total
    final: Total
    checkpoints: list[Checkpoint]
    curve: list[tuple[float, float, float, float]]  # minute, planned, low, high
    seen: list[tuple[float, float]]
    alerts: list[dict[str, Any]]
    own_alerts: bool  # of the room itself, not recomputed
    regions: list[dict[str, Any]]
    short: list[dict[str, Any]]
    feeds: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    silent: list[dict[str, Any]]
    waits: list[dict[str, Any]]
    incidents: list[dict[str, Any]]
    dispatches: list[dict[str, Any]]
    common: tuple[float, float, float] | None
    texts: list[dict[str, Any]]
    texts_effect: TextEffect | None
    calibration: Calibration | None
    finals_known: bool = field(default=False)


def record_of(
    frames: DayFrames, source: Source, finals: Mapping[str, float] | None = None, progress: Progress | None = None
) -> Record:
    """Run the day once more and gather what the report needs. `finals` is {precinct id: ballots}."""
    rerun, names, tape = Rerun(frames), Names(frames), source.tape
    until = float(frames.day.minutes_open + AFTER_CLOSE_MINUTES)
    marks, whole = _marks(frames), rerun.left(until)
    opens_ms, ends_ms = epoch_ms(frames.day.opens_at), epoch_ms(frames.day.closes_at)
    starts = start_minutes(source.texts, opens_ms, STEP_MINUTES)
    held: dict[float, Moment] = {}
    at_start: dict[str, Forecast] = {}
    last: Moment | None = None
    for done, last in enumerate(rerun.go(tape, until), 1):
        if last.minute in marks:
            held[last.minute] = last
        at_start |= {request: last.forecast for request, minute in starts.items() if minute == last.minute}
        if progress is not None:
            progress(done, whole)
    assert last is not None  # the grid begins with the opening
    own = bool(source.alerts)
    alerts = alert_rows(source.alerts, source.handlings, ends_ms) if own else _fates(rerun, names, ends_ms)
    for row in alerts:
        row["place"] = _place(names, row)
    moments = [held[m] for m in sorted(held)]
    latest = float(tape.readings.received_min[-1]) if len(tape.readings.key) else -np.inf
    dispatches, common = _dispatches(rerun, names, source, opens_ms)
    texts, texts_effect = text_rows(source.texts, names.place, at_start, last.forecast)
    return Record(
        frames=frames, origin=source.origin, complete=latest >= frames.day.minutes_open - 30,
        readings=len(tape.readings.key), totals=_totals(rerun, source, last),
        heard=int((last.forecast.reported >= 0).sum()), early=(early_row(frames) or {}).get("value"),
        planned=rerun.plan.by(frames.day.minutes_open), final=last.forecast.totals["ALL"],
        checkpoints=[_checkpoint(rerun, m, marks[m.minute], last.forecast) for m in moments],
        curve=_plan_curve(rerun), seen=[(float(m), float(v)) for m, v in rerun.seen.items()],
        alerts=alerts, own_alerts=own, regions=_regions(rerun, last.forecast),
        short=_short(names, last.forecast, frames, opens_ms),
        feeds=[{"feed": feed, "received": n} for feed, n in sorted(source.received.items())],
        rejects=_rejects(source), silent=_silent(names, rerun, last.forecast, opens_ms),
        waits=wait_rows(tape.told, names), incidents=incident_rows(tape.told, names),
        dispatches=dispatches, common=common, texts=texts, texts_effect=texts_effect, finals_known=finals is not None,
        calibration=None if finals is None  # the finals come from people, after the day
        else calibration_of(names.place, moments, marks, last.forecast, alerts, finals),
    )  # fmt: skip


def _marks(frames: DayFrames) -> dict[float, str]:
    """{minute: clock} of the checkpoints within the hours of voting, moved to the next step where off the grid."""
    day, found = frames.day, {}
    for clock in CLOCKS:
        minute = day.minute_of(datetime.combine(day.date, clock, day.tz))
        if 0 < minute < day.minutes_open:
            step = float(np.ceil(minute / 5) * 5)
            found[step] = f"{day.moment_of(step):%H:%M}"
    return found


def _checkpoint(rerun: Rerun, moment: Moment, clock: str, end: Forecast) -> Checkpoint:
    came = end.totals["ALL"].value * float(np.interp(moment.minute, end.curve_minutes, end.curve))
    f = moment.forecast
    return Checkpoint(clock, moment.minute, rerun.plan.by(moment.minute), f.votes_now, f.totals["ALL"], came,
                      int((f.reported >= 0).sum()))  # fmt: skip


def _plan_curve(rerun: Rerun) -> list[tuple[float, float, float, float]]:
    minutes = np.append(np.arange(0, rerun.frames.day.minutes_open, 30.0), rerun.frames.day.minutes_open)
    totals = [(float(m), rerun.plan.by(float(m))) for m in minutes]
    return [(m, t.value, t.low, t.high) for m, t in totals]


def _fates(rerun: Rerun, names: Names, ends_ms: int) -> list[dict[str, Any]]:
    """Alerts as this run raised them; nobody handled these."""
    rows = fate_rows(rerun.fates.values(), names)
    for row in rows:
        over = row["closed_ms"]
        row.update(over_ms=over, by=None, taken_ms=None, shortfall=row["worst"],
                   how="never closed" if over is None else "closed by itself",
                   minutes=round(((over or max(ends_ms, row["raised_ms"])) - row["raised_ms"]) / 60_000))  # fmt: skip
    return rows


def _place(names: Names, row: dict[str, Any]) -> str:
    if row["precinct"]:
        return names.precinct.get(row["precinct"], row["precinct"])
    return names.site.get(row["site"] or "", row["site"] or row["region"] or "")


def _totals(rerun: Rerun, source: Source, last: Moment) -> dict[str, int]:
    """Where every report went: as the room's tally counted them, else as the model judged the counts."""
    if source.totals is not None:
        t = source.totals
        return {"received": t.received, "accepted": t.accepted, "suspect": t.suspect, "rejected": t.rejected,
                "repeated": t.repeated}  # fmt: skip
    ledger, reason = rerun.model.ledger, rerun.model.beliefs.reason[: rerun.model.ledger.size]
    believed = int(((reason <= 2) & (ledger.count[: ledger.size] > VOID)).sum())
    others, refused = len(source.tape.told), len(source.tape.refused)
    suspect = ledger.size - believed
    received = sum(source.received.values())
    accepted = believed + others + last.heard - ledger.size
    return {"received": received, "accepted": accepted, "suspect": suspect, "rejected": refused,
            "repeated": max(0, received - accepted - suspect - refused)}  # fmt: skip


def _short(names: Names, f: Forecast, frames: DayFrames, opens_ms: int, most: int = 25) -> list[dict[str, Any]]:
    """Precincts by voters short of their expectation at the close, those that have evidence of it."""
    gap = np.where(f.reported >= 0, f.expected_final - f.final, 0.0)
    regions = frames.precincts["region"].tolist() if "region" in frames.precincts else [""] * len(gap)
    ids = list(names.place)
    rows = []
    for i in np.argsort(-gap, kind="stable")[:most].tolist():
        if gap[i] < 1 or f.shortfall_probability[i] < 0.4:
            continue
        rows.append({
            "place": names.precinct.get(ids[i], ids[i]), "precinct": ids[i], "region": str(regions[i] or ""),
            "expected": float(f.expected_final[i]), "final": float(f.final[i]), "low": float(f.final_low[i]),
            "high": float(f.final_high[i]), "short": float(gap[i]), "probability": float(f.shortfall_probability[i]),
            "reported": int(f.reported[i]), "at_ms": round(opens_ms + float(f.reported_at_min[i]) * 60_000),
        })  # fmt: skip
    return rows


def _regions(rerun: Rerun, f: Forecast) -> list[dict[str, Any]]:
    """Each region: planned before the day and cast, the one that stayed home most first."""
    places = rerun.model.places
    planned = np.bincount(places.region, rerun.model.prior.ballots, len(places.region_names))
    rows = []
    for r, name in enumerate(places.region_names):
        final = f.totals[name or "(no region)"]
        rows.append({"region": name or "(no region)", "planned": float(planned[r]), "final": final,
                     "gap": final.value / planned[r] - 1 if planned[r] else 0.0})  # fmt: skip
    return sorted(rows, key=lambda row: (row["gap"], row["region"]))


def _rejects(source: Source) -> list[dict[str, Any]]:
    """The reject list by reason and remedy, the most frequent first, with the first place it was seen."""
    count: Counter[tuple[str, str, str]] = Counter()
    where: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in source.tape.refused:
        key = (str(row.get("reason", "")), str(row.get("field", "")), str(row.get("remedy", "")))
        count[key] += 1
        where.setdefault(key, row)
    return [
        {"reason": key[0], "field": key[1], "remedy": key[2], "number": number,
         "where": str(where[key].get("where", "")), "sample": str(where[key].get("sample", ""))}
        for key, number in count.most_common()
    ]  # fmt: skip


def _silent(names: Names, rerun: Rerun, f: Forecast, opens_ms: int) -> list[dict[str, Any]]:
    """Sites (or precincts without one) that were never heard, or were silent at the end, the quietest first."""
    groups: dict[str, list[int]] = {}
    ids = list(names.place)
    quiet = (f.reported < 0) | (f.state == STATES.index("silent"))
    for i in np.flatnonzero(quiet).tolist():
        site = str(names.site_of[i])
        groups.setdefault(
            names.site.get(site, site) if site not in ("", "nan") else names.precinct.get(ids[i], ids[i]), []
        ).append(i)
    heard = rerun.model.beliefs.heard_minute
    rows = []
    for name, members in groups.items():
        newest = heard[members]
        last = float(np.nanmax(newest)) if np.isfinite(newest).any() else None
        rows.append({"place": name, "precincts": len(members), "never": int((~np.isfinite(newest)).sum()),
                     "last_ms": None if last is None else round(opens_ms + last * 60_000)})  # fmt: skip
    return sorted(rows, key=lambda r: (r["last_ms"] or 0, -r["precincts"], r["place"]))


def _dispatches(
    rerun: Rerun, names: Names, source: Source, opens_ms: int
) -> tuple[list[dict[str, Any]], tuple[float, float, float] | None]:
    """Each dispatch with its effect, and the common effect of all; nothing where nobody was sent."""
    members: dict[str, list[str]] = {}
    for precinct, site in zip(names.place, names.site_of, strict=True):
        members.setdefault(str(site), []).append(precinct)
    sent = [
        d
        for d in dispatches_of(source.alerts, source.handlings, source.tape.told, members)
        if d.precinct_id in names.place
    ]
    if not sent:
        return [], None
    panel = believed_panel(rerun)
    touched = np.zeros(len(names.place), dtype=bool)
    touched[[names.place[d.precinct_id] for d in sent]] = True
    rows: list[dict[str, Any]] = []
    effects: list[Effect] = []
    for d in sent:
        arrived = None if d.arrived_ms is None else (d.arrived_ms - opens_ms) / 60_000
        effect = effect_of(panel, names.place[d.precinct_id], arrived, touched)
        effects.append(effect)
        rows.append({"place": names.precinct.get(d.precinct_id, d.precinct_id), "volunteer": d.volunteer,
                     "sent_ms": d.dispatched_ms, "arrived_ms": d.arrived_ms, "effect": effect,
                     "contacts": contacts_since(source.tape.told, d.precinct_id, d.dispatched_ms)})  # fmt: skip
    return rows, pooled(effects)


def believed_panel(rerun: Rerun) -> Any:
    """The believed readings of the day, as `anomaly.effect` wants them."""
    model = rerun.model
    ledger, beliefs = model.ledger, model.beliefs
    n = model.places.count
    minute = np.arange(0.0, rerun.frames.day.minutes_open + 0.1, 5.0)
    expected = model.fit.ballots_by()(np.arange(n), np.tile(minute, (n, 1)))
    readings = []
    for i in range(n):
        slots = np.array(ledger.slots[i], dtype=np.int64)
        slots = slots[(beliefs.reason[slots] <= 2) & (ledger.count[slots] > VOID)] if len(slots) else slots
        slots = slots[np.lexsort((ledger.count[slots], beliefs.minute[slots]))]
        readings.append((beliefs.minute[slots], ledger.count[slots].astype(np.float64)))
    return panel_of(model.places.ids, minute, readings, expected, model.prior.ballots, model.places.region)
