"""Any bytes at all: a body is cut into items or refused in words, and never unpacked beyond its limit."""

import gzip
import json

import pytest
from fastapi import HTTPException
from hypothesis import given
from hypothesis import strategies as st

from warroom.web.bodies import JSON_TYPES, LINE_TYPES, MAX_ITEMS, items_of, media_type, unpacked

REFUSALS = {400, 413, 415}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def outcome(call, *args):
    try:
        return call(*args)
    except HTTPException as error:
        assert error.status_code in REFUSALS and error.detail
        return None


@given(st.binary(max_size=400), st.sampled_from(JSON_TYPES + LINE_TYPES))
def test_any_bytes_are_cut_or_refused(body, media):
    items = outcome(items_of, body, media)
    assert items is None or all(isinstance(item, bytes) for item in items)


@given(st.lists(values, max_size=8), st.sampled_from([None, 1]))
def test_an_array_is_cut_into_its_elements_and_nothing_else(elements, indent):
    items = items_of(json.dumps(elements, indent=indent).encode(), "application/json")
    assert repr([json.loads(item) for item in items]) == repr(elements)


@given(st.lists(values, min_size=1, max_size=8), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_are_cut_into_themselves(elements, between):
    body = between.join(json.dumps(element) for element in elements)
    items = items_of(b"\xef\xbb\xbf" + body.encode(), "application/x-ndjson")
    assert repr([json.loads(item) for item in items]) == repr(elements)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "GZIP ", "", "identity", "br", "deflate", "gzip, gzip"]))
def test_any_bytes_are_unpacked_or_refused(body, coding):
    outcome(unpacked, body, coding, 10_000)


@given(st.binary(max_size=3_000), st.integers(1, 3_000), st.integers(0, 40))
def test_unpacking_gives_the_body_or_stops_at_the_limit(body, limit, cut):
    packed = gzip.compress(body)
    found = outcome(unpacked, packed, "gzip", limit)
    assert found == (body if len(body) <= limit else None)
    if cut:
        assert outcome(unpacked, packed[:-cut], "gzip", 10_000) is None or not packed[:-cut]


@given(st.text(max_size=60))
def test_any_content_type_is_known_or_refused(text):
    assert outcome(media_type, text) in (None, *JSON_TYPES, *LINE_TYPES)


@pytest.mark.parametrize("media", ["application/json", "application/x-ndjson"])
def test_the_limit_of_items_is_exact(media):
    join = (lambda n: json.dumps([1] * n)) if media in JSON_TYPES else (lambda n: "1\n" * n)
    assert len(items_of(join(MAX_ITEMS).encode(), media)) == MAX_ITEMS
    assert outcome(items_of, join(MAX_ITEMS + 1).encode(), media) is None
