"""What the field's tools export: contacts, shifts, money; counted once, and nothing of a person kept."""

import json
import threading
from datetime import UTC, datetime, timedelta
from itertools import count

import msgspec
import pytest
from field_specimens import STARTS, VAN_HEADER, attendance

from feeds import registry
from feeds._feed import FeedError
from feeds._url import FeedURLError
from warroom.domain.reports import Ad, Contact, Money, Shift

PERSON = ("Rosa", "Voter", "1001", "Canvasser", "rosa.secret", "2125550147", "Secret")
SURVEY_HEADER = (
    "Voter File VANID", "Contact Name", "Date Canvassed", "Survey Response", "Survey Question Name",
    "Survey Question Type", "Canvassed By", "Contact Type",
)  # fmt: skip


@pytest.fixture(autouse=True)
def salt(monkeypatch):
    monkeypatch.setenv("WARROOM_SALT", "a salt for the tests only")


@pytest.fixture
def read(tmp_path, intake):
    """read(url) runs the feed of FOLDER/url to its end; gives the reports."""

    def run(url, **options):
        scheme, rest = url.split(":", 1)
        registry.open_feed(f"{scheme}://{tmp_path}/{rest}", options).run(intake, threading.Event())
        return intake.reports

    return run


@pytest.fixture
def van(tmp_path):
    """van(rows, header, encoding) writes a tab-separated export and its crosswalk."""

    def write(rows, header=VAN_HEADER, encoding="utf-16"):
        lines = ["\t".join(header), *("\t".join(row) for row in rows)]
        (tmp_path / "van.xls").write_bytes("\r\n".join(lines).encode(encoding))
        (tmp_path / "homes.csv").write_text("VANID,Precinct\n1001,0412\n1002,0413\n")

    return write


def history(person="1001", when="6/24/2025", result="Canvassed", by="Walk", entered="", how="Manual"):
    return (person, 'Rosa "Ro" Voter', when, result, by, "Carl Canvasser", "Carl", entered, how, "GOTV")


VAN = "van:van.xls?precincts=homes.csv"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_an_export_is_read_in_every_encoding_that_spreadsheets_write(van, read, intake, encoding):
    van([history(result="Not Home"), history("1002", by="Phone")], encoding=encoding)
    first, second = read(VAN)
    assert (first.precinct, first.channel, first.result) == ("0412", "door", "not_home")
    assert (second.precinct, second.channel, second.result) == ("0413", "phone", "spoke")
    assert not intake.rejects


def test_the_channel_is_read_from_the_input_type_where_the_contact_type_names_none(van, read, intake):
    van([history(by="", how="MiniVAN"), history(by="Mail", how="Bulk Upload"), history(by="SMS Text")])
    assert [report.channel for report in read(VAN)] == ["door", "text"]
    assert [reject.field for reject in intake.rejects] == ["Contact Type"]


def test_a_result_that_is_not_known_is_kept_as_it_was_given(van, read):
    van([history(result="Yard  sign: left side")])
    assert read(VAN)[0].result == "Yard sign: left side"


def test_a_contact_has_its_own_time_or_that_of_its_entry_or_the_start_of_its_day(van, read):
    entered = "6/24/2025 3:15:22 PM"
    van([
        history("1001", "6/24/2025 9:05 AM"), history("1001", entered=entered), history("1002"),
        history("1002", entered="6/25/2025 8:00:00 AM", result="Moved"),
    ])  # fmt: skip
    hours = [report.at.astimezone(UTC).strftime("%H:%M") for report in read(VAN)]
    assert hours == ["13:05", "19:15", "04:00", "04:00"]


def test_rows_of_other_days_are_one_line_with_their_number(van, read, intake):
    van([history(when="6/2/2025"), history(when="6/3/2025"), history()])
    assert len(read(VAN)) == 1
    (told,) = intake.rejects
    assert told.reason == "other_day" and told.remedy.startswith("2 rows")


def test_nothing_of_a_person_leaves_the_reader_whether_a_row_counts_or_not(van, read, intake):
    van([
        history(), history(when="soon"), history(by="Mail"), history(person="7777"), history(person=""),
        ("Rosa Voter", "lost", "its columns"), history(result="\x00"),
    ])  # fmt: skip
    read(VAN)
    assert len(intake.reports) == 1 and len(intake.rejects) == 6
    kept = msgspec.json.encode([intake.reports, intake.rejects, intake.positions]).decode()
    assert not [name for name in (*PERSON, "7777") if name in kept]


def test_the_same_export_under_another_salt_has_other_ids(van, read, intake, monkeypatch):
    van([history()])
    read(VAN)
    monkeypatch.setenv("WARROOM_SALT", "another salt for the tests")
    intake.positions.clear()
    read(VAN)
    assert len(set(intake.ids)) == 2


def test_without_a_salt_a_file_of_people_is_not_read(van, read, intake, monkeypatch):
    monkeypatch.setenv("WARROOM_SALT", "short")
    van([history()])
    with pytest.raises(FeedError, match="WARROOM_SALT is not set"):
        read(VAN)
    assert not intake.frames


def answer(person, question, response):
    return (person, "Rosa Voter", "6/24/2025", response, question, "Multiple choice", "Carl", "Walk")


def test_the_answers_of_one_contact_are_one_contact(van, read, intake):
    van([answer("1001", "Plan?", "Yes"), answer("1001", "Ride?", "No"), answer("1002", "Plan?", "No")], SURVEY_HEADER)
    read(VAN)
    assert len(intake.ids) == 3 and len(set(intake.ids)) == 2
    assert {report.result for report in intake.reports} == {"spoke"}


def test_one_question_s_answers_are_the_results_where_it_is_asked_for(van, read):
    van([answer("1001", "Voted?", "Already voted"), answer("1001", "Ride?", "No")], SURVEY_HEADER)
    (report,) = read(VAN + "&question=voted?")
    assert report.result == "voted"


def test_a_file_that_lacks_a_column_is_refused_once_and_by_its_name(van, read, intake):
    van([history()[:4]] * 5, VAN_HEADER[:4])
    read(VAN)
    (reject,) = intake.rejects
    assert reject.reason == "bad_header" and "Contact Type" in reject.remedy


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("van:///x.xls", "say where the precincts are"),
        ("van:///x.xls?precincts=a.csv&precinct_column=P", "say where the precincts are"),
        ("van:///x.xls?precinct_column=Contact Name", "holds people"),
        ("van:///x.xls?precincts=a.csv&channel=mail", "none of door, phone, text"),
        ("mobilize://api.mobilize.us/v1", "organization=… is missing"),
        ("mobilize://api.mobilize.us/v1?organization=1&api_key=x", "unknown option 'api_key'"),
        ("actblue:///x.csv?format=xml", "none of csv, json"),
    ],
)
def test_a_wrong_url_is_refused_with_what_is_missing(url, says):
    with pytest.raises(FeedURLError, match=says):
        registry.open_feed(url)


def test_a_mapping_that_cannot_tell_two_doors_apart_is_refused():
    fields = {"at": "when", "precinct": "pct", "channel": "how", "result": "what"}
    with pytest.raises(FeedURLError, match=r"mapping\.id is missing"):
        registry.open_feed("canvass:///x.csv", {"mapping": {"kind": "contact", "source": "dialer", "fields": fields}})


def test_another_tool_s_columns_are_read_by_a_mapping_and_its_voter_numbers_are_salted(tmp_path, read, intake):
    (tmp_path / "calls.csv").write_text(
        'voter,called,pct,outcome,notes\n555-12,06/24/2025 09:15,412,LM,"two\nlines"\n555-13,06/24/2025 09:16,413,NA,\n'
    )
    mapping = {
        "kind": "contact", "source": "dialer", "time_format": "%m/%d/%Y %H:%M", "timezone": "America/New_York",
        "id": ["voter", "called"],
        "fields": {"at": "called", "precinct": "pct", "result": "outcome"}, "pad": {"precinct": 4},
    }  # fmt: skip
    reports = read("canvass:calls.csv?channel=phone", mapping=mapping)
    assert [(r.precinct, r.channel, r.result) for r in reports] == [
        ("0412", "phone", "left_message"),
        ("0413", "phone", "no_answer"),
    ]
    assert all("555" not in report.id for report in reports) and isinstance(reports[0], Contact)


def test_contributions_are_cents_and_a_refund_counts_back_when_it_is_made(tmp_path, read, intake):
    (tmp_path / "money.csv").write_text(
        "Receipt ID,Date,Amount,Donor First Name,Comments,Lineitem ID,Recipient Committee,Refund Date\r\n"
        'AB1,2025-06-24 09:15:00,25.00,Rosa,"for\r\nthe win",700,For Rosa,\r\n'
        'AB2,2025-06-24 09:16:00,"1,000.10",Rosa,,701,For Rosa,2025-06-24 10:00:00\r\n'
        "AB3,2025-06-20 09:16:00,5.00,Rosa,,702,For Rosa,2025-06-24 11:00:00\r\n"
        "AB4,2025-06-24 09:16:00,5.005,Rosa,,703,For Rosa,\r\n"
    )
    read("actblue:money.csv")
    assert [(r.id, r.amount) for r in intake.reports] == [
        ("700", 2_500), ("701", 100_010), ("701-refund", -100_010), ("702-refund", -500),
    ]  # fmt: skip
    assert all(isinstance(r, Money) and r.campaign == "For Rosa" for r in intake.reports)
    assert intake.reports[0].at == datetime(2025, 6, 24, 13, 15, tzinfo=UTC)
    assert [reject.reason for reject in intake.rejects] == ["bad_count"]
    assert "Rosa" not in msgspec.json.encode(intake.rejects).decode()


def test_a_contribution_whose_refund_was_not_put_before_a_stop_is_read_again(tmp_path, read, intake, monkeypatch):
    (tmp_path / "money.csv").write_text(
        "Lineitem ID,Date,Amount,Recipient Committee,Refund Date\n"
        "700,2025-06-24 09:15:00,25.00,Rosa,\n701,2025-06-24 09:16:00,9.00,Rosa,2025-06-24 10:00:00\n"
    )
    monkeypatch.setattr("feeds._frames.PUT_ITEMS", 2)
    stop = threading.Event()

    def stopped_while_the_store_is_away():
        intake.failures, intake.on_put = [OSError("away")], lambda: None
        stop.set()

    intake.on_put = stopped_while_the_store_is_away
    registry.open_feed(f"actblue://{tmp_path}/money.csv", {}).run(intake, stop)
    assert "701-refund" not in intake.ids
    read("actblue:money.csv")
    assert set(intake.ids) == {"700", "701", "701-refund"}


def test_a_saved_webhook_is_a_contribution_for_each_line_item(tmp_path, read):
    body = {
        "donor": {"firstname": "Rosa", "email": "rosa.secret@example.org"},
        "contribution": {"createdAt": "2025-06-24T09:15:00-04:00", "orderNumber": "AB1"},
        "lineitems": [
            {"lineitemId": 1, "amount": "5.0", "paidAt": "2025-06-24T09:15:01-04:00", "committeeName": "For Rosa"},
            {"lineitemId": 2, "amount": "7.5", "paidAt": None, "committeeName": "For Others"},
        ],
    }
    (tmp_path / "hooks.json").write_text(json.dumps(body, indent=1))
    reports = read("actblue:hooks.json?campaign=Rosa")
    assert [(r.id, r.amount, r.campaign) for r in reports] == [("1", 500, "Rosa"), ("2", 750, "Rosa")]


def test_ad_spending_is_cents_by_campaign(tmp_path, read):
    (tmp_path / "spend.csv").write_text("id,time,campaign,amount\nx,2025-06-24T09:15:00-04:00,GOTV,$12.34\n")
    (report,) = read("ads:spend.csv")
    assert isinstance(report, Ad) and report.amount == 1_234


def test_a_saved_answer_of_mobilize_is_the_shifts_of_the_day(tmp_path, read, intake):
    number = count(1)
    rows = [
        {"id": next(number), "modified_date": STARTS},
        attendance(next(number)),
        attendance(next(number), attended=True, modified_date=STARTS + 600),
        attendance(next(number), attended=False),
        attendance(next(number), status="CANCELLED", modified_date=STARTS - 900_000),
        attendance(next(number), modified_date=STARTS - 990_000),
        attendance(next(number), timeslot={"id": 2, "start_date": STARTS + 86_400, "end_date": STARTS + 90_000}),
        attendance(next(number), status="MAYBE"),
        attendance(next(number), person=None),
    ]
    (tmp_path / "list.json").write_text(json.dumps({"count": 9, "next": None, "previous": None, "data": rows}))
    (tmp_path / "people.csv").write_text("person,volunteer\n57,V0007\n")
    reports = read("mobilize:list.json", volunteers=str(tmp_path / "people.csv"))
    assert [r.status for r in reports] == ["scheduled", "checked_in", "no_show", "no_show", "scheduled"]
    assert {r.volunteer for r in reports} == {"V0007"} and isinstance(reports[0], Shift)
    midnight = datetime(2025, 6, 24, 4, tzinfo=UTC)
    assert midnight < reports[4].at < reports[3].at < midnight + timedelta(minutes=1)  # taken back later than signed up
    assert [reject.field for reject in intake.rejects] == ["timeslot.start_date", "status", "person.id"]
    assert not [name for name in PERSON if name in msgspec.json.encode([reports, intake.rejects]).decode()]


def test_a_followed_export_is_read_again_when_it_was_replaced(tmp_path, van, intake, scripted):
    def again():
        van([history(), history("1002")])

    van([history()])
    feed = registry.open_feed(f"van://{tmp_path}/van.xls?precincts=homes.csv&follow=1")
    feed._wait = scripted(lambda: None, lambda: None, again, lambda: None, lambda: None)
    feed.run(intake, threading.Event())
    assert len(intake.ids) == 3 and len(set(intake.ids)) == 2
    assert intake.reports[2].precinct == "0413"


def test_a_quote_that_is_never_closed_costs_its_own_line(tmp_path, read, intake):
    good = "{0},2025-06-24T09:1{0}:00-04:00,GOTV,1.00\n"
    (tmp_path / "spend.csv").write_text(
        "id,time,campaign,amount\n" + good.format(1) + 'x,"never closed,GOTV,1.00\n' + good.format(2) + good.format(3)
    )
    assert [report.id for report in read("ads:spend.csv")] == ["1", "2", "3"]
    assert [(reject.reason, reject.where) for reject in intake.rejects] == [("bad_csv", "spend.csv:3")]


def test_a_name_that_slipped_into_another_column_is_not_quoted(tmp_path, read, intake):
    rows = [
        "1,2025-06-24T09:15:00-04:00,0412,Rosa Secret,LM,",
        "2,Rosa Secret,0412,door,LM,",
        "3,,Rosa Secret,door,LM,",
    ]
    (tmp_path / "doors.csv").write_text("\n".join(["id,time,precinct,channel,result,volunteer", *rows]))
    read("canvass:doors.csv")
    assert [reject.field for reject in intake.rejects] == ["channel", "at", "at"]
    assert "Secret" not in msgspec.json.encode(intake.rejects).decode()
