"""The effect is estimated from the lot alone, and says when it cannot be; wordings are tried by what is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.text_effect import made_day
from warroom.texting.effect import TextedPrecinct, estimate, saturation
from warroom.texting.variants import Seen, choose, posteriors


@given(st.floats(0, 0.9))
def test_the_lot_leaves_out_the_share_it_was_given(share):
    found = [saturation((n + 0.5) / 4000, share) for n in range(4000)]
    assert all(0 <= f <= 1 for f in found)
    assert np.mean(found) == pytest.approx(share, abs=0.002)


def test_a_known_effect_is_covered_about_as_often_as_is_said():
    found = [estimate(made_day(np.random.default_rng([seed, 7]), 120, 0.05, 0.3)) for seed in range(200)]
    cover = np.mean([f.low <= 0.05 <= f.high for f in found])
    assert 0.83 <= cover <= 0.96  # 0.90 within three standard errors of 200 seeds
    assert abs(np.mean([f.a_text for f in found]) - 0.05) < 0.015


def test_without_a_contrast_nothing_is_claimed():
    rows = [TextedPrecinct(str(n), 100, 100, 200.0, 5.0 + n) for n in range(20)]
    assert math.isnan(estimate(rows).a_text) and "not measurable" in estimate(rows).words
    assert "it takes 8" in estimate(rows[:5]).words


def test_an_interval_over_nothing_says_so():
    found = estimate(made_day(np.random.default_rng(1), 40, 0.0, 0.2))
    assert found.low < 0 < found.high and "may well be none" in found.words


def test_the_better_wording_is_tried_more_and_the_other_never_forgotten():
    lot = np.random.default_rng(3)
    seen = {"plain": Seen(200, 4), "warm": Seen(200, 16)}
    tries = [choose(seen, lot) for _ in range(400)]
    assert tries.count("warm") > 300
    fresh = {"plain": Seen(), "warm": Seen(10, 1)}
    assert {choose(fresh, lot) for _ in range(100)} == {"plain", "warm"}


def test_the_posterior_is_shown_with_its_interval():
    best, other = posteriors({"plain": Seen(200, 4), "warm": Seen(200, 16)})
    assert best.name == "warm" and best.low < best.mean < best.high and best.best > 0.9
    assert best.best + other.best == pytest.approx(1)
    with pytest.raises(ValueError, match="at least one"):
        choose({}, np.random.default_rng(1))
