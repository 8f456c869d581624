"""A screen is told by its browser's kind and version, and by nothing else."""

import pytest

from warroom.store import keys
from warroom.store.screens import open_screens, told
from warroom.web.agents import UNKNOWN, browser_of

BEGINS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "browser"),
    [
        (f"{BEGINS} Chrome/126.0.0.0 Safari/537.36", "Chrome 126.0"),
        (f"{BEGINS} HeadlessChrome/126.0.0.0 Safari/537.36", "Chrome 126.0"),
        (f"{BEGINS} Chrome/126.0.0.0 Safari/537.36 Edg/125.3.0.0", "Edge 125.3"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128.0"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari 17.5"),
        (f"{IPHONE} CriOS/126.0.1 Mobile/15E148 Safari/604.1", "Safari 17.5"),
        ("curl/8.5.0", UNKNOWN),
        ("", UNKNOWN),
        ("<script>alert(1)</script>" * 1_000, UNKNOWN),
    ],
)
def test_kind_and_version(agent, browser):
    assert browser_of(agent) == browser


def test_screens_of_all_workers_are_added_up_and_a_worker_that_is_gone_is_not(store):
    store.hset(keys.SCREENS, "one", told({"Chrome 126.0": 2, "Firefox 128.0": 0}, now_s=1_000))
    store.hset(keys.SCREENS, "two", told({"Chrome 126.0": 1}, now_s=995))
    store.hset(keys.SCREENS, "gone", told({"Safari 9.0": 1}, now_s=900))
    assert open_screens(store, now_s=1_001) == {"Chrome 126.0": 3}
