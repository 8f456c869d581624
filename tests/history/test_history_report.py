"""The after-action report: complete, self-contained, and harmless whatever people wrote into their reports."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import msgspec
import pytest
from typer.testing import CliRunner

from tests.history.conftest import LOW, NASTY
from warroom.cli import app
from warroom.dayfolder import load_day
from warroom.domain.alerts import Alert
from warroom.domain.handling import Deadlines, Decision
from warroom.domain.reports import Contact
from warroom.history.calibration import FinalsError, read_finals
from warroom.history.page import render_report
from warroom.history.record import record_of
from warroom.history.sources import from_folder, from_store
from warroom.loading import frames_of, load_into_store
from warroom.store.board import BoardStore
from warroom.store.client import connect
from warroom.store.intake import RedisIntake
from warroom.store.server import EmbeddedServer
from warroom.store.wire import epoch_ms
from warroom.tally.worker import TallyWorker

MADE = datetime(2025, 6, 25, 12, tzinfo=UTC)
SECTIONS = (
    "The day's curve", "Alerts and what became of them", "Did it help", "Places short of voters at the close",
    "Feeds and reports", "Silent sites", "Waits over half an hour", "Incidents", "Was the model right",
)  # fmt: skip


class Read(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def record(recorded):
    finals = dict.fromkeys(recorded.folder.precincts["precinct_id"], 100.0)
    return record_of(recorded.frames, from_folder(recorded.folder), finals)


@pytest.fixture(scope="module")
def page(record):
    return render_report(record, MADE, "1")


def test_every_section_is_there(page):
    text = Read(page).text
    assert all(section in text for section in SECTIONS)
    assert "closed by itself" in text
    assert "unknown precinct" in text
    assert "55 min" in text


def test_the_report_asks_no_host_for_anything(page):
    assert not re.findall(r"(?:https?:)?//[\w.-]+", page)
    for tag, attributes in Read(page).tags:
        assert tag not in ("script", "link", "img", "iframe", "object", "embed")
        assert not {"src", "href", "srcset"} & attributes.keys()
    assert "@import" not in page
    assert "url(" not in page


def test_what_people_wrote_is_text_and_stays_text(page):
    assert "<script" not in page
    assert "Small <b>primary</b>" not in page
    text = Read(page).text
    assert NASTY in text
    assert "Small <b>primary</b>: the day afterwards" in text


def test_the_same_record_gives_the_same_bytes(record, page):
    assert render_report(record, MADE, "1") == page


def test_the_place_that_stayed_home_is_named(record):
    assert record.short[0]["precinct"] == LOW
    assert record.short[0]["short"] > 20
    assert [c.clock for c in record.checkpoints] == ["09:00", "12:00", "15:00", "18:00"]
    assert record.waits[0]["most"] == 55
    assert {"S5"} == {row["place"] for row in record.silent}


def test_finals_say_how_far_the_model_was_off(record):
    assert record.calibration is not None
    assert record.calibration.precincts == 24
    assert record.calibration.final == 2_400
    assert all(0 <= row.inside <= 1 for row in record.calibration.rows)


def test_a_day_without_reports_is_said_to_be_one(quiet_folder):

    folder = load_day(quiet_folder)
    empty = record_of(frames_of(folder), from_folder(folder))
    text = Read(render_report(empty, MADE, "1")).text
    assert "nothing can be said of what came" in text
    assert "Not knowable from this record" in text
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)


def test_a_day_without_alerts_is_said_to_be_one(record):
    quiet = replace(record, alerts=[], short=[], silent=[], waits=[], incidents=[], rejects=[])
    text = Read(render_report(quiet, MADE, "1")).text
    assert "No alert was raised on this day" in text
    assert "0 alerts were raised" in text
    assert "Every site was heard to the end" in text


@pytest.fixture
def handled(recorded, store):
    """A room's store: the day in it, one alert taken, somebody sent, and the alert resolved."""
    load_into_store(store, recorded.folder)
    RedisIntake(store).put_frame("f", recorded.reports, recorded.rejects)
    opens = recorded.folder.day.opens_at
    tried = [(100, LOW, "spoke"), (230, LOW, "spoke"), (240, LOW, "not_home"), (310, LOW, "not_home"),
             (320, "P00", "spoke")]  # fmt: skip
    RedisIntake(store).put_frame("app", [
        Contact(id=f"t{minute}", source="app", at=opens + timedelta(minutes=minute),
                received=opens + timedelta(minutes=minute), precinct=precinct, channel="door", result=result)
        for minute, precinct, result in tried
    ])  # fmt: skip
    worker = TallyWorker(store, 0, "w")
    while worker.step():
        pass
    raised = opens + timedelta(minutes=200)
    alert = Alert(id=f"low_turnout:{LOW}:1", kind="low_turnout", severity="high", raised_at=raised, updated_at=raised,
                  reason="57 of 90", precinct=LOW, shortfall=33.0, probability=0.97)  # fmt: skip
    board = BoardStore(store)
    board.put_alerts([alert])
    for version, (what, minute, more) in enumerate([
        ("acknowledge", 210, {}), ("dispatch", 220, {"volunteer": "V7"}), ("arrive", 300, {}),
        ("resolve", 700, {"reason": "<i>line moved</i>"}),
    ]):  # fmt: skip
        at_ms = epoch_ms(opens + timedelta(minutes=minute))
        decision = Decision(what=what, by="Ada & Co", at_ms=at_ms, version=version, **more)
        board.handlings.decide(alert, decision, Deadlines())
    return store


def test_a_rooms_own_alerts_say_who_took_them_and_how_they_ended(recorded, handled):
    record = record_of(recorded.frames, from_store(handled, recorded.folder))
    (row,) = record.alerts
    assert record.own_alerts
    assert (row["by"], row["minutes"], row["how"]) == ("Ada & Co", 500, "resolved by Ada & Co: <i>line moved</i>")
    (sent,) = record.dispatches
    assert sent["volunteer"] == "V7"
    assert sent["effect"].state == "measured"
    low, high = sent["effect"].change[1:]
    assert low < 0 < high  # nobody simulated any help
    assert sent["contacts"] == (3, "2 not home, 1 spoke")  # those since the dispatch
    page = render_report(record, MADE, "1")
    assert "2 not home, 1 spoke" in page
    assert "<i>" not in page
    assert "Ada &amp; Co" in page


def run(*words: str):
    return CliRunner().invoke(app, ["report", *words])


def test_the_command_reads_a_stopped_room(recorded, small_folder, tmp_path):
    server = EmbeddedServer(tmp_path / "room" / "store")
    server.ensure()

    client = connect(server.url)
    load_into_store(client, recorded.folder)
    RedisIntake(client).put_frame("f", recorded.reports)
    TallyWorker(client, 0, "w").step()
    server.stop()
    out = tmp_path / "report.html"
    done = run(str(small_folder), "--data", str(tmp_path / "room"), "--out", str(out), "--json")
    assert done.exit_code == 0, done.output
    assert msgspec.json.decode(done.output)["origin"] == "the room's store"
    assert "from the room&#39;s store" in out.read_text()


def test_the_command_needs_no_room(small_folder, tmp_path):
    out = tmp_path / "r.html"
    done = run(str(small_folder), "--recorded", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "recorded reports" in out.read_text()


@pytest.mark.parametrize("words", [["--out", "r.txt"], ["--out", "r.html", "--finals", "no.csv"],
                                   ["--out", "r.html", "--data", "nowhere"]])  # fmt: skip
def test_what_cannot_be_done_is_said_with_a_remedy(small_folder, words):
    assert run(str(small_folder), *words).exit_code == 2


def test_a_bad_line_of_finals_is_named(tmp_path):
    path = tmp_path / "finals.csv"
    path.write_text("precinct_id,ballots\nP00,12\nP01,many\n")
    with pytest.raises(FinalsError, match=r"finals\.csv:3"):
        read_finals(path)
    path.write_text('precinct_id,ballots\nP00,"1,204"\n')
    assert read_finals(path) == {"P00": 1204.0}
