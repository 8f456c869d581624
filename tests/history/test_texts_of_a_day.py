"""The morning after: what texts were approved and sent, and what turnout did where they went."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.texting.made_room import Recorder, finished, propose, room, run  # noqa: F401
from warroom.history.texts import TextsSent, start_minutes, text_rows, texts_in
from warroom.store.texts import TextStore

PLACES = {f"p{n}": n for n in range(40)}


def forecast(final, now=50.0):
    n = len(PLACES)
    return SimpleNamespace(final=np.broadcast_to(final, n), now=np.full(n, now), reported=np.ones(n, dtype=int))


def test_a_room_tells_what_was_sent_by_precinct_and_by_whom(room):  # noqa: F811
    sender, texts = Recorder(), propose(room)
    run(room, sender, finished(texts))
    [sent] = texts_in(room)
    assert sent.people == {"p1": (10, 10)} and sent.tally == {"sent": 10}
    [row], effect = text_rows([sent], {"p1": 0}, {"stay-home:a1": forecast(200.0)}, forecast(210.0))
    assert (row["by"], row["texted"], row["promised"]) == ("Ana", 10, (0.0, 1.0, 2.0))
    assert "not measurable" in effect.words


def test_what_was_never_begun_is_not_in_the_report(room):  # noqa: F811
    propose(room, approve=False)
    assert texts_in(room) == ()


def test_votes_above_the_forecast_follow_the_lot(room):  # noqa: F811
    propose(room)
    case = TextStore(room).one("stay-home:a1")
    lot = np.random.default_rng(5)
    listed = lot.integers(80, 200, 40)
    texted = [int(n * share) for n, share in zip(listed, lot.choice([0.0, 0.5, 1.0], 40), strict=True)]
    gained = np.array(texted) * 0.2 + lot.normal(0, 1, 40)
    people = {place: (int(listed[n]), texted[n]) for place, n in PLACES.items()}
    sent = TextsSent(case, 0, {"delivered": sum(texted)}, people)
    _, effect = text_rows([sent], PLACES, {"stay-home:a1": forecast(300.0)}, forecast(300.0 + gained))
    assert effect.a_text == pytest.approx(0.2, abs=0.03) and effect.low < 0.2 < effect.high


def test_sending_is_placed_on_the_grid_of_the_day(room):  # noqa: F811
    propose(room)
    case = TextStore(room).one("stay-home:a1")
    assert start_minutes([TextsSent(case, 61_000, {}, {})], 0, 5.0) == {"stay-home:a1": 5.0}
