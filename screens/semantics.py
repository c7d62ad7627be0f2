"""The semantic tree beside the pixels: what speech, tests, the bench and a visit script read."""

from __future__ import annotations

from typing import Any

from screens.screen import Node, Screen
from screens.sheet import Sheet


def tree(screen: Screen, sheet: Sheet) -> Node:
    """The page as one node; its children in reading order."""
    return Node("page", screen.title, (0, 0, *sheet.size), screen.page, children=tuple(sheet.nodes))


def as_data(node: Node) -> dict[str, Any]:
    """A node as JSON data."""
    data: dict[str, Any] = {
        "role": node.role,
        "name": node.name,
        "rect": list(node.rect),
        "key": node.key,
        "value": node.value,
        "enabled": node.enabled,
        "focused": node.focused,
    }
    if node.children:
        data["children"] = [as_data(child) for child in node.children]
    return data
