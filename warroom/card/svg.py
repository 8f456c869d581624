"""Small charts as inline SVG: drawn 360 units wide, so that their letters stay readable on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

WIDTH, LEFT, RIGHT, TOP = 360.0, 42.0, 20.0, 10.0


@dataclass(frozen=True)
class Line:
    """A line through (x, y) with an optional band of (x, low, high); `kind` picks colour and dash: a or b."""

    name: str
    kind: str
    points: Sequence[tuple[float, float]]
    band: Sequence[tuple[float, float, float]] = ()


@dataclass(frozen=True)
class Axis:
    """What an axis spans and where its ticks stand: (value, label)."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    title: str


def line_chart(about: str, x: Axis, y: Axis, lines: Sequence[Line], diagonal: bool = False) -> Markup:
    """Lines with bands over two axes; `about` is the text for those who cannot see it."""
    height, bottom = 250.0, 38.0
    right, floor = WIDTH - RIGHT, height - bottom

    def px(value: float) -> float:
        return LEFT + (value - x.low) / (x.high - x.low) * (right - LEFT)

    def py(value: float) -> float:
        share = (min(max(value, y.low), y.high) - y.low) / (y.high - y.low)
        return floor - share * (floor - TOP)

    parts = []
    for value, label in y.ticks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{py(value):.1f}" y2="{py(value):.1f}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{py(value) + 3.5:.1f}" text-anchor="end">{escape(label)}</text>')
    for value, label in x.ticks:
        parts.append(f'<text x="{px(value):.1f}" y="{floor + 14}" text-anchor="middle">{escape(label)}</text>')
    parts.append(f'<text x="{(LEFT + right) / 2}" y="{height - 6}" text-anchor="middle">{escape(x.title)}</text>')
    for line in lines:
        if line.band:
            there = [f"{px(at):.1f},{py(high):.1f}" for at, _, high in line.band]
            back = [f"{px(at):.1f},{py(low):.1f}" for at, low, _ in reversed(line.band)]
            parts.append(f'<polygon class="band {line.kind}" points="{" ".join(there + back)}"/>')
    if diagonal:
        ends = f'x1="{px(x.low):.1f}" y1="{py(y.low):.1f}" x2="{px(x.high):.1f}" y2="{py(y.high):.1f}"'
        parts.append(f'<line class="ideal" {ends}/>')
    for line in lines:
        path = " ".join(f"{px(a):.1f},{py(b):.1f}" for a, b in line.points)
        parts.append(f'<polyline class="line {line.kind}" points="{path}"/>')
    return _picture(about, height, parts)


def dumbbells(about: str, axis: Axis, rows: Sequence[tuple[str, float, float | None]]) -> Markup:
    """One row each: a filled dot (first value) and, where known, an open square (second value)."""
    step, left = 19.0, 132.0
    floor = TOP + step * len(rows) + 4
    right = WIDTH - RIGHT

    def px(value: float) -> float:
        return left + (min(value, axis.high) - axis.low) / (axis.high - axis.low) * (right - left)

    parts = []
    for value, label in axis.ticks:
        parts.append(f'<line class="grid" x1="{px(value):.1f}" x2="{px(value):.1f}" y1="{TOP}" y2="{floor}"/>')
        parts.append(f'<text x="{px(value):.1f}" y="{floor + 13}" text-anchor="middle">{escape(label)}</text>')
    parts.append(f'<text x="{(left + right) / 2}" y="{floor + 30}" text-anchor="middle">{escape(axis.title)}</text>')
    for number, (label, first, second) in enumerate(rows):
        at = TOP + step * (number + 0.5)
        parts.append(f'<text x="{left - 8}" y="{at + 3.5:.1f}" text-anchor="end">{escape(label)}</text>')
        if second is not None:
            ends = f'x1="{px(first):.1f}" x2="{px(second):.1f}" y1="{at}" y2="{at}"'
            parts.append(f'<line class="link" {ends}/>')
            parts.append(f'<rect class="mark b" x="{px(second) - 4:.1f}" y="{at - 4}" width="8" height="8"/>')
        parts.append(f'<circle class="mark a" cx="{px(first):.1f}" cy="{at}" r="4.5"/>')
    return _picture(about, floor + 36, parts)


def span_bar(low: float, value: float, high: float, most: float) -> Markup:
    """A bar from low to high with a tick at value, on a scale from 0 to `most`; decoration beside its numbers."""
    scale = 100 / most
    bar = f'<rect class="span" x="{low * scale:.1f}" y="4" width="{max((high - low) * scale, 0.5):.1f}" height="6"/>'
    tick = f'<rect class="tick" x="{value * scale - 0.6:.1f}" y="1" width="1.6" height="12"/>'
    return Markup(  # noqa: S704 - numbers only
        f'<svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">{bar}{tick}</svg>'
    )


def _picture(about: str, height: float, parts: Sequence[str]) -> Markup:
    inside = "".join(parts)
    return Markup(  # noqa: S704 - every text above was escaped
        f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{escape(about)}">{inside}</svg>'
    )
