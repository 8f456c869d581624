"""The field feeds' side of the suite that every feed passes: the same lines, as the field's tools write them.

`lines` are check-in reports in wire format v1; a line that is broken there is broken here in the file's own way.
"""

import csv
import json
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

from feeds._salt import read_salt, salted

VANIDS = {"a": "1001", "b": "1002", "c": "1003"}
VAN_HEADER = (
    "Voter File VANID", "Contact Name", "Date Canvassed", "Result", "Contact Type", "Canvassed By", "Created By",
    "Date Created", "Input Type Name", "MiniVAN Campaign",
)  # fmt: skip


def parsed(lines):
    """Each line's report, or None where it is broken."""
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            yield None


def _table(rows, **style):
    text = StringIO()
    csv.writer(text, **style).writerows(rows)
    return text.getvalue()


def van(folder, lines):
    rows, homes = [VAN_HEADER], [("VANID", "Precinct")]
    for report in parsed(lines):
        if report is None:
            rows.append(("lost its columns",))
            continue
        when = datetime.fromisoformat(report["at"]).astimezone(ZoneInfo("America/New_York"))
        shown = when.strftime("%m/%d/%Y %I:%M:%S %p")
        person = VANIDS[report["id"]]
        rows.append((person, "Rosa Voter", shown, "Canvassed", "Walk", "Carl Canvasser", "C", "", "MiniVAN", "GOTV"))
        homes.append((person, report["precinct"]))
    (folder / "contacts.xls").write_bytes("\n".join("\t".join(row) for row in rows).encode("utf-16"))
    (folder / "homes.csv").write_text(_table(homes))
    return f"van://{folder}/contacts.xls?precincts=homes.csv"


def van_id(report_id):
    return salted(read_salt(), VANIDS[report_id], "2025-06-24T09:15:00-04:00", "door", "spoke")


def canvass(folder, lines):
    rows = [("id", "time", "precinct", "channel", "result", "volunteer")]
    for report in parsed(lines):
        rows.append((report["id"], report["at"], report["precinct"], "door", "Not Home", "v1") if report else ("?",))
    (folder / "doors.csv").write_text(_table(rows))
    return f"canvass://{folder}/doors.csv"


def _money(folder, lines, name, columns):
    rows = [columns]
    for report in parsed(lines):
        amount = "lots" if report and report["precinct"] == "9999" else "25.00"
        rows.append((report["id"], report["at"], "For Rosa", amount) if report else ("?",))
    (folder / name).write_text(_table(rows))


def ads(folder, lines):
    _money(folder, lines, "spend.csv", ("id", "time", "campaign", "amount"))
    return f"ads://{folder}/spend.csv"


def actblue(folder, lines):
    _money(folder, lines, "money.csv", ("Lineitem ID", "Date", "Recipient Committee", "Amount"))
    return f"actblue://{folder}/money.csv"


NUMBERS = {"a": 11, "b": 12, "c": 13}
STARTS = 1750762800  # 2025-06-24 07:00 in New York


def attendance(number, **more):
    """One attendance as Mobilize's documentation shows it."""
    return {
        "id": number, "created_date": STARTS - 90_000, "modified_date": STARTS, "status": "REGISTERED",
        "attended": None, "event": {"id": 345, "title": "Poll watching", "event_type": "OTHER"},
        "person": {
            "id": 57, "given_name": "Rosa", "family_name": "Secret",
            "email_addresses": [{"primary": True, "address": "rosa.secret@example.org"}],
            "phone_numbers": [{"primary": True, "number": "2125550147"}],
        },
        "timeslot": {"id": 1, "start_date": STARTS, "end_date": STARTS + 7200},
    } | more  # fmt: skip


def mobilize(folder, lines):
    (folder / "sites.csv").write_text("event,site\n345,S1\n346,S99\n")
    rows = []
    for report in parsed(lines):
        event = {"id": 346 if report and report["precinct"] == "9999" else 345}
        rows.append(json.dumps(attendance(NUMBERS[report["id"]], event=event)) if report else "{broken")
    (folder / "attendances.jsonl").write_text("\n".join(rows))
    return f"mobilize://{folder}/attendances.jsonl?sites={folder}/sites.csv"


SPECIMENS = {"van": van, "canvass": canvass, "ads": ads, "actblue": actblue, "mobilize": mobilize}

# How these feeds name the reports "a", "b", "c", and why they refuse the broken line and the unknown place.
IDS = {"van": van_id, "mobilize": lambda report_id: f"{NUMBERS[report_id]}-{STARTS}-scheduled"}
REASONS = {
    "van": ["bad_csv", "unknown_precinct"],
    "canvass": ["bad_csv", "unknown_precinct"],
    "ads": ["bad_count", "bad_csv"],
    "actblue": ["bad_count", "bad_csv"],
    "mobilize": ["not_json", "unknown_site"],
}
