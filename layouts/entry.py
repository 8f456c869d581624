"""The entry page: a room of people who type reports from paper or a phone tree, by keyboard alone.

`layout()` holds empty places only; `assets/entry/` fills them. Dash has no plain inputs that pass an
accessibility check, so the script puts the form into its place.
"""

from dash import html

from layouts.nav import pages_nav

path = "/entry"
title = "War room: entry"
name = "Entry"

GRAMMAR = (
    ("0412 57", "precinct (or site) and count so far"),
    ("0412 57 0915", "… as it stood at 09:15; in the evening 2115"),
    ("W 0412 35", "35 minutes of waiting there"),
    ("I 0412 scanner down", "a problem, in words"),
    ("+57", "57 at the next precinct, site by site"),
    ("/12 0900 650", "begin sheet 12: counted at 09:00, precincts begin with 650"),
)
KEYS = (
    ("Enter", "send the line"),
    ("Ctrl+Z", "on an empty line: take your last line back"),
    ("↑", "on an empty line: your last line again, to change it"),
    ("Ctrl+Enter", "this sheet is done (typed twice)"),
    ("Esc", "empty the line, back to it from anywhere"),
)


def layout(**_asked: str) -> html.Div:
    """The page's static skeleton."""
    return html.Div(
        [
            html.P(id="entry-banner", role="alert", hidden=True),
            _head(),
            html.Main([html.Div([_desk(), _lines()], className="e-work"), html.Div([_sheets(), _help()])]),
        ],
        id="entry",
        className="page entry",
    )


def _label(words: str) -> dict[str, str]:
    return {"aria-label": words}


def _head() -> html.Header:
    return html.Header(
        [
            html.H1(["Entry ", html.Small(id="entry-day")]),
            html.P("–", id="entry-clock"),
            html.P([html.Span(className="dot"), html.Span("connecting", id="entry-link")], id="entry-signal"),
            html.P(id="entry-outbox", role="status"),
            pages_nav(path),
        ]
    )


def _desk() -> html.Section:
    return html.Section(
        [
            html.Div(id="entry-form"),
            html.Div(id="entry-echo", className="e-echo", **{"aria-live": "polite"}),
        ],
        className="e-panel e-desk",
        **_label("Type a line"),
    )


def _lines() -> html.Section:
    return html.Section(
        [
            html.Div([html.H2("Your last 20 lines"), html.P(id="entry-count")], className="e-row"),
            html.Ol(id="entry-lines"),
            html.P("Nothing typed yet: your first line appears here, with what became of it.", id="entry-empty"),
            html.P(id="entry-say", role="status", className="unseen"),
        ],
        className="e-panel",
        **_label("What became of your lines"),
    )


def _sheets() -> html.Section:
    return html.Section(
        [
            html.H2("Sheets typed twice"),
            html.Ul(id="entry-sheets"),
            html.P("No sheet waits for a second person, and none differs.", id="entry-no-sheets"),
        ],
        className="e-panel",
        **_label("Sheets that ask for somebody"),
    )


def _help() -> html.Section:
    def table(rows: tuple[tuple[str, str], ...]) -> html.Dl:
        return html.Dl([part for key, words in rows for part in (html.Dt(html.Kbd(key)), html.Dd(words))])

    return html.Section(
        [html.H2("Lines"), table(GRAMMAR), html.H2("Keys"), table(KEYS)],
        className="e-panel e-help",
        **_label("How to type"),
    )
