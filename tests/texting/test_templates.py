"""A text says nothing about voting that the day folder does not say, and nothing that keeps anybody away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warroom.texting.templates import Place, faults, render, segments

GOOD = (
    "Hi {first_name}, it's {campaign_name}. You can vote at {site_name}, {site_address}, until {polls_close}. "
    "Reply STOP to end"
)
PLACE = Place("ED 12 / AD 65", "PS 239", "18-15 Weirfield St", "9:00 PM")


def test_a_plain_reminder_may_be_sent():
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    "said",
    [
        "Polls close at 8", "Vote tomorrow", "Vote by noon", "Your poll site has moved", "Voting was extended",
        "Police are checking", "You could be fined", "Vote by text", "Your voting record is public",
        "Las urnas están cerradas", "la policía", "Vota el martes", "see https://evil.example/now",
    ],
)  # fmt: skip
def test_times_false_claims_and_threats_are_refused(said):
    assert faults(f"{said}. {{campaign_name}}. Reply STOP to end", links=("https://vote.example.org",))


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{campaign_name} asks you to vote", "STOP"),
        ("Please vote. Reply STOP to end", "campaign_name"),
        ("{phone} {campaign_name} STOP", "{phone} is not a field"),
        ("{site_name.__class__} {campaign_name} STOP", "not a field"),
        ("{site_name!r} {campaign_name} STOP", "not a field"),
        ("{campaign_name STOP", "braces"),
    ],
)
def test_a_fault_says_what_to_change(template, told):
    assert any(told in fault for fault in faults(template))


def test_a_link_of_the_list_may_stand():
    assert faults("{campaign_name}: https://vote.example.org. STOP", links=("https://vote.example.org",)) == []


def test_the_reader_gets_the_place_of_the_day_folder():
    text = render(GOOD, "Okafor for Mayor", PLACE, "Ana")
    assert text.startswith("Hi Ana, it's Okafor for Mayor. You can vote at PS 239, 18-15 Weirfield St, until 9:00 PM.")
    assert "Hi, it's" in render(GOOD, "Okafor", PLACE)
    assert render("{first_name}, people vote today", "Okafor", PLACE) == "People vote today"


@given(st.text(max_size=60))
def test_a_name_brings_no_link_and_no_field_into_the_message(name):
    text = render("{first_name}", "Okafor", PLACE, name)
    assert not set(text) & set("{}:/.<>=0123456789\n") and len(text) <= 30


@given(st.text(max_size=400))
def test_segments_are_counted_and_templates_judged_without_a_crash(text):
    assert segments(text) >= 1
    faults(text)
