"""The wall: one screen, no scrolling, readable at six metres.

`layout()` holds empty places only. The live values are written into them by `assets/wall/`,
straight from the event stream, never through Dash properties (those keep every value ever set).
"""

from collections.abc import Callable, Mapping
from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from layouts import precinct, wallviews
from layouts.nav import pages_nav
from layouts.wallviews import label as _label
from layouts.wallviews import tile as _tile

path = "/wall"
title = "War room"
name = "Wall"

LEGEND = (  # (element id of the count, sample drawn by assets/wall/legend.js, words)
    ("count-watch", "watch", "Watch"),
    ("count-silent", "hatch", "Silent"),
    ("count-uncertain", "stipple", "Uncertain"),
    ("count-unreported", "unreported", "No report yet"),
)


SCALE = (("fewer", "Fewer"), ("ok", "As expected"), ("more", "More"))


def layout(room: str = "dark", **_asked: str) -> html.Div:
    """The page's static skeleton. Dash hands over what the address asks for; `assets/wall/views.js` and
    `assets/room.js` read it too.
    """
    return html.Div(
        [
            html.P(id="banner", role="alert", hidden=True),
            _strip(),
            _tiles(),
            html.Div([wallviews.region_card(), _legend(), wallviews.region_list(), _feeds()], className="rail"),
            html.Div(
                [
                    wallviews.extras(),
                    html.Section(id="wall-map", tabIndex=0, **_label("Map of the precincts")),
                ],
                className="middle",
            ),
            _alerts(),
            wallviews.region_table(),
            _side_chart(),
            wallviews.worst(),
            wallviews.volunteers(),
            wallviews.feeds(),
            html.Div(id="ticker", hidden=True, role="group", **_label("More alerts")),
            html.Div(id="map-tooltip", hidden=True, role="tooltip"),
            html.P(id="notice", role="status", **{"aria-live": "polite"}),
            dcc.Store(id="wall-selected"),
            dcc.Store(id="wall-room", data=room),
        ],
        id="wall",
        role="main",
        className="wall",
        **{"data-view": "city"},
    )


def register(app: Dash, read_detail: Callable[[str], Mapping[str, Any] | None]) -> None:
    """Join the chosen precinct to its chart. `read_detail` gives what the precinct API gives, or None."""

    @app.callback(Output("wall-detail", "children"), Input("wall-selected", "data"), State("wall-room", "data"))
    def show(precinct_id: str | None, room: str) -> Any:
        if not precinct_id:
            return None
        return precinct.panel(read_detail(precinct_id), precinct.LIGHT if room == "light" else precinct.DARK)


def _strip() -> html.Div:
    return html.Div(
        [
            html.H1(id="day-name"),
            html.P(id="day-date"),
            pages_nav(path, "wall-pages"),
            html.P(id="reports-count"),
            html.Nav(html.Span(id="views-state"), id="views", **_label("Views of the wall")),
            html.Button("Sound off", id="sound", type="button", **{"aria-pressed": "false"}),
            html.P([html.Span(className="dot"), html.Span(id="link-word")], id="link-state"),
        ],
        className="strip",
    )


def _tiles() -> html.Section:
    clock = html.Div(
        [
            html.H2("Clock"),
            html.P("–", id="clock", className="value"),
            html.P(id="clock-zone", className="range"),
        ],
        id="tile-clock",
        className="tile",
    )
    to_close = html.Div(
        [
            html.H2("Until polls close", id="to-close-label"),
            html.P("–", id="to-close", className="value"),
            html.P(id="to-close-note", className="range"),
        ],
        id="tile-to-close",
        className="tile",
    )
    tiles = [
        _tile("votes", "Votes so far", html.Span(id="reported-value")),
        _tile("expected", "Expected now", html.Span(id="expected-verdict")),
        _tile("final", "Expected at close", html.Span(id="early-value")),
        _tile("precincts", "Precincts heard"),
        clock,
        to_close,
    ]
    return html.Section(tiles, className="tiles", **_label("Headline figures"))


def _legend() -> html.Section:
    rows = [
        html.Li(
            [
                html.Span(className="sample", **{"data-sample": sample, "aria-hidden": "true"}),
                html.Span(words),
                html.B("–", id=count_id),
            ]
        )
        for count_id, sample, words in LEGEND
    ]
    scale = [
        html.Div(id="legend-scale", role="img", **_label("From fewer than expected to more than expected")),
        html.P([_scale(key, words) for key, words in SCALE], className="scale-words"),
    ]
    alerts = html.Ul(id="legend-alerts", **_label("Open alerts by kind"))
    return html.Section(
        [html.H2("Precincts now"), *scale, html.Ul(rows), alerts], className="panel legend", **_label("Legend")
    )


def _scale(key: str, words: str) -> html.Span:
    return html.Span([words, html.B("–", id=f"count-{key}")])


def _feeds() -> html.Section:
    empty = html.P("No feed yet. Start one: warroom feed.", id="feeds-empty", className="empty")
    return html.Section(
        [
            html.Div([html.H2("Feeds"), html.Span(id="feeds-note")], className="panel-head"),
            html.Ul(id="feeds"),
            empty,
        ],
        id="feeds-panel",
        className="panel",
        **_label("Feeds"),
    )


def _alerts() -> html.Section:
    empty = html.P(
        "No alerts. First flags need about two reports from a precinct.", id="alerts-empty", className="empty"
    )
    head = html.Div(
        [
            html.H2([html.B("0", id="alerts-count"), html.Span("open alerts")]),
            html.Button("", id="alerts-more", type="button", hidden=True),
        ],
        className="panel-head",
    )
    live = html.P(id="alerts-live", className="unseen", **{"aria-live": "polite"})
    return html.Section(
        [head, html.Ol(id="alerts"), empty, live],
        id="alerts-panel",
        className="panel",
        **_label("Open alerts"),
    )


def _side_chart() -> html.Section:
    key = html.P(
        [
            html.Span("Votes", className="key-seen"),
            html.Span("Expected, 90 %", className="key-band"),
            html.Span("Forecast", className="key-forecast"),
        ],
        className="chart-key",
    )
    day = html.Div(
        [
            html.Div([html.H2("Whole city"), key], className="panel-head"),
            html.Div(id="curve", role="img", **_label("Votes over the day")),
        ],
        className="day-chart",
    )
    chosen = html.Div(
        [html.Button("Close", id="detail-close", type="button"), html.Div(id="wall-detail")],
        className="precinct-chart",
    )
    return html.Section(
        [day, chosen], id="side-chart", className="panel", **{"data-showing": "day"}, **_label("Day chart")
    )
