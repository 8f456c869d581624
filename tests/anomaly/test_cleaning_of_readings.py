"""Which readings are believed, and under what name the others are kept."""

import numpy as np
import pytest
from made_town import batch_of, make_town, reports

from anomaly.ledger import Ledger, ReadingBatch
from anomaly.live import LiveModel
from anomaly.readings import (
    ABOVE,
    BELIEVED,
    FALL,
    JUMP,
    LATE,
    NEIGHBOUR,
    OUT_OF_HOURS,
    PM_FORGOTTEN,
    REASONS,
    WITHDRAWN,
)

NOON = 300.0
KEY = 10**6


@pytest.fixture(scope="module")
def town():
    return make_town()


def judged(town, at, count, precinct=5, received=None, until=NOON):
    """Reason codes of extra readings of one precinct in a normal morning, and the model."""
    model = LiveModel(town.frames)
    model.observe(reports(town, until - 20))
    model.forecast(until)
    extra = batch_of([precinct] * len(at), at, count, first_key=KEY)
    if received is not None:
        extra = ReadingBatch(
            extra.precinct, extra.at_min, np.asarray(received, float), extra.count, extra.source, extra.key
        )
    model.observe(extra)
    forecast = model.forecast(until + 1)
    slots = [model.ledger._where[KEY + k] for k in range(len(at))]
    return model.beliefs.reason[slots].tolist(), model, forecast


def truth(town, minute, precinct=5):
    return int(town.counts(np.array([minute]), np.array([precinct]))[0])


def test_a_true_reading_is_believed(town):
    reasons, model, f = judged(town, [299.0], [truth(town, 299)])
    assert reasons == [BELIEVED]
    assert f.reported[5] == truth(town, 299)
    assert not model.beliefs.suspect[5]


def test_a_fall_is_kept_and_not_believed(town):
    reasons, model, f = judged(town, [299.0], [truth(town, 299) // 3])
    assert reasons == [FALL]
    assert f.reported[5] > truth(town, 299) // 3
    assert model.beliefs.suspect[5]


def test_a_digit_too_many_is_above_what_is_possible(town):
    reasons, *_ = judged(town, [299.0], [truth(town, 299) * 10 + 7])
    assert reasons == [ABOVE]


def test_a_jump_is_not_believed_until_another_reading_confirms_it(town):
    high = round(truth(town, 299) * 1.9)
    reasons, _, before = judged(town, [299.0], [high])
    assert reasons == [JUMP]
    assert before.reported[5] < high
    reasons, model, after = judged(town, [297.0, 298.0, 299.0], [high, high + 1, high + 2])
    assert reasons == [BELIEVED] * 3
    assert after.reported[5] == high + 2
    assert not model.beliefs.suspect[5]


def test_a_typo_that_later_readings_contradict_falls_out(town):
    wrong, right = truth(town, 250) * 4, truth(town, 299)
    reasons, _, f = judged(town, [250.0, 299.0], [wrong, right])
    assert reasons[0] in (JUMP, ABOVE)
    assert reasons[1] == BELIEVED
    assert f.reported[5] == right


def test_a_forgotten_pm_is_repaired(town):
    """06:30 with the count of an evening, received in the evening: it was 18:30."""
    until, minute = 690.0, 690.0
    reasons, _, f = judged(town, [-30.0], [truth(town, minute)], received=[691.0], until=until)
    assert reasons == [PM_FORGOTTEN]
    assert f.reported_at_min[5] == pytest.approx(minute)


def test_a_reading_of_another_day_is_outside_the_hours(town):
    reasons, *_ = judged(town, [-900.0, 1500.0], [40, 500], received=[-899.0, 1501.0])
    assert reasons == [OUT_OF_HOURS, OUT_OF_HOURS]


def test_nothing_is_observed_after_it_is_reported(town):
    reasons, _, f = judged(town, [900.0], [truth(town, 299)], received=[299.0])
    assert reasons == [BELIEVED]
    assert f.reported_at_min[5] <= 299.0


def test_a_late_arrival_is_believed_under_its_own_name(town):
    reasons, _, f = judged(town, [120.0], [truth(town, 120)], received=[300.0])
    assert reasons == [LATE]
    assert f.reported[5] > truth(town, 120)


def test_the_number_of_the_neighbouring_table_is_named(town):
    """Precincts 3, 4 and 5 share a site; 5 reports what 4 counted."""
    model = LiveModel(town.frames)
    model.observe(reports(town, NOON - 20))
    model.forecast(NOON)
    theirs = 3 * truth(town, 299, precinct=4) + 400
    model.observe(batch_of([4, 5], [298.0, 299.0], [theirs, theirs], first_key=KEY))
    model.forecast(NOON + 1)
    assert model.beliefs.reason[model.ledger._where[KEY + 1]] == NEIGHBOUR


def test_a_withdrawn_reading_has_a_name_too(town):
    _, model, _ = judged(town, [299.0], [truth(town, 299)])
    model.observe(
        ReadingBatch(
            np.array([-1], dtype=np.int32),
            *(np.array([300.0]) for _ in range(2)),
            np.array([-1]),
            np.array([0]),
            np.array([KEY]),
            np.array([1]),
        )
    )
    model.forecast(302.0)
    assert model.beliefs.reason[model.ledger._where[KEY]] == WITHDRAWN
    assert len(set(REASONS)) == len(REASONS)


def test_the_ledger_hands_out_readings_in_one_order():
    rng = np.random.default_rng(1)
    batch = batch_of(rng.integers(0, 5, 60), rng.integers(0, 8, 60), rng.integers(0, 4, 60))
    seen = []
    for _ in range(3):
        ledger = Ledger(5)
        for k in rng.permutation(60):
            ledger.add(ReadingBatch(*(getattr(batch, n)[[k]] for n in batch.__dataclass_fields__)))
        slots = ledger.rows(np.arange(5))
        seen.append(np.where(slots >= 0, ledger.key[np.maximum(slots, 0)], -1))
    np.testing.assert_array_equal(seen[0], seen[1])
    np.testing.assert_array_equal(seen[0], seen[2])
