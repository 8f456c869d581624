"""Leaving one election out: folds see only what came before them, and the report says who wins."""

from dataclasses import replace
from datetime import date, time

import numpy as np
import pandas as pd
import pytest

from anomaly.frames import DayFrames
from anomaly.heldout import at_level, errors_of, folds, hold_out, hold_out_all, like_rescaled, predict, scored
from bench.loeo import MODEL, SIDES, philadelphia, run, summary
from bench.loeo_text import ratio_interval, write_report
from warroom.domain.election import ElectionDay

PRECINCTS = 60


def made_up(elections: int, noise: float = 0.1) -> DayFrames:
    """A town whose precincts keep their size, but for noise, over general elections two years apart."""
    draw = np.random.default_rng(5)
    size = np.exp(draw.normal(5.3, 0.5, PRECINCTS))
    ids = [f"P{i:02d}" for i in range(PRECINCTS)]
    history = pd.DataFrame(
        [
            {
                "election_id": f"{year}_general", "date": f"{year}-11-05", "type": "general", "party": "",
                "precinct_id": ids[i], "ballots": float(round(size[i] * np.exp(draw.normal(0, noise)))),
            }
            for year in range(2024, 2024 - 2 * elections, -2)
            for i in range(PRECINCTS)
        ],
        columns=["election_id", "date", "type", "party", "precinct_id", "ballots"],
    )  # fmt: skip
    precincts = pd.DataFrame(
        {"precinct_id": ids, "name": ids, "region": "", "site_id": "", "registered": np.nan, "lat": np.nan,
         "lon": np.nan}
    )  # fmt: skip
    day = ElectionDay(name="Town", date=date(2026, 11, 3), timezone="America/New_York", polls_open=time(6),
                      polls_close=time(21), type="general")  # fmt: skip
    return DayFrames(day, precincts, pd.DataFrame(), history)


@pytest.mark.parametrize(("elections", "expected"), [(0, 0), (1, 0), (2, 0), (3, 1), (6, 4)])
def test_a_fold_needs_two_elections_before_it(elections: int, expected: int) -> None:
    assert len(folds(made_up(elections))) == expected


def test_a_fold_sees_only_what_came_before_it() -> None:
    for fold in folds(made_up(5)):
        assert (fold.frames.history["date"] < fold.frames.day.date.isoformat()).all()
        assert fold.frames.early_vote is None


def test_the_future_does_not_change_a_fold() -> None:
    frames = made_up(6)
    short = replace(frames, history=frames.history[frames.history["date"] < "2021"])
    whole = {o.election_id: o.model.median.value for o in hold_out_all(frames)}
    for outcome in hold_out_all(short):
        assert outcome.model.median.value == whole[outcome.election_id]


def test_the_newest_folds_are_kept() -> None:
    assert [f.election_id for f in folds(made_up(6), newest=2)] == ["2022_general", "2024_general"]


def test_a_steady_town_is_predicted_within_its_noise() -> None:
    outcome = hold_out(folds(made_up(6, noise=0.08))[-1])
    assert outcome.model_level.median.value < 0.10
    assert outcome.model_level.median.low <= outcome.model_level.median.value <= outcome.model_level.median.high
    assert outcome.total.low < outcome.actual_total < outcome.total.high
    assert ((outcome.pit >= 0) & (outcome.pit <= 1)).all()


def test_both_sides_have_the_same_total() -> None:
    seen = predict(folds(made_up(5))[-1])
    assert seen.usual is not None
    assert np.isclose(at_level(seen.usual, seen.actual).sum(), seen.actual.sum())
    assert np.isclose(at_level(seen.final, seen.actual).sum(), seen.actual.sum())


def test_an_election_without_a_comparable_one_has_no_rescaling() -> None:
    assert np.isnan(like_rescaled(np.full(4, np.nan), np.ones(4))).all()


def test_tiny_and_unknown_precincts_are_not_scored() -> None:
    assert scored(np.array([np.nan, 0.0, 3.0, 60.0, 500.0])).tolist() == [False, False, False, True, True]
    assert scored(np.array([10.0, 12.0, 1.0])).tolist() == [True, True, False]  # a village: half its median


def test_errors_come_with_an_interval() -> None:
    found = errors_of(np.full(100, 110.0), np.full(100, 100.0))
    assert found.median.value == pytest.approx(0.1)
    assert found.median.low <= found.median.value <= found.median.high


def test_the_report_names_a_winner_and_every_side() -> None:
    rows = run(made_up(6))
    assert [r.election_id for r in rows] == ["2018_general", "2020_general", "2022_general", "2024_general"]
    assert rows[0].scores["trees"].coverage_level is None  # nothing held out before it
    text = write_report({"Town": rows}, {"Town": {s: summary(rows, s) for s in SIDES}}, "python -m bench.loeo X")
    assert "**Against the model, paired over 4 held-out elections" in text
    for side in SIDES:
        assert f"| {side} |" in text
    assert summary(rows, MODEL)["against_model"] == 0
    low, high = ratio_interval(rows, "trees")
    assert low <= high


@pytest.mark.realdata
def test_philadelphia_has_its_elections_on_their_dates(shared_data) -> None:  # type: ignore[no-untyped-def]
    frames = philadelphia(shared_data)
    days = dict(frames.history.groupby("election_id")["date"].first())
    assert len(days) == 35
    assert days["2018_primary"] == "2018-05-15"
    assert days["2018_general"] == "2018-11-06"
    assert days["2008_primary"] == "2008-04-22"
