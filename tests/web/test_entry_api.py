"""The entry page's API: a line is understood, judged and counted once; two people's sheets are compared blind."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import Access
from warroom.store.day import DayClock
from warroom.store.events import EventReader
from warroom.store.keys import precinct_unit
from warroom.store.state import StateReader
from warroom.store.wire import epoch_ms
from warroom.tally.worker import TallyWorker
from warroom.web import entry_sheets
from warroom.web.app import create_app
from warroom.web.entry_check import Kept
from warroom.web.entry_desk import EntryDesk
from warroom.web.entry_sheets import EntrySheets

WALL, DIRECTOR = "wall-key-0123456789", "director-key-0123456789"
KEYED = Access(wall_key=WALL, director_key=DIRECTOR, open_room=False)
NOON = datetime(2025, 6, 24, 16, tzinfo=UTC)
numbers = count(1)


@pytest.fixture(scope="module")
def app(server):
    return create_app(server.url, KEYED)  # half a second: once for all tests of this file


@pytest.fixture
def room(app, loaded):
    DayClock(loaded).set(NOON, 1)
    app.state.intake._day.forget()  # the day of the test before is not this one
    return TestClient(app, base_url="http://room", follow_redirects=False)


def signed_in(room, key=DIRECTOR):
    room.post("/signin", content=f"key={key}", headers={"Content-Type": "application/x-www-form-urlencoded"})
    return room


@pytest.fixture
def desk(room):
    return signed_in(room)


@pytest.fixture
def counts(loaded):
    """What the tally believes, once it has applied everything."""

    def read():
        worker = TallyWorker(loaded, 0, "t")
        while worker.step():
            pass
        return {unit: state.count for unit, state in StateReader(loaded).units().items()}

    return read


def line(text, minutes=0, **more):
    typed = epoch_ms(NOON - timedelta(minutes=minutes))
    return {"id": f"12-{next(numbers):08d}", "line": text, "typed_ms": typed} | more


def send(desk, *lines, by="kb"):
    answer = desk.post("/api/v1/entry/lines", json={"by": by, "lines": lines})
    assert answer.status_code == 200, answer.text
    return answer.json()["outcomes"]


def echo(desk, text, **more):
    return desk.post("/api/v1/entry/read", json={"line": text, "typed_ms": epoch_ms(NOON)} | more).json()


def test_only_who_may_enter_reports_is_let_in(room):
    assert room.get("/api/v1/entry").status_code == 401
    signed_in(room, WALL)
    assert room.post("/api/v1/entry/read", json={"line": "P1 57"}).status_code == 403
    assert room.post("/api/v1/entry/lines", json={"by": "kb", "lines": [line("P1 57")]}).status_code == 403
    assert (
        room.post("/api/v1/entry/sheets", json={"by": "kb", "sheet": "1", "lines": [line("P1 57")]}).status_code == 403
    )


def test_the_echo_names_place_site_number_and_time(desk):
    said = echo(desk, "P1 57 9:15")
    assert (said["ok"], said["name"], said["site"], said["number"]) == (True, "Precinct 1", "School 1", 57)
    assert said["at_ms"] == epoch_ms(datetime(2025, 6, 24, 13, 15, tzinfo=UTC))
    assert (said["last"], said["doubt"]) == (None, "")


def test_the_echo_says_what_stands_and_what_is_not_plausible(desk, counts):
    send(desk, line("P1 57 9:15"))
    counts()
    assert echo(desk, "P1 80")["last"] == 57 and echo(desk, "P1 80")["doubt"] == ""
    assert echo(desk, "P1 12")["doubt"] == "lower than an earlier reading"
    assert "climbs faster" in echo(desk, "P1 880 9:20")["doubt"]
    assert echo(desk, "P2 901")["doubt"] == "more than can have voted here today (900)"


@pytest.mark.parametrize(
    "text", ["", "57", "P1", "P99 5", "P1 5 banana", "P1 5; P2 6", "X 75", "?", "I P1", "P1 5 11:59pm"]
)
def test_a_line_that_says_nothing_is_refused_with_what_to_write(desk, text):
    said = echo(desk, text)
    assert said["ok"] is False and len(said["remedy"]) > 10


def test_a_line_counts_once_however_often_it_is_sent(desk, counts):
    sent = line("P1 57")
    assert send(desk, sent)[0]["status"] == "taken"
    assert send(desk, sent, sent)[0]["status"] == "taken"
    assert counts() == {precinct_unit("P1"): 57}


def test_lines_carry_the_typist_s_initials_and_their_own_id(desk, counts, loaded):
    sent = line("P1 57")
    send(desk, sent, by="kb")
    counts()
    (reading,) = StateReader(loaded).readings([precinct_unit("P1")])[precinct_unit("P1")]
    assert (reading.source, reading.id) == ("entry/KB", sent["id"])


def test_a_name_is_not_taken_for_initials(desk):
    for by in ("", "Karl Becker", "KARLB", "k1", "entry/x"):
        answer = desk.post("/api/v1/entry/lines", json={"by": by, "lines": [line("P1 57")]})
        assert answer.status_code == 422, by


def test_a_line_was_seen_when_it_was_typed_or_at_its_sheet_s_time_or_at_its_own(desk):
    told = send(desk, line("P1 5", minutes=30), line("P1 6", time="0900"), line("P1 7 10:30", time="0900"))
    hours = [datetime.fromtimestamp(one["at_ms"] / 1000, UTC).strftime("%H:%M") for one in told]
    assert hours == ["15:30", "13:00", "14:30"]


def test_a_page_with_a_wrong_clock_cannot_type_in_the_future(desk):
    ahead = line("P1 5") | {"typed_ms": epoch_ms(NOON + timedelta(hours=3))}
    told = send(desk, ahead)[0]
    assert told["status"] == "taken" and abs(told["at_ms"] - epoch_ms(NOON)) < 60_000


def test_a_wait_and_a_problem_are_taken_and_a_bad_line_among_them_stops_nothing(desk, counts, loaded):
    told = send(desk, line("w S1 35"), line("nonsense"), line("i S1 scanner down"))
    assert [one["status"] for one in told] == ["taken", "refused", "taken"]
    counts()
    newest = EventReader(loaded).newest(["wait", "incident"])
    assert newest["wait|S1"].minutes == 35
    assert newest["incident|S1"].text == "scanner down"


def test_a_line_taken_back_is_voided_and_the_one_before_it_counts(desk, counts):
    first, slip = line("P1 57", minutes=20), line("P1 75")
    send(desk, first, slip)
    send(desk, line("", void=slip["id"]))
    assert counts() == {precinct_unit("P1"): 57}


def test_nobody_takes_back_another_s_line(desk, counts):
    mine = line("P1 57")
    send(desk, mine, by="kb")
    send(desk, line("", void=mine["id"]), by="am")
    assert counts() == {precinct_unit("P1"): 57}


def test_the_page_learns_what_the_tally_makes_of_its_counts(desk, counts):
    first, second = line("P1 57", minutes=20), line("P1 12")
    send(desk, first, second)
    counts()
    found = desk.get("/api/v1/entry/became", params={"by": "KB", "unit": ["p:P1", "p:P2"]}).json()
    assert found == {first["id"]: "", second["id"]: "lower than an earlier reading"}


def sheet(desk, by, *texts, number="12"):
    lines = [line(text, time="0900") for text in texts]
    return desk.post("/api/v1/entry/sheets", json={"by": by, "sheet": number, "lines": lines})


def test_the_first_typing_sends_nothing_and_shows_nothing(desk, counts):
    answer = sheet(desk, "kb", "P0 10", "P1 57").json()
    assert (answer["state"], answer["agreed"], answer["differ"]) == ("waits", 0, [])
    assert counts() == {}
    (open_sheet,) = desk.get("/api/v1/entry/sheets").json()
    assert (open_sheet["state"], open_sheet["first"], open_sheet["differ"]) == ("waits", "KB", [])


def test_what_two_people_typed_alike_is_sent_and_the_rest_is_listed(desk, counts):
    sheet(desk, "kb", "P0 10", "P1 57", "P2 30")
    answer = sheet(desk, "am", "P0 10", "P1 75", "P3 8").json()
    assert (answer["state"], answer["agreed"]) == ("compared", 1)
    assert [(d["what"], d["first"], d["second"]) for d in answer["differ"]] == [
        ("checkins P1", "57 at 09:00", "75 at 09:00"), ("checkins P2", "30 at 09:00", ""),
        ("checkins P3", "", "8 at 09:00"),
    ]  # fmt: skip
    assert counts() == {precinct_unit("P0"): 10}


def test_a_sheet_sent_again_by_the_same_two_changes_nothing(desk, counts):
    for _ in range(2):
        sheet(desk, "kb", "P0 10", "P1 57")
    for _ in range(2):
        answer = sheet(desk, "am", "P0 10", "P1 57").json()
    assert answer["agreed"] == 2 and counts() == {precinct_unit("P0"): 10, precinct_unit("P1"): 57}
    assert desk.get("/api/v1/entry/sheets").json() == []


def test_a_sheet_may_be_handed_in_bit_by_bit(desk, counts):
    sheet(desk, "kb", "P0 10")
    sheet(desk, "kb", "P1 57", "P2 30")
    assert sheet(desk, "am", "P1 57").json()["agreed"] == 1
    answer = sheet(desk, "am", "P0 10", "P2 31").json()
    assert answer["agreed"] == 2 and [d["what"] for d in answer["differ"]] == ["checkins P2"]
    assert counts() == {precinct_unit("P0"): 10, precinct_unit("P1"): 57}


def test_the_same_person_is_no_second_pair_of_eyes(desk, counts):
    sheet(desk, "kb", "P0 10")
    assert sheet(desk, "kb", "P0 10").json()["state"] == "waits"
    assert counts() == {}


def test_a_third_person_is_told_who_typed_it(desk):
    sheet(desk, "kb", "P0 10")
    sheet(desk, "am", "P0 11")
    answer = sheet(desk, "zz", "P0 10")
    assert answer.status_code == 409 and "KB and AM" in answer.json()["detail"]


def test_a_difference_is_settled_once_from_the_paper(desk, counts):
    sheet(desk, "kb", "P1 57", "P2 30")
    sheet(desk, "am", "P1 75", "P3 8")
    settle = {"by": "am", "sheet": "12", "line": line("P1 57", time="0900")}
    assert desk.post("/api/v1/entry/sheets/settle", json=settle).json()["status"] == "taken"
    again = desk.post("/api/v1/entry/sheets/settle", json=settle)
    assert again.status_code == 409
    for what in ("checkins P2", "checkins P3"):
        dropped = {"by": "am", "sheet": "12", "dropped": what}
        assert desk.post("/api/v1/entry/sheets/settle", json=dropped).status_code == 200
    assert desk.get("/api/v1/entry/sheets").json() == []
    assert counts() == {precinct_unit("P1"): 57}


def test_a_sheet_with_a_line_that_says_nothing_is_not_kept(desk):
    answer = sheet(desk, "kb", "P0 10", "nonsense")
    assert answer.status_code == 422 and len(answer.json()["bad"]) == 1
    assert desk.get("/api/v1/entry/sheets").json() == []


def test_a_line_that_one_person_left_out_does_not_set_the_others_at_odds(desk):
    sheet(desk, "kb", "P1 10 8:00", "P1 20 9:00", "P1 30 10:00")
    answer = sheet(desk, "am", "P1 20 9:00", "P1 30 10:00").json()
    assert answer["agreed"] == 2 and [d["first"] for d in answer["differ"]] == ["10 at 08:00"]


def test_pages_read_again_only_the_sheets_that_changed(loaded, monkeypatch):
    monkeypatch.setattr(entry_sheets, "FRESH_S", -1.0)
    desk, other = EntryDesk(loaded), EntrySheets(EntryDesk(loaded))
    asked, some = [], desk.sheets.some
    monkeypatch.setattr(desk.sheets, "some", lambda sheets: asked.append(sorted(sheets)) or some(sheets))
    page = EntrySheets(desk)
    for number in "1234":
        other.typed(number, "KB", [Kept("a", "checkins P1", "57", "57", b"{}")], 1)
    assert [row["sheet"] for row in page.open()] == ["1", "2", "3", "4"]
    other.typed("2", "AM", [Kept("b", "checkins P1", "57", "57", b"{}")], 2)
    assert [row["sheet"] for row in page.open()] == ["1", "3", "4"]
    page.typed("3", "AM", [Kept("c", "checkins P1", "75", "75", b"{}")], 3)
    page.drop("3", "checkins P1", "AM")
    assert [row["sheet"] for row in page.open()] == ["1", "4"]
    assert asked == [["1", "2", "3", "4"], ["2"], ["3"], ["3"], ["3"]]
    loaded.flushdb()
    assert page.open() == []
