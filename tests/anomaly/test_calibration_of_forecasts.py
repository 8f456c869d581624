"""A cheap seeded simulation: what is said with 90 % happens nine times in ten, or a little more often."""

import numpy as np
import pytest
from made_town import make_town, reports

from anomaly.live import LiveModel

CHECKPOINTS = (180.0, 360.0, 600.0)


@pytest.fixture(scope="module")
def days():
    """Twelve days of other levels and spreads: rows (checkpoint, town, forecast)."""
    out = []
    for seed in range(12):
        town = make_town(n=90, seed=seed, spread=0.10 + 0.01 * (seed % 6), level=0.25 * np.sin(seed))
        model = LiveModel(town.frames)
        batch = reports(town, CHECKPOINTS[-1], seed=seed + 100)
        model.observe(batch_until(batch, 0.0, CHECKPOINTS[0]))
        for before, now in zip((0.0, *CHECKPOINTS), CHECKPOINTS, strict=False):
            if before:
                model.observe(batch_until(batch, before, now))
            out.append((now, town, model.forecast(now)))
    return out


def batch_until(batch, after, until):
    from made_town import pick

    return pick(batch, np.flatnonzero((batch.received_min > after) & (batch.received_min <= until)))


@pytest.mark.parametrize("now", CHECKPOINTS)
def test_precinct_intervals_hold_the_truth(days, now):
    inside = np.concatenate([(f.final_low <= t.final) & (t.final <= f.final_high) for at, t, f in days if at == now])
    assert 0.84 <= inside.mean() <= 0.995


def test_city_intervals_hold_the_truth(days):
    inside = [f.totals["ALL"].low <= t.final.sum() <= f.totals["ALL"].high for _, t, f in days]
    assert np.mean(inside) >= 0.8


def test_errors_shrink_through_the_day(days):
    error = [
        np.median(np.concatenate([np.abs(f.final / t.final - 1) for at, t, f in days if at == now]))
        for now in CHECKPOINTS
    ]
    assert error[0] > error[1] > error[2]
    assert error[2] < 0.06


def test_a_shortfall_probability_means_what_it_says(days):
    said = np.concatenate([f.shortfall_probability for _, _, f in days])
    came = np.concatenate([t.final < 0.85 * f.expected_final for _, t, f in days])
    likely = said >= 0.7
    assert likely.sum() >= 20
    assert came[likely].mean() >= 0.65
    assert came[said < 0.1].mean() <= 0.1
