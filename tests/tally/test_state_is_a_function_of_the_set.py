"""Contract 2: the same reports and holds in any order, any number of times, give byte-identical state."""

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warroom.domain.readings import fold
from warroom.domain.reports import (
    Checkins,
    Contact,
    Correction,
    EarlyVote,
    Incident,
    Money,
    Reject,
    Report,
    Wait,
)
from warroom.domain.sources import is_held
from warroom.store import keys
from warroom.store.day import put_day, read_limits
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.store.wire import hold_frame
from warroom.tally.worker import TallyWorker

OPEN = datetime(2025, 6, 24, 10, 0, tzinfo=UTC)
sources = st.sampled_from(["site A", "key/[a]*", "key/b"])
ids = st.sampled_from([f"r{n}" for n in range(12)])
minutes = st.one_of(st.integers(0, 900), st.sampled_from([-120, 5, 5, 30, 30, 1100]))
delays = st.sampled_from([0, 1, 4, 90, -10])
counts = st.one_of(st.integers(0, 400), st.sampled_from([0, 5, 57, 570, 900, 5_322, 9_999_999]))
precincts = st.sampled_from(["P0", "P1"])


def moment(minute: int) -> datetime:
    return OPEN + timedelta(minutes=minute)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    base = {"id": draw(ids), "source": draw(sources)}
    at = draw(minutes)
    base |= {"at": moment(at), "received": moment(max(0, at + draw(delays)))}
    match draw(st.integers(0, 11)):
        case 0:
            return Correction(**base, corrects=draw(ids), count=draw(counts))
        case 1:
            return Correction(**base, corrects=draw(ids), void=True, corrects_source=draw(sources))
        case 2:
            return EarlyVote(**base, precinct=draw(precincts), count=draw(counts), method="mail")
        case 3:
            return Wait(**base, site="S0", minutes=draw(st.integers(0, 90)))
        case 4:
            return Contact(**base, precinct="P0", channel="door", result=draw(st.sampled_from(["home", "away"])))
        case 5:
            return Money(**base, amount=draw(st.integers(1, 9)), campaign="c")
        case 6:
            return Incident(**base, site="S0", category="machine", severity="high")
        case 7:
            return Checkins(**base, site="S1", count=draw(counts))
        case _:
            return Checkins(**base, precinct=draw(precincts), count=draw(counts))


@st.composite
def rejects(draw: st.DrawFn) -> Reject:
    return Reject(
        digest=draw(st.sampled_from(["aa", "bb"])), reason="not_json", field="", remedy="send JSON",
        where=draw(st.sampled_from(["f:1", "f:9"])), received=moment(draw(st.integers(0, 3))), sample="{",
    )  # fmt: skip


class Decision(msgspec.Struct, frozen=True):
    """A director's, on a source and all below it; of several the one of the highest order counts."""

    order: int
    source: str

    @property
    def held(self) -> bool:
        return self.order % 2 == 1  # every order is one decision


decisions = st.builds(Decision, order=st.integers(1, 8), source=st.sampled_from(["site A", "key", "key/[a]*"]))


def decide(store, shards, decision):
    frame = hold_frame(decision.order, decision.source, decision.held, '{"by":"Ana","at_ms":0}')
    for shard in range(shards):
        store.xadd(keys.Shard(shard).intake, {"feed": "", "frame": frame})


def state_after(store, small_day, items, shards=1):
    store.flushdb()
    put_day(store, small_day, shards=shards)
    intake = RedisIntake(store)
    workers = [TallyWorker(store, shard, "one") for shard in range(shards)]
    while items:
        size = random.randint(1, 7)
        frame, items = items[:size], items[size:]
        for decision in (i for i in frame if isinstance(i, Decision)):
            decide(store, shards, decision)
        intake.put_frame(
            "test",
            [i for i in frame if not isinstance(i, Reject | Decision)],
            [i for i in frame if isinstance(i, Reject)],
        )
    for worker in workers:
        while worker.step():
            pass
    return StateReader(store)


@pytest.mark.parametrize("shards", [1, 3])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=st.lists(st.one_of(reports(), reports(), reports(), rejects(), decisions), max_size=40),
    seed=st.integers(0, 999),
)
def test_any_order_any_number_of_times_gives_the_same_bytes(store, small_day, shards, items, seed):
    once = state_after(store, small_day, list(items), shards).fingerprint()
    again = items * 3
    random.Random(seed).shuffle(again)
    assert state_after(store, small_day, again, shards).fingerprint() == once


@pytest.mark.parametrize("shards", [1, 3])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(reports(), max_size=40), when=st.integers(0, 40), source=st.sampled_from(["site A", "key"]))
def test_held_and_released_it_is_as_if_it_had_never_been_held(store, small_day, shards, items, when, source):
    never = state_after(store, small_day, list(items), shards).fingerprint()
    hold, release = Decision(1, source), Decision(2, source)
    state = state_after(store, small_day, [*items[:when], hold, *items[when:]], shards)
    units = state.units()
    for unit, rows in state.readings(units).items():
        assert all(r.held == is_held(r.source, {source}) for r in rows)
        assert units[unit].accepted <= sum(not r.held for r in rows)
    decide(store, shards, release)
    for shard in range(shards):
        TallyWorker(store, shard, "one").step()
    after = state.fingerprint()
    for shard in range(shards):
        assert list(after.pop(keys.Shard(shard).held)) == [source.encode()]
        never.pop(keys.Shard(shard).held)
    assert after == never


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(st.one_of(reports(), reports(), reports(), decisions), max_size=60))
def test_the_store_folds_as_the_domain_does(store, small_day, items):
    state = state_after(store, small_day, items)
    units = state.units()
    for unit, readings in state.readings(units).items():
        judged = fold(readings, read_limits(store, unit))
        accepted = [j.reading for j in judged if j.status == "accepted"]
        here = units[unit]
        assert (here.accepted, here.suspect) == (len(accepted), len(judged) - len(accepted))
        assert here.count == (accepted[-1].count if accepted else -1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(st.one_of(reports(), reports(), rejects(), decisions), max_size=40))
def test_every_report_is_accounted_for(store, small_day, items):
    totals = state_after(store, small_day, items).totals()
    items = [i for i in items if not isinstance(i, Decision)]
    assert totals.received == len(items)
    assert totals.repeated >= 0
    # distinct contents: an id used for two things counts once as a report and once as a reject
    distinct = {(type(i), getattr(i, "digest", None) or (i.source, i.id, content(i))) for i in items}
    assert totals.accepted + totals.suspect + totals.rejected == len(distinct)


def content(report: Report) -> tuple:
    fields = {f: getattr(report, f) for f in report.__struct_fields__ if f != "received"}
    if isinstance(report, Correction):
        fields["corrects_source"] = report.corrects_source or report.source
        fields["count"] = None if report.void else report.count
        fields["void"] = report.void or report.count is None
    return tuple(sorted((k, str(v)) for k, v in fields.items()))
