"""Which action each route is. A route says it of itself with `needs`; what says nothing is for directors only."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from starlette.routing import compile_path

from warroom.access.roles import Action

READING = frozenset({"GET", "HEAD"})
Handler = TypeVar("Handler", bound=Callable[..., Any])


class Need(msgspec.Struct, frozen=True):
    """What a route asks for. `regional`: its handler checks the region, so that a grant for one region may knock.

    `reads`: it changes nothing, though it is a POST; what was typed into it does not belong into an address.
    """

    action: Action
    regional: bool = False
    declared: bool = True
    reads: bool = False


class Rule(msgspec.Struct, frozen=True):
    """One route: its methods, its path as written, what it needs."""

    methods: frozenset[str]
    path: str
    need: Need


def needs(action: Action, regional: bool = False, reads: bool = False) -> Callable[[Handler], Handler]:
    """Declare what a route asks for, under its `@router.post(...)`; the guard refuses everybody else.

    With `regional`, somebody with the action in one region passes the guard, and the handler must
    ask `who_of(scope).may(action, region)`. With `reads`, a POST is answered like a GET: asked often, not recorded.
    """

    def mark(handler: Handler) -> Handler:
        handler.__needs__ = Need(action, regional, reads=reads)  # type: ignore[attr-defined]
        return handler

    return mark


def rules(routes: Iterable[Any]) -> Iterator[Rule]:
    """Every route in the order in which the server tries them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from rules(inner.routes)
        elif getattr(route, "endpoint", None) is not None:
            methods = frozenset(getattr(route, "methods", None) or {"WEBSOCKET"})
            yield Rule(methods, route.path, getattr(route.endpoint, "__needs__", None) or unsaid(methods, route.path))


def unsaid(methods: Iterable[str], path: str) -> Need:
    """What a route needs that declares nothing: reading needs `see`, all else a director everywhere.

    Dash asks for its pages by POST; its callbacks only read.
    """
    reads = set(methods) <= READING | {"WEBSOCKET"} or path.startswith("/_dash-")
    return Need("see" if reads else "decide", declared=False)


class Policy:
    """Looks up what a request needs. Reads the routes at the first request, when all of them are there."""

    def __init__(self, routes: list[Any]) -> None:
        self._routes = routes
        self._read: list[tuple[Any, Rule]] | None = None
        self.need = lru_cache(maxsize=4_096)(self._need)

    def _need(self, method: str, path: str) -> Need:
        """What a request needs: that of the first route that would answer it."""
        if self._read is None:
            self._read = [(compile_path(rule.path)[0], rule) for rule in rules(self._routes)]
        method = "GET" if method == "HEAD" else method
        for pattern, rule in self._read:
            if method in rule.methods and pattern.match(path):
                return rule.need
        return unsaid({method}, path)
