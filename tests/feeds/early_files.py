"""Made-up files of early votes with the published headers, for tests and the bench."""

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path

_NC_HEADER = (
    "county_desc,voter_reg_num,ncid,voter_last_name,voter_first_name,voter_middle_name,race,ethnicity,gender,age,"
    "voter_street_address,voter_city,voter_state,voter_zip,ballot_mail_street_address,ballot_mail_city,"
    "ballot_mail_state,ballot_mail_zip,other_mail_addr1,other_mail_addr2,other_city_state_zip,"
    "relative_request_name,relative_request_address,relative_request_city,relative_request_state,"
    "relative_request_zip,election_dt,voter_party_code,precinct_desc,cong_dist_desc,nc_house_desc,nc_senate_desc,"
    "ballot_req_delivery_type,ballot_req_type,ballot_request_party,ballot_req_dt,ballot_send_dt,ballot_rtn_dt,"
    "ballot_rtn_status,site_name,sdr,mail_veri_status"
)
_GA_HEADER = (
    "County,Voter Registration #,Last Name,First Name,Middle Name,Suffix,Street #,Street Name,Apt/Unit,City,"
    "State,Zip Code,Mailing Street #,Mailing Street Name,Mailing Apt/Unit,Mailing City,Mailing State,"
    "Mailing Zip Code,Application Status,Ballot Status,Status Reason,Application Date,Ballot Issued Date,"
    "Ballot Return Date,Ballot Style,Ballot Assisted,Challenged/Provisional,ID Required,Municipal Precinct,"
    "County Precinct,CNG,SEN,HOUSE,JUD,Combo #,Vote Center ID,Ballot ID,Party"
)
NC_HEADER = _NC_HEADER.split(",")
GA_HEADER = _GA_HEADER.split(",")
GA_OLD_HEADER = [*GA_HEADER[:-1], "Post #", GA_HEADER[-1]]
PERSON = "MUSTERMANN"  # the name that must appear nowhere


def nc(voter: str, precinct: str = "0412", **fields: str) -> dict[str, str]:
    """A row of North Carolina's file: an accepted one-stop ballot of 20 June 2025."""
    row = {
        "county_desc": "WAKE", "ncid": voter, "precinct_desc": precinct, "voter_last_name": PERSON,
        "voter_street_address": "12 MÜHLE ST", "ballot_req_type": "ONE-STOP", "ballot_rtn_dt": "06/20/2025",
        "ballot_rtn_status": "ACCEPTED",
    }  # fmt: skip
    return dict.fromkeys(NC_HEADER, "") | row | fields


def ga(voter: str, precinct: str = "0412", **fields: str) -> dict[str, str]:
    """A row of Georgia's file: an accepted ballot cast early in person."""
    row = {
        "County": "FULTON", "Voter Registration #": voter, "Last Name": PERSON, "County Precinct": precinct,
        "Ballot Status": "A", "Ballot Style": "EARLY IN-PERSON", "Ballot Return Date": "06/20/2025",
    }  # fmt: skip
    return dict.fromkeys(GA_OLD_HEADER, "") | row | fields


def table(rows: list[dict[str, str]], header: list[str] = NC_HEADER, encoding: str = "latin-1", **how: str) -> bytes:
    """The rows as a CSV file, every cell in quotes as the states write it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header, quoting=csv.QUOTE_ALL, extrasaction="ignore", lineterminator="\n", **how)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def put(path: Path, content: bytes, at: datetime = datetime(2025, 6, 22, 12, tzinfo=UTC)) -> Path:
    """Write a file whose time is `at`; whole at once, as a rename makes it."""
    hidden = path.with_name(f".{path.name}")
    hidden.write_bytes(content)
    os.utime(hidden, (at.timestamp(), at.timestamp()))
    return hidden.rename(path)
