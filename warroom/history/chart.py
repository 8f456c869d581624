"""The day's curve as inline SVG: what was planned with its band, and what came."""

from datetime import timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from warroom.history.record import Record

WIDTH, HEIGHT = 720.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 16.0, 12.0, 28.0


def day_chart(record: "Record") -> Markup:
    """720 by 260 units; every number drawn stands in the table beside it too."""
    day = record.frames.day
    top = max([1.0, *(high for _, _, _, high in record.curve), *(votes for _, votes in record.seen)]) * 1.04

    def x(minute: float) -> float:
        return LEFT + minute / day.minutes_open * (WIDTH - LEFT - RIGHT)

    def y(votes: float) -> float:
        return HEIGHT - BOTTOM - votes / top * (HEIGHT - TOP - BOTTOM)

    def line(points: list[tuple[float, float]]) -> str:
        return "L".join(f"{x(m):.1f} {y(v):.1f}" for m, v in points)

    parts = [*_grid(top, y), *_hours(record, x)]
    above = [(m, high) for m, _, _, high in record.curve]
    below = [(m, low) for m, _, low, _ in record.curve]
    parts.append(f'<path class="band" d="M{line(above)}L{line(below[::-1])}Z"/>')
    parts.append(f'<path class="plan" d="M{line([(m, mid) for m, mid, _, _ in record.curve])}"/>')
    if len(record.seen) > 1 and record.readings:
        parts.append(f'<path class="seen" d="M{line(record.seen)}"/>')
    for point in record.checkpoints:
        parts.append(f'<line class="mark" x1="{x(point.minute):.1f}" x2="{x(point.minute):.1f}" '
                     f'y1="{y(0):.1f}" y2="{TOP}"/>')  # fmt: skip
    label = f"Votes over the day, planned and cast; {day.opens_at:%H:%M} to {day.closes_at:%H:%M}"
    body = "".join(parts)
    return Markup(  # noqa: S704 - numbers and our own words only
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{label}">{body}</svg>'
    )


def _grid(top: float, y) -> list[str]:  # type: ignore[no-untyped-def]
    step = next(f * 10**p for p in range(9) for f in (1, 2, 5) if f * 10**p >= top / 4)
    out = []
    for k in range(int(top // step) + 1):
        at = y(k * step)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        out.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_short(k * step)}</text>')
    return out


def _short(votes: int) -> str:
    """5,000 fits a phone as 5 k."""
    return f"{votes // 1000:,} k" if votes and votes % 1000 == 0 else f"{votes:,}"


def _hours(record: "Record", x) -> list[str]:  # type: ignore[no-untyped-def]
    day, out = record.frames.day, []
    at = day.opens_at.replace(minute=0)
    while at <= day.closes_at:
        minute = day.minute_of(at)
        if minute >= 0 and at.hour % 2 == 1:
            out.append(f'<text x="{x(minute):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{at:%H:%M}</text>')
        at += timedelta(hours=1)
    return out
