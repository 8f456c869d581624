"""Comparing two typings: whatever two people type, every line is agreed on or listed, and nothing is lost."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from warroom.web.entry_check import Kept, compare

lines = st.lists(
    st.builds(lambda what, value: Kept("x", what, value, value, b""), st.sampled_from("ABC"), st.sampled_from("1234")),
    max_size=8,
    unique=True,  # the same line twice is the same line
)


@given(lines)
def test_a_sheet_agrees_with_itself(typed):
    agreed, differ = compare(typed, typed)
    assert Counter(agreed) == Counter(typed) and differ == []


@given(lines, lines)
def test_every_line_of_both_is_agreed_on_or_listed_once(first, second):
    agreed, differ = compare(first, second)
    alike = Counter((line.what, line.value) for line in agreed)
    for typed, side in ((first, "first"), (second, "second")):
        listed = Counter((d.what, getattr(d, side)) for d in differ if getattr(d, side))
        assert alike + listed == Counter((line.what, line.value) for line in typed)


@given(lines, lines)
def test_who_typed_first_changes_nothing_but_the_names(first, second):
    one, other = compare(first, second), compare(second, first)
    assert Counter(one[0]) == Counter(other[0])
    assert Counter((d.what, d.first, d.second) for d in one[1]) == Counter(
        (d.what, d.second, d.first) for d in other[1]
    )
