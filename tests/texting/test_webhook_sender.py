"""The signed webhook on a real socket."""

import json
import time

import pytest

from tests.run_async import run_async
from tests.texting.counterparts import LOST, Counterpart
from tests.texting.made_room import finished, propose
from tests.texting.test_twilio_sender import run
from warroom.domain.apikeys import signature_fault
from warroom.store.outbox import Outbox
from warroom.texting.senders.base import Outgoing, SenderError
from warroom.texting.senders.registry import open_sender
from warroom.texting.senders.webhook import Webhook

SECRET = "a-secret-of-both-sides"
MESSAGE = Outgoing(key="r:abc", to="+12075550100", text="Vote")


@pytest.fixture
def receiver():
    made = []

    def make(*script):
        left = list(script)

        def answer(request):
            how = left.pop(0) if left else 200
            if how is LOST:
                return LOST
            return how, {"Retry-After": "1"} if how in (429, 503) else {}, b""

        made.append(Counterpart(answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


def send(there):
    return run_async(Webhook(there.url, SECRET).send(MESSAGE))


def test_it_is_signed_as_the_rooms_own_door_checks_it_and_carries_its_key(receiver):
    there = receiver()
    assert send(there).outcome == "sent"
    [request] = there.seen
    signature = request["headers"]["X-Warroom-Signature"]
    assert signature_fault(signature, SECRET, request["body"], time.time()) == ""
    assert signature_fault(signature, "another", request["body"], time.time()) != ""
    assert request["headers"]["Idempotency-Key"] == "r:abc" and json.loads(request["body"])["to"] == MESSAGE.to


@pytest.mark.parametrize(
    ("how", "outcome", "wait_s"),
    [(429, "later", 1), (503, "later", 1), (500, "unknown", 0), (LOST, "unknown", 0), (400, "failed", 0),
     (307, "unknown", 0), (401, "later", 0)],
)  # fmt: skip
def test_each_answer_has_its_outcome(receiver, how, outcome, wait_s):
    receipt = send(receiver(how))
    assert (receipt.outcome, receipt.retry_after_s) == (outcome, wait_s)


def test_a_key_is_taken_once_by_the_receiver_through_every_fault(room, receiver):
    there, texts = receiver(200, 429, LOST, 503, 500), propose(room)
    run(room, Webhook(there.url, SECRET), finished(texts))
    assert Outbox(room).tally("stay-home:a1") == {"sent": 8, "unknown": 2}
    sent = [json.loads(r["body"])["key"] for r in there.seen]
    assert len(set(sent)) == 10 and len(sent) == 12  # only the two that were refused were sent again


@pytest.mark.parametrize(
    "url", ["http://example.org/in", "http://127.0.0.1.example.org/", "ftp://127.0.0.1/", "nothing"]
)
def test_numbers_go_over_https_or_stay_on_this_machine(url):
    given = {"WARROOM_TEXT_WEBHOOK": url, "WARROOM_TEXT_WEBHOOK_SECRET": SECRET}
    with pytest.raises(SenderError, match="https"):
        open_sender("webhook", given)
    assert open_sender("webhook", given | {"WARROOM_TEXT_WEBHOOK": "http://127.0.0.1:9/in"}).name == "webhook"
