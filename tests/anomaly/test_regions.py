"""A neighbourhood that stays home is one alert and one patch of colour, though none of its precincts stands out."""

import dataclasses
from statistics import NormalDist

import numpy as np
import pytest

from anomaly.ledger import ReadingBatch
from anomaly.live import LiveModel
from anomaly.regions import RegionAlerts, map_z, region_alerts, region_news
from feeds._recorded import read_recorded
from warroom.dayfolder import load_day
from warroom.demo import write_demo_day
from warroom.domain.reports import Checkins
from warroom.loading import frames_of
from warroom.store.wire import epoch_ms

ELEVEN = 240.0  # minutes after 07:00


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("regions") / "day"
    write_demo_day(path)
    return load_day(path)


@pytest.fixture(scope="module")
def readings(folder):
    place = {pid: n for n, pid in enumerate(folder.precincts["precinct_id"])}
    opens_ms = epoch_ms(folder.day.opens_at)
    rows = []
    for arrival in read_recorded(folder.reports, folder.day, folder.precinct_ids, folder.site_ids):
        report = arrival.item
        if isinstance(report, Checkins) and report.precinct and report.received:
            at, heard = ((epoch_ms(m) - opens_ms) / 60_000 for m in (report.at, report.received))
            if heard <= ELEVEN:
                rows.append((place[report.precinct], at, heard, report.count, 0, len(rows)))
    columns = [np.array(c) for c in zip(*rows, strict=True)]
    types = (np.int32, np.float64, np.float64, np.int64, np.int64, np.int64)
    return ReadingBatch(*(c.astype(t) for c, t in zip(columns, types, strict=True)))


def seen(folder, readings):
    model = LiveModel(frames_of(folder))
    model.observe(readings)
    forecast = model.forecast(ELEVEN)
    return model, forecast, region_news(model.fit, forecast)


def test_the_neighbourhood_that_stays_home_is_one_alert_of_its_own(folder, readings):
    model, forecast, news = seen(folder, readings)
    alerts = region_alerts(model, forecast, news, frozenset())
    assert [a.region for a in alerts] == ["Millrace"]
    [alert] = alerts
    assert alert.expected_high > alert.expected > alert.reported
    assert "expected (90 %:" in alert.reason and "its 89 precincts" in alert.reason


def test_the_probability_is_that_of_being_below(folder, readings):
    model, forecast, news = seen(folder, readings)
    vague = dataclasses.replace(news, own_sd=np.abs(news.deviation))
    [alert] = region_alerts(model, forecast, vague, frozenset({"Millrace"}))
    z = float(vague.z[model.places.region_names.index("Millrace")])
    assert -1 < z < -0.5
    assert alert.probability == pytest.approx(NormalDist().cdf(-z))


def test_the_map_colours_the_neighbourhood_and_leaves_the_rest(folder, readings):
    model, forecast, news = seen(folder, readings)
    z = map_z(model.fit, forecast, news)
    home = folder.precincts["region"].to_numpy() == "Millrace"
    assert np.nanmedian(z[home]) < -1.6
    assert np.nanmean(z[~home] < -1.645) < 0.08


def test_a_day_like_its_history_raises_no_region(folder, readings):
    """The same day with Millrace's missing third put back."""
    home = folder.precincts["region"].to_numpy() == "Millrace"
    count = np.where(home[readings.precinct], np.round(readings.count / 0.66), readings.count).astype(np.int64)
    model, forecast, news = seen(folder, dataclasses.replace(readings, count=count))
    assert region_alerts(model, forecast, news, frozenset()) == []


def test_a_region_that_recovers_is_let_go(folder, readings):
    model, forecast, news = seen(folder, readings)
    well = dataclasses.replace(news, deviation=np.zeros_like(news.deviation))
    assert region_alerts(model, forecast, well, frozenset({"Millrace"})) == []


def test_a_region_alert_opens_updates_and_closes_by_itself(folder, readings):
    model, forecast, news = seen(folder, readings)
    alerts = RegionAlerts()
    [opened] = alerts.step(model, forecast, news)
    [updated] = alerts.step(model, forecast, news)
    assert (opened.id, opened.status) == (updated.id, "open")
    restarted = RegionAlerts()
    restarted.adopt([updated])
    [closed] = restarted.step(model, forecast, dataclasses.replace(news, deviation=np.zeros_like(news.deviation)))
    assert (closed.id, closed.status) == (opened.id, "closed")
    [again] = restarted.step(model, forecast, news)
    assert again.id != opened.id
