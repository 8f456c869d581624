"""Our wall in a real browser: first paint, report to pixel, drawing, heap."""

import time
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from statistics import linear_regression
from typing import Any

from playwright.sync_api import Browser, Page, Worker

from bench.browser import Heap, RequestLog, new_screen
from bench.figures import Figure, figure
from bench.room import FEED, BenchRoom
from bench.running import end_group

PAINTED = "performance.getEntriesByName('warroom-map-painted').length > 0"
CANVAS = "#wall-map canvas"
LEAST_PX = 9  # a precinct's smaller side, so that the watched spot is all its own
LIMIT_MS = 15_000
RESOLVES_S = 300  # a collected heap wavers by some 30 kB: over a minute that reads as 2 MB an hour

# Where each precinct stands on the canvas, asked of the map's own worker: [[x, y, smaller side, ux, uy], ...].
PLACES = """() => Array.from({ length: shape.count }, (_, i) => {
  const [left, top, right, bottom] = shape.box.subarray(4 * i, 4 * i + 4);
  return [shape.innerX[i] * view.scale + view.x, shape.innerY[i] * view.scale + view.y,
          Math.min(right - left, bottom - top) * view.scale, shape.innerX[i], shape.innerY[i]];
})"""

# A whole frame as the wall draws it, rasterised: every part precincts (of 100) painted, put together, read back.
FRAMES = """([rounds, parts]) => Array.from({ length: rounds }, (_, round) => {
  const some = [];
  for (let i = round % 100; i < shape.count; i += parts) some.push(i);
  const started = performance.now();
  if (parts === 1) painter.all(view, board.cells, board.shown);
  else painter.some(view, some, board.cells, board.shown);
  compose();
  ctx.getImageData(0, 0, 1, 1);
  return performance.now() - started;
})"""

WATERFALL = """() => performance.getEntriesByType('resource').map((e) => ({
  name: e.name.replace(/^https?:..[^/]+/, '').replace(/[?].*/, ''), start_ms: Math.round(e.startTime),
  first_byte_ms: Math.round(e.responseStart), end_ms: Math.round(e.responseEnd), wire_bytes: e.transferSize,
  bytes: e.decodedBodySize }))"""


@dataclass
class OpenWall:
    """A page that shows the wall."""

    page: Page
    worker: Worker


def open_wall(page: Page, url: str) -> OpenWall:
    """Open the wall and wait until its map is drawn with data."""
    page.goto(f"{url}/wall", wait_until="commit")
    page.wait_for_function(PAINTED, timeout=60_000)
    return OpenWall(page, next(w for w in page.workers if "map-worker" in w.url))


def first_paint(browser: Browser, log: RequestLog, url: str, rounds: int) -> tuple[list[float], list[float], dict]:
    """(cold ms, warm ms, waterfall of the last cold one): navigation start to a map drawn with data."""
    cold: list[float] = []
    warm: list[float] = []
    waterfall: dict[str, Any] = {}
    for _ in range(rounds):
        context = new_screen(browser, log)
        page = context.new_page()
        wall = open_wall(page, url)
        cold.append(_painted_ms(page))
        waterfall = _waterfall(wall)
        open_wall(page, url)  # from the wall itself: from another place our policy has Chromium change its process
        warm.append(_painted_ms(page))
        context.close()
    return cold, warm, waterfall


def _painted_ms(page: Page) -> float:
    return float(page.evaluate("performance.getEntriesByName('warroom-map-painted')[0].startTime"))


def _waterfall(wall: OpenWall) -> dict[str, Any]:
    """What the page and its worker fetched, and the page's marks; ms since navigation start."""
    page = wall.page
    born_ms = wall.worker.evaluate("performance.timeOrigin") - page.evaluate("performance.timeOrigin")
    worker = [
        {**row, **{k: round(row[k] + born_ms) for k in ("start_ms", "first_byte_ms", "end_ms")}}
        for row in wall.worker.evaluate(WATERFALL)
    ]
    marks = page.evaluate(
        "['mark', 'paint'].flatMap((t) => performance.getEntriesByType(t))"
        ".map((e) => [e.name, Math.round(e.startTime)])"
    )
    steps = page.evaluate("window.warroom.stats().then((s) => s.firstAt || {})")
    return {
        "marks_ms": dict(marks) | {f"worker {k}": round(v + born_ms) for k, v in steps.items()},
        "worker_born_ms": round(born_ms),
        "page": page.evaluate(WATERFALL),
        "worker": worker,
    }


def places(wall: OpenWall) -> dict[str, list[float]]:
    """{precinct: [x, y, smaller side in pixels, x and y in units of the geometry]} on the canvas as it stands."""
    ids = wall.page.evaluate("fetch('/api/v1/roster').then((r) => r.json()).then((r) => r.ids)")
    return dict(zip(ids, wall.worker.evaluate(PLACES), strict=True))


def large_enough(where: dict[str, list[float]], least_px: float = LEAST_PX) -> set[str]:
    """Precincts whose watched spot lies inside them, on screen."""
    return {i for i, (_, _, side, *_) in where.items() if side is not None and side >= least_px}


def report_to_pixel(room: BenchRoom, wall: OpenWall, rounds: int) -> tuple[list[float], list[float]]:
    """(by our own look at the canvas, by the wall's own count from the store's stamp), each in ms.

    A precinct that nobody has heard from gets its first report, at a random moment of the
    watch's quarter second; the clock runs from just before the frame is put into the intake.
    """
    where = places(wall)
    intake, rng = room.intake(), Random(2)
    before = len(wall.page.evaluate("window.warroom.stats()")["stampToPixelMs"])
    seen: list[float] = []
    for report in room.take_held(rounds, large_enough(where)):
        time.sleep(0.7 + rng.random() * 0.5)
        x, y, *_ = where[report.precinct]
        seen.append(timed_put(wall.page, CANVAS, x, y, lambda r=report: intake.put_frame(FEED, [r])))
    stamps = wall.page.evaluate("window.warroom.stats()")["stampToPixelMs"]
    return seen, stamps[before:]


def timed_put(page: Page, canvas: str, x: float, y: float, put: Any) -> float:
    """Milliseconds from `put()` to the change of a canvas's pixels; LIMIT_MS where it never came."""
    page.evaluate("([c, x, y, ms]) => { window.bench.arm(c, x, y, ms); }", [canvas, x, y, LIMIT_MS])
    began_ms = time.time() * 1000
    put()
    seen_ms = page.evaluate("window.bench.seen()")
    return LIMIT_MS if seen_ms is None else float(seen_ms) - began_ms


def drawing(wall: OpenWall, rounds: int) -> list[Figure]:
    """Drawing 1 % and all of the precincts: painting alone, and whole frames with signs and names."""
    measured = wall.page.evaluate("(n) => window.warroom.measure(n)", rounds)
    one, whole = (wall.worker.evaluate(FRAMES, [rounds, parts]) for parts in (100, 1))
    size = f"{measured['precincts']:,} precincts, {measured['width']} × {measured['height']} px"
    return [
        figure("draw, 1 % of precincts", "ms", measured["hundredth"], 16, judged="median", note=size),
        figure("draw, all precincts", "ms", measured["all"], 120, judged="median", note=size),
        figure("whole frame after a 1 % update", "ms", one, note="with alert signs and names, read back"),
        figure("whole frame, all precincts", "ms", whole, note="with alert signs and names, read back"),
    ]


def heap_growth(room: BenchRoom, wall: OpenWall, seconds: float, speed: float) -> tuple[list[Figure], dict]:
    """Heap after collection while a day is replayed: slope over samples, page and worker together."""
    heap = Heap(wall.page)
    player = room.replay(speed)
    samples: list[tuple[float, int, int, int]] = []
    try:
        wall.page.wait_for_timeout(seconds * 250)  # the burst of the morning, and rings that fill
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds * 0.75:
            used = heap.used_bytes()
            draws = wall.page.evaluate("window.warroom.stats().then((s) => s.draws)")
            samples.append((passed, used["page"], used["worker"], draws))
            wall.page.wait_for_timeout(5_000)
    finally:
        end_group(player)
    at_s = [s[0] for s in samples]
    slopes = {name: linear_regression(at_s, [s[i] for s in samples]).slope for i, name in ((1, "page"), (2, "worker"))}
    per_wall_hour = {name: slope * 3600 / 1e6 for name, slope in slopes.items()}
    frames = (samples[-1][3] - samples[0][3]) / (at_s[-1] - at_s[0])
    total = sum(per_wall_hour.values())
    note = f"page {per_wall_hour['page']:+.2f}, worker {per_wall_hour['worker']:+.2f}; {frames:.1f} frames/s"
    resolved = at_s[-1] >= RESOLVES_S
    rows = [
        figure("heap growth per hour of the day replayed", "MB", [total / speed], note=f"replay × {speed:g}"),
        figure(
            "heap growth per hour of wall time",
            "MB",
            [total],
            1 if resolved else None,
            judged="median",
            note=note if resolved else f"{note}; too short a run to judge: --heap-seconds 600",
        ),
        figure("heap in use after collection", "MB", [(s[1] + s[2]) / 1e6 for s in samples], note="page and worker"),
    ]
    return rows, {"samples": samples, "speed": speed, "of_day_hours": timedelta(seconds=seconds * speed).seconds / 3600}
