"""Screenshots of every page from the running product: `make pictures` (needs a Chromium).

    python docs/make_pictures.py [DAY_DIR] [--from HH:MM]

Without DAY_DIR it shows the demo day. Pictures go to docs/pictures/<page>-<day>-<width>.png.
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

from playwright.sync_api import Browser, sync_playwright

import layouts

PICTURES = Path(__file__).resolve().parent / "pictures"
SIZES = ((1920, 1080), (1366, 768), (390, 844))
SETTLE_MS = 5_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Start a room, photograph it, stop it."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("day", nargs="?", type=Path)
    arguments.add_argument("--from", dest="begin", default="12:10")
    given = arguments.parse_args()
    PICTURES.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        rooms = start(given.day, Path(data), port, given.begin)
        try:
            wait_for(f"http://127.0.0.1:{port}/api/v1/board")
            photograph(f"http://127.0.0.1:{port}", given.day.name if given.day else "demo")
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
    player = subprocess.Popen([*warroom, "replay", str(day), "--from", begin, "--speed", "10", *common])
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
    """Every page at every size."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for page in layouts.pages():
            for width, height in SIZES:
                shoot(browser, f"{address}{page.path}", f"{page.path.strip('/')}-{name}-{width}", width, height)
        browser.close()


def shoot(browser: Browser, url: str, name: str, width: int, height: int) -> None:
    """One picture; says so when the page is larger than its screen."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(url)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=str(PICTURES / f"{name}.png"))
    wide = page.evaluate("document.documentElement.scrollWidth")
    print(name, "" if wide <= width else f"OVERFLOWS: {wide} px wide")
    page.close()


if __name__ == "__main__":
    main()
