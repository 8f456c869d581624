"""The after-action report as one self-contained HTML page: facts in, text out."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from anomaly.effect import Effect
from anomaly.forecast import Total
from warroom.history.chart import day_chart
from warroom.history.record import Record

HERE = Path(__file__).parent
REGIONS_SHOWN = 20
ALERTS_SHOWN = 60  # the gravest; the rest are counted
KINDS = {
    "low_turnout": "low turnout", "stoppage": "stopped", "slowdown": "slowing", "silent": "silent",
    "suspect_report": "suspect report", "long_wait": "long wait", "incident": "incident",
    "coverage_gap": "nobody there",
}  # fmt: skip
STATES = {
    "not_arrived": "nobody arrived", "too_early": "too early to say: no later report, or too few voters due",
    "too_few_readings": "too few readings before the arrival to say",
    "no_match": "no similar places that were left alone", "measured": "",
}  # fmt: skip


def render_report(record: Record, made_at: datetime, version: str) -> str:
    """The page as text. The same record, moment and version give the same bytes."""
    tz = record.frames.day.tz
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        n=number, pct=percent, span=span, range=between, kind=kind_words, became=effect_words,
        clock=lambda ms: "" if ms is None else f"{datetime.fromtimestamp(ms / 1000, tz):%H:%M}",
        gain=gain_words, change=change_words,
    )  # fmt: skip
    shown = sorted(record.alerts, key=lambda a: (SEVERITY[a["severity"]], -(a["shortfall"] or 0), a["raised_ms"]))
    return environment.get_template("report.html").render(
        r=record, day=record.frames.day, precincts=len(record.frames.precincts), version=version,
        made=f"{made_at.astimezone(tz):%Y-%m-%d %H:%M %Z}", date=f"{record.frames.day.date:%A %-d %B %Y}",
        css=Markup((HERE / "report.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        chart=day_chart(record), shown=sorted(shown[:ALERTS_SHOWN], key=lambda a: a["raised_ms"]),
        by_kind=by_kind(record.alerts), by_how=by_how(record.alerts), most_short=sum(s["short"] for s in record.short),
        regions=record.regions[:REGIONS_SHOWN],
        plan_gap=record.final.value / record.planned.value - 1 if record.planned.value else 0.0,
    )  # fmt: skip


SEVERITY = {"high": 0, "medium": 1, "low": 2}


def by_kind(alerts: Sequence[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """(kind, how many, of them high), the most frequent first."""
    kinds = {a["kind"] for a in alerts}
    rows = [(k, sum(a["kind"] == k for a in alerts), sum(a["kind"] == k and a["severity"] == "high" for a in alerts))
            for k in kinds]  # fmt: skip
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def by_how(alerts: Sequence[dict[str, Any]]) -> dict[str, int]:
    """How many were taken by somebody, closed by themselves, ended by somebody, never closed."""
    return {
        "taken": sum(a["by"] is not None for a in alerts),
        "itself": sum(a["how"] == "closed by itself" for a in alerts),
        "people": sum(a["how"].startswith(("resolved", "dismissed")) for a in alerts),
        "never": sum(a["how"] == "never closed" for a in alerts),
    }


def number(value: float | None) -> str:
    """A count with thousands marked; a dash where it is not known.

    >>> number(12345.6)
    '12,346'
    """
    return "–" if value is None else f"{value:,.0f}"


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent.

    >>> percent(0.114, 1)
    '11.4 %'
    """
    return f"{100 * share:.{digits}f} %"


def span(minutes: float) -> str:
    """A length of time.

    >>> span(125)
    '2 h 05'
    """
    whole = round(minutes)
    return f"{whole} min" if whole < 60 else f"{whole // 60} h {whole % 60:02d}"


def between(value: Total) -> str:
    """A 90 % interval."""
    return f"{value.low:,.0f} – {value.high:,.0f}"


def kind_words(kind: str) -> str:
    """What a person calls a kind of alert."""
    return KINDS.get(kind, kind.replace("_", " "))


def effect_words(effect: Effect) -> str:
    """Why nothing can be said of a dispatch; empty where something can."""
    return STATES[effect.state]


def change_words(change: tuple[float, float, float]) -> str:
    """A change of pace with its interval.

    >>> change_words((0.2, -0.05, 0.5))
    '+20 % (−5 % to +50 %)'
    """
    mid, low, high = (f"{'−' if c < -0.005 else '+'}{abs(100 * c):.0f} %" for c in change)
    return f"{mid} ({low} to {high})"


def gain_words(voters: tuple[float, float, float]) -> str:
    """Voters more or fewer, with the interval.

    >>> gain_words((12.4, -3.0, 28.0))
    '+12 (−3 to +28)'
    """
    mid, low, high = (f"{'−' if v < -0.5 else '+'}{abs(v):,.0f}" for v in voters)
    return f"{mid} ({low} to {high})"
