"""The watch's second half on the real store: waits, incidents and people become alerts and figures."""

from datetime import timedelta

import msgspec
import pytest

from anomaly.watch import Watch
from warroom.dayfolder import load_day
from warroom.demo import write_demo_day
from warroom.domain.reports import Incident, Money, Shift, Wait
from warroom.loading import frames_of, load_into_store
from warroom.store.board import BoardStore
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.store.people import PeopleStore
from warroom.tally.worker import TallyWorker


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("happenings") / "day"
    write_demo_day(path)
    return load_day(path)


class Morning:
    """The demo city's store at half an hour into the day; `tell` sends reports, `look` lets the watch see them."""

    def __init__(self, store, folder):
        load_into_store(store, folder)
        self.store, self.folder = store, folder
        self.intake, self.tally = RedisIntake(store), TallyWorker(store, 0, "w")
        self.people = PeopleStore(store)
        self.set(30)
        self.watch = Watch(store, frames_of(folder))
        self.watch.load()

    def at(self, minute):
        return self.folder.day.opens_at + timedelta(minutes=minute)

    def set(self, minute):
        DayClock(self.store).set(self.at(minute), 0.0001)

    def tell(self, *reports):
        self.intake.put_frame("test", reports)
        while self.tally.step():
            pass

    def look(self, minute=30):
        """A new watch at this minute: it reads everything anew, as after a restart."""
        self.set(minute)
        self.watch = Watch(self.store, frames_of(self.folder))
        self.watch.load()

    def alerts(self, kind):
        return {a.id: a for a in BoardStore(self.store).alerts() if a.kind == kind and a.status != "closed"}

    def headline(self):
        return msgspec.json.decode(BoardStore(self.store).snapshot())["headline"]

    def wait(self, minute, minutes, site="0204"):
        at = self.at(minute)
        return Wait(id=f"w{minute}", source="test", at=at, received=at, site=site, minutes=minutes)

    def incident(self, minute, category, severity="high", **place):
        at = self.at(minute)
        return Incident(
            id=f"i{minute}{category}", source="test", at=at, received=at, category=category, severity=severity,
            **(place or {"site": "0204"}),
        )  # fmt: skip


@pytest.fixture
def morning(store, folder):
    return Morning(store, folder)


def test_a_day_on_which_nothing_happened_claims_nothing(morning):
    found = morning.headline()
    assert found["coverage"]["sites_covered"] is None  # shifts are planned, nobody has been heard of
    assert "waits" not in found
    assert "money" not in found
    assert not {k for k in ("long_wait", "incident") if morning.alerts(k)}


def test_a_line_rises_falls_and_grows_old(morning):
    morning.tell(morning.wait(25, 75))
    morning.watch.turn()  # the change alone is enough: no restart
    [alert] = morning.alerts("long_wait").values()
    assert (alert.id, alert.severity, alert.site) == ("long_wait:0204:1", "high", "0204")
    assert alert.shortfall is not None
    assert morning.headline()["waits"]["over_30"] == 1
    morning.tell(morning.wait(40, 25))
    morning.look(41)
    assert morning.alerts("long_wait")["long_wait:0204:1"].severity == "low"  # the same one, after a restart
    morning.tell(morning.wait(50, 10))
    morning.look(51)
    assert not morning.alerts("long_wait")


def test_two_troubles_told_at_once_are_two_alerts_and_one_word_ends_them(morning):
    morning.tell(morning.incident(20, "machine"), morning.incident(21, "power"), morning.incident(22, "Scanner", "low"))
    morning.watch.turn()
    assert set(morning.alerts("incident")) == {"incident:0204:machine:1", "incident:0204:power:1"}
    machine = morning.alerts("incident")["incident:0204:machine:1"]
    assert "2 reports, the last at " in machine.reason
    assert "legal desk" in machine.reason
    rows = {r["category"]: r for r in msgspec.json.decode(morning.people.incidents())}
    assert rows["machine"]["reported"] == ["machine", "Scanner"]
    morning.tell(morning.incident(29, "resolved", "low"))
    morning.look(31)
    assert not morning.alerts("incident")


def test_an_incident_at_a_precinct_belongs_to_its_poll_site(morning, folder):
    precinct, site = folder.precincts.loc[0, ["precinct_id", "site_id"]]
    morning.tell(morning.incident(20, "access", "medium", precinct=precinct))
    morning.look()
    assert set(morning.alerts("incident")) == {f"incident:{site}:access:1"}


def test_who_comes_closes_the_gap(morning):
    shifts = [s for s in morning.people.shifts() if s.covers and s.start_ms < morning.at(0).timestamp() * 1000]
    late = next(s for s in shifts if sum(o.site_id == s.site_id for o in shifts) == 1)

    def on_site(shift, minute):
        at = morning.at(minute)
        return Shift(
            id=f"{shift.volunteer_id} {minute}", source="app", at=at, received=at, volunteer=shift.volunteer_id,
            status="on_site", site=shift.site_id,
        )  # fmt: skip

    morning.tell(*(on_site(s, -20) for s in shifts if s is not late))
    morning.look()
    gaps = {i: a for i, a in morning.alerts("coverage_gap").items() if a.site}
    assert set(gaps) == {f"coverage_gap:{late.site_id}:1"}
    assert late.volunteer_id in gaps[f"coverage_gap:{late.site_id}:1"].reason
    assert morning.headline()["coverage"]["no_shows"] == 1
    morning.tell(on_site(late, 31))
    morning.look(32)
    assert not [a for a in morning.alerts("coverage_gap").values() if a.site]
    table = msgspec.json.decode(morning.people.coverage())
    assert table["summary"]["on_site"] == len({s.volunteer_id for s in shifts})


def test_money_is_the_sum_of_all_gifts(morning):
    gifts = [
        Money(id=f"m{n}", source="d", at=morning.at(n), received=morning.at(n), amount=500, campaign="c")
        for n in range(3)
    ]
    morning.tell(*gifts, *gifts)  # sent twice, counted once
    morning.look()
    assert morning.headline()["money"]["cents"] == 1_500


def test_an_earlier_report_that_arrives_late_counts_without_a_restart(morning):
    watcher = next(s for s in morning.people.shifts() if s.covers and s.start_ms < morning.at(0).timestamp() * 1000)

    def told(minute, status):
        at = morning.at(minute)
        return Shift(
            id=f"late {minute}", source="app", at=at, received=at, volunteer=watcher.volunteer_id, status=status,
            site=watcher.site_id,
        )  # fmt: skip

    def table():
        found = msgspec.json.decode(morning.people.coverage())
        return {row["site"]: row["seen"] for row in found["sites"]}[watcher.site_id]

    for report in (told(28, "left"), told(2, "on_site")):
        morning.tell(report)
        part = morning.watch._happenings  # what is costly is done seldom: here its time has come
        part._walk_due_s = part._cover_due_s = part._tell_due_s = 0.0
        morning.set(65)
        morning.watch._anchor = morning.watch._clock.anchor()
        morning.watch.turn()
    seen = table()
    assert seen[0] == 1  # was there for most of the first hour
    morning.look(65)
    assert table() == seen
