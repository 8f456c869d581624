"""Scripts are compressed once and kept; everything without a version in its address passes through."""

import gzip

import brotli
import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from warroom.web.packed import Packed

SCRIPT = "let a = 1;\n" * 500
VERSIONED = "/assets/wall/start.js?m=1795.25"


@pytest.fixture
def asked():
    return []


@pytest.fixture
def client(asked):
    async def app(scope, receive, send):
        asked.append(scope["path"])
        known = scope["path"].startswith(("/assets", "/api", "/_dash"))
        answer = Response(SCRIPT, media_type="application/javascript") if known else PlainTextResponse("no", 404)
        await answer(scope, receive, send)

    return TestClient(Packed(app))


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_versioned_script_is_fetched_and_compressed_once(client, asked, coding):
    for _ in range(3):
        with client.stream("GET", VERSIONED, headers={"accept-encoding": coding}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == coding
        assert "immutable" in answer.headers["cache-control"]
        unpack = brotli.decompress if coding == "br" else gzip.decompress
        assert unpack(raw).decode() == SCRIPT
    assert len(asked) == 1


@pytest.mark.parametrize("address", ["/assets/map-worker.js", "/api/v1/board?m=1", "/_dash-layout", "/elsewhere?m=2"])
def test_what_may_change_is_never_kept(client, asked, address):
    client.get(address)
    client.get(address)
    assert len(asked) == 2


def test_a_browser_that_takes_no_compression_gets_plain_text(client):
    answer = client.get(VERSIONED, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.text == SCRIPT
