"""What people approved goes out once; nothing else does; a stop is felt at once."""

import asyncio
import threading
from datetime import UTC, datetime

import msgspec
import pytest

from tests.run_async import run_async
from tests.texting.test_contacts_at_rest import KEY, person
from tests.texting.test_rules_propose import DAY, FILE, PRECINCTS, alert
from warroom.domain.places import PollSite
from warroom.domain.texts import Audience, TextDecision, TextRequest
from warroom.store.board import BoardStore
from warroom.store.day import DayClock, LoadedDay, Roster, put_day
from warroom.store.outbox import Outbox
from warroom.store.texts import TextStop, TextStore
from warroom.texting.contacts import ContactStore
from warroom.texting.outgoing import Sending
from warroom.texting.rules import parse_texting
from warroom.texting.senders.base import Receipt

RULES = parse_texting(FILE.replace(b"[limits]", b"[limits]\nmessages_per_second = 900"))
NOON = datetime(2026, 11, 3, 17, tzinfo=UTC)
SITES = [
    PollSite(site_id="s1", name="PS 1", address="1 Elm St"),
    PollSite(site_id="s2", name="PS 2", address="2 Oak St"),
]


class Recorder:
    """A provider that takes what it is given, and can be told otherwise."""

    name = "recorder"

    def __init__(self, answer=None):
        self.taken, self.answer, self.entered, self.go = [], answer, threading.Event(), None

    async def send(self, message):
        self.taken.append(message)
        self.entered.set()
        if self.go is not None:
            await self.go.wait()
        return (self.answer or (lambda m: Receipt(outcome="sent", provider_id=f"id-{m.key}")))(message)

    async def close(self):
        pass


@pytest.fixture
def room(store):
    put_day(store, LoadedDay(day=DAY, roster=Roster(PRECINCTS, SITES), ceilings={}, folder=b"", geometry=b""))
    DayClock(store).set(NOON, 0.0)
    BoardStore(store).put_alerts([alert(precinct="p1", region="North")])
    ContactStore(store, KEY).load([person(n, f"+120755501{n:02d}") for n in range(10)])
    return store


def propose(store, hold_out=0.0, approve=True, request_id="stay-home:a1"):
    variants = RULES.rule[0].variant
    request = TextRequest(
        id=request_id, rule="stay-home", alert="a1", kind="low_turnout", region="North", place="p1", reason="short",
        proposed_ms=0, latest_ms=2**53, audience=Audience(precincts=("p1",), people=10), variants=variants,
        voters=(0.0, 1.0, 2.0), cost_cents=1, hold_out_share=hold_out,
    )  # fmt: skip
    texts = TextStore(store)
    texts.propose([request])
    if approve:
        texts.decide(request_id, TextDecision(what="approve", by="Ana", at_ms=1, version=0))
    return texts


def run(store, sender, until, limit_s=20.0, choose=None):
    """Run the worker in this thread until a condition holds."""
    worker = Sending(store, RULES, ContactStore(store, KEY), sender, choose, wait_s=lambda n: 0.0)
    stop = threading.Event()

    async def both():
        task = asyncio.create_task(worker.run(stop))
        async with asyncio.timeout(limit_s):
            while not until():
                await asyncio.sleep(0.01)
        stop.set()
        await task

    run_async(both())


def finished(texts, request_id="stay-home:a1"):
    return lambda: texts.one(request_id).status == "sent"


def test_everyone_approved_gets_one_message_that_names_their_site(room):
    sender, texts = Recorder(), propose(room)
    run(room, sender, finished(texts))
    assert len({m.to for m in sender.taken}) == len(sender.taken) == 10
    assert sender.taken[0].text == "Okafor for Mayor: vote at PS 1 until 9:00 PM. Reply STOP to end"
    assert Outbox(room).tally("stay-home:a1") == {"sent": 10}


def test_what_nobody_approved_is_not_sent(room):
    propose(room, approve=False)
    texts = propose(room, request_id="other")
    sender = Recorder()
    run(room, sender, finished(texts, "other"))
    assert {m.key.split(":")[0] for m in sender.taken} == {"other"}


def test_a_second_request_to_the_same_people_meets_the_cap(room):
    sender, texts = Recorder(), propose(room)
    run(room, sender, finished(texts))
    propose(room, request_id="other")
    run(room, sender, finished(texts, "other"))
    assert len(sender.taken) == 10
    assert Outbox(room).tally("other") == {"kept_back": 10} and Outbox(room).reasons("other") == {"cap": 10}


def test_who_opted_out_and_who_was_drawn_are_left_out(room):
    ContactStore(room, KEY).opt_out("+12075550103")
    sender, texts = Recorder(), propose(room, hold_out=0.6)
    run(room, sender, finished(texts))
    reasons = Outbox(room).reasons("stay-home:a1")
    assert sum(reasons.values()) + len(sender.taken) == 10 and reasons["held_out"] >= 1
    assert "+12075550103" not in {m.to for m in sender.taken}


def test_a_stop_keeps_everything_that_was_not_begun(room):
    texts = propose(room)
    sender = Recorder()

    def stop_after_three(message):
        if len(sender.taken) == 3:
            texts.stop(TextStop(by="Ana", at_ms=1, reason="wrong site"))
        return Receipt(outcome="sent", provider_id=message.key)

    sender.answer = stop_after_three
    run(room, sender, lambda: texts.stopped() is not None)  # and until what was under way has ended
    begun = len(sender.taken)
    assert begun < 10 and Outbox(room).waiting("stay-home:a1") == 10 - begun
    texts.go_on("Ben", 2, "mended")
    run(room, sender, finished(texts))
    assert len({m.to for m in sender.taken}) == len(sender.taken) == 10


def test_a_cancel_empties_the_queue(room):
    texts = propose(room)
    sender = Recorder()
    texts.decide("stay-home:a1", TextDecision(what="cancel", by="Ana", at_ms=1, version=1, reason="no"))
    other = propose(room, request_id="other")
    run(room, sender, finished(other, "other"))
    assert not [m for m in sender.taken if m.key.startswith("stay-home")]


def test_a_worker_that_died_with_a_message_under_way_sends_it_never_again(room):
    texts, outbox = propose(room), Outbox(room)
    first = Sending(room, RULES, ContactStore(room, KEY), Recorder())
    first.look()  # approved: begun and queued
    taken = outbox.take("stay-home:a1")
    outbox.move("stay-home:a1", taken.ref, "sending")  # here it dies
    lost = outbox.take("stay-home:a1")  # and another had been taken from the queue, not begun
    sender = Recorder()
    run(room, sender, finished(texts))
    keys = [m.key for m in sender.taken]
    assert f"stay-home:a1:{taken.ref}" not in keys and f"stay-home:a1:{lost.ref}" in keys
    assert len(keys) == len(set(keys)) == 9
    assert outbox.tally("stay-home:a1") == {"sent": 9, "unknown": 1}


def test_later_is_asked_again_and_at_last_counts_as_failed(room):
    texts = propose(room)
    tries = {}

    def later_twice(message):
        tries[message.key] = tries.get(message.key, 0) + 1
        if message.to.endswith("00"):
            return Receipt(outcome="later", reason="429", retry_after_s=0.0)
        return Receipt(outcome="sent") if tries[message.key] > 2 else Receipt(outcome="later", reason="429")

    run(room, Recorder(later_twice), finished(texts))
    assert Outbox(room).tally("stay-home:a1") == {"sent": 9, "failed": 1}
    assert Outbox(room).reasons("stay-home:a1") == {"failed: 429": 1}


def test_when_the_alert_is_over_the_rest_is_kept_back(room):
    texts = propose(room)
    BoardStore(room).put_alerts([msgspec.structs.replace(alert(precinct="p1", region="North"), status="closed")])
    sender = Recorder()
    run(room, sender, finished(texts))
    assert sender.taken == [] and Outbox(room).reasons("stay-home:a1") == {"recovered": 10}


def test_callbacks_twice_late_and_early_change_a_state_once(room):
    outbox = Outbox(room)
    outbox.move("r", "a", "queued")
    outbox.move("r", "a", "sending")
    assert not outbox.told("P1", "delivered")  # before the reply
    outbox.move("r", "a", "sent")
    outbox.know("P1", "r", "a")
    assert outbox.tally("r") == {"delivered": 1}
    assert not outbox.told("P1", "delivered") and not outbox.told("P1", "sent")  # twice, and late
    assert outbox.told("P1", "opted_out") and outbox.tally("r") == {"opted_out": 1}
