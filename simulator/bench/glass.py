"""The terminal's glass for programs: what stands on it, its picture, and a finger. Everything over the one relay.

A touch by words lands in the middle of what carries them, as a finger would; `press` names the reply instead.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from simulator.bench.relay import Relay, Viewer

HERE_S: Final = 4.0
SHOT_S: Final = 6.0
MOST_LISTED: Final = 24
Node = Mapping[str, Any]


class NoScreen(RuntimeError):
    """The terminal shows nothing, or does not answer; the message says what to do."""


class NotThere(ValueError):
    """What is to be touched is not on the page, or not enabled; the message lists what is."""


def nodes(screen: Mapping[str, Any]) -> Iterator[Node]:
    """Every node of the page's tree in reading order."""

    def walk(some: Any) -> Iterator[Node]:
        for node in some or ():
            yield node
            yield from walk(node.get("children"))

    yield from walk(screen.get("tree"))


def node_at(screen: Mapping[str, Any], x: int, y: int) -> Node | None:
    """The innermost node under a point that answers to a touch."""
    found = None
    for node in nodes(screen):
        left, top, width, height = node.get("rect") or (0, 0, 0, 0)
        if node.get("key") and left <= x < left + width and top <= y < top + height:
            found = node
    return found


def node_called(screen: Mapping[str, Any], words: str) -> Node:
    """The first that can be touched and is called so. Raises `NotThere`."""
    return nodes_called(screen, words)[0]


def nodes_called(screen: Mapping[str, Any], words: str) -> list[Node]:
    """What can be touched and is called so: exactly, else as a beginning, else as a part. Raises `NotThere`."""
    there = [node for node in nodes(screen) if node.get("key")]
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name == words, lambda name: name.startswith(words), lambda name: words in name,
    )  # fmt: skip
    for test in tests if words else ():
        named = [node for node in there if test(str(node.get("name", "")))]
        enabled = [node for node in named if node.get("enabled")]
        if enabled:
            return enabled
        if named:
            raise NotThere(f"{words!r} is on page {screen.get('page')}, and cannot be touched now")
    raise NotThere(f"nothing on page {screen.get('page')} is called {words!r}; there are: {listed(there)}")


def node_replying(screen: Mapping[str, Any], key: str, value: str) -> Node:
    """The first enabled node that gives this reply; any value where none is asked for. Raises `NotThere`."""
    there = [node for node in nodes(screen) if node.get("key")]
    for node in there:
        if node["key"] == key and (not value or node.get("value") == value) and node.get("enabled"):
            return node
    offers = ", ".join(sorted({f"{n['key']}={n['value']}" if n.get("value") else n["key"] for n in there}))
    raise NotThere(f"nothing enabled on page {screen.get('page')} replies {key}={value}; there are: {offers[:600]}")


def listed(there: list[Node]) -> str:
    """What can be touched, by name."""
    names = list(dict.fromkeys(str(node.get("name", "")) for node in there if node.get("enabled") and node.get("name")))
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return (", ".join(names[:MOST_LISTED]) + more) or "nothing to touch"


def point(order: Mapping[str, Any]) -> tuple[int, int] | None:
    """The place of a touch order; None when it has none."""
    x, y = order.get("x"), order.get("y")
    return (x, y) if isinstance(x, int) and isinstance(y, int) else None


class Glass:
    """One per bench. Raises `NoScreen`, `NotThere`."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self._shots = itertools.count(1)

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[tuple[Viewer, dict[str, Any]]]:
        """A look that lasts as long as the block, with the page as it is."""
        async with self.relay.viewer(pictures=False) as viewer:
            loop = asyncio.get_running_loop()
            until = loop.time() + HERE_S
            while not self.relay.is_here:
                if loop.time() > until:
                    raise NoScreen("the terminal shows nothing: is it running? Start it: kiosk-sim ctl terminal start")
                await asyncio.sleep(0.02)
            assert self.relay.screen is not None
            yield viewer, self.relay.screen

    async def page(self) -> dict[str, Any]:
        """The page as the mirror says it: page, title, language, mode, text, prompt, fields, tree."""
        async with self._looking() as (_, screen):
            return screen

    async def picture(self) -> bytes:
        """The whole glass as PNG, 1080 x 1920; private places are blanked by the terminal itself."""
        async with self._looking() as (viewer, _):
            name = f"glass-{next(self._shots)}"
            await self.relay.say({"type": "shot", "id": name})
            try:
                async with asyncio.timeout(SHOT_S):
                    while True:
                        message = await viewer.outgoing.get()
                        if isinstance(message, str) and (found := _shot(message, name)) is not None:
                            return found
            except TimeoutError:
                raise NoScreen(f"the terminal gave no picture within {SHOT_S:.0f} s") from None

    async def touch(self, words: str) -> Node:
        """Touch what is called so."""
        async with self._looking() as (_, screen):
            return await self._finger(node_called(screen, words))

    async def press(self, key: str, value: str = "") -> Node:
        """Touch what replies so."""
        async with self._looking() as (_, screen):
            return await self._finger(node_replying(screen, key, value))

    async def touch_at(self, x: int, y: int) -> Node | None:
        """Touch a place of the panel, 1080 x 1920; what is there."""
        async with self._looking() as (_, screen):
            await self.relay.say({"type": "touch", "x": x, "y": y, "phase": "tap"})
            return node_at(screen, x, y)

    async def key(self, key: str) -> None:
        """Press a key of the keypad: up, down, ok, back, ... or a digit."""
        async with self._looking():
            await self.relay.say({"type": "key", "key": key})

    async def wait_for(self, pages: tuple[str, ...], within_s: float) -> dict[str, Any]:
        """The page, as soon as it is one of `pages`. Raises `NoScreen` after `within_s` with what is there instead."""
        async with self._looking():
            loop = asyncio.get_running_loop()
            until = loop.time() + within_s
            while loop.time() < until:
                if self.relay.screen is not None and self.relay.screen.get("page") in pages:
                    return self.relay.screen
                await asyncio.sleep(0.05)
            now = (self.relay.screen or {}).get("page", "nothing")
            raise NoScreen(f"{' or '.join(pages)} did not come within {within_s:g} s; the terminal shows {now}")

    async def _finger(self, node: Node) -> Node:
        left, top, width, height = node["rect"]
        middle = {"x": int(left + width // 2), "y": int(top + height // 2)}
        await self.relay.say({"type": "touch", **middle, "phase": "tap"})
        return node


def _shot(message: str, name: str) -> bytes | None:
    try:
        said = json.loads(message)
    except ValueError:
        return None
    if said.get("type") != "shot" or said.get("id") != name:
        return None
    return base64.b64decode(said.get("png", ""))
