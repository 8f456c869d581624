"""The grammar of text messages: what thumbs write on election day, and what must never be guessed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warroom.domain.sms import MOST_LINES, Said, Unclear, read_sms
from warroom.domain.sms_places import SmsPlaces
from warroom.domain.sms_replies import MOST_LETTERS, help_text, joined, told, untold
from warroom.domain.sms_time import NotYet, moment_of

TZ = ZoneInfo("America/New_York")
NOON = datetime(2025, 6, 24, 13, 0, tzinfo=TZ)
PRECINCTS = {"65012": "0412", "65013": "0412", "0101": "S1", "01-02": "S1", "WARD 3": "S2"}
PLACES = SmsPlaces(PRECINCTS, ["0412", "S1", "S2"], {"0412": "PS 9", "65012": "ED 12 of AD 65"})


def one(text, now=NOON):
    [line] = read_sms(text, PLACES, now, TZ)
    return line


@pytest.mark.parametrize(
    "text",
    ["65012 57", " 65012  57 ", "650l2 57", "6501Z 57".replace("Z", "2"), "65OI2 57", "65012: 57", "65012:57",
     "65012=57", "65012,57", "65012 - 57", "65012 57.", "65012 57 voters so far", "57 65012", "65 012 57",
     "065012 57", "65-012 57"],
)  # fmt: skip
def test_a_count_is_read_however_it_is_typed(text):
    said = one(text)
    assert isinstance(said, Said)
    assert (said.kind, said.precinct, said.number, said.at) == ("checkins", "65012", 57, NOON)


@pytest.mark.parametrize(
    ("typed", "number"), [("5O", 50), ("l7", 17), ("O", 0), ("0", 0), ("1,057", 1057), ("I0", 10), ("|2", 12)]
)
def test_look_alikes_in_a_count_are_digits(typed, number):
    assert one(f"65012 {typed}").number == number


@pytest.mark.parametrize(
    ("typed", "clock"),
    [("9:15", (9, 15)), ("915", (9, 15)), ("0915", (9, 15)), ("9.15", (9, 15)), ("at 9:15", (9, 15)),
     ("@9:15", (9, 15)), ("9:15a", (9, 15)), ("9:15 am", (9, 15)), ("9am", (9, 0)), ("12:30", (12, 30)),
     ("12:30p", (12, 30)), ("1:00", (13, 0)), ("12:59 PM", (12, 59)), ("9:l5", (9, 15))],
)  # fmt: skip
def test_a_time_is_the_last_one_that_has_been(typed, clock):
    at = one(f"65012 57 {typed}").at
    assert (at.hour, at.minute, at.date()) == (*clock, NOON.date())


def test_a_time_without_am_or_pm_is_the_later_that_has_been():
    evening = NOON.replace(hour=21, minute=20)
    assert one("65012 57 9:15", evening).at.hour == 21
    assert one("65012 57 09:15", evening).at.hour == 9
    assert one("65012 57 9:15a", evening).at.hour == 9


@pytest.mark.parametrize("typed", ["9:15p", "21:15", "1:30p"])
def test_a_time_that_has_not_come_is_asked_about(typed):
    line = one(f"65012 57 {typed}")
    assert isinstance(line, Unclear)
    assert line.reason == "not_yet"
    assert "1:00 PM" in line.remedy


@pytest.mark.parametrize(
    ("text", "site", "minutes"),
    [("W 0412 35", "0412", 35), ("w O4l2 35", "0412", 35), ("W0412 35", "0412", 35), ("wait 65012 20 min", "0412", 20),
     ("W 412 5", "0412", 5), ("W S1 0", "S1", 0)],
)  # fmt: skip
def test_a_wait_is_of_a_site(text, site, minutes):
    said = one(text)
    assert (said.kind, said.site, said.number) == ("wait", site, minutes)


@pytest.mark.parametrize(
    ("text", "category", "severity"),
    [("I 0412 machine down", "machine", "medium"), ("l 0412 scanner jam", "machine", "medium"),
     ("i 0412 man with a gun", "intimidation", "high"), ("I 0412 all machines down", "machine", "high"),
     ("I 0412 no power!", "power", "high"), ("I 65012 bees", "other", "medium")],
)  # fmt: skip
def test_a_problem_has_a_place_and_a_category(text, category, severity):
    said = one(text)
    assert (said.kind, said.site, said.category, said.severity) == ("incident", "0412", category, severity)


@pytest.mark.parametrize(
    ("text", "precinct", "old", "new"),
    [("X", None, None, None), ("X 75", None, None, 75), ("NO 57 -> 75", None, 57, 75), ("no 57->75", None, 57, 75),
     ("X 65012 75", "65012", None, 75), ("NO 65012 57 -> 75", "65012", 57, 75), ("fix 57 to 75", None, 57, 75),
     ("x 7S".replace("S", "5"), None, None, 75)],
)  # fmt: skip
def test_a_correction_names_the_right_count(text, precinct, old, new):
    said = one(text)
    assert (said.kind, said.precinct, said.old, said.number) == ("fix", precinct, old, new)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("hello", "unknown_precinct"), ("65099 57", "unknown_precinct"), ("65012", "no_number"),
     ("65012 many", "no_number"), ("65012 57 banana", "not_understood"), ("65012 57 58", "not_understood"),
     ("W 0412", "no_number"), ("W 0412 5000", "bad_count"), ("I 0412", "no_text"), ("I", "no_place"), ("", "empty_sms"),
     ("65012 57 25:00", "not_understood"), ("65012 -5", "no_number"), ("65012 57 9", "not_understood"),
     ("٦٥٠١٢ ٥٧", "unknown_precinct"), ("65012 ٥٧", "no_number")],
)  # fmt: skip
def test_what_cannot_be_sure_is_not_taken_and_says_how_to_write_it(text, reason):
    line = one(text)
    assert isinstance(line, Unclear)
    assert line.reason == reason
    assert line.remedy.endswith(".") or "machine down" in line.remedy or "help" in line.remedy


def test_nobody_chooses_between_two_places():
    twins = SmsPlaces({"012": "S", "12": "S", "0O1": "S", "001": "S"}, ["S"], {})
    for typed in ("00012", "OO1"):
        [line] = read_sms(f"{typed} 5", twins, NOON, TZ)
        assert isinstance(line, Unclear) and line.reason == "two_places"
    [exact] = read_sms("12 5", twins, NOON, TZ)
    assert exact.precinct == "12"


def test_several_reports_in_a_message_and_no_more_than_the_limit():
    lines = read_sms("65012 57; 65013 80\nW 0412 5", PLACES, NOON, TZ)
    assert [line.kind for line in lines] == ["checkins", "checkins", "wait"]
    many = read_sms("\n".join(["65012 57"] * 9), PLACES, NOON, TZ)
    assert [isinstance(line, Said) for line in many] == [True] * MOST_LINES + [False] * 4


@given(st.text(max_size=300))
def test_no_message_makes_it_raise_and_every_line_has_an_answer(text):
    for line in read_sms(text, PLACES, NOON, TZ):
        answer = told(line, PLACES) if isinstance(line, Said) else untold(line)
        assert answer.strip()


@given(
    st.sampled_from(sorted(PRECINCTS)), st.integers(0, 99_999),
    st.sampled_from([{}, {"0": "O"}, {"0": "o"}, {"1": "l"}, {"1": "I"}, {"1": "|"}]),
    st.sampled_from([" ", ": ", "="]),
)  # fmt: skip
def test_every_id_and_count_survive_look_alikes(precinct, count, swaps, between):
    def swapped(text):
        return "".join(swaps.get(sign, sign) for sign in text)

    digits = swapped(str(count))
    if " " in precinct or not (any(sign.isdigit() for sign in digits) or digits in "Oo"):
        return
    said = one(f"{swapped(precinct)}{between}{digits}")
    assert isinstance(said, Said)
    assert (said.precinct, said.number) == (precinct, count)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 24 * 60 - 1), st.sampled_from(["{}:{:02}", "{:02}{:02}"]))
def test_a_time_read_is_never_in_the_future(hour, minute, now_min, form):
    now = datetime(2025, 6, 24, tzinfo=TZ) + timedelta(minutes=now_min)
    try:
        at = moment_of(form.format(hour, minute), now, TZ)
    except NotYet:
        return
    assert at is not None and at <= now + timedelta(minutes=2)
    assert (at.hour % 12, at.minute) == (hour % 12, minute)


def test_answers_are_short_and_plain():
    longest = SmsPlaces({"9" * 64: "S" * 64}, ["S" * 64], {"9" * 64: "n" * 200})
    [said] = read_sms(f"{'9' * 64} 99999", longest, NOON, TZ)
    assert len(told(said, longest)) <= 160 + 64
    assert len(help_text(PLACES)) <= MOST_LETTERS
    assert len(joined([told(said, longest)] * 2 + ["x" * 400])) <= MOST_LETTERS
    assert told(one("65012 57 9:15"), PLACES) == (
        "65012 (ED 12 of AD 65): 57 voted by 9:15 AM. Wrong? Text X and the right number."
    )
    assert told(one("65012 57"), PLACES).isascii()
