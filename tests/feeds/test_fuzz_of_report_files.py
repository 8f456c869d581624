"""Any bytes in a file of reports: it is read to its end, and what was sent is reports and rejects, none lost."""

import csv
import io
import threading
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.registry import open_feed

HEADER = ["id", "kind", "at", "source", "precinct", "count"]
GOOD = ["r1", "checkins", "2025-06-24T09:15:00-04:00", "w", "0412", "57"]
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELLS = st.one_of(
    st.text(st.characters(exclude_characters="\r\n"), max_size=10),
    st.sampled_from(
        [*GOOD, "", "-3", "1e999", "nan", "=cmd", "0412\x00", "9" * 30, "2025-06-24", "٤٢", "checkins\u202e"]
    ),
)


def read(intake, content, name, **options):
    """How many reports and rejects the feed made of this file."""
    before = len(intake.reports), len(intake.rejects)
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        feed = open_feed(f"file://{folder}/{name}", {"name": folder} | options)
        feed.run(intake, threading.Event())
    return len(intake.reports) - before[0], len(intake.rejects) - before[1]


@QUICK
@given(st.binary(max_size=300))
def test_each_line_of_any_bytes_is_one_report_or_one_reject(intake, content):
    lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.removesuffix(b"\r").strip()]
    assert sum(read(intake, content, "reports.jsonl")) == len(lines)


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_as_csv_end(intake, content):
    read(intake, content, "reports.csv")


@QUICK
@given(st.lists(st.lists(CELLS, min_size=len(HEADER), max_size=len(HEADER)), max_size=5))
def test_any_cells_below_a_good_header_are_each_counted_or_refused(intake, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, GOOD, *rows])
    reports, rejects = read(intake, text.getvalue().encode("utf-8", "surrogatepass"), "reports.csv")
    assert reports >= 1 and reports + rejects == 1 + len(rows)


@pytest.mark.parametrize("name", ["reports.jsonl", "reports.csv"])
@pytest.mark.parametrize(
    ("content", "limit_mb"),
    [
        (b"[" * 60_000 + b"\n", 6),
        (b"x" * (8 << 20), 6),
        (b'{"id":' * 9_000 + b"\n", 6),
        (b"\n" * 40_000, 16),  # a chunk that is all line breaks is as many lines
        (b'"' * 200_001 + b"\n", 6),
    ],
    ids=["nested", "one line", "objects", "blank lines", "quotes"],
)
def test_what_was_made_to_hurt_ends_in_little_memory(intake, name, content, limit_mb):
    tracemalloc.start()
    try:
        reports, rejects = read(intake, content, name)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reports == 0 and rejects <= 1
    assert peak_bytes < limit_mb << 20
