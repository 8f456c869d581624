"""Cleaning: which readings of a precinct can be believed together, and why the others cannot.

Clocks are repaired first (a forgotten PM, a time after the arrival). Then, per precinct,
the best-scoring chain of readings that never falls is believed: each reading earns a
reward, each step between two pays for how far its increment is from the expected one.
A small increment is legal (voters may stay away), a large one is less so. A reading that
was rejected comes back by itself when a later one confirms it.
"""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Bools, Codes, Floats, Ints

REASONS = (
    "believed",
    "believed: PM was forgotten",
    "believed: arrived late",
    "count falls",
    "above what is possible",
    "typo or jump",
    "a neighbour's number",
    "outside the hours of voting",
    "withdrawn",
)
BELIEVED, PM_FORGOTTEN, LATE, FALL, ABOVE, JUMP, NEIGHBOUR, OUT_OF_HOURS, WITHDRAWN = range(9)

REWARD = 5.0  # nats: one reading in about 150 is dirty in a way that this size of surprise shows
SMALL_STEP_COST = 1.5  # nats: the most that an increment below expectation can cost
EXACT_SD, FALL_SDS = 0.02, 2.5  # reading error below which counters are exact; fall allowed beyond it
BAND = 10  # steps may skip at most this many readings
HALF_DAY = 720.0
LATE_MINUTES = 60.0
BEFORE_OPENING = 15.0  # minutes: a clock may be a little fast
AFTER_CLOSE = 360.0  # minutes: late tallies of the same evening


@dataclass(frozen=True)
class Verdict:
    """Per reading (M, J): the minute it is taken to speak of, whether it is believed, the reason code."""

    minute: Floats
    believed: Bools
    reason: Codes


def repair_minutes(
    at: Floats,
    received: Floats,
    count: Ints,
    expected_at: Floats,
    expected_half_day: Floats,
    minutes_open: float,
    midnight: float,
) -> tuple[Floats, Codes]:
    """Minutes that readings speak of (NaN where outside the day), and reason codes so far.

    `midnight`: minute (negative) at which the day begins. `expected_at`, `expected_half_day`:
    ballots expected at the minute given and 12 h later.
    """
    reason = np.where(received - at > LATE_MINUTES, LATE, BELIEVED).astype(np.int8)
    minute = np.minimum(at, np.maximum(received, 0.0))  # nothing is observed after it is reported
    later = at + HALF_DAY
    possible = (later <= received + BEFORE_OPENING) & (later <= minutes_open + BEFORE_OPENING)
    seen = np.log(count + 1.0)
    closer = np.abs(seen - np.log(expected_half_day + 1)) < np.abs(seen - np.log(expected_at + 1))
    shift = possible & (at >= midnight) & ((at < -BEFORE_OPENING) | closer)
    minute = np.where(shift, np.minimum(later, received), minute)
    reason = np.where(shift, PM_FORGOTTEN, reason).astype(np.int8)
    outside = (minute < -BEFORE_OPENING) | (minute > minutes_open + AFTER_CLOSE)
    reason = np.where(outside, OUT_OF_HOURS, reason).astype(np.int8)
    return np.where(outside, np.nan, np.clip(minute, 0.0, minutes_open)), reason


def believe(
    minute: Floats,
    count: Ints,
    usable: Bools,
    expected: Floats,
    level_sd: Floats,
    shape_sd: float,
    noise_sd: float,
) -> Bools:
    """The best chain per row: all arrays (M, J), ordered by minute; `level_sd` (M,).

    expected: ballots expected by each minute before today's reports of the precinct itself;
    level_sd: log spread of its level; shape_sd: of its curve; noise_sd: of the readings.
    """
    rows, width = minute.shape
    weight = 1.0 / np.maximum(level_sd, 0.05)[:, None] ** 2
    score = np.full((rows, width), -np.inf)
    came_from = np.full((rows, width), -1, dtype=np.int64)
    c = count.astype(np.float64)
    # Where people report what they remember, a small fall is an error of memory, not of the counter.
    slack = FALL_SDS * max(noise_sd - EXACT_SD, 0.0)
    level = (c + weight) / (expected + weight)
    for k in range(width):
        first = max(0, k - BAND)
        zero = np.zeros((rows, 1))
        step = _step_score(c[:, [k]], expected[:, [k]], 1 / weight + shape_sd**2, noise_sd * c[:, [k]])
        options = [zero + step]
        if k > first:
            e = level[:, first:k] * (expected[:, [k]] - expected[:, first:k])
            relative = 1.0 / (weight + expected[:, first:k]) + shape_sd**2
            noise = noise_sd * np.hypot(c[:, first:k], c[:, [k]])
            steps = _step_score(c[:, [k]] - c[:, first:k], e, relative, noise) + score[:, first:k]
            options.append(np.where(c[:, [k]] >= c[:, first:k] * (1 - slack), steps, -np.inf))
        table = np.concatenate(options, axis=1)
        best = table.argmax(axis=1)
        score[:, k] = np.where(usable[:, k], table[np.arange(rows), best] + REWARD, -np.inf)
        came_from[:, k] = np.where(best == 0, -1, first + best - 1)
    return _backtrack(score, came_from)


def _step_score(increment: Floats, mean: Floats, relative_variance: Floats, noise: Floats) -> Floats:
    """Log score of an increment: heavy-tailed above the mean, capped below it."""
    mean = np.maximum(mean, 0.0)
    z = (increment - mean) / np.sqrt(mean + 1.0 + relative_variance * mean**2 + noise**2)
    cost = 2.0 * np.log1p(z**2 / 4.0)
    return np.asarray(-np.where(z > 0, cost, np.minimum(cost, SMALL_STEP_COST)))


def _backtrack(score: Floats, came_from: Ints) -> Bools:
    rows, width = score.shape
    believed = np.zeros((rows, width), dtype=bool)
    # Of equal ends the later one: a repeated reading is not lost.
    end = width - 1 - score[:, ::-1].argmax(axis=1)
    alive = score[np.arange(rows), end] > 0
    while alive.any():
        where = np.flatnonzero(alive)
        believed[where, end[where]] = True
        end[where] = came_from[where, end[where]]
        alive = alive & (end >= 0)
    return believed


def name_rejections(believed: Bools, reason: Codes, count: Ints, usable: Bools, most: Floats) -> Codes:
    """Reason codes with every disbelieved reading named; `most` (M,) = the most ballots a row can hold."""
    running = np.maximum.accumulate(np.where(believed, count, -1), axis=1)
    why = np.where(count < running, FALL, np.where(count > most[:, None], ABOVE, JUMP))
    return np.where(usable & ~believed, why, reason).astype(np.int8)
