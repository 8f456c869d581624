"""Whatever stands in a dropped file, the feed ends, says what it made of it, and the next good file counts."""

import csv
import io
import threading
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
from early_files import GA_OLD_HEADER, NC_HEADER, ga, nc, put, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds._early.file import Terms, read_early
from feeds._early.groups import Groups
from feeds._early.layout import Layout
from feeds._early.places import Places, read_crosswalk
from feeds._early.rows import NotStraight, Wanted, fast_batches, slow_batches
from feeds._early.source import BadTable, Source, decoded, header_of, open_table
from feeds._early.voters import by_group, distinct, meet, together, voter_key
from feeds._early.workbook import layout_of
from feeds._feed import FeedError
from feeds.registry import open_feed

NOW = datetime(2025, 6, 24, 16, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BYTES = st.binary(max_size=400)
CELLS = st.text(st.characters(codec="latin-1", exclude_characters="\x00"), max_size=12)


def read(content: bytes, name: str = "absentee.csv", layout: Layout | None = None):
    """The file as read, or the BadTable that names what is wrong; anything else is a defect."""
    with TemporaryDirectory() as folder:
        path = put(Path(folder) / name, content)
        try:
            return read_early(path, Terms(Groups(), voter_key({}), ZONE, layout), NOW)
        except BadTable as bad:
            assert bad.reason and bad.remedy
            return bad


@QUICK
@given(BYTES)
def test_any_bytes_are_a_table_or_a_refusal(content):
    read(content)


@QUICK
@given(BYTES, st.sampled_from([NC_HEADER, GA_OLD_HEADER]))
def test_any_bytes_below_a_known_header(tail, header):
    found = read(",".join(header).encode() + b"\n" + tail)
    assert not isinstance(found, BadTable) or found.reason == "too_many_words"


@QUICK
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), st.sampled_from(["latin-1", "utf-8", "utf-16"]))
def test_any_cells_in_a_good_table_are_counted_or_refused_by_reason(rows, encoding):
    made = [nc(voter, precinct, ballot_req_type=kind) for voter, precinct, kind in rows]
    found = read(table(made, encoding=encoding))
    assert not isinstance(found, BadTable)
    told = found.ballots + sum(found.refused.values()) + sum(found.bad_rows.values())
    assert told >= len(rows) and found.ballots <= len(rows)


@QUICK
@given(st.data())
def test_a_file_with_bytes_changed_and_cut_does_not_harm(data):
    content = bytearray(table([ga(f"{i}", f"P{i % 3}") for i in range(30)], GA_OLD_HEADER))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    read(bytes(content[: data.draw(st.integers(0, len(content)))]))


def test_a_zip_whose_directory_points_before_its_beginning_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("absentee.csv", table([nc("AA1")]))
    content = bytearray(packed.getvalue())
    at = content.rindex(b"PK\x05\x06") + 16  # where the directory begins, by its own word
    content[at : at + 4] = (int.from_bytes(content[at : at + 4], "little") + 2**17).to_bytes(4, "little")
    found = read(bytes(content), "absentee.zip")
    assert isinstance(found, BadTable) and found.reason == "bad_archive"


@QUICK
@given(st.data())
def test_a_damaged_zip_or_workbook_is_read_or_refused(data):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        if data.draw(st.booleans()):
            archive.writestr("xl/workbook.xml", data.draw(st.sampled_from(["<workbook/>", "<!DOCTYPE a>", ""])))
        archive.writestr("absentee.csv", table([nc("AA1")]))
    content = bytearray(packed.getvalue())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    read(bytes(content), "absentee.zip")


@QUICK
@given(st.lists(st.lists(CELLS.filter(lambda cell: "\n" not in cell), min_size=3, max_size=3), max_size=12))
def test_the_fast_and_the_slow_way_read_the_same(rows):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["a", "b", "c"], *rows])
    content = text.getvalue().encode("latin-1")
    wanted = Wanted({"voter": 0, "precinct": 2}, 3, ",")

    def cells(batches):
        return [pair for batch in batches for pair in zip(*(batch[role].to_pylist() for role in batch), strict=True)]

    bad = Counter()
    slow = cells(slow_batches(Source(io.BytesIO(content)), wanted, bad))
    try:
        fast = cells(fast_batches(Source(io.BytesIO(content)), wanted))
    except NotStraight:
        return  # then the slow way is taken
    assert [(v, p) for v, p in slow] == fast and not bad


@QUICK
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=40), st.randoms(use_true_random=False))
def test_a_voter_counts_once_whatever_the_order_and_the_files(rows, dice):
    ranks = np.array([2, 0, 3, 1], np.int32)

    def voters(some):
        # spread over all 64 bits, as real hashes are
        hashes = np.array([(who * 0x9E3779B97F4A7C15) % 2**64 for who, _ in some], np.uint64)
        return distinct(hashes, np.array([code for _, code in some], np.int32), ranks)

    whole = voters(rows)
    assert len(whole) == len({who for who, _ in rows}) == sum(by_group(whole).values() if len(whole) else [])
    assert (np.diff(whole.hashes.astype(object)) > 0).all()
    mixed = rows[:]
    dice.shuffle(mixed)
    cut = dice.randint(0, len(mixed))
    parts = [voters(mixed[:cut]), voters(mixed[cut:])]
    joined = together(parts, ranks)
    assert joined.hashes.tolist() == whole.hashes.tolist() and joined.codes.tolist() == whole.codes.tolist()
    assert meet(*parts) == bool({who for who, _ in mixed[:cut]} & {who for who, _ in mixed[cut:]})


@QUICK
@given(BYTES)
def test_any_header_is_read_or_refused_and_any_cell_has_a_text(head):
    decoded(head)
    try:
        assert header_of(head).columns
    except BadTable as bad:
        assert bad.reason == "bad_header"


@QUICK
@given(BYTES | CELLS.map(lambda cell: f"county,precinct,precinct_id\n{cell},{cell}\n,,,,\n".encode()))
def test_any_crosswalk_is_read_or_refused_by_its_name(content):
    with TemporaryDirectory() as folder:
        path = put(Path(folder) / "map.csv", content)
        try:
            places = Places(["0412"], read_crosswalk(path))
        except FeedError as error:
            assert "map.csv" in str(error)
        else:
            assert places.find("WAKE", "x", alone=True) in (None, "0412")


def test_a_column_of_names_given_as_precincts_is_refused_before_it_fills_the_memory():
    rows = b"".join(b"%d,P%d,mail\n" % (i, i) for i in range(200_100))
    layout = Layout(voter="v", precinct="p", method="m")
    found = read(b"v,p,m\n" + rows, layout=layout)
    assert isinstance(found, BadTable) and found.reason == "too_many_words"


def test_a_line_without_end_is_one_bad_row_and_is_never_held_whole():
    content = table([nc("AA1"), nc("AA2")]) + b'"' + b"x" * (5 << 20) + b"\n" + table([nc("AA3")]).split(b"\n", 1)[1]
    found = read(content)
    assert found.ballots == 3 and dict(found.bad_rows) == {"too_long": 1}


def test_a_file_that_claims_to_be_small_inside_a_zip_gives_no_more_than_it_claims(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"x" * 1_000_000)
    raw = packed.getvalue().replace((1_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    path = put(tmp_path / "a.zip", raw)
    try:
        with open_table(path) as source:
            assert len(source.read(2_000_000)) <= 1_000
    except BadTable as bad:
        assert bad.reason == "bad_archive"
    assert layout_of_or_none(path) is None


def layout_of_or_none(path):
    try:
        return layout_of(path, None)
    except BadTable:
        return None


def test_the_feed_goes_on_after_the_worst(tmp_path, intake):
    put(tmp_path / "a.csv", b"\xff\xfe" + b"\xd8" * 99, datetime(2025, 6, 20, tzinfo=UTC))
    put(tmp_path / "b.zip", b"PK\x03\x04" + bytes(60), datetime(2025, 6, 20, tzinfo=UTC))
    put(tmp_path / "c.csv", table([nc("AA1")]))
    open_feed(f"drop://{tmp_path}?once=1").run(intake, threading.Event())
    assert [report.count for report in intake.reports] == [1] and len(intake.rejects) == 2
