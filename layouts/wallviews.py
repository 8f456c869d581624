"""Parts of the wall beyond the city map: places for the other views, filled by `assets/wall/`."""

from typing import Any

from dash import html


def label(words: str) -> dict[str, str]:
    """A screen reader's name for a part."""
    return {"aria-label": words}


def tile(key: str, words: str, *extra: Any, note: str = "age", hidden: bool = False) -> html.Div:
    """A figure with its range and its age."""
    return html.Div(
        [
            html.H2([html.Span(words, id=f"{key}-label"), *extra]),
            html.P("–", id=f"{key}-value", className="value"),
            html.P(id=f"{key}-range", className="range"),
            html.P(id=f"{key}-age", className=note),
        ],
        id=f"tile-{key}",
        className="tile",
        hidden=hidden,
    )


def extras() -> html.Section:
    """Volunteers, waits and money: each shows itself once its feed has told something."""
    tiles = [
        tile("coverage", "Sites covered", html.Span(id="coverage-note"), hidden=True),
        tile("waits", "Waits over 30 min", html.Span(id="waits-note"), hidden=True),
        tile("money", "Raised today", hidden=True),
    ]
    return html.Section(tiles, id="extras", hidden=True, **label("People, lines and money"))


def region_list() -> html.Section:
    """The short list beside the city map."""
    head = html.Div([html.H2("Regions"), html.Span(id="regions-note")], className="panel-head")
    return html.Section(
        [head, html.Ul(id="regions")], id="regions-panel", className="panel", hidden=True, **label("Regions")
    )


def region_card() -> html.Section:
    """One region's figures, in the view of regions."""
    figures = (
        ("region-votes", "Votes so far", "region-votes-note"),
        ("region-final", "Expected at close", "region-range"),
        ("region-heard", "Precincts heard", "region-heard-note"),
        ("region-apart", "Against its history", "region-apart-note"),
    )
    parts = [
        html.Div([html.H2(words), html.P("–", id=key, className="value"), html.P(id=note, className="range")])
        for key, words, note in figures
    ]
    return html.Section(parts, id="region-card", className="panel", **label("This region"))


def region_table() -> html.Section:
    """All regions side by side."""
    columns = ("Region", "Votes", "At close", "90 %", "Heard", "vs history")
    head = html.Thead(html.Tr([html.Th(words, scope="col") for words in columns]))
    return html.Section(
        [
            html.H2("Regions", id="region-name"),
            html.Table([head, html.Tbody(id="regions-table")]),
            html.P("This day has one region only: there is nothing to compare.", id="regions-empty", className="empty"),
        ],
        id="regions-full",
        className="panel",
        **label("All regions"),
    )


def worst() -> html.Section:
    """The places where most voters are missing."""
    columns = ("", "Worst places", "Votes of those expected (90 %)", "Voters short", "Since", "Who has it")
    head = html.Thead(html.Tr([html.Th(words, scope="col") if words else html.Td() for words in columns]))
    empty = "No place is short of voters beyond doubt. First flags need about two reports from a precinct."
    return html.Section(
        [
            html.H2("Worst places", className="unseen"),
            html.Table([head, html.Tbody(id="worst-rows")], id="worst-table", hidden=True),
            html.P(empty, id="worst-empty", className="empty"),
        ],
        id="view-worst",
        className="panel",
        **label("Worst places"),
    )


def _big(key: str, words: str, *extra: Any) -> html.Div:
    return html.Div([html.H3(words), html.P("–", id=key, className="value"), *extra])


def volunteers() -> html.Section:
    """Who covers what, and which places call for somebody."""
    coverage = [
        _big("people-covered", "Sites covered"),
        _big("people-there", "Volunteers there"),
        _big("people-missing", "No-shows"),
    ]
    lines = [_big("people-waits", "Waits over 30 minutes", html.P(id="people-waits-note", className="range"))]
    figures = html.Div(
        [html.Div(coverage, id="people-coverage"), html.Div(lines, id="people-lines")], id="people-figures"
    )
    empty = (
        "Awaited: volunteers' shifts (shifts.csv in the day's folder, or shift reports from a feed) "
        "and waiting times. They show here as soon as the first one comes in."
    )
    return html.Section(
        [
            html.H2("Volunteers, lines and incidents", className="view-title"),
            figures,
            html.Ol(id="people-calls"),
            html.P("Nobody is missing and no line is long, as far as is known.", id="people-quiet", className="empty"),
            html.P(empty, id="people-empty", className="empty"),
        ],
        id="view-volunteers",
        className="panel",
        **label("Volunteers"),
    )


def feeds() -> html.Section:
    """Every feed, and what became of the reports."""
    figures = [
        _big(f"reports-{key}", words)
        for key, words in (
            ("received", "Reports"),
            ("accepted", "Accepted"),
            ("suspect", "Suspect"),
            ("rejected", "Rejected"),
            ("repeated", "Repeated"),
        )
    ]
    columns = ("Feed", "State", "Last heard", "Reports a minute", "Received")
    head = html.Thead(html.Tr([html.Th(words, scope="col") for words in columns]))
    return html.Section(
        [
            html.Div([html.H2("Feeds", className="view-title"), html.Span(id="feed-more")], className="panel-head"),
            html.Div(figures, className="big-row"),
            html.Table([head, html.Tbody(id="feed-rows")], id="feed-table", hidden=True),
            html.P("No feed yet. Start one: warroom feed.", id="feed-empty", className="empty"),
        ],
        id="view-feeds",
        className="panel",
        **label("Feeds in full"),
    )
