"""Silence is judged by a place's own rhythm."""

import numpy as np

from anomaly.cadence import Cadence


def heard(gaps_by_group, until=900.0, noise=0.1, seed=1, batched=False):
    rng = np.random.default_rng(seed)
    cadence = Cadence(len(gaps_by_group), until)
    arrivals = []
    for g, gap in enumerate(gaps_by_group):
        minute = rng.uniform(10, 40)
        while gap and minute < 500:
            arrivals.append((minute, g))
            minute += gap * rng.uniform(1 - noise, 1 + noise)
    if batched:
        minutes, groups = zip(*arrivals, strict=True)
        cadence.hear(np.array(groups), np.array(minutes))
        return cadence
    for minute, g in sorted(arrivals):
        cadence.hear(np.array([g]), np.array([minute]))
    return cadence


def test_a_day_read_anew_in_one_batch_judges_silence_as_the_day_did_one_by_one():
    gaps = [30.0] * 60
    live, anew = heard(gaps), heard(gaps, batched=True)
    assert live.seen == anew.seen
    late = live.overdue(500.0 + 60)
    assert late.all()  # twice the usual gap: a limit that only a learned rhythm can give
    np.testing.assert_array_equal(anew.overdue(500.0 + 60), late)


def test_a_slow_site_is_not_silent_where_a_quick_one_would_be():
    cadence = heard([30.0] * 40 + [120.0] * 40)
    late = cadence.overdue(500.0 + 150)
    assert late[:40].all()
    assert not late[40:].any()


def test_a_site_that_never_spoke_is_silent_once_all_others_have():
    cadence = heard([40.0] * 30 + [None])
    assert not cadence.overdue(60.0)[30]
    assert cadence.overdue(400.0)[30]


def test_where_few_report_nobody_is_silent():
    cadence = heard([60.0] * 5 + [None] * 30)
    assert not cadence.overdue(400.0)[5:].any()


def test_two_counts_of_one_visit_are_no_cadence():
    cadence = Cadence(1, 780.0)
    cadence.hear(np.array([0, 0, 0]), np.array([60.0, 61.0, 64.0]))
    assert cadence.number[0] == 0
    assert cadence.overdue(700.0).shape == (1,)


def test_nobody_heard_is_nobody_silent():
    assert not Cadence(4, 780.0).overdue(600.0).any()
