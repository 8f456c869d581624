"""The prior stands on the early vote that the store has counted, whichever way it came."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_town import make_town

from anomaly.earlyvote import LOOK_AFTER_S, EarlyVote, with_early
from anomaly.frames import places_of
from warroom.store.keys import early_unit
from warroom.store.state import UnitState


@pytest.fixture(scope="module")
def frames():
    """Four precincts; the folder has 40 early ballots in each of the first two."""
    early = pd.DataFrame({"precinct_id": ["P0000", "P0001"], "as_of": "2026-10-30T18:00:00+00:00", "count": [40, 40]})
    return replace(make_town(n=4).frames, early_vote=early)


def counters(**counts):
    """{in_person_P0000: 50} as the tally's counters."""
    found = {}
    for name, count in counts.items():
        method, _, precinct = name.rpartition("_")
        found[early_unit(precinct, method)] = UnitState(count, 1_793_500_000_000, 1, 0, 0, 0, 0)
    return found


def test_a_precinct_has_its_counters_or_else_the_folders_figure_never_both(frames):
    units = counters(in_person_P0000=40, mail_P0000=15, mail_P0002=7, mail_P0001=-1)
    early = with_early(frames, units).early_vote
    np.testing.assert_array_equal(places_of(with_early(frames, units)).early, [55, 40, 7, np.nan])
    assert early["as_of"].max() == pd.Timestamp(1_793_500_000_000, unit="ms", tz="UTC")
    bare = replace(frames, early_vote=None)
    np.testing.assert_array_equal(places_of(with_early(bare, units)).early, [55, np.nan, 7, np.nan])
    assert with_early(bare, {}).early_vote is None


def test_the_prior_is_made_anew_a_minute_after_the_early_vote_has_moved(frames):
    early = EarlyVote(frames)
    early.hear(["e:in_person:P0000", "p:P0000"], 100.0)
    assert not early.has_moved(counters(in_person_P0000=60), 100.0 + LOOK_AFTER_S - 1)
    early.hear(["e:mail:P0000"], 150.0)  # a stream of changes does not put the look off
    assert early.has_moved(counters(in_person_P0000=60), 100.0 + LOOK_AFTER_S)
    early.adopt(counters(in_person_P0000=60))
    early.hear(["e:in_person:P0000"], 300.0)
    assert not early.has_moved(counters(in_person_P0000=61), 300.0 + LOOK_AFTER_S)  # one in a hundred
    early.hear(["p:P0000"], 400.0)
    assert not early.has_moved(counters(in_person_P0000=99), 999.0)  # nothing was heard of it
