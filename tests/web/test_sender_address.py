"""Where a request comes from: a proxy is believed only where it is named, and only its own word."""

import pytest
from starlette.requests import Request

from warroom.web.address import sender_address

PROXY = {"WARROOM_PROXIES": "10.0.0.1, 10.0.0.2"}


def request(peer, forwarded=None):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    return Request({"type": "http", "client": (peer, 5) if peer else None, "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "environ", "address"),
    [
        ("198.51.100.7", None, {}, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", {}, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", PROXY, "198.51.100.7"),
        ("10.0.0.2", "203.0.113.9", PROXY, "203.0.113.9"),
        ("10.0.0.2", "anybody says so, 203.0.113.9", PROXY, "203.0.113.9"),
        ("10.0.0.2", "", PROXY, "10.0.0.2"),
        ("10.0.0.2", "<script>", PROXY, "unknown"),
        (None, None, {}, "unknown"),
        ("::ffff:198.51.100.7", None, {}, "198.51.100.7"),
        ("::ffff:10.0.0.2", "::ffff:203.0.113.9", PROXY, "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", None, {}, "2001:db8:1:2::/64"),
    ],
)
def test_the_address_behind_a_request(peer, forwarded, environ, address):
    assert sender_address(request(peer, forwarded), environ) == address
