"""The field page: the list of what needs action, and what was done about it. For laptop and phone.

`layout()` holds empty places only; `assets/field/` fills them from the API and the event stream.
"""

from typing import Any

from dash import html

from layouts.nav import pages_nav

path = "/field"
title = "War room: field"
name = "Field"


def layout(**_asked: str) -> html.Div:
    """The page's static skeleton."""
    return html.Div(
        [
            html.P(id="field-banner", role="alert", hidden=True),
            _head(),
            html.Main(
                [
                    html.Section(id="field-load", className="f-load", **_label("Alarm load")),
                    html.Form(id="field-filters", className="f-filters", **_label("Filters")),
                    html.Div([_work(), _panel()], className="f-desk"),
                ]
            ),
            html.Div(id="field-bulk", className="f-bulk", hidden=True, role="group", **_label("Selected alerts")),
            _toast(),
        ],
        id="field",
        className="field",
    )


def _label(words: str) -> dict[str, str]:
    return {"aria-label": words}


def _head() -> html.Header:
    return html.Header(
        [
            html.H1([html.Span("Field"), html.Small(id="field-day"), html.Small(id="field-date")]),
            html.P([html.Span(className="f-dot"), html.Span("connecting", id="field-link")], id="field-signal"),
            html.P([html.B("–", id="field-clock"), html.Span(id="field-close")], id="field-time"),
            pages_nav(path),
            html.Button("Who are you?", id="field-me", type="button"),
            html.Button("Shortcuts", id="field-help", type="button", **{"aria-haspopup": "dialog"}),
        ],
        className="f-head",
    )


def _work() -> html.Section:
    hint = html.P("Arrow keys move, Enter opens, ? shows every key.", className="f-hint")
    head = html.Div([html.H2(id="field-count"), hint], className="f-work-head")
    return html.Section(
        [
            head,
            html.Ol(id="field-list", **_label("Alerts, most urgent first")),
            html.P("Loading the list …", id="field-empty"),
            html.Button("Show more", id="field-more", type="button", hidden=True),
        ],
        className="f-work",
        **_label("What needs action"),
    )


def _panel() -> html.Aside:
    return html.Aside(id="field-panel", className="f-panel", hidden=True, tabIndex=-1, **_label("Chosen alert"))


def _toast() -> html.Div:
    live: dict[str, Any] = {"aria-live": "polite"}
    return html.Div(
        [
            html.P(id="field-say", role="status", **live),
            html.Button("Undo", id="field-undo", type="button", hidden=True),
        ],
        id="field-toast",
        className="f-toast",
    )
