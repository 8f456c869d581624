"""Lines come out whole, with their places, however the bytes come in."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds._lines import LineCutter


@given(st.lists(st.binary(max_size=12).filter(lambda part: b"\n" not in part and b"\r" not in part)), st.data())
def test_lines_do_not_depend_on_how_the_bytes_were_cut(lines, data):
    stream = b"".join(line + b"\n" for line in lines)
    cutter, found, at = LineCutter(limit=100), [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, 20))
        found += cutter.feed(stream[at : at + step])
        at += step
    assert [line.raw for line in found] == lines
    assert [line.number for line in found] == list(range(1, len(lines) + 1))
    assert [stream[: line.end].count(b"\n") for line in found] == [line.number for line in found]
    assert cutter.finish() is None


def test_an_overlong_line_is_skipped_without_being_held_and_known_by_its_digest():
    cutter, long = LineCutter(limit=1_000), b"x" * 5_000_000
    found = []
    for at in range(0, len(long), 4_096):
        found += cutter.feed(long[at : at + 4_096])
        assert len(cutter._head) <= 1_000
    found += cutter.feed(b"\ngood\n")
    assert [line.raw for line in found] == [b"x" * 1_000, b"good"]
    assert found[0].digest == hashlib.sha256(long).hexdigest()[:32]
    assert (found[1].digest, found[1].number, found[1].end) == (None, 2, 5_000_006)


@pytest.mark.parametrize("size", [999, 1_000, 1_001])
def test_the_limit_is_the_longest_line_that_passes(size):
    (line,) = LineCutter(limit=1_000).feed(b"x" * size + b"\n")
    assert (line.digest is None) == (size <= 1_000)


def test_a_last_line_without_a_line_break_is_given_at_the_end_only():
    cutter = LineCutter()
    assert [line.raw for line in cutter.feed(b"one\r\ntw")] == [b"one"]
    assert cutter.finish().raw == b"tw"
