"""A reviewed file of rules makes requests of alerts, or says why not."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.texting.made_room import COUNTS, DAY, FILE, PRECINCTS, alert
from warroom.texting.propose import Places, consider
from warroom.texting.rules import TextingError, load_texting, parse_texting

NOON_MS = round(datetime(2026, 11, 3, 17, tzinfo=UTC).timestamp() * 1000)


def made(*alerts, now_ms=NOON_MS, text=FILE):
    return consider(alerts, parse_texting(text), Places(PRECINCTS), COUNTS, DAY, now_ms)


def test_an_alert_at_a_precinct_asks_for_its_people_of_the_band():
    [found] = made(alert(precinct="p1", region="North"))
    request = found.request
    assert request.audience.precincts == ("p1",) and request.audience.people == 150 and request.audience.held_out == 15
    assert request.two_person and request.voters == (0.0, pytest.approx(135 * 0.008), pytest.approx(135 * 0.03))
    assert request.id == "stay-home:a1"


def test_a_site_and_a_region_ask_for_all_of_theirs_within_the_rules_size():
    [site] = made(alert(site="s1", region="North"))
    assert site.request.audience.precincts == ("p1", "p2") and site.request.audience.people == 240
    [region] = made(alert(region="South"))
    assert region.request.audience.precincts == ("p3",) and not region.request.two_person
    [small] = made(alert(site="s1", region="North"), text=FILE.replace(b"max_people = 250", b"max_people = 200"))
    assert small.request.audience.precincts == ("p1",)


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("severity low", alert(severity="low", precinct="p1")),
        ("voters short", alert(shortfall=5.0, precinct="p1")),
        ("nobody on the list", alert(precinct="p9")),
    ],
)
def test_what_is_not_proposed_has_a_reason(why, given):
    [found] = made(given)
    assert found.request is None and why in found.why_not


def test_a_list_that_is_too_large_is_not_told_as_an_empty_one():
    [found] = made(alert(precinct="p1"), text=FILE.replace(b"max_people = 250", b"max_people = 20"))
    assert found.request is None
    assert found.why_not == "the list there is larger than the rule's max_people, 20"


def test_too_late_is_said():
    [found] = made(alert(precinct="p1"), now_ms=round(DAY.closes_at.timestamp() * 1000) - 89 * 60_000)
    assert "less than 90 min to the close" in found.why_not


def test_other_kinds_and_closed_alerts_ask_for_nothing():
    assert made(alert(kind="silent", precinct="p1")) == []
    assert made(msgspec.structs.replace(alert(precinct="p1"), status="closed")) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (FILE.replace(b"min_shortfall", b"min_shortfal"), "min_shortfal"),
        (FILE.replace(b"until {polls_close}", b"until 9 PM"), "a number"),
        (FILE.replace(b'"low_turnout", ', b'"low", '), "kinds"),
        (FILE.replace(b"[campaign]", b"[campaign"), "not TOML"),
        (FILE + FILE[FILE.index(b"[[rule]]") :], "stands twice"),
        (FILE + FILE[FILE.index(b"[[rule.variant]]") :], "'plain' stands twice"),
        (FILE.replace(b"texts.en", b"texts.es"), "no text in English"),
        (b"\xff\xfe", "not TOML"),
    ],
)
def test_a_faulty_file_is_refused_in_words(wrong, told):
    with pytest.raises(TextingError, match=r"texting\.toml") as refused:
        parse_texting(wrong)
    assert told in str(refused.value)


def test_a_day_without_the_file_has_no_texting(tmp_path):
    assert load_texting(tmp_path) is None
    (tmp_path / "texting.toml").write_bytes(FILE)
    assert load_texting(tmp_path).sender == "dryrun"
