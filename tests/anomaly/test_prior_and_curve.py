"""The prior and the starting curve, with much history and with none."""

from dataclasses import replace
from datetime import time

import numpy as np
import pandas as pd
import pytest
from made_town import make_town, reports
from msgspec import structs

from anomaly.curve import (
    STARTING_CURVES,
    bins_of,
    deviation_covariance,
    shape_kernel,
    share_cast,
    starting_shares,
)
from anomaly.frames import places_of
from anomaly.live import LiveModel
from anomaly.turnout import prior_of


def prior(frames):
    return prior_of(frames, places_of(frames))


def shape_error(ballots, final):
    """Median error once the level is right."""
    off = np.log(ballots / final)
    return np.median(np.abs(np.exp(off - np.median(off)) - 1))


def test_history_tells_precincts_apart():
    town = make_town(n=300)
    p = prior(town.frames)
    assert shape_error(p.ballots, town.final) < 0.13
    assert p.like == "2022_general"
    assert 0.05 < np.median(p.spread) < 0.3


@pytest.mark.parametrize("elections", [0, 1, 2, 3])
def test_little_history_gives_a_wider_prior(elections):
    town = make_town(n=90, elections=elections)
    p, full = prior(town.frames), prior(make_town(n=90).frames)
    assert np.isfinite(p.ballots).all()
    assert (p.ballots > 0).all()
    assert p.level_sd >= full.level_sd - 1e-9
    if elections == 0:
        assert np.median(p.spread) > 2 * np.median(full.spread)
    model = LiveModel(town.frames)
    model.observe(reports(town, 400.0))
    f = model.forecast(400.0)
    assert np.median(np.abs(f.final / town.final - 1)) < 0.25


def primaries(town, *past):
    """The town on the day of a Democratic primary; past: (date, party, share of the final ballots)."""
    ids = town.frames.precincts["precinct_id"]
    rows = [
        pd.DataFrame({"election_id": f"{day}_{party}", "date": day, "type": "primary", "party": party,
                      "precinct_id": ids, "ballots": np.round(town.final * share)})
        for day, party, share in past
    ]  # fmt: skip
    primary = structs.replace(town.frames.day, type="primary", party="Democratic")
    return replace(town.frames, day=primary, history=pd.concat(rows, ignore_index=True))


def test_the_other_partys_primaries_are_not_like_it():
    town = make_town(n=60)
    years = range(2010, 2026, 4)
    own = [(f"{year}-06-22", "DEM", 1.0) for year in years]
    others = [(f"{year}-06-{day}", "REP", 0.1) for year in years for day in (22, 29)]
    alone, beside = prior(primaries(town, *own)), prior(primaries(town, *own, *others))
    assert beside.ballots.sum() == pytest.approx(alone.ballots.sum(), rel=0.1)
    assert beside.level_sd == pytest.approx(alone.level_sd, abs=0.05)
    assert beside.like == alone.like


@pytest.mark.parametrize(
    ("past", "known"),
    [
        ([("2022-06-22", "DEM", 1.0), ("2022-06-22", "REP", 0.1)], True),
        ([("2026-10-29", "DEM", 0.1)], False),
    ],
    ids=["two on the oldest day", "only days ago"],
)
def test_an_election_without_an_earlier_one_gives_a_prior(past, known):
    town = make_town(n=60)
    p = prior(primaries(town, *past))
    none = prior(primaries(town, ("2030-01-01", "DEM", 1.0)))
    assert (p.level_sd < none.level_sd) == known
    if not known:
        np.testing.assert_allclose(p.ballots, none.ballots)


def test_without_history_registration_gives_the_size():
    town = make_town(n=90, elections=0)
    assert shape_error(prior(town.frames).ballots, town.final) < 0.15


def test_without_history_and_registration_nothing_breaks():
    town = make_town(n=30, elections=0)
    frames = replace(town.frames, precincts=town.frames.precincts.drop(columns=["registered", "lat", "lon"]))
    p = prior(frames)
    assert np.isfinite(p.ballots).all()
    assert p.level_sd > 0.5


def test_a_new_precinct_takes_the_size_of_its_registration_and_a_wide_spread():
    town = make_town(n=90)
    history = town.frames.history
    frames = replace(town.frames, history=history[history["precinct_id"] != "P0010"])
    p = prior(frames)
    assert p.spread[10] > 2 * np.median(p.spread)
    assert abs(np.log(p.ballots[10] / town.final[10])) < 1.0


def test_zero_missing_and_broken_ballots_are_survived():
    town = make_town(n=60)
    history = town.frames.history.copy()
    history["ballots"] = history["ballots"].astype(object)
    history.loc[history.index[:40], "ballots"] = [np.nan, 0, "", -5] * 10
    p = prior(replace(town.frames, history=history))
    assert np.isfinite(p.ballots).all()


def test_early_votes_lower_what_is_left_for_the_day():
    town = make_town(n=60)
    ids = town.frames.precincts["precinct_id"]
    early = pd.DataFrame({"precinct_id": ids, "as_of": "2026-11-01T18:00:00+00:00", "count": town.final * 0.5})
    with_early = prior(replace(town.frames, early_vote=early))
    assert with_early.ballots.sum() < prior(town.frames).ballots.sum()
    assert "early vote" in with_early.feature_names


def test_elections_of_the_future_are_not_known():
    town = make_town(n=60)
    later = town.frames.history.assign(election_id="2028", date="2028-11-07", ballots=1.0)
    both = replace(town.frames, history=pd.concat([town.frames.history, later]))
    np.testing.assert_allclose(prior(both).ballots, prior(town.frames).ballots)


def test_repeated_ids_and_no_precincts_are_refused():
    town = make_town(n=6)
    twice = pd.concat([town.frames.precincts, town.frames.precincts.head(1)])
    with pytest.raises(ValueError, match="repeats"):
        LiveModel(replace(town.frames, precincts=twice))
    with pytest.raises(ValueError, match="no precincts"):
        LiveModel(replace(town.frames, precincts=town.frames.precincts.head(0)))


@pytest.mark.parametrize(("opens", "closes"), [(6, 21), (7, 20), (7, 19), (6.5, 19.5), (10, 15), (0, 23)])
def test_a_starting_curve_fits_any_hours(opens, closes):
    minutes = (closes - opens) * 60
    clock = [time(int(h), round(h % 1 * 60)) for h in (opens, closes)]
    shares = starting_shares(*clock, minutes)
    assert len(shares) == bins_of(minutes).count
    assert shares.sum() == pytest.approx(1)
    assert (shares > 0).all()


@pytest.mark.parametrize("curve", STARTING_CURVES, ids=lambda c: c.name)
def test_a_day_of_the_published_hours_starts_from_the_published_curve(curve):
    opens, closes = curve.hours[0], curve.hours[-1]
    minutes = (closes - opens) * 60
    shares = starting_shares(time(int(opens)), time(int(closes)), minutes)
    hours = np.array(curve.hours)
    share = share_cast(np.log(shares), bins_of(minutes), (hours - opens) * 60)
    np.testing.assert_allclose(share, curve.shares, atol=0.025)
    assert curve.source


def test_a_curve_of_its_own_never_moves_the_final():
    bins = bins_of(780)
    shares = starting_shares(time(7), time(20), 780)
    own = deviation_covariance(bins, shares, 0.2, 0.2, 0.3)
    kernel = shape_kernel(np.log(shares), bins, own, np.array([60.0, 390.0, 780.0]))
    assert kernel[0, 0] > kernel[1, 1] > kernel[2, 2]
    assert kernel[2, 2] == pytest.approx(0, abs=1e-12)
    assert (np.linalg.eigvalsh(kernel) > -1e-9).all()


def test_a_day_of_unseen_hours_starts_with_a_wider_curve():
    from anomaly.curve import strangeness

    assert strangeness(time(6), 900) == pytest.approx(0, abs=1e-9)
    assert strangeness(time(7), 780) == pytest.approx(0, abs=1e-9)
    assert strangeness(time(9), 480) > 0.99
