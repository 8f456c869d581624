"""The usual way, to compare with: a plain Dash app, a `choropleth_map` figure, an interval of one second.

It reads the same store, draws the same precincts and stays as short as such apps are. With
`--patch` it sends only the new numbers (dash.Patch) instead of the whole figure.

    python -m bench.usual_way DAY_DIR --store URL --port 8060 [--patch]
"""

import argparse
import json
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from dash import Dash, Input, Output, Patch, dcc, html

from warroom.store.client import connect
from warroom.store.state import StateReader


def build(day_dir: Path, store_url: str, patch: bool = False) -> Dash:
    """The whole app. `day_dir` needs precincts.geojson."""
    shapes = json.loads((day_dir / "precincts.geojson").read_text())
    ids = [f["properties"]["precinct_id"] for f in shapes["features"]]
    state = StateReader(connect(store_url))

    def counts() -> list[int | None]:
        units = state.units()
        heard = {u[2:]: s.count for u, s in units.items() if u.startswith("p:") and s.count >= 0}
        return [heard.get(i) for i in ids]

    def figure() -> go.Figure:
        trace = go.Choroplethmap(
            geojson=shapes, locations=ids, z=counts(), featureidkey="properties.precinct_id",
            zmin=0, zmax=150, colorscale="Viridis", marker_line_width=0,
        )  # fmt: skip
        west, south, east, north = _bounds(shapes)
        view = {"style": "white-bg", "center": {"lon": (west + east) / 2, "lat": (south + north) / 2}, "zoom": 9.6}
        return go.Figure(trace, {"map": view, "margin": dict.fromkeys("lrtb", 0), "uirevision": 1})

    app = Dash(__name__, serve_locally=True)
    app.layout = html.Div(
        [
            dcc.Graph(id="map", figure=figure(), style={"height": "100vh"}),
            dcc.Interval(id="tick", interval=1_000),
        ]
    )

    @app.callback(Output("map", "figure"), Input("tick", "n_intervals"), prevent_initial_call=True)
    def refresh(_: int) -> Any:
        if not patch:
            return figure()
        changed = Patch()
        changed["data"][0]["z"] = counts()
        return changed

    return app


def _bounds(shapes: dict[str, Any]) -> tuple[float, float, float, float]:
    points = [p for f in shapes["features"] for p in _points((f.get("geometry") or {}).get("coordinates", []))]
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _points(nested: Any) -> list[tuple[float, float]]:
    if nested and isinstance(nested[0], int | float):
        return [(nested[0], nested[1])]
    return [point for part in nested for point in _points(part)]


def main() -> None:
    """Serve it with Dash's own server, as such apps are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("day_dir", type=Path)
    parser.add_argument("--store", required=True)
    parser.add_argument("--port", type=int, default=8060)
    parser.add_argument("--patch", action="store_true")
    asked = parser.parse_args()
    build(asked.day_dir, asked.store, asked.patch).run(port=asked.port, debug=False)


if __name__ == "__main__":
    main()
