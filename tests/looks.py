"""What every page must be on every screen: inside it, and legible to every reader (axe-core)."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WALL_PX = 1920  # from here on a page is read without touching it: no scroll bar
# every size in each room that it has; axe looks once at each layout and each palette
SCREENS = [
    (1920, 1080, "dark", False), (3840, 2160, "dark", False), (1366, 768, "dark", True),
    (1366, 768, "light", True), (390, 844, "light", False), (390, 844, "dark", True),
]  # fmt: skip


CLIPPED = """root => [...document.querySelectorAll(`${root} *:not(input, .unseen)`)].filter(e => e.clientWidth
    && e.scrollWidth > e.clientWidth + 1 && (e.tagName === 'BUTTON' || getComputedStyle(e).overflow !== 'visible'))
    .map(e => e.outerHTML.slice(0, 90))"""


def looks_right_everywhere(page: Page, unclipped: str = "", scrolls: bool = False) -> None:
    """One page, drawn, on every screen in turn; it is left at the size that it had.

    `unclipped`: no text inside this selector is cut; `scrolls`: the page may be higher than a wall.
    """
    for where, width, height, reads in _screens(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where
        if width >= WALL_PX and not scrolls:
            assert page.evaluate("document.documentElement.scrollHeight") <= height, where
        assert not unclipped or page.evaluate(CLIPPED, unclipped) == [], where
        if reads:
            offends_no_reader(page, where)


def offends_no_reader(page: Page, where: str = "") -> None:
    """axe-core has no serious complaint about what stands there now."""
    page.evaluate(f"'axe' in window || (() => {{ {AXE} }})()")
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)))")
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert len(found["passes"]) > 10, where  # it did look
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert [(where, v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in serious] == []


def _screens(page: Page) -> Iterator[tuple[str, int, int, bool]]:
    before = page.viewport_size
    for width, height, scheme, reads in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        yield f"{width}x{height}, {scheme}", width, height, reads
    if before is not None:
        page.set_viewport_size(before)
