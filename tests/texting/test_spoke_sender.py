"""Spoke on a real socket: a request becomes one campaign with exactly the approved words, started by nobody here."""

import csv
import io
import json
import stat
from datetime import UTC, datetime

import pytest

from tests.run_async import run_async
from tests.texting.counterparts import SpokeCounterpart
from tests.texting.made_room import KEY, NOON, finished, person, propose
from tests.texting.test_twilio_sender import run
from warroom.store.day import DayClock
from warroom.store.outbox import Outbox
from warroom.store.sender_state import read_sender_state
from warroom.store.texts import TextStop
from warroom.texting.contacts import ContactStore
from warroom.texting.senders import _http, spoke
from warroom.texting.senders.base import Batch, Outgoing, SenderError
from warroom.texting.senders.registry import open_sender
from warroom.texting.senders.spoke import Spoke
from warroom.texting.senders.spoke_csv import SpokeFiles, contact_csv

ID = "stay-home:a1"
ONE = Outgoing(key=f"{ID}:x", to="+12075550100", text='=cmd|"x"', person="C-1", first_name="@Ana")
BATCH = Batch(key=ID, title="t", why="w", closes="2026-11-03T21:00:00-05:00", messages=[ONE])


@pytest.fixture
def there(monkeypatch):
    monkeypatch.setattr(spoke, "backoff_s", lambda _n, *_m: 0.0)
    made = SpokeCounterpart()
    yield made
    made.close()


def way(there, template="", password="pw"):
    return Spoke(there.url, "ana@example.org", password, "7", template)


def test_a_request_is_one_campaign_not_started_with_the_words_of_each(room, there):
    ContactStore(room, KEY).opt_out("+12075550103")
    texts = propose(room)
    run(room, way(there), finished(texts))
    [campaign] = there.campaigns.values()
    assert campaign["edit"]["title"].startswith(ID) and campaign["edit"]["interactionSteps"]["script"] == "{message}"
    cells = [c["cell"] for c in campaign["contacts"]]
    assert len(cells) == len(set(cells)) == 9 and "+12075550103" not in cells
    words = json.loads(campaign["contacts"][0]["custom_fields"])["message"]
    assert words == "Okafor for Mayor: vote at PS 1 until 9:00 PM. Reply STOP to end"
    assert Outbox(room).reasons(ID)["Spoke's campaign 1: assign texters and start it there"] == 9
    assert there.started == [] and Outbox(room).tally(ID) == {"sent": 9, "kept_back": 1}


def test_whose_hour_comes_later_is_handed_over_then_under_a_name_of_its_own(room, tmp_path):
    many = [person(n, f"+120755501{n:02d}", timezone="America/Los_Angeles" if n < 4 else "") for n in range(10)]
    ContactStore(room, KEY).load(many)
    texts, files = propose(room), lambda: sorted(tmp_path.glob("*.csv"), key=lambda f: f.stat().st_mtime_ns)
    DayClock(room).set(NOON.replace(hour=14), 0.0)  # nine in New York

    def until():
        state = read_sender_state(room)
        if state is not None and state.waits == {ID: 4} and len(files()) == 1:
            DayClock(room).set(NOON, 0.0)  # noon there, nine in Los Angeles
        return texts.one(ID).status == "sent"

    run(room, SpokeFiles(str(tmp_path)), until)
    assert [len(f.read_text().splitlines()) - 1 for f in files()] == [6, 4]
    assert Outbox(room).tally(ID) == {"sent": 10}


def test_nothing_is_handed_over_without_approval_or_after_a_stop(room, there):
    propose(room, approve=False)
    stopped = propose(room, request_id="stopped")
    stopped.stop(TextStop(by="Ana", at_ms=1, reason="wrong site"))
    rounds = iter(range(40))
    run(room, way(there), lambda: next(rounds, None) is None)
    assert there.seen == []


def test_a_template_is_copied(there):
    assert run_async(way(there, template="41").hand_over(BATCH)).outcome == "sent"
    assert there.campaigns["1"]["from"] == {"id": "41"}


@pytest.mark.parametrize("script", [["429"], ["ok", "500"], ["ok", "lost"], ["500", "ok", "500", "ok"]])
def test_a_busy_spoke_is_asked_again_and_nobody_stands_twice(there, script):
    there.script = script
    assert run_async(way(there).hand_over(BATCH)).outcome == "sent"
    filled = [c for c in there.campaigns.values() if "contacts" in c]
    assert len(filled) == 1 and len(filled[0]["contacts"]) == 1  # a draft without contacts may be left over


def test_a_spoke_that_stays_down_is_unknown_once_it_may_have_the_contacts(there):
    there.script = ["ok", *["500"] * 9]
    receipt = run_async(way(there).hand_over(BATCH))
    assert receipt.outcome == "unknown" and "campaign 1" in receipt.reason
    there.script = ["500"] * 9
    assert run_async(way(there).hand_over(BATCH)).outcome == "later"


def test_a_wrong_password_is_told_and_nothing_is_lost(there):
    receipt = run_async(way(there, password="no").hand_over(BATCH))
    assert receipt.outcome == "later" and "WARROOM_SPOKE_PASSWORD" in receipt.reason and receipt.trouble


def test_cells_of_the_file_are_no_formulas():
    [head, row] = list(csv.reader(io.StringIO(contact_csv(BATCH))))
    assert head == ["firstName", "lastName", "cell", "external_id", "message"]
    assert row == ["'@Ana", "", "12075550100", "C-1", '\'=cmd|"x"']


def test_the_file_is_its_owners_and_its_name_says_nothing(tmp_path):
    run_async(SpokeFiles(str(tmp_path / "out")).hand_over(BATCH))
    [path] = (tmp_path / "out").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and ID not in path.name
    assert open_sender("spoke", {"WARROOM_SPOKE_CSV_DIR": str(tmp_path)}).name == "Spoke, by file"
    with pytest.raises(SenderError, match="WARROOM_SPOKE_URL"):
        open_sender("spoke", {})


def test_waits_grow_and_an_odd_retry_after_is_no_wait():
    assert 0.5 <= _http.backoff_s(0) < 1 and 4 <= _http.backoff_s(3) < 8 and _http.backoff_s(99) <= 60
    waits = [_http.wait_of({"Retry-After": text}) for text in ("2", "-1", "nan", "inf", "Wed", "999999")]
    assert waits == [2.0, 0.0, 0.0, 0.0, 0.0, _http.MOST_WAIT_S]
    now = datetime(2026, 11, 3, 12, tzinfo=UTC)
    dates = ("Tue, 03 Nov 2026 12:01:30 GMT", "Tue, 03 Nov 2026 12:01:30 -0000", "Tue, 03 Nov 2026 11:00:00 GMT")
    assert [_http.wait_of({"Retry-After": text}, now) for text in dates] == [90.0, 90.0, 0.0]
