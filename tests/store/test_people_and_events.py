"""People and events in the real store: names apart, the newest by place, every report of a kind."""

import msgspec
import pytest

from warroom.domain.reports import Contact as Knock
from warroom.domain.reports import Incident, Money, Shift, Wait
from warroom.domain.volunteers import Contact, PlannedShift, Volunteer
from warroom.store import keys
from warroom.store.events import EventReader, sources_before
from warroom.store.intake import RedisIntake
from warroom.store.people import PeopleStore
from warroom.store.wire import epoch_ms
from warroom.tally.worker import TallyWorker

ANN = Volunteer(volunteer_id="V1", skills=("poll_watch",), languages=("en", "es"), has_car=True, home_lat=40.7)


@pytest.fixture
def people(loaded):
    store = PeopleStore(loaded)
    shift = PlannedShift(volunteer_id="V1", start_ms=1, end_ms=2, site_id="S1", role="poll_watcher")
    store.put([ANN], {"V1": Contact(name="Ann Example", phone="+12075550194")}, [shift])
    return store


def send(client, *reports):
    RedisIntake(client).put_frame("test", reports)
    TallyWorker(client, 0, "w").step()


def test_people_come_back_as_they_went_in(people):
    assert people.volunteers() == {"V1": ANN}
    assert people.contacts()["V1"].name == "Ann Example"
    assert people.shifts()[0].site_id == "S1"


def test_a_name_is_in_one_key_only(people, loaded):
    holders = []
    for key in loaded.scan_iter():
        raw = loaded.dump(key)
        held = loaded.hgetall(key) if loaded.type(key) == b"hash" else raw
        if b"Ann Example" in repr(held).encode() or b"5550194" in repr(held).encode():
            holders.append(key.decode())
    assert holders == [keys.PEOPLE]


def test_who_left_the_folder_is_forgotten(people, loaded):
    people.put([], {}, [])
    assert people.volunteers() == {}
    assert people.contacts() == {}
    assert not loaded.exists(keys.PEOPLE)


def test_the_newest_of_a_place_is_read_without_the_others(loaded, at):
    send(
        loaded,
        Wait(id="w1", source="s", at=at(10), received=at(10), site="S1", minutes=45),
        Wait(id="w2", source="s", at=at(5), received=at(11), site="S1", minutes=5),
        Money(id="m1", source="d", at=at(5), received=at(5), amount=500, campaign="c"),
        Money(id="m2", source="d", at=at(6), received=at(6), amount=700, campaign="c"),
    )
    reader = EventReader(loaded)
    assert reader.newest(("wait",))["wait|S1"].minutes == 45
    assert reader.newest_at(["wait|S1", "wait|S0"]) == {"wait|S1": reader.newest(("wait",))["wait|S1"], "wait|S0": None}
    assert reader.sum_cents("money", ["c", "unknown"]) == 1_200


def test_every_incident_is_found_among_many_contacts(loaded, at):
    knocks = [
        Knock(id=f"k{n}", source="f", at=at(n), received=at(n), precinct="P1", channel="door", result="spoke")
        for n in range(150)
    ]
    troubles = [
        Incident(id=f"i{n}", source="s", at=at(20 - n), received=at(30), site="S1", category="machine", severity="low")
        for n in range(3)
    ]
    sneaky = Knock(
        id="x", source="f", at=at(1), received=at(1), precinct="P1", channel="door", result='"kind":"incident"'
    )
    send(loaded, *knocks, sneaky, *troubles)
    found = EventReader(loaded).every(("incident",))
    assert [e.id for e in found if isinstance(e, Incident)] == ["i2", "i1", "i0"]  # by time, not by arrival
    assert len(found) == 3


def test_signs_of_readiness_are_those_before_the_day(loaded, at, tuesday):
    begins_ms = epoch_ms(tuesday.begins_at)
    before, after = at(-2 * 1440), at(-60)
    send(
        loaded,
        Shift(id="a", source="app", at=before, received=before, volunteer="V1", status="scheduled"),
        Shift(id="b", source="V2", at=after, received=after, volunteer="V2", status="checked_in"),
    )
    assert sources_before(loaded, begins_ms) == [("app", "V1", epoch_ms(before))]


def test_a_test_report_turned_away_for_its_date_still_shows_that_the_path_works(loaded, at, tuesday):
    from feeds._parse import Parser

    intake = RedisIntake(loaded)
    parser = Parser(tuesday, intake.precinct_ids(), intake.site_ids())
    sent = {"id": "t1", "kind": "checkins", "precinct": "P1", "count": 0, "at": "2025-06-21T10:00:00-04:00",
            "source": "V3"}  # fmt: skip
    reject = parser.line(msgspec.json.encode(sent), "line 1", at(-3 * 1440))
    intake.put_frame("test", [], [reject])
    TallyWorker(loaded, 0, "w").step()
    [(source, volunteer, at_ms)] = sources_before(loaded, epoch_ms(tuesday.begins_at))
    assert (source, volunteer) == ("V3", "")
    assert at_ms < epoch_ms(tuesday.begins_at)
