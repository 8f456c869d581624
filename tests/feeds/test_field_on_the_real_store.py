"""Field exports on the real store: sent three times and in another order, the state is byte-identical."""

import json
import threading

import pytest
from field_specimens import VAN_HEADER

from feeds.registry import open_feed
from warroom.store import keys
from warroom.store.events import EventReader
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker


@pytest.fixture
def urls(tmp_path, monkeypatch):
    """A VAN export, contributions with a refund, and shifts, as files."""
    monkeypatch.setenv("WARROOM_SALT", "a salt for the tests only")
    rows = [(str(n), "Rosa Voter", "6/24/2025", r, "Walk", "C", "C", "", "MiniVAN", "G")
            for n, r in enumerate(["Not Home", "Canvassed", "Not Home", "Refused"])]  # fmt: skip
    (tmp_path / "van.xls").write_bytes("\n".join("\t".join(row) for row in [VAN_HEADER, *rows]).encode("utf-16"))
    (tmp_path / "homes.csv").write_text("VANID,Precinct\n0,P1\n1,P1\n2,P1\n3,P2\n")
    (tmp_path / "money.csv").write_text(
        "Lineitem ID,Date,Amount,Recipient Committee,Refund Date\n1,2025-06-24 09:15:00,25.00,Rosa,\n"
        "2,2025-06-24 09:16:00,10.00,Rosa,2025-06-24 09:30:00\n"
    )
    starts = 1750762800
    shift = {"status": "REGISTERED", "person": {"id": 5}, "timeslot": {"start_date": starts}, "event": {"id": 1}}
    changes = [shift | {"id": 9, "modified_date": starts + 60 * n, "attended": a} for n, a in enumerate([None, True])]
    (tmp_path / "shifts.json").write_text(json.dumps({"data": changes, "next": None}))
    return [
        f"van://{tmp_path}/van.xls?precincts=homes.csv",
        f"actblue://{tmp_path}/money.csv",
        f"mobilize://{tmp_path}/shifts.json",
    ]


def run(store, urls):
    worker = TallyWorker(store, 0, "t")
    for url in urls:
        open_feed(url).run(RedisIntake(store), threading.Event())
        while worker.step():
            pass
    return StateReader(store)


def test_exports_sent_three_times_in_another_order_leave_the_state_of_one_pass(loaded, urls, monkeypatch):
    monkeypatch.setattr(RedisIntake, "now", lambda self: self.day().closes_at)  # one arrival time for all passes
    once = run(loaded, urls).fingerprint()
    sums = {key.decode(): int(value) for key, value in loaded.hgetall(keys.Shard(0).sums).items()}
    assert sums == {
        "contact|P1|door|not_home": 2, "contact|P1|door|spoke": 1, "contact|P2|door|refused": 1, "money|Rosa": 2_500,
    }  # fmt: skip
    for order in (urls[::-1], urls[1:] + urls[:1]):
        loaded.delete(keys.POSITIONS)
        again = run(loaded, order)
    assert again.fingerprint() == once
    assert EventReader(loaded).newest(["shift"])["shift|mobilize-5"].status == "checked_in"


def everything(store):
    """All that the store holds, as it reads it back."""
    read = {b"string": store.get, b"hash": store.hgetall, b"stream": store.xrange}
    return repr([(key, read[store.type(key)](key)) for key in store.keys("*")])


def test_nothing_of_a_person_is_in_the_store(loaded, urls):
    run(loaded, urls)
    kept = everything(loaded)
    assert "not_home" in kept and "van.xls" in kept
    assert "Voter" not in kept and "VANID" not in kept
