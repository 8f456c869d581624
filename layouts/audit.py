"""The audit log: who did what, when and why. For directors and admins; the API gives nobody else a line.

`layout()` holds empty places only; `assets/access/` fills them.
"""

from dash import html

from layouts.nav import pages_nav

path = "/audit"
title = "War room: audit log"
name = "Audit log"


def layout(**_asked: str) -> html.Div:
    """The page's static skeleton."""
    return html.Div(
        [
            html.P(id="audit-banner", role="alert", hidden=True),
            _head(),
            html.Main(
                [
                    html.Details(
                        [html.Summary("Signed in now", id="audit-signed-in"), html.Ul(id="audit-sessions")],
                        id="audit-who",
                        hidden=True,
                    ),
                    html.Form(id="audit-filter", className="audit-filter", **_label("Filters")),
                    html.P(id="audit-note", role="status"),
                    html.Ol(id="audit-lines", **_label("Entries, newest first")),
                    html.P(id="audit-empty", hidden=True),
                    html.Button("Earlier entries", id="audit-more", type="button", hidden=True),
                ]
            ),
        ],
        id="audit",
        className="page audit",
    )


def _label(words: str) -> dict[str, str]:
    return {"aria-label": words}


def _head() -> html.Header:
    return html.Header([html.H1("Audit log"), html.P(id="audit-head"), pages_nav(path)], className="audit-head")
