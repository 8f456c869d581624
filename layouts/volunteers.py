"""Volunteers and coverage: who should be where, who is there, and who is ready. For wall, laptop and phone.

`layout()` holds empty places only; `assets/volunteers/` fills them from the API. Names reach the page
only where a director is signed in.
"""

from dash import html

from layouts.nav import pages_nav
from layouts.parts import figures

path = "/volunteers"
title = "War room: volunteers"
name = "Volunteers"

LEGEND = (  # (state of a cell in assets/volunteers/matrix.js, words)
    ("here", "Enough here"),
    ("some", "Too few here"),
    ("missing", "Planned, nobody here"),
    ("none", "Nobody planned"),
    ("planned", "Planned, still ahead"),
    ("short", "Ahead, too few planned"),
    ("unknown", "Not known"),
)
TILES = (
    ("covered", "Sites covered"),
    ("onsite", "People on site"),
    ("noshows", "No-shows"),
    ("planned", "Sites planned this hour"),
)


def layout(**_asked: str) -> html.Div:
    """The page's static skeleton."""
    return html.Div(
        [
            html.P(id="crew-banner", role="alert", hidden=True),
            _head(),
            html.Main(
                [figures("crew", TILES), _matrix(), html.Div([_gaps(), _people(), _ready()], className="crew-side")]
            ),
        ],
        id="crew",
        className="page crew",
    )


def _label(words: str) -> dict[str, str]:
    return {"aria-label": words}


def _head() -> html.Header:
    return html.Header(
        [
            html.H1("Volunteers and coverage"),
            html.P(id="crew-clock"),
            html.P([html.Span(className="dot"), html.Span("connecting", id="crew-age")], id="crew-signal"),
            pages_nav(path),
        ]
    )


def _matrix() -> html.Section:
    legend = [html.Li([html.Span(className="crew-cell", **{"data-c": c}), words]) for c, words in LEGEND]
    head = html.Div(
        [html.H2("Sites by hour"), html.P(id="crew-sites-note"), html.Form(id="crew-filter", **_label("Filters"))],
        className="crew-panel-head",
    )
    table = html.Div(
        html.Table(id="crew-matrix"),
        id="crew-scroll",
        tabIndex=0,
        role="region",
        **_label("People at each poll site by hour; worst gaps first"),
    )
    empty = html.P(id="crew-empty", className="empty", hidden=True)
    more = html.Button("", id="crew-more", type="button", hidden=True)
    return html.Section(
        [head, html.Ul(legend, className="crew-legend", **_label("Legend")), empty, table, more],
        className="crew-panel crew-sites",
        **_label("Coverage by site and hour"),
    )


def _gaps() -> html.Section:
    return html.Section(
        [
            html.H2(["Gaps now ", html.B(id="crew-gaps-count"), html.A("Act on them: Field", href="field")]),
            html.Ol(id="crew-gaps"),
            html.P(id="crew-gaps-more", className="crew-more"),
        ],
        className="crew-panel",
        **_label("Sites where somebody is missing"),
    )


def _people() -> html.Section:
    kinds = html.Div(id="crew-kinds", role="group", **_label("Which people"))
    return html.Section(
        [
            html.H2("People now"),
            kinds,
            html.Ul(id="crew-people"),
            html.P(id="crew-people-more", className="crew-more"),
        ],
        className="crew-panel",
        **_label("People by what they are doing"),
    )


def _ready() -> html.Section:
    note = html.P(id="crew-ready-note", className="crew-note")
    return html.Section(
        [html.H2("Readiness"), note, html.Ol(id="crew-ready")],
        className="crew-panel",
        **_label("Who logged in and sent a test report before the day"),
    )
