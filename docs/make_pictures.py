"""Screenshots of every page from the running product: `make pictures` (needs a Chromium).

    python docs/make_pictures.py [DAY_DIR ...] [--from HH:MM]

The demo day first, then each DAY_DIR; in a dark room and a light one, at wall, laptop and phone size.
Pictures go to docs/pictures: <page>-<day>-<width>.png for the demo in a dark room, which the documents show,
<page>-<day>-<room>-<width>.jpg for all others.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

import layouts

PICTURES = Path(__file__).resolve().parent / "pictures"
SIZES = ((1920, 1080), (1366, 768), (390, 844))
ROOMS = ("dark", "light")
SETTLE_MS = 2_000
# A busy machine draws late: what must stand before a page is photographed.
READY = {
    "/wall": "document.body.dataset.link === 'live' && document.getElementById('count-ok')?.textContent !== '–'",
    "/field": "document.querySelectorAll('#field-list > li').length > 0",
    "/replay": "document.getElementById('replay-day')?.hidden === false",
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Start a room, photograph it, stop it."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("days", nargs="*", type=Path)
    arguments.add_argument("--from", dest="begin", default="12:10")
    given = arguments.parse_args()
    PICTURES.mkdir(exist_ok=True)
    for day in (None, *given.days):
        with tempfile.TemporaryDirectory() as data:
            show(day, Path(data), given.begin)


def show(day: Path | None, data: Path, begin: str) -> None:
    """One room, photographed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    rooms = start(day, data, port, begin)
    try:
        wait_for(f"{address}/api/v1/board")
        photograph(address, day.name if day else "demo")
    finally:
        for room in rooms:
            room.terminate()
            room.wait()


def start(day: Path | None, data: Path, port: int, begin: str) -> list[subprocess.Popen[bytes]]:
    """The demo, or a day folder with its recorded reports replayed in real time from `begin` on."""
    warroom = [sys.executable, "-m", "warroom"]
    common = ["--data", str(data)]
    if day is None:
        return [subprocess.Popen([*warroom, "demo", "--port", str(port), "--from", begin, "--speed", "10", *common])]
    room = subprocess.Popen([*warroom, "up", str(day), "--port", str(port), *common])
    wait_for(f"http://127.0.0.1:{port}/api/v1/board")
    player = subprocess.Popen([*warroom, "replay", str(day), "--drill", "--from", begin, "--speed", "10", *common])
    time.sleep(25)  # everything before `begin` arrives at once and is scored
    return [player, room]


def wait_for(url: str) -> None:
    """Until the room shows its first board."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} did not answer within a minute")


def photograph(address: str, name: str) -> None:
    """Every page at every size in both rooms."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        pages = sorted(layouts.pages(), key=lambda page: page.path == "/replay")  # last: it computes the day first
        for page in pages:
            for room in ROOMS:
                for width, height in SIZES:
                    plain = name == "demo" and room == "dark"
                    stem = f"{page.path.strip('/')}-{name}" + ("" if plain else f"-{room}")
                    file = PICTURES / f"{stem}-{width}.{'png' if plain else 'jpg'}"
                    shoot(browser, f"{address}{page.path}?room={room}", file, width, height)
        browser.close()


def shoot(browser: Browser, url: str, file: Path, width: int, height: int) -> None:
    """One picture; says so when the page is larger than its screen."""
    page = browser.new_page(viewport={"width": width, "height": height}, bypass_csp=True)  # it asks the page
    page.goto(url)
    page.wait_for_function(READY.get(urlsplit(url).path, "true"), timeout=90_000)
    page.wait_for_timeout(SETTLE_MS)
    kind = {"type": "jpeg", "quality": 60} if file.suffix == ".jpg" else {"type": "png"}
    page.screenshot(path=str(file), **kind)
    wide = page.evaluate("document.documentElement.scrollWidth")
    print(file.name, "" if wide <= width else f"OVERFLOWS: {wide} px wide")
    page.close()


if __name__ == "__main__":
    main()
