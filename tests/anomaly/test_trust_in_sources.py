"""What others say of each source, by hand on readings; and the story of a stolen code on a real store."""

import json
from collections import defaultdict
from datetime import datetime

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from anomaly import sourcewatch
from anomaly.sourcetrust import evidence_of, trusts
from anomaly.sourcewatch import SourceWatch
from warroom.access.shared_keys import Access
from warroom.dayfolder.daytoml import read_day
from warroom.domain.places import PollSite, Precinct
from warroom.domain.readings import Limits, Reading, fold, tie_of
from warroom.domain.reports import Checkins, Correction
from warroom.history.tape import tape_from_store
from warroom.store.day import DayClock, LoadedDay, Roster, put_day
from warroom.store.intake import RedisIntake
from warroom.store.own import own_readings
from warroom.store.state import StateReader
from warroom.store.wire import epoch_ms
from warroom.tally.worker import TallyWorker
from warroom.web.app import create_app

OPEN = 1_000_000_000
LIMITS = Limits(ceiling=900, opens_ms=OPEN, day_ms=15 * 3_600_000)


def counter(*rows, **more):
    """Evidence of one counter from (source, minute, count) rows."""
    readings = [
        Reading(source=s, id=f"{n}", tie=tie_of(s, f"{n}"), at_ms=OPEN + minute * 60_000, count=count,
                received_ms=OPEN + minute * 60_000, **more)
        for n, (s, minute, count) in enumerate(rows)
    ]  # fmt: skip
    return evidence_of(fold(readings, LIMITS))


def honest(source, first=60):
    return [(source, first + 40 * n, first + 40 * n) for n in range(6)]  # a ballot a minute


def lying(source, by=120):
    return [(source, minute + 15, count + 15 + by) for _, minute, count in honest(source)]


def by_source(*counters):
    return {one.source: one for one in trusts(counters)}


def test_one_that_says_what_others_say_agrees_and_alone_nobody_can_tell():
    found = by_source(counter(*honest("a"), *honest("b", 70)), counter(*honest("a")), counter(*honest("c")))
    assert (found["a"].verdict, found["b"].verdict, found["c"].verdict) == ("agrees", "agrees", "alone")
    assert (found["a"].readings, found["a"].checked, found["a"].counters) == (12, 5, 1)
    assert found["a"].low < 0.25 and found["a"].high > 0.97  # one place is little to go by
    assert found["c"].share is None and found["c"].low is None


def test_a_liar_among_many_is_named_and_those_it_contradicts_are_not():
    found = by_source(*(counter(*honest(f"watcher {n}"), *lying("stolen")) for n in range(5)))
    liar = found["stolen"]
    assert (liar.verdict, liar.counters, liar.agreed, len(liar.against)) == ("contradicts", 5, 0.0, 5)
    assert liar.high < 0.5 and liar.chance < 0.01
    assert {found[f"watcher {n}"].verdict for n in range(5)} == {"alone"}  # the liar's word is worth nothing


def test_of_two_that_contradict_only_each_other_none_is_named():
    found = by_source(*(counter(*honest("epollbook"), *lying("stolen")) for _ in range(6)))
    assert {one.verdict for one in found.values()} == {"one_of_two"} and not any(
        one.confirmed for one in found.values()
    )
    known = [counter(*honest("epollbook"), *honest(f"watcher {n}", 70)) for n in range(3)]
    found = by_source(*known, *(counter(*honest("epollbook"), *lying("stolen")) for _ in range(6)))
    assert found["stolen"].verdict == "contradicts" and found["epollbook"].verdict == "agrees"


def test_names_below_one_key_are_one_sender_and_vouch_for_nobody():
    found = by_source(counter(*honest("vendor/a"), *honest("vendor/b", 70)))
    assert list(found) == ["vendor"] and found["vendor"].verdict == "alone"


@pytest.mark.parametrize(("count", "agrees"), [(50, 1), (49, 0), (110, 1), (111, 0)])
def test_a_count_must_lie_between_what_another_read_before_and_after_it_give_or_take_ten(count, agrees):
    assert by_source(counter(*honest("a"), ("b", 80, count)))["b"].agreed == agrees


def test_a_slip_or_one_wrong_place_is_no_contradiction():
    places = [counter(*honest("a"), *honest("b", 70)) for _ in range(6)]
    slipped = counter(*honest("a"), ("a", 200, 590), *honest("b", 70))
    found = by_source(*places, slipped, counter(*lying("a"), *honest("b", 70)))
    assert found["a"].verdict == "agrees" and found["a"].agreed < 7
    assert found["a"].readings == 49 and found["a"].suspect > 0


@pytest.mark.parametrize("more", [{"void": True}, {"held": True}])
def test_what_is_withdrawn_or_held_checks_nobody(more):
    told = [*honest("b", 70)]
    readings = [Reading(source=s, id=f"{n}", tie=n, at_ms=OPEN + m * 60_000, received_ms=OPEN + m * 60_000, count=c,
                        **(more if s == "b" else {})) for n, (s, m, c) in enumerate([*honest("a"), *told])]  # fmt: skip
    found = by_source(evidence_of(fold(readings, LIMITS)))
    assert found["a"].verdict == "alone" and found["a"].suspect == 0
    if "held" in more:  # so that who releases it knows whether it still contradicts
        assert (found["b"].held, found["b"].checked, found["b"].suspect) == (6, 5, 0)
    else:
        assert "b" not in found


# -- the story

WATCHERS = 5


class Town:
    """Five precincts, a watcher in each, and somebody with a stolen code, on a real store."""

    def __init__(self, store, day, at, shards):
        self.store, self.day, self.at, self.shards = store, day, at, shards
        precincts = [Precinct(precinct_id=f"P{n}", name="", region="North", site_id="S0") for n in range(WATCHERS)]
        put_day(store, LoadedDay(day=day, roster=Roster(precincts, [PollSite(site_id="S0", name="")]), folder=b"",
                                 ceilings={f"p:P{n}": 900 for n in range(WATCHERS)}, geometry=b""), shards)  # fmt: skip
        self.intake, self.state = RedisIntake(store), StateReader(store)
        self.watch = SourceWatch(store, self.state, day)
        self.sent = 0

    def send(self, source, place, minute, count):
        self.sent += 1
        report = Checkins(id=f"r{self.sent}", source=source, precinct=f"P{place}", count=count, at=self.at(minute),
                          received=self.at(minute + 1))  # fmt: skip
        self.intake.put_frame("phone", [report])
        return report.id

    def fold(self):
        for shard in range(self.shards):
            worker = TallyWorker(self.store, shard, "t")
            while worker.step():
                pass

    def look(self, minute):
        """What the watch says after the tally has folded everything: its open alerts."""
        self.fold()
        DayClock(self.store).set(self.at(minute), 1e-6)
        self.watch.take(self.state.units())
        self.watch._look_due_s = self.watch._tell_due_s = self.watch._keep_due_s = 0.0
        self.watch.step(self.at(minute))
        return self.watch.open

    def third(self):
        """The count of the third report, as corrected."""
        return next(r.count for r in self.state.readings(["p:P0"])["p:P0"] if r.id == "r3")

    def restart(self, alerts):
        """Another watch goes on; before it has read everything, no alert is over."""
        self.watch = SourceWatch(self.store, self.state, self.day)
        self.watch.take([*self.state.units(), "p:P9"])
        self.watch.adopt(alerts)
        with pytest.MonkeyPatch.context() as slow:
            slow.setattr(sourcewatch, "SLICE_COUNTERS", 1)
            assert self.watch.step(self.at(150)) == []

    def counts(self):
        units = self.state.units()
        return [units[f"p:P{n}"].count for n in range(WATCHERS)]


@pytest.mark.parametrize("shards", [1, 3])
def test_a_stolen_code_is_named_held_by_a_director_and_the_counts_come_back(store, server, tuesday, at, shards):
    town = Town(store, tuesday, at, shards)
    for n in range(WATCHERS):
        for minute in (60, 100, 140):
            town.send(f"phone/w{n}", n, minute, minute)
        for minute in (75, 85, 115, 125):  # plausible, and more of them: the fold believes the longer chain
            town.send("phone/stolen", n, minute, minute + 150)
    town.fold()
    assert town.counts() == [275] * WATCHERS
    [alert] = town.look(150)
    assert (alert.kind, alert.severity, alert.source) == ("suspect_report", "medium", "phone/stolen")
    assert "Contradicts 5 other sources: of 5 places" in alert.reason and "(trust 1–39 %)" in alert.reason
    assert town.counts() == [275] * WATCHERS  # it says so, and never holds by itself
    town.restart([alert])
    assert [one.id for one in town.look(150)] == [alert.id]

    client = TestClient(
        create_app(server.url, Access("", "", True)), base_url="http://127.0.0.1", client=("127.0.0.1", 9)
    )
    told = client.get("/api/v1/sources").json()
    assert told["sources"][0]["source"] == "phone/stolen" and told["looks"] == 1
    wish = {"source": "phone/stolen", "what": "hold", "by": "Ana", "reason": "the code was lost"}
    assert client.post("/api/v1/sources/hold", json=wish).status_code == 200
    [held] = town.look(155)
    assert (held.id, held.severity) == (alert.id, "low") and held.reason.startswith("Held since 08:30")
    assert town.counts() == [140] * WATCHERS
    town.send("phone/stolen", 0, 160, 330)  # what comes from now on is kept, and does not count
    fixed = Correction(id="c", source="phone/stolen", corrects="r3", corrects_source="phone/w0", count=1,
                       at=at(170), received=at(170))  # fmt: skip
    town.intake.put_frame("phone", [fixed])
    town.look(171)
    assert town.counts() == [140] * WATCHERS
    assert town.third() == 140  # nor do its corrections of what others said
    [sent] = own_readings(store, "phone/stolen", ["p:P0"]).values()
    assert len(sent) == 5 and "held" not in {j.reason for j in sent}  # whoever has the code is not told
    replayed = tape_from_store(store, {f"P{n}": n for n in range(WATCHERS)}, epoch_ms(tuesday.opens_at)).readings
    assert len(replayed.key) == 3 * WATCHERS  # the day's replay and report leave it out, too
    row = client.get("/api/v1/sources?find=stolen").json()["sources"][0]
    assert (row["held"], row["hold"]["by"], row["hold"]["reason"]) == (21, "Ana", "the code was lost")

    assert client.post("/api/v1/sources/hold", json={**wish, "what": "release"}).status_code == 200
    [again] = town.look(172)
    assert again.source == "phone/stolen" and again.severity == "medium"
    assert town.counts() == [330, *[275] * (WATCHERS - 1)] and town.third() == 1


# -- a whole day

PLACES = 200


@pytest.fixture(scope="module")
def counts_of_a_day(demo_day):
    """{precinct: its readings} of the first precincts to report on the demo day."""
    found = defaultdict(list)
    with (demo_day / "reports.jsonl").open(encoding="utf-8") as lines:
        for told in map(json.loads, lines):
            place = told.get("precinct")
            if told["kind"] != "checkins" or not isinstance(told["count"], int):
                continue
            if place in found or len(found) < PLACES:
                at_ms, received_ms = (epoch_ms(datetime.fromisoformat(told[name])) for name in ("at", "received"))
                found[place].append(Reading(source=told["source"], id=told["id"], tie=tie_of(told["id"]), at_ms=at_ms,
                                            received_ms=received_ms, count=max(0, told["count"])))  # fmt: skip
    return found


def dealt(day, counts, liar_at=()):
    """The readings dealt in turn to two codes at each place, as if two had watched it; somewhere the second lies."""
    limits = Limits(ceiling=2_000, opens_ms=epoch_ms(day.opens_at), day_ms=day.minutes_open * 60_000)
    found = []
    for place, readings in counts.items():
        rows = [replace(r, source=f"{r.source} {n % 2}") for n, r in enumerate(readings)]
        if place in liar_at:
            rows[1::2] = [replace(r, source="stolen", count=r.count + 90) for r in rows[1::2]]
        found.append(evidence_of(fold(rows, limits)))
    return trusts(found)


def test_an_honest_day_with_its_slips_names_nobody_and_one_liar_in_it_is_named(demo_day, counts_of_a_day):
    day, _, _ = read_day(demo_day / "day.toml")
    honest_day = dealt(day, counts_of_a_day)
    compared = [one for one in honest_day if one.counters]
    slips = 1 - sum(one.agreed for one in compared) / sum(one.counters for one in compared)
    print(f"{len(compared)} sources compared, {100 * slips:.1f} % of what could be checked is contradicted")
    assert len(compared) > 50 and 0 < slips < 0.10
    assert not [one for one in honest_day if one.verdict in ("contradicts", "one_of_two")]
    found = dealt(day, counts_of_a_day, liar_at=list(counts_of_a_day)[:: PLACES // 7])
    assert [one.source for one in found if one.verdict == "contradicts"] == ["stolen"]
    assert not [one for one in found if one.verdict == "one_of_two"]
