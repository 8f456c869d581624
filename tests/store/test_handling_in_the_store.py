"""People's decisions on the real store: one wins, the other is told, and the watch hears of it."""

import threading

import msgspec
import pytest

from warroom.domain.alerts import Alert
from warroom.domain.handling import Deadlines, Decision, NotAllowed, Shelf
from warroom.store import keys
from warroom.store.board import BoardStore
from warroom.store.client import connect
from warroom.store.handling import HandlingStore
from warroom.store.state import StateReader

PEOPLE = 12
TIMES = Deadlines()


@pytest.fixture
def alert(at) -> Alert:
    return Alert(id="low_turnout:P1:1", kind="low_turnout", severity="medium", reason="57 of 90", precinct="P1",
                 site="S1", raised_at=at(120), updated_at=at(120))  # fmt: skip


def take(by: str, version: int = 0) -> Decision:
    return Decision(what="acknowledge", by=by, at_ms=1_000, version=version)


def together(count, act):
    """Run act(n) on `count` threads that start at one moment; what each returned or raised."""
    gate, found = threading.Barrier(count), [None] * count

    def run(n):
        gate.wait()
        try:
            found[n] = act(n)
        except NotAllowed as refused:
            found[n] = refused

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_many_at_once_exactly_one_wins_and_all_are_told(server, store, alert):
    clients = [HandlingStore(connect(server.url)) for _ in range(PEOPLE)]
    found = together(PEOPLE, lambda n: clients[n].decide(alert, take(f"Director {n}"), TIMES))
    won = [f for f in found if not isinstance(f, NotAllowed)]
    lost = [f for f in found if isinstance(f, NotAllowed)]
    assert len(won) == 1
    owner = won[0].stage.owner
    assert {str(f) for f in lost} == {f"{owner} has it"}
    assert {f.handling.version for f in lost} == {1}
    assert store.xlen(keys.DECISIONS) == 1


def test_a_lost_race_on_the_wall_is_told_too(server, store, alert):
    clients = [HandlingStore(connect(server.url)) for _ in range(PEOPLE)]
    found = together(PEOPLE, lambda n: clients[n].acknowledge(alert, f"Director {n}", 1_000, TIMES))
    assert sum(not isinstance(f, NotAllowed) for f in found) == 1


def test_the_deadline_comes_from_the_severity_unless_named(store, alert):
    handlings = HandlingStore(store)
    held = handlings.decide(alert, take("Ana"), TIMES)
    assert held.stage.deadline_ms == 1_000 + 20 * 60_000
    named = msgspec.structs.replace(take("Ana", 1), what="extend", deadline_minutes=5)
    assert handlings.decide(alert, named, TIMES).stage.deadline_ms == 1_000 + 5 * 60_000


def test_every_reader_sees_a_decision_of_another(store, server, alert):
    mine, yours = HandlingStore(store), HandlingStore(connect(server.url))
    assert yours.all() == {}
    mark = yours.mark()
    mine.decide(alert, take("Ana"), TIMES)
    assert yours.mark() != mark
    assert yours.all()[alert.id].stage.owner == "Ana"


def test_the_watch_wakes_on_a_decision(loaded, alert):
    reader = StateReader(loaded)
    reader.units()
    HandlingStore(loaded).decide(alert, take("Ana"), TIMES)
    changes = reader.follow(block_ms=100)
    assert changes is not None
    assert changes.decided


def test_what_closed_by_itself_cannot_be_taken_but_is_ended_by_its_owner(store, alert):
    handlings = HandlingStore(store)
    handlings.decide(alert, take("Ana"), TIMES)
    closed = msgspec.structs.replace(alert, status="closed")
    ended = handlings.decide(closed, Decision(what="resolve", by="Ana", at_ms=2_000, version=1), TIMES)
    assert ended.stage.status == "resolved"
    other = msgspec.structs.replace(closed, id="low_turnout:P1:2")
    for what in ("acknowledge", "dismiss"):
        with pytest.raises(NotAllowed) as refused:
            handlings.decide(other, msgspec.structs.replace(take("Ben"), what=what, reason="x"), TIMES)
        assert refused.value.reason == "over"


def test_a_shelved_site_is_out_of_sight_and_comes_back_by_itself(store, alert):
    handlings = HandlingStore(store)
    elsewhere = msgspec.structs.replace(alert, id="low_turnout:P0:1", precinct="P0", site="S0")
    handlings.shelve(Shelf(site="S1", until_ms=5_000, by="Ana", reason="machine is being changed", at_ms=1_000))
    assert [a.site for a in handlings.in_room([alert, elsewhere], 4_999)] == ["S0"]
    assert set(handlings.shelves(4_999)) == {"S1"}
    assert [a.site for a in handlings.in_room([alert, elsewhere], 5_000)] == ["S1", "S0"]
    assert handlings.shelves(5_000) == {}


def test_a_shelf_can_be_ended(store, alert):
    handlings = HandlingStore(store)
    handlings.shelve(Shelf(site="S1", until_ms=5_000, by="Ana", reason="x", at_ms=1_000))
    assert handlings.unshelve("S1", "Ben", 2_000)
    assert not handlings.unshelve("S1", "Ben", 2_000)
    assert len(handlings.in_room([alert], 2_000)) == 1
    assert handlings.at_work(1_500) == {"Ben"}
    assert handlings.at_work(0) == {"Ana", "Ben"}


def test_what_people_ended_leaves_the_room_until_it_is_worse(store, alert):
    handlings = HandlingStore(store)
    handlings.decide(alert, Decision(what="dismiss", by="Ana", at_ms=1, version=0, reason="known"), TIMES)
    assert handlings.in_room([alert], 2) == []
    worse = msgspec.structs.replace(alert, severity="high")
    assert handlings.in_room([worse], 2) == [worse]


def test_a_dismissed_alert_stays_open_for_the_model(store, alert):
    board = BoardStore(store)
    board.put_alerts([alert])
    board.handlings.decide(alert, Decision(what="dismiss", by="Ana", at_ms=1, version=0, reason="known"), TIMES)
    [found] = board.alerts()
    assert found.status == "open"  # else a restarted watch would raise it anew
