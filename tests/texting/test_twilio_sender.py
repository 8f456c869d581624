"""Twilio on a real socket: nobody gets a message twice, whatever goes wrong, and nothing goes without approval."""

import logging
import threading

import pytest

from bench.running import until
from tests.run_async import run_async
from tests.texting.counterparts import ACCOUNT, SERVICE, TOKEN, TwilioCounterpart
from tests.texting.made_room import KEY, finished, person, propose, run
from warroom.store.outbox import Outbox
from warroom.store.sender_state import read_sender_state
from warroom.texting.breaker import FAILURES
from warroom.texting.contacts import ContactStore
from warroom.texting.outgoing import IN_FLIGHT
from warroom.texting.senders.base import Outgoing, SenderError
from warroom.texting.senders.registry import open_sender
from warroom.texting.senders.twilio import Twilio

ID = "stay-home:a1"
MESSAGE = Outgoing(key=f"{ID}:abc", to="+12075550100", text="Vote until 9:00 PM")


@pytest.fixture
def twilio():
    made = []

    def make(script=(), **more):
        made.append(TwilioCounterpart(script, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def sender(counterpart, public_url="", timeout_s=60.0):
    return Twilio(ACCOUNT, TOKEN, SERVICE, public_url, counterpart.url, timeout_s)


def send(way, message=MESSAGE):
    return run_async(way.send(message))


def test_a_message_goes_by_the_messaging_service_and_names_its_key_for_the_callback(twilio):
    there = twilio()
    receipt = send(sender(there, "https://room.example.org/"))
    assert (receipt.outcome, receipt.provider_id) == ("sent", "SM" + "1".zfill(32))
    [form] = there.forms
    assert (form["To"], form["Body"]) == (MESSAGE.to, MESSAGE.text)
    assert form["StatusCallback"] == ("https://room.example.org/api/v1/texts/twilio/status?key=stay-home%3Aa1%3Aabc")


@pytest.mark.parametrize(
    ("how", "outcome", "trouble"),
    [("429", "later", False), ("500", "unknown", True), ("lost", "unknown", True), ("21610", "failed", False),
     ("given up", "failed", False),
     ("401", "later", True)],
)  # fmt: skip
def test_what_is_certain_decides_whether_it_may_be_asked_again(twilio, how, outcome, trouble):
    receipt = send(sender(twilio([how])))
    assert (receipt.outcome, receipt.trouble) == (outcome, trouble)
    assert receipt.opted_out == (how in ("21610", "given up"))
    assert receipt.retry_after_s == (1.0 if how == "429" else 0.0)
    assert "2075550100" not in receipt.reason


def test_a_time_out_in_mid_request_is_unknown(twilio):
    go = threading.Event()
    there = twilio(before_answer=lambda _sid, _form: go.wait(60))
    receipt = send(sender(there, timeout_s=0.5))
    until("it is there", lambda: there.taken[MESSAGE.to] == 1)
    go.set()
    assert receipt.outcome == "unknown"


def test_where_nobody_listens_nothing_left_and_it_may_be_asked_again():
    receipt = send(Twilio(ACCOUNT, TOKEN, SERVICE, "", "http://127.0.0.1:1"))
    assert (receipt.outcome, receipt.trouble) == ("later", True)


def test_through_every_fault_each_person_gets_at_most_one(room, twilio):
    script = ["ok", "429", "500", "lost", "429", "ok", "21610"]
    there, texts = twilio(script), propose(room)
    run(room, sender(there), finished(texts))
    assert max(there.taken.values()) == 1
    tally = Outbox(room).tally(ID)
    assert tally == {"sent": 7, "unknown": 2, "failed": 1}
    assert sum(there.taken.values()) == 9  # all but the one that had said STOP to Twilio
    [gone] = {f"+120755501{n:02d}" for n in range(10)} - set(there.taken)
    contacts = ContactStore(room, KEY)
    assert contacts.opted_out(contacts.digests.digest(gone))


def test_without_approval_nothing_reaches_the_provider(room, twilio):
    there = twilio()
    propose(room, approve=False)
    other = propose(room, request_id="other")
    run(room, sender(there), finished(other, "other"))
    assert len(there.seen) == 10 and not Outbox(room).tally(ID)


def test_a_provider_that_is_down_costs_few_messages_then_the_sender_rests(room, twilio):
    ContactStore(room, KEY).load([person(n, f"+1207555{n:04d}") for n in range(60)])
    there, _ = twilio(["500"] * 60), propose(room)
    run(room, sender(there), lambda: (state := read_sender_state(room)) is not None and state.state == "rests")
    assert FAILURES <= len(there.seen) < FAILURES + IN_FLIGHT
    assert Outbox(room).waiting(ID) == 60 - len(there.seen)
    assert read_sender_state(room).reason.startswith("HTTP 500")


def test_no_number_stands_in_a_log_or_in_what_is_told(room, twilio, caplog):
    caplog.set_level(logging.DEBUG)
    there, texts = twilio(["500", "lost", "21610"]), propose(room)
    run(room, sender(there), finished(texts))
    told = caplog.text + str(Outbox(room).reasons(ID)) + repr(MESSAGE) + str(read_sender_state(room))
    assert "2075550" not in told and "Zebulon" not in told


@pytest.mark.parametrize("missing", ["ACCOUNT", "TOKEN", "MESSAGING_SERVICE"])
def test_a_missing_setting_is_named(missing):
    every = {"WARROOM_TWILIO_ACCOUNT": ACCOUNT, "WARROOM_TWILIO_TOKEN": TOKEN,
             "WARROOM_TWILIO_MESSAGING_SERVICE": SERVICE}  # fmt: skip
    assert open_sender("twilio", every).name == "Twilio"
    with pytest.raises(SenderError, match=f"WARROOM_TWILIO_{missing}"):
        open_sender("twilio", {name: value for name, value in every.items() if not name.endswith(missing)})


def test_a_slow_provider_holds_up_nobody_behind_the_first(room, twilio):
    together = threading.Barrier(10)  # answers nobody before all ten have asked
    there, texts = twilio(before_answer=lambda _sid, _form: together.wait(90)), propose(room)
    run(room, sender(there, timeout_s=90), finished(texts))
    assert Outbox(room).tally(ID) == {"sent": 10}
