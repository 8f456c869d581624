"""The replay: any minute of the day again, for drills and for the morning after.

`layout()` holds empty places only; `assets/replay/` fills them from `/api/v1/replay`.
"""

from typing import Any

from dash import html

from layouts.nav import pages_nav

path = "/replay"
title = "War room: replay"
name = "Replay"

SPEEDS = ((5, "5 minutes a second"), (15, "15 minutes a second"), (60, "an hour a second"))


def layout(**_asked: str) -> html.Div:
    """The page's static skeleton."""
    return html.Div(
        [
            _head(),
            html.Section(id="replay-empty", className="r-empty", role="status", hidden=True),
            html.Div([_time(), html.Div([_map(), _side()], className="r-desk")], id="replay-day", hidden=True),
        ],
        id="replay",
        role="main",
        className="replay",
    )


def _label(words: str) -> dict[str, str]:
    return {"aria-label": words}


def _head() -> html.Header:
    return html.Header(
        [
            html.H1(["Replay", html.Small(id="replay-name")]),
            html.P(id="replay-state", role="status"),
            pages_nav(path),
        ],
        className="r-head",
    )


def _time() -> html.Section:
    buttons = [
        html.Button("Play", id="replay-play", type="button", **{"aria-pressed": "false"}),
        html.Label(["Speed", html.Select(_speeds(), id="replay-speed")], className="r-speed"),
    ]
    keys = html.P(
        "Votes, whole city. Arrow keys 5 minutes, Page Up and Down an hour, Home and End the day's ends, space plays.",
        className="r-keys",
    )
    return html.Section(
        [
            html.Div([html.P("–", id="replay-clock"), html.P(id="replay-since"), *buttons, keys], className="r-bar"),
            html.Div(id="replay-curve", role="img", **_label("Votes over the day")),
            html.Div(id="replay-slider-place"),  # the script puts its slider here: Dash has no plain range input
        ],
        className="panel r-time",
        **_label("Minute of the day"),
    )


def _speeds() -> list[Any]:
    return [html.Option(words, value=str(minutes)) for minutes, words in SPEEDS]


def _map() -> html.Section:
    return html.Section(
        [html.P(id="replay-hover", className="r-hover")], id="replay-map", tabIndex=0, **_label("Map of the precincts")
    )


def _side() -> html.Div:
    figures = html.Dl(id="replay-figures", className="panel r-figures")
    alerts = html.Section(
        [
            html.H2([html.Span(id="replay-alerts-count"), html.Small("and what became of them")]),
            html.Ol(id="replay-alerts"),
            html.P("No alert was open at this minute.", id="replay-none", className="r-none"),
        ],
        className="panel r-alerts",
        **_label("Alerts open at this minute"),
    )
    return html.Div([figures, alerts], className="r-side")
