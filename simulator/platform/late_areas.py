"""Areas whose routes are made when the first request for one of their paths comes.

A platform has 160 routes, and a framework that reads every signature: 0.2 s of a processor, and as much again at the
first request. A platform of one journey, of which tests and sweeps make thousands, is asked for a dozen of them.
Which paths an area has does not depend on the city, so it is learnt once a process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

_PATHS: dict[Hashable, tuple[re.Pattern[str], ...]] = {}
"""Name of an area -> its paths below its prefix."""


class LateArea(BaseRoute):
    """The routes of `make()` below `prefix`; whatever fits none of them is left to the next area."""

    def __init__(self, name: Hashable, make: Callable[[], APIRouter], prefix: str = "") -> None:
        self._name = name
        self._make = make
        self._prefix = prefix
        self._routes: list[Route] | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As Starlette asks of a route; a path with another method is a partial match."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix + "/"):
            return Match.NONE, {}
        known = _PATHS.get(self._name)
        below = scope["path"][len(self._prefix) :]
        if known is not None and not any(path.match(below) for path in known):
            return Match.NONE, {}
        found, partial = self._match({**scope, "root_path": self._prefix})
        return (Match.FULL, found) if found else (Match.PARTIAL, partial) if partial else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the route that `matches` found."""
        await scope["late_route"].handle(scope, receive, send)

    def _match(self, scope: Scope) -> tuple[Scope, Scope]:
        partial: Scope = {}
        for route in self._all():
            match, child = route.matches(scope)
            if match is Match.NONE:
                continue
            child = {**child, "late_route": route, "root_path": self._prefix}
            if match is Match.FULL:
                return child, {}
            partial = partial or child
        return {}, partial

    def _all(self) -> list[Route]:
        if self._routes is None:
            made = self._make().routes
            self._routes = [route for route in made if isinstance(route, Route)]
            if len(self._routes) != len(made):
                raise TypeError(f"{self._name}: an area within an area is not looked into; list it by itself")
            _PATHS[self._name] = tuple(route.path_regex for route in self._routes)
        return self._routes
