"""The texting console: what alerts propose to send, the exact words, who approves it, what became of it.

`layout()` holds empty places only; `assets/texting/` fills them from `/api/v1/texts`.
"""

from dash import html

from layouts.nav import pages_nav
from layouts.parts import figures

path = "/texting"
title = "War room: texting"
name = "Texting"

TILES = (
    ("waiting", "Waiting for approval"),
    ("sending", "Being sent"),
    ("delivered", "Delivered"),
    ("kept", "Kept back"),
)


def layout(**_asked: str) -> html.Div:
    """The page's static skeleton. It shares the look of the feeds page."""
    return html.Div(
        [
            html.P(id="texting-banner", role="alert", hidden=True),
            _head(),
            html.Main([figures("texting", TILES, _stop()), _list()]),
            html.P(id="texting-say", role="status", className="fd-say", **{"aria-live": "polite"}),
        ],
        id="texting-page",
        className="page fd tx",
    )


def _label(words: str) -> dict[str, str]:
    return {"aria-label": words}


def _head() -> html.Header:
    return html.Header(
        [
            html.H1("Texting"),
            html.P(id="texting-sender", className="tx-sender"),
            html.P(id="texting-clock"),
            html.P([html.Span(className="dot"), html.Span("connecting", id="texting-age")], id="texting-signal"),
            pages_nav(path),
        ]
    )


def _stop() -> html.Button:
    return html.Button("Stop all texts", id="texting-stop", type="button", className="tx-stop")


def _list() -> html.Section:
    return html.Section(
        [
            html.P(id="texting-limits", className="fd-note"),
            html.P("Asking for the queue …", id="texting-none", className="fd-empty"),
            html.Ul(id="texting-rows"),
            html.P(id="texting-more", className="fd-more"),
            html.P(
                "Texts remind people of where and until when they can vote. They go to the campaign's own list, chosen "
                "by precinct; nothing here is sent to keep anybody from voting.",
                className="fd-note tx-fair",
            ),
        ],
        className="fd-feeds",
        **_label("Requests, those that wait first"),
    )
