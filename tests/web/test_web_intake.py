"""The one way in from the web server, on the real store: durable when answered, one outcome per item."""

import asyncio
import json

import pytest

from tests.run_async import run_async
from warroom.store import keys
from warroom.store.day import put_day
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker
from warroom.web.intake import NotTaken, WebIntake


def body(at, report_id, minute=30.0, **fields):
    report = {"id": report_id, "kind": "checkins", "at": at(minute).isoformat(), "source": "vendor",
              "precinct": "P1", "count": 20} | fields  # fmt: skip
    return json.dumps(report).encode()


def tallied(client):
    worker = TallyWorker(client, 0, "w")
    while worker.step():
        pass
    return StateReader(client).totals()


@pytest.fixture
def intake(server, loaded, at, tmp_path):
    return WebIntake(server.url, tmp_path / "raw", now=lambda _day: at(31))


def test_each_item_has_its_outcome_and_a_bad_one_stops_nothing(intake, loaded, at):
    bodies = [body(at, "a"), b"{broken", body(at, "b", precinct="9999"), body(at, "c")]
    outcomes = run_async(intake.take("http:vendor", bodies))
    assert [o.status for o in outcomes] == ["accepted", "rejected", "rejected", "accepted"]
    assert [(o.id, o.reason, o.field) for o in outcomes[1:3]] == [
        ("", "not_json", ""), ("b", "unknown_precinct", "precinct"),
    ]  # fmt: skip
    totals = tallied(loaded)
    assert (totals.received, totals.accepted + totals.suspect, totals.rejected) == (4, 2, 2)
    wheres = {row["where"] for row in StateReader(loaded).rejects()}
    assert wheres == {"http:vendor, item 2", "http:vendor, item 3"}


def test_what_is_sent_again_counts_once(intake, loaded, at):
    for _ in range(3):
        run_async(intake.take("phone", [body(at, "a")]))
    assert tallied(loaded).accepted == 1


def test_many_at_once_share_frames_and_keep_their_own_outcomes(intake, loaded, at):
    async def crowd():
        return await asyncio.gather(*(intake.take("phone", [body(at, f"r{n}", 1 + n / 100, count=0)])
                                      for n in range(500)))  # fmt: skip

    outcomes = run_async(crowd())
    assert [o.id for [o] in outcomes] == [f"r{n}" for n in range(500)]
    assert loaded.xlen(keys.Shard(0).intake) < 100
    assert tallied(loaded).accepted == 500


@pytest.mark.parametrize(
    ("own", "accepted"),
    [("vendor", True), ("vendor/north", True), ("vendor-2", False), ("other", False), ("vendorx/a", False)],
)
def test_nobody_speaks_in_anothers_name(intake, at, own, accepted):
    [outcome] = run_async(intake.take("http:vendor", [body(at, "a", source=own)], source="vendor"))
    assert outcome.accepted is accepted
    assert accepted or (outcome.reason, outcome.field) == ("wrong_source", "source")


def test_nobody_corrects_what_another_said(intake, at):
    fix = body(at, "c", kind="correction", corrects="x", corrects_source="other", count=3)
    [outcome] = run_async(intake.take("http:vendor", [fix], source="vendor"))
    assert (outcome.reason, outcome.field) == ("wrong_source", "corrects_source")


def test_a_kind_beyond_the_senders_scope_is_refused(intake, at):
    [outcome] = run_async(intake.take("http:vendor", [body(at, "a")], kinds={"wait"}))
    assert (outcome.reason, outcome.field) == ("kind_not_allowed", "kind")


def test_raw_bytes_are_kept_a_line_each_and_can_be_read_again(intake, at, tmp_path):
    pretty = json.dumps(json.loads(body(at, "b")), indent=2).encode()
    run_async(intake.take("http:vendor", [body(at, "a"), pretty, b"{broken"]))
    [log] = (tmp_path / "raw").glob("*.raw")
    lines = log.read_bytes().splitlines()
    assert lines[0] == body(at, "a")
    assert json.loads(lines[1])["id"] == "b"
    assert lines[2] == b"{broken"


def test_a_reloaded_roster_is_followed(server, loaded, larger_day, at):
    clock = [0.0]
    intake = WebIntake(server.url, now=lambda _day: at(31))
    intake._day._now_s = lambda: clock[0]
    new = body(at, "a", precinct="P9")
    assert not run_async(intake.take("phone", [new]))[0].accepted
    put_day(loaded, larger_day)
    clock[0] += 2.0
    assert run_async(intake.take("phone", [new]))[0].accepted


def test_without_a_day_it_says_how_to_load_one(server, store):
    with pytest.raises(NotTaken, match="warroom up"):
        run_async(WebIntake(server.url).take("phone", [b"{}"]))


def test_a_store_that_is_away_takes_nothing_and_says_so(loaded):
    with pytest.raises(NotTaken, match="send it again"):
        run_async(WebIntake("redis://127.0.0.1:1/0").take("phone", [b"{}"]))


def test_an_item_that_cannot_be_put_does_not_take_the_others_with_it(intake, loaded, at, monkeypatch):
    day = run_async(intake.day())
    put = day.intake.put_frame

    def fragile(feed, reports, rejects=(), position=None):
        if any(report.id == "poison" for report in reports):
            raise ValueError("cannot be put")
        put(feed, reports, rejects, position)

    monkeypatch.setattr(day.intake, "put_frame", fragile)

    async def three():
        takes = (intake.take("phone", [body(at, name, 5 + n, count=n)]) for n, name in enumerate(["a", "poison", "b"]))
        return await asyncio.gather(*takes, return_exceptions=True)

    first, poisoned, last = run_async(three())
    assert first[0].accepted and last[0].accepted and isinstance(poisoned, ValueError)
    assert tallied(loaded).accepted == 2
