"""Alerts open with evidence, close without it, and are few."""

from dataclasses import replace

import numpy as np
import pytest
from made_town import batch_of, make_town, pick, reports

from anomaly.detector import AlarmSettings, Detector
from anomaly.live import LiveModel
from anomaly.slowdown import find_slowdowns
from anomaly.wording import Writer

TURNOUT = {"low_turnout", "stoppage", "slowdown"}


@pytest.fixture(scope="module")
def town():
    return make_town(n=150, seed=5)


def live(town, batch, until, step=15.0, settings=None):
    """Run a day as it arrives: (detector, all changes in order)."""
    model = LiveModel(town.frames)
    detector = Detector(model, settings)
    changes, done = [], -1.0
    for now in np.arange(step, until + 0.1, step):
        model.observe(pick(batch, np.flatnonzero((batch.received_min > done) & (batch.received_min <= now))))
        done = now
        changes += detector.step(model.forecast(now), now)
    return detector, changes


def thinned(town, batch, rows, keep, since=0.0):
    """The same reports with a share of the voters of some precincts missing from a minute on."""
    count = batch.count.copy()
    for i in rows:
        at = np.flatnonzero(batch.precinct == i)
        before = town.counts(np.full(1, since), np.array([i]))[0] if since else 0
        late = at[batch.at_min[at] > since]
        count[late] = before + np.round((batch.count[late] - before) * keep)
    return replace(batch, count=count.astype(np.int64))


def raised(changes, kinds=TURNOUT):
    return [c.alert for c in changes if c.action == "open" and c.alert.kind in kinds]


def test_one_early_report_raises_nothing(town):
    morning = reports(town, 120.0)
    early = batch_of([8], [119.0], [0], first_key=10**6)
    others = pick(morning, np.flatnonzero(morning.precinct != 8))
    model = LiveModel(town.frames)
    model.observe(others)
    model.observe(early)
    changes = Detector(model).step(model.forecast(120.0), 120.0)
    assert not [a for a in raised(changes) if a.precinct == "P0008"]


def test_a_precinct_that_stays_home_is_flagged_with_its_numbers(town):
    batch = thinned(town, reports(town, 600.0), [20, 70], keep=0.5)
    _, changes = live(town, batch, 600.0)
    alerts = {a.precinct: a for a in raised(changes, {"low_turnout"})}
    assert {"P0020", "P0070"} <= set(alerts)
    alert = alerts["P0020"]
    assert alert.expected_low > alert.reported
    assert alert.shortfall == pytest.approx(alert.expected - alert.reported, abs=0.2)
    assert alert.probability > 0.45
    assert str(alert.reported) in alert.reason
    assert len(alerts) <= 20


def test_an_alert_closes_by_itself_when_a_correction_comes(town):
    bad = thinned(town, reports(town, 420.0), [20], keep=0.5)
    detector, changes = live(town, bad, 420.0)
    [opened] = [a for a in raised(changes) if a.precinct == "P0020"]
    good = reports(town, 420.0)
    rows = np.flatnonzero(good.precinct == 20)
    detector.model.observe(replace(pick(good, rows), revision=np.ones(len(rows), dtype=np.int64)))
    after = detector.step(detector.model.forecast(425.0), 425.0)
    [closed] = [c.alert for c in after if c.action == "close" and c.alert.precinct == "P0020"]
    assert closed.id == opened.id
    assert closed.status == "closed"
    assert closed.closed_at is not None


def test_a_stopped_site_is_one_alert_of_the_site(town):
    batch = reports(town, 500.0, every=30.0)
    stop, site = 300.0, [30, 31, 32]
    count = batch.count.copy()
    for i in site:
        at = np.flatnonzero((batch.precinct == i) & (batch.at_min > stop))
        count[at] = town.counts(np.array([stop]), np.array([i]))[0]
    _, changes = live(town, replace(batch, count=count), 420.0)
    stops = raised(changes, {"stoppage"})
    assert [a.site for a in stops] == ["S010"]
    assert stops[0].precinct is None
    since_open = (stops[0].raised_at - town.frames.day.opens_at).total_seconds() / 60
    assert 310 <= since_open <= 400


def test_a_slowdown_names_the_time_it_began(town):
    batch = thinned(town, reports(town, 720.0, every=30.0), [40], keep=0.2, since=360.0)
    _, changes = live(town, batch, 720.0)
    mine = [a for a in raised(changes) if a.precinct == "P0040"]
    assert mine
    assert {a.kind for a in mine} <= {"slowdown", "low_turnout"}


def test_the_figures_of_a_slowdown_are_those_since_it_began(town):
    batch = thinned(town, reports(town, 720.0, every=30.0), [40], keep=0.2, since=360.0)
    model = LiveModel(town.frames)
    model.observe(batch)
    f = model.forecast(720.0)
    slow = find_slowdowns(model.fit, model.beliefs, 720.0, f.shortfall_probability)
    alert = Writer(model, f, 720.0).slow(slow, 40)
    assert alert.shortfall == pytest.approx(slow.expected[40] - slow.seen[40], abs=0.1) and alert.shortfall > 10
    assert alert.reason.startswith(f"{alert.reported} voted since") and alert.reported < f.reported[40]
    assert alert.reported < alert.expected_low < alert.expected < alert.expected_high


def test_silence_is_an_alert_of_cadence_and_not_of_turnout(town):
    batch = reports(town, 700.0, every=40.0)
    quiet = (batch.precinct >= 60) & (batch.precinct < 63) & (batch.at_min > 300)
    _, changes = live(town, pick(batch, np.flatnonzero(~quiet)), 600.0)
    silent = raised(changes, {"silent"})
    assert [a.site for a in silent] == ["S020"]
    assert not [a for a in raised(changes) if a.site == "S020"]


def test_silence_ends_with_the_next_report(town):
    batch = reports(town, 600.0, every=40.0)
    quiet = (batch.precinct >= 60) & (batch.precinct < 63) & (batch.at_min > 250) & (batch.at_min < 480)
    _, changes = live(town, pick(batch, np.flatnonzero(~quiet)), 590.0)
    ends = [c.alert for c in changes if c.action == "close" and c.alert.kind == "silent"]
    assert [a.site for a in ends] == ["S020"]


def test_a_suspect_report_is_told_once_and_ends_with_a_believed_one(town):
    batch = reports(town, 420.0)
    wrong = batch_of([50], [200.0], [9_999], first_key=10**6)
    joined = replace(
        batch,
        **{
            name: np.concatenate([getattr(batch, name), getattr(wrong, name)])
            for name in ("precinct", "at_min", "received_min", "count", "source", "key", "revision")
        },
    )
    _, changes = live(town, joined, 420.0)
    told = [c for c in changes if c.alert.kind == "suspect_report" and c.alert.precinct == "P0050"]
    assert [c.action for c in told] == ["open", "close"]
    assert "9999" in told[0].alert.reason


def test_new_alerts_keep_to_the_hourly_budget(town):
    batch = thinned(town, reports(town, 420.0), range(0, 150, 3), keep=0.4)
    _, changes = live(town, batch, 420.0, settings=AlarmSettings(budget_per_hour=4))
    minutes = [(a.raised_at - town.frames.day.opens_at).total_seconds() / 60 for a in raised(changes)]
    assert minutes
    assert all(sum(m - 60 < other <= m for other in minutes) <= 4 for m in minutes)


def test_a_site_whose_precincts_all_sag_is_one_alert(town):
    batch = thinned(town, reports(town, 600.0), [90, 91, 92], keep=0.45)
    detector, _ = live(town, batch, 600.0)
    model = detector.model
    fresh = Detector(model, AlarmSettings(budget_per_hour=100, confirm_minutes=0.0))
    wanted = raised(fresh.step(model.forecast(600.0), 600.0), {"low_turnout"})
    assert [a.precinct for a in wanted if a.site == "S030"] == [None]


def test_a_restart_goes_on_with_the_alerts_that_were_open(town):
    batch = thinned(town, reports(town, 420.0), [20], keep=0.5)
    detector, changes = live(town, batch, 420.0)
    again = Detector(detector.model)
    again.adopt([c.alert for c in changes if c.action == "open"])
    more = again.step(detector.model.forecast(425.0), 425.0)
    assert not [c for c in more if c.action == "open" and c.alert.precinct == "P0020"]


def test_a_day_without_trouble_raises_next_to_nothing_false(town):
    """Precincts that end low of themselves may be flagged; others hardly ever."""
    detector, changes = live(town, reports(town, 760.0), 780.0)
    expected = detector.model.forecast(780.0).expected_final
    low = {f"P{i:04d}" for i in np.flatnonzero(town.final < 0.88 * expected)}
    false = [a for a in raised(changes) if a.precinct not in low]
    assert len(false) <= 0.05 * len(town.final)
