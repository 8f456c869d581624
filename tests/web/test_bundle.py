"""Our scripts reach a page as one file, in one order, and a changed file has another address."""

import re

import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import Access
from warroom.web.app import ASSETS, create_app
from warroom.web.bundle import bundle


@pytest.fixture
def client(server, loaded):
    open_room = Access(wall_key="", director_key="", open_room=True)
    with TestClient(create_app(server.url, open_room), base_url="http://127.0.0.1", client=("127.0.0.1", 9)) as running:
        yield running


def test_every_script_and_style_is_in_its_bundle_and_no_worker_is():
    for kind in ("js", "css"):
        named = re.findall(r"^/\* (\S+) \*/$", bundle(ASSETS, kind).decode(), flags=re.M)
        ours = {str(p.relative_to(ASSETS)) for p in ASSETS.rglob(f"*.{kind}") if not p.stem.endswith("-worker")}
        apart = {name for name in ours if name.startswith("report/")}  # the phone page is none of the wall's weight
        assert apart and not apart & set(named)
        ours -= apart
        assert ours <= set(named)
        assert max(named.count(name) for name in ours) == 1
        assert not [name for name in named if name.endswith("-worker.js")]


def test_a_script_that_fails_does_not_end_the_others(tmp_path):
    (tmp_path / "a.js").write_text("throw new Error('a')")
    (tmp_path / "b.js").write_text("window.b = 1")
    assert bundle(tmp_path, "js").count(b"try {") == 2


def test_a_changed_worker_changes_the_address_of_the_bundle(tmp_path):
    from fastapi import FastAPI

    from warroom.web.bundle import add_bundles

    (tmp_path / "a.js").write_text("1")
    (tmp_path / "a-worker.js").write_text("1")
    first = add_bundles(FastAPI(), tmp_path)
    (tmp_path / "a-worker.js").write_text("2")
    assert add_bundles(FastAPI(), tmp_path) != first


def test_the_page_asks_for_both_bundles_and_gets_them(client):
    page = client.get("/wall").text
    for kind in ("js", "css"):
        [address] = re.findall(rf'"(/assets/bundle\.{kind}\?m=[0-9a-f]+)"', page)
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert "/assets/wall/start.js" not in page
