"""`/docs` as a programmer's browser draws it: readable, nothing clipped, nothing loaded."""

from pathlib import Path

import pytest

from warroom.access.shared_keys import Access
from warroom.web.app import create_app
from warroom.web.docs_page import docs_page

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parents[1] / "axe" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page_of_the_api():
    access = Access(wall_key="", director_key="", open_room=True)
    return docs_page(create_app("redis://127.0.0.1:1/0", access).openapi())


@pytest.mark.parametrize(("width", "height", "scheme"), [(1920, 1080, "dark"), (390, 844, "light"), (390, 844, "dark")])
def test_the_page_is_accessible_and_nothing_is_clipped(chromium, page_of_the_api, width, height, scheme):
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(page_of_the_api)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    clipped = "[...document.querySelectorAll('pre, td, code')].filter(e => e.scrollWidth > e.clientWidth + 1 && "
    assert page.evaluate(clipped + "getComputedStyle(e).display !== 'inline').length") == 0
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
    assert asked == []
    context.close()
