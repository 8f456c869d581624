"""The regions on the wire: whole figures, no judgement without evidence, and a list that a wall can hold."""

import dataclasses

import numpy as np
import pytest

from anomaly import publish
from anomaly.forecast import Forecast, Total
from anomaly.frames import DayFrames
from anomaly.live import LiveModel
from anomaly.regions import RegionNews, region_news
from warroom.dayfolder import load_day
from warroom.demo import write_demo_day
from warroom.loading import frames_of


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> DayFrames:
    path = tmp_path_factory.mktemp("table") / "day"
    write_demo_day(path)
    return frames_of(load_day(path))


@pytest.fixture(scope="module")
def unheard(frames: DayFrames) -> tuple[LiveModel, Forecast, RegionNews]:
    """The demo city at eleven, before anybody reported."""
    model = LiveModel(frames)
    forecast = model.forecast(240.0)
    return model, forecast, region_news(model.fit, forecast)


def table(forecast: Forecast, news: RegionNews, regions: int) -> dict:
    """The table of a city cut into equal regions R00, R01, ..."""
    names = [f"R{r:02}" for r in range(regions)]
    region = np.arange(len(forecast.now)) % regions
    totals = {name: Total(float(100 + r), 90.0, 120.0) for r, name in enumerate(names)}
    return publish.region_table(dataclasses.replace(forecast, totals=totals), news, region, names)


def moved(regions: int, heard: float) -> RegionNews:
    """The later the region in the alphabet, the lower it is."""
    down = -0.02 * np.arange(regions)
    return RegionNews(down, np.full(regions, 0.06), np.full(regions, 0.08), np.full(regions, heard))


def test_figures_are_the_forecasts_sums_by_region(unheard):
    model, forecast, news = unheard
    places = model.fit.places
    rows = publish.region_table(forecast, news, places.region, places.region_names)["rows"]
    assert sum(row["votes"] for row in rows) == pytest.approx(forecast.votes_now.value, abs=len(rows))
    assert sum(row["total"] for row in rows) == len(forecast.now)
    for row in rows:
        assert row["low"] <= row["final"] <= row["high"]
        assert row["reporting"] == 0


def test_an_unheard_region_is_not_judged(unheard):
    model, forecast, news = unheard
    places = model.fit.places
    rows = publish.region_table(forecast, news, places.region, places.region_names)["rows"]
    assert {row["vs_history"] for row in rows} == {row["z"] for row in rows} == {None}


def test_a_heard_region_stands_against_its_history(unheard):
    rows = table(unheard[1], moved(4, heard=0.9), 4)["rows"]
    assert [row["vs_history"] for row in rows] == [1.0, 0.98, 0.961, 0.942]
    assert [row["z"] for row in rows] == [0.0, -0.2, -0.4, -0.6]


def test_one_region_is_no_table(unheard):
    assert table(unheard[1], moved(1, heard=0.9), 1) == {"rows": [], "note": ""}


def test_of_many_regions_the_lowest_twelve_are_shown_and_it_says_so(unheard):
    shown = table(unheard[1], moved(30, heard=0.9), 30)
    assert [row["name"] for row in shown["rows"]] == [f"R{r}" for r in range(29, 17, -1)]
    assert shown["note"] == "12 of 30: the lowest"
    assert len(table(unheard[1], moved(24, heard=0.9), 24)["rows"]) == 24


def test_a_reason_is_cut_at_a_clause_and_never_longer_than_two_lines():
    whole = (
        "49 of 74 expected by 12:23 (90 %: 54-102); 25 voters short; " + "193 ballots in 2024, the last like this, " * 3
    )
    assert publish.brief(whole) == "49 of 74 expected by 12:23 (90 %: 54-102); 25 voters short"
    assert publish.brief("short") == "short"
    long = publish.brief("word " * 100)
    assert len(long) <= publish.REASON_LETTERS + 2
    assert long.endswith("word …")
