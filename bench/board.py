"""The wall against its reaches, in a real browser, next to the usual way: one table.

    python -m bench.board [DAY_DIR] [--json FILE]

Without a day folder it builds the made-up city. A run takes about five minutes.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser

from bench import usual, wall
from bench.browser import RequestLog, chromium, new_screen
from bench.figures import Figure, as_json, figure, machine, show
from bench.received import bytes_received
from bench.room import BenchRoom, running_room
from bench.traffic import going_on

REPLAY_SPEED = 300.0


def measure(room: BenchRoom, asked: argparse.Namespace, rows: list[Figure]) -> dict:
    """Add every figure of the table to `rows` as it is measured; returns what lies behind them."""
    log, usual_log = RequestLog(), RequestLog()
    _say("filling the morning")
    room.fill()
    with chromium() as browser:
        with going_on(room):
            found, where, waterfall = _our_wall(room, browser, log, asked)
            rows += found
            if not asked.no_usual:
                rows += _usual_rows(room, browser, usual_log, where, asked, rows[0])
        _say("heap")
        context = new_screen(browser, log)
        screen = wall.open_wall(context.new_page(), room.url)
        heap_rows, samples = wall.heap_growth(room, screen, asked.heap_seconds, REPLAY_SPEED)
        rows += heap_rows
        _say("drawing")
        rows += wall.drawing(screen, 15)
        context.close()
    note = f"{log.count} requests" + (f"; {', '.join(log.elsewhere[:3])}" if log.elsewhere else "")
    rows.append(figure("requests to other hosts", "", [len(log.elsewhere)], 0, judged="max", note=note))
    return {"waterfall": waterfall, "heap": samples}


def _our_wall(room: BenchRoom, browser: Browser, log: RequestLog, asked: argparse.Namespace) -> tuple:
    _say("first paint")
    cold, warm, waterfall = wall.first_paint(browser, log, room.url, asked.paints)
    context = new_screen(browser, log)
    screen = wall.open_wall(context.new_page(), room.url)
    screen.page.wait_for_timeout(1_000)
    where = wall.places(screen)
    _say("report to pixel")
    pixel, stamped = wall.report_to_pixel(room, screen, asked.rounds)
    context.close()
    _say("bytes")
    rows = [
        *_pixel_rows(pixel, stamped),
        figure("first paint, cold cache", "ms", cold, 1_500, judged="median"),
        figure("first paint, warm cache", "ms", warm, 1_500, judged="median"),
        *bytes_received(room, len(where)),
    ]
    return rows, where, waterfall


def _pixel_rows(pixel: list[float], stamped: list[float]) -> list[Figure]:
    note = "from before the intake to the pixels read from the screen's canvas"
    return [
        figure("report to pixel", "ms", pixel, 300, note=note),
        figure("  of which from the store's stamp", "ms", stamped, note="the wall's own count"),
    ]


def _usual_rows(
    room: BenchRoom, browser: Browser, log: RequestLog, where: dict, asked: argparse.Namespace, ours: Figure
) -> list[Figure]:
    rows = []
    for patch, name in ((False, "whole figure"), (True, "Patch of z only")):
        _say(f"the usual way, {name}")
        times, first_ms = usual.report_to_pixel(room, browser, log, where, asked.usual_rounds, patch)
        theirs = figure(f"usual way ({name}): report to pixel", "ms", times)
        never = sum(t >= wall.LIMIT_MS for t in times)
        lost = f"; {never} of {len(times)} not within {wall.LIMIT_MS / 1000:.0f} s, counted as that" if never else ""
        ratio = figure(
            f"usual way ({name}) / ours", "×", [theirs.median / ours.median], None if patch else 20,
            judged="median", at_least=True, note=f"of medians; of p95s {theirs.p95 / ours.p95:.1f} ×",
        )  # fmt: skip
        rows += [replace(theirs, note=f"first map after {first_ms:,.0f} ms{lost}"), ratio]
    return rows


def _demo_day(into: Path) -> Path:
    from warroom.demo import write_demo_day

    write_demo_day(into)
    return into


def _say(step: str) -> None:
    print(f"· {step} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)


def main() -> None:
    """Run the bench; exit code 1 where a reach is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.board", description=__doc__)
    parser.add_argument("day_dir", type=Path, nargs="?", help="a day folder with precincts.geojson and reports.jsonl")
    parser.add_argument("--json", type=Path, help="write every value here")
    parser.add_argument("--rounds", type=int, default=40, help="reports timed on our wall")
    parser.add_argument("--usual-rounds", type=int, default=6, help="reports timed on each usual way")
    parser.add_argument("--paints", type=int, default=5, help="first paints, cold and warm each")
    parser.add_argument("--heap-seconds", type=float, default=80, help="how long the day is replayed")
    parser.add_argument("--no-usual", action="store_true", help="leave the usual way out")
    asked = parser.parse_args()
    about, rows, behind = machine(), [], {}
    with tempfile.TemporaryDirectory(prefix="warroom-bench-") as scratch:
        day_dir = asked.day_dir or _demo_day(Path(scratch) / "day")
        with running_room(day_dir.resolve(), Path(scratch) / "data") as room:
            day_name = room.intake().day().name
            try:
                behind = measure(room, asked, rows)
            finally:  # a run that breaks off still shows what it has
                load = f"load {about['load'][0]} at the start, {os.getloadavg()[0]:.1f} at the end"
                show(f"{day_name} · {about['date']}", rows, [f"{about['cores']} cores, software rendering, {load}"])
    if asked.json:
        asked.json.write_text(as_json(rows, machine=about, day=day_name, **behind))
    sys.exit(1 if any(row.met is False for row in rows) else 0)


if __name__ == "__main__":
    main()
