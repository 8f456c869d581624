"""The forecast: what each precinct and the city should show now and at the close."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from anomaly.arrays import Bools, Codes, Floats, Ints
from anomaly.beliefs import Beliefs
from anomaly.fitting import DayFit, reach
from anomaly.rates import quadratic
from anomaly.readings import EXACT_SD

STATES = ("ok", "low", "watch", "silent", "suspect_report")
OK, LOW, WATCH, SILENT, SUSPECT = range(5)
Z90 = 1.6449  # half-width of a central 90 % interval in standard deviations
LOW_AT, WATCH_AT = 0.75, 0.40  # probability of a shortfall at which a precinct is called low, or watched
LOW_SHARE = 0.85  # a precinct that ends under this share of its expectation is low
TROUBLE_SHARE = 0.04  # prior share of precincts with trouble of their own
TROUBLE_WEIGHT, MOST_TROUBLE = 150.0, 0.15  # precincts that the prior share counts as; its upper bound
SELECTION_SD = 0.10  # how far unreported precincts may depart together where hardly any report
TROUBLE_MEAN, TROUBLE_SD = -0.40, 0.20  # what trouble does to log turnout


@dataclass(frozen=True)
class Total:
    """Ballots with a 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Forecast:
    """Arrays over precincts (N,), ballots, at `now_min` minutes since the polls opened; intervals 90 %.

    state: code into STATES. reported: last believed count, -1 where none, and its minute.
    expected_*: by now, from everything but the precinct's own readings of today.
    final*: at the close, own readings included. now: cast by now, own readings included.
    shortfall_probability: that the precinct ends under 85 % of its expectation. z: last reading
    against its expectation in standard deviations, negative = short, NaN without evidence.
    expected_at, expected_at_low, expected_at_high: by the minute of the last believed reading.
    uncertain: too little evidence to colour.
    totals: by region name and "ALL", at the close. votes_now: cast by now, citywide.
    curve: share of the city's ballots cast by each of `curve_minutes`.
    """

    now_min: float
    state: Codes
    reported: Ints
    reported_at_min: Floats
    expected_now: Floats
    expected_now_low: Floats
    expected_now_high: Floats
    final: Floats
    final_low: Floats
    final_high: Floats
    expected_final: Floats
    now: Floats
    shortfall_probability: Floats
    z: Floats
    expected_at: Floats
    expected_at_low: Floats
    expected_at_high: Floats
    uncertain: Bools
    readings: Ints
    totals: dict[str, Total]
    votes_now: Total
    curve_minutes: Floats
    curve: Floats


@dataclass(frozen=True)
class _Posterior:
    """Per precinct (N,): final deviation (mean, variance), evidence of the readings and its variance."""

    mean: Floats
    variance: Floats
    evidence_mean: Floats
    evidence_variance: Floats
    tilt: Floats  # (N, K): how the final's log answers to the region's log rates
    selection: Floats  # (N,) log sd that all precincts without reports share, 0 for the others


def make_forecast(fit: DayFit, beliefs: Beliefs, now_min: float, silent: Bools) -> Forecast:
    """One full pass over all precincts."""
    n = fit.places.count
    now = float(np.clip(now_min, 0.0, fit.bins.minutes_open))
    everywhere = np.arange(n)
    ballots_by = fit.ballots_by()
    log_rate_covariance = fit.rates.covariance()
    end = np.full(n, fit.bins.minutes_open)
    expected_final = ballots_by(everywhere, end[:, None])[:, 0]
    tau2 = fit.spread() ** 2 + fit.noise.dispersion / np.maximum(expected_final, 1.0)
    post = _posterior(fit, beliefs, tau2, log_rate_covariance)

    expected_now, now_sd = _expected(fit, beliefs, np.full(n, now), log_rate_covariance, 0.0)
    last = np.where(np.isfinite(beliefs.last_minute), beliefs.last_minute, 0.0)
    expected_at, at_sd = _expected(fit, beliefs, last, log_rate_covariance, fit.noise.reading)
    heard = beliefs.readings > 0
    seen = np.where(heard, beliefs.last_count, 0.0)
    z = np.where(heard, np.log((seen + 1.0) / (expected_at + 1.0)) / at_sd, np.nan)
    final, low, high = _final(fit, post, beliefs, expected_final, log_rate_covariance)
    gone_last = expected_at / np.maximum(expected_final, 1e-9)
    gone_now = expected_now / np.maximum(expected_final, 1e-9)
    caught_up = np.clip((gone_now - gone_last) / np.maximum(1 - gone_last, 1e-6), 0.0, 1.0)
    now_ballots = np.where(
        heard & (now > last), seen + (final - seen) * caught_up, np.where(heard, seen, final * gone_now)
    )
    probability = np.where(heard, _shortfall(post, tau2, fit.reference_variance(), heard), 0.0)
    uncertain = ~heard | (post.evidence_variance > 4 * tau2)
    totals, votes_now = _totals(fit, post, final, now_ballots, gone_now, expected_final, seen)
    minutes = fit.grid.clip(max=fit.bins.minutes_open)
    rate = np.exp(fit.rates.city)
    return Forecast(
        now_min=now_min,
        state=_state(probability, uncertain, silent, beliefs),
        reported=beliefs.last_count.copy(),
        reported_at_min=beliefs.last_minute.copy(),
        expected_now=expected_now,
        expected_now_low=expected_now * np.exp(-Z90 * now_sd),
        expected_now_high=expected_now * np.exp(Z90 * now_sd),
        final=final,
        final_low=low,
        final_high=high,
        expected_final=expected_final,
        now=now_ballots,
        shortfall_probability=probability,
        z=z,
        expected_at=expected_at,
        expected_at_low=expected_at * np.exp(-Z90 * at_sd),
        expected_at_high=expected_at * np.exp(Z90 * at_sd),
        uncertain=uncertain,
        readings=beliefs.readings.copy(),
        totals=totals,
        votes_now=votes_now,
        curve_minutes=minutes,
        curve=fit.bins.elapsed(minutes) @ rate / rate.sum(),
    )


def _posterior(fit: DayFit, beliefs: Beliefs, tau2: Floats, covariance: Floats) -> _Posterior:
    n, region = fit.places.count, fit.places.region
    end = reach(fit.rates, fit.bins, np.arange(len(covariance)), np.full(len(covariance), fit.bins.minutes_open))
    mean, variance = np.zeros(n), tau2.copy()
    evidence_mean, evidence_variance = np.zeros(n), np.full(n, 1e6)
    tilt = end[region]
    rows = np.flatnonzero(beliefs.readings > 0)
    if len(rows):
        view = fit.view(beliefs, rows)
        evidence = view.evidence
        gain = tau2[rows] / (tau2[rows] + evidence.variance)
        mean[rows] = gain * evidence.mean
        variance[rows] = gain * evidence.variance
        lean = np.einsum("mj,mjk->mk", evidence.weights, view.design)
        tilt[rows] -= gain[:, None] * lean
        blur = quadratic(lean, covariance, region[rows])
        evidence_mean[rows], evidence_variance[rows] = evidence.mean, evidence.variance + blur
    # Volunteers stand where people are keen: what they see moves the rest of the city only so far.
    coverage = len(rows) / n
    selection = np.where(beliefs.readings > 0, 0.0, SELECTION_SD * (1 - coverage) * (coverage > 0))
    variance = variance + selection**2
    return _Posterior(mean, variance, evidence_mean, evidence_variance, tilt, selection)


def _expected(
    fit: DayFit, beliefs: Beliefs, minute: Floats, covariance: Floats, reading_sd: float
) -> tuple[Floats, Floats]:
    """Ballots by a minute per precinct, without its own readings, and the log sd of what may be seen."""
    n, region = fit.places.count, fit.places.region
    expected = fit.ballots_by()(np.arange(n), minute[:, None])[:, 0]
    own = fit.kernel[fit.cell(minute), fit.cell(minute)]
    lean = reach(fit.rates, fit.bins, region, minute)
    shared = quadratic(lean, covariance, region)
    variance = fit.spread() ** 2 + own + shared + fit.noise.dispersion / np.maximum(expected, 0.5) + reading_sd**2
    return expected, np.sqrt(variance)


def _final(
    fit: DayFit, post: _Posterior, beliefs: Beliefs, expected: Floats, covariance: Floats
) -> tuple[Floats, Floats, Floats]:
    """Final ballots with their interval: not fewer than were counted, as far as counts can be trusted."""
    shared = quadratic(post.tilt, covariance, fit.places.region)
    sd = np.sqrt(post.variance + shared)
    slack = np.exp(-2 * max(fit.noise.reading - EXACT_SD, 0.0))
    floor = np.maximum(beliefs.last_count, 0) * slack
    final = expected * np.exp(post.mean)
    return (
        np.maximum(final, floor),
        np.maximum(final * np.exp(-Z90 * sd), floor),
        np.maximum(final * np.exp(Z90 * sd), floor),
    )


def _shortfall(post: _Posterior, tau2: Floats, doubt: Floats, heard: Bools) -> Floats:
    """Posterior probability of f < log 0.85: most precincts vary, a few are in trouble (two-part prior)."""
    line = np.log(LOW_SHARE)
    # Part of what looks like the precinct's own deviation is an error of its expectation.
    doubt = np.minimum(doubt, 0.5 * tau2)
    post = replace(post, evidence_variance=post.evidence_variance + doubt)
    tau2 = tau2 - doubt
    usual = _part(post, np.zeros_like(tau2), tau2, line)
    trouble = _part(post, np.full_like(tau2, TROUBLE_MEAN), TROUBLE_SD**2 + 0 * tau2, line)
    told = heard & (post.evidence_variance < 2 * tau2)
    share = _trouble_share(trouble[0][told] - usual[0][told])
    log_odds = usual[0] - trouble[0] + np.log((1 - share) / share)
    in_trouble = 1 / (1 + np.exp(np.clip(log_odds, -500, 500)))
    return np.asarray(in_trouble * trouble[1] + (1 - in_trouble) * usual[1])


def _trouble_share(log_ratio: Floats) -> float:
    """Share of precincts in trouble today, by expectation maximisation under a Beta prior.

    log_ratio (M,): log density of each precinct's evidence in trouble over its usual one.
    """
    share = TROUBLE_SHARE
    for _ in range(8):
        odds = np.exp(np.clip(log_ratio, -50, 50)) * share / (1 - share)
        found = float((odds / (1 + odds)).sum())
        share = (TROUBLE_WEIGHT * TROUBLE_SHARE + found) / (TROUBLE_WEIGHT + len(log_ratio))
    return min(share, MOST_TROUBLE)


def _part(post: _Posterior, mean: Floats, variance: Floats, line: float) -> tuple[Floats, Floats]:
    """Log marginal density of the evidence under one part, and P(f < line) given it."""
    total = variance + post.evidence_variance
    log_density = -0.5 * (np.log(total) + (post.evidence_mean - mean) ** 2 / total)
    gain = variance / total
    centre = mean + gain * (post.evidence_mean - mean)
    return log_density, norm.cdf((line - centre) / np.sqrt(gain * post.evidence_variance + 1e-9))


def _state(probability: Floats, uncertain: Bools, silent: Bools, beliefs: Beliefs) -> Codes:
    state = np.full(len(probability), OK, dtype=np.int8)
    state[(probability >= WATCH_AT) & ~uncertain] = WATCH
    state[(probability >= LOW_AT) & ~uncertain & (beliefs.readings >= 2)] = LOW
    state[silent] = SILENT
    state[beliefs.suspect & ~silent] = SUSPECT
    return state


def _totals(
    fit: DayFit,
    post: _Posterior,
    final: Floats,
    now: Floats,
    gone_now: Floats,
    expected: Floats,
    seen: Floats,
) -> tuple[dict[str, Total], Total]:
    """Sums by region and for the city; the shared uncertainty of the rates enters with its covariance."""
    region, names = fit.places.region, fit.places.region_names
    mean = np.maximum(final * np.exp(post.variance / 2), seen)
    gradient = np.zeros((len(names), post.tilt.shape[1]))
    np.add.at(gradient, region, mean[:, None] * post.tilt)
    own = np.bincount(region, mean**2 * (post.variance - post.selection**2), len(names))
    unheard = np.bincount(region, mean * post.selection, len(names))
    value = np.bincount(region, mean, len(names))
    floor = np.bincount(region, seen, len(names))
    covariance = fit.rates.covariance()
    shared = np.einsum("rk,rkl,rl->r", gradient, covariance, gradient)
    totals = {
        name or "(no region)": _total(value[r], np.sqrt(shared[r] + own[r] + unheard[r] ** 2), floor[r])
        for r, name in enumerate(names)
    }
    city = np.einsum("rkl,rk->l", fit.rates.pull, gradient)
    variance = float(
        city @ fit.rates.city_covariance @ city
        + np.einsum("rk,rkl,rl->", gradient, fit.rates.own, gradient)
        + own.sum()
        + unheard.sum() ** 2
    )
    everything = float(value.sum())
    totals["ALL"] = _total(everything, np.sqrt(variance), float(floor.sum()))
    unseen = np.maximum(now - seen, 0).sum() / max(everything - floor.sum(), 1e-9)
    cast = float(now.sum())
    return totals, _total(cast, np.sqrt(variance) * min(1.0, unseen * 1.2) + np.sqrt(cast), float(floor.sum()))


def _total(value: float, sd: float, floor: float) -> Total:
    relative = sd / max(value, 1.0)
    return Total(
        float(value),
        float(max(value * np.exp(-Z90 * relative), min(floor, value))),
        float(value * np.exp(Z90 * relative)),
    )
