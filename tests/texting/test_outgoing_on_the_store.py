"""What people approved goes out once; nothing else does; a stop is felt at once."""

import msgspec

from tests.texting.made_room import KEY, NOON, RULES, Recorder, alert, finished, person, propose, run
from warroom.domain.texts import TextDecision
from warroom.store.board import BoardStore
from warroom.store.day import DayClock
from warroom.store.outbox import Outbox
from warroom.store.sender_state import SenderState, read_sender_state
from warroom.store.texts import TextStop
from warroom.texting import outgoing
from warroom.texting.contacts import ContactStore
from warroom.texting.outgoing import Sending
from warroom.texting.senders.base import Receipt

ID = "stay-home:a1"


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


def test_whom_it_is_too_early_to_text_waits_for_the_hour(room):
    west = [person(n, f"+120755501{n:02d}", timezone="America/Los_Angeles" if n < 3 else "") for n in range(10)]
    ContactStore(room, KEY).load(west)
    sender, texts, seen = Recorder(), propose(room), []
    DayClock(room).set(NOON.replace(hour=12, minute=50), 0.0)  # ten to eight in New York

    def until():
        waits = (read_sender_state(room) or SenderState(state="", at_ms=0)).waits
        if waits == {ID: 10} and not seen:
            seen.append((len(sender.taken), Outbox(room).tally(ID)))
            DayClock(room).set(NOON.replace(hour=13), 0.0)
        if waits == {ID: 3} and len(seen) == 1:
            seen.append((len(sender.taken), texts.one(ID).status))
            DayClock(room).set(NOON.replace(hour=16), 0.0)
        return texts.one(ID).status == "sent"

    run(room, sender, until)
    assert seen == [(0, {"queued": 10}), (7, "sending")]
    assert len({m.to for m in sender.taken}) == len(sender.taken) == 10
    assert Outbox(room).tally(ID) == {"sent": 10} and Outbox(room).reasons(ID) == {}


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


def test_nobody_is_sent_to_a_site_where_voting_has_stopped_and_later_they_are(room, monkeypatch):
    monkeypatch.setattr(outgoing, "CHECK_S", 0.0)  # each message looks
    stoppage = msgspec.structs.replace(alert("stoppage", site="s1"), id="stoppage:s1:1")
    sender, texts, board = Recorder(), propose(room), BoardStore(room)

    def stops_after_three(message):
        if len(sender.taken) == 3:
            board.put_alerts([stoppage])
        return Receipt(outcome="sent", provider_id=message.key)

    sender.answer = stops_after_three
    run(room, sender, finished(texts))
    before = len(sender.taken)
    assert before < 10 and Outbox(room).reasons("stay-home:a1") == {"site_stopped": 10 - before}
    board.put_alerts([msgspec.structs.replace(stoppage, status="closed", closed_at=NOON)])
    propose(room, request_id="after", answers=stoppage.id, when="over")
    run(room, sender, finished(texts, "after"))  # though the alert that it answers is closed
    assert len({m.to for m in sender.taken}) == len(sender.taken) == 10
    assert Outbox(room).reasons("after") == {"cap": before}


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
