"""The feeds: whether each one lives, what became of its reports, to pause, resume or replay it; and the sources.

`layout()` holds empty places only; `assets/feeds/` fills them from `/api/v1/feeds` and `/api/v1/sources`.
"""

from dash import html

from layouts.nav import pages_nav
from layouts.parts import figures

path = "/feeds"
title = "War room: feeds"
name = "Feeds"

TILES = (
    ("live", "Feeds speaking"),
    ("rate", "Reports a minute"),
    ("behind", "Waiting to be read"),
    ("rejected", "Rejected, not mended"),
)


def layout(**_asked: str) -> html.Div:
    """The page's static skeleton."""
    return html.Div(
        [
            html.P(id="feeds-banner", role="alert", hidden=True),
            _head(),
            html.Main([figures("feeds", TILES), _sources(), _list()]),
            html.P(id="feeds-say", role="status", className="fd-say", **{"aria-live": "polite"}),
        ],
        id="feeds-page",
        className="page fd",
    )


def _label(words: str) -> dict[str, str]:
    return {"aria-label": words}


def _head() -> html.Header:
    return html.Header(
        [
            html.H1(["Feeds", html.Small(id="feeds-day")]),
            html.P(id="feeds-clock"),
            html.P([html.Span(className="dot"), html.Span("connecting", id="feeds-age")], id="feeds-signal"),
            pages_nav(path),
        ]
    )


def _sources() -> html.Section:
    return html.Section(
        [
            html.Div(
                [html.H2("Sources"), html.P("Asking …", id="sources-sum"), html.P(id="sources-search", hidden=True)],
                className="fd-sources-head",
            ),
            html.P(id="sources-none", className="fd-empty", hidden=True),
            html.Ul(id="sources-rows"),
            html.P(id="sources-more", className="fd-more"),
        ],
        id="sources",
        className="fd-sources",
        **_label("Sources, those that need a look first"),
    )


def _list() -> html.Section:
    return html.Section(
        [
            html.P("Asking for the feeds …", id="feeds-none", className="fd-empty"),
            html.Ul(id="feeds-rows"),
            html.P(id="feeds-more", className="fd-more"),
        ],
        className="fd-feeds",
        **_label("Feeds, those in trouble first"),
    )
