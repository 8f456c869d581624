"""What the staff read in Slack: each thing once, no outside word as a mention, nobody's name."""

import threading

import msgspec
import pytest

from tests.texting.counterparts import Counterpart
from tests.texting.made_room import alert, propose
from warroom.domain.handling import Handling, Stage
from warroom.store.board import BoardStore
from warroom.texting.senders import slack
from warroom.texting.senders.slack import Slack, SlackBusy, SlackRefused
from warroom.texting.staff_alerts import StaffAlerts
from warroom.texting.staff_news import News, message, news

HIGH = alert(precinct="p1", region="North")


@pytest.fixture
def channel(monkeypatch):
    monkeypatch.setattr(slack, "backoff_s", lambda _n: 0.0)
    made = []

    def make(*script):
        left, posted = list(script), []

        def answer(request):
            how = left.pop(0) if left else 200
            if how == 200:
                posted.append(msgspec.json.decode(request["body"])["text"])
            return how, {"Retry-After": "0.01"} if how == 429 else {}, b"ok" if how == 200 else b"no"

        made.append(Counterpart(answer))
        return made[-1], posted

    yield make
    for one in made:
        one.close()


def test_a_high_alert_and_a_text_that_waits_are_told_once(room, channel):
    there, posted = channel()
    BoardStore(room).put_alerts([HIGH])
    propose(room, approve=False)
    part = StaffAlerts(room, Slack(there.url + "/services/T0/B0/secret"))
    assert part.look() == 2 and part.look() == 0
    assert StaffAlerts(room, Slack(there.url)).look() == 0  # nor after a restart
    [text] = posted
    assert "High alert: Low turnout" in text and "A text to 10 people waits for a person to approve" in text


@pytest.mark.parametrize("script", [[429], [500, 503], [429, 500, 429]])
def test_a_busy_slack_is_asked_again(channel, script):
    there, posted = channel(*script)
    Slack(there.url).tell("hello")
    assert posted == ["hello"] and len(there.seen) == len(script) + 1


def test_what_could_not_be_told_is_told_later(room, channel, caplog):
    there, posted = channel(*[500] * 4)
    BoardStore(room).put_alerts([HIGH])
    part = StaffAlerts(room, Slack(there.url + "/services/T0/B0/secret"))
    with pytest.raises(SlackBusy):
        part.look()
    assert part.look() == 1 and len(posted) == 1


def test_a_webhook_that_was_taken_away_is_said_without_its_address(room, channel, caplog):
    there, _ = channel(404)
    with pytest.raises(SlackRefused, match="WARROOM_SLACK_WEBHOOK"):
        Slack(there.url + "/secret").tell("hello")
    there.close()
    BoardStore(room).put_alerts([HIGH])
    stop = threading.Event()
    part = StaffAlerts(room, Slack("http://127.0.0.1:9/services/secret"))
    stop.wait = lambda _s: stop.set()
    part.run(stop)
    assert "SlackBusy" in caplog.text and "secret" not in caplog.text


def test_outside_words_are_words():
    assert slack.escaped("<!channel> <https://x|y> & <@U1>") == "&lt;!channel&gt; &lt;https://x|y&gt; &amp; &lt;@U1&gt;"


def test_an_incidents_own_words_are_not_told_and_medium_alerts_are_not_news():
    incident = msgspec.structs.replace(HIGH, id="i", kind="incident", reason="Zebulon shouts at the clerk")
    medium = msgspec.structs.replace(HIGH, id="m", severity="medium")
    [one] = news([incident, medium], {}, [], {"p1": "Ward 1"}, 0, ())
    assert one.line == "High alert: Incident, Ward 1."


def test_an_alert_on_a_source_or_a_feed_names_it():
    source = msgspec.structs.replace(HIGH, id="s", kind="suspect_report", precinct=None, region="", source="county/tv")
    feed = msgspec.structs.replace(source, id="f", kind="silent", source="", feed="kafka:reports", reason="quiet")
    assert [one.line for one in news([source, feed], {}, [], {}, 0, ())] == [
        "High alert: Suspect report, Source county/tv.",
        "High alert: Silent, Feed kafka:reports. quiet",
    ]


def test_no_progress_is_told_once_for_each_decision():
    late = Handling(alert=HIGH.id, stage=Stage(status="acknowledged", deadline_ms=10, severity="high"), version=3)
    found = news([msgspec.structs.replace(HIGH, status="acknowledged")], {HIGH.id: late}, [], {}, 11, ())
    assert [n.key for n in found] == [f"late|{HIGH.id}|3"]
    assert news([HIGH], {HIGH.id: late}, [], {}, 9, {f"high|{HIGH.id}"}) == []


def test_many_at_once_are_counted():
    text = message([News(str(n), f"line {n}") for n in range(11)], "Primary")
    assert text.startswith("Primary:\n• line 0") and text.endswith("… and 3 more in the room")
