"""Did it help: on made-up days the estimate finds the effect that was put in, and its interval keeps its promise."""

import numpy as np
import pytest

from anomaly.effect import Effect, effect_of, panel_of, pooled
from tests.anomaly.helped_days import helped_day

SEEDS = 14  # fifteen dispatches each


@pytest.fixture(scope="module", params=[(1.0, True), (1.4, True), (1.4, False)], ids=str)
def measured(request):
    effect, worst_first = request.param
    days = [helped_day(seed, effect, worst_first) for seed in range(SEEDS)]
    found = [
        [effect_of(d.panel, int(c), float(a), d.touched) for c, a in zip(d.chosen, d.arrived, strict=True)]
        for d in days
    ]
    return effect - 1, found


def test_the_estimate_is_right_on_average(measured):
    true, days = measured
    estimates = [e.change[0] for day in days for e in day if e.change]
    assert len(estimates) > 0.95 * SEEDS * 15
    assert abs(np.median(estimates) - true) < 0.06
    assert abs(np.mean([pooled(day)[0] for day in days]) - true) < 0.06


def test_nine_in_ten_intervals_hold_the_truth(measured):
    true, days = measured
    held = [e.change[1] <= true <= e.change[2] for day in days for e in day if e.change]
    assert 0.85 <= np.mean(held) <= 0.96
    assert np.mean([p[1] <= true <= p[2] for p in map(pooled, days)]) >= 0.78  # 14 days: 11 or more


def test_choosing_the_worst_places_does_not_look_like_help():
    """Places that look short recover by themselves; only what goes beyond that is an effect."""
    days = [helped_day(seed, 1.0, worst_first=True) for seed in range(8)]
    naive, fair = [], []
    for d in days:
        for c, a in zip(d.chosen, d.arrived, strict=True):
            e = effect_of(d.panel, int(c), float(a), d.touched)
            naive.append(e.seen / e.expected - 1)
            fair.append(e.change[0])
    assert np.median(naive) > 0.03
    assert abs(np.median(fair)) < np.median(naive)


@pytest.fixture(scope="module")
def one_day():
    return helped_day(1, 1.2, worst_first=True)


def test_nobody_there_is_no_effect(one_day):
    found = effect_of(one_day.panel, 3, None, one_day.touched)
    assert (found.state, found.change, found.voters) == ("not_arrived", None, None)


def test_soon_after_an_arrival_it_is_too_early_to_say(one_day):
    i = int(one_day.chosen[0])
    assert effect_of(one_day.panel, i, 400.0, one_day.touched, last_min=410.0).state == "too_early"


def test_without_a_reading_before_the_arrival_nothing_is_said(one_day):
    assert effect_of(one_day.panel, int(one_day.chosen[0]), 5.0, one_day.touched).state == "too_few_readings"


def test_without_places_left_alone_nothing_is_said(one_day):
    everybody = np.ones(len(one_day.panel.ids), dtype=bool)
    found = effect_of(one_day.panel, int(one_day.chosen[0]), 450.0, everybody)
    assert (found.state, found.change) == ("no_match", None)
    assert pooled([found]) is None


def test_a_precinct_without_readings_is_no_trouble():
    minute = np.arange(0, 61, 5.0)
    nothing = (np.zeros(0), np.zeros(0))
    panel = panel_of(["a", "b"], minute, [nothing, nothing], np.ones((2, 13)), np.ones(2), np.zeros(2, dtype=np.int64))
    assert effect_of(panel, 0, 10.0, np.zeros(2, dtype=bool)).state == "too_few_readings"


def test_one_dispatch_pooled_is_no_surer_than_alone_and_no_pace_falls_by_more_than_all_of_it():
    """Half the window lies before the arrival: what changed is read off a diluted difference."""
    one = Effect("p", "measured", log_change=-0.3, spread=0.3, freedom=36, exposed=0.5)
    assert one.change[:2] == (pytest.approx(-0.518, abs=0.001), -1.0)
    assert pooled([one]) == pytest.approx(one.change, abs=0.04)  # Student's 1.688 against 1.645
