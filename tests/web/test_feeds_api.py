"""The feeds' API on a real store: every figure of a feed, who may see and who may act, and what a replay comes to."""

import json
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from feeds._rawlog import RawLog
from warroom.access.shared_keys import Access
from warroom.domain.places import Precinct
from warroom.domain.sources import Judgement, Trust
from warroom.store import keys
from warroom.store.day import DayClock, Roster, put_day
from warroom.store.feeds import FeedStore, Pulse
from warroom.store.holds import HoldStore
from warroom.store.intake import RedisIntake
from warroom.store.ports import DONE
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker
from warroom.web import feeds_api, held
from warroom.web.app import create_app
from warroom.web.feeds_rows import masked, position_words

OPEN = Access(wall_key="", director_key="", open_room=True)
WALL, DIRECTOR = "wall-key-0123456789", "director-key-0123456789"
KEYED = Access(wall_key=WALL, director_key=DIRECTOR, open_room=False)
NAME = "file:/srv/drop/reports.jsonl"


@pytest.fixture(scope="module")
def raw_dir(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("doors") / "raw"


@pytest.fixture(scope="module")
def apps(server, raw_dir):
    """One server without keys and one with; each test finds another store behind them."""
    return {access.open_room: create_app(server.url, access, raw_dir) for access in (OPEN, KEYED)}


@pytest.fixture(autouse=True)
def every_look_is_fresh(monkeypatch):
    monkeypatch.setattr(feeds_api, "FRESH_S", 0.0)
    monkeypatch.setattr(held, "LIST_FRESH_S", 0.0)
    monkeypatch.setattr(held, "LIST_SHARE", 0.0)


@pytest.fixture
def client(apps, loaded, at):
    DayClock(loaded).set(at(180), 1e-6)  # 09:00, standing all but still
    return TestClient(apps[True], base_url="http://127.0.0.1", client=("127.0.0.1", 9))


@pytest.fixture
def signed_in(apps, loaded):
    """Sign in with a key."""

    def do(key):
        found = TestClient(apps[False], base_url="http://room", follow_redirects=False)
        found.post("/signin", content=f"key={key}", headers={"Content-Type": "application/x-www-form-urlencoded"})
        return found

    return do


@pytest.fixture
def viewer(signed_in):
    return signed_in(WALL)


@pytest.fixture
def bring(loaded, at):
    """Bring lines as a feed does: parsed, put, folded."""
    from feeds._parse import Parser

    def do(feed, *lines):
        intake = RedisIntake(loaded)
        parser = Parser(intake.day(), intake.precinct_ids(), intake.site_ids())
        items = [parser.line(line.encode(), f"reports.jsonl:{n}", at(70 + n)) for n, line in enumerate(lines, 1)]
        good = [item for item in items if hasattr(item, "source")]
        intake.put_frame(feed, good, [item for item in items if item not in good], '{"line": 1234, "offset": 9}')
        fold(loaded)

    return do


def fold(loaded):
    worker = TallyWorker(loaded, 0, "t")
    while worker.step():
        pass


def line(n, at, **more):
    return json.dumps({"id": f"r{n}", "kind": "checkins", "at": at(n * 10).isoformat(), "source": "v", "precinct": "P1",
                       "count": n * 5, **more})  # fmt: skip


def feed(client, name=NAME):
    found = client.get("/api/v1/feeds").json()
    return next(row for row in found["feeds"] if row["feed"] == name)


def control(client, what, name=NAME, by="Ana", **more):
    return client.post(f"/api/v1/feeds/{name.replace('/', '%2F')}/control", json={"what": what, "by": by, **more})


def test_a_feed_is_told_with_its_kind_counts_reasons_place_and_samples(client, bring, loaded, at):
    FeedStore(loaded).announce(NAME, "file")
    bring(NAME, line(1, at), line(2, at), line(3, at, count=899), line(4, at, precinct="P9"), "{broken", line(1, at))
    row = feed(client)
    assert row["kind"] == "file" and "JSONL or CSV" in row["about"]
    told = {k: row[k] for k in ("received", "accepted", "suspect", "rejected", "repeated", "mended", "position")}
    assert told == {"received": 6, "accepted": 2, "suspect": 1, "rejected": 2, "repeated": 1, "mended": 0,
                    "position": "line 1,234"}  # fmt: skip
    reasons = {reason["reason"]: reason for reason in row["reasons"]}
    assert reasons["unknown_precinct"]["count"] == 1 and "precinct" in reasons["unknown_precinct"]["remedy"]
    [sample] = reasons["unknown_precinct"]["samples"]
    assert sample["where"] == "reports.jsonl:4" and "P9" in sample["sample"]


def test_lag_pulse_and_trouble_are_told(client, loaded):
    store = FeedStore(loaded)
    RedisIntake(loaded).put_lag("kafka:reports", {"reports/0": 12, "reports/1": 3})
    store.announce("kafka:reports", "kafka")
    store.put_pulses({"kafka:reports": Pulse(minute=29_000_000, counts=[1, 2, 3], seen_ms=29_000_000 * 60_000,
                                             limit_ms=60_000, per_minute=2.4)})  # fmt: skip
    RedisIntake(loaded).put_trouble("kafka:reports", "broker away")
    row = feed(client, "kafka:reports")
    assert row["lag"]["lag"] == 15 and "reports/0" in row["lag"]["detail"]
    assert (row["minutes"], row["per_minute"], row["state"]) == ([1, 2, 3], 2, "stopped")
    assert row["trouble"] == "broker away"


def test_pause_and_resume_are_obeyed_told_and_kept_as_decisions(client, bring, loaded, at):
    bring(NAME, line(1, at))
    answer = control(client, "pause")
    assert answer.status_code == 200 and answer.json()["by"] == "Ana"
    row = feed(client)
    assert (row["state"], row["paused_by"]) == ("paused", "Ana")
    assert row["paused_ms"] == round(at(180).timestamp() * 1000)
    assert RedisIntake(loaded).paused(NAME)
    again = control(client, "pause", by="Ben")
    assert (again.status_code, again.json()["detail"]) == (409, "Ana has paused it already")
    assert control(client, "resume", by="Ben").status_code == 200
    assert control(client, "resume").json()["detail"] == "it is not paused"
    assert not RedisIntake(loaded).paused(NAME)
    events = [{k.decode(): v.decode() for k, v in told.items()} for _, told in loaded.xrange(keys.DECISIONS)]
    assert [(e["what"], e["feed"], e["by"]) for e in events] == [
        ("pause_feed", NAME, "Ana"), ("resume_feed", NAME, "Ben"),
    ]  # fmt: skip


def test_a_feed_that_runs_elsewhere_is_asked_to_replay(client, bring, loaded, at):
    FeedStore(loaded).announce(NAME, "file")
    bring(NAME, line(4, at, precinct="P9"))
    assert control(client, "replay").status_code == 200
    assert feed(client)["asked"]["by"] == "Ana"
    assert FeedStore(loaded).take_asked(NAME).by == "Ana"


@pytest.fixture
def refused_at_the_door(bring, at, raw_dir):
    """Two reports for a precinct that the day lacks came by a key of "v"; one of them speaks for somebody else."""
    bodies = [line(4, at, precinct="P9"), line(5, at, precinct="P9", source="stranger")]
    RawLog(raw_dir, "web 1").append([body.encode() for body in bodies])
    bring("http:v", *bodies)


def test_a_door_replays_here_and_nobody_speaks_for_another_by_it(client, refused_at_the_door, loaded, small_day):
    from warroom.store.apikeys import KeyStore

    KeyStore(loaded).make(source="v", kinds=("checkins",), now_ms=0)
    added = [*small_day.roster.precincts, Precinct(precinct_id="P9", name="P9", region="North", site_id="S1")]
    put_day(loaded, msgspec.structs.replace(small_day, roster=Roster(added, small_day.roster.sites)))
    answer = control(client, "replay", "http:v")
    outcome = answer.json()["outcome"]
    assert (outcome["looked"], outcome["accepted"], outcome["still"], outcome["missing"]) == (2, 1, 1, 0)
    fold(loaded)
    assert StateReader(loaded).units()["p:P9"].count == 20
    row = feed(client, "http:v")
    assert (row["rejected"], row["mended"], row["outcome"]["by"]) == (2, 1, "Ana")


def test_what_cannot_be_found_again_is_said(client, bring, at):
    bring("http:v", line(6, at, precinct="P9"))
    outcome = control(client, "replay", "http:v").json()["outcome"]
    assert outcome["missing"] == 1 and "send it again" in outcome["note"]


def test_a_viewer_sees_figures_but_no_sample_and_may_not_act(viewer, bring, loaded, at):
    bring(NAME, line(4, at, precinct="P9"))
    found = viewer.get("/api/v1/feeds").json()
    assert found["may_control"] is False
    [row] = found["feeds"]
    assert row["reasons"][0]["count"] == 1 and row["reasons"][0]["samples"] == []
    assert viewer.get("/api/v1/rejects").status_code == 403
    for what in ("pause", "resume", "replay"):
        assert control(viewer, what).status_code == 403
    assert FeedStore(loaded).pauses() == {} and FeedStore(loaded).asked() == {}


def test_the_list_of_rejects_hides_what_the_feeds_page_hides(client, bring, at):
    bring(NAME, line(4, at, precinct="P9", note="Ann Example"))
    [row] = client.get("/api/v1/rejects").json()
    assert row["reason"] == "unknown_precinct" and '"P9"' in row["sample"] and "Ann" not in row["sample"]


def test_nobody_sees_nothing(apps, loaded):
    stranger = TestClient(apps[False], base_url="http://room", follow_redirects=False)
    assert stranger.get("/api/v1/feeds").status_code == 401
    assert control(stranger, "pause").status_code in (401, 403)


def test_a_director_acts_only_from_our_own_pages(signed_in, bring, loaded, at):
    bring(NAME, line(1, at))
    director = signed_in(DIRECTOR)
    foreign = {"Origin": "https://elsewhere.example"}
    answer = director.post(f"/api/v1/feeds/{NAME}/control", json={"what": "pause", "by": "A"}, headers=foreign)
    assert answer.status_code == 403 and FeedStore(loaded).pauses() == {}
    assert control(director, "pause").status_code == 200


@pytest.mark.parametrize("wish", [{"what": "explode"}, {"by": ""}, {"by": "<b>"}, {}])
def test_a_wish_that_makes_no_sense_is_refused_in_words(client, bring, at, wish):
    bring(NAME, line(1, at))
    answer = client.post(f"/api/v1/feeds/{NAME}/control", json=wish and {"what": "pause", "by": "Ana", **wish})
    assert answer.status_code == 422 and isinstance(answer.json()["detail"], str)


def test_an_unknown_feed_is_no_feed(client, bring, at):
    assert control(client, "pause", "nonsense").status_code == 404


def test_a_feed_that_has_ended_says_so(client, bring, loaded, at):
    bring(NAME, line(1, at))
    RedisIntake(loaded).put_trouble(NAME, DONE)
    assert feed(client)["state"] == DONE


@pytest.mark.parametrize(
    ("sample", "shown"),
    [
        ('{"volunteer":"Ann Example","site":"S1"}', '{"volunteer":…,"site":"S1"}'),
        ('{"text": "call Ann at \\"home\\"", "count": 5', '{"text": …, "count": 5'),
        ('{"voter": 12345, "name": "Ann', '{"voter": …, "name": …'),
        ("1,Ann,ann@example.org", "1,Ann,…@…"),
        ("{broken", "{broken"),
    ],
)
def test_samples_show_counts_and_places_but_no_field_that_may_name_a_person(sample, shown):
    assert masked(sample) == shown


@pytest.mark.parametrize(
    ("place", "words"),
    [('{"size":5,"done":1200}', "1,200 read"), ('{"digest":"x","records":3}', "3 records"), ("", ""), ("[1]", "[1]"),
     ("plain", "plain"), ('{"other":1}', "")],
)  # fmt: skip
def test_a_place_is_told_in_words(place, words):
    assert position_words(place) == words


@pytest.fixture
def judged(loaded, bring, at):
    """A source that the watch has judged, and its count."""
    bring(NAME, line(1, at, source="phone/x"), line(2, at, source="phone/x", precinct="P9"))
    one = Trust(source="phone/x", readings=1, suspect=0, held=0, last_ms=1, verdict="contradicts", against=("a", "b"))
    HoldStore(loaded).put_judged(msgspec.json.encode(Judgement(1, 0, [one])))
    return "phone/x"


def hold(client, source, what="hold", **more):
    answer = client.post("/api/v1/sources/hold", json={"source": source, "what": what, "by": "Ana",
                                                       "reason": "code lost", **more})  # fmt: skip
    return answer.status_code, answer.json().get("detail", "")


def test_a_source_is_held_and_released_with_a_reason_in_the_audit_log(client, judged, loaded):
    assert hold(client, judged)[0] == 200
    fold(loaded)
    assert StateReader(loaded).units()["p:P1"].count == -1
    told = client.get("/api/v1/sources").json()
    [row] = told["sources"]
    assert (row["rejected"], row["against"], row["hold"]["reason"], told["held"]) == (1, 2, "code lost", 1)
    assert [one["feed"] for one in client.get("/api/v1/feeds").json()["feeds"]] == [NAME]  # a hold is no feed
    assert hold(client, judged) == (409, "Ana holds it already")
    assert hold(client, judged, "release", reason="a new code")[0] == 200
    fold(loaded)
    assert StateReader(loaded).units()["p:P1"].count == 5
    assert hold(client, judged, "release") == (409, "it is not held")
    kept = [json.loads(told[b"line"]) for _, told in loaded.xrange(keys.AUDIT)]
    done = [(one["action"], one["reason"]) for one in kept if one["outcome"] == "done"]
    assert done == [("hold: hold", "code lost"), ("hold: release", "a new code")]
    assert all("source phone/x" in one["object"] for one in kept)


def test_only_a_director_holds_and_a_wall_is_told_that_something_is_held_not_who_is_compared(
    client, viewer, signed_in, judged, loaded
):
    assert hold(viewer, judged)[0] == 403
    answer = signed_in(DIRECTOR).post("/api/v1/sources/hold", json={}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403 and HoldStore(loaded).all() == {}
    assert hold(client, judged)[0] == 200
    fold(loaded)
    told = viewer.get("/api/v1/sources").json()
    assert (told["sources"], told["held"], told["may_see"], told["may_hold"]) == ([], 1, False, False)


@pytest.mark.parametrize(
    ("more", "status"), [({"reason": ""}, 422), ({"what": "judge"}, 422), ({"by": "<b>"}, 422), ({"source": "z"}, 404)]
)
def test_a_hold_that_makes_no_sense_is_refused_in_words(client, judged, more, status):
    code, detail = hold(client, **{"source": judged, **more})
    assert code == status and isinstance(detail, str) and detail
