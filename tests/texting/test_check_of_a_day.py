"""What the rules would have done on a recorded day: proposed, approved, sent, kept out."""

import msgspec
import pytest

from tests.texting.made_room import DAY, FILE, PRECINCTS, alert
from warroom.history.rerun import Moment
from warroom.texting.check import Check, run_check
from warroom.texting.contactlist import ContactFaults, ContactsError, read_contacts
from warroom.texting.guards import Recipient
from warroom.texting.propose import Places
from warroom.texting.rules import parse_texting

PEOPLE = [Recipient(precinct="p1", band="likely", opted_out=n == 0) for n in range(41)]


def day_of(*open_at, people=PEOPLE, text=FILE, step=5, kind="low_turnout"):
    """The check of a day; `open_at` are (first minute, last minute) of one alert at p1."""
    a = alert(kind, precinct="p1", region="North")
    moments = [
        Moment(
            m,
            None,
            tuple(msgspec.structs.replace(a, id=f"a{n}") for n, (s, e) in enumerate(open_at) if s <= m <= e),
            0,
            0,
        )
        for m in range(0, DAY.minutes_open + 1, step)
    ]
    return run_check(Check(parse_texting(text), DAY, Places(PRECINCTS), people), moments)


def test_a_request_is_sent_ten_minutes_later_and_the_lot_keeps_its_share_out():
    [one] = day_of((300, 600)).proposed
    assert (one.minute, one.outcome, one.people) == (300, "sent", 40)
    assert one.sent == 36 and one.kept_out == {"held_out": 4, "opted_out": 1}


def test_nobody_is_texted_twice():
    first, second = day_of((300, 600), (400, 600)).proposed
    assert first.sent == 36 and second.sent == 0 and second.kept_out["cap"] == 36


def test_an_alert_that_is_over_before_approval_sends_nothing():
    [one] = day_of((300, 305)).proposed
    assert one.outcome == "the alert was over" and one.sent == 0


def test_a_stoppage_is_answered_when_it_is_over_and_not_where_it_comes_again():
    after = FILE.replace(b'name = "stay-home"', b'name = "after"\nwhen = "over"')
    checked = day_of((300, 395), (405, 500), text=after, kind="stoppage")
    early, late = checked.proposed
    assert (early.minute, early.sent, early.outcome) == (400, 0, "voting at their site had stopped again")
    assert (late.minute, late.outcome, late.sent) == (505, "sent", 36)
    never = day_of((300, DAY.minutes_open), text=after, kind="stoppage")
    assert not never.proposed and never.why_not == {("after", "not over by the end of the day"): 1}
    while_open = day_of((300, 395), kind="stoppage")
    assert not while_open.proposed and while_open.why_not == {("stay-home", "voting at their site has stopped"): 1}


def test_of_a_larger_request_those_whose_site_has_stopped_are_kept_out():
    both, stoppage = alert(region="City"), alert("stoppage", site="s1")
    at = Places([msgspec.structs.replace(p, region="City") for p in PRECINCTS])
    people = [Recipient(precinct=p, band="likely") for p in ("p1", "p2", "p3") for _ in range(10)]
    alerts = (both, msgspec.structs.replace(stoppage, id="stoppage:s1:1"))
    moments = [Moment(m, None, alerts, 0, 0) for m in (300, 310)]
    [one] = run_check(Check(parse_texting(FILE), DAY, at, people), moments).proposed
    assert one.people == 30 and one.kept_out == {"held_out": 3, "site_stopped": 18} and one.sent == 9


def test_a_slow_sender_and_the_hour_keep_people_out():
    slow = FILE.replace(b"[limits]", b"[limits]\nmessages_per_second = 0.01")
    [one] = day_of(
        (765, 900), text=slow.replace(b'name = "stay-home"', b'name = "stay-home"\nmin_minutes_left = 0')
    ).proposed
    assert one.outcome == "too late to approve"
    early = [Recipient(precinct="p1", band="likely", timezone="Pacific/Honolulu")] * 30
    [one] = day_of((60, 900), people=early).proposed  # their eight o'clock comes in time: they wait for it
    assert (one.sent, one.kept_out) == (27, {"held_out": 3})
    [one] = day_of((300, 900), people=[msgspec.structs.replace(p, timezone="Asia/Kolkata") for p in early]).proposed
    assert one.sent == 0 and one.kept_out == {"held_out": 3, "quiet_hours": 27}


def test_a_list_with_faults_counts_its_good_rows(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_bytes(
        b"\xef\xbb\xbfcontact_id,phone,first_name,precinct_id,band,language,timezone,opted_out\n"
        b"c1,(207) 555-0194,Ana,p1,Likely,en,,0\nc2,12,Ben,p1,,,,\nc3,+12075550195,Cy,p9,,,,\n"
        b"c4,207-555-0194,Dee,p1,,,,\nc5,2075550196,Eve,p2,,es,America/New_York,1\nc6,2075550197,Flo,p2,,,,perhaps\n"
    )
    faults = ContactFaults()
    people = list(read_contacts(path, frozenset({"p1", "p2"}), "US", faults))
    assert [(p.contact_id, p.phone, p.opted_out) for p in people] == [
        ("c1", "+12075550194", False),
        ("c5", "+12075550196", True),
    ]
    assert sum(faults.counts.values()) == 4 and "line 3, phone" in faults.lines[0]
    told = " ".join(faults.lines)
    assert not any(word in told for word in ("Ben", "Cy", "Dee", "Flo", "0194", "0195"))


def test_a_list_without_its_columns_is_refused_in_words(tmp_path):
    (tmp_path / "contacts.csv").write_text("name\nAna\n")
    with pytest.raises(ContactsError, match="contact_id, phone, precinct_id"):
        list(read_contacts(tmp_path / "contacts.csv", frozenset(), "US", ContactFaults()))
