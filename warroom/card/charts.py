"""The charts of a model card, each from the facts it shows."""

from collections.abc import Sequence

from markupsafe import Markup

from anomaly.card import CardFacts, Reliability
from warroom.card.svg import Axis, Line, dumbbells, line_chart

TENTHS = [(k / 5, f"{20 * k} %") for k in range(6)]


def all_charts(facts: CardFacts) -> dict[str, Markup]:
    """Every chart that the facts allow, by name."""
    found = {"curve": _curve(facts)}
    if facts.held_out:
        found["calibration"] = _calibration(facts.calibration, facts.calibration_level)
        found["errors"] = _errors(facts)
    if facts.recorded and facts.recorded.hours:
        found["widths"] = _widths(facts)
    return found


def clock(hours: str, minute: float) -> str:
    """Local time so many minutes after the opening; `hours` begins with HH:MM.

    >>> clock("06:30–21:00 America/New_York", 90)
    '08:00'
    """
    start = int(hours[:2]) * 60 + int(hours[3:5])
    return f"{int(start + minute) // 60 % 24:02d}:{int(start + minute) % 60:02d}"


def _calibration(level_open: Sequence[Reliability], level_known: Sequence[Reliability]) -> Markup:
    def line(name: str, kind: str, found: Sequence[Reliability], band: bool) -> Line:
        points = [(0.0, 0.0), *((r.nominal, r.observed.value) for r in found)]
        spread = [(0.0, 0.0, 0.0), *((r.nominal, r.observed.low, r.observed.high) for r in found)]
        return Line(name, kind, points, spread if band else ())

    return line_chart(
        "Share of precincts inside the interval against the interval's nominal size, over held-out elections",
        Axis(0, 1, TENTHS, "size of the interval"),
        Axis(0, 1, TENTHS, "inside"),
        [
            line("city's level not known", "b", level_open, band=False),
            line("city's level known", "a", level_known, band=True),
        ],
        diagonal=True,
    )


def _errors(facts: CardFacts) -> Markup:
    rows = [
        (
            f"{o.date[:7]} {o.kind[:12]}",
            o.model_level.median.value,
            o.usual_level.median.value if o.usual_level else None,
        )
        for o in facts.held_out
    ]
    worst = max(max(first, second or 0.0) for _, first, second in rows)
    top = 0.05 * (int(worst / 0.05) + 1)
    step = 0.05 if top <= 0.3 else 0.1
    ticks = [(k * step, f"{100 * k * step:.0f} %") for k in range(int(top / step + 1e-6) + 1)]
    return dumbbells(
        "Median error of a precinct by held-out election, the model against the last comparable election",
        Axis(0, top, ticks, "median error of a precinct, level known"),
        rows,
    )


def _curve(facts: CardFacts) -> Markup:
    minutes, share = facts.curve.minutes, facts.curve.share
    step = 120 if minutes[-1] > 480 else 60
    ticks = [(m, clock(facts.hours, m)) for m in range(0, int(minutes[-1]) + 1, step)]
    pairs = list(zip(minutes, share, strict=True))
    band = [(m, s.low, s.high) for m, s in pairs]
    return line_chart(
        "Expected share of the day's ballots cast by each hour, with its 90 % band",
        Axis(0, minutes[-1], ticks, "local time"),
        Axis(0, 1, TENTHS, "cast"),
        [Line("starting curve", "a", [(m, s.value) for m, s in pairs], band)],
    )


def _widths(facts: CardFacts) -> Markup:
    assert facts.recorded is not None
    hours = facts.recorded.hours
    city = [(k, (h.total_high - h.total_low) / 2 / max(h.total, 1.0)) for k, h in enumerate(hours)]
    heard = [(k, h.precinct_heard) for k, h in enumerate(hours) if h.precinct_heard is not None]
    most = max(value for _, value in [*city, *heard])
    top = 0.2 * (int(most / 0.2) + 1)
    every = 2 if len(hours) > 8 else 1
    return line_chart(
        "Half-width of the 90 % interval of the final count by hour: the city and the median precinct with reports",
        Axis(0, max(len(hours) - 1, 1), [(k, h.clock) for k, h in enumerate(hours)][::every], "local time"),
        Axis(0, top, [(k * top / 4, f"{100 * k * top / 4:.0f} %") for k in range(5)], "±"),
        [Line("city", "b", city), Line("precinct", "a", heard)],
    )
