"""Parts that several pages have."""

from collections.abc import Iterable
from typing import Any

from dash import html


def figures(prefix: str, tiles: Iterable[tuple[str, str]], *more: Any) -> html.Section:
    """A tile for each (key, words): its figure is written to `prefix-key`, its note to `prefix-key-note`."""
    made = [
        html.Div(
            [
                html.H2(words),
                html.P("–", id=f"{prefix}-{key}", className="page-value"),
                html.P(id=f"{prefix}-{key}-note"),
            ],
            className="page-tile",
        )
        for key, words in tiles
    ]
    return html.Section([*made, *more], className="page-tiles", **{"aria-label": "Figures"})
