"""How fast a file of early votes is read, and in how much memory, beside the bare parser on the same file.

Writes a made-up file with North Carolina's header into a temporary folder (about 1.9 GB for five million rows) and
deletes it. Each measure is a process of its own, so that its peak memory is its own.

    python -m bench.earlyvote --rows 5000000
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, date, datetime
from datetime import time as wall_time
from pathlib import Path

HEADER = (
    "county_desc,voter_reg_num,ncid,voter_last_name,voter_first_name,voter_middle_name,race,ethnicity,gender,age,"
    "voter_street_address,voter_city,voter_state,voter_zip,ballot_mail_street_address,ballot_mail_city,"
    "ballot_mail_state,ballot_mail_zip,other_mail_addr1,other_mail_addr2,other_city_state_zip,relative_request_name,"
    "relative_request_address,relative_request_city,relative_request_state,relative_request_zip,election_dt,"
    "voter_party_code,precinct_desc,cong_dist_desc,nc_house_desc,nc_senate_desc,ballot_req_delivery_type,"
    "ballot_req_type,ballot_request_party,ballot_req_dt,ballot_send_dt,ballot_rtn_dt,ballot_rtn_status,site_name,"
    "sdr,mail_veri_status"
)
COUNTIES, PRECINCTS = 100, 2_650
SECOND_ROWS = 0.08  # share of voters with a second row: a ballot spoiled or cured
STATUSES = ("ACCEPTED",) * 17 + ("ACCEPTED - CURED", "SPOILED", "PENDING CURE")
_KINDS = 20_000


def write_file(path: Path, rows: int) -> None:
    """Made-up voters of 100 counties and 2,650 precincts, in Latin-1, every cell in quotes."""
    dice = random.Random(7)
    kinds = [_kind(dice, number) for number in range(_KINDS)]
    voters = round(rows / (1 + SECOND_ROWS))
    with path.open("wb") as file:
        file.write((",".join(f'"{name}"' for name in HEADER.split(",")) + "\n").encode())
        for start in range(0, rows, 10_000):
            lines = []
            for row in range(start, min(start + 10_000, rows)):
                county, rest = kinds[row * 7919 % _KINDS]  # 7919 is prime to _KINDS: the rows come in no order
                lines.append(b'"%b","%012d","AA%d",%b' % (county, row, row % voters, rest))
            file.write(b"".join(lines))


def _kind(dice: random.Random, number: int) -> tuple[bytes, bytes]:
    """(county, everything behind the voter's number) of one kind of row."""
    precinct = number % PRECINCTS
    kind, delivery = dice.choice((("ONE-STOP", "IN-PERSON"), ("MAIL", "MAIL")))
    cells = [
        f"NAME{number}", "GIVEN", "M", "WHITE", "NOT HISPANIC or NOT LATINO", "F", "54", f"{number} MÜHLE ST",
        "RALEIGH", "NC", "27601", *[""] * 12, "11/05/2024", "DEM", f"PRECINCT {precinct}", "DISTRICT 2", "HOUSE 33",
        "SENATE 15", delivery, kind, "", "10/18/2024", "10/18/2024", f"10/{18 + number % 13}/2024",
        dice.choice(STATUSES), f"SITE {precinct % 300}", "N", "",
    ]  # fmt: skip
    return f"COUNTY {precinct % COUNTIES}".encode(), ",".join(f'"{cell}"' for cell in cells).encode("latin-1") + b"\n"


def bare(path: Path) -> int:
    """The parser alone: the same six columns as bytes, the same block, one thread; nothing is made of them."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    from feeds._early.layout import KNOWN
    from feeds._early.rows import BLOCK_BYTES

    columns = list(KNOWN[0].columns.values())
    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=columns, column_types=dict.fromkeys(columns, pa.binary()), strings_can_be_null=False
        ),
    )
    return sum(batch.num_rows for batch in reader)


class Nowhere:
    """An intake that counts what it is given."""

    def __init__(self) -> None:
        self.ballots = self.reports = self.rejects = 0

    def day(self):
        from warroom.domain.election import ElectionDay

        return ElectionDay(name="bench", date=date(2024, 11, 5), timezone="America/New_York", type="general",
                           polls_open=wall_time(6, 30), polls_close=wall_time(19, 30))  # fmt: skip

    def precinct_ids(self) -> frozenset[str]:
        return frozenset(f"COUNTY {p % COUNTIES} PRECINCT {p}" for p in range(PRECINCTS))

    def loaded(self) -> object:
        return 1

    def site_ids(self) -> frozenset[str]:
        return frozenset()

    def now(self) -> datetime:
        return datetime(2024, 11, 5, 14, tzinfo=UTC)

    def position(self, _feed: str) -> None:
        return None

    def put_frame(self, _feed, reports, rejects=(), position=None) -> None:
        self.reports += len(reports)
        self.rejects += len(rejects)
        self.ballots += sum(report.count for report in reports)

    def put_trouble(self, _feed: str, trouble: str) -> None:
        if trouble not in ("", "done"):
            raise SystemExit(trouble)

    def paused(self, _feed: str) -> bool:
        return False

    def put_lag(self, _feed, _lag) -> None:
        return None


def read(path: Path) -> dict[str, int]:
    """The whole feed, from the file to frames of reports."""
    from feeds.drop import open_feed

    intake = Nowhere()
    feed = open_feed(f"drop://{path}", {"as_of": "2024-11-05T08:00:00-05:00"})
    feed.run(intake, threading.Event())
    return {"reports": intake.reports, "rejects": intake.rejects, "voters": intake.ballots}


def measure(what: str, path: Path) -> None:
    """One measure in this process, as a line of JSON."""
    begun, cpu = time.perf_counter(), time.process_time()
    found = {"rows": bare(path)} if what == "bare" else read(path)
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "peak_mb": peak} | found))


def main() -> None:
    """Write the file, measure both, delete it, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--measure", choices=("bare", "read"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure, given.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "absentee_20241105.csv"
        write_file(path, given.rows)
        size_mb = path.stat().st_size / 1e6
        print(f"{given.rows:,} rows, {size_mb:,.0f} MB, {os.cpu_count()} cores")
        found = {}
        for what in ("bare", "read"):
            command = [sys.executable, "-m", "bench.earlyvote", "--measure", what, "--file", str(path)]
            found[what] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            one = found[what]
            said = {name: n for name, n in one.items() if name not in ("seconds", "cpu_s", "peak_mb")}
            pace = given.rows / one["seconds"]
            print(
                f"{what:5} {one['seconds']:6.1f} s ({one['cpu_s']:.1f} s of processor)  {pace:>10,.0f} rows/s"
                f"  {size_mb / one['seconds']:6.0f} MB/s  peak {one['peak_mb']:4.0f} MB  {said}"
            )
    by_clock = found["bare"]["seconds"] / found["read"]["seconds"]
    by_cpu = found["bare"]["cpu_s"] / found["read"]["cpu_s"]
    print(f"share of the bare parser's pace: {by_clock:.0%} by the clock, {by_cpu:.0%} by processor time")


if __name__ == "__main__":
    main()
