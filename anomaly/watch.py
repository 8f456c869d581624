"""The watch: joins the model to the store. Changes in, expectation, alerts and the board out."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
import numpy as np
import redis

from anomaly import publish
from anomaly.broadcast import Broadcast
from anomaly.detector import Detector
from anomaly.earlyvote import EarlyVote
from anomaly.events import EVENT_KINDS
from anomaly.feedwatch import FeedWatch
from anomaly.forecast import Forecast
from anomaly.frames import DayFrames
from anomaly.gone import close_gone, known_places
from anomaly.happenings import Happenings
from anomaly.intake import ReadingBook
from anomaly.live import LiveModel
from anomaly.plan import Plan
from anomaly.regions import RegionAlerts, RegionNews, map_z, region_news
from anomaly.sofar import votes_so_far
from anomaly.sourcewatch import SourceWatch
from warroom.domain.alerts import Alert, feed_place
from warroom.domain.handling import Handling
from warroom.store.board import BoardStore
from warroom.store.client import Client, trouble
from warroom.store.day import DayClock, loaded_mark, read_roster
from warroom.store.state import Changes, StateReader, UnitState
from warroom.store.wire import epoch_ms

logger = logging.getLogger(__name__)

PUSH_EVERY_S = 0.25  # at most four updates a second: more is flicker
FULL_EVERY_S = 2.0  # the clock moves expectation even when nobody reports
BACK_MINUTES = 5.0  # a clock set back by less is waited for, by more it had been wrong: the day is looked at anew
AGAIN_S = (0.5, 1.0, 2.0, 5.0)  # after a pass that failed


class Watch:
    """One watch for the day. Restarted, it rebuilds itself from the store and keeps open alerts open."""

    def __init__(self, client: Client, frames: DayFrames) -> None:
        self._client = client
        self._day = frames.day
        self._opens_ms = epoch_ms(self._day.opens_at)
        self._ids = [str(p) for p in frames.precincts["precinct_id"]]
        self._place = {pid: n for n, pid in enumerate(self._ids)}
        self._loaded = loaded_mark(client)
        roster = read_roster(client)
        self._known = known_places(roster)
        self._site_of = np.array([p.site_id for p in roster.precincts])
        self._names = {p.precinct_id: p.name or p.precinct_id for p in roster.precincts}
        self._site_names = {s.site_id: s.name or s.site_id for s in roster.sites}
        self._state = StateReader(client)
        self._board = BoardStore(client)
        self._clock = DayClock(client)
        self._happenings = Happenings(client, self._day, roster)
        self._feeds = FeedWatch(client, self._state, self._clock, self._day)
        self._early = EarlyVote(frames)
        self._start_over({})

    def run(self, stop: threading.Event) -> None:
        """Follow the tally until `stop`; a store that is away is waited for, and everything read anew.

        So it is after a pass that failed: the log has the fault, and screens say that the figures stand still.
        """
        failed = 0
        while not stop.is_set():
            try:
                self.load()
                while not stop.is_set():
                    self.turn()
                    failed = 0
            except redis.RedisError as error:
                logger.warning("watch: %s; trying again", trouble(error))
                stop.wait(AGAIN_S[0])
            except Exception:
                wait_s = AGAIN_S[min(failed, len(AGAIN_S) - 1)]
                logger.exception("watch: a pass failed; everything is read anew in %g s", wait_s)
                failed += 1
                stop.wait(wait_s)

    def load(self) -> None:
        """Read the whole state, adopt the alerts that are open, and publish a first board."""
        units = self._state.units()
        self._start_over(units)
        self._anchor = self._clock.anchor()
        self._take(frozenset(units))
        held, now = self._board.alerts(), self._clock.now()
        alerts = [close_gone(a, self._known, now) for a in held]
        self._board.put_alerts([a for a, before in zip(alerts, held, strict=True) if a is not before])
        self._detector.adopt(a for a in alerts if a.kind not in EVENT_KINDS and (a.precinct or a.site))
        self._whole_regions.adopt(alerts)
        self._happenings.load(alerts)
        self._feeds.load(alerts)
        self._sources.adopt(alerts)
        self._pass(stamp_ms=0)

    def turn(self) -> None:
        """Wait for changes, at most until the next full pass is due, and publish what they changed."""
        if self._clock.anchor() != self._anchor:  # a replay began: the day runs from another minute
            self.load()
        back = self._now_min - self._day.minute_of(self._clock.now())
        if back > BACK_MINUTES:
            logger.warning("watch: the clock fell back by %.0f minutes; everything is read anew", back)
            self.load()
        if self._early.has_moved(self._units, time.monotonic()):
            logger.info("watch: the early vote has moved; everything is read anew")
            self.load()
        wait_s = max(0.01, self._full_due_s - time.monotonic())
        changes = self._state.follow(block_ms=int(min(wait_s, 1.0) * 1000) or 1)
        if changes is not None:
            changes = self._collect(changes)
            self._early.hear(changes.units, time.monotonic())
            self._take(changes.units)
            self._happenings.take(changes.places)
            self._pass(changes.stamp_ms)
            self._write_details(changes.looks)
        elif time.monotonic() >= self._full_due_s:
            self._pass(stamp_ms=0)

    def _start_over(self, units: Mapping[str, UnitState]) -> None:
        self._model = LiveModel(self._early.adopt(units))
        self._detector = Detector(self._model)
        self._whole_regions = RegionAlerts()
        self._book = ReadingBook(self._place, self._opens_ms)
        self._sources = SourceWatch(self._client, self._state, self._day)
        self._units: dict[str, UnitState] = {}
        self._broadcast = Broadcast(f"{time.time_ns():x}")
        self._now_min = -np.inf
        self._pushed_s = self._full_due_s = self._regions_due_s = 0.0
        self._regions: dict[str, Any] = {}
        self._plan = Plan(self._day, self._model.prior)

    def _collect(self, changes: Changes) -> Changes:
        """Gather what else arrives until the next push is allowed."""
        units, looks, stamp_ms = set(changes.units), set(changes.looks), changes.stamp_ms
        places = set(changes.places)
        while (left_s := self._pushed_s + PUSH_EVERY_S - time.monotonic()) > 0.001:
            more = self._state.follow(block_ms=max(1, int(left_s * 1000)))
            if more is not None:
                units |= more.units
                places |= more.places
                looks |= more.looks
                stamp_ms = max(stamp_ms, more.stamp_ms)
        return Changes(frozenset(units), frozenset(places), stamp_ms, changes.decided, frozenset(looks))

    def _take(self, units: frozenset[str]) -> None:
        """Bring the changed counters, and their readings, up to date."""
        self._sources.take(units)
        changed = {u: u[2:] for u in units if u.startswith("p:") and u[2:] in self._place}
        states = self._state.unit_states(units)
        for unit in units:
            if unit in states:
                self._units[unit] = states[unit]
            else:
                self._units.pop(unit, None)
        readings = self._state.readings(changed)
        self._model.observe(self._book.batch({changed[u]: rows for u, rows in readings.items()}))

    def _pass(self, stamp_ms: int) -> None:
        """One look at the day: forecast, alerts, board."""
        self._pushed_s = time.monotonic()
        self._full_due_s = self._pushed_s + FULL_EVERY_S
        now = self._clock.now()
        now_min = max(self._now_min, self._day.minute_of(now))  # a small step back never runs alerts backwards
        self._now_min = now_min
        forecast = self._model.forecast(now_min)
        regional = region_news(self._model.fit, forecast)
        self._board.put_alerts([c.alert for c in (*self._feeds.step(now), *self._sources.step(now))])
        if now_min <= self._day.minutes_open + 60:
            self._board.put_alerts([c.alert for c in self._detector.step(forecast, now_min, self._feeds.is_deaf)])
            self._board.put_alerts(self._whole_regions.step(self._model, forecast, regional))
        self._board.put_alerts([c.alert for c in self._happenings.step(forecast, now)])
        self._publish(forecast, regional, epoch_ms(now), stamp_ms)
        self._forecast = forecast

    def _publish(self, forecast: Forecast, regional: RegionNews, at_ms: int, stamp_ms: int) -> None:
        turnout = [*self._detector.open.values(), *self._whole_regions.open.values()]
        open_now = [*turnout, *self._happenings.open, *self._feeds.open, *self._sources.open]
        alerts = self._board.handlings.in_room(open_now, at_ms)
        handled = self._board.handlings.all()
        z = map_z(self._model.fit, forecast, regional)
        cells = publish.cells_of(forecast, z, self._alerted(alerts))
        fit = self._model.fit
        sections = {
            "headline": self._headline(forecast, at_ms, alerts),
            "curve": publish.curve(forecast, votes_so_far(self._model.beliefs, forecast), self._plan),
            "regions": publish.region_table(forecast, regional, fit.places.region, fit.places.region_names),
            "alerts": [self._alert_row(a, handled) for a in publish.shown(alerts)],
            "feeds": self._feeds.rows(),
            "decided": self._board.handlings.mark(),  # another mark: the field page asks for its list anew
        }
        clock = {"now_ms": at_ms, "rate": self._clock.rate()}
        snapshot, delta = self._broadcast.update(self._day_row(), clock, stamp_ms, cells, sections, time.monotonic())
        self._board.put(self._broadcast.seq, snapshot, delta)

    def _alerted(self, alerts: list[Alert]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        marked = np.zeros(len(self._ids), dtype=bool)
        for alert in alerts:
            if alert.precinct is not None and alert.precinct in self._place:
                marked[self._place[alert.precinct]] = True
            elif alert.site is not None:
                marked |= self._site_of == alert.site
        return marked

    def _alert_row(self, alert: Alert, handled: Mapping[str, Handling]) -> dict[str, Any]:
        handling = handled.get(alert.id)
        return publish.alert_row(alert, self._place_name(alert), handling.stage if handling is not None else None)

    def _place_name(self, alert: Alert) -> str:
        if alert.precinct is not None:
            return self._names.get(alert.precinct, alert.precinct)
        if alert.site is not None:
            return self._site_names.get(alert.site, alert.site)
        return alert.region or feed_place(alert)

    def _day_row(self) -> dict[str, Any]:
        day = self._day
        return {"name": day.name, "date": day.date.isoformat(), "timezone": day.timezone,
                "opens_ms": self._opens_ms, "closes_ms": epoch_ms(day.closes_at), "loaded": self._loaded}  # fmt: skip

    def _headline(self, forecast: Forecast, at_ms: int, alerts: list[Alert]) -> dict[str, Any]:
        counted = {u: s for u, s in self._units.items() if s.count >= 0}
        precincts = [s for u, s in counted.items() if u.startswith("p:") and u[2:] in self._place]
        early = [s for u, s in counted.items() if u.startswith("e:")]
        totals = self._state.totals()
        newest_ms = max((s.last_received_ms for s in precincts), default=None)
        return {
            "votes": publish.total(forecast.votes_now, at_ms),
            "reported": {"value": sum(s.count for s in precincts), "at_ms": newest_ms},
            "expected": publish.total(self._plan.by(self._now_min), at_ms),
            "final": publish.total(forecast.totals["ALL"], at_ms),
            "early": {"value": sum(s.count for s in early), "at_ms": max(s.at_ms for s in early)} if early else None,
            "precincts": {"reporting": len(precincts), "total": len(self._ids)},
            "states": publish.state_counts(forecast),
            "reports": {**msgspec.structs.asdict(totals), "repeated": totals.repeated, "at_ms": newest_ms},
            "alerts_open": len(alerts),
            "alert_kinds": dict(Counter(a.kind for a in alerts)),
            **self._happenings.headline(),
        }

    def _write_details(self, precincts: frozenset[str]) -> None:
        details = {}
        at_ms = round(self._opens_ms + self._forecast.now_min * timedelta(minutes=1) / timedelta(milliseconds=1))
        for precinct_id in precincts & self._place.keys():
            i = self._place[precinct_id]
            row = publish.detail(
                self._forecast, self._model.band(i), i, self._model.explain(i).text, self._opens_ms, at_ms
            )
            details[precinct_id] = msgspec.json.encode(row)
        self._board.put_details(details)
