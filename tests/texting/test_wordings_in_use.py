"""Thompson sampling in the worker: what people answer decides what the next ones read."""

from collections import Counter

import msgspec
import numpy as np

from tests.texting.made_room import KEY, Recorder, finished, person, propose, run
from warroom.domain.texts import TextDecision, Variant
from warroom.store.outbox import Outbox
from warroom.store.texts import TextStore
from warroom.texting.contacts import ContactStore
from warroom.texting.senders.base import Receipt
from warroom.texting.variants import Seen
from warroom.texting.wordings import Wordings, posteriors_of, seen_of

ID = "stay-home:a1"
ASKS = Variant(name="asks", texts={"en": "Will you vote at {site_name}? {campaign_name}. Reply STOP to end"})


def two_wordings(store, request_id=ID):
    """An approved request with a second wording."""
    texts = propose(store, request_id=request_id, approve=False)
    request = texts.one(request_id).request
    both = msgspec.structs.replace(request, variants=(*request.variants, ASKS))
    texts.decide(request_id, TextDecision(what="edit", by="Ben", at_ms=1, version=0, request=both))
    texts.decide(request_id, TextDecision(what="approve", by="Ana", at_ms=1, version=1))
    return texts


def test_counts_by_wording_follow_every_message(room):
    texts, outbox = two_wordings(room), Outbox(room)
    sender = Recorder()
    run(room, sender, finished(texts))
    asked = sum(m.text.startswith("Will you") for m in sender.taken)
    assert outbox.by_variant(ID)["asks"] == {"sending": 0, "sent": asked}
    first = sender.taken[0]
    outbox.told(f"id-{first.key}", "delivered")
    outbox.answered(ContactStore(room, KEY).digests.digest(first.to), "replied")
    seen = seen_of(texts.one(ID), texts.cases(), outbox)
    assert sum(s.delivered for s in seen.values()) == 10 and sum(s.replied for s in seen.values()) == 1


def test_a_wording_that_is_answered_is_sent_more_and_nobody_is_sent_two(room):
    ContactStore(room, KEY).load([person(n, f"+1207555{n:04d}") for n in range(300)])
    texts, outbox, contacts = two_wordings(room), Outbox(room), ContactStore(room, KEY)
    wordings = Wordings(texts, outbox, np.random.default_rng(3), now_s=iter(range(0, 10**6, 3)).__next__)

    def answered_if_asked(message):
        if message.text.startswith("Will you"):
            outbox.answered(contacts.digests.digest(message.to), "replied")
        return Receipt(outcome="delivered")

    sender = Recorder(answered_if_asked)
    run(room, sender, finished(texts), choose=wordings)
    got = Counter(m.text.startswith("Will you") for m in sender.taken)
    assert len({m.to for m in sender.taken}) == len(sender.taken) == 300
    assert got[True] > 240 and got[False] >= 1  # fair share at first: 150
    best = posteriors_of(texts.one(ID), texts.cases(), outbox)[0]
    assert best.name == "asks" and best.best > 0.99 and best.low > 0.9


def test_what_an_edit_changed_starts_anew_and_another_rule_tells_nothing(room):
    texts, outbox = two_wordings(room), Outbox(room)
    run(room, Recorder(), finished(texts))
    case = two_wordings(room, "again").one("again")
    assert sum(s.delivered for s in seen_of(case, texts.cases(), outbox).values()) == 10  # the same words: counted
    plain = case.request.variants[0]
    other = msgspec.structs.replace(plain, texts={"en": "Other words"})
    changed = msgspec.structs.replace(case, request=msgspec.structs.replace(case.request, variants=(other,)))
    assert seen_of(changed, texts.cases(), outbox) == {plain.name: Seen()}
    elsewhere = msgspec.structs.replace(case, request=msgspec.structs.replace(case.request, rule="else"))
    assert sum(s.delivered for s in seen_of(elsewhere, texts.cases(), outbox).values()) == 0


def test_what_is_put_back_is_not_counted_by_wording(room):
    two_wordings(room)
    outbox, once = Outbox(room), set()

    def later_once(message):
        if message.key not in once:
            once.add(message.key)
            return Receipt(outcome="later", reason="429")
        return Receipt(outcome="sent")

    run(room, Recorder(later_once), finished(TextStore(room)))
    left = {name: {s: n for s, n in states.items() if n} for name, states in outbox.by_variant(ID).items()}
    assert sum(states.get("sent", 0) for states in left.values()) == 10
    assert all(set(states) <= {"sent"} for states in left.values())
