"""When an alert is over, as the model and people ended it; a rule that answers its end, and a site that stopped."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.texting.made_room import COUNTS, DAY, FILE, PRECINCTS, alert
from warroom.domain.handling import Decision, Handling, decide
from warroom.texting.ended import Ended, ended, standing
from warroom.texting.propose import Places, consider
from warroom.texting.rules import parse_texting

CLOSED = datetime(2026, 11, 3, 17, 30, tzinfo=UTC)  # 12:30 in New York; the alert was raised at 11:00
CLOSED_MS = round(CLOSED.timestamp() * 1000)
MINUTE_MS = 60_000
AFTER = FILE.replace(b'name = "stay-home"', b'name = "after"\nwhen = "over"')
STOPPAGE = msgspec.structs.replace(alert("stoppage", site="s1", region="North"), id="stoppage:s1:1")
OVER = msgspec.structs.replace(STOPPAGE, status="closed", closed_at=CLOSED)


def handled(*steps: str, at_ms: int = CLOSED_MS) -> dict[str, Handling]:
    """{alert: what people did}; a minute from one step to the next, the last at `at_ms`."""
    held = Handling(alert=STOPPAGE.id)
    for n, what in enumerate(steps):
        at = at_ms - (len(steps) - 1 - n) * MINUTE_MS
        held = decide(held, Decision(what=what, by="Ana", at_ms=at, version=held.version, reason="x", severity="high"))
    return {STOPPAGE.id: held}


@pytest.mark.parametrize(
    ("steps", "closed", "over"),
    [
        ((), False, None),
        ((), True, (CLOSED_MS, False)),
        (("acknowledge",), True, (CLOSED_MS, False)),
        (("acknowledge", "resolve"), False, (CLOSED_MS - 9, True)),
        (("acknowledge", "resolve"), True, (CLOSED_MS - 9, True)),  # people knew first
        (("acknowledge", "resolve", "reopen"), False, None),
        (("dismiss",), False, None),
        (("dismiss",), True, None),  # it was false from the beginning
        (("dismiss", "reopen"), True, (CLOSED_MS, False)),
    ],
)
def test_an_alert_is_over_when_the_model_or_people_ended_it_and_not_when_it_was_false(steps, closed, over):
    one, said = OVER if closed else STOPPAGE, handled(*steps, at_ms=CLOSED_MS - 9)
    assert [(e.at_ms, e.by_people) for e in ended([one], said)] == ([over] if over else [])
    is_dismissed = steps[-1:] == ("dismiss",)
    assert bool(standing([one], said)) == (not closed and over is None and not is_dismissed)


def made(*over, now_ms=CLOSED_MS + MINUTE_MS, text=AFTER, alerts=(), again=()):
    at = Places(PRECINCTS)
    return consider(alerts, parse_texting(text), at, COUNTS, DAY, now_ms, over, at.stopped(again))


def test_a_rule_that_answers_the_end_proposes_then_and_says_what_the_alert_knew():
    [found] = made(Ended(OVER, CLOSED_MS))
    assert found.request.id == "after:stoppage:s1:1:1230" and found.request.when == "over"
    assert found.request.reason == (
        "Voting goes on, seen at 12:30; the alert stood for 90 min, about 60 voters fewer than expected"
    )
    assert found.request.audience.precincts == ("p1", "p2")
    [resolved] = made(Ended(OVER, CLOSED_MS, by_people=True))
    assert resolved.request.reason.startswith("Voting goes on, resolved at 12:30")
    low = msgspec.structs.replace(OVER, kind="low_turnout")
    assert made(Ended(low, CLOSED_MS))[0].request.reason == "Over at 12:30, the alert stood for 90 min: short"


def test_it_proposes_neither_while_the_alert_is_open_nor_long_after():
    assert made(alerts=[STOPPAGE]) == []
    assert made(Ended(OVER, CLOSED_MS), text=FILE) == []  # and a rule that answers open alerts not then
    assert made(Ended(OVER, CLOSED_MS), now_ms=CLOSED_MS + 60 * MINUTE_MS)[0].request
    assert made(Ended(OVER, CLOSED_MS), now_ms=CLOSED_MS + 61 * MINUTE_MS) == []
    longer = AFTER.replace(b'when = "over"', b'when = "over"\nwithin_minutes = 90')
    assert made(Ended(OVER, CLOSED_MS), now_ms=CLOSED_MS + 61 * MINUTE_MS, text=longer)[0].request


def test_while_voting_has_stopped_no_rule_proposes_a_text_to_that_site():
    again = msgspec.structs.replace(STOPPAGE, id="stoppage:s1:2", raised_at=CLOSED + timedelta(minutes=1))
    [found] = made(Ended(OVER, CLOSED_MS), again=[again])
    assert found.request is None and found.why_not == "voting at their site has stopped"
    low = alert(precinct="p1", region="North")
    assert made(alerts=[low], text=FILE, again=[again])[0].why_not == "voting at their site has stopped"
    assert made(alerts=[low], text=FILE, again=[msgspec.structs.replace(again, site="s2")])[0].request


def test_a_stoppage_is_of_all_who_vote_there():
    at = Places([*PRECINCTS, msgspec.structs.replace(PRECINCTS[0], precinct_id="p4", site_id="")])
    of = lambda **where: at.stopped([alert("stoppage", **where)])  # noqa: E731
    assert of(site="s1") == of(precinct="p2") == of(precinct="p2", site="s1") == {"p1", "p2"}
    assert of(precinct="p4") == {"p4"}
    assert at.stopped([alert("slowdown", site="s1")]) == frozenset()
