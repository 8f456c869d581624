"""The folder is the registry of pages, and the wall's skeleton keeps the places that scripts and tests write to."""

import re
from pathlib import Path

from dash import Dash

import layouts
from layouts import wall

PROMISED = {
    "wall-map", "votes-value", "expected-value", "final-value", "clock", "to-close", "alerts", "alerts-count",
    "feeds", "banner", "wall-selected", "wall-detail",
}  # fmt: skip
ASSETS = Path(layouts.__file__).parents[1] / "assets"


def ids(component):
    found = [component.id] if getattr(component, "id", None) else []
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if hasattr(child, "to_plotly_json"):
            found += ids(child)
    return found


def test_every_page_has_what_the_server_registers():
    found = list(layouts.pages())
    assert "/wall" in {page.path for page in found}
    for page in found:
        assert page.title
        assert page.name
        assert page.layout().to_plotly_json()


def test_parts_of_pages_are_not_pages():
    assert all(page.__name__ != "layouts.precinct" for page in layouts.pages())


def test_ids_are_unique_and_hold_no_dot():
    found = ids(wall.layout())
    assert len(found) == len(set(found))
    assert not [name for name in found if "." in name]


def test_the_promised_places_are_there():
    assert set(ids(wall.layout())) >= PROMISED


def test_no_live_value_goes_through_a_callback():
    app = Dash(__name__, suppress_callback_exceptions=True)
    wall.register(app, lambda precinct_id: None)
    inputs = {given["id"] for callback in app._callback_list for given in callback["inputs"]}
    assert inputs == {"wall-selected"}


def test_scripts_write_only_to_places_that_exist_or_that_they_make():
    places = set(ids(wall.layout()))
    scripts = "\n".join(path.read_text() for path in ASSETS.glob("wall/*.js"))
    made = set(re.findall(r"id: '([\w-]+)'", scripts)) | {"_dash-config", "wall", "count-", "-"}
    used = set(re.findall(r"getElementById\('([\w-]+)'\)", scripts)) | set(re.findall(r"write\('([\w-]+)'", scripts))
    assert used - places - made == set()


def test_nothing_in_the_assets_points_to_another_host():
    allowed = "http://www.w3.org/2000/svg"
    for path in ASSETS.rglob("*"):
        if path.suffix in {".js", ".css"}:
            links = set(re.findall(r"https?://[^\s'\"`)]+", path.read_text())) - {allowed}
            assert links == set(), path.name


def test_a_query_in_the_address_harms_no_page():
    for page in layouts.pages():
        assert page.layout(x="1", utm_source="mail") is not None


def test_every_page_links_to_every_other():
    paths = {page.path for page in layouts.pages()}
    for page in layouts.pages():
        assert links(page.layout()) >= {other.lstrip("/") for other in paths - {page.path}}, page.path


def links(component) -> set[str]:
    found = {component.href} if getattr(component, "href", None) else set()
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if hasattr(child, "to_plotly_json"):
            found |= links(child)
    return found
