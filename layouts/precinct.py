"""One precinct over the day: its readings against the band that was expected of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
from dash import dcc, html

Detail = Mapping[str, Any]  # what GET /api/v1/precincts/{id} gives


class Paints(NamedTuple):
    """Colours of the chart in one room."""

    ink: str
    muted: str
    grid: str
    ground: str
    band: str
    expected: str
    seen: str
    suspect: str


DARK = Paints("#e8edf2", "#a9b4c0", "#2a323b", "#161b21", "rgba(86, 180, 233, 0.22)", "#56b4e9", "#ffffff", "#ffd27a")
LIGHT = Paints("#14191f", "#4a5663", "#cfd6dd", "#ffffff", "rgba(11, 95, 158, 0.2)", "#0b5f9e", "#14191f", "#8a3f00")
STATE_WORDS = {
    "ok": "As expected",
    "low": "Low",
    "watch": "Watch",
    "silent": "Silent",
    "suspect_report": "Suspect report",
}


def panel(detail: Detail | None, paints: Paints = DARK) -> list[Any]:
    """The side panel of a precinct: its name, its figures in words, its chart."""
    if detail is None:
        return [html.P("This precinct is not known to the server.", className="empty")]
    name = detail.get("name") or detail["id"]
    region = detail.get("region") or ""
    place = " · ".join(part for part in (region if region not in name else "", detail.get("site")) if part)
    return [
        html.Div([html.H2(name), html.P(place)], className="detail-head"),
        html.P(_figures(detail), className="detail-figures"),
        html.P(detail.get("reason") or "", className="detail-reason"),
        dcc.Graph(
            id="wall-detail-graph",
            figure=render(detail, paints),
            config={"displayModeBar": False, "responsive": True},
            className="detail-graph",
        ),
    ]


def render(detail: Detail, paints: Paints = DARK) -> go.Figure:
    """Readings (accepted solid, suspect hollow with the reason) against the expected band.

    Counts are ballots since opening; times stand on the day's own clock (`timezone`, else UTC).
    """
    zone = ZoneInfo(detail.get("timezone") or "UTC")
    figure = go.Figure(_band(detail, zone, paints) + _readings(detail, zone, paints))
    figure.update_layout(
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": paints.ink, "family": "Inter, system-ui, sans-serif", "size": 15},
        margin={"l": 52, "r": 16, "t": 8, "b": 34},
        showlegend=False,
        hovermode="x unified",
        hoverlabel={"bgcolor": paints.ground, "font": {"color": paints.ink}},
        uirevision=detail["id"],
    )
    axis = {"gridcolor": paints.grid, "zeroline": False, "tickfont": {"color": paints.muted}, "fixedrange": True}
    figure.update_yaxes(rangemode="tozero", tickformat=",d", nticks=5, **axis)
    figure.update_xaxes(tickformat="%H:%M", range=_day_range(detail, zone), nticks=7, **axis)
    if detail.get("as_of_ms"):
        figure.add_vline(x=_local(detail["as_of_ms"], zone), line={"color": paints.muted, "width": 1, "dash": "dot"})
    return figure


def _local(at_ms: float, zone: ZoneInfo) -> datetime:
    """Plotly has no time zones: give it the wall clock's reading, without an offset."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).replace(tzinfo=None)


def _day_range(detail: Detail, zone: ZoneInfo) -> list[datetime] | None:
    if not detail.get("opens_ms") or not detail.get("closes_ms"):
        return None
    return [_local(detail["opens_ms"], zone), _local(detail["closes_ms"], zone)]


def _band(detail: Detail, zone: ZoneInfo, paints: Paints) -> list[go.Scatter]:
    band = detail.get("band")
    if not band or not band.get("at_ms"):
        return []
    times = [_local(at_ms, zone) for at_ms in band["at_ms"]]
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    interval = [f"{low:,.0f} to {high:,.0f}" for low, high in zip(band["low"], band["high"], strict=True)]
    return [
        go.Scatter(x=times, y=band["high"], name="high", **edge),
        go.Scatter(x=times, y=band["low"], name="low", fill="tonexty", fillcolor=paints.band, **edge),
        go.Scatter(
            x=times,
            y=band["mid"],
            name="Expected",
            mode="lines",
            line={"color": paints.expected, "width": 2, "dash": "dash"},
            text=interval,
            hovertemplate="Expected %{y:,.0f} (90 %: %{text})<extra></extra>",
        ),
    ]


def _readings(detail: Detail, zone: ZoneInfo, paints: Paints) -> list[go.Scatter]:
    readings = detail.get("readings") or []
    accepted = [reading for reading in readings if reading.get("status") != "suspect"]
    suspect = [reading for reading in readings if reading.get("status") == "suspect"]
    return [
        go.Scatter(
            **_points(accepted, zone),
            name="Seen",
            mode="lines+markers",
            cliponaxis=False,
            line={"color": paints.seen, "width": 2.5},
            marker={"color": paints.seen, "size": 8},
            hovertemplate="Seen %{y:,.0f}, %{text}<extra></extra>",
        ),
        go.Scatter(
            **_points(suspect, zone),
            name="Suspect",
            mode="markers",
            cliponaxis=False,
            marker={"symbol": "diamond-open", "color": paints.suspect, "size": 12, "line": {"width": 2.5}},
            hovertemplate="Suspect %{y:,.0f}: %{text}<extra></extra>",
        ),
    ]


def _points(readings: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "x": [_local(reading["at_ms"], zone) for reading in readings],
        "y": [reading["count"] for reading in readings],
        "text": [reading.get("reason") or reading.get("source") or "" for reading in readings],
    }


def _figures(detail: Detail) -> str:
    """Low · 57 seen · 71 expected by now (60 to 83) · 210 at close (180 to 240)"""
    parts = [STATE_WORDS.get(detail.get("state", ""), "")]
    reported = detail.get("reported")
    parts.append("no report yet" if reported is None else f"{reported:,} seen")
    for key, words in (("expected", "expected by now"), ("final", "at close")):
        estimate = detail.get(key)
        if estimate and estimate.get("value") is not None:
            parts.append(f"{estimate['value']:,.0f} {words}{_interval(estimate)}")
    return " · ".join(part for part in parts if part)


def _interval(estimate: Mapping[str, Any]) -> str:
    if estimate.get("low") is None or estimate.get("high") is None:
        return ""
    return f" ({estimate['low']:,.0f} to {estimate['high']:,.0f})"
