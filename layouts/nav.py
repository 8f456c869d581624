"""Links from every page to every other. A new page in the folder is in it by itself."""

from dash import html

ORDER = ("/wall", "/field", "/volunteers", "/feeds", "/texting", "/entry", "/replay")  # others come after them, by name


def pages_nav(here: str, element_id: str | None = None) -> html.Nav:
    """Links to all pages but the one at the path `here`."""
    from layouts import pages  # the registry imports this page's module too

    def place(page: tuple[str, str]) -> tuple[int, str]:
        return (ORDER.index(page[0]) if page[0] in ORDER else len(ORDER), page[1])

    found = sorted(((page.path, page.name) for page in pages() if page.path != here), key=place)
    links = [html.A(name, href=path.lstrip("/")) for path, name in found]  # relative: also below a prefix
    known = {"id": element_id} if element_id else {}
    return html.Nav(links, className="pages-nav", **known, **{"aria-label": "Pages"})
