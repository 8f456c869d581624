"""Words of the field: roles, numbers, categories of incidents, readiness before the day."""

from datetime import timedelta

import pytest

from warroom.domain.incidents import CATEGORIES, category_of, hand_over, resolves
from warroom.domain.readiness import Sign, deadlines, readiness
from warroom.domain.volunteers import PlannedShift, mask_phone, watches


@pytest.mark.parametrize(
    ("reported", "category"),
    [
        ("machine", "machine"), ("Scanner", "machine"), ("scanner_jam", "machine"), ("tabulator down", "machine"),
        ("power", "power"), ("Power outage", "power"), ("access", "access"), ("accessibility", "access"),
        ("late_opening", "access"), ("Parking", "access"), ("intimidation", "intimidation"),
        ("electioneering", "intimidation"), ("Voter harassment", "intimidation"), ("firearm", "intimidation"),
        ("staffing", "staffing"), ("Poll worker missing", "staffing"), ("supplies", "supplies"),
        ("Out of ballots", "supplies"), ("e-pollbook", "e_pollbook"), ("ePollbook", "e_pollbook"),
        ("poll_book", "e_pollbook"), ("line", "long_line"), ("long line", "long_line"), ("Queue", "long_line"),
        ("bees in the gym", "other"), ("", "other"), ("машина", "other"),
    ],
)  # fmt: skip
def test_a_word_finds_its_category(reported, category):
    assert category_of(reported) == category


@pytest.mark.parametrize("word", ["resolved", "RESOLVED", "all clear", "fixed"])
def test_a_bare_resolved_ends_everything_at_its_place(word):
    assert resolves(word) == CATEGORIES


def test_a_named_resolved_ends_its_category_only():
    assert resolves("machine: resolved") == ("machine",)
    assert resolves("resolved poll book") == ("e_pollbook",)
    assert resolves("unresolved machine") == ()


def test_intimidation_always_goes_to_the_legal_desk_and_a_jam_does_not():
    assert hand_over("intimidation", "low")
    assert hand_over("access", "medium")
    assert not hand_over("access", "low")  # a full parking lot
    assert hand_over("machine", "high")
    assert not hand_over("machine", "medium")
    assert not hand_over("other", "high")


@pytest.mark.parametrize("phone", ["+12075550194", "(207) 555-0194", "207 555 0194"])
def test_a_masked_number_cannot_be_dialled(phone):
    masked = mask_phone(phone)
    assert masked == "… 94"
    assert sum(c.isdigit() for c in masked) == 2


def test_a_number_too_short_to_hide_is_not_shown_at_all():
    assert mask_phone("911") == "…"
    assert mask_phone("") == ""


def test_who_walks_from_door_to_door_does_not_cover_the_poll_site():
    shift = PlannedShift(volunteer_id="V1", start_ms=0, end_ms=1, site_id="S1", role="canvasser")
    assert not shift.covers
    assert PlannedShift(volunteer_id="V1", start_ms=0, end_ms=1, site_id="S1", role="Poll Watcher").covers
    assert not PlannedShift(volunteer_id="V1", start_ms=0, end_ms=1, role="poll_watcher").covers  # no site
    assert not watches("", "P1")


def test_readiness_counts_what_was_heard_by_each_deadline(tuesday):
    due = deadlines(tuesday)
    at = {days: ms - 1 for days, ms in due.items()}
    signs = [Sign("V1", at[7], True), Sign("V1", at[3], False), Sign("V2", at[1], False), Sign("V1", due[1], True)]
    week, three, eve = readiness(["V1", "V2", "V3"], signs, due)
    assert (week.days, week.logged_in, week.tested) == (7, ["V1"], [])
    assert (three.logged_in, three.tested, three.awaited) == (["V1"], ["V1"], ["V2", "V3"])
    assert (eve.tested, eve.awaited) == (["V1", "V2"], ["V2", "V3"])  # V2 tested but never logged in


def test_the_last_deadline_ends_where_the_day_begins(tuesday):
    due = deadlines(tuesday)
    assert due[1] == round(tuesday.begins_at.timestamp() * 1000)
    assert due[7] == round((tuesday.begins_at - timedelta(days=6)).timestamp() * 1000)


def test_nothing_heard_is_awaited_and_not_failed(tuesday):
    steps = readiness(["V1"], [], deadlines(tuesday))
    assert [s.known for s in steps] == [False, False, False]
