"""What must always hold of the live model, whatever the day brings."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_town import DAY, MINUTES, batch_of, make_town, pick, reports

from anomaly.ledger import VOID, ReadingBatch
from anomaly.live import STATES, LiveModel

NOON = 300.0


@pytest.fixture(scope="module")
def town():
    return make_town()


@pytest.fixture(scope="module")
def morning(town):
    return reports(town, NOON)


def look(frames, *batches, now=NOON):
    model = LiveModel(frames)
    for batch in batches:
        model.observe(batch)
    return model.forecast(now)


def same(a, b, tolerance=1e-9):
    for name in (
        "state",
        "reported",
        "final",
        "final_low",
        "final_high",
        "expected_now",
        "shortfall_probability",
    ):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=tolerance, atol=tolerance, err_msg=name)
    assert a.totals["ALL"].value == pytest.approx(b.totals["ALL"].value, rel=1e-9)


def test_a_room_that_starts_at_noon_has_learned_as_much_as_one_that_began_in_the_morning(town, morning):
    began, late = LiveModel(town.frames), LiveModel(town.frames)
    for minute in np.arange(0.0, NOON + 1, 30.0):
        began.observe(pick(morning, (morning.received_min <= minute) & (morning.received_min > minute - 30)))
        began.forecast(minute)
    late.observe(morning)
    late.forecast(NOON)
    assert late.fit.noise.white == pytest.approx(began.fit.noise.white, rel=0.1)  # 44 % more after one lesson


def test_intervals_hold_their_middle_and_no_number_is_missing(town, morning):
    f = look(town.frames, morning)
    for low, mid, high in (
        (f.expected_now_low, f.expected_now, f.expected_now_high),
        (f.final_low, f.final, f.final_high),
    ):
        assert np.isfinite(mid).all()
        assert (low <= mid).all()
        assert (mid <= high).all()
    assert ((f.shortfall_probability >= 0) & (f.shortfall_probability <= 1)).all()
    assert set(f.state.tolist()) <= set(range(len(STATES)))
    assert (f.final >= f.reported).all()
    assert f.curve[0] == pytest.approx(0)
    assert f.curve[-1] == pytest.approx(1)
    assert (np.diff(f.curve) > 0).all()


def test_order_of_arrival_does_not_matter(town, morning):
    shuffled = np.random.default_rng(3).permutation(len(morning.key))
    half = len(shuffled) // 2
    same(
        look(town.frames, morning),
        look(town.frames, pick(morning, shuffled[:half]), pick(morning, shuffled[half:])),
    )


def test_a_repeated_batch_changes_nothing(town, morning):
    same(look(town.frames, morning), look(town.frames, morning, morning, pick(morning, [5, 4, 3])))


def test_relabelling_and_reordering_the_precincts_changes_nothing(town, morning):
    n = len(town.final)
    order = np.random.default_rng(4).permutation(n)
    back = np.argsort(order)
    named = {p: f"Z{i}" for i, p in enumerate(town.frames.precincts["precinct_id"])}
    table = town.frames.precincts.iloc[order].reset_index(drop=True)
    frames = replace(
        town.frames,
        precincts=table.assign(precinct_id=table["precinct_id"].map(named)),
        history=town.frames.history.assign(precinct_id=town.frames.history["precinct_id"].map(named)),
    )
    moved = look(frames, replace(morning, precinct=back[morning.precinct].astype(np.int32)))
    plain = look(town.frames, morning)
    np.testing.assert_allclose(moved.final[back], plain.final, rtol=1e-6)
    np.testing.assert_allclose(moved.shortfall_probability[back], plain.shortfall_probability, atol=1e-6)


def test_more_voters_never_raise_the_shortfall_probability(town, morning):
    rows = np.flatnonzero(morning.precinct == 7)
    last = []
    for share in (0.3, 0.45, 0.6, 0.75, 0.9, 1.0, 1.1, 1.3):
        count = morning.count.copy()
        count[rows] = np.round(count[rows] * share)
        last.append(look(town.frames, replace(morning, count=count)).shortfall_probability[7])
    assert (np.diff(last) <= 1e-3).all(), last
    assert last[0] > 0.9
    assert last[-1] < 0.02


def test_more_voters_never_lower_the_forecast(town, morning):
    rows = np.flatnonzero(morning.precinct == 7)
    finals = []
    for share in (0.6, 0.8, 1.0, 1.2):
        count = morning.count.copy()
        count[rows] = np.round(count[rows] * share)
        finals.append(look(town.frames, replace(morning, count=count)).final[7])
    assert (np.diff(finals) > 0).all()


def test_silence_never_lowers_turnout(town, morning):
    quiet = morning.precinct < 9
    heard = pick(morning, np.flatnonzero(~quiet | (morning.at_min < 150)))
    model = LiveModel(town.frames)
    model.observe(heard)
    before, after = model.forecast(NOON), model.forecast(NOON + 180)
    np.testing.assert_allclose(after.final[:9], before.final[:9], rtol=1e-6)
    assert (after.shortfall_probability[:9] <= before.shortfall_probability[:9] + 1e-9).all()
    assert not (after.state[:9] == STATES.index("low")).any()


def test_a_correction_replaces_and_a_withdrawal_removes(town, morning):
    wrong = batch_of([3], [290.0], [2], first_key=900_000)
    zero = np.zeros(1, dtype=np.int64)
    fixed = ReadingBatch(
        precinct=np.array([-1], dtype=np.int32),
        at_min=np.array([295.0]),
        received_min=np.array([295.0]),
        count=np.array([int(town.counts(np.array([290.0]), np.array([3]))[0])]),
        source=zero,
        key=np.array([900_000]),
        revision=np.array([1]),
    )
    right = replace(wrong, count=fixed.count)
    same(look(town.frames, morning, wrong, fixed), look(town.frames, morning, right))
    same(look(town.frames, fixed, morning, wrong), look(town.frames, morning, right))
    gone = replace(fixed, count=np.array([VOID]))
    same(look(town.frames, morning, wrong, gone), look(town.frames, morning))
    same(look(town.frames, morning, wrong, gone, wrong), look(town.frames, morning))


def test_batches_without_sense_are_left_out(town, morning):
    nonsense = batch_of([0, 1, 2, 500, -7], [np.nan, np.inf, 100, 100, 100], [5, 5, -9, 5, 5], first_key=10**6)
    same(look(town.frames, morning, nonsense), look(town.frames, morning))
    with pytest.raises(ValueError, match="count"):
        ReadingBatch(*(np.zeros(2) for _ in range(3)), np.zeros(1), np.zeros(2), np.zeros(2))  # type: ignore[arg-type]


def test_before_the_first_report_the_prior_speaks(town):
    f = look(town.frames, now=0.0)
    assert (f.reported == -1).all()
    assert f.uncertain.all()
    assert np.isnan(f.z).all()
    assert (f.shortfall_probability == 0).all()
    assert f.expected_now.max() < 1
    assert f.totals["ALL"].low < town.final.sum() < f.totals["ALL"].high
    assert f.votes_now.value == pytest.approx(0, abs=1)


def test_the_city_is_found_and_the_regions_sum_to_it(town):
    later = 560.0
    f = look(town.frames, reports(town, later), nothing(), now=later)
    total = f.totals["ALL"]
    assert total.low < town.final.sum() < total.high
    assert sum(t.value for name, t in f.totals.items() if name != "ALL") == pytest.approx(total.value)
    now = town.counts(np.full(len(town.final), later), np.arange(len(town.final))).sum()
    assert f.votes_now.low < now < f.votes_now.high


def nothing():
    """Nothing new: an empty batch is welcome."""
    return batch_of([], [], [])


def test_the_band_runs_from_nobody_to_the_expected_final(town, morning):
    model = LiveModel(town.frames)
    model.observe(morning)
    f = model.forecast(NOON)
    band = model.band(5)
    assert band.mid[0] == 0
    assert band.minute[-1] == MINUTES
    assert band.mid[-1] == pytest.approx(f.expected_final[5], rel=1e-6)
    assert (np.diff(band.mid) > 0).all()
    assert (band.low <= band.mid).all()


def test_an_explanation_can_be_read_aloud(town, morning):
    model = LiveModel(town.frames)
    with pytest.raises(RuntimeError, match="forecast"):
        model.explain(0)
    model.observe(morning)
    f = model.forecast(NOON)
    why = model.explain(0)
    assert why.reported == f.reported[0]
    assert f"{why.reported} of" in why.text
    assert "90 %" in why.text
    assert why.shortfall == pytest.approx(max(0, why.expected - why.reported))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_day_of_few_precincts_works(size):
    small = make_town(n=size)
    f = look(small.frames, reports(small, NOON))
    assert np.isfinite(f.final).all()
    assert f.totals["ALL"].value > 0


def test_a_precinct_where_nobody_votes_is_no_trouble(town, morning):
    rows = np.flatnonzero(morning.precinct == 11)
    count = morning.count.copy()
    count[rows] = 0
    f = look(town.frames, replace(morning, count=count))
    assert np.isfinite(f.final).all()
    assert f.shortfall_probability[11] > 0.9


def test_a_flood_of_readings_of_one_precinct_is_bounded(town):
    many = batch_of(np.full(3000, 4), np.linspace(1, NOON, 3000), np.arange(3000) // 20)
    f = look(town.frames, many)
    assert f.reported[4] == 149
    assert np.isfinite(f.final).all()


def test_a_day_without_places_at_all(town, morning):
    bare = pd.DataFrame({"precinct_id": town.frames.precincts["precinct_id"]})
    frames = replace(town.frames, precincts=bare, sites=pd.DataFrame(columns=["site_id"]))
    f = look(frames, morning)
    assert np.median(np.abs(f.final / town.final - 1)) < 0.2
    assert list(f.totals) == ["(no region)", "ALL"]


def test_days_of_other_hours():
    town = make_town(n=60)
    for hours, minutes in (((6, 21), 900), ((8, 16), 480), ((7, 19), 720)):
        day = dataclass_day(*hours)
        frames = replace(town.frames, day=day)
        model = LiveModel(frames)
        model.observe(batch_of(np.arange(60), np.full(60, minutes / 2), np.round(town.final / 2)))
        f = model.forecast(minutes / 2)
        assert f.curve_minutes[-1] == minutes
        assert np.median(np.abs(f.final / town.final - 1)) < 0.3


def dataclass_day(opens, closes):
    import msgspec

    return msgspec.structs.replace(
        DAY, polls_open=DAY.polls_open.replace(hour=opens), polls_close=DAY.polls_close.replace(hour=closes)
    )
