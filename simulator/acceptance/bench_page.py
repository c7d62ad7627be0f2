"""A bench's `screen` message as the page that the acceptance tests read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.acceptance.terminal import Page, Spot

FILLED = "*"
"""Stands for whatever a filled field shows: its content never leaves the terminal."""


def nodes_of(screen: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Every node of the page's tree in reading order."""

    def walk(some: Any) -> Iterable[Mapping[str, Any]]:
        for node in some or ():
            yield node
            yield from walk(node.get("children"))

    return walk(screen.get("tree"))


def page_of(screen: Mapping[str, Any]) -> Page:
    """The part of the page that is shown, in the words of the tests."""
    touchable = [node for node in nodes_of(screen) if node.get("key")]
    enabled = [node for node in touchable if node.get("enabled", True)]
    return Page(
        str(screen.get("page", "")),
        str(screen.get("title", "")),
        str(screen.get("language", "")),
        str(screen.get("mode", "")),
        str(screen.get("text", "")),
        tuple(
            Spot(str(n.get("name", "")), str(n["key"]), str(n.get("value", "")), bool(n.get("enabled", True)))
            for n in touchable
            if n["key"] != "key"
        ),
        tuple(
            (str(f.get("key", "")), FILLED if f.get("filled") else "", bool(f.get("focused")), bool(f.get("opens")))
            for f in screen.get("fields") or ()
        ),
        frozenset(str(n.get("value", "")) for n in enabled if n["key"] == "key"),
    )
