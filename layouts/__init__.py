"""The pages of the board. The folder is the registry: a module here with a `path` is a page."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def pages() -> Iterator[ModuleType]:
    """Every page module, by name: each has `path`, `title`, `name` and `layout()`, and may have `register`.

    Modules without a `path` are parts of pages, not pages.
    """
    for found in sorted(iter_modules(__path__), key=lambda module: module.name):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "path"):
            yield module
