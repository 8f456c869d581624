"""What an address shows that no page has: where the pages are. It is no page itself, so it has no `path`."""

from dash import html

from layouts.nav import pages_nav

title = "War room: no such page"


def layout(**_asked: str) -> html.Div:
    """Words and links, in the feeds page's look."""
    words = html.P("The address may have been cut. These pages are there:", className="fd-note")
    return html.Div(html.Main([html.H1("There is no page at this address"), words, pages_nav("")]), className="fd")
