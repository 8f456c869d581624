"""The check suite that every feed of the folder passes, today's and those to come.

A new feed adds one entry to SPECIMENS: how to offer it some lines, and the URL to read them by.
"""

import threading

import field_specimens
import kafka_topics
import pytest

from feeds import registry
from feeds._url import FeedURLError
from warroom.store.ports import DONE


def _file(folder, lines):
    (folder / "reports.jsonl").write_text("".join(lines))
    return f"file://{folder}/reports.jsonl"


def _replay(folder, lines):
    (folder / "reports.jsonl").write_text("".join(lines))
    return f"replay://{folder}?speed=1000000&from=21:00"


def _drop(folder, lines):
    (folder / "drop").mkdir(exist_ok=True)
    (folder / "drop" / "reports.jsonl").write_text("".join(lines))
    return f"drop://{folder}/drop?once=1"


SPECIMENS = {"file": _file, "drop": _drop, "replay": _replay, "kafka": kafka_topics.specimen}
SPECIMENS |= field_specimens.SPECIMENS
# {module: (folder, lines) -> URL of a feed that ends}; IDS and REASONS: of feeds that speak another language
IDS = {} | field_specimens.IDS
REASONS = {} | field_specimens.REASONS
FEEDS = registry.feed_modules()


class Offer:
    """offer(lines) opens the feed on these lines; `ids` and `reasons` are what it must then say."""

    def __init__(self, name, folder):
        self._specimen = lambda lines: SPECIMENS[name](folder, lines)
        self._id = IDS.get(name, str)
        self.reasons = REASONS.get(name, ["not_json", "unknown_precinct"])

    def __call__(self, lines):
        return registry.open_feed(self._specimen(lines))

    def ids(self, names):
        return [self._id(name) for name in names]


@pytest.fixture(params=FEEDS)
def offer(request, tmp_path, monkeypatch):
    assert request.param in SPECIMENS, f"add feeds/{request.param}.py to SPECIMENS"
    monkeypatch.setenv("WARROOM_SALT", "a salt for the tests only")
    if request.param == "kafka":
        monkeypatch.setenv("KAFKA_UNDER_TEST", request.getfixturevalue("broker").bootstrap)
    return Offer(request.param, tmp_path)


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_module_declares_what_it_is(name):
    module = FEEDS[name]
    assert module.SCHEMES and all(scheme == scheme.lower() for scheme in module.SCHEMES)
    assert module.ABOUT and "\n" not in module.ABOUT and callable(module.open_feed)


def test_no_two_feeds_share_a_scheme():
    declared = [scheme for module in FEEDS.values() for scheme in module.SCHEMES]
    assert sorted(declared) == sorted(registry.schemes())


@pytest.mark.parametrize("name", FEEDS)
def test_the_documentation_names_every_feed(name, request):
    text = (request.config.rootpath / "docs" / "feeds.md").read_text()
    assert f"feeds/{name}.py" in text
    assert all(f"`{scheme}:" in text for scheme in FEEDS[name].SCHEMES)
    assert all(f"`{option}`" in text for option in getattr(FEEDS[name], "OPTIONS", ()))


def test_every_line_is_a_report_or_a_reject_and_a_bad_one_stops_nothing(offer, intake, line):
    lines = [line("a"), "{broken\n", line("b", precinct="9999"), line("c")]
    offer(lines).run(intake, threading.Event())
    assert intake.ids == offer.ids("ac")
    assert sorted(reject.reason for reject in intake.rejects) == offer.reasons
    assert all(report.received for report in intake.reports)


def test_a_feed_has_a_name_and_a_position_under_it_and_resumes(offer, intake, line):
    feed = offer([line("a"), line("b")])
    feed.run(intake, threading.Event())
    assert feed.name and set(intake.positions) == {feed.name}
    offer([line("a"), line("b")]).run(intake, threading.Event())
    assert intake.ids == offer.ids("ab")


def test_a_feed_that_lost_its_position_repeats_itself_exactly(offer, intake, line):
    offer([line("a"), line("b")]).run(intake, threading.Event())
    once = list(intake.reports)
    intake.positions.clear()
    offer([line("a"), line("b")]).run(intake, threading.Event())
    assert intake.reports == once + once


def test_a_stopped_feed_puts_nothing_and_returns(offer, intake, line):
    stop = threading.Event()
    stop.set()
    offer([line("a")]).run(intake, stop)
    assert intake.ids == []


def test_a_feed_holds_its_reports_while_the_store_is_away(offer, intake, line):
    intake.failures = [ConnectionError("gone")]
    offer([line("a")]).run(intake, threading.Event())
    assert intake.ids == offer.ids("a")
    assert intake.troubles[-2:] == ["", DONE]


@pytest.mark.parametrize("name", FEEDS)
def test_an_unknown_option_is_refused_by_name(name):
    url = f"{FEEDS[name].SCHEMES[0]}:///somewhere"
    with pytest.raises(FeedURLError, match="unknown option 'colour'"):
        registry.open_feed(url, {"colour": "red"})


@pytest.mark.parametrize("url", ["gopher://x", "reports.jsonl", ""])
def test_an_unknown_scheme_is_refused_with_the_known_ones(url):
    with pytest.raises(FeedURLError, match=r"Known are .*file: .*; .*replay: "):
        registry.open_feed(url)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file://inbox/reports.jsonl", "write file:///inbox/reports.jsonl"),
        ("file:", "names no path"),
        ("file:///x?follow=maybe", "neither 1 nor 0"),
        ("file:///x?format=xml", "none of jsonl, csv"),
        ("file:///x?poll_ms=-1", "above 0"),
        ("replay:///x?speed=fast", "above 0"),
        ("replay:///x?from=9am", "not a local time"),
    ],
)
def test_a_wrong_url_is_refused_with_the_right_one(url, says):
    with pytest.raises(FeedURLError, match=says):
        registry.open_feed(url)
