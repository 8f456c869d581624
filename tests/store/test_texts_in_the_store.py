"""Text requests on the real store: one wins, the other is told; a stop stands until it is taken away."""

import threading

import pytest

from warroom.domain.texts import Audience, TextDecision, TextNotAllowed, TextRequest, Variant
from warroom.store.client import connect
from warroom.store.texts import TextStop, TextStore

PEOPLE = 8
REQUEST = TextRequest(
    id="r:a1", rule="r", alert="a1", kind="low_turnout", region="North", place="p1", reason="short", proposed_ms=5,
    latest_ms=1_000, audience=Audience(precincts=("p1",), people=60), voters=(0.0, 1.0, 2.0), cost_cents=70,
    variants=(Variant(name="plain", texts={"en": "v"}),),
)  # fmt: skip


@pytest.fixture
def texts(server, store) -> TextStore:
    return TextStore(connect(server.url))


def approve(by="Ana", version=0):
    return TextDecision(what="approve", by=by, at_ms=10, version=version)


def test_a_request_is_proposed_once_and_keeps_what_was_decided(texts):
    assert texts.propose([REQUEST]) == [REQUEST]
    texts.decide(REQUEST.id, approve())
    assert texts.propose([REQUEST]) == []
    assert texts.one(REQUEST.id).status == "approved" and [c.request.id for c in texts.cases()] == [REQUEST.id]


def test_of_many_at_once_exactly_one_wins(server, texts):
    texts.propose([REQUEST])
    stores = [TextStore(connect(server.url)) for _ in range(PEOPLE)]
    gate, lost = threading.Barrier(PEOPLE), []

    def run(n):
        gate.wait()
        try:
            stores[n].decide(REQUEST.id, approve(by=f"p{n}"))
        except TextNotAllowed as refused:
            lost.append(refused.reason)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == ["stale"] * (PEOPLE - 1)
    assert texts.one(REQUEST.id).version == 1


def test_every_decision_moves_the_mark(texts):
    marks = [texts.mark()]
    texts.propose([REQUEST])
    marks.append(texts.mark())
    texts.decide(REQUEST.id, approve())
    marks.append(texts.mark())
    texts.stop(TextStop(by="Ana", at_ms=11, reason="wrong site"))
    marks.append(texts.mark())
    assert len(set(marks)) == 4


def test_a_stop_stands_until_it_is_taken_away(texts):
    assert texts.stopped() is None
    texts.stop(TextStop(by="Ana", at_ms=11, reason="wrong site"))
    assert texts.stopped().reason == "wrong site"
    texts.go_on("Ben", 12, "mended")
    assert texts.stopped() is None


def test_an_unknown_request_is_said(texts):
    with pytest.raises(KeyError):
        texts.decide("nothing", approve())
