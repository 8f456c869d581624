"""The wall against its reaches, in a real browser, next to the usual way: one table.

    python -m bench.board [DAY_DIR] [--json FILE]

Without a day folder it builds the made-up city. A run takes about five minutes.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import usual, wall
from bench.browser import RequestLog, chromium, new_screen
from bench.figures import Figure, as_json, figure, machine, percentile, show
from bench.received import bytes_received
from bench.room import BenchRoom, running_room

REPLAY_SPEED = 300.0


def measure(room: BenchRoom, asked: argparse.Namespace) -> tuple[list[Figure], dict]:
    """Every figure of the table, and what lies behind them."""
    rows: list[Figure] = []
    log, usual_log = RequestLog(), RequestLog()
    _say("filling the morning")
    room.fill()
    with chromium() as browser:
        _say("first paint")
        cold, warm, waterfall = wall.first_paint(browser, log, room.url, asked.paints)
        context = new_screen(browser, log)
        screen = wall.open_wall(context.new_page(), room.url)
        screen.page.wait_for_timeout(1_000)
        where = wall.places(screen)
        _say("report to pixel")
        pixel, stamped = wall.report_to_pixel(room, screen, asked.rounds)
        rows += _pixel_rows(pixel, stamped)
        rows += [
            figure("first paint, cold cache", "ms", cold, 1_500, judged="median"),
            figure("first paint, warm cache", "ms", warm, 1_500, judged="median"),
        ]
        _say("bytes")
        rows += bytes_received(room, len(where))
        context.close()
        if not asked.no_usual:
            rows += _usual_rows(room, browser, usual_log, where, asked, pixel)
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
    return rows, {"waterfall": waterfall, "heap": samples}


def _pixel_rows(pixel: list[float], stamped: list[float]) -> list[Figure]:
    note = "from before the intake to the pixels read from the screen's canvas"
    return [
        figure("report to pixel", "ms", pixel, 300, note=note),
        figure("  of which from the store's stamp", "ms", stamped, note="the wall's own count"),
    ]


def _usual_rows(room, browser, log, where, asked, pixel) -> list[Figure]:
    rows = []
    for patch, name in ((False, "whole figure"), (True, "Patch of z only")):
        _say(f"the usual way, {name}")
        times, first_ms = usual.report_to_pixel(room, browser, log, where, asked.usual_rounds, patch)
        by = (median(times) / median(pixel), percentile(times, 0.95) / percentile(pixel, 0.95))
        rows += [
            figure(f"usual way ({name}): report to pixel", "ms", times, note=f"first map after {first_ms:,.0f} ms"),
            figure(
                f"usual way ({name}) / ours, at the median", "×", [by[0]], None if patch else 20, judged="median",
                at_least=True, note=f"at p95: {by[1]:.1f} ×",
            ),
        ]  # fmt: skip
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
    parser.add_argument("--usual-rounds", type=int, default=10, help="reports timed on each usual way")
    parser.add_argument("--paints", type=int, default=5, help="first paints, cold and warm each")
    parser.add_argument("--heap-seconds", type=float, default=80, help="how long the day is replayed")
    parser.add_argument("--no-usual", action="store_true", help="leave the usual way out")
    asked = parser.parse_args()
    about = machine()
    with tempfile.TemporaryDirectory(prefix="warroom-bench-") as scratch:
        day_dir = asked.day_dir or _demo_day(Path(scratch) / "day")
        with running_room(day_dir.resolve(), Path(scratch) / "data") as room:
            rows, behind = measure(room, asked)
            day_name = room.intake().day().name
    busy = f"{about['cores']} cores, software rendering, load {about['load'][0]} at the start, {os.getloadavg()[0]:.1f} at the end"
    show(f"{day_name} · {about['date']}", rows, [busy])
    if asked.json:
        asked.json.write_text(as_json(rows, machine=about, day=day_name, **behind))
    sys.exit(1 if any(row.met is False for row in rows) else 0)


if __name__ == "__main__":
    main()
