"""The usual way measured as our wall is: the same browser, the same store, the same kind of report."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.request import urlopen

from playwright.sync_api import Browser, Page

from bench.browser import RequestLog, new_screen
from bench.room import FEED, BenchRoom
from bench.running import end_group, free_port, until
from bench.wall import timed_put
from warroom.web.geometry import HEADER

CANVAS = ".maplibregl-canvas"
READY = """() => { const gd = document.querySelector('#map .js-plotly-plot');
  const map = gd?._fullLayout?.map?._subplot?.map;
  return Boolean(map && map.loaded() && document.querySelector('.maplibregl-canvas')); }"""
PROJECT = """([lon, lat]) => { const gd = document.querySelector('#map .js-plotly-plot');
  const p = gd._fullLayout.map._subplot.map.project([lon, lat]); return [p.x, p.y]; }"""


@contextmanager
def serving(room: BenchRoom, patch: bool) -> Iterator[str]:
    """The plain app on the room's store; its address."""
    port = free_port()
    command = [
        sys.executable, "-m", "bench.usual_way", str(room.day_dir),
        "--store", room.store_url, "--port", str(port), *(["--patch"] if patch else []),
    ]  # fmt: skip
    root = Path(__file__).resolve().parent.parent
    process = subprocess.Popen(
        command, cwd=root, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(
            "the usual way",
            lambda: process.poll() is None and urlopen(f"http://127.0.0.1:{port}/_dash-layout", timeout=30).read(),
            40,
        )
        yield f"http://127.0.0.1:{port}"
    finally:
        end_group(process)


def _answers(port: int) -> bool:
    with urlopen(f"http://127.0.0.1:{port}/_dash-layout", timeout=30) as answer:
        return bool(answer.read())


def report_to_pixel(
    room: BenchRoom, browser: Browser, log: RequestLog, where: dict[str, list[float]], rounds: int, patch: bool = False
) -> tuple[list[float], float]:
    """(ms from intake to changed pixel, ms to the first drawn map)."""
    among = {i for i, (_, _, side, *_) in where.items() if side is not None and side >= 9}
    intake, rng = room.intake(), Random(3)
    degrees = _to_degrees(room)
    with serving(room, patch) as url:
        context = new_screen(browser, log)
        page = context.new_page()
        first_ms = _open(page, url)
        seen: list[float] = []
        for report in room.take_held(rounds, among):
            time.sleep(0.5 + rng.random())
            x, y = page.evaluate(PROJECT, degrees(*where[report.precinct][3:]))
            seen.append(timed_put(page, CANVAS, x, y, lambda r=report: intake.put_frame(FEED, [r])))
        context.close()
    return seen, first_ms


def _open(page: Page, url: str) -> float:
    page.goto(url, wait_until="commit")
    page.wait_for_function(READY, timeout=60_000)
    first_ms = float(page.evaluate("performance.now()"))
    page.wait_for_timeout(3_000)  # the first refreshes behind it
    return first_ms


def _to_degrees(room: BenchRoom):
    """Longitude and latitude of a point in the geometry's units."""
    with urlopen(f"{room.url}/api/v1/geometry", timeout=30) as answer:
        _, _, _, _, west, north, lon_step, lat_step = HEADER.unpack_from(answer.read())
    return lambda ux, uy: [west + ux * lon_step, north - uy * lat_step]
