"""An alert's life: which steps follow which, what an undo restores, when a promise is broken."""

from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warroom.domain.alerts import Alert
from warroom.domain.handling import (
    ALLOWED,
    HELD,
    Deadlines,
    Decision,
    Handling,
    HandlingStatus,
    NotAllowed,
    What,
    as_handled,
    decide,
    escalated,
    put_away,
    steps_from,
    worse_since,
)

MINUTE_MS = 60_000
ALERT = Alert(
    id="low_turnout:P1:1", kind="low_turnout", severity="medium", reason="57 of 90", precinct="P1", site="S1",
    raised_at=datetime(2025, 6, 24, 12, tzinfo=UTC), updated_at=datetime(2025, 6, 24, 12, tzinfo=UTC),
)  # fmt: skip


def wish(what: What, handling: Handling, **more) -> Decision:
    """A decision with all that any step needs."""
    given = {"by": "Ana", "at_ms": 0, "reason": "known here", "volunteer": "V001", "deadline_minutes": 20, **more}
    return Decision(what=what, version=handling.version, **given)


def after(*steps: What) -> Handling:
    handling = Handling(alert=ALERT.id)
    for what in steps:
        handling = decide(handling, wish(what, handling, severity="medium"))
    return handling


def test_a_whole_life():
    told = [after(*steps).stage.status for steps in (
        ["acknowledge"],
        ["acknowledge", "dispatch"],
        ["acknowledge", "dispatch", "arrive"],
        ["acknowledge", "dispatch", "arrive", "resolve"],
        ["acknowledge", "dispatch", "arrive", "resolve", "reopen"],
        ["acknowledge", "dispatch", "arrive", "resolve", "reopen", "acknowledge"],
        ["dismiss"],
    )]  # fmt: skip
    assert told == ["acknowledged", "dispatched", "on_site", "resolved", "reopened", "acknowledged", "dismissed"]


def test_who_takes_it_owns_it_until_the_deadline():
    stage = after("acknowledge").stage
    assert (stage.owner, stage.owned_ms, stage.deadline_ms) == ("Ana", 0, 20 * MINUTE_MS)


def test_of_two_people_the_second_is_told_who_has_it():
    taken = after("acknowledge")
    with pytest.raises(NotAllowed) as refused:
        decide(taken, Decision(what="acknowledge", by="Ben", at_ms=0, version=0))
    assert refused.value.reason == "owned"
    assert str(refused.value) == "Ana has it"
    assert refused.value.handling == taken


def test_a_step_on_an_old_version_is_refused_and_says_what_happened():
    gone_on = after("acknowledge", "dispatch")
    with pytest.raises(NotAllowed, match="Ana sent somebody for it meanwhile") as refused:
        decide(gone_on, Decision(what="resolve", by="Ben", at_ms=0, version=1))
    assert refused.value.reason == "stale"


@pytest.mark.parametrize(
    ("steps", "what", "more", "reason"),
    [
        ([], "dismiss", {"reason": "  "}, "needs_reason"),
        (["acknowledge"], "dispatch", {"volunteer": None}, "needs_volunteer"),
        ([], "undo", {}, "nothing_to_undo"),
        ([], "arrive", {}, "wrong_step"),
        (["dismiss"], "acknowledge", {}, "wrong_step"),
    ],
)
def test_a_refusal_has_a_name(steps, what, more, reason):
    held = after(*steps)
    with pytest.raises(NotAllowed) as refused:
        decide(held, wish(what, held, **more))
    assert refused.value.reason == reason


def test_undo_restores_what_held_and_keeps_both_in_the_history():
    before = after("acknowledge")
    sent = decide(before, wish("dispatch", before))
    undone = decide(sent, wish("undo", sent, by="Ben"))
    assert undone.stage == before.stage
    assert undone.version == 3
    assert [(s.decision.what, s.decision.by) for s in undone.history] == [
        ("acknowledge", "Ana"), ("dispatch", "Ana"), ("undo", "Ben"),
    ]  # fmt: skip


def test_a_promise_is_broken_when_its_deadline_passes_and_kept_by_progress():
    held = after("acknowledge")
    assert not escalated(held, 20 * MINUTE_MS)
    assert escalated(held, 20 * MINUTE_MS + 1)
    sent = decide(held, wish("dispatch", held, at_ms=19 * MINUTE_MS))
    assert not escalated(sent, 20 * MINUTE_MS + 1)
    assert not escalated(Handling(alert=ALERT.id), 10**12)  # nobody promised anything


def test_more_time_and_a_new_owner_move_the_deadline():
    held = after("acknowledge")
    later = decide(held, wish("extend", held, at_ms=10 * MINUTE_MS, deadline_minutes=60))
    assert later.stage.deadline_ms == 70 * MINUTE_MS
    other = decide(later, wish("take_over", later, by="Ben", at_ms=5))
    assert (other.stage.owner, other.stage.deadline_ms) == ("Ben", 5 + 20 * MINUTE_MS)


def test_what_was_put_away_comes_back_when_it_grows_worse():
    gone = after("dismiss")
    assert put_away(ALERT, gone)
    worse = msgspec.structs.replace(ALERT, severity="high")
    assert worse_since(worse, gone)
    assert not put_away(worse, gone)


def test_the_wall_sees_the_owner_and_only_the_model_closes():
    assert as_handled(ALERT, after("acknowledge")).owner == "Ana"
    assert as_handled(ALERT, after("acknowledge", "undo")).owner is None
    closed = msgspec.structs.replace(ALERT, status="closed")
    assert as_handled(closed, after("acknowledge")).status == "closed"
    assert as_handled(ALERT, after("dismiss")).status == "open"


def test_deadlines_by_severity():
    assert [Deadlines().minutes(s) for s in ("high", "medium", "low")] == [10, 20, 45]


@given(st.lists(st.sampled_from(get_args(What)), max_size=25))
def test_any_sequence_of_clicks_keeps_the_rules(clicks):
    handling, taken = Handling(alert="x"), 0
    for what in clicks:
        offered = steps_from(handling)
        try:
            new = decide(handling, wish(what, handling))
        except NotAllowed as refused:
            assert refused.handling == handling
            assert what not in offered
            continue
        taken += 1
        assert new.version == handling.version + 1
        assert what == "undo" or what in offered
        assert (new.stage.status in HELD) == (new.stage.deadline_ms is not None)
        assert new.stage.status not in HELD or new.stage.owner
        assert decide(new, wish("undo", new)).stage == handling.stage
        handling = new
    assert len(handling.history) == taken


@given(st.sampled_from(get_args(What)), st.integers(0, 5), st.lists(st.sampled_from(get_args(What)), max_size=6))
def test_another_version_never_passes(what, version, clicks):
    handling = Handling(alert="x")
    for click in clicks:
        try:
            handling = decide(handling, wish(click, handling))
        except NotAllowed:
            continue
    if version != handling.version:
        with pytest.raises(NotAllowed):
            decide(handling, msgspec.structs.replace(wish(what, handling), version=version))


def test_every_status_has_a_way_on():
    for status in get_args(HandlingStatus):
        assert any(status in allowed for allowed in ALLOWED.values()), status


def test_a_handling_survives_the_store():
    held = after("acknowledge", "dispatch", "undo")
    assert msgspec.json.decode(msgspec.json.encode(held), type=Handling) == held
